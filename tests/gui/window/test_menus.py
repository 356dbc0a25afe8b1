"""The tables of menus and toolbars name every command, and only commands that exist."""

import pytest
from PySide6.QtGui import QAction

from spineviewer.app.settings import OLD_COMMANDS
from spineviewer.gui.kit.command import Command, CommandTable, UnknownCommandError
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.menus import LINE, MENUS, TOOLBARS, complete, names_in

#: Intentionally available only in the palette and by key.
PALETTE_ONLY = set()


def command(name, menu):
    return Command(name=name, text=name.title(), menu=menu, run=lambda _: None)


def test_every_command_is_in_one_menu_or_deliberately_in_the_palette_only():
    placed = list(names_in(complete(MENUS, COMMANDS)))
    assert len(placed) == len(set(placed))
    assert {*COMMANDS} - {*placed} == PALETTE_ONLY
    assert {name for name, each in COMMANDS.items() if not each.menu} == PALETTE_ONLY


def test_every_command_is_in_the_menu_that_it_names():
    for title, entries in complete(MENUS, COMMANDS):
        assert {COMMANDS[name].menu for name in names_in(entries)} == {title}


def test_every_button_of_the_toolbar_is_a_command_with_an_icon():
    names = [name for bar in TOOLBARS for name in bar if name != LINE]
    assert len(names) == len(set(names))
    assert all(COMMANDS[name].icon for name in names)


def test_a_command_that_no_table_names_is_appended_to_its_own_menu():
    table = CommandTable(
        [command("open", "File"), command("count", "Spine"), command("new", "Tools")]
    )
    menus = complete((("File", ("open", LINE)), ("Spine", ())), table)
    assert menus == (("File", ("open", LINE)), ("Spine", ("count",)), ("Tools", ("new",)))


def test_a_star_stands_for_all_commands_with_that_prefix_and_an_error_names_the_nearest():
    table = CommandTable([command("size_1", "View"), command("size_2", "View")])
    assert complete((("View", (("Size", ("size_*",)),)),), table) == (
        ("View", (("Size", ("size_1", "size_2")),)),
    )
    with pytest.raises(UnknownCommandError, match="'size_1'"):
        complete((("View", ("siez_1",)),), table)


def test_menus_have_separators_where_the_table_has_them(make_window):
    window = make_window()
    menu = next(
        m for m in (a.menu() for a in window.menuBar().actions()) if m.title() == "Overlays"
    )
    names = {action: name for name, action in window.actions_by_name.items()}
    shown = tuple(LINE if action.isSeparator() else names[action] for action in menu.actions())
    assert shown == dict(MENUS)["Overlays"]
    assert all(isinstance(action, QAction) for action in menu.actions())


def test_older_names_refer_to_existing_commands():
    assert set(OLD_COMMANDS.values()) <= set(COMMANDS)
    assert not set(OLD_COMMANDS) & set(COMMANDS)
