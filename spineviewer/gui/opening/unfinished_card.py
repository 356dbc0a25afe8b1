"""The card of the start page that offers work interrupted by a crash or a power failure."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from spineviewer.app.journal import Unfinished
from spineviewer.gui.kit.icons import icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import placed_name, shortened
from spineviewer.gui.kit.styled import button_as, without_margins
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S

MAX_SHOWN = 3


class UnfinishedCard(QWidget):
    """The list of interrupted work; hidden if there is none."""

    restore_requested = Signal(object)
    dismissed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = without_margins(QVBoxLayout(self), GAP_S)
        self.restore_buttons: list[QPushButton] = []
        self.hide()

    def show_work(self, works: tuple[Unfinished, ...]) -> None:
        """List the interrupted work."""
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.restore_buttons = []
        for work in works[:MAX_SHOWN]:
            self._rows.addWidget(self._row(work))
        self.setVisible(bool(works))

    def _row(self, work: Unfinished) -> QFrame:
        row = QFrame()
        row.setProperty("role", "banner-info")
        mark = QLabel()
        mark.setPixmap(icon("info", "accent").pixmap(18, 18))
        when = QLocale().toString(
            QDateTime.fromSecsSinceEpoch(int(work.when_s)), tr("d MMM, HH:mm")
        )
        text = QLabel(
            tr(
                "Spineviewer did not close properly. Your work from {when} was saved: {file}",
                when=when,
                file=shortened(placed_name(work.scan_path), 60),
            )
        )
        text.setWordWrap(True)
        text.setToolTip(str(work.scan_path))
        restore = button_as(
            "primary",
            tr("Restore"),
            tip=tr("Open the scan with thresholds, corrections and measurements as you left them"),
        )
        restore.clicked.connect(partial(self.restore_requested.emit, work))
        dismiss = button_as(
            "plain",
            tr("Dismiss"),
            tip=tr(
                "Do not offer this again. Corrections and measurements will still be restored "
                "when you open this scan"
            ),
        )
        dismiss.clicked.connect(partial(self.dismissed.emit, work))
        layout = QHBoxLayout(row)
        layout.setContentsMargins(GAP_L, GAP_M, GAP_M, GAP_M)
        layout.setSpacing(GAP_M)
        layout.addWidget(mark)
        layout.addWidget(text, 1)
        layout.addWidget(dismiss)
        layout.addWidget(restore)
        self.restore_buttons.append(restore)
        return row
