"""Closing scans and the window, with one question if work would be lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from spineviewer.app.exporting import results_stem
from spineviewer.app.jobs import JobKind
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.session import SESSION_EXTENSION
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.gui.kit.file_dialogs import FileDialogs
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.scan_names import dialog_title, scan_title
from spineviewer.gui.kit.screen_fit import ContentScrollArea
from spineviewer.gui.kit.styled import styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_L, GAP_XL

#: Time between two updates of the question.
_REFRESH_MS = 300


class ClosingDialog(QDialog):
    """Asks whether to save work before scans are closed."""

    #: The user wants to close without saving.
    discarded = Signal()
    #: The user wants to save before closing.
    save_requested = Signal()

    def __init__(self, *, is_quitting: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._is_quitting = is_quitting
        self.setWindowTitle(tr("Quit Spineviewer") if is_quitting else tr("Close scan"))
        self.heading, self._text = styled_label("heading"), styled_label("quiet")
        self._hint = QLabel()
        self._hint.setWordWrap(True)
        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self.cancel_button = buttons.addButton(tr("Cancel"), role.RejectRole)
        self.discard_button = buttons.addButton("", role.DestructiveRole)
        self.save_button = buttons.addButton("", role.AcceptRole)
        self.save_button.setProperty("kind", "primary")
        for button in buttons.buttons():
            button.setIcon(QIcon())
        buttons.rejected.connect(self.reject)
        self.discard_button.clicked.connect(self._discard)
        buttons.accepted.connect(self._save)
        content = without_margins(QVBoxLayout(), GAP_L)
        content.addWidget(self._text)
        content.addWidget(self._hint)
        content.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addWidget(self.heading)
        layout.addWidget(ContentScrollArea(content), 1)
        layout.addWidget(buttons)
        self.setMinimumWidth(460)

    def show_unsaved(
        self, names: Sequence[str], running: Sequence[str], *, are_masks_unsaved: bool
    ) -> None:
        """Show which scans are not saved, and what closing them would cancel."""
        unsaved = (
            tr("The segmentation of %n scan(s) is not saved.", "", len(names))
            if are_masks_unsaved
            else tr("Your work on %n scan(s) is not saved.", "", len(names))
        )
        done = tr("Work is still in progress.") if running else tr("All work has finished.")
        self.heading.setText(unsaved if names else done)
        self._text.setText("\n".join((*names, *running)))
        self._hint.setText(_hint(are_masks_unsaved=are_masks_unsaved))
        self._hint.setVisible(bool(names))
        self.discard_button.setText(
            _discard_text(is_quitting=self._is_quitting, is_anything_unsaved=bool(names))
        )
        self.save_button.setText(tr("Save session…") if len(names) == 1 else tr("Save sessions…"))
        self.save_button.setVisible(bool(names))
        (self.save_button if names else self.cancel_button).setDefault(True)

    def _discard(self) -> None:
        self.accept()
        self.discarded.emit()

    def _save(self) -> None:
        self.accept()
        self.save_requested.emit()


class Closer:
    """Closes scans or the window, asking at most one question.

    Thread ownership: GUI thread.
    """

    def __init__(self, workspace: Workspace, dialogs: Dialogs, files: FileDialogs) -> None:
        self._workspace, self._dialogs, self._files = workspace, dialogs, files
        self._is_asking = False

    def close_front(self) -> None:
        """Close the active scan."""
        if self._workspace.front is not None:
            self.close(self._workspace.front)

    def close(self, scan: OpenScan) -> None:
        """Close an open scan; if work would be lost, ask the user first."""
        self._ask((scan,), partial(self._workspace.close, scan), is_quitting=False)

    def quit(self, close_window: Callable[[], object]) -> None:
        """Call `close_window`; if work would be lost, ask the user first."""
        self._ask(self._workspace.scans, close_window, is_quitting=True)

    def _ask(
        self, scans: Sequence[OpenScan], close: Callable[[], object], *, is_quitting: bool
    ) -> None:
        if not self._unsaved(scans) and not self._running(scans, is_quitting=is_quitting):
            close()
            return
        if self._is_asking:
            return
        self._is_asking = True
        dialog = ClosingDialog(is_quitting=is_quitting, parent=self._dialogs.window)

        def show() -> None:
            unsaved = self._unsaved(scans)
            dialog.show_unsaved(
                [scan_title(self._workspace, scan) for scan in unsaved],
                self._running(scans, is_quitting=is_quitting),
                are_masks_unsaved=not any(scan.saved.is_mask_current for scan in unsaved),
            )

        show()
        timer = QTimer(dialog, interval=_REFRESH_MS)  # work may finish while the dialog is open
        timer.timeout.connect(show)
        dialog.finished.connect(timer.stop)
        dialog.finished.connect(self._on_finished)
        timer.start()
        dialog.discarded.connect(close)
        dialog.save_requested.connect(lambda: self._save(self._unsaved(scans), close))
        self._dialogs.show(dialog)

    def _unsaved(self, scans: Sequence[OpenScan]) -> list[OpenScan]:
        return [scan for scan in scans if not scan.saved.is_current]

    def _running(self, scans: Sequence[OpenScan], *, is_quitting: bool) -> list[str]:
        """Return descriptions of the work that closing these scans would cancel."""
        lines = [
            line for scan in scans for line in _running_on(scan, scan_title(self._workspace, scan))
        ]
        return [*lines, *(_other_running_work(self._workspace) if is_quitting else ())]

    def _on_finished(self) -> None:
        self._is_asking = False

    def _save(self, scans: Sequence[OpenScan], close: Callable[[], object]) -> None:
        """Ask where to save sessions of the scans; call `close` when all have been saved."""
        paths = self._ask_for_paths(scans)
        waiting = set(scans)

        def on_saved(scan: OpenScan, _: Path) -> None:
            waiting.discard(scan)
            if not waiting:
                close()

        for scan, path in zip(scans, paths, strict=False):
            scan.exports.remember_folder(path.parent)
            scan.autosave.session_saved.connect(partial(on_saved, scan))
            scan.autosave.save(path)

    def _ask_for_paths(self, scans: Sequence[OpenScan]) -> list[Path]:
        """Return the path of each scan's session; empty if the user cancels."""
        first = scans[0]
        if len(scans) == 1:
            proposed = (
                first.exports.folder / f"{results_stem(first.volume.source)}{SESSION_EXTENSION}"
            )
            title = dialog_title(tr("Save session"), self._workspace, first)
            chosen = self._files.ask_for_session_target(title, proposed)
            return [] if chosen is None else [chosen]
        folder = self._files.ask_for_folder(
            tr("Folder for the sessions"), str(first.exports.folder)
        )
        if not folder:
            return []
        paths: list[Path] = []
        for scan in scans:
            stem, number = results_stem(scan.volume.source), 1
            while (path := _session_path(Path(folder), stem, number)) in paths or path.exists():
                number += 1
            paths.append(path)
        return paths


