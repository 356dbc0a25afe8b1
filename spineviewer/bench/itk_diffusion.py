"""Anisotropic diffusion with ITK's formula, for the benchmark against SimpleITK.

It computes the same as ``itk::GradientAnisotropicDiffusionImageFilter``. The flow through the face
between two neighbours at distance h along axis i is::

    flow = d exp( -(d^2 + sum over the other axes of (mean of both voxels' central differences)^2) /
    (2 c^2 m) )

d is the difference of the neighbours, the one at the higher index minus the other, divided by h.
The flow is positive towards the lower index. c is the conductance parameter, and m is the mean
squared gradient of the whole image, recomputed before each iteration; cropping a scan therefore
changes every voxel. The flow through each face is computed once, for the voxels on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from spineviewer.threads import in_parallel
from spineviewer.volume.geometry import Geometry

_compiled: Any = numba.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
_BAND = 8
#: Exponents are clipped to -16..0 and divided by this power of 2; the result is then squared once
#: for each factor of 2.
_EXPONENT_SCALE = 16.0


@dataclass(frozen=True)
class ItkDiffusion:
    """Parameters of SimpleITK's GradientAnisotropicDiffusion."""

    time_step: float = 0.04
    conductance: float = 1.0
    iterations: int = 5


def diffused_as_itk(
    values: NDArray[np.float32], geometry: Geometry, settings: ItkDiffusion, *, threads: int
) -> NDArray[np.float32]:
    """Return the image after anisotropic diffusion: float32, shape (z, y, x), like `values`.

    Choice: the exponential is approximated by a polynomial with a relative error of 2e-5, which a
    processor can evaluate for eight voxels at a time.
    """
    scales = np.array([1.0 / s for s in geometry.spacing_zyx_mm], np.float32)
    here, there = np.array(values, np.float32, order="C"), np.empty(values.shape, np.float32)
    starts = range(0, values.shape[0], _BAND)
    for _ in range(settings.iterations):
        stop = values.shape[0]
        sums = in_parallel(
            lambda z: _squared_gradients(here, scales, z, min(z + _BAND, stop)),  # noqa: B023
            starts,
            threads=threads,
        )
        mean = sum(sums) / values.size
        inverse = (
            np.float32(-1.0 / (2.0 * settings.conductance**2 * mean * _EXPONENT_SCALE))
            if mean > 0
            else np.float32(0)
        )
        in_parallel(
            lambda z: _iterate(
                here,  # noqa: B023
                scales,
                inverse,  # noqa: B023
                np.float32(settings.time_step),
                z,
                min(z + _BAND, stop),  # noqa: B023
                there,  # noqa: B023
            ),
            starts,
            threads=threads,
        )
        here, there = there, here
    return here


@_compiled
def _squared_gradients(image, scales, first, last):  # type: ignore[no-untyped-def]
    """Return the sum of squared central differences over slices first..last-1."""
    nz, ny, _ = image.shape
    total = 0.0
    for z in range(first, last):
        below, above = image[max(z - 1, 0)], image[min(z + 1, nz - 1)]
        for y in range(ny):
            row, before, after = image[z, y], image[z, max(y - 1, 0)], image[z, min(y + 1, ny - 1)]
            total += _row_of_squares(row, before, after, below[y], above[y], scales)
    return total


@_compiled
def _row_of_squares(row, before, after, below, above, scales):  # type: ignore[no-untyped-def]
    half = np.float32(0.5)
    size = row.shape[0]
    sums = np.float32(0.0)
    for x in range(size):
        dz, dy = half * scales[0] * (above[x] - below[x]), half * scales[1] * (after[x] - before[x])
        sums += dz * dz + dy * dy
    for x in range(1, size - 1):
        dx = half * scales[2] * (row[x + 1] - row[x - 1])
        sums += dx * dx
    if size > 1:
        for dx in (
            half * scales[2] * (row[1] - row[0]),
            half * scales[2] * (row[size - 1] - row[size - 2]),
        ):
            sums += dx * dx
    return np.float64(sums)


@_compiled
def _differences(low, high, scale, out):  # type: ignore[no-untyped-def]
    """Write halved central differences, so that the sum of two voxels' values is their mean."""
    for x in range(out.shape[0]):
        out[x] = np.float32(0.25) * scale * (high[x] - low[x])


