"""Painting of measurements over a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from spineviewer.gui.kit.theme import MEASURE_COLOUR, tabular_font
from spineviewer.gui.viewing.annotations import paint_shadowed
from spineviewer.measuring_tools.forms import Drawing, ScreenPoint
from spineviewer.measuring_tools.measurement import MeasuringTool

_SHADOW = QColor(0, 0, 0, 170)
_TEXT_HEIGHT_PX, _NO_LIMIT_PX = 18.0, 100_000
#: Distance of labels from lines, and spacing of the points at which lines are sampled.
_NEAR_PX, _ALONG_PX = 5.0, 10.0
_LEADER_FROM_PX = 14.0
_MAX_TRIES = 12


def paint_measurement(
    painter: QPainter, tool: MeasuringTool, places: Sequence[QPointF], *, is_complete: bool = True
) -> None:
    """Paint the lines and points of one measurement."""
    drawing = tool.drawing([_place(at) for at in places], is_complete=is_complete)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(_SHADOW, 3.2), QPen(QColor(MEASURE_COLOUR), 1.5)):
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _paint_shapes(painter, drawing)
    painter.setPen(QPen(_SHADOW, 1))
    painter.setBrush(QColor(MEASURE_COLOUR))
    for handle in drawing.handles:
        painter.drawEllipse(QPointF(*handle), 3.2, 3.2)


def paint_words(
    painter: QPainter,
    tool: MeasuringTool,
    places: Sequence[QPointF],
    text: str,
    width_px: int,
    *,
    taken: list[QRectF],
    height_px: int | None = None,
    moved_to: QPointF | None = None,
) -> QRectF:
    """Paint the label of a measurement beside it, inside the picture; return its box.

    Called after all lines have been painted, so that no line crosses it.

    Parameters
    ----------
    taken
        Boxes to avoid; the box of this label is added.
    moved_to
        Upper left corner of the label, if the user has moved it.
    """
    about = [QPointF(*at) for at in tool.drawing([_place(at) for at in places]).about]
    size = QSizeF(text_width(text) + 10, _TEXT_HEIGHT_PX)
    room = QRectF(4, 4, width_px - 8, (height_px or _NO_LIMIT_PX) - 8)
    if moved_to is not None:
        box = _moved_into(QRectF(moved_to, size), room)
        _paint_leader(painter, about, box)
    else:
        box = free_box(size, about, taken, room)
    taken.append(box)
    _paint_in(painter, box, text)
    return box


def _moved_into(box: QRectF, room: QRectF) -> QRectF:
    """Return a box moved into the picture, because a number that is cut reads as another one."""
    x = max(min(box.x(), room.right() - box.width()), room.x())
    y = max(min(box.y(), room.bottom() - box.height()), room.y())
    return QRectF(QPointF(x, y), box.size())


def drawn_boxes(tool: MeasuringTool, places: Sequence[QPointF]) -> list[QRectF]:
    """Return small boxes along lines and handles, to keep labels away from them."""
    drawing = tool.drawing([_place(at) for at in places])
    points = [QPointF(*handle) for handle in drawing.handles]
    for line in (*drawing.lines, *drawing.polygons):
        for first, second in pairwise(QPointF(*at) for at in line):
            steps = max(1, round(QLineF(first, second).length() / _ALONG_PX))
            points += [first + (second - first) * (k / steps) for k in range(steps + 1)]
    return [
        QRectF(at.x() - _NEAR_PX, at.y() - _NEAR_PX, 2 * _NEAR_PX, 2 * _NEAR_PX) for at in points
    ]


def _place(at: QPointF) -> ScreenPoint:
    return at.x(), at.y()


def _paint_shapes(painter: QPainter, drawing: Drawing) -> None:
    if drawing.ellipse is not None:
        one, other = drawing.ellipse
        painter.drawEllipse(QRectF(QPointF(*one), QPointF(*other)).normalized())
    for polygon in drawing.polygons:
        painter.drawPolygon(QPolygonF([QPointF(*at) for at in polygon]))
    for line in drawing.lines:
        for first, second in pairwise(line):
            painter.drawLine(QPointF(*first), QPointF(*second))
    if drawing.arrow is not None:
        tip, end = drawing.arrow
        _paint_arrow(painter, tip=QPointF(*tip), end=QPointF(*end))


def _paint_arrow(painter: QPainter, *, tip: QPointF, end: QPointF) -> None:
    painter.drawLine(end, tip)
    length = math.hypot(end.x() - tip.x(), end.y() - tip.y())
    if length < 1:
        return
    back = (end - tip) * (min(11.0, length) / length)
    for side in (-0.4, 0.4):
        painter.drawLine(tip, tip + back + QPointF(-back.y(), back.x()) * side)


def text_width(text: str) -> float:
    """Return the width of a label in pixels."""
    return QFontMetricsF(tabular_font(12, QFont.Weight.Medium)).horizontalAdvance(text)


def paint_text(
    painter: QPainter, places: Sequence[QPointF], text: str, width_px: int, taken: list[QRectF]
) -> None:
    """Paint a text beside its object.

    The text avoids `taken`, the boxes of earlier texts; its own box is added.
    """
    size = QSizeF(text_width(text) + 10, _TEXT_HEIGHT_PX)
    box = free_box(size, places, taken, QRectF(4, 4, width_px - 8, _NO_LIMIT_PX))
    taken.append(box)
    _paint_in(painter, box, text)


def _paint_in(painter: QPainter, box: QRectF, text: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawRoundedRect(box, 4, 4)
    paint_shadowed(
        painter, box.topLeft() + QPointF(5, 13), text, MEASURE_COLOUR, weight=QFont.Weight.Medium
    )


def _paint_leader(painter: QPainter, about: Sequence[QPointF], box: QRectF) -> None:
    """Paint a thin line from a label that the user has moved to its object."""
    near = min(about, key=lambda at: QLineF(at, box.center()).length())
    edge = QPointF(
        min(max(near.x(), box.left()), box.right()), min(max(near.y(), box.top()), box.bottom())
    )
    if QLineF(near, edge).length() > _LEADER_FROM_PX:
        painter.setPen(QPen(QColor(MEASURE_COLOUR), 1, Qt.PenStyle.DotLine))
        painter.drawLine(edge, near)


def free_box(
    size: QSizeF, about: Sequence[QPointF], taken: Sequence[QRectF], room: QRectF
) -> QRectF:
    """Return a box beside some points that is inside `room` and overlaps none of `taken`.

    The box is to their right if that is free; otherwise to the left, below or above, and then
    at larger distances.
    """
    left, right = min(at.x() for at in about), max(at.x() for at in about)
    top, bottom = min(at.y() for at in about), max(at.y() for at in about)
    first = max(about, key=lambda at: at.x()).y() - size.height() / 2 - 10
    step = size.height() + 2
    for far in range(_MAX_TRIES):
        for x, y in (
            (right + 9, first + far * step),
            (right + 9, first - far * step),
            (left - 9 - size.width(), first + far * step),
            (right - size.width(), bottom + 9 + far * step),
            (right - size.width(), top - 9 - size.height() - far * step),
        ):
            box = QRectF(QPointF(x, y), size)
            if room.contains(box) and not any(box.intersects(other) for other in taken):
                return box
    x = min(max(right + 9, room.left()), max(room.right() - size.width(), room.left()))
    return QRectF(QPointF(x, bottom + 9), size)  # no free space anywhere
