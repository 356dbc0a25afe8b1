"""The text in the corners of a view, which never overlaps."""

import pytest
from fakes import FakeBackend
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from spineviewer.gui.viewing import placed_name
from spineviewer.gui.viewing.annotations import (
    Annotations,
    placed_hover_text,
    placed_texts,
)
from spineviewer.gui.viewing.layouts import Layout
from spineviewer.gui.viewing.legend import surface_legend
from spineviewer.gui.viewing.placed_name import name_box, paint_names
from spineviewer.gui.viewing.surface_marks import paint_names_and_legend

WORDS = Annotations(
    "#ff0000",
    ("Coronal, oblique 16\N{DEGREE SIGN}", "slab 10 mm"),
    ("through the crosshair", "level L2"),
    "W 1800  L 400",
    ("RS", "LI", "AS", "PI"),
)


@pytest.mark.parametrize("width", [240, 260, 300, 340, 420, 640])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_texts_and_letters_never_overlap(qapp, width, ratio):
    size_px = (width, 320)
    placed = (
        *placed_texts(WORDS, size_px, ratio),
        placed_hover_text("371 HU", size_px, ratio),
    )
    boxes = [
        QRectF(corner, picture.deviceIndependentSize()).adjusted(4, 5, -4, -5)
        for corner, picture in placed
    ]
    assert len(boxes) == 4 + 4 + 2
    for number, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[:number]), (width, number)


@pytest.mark.parametrize("size_px", [(170, 180), (200, 240), (240, 320), (320, 160), (420, 320)])
def test_a_long_value_under_the_pointer_covers_neither_letter_nor_scale_bar(qapp, size_px):
    text = "MIP 1234 HU, Schicht -1034 HU"
    placed = (placed_hover_text(text, size_px, 1.0), *placed_texts(WORDS, size_px, 1.0))
    value, *others = [
        QRectF(corner, picture.deviceIndependentSize()).adjusted(2, 3, -2, -3)
        for corner, picture in placed
    ]
    bar = QRectF(size_px[0] * 0.7, size_px[1] - 29, size_px[0] * 0.3, 20)
    assert QRectF(0, 0, *size_px).contains(value)
    assert not any(value.intersects(other) for other in (*others, bar))


@pytest.mark.parametrize("size_px", [(300, 64), (420, 80), (640, 110), (300, 150), (240, 120)])
def test_a_low_view_keeps_all_four_letters_and_the_slice_number(qapp, size_px):
    words = Annotations(
        "#ff0000",
        ("Axial",),
        ("88 / 176", "I 12.3 mm", "slice spacing 1 mm"),
        "W 1800  L 400",
        WORDS.letters,
    )
    placed = (*placed_texts(words, size_px, 1.0), placed_hover_text("371 HU", size_px, 1.0))
    boxes = [
        QRectF(corner, picture.deviceIndependentSize()).adjusted(4, 5, -4, -5)
        for corner, picture in placed
    ]
    assert len(boxes) == 1 + 1 + 4 + 1  # name, slice, letters, value
    for number, box in enumerate(boxes):
        assert QRectF(0, 0, *size_px).contains(box)
        assert not any(box.intersects(other) for other in boxes[:number]), number


@pytest.mark.parametrize("kind", Layout)
def test_no_view_covers_another_in_a_low_window(make_window, scan, kind):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.area.set_layout_kind(kind)
    window.area.resize(window.area.minimumSizeHint())
    views = [view for view in window.area.members.values() if view.isVisible()]
    for number, view in enumerate(views):
        assert window.area.rect().contains(view.geometry())
        assert not any(view.geometry().intersects(other.geometry()) for other in views[:number])


@pytest.mark.parametrize("at", [(210, 12), (210, 300), (6, 160)])
def test_a_name_that_moves_away_from_a_letter_has_a_line_to_its_body(qapp, at):
    size_px = (420, 320)
    moved = name_box(QPointF(*at), "L1", size_px, WORDS).center()
    assert moved != QPointF(*at)
    picture = QImage(420, 320, QImage.Format.Format_RGB32)
    picture.fill(0)
    painter = QPainter(picture)
    paint_names(painter, [(QPointF(*at), "L1", "#ff0000")], size_px, WORDS)
    painter.end()
    beside = 2 if moved.x() > at[0] else -2
    assert picture.pixelColor(at[0] + beside, at[1]).red() > 100
    assert picture.pixelColor(at[0] - 2 * beside, at[1]).red() < 100


def test_a_line_to_a_body_passes_behind_the_name_of_another(qapp, monkeypatch):
    boxes = {"L1": QRectF(300, 190, 20, 18), "T12": QRectF(190, 190, 28, 18)}
    monkeypatch.setattr(placed_name, "name_box", lambda _at, text, *_: boxes[text])
    line, name = (QPointF(100, 199), "L1", "#ff0000"), (QPointF(204, 199), "T12", "#0000ff")

    def painted(names):
        picture = QImage(420, 320, QImage.Format.Format_RGB32)
        picture.fill(0)
        painter = QPainter(picture)
        paint_names(painter, names, (420, 320))
        painter.end()
        return picture.copy(boxes["T12"].toAlignedRect())

    assert painted([line]) != painted([])
    assert painted([name, line]) == painted([name])


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_texts_are_on_whole_screen_pixels(qapp, ratio):
    for corner, _ in placed_texts(WORDS, (640, 320), ratio):
        assert corner.x() * ratio == pytest.approx(round(corner.x() * ratio))
        assert corner.y() * ratio == pytest.approx(round(corner.y() * ratio))


