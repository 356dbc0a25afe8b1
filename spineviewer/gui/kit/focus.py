"""Protection of fields and lists from the mouse wheel and from keys meant for the views."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QScrollArea,
    QWidget,
)

_DELETE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class _WheelFilter(QObject):
    """Passes wheel events on to the surrounding page unless the field has the keyboard focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.Wheel:
            return False
        is_passed_on = isinstance(watched, QWidget) and not watched.hasFocus()
        if is_passed_on:
            event.ignore()
        return is_passed_on


class _InnerWheelFilter(QObject):
    """Passes wheel events of a list on to a page that can scroll, unless the list has the focus."""

    def __init__(self, inner: QAbstractScrollArea, page: QScrollArea) -> None:
        super().__init__(inner)
        self._inner, self._page = inner, page

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.Wheel:
            return False
        can_scroll = self._page.verticalScrollBar().maximum() > 0
        is_passed_on = can_scroll and not self._inner.hasFocus()
        if is_passed_on:
            event.ignore()
        return is_passed_on


def protect_fields_from_wheel(root: QWidget) -> None:
    """Let the wheel act on fields, lists and texts below `root` only with the keyboard focus.

    Otherwise, it would change or scroll whatever is under the pointer while the page scrolls.
    """
    guard = _WheelFilter(root)
    for page in root.findChildren(QScrollArea):
        for inner in page.viewport().findChildren(QAbstractScrollArea):
            if not isinstance(inner.parent(), QComboBox):
                inner.viewport().installEventFilter(_InnerWheelFilter(inner, page))
    for field in (*root.findChildren(QComboBox), *root.findChildren(QAbstractSpinBox)):
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


def confine_delete_keys(*lists: QAbstractItemView) -> None:
    """Prevent Del and Backspace, pressed in one of the lists, from deleting something elsewhere."""
    for view in lists:
        view.installEventFilter(_DeleteKeyFilter(view))


def leave_keys_to_views(root: QWidget) -> None:
    """Let buttons and combo boxes below `root` get the keyboard focus by Tab, but not by a click.

    Otherwise, the arrow keys that scroll slices would change the combo box used last.
    """
    for control in (*root.findChildren(QAbstractButton), *root.findChildren(QComboBox)):
        control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
