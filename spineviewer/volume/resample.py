"""Resampling of a scan onto the working grid that the networks see (`working_grid.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numba
import numpy as np
from numpy.typing import NDArray

from spineviewer.progress import Progress
from spineviewer.threads import in_parallel
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.working_grid import (
    WORKING_SPACING_MM,
    index_from_working,
    working_geometry,
)


@dataclass(frozen=True)
class AxisTaps:
    """The first input position for each output position on an axis, and the weights from there on.

    Attributes
    ----------
    first
        int64, shape (outputs,).
    weights
        float32, shape (outputs, taps); each row sums to 1.
    counts
        int64, shape (outputs,): number of weights up to the last one that is not zero.
    """

    first: NDArray[np.int64]
    weights: NDArray[np.float32]
    counts: NDArray[np.int64]


def averaging_taps(inputs: int, spacing_mm: float, outputs: int) -> AxisTaps:
    """Return the weights of a linear interpolation that averages where the grid becomes coarser.

    Choice: a triangle as wide as two steps of the coarser grid, so that thin cortex is averaged and
    never skipped. If the scan is coarser than 1 mm, this is plain linear interpolation. Outside the
    scan, the edge voxel is repeated.
    """
    reach = max(1.0, WORKING_SPACING_MM / spacing_mm)
    centres = np.array([index_from_working(i, spacing_mm) for i in range(outputs)])
    lowest = np.floor(centres - reach).astype(np.int64) + 1
    highest = np.ceil(centres + reach).astype(np.int64) - 1
    taps = int((highest - lowest).max()) + 1
    positions = lowest[:, None] + np.arange(taps)
    unclipped = np.clip(1 - np.abs(positions - centres[:, None]) / reach, 0, None)
    unclipped /= unclipped.sum(axis=1, keepdims=True)
    width = min(taps, inputs)
    first = np.clip(lowest, 0, inputs - width)
    weights = np.zeros((outputs, width), dtype=np.float32)
    for tap in range(taps):  # weights outside the scan are added to the edge voxel
        inside = np.clip(positions[:, tap], 0, inputs - 1) - first
        np.add.at(weights, (np.arange(outputs), np.clip(inside, 0, width - 1)), unclipped[:, tap])
    counts = width - np.argmax(weights[:, ::-1] != 0, axis=1)
    return AxisTaps(first, weights, counts)


def resample_to_working(
    hu: NDArray[np.int16],
    scan: Geometry,
    *,
    threads: int,
    progress: Progress,
) -> NDArray[np.int16]:
    """Return the HU of a scan, resampled to its working grid.

    Parameters
    ----------
    hu
        int16, shape (z, y, x) of `scan`.

    Returns
    -------
    int16, shape (z, y, x) of `working_geometry(scan)`. Sagittal slices are contiguous in memory,
    because the networks read them in that order.
    """
    target = working_geometry(scan).shape_zyx
    taps_z, taps_y, taps_x = (
        averaging_taps(n, s, m)
        for n, s, m in zip(scan.shape_zyx, scan.spacing_zyx_mm, target, strict=True)
    )
    by_sagittal_slice = np.empty((target[2], target[0], target[1]), dtype=np.int16)
    band = max(1, ceil(target[0] / (threads * _BANDS_PER_THREAD)))

    def run(start: int) -> None:
        _resample_slices(
            hu, taps_z.first, taps_z.weights, taps_y.first, taps_y.weights, taps_y.counts,
            taps_x.first, taps_x.weights, taps_x.counts, start, min(start + band, target[0]),
            by_sagittal_slice,
        )  # fmt: skip

    starts = range(0, target[0], band)
    in_parallel(
        run, starts, threads=threads, on_done=lambda fraction: progress.step("resample", fraction)
    )
    return by_sagittal_slice.transpose(1, 2, 0)


#: Number of rows transposed at a time: a power of 2, as many as a cache line has floats.
_BLOCK_ROWS = 16
#: Choice: number of bands of output slices for each thread. With more, the work is distributed more
#: evenly, but more slices at the ends of bands are resampled twice.
_BANDS_PER_THREAD = 3


@numba.njit(nogil=True, cache=True, fastmath=True)
def _resample_slices(hu, first_z, w_z, first_y, w_y, n_y, first_x, w_x, n_x, start, stop, out):  # type: ignore[no-untyped-def]
    """Compute the output slices `start` to `stop` - 1.

    Each scan slice that they need is resampled once within its plane and stays in a ring buffer
    until no output slice needs it.

    Choice: z last, because in most scans slices are more than 1 mm apart and pixels less
    than 1 mm.
    """
    my, mx, taps_z = first_y.shape[0], first_x.shape[0], w_z.shape[1]
    block = np.zeros((2, _BLOCK_ROWS * hu.shape[2]), np.float32)
    ring = np.empty((mx, taps_z, -(-my // _BLOCK_ROWS) * _BLOCK_ROWS), np.float32)
    ring_weights = np.empty(taps_z, np.float32)
    summed = np.empty(my, np.float32)
    collapsed = first_z[start]
    for z in range(start, stop):
        first = first_z[z]
        for tap in range(taps_z):
            ring_weights[(first + tap) % taps_z] = w_z[z, tap]
        while collapsed < first + taps_z:
            _collapse(
                hu[collapsed], first_y, w_y, n_y, first_x, w_x, n_x, block, ring, collapsed % taps_z
            )
            collapsed += 1
        _collapse_slices(ring, ring_weights, summed, out, z)


@numba.njit(nogil=True, cache=True, fastmath=True)
def _collapse(plane, first_y, w_y, n_y, first_x, w_x, n_x, block, ring, slot):  # type: ignore[no-untyped-def]
    """Resample one slice within its plane into a slot of the ring buffer, stored by x, then y.

    Works on blocks of rows that fit into the first-level cache: resample y, transpose, resample x.
    Every inner loop runs along contiguous memory: over x before the transposition, over y after it.
    """
    rows = block[0].reshape(_BLOCK_ROWS, plane.shape[1])
    for first in range(0, first_y.shape[0], _BLOCK_ROWS):
        for row in range(min(_BLOCK_ROWS, first_y.shape[0] - first)):
            _weighted(plane, first_y[first + row], w_y, first + row, n_y[first + row], rows, row)
        _transpose(block)
        transposed = block[0].reshape(plane.shape[1], _BLOCK_ROWS)
        _collapse_columns(transposed, first_x, w_x, n_x, ring, slot, first)


@numba.njit(nogil=True, cache=True)
def _transpose(block):  # type: ignore[no-untyped-def]
    """Transpose a block of `_BLOCK_ROWS` consecutive rows to columns, in place.

    The second line of `block` is working memory. Interleaving the four quarters of a line moves the
    two highest bits of each value's index to the lowest position. The four highest bits are the
    row, so after two passes ``row * length + column`` has become ``column * 16 + row``.
    """
    _interleave_quarters(block[0], block[1])
    _interleave_quarters(block[1], block[0])


@numba.njit(nogil=True, cache=True)
def _interleave_quarters(line, out):  # type: ignore[no-untyped-def]
    quarter = np.uintp(line.shape[0] // 4)
    two, three, four = np.uintp(2), np.uintp(3), np.uintp(4)  # unsigned: no wrap-around
    for k in range(quarter):
        out[four * k] = line[k]
        out[four * k + np.uintp(1)] = line[quarter + k]
        out[four * k + two] = line[two * quarter + k]
        out[four * k + three] = line[three * quarter + k]


@numba.njit(nogil=True, cache=True, fastmath=True)
def _collapse_columns(lines, first_x, w_x, n_x, ring, slot, y):  # type: ignore[no-untyped-def]
    """Resample lines to the working grid along x; write them into `ring` from y on.

    The line length must be unknown at compile time: loops with few, known iterations are not
    vectorised.
    """
    # unsigned: no wrap-around
    one, slot, y, width = (
        np.uintp(1),
        np.uintp(slot),
        np.uintp(y),
        np.uintp(lines.shape[1]),
    )
    for x in range(np.uintp(first_x.shape[0])):
        first, a = np.uintp(first_x[x]), w_x[x, 0]
        if n_x[x] == 1:
            for i in range(width):
                ring[x, slot, y + i] = a * lines[first, i]
            continue
        b = w_x[x, 1]
        if n_x[x] == 2:
            for i in range(width):
                ring[x, slot, y + i] = a * lines[first, i] + b * lines[first + one, i]
            continue
        c = w_x[x, 2]
        for i in range(width):
            ring[x, slot, y + i] = (
                a * lines[first, i] + b * lines[first + one, i] + c * lines[first + np.uintp(2), i]
            )
        for tap in range(np.uintp(3), np.uintp(n_x[x])):
            a = w_x[x, tap]
            for i in range(width):
                ring[x, slot, y + i] += a * lines[first + tap, i]


@numba.njit(nogil=True, cache=True, fastmath=True)
def _collapse_slices(ring, weights, summed, out, z):  # type: ignore[no-untyped-def]
    """Write the weighted sum of the slices in the ring to output slice z, rounded to whole HU."""
    a, half = weights[0], np.float32(0.5)
    for x in range(out.shape[0]):
        if weights.shape[0] == 2:
            b = weights[1]
            for y in range(out.shape[2]):
                out[x, z, y] = np.int16(np.floor(a * ring[x, 0, y] + b * ring[x, 1, y] + half))
            continue
        for y in range(out.shape[2]):
            summed[y] = a * ring[x, 0, y]
        for tap in range(1, weights.shape[0]):
            c = weights[tap]
            for y in range(out.shape[2]):
                summed[y] += c * ring[x, tap, y]
        for y in range(out.shape[2]):
            out[x, z, y] = np.int16(np.floor(summed[y] + half))


@numba.njit(nogil=True, cache=True, fastmath=True)
def _weighted(lines, first, weights, row, count, out, to):  # type: ignore[no-untyped-def]
    """Write to line `to` of `out` the sum of `count` lines from `first` on.

    Their weights are those of row `row`.
    """
    length = out.shape[1]
    a = weights[row, 0]
    if count == 1:
        for i in range(length):
            out[to, i] = a * lines[first, i]
        return
    b = weights[row, 1]
    if count == 2:
        for i in range(length):
            out[to, i] = a * lines[first, i] + b * lines[first + 1, i]
        return
    c = weights[row, 2]
    if count == 3:
        for i in range(length):
            out[to, i] = a * lines[first, i] + b * lines[first + 1, i] + c * lines[first + 2, i]
        return
    d = weights[row, 3]
    for i in range(length):
        out[to, i] = (
            a * lines[first, i]
            + b * lines[first + 1, i]
            + c * lines[first + 2, i]
            + d * lines[first + 3, i]
        )
    for tap in range(4, count):
        a = weights[row, tap]
        for i in range(length):
            out[to, i] += a * lines[first + tap, i]