def _discard_text(*, is_quitting: bool, is_anything_unsaved: bool) -> str:
    """Return the text of the button that closes without saving."""
    if not is_anything_unsaved:
        return tr("Quit") if is_quitting else tr("Close scan")
    return tr("Quit without saving") if is_quitting else tr("Close without saving")


def _running_on(scan: OpenScan, name: str) -> list[str]:
    """Return descriptions of the work on a scan that closing it would cancel."""
    lines = []
    if scan.jobs.is_running(JobKind.SEGMENT) and scan.parts.progress is not None:
        lines.append(tr("The segmentation of {file} will be cancelled.", file=name))
    if scan.jobs.is_running(JobKind.EXPORT):
        lines.append(tr("The export of {file} will be cancelled.", file=name))
    if scan.reports.is_waiting:
        lines.append(tr("The report on {file} will not be written.", file=name))
    return lines


def _other_running_work(workspace: Workspace) -> list[str]:
    """Return descriptions of other work that closing the window would cancel."""
    running = []
    if workspace.batch.is_running:
        running.append(tr("The batch is running; finished results will be kept."))
    if workspace.are_archives_used:
        archives = workspace.archives
        waiting = sum(retrieval.is_open for retrieval in archives.retrievals.retrievals)
        if waiting:
            running.append(tr("%n retrieval(s) from the archive will be cancelled.", "", waiting))
        if archives.search.is_running:
            running.append(tr("The search in the archive will be cancelled."))
        if archives.sending.is_running:
            running.append(tr("Sending to the archive will be cancelled."))
    return running


def _session_path(folder: Path, stem: str, number: int) -> Path:
    return folder / f"{stem}{f'-{number}' if number > 1 else ''}{SESSION_EXTENSION}"


def _hint(*, are_masks_unsaved: bool) -> str:
    """Return what is lost without a session, and what is not."""
    hint = tr(
        "Save a session to continue exactly where you left off. Without one, corrections, "
        "measurements, names, ticks and the text of the report will still be restored when you "
        "open the scan again."
    )
    again = tr("Only the segmentation may have to be repeated.") if are_masks_unsaved else ""
    return f"{hint} {again}".strip()
