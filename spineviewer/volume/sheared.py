"""Straightening of grids sheared by a tilted gantry, and exact shearing back of results.

Each slice is shifted within its plane, so no values are mixed across slices::

    file's slices           straightened (air: .)
    k=2      aaaa           aaaa..
    k=1     bbbb       ->   .bbbb.        (seen along the other in-plane axis)
    k=0    cccc             ..cccc
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError
from spineviewer.volume.geometry import (
    RIGHT_ANGLE_COSINE,
    Geometry,
    IndexTriple,
    index_triple,
    triple,
)

#: Choice: if a stack one metre long is tilted by 45 degrees, a slice with sides of half a metre
#: grows to three times its size. Small slices may be shifted further.
MAX_GROWTH = 4.0
MAX_PLAIN_SHIFT = 512

Matrix = tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class ShearedGrid:
    """The grid of a file with sheared slices, and the rectangular grid that replaces it.

    Attributes
    ----------
    shape_zyx
        Shape of the file's array, slowest axis first.
    straight_shape_zyx
        Shape of the rectangular array with the same order of axes, large enough for all shifted
        slices.
    slice_axis
        The array axis along which the slices are stacked.
    offsets
        float64, shape (slices, 2): position of each slice's pixel (0, 0) in the straightened slice,
        in pixels along the other two axes; never negative.
    world_from_index
        Three rows of the matrix from the file's array index (z, y, x, 1) to (L, P, S) in mm.
    """

    shape_zyx: IndexTriple
    straight_shape_zyx: IndexTriple
    slice_axis: int
    offsets: tuple[tuple[float, float], ...]
    world_from_index: Matrix

    def straighten_slice(
        self, pixels: NDArray[Any], number: int, background: float, *, is_interpolated: bool = True
    ) -> NDArray[np.float32]:
        """Return slice `number` at its straightened position, with `background` around it.

        Parameters
        ----------
        pixels
            Any dtype, shape (rows, columns) of the file.
        is_interpolated
            Whether to interpolate linearly within the slice. Otherwise, it is shifted by whole
            pixels.

        Returns
        -------
        float32, shape (rows, columns) of the straightened slice.
        """
        offsets = (
            self.offsets[number]
            if is_interpolated
            else tuple(float(int(v + 0.5)) for v in self.offsets[number])
        )
        rows, columns = (
            n for axis, n in enumerate(self.straight_shape_zyx) if axis != self.slice_axis
        )
        moved = np.full((rows + 1, columns + 1), background, np.float32)
        (row, row_part), (column, column_part) = (divmod(offset, 1.0) for offset in offsets)
        height, width = pixels.shape
        top, left = int(row) + 1, int(column) + 1  # one pixel of background before the first one
        moved[top : top + height, left : left + width] = pixels[
            : rows + 1 - top, : columns + 1 - left
        ]
        across = (1 - np.float32(row_part)) * moved[1:] + np.float32(row_part) * moved[:-1]
        result = (1 - np.float32(column_part)) * across[:, 1:] + np.float32(column_part) * across[
            :, :-1
        ]
        return np.asarray(result, np.float32)

    def straighten(
        self, values: NDArray[Any], background: float, *, is_interpolated: bool = True
    ) -> NDArray[np.float32]:
        """Return a whole array of the file on the rectangular grid.

        `values` has any dtype and shape (z, y, x) of the file; the result is float32, shape
        `straight_shape_zyx`.
        """
        straight = np.empty(self.straight_shape_zyx, np.float32)
        slices, straight_slices = (
            np.moveaxis(values, self.slice_axis, 0),
            np.moveaxis(straight, self.slice_axis, 0),
        )
        for number in range(len(slices)):
            straight_slices[number] = self.straighten_slice(
                slices[number], number, background, is_interpolated=is_interpolated
            )
        return straight

    def sheared(self, straight: NDArray[Any]) -> NDArray[Any]:
        """Return an array on the rectangular grid, resampled to the file's own voxels.

        Each voxel takes the value of the nearest one, so that masks and labels keep their values.
        Any dtype; shape `straight_shape_zyx` becomes `shape_zyx`.
        """
        values = np.empty(self.shape_zyx, straight.dtype)
        slices, straight_slices = (
            np.moveaxis(values, self.slice_axis, 0),
            np.moveaxis(straight, self.slice_axis, 0),
        )
        height, width = slices.shape[1:]
        for number, (row, column) in enumerate(self.offsets):
            top, left = int(row + 0.5), int(column + 0.5)
            slices[number] = straight_slices[number, top : top + height, left : left + width]
        return values


def straightened(
    world_from_index: NDArray[np.float64], shape_zyx: IndexTriple, slice_axis: int | None = None
) -> tuple[ShearedGrid, Geometry]:
    """Return a sheared grid with its rectangular replacement, and the latter's geometry.

    Parameters
    ----------
    world_from_index
        float64, shape (4, 4): from array index (z, y, x, 1) to (L, P, S, 1) in mm.
    slice_axis
        The axis along which slices are stacked. If None, the possible axis with the largest spacing
        is used, because the shift within a slice is finest then.

    Raises
    ------
    GeometryError
        When no two axes are at right angles, so shifting slices is not enough, or when the
        shifts are implausibly large.
    """
    columns = world_from_index[:3, :3]
    spacing = np.linalg.norm(columns, axis=0)
    axes = columns / spacing
    requested = range(3) if slice_axis is None else [slice_axis]
    candidates = [axis for axis in requested if _cosine(axes, axis) <= RIGHT_ANGLE_COSINE]
    if not candidates:
        raise GeometryError(
            "no two axes of the grid are at right angles, which a tilted gantry cannot explain. "
            "Export the scan again."
        )
    slice_axis = max(candidates, key=lambda axis: float(spacing[axis]))
    one, two = (axis for axis in range(3) if axis != slice_axis)
    normal = np.cross(axes[:, one], axes[:, two])
    normal *= np.sign(normal @ axes[:, slice_axis]) / np.linalg.norm(normal)
    count = shape_zyx[slice_axis]
    raw = np.stack(
        [
            np.arange(count) * float(columns[:, slice_axis] @ axes[:, a]) / spacing[a]
            for a in (one, two)
        ],
        axis=1,
    )
    first = np.floor(raw.min(axis=0))
    offsets = raw - first
    extra = np.ceil(offsets.max(axis=0))
    require_room_for(extra, (shape_zyx[one], shape_zyx[two]))
    shape = list(shape_zyx)
    shape[one] += int(extra[0])
    shape[two] += int(extra[1])
    origin = world_from_index[:3, 3] + columns[:, [one, two]] @ first
    straight_axes, straight_spacing = axes.copy(), spacing.copy()
    straight_axes[:, slice_axis], straight_spacing[slice_axis] = (
        normal,
        columns[:, slice_axis] @ normal,
    )
    geometry = Geometry(
        shape_zyx=index_triple(shape),
        spacing_zyx_mm=triple(straight_spacing),
        origin_lps_mm=triple(origin),
        axes_lps=(
            triple(straight_axes[:, 0]),
            triple(straight_axes[:, 1]),
            triple(straight_axes[:, 2]),
        ),
    )
    sheared = ShearedGrid(
        shape_zyx=shape_zyx,
        straight_shape_zyx=geometry.shape_zyx,
        slice_axis=slice_axis,
        offsets=tuple((float(row), float(column)) for row, column in offsets),
        world_from_index=tuple(
            (float(r[0]), float(r[1]), float(r[2]), float(r[3])) for r in world_from_index[:3]
        ),
    )
    return sheared, geometry


def require_room_for(extra: NDArray[np.float64], size: tuple[int, int]) -> None:
    """Raise an error for shifts so large that most of the straightened volume would be air.

    Parameters
    ----------
    extra
        float64, shape (2,): pixels by which each side of a slice would grow.

    Raises
    ------
    GeometryError
        When a side would grow by more than `MAX_GROWTH` times its length and by more than
        `MAX_PLAIN_SHIFT` pixels.
    """
    for growth, side in zip(extra, size, strict=True):
        if not np.isfinite(growth) or growth > max(MAX_PLAIN_SHIFT, MAX_GROWTH * side):
            raise GeometryError(
                "its slices are shifted by {pixels:.0f} pixels relative to each other, which a "
                "tilted gantry cannot explain. Export the scan again.",
                pixels=growth,
            )


def _cosine(axes: NDArray[np.float64], omitted: int) -> float:
    one, two = (axes[:, axis] for axis in range(3) if axis != omitted)
    return abs(float(one @ two))
