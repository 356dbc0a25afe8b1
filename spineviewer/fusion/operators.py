"""The small matrices and interpolation weights that fusion uses along each axis.

`fusion.py` explains U (up-sampling) and G (smoothing).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spineviewer.fusion.kernels import extents, smooth_rows
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import ATTENTION_CELL_MM
from spineviewer.volume.working_grid import working_from_index, working_geometry

#: A layer of cells with at least this attention contains spine.
SURE_ATTENTION = 0.3
#: Number of layers of cells by which the upper end is extended: 32 mm, the height of C1 and the
#: dens.
LAYERS_ABOVE = 2
#: If the attention in the lowest layer of cells reaches this, the spine continues below the scan.
CUT_ATTENTION = 0.5


def attention_shape(scan: Geometry) -> tuple[int, int, int]:
    """Return the number of attention cells (z, y, x) that cover the working grid of `scan`."""
    z, y, x = (
        -(-n // cell)
        for n, cell in zip(working_geometry(scan).shape_zyx, ATTENTION_CELL_MM, strict=True)
    )
    return z, y, x


def extended_attention(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the extended attention: the attention map, extended at both ends of the spine.

    Choice: the attention network often misses C1, and sometimes C2, directly below the skull. An
    upper end of the spine inside the scan is always at the skull, which the segmentation network
    distinguishes from these vertebrae. The topmost layer with spine is therefore repeated in the
    next `LAYERS_ABOVE` layers. A lower end inside the scan is the sacrum and stays as it is.

    Choice: if the scan cuts off the lower part of the spine, the network sees only part of the last
    vertebra and often misses its processes. The lowest layer is therefore raised to at least
    the values of the layer above it.

    `cells` is the attention map: float32, shape (z, y, x); the result is a new array of the same
    shape.
    """
    extended = np.array(cells, dtype=np.float32, order="C")
    layers = np.flatnonzero(cells.max(axis=(1, 2)) >= SURE_ATTENTION)
    if layers.size:
        top = int(layers[-1])
        above = extended[top + 1 : top + 1 + LAYERS_ABOVE]
        np.maximum(above, cells[top], out=above)
    if len(cells) > 1 and cells[0].max() >= CUT_ATTENTION:
        np.maximum(cells[0], cells[1], out=extended[0])
    return extended


@cache
def _upsampling(voxels: int, spacing_mm: float, cells: int, cell_mm: float) -> NDArray[np.float64]:
    """Return U for one axis, (cells, voxels): linear between cell centres, clamped outside."""
    centres = (np.arange(voxels, dtype=np.float64) + 0.5) * spacing_mm / cell_mm - 0.5
    lower, fraction = _linear_taps(centres, cells)
    weights = np.zeros((cells, voxels))
    np.add.at(weights, (lower, np.arange(voxels)), 1 - fraction)
    np.add.at(weights, (np.minimum(lower + 1, cells - 1), np.arange(voxels)), fraction)
    return weights


def _gaussian(sigma: float) -> NDArray[np.float64]:
    """Return half of scipy's Gaussian, from the centre outwards; the whole kernel sums to 1."""
    half = np.exp(-0.5 * (np.arange(int(4 * sigma + 0.5) + 1) / sigma) ** 2)
    return np.asarray(half / (2 * half.sum() - half[0]))


