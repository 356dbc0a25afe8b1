"""A label that is shortened with an ellipsis and never widens its parent."""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy


class ElidedLabel(QLabel):
    """Text that takes the space of a fixed number of lines even if it is shorter.

    The tooltip shows the whole text. The height follows the font, which the style sheet sets only
    after the label has been created.

    Thread ownership: GUI thread.
    """

    def __init__(self, role: str = "", lines: int = 1) -> None:
        super().__init__()
        self.setProperty("role", role)
        self._whole, self._lines = "", lines
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(lines > 1)
        if lines > 1:
            self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def whole_text(self) -> str:
        """The text without ellipsis."""
        return self._whole

    @property
    def is_shortened(self) -> bool:
        """Whether the visible text is shortened."""
        return self.text() != self._whole

    @property
    def whole_width(self) -> int:
        """The minimum width in pixels at which the text is not shortened."""
        margins = self.width() - self.contentsRect().width() + 2 * self.margin()
        longest = self.fontMetrics().horizontalAdvance(self._whole)
        widths = range(longest + 1)
        return margins + bisect_left(widths, True, key=lambda width: self._fits(self._whole, width))

    def show_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._elide()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._reserved_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._reserved_height())

    def hasHeightForWidth(self) -> bool:
        return False

    def heightForWidth(self, _width: int) -> int:
        return -1

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _reserved_height(self) -> int:
        frame = self.height() - self.contentsRect().height() + 2 * self.margin()
        return self._lines * self.fontMetrics().lineSpacing() + frame

    def _elide(self) -> None:
        width, metrics = self.contentsRect().width() - 2 * self.margin(), self.fontMetrics()
        if self._lines == 1:
            self.setText(metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, width))
            return
        shown, words = self._whole, self._whole.split(" ")
        while words and not self._fits(shown, width):
            words.pop()
            shown = " ".join(words) + "…"
        self.setText(shown)

    def _fits(self, text: str, width: int) -> bool:
        height = self._lines * self.fontMetrics().lineSpacing()
        wrap = Qt.TextFlag.TextWordWrap
        return self.fontMetrics().boundingRect(QRect(0, 0, width, 0), wrap, text).height() <= height
