"""Features that distinguish levels: ribs, processes and the proportions of the body."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.cues import rib_area_of_level
from spineviewer.labelling.straightened import ACROSS_MM, BACK_MM, LEFT_MM

Floats = NDArray[np.float64]

RIB = "rib"
FEATURES = (
    RIB,  # square root of the mean area of rib bone next to the body, in mm
    "width",  # how far the processes extend to the side, in radii of the body
    "depth",  # how far they extend behind the body's centre, in radii
    "behind_share",  # fraction of the bone that is behind the body
    # how far bone well behind the body is below the middle of the level, in heights of the level
    "slant",
    "process_back",  # how far behind the body's centre lateral bone is, in radii
    "body_width",  # half width of the body at its centre, in radii
    "height",  # height of the level, in radii
    "radius",  # radius of the body in mm
)


def level_features(
    mask: NDArray[np.float32],
    edges: NDArray[np.int64],
    radius_mm: Floats,
    rib_areas: NDArray[np.float32],
) -> Floats:
    """Return the features of each segment; NaN for features that cannot be measured.

    float64, shape (segments, len(FEATURES)). `mask` is `Straightened.mask`; `edges` is int64, shape
    (segments + 1,); `radius_mm` is float64, shape (stations,); `rib_areas` is float32, shape
    (stations, 2).
    """
    rows = []
    for first, last in itertools.pairwise(edges):
        rows.append(_measure_level(mask, int(first), int(last), radius_mm, rib_areas))
    return np.array(rows).reshape(len(edges) - 1, len(FEATURES))


def rib_feature(rib_areas: NDArray[np.float32], first: int, last: int) -> float:
    """Return the rib feature of a level between two stations; NaN if it is outside the scan.

    `rib_areas` is float32, shape (stations, 2).
    """
    areas = rib_area_of_level(rib_areas, first, last)
    return float(np.sqrt(np.nanmean(areas))) if np.isfinite(areas).any() else np.nan


def _measure_level(
    whole: NDArray[np.float32],
    first: int,
    last: int,
    radius_mm: Floats,
    rib_areas: NDArray[np.float32],
) -> list[float]:
    middle = (first + last) // 2
    height = float(max(last - first, 1))
    radius = float(np.median(radius_mm[max(middle - 3, 0) : middle + 4]))
    mask = whole[first:last]
    weight = float(mask.sum())
    rib = rib_feature(rib_areas, first, last)
    if weight < 50:
        return [rib] + [np.nan] * (len(FEATURES) - 1)
    beside = mask.sum(axis=(0, 1))
    along_back = mask.sum(axis=(0, 2))
    is_behind = 1.2 * radius < BACK_MM
    behind = float(mask[:, is_behind].sum())
    far = 2.6 * radius < BACK_MM
    far_weight = mask[:, far].sum(axis=(1, 2))
    stations = (np.arange(len(mask)) + 0.5) / height - 0.5
    slant = (
        float((far_weight * stations).sum() / far_weight.sum()) if far_weight.sum() > 20 else np.nan
    )
    lateral = np.abs(LEFT_MM) > 1.5 * radius
    lateral_weight = mask[:, :, lateral].sum(axis=(0, 2))
    process_back = (
        float((lateral_weight * BACK_MM).sum() / lateral_weight.sum()) / radius
        if lateral_weight.sum() > 20
        else np.nan
    )
    row = int(np.argmin(np.abs(BACK_MM)))
    core = mask[
        len(mask) // 3 : max(2 * len(mask) // 3, len(mask) // 3 + 1), row - 2 : row + 3
    ].mean(axis=(0, 1))
    body_width = float((core > 0.5).sum()) * ACROSS_MM / 2 / radius
    return [
        rib,
        _reach(beside, np.abs(LEFT_MM), 0.98) / radius,
        _reach(along_back, BACK_MM, 0.98) / radius,
        behind / weight,
        slant,
        process_back,
        body_width,
        height / radius,
        radius,
    ]


def _reach(weights: NDArray[np.float32], positions: Floats, fraction: float) -> float:
    """Return the smallest position up to which at least this fraction of the weight is located."""
    order = np.argsort(positions)
    cumulative = np.cumsum(weights[order])
    return float(positions[order][int(np.searchsorted(cumulative, fraction * cumulative[-1]))])
