"""The on-screen picture of a view with its crosshair, cached between paints."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QRegion, QTransform

from spineviewer.gui.kit.theme import DARK
from spineviewer.gui.viewing.composer import Frame
from spineviewer.gui.viewing.frame_painter import paint_frame, thin_pen

#: Colour and direction (right, down) of the line along which another plane intersects this one.
CrossLine = tuple[str, tuple[float, float]]

#: Margin for the width of outlines, and for colours that scaling spreads to neighbouring pixels.
_EDGE_PX = 2


class ScreenPicture:
    """Paints frames in mm: x to the right, y down, origin at the picture's upper left corner."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._size_mm = QSizeF(1, 1)
        self._cross_mm: QPointF | None = None
        self._drawn = QImage()
        self._drawn_at: tuple[object, ...] = ()
        self._undrawn_mm = QRectF()
        self._cross_lines: tuple[CrossLine, ...] = ()
        self._rays_of: tuple[object, ...] = ()
        self._rays: list[tuple[QPen, bool, list[QLineF]]] = []

    def set_size_mm(self, size: QSizeF) -> None:
        """Set the extent of the picture, from voxel edge to voxel edge."""
        self._size_mm = size

    def set_frame(self, frame: Frame | None, *, part_mm: QRectF | None = None) -> None:
        """Set the frame to paint next.

        With `part_mm`, the frame differs from the previous one only in that part.
        """
        before, self._frame = self._frame, frame
        if frame is not None and before is not None and frame.shows_the_same_as(before):
            return
        if part_mm is None:
            self._drawn_at = ()
        else:
            self._undrawn_mm = self._undrawn_mm.united(part_mm)

    def set_cross(self, cross_mm: QPointF | None, lines: tuple[CrossLine, ...]) -> None:
        """Set position and directions of the crosshair lines; None draws nothing."""
        self._cross_mm, self._cross_lines = cross_mm, lines

    @property
    def is_filling(self) -> bool:
        """Whether painting covers the whole view, including the area around the picture."""
        return self._frame is not None

    @property
    def rect_mm(self) -> QRectF:
        """The picture's extent."""
        return QRectF(QPointF(0, 0), self._size_mm)

    def names(self) -> Iterator[tuple[QPointF, str]]:
        """Yield the position in mm and the text of each name in the picture."""
        frame = self._frame
        if frame is not None:
            size = frame.size_mm or self._size_mm
            right_mm = size.width() / frame.image.width()
            down_mm = size.height() / frame.image.height()
            for part in frame.parts.values():
                for name in part.names:
                    yield QPointF(name.right_px * right_mm, name.down_px * down_mm), name.text

    def paint(self, painter: QPainter) -> None:
        """Paint with a painter whose coordinates are mm of the picture."""
        if self._frame is None:
            return
        device = painter.device()
        size_px, ratio = QSize(device.width(), device.height()), device.devicePixelRatioF()
        where = (self._frame.size_mm, QTransform(painter.worldTransform()), size_px, ratio)
        if self._drawn_at != where:
            self._drawn_at = where
            self._draw(self._frame, painter.worldTransform(), size_px, ratio)
        elif not self._undrawn_mm.isEmpty():
            self._draw(self._frame, painter.worldTransform(), size_px, ratio, self._undrawn_mm)
        self._undrawn_mm = QRectF()
        painter.save()
        painter.resetTransform()
        painter.drawImage(0, 0, self._drawn)
        painter.restore()
        self._paint_cross(painter, self.rect_mm)

    def _draw(
        self,
        frame: Frame,
        transform: QTransform,
        size_px: QSize,
        pixel_ratio: float,
        part_mm: QRectF | None = None,
    ) -> None:
        """Draw everything except the crosshair into the cached image, or only the given part.

        The image is in screen pixels. It is cached because scaling is slow and the crosshair moves
        often.
        """
        if self._drawn.size() != size_px * pixel_ratio:
            self._drawn = QImage(size_px * pixel_ratio, QImage.Format.Format_RGB32)
        self._drawn.setDevicePixelRatio(pixel_ratio)
        painter = QPainter(self._drawn)
        if part_mm is not None:
            painter.setClipRect(
                transform.mapRect(part_mm)
                .toAlignedRect()
                .adjusted(-_EDGE_PX, -_EDGE_PX, _EDGE_PX, _EDGE_PX)
            )
        whole = QRegion(QRect(QPoint(0, 0), size_px))
        for margin in whole.subtracted(QRegion(_within(transform.mapRect(self.rect_mm)))):  # type: ignore[attr-defined]  # PySide6 has it
            painter.fillRect(margin, QColor(DARK.canvas))
        painter.setWorldTransform(transform)
        paint_frame(painter, frame, QRectF(QPointF(0, 0), frame.size_mm or self._size_mm))
        painter.end()

    def _paint_cross(self, painter: QPainter, rect: QRectF) -> None:
        if self._cross_mm is None:
            return
        scale = painter.worldTransform().m11()
        of = (self._cross_mm, self._cross_lines, rect, scale)
        if self._rays_of != of:
            self._rays_of = of
            self._rays = list(_rays(self._cross_mm, self._cross_lines, rect, scale))
        for pen, is_oblique, lines in self._rays:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_oblique)
            if is_oblique:
                painter.setPen(pen)
                painter.drawLines(lines)
            else:
                _fill_lines(painter, lines, pen.color())


