"""A small card in the middle of the window while a scan is being opened."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.jobs import rounded_time
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_XL
from spineviewer.progress import ProgressUpdate

#: The card appears only if the work takes longer than this.
_PATIENCE_MS = 500


class BusyCard(QFrame):
    """Shows the current work and its progress, and offers to cancel it."""

    cancel_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self.setProperty("role", "card")
        self.setFixedWidth(400)
        self.text, self.stage = ElidedLabel(), ElidedLabel("quiet")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.clicked.connect(self.cancel_requested)
        row = QHBoxLayout()
        row.addWidget(self.stage, 1)
        row.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_L, GAP_XL, GAP_L)
        layout.setSpacing(GAP_M)
        layout.addWidget(self.text)
        layout.addWidget(self.bar)
        layout.addLayout(row)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._appear)
        self.hide()

    def begin(self, text: str) -> None:
        """Announce work; show the card if it takes longer than `_PATIENCE_MS`."""
        self.text.show_text(text)
        self.stage.show_text("")
        self.bar.setRange(0, 0)
        self._patience.start(_PATIENCE_MS)

    def show_progress(self, update: ProgressUpdate) -> None:
        """Show the progress."""
        stage = tr(update.stage)
        if update.left_s is not None:
            stage = tr("{stage} · {time} left", stage=stage, time=rounded_time(update.left_s))
        self.stage.show_text(stage)
        if update.fraction > 0:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(update.fraction * 1000))

    def end(self) -> None:
        """Hide the card."""
        self._patience.stop()
        self.hide()

    def place(self) -> None:
        """Centre the card in its parent."""
        room = self._room.rect()
        self.adjustSize()
        self.move(room.center() - self.rect().center())

    def _appear(self) -> None:
        self.place()
        self.raise_()
        self.show()
