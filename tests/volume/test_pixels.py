"""Layers blended over a picture, compared with Qt."""

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from spineviewer.gui.kit.colour import grey_table, map_table, mask_table
from spineviewer.volume.pixels import blend_layer, look_up_pixels
from spineviewer.volume.volume import WindowLevel


@pytest.mark.parametrize("table", [map_table(0.7), np.resize(mask_table((220, 40, 90), 0.45), 256)])
def test_a_layer_is_blended_as_in_qt_within_one_grey_value(table: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    grey = rng.integers(0, 256, (40, 64), np.uint32)
    picture = np.uint32(0xFF000000) | grey << np.uint32(16) | grey << np.uint32(8) | (255 - grey)
    indices = rng.integers(0, 256, picture.shape).astype(np.uint8)
    expected, above = picture.copy(), np.take(table, indices)
    image = QImage(expected.data, 64, 40, 256, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.drawImage(
        0, 0, QImage(above.data, 64, 40, 256, QImage.Format.Format_ARGB32_Premultiplied)
    )
    painter.end()
    blend_layer(picture, table, indices)
    assert (picture >> 24 == 255).all()
    assert np.abs(picture.view(np.uint8).astype(int) - expected.view(np.uint8)).max() <= 1


def test_transparent_pixels_keep_the_picture_and_opaque_ones_replace_it() -> None:
    picture = np.full((1, 3), 0xFF102030, np.uint32)
    blend_layer(picture, np.array([0, 0xFFABCDEF], np.uint32), np.array([[0, 1, 0]], np.uint8))
    assert [hex(pixel) for pixel in picture[0]] == ["0xff102030", "0xffabcdef", "0xff102030"]


@pytest.mark.parametrize("cut", [np.s_[:], np.s_[::-1], np.s_[:, ::2], np.s_[::-1, 1::3]])
def test_pixels_are_looked_up_in_any_memory_order(cut: tuple[slice, ...]) -> None:
    hu = np.random.default_rng(2).integers(-1024, 3000, (30, 40)).astype(np.int16)
    hu.flags.writeable = False
    table = grey_table(WindowLevel(1800, 400))
    picture = look_up_pixels(table, hu[cut].view(np.uint16))
    assert picture.flags.c_contiguous
    assert (picture == table[hu[cut].view(np.uint16)]).all()
