"""Resampling of unevenly spaced, possibly tilted slices onto an even, rectangular grid.

Each slice is shifted within its plane to its position above the first one. Planes between two
slices are a weighted mean of both::

    slices      |   |   |       |       |
    planes      |   |   |   :   |   :   |       (: interpolated)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spineviewer.io.dicom.slices import SliceStack
from spineviewer.volume.geometry import Geometry, triple
from spineviewer.volume.sheared import ShearedGrid, require_room_for


@dataclass(frozen=True)
class EvenGrid:
    """An even grid over uneven slices.

    Attributes
    ----------
    grid
        The rectangular grid; its planes are one usual step apart and start at the first slice.
    in_plane
        How each slice is shifted within its plane.
    heights_mm
        Height of each slice above the first one, ascending.
    """

    grid: Geometry
    in_plane: ShearedGrid
    heights_mm: tuple[float, ...]

    def neighbours(self, plane: int) -> tuple[int, int, float]:
        """Return the slices below and above a plane, and the weight of the one above."""
        height = min(plane * self.grid.spacing_zyx_mm[0], self.heights_mm[-1])
        above = min(
            max(int(np.searchsorted(self.heights_mm, height, side="left")), 1),
            len(self.heights_mm) - 1,
        )
        below = above - 1
        gap = self.heights_mm[above] - self.heights_mm[below]
        return below, above, (height - self.heights_mm[below]) / gap

    def resample(self, straightened: NDArray[np.int16], into: NDArray[np.int16]) -> None:
        """Interpolate all planes from the straightened slices.

        Both arrays are int16: shape (slices, rows, columns) and (planes, rows, columns).
        """
        for plane, target in enumerate(into):
            below, above, fraction = self.neighbours(plane)
            if fraction in {0.0, 1.0}:
                target[...] = straightened[above if fraction else below]
            else:
                target[...] = np.rint(
                    (1 - fraction) * straightened[below] + fraction * straightened[above]
                )


def even_grid(
    stack: SliceStack, rows: int, columns: int, pixel_spacing_mm: tuple[float, float]
) -> EvenGrid:
    """Return an even grid, with the usual step, over an unevenly spaced stack.

    Raises
    ------
    GeometryError
        When the numbers do not form a grid.
    """
    offsets_mm = stack.positions_lps_mm - stack.positions_lps_mm[0]
    raw = np.stack(
        [
            offsets_mm @ stack.rows_lps / pixel_spacing_mm[0],
            offsets_mm @ stack.columns_lps / pixel_spacing_mm[1],
        ],
        axis=1,
    )
    raw[np.abs(raw) < 1e-3] = 0.0
    first = np.floor(raw.min(axis=0))
    offsets = raw - first
    require_room_for(np.ceil(offsets.max(axis=0)), (rows, columns))
    height, width = (
        int(n) for n in np.array([rows, columns]) + np.ceil(offsets.max(axis=0)).astype(int)
    )
    count, step = len(offsets), stack.usual_step_mm
    planes = int(np.floor(stack.heights_mm[-1] / step + 1e-3)) + 1
    corner = stack.positions_lps_mm[0] + first[0] * pixel_spacing_mm[0] * stack.rows_lps
    corner = corner + first[1] * pixel_spacing_mm[1] * stack.columns_lps
    grid = Geometry(
        shape_zyx=(planes, height, width),
        spacing_zyx_mm=(step, *pixel_spacing_mm),
        origin_lps_mm=triple(corner),
        axes_lps=(triple(stack.normal_lps), triple(stack.rows_lps), triple(stack.columns_lps)),
    )
    in_plane = ShearedGrid(
        shape_zyx=(count, rows, columns),
        straight_shape_zyx=(count, height, width),
        slice_axis=0,
        offsets=tuple((float(row), float(column)) for row, column in offsets),
        world_from_index=(),
    )
    return EvenGrid(grid, in_plane, tuple(float(h) for h in stack.heights_mm))
