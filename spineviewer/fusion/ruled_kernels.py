"""The inner loop of fusion along surfaces that no array axis knows."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def attention_ruled(cells, along_z, along_y, along_x, origins, steps, out):  # type: ignore[no-untyped-def]
    """The smoothed map at fractional voxels: the operators' rows are linear between voxels, so their blends are exact."""
    nz, ny, nx = along_z.by_voxel.shape[0], along_y.by_voxel.shape[0], along_x.by_voxel.shape[0]
    one = np.float32(1.0)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            z = origins[r, 0] + c * steps[r, 0]
            y = origins[r, 1] + c * steps[r, 1]
            x = origins[r, 2] + c * steps[r, 2]
            if min(z, y, x) < -1.0 or z > nz or y > ny or x > nx:
                out[r, c] = 0.0
                continue
            z, y, x = min(max(z, 0.0), nz - 1.0), min(max(y, 0.0), ny - 1.0), min(max(x, 0.0), nx - 1.0)
            z0, y0, x0 = int(z), int(y), int(x)
            z1, y1, x1 = min(z0 + 1, nz - 1), min(y0 + 1, ny - 1), min(x0 + 1, nx - 1)
            fz, fy, fx = np.float32(z - z0), np.float32(y - y0), np.float32(x - x0)
            value = np.float32(0.0)
            first_k = min(along_x.first_cell[x0], along_x.first_cell[x1])
            last_k = max(along_x.last_cell[x0], along_x.last_cell[x1])
            for i in range(
                min(along_z.first_cell[z0], along_z.first_cell[z1]), max(along_z.last_cell[z0], along_z.last_cell[z1])
            ):
                at_z = (one - fz) * along_z.by_voxel[z0, i] + fz * along_z.by_voxel[z1, i]
                for j in range(
                    min(along_y.first_cell[y0], along_y.first_cell[y1]), max(along_y.last_cell[y0], along_y.last_cell[y1])
                ):
                    at_zy = at_z * ((one - fy) * along_y.by_voxel[y0, j] + fy * along_y.by_voxel[y1, j])
                    for k in range(first_k, last_k):
                        at_x = (one - fx) * along_x.by_voxel[x0, k] + fx * along_x.by_voxel[x1, k]
                        value += at_zy * at_x * cells[i, j, k]
            out[r, c] = value
