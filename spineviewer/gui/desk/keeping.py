"""The reader's work on the disk: kept while it is done, brought back, saved and opened as a session."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.services import Services
from spineviewer.app.session import Session, applied, read_session, scan_path_of
from spineviewer.app.state import SegmentationStage
from spineviewer.errors import ImageReadError
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.desk.opening import Opening
from spineviewer.gui.desk.segmenting import Segmenting
from spineviewer.gui.desk.session_keeper import Present, SessionKeeper
from spineviewer.gui.language import tr
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import mark

_IS_BACK = mark("Your corrections and measurements from the last time are back. Correct > Discard takes corrections away.")
_IS_ANOTHER = mark("This is not the scan on which the session was made: its values differ. Nothing was put onto it.")
_OTHER_WEIGHTS = mark("The session was made with other networks: the mask may differ from the one that was saved.")


class Keeping(Segmenting, Opening):
    """Sessions: the journal behind the open scan, and files that the reader saves and opens."""

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self._wanted: Session | None = None
        self._to_tell: list[Notice] = []
        folder = settings_path.parent / "sessions"
        self.keeper = SessionKeeper(self.runner, folder, self._present, backend.weights, self)
        self.keeper.ended.connect(self._kept)
        self.changed.connect(self.keeper.touch)
        self.moved.connect(self.keeper.touch)
        self.work_done.connect(self.keeper.keep)
        self.mask_changed.connect(self.keeper.keep_results)
        self.scan_leaves.connect(self.keeper.end)
        self.scan_comes.connect(self._restore)
        self.scan_shown.connect(self._go_on)
        self.segmentation_ended.connect(self._compare_weights)

    def open(self, path: Path, series_uid: str | None = None) -> None:
        """Open a scan as it is; of earlier work comes back what was made by hand."""
        self._wanted = None
        super().open(path, series_uid)

    def open_session(self, path: Path) -> None:
        """Open a saved session and the scan that it names."""

        def read(_: object) -> object:
            session = read_session(path)
            return session, scan_path_of(session, path)

        def ended(outcome: Outcome) -> None:
            self.opening.emit(None)
            if isinstance(outcome, Succeeded):
                assert isinstance(outcome.result, tuple)
                session, scan_path = outcome.result
                self.resume(session, scan_path, session.scan.series_uid)
            elif isinstance(outcome, Failed):
                self._say_failure(outcome, "open")

        self.last_error = None
        self.opening.emit(path)
        self.runner.start(JobKind.OPEN, read, on_end=ended)

    def resume(self, session: Session, scan_path: Path, series_uid: str) -> None:
        """Open a scan and put back everything that a session holds."""
        self.open(scan_path, series_uid or None)
        self._wanted = session

    def save_session(self, path: Path) -> None:
        """Write everything that is set on the open scan to a file."""

        def saved(outcome: Outcome) -> None:
            if isinstance(outcome, Failed):
                self._say_failure(outcome, "session")
            elif isinstance(outcome, Succeeded):
                self.noticed.emit(
                    Notice(
                        Level.INFO, tr("Saved {file} to {folder}", file=path.name, folder=path.parent), "session", paths=(path,)
                    )
                )

        self.keeper.save(path, saved)

    def _present(self) -> Present:
        return Present(self.reading, self.correction, self.fusion, self.views(), self.defaults)

    def _restore(self, scan: CtVolume) -> None:
        """All of a session that was asked for, else of earlier work what was made by hand."""
        reading = self.reading
        assert reading is not None
        kept: Session | None = None
        try:
            kept = self.keeper.begin(scan, self.opened_with)
        except ImageReadError as error:
            self._to_tell.append(Notice(Level.BAD, str(error), "kept"))
        wanted = self._wanted
        if wanted is not None and self.keeper.is_of_open_scan(wanted):
            kept = wanted
            self.reading = applied(wanted, reading)
        else:
            if wanted is not None:
                self._to_tell.append(Notice(Level.BAD, tr(_IS_ANOTHER), "session"))
                self._wanted = None
            if kept is not None:
                self.reading = replace(reading, measurements=kept.measurements, tuning=kept.tuning)
                if kept.is_work:
                    self._to_tell.append(Notice(Level.INFO, tr(_IS_BACK), "kept"))
        if kept is not None and kept.correction.shape_zyx == scan.geometry.shape_zyx:
            self.correction = kept.correction
            self.keeper.keep()

    def _go_on(self) -> None:
        notices, self._to_tell = self._to_tell, []
        for notice in notices:
            self.noticed.emit(notice)
        wanted = self._wanted
        if wanted is None:
            return
        self.views_wanted.emit(wanted.views)
        if wanted.is_segmented or (wanted.is_stopped and wanted.results):
            kept = self.keeper.kept_results()
            stage = SegmentationStage.DONE if wanted.is_segmented else SegmentationStage.STOPPED
            self._recall(lambda: wanted.results or kept(), self.keeper.fingerprint, stage=stage)

    def _compare_weights(self, outcome: object) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None or self.reading is None or not isinstance(outcome, Succeeded):
            return
        if wanted.weights and wanted.weights != str(self.reading.report.get("weights", "")):
            self.noticed.emit(Notice(Level.WARN, tr(_OTHER_WEIGHTS), "session"))

    def _kept(self, outcome: object) -> None:
        if isinstance(outcome, Failed):
            self._say_failure(outcome, "autosave")
