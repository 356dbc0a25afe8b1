"""The list of archives, and the fields of the chosen one."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.archiving.directory import ArchiveDirectory, ResponseTimes
from spineviewer.app.jobs import Failed, Outcome, Succeeded
from spineviewer.errors import UsageError
from spineviewer.gui.archive.node_form import NodeForm
from spineviewer.gui.kit.dialogs import confirm
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.screen_fit import ContentScrollArea
from spineviewer.gui.kit.styled import styled_button, without_margins
from spineviewer.gui.kit.theme import GAP_L, GAP_M


class NodeTab(QWidget):
    """Adds, changes, tests and removes archives.

    While there are unsaved changes, no other archive can be chosen.

    Thread ownership: GUI thread.
    """

    def __init__(self, directory: ArchiveDirectory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._directory = directory
        #: Name of the archive in the fields; empty for a new one.
        self._shown = ""
        self._is_changed = False
        self._is_waiting = False
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Archives"))
        self.list.setFixedWidth(190)
        self.add_button = QPushButton(tr("Add"))
        self.remove_button = QPushButton(tr("Remove…"))
        self.form = NodeForm()
        self.echo_button = QPushButton(tr("Test connection"))
        self.echo_button.setToolTip(tr("Check whether the archive responds (echo)"))
        self.answer = QLabel()
        self.answer.setWordWrap(True)
        self.discard_button = QPushButton(tr("Discard changes"))
        self.save_button = styled_button("primary", tr("Save"))
        self._lay_out()
        self.list.currentRowChanged.connect(self._on_row)
        self.add_button.clicked.connect(self._add)
        self.remove_button.clicked.connect(self._remove)
        self.form.changed.connect(self._on_changed)
        self.echo_button.clicked.connect(self._echo)
        self.discard_button.clicked.connect(self._discard)
        self.save_button.clicked.connect(self._save)
        self._show_list("")

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(GAP_M)
        left.addWidget(self.list, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        left.addLayout(buttons)
        bottom = QHBoxLayout()
        bottom.setSpacing(GAP_M)
        bottom.addWidget(self.echo_button)
        bottom.addWidget(self.answer, 1)
        bottom.addWidget(self.discard_button)
        bottom.addWidget(self.save_button)
        right = QVBoxLayout()
        right.setSpacing(GAP_L)
        form = without_margins(QVBoxLayout())
        form.addWidget(self.form)
        right.addWidget(ContentScrollArea(form), 1)
        right.addLayout(bottom)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP_L, GAP_L, GAP_L, GAP_L)
        row.setSpacing(GAP_L)
        row.addLayout(left)
        row.addLayout(right, 1)

    @property
    def is_changed(self) -> bool:
        """Whether there are unsaved changes."""
        return self._is_changed

    def cancel_requests(self) -> None:
        self._directory.stop_echo()

    def _show_list(self, chosen: str) -> None:
        names = [node.name for node in self._directory.nodes]
        self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems(names)
        self.list.setCurrentRow(names.index(chosen) if chosen in names else 0)
        self.list.blockSignals(False)
        self._on_row()

    def _on_row(self) -> None:
        item = self.list.currentItem()
        self._show(item.text() if item is not None else "")

    def _show(self, name: str) -> None:
        self._shown = name
        self.form.show_node(self._directory.named(name) if name else None)
        self._is_changed = False
        self.answer.clear()
        self._update_enabled()

    def _update_enabled(self) -> None:
        is_changed = self._is_changed
        self.list.setEnabled(not is_changed)
        self.add_button.setEnabled(not is_changed)
        self.remove_button.setEnabled(not is_changed and bool(self._shown))
        self.save_button.setEnabled(is_changed)
        self.discard_button.setEnabled(is_changed)

    def _on_changed(self) -> None:
        self._is_changed = True
        self.answer.clear()
        self._update_enabled()

    def _add(self) -> None:
        self.list.setCurrentRow(-1)
        self._show("")
        self.form.name.setFocus()
        self.form.name.selectAll()
        self._on_changed()

    def _discard(self) -> None:
        self._show_list(self._shown)

    def _remove(self) -> None:
        name = self._shown
        question = tr(
            "Remove {archive} and its password? Studies on this computer will be kept.",
            archive=name,
        )
        if confirm(self, tr("Remove archive"), question):
            self._directory.remove(name)
            self._show_list("")

    def _save(self) -> None:
        try:
            node = self.form.node()
        except UsageError as error:
            self._show_message(tr(str(error)), "warn")
            return
        if node.name != self._shown and self._directory.named(node.name) is not None:
            self._show_message(
                tr("Another archive already has this name. Choose another name."), "warn"
            )
            return

        def on_end(outcome: Outcome[None]) -> None:
            if isinstance(outcome, Failed):
                self._show_message(tr(outcome.message), "warn")
            elif isinstance(outcome, Succeeded):
                self._show_list(node.name)
                self._show_message(tr("Saved."), "quiet")

        self._directory.save(
            node, former_name=self._shown, secret=self.form.secret.text(), on_end=on_end
        )

    def _echo(self) -> None:
        if self._is_waiting:
            return
        try:
            node = self.form.node()
        except UsageError as error:
            self._show_message(tr(str(error)), "warn")
            return
        self._show_message(tr("Waiting for a response…"), "quiet")
        # disabling the button would move the focus to the one that discards changes
        self._is_waiting = True

        def on_end(outcome: Outcome[ResponseTimes]) -> None:
            self._is_waiting = False
            if isinstance(outcome, Failed):
                self._show_message(tr(outcome.message), "warn")
            elif isinstance(outcome, Succeeded):
                self._show_message(_response_text(outcome.result), "good")

        self._directory.echo(node, self.form.secret.text(), on_end)

    def _show_message(self, text: str, role: str) -> None:
        self.answer.setText(text)
        self.answer.setProperty("role", role)
        self.answer.style().polish(self.answer)


def _response_text(seconds: ResponseTimes) -> str:
    names = {"dicom": "DICOM", "dicomweb": "DICOMweb"}
    times = (
        tr("{transport} in {time_ms:.0f} ms", transport=names[name], time_ms=1000 * value)
        for name, value in seconds.items()
    )
    return tr("The archive responds: {times}.", times=", ".join(times))
