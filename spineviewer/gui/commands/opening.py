"""Opening scans, and what is remembered of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt

from spineviewer.app.jobs import JobKind
from spineviewer.app.journal import Unfinished
from spineviewer.app.services import SeriesToChoose
from spineviewer.app.session import SESSION_ENDING
from spineviewer.app.settings import RecentScan
from spineviewer.app.studies import FolderContents
from spineviewer.gui.commands.core import SCAN_FILES, CommandsCore, Slots
from spineviewer.gui.dialogs.series_chooser import SeriesChooser
from spineviewer.gui.dialogs.study_browser import StudyBrowser
from spineviewer.gui.language import tr


class OpeningCommands(CommandsCore):
    """Files, folders, sessions and what a crash left; each asks for what it needs."""

    def slots(self) -> Slots:
        return {
            **super().slots(),
            "open": self.open,
            "open_folder": self.open_folder,
            "browse": self._browse,
            "open_sample": self.open_sample,
            "remember": self._remember,
            "next_scan": self.desk.next_scan,
            "close_scan": self.desk.close_scan,
        }

    def open(self) -> None:
        """Ask for a file."""
        chosen = self.files.file_to_open(tr("Open scan"), self.desk.settings.last_folder, tr(SCAN_FILES))
        if chosen:
            self.open_path(Path(chosen))

    def open_folder(self) -> None:
        """Ask for a folder."""
        chosen = self.files.folder_to_open(tr("Open DICOM folder"), self.desk.settings.last_folder)
        if chosen:
            self.open_path(Path(chosen))

    def _browse(self) -> None:
        chosen = self.files.folder_to_open(tr("Scans in a folder"), self.desk.settings.last_folder)
        if chosen:
            self.desk.browse(Path(chosen))

    def show_browser(self, contents: FolderContents) -> None:
        """List what a folder holds, in the browser that is open already where there is one for it."""
        browser = next((b for b in self._window.findChildren(StudyBrowser) if b.isVisible()), None)
        if browser is None:
            browser = StudyBrowser(contents, is_named=self.desk.settings.is_patient_named, parent=self._window)
            browser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            browser.open_asked.connect(lambda path, uid: self.open_path(path, uid or None))
            browser.names_asked.connect(partial(self._name_patients, contents.folder))
            browser.finished.connect(lambda: self.desk.runner.withdraw(JobKind.PICTURES))
            browser.show()
        else:
            browser.show_contents(contents)
        self.desk.picture_folder(contents, browser.show_pictures)

    def _name_patients(self, folder: Path, is_named: bool) -> None:
        self.desk.name_patients(is_named)
        self.desk.browse(folder)

    def open_sample(self) -> None:
        """The scan that ships with the program."""
        sample = self._sample()
        if sample is not None:
            self.open_path(sample)

    def open_path(self, path: Path, series_uid: str | None = None) -> None:
        """Open a file, a folder or a saved session."""
        if self.desk.settings.is_recent_kept:
            self.desk.settings = replace(self.desk.settings, last_folder=str(path.parent))
        if path.name.lower().endswith(SESSION_ENDING):
            self.desk.open_session(path)
        else:
            self.desk.open(path, series_uid)

    def open_recent(self, scan: RecentScan) -> None:
        """A scan that was opened before."""
        self.open_path(Path(scan.path), scan.series_uid or None)

    def clear_recents(self) -> None:
        """Forget which scans were opened."""
        self.desk.settings = replace(self.desk.settings, recent=())
        self.desk.save_settings()
        self.desk.scan_changed.emit()

    def _remember(self, is_on: bool) -> None:
        self.desk.settings = self.desk.settings.remembering(is_on)
        self.desk.save_settings()
        self.desk.scan_changed.emit()

    def restore_work(self, work: Unfinished) -> None:
        """Open what a crash interrupted; it is offered until it is open."""

        def settle() -> None:
            if self.desk.keeper.is_of_open_scan(work.session):
                self.desk.keeper.journal.settle(work.marker)

        self.desk.scan_shown.connect(settle, Qt.ConnectionType.SingleShotConnection)
        self.desk.resume(work.session, work.scan_path, work.series_uid)

    def dismiss_work(self, work: Unfinished) -> None:
        """Do not offer it again."""
        self.desk.keeper.journal.settle(work.marker)
        self.desk.scan_changed.emit()

    def choose_series(self, found: SeriesToChoose) -> None:
        """Ask which of several series."""
        chooser = SeriesChooser(found, self._window)
        chooser.accepted.connect(lambda: self.open_path(found.path, chooser.series_uid))
        chooser.finished.connect(lambda: self.desk.runner.withdraw(JobKind.PICTURES))
        self.desk.picture_series(found, chooser.show_pictures)
        self._show_dialog(chooser)
