"""Volumes resampled along the spine, so that every vertebra is upright.

One array axis runs along the line, two across it. Positions are in mm from the outer corner of the
scan's first voxel along the scan's own axes (z, y, x); the centre of voxel j of a grid is at
(j + 0.5) * spacing. The scan and the 1 mm working grid share this frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from spineviewer.threads import in_parallel
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.geometry import Triple

Floats = NDArray[np.float64]
#: Spacing of samples across the line; along the line it is the line's own step of 1 mm.
ACROSS_MM = 1.5
#: Positions of the samples relative to the line: to its left and behind it.
LEFT_MM = np.arange(-48.0, 48.0 + 1e-6, ACROSS_MM)
BACK_MM = np.arange(-30.0, 72.0 + 1e-6, ACROSS_MM)
#: Value of samples outside the scan.
OUTSIDE = -2000.0
#: Number of stations that one thread samples at a time.
_STATIONS_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Straightened:
    """The surroundings of a line, resampled along it.

    Attributes
    ----------
    line
        The line.
    probability
        float32 in [0, 1], shape (stations, back, left).
    mask
        float32 in [0, 1], same shape: interpolated mask.
    hu
        float32, same shape; `OUTSIDE` outside the scan. None if no scan was given.
    """

    line: CentreLine
    probability: NDArray[np.float32]
    mask: NDArray[np.float32]
    hu: NDArray[np.float32] | None

    def __len__(self) -> int:
        return len(self.probability)


def sample_along(
    values: NDArray[Any],
    spacing_zyx_mm: Triple,
    line: CentreLine,
    *,
    outside: float,
    scale: float = 1.0,
    origin: Triple = (0, 0, 0),
    back_mm: Floats = BACK_MM,
    left_mm: Floats = LEFT_MM,
) -> NDArray[np.float32]:
    """Return the values of a volume around a line, interpolated linearly between voxels.

    Parameters
    ----------
    values
        Numbers, shape (z, y, x): on the scan's grid, the working grid, or a part of one that begins
        at voxel `origin`.
    outside
        Value for samples more than half a voxel outside the volume.
    back_mm, left_mm
        float64, shape (back,) and (left,): positions of the samples across the line.

    Returns
    -------
    float32, shape (stations, back, left), multiplied by `scale`.
    """
    out = np.empty((len(line.points_mm), len(back_mm), len(left_mm)), np.float32)
    spacing, first = np.array(spacing_zyx_mm), np.array(origin, dtype=np.float64)

    def run(start: int) -> None:
        stop = min(start + _STATIONS_AT_ONCE, len(out))
        _sample(
            values,
            spacing,
            first,
            line.points_mm,
            line.left,
            line.back,
            start,
            stop,
            back_mm,
            left_mm,
            outside,
            scale,
            out,
        )

    in_parallel(run, range(0, len(out), _STATIONS_AT_ONCE))
    return out


@numba.njit(nogil=True, cache=True)
def _sample(  # type: ignore[no-untyped-def]
    values, spacing, first, points, lefts, backs, start, stop, back_mm, left_mm, outside, scale, out
):
    nz, ny, nx = values.shape
    for s in range(start, stop):
        for b in range(back_mm.shape[0]):
            for a in range(left_mm.shape[0]):
                z = (
                    (points[s, 0] + back_mm[b] * backs[s, 0] + left_mm[a] * lefts[s, 0])
                    / spacing[0]
                    - 0.5
                    - first[0]
                )
                y = (
                    (points[s, 1] + back_mm[b] * backs[s, 1] + left_mm[a] * lefts[s, 1])
                    / spacing[1]
                    - 0.5
                    - first[1]
                )
                x = (
                    (points[s, 2] + back_mm[b] * backs[s, 2] + left_mm[a] * lefts[s, 2])
                    / spacing[2]
                    - 0.5
                    - first[2]
                )
                if z < -0.5 or y < -0.5 or x < -0.5 or z > nz - 0.5 or y > ny - 0.5 or x > nx - 0.5:
                    out[s, b, a] = outside
                    continue
                z = min(max(z, 0.0), nz - 1.0)
                y = min(max(y, 0.0), ny - 1.0)
                x = min(max(x, 0.0), nx - 1.0)
                i = min(int(z), max(nz - 2, 0))
                j = min(int(y), max(ny - 2, 0))
                k = min(int(x), max(nx - 2, 0))
                fz, fy, fx = z - i, y - j, x - k
                di = 1 if nz > 1 else 0
                dj = 1 if ny > 1 else 0
                dk = 1 if nx > 1 else 0
                low = (1 - fy) * ((1 - fx) * values[i, j, k] + fx * values[i, j, k + dk]) + fy * (
                    (1 - fx) * values[i, j + dj, k] + fx * values[i, j + dj, k + dk]
                )
                high = (1 - fy) * (
                    (1 - fx) * values[i + di, j, k] + fx * values[i + di, j, k + dk]
                ) + fy * (
                    (1 - fx) * values[i + di, j + dj, k] + fx * values[i + di, j + dj, k + dk]
                )
                out[s, b, a] = scale * ((1 - fz) * low + fz * high)
