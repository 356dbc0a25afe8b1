"""The inner loop of fusion along surfaces that are not parallel to array axes."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def _weights(along, at, out):  # type: ignore[no-untyped-def]
    """Write the weights of the cells at a fractional voxel.

    Return the first cell and one past the last cell.
    """
    low = int(at)
    high = min(low + 1, along.by_voxel.shape[0] - 1)
    share = np.float32(at - low)
    first = min(along.first_cell[low], along.first_cell[high])
    end = max(along.last_cell[low], along.last_cell[high])
    for cell in range(first, end):
        out[cell] = (np.float32(1.0) - share) * along.by_voxel[low, cell] + share * along.by_voxel[
            high, cell
        ]
    return first, end


@_compiled
def attention_ruled(cells, along_z, along_y, along_x, origins, steps, first, last, out):  # type: ignore[no-untyped-def]
    """Write the smoothed map of the surface's rows first..last-1 into `out`.

    The map is 0 more than one voxel outside the scan. Pixel (r, c) is at the fractional voxel
    ``origins[r] + c * steps[r]``. The operators' rows are linear between voxels, so blending two of
    them is exact.
    """
    nz, ny, nx = along_z.by_voxel.shape[0], along_y.by_voxel.shape[0], along_x.by_voxel.shape[0]
    w_z, w_y, w_x = (
        np.empty(cells.shape[0], np.float32),
        np.empty(cells.shape[1], np.float32),
        np.empty(cells.shape[2], np.float32),
    )
    for r in range(first, last):
        for c in range(out.shape[1]):
            z = origins[r, 0] + c * steps[r, 0]
            y = origins[r, 1] + c * steps[r, 1]
            x = origins[r, 2] + c * steps[r, 2]
            if min(z, y, x) < -1.0 or z > nz or y > ny or x > nx:
                out[r, c] = 0.0
                continue
            first_i, end_i = _weights(along_z, min(max(z, 0.0), nz - 1.0), w_z)
            first_j, end_j = _weights(along_y, min(max(y, 0.0), ny - 1.0), w_y)
            first_k, end_k = _weights(along_x, min(max(x, 0.0), nx - 1.0), w_x)
            value = np.float32(0.0)
            for i in range(first_i, end_i):
                at_z = np.float32(0.0)
                for j in range(first_j, end_j):
                    at_zy = np.float32(0.0)
                    for k in range(first_k, end_k):
                        at_zy += w_x[k] * cells[i, j, k]
                    at_z += w_y[j] * at_zy
                value += w_z[i] * at_z
            out[r, c] = value
