"""The dialog that sends results to an archive and shows the archive's response to each."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.archiving.access import ArchiveAccess
from spineviewer.app.archiving.result_files import (
    OFF_BY_DEFAULT,
    RESULT_NAMES,
    ResultKind,
    result_obstacle,
)
from spineviewer.app.archiving.sending import SendState, SentResult
from spineviewer.app.open_scan import OpenScan
from spineviewer.gui.kit.icons import icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.scan_names import ScanHeading
from spineviewer.gui.kit.screen_fit import ContentScrollArea
from spineviewer.gui.kit.styled import styled_button, styled_label, without_margins
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S, GAP_XL
from spineviewer.progress import ProgressUpdate
from spineviewer.wording import mark

_STATES = {
    SendState.WAITING: mark("Waiting"),
    SendState.NOT_WRITTEN: mark("Not created: {reason}"),
    SendState.REFUSED: mark("Rejected by the archive: {reason}"),
    SendState.ACCEPTED: mark("Accepted"),
    SendState.UNCONFIRMED: mark("Accepted, but storage was not confirmed: {reason}"),
    SendState.CONFIRMED: mark("Accepted, storage confirmed"),
}
_ICONS = {
    SendState.NOT_WRITTEN: ("error", "bad"),
    SendState.REFUSED: ("error", "bad"),
    SendState.ACCEPTED: ("check", "good"),
    SendState.UNCONFIRMED: ("warn", "warn"),
    SendState.CONFIRMED: ("check", "good"),
}
_ICON_PX = 16


class SendDialog(QDialog):
    """Asks which results to send, and lists the outcome of each.

    Thread ownership: GUI thread.
    """

    def __init__(
        self, access: ArchiveAccess, scan: OpenScan, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._access, self._scan = access, scan
        self._subscriptions = Subscriptions()
        self.setWindowTitle(tr("Send results"))
        self.scan_heading = ScanHeading(self)
        self.setMinimumWidth(680)
        self.archive = QComboBox()
        self.archive.setAccessibleName(tr("Archive"))
        self.archive.addItems([node.name for node in access.directory.nodes])
        self.title = QLineEdit(tr("CT of the spine"))
        self.title.setAccessibleName(tr("Title"))
        self.title.setToolTip(tr("Title of the report and the images. Do not enter patient data."))
        self.rows = {kind: _Row(kind, result_obstacle(kind, scan)) for kind in ResultKind}
        for row in self.rows.values():
            row.check.toggled.connect(self._update_enabled)
        self.confirm = QCheckBox(tr("Ask the archive to confirm storage"))
        self.confirm.setToolTip(
            tr(
                "Storage commitment; the local AE title, address and port must be registered with "
                "the archive"
            )
        )
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(tr("Sending progress"))
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.send_button = styled_button("primary", tr("Send"))
        self.close_button = QPushButton(tr("Close"))
        self._lay_out()
        self.send_button.clicked.connect(self._send)
        self.close_button.clicked.connect(self._cancel_or_close)
        self.archive.currentIndexChanged.connect(self._update_enabled)
        self._subscriptions.add(access.sending.changed, self._show_state)
        self._subscriptions.add(access.sending.progressed, self._show_progress)
        self._are_results_shown = access.sending.is_running
        self._show_state()

    def _lay_out(self) -> None:
        heading = styled_label("heading", tr("Send results to the study in the archive"))
        fields = QGridLayout()
        fields.setHorizontalSpacing(GAP_M)
        fields.setVerticalSpacing(GAP_S)
        for row, (name, field) in enumerate(
            ((tr("Archive"), self.archive), (tr("Title"), self.title))
        ):
            label = QLabel(name)
            label.setBuddy(field)
            fields.addWidget(label, row, 0)
            fields.addWidget(field, row, 1)
        fields.setColumnStretch(1, 1)
        results = QVBoxLayout()
        results.setSpacing(GAP_S)
        for result_row in self.rows.values():
            results.addWidget(result_row)
        note = styled_label(
            "quiet",
            tr("Each result is sent as a new series in the study and identifies the patient."),
            is_wrapped=True,
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP_M)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.send_button)
        content = without_margins(QVBoxLayout(), GAP_L)
        content.addLayout(fields)
        content.addLayout(results)
        content.addWidget(self.confirm)
        content.addWidget(note)
        content.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addWidget(heading)
        layout.addWidget(self.scan_heading)
        layout.addWidget(ContentScrollArea(content), 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.message)
        layout.addLayout(buttons)

    @property
    def kinds(self) -> tuple[ResultKind, ...]:
        """Kinds of the chosen results."""
        return tuple(kind for kind, row in self.rows.items() if row.check.isChecked())

    def _send(self) -> None:
        node = self._access.directory.named(self.archive.currentText())
        if node is not None:
            self._are_results_shown = True
            self._access.sending.send(
                self._scan,
                node,
                self.kinds,
                title=self.title.text().strip() or tr("CT of the spine"),
                asks_for_confirmation=self.confirm.isChecked(),
            )

    def _cancel_or_close(self) -> None:
        if self._access.sending.is_running:
            self._access.sending.cancel()
        else:
            self.accept()

    def _show_state(self) -> None:
        sending = self._access.sending
        self.bar.setVisible(sending.is_running)
        self.close_button.setText(tr("Cancel") if sending.is_running else tr("Close"))
        results = sending.results if self._are_results_shown else ()
        for row in self.rows.values():
            row.show_result(next((r for r in results if r.kind is row.kind), None))
        if self._are_results_shown and not sending.is_running:
            for result in results:  # do not offer to send again what is already in the archive
                if result.is_in_archive:
                    self.rows[result.kind].check.setChecked(False)
        self._update_enabled()
        if self._are_results_shown and sending.error and not sending.is_running:
            self._show_message(tr(sending.error))

    def _show_progress(self, update: ProgressUpdate) -> None:
        self.bar.setValue(round(1000 * update.fraction))
        self.message.setProperty("role", "quiet")
        self.message.style().polish(self.message)
        self.message.setText(tr(update.stage))

    def _update_enabled(self) -> None:
        is_running = self._access.sending.is_running
        if is_running and self.send_button.hasFocus():
            self.setFocus()  # otherwise Qt passes the focus to the button that cancels
        for row in self.rows.values():
            row.check.setEnabled(not is_running and not row.obstacle)
        for widget in (self.archive, self.title, self.confirm):
            widget.setEnabled(not is_running)
        self.send_button.setEnabled(
            not is_running and bool(self.kinds) and bool(self.archive.count())
        )
        node = self._access.directory.named(self.archive.currentText())
        self.confirm.setEnabled(not is_running and node is not None and node.dimse is not None)
        if not is_running:
            self._show_message(tr(self._access.obstacle) if self._access.obstacle else "")

    def _show_message(self, text: str) -> None:
        self.message.setText(text)
        self.message.setProperty("role", "warn")
        self.message.style().polish(self.message)
        self.message.setVisible(bool(text) or self._access.sending.is_running)

    def event(self, event: QEvent) -> bool:
        """Disconnect from the program's signals when the dialog is deleted."""
        if event.type() is QEvent.Type.DeferredDelete:
            self._subscriptions.end()
        return super().event(event)


