from types import SimpleNamespace

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QScrollArea

from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.sheets import ShortcutsSheet


def sheet_on(qtbot, monkeypatch, width):
    screen = SimpleNamespace(availableGeometry=lambda: QRect(0, 0, width, 768))
    monkeypatch.setattr(ShortcutsSheet, "screen", lambda _: screen)
    sheet = ShortcutsSheet(COMMANDS, {})
    qtbot.addWidget(sheet)
    sheet.show()
    return sheet


def test_on_a_narrow_screen_the_keys_are_in_fewer_columns_and_none_is_missing(qtbot, monkeypatch):
    wide, narrow = sheet_on(qtbot, monkeypatch, 3000), sheet_on(qtbot, monkeypatch, 900)
    words = [{label.text() for label in sheet.findChildren(QLabel)} for sheet in (wide, narrow)]
    assert words[0] == words[1]
    assert {command.title for command in COMMANDS.values() if command.keys} <= words[0]
    pages = [sheet.findChild(QScrollArea).widget().sizeHint().width() for sheet in (wide, narrow)]
    assert pages[1] < pages[0]
