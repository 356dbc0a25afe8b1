"""The words in the corners of a view, which never cover each other."""

import pytest
from PySide6.QtGui import QImage, QPainter, QPixmap

from spineviewer.gui.viewing import annotations
from spineviewer.gui.viewing.annotations import Annotations, paint_annotations

WORDS = Annotations(
    "#ff0000",
    ("Coronal, oblique 16\N{DEGREE SIGN}", "slab 10 mm"),
    ("through the crosshair", "level L2"),
    "W 1800  L 400",
    ("RS", "LI", "AS", "PI"),
)


@pytest.fixture
def drawn(monkeypatch):
    """Boxes (left, top, right, bottom) of everything that is drawn."""
    boxes = []

    def note(painter, corner, picture):
        if isinstance(painter.device(), QPixmap):  # a letter on its plate, before that is drawn
            return
        ratio = picture.devicePixelRatioF()
        wide, high = picture.width() / ratio, picture.height() / ratio
        boxes.append((corner.x() + 4, corner.y() + 5, corner.x() + wide - 4, corner.y() + high - 5))

    monkeypatch.setattr(annotations, "_draw_sharp", note)
    return boxes


@pytest.mark.parametrize("width", [240, 260, 300, 340, 420, 640])
def test_words_and_letters_never_cover_each_other(qapp, drawn, width):
    image = QImage(width, 320, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    paint_annotations(painter, WORDS, "371 HU", (width, 320))
    painter.end()
    assert len(drawn) == 4 + 4 + 2
    for number, (left, top, right, bottom) in enumerate(drawn):
        for other in drawn[:number]:
            is_apart = (
                right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
            )
            assert is_apart, (width, number)
