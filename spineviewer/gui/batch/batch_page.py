"""The page for batches: a list of scans that are segmented in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.batch import Row, State, row_remarks
from spineviewer.app.batch_list import Entry, proposed_folder, read_entries
from spineviewer.app.batch_queue import BatchQueue
from spineviewer.app.jobs import rounded_time
from spineviewer.app.settings_store import SettingsStore
from spineviewer.errors import SpineViewerError
from spineviewer.gui.kit.file_dialogs import FileDialogs, file_filter
from spineviewer.gui.kit.icons import icon, set_icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import distinct_names, progress_text
from spineviewer.gui.kit.pages import BackButton
from spineviewer.gui.kit.styled import plain_table, styled_button, styled_label
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_XL
from spineviewer.progress import ProgressUpdate
from spineviewer.wording import formatted_number, mark

_STATES = {
    State.WAITING: mark("Waiting"),
    State.RUNNING: mark("Running…"),
    State.DONE: mark("Done"),
    State.FAILED: mark("Failed"),
}
#: Width of a state's icon plus the space around icon and text.
_ICON_PX = 48
_ICONS = {
    State.DONE: ("check", "good"),
    State.FAILED: ("error", "bad"),
    State.RUNNING: ("segment", "accent"),
}


class BatchPage(QWidget):
    """Shows the running batch and prepares the next one.

    Thread ownership: GUI thread.
    """

    back_requested = Signal()
    #: The user wants to open a finished scan: the path of its session, or of the scan itself.
    open_requested = Signal(object)

    def __init__(
        self,
        queue: BatchQueue,
        settings: SettingsStore,
        subscriptions: Subscriptions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue = queue
        self._settings = settings
        self._files = FileDialogs(self)
        self.entries: list[Entry] = []
        self._names: list[str] = []
        self._proposed = ""
        self.setAcceptDrops(True)
        self.setAccessibleName(tr("Batch"))
        heading = styled_label("title", tr("Segment many scans"))
        hint = styled_label(
            "quiet",
            tr(
                "The scans are segmented one after another. You can keep working. An interrupted "
                "batch resumes where it stopped."
            ),
            is_wrapped=True,
        )
        self.tuning = styled_label("quiet", is_wrapped=True)
        self.table = self._make_table()
        self.empty = styled_label(
            "quiet", tr("No scans yet. Add files or a folder, or drop them here.")
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL * 2, GAP_XL, GAP_XL * 2, GAP_XL)
        layout.setSpacing(GAP_L)
        layout.addWidget(heading)
        layout.addWidget(hint)
        layout.addWidget(self.tuning)
        layout.addLayout(self._make_list_buttons())
        layout.addWidget(self.table, 1)
        layout.addWidget(self.empty, 1)
        layout.addLayout(self._make_folder_row())
        layout.addLayout(self._make_progress())
        layout.addLayout(self._make_run_buttons())
        subscriptions.add(queue.row_changed, self._show_row)
        subscriptions.add(queue.progressed, self._show_progress)
        subscriptions.add(queue.changed, self._show_state)
        self._show_entries()

    # building

    def _make_table(self) -> QTableWidget:
        titles = [tr("Scan"), tr("Status"), tr("Volume"), tr("Time"), tr("Remarks")]
        table = plain_table(titles, tr("Scans in the batch"))
        table.setToolTip(tr("Double-click a finished scan, or press Enter, to open its result"))
        table.activated.connect(lambda index: self._open(index.row()))
        state_px = max(table.fontMetrics().horizontalAdvance(tr(text)) for text in _STATES.values())
        for column, width in enumerate((240, max(120, state_px + _ICON_PX), 90, 90)):
            table.setColumnWidth(column, width)
        table.horizontalHeader().setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        return table

    def _make_list_buttons(self) -> QHBoxLayout:
        self.add_files = _button(
            tr("Add scans…"),
            "file",
            tr("NIfTI, NRRD, MetaImage, zipped studies, or a text file with a list of scans"),
        )
        self.add_folder = _button(
            tr("Add folder…"),
            "open",
            tr("Add every scan in a folder; a folder of DICOM slices counts as one scan"),
        )
        self.remove = _button(
            tr("Remove"), "trash", tr("Remove the selected scans from the list (Del)")
        )
        self.add_files.clicked.connect(self._choose_files)
        self.add_folder.clicked.connect(self._choose_folder)
        self.remove.clicked.connect(self.remove_chosen)
        row = QHBoxLayout()
        row.setSpacing(GAP_M)
        for button in (self.add_files, self.add_folder, self.remove):
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _make_folder_row(self) -> QHBoxLayout:
        self.folder = QLineEdit()
        self.folder.setAccessibleName(tr("Folder for masks and table"))
        self.folder.setPlaceholderText(tr("Folder for masks and table"))
        self.folder.textChanged.connect(self._show_entries)
        browse = QPushButton(tr("Choose…"))
        browse.clicked.connect(self._choose_target)
        self.start_over = QCheckBox(tr("Start over"))
        self.start_over.setToolTip(tr("Start over, even if the folder contains earlier results"))
        row = QHBoxLayout()
        row.setSpacing(GAP_M)
        row.addWidget(QLabel(tr("Output folder")))
        row.addWidget(self.folder, 1)
        row.addWidget(browse)
        row.addWidget(self.start_over)
        return row

    def _make_progress(self) -> QHBoxLayout:
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Batch progress"))
        self.stage = styled_label("quiet")
        self.stage.setMinimumWidth(260)
        row = QHBoxLayout()
        row.setSpacing(GAP_L)
        row.addWidget(self.bar, 1)
        row.addWidget(self.stage)
        return row

    def _make_run_buttons(self) -> QHBoxLayout:
        self.start_button = styled_button("primary", tr("Start"))
        self.pause_button = QPushButton(tr("Pause"))
        self.pause_button.setToolTip(
            tr(
                "Pause at once, even in the middle of a scan, to free the networks for the scan "
                "that you are viewing"
            )
        )
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setToolTip(tr("Stop now; finished results are kept"))
        self.back_button = BackButton(tr("The batch continues in the background"))
        self.start_button.clicked.connect(self.start)
        self.pause_button.clicked.connect(lambda: self._queue.pause(not self._queue.is_paused))
        self.cancel_button.clicked.connect(self._queue.cancel)
        self.back_button.clicked.connect(self.back_requested)
        row = QHBoxLayout()
        row.setSpacing(GAP_M)
        row.addWidget(self.back_button)
        row.addStretch(1)
        for button in (self.cancel_button, self.pause_button, self.start_button):
            row.addWidget(button)
        return row

    # the list

    def add(self, path: Path) -> None:
        """Add a scan, or every scan in a folder or in a list (a text file).

        Scans that are already in the list are not added again.
        """
        try:
            entries = (
                read_entries(path) if path.is_dir() or path.suffix == ".txt" else (Entry(path),)
            )
        except SpineViewerError as error:
            self.stage.setText(tr(str(error)))
            return
        self.entries = list(dict.fromkeys([*self.entries, *entries]))
        self._propose_folder()
        self._show_entries()

    def _propose_folder(self) -> None:
        """Propose a results folder, but keep one that the user chose or that a batch has used."""
        batch, shown = self._queue.batch, self.folder.text()
        has_results = batch is not None and batch.folder == Path(shown)
        if shown in ("", self._proposed) and not has_results:
            folder = proposed_folder(self.entries)
            self._proposed = "" if folder is None else str(folder)
            self.folder.setText(self._proposed)

    def _open(self, number: int) -> None:
        """If the scan in a row is done, request that its result be opened."""
        batch, row = self._queue.batch, self._row_for(self.entries[number])
        if batch is not None and row.state is State.DONE:
            session = batch.folder / row.session
            self.open_requested.emit(
                session if row.session and session.is_file() else row.entry.path
            )

    def _row_for(self, entry: Entry) -> Row:
        """Return the last batch's row for an entry; an empty row if there is none."""
        batch, folder = self._queue.batch, Path(self.folder.text()).expanduser()
        rows = batch.rows if batch is not None and batch.folder == folder else ()
        return next((row for row in rows if row.entry == entry), Row(entry, ""))

    def remove_chosen(self) -> None:
        """Remove the selected rows from the list."""
        chosen = {index.row() for index in self.table.selectionModel().selectedRows()}
        self.entries = [entry for number, entry in enumerate(self.entries) if number not in chosen]
        self._propose_folder()
        self._show_entries()

    def start(self) -> None:
        """Segment the scans in the list."""
        self._queue.begin(
            self.entries,
            Path(self.folder.text()).expanduser(),
            may_start_over=self.start_over.isChecked(),
        )
        self.start_over.setChecked(False)

    # display

    def showEvent(self, event: QShowEvent) -> None:
        """Show the tuning that a batch uses, which is not that of the active scan."""
        tuning = self._queue.tuning
        if tuning is not None:
            self.tuning.setText(
                tr(
                    "A batch uses the default values (attention threshold "
                    "{attention_threshold:.2f}, sigma {sigma_mm:.1f} mm, segmentation threshold "
                    "{segmentation_threshold:.2f}), not those in the panel.",
                    attention_threshold=tuning.attention_threshold,
                    sigma_mm=tuning.sigma_mm,
                    segmentation_threshold=tuning.segmentation_threshold,
                )
            )

    def _show_entries(self) -> None:
        self.table.setRowCount(len(self.entries))
        self._names = distinct_names(
            [entry.path for entry in self.entries], [entry.series_uid for entry in self.entries]
        )
        for number, entry in enumerate(self.entries):
            self._show_row(number, self._row_for(entry))
        self.table.setVisible(bool(self.entries))
        self.empty.setVisible(not self.entries)
        self._show_state()

    def _show_row(self, number: int, row: Row) -> None:
        if number >= self.table.rowCount():
            return
        volume = (
            tr(formatted_number(row.volume_ml, ".1f", "ml")) if row.volume_ml is not None else ""
        )
        duration = rounded_time(row.seconds) if row.seconds is not None else ""
        remarks = " ".join(tr(remark) for remark in row_remarks(row))
        title = "" if self._settings.current.is_patient_shown else tr(row.title)
        for column, text in enumerate(
            (title or self._names[number], tr(_STATES[row.state]), volume, duration, remarks)
        ):
            item = QTableWidgetItem(text)
            item.setToolTip(title or str(row.entry.path) if column == 0 else text)
            if column == 1 and row.state in _ICONS:
                is_empty = row.state is State.DONE and row.voxels == 0
                item.setIcon(icon(*(("warn", "warn") if is_empty else _ICONS[row.state])))
            self.table.setItem(number, column, item)
        if remarks:  # wrapped, not truncated
            self.table.resizeRowToContents(number)
        if row.state is State.RUNNING:
            self.table.scrollTo(self.table.model().index(number, 0))

    def _show_progress(self, update: ProgressUpdate) -> None:
        if self._queue.is_paused:
            return
        stage = progress_text(update)
        time_left = (
            tr("{time} left", time=rounded_time(update.left_s)) if update.left_s is not None else ""
        )
        self.stage.setText(f"{stage}, {time_left}" if time_left else stage)
        batch = self._queue.batch
        if batch is not None:
            self.bar.setRange(0, 100 * len(batch.rows))
            ended_count = sum(row.state in (State.DONE, State.FAILED) for row in batch.rows)
            # a scan counts in full only when its files have been written
            self.bar.setValue(round(100 * (ended_count + update.fraction * 0.9)))

    def _show_state(self) -> None:
        is_running, is_paused = self._queue.is_running, self._queue.is_paused
        for control in (self.add_files, self.add_folder, self.remove, self.folder, self.start_over):
            control.setEnabled(not is_running)
        self.remove.setEnabled(not is_running and bool(self.entries))
        self.start_button.setEnabled(
            not is_running and bool(self.entries) and bool(self.folder.text().strip())
        )
        self.pause_button.setEnabled(is_running)
        self.pause_button.setText(tr("Resume") if is_running and is_paused else tr("Pause"))
        self.cancel_button.setEnabled(is_running)
        if is_running and is_paused:
            self.stage.setText(tr("Paused"))
        elif is_running:
            self.stage.setText("")  # until the first progress update arrives
        else:
            done = sum(self._row_for(entry).state is State.DONE for entry in self.entries)
            self.stage.setText(
                tr("{number} of {count} done", number=done, count=len(self.entries))
                if self._queue.batch is not None and self.entries
                else ""
            )
            self.bar.setRange(0, max(len(self.entries), 1))
            self.bar.setValue(done)

    # choosing files

    def _choose_files(self) -> None:
        for path in self._files.ask_for_files(
            tr("Add scans"),
            self._settings.current.last_folder,
            file_filter(tr("Scans and lists"), ".txt"),
        ):
            self.add(Path(path))

    def _choose_folder(self) -> None:
        chosen = self._files.ask_for_folder(
            tr("Add every scan in a folder"), self._settings.current.last_folder
        )
        if chosen:
            self.add(Path(chosen))

    def _choose_target(self) -> None:
        chosen = self._files.ask_for_folder(tr("Folder for masks and table"), self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._queue.is_running and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.add(Path(url.toLocalFile()))
        event.acceptProposedAction()


def _button(text: str, icon_name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    set_icon(button, icon_name)
    button.setToolTip(tip)
    return button
