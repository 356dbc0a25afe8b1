"""Opening of scans and sessions in the background."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from psygnal import Signal

from spineviewer.app.features.autosave import SharedJournal, StoredWork
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.notices import Notice, failure
from spineviewer.app.scan_titles import hidden_title
from spineviewer.app.services import SeriesToChoose, Services
from spineviewer.app.session import (
    ScanReference,
    Session,
    find_scan_path,
    make_reference,
    read_session,
)
from spineviewer.app.settings import RecentScan
from spineviewer.app.settings_store import SettingsStore
from spineviewer.errors import ModelError
from spineviewer.progress import Progress
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import Wording

if TYPE_CHECKING:
    from spineviewer.app.open_scan import OpenScan


@dataclass(frozen=True, eq=False)
class ReadScan:
    """A scan that has been read, with the saved work on it."""

    volume: CtVolume
    reference: ScanReference
    work: StoredWork


class Origin(Enum):
    """Where work on a scan is stored."""

    SESSION = auto()  #: in one of the user's session files
    AUTOSAVE = auto()
    OPEN_SCAN = auto()  #: in a scan that is open


@dataclass(frozen=True, eq=False)
class Work:
    """One of several versions of the work on a scan.

    Attributes
    ----------
    file
        The session file, either the user's or one in the journal; None for an open scan.
    saved_at_s
        Time at which it was saved, in seconds since 1970; 0 if that is unknown.
    is_saved
        For an open scan: whether one of the user's own files contains the work.
    scan_path
        The scan's file when the work was saved; None if it is unknown.
    """

    origin: Origin
    session: Session
    file: Path | None = None
    saved_at_s: float = 0.0
    is_saved: bool = True
    scan_path: Path | None = None


@dataclass(frozen=True, eq=False)
class WorkToChoose:
    """Several versions of the work on a scan, from which the user must choose.

    The requested session, if any, comes first, then the work saved for this file (not a copy of
    it), then the rest; within each group, the newest comes first.
    """

    scan: ReadScan
    versions: tuple[Work, ...]


class ScanPresenter(Protocol):
    """Interface of the component that shows a scan once it has been read."""

    def show(self, scan: ReadScan, requested: Session | None) -> object:
        """Show a scan; restore everything that the requested session contains, if there is one."""

    def open_copy(self, scan: ReadScan) -> OpenScan | None:
        """Return the open scan that is the same as one that has just been read; None if none is."""


class Opening:
    """Opens scans and sessions in the background; open scans stay until the new one is ready.

    Signals: `changed` (`path` changed: an opening began or ended), `progressed` (a
    `ProgressUpdate`), `series_found` (a `SeriesToChoose`), `work_found` (a `WorkToChoose`).
    """

    changed = Signal()
    progressed = Signal(object)
    series_found = Signal(object)
    work_found = Signal(object)

    def __init__(
        self,
        presenter: ScanPresenter,
        services: Services,
        jobs: Jobs,
        shared_journal: SharedJournal,
        settings: SettingsStore,
        thumbnail: Callable[[CtVolume], str],
        tell: Callable[[Notice], None],
    ) -> None:
        self._presenter = presenter
        self._services = services
        self._jobs = jobs
        self._shared_journal = shared_journal
        self._settings = settings
        self._thumbnail = thumbnail
        self._tell = tell
        self.path: Path | None = None

    def make_ready(self) -> None:
        """Start the process that reads scans, and load the modules that will be needed."""

        def work(progress: Progress) -> None:
            from spineviewer.app.warm_up import import_ahead

            self._services.expect_scan()
            import_ahead(progress)

        self._jobs.start(JobKind.PREPARE, work)

    def prepare(self, volume: CtVolume) -> Tuning:
        """Return the networks' default tuning, or a fixed one if the model cannot be read.

        In the background, compile the networks for this scan, then prepare to open the next.
        """
        services = self._services
        try:
            defaults = services.tuning()
        except ModelError:  # reported on segmentation; viewing needs no weights
            self.expect_scan()
            return Tuning()
        self._jobs.start(JobKind.PREPARE, lambda _: services.prepare(volume))
        return defaults

    def expect_scan(self) -> None:
        """Start, in advance, the process that will read the next scan."""
        services = self._services
        self._jobs.start(JobKind.PREPARE, lambda _: services.expect_scan())

    def open(self, path: Path, series_uid: str | None = None) -> None:
        """Open a scan, and restore earlier edits."""
        self._open(path, series_uid, None)

    def open_session(self, path: Path) -> None:
        """Open a saved session and the scan that it refers to."""

        def read(_: Progress) -> tuple[Session, Path]:
            session = read_session(path)
            return session, find_scan_path(session, path)

        def on_end(outcome: Outcome[tuple[Session, Path]]) -> None:
            self._show_path(None)
            if isinstance(outcome, Succeeded):
                session, scan_path = outcome.result
                self._open(scan_path, session.scan.series_uid or None, session, path)
            elif isinstance(outcome, Failed):
                self._tell(failure(outcome, "open"))

        self._show_path(path)
        self._jobs.start(JobKind.OPEN, read, on_end=on_end)

    def resume(self, session: Session, scan_path: Path, series_uid: str) -> None:
        """Open a scan and restore everything that an interrupted session contains."""
        self._open(scan_path, series_uid or None, session)

    def open_work(self, found: WorkToChoose, work: Work, discarded: Collection[Work]) -> None:
        """Open the chosen work, and delete the autosaved work that the user discards.

        Other saved work is kept.
        """
        files = [
            work_.file for work_ in discarded if work_.file and work_.origin is Origin.AUTOSAVE
        ]
        self._shared_journal.journal.delete_files(files)
        is_open = work.origin is Origin.OPEN_SCAN
        self._presenter.show(found.scan, None if is_open else work.session)

    def cancel(self) -> None:
        """Stop opening."""
        self._jobs.cancel(JobKind.OPEN)

    def read(self, volume: CtVolume, series_uid: str) -> ReadScan:
        """Return a scan with the saved work on it; this may read a file."""
        reference = make_reference(volume, series_uid)
        return ReadScan(volume, reference, self._shared_journal.saved_work(reference.fingerprint))

    def with_saved_work(self, scan: ReadScan) -> ReadScan:
        """Return a scan as it was read, with the newest saved work on it."""
        if self._shared_journal.is_up_to_date(scan.work):
            return scan
        return replace(scan, work=self._shared_journal.saved_work(scan.reference.fingerprint))

    def _open(
        self,
        path: Path,
        series_uid: str | None,
        requested: Session | None,
        session_path: Path | None = None,
    ) -> None:
        def work(progress: Progress) -> tuple[ReadScan, str]:
            volume = self._services.read_scan(path, series_uid, progress)
            return self.read(volume, series_uid or ""), self._thumbnail(volume)

        self._show_path(path)
        self._jobs.start(
            JobKind.OPEN,
            work,
            on_end=lambda outcome: self._on_opened(
                outcome, path, series_uid or "", requested, session_path
            ),
            on_progress=lambda update: self.progressed.emit(update),
        )

    def _on_opened(
        self,
        outcome: Outcome[tuple[ReadScan, str]],
        path: Path,
        series_uid: str,
        requested: Session | None,
        session_path: Path | None,
    ) -> None:
        self._show_path(None)
        settings = self._settings.current
        if isinstance(outcome, Succeeded):
            scan, picture = outcome.result
            opened = RecentScan(
                str((session_path or path).absolute()),
                "" if session_path else series_uid,
                summary_of(scan.volume),
                picture,
                scan.reference.fingerprint,
                hidden_title(scan.volume.source, session_path or path),
            )
            self._settings.put(settings.with_recent(opened))
            self._show_or_ask(scan, requested, session_path)
            return
        self.expect_scan()  # for the next scan, or for the series that the user chooses
        if isinstance(outcome, Failed) and isinstance(outcome.error, SeriesToChoose):
            self.series_found.emit(outcome.error)
        elif isinstance(outcome, Failed):
            if not path.exists():
                self._settings.put(settings.without_recent(str(path.absolute())))
            self._tell(failure(outcome, "open"))

    def _show_or_ask(
        self, scan: ReadScan, requested: Session | None, session_path: Path | None
    ) -> None:
        """Show a scan, or ask first if there are several versions of the work on it."""
        versions = self._work_outside(requested, scan)
        if requested is not None and session_path is None:  # chosen among the interrupted work
            versions = tuple(work for work in versions if work.origin is Origin.OPEN_SCAN)
        if requested is not None and versions:
            origin = Origin.AUTOSAVE if session_path is None else Origin.SESSION
            versions = (
                Work(origin, requested, session_path, _modified_at_s(session_path)),
                *versions,
            )
        if len(versions) < 2:
            self._presenter.show(scan, requested)
            return
        self.expect_scan()
        self.work_found.emit(WorkToChoose(scan, versions))

    def _work_outside(self, session: Session | None, scan: ReadScan) -> tuple[Work, ...]:
        """Return the unsaved and autosaved work on a scan, except what a session contains.

        Of several identical versions, only the newest is returned. If the scan is open, only the
        work in the open scan could be lost, and only when a session replaces it.
        """
        if session is not None and session.scan.fingerprint != scan.reference.fingerprint:
            return ()
        same = self._presenter.open_copy(scan)
        if same is not None:
            work = None if session is None else same.autosave.session()
            if session is None or work is None:
                return ()
            is_known = not work.has_edits or work.has_same_work_as(session)
            is_saved = same.saved.is_current
            if is_saved and is_known:
                return ()
            return (Work(Origin.OPEN_SCAN, work, is_saved=is_saved),)
        versions = list[Work]()
        for saved in self.with_saved_work(scan).work.found.versions:
            known = [*filter(None, [session]), *(work.session for work in versions)]
            if saved.session.has_edits and not any(map(saved.session.has_same_work_as, known)):
                version = Work(
                    Origin.AUTOSAVE,
                    saved.session,
                    saved.file,
                    saved.saved_at_s,
                    scan_path=self._path_of(saved.session, scan),
                )
                versions.append(version)
        here = scan.volume.source.path
        return tuple(sorted(versions, key=lambda work: work.scan_path != here))

    def _path_of(self, session: Session, scan: ReadScan) -> Path | None:
        """Return the file that a session was saved for, if this or a recent scan is that file."""
        recent = (Path(item.path) for item in self._settings.current.recent)
        paths = (scan.volume.source.path, *recent)
        return next((path for path in paths if session.scan.has_path(str(path.absolute()))), None)

    def _show_path(self, path: Path | None) -> None:
        self.path = path
        self.changed.emit()


def _modified_at_s(path: Path | None) -> float:
    """Return the time at which a file was written, in seconds since 1970; 0 if it is unknown."""
    try:
        return 0.0 if path is None else path.stat().st_mtime
    except OSError:
        return 0.0


def summary_of(scan: CtVolume) -> str:
    """Return size and spacing of a scan on one line, without patient data."""
    (nz, ny, nx), (dz, dy, dx) = scan.geometry.shape_zyx, scan.geometry.spacing_zyx_mm
    return Wording.of(
        "{nx} × {ny} × {nz}  ·  {dx:.2f} × {dy:.2f} × {dz:.2f} mm",
        "",
        None,
        {"nx": nx, "ny": ny, "nz": nz, "dx": dx, "dy": dy, "dz": dz},
    )
