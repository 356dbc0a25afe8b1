"""Grey-scale presets: the user's and the program's, and which of them is active."""

from fakes import FakeBackend
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from spineviewer.app.settings import load_settings
from spineviewer.volume.volume import WindowLevel

LEFT = Qt.MouseButton.LeftButton


def ticked(window):
    return [
        name
        for name, action in window.actions_by_name.items()
        if name.startswith(("preset_", "own_window_")) and action.isChecked()
    ]


def test_the_active_preset_is_ticked_and_no_other(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    assert ticked(window) == ["preset_1"]
    QTest.keyClick(window, Qt.Key.Key_3)
    assert ticked(window) == ["preset_3"]
    window.verbs.set_window(WindowLevel(777.0, 33.0))
    assert ticked(window) == []
    assert window.toolbar.preset_button.text().startswith("777 / 33")


def test_a_custom_preset_has_a_key_a_button_and_a_tick(
    qtbot, make_window, scan, monkeypatch, tmp_path
):
    window = make_window(FakeBackend([scan]), scan=scan)
    control = window.toolbar.window_control
    assert not window.actions_by_name["own_window_1"].isEnabled()
    window.verbs.set_window(WindowLevel(777.0, 33.0))
    monkeypatch.setattr(window.dialogs, "ask_for_text", lambda *_: "Marrow")
    window.toolbar.open_window_control()
    QTest.mouseClick(control.save_button, LEFT)
    assert window.toolbar.preset_button.text().startswith("Marrow")
    QTest.keyClick(window, Qt.Key.Key_1)
    QTest.keyClick(window, Qt.Key.Key_6)
    assert window.verbs.state.window == WindowLevel(777.0, 33.0)
    assert ticked(window) == ["own_window_1"]
    window.toolbar.open_window_control()
    buttons = {b.text(): b for b in control.findChildren(QPushButton) if b.isVisible()}
    assert buttons["6  Marrow"].isChecked()
    assert not buttons["1  Bone"].isChecked()
    QTest.mouseClick(buttons["1  Bone"], LEFT)
    assert (buttons["6  Marrow"].isChecked(), buttons["1  Bone"].isChecked()) == (False, True)
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    assert load_settings(tmp_path / "settings.json").windows == {"Marrow": [777.0, 33.0]}
    (drop,) = (b for b in control.findChildren(QPushButton) if "Marrow" in b.accessibleName())
    QTest.mouseClick(drop, LEFT)
    assert window.workspace.settings.current.windows == {}
    control.hide()
    assert not window.actions_by_name["own_window_1"].isEnabled()
