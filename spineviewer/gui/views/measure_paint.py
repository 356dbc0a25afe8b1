"""Painting of measurements over a picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from spineviewer.app.measuring import MeasureKind
from spineviewer.gui.theme import MEASURE_COLOUR, tabular
from spineviewer.gui.views.head_up import shadowed

_SHADOW = QColor(0, 0, 0, 170)


def paint_measurement(painter: QPainter, kind: MeasureKind, places: Sequence[QPointF], text: str, width_px: int) -> None:
    """Paint one measurement: its lines, its points, and what it says, kept inside a width."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(_SHADOW, 3.2), QPen(QColor(MEASURE_COLOUR), 1.5)):
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _paint_lines(painter, kind, places)
    painter.setPen(QPen(_SHADOW, 1))
    painter.setBrush(QColor(MEASURE_COLOUR))
    for place in places:
        painter.drawEllipse(place, 3.2, 3.2)
    if text:
        _paint_text(painter, max(places, key=lambda place: place.x()), text, width_px)


def _paint_lines(painter: QPainter, kind: MeasureKind, places: Sequence[QPointF]) -> None:
    if kind is MeasureKind.REGION and len(places) == 2:
        painter.drawEllipse(QRectF(places[0], places[1]).normalized())
    elif kind is MeasureKind.COBB:
        for first, second in zip(places[::2], places[1::2], strict=False):
            painter.drawLine(first, second)
    else:
        for first, second in pairwise(places):
            painter.drawLine(first, second)


def _paint_text(painter: QPainter, place: QPointF, text: str, width_px: int) -> None:
    painter.setFont(tabular(12, QFont.Weight.Medium))
    at = place + QPointF(9, -6)
    width = QFontMetricsF(painter.font()).horizontalAdvance(text)
    at.setX(min(at.x(), width_px - width - 8))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawRoundedRect(QRectF(at.x() - 5, at.y() - 13, width + 10, 18), 4, 4)
    shadowed(painter, at, text, MEASURE_COLOUR)
