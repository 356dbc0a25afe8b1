"""The text of measurements beside each other."""

from dataclasses import replace

import pytest
from fakes import FakeBackend, spine_volume
from pointer import drag
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest

from spineviewer.app.state import Overlays, Slab, SlabKind, first_state
from spineviewer.gui.measuring import painting
from spineviewer.gui.measuring.marks import MeasurementMarks
from spineviewer.gui.measuring.painting import free_box, label_text, line_boxes, paint_label
from spineviewer.measuring_tools.areas import Region
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.measuring_tools.measurement_tables import StoredMeasurement
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane

ROOM, SIZE = QRectF(0, 0, 400, 300), QSizeF(60, 18)


def test_a_text_is_to_the_right_of_its_object_if_there_is_room():
    box = free_box(SIZE, [QPointF(100, 100), QPointF(100, 160)], [], ROOM)
    assert box.left() == 109
    assert box.size() == SIZE


def test_a_text_avoids_others_and_the_edge():
    about = [QPointF(350, 100), QPointF(350, 160)]  # 50 px to the edge, less than the 60 needed
    taken = [free_box(SIZE, about, [], ROOM)]
    for _ in range(5):
        box = free_box(SIZE, about, taken, ROOM)
        assert ROOM.contains(box)
        assert not any(box.intersects(other) for other in taken)
        taken.append(box)


def test_without_room_the_text_still_fits_the_width():
    box = free_box(SIZE, [QPointF(390, 10)], [ROOM], ROOM)
    assert 0 <= box.left() <= 400 - 60


def test_without_room_below_the_text_is_not_cut():
    assert ROOM.contains(free_box(SIZE, [QPointF(200, 295)], [ROOM], ROOM))


@pytest.mark.parametrize("moved_to", [None, QPointF(200, 150)])
def test_a_measurement_outside_the_picture_has_no_label(qapp, moved_to):
    """Beside another vertebra, it would be read as its value."""
    picture = QPixmap(400, 300)
    painter = QPainter(picture)

    def box(*ends):
        return paint_label(
            painter, Distance(), ends, "12 mm", (400, 300), occupied=[], moved_to=moved_to
        )

    assert box(QPointF(100, 320), QPointF(150, 330)) is None
    assert box(QPointF(-60, 100), QPointF(-10, 120)) is None
    assert box(QPointF(-60, 100), QPointF(10, 120)) is not None
    assert box(QPointF(100, -500), QPointF(100, 900)) is not None, "its line crosses the picture"
    painter.end()


def test_the_label_of_a_region_says_that_its_values_are_not_of_the_slab(qapp):
    """The picture and the value under the pointer are of the whole slab."""
    region = Measurement(Region(), Plane.SAGITTAL, ((10.0, 20.0, 9.0), (30.0, 40.0, 9.0)))
    line = Measurement(Distance(), Plane.SAGITTAL, ((10.0, 20.0, 9.0), (30.0, 40.0, 9.0)))
    one = first_state(spine_volume(), Tuning(), Overlays())
    slab = replace(one, slab=Slab(SlabKind.MIP, 10.0))
    assert label_text(1, "40 HU", region, one) == "1  40 HU"
    assert label_text(1, "40 HU", region, slab) == "1  40 HU\none slice, not the slab"
    assert label_text(1, "12 mm", line, slab) == "1  12 mm"


def test_labels_avoid_the_lines_of_every_measurement():
    boxes = line_boxes(Distance(), [QPointF(10, 10), QPointF(10, 110)])
    assert any(box.contains(QPointF(10, 57)) for box in boxes)
    assert not any(box.contains(QPointF(20, 57)) for box in boxes)


def test_no_line_of_another_measurement_runs_through_a_text(monkeypatch, qtbot, make_window):
    drawn = []
    monkeypatch.setattr(painting, "paint_measurement", lambda *_, **__: drawn.append("lines"))
    monkeypatch.setattr(painting, "paint_label", lambda *_, **__: drawn.append("words") or QRectF())
    window = make_window(FakeBackend(), scan=spine_volume())
    for y in (10.0, 14.0):
        window.verbs.add_measurement(
            Measurement(Distance(), Plane.SAGITTAL, ((2, y, 36), (9, y, 36)))
        )
    window.verbs.move_to((5, 12, 36))
    view = window.area.views[Plane.SAGITTAL]
    qtbot.waitUntil(lambda: not view.is_stale)
    drawn.clear()
    view.viewport().repaint()
    assert drawn == ["lines", "lines", "words", "words"]


def test_labels_can_be_dragged_with_any_tool_and_one_undo_moves_them_back(qtbot, make_window):
    window = make_window(FakeBackend(), scan=spine_volume())
    length = Measurement(Distance(), Plane.SAGITTAL, ((20, 20, 36), (50, 20, 36)))
    window.verbs.add_measurement(length)
    window.verbs.move_to((35, 20, 36))
    view = window.area.views[Plane.SAGITTAL]
    qtbot.waitUntil(lambda: not view.is_stale)
    view.viewport().repaint()
    mark = next(marks for marks in view.marks if isinstance(marks, MeasurementMarks))
    ((_, box),) = mark._labels[view]
    start = box.center().toPoint()
    drag(view, start, start + QPoint(-60, 30))
    qtbot.waitUntil(lambda: mark._labels[view][0][1] != box)
    view.viewport().repaint()
    ((_, moved),) = mark._labels[view]
    assert (moved.center() - box.center()).toPoint() == QPoint(-60, 30)
    drawn = window.verbs.state.measurements
    assert window.verbs.state.window.width_hu == 1800  # the drag was not for the grey scale
    assert tuple(StoredMeasurement.of(one).measurement for one in drawn) == drawn
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.verbs.state.measurements == (length,)


def test_a_drag_of_a_point_is_one_step_of_the_history(qtbot, make_window):
    window = make_window(FakeBackend(), scan=spine_volume())
    length = Measurement(Distance(), Plane.SAGITTAL, ((20, 20, 36), (50, 20, 36)))
    window.verbs.add_measurement(length)
    window.verbs.move_to((35, 20, 36))
    view = window.area.views[Plane.SAGITTAL]
    qtbot.waitUntil(lambda: not view.is_stale)
    start = view.widget_position((20, 20, 36)).toPoint()
    drag(view, start, start + QPoint(25, 0))
    assert window.verbs.state.measurements != (length,)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.verbs.state.measurements == (length,)


def test_a_label_that_was_dragged_to_the_edge_is_not_cut():
    picture = QPixmap(400, 300)
    painter = QPainter(picture)
    ends, taken = [QPointF(100, 100), QPointF(150, 100)], []
    for corner in (QPointF(380, 290), QPointF(-50, -20)):
        box = paint_label(
            painter, Distance(), ends, "-1024 to 1051 HU", (400, 300),
            occupied=taken, moved_to=corner,
        )  # fmt: skip
        assert ROOM.contains(box)
    painter.end()
