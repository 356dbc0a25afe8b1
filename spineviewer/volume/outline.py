"""Outlines in a picture as line segments (marching squares), fast enough for every frame.

::

    a 2 x 2 cell of pixel centres   a b     edges: top 0, right 1, bottom 2, left 3
                                    d c     case = a + 2 b + 4 c + 8 d

Segments are rows (x0, y0, x1, y1) in pixels; pixel (row 0, column 0) extends from 0 to 1.
Everything outside the picture counts as False, or as below every level.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

_TOP, _RIGHT, _BOTTOM, _LEFT, _NONE = range(5)
#: For each case, the edges that its first and its second segment connect.
_CONNECTED = np.array(
    [
        (_NONE, _NONE, _NONE, _NONE), (_LEFT, _TOP, _NONE, _NONE),
        (_TOP, _RIGHT, _NONE, _NONE), (_LEFT, _RIGHT, _NONE, _NONE),
        (_RIGHT, _BOTTOM, _NONE, _NONE), (_LEFT, _TOP, _RIGHT, _BOTTOM),
        (_TOP, _BOTTOM, _NONE, _NONE), (_LEFT, _BOTTOM, _NONE, _NONE),
        (_BOTTOM, _LEFT, _NONE, _NONE), (_TOP, _BOTTOM, _NONE, _NONE),
        (_TOP, _RIGHT, _BOTTOM, _LEFT), (_BOTTOM, _RIGHT, _NONE, _NONE),
        (_LEFT, _RIGHT, _NONE, _NONE), (_RIGHT, _TOP, _NONE, _NONE),
        (_TOP, _LEFT, _NONE, _NONE), (_NONE, _NONE, _NONE, _NONE),
    ],
    dtype=np.int64,
)  # fmt: skip
_ACROSS, _OTHER_ACROSS, _DOWN, _OTHER_DOWN = 3, 12, 6, 9

Scalar = TypeVar("Scalar", bound=np.generic)
_compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy")


def outline(picture: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return line segments around the True pixels; each horizontal or vertical run is one segment.

    Choice: the line runs halfway between pixel centres, with chamfered corners. Apart from these,
    it follows the voxels without smoothing.

    Parameters
    ----------
    picture
        bool, shape (rows, columns).

    Returns
    -------
    float64, shape (segments, 4): x0, y0, x1, y1 in pixels.
    """
    return np.asarray(_outline(_read_only(picture).view(np.uint8)))


def isoline(values: NDArray[np.float32], level: float) -> NDArray[np.float64]:
    """Return segments along which linearly interpolated values equal `level`.

    The lines are closed at the border of the picture.

    Parameters
    ----------
    values
        float32, shape (rows, columns).

    Returns
    -------
    float64, shape (segments, 4): x0, y0, x1, y1 in pixels.
    """
    return np.asarray(_isoline(_read_only(values), np.float32(level)))


