"""Agreement of a mask with a reference: overlap, surface distances, volumes, also per vertebra.

Needs only numpy and scipy. Arrays are bool or labels of shape (z, y, x) on one common grid, which
the caller checks (`volume.geometry.require_same_geometry`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion
from scipy.spatial import cKDTree

from spineviewer.errors import GeometryError
from spineviewer.volume.geometry import Triple
from spineviewer.volume.levels import VERSE_ORDER

BoolArray = NDArray[np.bool_]
LabelArray = NDArray[np.integer[Any]]
#: Non-zero values are foreground.
Marks = BoolArray | LabelArray

#: A marked voxel farther than this from the reference is stray: it belongs to another structure
#: and is not a surface error.
STRAY_MM = 10.0
#: Surfaces at most this far apart count as equal in the normalised surface Dice.
SURFACE_MM = 1.0


@dataclass(frozen=True)
class Scores:
    """Agreement of a mask with a reference; ignored voxels are excluded from both.

    Attributes
    ----------
    dice, precision, recall
        Fractions. All are 1 if both masks are empty. Precision is None if only the mask is empty,
        recall if only the reference is.
    hd95_mm
        The larger of the two directed 95th percentiles of the distances between the surfaces; None
        if a mask is empty.
    assd_mm
        Mean distance from every surface voxel of either mask to the other's surface; None if a mask
        is empty.
    surface_dice
        Normalised surface Dice: the share of the surface voxels of both masks that are at most
        `SURFACE_MM` from the other's surface (Nikolov et al. 2018); 1 if both masks are empty, 0 if
        one is.
    mask_ml, reference_ml, ignored_ml
        Volumes of both masks without the ignored voxels, and of the ignored voxels.
    stray_ml
        Volume of the mask farther than `STRAY_MM` from the reference; all of it if the reference is
        empty.
    """

    dice: float
    precision: float | None
    recall: float | None
    hd95_mm: float | None
    assd_mm: float | None
    surface_dice: float
    mask_ml: float
    reference_ml: float
    ignored_ml: float
    stray_ml: float


@dataclass(frozen=True)
class VertebraScore:
    """Agreement on one vertebra of a numbered reference.

    Attributes
    ----------
    label
        VerSe number.
    dice
        Dice of the vertebra and the part of the mask that belongs to it.
        Choice: a marked voxel belongs to the vertebra of the nearest reference voxel, and to none
        beyond `STRAY_MM`.
    recall
        Fraction of the vertebra that is marked.
    """

    label: int
    dice: float
    recall: float


def score(
    mask: Marks, reference: Marks, spacing_zyx_mm: Triple, *, ignore: Marks | None = None
) -> Scores:
    """Return overlap, surface distances and volumes of `mask` against `reference`.

    Parameters
    ----------
    mask, reference
        bool or integer dtype, shape (z, y, x); values other than zero are foreground.
    spacing_zyx_mm
        Distance between neighbouring voxels along each axis.
    ignore
        bool, same shape: voxels that are excluded from both masks.

    Raises
    ------
    GeometryError
        When the shapes differ.
    """
    found, wanted = _foreground(mask, reference, ignore)
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    ignored_ml = 0.0 if ignore is None else int(np.count_nonzero(ignore)) * voxel_ml
    box = _common_box(found, wanted)
    found, wanted = found[box], wanted[box]
    n_found, n_wanted = int(np.count_nonzero(found)), int(np.count_nonzero(wanted))
    n_both = int(np.count_nonzero(found & wanted))
    are_both_empty = n_found + n_wanted == 0
    hd95_mm, assd_mm, surface_dice = (
        _surface_distances(found, wanted, spacing_zyx_mm)
        if n_found and n_wanted
        else (None, None, float(are_both_empty))
    )
    stray = (
        int(np.count_nonzero(_owners(found, wanted, spacing_zyx_mm) == 0)) if n_wanted else n_found
    )
    return Scores(
        dice=1.0 if are_both_empty else 2 * n_both / (n_found + n_wanted),
        precision=1.0 if are_both_empty else n_both / n_found if n_found else None,
        recall=1.0 if are_both_empty else n_both / n_wanted if n_wanted else None,
        hd95_mm=hd95_mm,
        assd_mm=assd_mm,
        surface_dice=surface_dice,
        mask_ml=n_found * voxel_ml,
        reference_ml=n_wanted * voxel_ml,
        ignored_ml=ignored_ml,
        stray_ml=stray * voxel_ml,
    )


def score_vertebrae(
    mask: Marks, labels: LabelArray, spacing_zyx_mm: Triple, *, ignore: Marks | None = None
) -> tuple[VertebraScore, ...]:
    """Return how well a binary mask agrees with each vertebra of a reference, from the head down.

    `mask` and `labels` are bool or integer dtype, shape (z, y, x). The result is empty if the
    reference has no numbers: one that contains only 1 is binary, not a lone atlas.

    Raises
    ------
    GeometryError
        When the shapes differ.
    """
    found, wanted = _foreground(mask, labels, ignore)
    box = _common_box(found, wanted)
    found, numbers = found[box], np.where(wanted[box], labels[box], 0)
    present = set(np.unique(numbers).tolist()) - {0}
    if present <= {1}:
        return ()
    marked = found & (numbers > 0)
    n_inside = np.bincount(numbers[marked].astype(np.int64), minlength=256)
    n_outside = np.bincount(_owners(found, numbers, spacing_zyx_mm), minlength=256)
    n_wanted = np.bincount(numbers.ravel().astype(np.int64), minlength=256)
    return tuple(
        VertebraScore(
            label=label,
            dice=float(
                2 * n_inside[label] / (n_inside[label] + n_outside[label] + n_wanted[label])
            ),
            recall=float(n_inside[label] / n_wanted[label]),
        )
        for label in VERSE_ORDER
        if label in present
    )


def _foreground(mask: Marks, reference: Marks, ignore: Marks | None) -> tuple[BoolArray, BoolArray]:
    for what, array in (("mask", mask), ("ignored region", ignore)):
        if array is not None and array.shape != reference.shape:
            raise GeometryError(
                "The {what} has shape {shape}, but the reference has shape {other_shape}. Choose "
                "files with the same grid.",
                what=what,
                shape=array.shape,
                other_shape=reference.shape,
            )
    if ignore is None:
        return mask != 0, reference != 0
    kept = ignore == 0
    return (mask != 0) & kept, (reference != 0) & kept


def _common_box(found: BoolArray, wanted: BoolArray) -> tuple[slice, ...]:
    """Return the box around all marked voxels, a few percent of the volume of a typical scan."""
    marked = found | wanted
    box = []
    for axis in range(3):
        profile = np.flatnonzero(marked.any(axis=tuple(a for a in range(3) if a != axis)))
        box.append(slice(int(profile[0]), int(profile[-1]) + 1) if profile.size else slice(0, 0))
    return tuple(box)


def _surface_indices(mask: BoolArray) -> NDArray[np.intp]:
    """Return indices (n, 3) of marked voxels with an unmarked face neighbour or at the edge."""
    return np.argwhere(mask & ~binary_erosion(mask))


def _surface_distances(
    found: BoolArray, wanted: BoolArray, spacing_zyx_mm: Triple
) -> tuple[float, float, float]:
    """Return HD95 and ASSD in mm, and the surface Dice, of two masks that are not empty."""
    found_mm = _surface_indices(found) * np.array(spacing_zyx_mm)
    wanted_mm = _surface_indices(wanted) * np.array(spacing_zyx_mm)
    to_wanted = np.asarray(cKDTree(wanted_mm).query(found_mm)[0])
    to_found = np.asarray(cKDTree(found_mm).query(wanted_mm)[0])
    hd95_mm = max(np.percentile(to_wanted, 95), np.percentile(to_found, 95))
    distances = np.concatenate([to_wanted, to_found])
    near = np.count_nonzero(distances <= SURFACE_MM) / distances.size
    return float(hd95_mm), float(distances.mean()), float(near)


def _owners(found: BoolArray, labels: Marks, spacing_zyx_mm: Triple) -> NDArray[np.int64]:
    """Return the nearest label for each marked voxel outside the reference.

    The label is 0 if the nearest reference voxel is more than `STRAY_MM` away.
    """
    outside_mm = np.argwhere(found & (labels == 0)) * np.array(spacing_zyx_mm)
    surface = _surface_indices(labels != 0)
    # the tree returns the index one past the last for "none within reach"
    names = np.append(labels[tuple(surface.T)], 0)
    _, nearest = cKDTree(surface * np.array(spacing_zyx_mm)).query(
        outside_mm, distance_upper_bound=float(np.nextafter(STRAY_MM, np.inf))
    )
    return names[nearest].astype(np.int64)
