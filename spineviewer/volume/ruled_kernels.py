"""The inner loops of `ruled`."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def _linear(hu, z, y, x, outside):  # type: ignore[no-untyped-def]
    """HU between eight voxel centres; half a voxel beyond the outermost centres still belongs to the scan."""
    nz, ny, nx = hu.shape
    if z < -0.5 or y < -0.5 or x < -0.5 or z > nz - 0.5 or y > ny - 0.5 or x > nx - 0.5:
        return outside
    z = min(max(z, 0.0), nz - 1.0)
    y = min(max(y, 0.0), ny - 1.0)
    x = min(max(x, 0.0), nx - 1.0)
    z0, y0, x0 = int(z), int(y), int(x)
    z1, y1, x1 = min(z0 + 1, nz - 1), min(y0 + 1, ny - 1), min(x0 + 1, nx - 1)
    fz, fy, fx = np.float32(z - z0), np.float32(y - y0), np.float32(x - x0)
    a = hu[z0, y0, x0] + fx * (hu[z0, y0, x1] - hu[z0, y0, x0])
    b = hu[z0, y1, x0] + fx * (hu[z0, y1, x1] - hu[z0, y1, x0])
    c = hu[z1, y0, x0] + fx * (hu[z1, y0, x1] - hu[z1, y0, x0])
    d = hu[z1, y1, x0] + fx * (hu[z1, y1, x1] - hu[z1, y1, x0])
    upper = a + fy * (b - a)
    return upper + fz * (c + fy * (d - c) - upper)


@_compiled
def _sample_row(hu, z, y, x, dz, dy, dx, outside, out):  # type: ignore[no-untyped-def]
    """One row of samples; inside the scan without a question asked."""
    nz, ny, nx = hu.shape
    for c in range(out.shape[0]):
        if 0.0 <= z < nz - 1 and 0.0 <= y < ny - 1 and 0.0 <= x < nx - 1:
            z0, y0, x0 = np.uintp(z), np.uintp(y), np.uintp(x)  # unsigned: no wrap-around
            z1, y1, x1 = z0 + np.uintp(1), y0 + np.uintp(1), x0 + np.uintp(1)
            fz, fy, fx = np.float32(z - z0), np.float32(y - y0), np.float32(x - x0)
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
        else:
            out[c] = _linear(hu, z, y, x, outside)
        z += dz
        y += dy
        x += dx


@_compiled
def sample_linear(hu, origins, steps, normals, offsets, is_mean, outside, first, end, out):  # type: ignore[no-untyped-def]
    """Rows first to end, each pixel the maximum or mean of the values at all offsets along the row's normal."""
    columns = out.shape[1]
    row, together = np.empty(columns, np.float32), np.empty(columns, np.float32)
    count = offsets.shape[0]
    for r in range(first, end):
        for k in range(count):
            far = offsets[k]
            z = origins[r, 0] + far * normals[r, 0]
            y = origins[r, 1] + far * normals[r, 1]
            x = origins[r, 2] + far * normals[r, 2]
            _sample_row(hu, z, y, x, steps[r, 0], steps[r, 1], steps[r, 2], np.float32(outside), row)
            if k == 0:
                together[:] = row
            elif is_mean:
                together += row
            else:
                for c in range(columns):
                    together[c] = max(together[c], row[c])
        share = np.float32(1.0 / count) if is_mean else np.float32(1.0)
        for c in range(columns):
            out[r, c] = np.int16(np.floor(together[c] * share + np.float32(0.5)))


@_compiled
def sample_values(values, origins, steps, first, end, out):  # type: ignore[no-untyped-def]
    """Rows first to end of values between voxels, 0 outside."""
    for r in range(first, end):
        _sample_row(
            values, origins[r, 0], origins[r, 1], origins[r, 2], steps[r, 0], steps[r, 1], steps[r, 2], np.float32(0.0), out[r]
        )


@_compiled
def sample_nearest(voxels, origins, steps, out):  # type: ignore[no-untyped-def]
    """Each pixel the value of the nearest voxel, False outside."""
    nz, ny, nx = voxels.shape
    rows, columns = out.shape
    for r in range(rows):
        for c in range(columns):
            z = int(np.floor(origins[r, 0] + c * steps[r, 0] + 0.5))
            y = int(np.floor(origins[r, 1] + c * steps[r, 1] + 0.5))
            x = int(np.floor(origins[r, 2] + c * steps[r, 2] + 0.5))
            inside = z >= 0 and y >= 0 and x >= 0 and z < nz and y < ny and x < nx
            out[r, c] = voxels[z, y, x] if inside else False
