"""Painting of measurements over a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from spineviewer.gui.kit.theme import MEASURE_COLOUR, tabular
from spineviewer.gui.viewing.annotations import shadowed
from spineviewer.measuring_tools.forms import Drawing, Place
from spineviewer.measuring_tools.measurement import MeasuringTool

_SHADOW = QColor(0, 0, 0, 170)


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
) -> None:
    """Paint what a measurement says, kept inside a width.

    After all lines, so that none runs through it.

    `taken` are the places of the texts so far; this one keeps clear of them and is added.
    """
    about = [QPointF(*at) for at in tool.drawing([_place(at) for at in places]).about]
    paint_text(painter, about, text, width_px, taken)


def _place(at: QPointF) -> Place:
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
    """Pixels that the words of a measurement take."""
    return QFontMetricsF(tabular(12, QFont.Weight.Medium)).horizontalAdvance(text)


def paint_text(
    painter: QPainter, places: Sequence[QPointF], text: str, width_px: int, taken: list[QRectF]
) -> None:
    """Paint a text to the right of what it is about.

    Where there is no room, below it, so that it never hides it. `taken` are the places of the texts
    so far; this one keeps clear of them and is added.
    """
    at = max(places, key=lambda place: place.x()) + QPointF(9, -6)
    width = text_width(text)
    if at.x() > width_px - width - 8:
        at = QPointF(max(width_px - width - 8, 8.0), max(place.y() for place in places) + 22)
    box = free_box(QRectF(at.x() - 5, at.y() - 13, width + 10, 18), taken)
    taken.append(box)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawRoundedRect(box, 4, 4)
    shadowed(
        painter, box.topLeft() + QPointF(5, 13), text, MEASURE_COLOUR, weight=QFont.Weight.Medium
    )


def free_box(box: QRectF, taken: Sequence[QRectF]) -> QRectF:
    """Return the box moved down until it overlaps none of those taken."""
    while under := [other.bottom() for other in taken if other.intersects(box)]:
        box = QRectF(box.x(), max(under) + 2, box.width(), box.height())
    return box
