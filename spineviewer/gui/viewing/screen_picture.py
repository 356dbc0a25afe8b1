"""The picture of a view as drawn on the screen, cached between paints, with its crosshair."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QRegion, QTransform

from spineviewer.gui.kit.theme import DARK
from spineviewer.gui.viewing.annotations import NO_ANNOTATIONS, text_boxes
from spineviewer.gui.viewing.composer import Frame
from spineviewer.gui.viewing.frame_painter import paint_frame, thin_pen

#: Colour and direction (right, down) of the line along which another plane intersects this one.
CrossLine = tuple[str, tuple[float, float]]

#: Margin for the width of outlines, and for colours that scaling spreads to neighbouring pixels.
_MARGIN_PX = 2


class ScreenPicture:
    """Paints frames in mm: x to the right, y down, origin at the picture's upper left corner.

    Attributes
    ----------
    annotations
        The text that the view paints over the picture; names avoid it.
    """

    def __init__(self) -> None:
        self.annotations = NO_ANNOTATIONS
        self._frame: Frame | None = None
        self._size_mm = QSizeF(1, 1)
        self._cross_mm: QPointF | None = None
        self._image = QImage()
        self._image_key: tuple[object, ...] = ()
        self._stale_mm = QRectF()
        self._cross_lines: tuple[CrossLine, ...] = ()
        self._rays_key: tuple[object, ...] = ()
        self._rays: list[tuple[QPen, bool, list[QLineF]]] = []

    def set_size_mm(self, size: QSizeF) -> None:
        """Set the extent of the picture, from voxel edge to voxel edge."""
        self._size_mm = size

    def set_frame(self, frame: Frame | None, *, part_mm: QRectF | None = None) -> None:
        """Set the frame to paint next.

        With `part_mm`, the frame differs from the previous one only in that part.
        """
        old, self._frame = self._frame, frame
        if frame is not None and old is not None and frame.shows_the_same_as(old):
            return
        if part_mm is None:
            self._image_key = ()
        else:
            self._stale_mm = self._stale_mm.united(part_mm)

    def set_cross(self, cross_mm: QPointF | None, lines: tuple[CrossLine, ...]) -> None:
        """Set the position and the lines of the crosshair; None hides it."""
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
        if self._frame is not None:
            yield from self._frame.names(self._size_mm)

    def paint(self, painter: QPainter) -> None:
        """Paint with a painter whose coordinates are in mm of the picture."""
        if self._frame is None:
            return
        device = painter.device()
        size_px, ratio = QSize(device.width(), device.height()), device.devicePixelRatioF()
        texts = text_boxes(self.annotations, (size_px.width(), size_px.height()))
        transform = QTransform(painter.worldTransform())
        image_key = (self._frame.size_mm, transform, size_px, ratio, texts)
        if self._image_key != image_key:
            self._image_key = image_key
            self._draw(self._frame, painter.worldTransform(), size_px, ratio)
        elif not self._stale_mm.isEmpty():
            self._draw(self._frame, painter.worldTransform(), size_px, ratio, self._stale_mm)
        self._stale_mm = QRectF()
        painter.save()
        painter.resetTransform()
        painter.drawImage(0, 0, self._image)
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
        """Draw the frame, or only `part_mm` of it, into the cached image; the crosshair is omitted.

        The image is in screen pixels. It is cached because scaling is slow and the crosshair moves
        often.
        """
        if self._image.size() != size_px * pixel_ratio:
            self._image = QImage(size_px * pixel_ratio, QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(pixel_ratio)
        painter = QPainter(self._image)
        if part_mm is not None:
            painter.setClipRect(
                transform.mapRect(part_mm)
                .toAlignedRect()
                .adjusted(-_MARGIN_PX, -_MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
            )
        view = QRegion(QRect(QPoint(0, 0), size_px))
        picture = QRegion(_whole_pixels(transform.mapRect(self.rect_mm)))
        for margin in view.subtracted(picture):  # type: ignore[attr-defined]  # regions are iterable
            painter.fillRect(margin, QColor(DARK.canvas))
        painter.setWorldTransform(transform)
        paint_frame(
            painter, frame, QRectF(QPointF(0, 0), frame.size_mm or self._size_mm), self.annotations
        )
        painter.end()

    def _paint_cross(self, painter: QPainter, rect: QRectF) -> None:
        if self._cross_mm is None:
            return
        scale = painter.worldTransform().m11()
        rays_key = (self._cross_mm, self._cross_lines, rect, scale)
        if self._rays_key != rays_key:
            self._rays_key = rays_key
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
    """Yield each line of the crosshair: its pen, whether it is oblique, and its two halves."""
    gap = 14 / scale if scale > 0 else 0  # around the crosshair, so that the point is visible
    x, y = cross_mm.x(), cross_mm.y()
    for colour, (right, down) in lines:
        rays = [
            QLineF(x + gap * step_x, y + gap * step_y, x + length * step_x, y + length * step_y)
            for step_x, step_y in ((right, down), (-right, -down))
            if (length := _ray_length(rect, (x, y), (step_x, step_y))) > gap
        ]
        yield thin_pen(colour, 1.0, 170), min(abs(right), abs(down)) > 1e-6, rays


def _fill_lines(painter: QPainter, lines: list[QLineF], colour: QColor) -> None:
    """Draw horizontal and vertical lines one screen pixel wide.

    The result is the same as with `drawLines` and a cosmetic pen, which take three times as long.
    """
    to_pixels = painter.deviceTransform()
    painter.save()
    painter.resetTransform()
    from_pixels, _ = painter.deviceTransform().inverted()
    for line in lines:
        start, end = to_pixels.map(line.p1()), to_pixels.map(line.p2())
        left, right = _pixel_range(start.x(), end.x())
        top, bottom = _pixel_range(start.y(), end.y())
        pixels = QRectF(left, top, right - left, bottom - top)
        painter.fillRect(from_pixels.mapRect(pixels), colour)
    painter.restore()


def _pixel_range(start_px: float, end_px: float) -> tuple[int, int]:
    """Return the first pixel of a line in one direction, and the one after the last."""
    first, last = sorted((start_px, end_px))
    if last - first < 1e-6:
        return math.floor(first), math.floor(first) + 1
    return round(first), round(last)


def _whole_pixels(rect: QRectF) -> QRect:
    """Return the pixels that are completely inside a rectangle."""
    corner = QPoint(math.ceil(rect.left()), math.ceil(rect.top()))
    return QRect(corner, QPoint(math.floor(rect.right()) - 1, math.floor(rect.bottom()) - 1))


def _ray_length(rect: QRectF, start: tuple[float, float], direction: tuple[float, float]) -> float:
    """Return the length of a ray (right, down) inside a rectangle; 0 if it starts outside."""
    if not rect.contains(*start):
        return 0.0
    length = math.inf
    for position, step, low, high in (
        (start[0], direction[0], rect.left(), rect.right()),
        (start[1], direction[1], rect.top(), rect.bottom()),
    ):
        if abs(step) > 1e-9:
            length = min(length, ((high if step > 0 else low) - position) / step)
    return length
