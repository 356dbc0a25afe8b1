"""A command is declared once in one file; menu, palette, sheet and keys follow from that."""

from fakes import FakeBackend
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.command import Command, CommandTable
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.keys_dialog import KeysDialog
from spineviewer.gui.window.menus import MENUS, complete, fill_menu_bar, names_in
from spineviewer.gui.window.palette import Palette
from spineviewer.gui.window.sheets import ShortcutsSheet

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_a_new_command_is_in_menu_palette_sheet_and_keys_without_another_line(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    ran = []
    new = Command(
        name="count",
        text="Count vertebrae",
        menu="Spine",
        keys=("Ctrl+Alt+K",),
        run=lambda context: ran.append(context.scan),
    )
    commands = CommandTable((*COMMANDS.values(), new))
    assert "count" in names_in(dict(complete(MENUS, commands))["Spine"])
    actions = Actions(commands, window.context, window, (window.area,), {})
    actions.refresh()
    menus = fill_menu_bar(window.menuBar(), actions)
    assert actions["count"] in menus["Spine"].actions()
    palette = Palette(actions, window)
    palette.field.setText("count v")
    assert palette.selected == "count"
    sheet = ShortcutsSheet(commands, {}, window)
    assert "Count vertebrae" in {label.text() for label in sheet.findChildren(QLabel)}
    dialog = KeysDialog(commands, {}, window)
    dialog.select("count")
    assert dialog.command is new
    QTest.keyClick(
        window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    assert ran == [window.workspace.front]
    for shown in (palette, sheet, dialog):
        shown.deleteLater()


def test_the_picture_of_the_views_is_copied(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    shown = window.area.picture()  # a pointer that rests over a view adds a value to `grab`
    QTest.keyClick(window, Qt.Key.Key_C, CONTROL_SHIFT)
    assert QGuiApplication.clipboard().image() == shown
    assert [notice.text for notice in window.banners.notices()] == [
        "The screenshot was copied to the clipboard."
    ]
