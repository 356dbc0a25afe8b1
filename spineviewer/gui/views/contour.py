"""Outline of a binary picture as line segments, fast enough for every frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#
#   Marching squares on voxel centres; a 2 x 2 cell of centres a b      edges: top 0, right 1, bottom 2, left 3
#                                                           d c      case = a + 2 b + 4 c + 8 d
#
_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
_CASES = {
    1: [(_LEFT, _TOP)],
    2: [(_TOP, _RIGHT)],
    3: [(_LEFT, _RIGHT)],
    4: [(_RIGHT, _BOTTOM)],
    5: [(_LEFT, _TOP), (_RIGHT, _BOTTOM)],
    6: [(_TOP, _BOTTOM)],
    7: [(_LEFT, _BOTTOM)],
    8: [(_BOTTOM, _LEFT)],
    9: [(_TOP, _BOTTOM)],
    10: [(_TOP, _RIGHT), (_BOTTOM, _LEFT)],
    11: [(_BOTTOM, _RIGHT)],
    12: [(_LEFT, _RIGHT)],
    13: [(_RIGHT, _TOP)],
    14: [(_TOP, _LEFT)],
}
#: Edges that a case's first and second segment join; -1 where there is none.
_JOINED = np.full((16, 2, 2), -1, dtype=np.int64)
for _case, _segments in _CASES.items():
    for _number, _edges in enumerate(_segments):
        _JOINED[_case, _number] = _edges
_MIDDLES = np.array([(0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)])


def outline(picture: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Segments (x0, y0, x1, y1) around the True pixels, in pixel units with pixel (row 0, column 0) covering 0 to 1.

    Straight runs come as one segment. Choice: the line runs half-way between voxel centres with cut corners, so that it shows
    the voxels themselves and nothing smoother.
    """
    row, column, case = _crossed(picture)
    straight_across, straight_down = (case == 3) | (case == 12), (case == 6) | (case == 9)
    bent = ~(straight_across | straight_down)
    corner = np.stack([column, row], axis=1)[bent] - 0.5  # the cell of centres starts half a pixel before the first pixel
    parts = [_runs(row[straight_across], column[straight_across])]
    parts.append(_runs(column[straight_down], row[straight_down])[:, [1, 0, 3, 2]])
    for number in (0, 1):
        edges = _JOINED[case[bent], number]
        there = edges[:, 0] >= 0
        start, stop = (corner[there] + _MIDDLES[edges[there, end]] for end in (0, 1))
        parts.append(np.concatenate([start, stop], axis=1))
    return np.concatenate(parts)


def isoline(values: NDArray[np.float32], level: float) -> NDArray[np.float64]:
    """Segments along which linearly interpolated `values` equal `level`; closed at the picture's border. Units as `outline`."""
    row, column, case = _crossed(values > np.float32(level))
    rows, columns = values.shape
    # the four centres of each cell, clockwise from the upper left; outside is below every level
    value = np.empty((len(row), 4))
    for number, (down, right) in enumerate(((-1, -1), (-1, 0), (0, 0), (0, -1))):
        r, c = row + down, column + right
        is_inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
        value[:, number] = np.where(is_inside, values[np.clip(r, 0, rows - 1), np.clip(c, 0, columns - 1)], -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = [(level - value[:, a]) / (value[:, b] - value[:, a]) for a, b in ((0, 1), (1, 2), (3, 2), (0, 3))]
    is_outside = np.isneginf(value)
    meets_border = [is_outside[:, a] | is_outside[:, b] for a, b in ((0, 1), (1, 2), (3, 2), (0, 3))]
    share = [np.where(m | ~np.isfinite(s), 0.5, s) for s, m in zip(share, meets_border, strict=True)]
    whole = np.zeros(len(row))
    edge_points = np.stack(
        [
            np.stack([share[0], whole], axis=1),
            np.stack([whole + 1, share[1]], axis=1),
            np.stack([share[2], whole + 1], axis=1),
            np.stack([whole, share[3]], axis=1),
        ],
        axis=1,
    )
    corner = np.stack([column, row], axis=1) - 0.5
    parts = []
    for number in (0, 1):
        edges = _JOINED[case, number]
        there = np.flatnonzero(edges[:, 0] >= 0)
        start, stop = (corner[there] + edge_points[there, edges[there, end]] for end in (0, 1))
        parts.append(np.concatenate([start, stop], axis=1))
    return np.concatenate(parts)


def _crossed(picture: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """Row, column and case of the cells that the border passes through, row by row; the outside is False."""
    rows, columns = picture.shape
    inside = np.zeros((rows + 2, columns + 2), dtype=np.uint8)
    inside[1:-1, 1:-1] = picture
    case = inside[:-1, :-1] + (inside[:-1, 1:] << 1) + (inside[1:, 1:] << 2) + (inside[1:, :-1] << 3)
    flat = case.ravel()
    where = np.flatnonzero((flat > 0) & (flat < 15))
    row, column = np.divmod(where, columns + 1)
    return row, column, flat[where]


def _runs(line: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.float64]:
    """One segment (place, line, place, line) for each unbroken run of places on a line."""
    if line.size == 0:
        return np.empty((0, 4))
    order = np.lexsort((place, line))
    line, place = line[order], place[order]
    breaks = np.flatnonzero((np.diff(line) != 0) | (np.diff(place) != 1)) + 1
    first = np.concatenate([[0], breaks])
    last = np.concatenate([breaks, [line.size]]) - 1
    return np.stack([place[first] - 0.5, line[first] + 0.0, place[last] + 0.5, line[last] + 0.0], axis=1)
