import csv

import pytest
from fakes import FakeBackend
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spineviewer.app.measuring import MeasureKind, quantities
from spineviewer.volume.planes import Plane

LEFT, NONE, NO_KEY = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    yield window
    qtbot.waitUntil(lambda: window.desk.runner.is_idle)


def drag(view, start, stop):
    places = [view.widget_position(point).toPoint() for point in (start, stop)]
    QTest.mousePress(view.viewport(), LEFT, NO_KEY, places[0])
    for place in ((places[0] + places[1]) / 2, places[1]):
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(place), QPointF(view.viewport().mapToGlobal(place)), NONE, LEFT, NO_KEY
        )
        QApplication.sendEvent(view.viewport(), event)
    QTest.mouseRelease(view.viewport(), LEFT, NO_KEY, places[1])


def click(view, point):
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, view.widget_position(point).toPoint())


def first_value(window, number=0):
    reading = window.desk.reading
    return quantities(reading.measurements[number], reading.scan.geometry, reading.scan.hu)[0].value


def test_a_drag_measures_a_distance_in_mm(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    x = window.desk.reading.cursor_zyx[2]
    drag(window.area.views[Plane.SAGITTAL], (20, 40, x), (60, 40, x))
    assert window.desk.reading.measurements[0].kind is MeasureKind.DISTANCE
    assert first_value(window) == pytest.approx(40 * 2.0, abs=1.0)
    assert window.panel.measurement_list.count() == 1
    assert "mm" in window.panel.measurement_list.item(0).text()
    assert window.desk.reading.cursor_zyx == (48, 40, 36)


def test_a_drag_and_a_click_measure_an_angle(window):
    QTest.keyClick(window, Qt.Key.Key_G)
    view, z = window.area.views[Plane.AXIAL], window.desk.reading.cursor_zyx[0]
    drag(view, (z, 20, 36), (z, 40, 36))
    assert window.desk.reading.measurements == ()
    click(view, (z, 40, 56))
    assert first_value(window) == pytest.approx(90, abs=2)


def test_two_drags_measure_a_cobb_angle(window):
    QTest.keyClick(window, Qt.Key.Key_K)
    view, y = window.area.views[Plane.CORONAL], window.desk.reading.cursor_zyx[1]
    drag(view, (80, y, 20), (80, y, 52))
    drag(view, (20, y, 20), (20 + 32 * 0.75 / 2 * 1.0, y, 52))  # 24 mm up over 48 mm
    assert first_value(window) == pytest.approx(26.57, abs=1.5)


def test_a_region_tells_mean_spread_and_area(window):
    QTest.keyClick(window, Qt.Key.Key_O)
    view, z = window.area.views[Plane.AXIAL], window.desk.reading.cursor_zyx[0]
    drag(view, (z, 42, 30), (z, 54, 42))
    text = window.panel.measurement_list.item(0).text()
    assert "Region" in text
    assert "±" in text
    assert "mm²" in text


def test_a_click_alone_measures_nothing_and_escape_forgets_the_first_point(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.desk.reading.cursor_zyx[0]
    click(view, (z, 20, 20))
    QTest.keyClick(window, Qt.Key.Key_Escape)
    drag(view, (z, 30, 20), (z, 30, 50))
    assert len(window.desk.reading.measurements) == 1
    assert window.desk.reading.measurements[0].points_zyx[0][1] == pytest.approx(30, abs=1)


def test_points_can_be_moved_afterwards(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.desk.reading.cursor_zyx[0]
    drag(view, (z, 30, 20), (z, 30, 40))
    drag(view, (z, 30, 40), (z, 30, 60))
    assert len(window.desk.reading.measurements) == 1
    assert first_value(window) == pytest.approx(40 * 1.5, abs=1.5)


def test_a_click_in_the_list_goes_there_and_del_deletes(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.desk.reading.cursor_zyx[0]
    drag(view, (z, 30, 20), (z, 30, 40))
    window.desk.move_to((5, 5, 5))
    assert view._shown_measurements() == []
    listed = window.panel.measurement_list
    QTest.mouseClick(listed.viewport(), LEFT, NO_KEY, listed.visualItemRect(listed.item(0)).center())
    assert window.desk.reading.cursor_zyx[0] == z
    assert len(view._shown_measurements()) == 1
    QTest.keyClick(window, Qt.Key.Key_Delete)
    assert window.desk.reading.measurements == ()
    assert not window.panel.measurement_box.isVisible()


def test_the_table_is_saved_and_a_wrong_folder_told(window, tmp_path):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.desk.reading.cursor_zyx[0]
    drag(view, (z, 30, 20), (z, 30, 40))
    window.save_table(tmp_path / "m.csv")
    rows = list(csv.DictReader((tmp_path / "m.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0]["measurement"] == "Distance"
    window.save_table(tmp_path / "nowhere" / "m.csv")
    assert any("could not be written" in notice.text for notice in window.banners.notices())


def test_measurements_are_there_again_when_the_scan_is_opened_again(qtbot, window, scan):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.desk.reading.cursor_zyx[0]
    drag(view, (z, 30, 20), (z, 30, 40))
    measured = window.desk.reading.measurements
    qtbot.waitUntil(lambda: window.desk.runner.is_idle)
    window.desk.close_scan()
    window.desk.show_scan(scan)
    assert window.desk.reading.measurements == measured
