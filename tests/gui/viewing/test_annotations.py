"""The words in the corners of a view, which never cover each other."""

import pytest
from PySide6.QtCore import QRectF

from spineviewer.gui.viewing.annotations import Annotations, placed_hover_text, placed_words

WORDS = Annotations(
    "#ff0000",
    ("Coronal, oblique 16\N{DEGREE SIGN}", "slab 10 mm"),
    ("through the crosshair", "level L2"),
    "W 1800  L 400",
    ("RS", "LI", "AS", "PI"),
)


@pytest.mark.parametrize("width", [240, 260, 300, 340, 420, 640])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_words_and_letters_never_cover_each_other(qapp, width, ratio):
    size_px = (width, 320)
    placed = (
        *placed_words(WORDS, size_px, ratio),
        placed_hover_text("371 HU", size_px, ratio),
    )
    boxes = [
        QRectF(corner, picture.deviceIndependentSize()).adjusted(4, 5, -4, -5)
        for corner, picture in placed
    ]
    assert len(boxes) == 4 + 4 + 2
    for number, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[:number]), (width, number)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_words_are_on_whole_pixels_of_the_screen(qapp, ratio):
    for corner, _ in placed_words(WORDS, (640, 320), ratio):
        assert corner.x() * ratio == pytest.approx(round(corner.x() * ratio))
        assert corner.y() * ratio == pytest.approx(round(corner.y() * ratio))
