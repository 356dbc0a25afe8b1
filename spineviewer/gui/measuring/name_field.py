"""A field over a picture, for the name of a measurement."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from spineviewer.measuring_tools.measurement import MAX_TEXT_LENGTH

_WIDTH_PX = 190
_CLOSING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class NameField(QLineEdit):
    """A field that closes with Enter or a click elsewhere; Esc closes it without a change.

    Thread ownership: GUI thread.
    """

    entered = Signal(str)

    def __init__(self, text: str, name: str, at: QPointF, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._old_text = text
        self._is_done = False
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setMaxLength(MAX_TEXT_LENGTH)
        self.setFixedWidth(min(_WIDTH_PX, max(parent.width() - 8, 60)))
        x = min(max(at.x() + 6, 4.0), parent.width() - self.width() - 4.0)
        y = min(
            max(at.y() - self.sizeHint().height() - 4, 4.0),
            parent.height() - self.sizeHint().height() - 4.0,
        )
        self.move(round(x), round(y))
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish(self, *, is_accepted: bool) -> None:
        """Close the field, and emit its text, or the old text if the new one is not accepted."""
        if not self._is_done:
            self._is_done = True
            self.entered.emit(self.text() if is_accepted else self._old_text)
            self.deleteLater()
            self.hide()

    def event(self, event: QEvent) -> bool:
        """Claim the keys that close the field, because they are also shortcuts of the window."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _CLOSING_KEYS
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish(is_accepted=True)
        elif event.key() == Qt.Key.Key_Escape:
            self.finish(is_accepted=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.finish(is_accepted=True)