def _rays(
    cross_mm: QPointF, lines: tuple[CrossLine, ...], rect: QRectF, scale: float
) -> Iterator[tuple[QPen, bool, list[QLineF]]]:
    """Yield pen, obliqueness, and lines from near the crosshair to the edges of the picture."""
    gap = 14 / scale if scale > 0 else 0  # keeps the point itself visible
    x, y = cross_mm.x(), cross_mm.y()
    for colour, (right, down) in lines:
        rays = [
            QLineF(x + gap * step_x, y + gap * step_y, x + reach * step_x, y + reach * step_y)
            for step_x, step_y in ((right, down), (-right, -down))
            if (reach := _reach(rect, (x, y), (step_x, step_y))) > gap
        ]
        yield thin_pen(colour, 1.0, 170), min(abs(right), abs(down)) > 1e-6, rays


def _fill_lines(painter: QPainter, lines: list[QLineF], ink: QColor) -> None:
    """Draw horizontal and vertical lines one screen pixel wide.

    The pixels are those of `drawLines` with a cosmetic pen, which takes three times as long.
    """
    to_pixels = painter.deviceTransform()
    painter.save()
    painter.resetTransform()
    from_pixels, _ = painter.deviceTransform().inverted()
    for line in lines:
        start, end = to_pixels.map(line.p1()), to_pixels.map(line.p2())
        (left, right), (top, bottom) = _covered(start.x(), end.x()), _covered(start.y(), end.y())
        pixels = QRectF(left, top, right - left, bottom - top)
        painter.fillRect(from_pixels.mapRect(pixels), ink)
    painter.restore()


def _covered(start_px: float, end_px: float) -> tuple[int, int]:
    """Return the first pixel of a line in one direction and the one after the last."""
    first, last = sorted((start_px, end_px))
    if last - first < 1e-6:
        return math.floor(first), math.floor(first) + 1
    return round(first), round(last)


def _within(rect: QRectF) -> QRect:
    """Return the pixels that are completely inside a rectangle."""
    corner = QPoint(math.ceil(rect.left()), math.ceil(rect.top()))
    return QRect(corner, QPoint(math.floor(rect.right()) - 1, math.floor(rect.bottom()) - 1))


def _reach(rect: QRectF, start: tuple[float, float], along: tuple[float, float]) -> float:
    """Return how far a ray (right, down) runs inside a rectangle; 0 if it starts outside."""
    if not rect.contains(*start):
        return 0.0
    reach = math.inf
    for place, step, low, high in (
        (start[0], along[0], rect.left(), rect.right()),
        (start[1], along[1], rect.top(), rect.bottom()),
    ):
        if abs(step) > 1e-9:
            reach = min(reach, ((high if step > 0 else low) - place) / step)
    return reach
