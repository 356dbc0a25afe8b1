"""The list of uncertain regions in the panel."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QPushButton, QVBoxLayout, QWidget

from spineviewer.app.doubt import Doubt
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_M
from spineviewer.wording import figure


class DoubtBox(QWidget):
    """Lists uncertain regions; a click asks to go to one."""

    chosen = Signal(int)
    end_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._doubts: tuple[Doubt, ...] | None = None
        title = QLabel(tr("Uncertain regions"))
        title.setProperty("role", "section")
        self.hint = QLabel()
        self.hint.setProperty("role", "faint")
        close = QPushButton(tr("Close"))
        close.setProperty("kind", "plain")
        close.clicked.connect(self.end_asked)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self.hint, 1)
        head.addWidget(close)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Uncertain regions"))
        self.list.setToolTip(tr("Click to go there; F3 goes to the next one"))
        self.list.itemClicked.connect(lambda item: self.chosen.emit(self.list.row(item)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M)
        layout.addLayout(head)
        layout.addWidget(self.list)
        self.hide()

    def show_doubts(self, doubts: tuple[Doubt, ...] | None, chosen: int) -> None:
        """Show the list, and mark the region that is selected."""
        self.setVisible(doubts is not None)
        if doubts is None:
            self._doubts = None
            return
        if doubts != self._doubts:
            self._doubts = doubts
            self.list.clear()
            for doubt in doubts:
                is_large = doubt.size_ml >= 0.1
                size = (
                    figure(doubt.size_ml, ".1f", "ml")
                    if is_large
                    else figure(doubt.size_ml * 1000, ".0f", "mm³")
                )
                self.list.addItem(f"{tr(doubt.kind.value)}   {tr(size)}")
            self.list.setVisible(bool(doubts))
            self.list.setFixedHeight(min(len(doubts), 5) * 28 + 6)
        hint = tr("%n region(s)", "", len(doubts)) if doubts else tr("nothing found")
        if doubts and chosen >= 0:
            hint = tr("{number} of {count}", number=chosen + 1, count=len(doubts))
        self.hint.setText(hint)
        with QSignalBlocker(self.list):
            self.list.setCurrentRow(chosen)
