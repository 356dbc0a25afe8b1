"""Painting of frames, for the window and for report images."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QTransform

from spineviewer.gui.viewing.annotations import NO_ANNOTATIONS, Annotations
from spineviewer.gui.viewing.composer import Frame
from spineviewer.gui.viewing.layers.layer import Hatching, PlacedName
from spineviewer.gui.viewing.placed_name import paint_names

#: Side length of a hatching tile, a multiple of the period of Qt's pattern (8 pixels).
_TILE_PX = 64
_SHADE = QColor(16, 24, 36, 60)
_ALPHA, _FAINT_ALPHA = 70, 34


def paint_frame(
    painter: QPainter,
    frame: Frame,
    rect_mm: QRectF,
    annotations: Annotations = NO_ANNOTATIONS,
) -> None:
    """Paint a frame into a rectangle in world coordinates: the scan, then each layer in order.

    Names avoid the text of the annotations that will be painted over it.
    """
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(rect_mm, frame.image)
    painter.save()
    painter.translate(rect_mm.topLeft())
    painter.scale(rect_mm.width() / frame.image.width(), rect_mm.height() / frame.image.height())
    for part in frame.parts.values():
        if part.hatching is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            _paint_hatching(painter, part.hatching, frame.image.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for outline in part.outlines:
            if len(outline.segments):
                painter.setPen(
                    thin_pen(outline.stroke.colour, outline.stroke.width_px, outline.stroke.alpha)
                )
                _draw_lines(painter, outline.segments)
    names = [name for part in frame.parts.values() for name in part.names]
    if names:
        _paint_names(painter, names, annotations)
    painter.restore()


def _paint_hatching(painter: QPainter, hatching: Hatching, height_px: int) -> None:
    """Hatch columns of the picture; the size of the pattern does not depend on the zoom."""
    brush = QBrush(_hatching_tile(_FAINT_ALPHA if hatching.is_faint else _ALPHA))
    inverse, is_invertible = painter.worldTransform().inverted()
    if is_invertible:
        brush.setTransform(QTransform.fromScale(inverse.m11(), inverse.m22()))
    for first, end in hatching.columns:
        columns = QRectF(first, 0, end - first, height_px)
        if not hatching.is_faint:
            painter.fillRect(columns, _SHADE)
        painter.fillRect(columns, brush)


def _paint_names(painter: QPainter, names: list[PlacedName], annotations: Annotations) -> None:
    """Paint names centred on their positions; their size does not depend on the zoom."""
    to_px, device = painter.worldTransform(), painter.device()
    ratio = device.devicePixelRatioF()
    size_px = round(device.width() / ratio), round(device.height() / ratio)
    painter.resetTransform()
    placed = [
        (to_px.map(QPointF(name.right_px, name.down_px)), name.text, name.colour) for name in names
    ]
    paint_names(painter, placed, size_px, annotations)


def _draw_lines(painter: QPainter, segments: NDArray[np.float64]) -> None:
    """Draw lines (x1, y1, x2, y2) directly from an array with Qt's memory layout."""
    lines = np.ascontiguousarray(segments, np.float64)
    first = cast(QLineF, shiboken6.Shiboken.wrapInstance(lines.ctypes.data, QLineF))
    painter.drawLines(first, len(lines))


@lru_cache(8)
def _hatching_tile(alpha: int) -> QImage:
    """Return a tile of the pattern; filling with it takes half as long as with Qt's pattern."""
    tile = QImage(_TILE_PX, _TILE_PX, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.fillRect(tile.rect(), QBrush(QColor(150, 175, 205, alpha), Qt.BrushStyle.BDiagPattern))
    painter.end()
    return tile


@lru_cache(32)
def thin_pen(colour: str, width_px: float, alpha: int = 255) -> QPen:
    """Return a pen whose width on the screen does not depend on the zoom."""
    pen_colour = QColor(colour)
    pen_colour.setAlpha(alpha)
    pen = QPen(pen_colour, width_px)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # overlapping round ends would look like beads
    return pen
