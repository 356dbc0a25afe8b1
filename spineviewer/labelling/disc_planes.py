"""The plane of a disc: where it crosses the line, and its tilt.

The chain cuts only at whole stations and with a few tilts. Starting from such a cut, the plane is
fitted to the places nearby where bone is missing. Small changes there therefore move the plane
continuously, and changes to the mask or the line elsewhere do not move it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.geometry import Triple

Floats = NDArray[np.float64]

#: Positions of the samples along the line, relative to the first plane.
_ALONG_MM = np.arange(-16.0, 16.01, 0.5)
#: Choice: blur along the line, about half the thickness of a disc. Planes of real scans with thin
#: slices were within 0.3 mm (slope: 0.03) of the reference in the thoracic and lumbar spine, and
#: within 0.6 mm (0.06) in the neck; blurs of 1.5 to 3 mm were about as good.
_BLUR_MM = 2.0
#: Choice: how strongly the plane is pulled towards zero tilt and its first position, relative
#: to a disc without any bone. A smaller weight for zero tilt was worse with thick slices, and a
#: larger one in the lumbar spine.
_LEVEL_WEIGHT, _POSITION_WEIGHT = 0.1, 0.002
_MAX_ROUNDS, _PRECISION = 40, 1e-3


@dataclass(frozen=True)
class DiscPlane:
    """The plane of a disc.

    Attributes
    ----------
    station
        Position along the line where it crosses the plane.
    slope_back, slope_left
        mm towards the feet per mm to the back, and per mm to the left.
    """

    station: float
    slope_back: float
    slope_left: float


def fitted_plane(
    joint: NDArray[np.uint8],
    origin: Triple,
    line: CentreLine,
    start: DiscPlane,
    back_mm: Floats,
    left_mm: Floats,
) -> DiscPlane:
    """Return the plane near `start` with the least bone on it.

    This is a mean-shift search with a Gaussian along the line: each round weights samples by their
    lack of bone and their distance from the last plane, and fits the next plane to them.

    Parameters
    ----------
    joint
        uint8, shape (z, y, x) of a part of the working grid that begins at voxel `origin`: 0 where
        there is certainly bone, 255 where there is certainly none.
    back_mm, left_mm
        float64, shape (points,): positions of samples in the disc, behind the line and to its left.
    """
    station = min(max(round(start.station), 0), len(line.points_mm) - 1)
    lack = _lack_of_bone(
        joint, np.array(origin, dtype=np.float64), line.points_mm[station],
        line.down[station], line.back[station], line.left[station], back_mm, left_mm, _ALONG_MM,
    )  # fmt: skip
    points = np.column_stack([np.ones_like(back_mm), back_mm, left_mm])
    plane = np.array([start.station - station, start.slope_back, start.slope_left])
    without_bone = np.sqrt(2 * np.pi) * _BLUR_MM / (_ALONG_MM[1] - _ALONG_MM[0])
    prior = (
        without_bone * (points**2).sum(axis=0) * [_POSITION_WEIGHT, _LEVEL_WEIGHT, _LEVEL_WEIGHT]
    )
    prior_pull = prior * [plane[0], 0.0, 0.0]
    for _ in range(_MAX_ROUNDS):
        distance = _ALONG_MM - (points @ plane)[:, None]
        weight = lack * np.exp(-0.5 * (distance / _BLUR_MM) ** 2)
        matrix = (points.T * weight.sum(axis=1)) @ points + np.diag(prior)
        updated = np.linalg.solve(matrix, points.T @ (weight @ _ALONG_MM) + prior_pull)
        has_converged = np.abs(updated - plane).max() < _PRECISION
        plane = updated
        if has_converged:
            break
    along, slope_back, slope_left = plane.tolist()
    return DiscPlane(station + along, slope_back, slope_left)


@numba.njit(nogil=True, cache=True)
def _lack_of_bone(joint, origin, place, down, back, left, back_mm, left_mm, along_mm):  # type: ignore[no-untyped-def]
    """Return the lack of bone in [0, 1], float64, shape (points, along); 0 outside the volume."""
    nz, ny, nx = joint.shape
    lack = np.zeros((len(back_mm), len(along_mm)))
    for p in range(len(back_mm)):
        for a in range(len(along_mm)):
            index = (
                place + along_mm[a] * down + back_mm[p] * back + left_mm[p] * left - 0.5 - origin
            )
            z, y, x = index[0], index[1], index[2]
            if z < 0 or y < 0 or x < 0 or z > nz - 1 or y > ny - 1 or x > nx - 1:
                continue
            i, j, k = min(int(z), nz - 2), min(int(y), ny - 2), min(int(x), nx - 2)
            fz, fy, fx = z - i, y - j, x - k
            low = (1 - fy) * ((1 - fx) * joint[i, j, k] + fx * joint[i, j, k + 1]) + fy * (
                (1 - fx) * joint[i, j + 1, k] + fx * joint[i, j + 1, k + 1]
            )
            high = (1 - fy) * ((1 - fx) * joint[i + 1, j, k] + fx * joint[i + 1, j, k + 1]) + fy * (
                (1 - fx) * joint[i + 1, j + 1, k] + fx * joint[i + 1, j + 1, k + 1]
            )
            lack[p, a] = ((1 - fz) * low + fz * high) / 255
    return lack
