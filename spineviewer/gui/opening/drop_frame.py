"""Files that are dragged into the window, and the frame shown while they are over it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_L, GAP_XL, colours, tabular_font

_EDGE_PX = 6.0


class DropFrame(QWidget):
    """A frame that covers its parent while files are dragged over it, and ignores the mouse.

    Thread ownership: GUI thread.
    """

    #: The paths that were dropped.
    dropped = Signal(list)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(tr("Drop to open"))
        self.hide()

    def enter(self, event: QDragEnterEvent) -> None:
        """Accept files, and show the frame."""
        if _paths(event):
            event.acceptProposedAction()
            parent = self.parentWidget()
            if parent is not None:
                self.setGeometry(parent.rect())
            self.show()
            self.raise_()

    def drop(self, event: QDropEvent) -> None:
        """Hide the frame; if files were dropped, accept and announce them."""
        self.hide()
        if paths := _paths(event):
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(_EDGE_PX, _EDGE_PX, -_EDGE_PX, -_EDGE_PX)
        shade, accent = QColor(colours().ground), QColor(colours().accent)
        shade.setAlpha(150)
        painter.setBrush(shade)
        painter.setPen(QPen(accent, 3, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(frame, 12, 12)
        painter.setFont(tabular_font(22, QFont.Weight.DemiBold))
        text = painter.boundingRect(frame, Qt.AlignmentFlag.AlignCenter, tr("Drop to open"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours().raised))  # readable over any picture
        painter.drawRoundedRect(text.adjusted(-GAP_XL, -GAP_L, GAP_XL, GAP_L), 8, 8)
        painter.setPen(QColor(colours().text))
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, tr("Drop to open"))
        painter.end()


def _paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
