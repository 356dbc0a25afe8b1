"""Escape ends one thing at a time, and switches always show the actual state."""

import threading

import pytest
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.app.notices import Notice, Severity
from spineviewer.app.state import SegmentationStage
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.main import WindowHost
from spineviewer.gui.viewing.layouts import Layout
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.qt_workspace import qt_workspace
from spineviewer.volume.planes import Plane

LAYOUTS = [name for name in COMMANDS if name.startswith("layout_")]


def press(window, key):
    QTest.keyClick(window.area.members[window.area.active], key)


def test_escape_ends_a_drawing_then_the_tool_then_the_maximised_view(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    area = window.area
    press(window, Qt.Key.Key_F)
    press(window, Qt.Key.Key_O)
    press(window, Qt.Key.Key_G)
    view = area.views[Plane.SAGITTAL]
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.viewport().rect().center()
    )
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.viewport().rect().center() / 2
    )
    assert area.tool.is_drawing
    press(window, Qt.Key.Key_Escape)
    assert (area.tool.is_drawing, area.tool.name, area.maximised) == (
        False,
        "angle",
        Plane.SAGITTAL,
    )
    press(window, Qt.Key.Key_Escape)
    assert (area.tool.name, area.maximised) == ("window", Plane.SAGITTAL)
    assert window.actions_by_name["tool_window"].isChecked()
    assert not window.actions_by_name["tool_angle"].isChecked()
    press(window, Qt.Key.Key_Escape)
    assert area.maximised is None
    press(window, Qt.Key.Key_Escape)  # nothing is left to exit
    assert area.tool.name == "window"


def test_escape_closes_the_list_of_notices_before_the_tool(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    for topic in ("one", "two"):
        window.workspace.front.tell(Notice(Severity.WARNING, topic, topic))
    window.actions_by_name["tool_angle"].trigger()
    drawn = window.area.tool.name
    assert drawn != window.area.default_tool
    window.banners.toggle()
    assert window.banners.is_open
    press(window, Qt.Key.Key_Escape)
    assert not window.banners.is_open
    assert window.area.tool.name == drawn


def test_escape_ends_the_tool_and_the_maximised_view_but_not_the_segmentation(
    qtbot, make_window, scan
):
    window = make_window(FakeBackend([scan], gate=threading.Event()), scan=scan)
    press(window, Qt.Key.Key_F)
    window.actions_by_name["tool_cobb"].trigger()
    window.verbs.segment()
    press(window, Qt.Key.Key_Escape)
    assert window.area.tool.name == "window"
    assert window.area.maximised is not None
    press(window, Qt.Key.Key_Escape)
    assert window.area.maximised is None
    press(window, Qt.Key.Key_Escape)  # nothing is left to exit
    assert window.verbs.state.stage is SegmentationStage.RUNNING
    QTest.keyClick(window, Qt.Key.Key_Escape, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: window.verbs.state.stage is not SegmentationStage.RUNNING)
    qtbot.waitUntil(lambda: not window.actions_by_name["cancel"].isEnabled())


def test_escape_leaves_the_full_screen_last(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.actions_by_name["fullscreen"].trigger()
    assert window.isFullScreen()
    assert window.actions_by_name["fullscreen"].isChecked()
    press(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert not window.actions_by_name["fullscreen"].isChecked()


def test_a_maximised_window_is_maximised_again_after_the_full_screen(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.showMaximized()
    for leave in (
        window.actions_by_name["fullscreen"].trigger,
        lambda: press(window, Qt.Key.Key_Escape),
    ):
        window.actions_by_name["fullscreen"].trigger()
        assert window.isFullScreen()
        leave()
        assert window.isMaximized()
        assert not window.isFullScreen()


@pytest.mark.parametrize(
    "name", ["tool_pan", "layout_sagittal", "language_system", "size_automatic"]
)
def test_an_exclusive_choice_stays_on_when_it_is_chosen_again(make_window, scan, name):
    window = make_window(FakeBackend([scan]), scan=scan)
    for _ in range(2):
        window.actions_by_name[name].trigger()
        assert window.actions_by_name[name].isChecked()


def test_after_a_change_of_language_the_shown_layout_is_checked(qtbot, qapp, tmp_path):
    front = WindowHost(qt_workspace(FakeBackend(), tmp_path / "settings.json"))
    try:
        front.window.show()
        front.window.workspace.show_volume(spine_volume())
        front.window.actions_by_name["layout_row"].trigger()
        first = front.window
        with qtbot.waitSignal(first.destroyed):
            first.actions_by_name["language_de"].trigger()
        window = front.window
        for kind in (Layout.ROW, Layout.GRID, Layout.SAGITTAL):
            window.actions_by_name[f"layout_{kind.value}"].trigger()
            on = [name for name in LAYOUTS if window.actions_by_name[name].isChecked()]
            assert (on, window.area.layout_kind) == ([f"layout_{kind.value}"], kind)
    finally:
        use_language("en")
        with qtbot.waitSignal(front.finished):
            front.window.close()
        front.window.deleteLater()
        front.deleteLater()
