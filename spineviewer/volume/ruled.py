"""Pictures sampled on surfaces through an array: rotated planes, and ribbons along a curve.

A ruled surface consists of straight rows. Row r starts at `origins_zyx[r]` and advances by
`steps_zyx[r]` from column to column. Both a rotated plane (all steps are equal) and a ribbon along
the spine (each row crosses the curve at a different point) have this form::

    origins[0] o---> steps[0]
    origins[1]  o---> steps[1]
    origins[2]    o---> steps[2]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from spineviewer.threads import in_parallel
from spineviewer.volume.geometry import Triple
from spineviewer.volume.volume import AIR_HU

#: Number of rows that a thread samples at a time, and number of samples up to which more threads
#: cost more than they save.
_ROWS_AT_ONCE = 128
_FEW_SAMPLES = 1_000_000

Rows = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RuledSurface:
    """The position in the scan of each pixel of a picture. Compared by identity.

    Attributes
    ----------
    origins_zyx, steps_zyx
        float64, shape (rows, 3): fractional scan index of each row's first pixel centre, and the
        step from column to column.
    normals_zyx
        float64, shape (rows, 3): the change of index over 1 mm across the surface, towards higher
        slice numbers.
    columns
        Pixels per row.
    pixel_mm
        Distance between neighbouring pixel centres, the same in both directions.
    """

    origins_zyx: Rows
    steps_zyx: Rows
    normals_zyx: Rows
    columns: int
    pixel_mm: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the picture."""
        return len(self.origins_zyx), self.columns

    def index_zyx(self, row: float, column: float) -> Triple:
        """Return the fractional scan index at a fractional pixel (0 is the centre of the first)."""
        at = np.array([row])
        z, y, x = (_at_rows(self.origins_zyx, at) + column * _at_rows(self.steps_zyx, at))[0]
        return float(z), float(y), float(x)

    def coarser(self, step: int) -> RuledSurface:
        """Return the surface with one pixel in the middle of each `step` x `step` pixels."""
        middle = np.arange(0, len(self.origins_zyx), step, dtype=np.float64) + (step - 1) / 2
        steps = _at_rows(self.steps_zyx, middle)
        return RuledSurface(
            _at_rows(self.origins_zyx, middle) + (step - 1) / 2 * steps,
            steps * step,
            _at_rows(self.normals_zyx, middle),
            -(-self.columns // step),
            self.pixel_mm * step,
        )

    def on_grid(self, factors_zyx: Triple, shifts_zyx: Triple) -> RuledSurface:
        """Return the same surface on another grid, whose index is index times factor plus shift."""
        factors = np.array(factors_zyx)
        return RuledSurface(
            self.origins_zyx * factors + np.array(shifts_zyx),
            self.steps_zyx * factors,
            self.normals_zyx * factors,
            self.columns,
            self.pixel_mm,
        )

    def nearest_zyx(self) -> NDArray[np.int32]:
        """Return the index of the voxel nearest to each pixel; it may be outside the scan.

        int32, shape (rows, columns, 3).
        """
        columns = np.arange(self.columns)[None, :, None]
        return np.rint(self.origins_zyx[:, None] + columns * self.steps_zyx[:, None]).astype(
            np.int32
        )


def _at_rows(values: Rows, positions: NDArray[np.float64]) -> Rows:
    """Return values at fractional rows, interpolated linearly; beyond the ends, the end values.

    Parameters
    ----------
    values
        float64, shape (rows, 3).
    positions
        float64, shape (n,).

    Returns
    -------
    float64, shape (n, 3).
    """
    inside = np.clip(positions, 0.0, len(values) - 1.0)
    before = inside.astype(np.intp)
    after = np.minimum(before + 1, len(values) - 1)
    start = values[before]
    return start + (inside - before)[:, None] * (values[after] - start)


class SlabProjection(Enum):
    """How the samples across a surface are combined into one."""

    MAXIMUM = 0
    MEAN = 1


def sample_scan(
    hu: NDArray[np.int16],
    surface: RuledSurface,
    *,
    offsets_mm: tuple[float, ...] = (0.0,),
    projection: SlabProjection = SlabProjection.MAXIMUM,
) -> NDArray[np.int16]:
    """Return the HU on a surface, interpolated linearly between voxel centres.

    Parameters
    ----------
    hu
        int16, shape (z, y, x).
    offsets_mm
        Distances across the surface at which to sample; several make a slab.

    Returns
    -------
    int16, shape (rows, columns); air outside the scan.
    """
    from spineviewer.volume.ruled_kernels import sample_linear

    out = np.empty(surface.shape, np.int16)
    offsets, rows = np.array(offsets_mm, float), len(out)

    def run(first: int) -> None:
        sample_linear(
            hu, surface.origins_zyx, surface.steps_zyx, surface.normals_zyx, offsets,
            projection is SlabProjection.MEAN, AIR_HU, first, min(first + _ROWS_AT_ONCE, rows), out,
        )  # fmt: skip

    _in_bands(run, rows, rows * surface.columns * len(offsets))
    return out


def sample_map(
    values: NDArray[np.uint16] | NDArray[np.float32], surface: RuledSurface
) -> NDArray[np.float32]:
    """Return the values of a map on a surface, interpolated linearly between voxel centres.

    Parameters
    ----------
    values
        uint16 or float32, shape (z, y, x).
    surface
        In indices of the map's grid.

    Returns
    -------
    float32, shape (rows, columns); 0 outside the map.
    """
    from spineviewer.volume.ruled_kernels import sample_values

    out = np.empty(surface.shape, np.float32)
    rows = len(out)

    def run(first: int) -> None:
        sample_values(
            values,
            surface.origins_zyx,
            surface.steps_zyx,
            first,
            min(first + _ROWS_AT_ONCE, rows),
            out,
        )

    _in_bands(run, rows, rows * surface.columns)
    return out


def _in_bands(run: Callable[[int], None], rows: int, samples: int) -> None:
    if samples > _FEW_SAMPLES:
        in_parallel(run, range(0, rows, _ROWS_AT_ONCE))
        return
    for first in range(0, rows, _ROWS_AT_ONCE):
        run(first)


def sample_mask(voxels: NDArray[np.bool_], surface: RuledSurface) -> NDArray[np.bool_]:
    """Return a mask on a surface, taken from the nearest voxels; False outside the scan.

    `voxels` is bool, shape (z, y, x); the result is bool, shape (rows, columns).
    """
    from spineviewer.volume.ruled_kernels import sample_nearest

    out = np.empty(surface.shape, np.bool_)
    sample_nearest(voxels, surface.origins_zyx, surface.steps_zyx, out)
    return out


def sample_labels(labels: NDArray[np.uint8], surface: RuledSurface) -> NDArray[np.uint8]:
    """Return labels on a surface, taken from the nearest voxels; 0 outside the scan.

    `labels` is uint8, shape (z, y, x); the result is uint8, shape (rows, columns).
    """
    from spineviewer.volume.ruled_kernels import sample_nearest

    out = np.empty(surface.shape, np.uint8)
    sample_nearest(labels, surface.origins_zyx, surface.steps_zyx, out)
    return out


def one_pixel() -> RuledSurface:
    """Return a surface of one pixel at the first voxel, for loading compiled code."""
    return RuledSurface(np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((1, 3)), 1, 1.0)


def warm_up() -> None:
    """Load the compiled loops before a picture needs them, because loading takes a moment."""
    surface = one_pixel()
    sample_scan(np.zeros((2, 2, 2), np.int16), surface)
    sample_mask(np.zeros((2, 2, 2), np.bool_), surface)
    sample_labels(np.zeros((2, 2, 2), np.uint8), surface)
    sample_map(np.zeros((2, 2, 2), np.uint16), surface)
    sample_map(np.zeros((2, 2, 2), np.float32), surface)
