"""Agreement of a mask with a reference: overlap, surface distances and volumes, also by vertebra.

Arrays are bool or labels of shape (z, y, x) on the same grid; callers check this
(`volume.geometry.require_same_geometry`).
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

#: A mask voxel farther than this from the reference is stray: it belongs to another structure, and
#: is not an error of the surface.
STRAY_MM = 10.0
#: Surfaces up to this far apart count as equal in the normalised surface Dice.
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
        The larger of the two directed 95th percentiles of surface distances; None if a mask is
        empty.
    assd_mm
        Mean distance of all surface voxels of both masks from the other mask's surface; None if a
        mask is empty.
    surface_dice
        Normalised surface Dice: the fraction of surface voxels of both masks within `SURFACE_MM` of
        the other mask's surface (Nikolov et al. 2018); 1 if both masks are empty, 0 if only one is.
    mask_ml, reference_ml, ignored_ml
        Volumes of the mask and the reference without ignored voxels, and of the ignored voxels.
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
        Dice of the vertebra and the part of the mask that belongs to it. Choice: a mask voxel
        belongs to the vertebra of the nearest reference voxel, and to none beyond `STRAY_MM`.
    recall
        Fraction of the vertebra that is in the mask.
    """

    label: int
    dice: float
    recall: float


def score(
    mask: Marks, reference: Marks, spacing_zyx_mm: Triple, *, ignore: Marks | None = None
) -> Scores:
    """Return the agreement of a mask with a reference: overlap, surface distances and volumes.

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
    mask_voxels, reference_voxels = _foreground(mask, reference, ignore)
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    ignored_ml = 0.0 if ignore is None else int(np.count_nonzero(ignore)) * voxel_ml
    box = _common_box(mask_voxels, reference_voxels)
    mask_voxels, reference_voxels = mask_voxels[box], reference_voxels[box]
    mask_count, reference_count = (
        int(np.count_nonzero(mask_voxels)),
        int(np.count_nonzero(reference_voxels)),
    )
    common_count = int(np.count_nonzero(mask_voxels & reference_voxels))
    are_both_empty = mask_count + reference_count == 0
    hd95_mm, assd_mm, surface_dice = (
        _surface_distances(mask_voxels, reference_voxels, spacing_zyx_mm)
        if mask_count and reference_count
        else (None, None, float(are_both_empty))
    )
    stray = (
        int(np.count_nonzero(_nearest_labels(mask_voxels, reference_voxels, spacing_zyx_mm) == 0))
        if reference_count
        else mask_count
    )
    return Scores(
        dice=1.0 if are_both_empty else 2 * common_count / (mask_count + reference_count),
        precision=1.0 if are_both_empty else common_count / mask_count if mask_count else None,
        recall=1.0
        if are_both_empty
        else common_count / reference_count
        if reference_count
        else None,
        hd95_mm=hd95_mm,
        assd_mm=assd_mm,
        surface_dice=surface_dice,
        mask_ml=mask_count * voxel_ml,
        reference_ml=reference_count * voxel_ml,
        ignored_ml=ignored_ml,
        stray_ml=stray * voxel_ml,
    )


def score_vertebrae(
    mask: Marks, labels: LabelArray, spacing_zyx_mm: Triple, *, ignore: Marks | None = None
) -> tuple[VertebraScore, ...]:
    """Return the agreement of a mask with each vertebra of a reference, from the head down.

    `mask` and `labels` are bool or integer dtype, shape (z, y, x). The result is empty if the
    reference has no vertebra numbers; a reference that contains only the value 1 is binary, not a
    single C1.

    Raises
    ------
    GeometryError
        When the shapes differ.
    """
    mask_voxels, reference_voxels = _foreground(mask, labels, ignore)
    box = _common_box(mask_voxels, reference_voxels)
    mask_voxels, numbers = mask_voxels[box], np.where(reference_voxels[box], labels[box], 0)
    present = set(np.unique(numbers).tolist()) - {0}
    if present <= {1}:
        return ()
    in_both = mask_voxels & (numbers > 0)
    inside_counts = np.bincount(numbers[in_both].astype(np.int64), minlength=256)
    outside_counts = np.bincount(
        _nearest_labels(mask_voxels, numbers, spacing_zyx_mm), minlength=256
    )
    reference_counts = np.bincount(numbers.ravel().astype(np.int64), minlength=256)
    return tuple(
        VertebraScore(
            label=label,
            dice=float(
                2
                * inside_counts[label]
                / (inside_counts[label] + outside_counts[label] + reference_counts[label])
            ),
            recall=float(inside_counts[label] / reference_counts[label]),
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
    is_counted = ignore == 0
    return (mask != 0) & is_counted, (reference != 0) & is_counted


def _common_box(mask: BoolArray, reference: BoolArray) -> tuple[slice, ...]:
    """Return the box around both masks, typically a few percent of the volume of a scan."""
    in_either = mask | reference
    box = []
    for axis in range(3):
        profile = np.flatnonzero(in_either.any(axis=tuple(a for a in range(3) if a != axis)))
        box.append(slice(int(profile[0]), int(profile[-1]) + 1) if profile.size else slice(0, 0))
    return tuple(box)


def _surface_indices(mask: BoolArray) -> NDArray[np.intp]:
    """Return the indices (n, 3) of mask voxels on the surface or at the edge of the array."""
    return np.argwhere(mask & ~binary_erosion(mask))


def _surface_distances(
    mask: BoolArray, reference: BoolArray, spacing_zyx_mm: Triple
) -> tuple[float, float, float]:
    """Return the HD95 and ASSD in mm and the surface Dice of two masks that are not empty."""
    mask_mm = _surface_indices(mask) * np.array(spacing_zyx_mm)
    reference_mm = _surface_indices(reference) * np.array(spacing_zyx_mm)
    to_reference = np.asarray(cKDTree(reference_mm).query(mask_mm)[0])
    to_mask = np.asarray(cKDTree(mask_mm).query(reference_mm)[0])
    hd95_mm = max(np.percentile(to_reference, 95), np.percentile(to_mask, 95))
    distances = np.concatenate([to_reference, to_mask])
    near = np.count_nonzero(distances <= SURFACE_MM) / distances.size
    return float(hd95_mm), float(distances.mean()), float(near)


def _nearest_labels(mask: BoolArray, labels: Marks, spacing_zyx_mm: Triple) -> NDArray[np.int64]:
    """Return the nearest label of each mask voxel outside the reference: int64, shape (voxels,).

    The label is 0 if the nearest reference voxel is more than `STRAY_MM` away.
    """
    outside_mm = np.argwhere(mask & (labels == 0)) * np.array(spacing_zyx_mm)
    surface = _surface_indices(labels != 0)
    # for "none within reach", the tree returns the index one past the last
    names = np.append(labels[tuple(surface.T)], 0)
    _, nearest = cKDTree(surface * np.array(spacing_zyx_mm)).query(
        outside_mm, distance_upper_bound=float(np.nextafter(STRAY_MM, np.inf))
    )
    return names[nearest].astype(np.int64)
