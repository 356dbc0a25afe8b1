"""The toolbar at every width: names if there is room, and no button is lost."""

import pytest
from fakes import FakeBackend
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from spineviewer.gui.kit.language import tr, use_language
from spineviewer.gui.viewing.layouts import Layout
from spineviewer.gui.window.menus import FOLDED_TOOLS, LINE, TOOLBARS

NAMES = [name for names in TOOLBARS for name in names if name != LINE]
IN_GROUPS = {name for group in FOLDED_TOOLS for name in group.names}
NAMED = Qt.ToolButtonStyle.ToolButtonTextBesideIcon


def is_in_sight(bar, button):
    return button.isVisible() and bar.rect().contains(button.geometry())


def group_button(bar, name):
    """Return the button that replaces the group of a command if there is little room."""
    return next(group.button for group in bar._groups.values() if name in group.names)


def reachable(bar):
    """Return the commands whose own button, or the button of their group, is visible."""
    found = []
    for name in NAMES:
        own, of_group = bar.button(name), group_button(bar, name) if name in IN_GROUPS else None
        found += [name] * any(is_in_sight(bar, b) for b in (own, of_group) if b is not None)
    return found


@pytest.fixture(params=["en", "de"])
def window(request, qapp, qtbot, make_window, scan):
    use_language(request.param)
    yield make_window(FakeBackend([scan]), scan=scan, size=(1366, 738))
    use_language("en")


@pytest.mark.parametrize("width", [960, 1066, 1366, 1600, 2200, 3840])
def test_no_command_is_hidden_by_a_narrow_toolbar(qtbot, window, width):
    window.resize(width, 738)
    qtbot.waitUntil(lambda: reachable(window.toolbar) == NAMES)
    more = window.toolbar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert not more.isVisible()


@pytest.mark.parametrize("width", [1366, 1600, 3800])
def test_every_tool_is_named_or_in_a_named_menu(qtbot, window, width):
    window.resize(width, 738)
    bar = window.toolbar
    menus = [group_button(bar, group.names[0]) for group in FOLDED_TOOLS]
    is_wide = width == 3800
    qtbot.waitUntil(lambda: any(menu.isVisible() for menu in menus) is not is_wide)
    qtbot.waitUntil(lambda: reachable(bar) == NAMES)
    for group in FOLDED_TOOLS:
        menu = group_button(bar, group.names[0])
        if is_in_sight(bar, menu):
            assert tr(group.title) in menu.text() or menu.isChecked()
            assert menu.sizeHint().width() <= menu.width()
        elif group.are_tools:
            for name in group.names:
                assert bar.button(name).toolButtonStyle() is NAMED
                assert bar.button(name).text()


def test_the_button_of_a_group_names_the_tool_in_use_and_runs_its_commands(qtbot, window):
    layout, measure = (group_button(window.toolbar, n) for n in ("layout_grid", "tool_angle"))
    qtbot.waitUntil(lambda: layout.isVisible() and measure.isVisible())
    assert not measure.isChecked()
    actions, width, title = window.actions_by_name, measure.width(), measure.text()
    actions["layout_grid"].trigger()
    assert layout.icon().cacheKey() == actions["layout_grid"].icon().cacheKey()
    actions["tool_angle"].trigger()
    assert measure.isChecked()
    assert measure.icon().cacheKey() == actions["tool_angle"].icon().cacheKey()
    assert actions["tool_angle"].iconText() in measure.text() != title
    assert measure.width() == width
    actions["tool_window"].trigger()
    assert measure.text() == title
    assert actions["layout_grid"].text() in [action.text() for action in layout.menu().actions()]
    layout.menu().actions()[0].trigger()
    assert window.area.layout_kind is Layout.SAGITTAL
    QTest.keyClick(measure, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: measure.isChecked() == actions["tool_angle"].isChecked())


def test_every_layout_highlights_its_button(make_window, scan):
    window = make_window(scan=scan)
    for kind in Layout:
        window.actions_by_name[f"layout_{kind.value}"].trigger()
        lit = [k for k in Layout if window.toolbar.button(f"layout_{k.value}").isChecked()]
        assert lit == [kind]
