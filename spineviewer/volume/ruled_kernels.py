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
def sample_linear(hu, origins, steps, normals, offsets, is_mean, outside, out):  # type: ignore[no-untyped-def]
    """Each pixel the maximum or mean of the values at all offsets along the row's normal."""
    rows, columns = out.shape
    for r in range(rows):
        for c in range(columns):
            z = origins[r, 0] + c * steps[r, 0]
            y = origins[r, 1] + c * steps[r, 1]
            x = origins[r, 2] + c * steps[r, 2]
            total, largest = np.float32(0.0), np.float32(-32768.0)
            for k in range(offsets.shape[0]):
                far = offsets[k]
                value = np.float32(
                    _linear(
                        hu,
                        z + far * normals[r, 0],
                        y + far * normals[r, 1],
                        x + far * normals[r, 2],
                        np.float32(outside),
                    )
                )
                total += value
                largest = max(largest, value)
            result = total / np.float32(offsets.shape[0]) if is_mean else largest
            out[r, c] = np.int16(np.floor(result + np.float32(0.5)))


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
