"""The right mouse button on a picture: a click offers commands, a drag zooms."""

from fakes import FakeBackend
from pointer import drag
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from spineviewer.gui.viewing.layouts import SpineView
from spineviewer.volume.planes import Plane

RIGHT, NO_KEY = Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier


def popup():
    shown = QApplication.activePopupWidget()
    return shown if isinstance(shown, QMenu) else None


def label(action):
    """The text of an entry without its key."""
    return action.text().split("\t")[0]


def texts(menu):
    return [label(action) for action in menu.actions() if action.text()]


def test_a_right_click_offers_available_commands_and_moves_nothing(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    view = window.area.views[Plane.AXIAL]
    before = window.verbs.state.crosshair_zyx, view.framing.zoom
    QTest.mouseClick(view.viewport(), RIGHT, NO_KEY, QPoint(60, 60))
    menu = popup()
    assert menu is not None
    assert {"Maximise the active view", "Copy screenshot", "Measure", "Window"} <= set(texts(menu))
    assert "Name vertebra…" not in texts(menu)  # there is none yet
    assert all(action.isEnabled() for action in menu.actions() if not action.menu())
    assert (window.verbs.state.crosshair_zyx, view.framing.zoom) == before
    next(a for a in menu.actions() if label(a) == "Maximise the active view").trigger()
    menu.close()
    assert window.area.maximised is Plane.AXIAL


def test_a_right_drag_zooms_and_offers_nothing(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    view = window.area.views[Plane.AXIAL]
    drag(view, QPoint(60, 90), QPoint(60, 40), button=RIGHT)
    assert popup() is None
    assert view.framing.zoom is not None


def test_the_surface_offers_a_menu_too(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.actions_by_name["layout_grid"].trigger()
    QTest.mouseClick(window.area.members[SpineView.SURFACE], RIGHT, NO_KEY, QPoint(60, 60))
    assert popup() is not None
    popup().close()


def test_the_tooltip_of_a_tool_gives_its_name_and_then_its_gesture(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    for name, action in window.actions_by_name.items():
        command = window.actions_by_name.commands[name]
        assert action.toolTip().startswith(command.title), name
    tip = window.actions_by_name["tool_angle"].toolTip().split("\n")
    assert tip[0] == "Angle (G)"
    assert tip[1].startswith("Drag")
