"""A small card shown in the middle of the window while a scan is being opened."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
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
_DELAY_MS = 500


class BusyCard(QFrame):
    """Shows the current work and its progress, and offers to cancel it."""

    cancel_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        parent.installEventFilter(self)
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
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.timeout.connect(self._appear)
        self.hide()

    def begin(self, text: str) -> None:
        """Show the card if the work that `text` describes takes longer than `_DELAY_MS`."""
        self.text.show_text(text)
        self.stage.show_text("")
        self.bar.setRange(0, 0)
        self._delay.start(_DELAY_MS)

    def show_progress(self, update: ProgressUpdate) -> None:
        stage = tr(update.stage)
        if update.left_s is not None:
            stage = tr("{stage} · {time} left", stage=stage, time=rounded_time(update.left_s))
        self.stage.show_text(stage)
        if update.fraction > 0:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(update.fraction * 1000))

    def end(self) -> None:
        """Hide the card."""
        self._delay.stop()
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle of the window when it is resized."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._centre()
        return super().eventFilter(watched, event)

    def _centre(self) -> None:
        self.adjustSize()
        self.move(self._parent.rect().center() - self.rect().center())

    def _appear(self) -> None:
        self._centre()
        self.raise_()
        self.show()
