"""The smoothed extended attention on planes, on surfaces and in the whole scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spineviewer.caches import RecentCache
from spineviewer.errors import GeometryError
from spineviewer.fusion.kernels import attention_rows, attention_sagittal, is_any_above
from spineviewer.fusion.kernels import highest_cells as highest_cells_along_x
from spineviewer.fusion.operators import (
    AxisOperator,
    attention_shape,
    axis_operator,
    extended_attention,
    resampled_operator,
    working_taps,
)
from spineviewer.threads import in_parallel
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.ruled import RuledSurface, sample_map
from spineviewer.volume.volume import ATTENTION_CELL_MM, AttentionMap
from spineviewer.volume.working_grid import working_geometry

#: Number of slices that a thread computes at a time.
SLICES_AT_ONCE = 16
#: Approximate spacing of the grid from which a smoothed map is interpolated to a surface.
_GRID_MM = 3.0
#: Relative tolerance for float32 rounding where a bound is compared instead of individual voxels.
_ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class _AttentionGrid:
    """The smoothed extended attention on a coarse grid between the scan's outermost voxel centres.

    Attributes
    ----------
    values
        float32, shape (z, y, x).
    per_voxel_zyx
        Grid steps per voxel of the scan.
    """

    values: NDArray[np.float32]
    per_voxel_zyx: Triple


class ExtendedAttention:
    """The extended attention of one scan, smoothed with any sigma.

    An axis is a canonical array axis (0 = z, 1 = y, 2 = x). Planes are on the scan's own grid and
    have the shape of the other two axes, in array order.

    Thread ownership: any thread; the map is never changed.

    Attributes
    ----------
    cells
        The extended attention, not smoothed: float32, shape (z, y, x) of the attention cells.

    Raises
    ------
    GeometryError
        When the attention cells do not cover the scan.
    """

    def __init__(self, attention: AttentionMap) -> None:
        self.scan = attention.scan
        expected = attention_shape(self.scan)
        if attention.cells.shape != expected:
            raise GeometryError(
                "The attention map has {shape} cells, but the scan needs {expected}. Segment the "
                "scan again.",
                shape=attention.cells.shape,
                expected=expected,
            )
        self.cells = extended_attention(attention.cells)
        self._operators: RecentCache[tuple[AxisOperator, AxisOperator, AxisOperator]] = RecentCache(
            6
        )
        self._planes: RecentCache[NDArray[np.float32]] = RecentCache(6)
        self._grids: RecentCache[_AttentionGrid] = RecentCache(2)
        self._highest_cells: RecentCache[NDArray[np.float32]] = RecentCache(2)

    def plane(self, axis: int, index: int, sigma_mm: float) -> NDArray[np.float32]:
        """Return one plane of the smoothed extended attention.

        float32 in [0, 1], 2-D (the scan's shape without `axis`). The plane is cached and therefore
        read-only.
        """

        def make() -> NDArray[np.float32]:
            out = np.empty(plane_shape(self.scan, axis), np.float32)
            axes = self.axes(sigma_mm)
            nz, ny, _ = self.scan.shape_zyx
            if axis == 0:
                attention_rows(self.cells, *axes, index, index + 1, 0, ny, out[None])
            elif axis == 1:
                attention_rows(self.cells, *axes, 0, nz, index, index + 1, out[:, None])
            else:
                attention_sagittal(self.cells, *axes, index, out)
            out.flags.writeable = False
            return out

        return self._planes.get((axis, index, sigma_mm), make)

    def volume(self, sigma_mm: float) -> NDArray[np.float32]:
        """Return the smoothed extended attention on the scan's grid: float32, shape (z, y, x)."""
        nz, ny, nx = self.scan.shape_zyx
        out = np.empty((nz, ny, nx), np.float32)
        axes = self.axes(sigma_mm)

        def run(z: int) -> None:
            stop = min(z + SLICES_AT_ONCE, nz)
            attention_rows(self.cells, *axes, z, stop, 0, ny, out[z:stop])

        in_parallel(run, range(0, nz, SLICES_AT_ONCE))
        return out

    def on_surface(self, surface: RuledSurface, sigma_mm: float) -> NDArray[np.float32]:
        """Return the smoothed extended attention on a surface, interpolated from a 3 mm grid.

        float32 in [0, 1], shape (rows, columns) of the surface.

        Choice: a map smoothed with a Gaussian needs no finer grid. At a sigma of 6 mm, the
        difference is below 0.02, and the computation is many times faster.
        """
        grid = self._grids.get(sigma_mm, lambda: self._attention_grid(sigma_mm))
        return sample_map(grid.values, surface.on_grid(grid.per_voxel_zyx, (0.0, 0.0, 0.0)))

    def _attention_grid(self, sigma_mm: float) -> _AttentionGrid:
        counts = [
            max(2, round(n * s / _GRID_MM))
            for n, s in zip(self.scan.shape_zyx, self.scan.spacing_zyx_mm, strict=True)
        ]
        axes = [
            resampled_operator(operator, count)
            for operator, count in zip(self.axes(sigma_mm), counts, strict=True)
        ]
        nz, ny, nx = counts
        values = np.empty((nz, ny, nx), np.float32)
        attention_rows(self.cells, *axes, 0, nz, 0, ny, values)
        z, y, x = (
            (count - 1) / max(n - 1, 1)
            for count, n in zip(counts, self.scan.shape_zyx, strict=True)
        )
        return _AttentionGrid(values, (z, y, x))

    def projected(self, axis: int, sigma_mm: float) -> NDArray[np.float32]:
        """Return the smoothed extended attention projected along `axis`. Paper: Fig. 3.

        float32 in [0, 1], 2-D.

        Choice: the mean over the slices, scaled so that its maximum is that of the unsmoothed
        cells. A faint map therefore stays faint.
        """
        matrices = [operator.by_voxel for operator in self.axes(sigma_mm)]
        low = np.tensordot(matrices[axis].mean(axis=0), self.cells, (0, axis))
        rows, columns = (matrices[other] for other in range(3) if other != axis)
        plane = rows @ low @ columns.T
        largest = float(plane.max())
        strongest = float(self.cells.max())
        return np.asarray(
            np.minimum(plane * (strongest / largest), strongest) if largest > 0 else plane,
            np.float32,
        )

    def needed_slices(self, tuning: Tuning) -> NDArray[np.bool_]:
        """Return which sagittal slices of the working grid a mask with this tuning needs.

        bool, shape (working x,). A slice is needed if the smoothed extended attention exceeds the
        threshold anywhere in an adjacent slice of the scan.
        """
        reached = self.possibly_reached(tuning)
        for x in np.flatnonzero(reached):
            reached[x] = self.is_reached(int(x), tuning)
        working = working_geometry(self.scan).shape_zyx[2]
        taps = working_taps(self.scan.shape_zyx[2], self.scan.spacing_zyx_mm[2], working)
        needed = np.zeros(working, np.bool_)
        needed[taps.lower[reached]] = True
        needed[(taps.lower + 1)[reached & (taps.fraction > 0)]] = True
        return needed

    def possibly_reached(self, tuning: Tuning) -> NDArray[np.bool_]:
        """Return in which sagittal slices the smoothed attention may exceed the threshold.

        bool, shape (x,) of the scan: whether the upper bound `highest_cells` exceeds it.
        """
        return np.asarray(
            self.highest_cells(tuning.sigma_mm) > tuning.attention_threshold / (1 + _ROUNDING)
        )

    def highest_cells(self, sigma_mm: float) -> NDArray[np.float32]:
        """Return an upper bound of the smoothed extended attention in each sagittal slice.

        float32, shape (x,) of the scan: the highest value of the cells, interpolated and smoothed
        along x only.
        """
        return self._highest_cells.get(
            sigma_mm, lambda: highest_cells_along_x(self.cells, self.axes(sigma_mm)[2])
        )

    def is_reached(self, x: int, tuning: Tuning) -> bool:
        """Return whether the smoothed attention exceeds the threshold in sagittal slice x.

        Also true if the maximum is below the threshold by no more than the rounding error.
        """
        limit = tuning.attention_threshold / (1 + _ROUNDING)
        return bool(is_any_above(self.cells, *self.axes(tuning.sigma_mm), x, np.float32(limit)))

    def axes(self, sigma_mm: float) -> tuple[AxisOperator, AxisOperator, AxisOperator]:
        """Return the operators that interpolate and smooth along z, y and x."""

        def make() -> tuple[AxisOperator, AxisOperator, AxisOperator]:
            z, y, x = (
                axis_operator(n, spacing, cells, cell_mm, sigma_mm)
                for n, spacing, cells, cell_mm in zip(
                    self.scan.shape_zyx,
                    self.scan.spacing_zyx_mm,
                    self.cells.shape,
                    ATTENTION_CELL_MM,
                    strict=True,
                )
            )
            return z, y, x

        return self._operators.get(sigma_mm, make)


def plane_shape(scan: Geometry, axis: int) -> tuple[int, int]:
    """Return the shape of a plane at right angles to an axis."""
    rows, columns = (n for other, n in enumerate(scan.shape_zyx) if other != axis)
    return rows, columns
