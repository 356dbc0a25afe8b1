"""Choices and number fields that the wheel changes only while they have the keyboard focus.

On a page that scrolls, the wheel would otherwise change whatever passes under the pointer.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDoubleSpinBox, QSpinBox, QWidget


class Choice(QComboBox):
    """A drop-down list."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class WholeNumber(QSpinBox):
    """A field for a whole number."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class DecimalNumber(QDoubleSpinBox):
    """A field for a number with decimals."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def leave_keys_to_views(part: QWidget) -> None:
    """Keep the keyboard with the views after clicks on buttons and lists; Tab still reaches them.

    Otherwise, the keys that scroll slices would change the last list that was used.
    """
    for control in (*part.findChildren(QAbstractButton), *part.findChildren(QComboBox)):
        if control.focusPolicy() & Qt.FocusPolicy.TabFocus:
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
