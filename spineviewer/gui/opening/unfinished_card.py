"""The card on the start page that offers to restore work after a crash or a power failure."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from spineviewer.app.journal import UnfinishedWork
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.icons import icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.screen_fit import ContentScrollArea
from spineviewer.gui.kit.styled import styled_button, without_margins
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S
from spineviewer.gui.opening.work_question import describe_contents, time_text
from spineviewer.volume.scan_name import name_with_folder

_MAX_HEIGHT_PX = 150


class UnfinishedCard(QFrame):
    """The list of interrupted work, newest first; hidden if there is none."""

    restore_requested = Signal(object)
    dismissed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner-info")
        info = QLabel()
        info.setPixmap(icon("info", "accent").pixmap(18, 18))
        heading = QHBoxLayout()
        heading.setSpacing(GAP_M)
        heading.addWidget(info)
        heading.addWidget(QLabel(tr("Spineviewer did not close properly. Your work was saved:")), 1)
        self._rows = without_margins(QVBoxLayout(), GAP_S)
        self._scroll_area = ContentScrollArea(self._rows)
        self._scroll_area.setMaximumHeight(_MAX_HEIGHT_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_L, GAP_M, GAP_M, GAP_M)
        layout.setSpacing(GAP_S)
        layout.addLayout(heading)
        layout.addWidget(self._scroll_area)
        self.restore_buttons: list[QPushButton] = []
        self.hide()

    def show_work(self, entries: tuple[UnfinishedWork, ...]) -> None:
        """Replace the list of interrupted work."""
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.restore_buttons = []
        for work in entries:
            self._rows.addWidget(self._row(work))
        self._scroll_area.updateGeometry()
        self.setVisible(bool(entries))

    def _row(self, work: UnfinishedWork) -> QWidget:
        row = QWidget()
        file, text = ElidedLabel(""), ElidedLabel("quiet")
        file.show_text(name_with_folder(work.scan_path))
        text.show_text(
            tr(
                "{when}: {contents}",
                when=time_text(work.saved_at_s),
                contents=describe_contents(work.session),
            )
        )
        texts = without_margins(QVBoxLayout(), 0)
        texts.addWidget(file)
        texts.addWidget(text)
        restore = styled_button(
            "primary",
            tr("Restore"),
            tip=tr("Open the scan with thresholds, corrections and measurements as you left them"),
        )
        restore.clicked.connect(partial(self.restore_requested.emit, work))
        dismiss = styled_button(
            "plain",
            tr("Dismiss"),
            tip=tr(
                "Do not offer this again. Corrections and measurements will still be restored "
                "when you open this scan."
            ),
        )
        dismiss.clicked.connect(partial(self.dismissed.emit, work))
        layout = without_margins(QHBoxLayout(row), GAP_M)
        layout.addLayout(texts, 1)
        layout.addWidget(dismiss)
        layout.addWidget(restore)
        self.restore_buttons.append(restore)
        return row
