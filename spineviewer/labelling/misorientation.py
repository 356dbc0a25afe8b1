"""Signs that a scan's stated orientation is wrong: the spine upside down, or back to front.

Some files have a wrong header, and vertebrae counted from the wrong end get wrong names. The shapes
of all bodies together show which end is the upper one: bodies become wider towards the feet,
processes point down, and ribs meet the upper part of a body. Each arch descends from its pedicles
to its laminae, which shows the upper end even if few levels are in view. Arches are always behind
the bodies.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.chain import C1, LEVELS, T13
from spineviewer.labelling.column import Column
from spineviewer.labelling.cues import NECK_RADIUS_MM
from spineviewer.labelling.features import level_features
from spineviewer.labelling.priors import ShapeModel
from spineviewer.labelling.straightened import ACROSS_MM, BACK_MM, LEFT_MM, OUTSIDE, sample_along
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import worded

Floats = NDArray[np.float64]

#: Choice: log evidence above which the spine counts as upside down. In 209 real scans and crops, it
#: was at most 1.6. Turned upside down, 13 of 15 scans with at least four bodies and 12 of 14 label
#: maps exceeded it.
_UPSIDE_DOWN = 4.0
#: Choice: with at least this many whole bodies below the neck, the spine is upside down if the
#: laminae are above the pedicles by more than this fraction of a level's height. In 190 real scans
#: and crops they were at least 0.02 below them, and in 15 scans turned upside down at least 0.03
#: above.
_MIN_BODIES, _ASCENT = 3, 0.03
#: Where pedicles and laminae are: ranges behind the line and to either side, in radii of the body.
_PEDICLES, _LAMINAE = ((0.9, 1.5), (0.35, 1.1)), ((1.5, 2.4), (0.0, 1.0))
#: If there is less bone (in samples of the mask), its position is unknown.
_MIN_BONE = 20.0
#: Choice: the spine is not back to front if the mask has at least this area behind the bodies. Real
#: scans had at least 204 mm2 there, and at most 96 mm2 when they were reversed.
_MAX_BEHIND_MM2 = 120.0
#: Choice: otherwise, it is back to front if the mask has more than this area in front of the
#: bodies, and more than twice as much as behind them. Real scans had at most 10 mm2 in front.
_MASK_IN_FRONT_MM2 = 50.0
#: Choice: it is also back to front if the CT has more than this area of bone in front of the
#: bodies, and more than this many times as much as behind them.
_BONE_IN_FRONT_MM2, _CLEARLY = 150.0, 1.3
#: Arches begin this many radii of the body from the line.
_ARCH_RADII = 1.3
#: Length of the region where arches are expected, from there backwards.
_ARCH_MM = 30.0
#: Half the width of this region.
_ARCH_SIDE_MM = 21.0
#: HU above which a voxel in this region is bone.
_ARCH_HU = 250.0
UPSIDE_DOWN = worded(
    "The spine seems to be upside down, so the orientation that the file states is probably wrong. "
    "Do not rely on names or directions until you have checked it."
)
BACK_TO_FRONT = worded(
    "The vertebral arches seem to be in front of the bodies, so the orientation that the file "
    "states is probably wrong. Do not rely on names or directions until you have checked it."
)


def with_orientation_checked(column: Column, shape: ShapeModel, scan: CtVolume | None) -> Column:
    """Return the row with `misorientation` set if the stated orientation seems to be wrong."""
    if not column.is_orientation_known:
        return column
    mask = sample_along(
        column.mask.voxels,
        (1.0, 1.0, 1.0),
        column.axis.line,
        outside=0.0,
        origin=column.mask.origin_zyx,
    )
    if scan is not None and _is_back_to_front(column, mask, scan):
        return replace(column, misorientation=BACK_TO_FRONT)
    does_ascend = descent_of_arches(column, mask) < -_ASCENT
    if does_ascend or upside_down_evidence(column, mask, shape) > _UPSIDE_DOWN:
        return replace(column, misorientation=UPSIDE_DOWN)
    return column


def descent_of_arches(column: Column, mask: NDArray[np.float32]) -> float:
    """Return how far laminae are below their pedicles, as a fraction of the level's height.

    This is the median over whole bodies below the neck, or 0 with too few of them. `mask` is
    float32, shape (stations, back, left), as in `upside_down_evidence`.
    """
    found = []
    for (first, last), is_partial in zip(
        itertools.pairwise(column.edges.tolist()), column.is_partial, strict=True
    ):
        level, radius_mm = mask[first:last], float(np.median(column.discs.radius_mm[first:last]))
        if not is_partial and radius_mm > NECK_RADIUS_MM:
            laminae = _height_of_bone(level, radius_mm, *_LAMINAE)
            found.append(laminae - _height_of_bone(level, radius_mm, *_PEDICLES))
    known = [descent for descent in found if np.isfinite(descent)]
    return float(np.median(known)) if len(known) >= _MIN_BODIES else 0.0


def _height_of_bone(
    level: NDArray[np.float32],
    radius_mm: float,
    back: tuple[float, float],
    beside: tuple[float, float],
) -> float:
    """Return the mean position of bone along a level, 0 at its upper and 1 at its lower end.

    Only bone in a range behind the line and to its sides counts; NaN if there is too little.
    """
    behind = (back[0] * radius_mm <= BACK_MM) & (back[1] * radius_mm > BACK_MM)
    lateral = (beside[0] * radius_mm <= np.abs(LEFT_MM)) & (beside[1] * radius_mm > np.abs(LEFT_MM))
    bone = level[:, behind][:, :, lateral].sum(axis=(1, 2), dtype=np.float64)
    if bone.sum() < _MIN_BONE:
        return np.nan
    return float(np.average((np.arange(len(bone)) + 0.5) / len(bone), weights=bone))


def upside_down_evidence(column: Column, mask: NDArray[np.float32], shape: ShapeModel) -> float:
    """Return the log evidence that the bodies' shapes provide for the reversed order.

    `mask` is `Straightened.mask`: float32, shape (stations, back, left).
    """
    below = len(column.axis.line.points_mm) - 1
    reversed_features = level_features(
        mask[::-1],
        below - column.edges[::-1],
        column.discs.radius_mm[::-1],
        column.rib_areas[::-1],
    )
    # Otherwise, an order in which a value is missing would have an advantage.
    is_known = np.isfinite(column.features) & np.isfinite(reversed_features[::-1])
    features = np.where(is_known, column.features, np.nan)
    reversed_features[~is_known[::-1]] = np.nan
    usual = np.array([level for level in range(LEVELS) if level not in (C1, T13)])
    if len(column) > len(usual):
        return 0.0
    levels = np.lib.stride_tricks.sliding_window_view(usual, len(column))
    reliance = np.ones(len(column))
    forward, backward = (
        float(shape.row_evidence(values, levels, reliance).max())
        for values in (features, reversed_features)
    )
    return backward - forward


def _is_back_to_front(column: Column, mask: NDArray[np.float32], scan: CtVolume) -> bool:
    bodies = slice(int(column.edges[0]), int(column.edges[-1]))
    near = _ARCH_RADII * float(np.median(column.discs.radius_mm[bodies]))
    positions = np.arange(near, near + _ARCH_MM, ACROSS_MM)
    central = np.abs(LEFT_MM) <= _ARCH_SIDE_MM
    mask_in_front_mm2, mask_behind_mm2 = (
        _area(mask[bodies][:, (near <= distance) & (near + _ARCH_MM > distance)][:, :, central])
        for distance in (-BACK_MM, BACK_MM)
    )
    if mask_behind_mm2 >= _MAX_BEHIND_MM2:
        return False
    if mask_in_front_mm2 > max(_MASK_IN_FRONT_MM2, 2 * mask_behind_mm2):
        return True
    in_front_mm2, behind_mm2 = (
        _area(
            sample_along(
                scan.hu,
                scan.geometry.spacing_zyx_mm,
                column.axis.line,
                outside=OUTSIDE,
                back_mm=back_mm,
                left_mm=LEFT_MM[central],
            )[bodies]
            > _ARCH_HU
        )
        for back_mm in (-positions, positions)
    )
    return in_front_mm2 > max(_BONE_IN_FRONT_MM2, _CLEARLY * behind_mm2)


def _area(cross_sections: NDArray[np.float32] | NDArray[np.bool_]) -> float:
    """Return the mean area in mm2 of cross-sections, shape (stations, back, left)."""
    return float(cross_sections.sum()) / len(cross_sections) * ACROSS_MM**2
