"""Windows and dialogs that fit on the screen and scroll if there is not enough space."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QLayout, QScrollArea, QWidget

#: Space for the frame and the title bar, which the window manager draws.
_FRAME = QSize(16, 40)
#: At least this much of the content is visible, however small the dialog is.
_MIN_CONTENT = QSize(320, 60)


def available_size(window: QWidget) -> QSize:
    """Return the maximum size of a window's content on its screen, in logical pixels."""
    return window.screen().availableGeometry().size() - _FRAME


def fit_on_screen(dialog: QDialog) -> None:
    """Give a dialog its preferred size, or less if the screen is smaller."""
    available = available_size(dialog)
    dialog.setMinimumSize(dialog.minimumSize().boundedTo(available))
    is_sized = dialog.testAttribute(Qt.WidgetAttribute.WA_Resized)
    preferred = dialog.size() if is_sized else dialog.sizeHint().expandedTo(dialog.minimumSize())
    dialog.resize(preferred.boundedTo(available))


def place_beside(dialog: QDialog, window: QWidget) -> None:
    """Move a dialog to the right edge of a window, where it covers the least of the views."""
    screen = window.screen().availableGeometry()
    visible = window.frameGeometry().intersected(screen)
    left = visible.right() - _FRAME.width() - dialog.width()
    dialog.move(max(left, screen.left()), visible.top())


class ContentScrollArea(QScrollArea):
    """The content of a dialog, which scrolls if it does not fit; the buttons are outside.

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
        content.setAutoFillBackground(False)  # the dialog's background shows through

    def sizeHint(self) -> QSize:
        """Return the size of the whole content, plus the scroll bar; Qt would limit the size."""
        content = self._content
        size = content.sizeHint().expandedTo(content.minimumSizeHint())
        if content.hasHeightForWidth():
            size.setHeight(max(size.height(), content.heightForWidth(size.width())))
        return size + QSize(self.verticalScrollBar().sizeHint().width(), 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint().boundedTo(_MIN_CONTENT)
