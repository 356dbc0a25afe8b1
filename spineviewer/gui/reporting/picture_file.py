"""Saving a picture of the views to a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from spineviewer.app.open_scan import OpenScan
from spineviewer.gui.reporting.report_image import png_of
from spineviewer.io.write.encoding import PROVENANCE_KEY

#: Font size in the strip below a picture, in points.
_CAPTION_PT = 11


def captioned(picture: QImage, words: str) -> QImage:
    """Return a picture with a line of text in a strip below it."""
    scale = picture.devicePixelRatio()
    font = QFont("Inter")
    font.setPixelSize(round(_CAPTION_PT * 4 / 3))
    metrics = QFontMetrics(font)
    edge, strip = metrics.height() // 2, 2 * metrics.height()
    whole = QImage(
        picture.width(), picture.height() + round(strip * scale), QImage.Format.Format_RGB32
    )
    whole.setDevicePixelRatio(scale)
    whole.fill(QColor("#000000"))
    painter = QPainter(whole)
    painter.drawImage(0, 0, picture)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    room = QRectF(edge, picture.height() / scale, whole.width() / scale - 2 * edge, strip)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
    painter.end()
    return whole


def save_picture(scan: OpenScan, picture: QImage, path: Path, *, may_overwrite: bool) -> None:
    """Write a picture as PNG with its run record and without patient or file names."""

    def png(facts: Mapping[str, object]) -> bytes:
        picture.setText(PROVENANCE_KEY, json.dumps(facts, sort_keys=True, default=str))
        return png_of(picture)

    scan.exports.save_picture(path, png, may_overwrite=may_overwrite)