def _read_only(picture: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return a contiguous read-only view, so that one compiled version of the loops suffices."""
    view = np.ascontiguousarray(picture).view()
    view.flags.writeable = False
    return view


@_compiled
def _store(segments, number, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    segments[number, 0] = x0
    segments[number, 1] = y0
    segments[number, 2] = x1
    segments[number, 3] = y1


@_compiled
def _store_in_cell(segments, number, row, column, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    left, top = column - 0.5, row - 0.5
    _store(segments, number, left + x0, top + y0, left + x1, top + y1)


@_compiled
def _enlarged(segments):  # type: ignore[no-untyped-def]
    larger = np.empty((2 * segments.shape[0], 4), np.float64)
    larger[: segments.shape[0]] = segments
    return larger


@_compiled
def _mark_above(values, level, above):  # type: ignore[no-untyped-def]
    """Mark for each value of a row whether it is above the level.

    One-dimensional, so that the compiler emits vector instructions.
    """
    for index in range(values.shape[0]):
        above[index] = values[index] > level


@_compiled
def _corners_differ(upper_left, upper_right, lower_right, lower_left, differ):  # type: ignore[no-untyped-def]
    """Write for each cell between two rows whether its corners differ.

    The loop can be vectorised.
    """
    for cell in range(upper_left.shape[0]):
        a, b, c, d = upper_left[cell], upper_right[cell], lower_right[cell], lower_left[cell]
        differ[cell] = (a ^ b) | (b ^ c) | (c ^ d)


@_compiled
def _find_crossed_cells(upper, lower, differ, cells):  # type: ignore[no-untyped-def]
    """Write to `cells` the cells between two rows that a line crosses; return their number.

    `differ` is working memory: a byte per cell, padded with zeros to a multiple of 8, so that eight
    cells without a line can be skipped at a time.
    """
    _corners_differ(upper[:-1], upper[1:], lower[1:], lower[:-1], differ)
    count = 0
    eights = differ.view(np.uint64)
    for eight in range(eights.shape[0]):
        if eights[eight]:
            for cell in range(8 * eight, 8 * eight + 8):
                if differ[cell]:
                    cells[count] = cell
                    count += 1
    return count


@_compiled
def _next_cells(values, level, row, upper, lower, differ, cells):  # type: ignore[no-untyped-def]
    """Mark the next row in `lower`; return the cells between it and `upper` that a line crosses."""
    if row < values.shape[0]:
        _mark_above(values[row], level, lower[1:-1])
    else:
        lower[:] = 0
    return cells[: _find_crossed_cells(upper, lower, differ, cells)]


@_compiled
def _case(upper, lower, column):  # type: ignore[no-untyped-def]
    right = column + 1
    return upper[column] + (upper[right] << 1) + (lower[right] << 2) + (lower[column] << 3)


@_compiled
def _outline(picture):  # type: ignore[no-untyped-def]
    rows, columns = picture.shape
    segments = np.empty((1024, 4), np.float64)
    count = 0
    run_start = np.full(columns + 1, -1, np.int64)  # row in which a straight run downwards began
    upper = np.zeros(columns + 2, np.uint8)
    lower = np.zeros(columns + 2, np.uint8)
    differ = np.zeros((columns + 8) // 8 * 8, np.uint8)
    cells = np.empty(columns + 1, np.int64)
    for row in range(rows + 1):
        across = -1  # column in which a straight run to the right began
        # Lines are closed, so the cells that they cross include the end of each straight run.
        for column in _next_cells(picture, np.uint8(0), row, upper, lower, differ, cells):
            case = _case(upper, lower, column)
            if count + 4 > segments.shape[0]:
                segments = _enlarged(segments)
            is_across = case in (_ACROSS, _OTHER_ACROSS)
            if across >= 0 and not is_across:
                _store(segments, count, across - 0.5, row, column - 0.5, row)
                count += 1
                across = -1
            if is_across:
                if across < 0:
                    across = column
            elif case in (_DOWN, _OTHER_DOWN):
                if run_start[column] < 0:
                    run_start[column] = row
                continue
            if run_start[column] >= 0:
                _store(segments, count, column, run_start[column] - 0.5, column, row - 0.5)
                count += 1
                run_start[column] = -1
            if not is_across:
                for pair in range(2):
                    start, stop = _CONNECTED[case, 2 * pair], _CONNECTED[case, 2 * pair + 1]
                    if start != _NONE:
                        x0, y0 = _middle(start)
                        x1, y1 = _middle(stop)
                        _store_in_cell(segments, count, row, column, x0, y0, x1, y1)
                        count += 1
        upper, lower = lower, upper
    return segments[:count].copy()


@_compiled
def _middle(edge):  # type: ignore[no-untyped-def]
    if edge == _TOP:
        return 0.5, 0.0
    if edge == _RIGHT:
        return 1.0, 0.5
    return (0.5, 1.0) if edge == _BOTTOM else (0.0, 0.5)


@_compiled
def _isoline(values, level):  # type: ignore[no-untyped-def]
    rows, columns = values.shape
    segments = np.empty((1024, 4), np.float64)
    count = 0
    upper = np.zeros(columns + 2, np.uint8)
    lower = np.zeros(columns + 2, np.uint8)
    differ = np.zeros((columns + 8) // 8 * 8, np.uint8)
    cells = np.empty(columns + 1, np.int64)
    for row in range(rows + 1):
        for column in _next_cells(values, level, row, upper, lower, differ, cells):
            case = _case(upper, lower, column)
            if count + 2 > segments.shape[0]:
                segments = _enlarged(segments)
            for pair in range(2):
                start, stop = _CONNECTED[case, 2 * pair], _CONNECTED[case, 2 * pair + 1]
                if start != _NONE:
                    x0, y0 = _crossing(values, level, row, column, start)
                    x1, y1 = _crossing(values, level, row, column, stop)
                    _store_in_cell(segments, count, row, column, x0, y0, x1, y1)
                    count += 1
        upper, lower = lower, upper
    return segments[:count].copy()


@_compiled
def _crossing(values, level, row, column, edge):  # type: ignore[no-untyped-def]
    """Return where the line crosses an edge of a cell.

    At the border of the picture it is halfway, as if the outside were as far below the level as the
    inside is above it.
    """
    if edge == _TOP:
        return _fraction(values, level, row - 1, column - 1, row - 1, column), 0.0
    if edge == _RIGHT:
        return 1.0, _fraction(values, level, row - 1, column, row, column)
    if edge == _BOTTOM:
        return _fraction(values, level, row, column - 1, row, column), 1.0
    return 0.0, _fraction(values, level, row - 1, column - 1, row, column - 1)


@_compiled
def _fraction(values, level, row, column, other_row, other_column):  # type: ignore[no-untyped-def]
    rows, columns = values.shape
    if min(row, column) < 0 or other_row >= rows or other_column >= columns:
        return 0.5
    one, other = np.float64(values[row, column]), np.float64(values[other_row, other_column])
    return (np.float64(level) - one) / (other - one) if other != one else 0.5
