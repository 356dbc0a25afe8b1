"""A thumbnail for the list of recent scans: the middle sagittal slice in the bone window."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

from spineviewer.app.state import PRESETS
from spineviewer.gui.kit.colour import grey_table
from spineviewer.gui.kit.png import png_bytes
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume

#: Longer edge. Choice: large enough to distinguish a neck from a pelvis, too small for a diagnosis.
EDGE_PX = 44


def make_thumbnail(scan: CtVolume) -> str:
    """Return a thumbnail of a scan as a base64-encoded PNG of a few kilobytes."""
    plane = Plane.SAGITTAL
    height_mm, width_mm = plane.rows_columns_mm(scan.geometry)
    picture = plane.slice_of(scan.hu, scan.geometry.shape_zyx[plane.value] // 2)
    scale = EDGE_PX / max(height_mm, width_mm)
    rows, columns = (max(1, round(mm * scale)) for mm in (height_mm, width_mm))
    at_row, at_column = (
        np.linspace(0, n - 1, k).round().astype(int)
        for n, k in zip(picture.shape, (rows, columns), strict=True)
    )
    small = np.ascontiguousarray(picture[np.ix_(at_row, at_column)])
    pixels = np.ascontiguousarray(np.take(grey_table(PRESETS[0].window), small.view(np.uint16)))
    image = QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
    return base64.b64encode(png_bytes(image)).decode()


def grey_pixmap(picture: NDArray[np.uint8], edge_px: int, pixel_ratio: float) -> QPixmap:
    """Return grey values (uint8, shape (rows, columns)) scaled to fit a square of `edge_px`.

    `edge_px` is in logical pixels; `pixel_ratio` is the screen's device pixel ratio.
    """
    rows, columns = picture.shape
    image = QImage(
        np.ascontiguousarray(picture).data, columns, rows, columns, QImage.Format.Format_Grayscale8
    ).copy()
    edge = round(edge_px * pixel_ratio)
    shown = QPixmap.fromImage(image).scaled(
        edge, edge, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    shown.setDevicePixelRatio(pixel_ratio)
    return shown


def thumbnail_pixmap(thumbnail: str, edge_px: int) -> QPixmap | None:
    """Return a thumbnail on a black square of `edge_px`; None if it is empty or damaged."""
    try:
        image = QImage.fromData(QByteArray(base64.b64decode(thumbnail, validate=True)))
    except ValueError:
        return None
    if image.isNull():
        return None
    square = QImage(edge_px, edge_px, QImage.Format.Format_RGB32)
    square.fill(0)
    fitted = image.scaled(
        edge_px,
        edge_px,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    painter = QPainter(square)
    painter.drawImage((edge_px - fitted.width()) // 2, (edge_px - fitted.height()) // 2, fitted)
    painter.end()
    return QPixmap.fromImage(square)
