"""A drag that is interrupted ends: on its own scan, as one step that can be undone."""

from pathlib import Path

import pytest
from conftest import segment
from fakes import FakeBackend, spine_volume
from pointer import move
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.measuring_tools.registry import MEASURING_TOOLS
from spineviewer.volume.planes import Plane

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot, make_window):
    scans = [spine_volume(path=Path(f"{k}_ct.nii.gz"), shape=(60 + k, 60, 60)) for k in (0, 1)]
    window = make_window(FakeBackend(scans))
    window.verbs.show_scan(scans[1])
    window.verbs.show_scan(scans[0])
    segment(qtbot, window)
    window.verbs.move_to((30, 30, 30))
    return window


def press_and_drag(view, place, by_px):
    """Press the left button and move; the button stays down."""
    QTest.mousePress(view.viewport(), LEFT, NO_KEY, place)
    for fraction in (0.25, 0.5, 0.75, 1.0):
        there = QPointF(place) + QPointF(by_px) * fraction
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            there,
            QPointF(view.viewport().mapToGlobal(there.toPoint())),
            Qt.MouseButton.NoButton,
            LEFT,
            NO_KEY,
        )
        QApplication.sendEvent(view.viewport(), event)


def switch(window):
    QTest.keyClick(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize("tool", ["tool_brush", "tool_eraser", "tool_lasso"])
def test_a_stroke_ends_on_its_scan_when_another_comes_to_the_front(window, tool):
    view = window.area.views[Plane.SAGITTAL]
    own, steps = window.workspace.front, len(window.workspace.front.parts.history.done)
    window.actions_by_name[tool].trigger()
    press_and_drag(view, view.viewport().rect().center(), QPoint(30, 10))
    switch(window)
    other = window.workspace.front
    QTest.mouseRelease(view.viewport(), LEFT, NO_KEY, view.viewport().rect().center())
    assert other is not own
    assert other.correction.is_empty
    assert not own.corrections.is_drawing
    assert len(own.parts.history.done) == steps + (not own.correction.is_empty)
    switch(window)
    window.verbs.undo()
    assert own.correction.is_empty


def test_a_dragged_measurement_is_one_step_of_its_scan(window):
    scan, view = window.workspace.front, window.area.views[Plane.SAGITTAL]
    distance = next(tool for tool in MEASURING_TOOLS if tool.point_count == 2)
    drawn = Measurement(distance, Plane.SAGITTAL, ((20.0, 30.0, 30.0), (40.0, 30.0, 30.0)))
    scan.measurements.add(drawn)
    place = view.widget_position((20.0, 30.0, 30.0)).toPoint()
    press_and_drag(view, place, QPoint(25, 5))
    assert scan.measurements.drawn != (drawn,)
    switch(window)
    QTest.mouseRelease(view.viewport(), LEFT, NO_KEY, place)
    switch(window)
    window.verbs.undo()
    assert scan.measurements.drawn == (drawn,)


def test_a_slider_lets_go_when_another_scan_comes_to_the_front(window):
    slider = window.panel.tuning_box.attention_threshold.slider
    slider.setSliderDown(True)
    switch(window)
    assert not slider.isSliderDown()


def test_a_stroke_whose_button_is_released_elsewhere_ends(window):
    view, scan = window.area.views[Plane.SAGITTAL], window.workspace.front
    window.actions_by_name["tool_brush"].trigger()
    centre = view.viewport().rect().center()
    press_and_drag(view, centre, QPoint(20, 0))
    drawn = scan.correction.revision
    move(view, centre + QPoint(40, 30))
    move(view, centre + QPoint(60, 60))
    assert scan.correction.revision == drawn
    assert not scan.corrections.is_drawing


def test_a_stroke_ends_when_a_dialog_opens(qtbot, window):
    view, scan = window.area.views[Plane.SAGITTAL], window.workspace.front
    window.actions_by_name["tool_brush"].trigger()
    press_and_drag(view, view.viewport().rect().center(), QPoint(20, 0))
    dialog = QDialog(window)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: not scan.corrections.is_drawing)
    dialog.close()


def test_a_new_measurement_is_the_selected_one(window):
    scan = window.workspace.front
    distance = next(tool for tool in MEASURING_TOOLS if tool.point_count == 2)
    for z in (20.0, 30.0):
        points = ((z, 20.0, 30.0), (z, 40.0, 30.0))
        scan.measurements.add(Measurement(distance, Plane.SAGITTAL, points))
        scan.measurements.choose(0)
    scan.measurements.add(
        Measurement(distance, Plane.SAGITTAL, ((40.0, 20.0, 30.0), (40.0, 40.0, 30.0)))
    )
    window.actions_by_name["delete_measurement"].trigger()
    assert [drawn.points_zyx[0][0] for drawn in scan.measurements.drawn] == [20.0, 30.0]


@pytest.mark.parametrize("tool", ["tool_brush", "tool_eraser", "tool_lasso"])
def test_escape_takes_a_stroke_back_and_keeps_the_tool(qtbot, window, tool):
    view, front = window.area.views[Plane.SAGITTAL], window.workspace.front
    steps = front.parts.history.done
    window.actions_by_name[tool].trigger()
    middle = view.viewport().rect().center()
    press_and_drag(view, middle, QPoint(30, 10))
    QTest.keyClick(window, Qt.Key.Key_Escape)
    press_and_move = middle + QPoint(60, 20)
    move(view, press_and_move)
    QTest.mouseRelease(view.viewport(), LEFT, NO_KEY, press_and_move)
    assert front.correction.is_empty
    assert front.parts.history.done == steps
    assert not front.corrections.is_drawing
    assert window.area.tool.name == tool.removeprefix("tool_")
    qtbot.waitUntil(lambda: not front.are_results_pending)


def test_escape_puts_a_dragged_measurement_back(window):
    x = window.verbs.state.crosshair_zyx[2]
    view, front = window.area.views[Plane.SAGITTAL], window.workspace.front
    length = Measurement(MEASURING_TOOLS[0], Plane.SAGITTAL, ((10.0, 20.0, x), (40.0, 20.0, x)))
    front.measurements.add(length)
    steps = front.parts.history.done
    end = view.widget_position(length.points_zyx[1]).toPoint()
    press_and_drag(view, end, QPoint(40, 0))
    assert front.state.measurements != (length,)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    QTest.mouseRelease(view.viewport(), LEFT, NO_KEY, end + QPoint(40, 0))
    assert front.state.measurements == (length,)
    assert front.parts.history.done == steps
