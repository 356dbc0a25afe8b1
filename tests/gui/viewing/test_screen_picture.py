"""Tests of the picture on the screen and its crosshair."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QLineF, QPointF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from spineviewer.gui.viewing.composer import Frame
from spineviewer.gui.viewing.frame_painter import thin_pen
from spineviewer.gui.viewing.screen_picture import ScreenPicture

SIDE_MM = 60.0
#: Pixels that the crosshair leaves free on each side of its point.
FREE_PX = 14


def blank(ratio: float) -> QImage:
    image = QImage(int(400 * ratio), int(400 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("#205070"))
    return image


def grey_frame() -> Frame:
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("#606060"))
    return Frame(image, np.full((60, 60), 0xFF606060, np.uint32), {}, QSizeF(SIDE_MM, SIDE_MM))


def differing(one: QImage, other: QImage) -> int:
    """Return the number of pixels in which two images of one size differ."""
    pixels, others = (np.frombuffer(image.constBits(), np.uint32) for image in (one, other))
    return int((pixels != others).sum())


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.usefixtures("qapp")
def test_a_straight_crosshair_covers_the_pixels_of_qt_s_own_lines(ratio: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    scale, x, y = random.uniform(1.0, 6.0), *random.uniform(25.0, 35.0, 2)
    transform = QTransform(scale, 0, 0, scale, *random.uniform(-9.0, 9.0, 2))
    gap = FREE_PX / scale
    picture = ScreenPicture()
    picture.set_size_mm(QSizeF(SIDE_MM, SIDE_MM))
    picture.set_frame(grey_frame())

    plain = blank(ratio)
    painter = QPainter(plain)
    painter.setWorldTransform(transform)
    picture.paint(painter)
    painter.end()

    drawn = QImage(plain)
    painter = QPainter(drawn)
    painter.setWorldTransform(transform)
    painter.setPen(thin_pen("#ff8800", 1.0, 170))
    painter.drawLines([QLineF(x, y + gap, x, SIDE_MM), QLineF(x, y - gap, x, 0)])
    painter.setPen(thin_pen("#00ff88", 1.0, 170))
    painter.drawLines([QLineF(x + gap, y, SIDE_MM, y), QLineF(x - gap, y, 0, y)])
    painter.end()

    picture.set_cross(QPointF(x, y), (("#ff8800", (0.0, 1.0)), ("#00ff88", (1.0, 0.0))))
    filled = blank(ratio)
    painter = QPainter(filled)
    painter.setWorldTransform(transform)
    picture.paint(painter)
    painter.end()

    assert differing(filled, plain) > 80
    assert differing(filled, drawn) <= 8, (
        "each of four lines may round its two ends to the neighbouring pixel"
    )