class _Row(QWidget):
    """One result: a check box for sending it, and the outcome."""

    def __init__(self, kind: ResultKind, obstacle: str) -> None:
        super().__init__()
        self.kind, self.obstacle = kind, obstacle
        name, tip = (tr(text) for text in RESULT_NAMES[kind])
        self.check = QCheckBox(name)
        self.check.setToolTip(tip)
        self.check.setChecked(not obstacle and kind not in OFF_BY_DEFAULT)
        self.icon = QLabel()
        self.icon.setFixedWidth(_ICON_PX)
        self.text = styled_label("quiet", tr(obstacle), is_wrapped=True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = without_margins(QHBoxLayout(self), GAP_M)
        self.check.setMinimumWidth(230)
        row.addWidget(self.check, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)

    def show_result(self, result: SentResult | None) -> None:
        """Show the outcome; without one, describe the result, or say why it cannot be sent."""
        self.icon.clear()
        if result is None:
            self.text.setText(tr(self.obstacle) or tr(RESULT_NAMES[self.kind][1]))
            return
        self.text.setText(tr(_STATES[result.state], reason=tr(result.reason)))
        if result.state in _ICONS:
            self.icon.setPixmap(icon(*_ICONS[result.state]).pixmap(_ICON_PX, _ICON_PX))
