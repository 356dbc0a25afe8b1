"""Saving a screenshot of the views to a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from spineviewer.app.open_scan import OpenScan
from spineviewer.gui.kit.png import png_bytes
from spineviewer.io.write.encoding import PROVENANCE_KEY

#: Font size in the strip below a screenshot, in points.
_CAPTION_PT = 11


def captioned(picture: QImage, caption: str) -> QImage:
    """Return a screenshot with a line of text in a strip below it."""
    scale = picture.devicePixelRatio()
    font = QFont("Inter")
    font.setPixelSize(round(_CAPTION_PT * 4 / 3))
    metrics = QFontMetrics(font)
    margin, strip = metrics.height() // 2, 2 * metrics.height()
    result = QImage(
        picture.width(), picture.height() + round(strip * scale), QImage.Format.Format_RGB32
    )
    result.setDevicePixelRatio(scale)
    result.fill(QColor("#000000"))
    painter = QPainter(result)
    painter.drawImage(0, 0, picture)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    box = QRectF(margin, picture.height() / scale, result.width() / scale - 2 * margin, strip)
    text = metrics.elidedText(caption, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
    painter.end()
    return result


def save_picture(scan: OpenScan, picture: QImage, path: Path, *, may_overwrite: bool) -> None:
    """Write a screenshot as PNG; the run record in it contains no patient or file names."""

    def encode(run_record: Mapping[str, object]) -> bytes:
        picture.setText(PROVENANCE_KEY, json.dumps(run_record, sort_keys=True, default=str))
        return png_bytes(picture)

    scan.exports.save_picture(path, encode, may_overwrite=may_overwrite)
