"""The 1 mm working grid that the networks see, and the way onto it.

::

    scan edge                                      scan edge
    |<------------------ extent mm ------------------>|
    |   o       o       o       o       o       o     |     scan voxels, centres at (j + 0.5) * spacing
    | x   x   x   x   x   x   x   x   x   x   x   x   x     working voxels, centres at i + 0.5 (n = ceil(extent))
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numba
import numpy as np
from numpy.typing import NDArray

from spineviewer.progress import Progress
from spineviewer.threads import in_parallel
from spineviewer.volume.geometry import Geometry

WORKING_SPACING_MM = 1.0


def working_geometry(scan: Geometry) -> Geometry:
    """The 1 mm isotropic grid along the scan's own axes that covers it from voxel edge to voxel edge.

    Paper: §3. Choice: n = ceil(extent), first centre 0.5 mm inside the first edge.
    """
    shape = tuple(max(1, ceil(round(extent, 6))) for extent in scan.extent_zyx_mm)
    first = [index_from_working(0.0, spacing) for spacing in scan.spacing_zyx_mm]
    return Geometry(
        shape_zyx=(shape[0], shape[1], shape[2]),
        spacing_zyx_mm=(WORKING_SPACING_MM,) * 3,
        origin_lps_mm=tuple(scan.point_lps_mm(first).tolist()),
        axes_lps=scan.axes_lps,
    )


def index_from_working(working_index: float, spacing_mm: float) -> float:
    """Fractional scan index along an axis of a working-grid index."""
    return (working_index + 0.5) / spacing_mm - 0.5


def working_from_index(index: NDArray[np.float64] | float, spacing_mm: float) -> NDArray[np.float64] | float:
    """Fractional working-grid index along an axis of a scan index; the inverse of `index_from_working`."""
    return (index + 0.5) * spacing_mm - 0.5


@dataclass(frozen=True)
class AxisTaps:
    """For each output position of one axis the first input position and the weights of the following ones.

    Attributes
    ----------
    first
        int64, shape (outputs,).
    weights
        float32, shape (outputs, taps); each row sums to 1.
    """

    first: NDArray[np.int64]
    weights: NDArray[np.float32]


def averaging_taps(inputs: int, spacing_mm: float, outputs: int) -> AxisTaps:
    """Linear interpolation that averages where it makes coarser.

    Choice: a triangle as wide as the coarser of the two grids, so that thin cortex is averaged and never skipped;
    equal to linear interpolation where the scan is coarser than 1 mm. Outside the scan its edge voxel continues.
    """
    reach = max(1.0, WORKING_SPACING_MM / spacing_mm)
    taps = int(np.floor(2 * reach)) + 1
    centres = np.array([index_from_working(i, spacing_mm) for i in range(outputs)])
    lowest = np.ceil(centres - reach).astype(np.int64)
    positions = lowest[:, None] + np.arange(taps)
    raw = np.clip(1 - np.abs(positions - centres[:, None]) / reach, 0, None)
    raw /= raw.sum(axis=1, keepdims=True)
    first = np.clip(lowest, 0, max(0, inputs - taps))
    width = min(taps, inputs)
    weights = np.zeros((outputs, width))
    for tap in range(taps):  # weights that fall outside are gathered at the edge voxel
        inside = np.clip(positions[:, tap], 0, inputs - 1) - first
        np.add.at(weights, (np.arange(outputs), np.clip(inside, 0, width - 1)), raw[:, tap])
    return AxisTaps(first, weights.astype(np.float32))


def resampled(
    hu: NDArray[np.int16], scan: Geometry, *, threads: int, progress: Progress, stage: str = "resample"
) -> NDArray[np.int16]:
    """HU on the working grid of `scan`.

    Parameters
    ----------
    hu
        int16, shape (z, y, x) of `scan`.

    Returns
    -------
    int16, shape (z, y, x) of `working_geometry(scan)`. The memory lies sagittal slice by sagittal slice, because the
    networks read it that way.
    """
    target = working_geometry(scan).shape_zyx
    taps_z, taps_y, taps_x = (
        averaging_taps(n, s, m) for n, s, m in zip(scan.shape_zyx, scan.spacing_zyx_mm, target, strict=True)
    )
    by_sagittal_slice = np.empty((target[2], target[0], target[1]), dtype=np.int16)
    band = 8

    def run(start: int) -> None:
        _resample_rows(
            hu, taps_z.first, taps_z.weights, taps_y.first, taps_y.weights, taps_x.first, taps_x.weights,
            start, min(start + band, target[0]), by_sagittal_slice,
        )  # fmt: skip

    starts = range(0, target[0], band)
    in_parallel(run, starts, threads=threads, on_done=lambda share: progress.step(stage, share))
    return by_sagittal_slice.transpose(1, 2, 0)


#: Rows that are turned at a time: few enough for the cache, enough to fill its lines.
_TURNED = 16


@numba.njit(nogil=True, cache=True, fastmath=True)
def _resample_rows(hu, first_z, w_z, first_y, w_y, first_x, w_x, start, stop, out):  # type: ignore[no-untyped-def]
    """Rows start..stop of the z axis: collapse z, then y, turn the plane, collapse x; each intermediate fits the cache.

    Every inner loop runs along memory, over x before the turn and over y after it, as the output lies.
    """
    _, ny, nx = hu.shape
    my, mx = first_y.shape[0], first_x.shape[0]
    plane = np.empty((ny, nx), np.float32)
    rows = np.empty((_TURNED, nx), np.float32)
    turned = np.empty((nx, my), np.float32)
    sums = np.empty(my, np.float32)
    half = np.float32(0.5)
    for z in range(start, stop):
        for y in range(ny):
            _weighted(hu[:, y], first_z[z], w_z[z], plane[y])
        for first in range(0, my, _TURNED):
            count = min(_TURNED, my - first)
            for row in range(count):
                _weighted(plane, first_y[first + row], w_y[first + row], rows[row])
            for x in range(nx):
                for row in range(count):
                    turned[x, first + row] = rows[row, x]
        for x in range(mx):
            _weighted(turned, first_x[x], w_x[x], sums)
            line = out[x, z]
            for y in range(my):
                line[y] = np.int16(np.floor(sums[y] + half))


@numba.njit(nogil=True, cache=True, fastmath=True)
def _weighted(lines, first, weights, out):  # type: ignore[no-untyped-def]
    """The sum of the lines from `first` on, each times its weight; up to three in one pass over memory."""
    low, high = 0, weights.shape[0]
    while low < high - 1 and weights[low] == 0.0:
        low += 1
    while high - 1 > low and weights[high - 1] == 0.0:
        high -= 1
    count = high - low
    a, w_a = lines[first + low], weights[low]
    if count == 1:
        for index in range(out.shape[0]):
            out[index] = w_a * a[index]
        return
    b, w_b = lines[first + low + 1], weights[low + 1]
    if count == 2:
        for index in range(out.shape[0]):
            out[index] = w_a * a[index] + w_b * b[index]
        return
    c, w_c = lines[first + low + 2], weights[low + 2]
    for index in range(out.shape[0]):
        out[index] = w_a * a[index] + w_b * b[index] + w_c * c[index]
    for tap in range(low + 3, high):
        a, w_a = lines[first + tap], weights[tap]
        for index in range(out.shape[0]):
            out[index] += w_a * a[index]
