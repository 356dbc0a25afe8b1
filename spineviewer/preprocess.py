"""Preparation of scans for the networks. Paper: §3 (anisotropic diffusion, 1 mm isotropic)."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from spineviewer.model import PreprocessSettings
from spineviewer.progress import Progress
from spineviewer.threads import in_parallel
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.metal import reduce_metal_streaks
from spineviewer.volume.resample import resample_to_working
from spineviewer.volume.volume import AIR_HU, CtVolume
from spineviewer.volume.working_grid import working_geometry

#: Choice: largest number of slices that a thread smooths at a time; with more, cancellation would
#: take longer.
_MAX_BAND = 64


@dataclass(frozen=True)
class WorkingVolume:
    """A scan on the 1 mm working grid.

    Attributes
    ----------
    hu
        int16, shape (z, y, x) of `geometry`; memory ordered by sagittal slice.
    scan
        Geometry of the original scan.
    """

    hu: NDArray[np.int16]
    geometry: Geometry
    scan: Geometry


def working_volume(
    volume: CtVolume, settings: PreprocessSettings, *, threads: int, progress: Progress
) -> WorkingVolume:
    """Return a scan after diffusion and reduction of metal streaks, on the 1 mm working grid."""
    smooth = diffused(volume.hu, volume.geometry, settings, threads=threads, progress=progress)
    hu = resample_to_working(smooth, volume.geometry, threads=threads, progress=progress)
    reduce_metal_streaks(hu, settings.metal_hu, threads=threads, progress=progress)
    return WorkingVolume(hu, working_geometry(volume.geometry), volume.geometry)


def scaled(
    hu: NDArray[np.int16] | NDArray[np.float32], settings: PreprocessSettings
) -> NDArray[np.float32]:
    """Return HU (int16 or float32, any shape) clipped and scaled to [0, 1], as float32."""
    unit = hu.astype(np.float32)
    unit -= settings.lowest_hu
    unit /= settings.highest_hu - settings.lowest_hu
    return np.clip(unit, 0.0, 1.0, out=unit)


def scale_slices(
    by_slice: NDArray[np.int16], settings: PreprocessSettings, out: NDArray[np.float32]
) -> None:
    """Write clipped and scaled HU into existing memory, slice by slice in several threads.

    Parameters
    ----------
    by_slice
        int16, shape (slices, rows, columns).
    out
        float32, shape (slices, rows or more, columns or more).
    """
    _, rows, columns = by_slice.shape
    low, span = (
        np.float32(settings.lowest_hu),
        np.float32(settings.highest_hu - settings.lowest_hu),
    )
    in_parallel(
        lambda index: _scale_slice(by_slice[index], low, span, out[index, :rows, :columns]),
        range(len(by_slice)),
    )


@numba.njit("void(int16[:,:], float32, float32, float32[:,:])", nogil=True, cache=True)
def _scale_slice(hu, low, span, out):  # type: ignore[no-untyped-def]
    for row in range(hu.shape[0]):
        for column in range(hu.shape[1]):
            out[row, column] = min(
                max((np.float32(hu[row, column]) - low) / span, np.float32(0.0)), np.float32(1.0)
            )


def diffused(
    hu: NDArray[np.int16],
    geometry: Geometry,
    settings: PreprocessSettings,
    *,
    threads: int,
    progress: Progress,
) -> NDArray[np.int16]:
    """Return HU after Perona-Malik anisotropic diffusion. Paper: §3.

    It smooths homogeneous regions and preserves edges. Each step adds, for each of the six
    neighbours at distance h, ``dt / h^2 * g(d) * d`` with the difference d in HU and ``g(d) = 1 /
    (1 + (d / conductance)^2)``. Choice: dt is 0.8 of the largest stable step at this spacing.
    Values below -1024 HU (padding) count as air. The result is rounded to whole HU.

    Choice: slices stream through all iterations at the same time, so that only a few slices are in
    memory in addition to input and output.

    Parameters
    ----------
    hu
        int16, shape (z, y, x) of `geometry`.

    Returns
    -------
    int16, same shape.
    """
    if settings.diffusion_iterations == 0:
        return np.maximum(hu, np.int16(AIR_HU))
    inverse_squares = np.array([1.0 / s**2 for s in geometry.spacing_zyx_mm])
    step = 0.8 / (2 * inverse_squares.sum())
    rates = (step * inverse_squares).astype(np.float32)
    out = np.empty_like(hu)
    band = min(_MAX_BAND, max(16, -(-hu.shape[0] // (threads * 4))))
    starts = range(0, hu.shape[0], band)

    def run(start: int) -> None:
        _diffuse_band(
            hu,
            start,
            min(start + band, hu.shape[0]),
            rates,
            settings.conductance_hu,
            settings.diffusion_iterations,
            out,
        )

    in_parallel(
        run, starts, threads=threads, on_done=lambda fraction: progress.step("diffusion", fraction)
    )
    return out


@numba.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def _diffuse_band(hu, start, stop, rates, conductance, iterations, out):  # type: ignore[no-untyped-def]
    """Compute the slices `start` to `stop` - 1 of the result.

    Slice z after iteration t needs slices z-1, z, z+1 after iteration t-1, so each iteration runs
    one slice behind the previous one, and a ring of three slices per iteration is enough::

        input      z+3
        after 1        z+2  z+1  z
        after 2             z+1  z    z-1
        after 3                  z    z-1  ...
    """
    nz, ny, nx = hu.shape
    first = max(0, start - iterations)
    last = min(nz, stop + iterations)
    rings = np.empty((iterations + 1, 3, ny, nx), np.float32)
    inverse_square = np.float32(1.0 / (conductance * conductance))
    for arriving in range(first, last + iterations):
        if arriving < last:
            slot = rings[0, arriving % 3]
            for y in range(ny):
                for x in range(nx):
                    slot[y, x] = max(hu[arriving, y, x], AIR_HU)
        for t in range(1, iterations + 1):
            z = arriving - t
            # slices beyond the band that later iterations still read
            beyond = iterations - t
            if max(first, start - beyond) <= z < min(last, stop + beyond):
                source = rings[t - 1]
                _diffuse_slice(source[max(z - 1, first) % 3], source[z % 3], source[min(z + 1,
                last - 1) % 3],
                               rates, inverse_square, rings[t, z % 3])  # fmt: skip
        z = arriving - iterations
        if start <= z < stop:
            done = rings[iterations, z % 3]
            for y in range(ny):
                for x in range(nx):
                    out[z, y, x] = np.int16(np.floor(done[y, x] + np.float32(0.5)))


@numba.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def _diffuse_slice(below, here, above, rates, inverse_square, out):  # type: ignore[no-untyped-def]
    """Compute one iteration of one slice; there is no flow across the border of the scan."""
    ny, nx = here.shape
    padded = np.empty(nx + 2, np.float32)
    for y in range(ny):
        padded[1:-1] = here[y]
        padded[0], padded[-1] = padded[1], padded[-2]
        _diffuse_row(
            padded[:-2], padded[1:-1], padded[2:], here[max(y - 1, 0)], here[min(y + 1, ny - 1)],
            below[y], above[y],
            rates[0], rates[1], rates[2], inverse_square, out[y],
        )  # fmt: skip


@numba.njit(nogil=True, fastmath=True, error_model="numpy", inline="always")
def _flow(one, other, inverse_square):  # type: ignore[no-untyped-def]
    """Return the sum of d / (1 + (d / conductance)^2) over two differences d, with one division."""
    one_denominator = np.float32(1.0) + one * one * inverse_square
    other_denominator = np.float32(1.0) + other * other * inverse_square
    return (one * other_denominator + other * one_denominator) / (
        one_denominator * other_denominator
    )


@numba.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def _diffuse_row(  # type: ignore[no-untyped-def]
    right, here, left, front, back, below, above, rate_z, rate_y, rate_x, inverse_square, out
):
    """Compute one row.

    The neighbours are passed as separate rows, so that the loop is vectorised.
    """
    for x in range(out.shape[0]):
        v = here[x]
        out[x] = (
            v
            + rate_x * _flow(right[x] - v, left[x] - v, inverse_square)
            + rate_y * _flow(front[x] - v, back[x] - v, inverse_square)
            + rate_z * _flow(below[x] - v, above[x] - v, inverse_square)
        )
