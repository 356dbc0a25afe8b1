"""The compiled inner loops of `ruled`."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy")
_ONE = 2.0**32
_FRACTION = np.float32(2.0**-16)


@_compiled
def _between(one, other, fraction):  # type: ignore[no-untyped-def]
    # converted first, because differences of unsigned numbers would wrap around
    return np.float32(one) + fraction * (np.float32(other) - np.float32(one))


@_compiled
def _linear(hu, z, y, x, outside):  # type: ignore[no-untyped-def]
    """Return HU interpolated between eight voxel centres, or `outside`.

    The scan extends half a voxel beyond the outermost centres.
    """
    nz, ny, nx = hu.shape
    if z < -0.5 or y < -0.5 or x < -0.5 or z > nz - 0.5 or y > ny - 0.5 or x > nx - 0.5:
        return outside
    z = min(max(z, 0.0), nz - 1.0)
    y = min(max(y, 0.0), ny - 1.0)
    x = min(max(x, 0.0), nx - 1.0)
    z0, y0, x0 = int(z), int(y), int(x)
    z1, y1, x1 = min(z0 + 1, nz - 1), min(y0 + 1, ny - 1), min(x0 + 1, nx - 1)
    fz, fy, fx = np.float32(z - z0), np.float32(y - y0), np.float32(x - x0)
    a = _between(hu[z0, y0, x0], hu[z0, y0, x1], fx)
    b = _between(hu[z0, y1, x0], hu[z0, y1, x1], fx)
    c = _between(hu[z1, y0, x0], hu[z1, y0, x1], fx)
    d = _between(hu[z1, y1, x0], hu[z1, y1, x1], fx)
    upper = a + fy * (b - a)
    return upper + fz * (c + fy * (d - c) - upper)


@_compiled
def _columns_inside(start, step, count, last):  # type: ignore[no-untyped-def]
    """Return the range [first, end) of columns whose `start + column * step` is in [0, last).

    Rounded inwards, so up to one valid column may be missing at each end.
    """
    if step == 0.0:
        return (0, count) if 0.0 <= start < last else (0, 0)
    low, high = -start / step, (last - start) / step
    if step < 0.0:
        low, high = high, low
    low, high = max(low, 0.0), min(high, float(count))
    return (int(np.ceil(low)) + 1, int(np.ceil(high)) - 1) if low < high else (0, 0)


@_compiled
def _sample_row(hu, z, y, x, dz, dy, dx, outside, out):  # type: ignore[no-untyped-def]
    """Write one row of samples.

    Where the row is inside the scan, nothing is checked, and positions are fixed-point numbers in
    units of 2**-32 voxels: the upper half of such an integer is the voxel, the lower half the
    fraction towards the next one.
    """
    nz, ny, nx = hu.shape
    columns = out.shape[0]
    first_z, end_z = _columns_inside(z, dz, columns, nz - 1.0)
    first_y, end_y = _columns_inside(y, dy, columns, ny - 1.0)
    first_x, end_x = _columns_inside(x, dx, columns, nx - 1.0)
    first, end = max(first_z, first_y, first_x), min(end_z, end_y, end_x)
    if first >= end:
        first, end = 0, 0
    for c in range(first):
        out[c] = _linear(hu, z + c * dz, y + c * dy, x + c * dx, outside)
    for c in range(end, columns):
        out[c] = _linear(hu, z + c * dz, y + c * dy, x + c * dx, outside)
    at_z, at_y, at_x = (
        np.int64((z + first * dz) * _ONE),
        np.int64((y + first * dy) * _ONE),
        np.int64((x + first * dx) * _ONE),
    )
    step_z, step_y, step_x = np.int64(dz * _ONE), np.int64(dy * _ONE), np.int64(dx * _ONE)
    for c in range(np.uintp(first), np.uintp(end)):  # unsigned, here and below: no wrap-around
        z0, y0, x0 = np.uintp(at_z >> 32), np.uintp(at_y >> 32), np.uintp(at_x >> 32)
        z1, y1, x1 = z0 + np.uintp(1), y0 + np.uintp(1), x0 + np.uintp(1)
        fz = np.float32(np.int32((at_z >> 16) & 0xFFFF)) * _FRACTION
        fy = np.float32(np.int32((at_y >> 16) & 0xFFFF)) * _FRACTION
        fx = np.float32(np.int32((at_x >> 16) & 0xFFFF)) * _FRACTION
        a0, a1 = np.float32(hu[z0, y0, x0]), np.float32(hu[z0, y0, x1])
        b0, b1 = np.float32(hu[z0, y1, x0]), np.float32(hu[z0, y1, x1])
        c0, c1 = np.float32(hu[z1, y0, x0]), np.float32(hu[z1, y0, x1])
        d0, d1 = np.float32(hu[z1, y1, x0]), np.float32(hu[z1, y1, x1])
        a = a0 + fx * (a1 - a0)
        b = b0 + fx * (b1 - b0)
        c_ = c0 + fx * (c1 - c0)
        d = d0 + fx * (d1 - d0)
        upper = a + fy * (b - a)
        out[c] = upper + fz * (c_ + fy * (d - c_) - upper)
        at_z += step_z
        at_y += step_y
        at_x += step_x


@_compiled
def sample_linear(hu, origins, steps, normals, offsets, is_mean, outside, first, end, out):  # type: ignore[no-untyped-def]
    """Write rows first to end - 1: the maximum or mean over all offsets along the normal."""
    columns = out.shape[1]
    row, combined = np.empty(columns, np.float32), np.empty(columns, np.float32)
    count = offsets.shape[0]
    for r in range(first, end):
        for k in range(count):
            offset = offsets[k]
            z = origins[r, 0] + offset * normals[r, 0]
            y = origins[r, 1] + offset * normals[r, 1]
            x = origins[r, 2] + offset * normals[r, 2]
            _sample_row(
                hu, z, y, x, steps[r, 0], steps[r, 1], steps[r, 2], np.float32(outside), row
            )
            if k == 0:
                combined[:] = row
            elif is_mean:
                combined += row
            else:
                for c in range(columns):
                    combined[c] = max(combined[c], row[c])
        fraction = np.float32(1.0 / count) if is_mean else np.float32(1.0)
        for c in range(columns):
            out[r, c] = np.int16(np.floor(combined[c] * fraction + np.float32(0.5)))


@_compiled
def sample_values(values, origins, steps, first, end, out):  # type: ignore[no-untyped-def]
    """Write rows first to end - 1: values interpolated between voxels, 0 outside."""
    for r in range(first, end):
        _sample_row(
            values,
            origins[r, 0],
            origins[r, 1],
            origins[r, 2],
            steps[r, 0],
            steps[r, 1],
            steps[r, 2],
            np.float32(0.0),
            out[r],
        )


@_compiled
def sample_nearest(voxels, origins, steps, out):  # type: ignore[no-untyped-def]
    """Give each pixel the value of the nearest voxel; False or 0 outside the scan."""
    nz, ny, nx = voxels.shape
    rows, columns = out.shape
    for r in range(rows):
        at_z, at_y, at_x = (
            np.int64(np.floor((origins[r, 0] + 0.5) * _ONE)),
            np.int64(np.floor((origins[r, 1] + 0.5) * _ONE)),
            np.int64(np.floor((origins[r, 2] + 0.5) * _ONE)),
        )
        step_z, step_y, step_x = (
            np.int64(steps[r, 0] * _ONE),
            np.int64(steps[r, 1] * _ONE),
            np.int64(steps[r, 2] * _ONE),
        )
        for c in range(columns):
            # as unsigned numbers, negative indices are past the end
            z, y, x = np.uintp(at_z >> 32), np.uintp(at_y >> 32), np.uintp(at_x >> 32)
            out[r, c] = (
                voxels[z, y, x]
                if z < np.uintp(nz) and y < np.uintp(ny) and x < np.uintp(nx)
                else False
            )
            at_z += step_z
            at_y += step_y
            at_x += step_x
