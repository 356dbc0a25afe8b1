"""The legend of a picture in a report: the colours and lines over the scan."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from spineviewer.app.report import LegendLine, ReportImage
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.png import png_bytes
from spineviewer.gui.kit.theme import DARK, tabular_font
from spineviewer.gui.viewing.legend import CHIP_SIZE_PX, legend_entries, paint_chip
from spineviewer.gui.viewing.scene import Scene

#: Factor by which symbols are drawn larger than they are shown, to be sharp when printed.
_SHARPNESS = 4
_ROW_PX, _MARGIN_PX, _GAP_PX, _ENTRY_GAP_PX = 22, 10, 6, 18


def picture_legend(scene: Scene) -> tuple[LegendLine, ...]:
    """Return the legend of a picture: the entries of the legend above the views.

    The vertebrae are left out, because their names are in the picture.
    """
    entries = legend_entries(scene, has_levels=False)
    width, height = CHIP_SIZE_PX
    lines = []
    for entry in entries:
        symbol = QImage(
            width * _SHARPNESS, height * _SHARPNESS, QImage.Format.Format_ARGB32_Premultiplied
        )
        symbol.fill(Qt.GlobalColor.transparent)
        painter = QPainter(symbol)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(_SHARPNESS, _SHARPNESS)
        paint_chip(painter, entry.chip, QRectF(0, 0, width, height))
        painter.end()
        lines.append(LegendLine(tr(entry.name), png_bytes(symbol)))
    return tuple(lines)


def with_legend(picture: ReportImage) -> ReportImage:
    """Return a picture with its legend in a strip below it, for use outside a report."""
    if not picture.legend:
        return picture
    font = tabular_font(12)
    metrics, (chip_width, chip_height) = QFontMetricsF(font), CHIP_SIZE_PX
    places, x, row = [], float(_MARGIN_PX), 0
    for line in picture.legend:
        width = chip_width + _GAP_PX + metrics.horizontalAdvance(line.name)
        if x > _MARGIN_PX and x + width > picture.width_px - _MARGIN_PX:
            x, row = float(_MARGIN_PX), row + 1
        places.append(QPointF(x, picture.height_px + (row + 0.5) * _ROW_PX))
        x += width + _ENTRY_GAP_PX
    height_px = picture.height_px + (row + 1) * _ROW_PX
    image = QImage(picture.width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(0, 0, QImage.fromData(picture.png))
    painter.setFont(font)
    painter.setPen(QColor(DARK.text))
    for line, at in zip(picture.legend, places, strict=True):
        chip = QRectF(at.x(), at.y() - chip_height / 2, chip_width, chip_height)
        painter.drawImage(chip, QImage.fromData(line.symbol))
        text = QRectF(chip.right() + _GAP_PX, at.y() - _ROW_PX / 2, picture.width_px, _ROW_PX)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, line.name)
    painter.end()
    return replace(picture, png=png_bytes(image), height_px=height_px, legend=())
