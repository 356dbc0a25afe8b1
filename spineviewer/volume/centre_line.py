"""The smooth centre line of a spine, computed from its mask; it crosses discs and gaps.

Choice: a principal curve. The mask is divided into cells of about 2 mm, which are weighted with the
fourth power of their depth below the surface, so that bodies determine the line and processes
hardly count. In each round, these cells are projected onto the previous line, and a smoothing
spline through their means becomes the next line. Only the first round, whose line is the patient's
axis, averages over slices, so strong curves need no special treatment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.geometry import Triple

Points = NDArray[np.float64]

#: Size of the cells into which the mask is divided: half the thickness of a vertebral arch.
_CELL_MM = 2.0
_BIN_MM = 4.0
#: Choice: bends longer than a vertebra with its disc are kept, shorter ones are smoothed away.
_STIFFNESS_MM = 15.0
#: Cells farther than this from the line are not part of the column.
_REACH_MM = 35.0
_ROUNDS = 4
_STEP_MM = 1.0
#: The line continues straight beyond the mask's ends, so that their surroundings are shown.
OVERHANG_MM = 15.0
#: A shorter mask contains less than one vertebra and has no direction.
MIN_LENGTH_MM = 25.0


@dataclass(frozen=True, eq=False)
class CentreLine:
    """A smooth line from the head down, with the directions left and back at every point.

    All values are in millimetres along the grid's own axes: a point is its index (z, y, x) times
    the spacing. A station is a point of the line, or its number.

    Attributes
    ----------
    points_mm
        Shape (stations, 3), `step_mm` apart.
    down, left, back
        Unit vectors at right angles, shape (stations, 3): along the line towards the feet; to the
        patient's left, without twisting about the line; to the back.
    step_mm
        Distance between neighbouring stations.
    first_mm, last_mm
        Where along the line the mask begins and ends.
    """

    points_mm: Points
    down: Points
    left: Points
    back: Points
    step_mm: float
    first_mm: float
    last_mm: float

    @property
    def length_mm(self) -> float:
        """Length from the first to the last station."""
        return (len(self.points_mm) - 1) * self.step_mm

    def point_at(self, along_mm: float, *, left_mm: float = 0.0, back_mm: float = 0.0) -> Points:
        """Return the point (z, y, x in mm) at a distance along the line, offset left and back.

        float64, shape (3,).
        """
        point, left, back = (
            self._between(values, along_mm) for values in (self.points_mm, self.left, self.back)
        )
        position: Points = point + left_mm * left + back_mm * back
        return position

    def along_left_back_mm(self, point_mm: Points) -> Triple:
        """Return the coordinates in mm of a point: along the line, to its left, and behind it.

        The inverse of `point_at` near the line. `point_mm` is float64, shape (3,).
        """
        station = int(np.argmin(((self.points_mm - point_mm) ** 2).sum(axis=1)))
        along = station * self.step_mm
        for _ in range(3):
            along += float(
                (point_mm - self._between(self.points_mm, along)) @ self._between(self.down, along)
            )
            along = min(max(along, 0.0), self.length_mm)
        offset = point_mm - self._between(self.points_mm, along)
        return (
            along,
            float(offset @ self._between(self.left, along)),
            float(offset @ self._between(self.back, along)),
        )

    def _between(self, values: Points, along_mm: float) -> Points:
        station = min(max(along_mm / self.step_mm, 0.0), len(values) - 1.0)
        lower = min(int(station), len(values) - 2)
        fraction = station - lower
        return np.asarray((1 - fraction) * values[lower] + fraction * values[lower + 1])


def fit_centre_line(mask: NDArray[np.bool_], spacing_zyx_mm: Triple) -> CentreLine | None:
    """Return the line through a mask; None if the mask contains too little of the spine.

    Parameters
    ----------
    mask
        Bool, shape (z, y, x), axes increasing towards the head, the back and the left.
    """
    points, weights = _weighted_points(mask, spacing_zyx_mm)
    if not len(points) or np.ptp(points[:, 0]) < MIN_LENGTH_MM:
        return None
    along = points[:, 0].max() - points[:, 0]
    is_near = np.ones(len(points), np.bool_)
    stations = np.empty((0, 3))
    for _ in range(_ROUNDS):
        line = _smooth_line(along[is_near], points[is_near], weights[is_near])
        if line is None:
            return None
        stations = line
        along, distances = _projected(stations, points)
        is_near = distances < _REACH_MM
    first, last = (float(v) for v in np.percentile(along[is_near], (0.5, 99.5)))
    if last - first < MIN_LENGTH_MM:
        return None
    return _with_directions(stations, first, last)


def _weighted_points(
    mask: NDArray[np.bool_], spacing_zyx_mm: Triple
) -> tuple[Points, NDArray[np.float64]]:
    """Return the centres in mm of the cells that the mask fills, and the weights of these cells."""
    from scipy.ndimage import distance_transform_edt

    box = tuple(_span(mask, axis) for axis in range(3))
    part = mask[box]
    if not part.size:
        return np.empty((0, 3)), np.empty(0)
    sizes = [max(1, round(_CELL_MM / s)) for s in spacing_zyx_mm]
    counts = part
    for axis, size in enumerate(sizes):
        counts = np.add.reduceat(
            counts, np.arange(0, part.shape[axis], size), axis=axis, dtype=np.uint16
        )
    cell_mm = [n * s for n, s in zip(sizes, spacing_zyx_mm, strict=True)]
    filled = np.pad(counts * 2 >= np.prod(sizes), 1)
    depth = distance_transform_edt(filled, sampling=cell_mm)[1:-1, 1:-1, 1:-1]
    cells = np.argwhere(depth > 0)
    first = np.array([axis.start for axis in box])
    index = first + cells * sizes + (np.array(sizes) - 1) / 2
    return index * np.array(spacing_zyx_mm), depth[tuple(cells.T)] ** 4


def _span(mask: NDArray[np.bool_], axis: int) -> slice:
    filled = np.flatnonzero(mask.any(axis=tuple(other for other in range(3) if other != axis)))
    return slice(int(filled[0]), int(filled[-1]) + 1) if filled.size else slice(0, 0)


def _smooth_line(
    along_mm: NDArray[np.float64], points: Points, weights: NDArray[np.float64]
) -> Points | None:
    """Return evenly spaced points on a smoothing spline through the means of bins along the line.

    It continues straight at both ends. None if there are fewer than five bins.
    """
    from scipy.interpolate import make_smoothing_spline

    first = float(along_mm.min())
    number = ((along_mm - first) / _BIN_MM).astype(np.int64)
    total = np.bincount(number, weights)
    filled = np.flatnonzero(total > 0)
    if len(filled) < 5:
        return None
    centre = np.bincount(number, weights * along_mm)[filled] / total[filled]
    means = np.stack(
        [np.bincount(number, weights * points[:, k])[filled] / total[filled] for k in range(3)],
        axis=1,
    )
    weight = total[filled] / total[filled].mean()
    weight = np.clip(weight, 1e-4, 1.5)  # limits the influence of thick vertebrae
    stiffness = _STIFFNESS_MM**4 / _BIN_MM
    fine = np.arange(centre[0], centre[-1], _STEP_MM / 2)
    curve = np.stack(
        [
            make_smoothing_spline(centre, means[:, k], w=weight, lam=stiffness)(fine)
            for k in range(3)
        ],
        axis=1,
    )
    return _evenly_spaced(_extended(curve, 2 * OVERHANG_MM))


def _extended(curve: Points, by_mm: float) -> Points:
    """Return the curve extended at both ends along the mean direction of its last 15 mm."""
    span = min(len(curve) - 1, 30)
    pieces = [curve]
    for end, inner, is_first in (
        (curve[0], curve[span], True),
        (curve[-1], curve[-1 - span], False),
    ):
        direction = (end - inner) / np.linalg.norm(end - inner)
        piece = end + direction * np.arange(_STEP_MM, by_mm + 1e-6, _STEP_MM)[:, None]
        pieces = [piece[::-1], *pieces] if is_first else [*pieces, piece]
    return np.concatenate(pieces)


def _evenly_spaced(curve: Points) -> Points:
    """Return points of a curve that are `_STEP_MM` apart."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    even = np.arange(0.0, length[-1], _STEP_MM)
    return np.stack([np.interp(even, length, curve[:, k]) for k in range(3)], axis=1)