@_compiled
def _differences_along(row, scale, out):  # type: ignore[no-untyped-def]
    """Write the differences along the row itself; its end values are repeated beyond the ends."""
    size = row.shape[0]
    _differences(row[:-2], row[2:], scale, out[1:-1])
    out[0] = np.float32(0.25) * scale * (row[min(1, size - 1)] - row[0])
    out[size - 1] = np.float32(0.25) * scale * (row[size - 1] - row[max(0, size - 2)])


@_compiled
def _flows(one, other, scale, one_a, other_a, one_b, other_b, inverse, out):  # type: ignore[no-untyped-def]
    """Write the flow between two rows, from their halved differences along the other axes."""
    for x in range(out.shape[0]):
        d = (other[x] - one[x]) * scale
        a, b = one_a[x] + other_a[x], one_b[x] + other_b[x]
        t = max((d * d + a * a + b * b) * inverse, np.float32(-1.0))
        # exp(t) for -1 <= t <= 0, with the smallest relative error (7e-7) that a polynomial of this
        # degree can have
        root = np.float32(0.999999327) + t * (
            np.float32(0.99995752)
            + t
            * (
                np.float32(0.49954306)
                + t
                * (
                    np.float32(0.16480392)
                    + t * (np.float32(0.03810772) + t * np.float32(0.00500948))
                )
            )
        )
        root *= root
        root *= root
        root *= root
        root *= root
        out[x] = d * root


@_compiled
def _add(row, before, after, along, below, above, step, out):  # type: ignore[no-untyped-def]
    """Write a row plus the flows from higher indices minus the flows to lower ones."""
    for x in range(out.shape[0]):
        gained, lost = after[x] + along[x + 1] + above[x], before[x] + along[x] + below[x]
        out[x] = row[x] + step * (gained - lost)


@_compiled
def _iterate(image, scales, inverse, step, first, last, out):  # type: ignore[no-untyped-def]
    """Compute one iteration of the slices first..last-1.

    Differences are stored only for a few rows, which stay in the processor's L1 cache.
    """
    nz, ny, nx = image.shape
    # flows through the faces between a slice and the slice below
    upwards = np.zeros((ny, nx), np.float32)
    rising = np.zeros(nx, np.float32)  # flows between this row and the slice above
    # flows between this row and the previous one, and the next one, alternating
    between = np.empty((2, nx), np.float32)
    along = np.zeros(nx + 1, np.float32)  # flow between each voxel and the one before it
    # differences along z and x of the rows y and y + 1, alternating
    across = np.empty((2, 2, nx), np.float32)
    down = np.empty(nx, np.float32)  # difference along y of this row
    above = np.empty((2, nx), np.float32)  # differences along y and x of the row above
    for z in range(max(first - 1, 0), last):
        between[0] = 0.0
        _differences_across(image, scales, z, 0, across[0])
        for y in range(ny):
            row, here, following = image[z, y], across[y % 2], across[(y + 1) % 2]
            before, after = between[y % 2], between[(y + 1) % 2]
            _differences(image[z, max(y - 1, 0)], image[z, min(y + 1, ny - 1)], scales[1], down)
            if z + 1 < nz:
                _differences(
                    image[z + 1, max(y - 1, 0)],
                    image[z + 1, min(y + 1, ny - 1)],
                    scales[1],
                    above[0],
                )
                _differences_along(image[z + 1, y], scales[2], above[1])
                _flows(
                    row,
                    image[z + 1, y],
                    scales[0],
                    down,
                    above[0],
                    here[1],
                    above[1],
                    inverse,
                    rising,
                )
            else:
                rising[:] = 0.0
            if y + 1 < ny:
                _differences_across(image, scales, z, y + 1, following)
            if z >= first:
                if y + 1 < ny:
                    _flows(
                        row,
                        image[z, y + 1],
                        scales[1],
                        here[0],
                        following[0],
                        here[1],
                        following[1],
                        inverse,
                        after,
                    )
                else:
                    after[:] = 0.0
                _flows(
                    row[:-1],
                    row[1:],
                    scales[2],
                    here[0, :-1],
                    here[0, 1:],
                    down[:-1],
                    down[1:],
                    inverse,
                    along[1:nx],
                )
                _add(row, before, after, along, upwards[y], rising, step, out[z, y])
            upwards[y] = rising


@_compiled
def _differences_across(image, scales, z, y, out):  # type: ignore[no-untyped-def]
    """Write the central differences of a row along z and x."""
    _differences(
        image[max(z - 1, 0), y], image[min(z + 1, image.shape[0] - 1), y], scales[0], out[0]
    )
    _differences_along(image[z, y], scales[2], out[1])
