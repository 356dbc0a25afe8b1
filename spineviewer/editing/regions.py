"""Edits of a whole region at once.

Each function returns the voxels to add and remove, and changes nothing itself. It works only within
the smallest box that can change, so its cost depends on the size of the spine, not on that of the
scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume import boxes
from spineviewer.volume.geometry import Box, IndexTriple, Triple
from spineviewer.volume.volume import bounding_box

BoolArray = NDArray[np.bool_]
#: Holes in a slice are filled up to this size. Choice: half the area of a narrow spinal canal,
#: which must stay open.
LARGEST_HOLE_MM2 = 60.0


@dataclass(frozen=True, eq=False)
class RegionEdit:
    """The voxels that an edit adds and removes in one box.

    Attributes
    ----------
    corner_zyx
        Index of the box's first voxel in the scan.
    added, removed
        bool, the box's shape; no voxel is in both.
    """

    name: str
    corner_zyx: IndexTriple
    added: BoolArray
    removed: BoolArray

    @property
    def is_empty(self) -> bool:
        """Whether the edit changes no voxel."""
        return not (self.added.any() or self.removed.any())


def grown(mask: BoolArray, spacing_zyx_mm: Triple, distance_mm: float) -> RegionEdit:
    """Return the edit that adds everything within a distance of the mask.

    `mask` is bool, shape (z, y, x).
    """
    from scipy.ndimage import distance_transform_edt

    box = _box(mask, spacing_zyx_mm, distance_mm)
    part = mask[box]
    near = (
        distance_transform_edt(~part, sampling=spacing_zyx_mm) <= distance_mm + 1e-6
        if part.any()
        else part
    )
    return _changed("Grow", box, part, np.asarray(near, np.bool_))


def shrunk(mask: BoolArray, spacing_zyx_mm: Triple, distance_mm: float) -> RegionEdit:
    """Return the edit that removes everything within a distance of the surface.

    The border of the scan is not a surface: a vertebra that it cuts off is not eroded there.
    """
    from scipy.ndimage import distance_transform_edt

    box = _box(mask, spacing_zyx_mm, 2 * max(spacing_zyx_mm))
    part = mask[box]
    deep = (
        distance_transform_edt(part, sampling=spacing_zyx_mm) > distance_mm + 1e-6
        if part.any()
        else part
    )
    return _changed("Shrink", box, part, np.asarray(deep, np.bool_))


def smoothed(mask: BoolArray, spacing_zyx_mm: Triple, sigma_mm: float) -> RegionEdit:
    """Return the edit that smooths the mask with a Gaussian and a threshold of 0.5.

    Corners are rounded and single voxels disappear; the volume stays about the same.
    """
    from scipy.ndimage import gaussian_filter

    box = _box(mask, spacing_zyx_mm, 4 * sigma_mm)
    part = mask[box]
    sigma = [sigma_mm / s for s in spacing_zyx_mm]
    return _changed(
        "Smooth", box, part, gaussian_filter(part.astype(np.float32), sigma, mode="nearest") > 0.5
    )


def filled(mask: BoolArray, spacing_zyx_mm: Triple) -> RegionEdit:
    """Return the edit that fills cavities, and holes in single slices up to `LARGEST_HOLE_MM2`.

    Holes are filled in the slices of all three orientations; the spinal canal stays open.
    """
    from scipy.ndimage import binary_fill_holes, find_objects, label

    box = _box(mask, spacing_zyx_mm, 0.0)
    part = mask[box]
    out = np.asarray(binary_fill_holes(part), np.bool_)
    for axis in range(3):
        rows_mm, columns_mm = (s for other, s in enumerate(spacing_zyx_mm) if other != axis)
        max_pixels = LARGEST_HOLE_MM2 / (rows_mm * columns_mm)
        for index in range(part.shape[axis]):
            plane = np.take(part, index, axis=axis)
            holes, count = label(binary_fill_holes(plane) & ~plane) if plane.any() else (plane, 0)
            if not count:
                continue
            sizes = np.bincount(np.ravel(holes))
            small = [
                n + 1
                for n, hole in enumerate(find_objects(holes))
                if hole is not None and sizes[n + 1] <= max_pixels
            ]
            if small:
                out[(slice(None),) * axis + (index,)] |= np.isin(holes, small)
    return _changed("Fill holes", box, part, out)


def remove_component(mask: BoolArray, index_zyx: IndexTriple) -> RegionEdit | None:
    """Return the edit that removes the connected piece at a voxel; None outside the mask.

    Voxels are connected by faces, edges and corners.
    """
    return _component(mask, index_zyx, is_kept=False)


def keep_component(mask: BoolArray, index_zyx: IndexTriple) -> RegionEdit | None:
    """Return the edit that keeps only the connected piece at a voxel; None outside the mask.

    `mask` is bool, shape (z, y, x).
    """
    return _component(mask, index_zyx, is_kept=True)


def _component(mask: BoolArray, index_zyx: IndexTriple, *, is_kept: bool) -> RegionEdit | None:
    from scipy.ndimage import label

    if not mask[index_zyx]:
        return None
    box = _box(mask, (1.0, 1.0, 1.0), 0.0)
    part = mask[box]
    pieces, _ = label(part, structure=np.ones((3, 3, 3)))
    z, y, x = (i - side.start for i, side in zip(index_zyx, box, strict=True))
    piece = pieces == pieces[z, y, x]
    name = "Keep piece" if is_kept else "Remove piece"
    return _changed(name, box, part, piece if is_kept else part & ~piece)


def without_new_parts(mask: BoolArray, old: BoolArray, removed: BoolArray) -> RegionEdit:
    """Return the edit that removes the new pieces of a mask that touch removed voxels.

    A piece is new if no voxel of it was in the old mask. All three are bool, shape (z, y, x).
    """
    from scipy.ndimage import binary_dilation, label

    box = _box(mask | removed, (1.0, 1.0, 1.0), 1.0)
    part, everywhere = mask[box], np.ones((3, 3, 3), np.bool_)
    pieces, _ = label(part, structure=everywhere)
    touching = np.unique(pieces[binary_dilation(removed[box], structure=everywhere)])
    new = np.setdiff1d(touching, np.unique(pieces[old[box] & part]))
    return _changed("Remove piece", box, part, part & ~np.isin(pieces, new[new > 0]))


def polygon(
    points: Sequence[tuple[float, float]], shape: tuple[int, int]
) -> tuple[tuple[int, int], BoolArray] | None:
    """Return the pixels whose centres are inside a polygon; None if it is outside the picture.

    The result is the first pixel of the smallest box around the polygon, and a selection in this
    box (bool, shape (rows, columns)). Fewer than three points give None.

    Parameters
    ----------
    points
        (row, column) in fractional pixels; the last point is connected to the first. If lines
        cross, the even-odd rule determines what is inside.
    """
    if len(points) < 3:
        return None
    rows, columns = (np.array([p[k] for p in points]) for k in (0, 1))
    first = max(0, int(np.ceil(rows.min()))), max(0, int(np.ceil(columns.min())))
    last = (
        min(shape[0] - 1, int(np.floor(rows.max()))),
        min(shape[1] - 1, int(np.floor(columns.max()))),
    )
    if last[0] < first[0] or last[1] < first[1]:
        return None
    at_column = np.arange(first[1], last[1] + 1)
    inside = np.zeros((last[0] - first[0] + 1, len(at_column)), np.bool_)
    next_rows, next_columns = np.roll(rows, -1), np.roll(columns, -1)
    for number, row in enumerate(range(first[0], last[0] + 1)):
        crosses = (rows <= row) != (next_rows <= row)
        if crosses.any():
            r0, r1, c0, c1 = (
                values[crosses] for values in (rows, next_rows, columns, next_columns)
            )
            crossings = np.sort(c0 + (row - r0) * (c1 - c0) / (r1 - r0))
            inside[number] = np.searchsorted(crossings, at_column, side="right") % 2 == 1
    return first, inside


def between(
    first: BoolArray, second: BoolArray, count: int, spacing_mm: tuple[float, float]
) -> list[BoolArray]:
    """Return `count` slices between two drawn ones, interpolated by signed distance.

    All slices are bool, of the same shape (rows, columns).
    """
    from scipy.ndimage import distance_transform_edt

    def signed(shape: BoolArray) -> NDArray[np.float64]:
        inside = distance_transform_edt(shape, sampling=spacing_mm)
        outside = distance_transform_edt(~shape, sampling=spacing_mm)
        return np.asarray(inside - outside)

    one, other = signed(first), signed(second)
    return [one * (1 - w) + other * w > 0 for w in (np.arange(1, count + 1) / (count + 1))]


def _changed(name: str, box: Box, before: BoolArray, after: BoolArray) -> RegionEdit:
    z, y, x = (side.start for side in box)
    return RegionEdit(name, (z, y, x), after & ~before, before & ~after)


def within_limits(
    edit: RegionEdit, hu: NDArray[np.int16], min_hu: int | None, max_hu: int | None
) -> RegionEdit:
    """Return the same edit, adding only voxels within a range of HU (int16, shape (z, y, x)).

    None means no limit.
    """
    if min_hu is None and max_hu is None:
        return edit
    place = tuple(slice(c, c + n) for c, n in zip(edit.corner_zyx, edit.added.shape, strict=True))
    part, added = hu[place], edit.added
    if min_hu is not None:
        added = added & (part >= min_hu)
    if max_hu is not None:
        added = added & (part <= max_hu)
    return replace(edit, added=added)


def _box(mask: BoolArray, spacing_zyx_mm: Triple, margin_mm: float) -> Box:
    """Return the smallest box around the mask, with a margin, clipped to the scan."""
    box = bounding_box(mask) if mask.any() else 3 * (slice(0, 1),)
    return boxes.grown(box, [int(np.ceil(margin_mm / s)) for s in spacing_zyx_mm], mask.shape)
