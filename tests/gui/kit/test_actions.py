import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from fakes import FakeBackend
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QScrollBar,
)  # fmt: skip

from spineviewer.app.settings import load_settings
from spineviewer.app.state import PRESETS
from spineviewer.gui.kit import icons
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.keys_dialog import KeysDialog
from spineviewer.gui.window.palette import Palette, match_rank


def test_no_key_does_two_things():
    keys = Counter(
        QKeySequence(key).toString() for command in COMMANDS.values() for key in command.keys
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_no_two_commands_share_a_name_or_a_text():
    for what in ("name", "text"):
        counts = Counter(getattr(command, what) for command in COMMANDS.values())
        assert [value for value, count in counts.items() if count > 1] == []


def test_qt_knows_every_key():
    assert [
        key
        for command in COMMANDS.values()
        for key in command.keys
        if not QKeySequence(key).toString()
    ] == []


def test_every_icon_exists():
    named = {command.icon for command in COMMANDS.values() if command.icon}
    drawn = {icon for icon in named if icon.startswith("<")}  # measuring tools have their own
    assert named - drawn <= icons._STROKES.keys()
    assert all(ET.fromstring(f"<svg>{icon}</svg>") is not None for icon in drawn)


def test_a_few_letters_find_a_command_and_enter_runs_it(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    QTest.keyClick(
        window,
        Qt.Key.Key_P,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    palette = window.findChild(Palette)
    QTest.keyClicks(palette.field, "filled")
    assert palette.selected == "tint"
    palette.field.setText("grey bone wxyz")
    assert palette.selected == ""
    palette.field.setText("bone w")
    assert palette.selected == "preset_2"
    palette.field.returnPressed.emit()
    assert window.verbs.state.window == PRESETS[1].window


def test_the_palette_lists_unavailable_commands_last_with_the_reason(make_window):
    window = make_window()
    palette = Palette(window.actions_by_name, window)
    palette.field.setText("cobb")
    assert palette.list.item(0).text() == "Measure:  Cobb angle  –  needs a scan in view"
    assert palette.selected == ""
    palette.field.returnPressed.emit()
    assert palette.result() == 0  # Enter runs nothing and closes nothing
    palette.field.setText("scan")
    reasons = ["  –  " in palette.list.item(row).text() for row in range(palette.list.count())]
    assert reasons == sorted(reasons)
    assert palette.selected
    palette.field.setText("no such thing")
    assert palette.selected == ""
    palette.deleteLater()


def test_a_whole_word_is_found_before_a_part_of_one():
    assert match_rank("150", "Interface at 150%") < match_rank("150", "Lung 1500/-600")
    assert match_rank("1500", "Lung 1500/-600") is not None


def test_every_word_must_match_and_beginnings_rank_first():
    assert match_rank("exp", "Export…") < match_rank("exp", "Unexpected")
    assert match_rank("mask comp", "Compare with a mask") is not None
    assert match_rank("mask zebra", "Compare with a mask") is None


def test_a_key_in_use_is_not_assigned_twice_and_the_users_keys_are_stored(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    dialog = KeysDialog(COMMANDS, {}, window)
    dialog.select("tint")
    dialog.set_key("H")
    assert "is used by" in dialog.message.text()
    assert dialog.own_keys == {}
    dialog.set_key("Ctrl+Alt+9")
    assert dialog.own_keys == {"tint": ["Ctrl+Alt+9"]}
    window.preferences.use_keys(dialog.own_keys)
    dialog.deleteLater()
    style = window.verbs.state.overlays.mask_style
    QTest.keyClick(window, Qt.Key.Key_T)
    assert window.verbs.state.overlays.mask_style is style
    QTest.keyClick(
        window, Qt.Key.Key_9, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    assert window.verbs.state.overlays.mask_style is not style
    assert "Ctrl+Alt+9" in window.actions_by_name["tint"].toolTip()
    assert window.verbs.runner.wait_for_writes(60.0)
    assert load_settings(window.workspace.settings._path).keys == {"tint": ["Ctrl+Alt+9"]}
    again = make_window(FakeBackend([scan]))
    assert again.actions_by_name["tint"].shortcut().toString() == "Ctrl+Alt+9"


def test_every_control_of_the_window_has_a_name_for_screen_readers(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    kinds = (
        QAbstractButton,
        QAbstractSlider,
        QAbstractSpinBox,
        QLineEdit,
        QComboBox,
        QAbstractItemView,
    )
    unnamed = []
    for kind in kinds:
        for widget in window.findChildren(kind):
            inner = isinstance(
                widget.parent(), QAbstractSpinBox | QComboBox
            ) or widget.objectName().startswith("qt_")
            name = widget.accessibleName() or getattr(widget, "text", str)() or widget.toolTip()
            inner = (
                inner
                or isinstance(widget.window(), QComboBox)
                or "ComboBox" in widget.parent().metaObject().className()
            )
            if not inner and not isinstance(widget, QScrollBar | QHeaderView) and not name:
                unnamed.append(
                    f"{type(widget).__name__} in {widget.parent().metaObject().className()} "
                    f"{widget.parent().parent()}"
                )
    assert unnamed == []


def test_every_menu_fits_a_small_screen(make_window):
    window = make_window()
    menus = [action.menu() for action in window.menuBar().actions()]
    inner = [
        action.menu() for menu in menus for action in menu.actions() if action.menu() is not None
    ]
    assert {menu.title() for menu in inner} >= {"Layout", "Language", "Interface size"}
    assert max(menu.sizeHint().height() for menu in (*menus, *inner)) < 768 - 30


@pytest.mark.parametrize("language", ["en", "de"])
def test_commands_named_like_the_search_come_first(request, make_window, scan, language):
    request.addfinalizer(lambda: use_language("en"))
    use_language(language)
    window = make_window(FakeBackend(), scan=scan)
    palette = Palette(window.actions_by_name, window)
    for wanted in ("rec", "dist", "str", "fen", "win"):
        palette.field.setText(wanted)
        names = [
            palette.list.item(k).data(Qt.ItemDataRole.UserRole)
            for k in range(40)
            if palette.list.item(k)
        ]
        actions = window.actions_by_name
        ranks = [
            (bool(actions.obstacle(name)), wanted not in actions.commands[name].title.lower())
            for name in names
            if name
        ]
        assert ranks == sorted(ranks)