def _projected(stations: Points, points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each point's position along the line and its distance from the line, in mm."""
    from scipy.spatial import cKDTree

    distances, nearest = cKDTree(stations).query(points)
    down = np.gradient(stations, axis=0)[nearest]
    down /= np.linalg.norm(down, axis=1, keepdims=True)
    along_mm = nearest * _STEP_MM + ((points - stations[nearest]) * down).sum(axis=1)
    return along_mm, np.asarray(distances)


def _with_directions(stations: Points, first_mm: float, last_mm: float) -> CentreLine:
    """Return the part of the line within the mask, with overhangs and directions."""
    start = max(0, int((first_mm - OVERHANG_MM) / _STEP_MM))
    stop = min(len(stations), int(np.ceil((last_mm + OVERHANG_MM) / _STEP_MM)) + 1)
    points = stations[start:stop]
    shift = start * _STEP_MM
    return CentreLine(
        points, *directions_along(points), _STEP_MM, first_mm - shift, last_mm - shift
    )


def directions_along(points: Points) -> tuple[Points, Points, Points]:
    """Return the directions down, left and back at each point of a line from head to foot.

    They are unit vectors at right angles to each other: float64, shape (points, 3), as (z, y, x).
    """
    down = np.gradient(points, axis=0)
    down /= np.linalg.norm(down, axis=1, keepdims=True)
    left = np.array([0.0, 0.0, 1.0]) - down[:, 2:] * down
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    back = np.array([0.0, 1.0, 0.0]) - down[:, 1:2] * down - left[:, 1:2] * left
    back /= np.linalg.norm(back, axis=1, keepdims=True)
    return down, left, back