def _linear_taps(
    positions: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return lower neighbours and fractions towards the upper ones, clamped to [0, count - 1]."""
    clamped = np.clip(positions, 0, count - 1)
    lower = np.floor(clamped + 1e-9).astype(np.int64)
    fraction = clamped - lower
    fraction[np.abs(fraction) < 1e-9] = 0.0
    return lower, fraction


class AxisOperator(NamedTuple):
    """The matrix G U for one axis, and where it is not zero.

    Attributes
    ----------
    by_voxel, by_cell
        float32, shape (voxels, cells), and its transpose; both contiguous.
    first_cell, stop_cell
        int64 per voxel: the cells first..last-1 have a weight at this voxel.
    first_voxel, stop_voxel
        int64 per cell: the cell has a weight at the voxels first..last-1.
    """

    by_voxel: NDArray[np.float32]
    by_cell: NDArray[np.float32]
    first_cell: NDArray[np.int64]
    stop_cell: NDArray[np.int64]
    first_voxel: NDArray[np.int64]
    stop_voxel: NDArray[np.int64]


def axis_operator(
    voxels: int, spacing_mm: float, cells: int, cell_mm: float, sigma_mm: float
) -> AxisOperator:
    """Return G U for one axis: the weight of each cell at each voxel centre.

    Choice: linear interpolation between cell centres, clamped outside; the Gaussian as in
    ``scipy.ndimage.gaussian_filter(..., mode="nearest", truncate=4)``.
    """
    operator = AxisOperator(
        np.zeros((voxels, cells), np.float32),
        np.zeros((cells, voxels), np.float32),
        *(np.zeros(count, np.int64) for count in (voxels, voxels, cells, cells)),
    )
    half_kernel = _gaussian(sigma_mm / spacing_mm) if sigma_mm > 0 else np.ones(1)
    rows = _upsampling(voxels, spacing_mm, cells, cell_mm)
    smooth_rows(
        rows, _smooth_ramp(half_kernel), operator.by_cell, operator.by_voxel,
        operator.first_cell, operator.stop_cell, operator.first_voxel, operator.stop_voxel,
    )  # fmt: skip
    return operator


def _smooth_ramp(half_kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``max(-u, 0)`` smoothed by a symmetric kernel, at integer u within its reach."""
    kernel = np.concatenate([half_kernel[:0:-1], half_kernel])
    rising = np.concatenate([[0.0], np.cumsum(np.cumsum(kernel))[:-1]])
    return np.ascontiguousarray(rising[::-1])


def resampled_operator(operator: AxisOperator, count: int) -> AxisOperator:
    """Return the operator at `count` evenly spaced points (at least two), linear between voxels.

    The first point is the centre of the first voxel, the last point that of the last voxel.
    """
    voxels = len(operator.by_voxel)
    positions = np.linspace(0.0, voxels - 1.0, count)
    lower = np.minimum(positions.astype(np.int64), max(voxels - 2, 0))
    fraction = (positions - lower).astype(np.float32)[:, None]
    upper = np.minimum(lower + 1, voxels - 1)
    by_voxel = (1 - fraction) * operator.by_voxel[lower] + fraction * operator.by_voxel[upper]
    by_cell = np.ascontiguousarray(by_voxel.T)
    return AxisOperator(by_voxel, by_cell, *_extents(by_voxel), *_extents(by_cell))


def _extents(rows: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    first, last = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    extents(rows, first, last)
    return first, last


class LinearTaps(NamedTuple):
    """Linear interpolation along one axis from the working grid to the scan.

    Attributes
    ----------
    lower
        int64 per scan voxel: the lower neighbour on the working grid. The upper one follows it.
    fraction
        float32 per scan voxel, towards the upper neighbour.
    """

    lower: NDArray[np.int64]
    fraction: NDArray[np.float32]


class BoneRuns(NamedTuple):
    """Runs of voxels along x whose probability is above the threshold.

    Attributes
    ----------
    row_first
        int64, shape (z * y + 1,): row r has the runs ``row_first[r] .. row_first[r + 1] - 1``.
    start, stop
        int32 per run: x indices start..stop-1.
    """

    row_first: NDArray[np.int64]
    start: NDArray[np.int32]
    stop: NDArray[np.int32]


def working_taps(voxels: int, spacing_mm: float, working_voxels: int) -> LinearTaps:
    """Return the interpolation at the scan's voxel centres along one axis, clamped at both ends."""
    positions = np.asarray(working_from_index(np.arange(voxels, dtype=np.float64), spacing_mm))
    lower, fraction = _linear_taps(positions, working_voxels)
    return LinearTaps(lower, fraction.astype(np.float32))
