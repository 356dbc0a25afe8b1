"""Protection of fields and choices from accidental changes by the wheel and the views' keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QWidget,
)

_DELETE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class _WheelFilter(QObject):
    """Passes the wheel on to the surrounding page unless the field has the keyboard focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.Wheel:
            return False
        is_passed_on = isinstance(watched, QWidget) and not watched.hasFocus()
        if is_passed_on:
            event.ignore()
        return is_passed_on


def keep_fields_from_wheel(part: QWidget) -> None:
    """Let the wheel change choices and numbers only while they have the keyboard focus.

    Otherwise, it would change whatever is under the pointer while the page scrolls.
    """
    guard = _WheelFilter(part)
    for field in (*part.findChildren(QComboBox), *part.findChildren(QAbstractSpinBox)):
        if field.focusPolicy() is Qt.FocusPolicy.WheelFocus:
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(guard)


class _DeleteKeyFilter(QObject):
    """Keeps Del and Backspace from triggering commands while a list has the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() in _DELETE_KEYS:
            event.accept()
            return True
        return False


def keep_delete_keys(*lists: QAbstractItemView) -> None:
    """Ensure that Del and Backspace, pressed in a list, do not delete something elsewhere."""
    for one in lists:
        one.installEventFilter(_DeleteKeyFilter(one))


def leave_keys_to_views(part: QWidget) -> None:
    """Leave the keyboard to the views after a click on a button or choice; Tab still reaches it.

    Otherwise, the arrow keys that scroll slices would change the last choice.
    """
    for control in (*part.findChildren(QAbstractButton), *part.findChildren(QComboBox)):
        control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
