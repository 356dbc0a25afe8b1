"""The names of vertebrae over a picture, which avoid the other text of the view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QRegion

from spineviewer.gui.viewing.annotations import (
    NO_ANNOTATIONS,
    Annotations,
    paint_shadowed_centred,
    text_boxes,
    word_size,
)

#: A name that was moved farther than this is connected to its vertebral body by a line.
_MIN_LEADER_PX = 12


def paint_names(
    painter: QPainter,
    names: Sequence[tuple[QPointF, str, str]],
    size_px: tuple[int, int],
    annotations: Annotations = NO_ANNOTATIONS,
) -> None:
    """Paint names at points or, if they would cover text of the view, nearby with lines.

    The lines pass behind the names of the others.

    Parameters
    ----------
    names
        The point, text and colour of each name.
    """
    boxes = [name_box(at, text, size_px, annotations) for at, text, _ in names]
    painter.save()
    painter.setClipRegion(_without(size_px, boxes))
    for (at, _, colour), box in zip(names, boxes, strict=True):
        leader = QLineF(box.center(), at)
        if leader.length() > _MIN_LEADER_PX:
            for pen in (QPen(QColor(0, 0, 0, 170), 3), QPen(QColor(colour), 1)):
                painter.setPen(pen)
                painter.drawLine(leader.pointAt(box.width() / 2 / leader.length()), at)
    painter.restore()
    for (_, text, colour), box in zip(names, boxes, strict=True):
        paint_shadowed_centred(painter, box.center(), text, colour)


def _without(size_px: tuple[int, int], boxes: Sequence[QRectF]) -> QRegion:
    """Return the area of a view without some rectangles."""
    region = QRegion(0, 0, *size_px)
    for box in boxes:
        region -= QRegion(box.toAlignedRect())
    return region


def name_box(
    at: QPointF, text: str, size_px: tuple[int, int], annotations: Annotations = NO_ANNOTATIONS
) -> QRectF:
    """Return the rectangle that a name covers if `paint_names` paints it.

    A name that is outside the view or covers no text is not moved. Otherwise, it moves sideways if
    possible, because names are stacked vertically.
    """
    box = QRectF(QPointF(0, 0), word_size(text))
    box.moveCenter(at)
    taken = text_boxes(annotations, size_px)
    if not QRectF(0, 0, *size_px).contains(at) or not _covers(box, taken):
        return box
    free = [moved for moved in _moves(box, taken, size_px) if not _covers(moved, taken)]
    return min(free, key=lambda moved: _cost(moved, at), default=box)


def _covers(box: QRectF, taken: tuple[QRectF, ...]) -> bool:
    return any(box.intersects(other) for other in taken)


def _moves(box: QRectF, taken: tuple[QRectF, ...], size_px: tuple[int, int]) -> Iterator[QRectF]:
    """Yield the box moved beside, above and below each text, where it stays inside the view."""
    view, width, height = QRectF(0, 0, *size_px), box.width(), box.height()
    for text in taken:
        for left, top in (
            (text.right(), box.top()),
            (text.left() - width, box.top()),
            (box.left(), text.bottom()),
            (box.left(), text.top() - height),
        ):
            moved = QRectF(left, top, width, height)
            if view.contains(moved.center()):
                yield moved


def _cost(moved: QRectF, at: QPointF) -> tuple[bool, float]:
    """Return the cost of moving a name; any move sideways costs less than one up or down."""
    by = moved.center() - at
    return abs(by.y()) > 1, abs(by.x()) + abs(by.y())
