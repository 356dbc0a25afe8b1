"""Shortcuts on keyboards with other characters on their keys.

Codes and characters are those that Qt reports for the real layouts under X11 (fr, cz, de, ru,
us dvorak).
"""

import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spineviewer.gui.kit import keyboard
from spineviewer.gui.kit.keyboard import shortcut_at_position, us_key

NO, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
KEYPAD = Qt.KeyboardModifier.KeypadModifier
TAKEN = {"1", "3", "0", "Ctrl+1", "+", "=", "-", "[", "]", ";", "'", ",", ".", "?", "S"}
#: X11's codes of the positions of US keys.
CODES = {
    "1": 10, "3": 12, "6": 15, "0": 19, "-": 20, "=": 21, "[": 34, "]": 35, "s": 39,
    ";": 47, "'": 48, "q": 24, ",": 59, ".": 60, "/": 61,
}  # fmt: skip
ALT_GR = 0x80


def event(place, key, modifiers=NO, native=0, kind=QEvent.Type.ShortcutOverride, text=""):
    key = key if isinstance(key, int | Qt.Key) else ord(key)
    return QKeyEvent(kind, int(key), modifiers, CODES[place], 0, native, text, False, 1)


@pytest.fixture(autouse=True)
def on_linux(monkeypatch):
    monkeypatch.setattr(keyboard.sys, "platform", "linux")


@pytest.mark.parametrize(
    ("case", "meant"),
    [
        (event("1", "1"), "1"),  # US
        (event("1", Qt.Key.Key_Ampersand), "1"),  # French
        (event("1", "1", SHIFT), ""),  # French with Shift: printed, handled by Qt itself
        (event("1", Qt.Key.Key_Ampersand, CTRL), "Ctrl+1"),
        (event("0", Qt.Key.Key_Agrave), "0"),
        (event("6", "-"), ""),  # French: no command has 6, and minus is printed
        (event(",", ";"), ""),  # French: printed
        (event(".", ":"), "."),
        (event("[", Qt.Key.Key_Dead_Circumflex), "["),
        (event("1", "+"), "1"),  # Czech: the digit, although plus is a shortcut too
        (event("3", 0x161), "3"),  # š
        (event("-", "="), ""),
        (event("[", Qt.Key.Key_Udiaeresis), "["),  # German
        (event(";", Qt.Key.Key_Odiaeresis), ";"),
        (event("'", Qt.Key.Key_Adiaeresis), "'"),
        (event("=", Qt.Key.Key_Dead_Acute), "="),
        (event("/", "_", SHIFT), "?"),
        (event("s", 0x42B), "S"),  # Russian
        (event("[", 0x425), "["),
        (event("q", "'"), ""),  # Dvorak: printed
        (event("[", "/"), "["),
        (event(";", "S"), ""),
        (event("q", "A"), ""),  # French: letters are meant as printed
    ],
)
def test_a_key_without_a_meaning_of_its_own_acts_by_its_position(case, meant):
    assert shortcut_at_position(case, TAKEN) == meant


def test_with_alt_gr_a_key_means_its_printed_character():
    assert shortcut_at_position(event("3", "]", native=ALT_GR), TAKEN) == ""
    assert shortcut_at_position(event("3", "]"), TAKEN) == "3"


def test_a_key_set_by_the_user_means_its_printed_character():
    assert shortcut_at_position(event("1", "+"), TAKEN, {"+"}) == ""
    assert shortcut_at_position(event("1", Qt.Key.Key_Ampersand), TAKEN | {"&"}, {"&"}) == ""


def test_digits_of_the_number_pad_keep_their_meaning():
    assert us_key(event("1", Qt.Key.Key_End, KEYPAD)) == ""


def test_windows_and_macos_have_their_own_key_codes(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    pressed = QKeyEvent(QEvent.Type.KeyPress, int(Qt.Key.Key_Udiaeresis), NO, 26, 0xBA, 0)
    assert us_key(pressed) == "["
    monkeypatch.setattr(sys, "platform", "darwin")
    pressed = QKeyEvent(QEvent.Type.KeyPress, int(Qt.Key.Key_Ampersand), NO, 0, 18, 0)
    assert us_key(pressed) == "1"


def test_in_the_window_a_shifted_digit_works_and_a_field_keeps_its_letters(make_window, scan):
    window = make_window(scan=scan)
    view = window.area.members[window.area.active]

    def press(widget, place, key, text):
        """Press a key as the system does: first ask which widget wants it, then send it."""
        requested = event(place, key, text=text)
        QApplication.sendEvent(widget, requested)
        if not requested.isAccepted():
            QTest.keyClick(widget, key)
        else:
            QApplication.sendEvent(widget, event(place, key, kind=QEvent.Type.KeyPress, text=text))

    press(view, "3", Qt.Key.Key_QuoteDbl, '"')
    assert window.verbs.state.window.width_hu == 400
    radius = window.panel.correct_box.radius.field
    press(radius, "1", Qt.Key.Key_Ampersand, "&")
    assert window.verbs.state.window.width_hu == 400
    press(view, "1", Qt.Key.Key_Ampersand, "&")
    assert window.verbs.state.window.width_hu == 1800
