"""Painting measurements over a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from spineviewer.app.state import ScanState, SlabKind
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import MEASURE_COLOUR, tabular_font
from spineviewer.gui.viewing.annotations import paint_shadowed
from spineviewer.measuring_tools.forms import Drawing, ScreenPoint
from spineviewer.measuring_tools.measurement import (
    Measurement,
    MeasuringTool,
    more_details,
    summary,
)
from spineviewer.volume.cuts import Cut
from spineviewer.volume.volume import CtVolume

_SHADOW = QColor(0, 0, 0, 170)
_TEXT_HEIGHT_PX = 18.0
#: Distance between the lines of a label.
_LINE_PX = 15.0
#: Distance of text from the edges of the picture.
_EDGE_PX = 4
#: Distance of labels from lines.
_CLEARANCE_PX = 5.0
#: Spacing of the points at which lines are sampled.
_SAMPLING_PX = 10.0
#: Minimum length of the line between a label and its measurement.
_MIN_LEADER_PX = 14.0
_MAX_TRIES = 12
#: A label with all numbers is shown if it is narrower than the picture by at least this.
_MARGIN_PX = 24


@dataclass(frozen=True)
class PlacedMeasurement:
    """A measurement in a picture.

    Attributes
    ----------
    number
        Its number in the scan, counted from 0.
    points
        Its points in pixels of the picture.
    """

    number: int
    measurement: Measurement
    points: tuple[QPointF, ...]


def measurements_in(cut: Cut, state: ScanState) -> list[tuple[int, Measurement]]:
    """Return the measurements that a picture shows, each with its number in the scan, from 0."""
    if state.overlays.is_all_hidden:
        return []
    return [
        (number, measurement)
        for number, measurement in enumerate(state.measurements)
        if measurement.is_shown_in(cut)
    ]


def paint_measurements(
    painter: QPainter,
    placed: Sequence[PlacedMeasurement],
    state: ScanState,
    size_px: tuple[int, int],
    mm_per_px: float,
    *,
    names: Sequence[QRectF],
    get_details: Callable[[Measurement, CtVolume], str],
) -> list[tuple[int, QRectF]]:
    """Paint measurements and their labels, in a view or in a report image.

    Return the number of each measurement whose label was painted, with the box of its label.

    Parameters
    ----------
    mm_per_px
        The scale of the picture, for labels that the user has moved.
    names
        Boxes of the names of vertebrae, which labels avoid.
    get_details
        Returns the text of a measurement with all its numbers, in the language of the window.
    """
    for one in placed:
        paint_measurement(painter, one.measurement.tool, one.points)
    occupied = list(names)
    for one in placed:
        occupied += line_boxes(one.measurement.tool, one.points)
    labels = []
    for one in placed:
        measurement = one.measurement
        text = label_text(one.number + 1, get_details(measurement, state.scan), measurement, state)
        if text_width(text) > size_px[0] - _MARGIN_PX:  # a narrow picture shows a summary
            brief = tr(summary(measurement, state.scan))
            text = label_text(one.number + 1, brief, measurement, state)
        moved_to = None
        if measurement.label_mm is not None:
            moved_to = one.points[0] + QPointF(*measurement.label_mm) / mm_per_px
        box = paint_label(
            painter,
            measurement.tool,
            one.points,
            text,
            size_px,
            occupied=occupied,
            moved_to=moved_to,
        )
        if box is not None:
            labels.append((one.number, box))
    return labels


def paint_measurement(
    painter: QPainter, tool: MeasuringTool, points: Sequence[QPointF], *, is_complete: bool = True
) -> None:
    """Paint the lines and points of one measurement."""
    drawing = tool.drawing([_xy(point) for point in points], is_complete=is_complete)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(_SHADOW, 3.2), QPen(QColor(MEASURE_COLOUR), 1.5)):
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _paint_shapes(painter, drawing)
    painter.setPen(QPen(_SHADOW, 1))
    painter.setBrush(QColor(MEASURE_COLOUR))
    for handle in drawing.handles:
        painter.drawEllipse(QPointF(*handle), 3.2, 3.2)


def label_text(number: int, text: str, measurement: Measurement, state: ScanState) -> str:
    """Return the label of a measurement: its number and text, in one or more lines.

    In a slab, if the tool measures voxels, the last line says that the values come from one slice.
    """
    is_from_one_slice = measurement.tool.measures_voxels and state.slab.kind is not SlabKind.SLICE
    lines = [text, tr("one slice, not the slab")] if is_from_one_slice else [text]
    return f"{number}  " + "\n".join(lines)


def detailed_text(measurement: Measurement, scan: CtVolume) -> str:
    """Return the most important numbers of a measurement, and the others on a second line."""
    lines = summary(measurement, scan), more_details(measurement, scan)
    return "\n".join(tr(line) for line in lines if line)


def paint_label(
    painter: QPainter,
    tool: MeasuringTool,
    points: Sequence[QPointF],
    text: str,
    size_px: tuple[int, int],
    *,
    occupied: list[QRectF],
    moved_to: QPointF | None = None,
) -> QRectF | None:
    """Paint the label of a measurement beside it, inside the picture; return its box.

    All lines must already have been painted, so that none crosses the label. A measurement outside
    the picture gets no label, because the label would seem to belong to something else; None is
    returned.

    Parameters
    ----------
    size_px
        Width and height of the picture.
    occupied
        Boxes to avoid; the box of this label is added.
    moved_to
        Upper left corner of the label, if the user has moved it.
    """
    anchors = [QPointF(*xy) for xy in tool.drawing([_xy(point) for point in points]).label_near]
    size, picture = _size(text), _inner(size_px)
    if not _overlaps(anchors, picture):
        return None
    if moved_to is not None:
        box = _moved_into(QRectF(moved_to, size), picture)
        _paint_leader(painter, anchors, box)
    else:
        box = free_box(size, anchors, occupied, picture)
    occupied.append(box)
    _paint_in(painter, box, text)
    return box


def _moved_into(box: QRectF, picture: QRectF) -> QRectF:
    """Return a box moved into the picture; a truncated number would look like a different one."""
    x = max(min(box.x(), picture.right() - box.width()), picture.x())
    y = max(min(box.y(), picture.bottom() - box.height()), picture.y())
    return QRectF(QPointF(x, y), box.size())


def line_boxes(tool: MeasuringTool, points: Sequence[QPointF]) -> list[QRectF]:
    """Return small boxes on handles and along lines, to keep labels away from them."""
    drawing = tool.drawing([_xy(point) for point in points])
    centres = [QPointF(*handle) for handle in drawing.handles]
    for line in (*drawing.lines, *drawing.polygons):
        for first, second in pairwise(QPointF(*xy) for xy in line):
            steps = max(1, round(QLineF(first, second).length() / _SAMPLING_PX))
            centres += [first + (second - first) * (k / steps) for k in range(steps + 1)]
    corner, size = (
        QPointF(_CLEARANCE_PX, _CLEARANCE_PX),
        QSizeF(2 * _CLEARANCE_PX, 2 * _CLEARANCE_PX),
    )
    return [QRectF(centre - corner, size) for centre in centres]


def _xy(point: QPointF) -> ScreenPoint:
    return point.x(), point.y()


def _paint_shapes(painter: QPainter, drawing: Drawing) -> None:
    if drawing.ellipse is not None:
        corner, opposite = drawing.ellipse
        painter.drawEllipse(QRectF(QPointF(*corner), QPointF(*opposite)).normalized())
    for polygon in drawing.polygons:
        painter.drawPolygon(QPolygonF([QPointF(*xy) for xy in polygon]))
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
    metrics = QFontMetricsF(tabular_font(12, QFont.Weight.Medium))
    return max(map(metrics.horizontalAdvance, text.split("\n")))


def paint_text(
    painter: QPainter, points: Sequence[QPointF], text: str, size_px: tuple[int, int]
) -> None:
    """Paint text beside the object to which `points` belong, if it is in the picture."""
    if _overlaps(points, _inner(size_px)):
        _paint_in(painter, free_box(_size(text), points, (), _inner(size_px)), text)


def _size(text: str) -> QSizeF:
    return QSizeF(text_width(text) + 10, _TEXT_HEIGHT_PX + _LINE_PX * text.count("\n"))


def _inner(size_px: tuple[int, int]) -> QRectF:
    """Return the part of a picture in which text may be painted."""
    width, height = size_px
    return QRectF(_EDGE_PX, _EDGE_PX, width - 2 * _EDGE_PX, height - 2 * _EDGE_PX)


def _overlaps(points: Sequence[QPointF], picture: QRectF) -> bool:
    """Return whether the smallest box around the points overlaps the picture."""
    xs, ys = [point.x() for point in points], [point.y() for point in points]
    return (
        min(xs) <= picture.right()
        and max(xs) >= picture.left()
        and min(ys) <= picture.bottom()
        and max(ys) >= picture.top()
    )


def _paint_in(painter: QPainter, box: QRectF, text: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawRoundedRect(box, 4, 4)
    for row, line in enumerate(text.split("\n")):
        at = box.topLeft() + QPointF(5, 13 + row * _LINE_PX)
        paint_shadowed(painter, at, line, MEASURE_COLOUR, weight=QFont.Weight.Medium)


def _paint_leader(painter: QPainter, anchors: Sequence[QPointF], box: QRectF) -> None:
    """Paint a thin line between a label that the user has moved and the anchor nearest to it."""
    anchor = min(anchors, key=lambda point: QLineF(point, box.center()).length())
    edge = QPointF(
        min(max(anchor.x(), box.left()), box.right()), min(max(anchor.y(), box.top()), box.bottom())
    )
    if QLineF(anchor, edge).length() > _MIN_LEADER_PX:
        painter.setPen(QPen(QColor(MEASURE_COLOUR), 1, Qt.PenStyle.DotLine))
        painter.drawLine(edge, anchor)


def free_box(
    size: QSizeF, anchors: Sequence[QPointF], occupied: Sequence[QRectF], picture: QRectF
) -> QRectF:
    """Return a box beside the anchors, inside the picture, if possible clear of `occupied`.

    The box is to the right of the anchors if that is free; otherwise to the left, below or above,
    and then at larger distances. If no position is free, it is at the lower right of the anchors,
    moved into the picture.
    """
    xs, ys = [point.x() for point in anchors], [point.y() for point in anchors]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    beside_y = max(anchors, key=lambda point: point.x()).y() - size.height() / 2 - 10
    for k in range(_MAX_TRIES):
        step = k * (size.height() + 2)
        for x, y in (
            (right + 9, beside_y + step),
            (right + 9, beside_y - step),
            (left - 9 - size.width(), beside_y + step),
            (right - size.width(), bottom + 9 + step),
            (right - size.width(), top - 9 - size.height() - step),
        ):
            box = QRectF(QPointF(x, y), size)
            if picture.contains(box) and not any(box.intersects(other) for other in occupied):
                return box
    return _moved_into(QRectF(QPointF(right + 9, bottom + 9), size), picture)
