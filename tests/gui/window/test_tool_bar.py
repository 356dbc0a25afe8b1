"""The tool bar at every width: names if there is room, and no button is lost."""

import pytest
from fakes import FakeBackend
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from spineviewer.gui.kit.language import use_language
from spineviewer.gui.viewing.layouts import Layout
from spineviewer.gui.window.menus import FOLDED_TOOLS, LINE, TOOL_BARS

NAMES = [name for names in TOOL_BARS for name in names if name != LINE]
IN_GROUPS = {name for _, _, names in FOLDED_TOOLS for name in names}
ICON, NAMED = Qt.ToolButtonStyle.ToolButtonIconOnly, Qt.ToolButtonStyle.ToolButtonTextBesideIcon


def is_in_sight(bar, button):
    return button.isVisible() and bar.rect().contains(button.geometry())


def reachable(bar):
    """Return the commands whose own button, or the button of their group, is visible."""
    found = []
    for name in NAMES:
        own, of_group = bar.button(name), bar.group_button(name) if name in IN_GROUPS else None
        found += [name] * any(is_in_sight(bar, b) for b in (own, of_group) if b is not None)
    return found


@pytest.fixture(params=["en", "de"])
def window(request, qapp, qtbot, make_window, scan):
    use_language(request.param)
    yield make_window(FakeBackend([scan]), scan=scan, size=(1366, 738))
    use_language("en")


@pytest.mark.parametrize("width", [960, 1066, 1366, 1600, 2200, 3840])
def test_no_command_is_hidden_by_a_narrow_tool_bar(qtbot, window, width):
    window.resize(width, 738)
    qtbot.waitUntil(lambda: reachable(window.tool_bar) == NAMES)
    more = window.tool_bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert not more.isVisible()


def test_tools_are_named_only_if_there_is_room(qtbot, window):
    bar = window.tool_bar
    button, last = bar.button("tool_crosshair"), bar.button("shortcuts")
    assert button.toolButtonStyle() is ICON
    window.resize(3800, 900)
    qtbot.waitUntil(lambda: button.toolButtonStyle() is NAMED and is_in_sight(bar, last))
    assert bar.button("tool_brush").toolButtonStyle() is NAMED
    window.resize(1366, 738)
    qtbot.waitUntil(lambda: button.toolButtonStyle() is ICON and is_in_sight(bar, last))


def test_the_button_of_a_group_shows_the_active_command_and_runs_its_commands(qtbot, window):
    window.resize(960, 700)
    layout, measure = (window.tool_bar.group_button(n) for n in ("layout_grid", "tool_angle"))
    qtbot.waitUntil(lambda: layout.isVisible() and measure.isVisible())
    assert not measure.isChecked()
    actions = window.actions_by_name
    actions["layout_grid"].trigger()
    assert layout.icon().cacheKey() == actions["layout_grid"].icon().cacheKey()
    actions["tool_angle"].trigger()
    assert measure.isChecked()
    assert measure.icon().cacheKey() == actions["tool_angle"].icon().cacheKey()
    assert actions["layout_grid"].text() in [action.text() for action in layout.menu().actions()]
    layout.menu().actions()[0].trigger()
    assert window.area.layout_kind is Layout.SAGITTAL
    QTest.keyClick(measure, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: measure.isChecked() == actions["tool_angle"].isChecked())


def test_every_layout_highlights_its_button(make_window, scan):
    window = make_window(scan=scan)
    for kind in Layout:
        window.actions_by_name[f"layout_{kind.value}"].trigger()
        lit = [k for k in Layout if window.tool_bar.button(f"layout_{k.value}").isChecked()]
        assert lit == [kind]
