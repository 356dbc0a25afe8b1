"""Windows and dialogs that are never larger than the screen: they scroll instead."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QLayout, QScrollArea, QWidget

#: Room for the frame and the title bar, which belong to the window manager.
_FRAME = QSize(16, 40)
#: Content keeps this size, even if the dialog is smaller than its preferred size.
_MIN_CONTENT = QSize(320, 60)


def room_for(window: QWidget) -> QSize:
    """Return the maximum size of a window's content on its screen, in logical pixels."""
    return window.screen().availableGeometry().size() - _FRAME


def fit_on_screen(dialog: QDialog) -> None:
    """Give a dialog its preferred size, or less if the screen is smaller."""
    room = room_for(dialog)
    dialog.setMinimumSize(dialog.minimumSize().boundedTo(room))
    is_sized = dialog.testAttribute(Qt.WidgetAttribute.WA_Resized)
    wanted = dialog.size() if is_sized else dialog.sizeHint().expandedTo(dialog.minimumSize())
    dialog.resize(wanted.boundedTo(room))


def place_beside(dialog: QDialog, window: QWidget) -> None:
    """Move a dialog to the right end of a window, where it covers least of the views."""
    screen = window.screen().availableGeometry()
    place = window.frameGeometry().intersected(screen)
    left = place.right() - _FRAME.width() - dialog.width()
    dialog.move(max(left, screen.left()), place.top())


class Scrolled(QScrollArea):
    """The content of a dialog, which scrolls if there is no room; buttons stay outside.

    Thread ownership: GUI thread.
    """

    def __init__(self, layout: QLayout) -> None:
        super().__init__()
        self._content = content = QWidget()
        content.setLayout(layout)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setWidget(content)
        content.setAutoFillBackground(False)  # shows the ground of what it is in

    def sizeHint(self) -> QSize:
        """Return the size of the whole content, which Qt would limit, and of a scroll bar."""
        content = self._content
        wanted = content.sizeHint().expandedTo(content.minimumSizeHint())
        if content.hasHeightForWidth():
            wanted.setHeight(max(wanted.height(), content.heightForWidth(wanted.width())))
        return wanted + QSize(self.verticalScrollBar().sizeHint().width(), 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint().boundedTo(_MIN_CONTENT)