@pytest.mark.parametrize(
    "at", [(210, 12), (200, 26), (210, 300), (216, 318), (6, 160), (24, 166), (400, 156)]
)
def test_the_name_of_a_vertebra_at_an_edge_covers_no_letter_and_stays_beside_its_body(qapp, at):
    size_px = (420, 320)
    letters = placed_texts(WORDS, size_px, 1.0)[-4:]
    place = name_box(QPointF(*at), "T11", size_px, WORDS).center()
    name = QRectF(place.x() - 12, place.y() - 5, 24, 10)
    for corner, picture in letters:
        assert not QRectF(corner, picture.deviceIndependentSize()).intersects(name)
    assert place.y() == at[1]  # another name may be above or below it
    assert QRectF(0, 0, *size_px).contains(place)


@pytest.mark.parametrize("width", [120, 150, 180, 240, 330])
@pytest.mark.parametrize("y", range(2, 110, 5))
def test_a_name_covers_no_letter_that_long_texts_have_moved_down(qapp, width, y):
    size_px = (width, 320)
    _, _, (corner, picture), _ = placed_texts(WORDS, size_px, 1.0)[-4:]
    name = name_box(QPointF(width / 2 + 3, y), "C1", size_px, WORDS).adjusted(1, 3, -1, -3)
    assert not QRectF(corner, picture.deviceIndependentSize()).intersects(name)


@pytest.mark.parametrize("size_px", [(150, 320), (200, 200), (260, 320), (420, 160)])
@pytest.mark.parametrize("y", range(4, 150, 9))
def test_a_name_covers_no_text_of_the_view(qapp, size_px, y):
    boxes = [
        QRectF(corner, picture.deviceIndependentSize()).adjusted(3, 4, -3, -4)
        for corner, picture in placed_texts(WORDS, size_px, 1.0)
    ]
    for x in range(5, size_px[0], 20):
        name = name_box(QPointF(x, y), "T12", size_px, WORDS).adjusted(1, 3, -1, -3)
        assert not any(name.intersects(box) for box in boxes), x
        assert QRectF(0, 0, *size_px).contains(name.center())


def surface_picture(names, size_px, legend):
    picture = QImage(*size_px, QImage.Format.Format_RGB32)
    picture.fill(QColor("#808080"))
    painter = QPainter(picture)
    paint_names_and_legend(painter, names, legend, WORDS, size_px)
    painter.end()
    return picture


def test_the_legend_of_the_surface_covers_no_name(qapp):
    legend = surface_legend(None, are_named=True)
    free = surface_picture([(QPointF(300, 200), "T3")], (400, 400), legend)
    assert free.pixelColor(8, 366).value() < 100  # its dark plate
    covered = surface_picture([(QPointF(60, 350), "T3")], (400, 400), legend)
    assert covered.pixelColor(8, 366).value() == 0x80


@pytest.mark.parametrize("at", [(180, 12), (210, 160), (210, -30), (210, 400), (60, 80)])
def test_the_name_of_a_vertebra_stays_at_its_body_where_no_text_is(qapp, at):
    assert name_box(QPointF(*at), "T11", (420, 320), WORDS).center() == QPointF(*at)


@pytest.mark.parametrize("width", [130, 200, 240])
def test_a_long_hint_is_broken_into_lines_and_never_leaves_a_narrow_view(qapp, width):
    hint = "Messen und Korrigieren geht nur in nicht gedrehten Ebenen"
    words = Annotations("#ff0000", ("Gekrümmt sagittal", hint), ("level L2",), "W 1", ())
    boxes = [
        QRectF(c, p.deviceIndependentSize()) for c, p in placed_texts(words, (width, 400), 1.0)
    ]
    assert len(boxes) >= 3
    assert all(box.left() >= 0 and box.right() <= width + 4 for box in boxes)


@pytest.mark.parametrize("height", [155, 170, 200])
def test_the_letter_at_the_side_is_below_the_lines_of_its_corner(qapp, height):
    words = Annotations(
        "#ff0000",
        ("Sagittal",),
        ("170 / 338", "L 151.1 mm", "slice spacing 0.57 mm", "level L2"),
        "",
        "APSI",
    )
    placed = placed_texts(words, (300, height), 1.0)
    boxes = [
        QRectF(corner, picture.deviceIndependentSize()).adjusted(2, 3, -2, -3)
        for corner, picture in placed
    ]
    lines, right_letter = boxes[1:5], boxes[-3]
    assert not any(line.intersects(right_letter) for line in lines)


def test_a_letter_stays_at_the_top_beside_short_words_of_the_first_row(qapp):
    words = Annotations(
        "#ff0000",
        ("Axial",),
        ("56 / 111", "I 216.4 mm", "slice spacing 1.52 mm"),
        "",
        ("R", "L", "A", "P"),
    )
    top = placed_texts(words, (236, 260), 1.0)[-2]
    assert top[0].y() < 15


def test_a_name_in_the_lower_left_corner_moves_away_from_the_grey_scale(qapp):
    moved = name_box(QPointF(92, 304), "L4", (420, 320), WORDS).center()
    assert moved.x() > 112
    assert moved.y() == 304
