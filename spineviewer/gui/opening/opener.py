"""Opening files, folders and sessions one after the other, with questions if necessary.

Dialogs are imported only when they are opened, so the window starts sooner.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from spineviewer.app.exporting import results_stem
from spineviewer.app.journal import UnfinishedWork
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.opening import WorkToChoose
from spineviewer.app.services import SeriesToChoose
from spineviewer.app.session import SESSION_EXTENSION
from spineviewer.app.settings import RecentScan
from spineviewer.app.studies import FolderContents
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.deleted_notice import offer_to_restore
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.gui.kit.file_dialogs import FileDialogs, scan_filter
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import shortened
from spineviewer.gui.kit.scan_names import dialog_title
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.volume.scan_name import name_with_folder

#: Extensions of voxel files, and of the header files through which they are opened.
_HEADERS = {".raw": (".mhd", ".nhdr"), ".zraw": (".mhd",), ".img": (".hdr",)}

#: Topic of the notice that lists everything that could not be opened.
SEVERAL_TOPIC = "open-several"


class Opener(QObject):
    """Opens what the user drops or chooses.

    Several paths are opened in turn. Those that cannot be opened are reported together at the end,
    because a notice about one would disappear when the next one is opened.

    Thread ownership: GUI thread.

    Attributes
    ----------
    count
        Number of paths that are being opened in turn, including those already opened.
    """

    #: No more paths are waiting to be opened.
    finished = Signal()

    def __init__(
        self,
        workspace: Workspace,
        dialogs: Dialogs,
        files: FileDialogs,
        sample: Callable[[], Path | None],
        subscriptions: Subscriptions,
    ) -> None:
        super().__init__(dialogs.window)
        self._workspace, self._dialogs = workspace, dialogs
        self._files, self._sample = files, sample
        self._waiting: deque[Path] = deque()
        self._failures: list[str] = []
        self._is_choosing = False
        self.count = 0
        subscriptions.add(workspace.opening.changed, self._on_opening)
        subscriptions.add(workspace.noticed, self._on_notice)
        subscriptions.add(workspace.scan_opened, self._skip_slices)
        subscriptions.add(workspace.opening.series_found, self._choose_series)
        subscriptions.add(workspace.opening.work_found, self._choose_work)
        subscriptions.add(workspace.folders.found, self._show_browser)

    # choosing files

    def open_files(self) -> None:
        """Ask for files and open them."""
        folder = self._workspace.settings.current.last_folder
        chosen = self._files.ask_for_files(tr("Open scan"), folder, scan_filter())
        self.open_paths([Path(name) for name in chosen])

    def open_folder(self) -> None:
        """Ask for a folder and open it."""
        folder = self._workspace.settings.current.last_folder
        chosen = self._files.ask_for_folder(tr("Open DICOM folder"), folder)
        if chosen:
            self.open_path(Path(chosen))

    def browse_folder(self) -> None:
        """Ask for a folder and list its contents."""
        folder = self._workspace.settings.current.last_folder
        chosen = self._files.ask_for_folder(tr("Scans in a folder"), folder)
        if chosen:
            self._workspace.folders.browse(Path(chosen))

    def save_session(self) -> None:
        """Ask where to save the session of the active scan, and save it there."""
        scan = self._workspace.front
        if scan is None:
            return
        proposed = scan.exports.folder / f"{results_stem(scan.volume.source)}{SESSION_EXTENSION}"
        title = dialog_title(tr("Save session"), self._workspace, scan)
        path = self._files.ask_for_session_target(title, proposed)
        if path is not None:
            scan.exports.remember_folder(path.parent)
            scan.autosave.save(path)

    # opening

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open files, folders and sessions in turn; the last one is then active."""
        scans = _without_voxel_files(paths)
        if not scans:
            return
        if self._is_busy and (self._waiting or len(scans) > 1):
            self._waiting.extend(scans)
            self.count += len(scans)
            return
        self._failures.clear()
        self._waiting = deque(scans[1:])
        self.count = len(scans)
        self.open_path(scans[0])

    def open_path(self, path: Path, series_uid: str | None = None) -> None:
        """Open one file, folder or session; `series_uid` selects a series of a folder."""
        if self._workspace.settings.current.is_recent_kept:
            self._workspace.settings.update(last_folder=str(path.parent))
        if path.name.lower().endswith(SESSION_EXTENSION):
            self._workspace.opening.open_session(path)
        else:
            self._workspace.opening.open(path, series_uid)

    def open_sample(self) -> None:
        """Open the scan that ships with the program."""
        sample = self._sample()
        if sample is not None:
            self.open_path(sample)

    def open_recent(self, scan: RecentScan) -> None:
        """Open a scan from the list of recent scans."""
        self.open_path(Path(scan.path), scan.series_uid or None)

    def clear_recents(self) -> None:
        """Delete the list of recent scans; a notice offers to restore it."""
        settings = self._workspace.settings
        restore = partial(settings.update, recent=settings.current.recent)
        settings.update(recent=())
        text = tr("The list of recent scans was cleared.")
        offer_to_restore(self._workspace, text, restore)

    def discard_waiting(self) -> None:
        """Discard the paths that are still waiting to be opened."""
        self._waiting.clear()

    def opening_text(self, path: Path) -> str:
        """Return the text to show while a path is being opened."""
        settings = self._workspace.settings.current
        title = "" if settings.is_patient_shown else settings.title_of_recent(str(path.absolute()))
        file = shortened(tr(title) or name_with_folder(path), 44)
        if self.count <= 1:
            return tr("Opening {file}", file=file)
        number = self.count - len(self._waiting)
        return tr(
            "Opening {file} ({number} of {count})", file=file, number=number, count=self.count
        )

    @property
    def _is_busy(self) -> bool:
        return self._workspace.opening.path is not None or self._is_choosing

    def _on_opening(self) -> None:
        if self._workspace.opening.path is None:  # let the result be handled first
            QTimer.singleShot(0, self, self._open_next)
        else:
            self._workspace.end_topic("open")
            self._workspace.end_topic(SEVERAL_TOPIC)

    def _open_next(self) -> None:
        if self._is_busy:
            return
        if self._waiting:
            self.open_path(self._waiting.popleft())
            return
        if self.count > 1:
            self._report_failures()
        self.count = 0
        self.finished.emit()

    def _report_failures(self) -> None:
        failures, count = self._failures.copy(), self.count
        self._failures.clear()
        if failures:
            heading = tr(
                "{number} of {count} files and folders could not be opened.",
                number=len(failures),
                count=count,
            )
            text = "\n".join([heading, *failures])
            self._workspace.end_topic("open")
            self._workspace.tell(Notice(Severity.ERROR, text, SEVERAL_TOPIC))

    def _on_notice(self, notice: Notice) -> None:
        if notice.topic == "open" and notice.severity is Severity.ERROR and self.count > 1:
            self._failures.append(tr(notice.text))

    def _skip_slices(self, scan: OpenScan) -> None:
        """Remove the waiting paths that are slices of the scan just opened."""
        source = scan.volume.source
        if self._waiting and source.slices is not None:
            slices = {path.absolute() for path in source.slices.files}
            remaining = [path for path in self._waiting if path.absolute() not in slices]
            self.count -= len(self._waiting) - len(remaining)
            self._waiting = deque(remaining)

    # choosing series and saved work

    def _choose_series(self, choice: SeriesToChoose) -> None:
        """Ask which of several series to open; the waiting paths are opened afterwards."""
        from spineviewer.gui.opening.series_chooser import SeriesChooser

        self._is_choosing = True
        is_patient_shown = self._workspace.settings.current.is_patient_shown
        chooser = SeriesChooser(choice, self._dialogs.window, is_patient_shown=is_patient_shown)
        chooser.accepted.connect(lambda: self.open_path(choice.path, chooser.series_uid))
        chooser.finished.connect(self._on_chooser_closed)
        self._workspace.folders.make_series_thumbnails(choice, chooser.show_pictures)
        self._dialogs.show(chooser)

    def _choose_work(self, choice: WorkToChoose) -> None:
        """Ask which of several versions of the work on a scan to open, and which to delete."""
        from spineviewer.gui.opening.work_question import WorkQuestion

        self._is_choosing = True
        question = WorkQuestion(choice, self._dialogs.window)
        question.chosen.connect(partial(self._workspace.opening.open_work, choice))
        question.finished.connect(self._on_chooser_closed)
        self._dialogs.show(question)

    def _on_chooser_closed(self) -> None:
        self._is_choosing = False
        self._workspace.folders.end_thumbnails()
        QTimer.singleShot(0, self, self._open_next)

    def _show_browser(self, contents: FolderContents) -> None:
        """List the contents of a folder, in the existing browser if one is open."""
        from spineviewer.gui.opening.study_browser import StudyBrowser

        window = self._dialogs.window
        browser = next((b for b in window.findChildren(StudyBrowser) if b.isVisible()), None)
        if browser is None:
            are_names_shown = self._workspace.settings.current.is_patient_named
            browser = StudyBrowser(contents, are_names_shown=are_names_shown, parent=window)
            browser.open_requested.connect(lambda path, uid: self.open_path(path, uid or None))
            browser.names_toggled.connect(partial(self._show_names, contents.folder))
            browser.finished.connect(lambda: self._workspace.folders.end_thumbnails())
            self._dialogs.show_beside(browser)
        else:
            browser.show_contents(contents)
        self._workspace.folders.make_folder_thumbnails(contents, browser.show_pictures)

    def _show_names(self, folder: Path, are_names_shown: bool) -> None:
        self._workspace.settings.update(is_patient_named=are_names_shown)
        self._workspace.folders.browse(folder)

    # interrupted work

    def restore_work(self, work: UnfinishedWork) -> None:
        """Open work that a crash interrupted; the start page keeps offering it until it is open."""
        self._workspace.opening.resume(work.session, work.scan_path, work.series_uid)

    def dismiss_work(self, work: UnfinishedWork) -> None:
        """Stop offering to restore interrupted work."""
        self._workspace.shared_journal.journal.delete_marker(work.marker)
        self._workspace.scans_changed.emit()


def _without_voxel_files(paths: Sequence[Path]) -> list[Path]:
    """Return each path once, without voxel files whose header is among the paths."""
    names = {str(path).lower() for path in paths}

    def has_header(path: Path) -> bool:
        headers = _HEADERS.get(path.suffix.lower(), ())
        return any(str(path.with_suffix(extension)).lower() in names for extension in headers)

    return [path for path in dict.fromkeys(paths) if not has_header(path)]
