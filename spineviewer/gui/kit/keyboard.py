"""Shortcuts by key position, for keyboard layouts on which their character cannot be typed.

Digits need Shift on French and Czech keyboards, brackets need AltGr on German ones, other symbols
are dead keys or missing, and Russian or Greek keyboards have no Latin letters. A key whose
character is not itself a shortcut acts as the key in the same position on a US keyboard.
"""

from __future__ import annotations

import sys
from collections.abc import Container

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

_ROWS = (
    (2, "1234567890-="),
    (16, "qwertyuiop[]"),
    (30, "asdfghjkl;'"),
    (41, "`"),
    (43, "\\zxcvbnm,./"),
)
#: US keys by their codes in PC scan code set 1; Linux uses the same numbers.
_PC = {first + number: key for first, keys in _ROWS for number, key in enumerate(keys)}
#: US keys by the virtual key codes of macOS, which identify positions.
_MAC = (
    dict(
        zip(
            (18, 19, 20, 21, 23, 22, 26, 28, 25, 29, 27, 24),
            "1234567890-=",
            strict=True,
        )
    )
    | dict(
        zip(
            (12, 13, 14, 15, 17, 16, 32, 34, 31, 35, 33, 30, 0, 1, 2, 3, 5, 4, 38, 40, 37, 41, 39),
            "qwertyuiop[]asdfghjkl;'",
            strict=True,
        )
    )
    | dict(zip((6, 7, 8, 9, 11, 45, 46, 43, 47, 44, 42, 50), "zxcvbnm,./\\`", strict=True))
)
#: Offset of the key codes in X11 and Wayland from those in `_PC`.
_X11_OFFSET = 8
#: The character that each US key types with Shift.
_SHIFTED = dict(zip("1234567890-=[];',./\\`", '!@#$%^&*()_+{}:"<>?|~', strict=True))
#: Qt's key codes for letters and symbols outside ASCII.
_BEYOND_ASCII = range(0x80, 0x01000000)
#: AltGr in the native modifiers of X11 and Wayland; Qt does not report it. With AltGr, a key types
#: the character printed on it.
_ALT_GR = 0x80
_SHIFT = Qt.KeyboardModifier.ShiftModifier


def us_key(event: QKeyEvent) -> str:
    """Return the US key in the position of the pressed key.

    '' if unknown, on the keypad or, under Linux, with AltGr.
    """
    if event.modifiers() & Qt.KeyboardModifier.KeypadModifier:
        return ""
    if sys.platform == "darwin":
        return _MAC.get(event.nativeVirtualKey(), "")
    if not sys.platform.startswith("linux"):
        return _PC.get(event.nativeScanCode(), "")
    is_alt_gr = bool(event.nativeModifiers() & _ALT_GR)
    return "" if is_alt_gr else _PC.get(event.nativeScanCode() - _X11_OFFSET, "")


def shortcut_at_position(
    event: QKeyEvent, shortcuts: Container[str], own: Container[str] = ()
) -> str:
    """Return the shortcut at the pressed key's position on a US keyboard.

    '' if there is none, or if the printed character takes precedence. Without Shift, a digit key
    counts as its digit, even if the character that it types is a default shortcut.

    Parameters
    ----------
    shortcuts
        All shortcuts, as `QKeySequence.toString` writes them.
    own
        The user's own shortcuts, which always refer to the printed character.
    """
    us, key, modifiers = us_key(event), event.key(), event.modifiers()
    if not us or (us.isalpha() and key not in _BEYOND_ASCII):
        return ""
    by_character = [_shortcut(modifiers, key), _shortcut(modifiers & ~_SHIFT, key)]
    if any(shortcut in own for shortcut in by_character):
        return ""
    is_shifted = bool(modifiers & _SHIFT)
    is_letter = Qt.Key.Key_A <= key <= Qt.Key.Key_Z
    is_printed_character_meant = is_letter or any(
        shortcut in shortcuts for shortcut in by_character
    )
    if is_printed_character_meant and (is_shifted or not us.isdigit()):
        return ""
    by_position = [_shortcut(modifiers, ord(us.upper()))]
    if is_shifted and us in _SHIFTED:
        by_position.append(_shortcut(modifiers & ~_SHIFT, ord(_SHIFTED[us])))
    return next((shortcut for shortcut in by_position if shortcut in shortcuts), "")


def _shortcut(modifiers: Qt.KeyboardModifier, key: int) -> str:
    pressed = modifiers & ~(
        Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier
    )
    try:
        return QKeySequence(QKeyCombination(pressed, Qt.Key(key))).toString()
    except ValueError:  # a character without a name among Qt's keys
        return QKeySequence(pressed.value | key).toString()
