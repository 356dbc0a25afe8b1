"""Opening of scans and sessions in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from psygnal import Signal

from spineviewer.app.features.autosave import Journalling, StoredWork
from spineviewer.app.jobs import Failed, JobKind, Jobs, Outcome, Succeeded
from spineviewer.app.notices import Level, Notice, failure
from spineviewer.app.services import SeriesToChoose, Services
from spineviewer.app.session import (
    ScanReference,
    Session,
    packed_session,
    read_session,
    reference_of,
    scan_path_of,
)
from spineviewer.app.settings import RecentScan
from spineviewer.app.settings_store import SettingsStore
from spineviewer.progress import Progress
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import Wording, worded


@dataclass(frozen=True, eq=False)
class ReadScan:
    """A scan that has been read, with the saved work on it."""

    volume: CtVolume
    reference: ScanReference
    work: StoredWork


@dataclass(frozen=True, eq=False)
class OtherWork:
    """Work on a scan that a session does not contain.

    Attributes
    ----------
    session
        The work, with the reference to its scan.
    when_s
        Time at which it was saved automatically, in seconds since 1970.
    is_open
        Whether it is the unsaved work of a scan that is open.
    """

    session: Session
    when_s: float
    is_open: bool


@dataclass(frozen=True, eq=False)
class SessionConflict:
    """A session that was opened, and other work that it would replace; the user has to choose.

    Attributes
    ----------
    path
        The session file; None if the work of a crashed program is restored.
    """

    scan: ReadScan
    session: Session
    path: Path | None
    work: OtherWork


class ScanPresenter(Protocol):
    """Interface of the component that shows a scan once it has been read."""

    def show(self, scan: ReadScan, wanted: Session | None) -> object:
        """Show a scan; if a session is given, restore everything that it contains."""

    def work_beyond(self, session: Session, scan: ReadScan) -> OtherWork | None:
        """Return the work on a scan that a session would replace; None if there is none."""


class Opening:
    """Opens scans and sessions in the background; open scans stay until the new one is ready.

    Signals: `changed` (`path` changed: an opening began or ended), `progressed` (a
    `ProgressUpdate`), `series_found` (a `SeriesToChoose`), `work_found` (a `SessionConflict`).
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
        journalling: Journalling,
        settings: SettingsStore,
        thumbnail: Callable[[CtVolume], str],
        tell: Callable[[Notice], None],
    ) -> None:
        self._presenter = presenter
        self._services = services
        self._jobs = jobs
        self._journalling = journalling
        self._settings = settings
        self._thumbnail = thumbnail
        self._tell = tell
        self.path: Path | None = None

    def make_ready(self) -> None:
        """Start the process that opens a scan, and load the modules that later work needs."""

        def work(progress: Progress) -> None:
            from spineviewer.app.warm_up import load_ahead

            self._services.expect_scan()
            load_ahead(progress)

        self._jobs.start(JobKind.PREPARE, work)

    def prepare(self, volume: CtVolume) -> None:
        """Compile the networks for the scan in front, then prepare to open the next one."""
        services = self._services
        self._jobs.start(JobKind.PREPARE, lambda _: services.prepare(volume))

    def expect_scan(self) -> None:
        """Start the process that opens scans, in advance."""
        services = self._services
        self._jobs.start(JobKind.PREPARE, lambda _: services.expect_scan())

    def open(self, path: Path, series_uid: str | None = None) -> None:
        """Open a scan; earlier manual work on it is restored."""
        self._open(path, series_uid, None)

    def open_session(self, path: Path) -> None:
        """Open a saved session and the scan that it refers to."""

        def read(_: Progress) -> tuple[Session, Path]:
            session = read_session(path)
            return session, scan_path_of(session, path)

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
        """Open a scan and restore everything that a session contains."""
        self._open(scan_path, series_uid or None, session)

    def open_work(self, found: SessionConflict) -> None:
        """Open the work that the session would have replaced; the session's file is unchanged."""
        self._presenter.show(found.scan, None if found.work.is_open else found.work.session)

    def replace_work(self, found: SessionConflict, path: Path) -> None:
        """Save the other work in a session file, then open the session.

        If the file cannot be written, the session is not opened.
        """
        work, journal = found.work.session, self._journalling.journal

        def save(_: Progress) -> None:
            from spineviewer.io.write.whole_file import write_bytes

            results = journal.saved_results(work.scan.fingerprint)
            write_bytes(path, packed_session(replace(work, results=results), has_path=True))

        def on_end(outcome: Outcome[None]) -> None:
            if isinstance(outcome, Failed):
                self._tell(failure(outcome, "open"))
            elif isinstance(outcome, Succeeded):
                self._presenter.show(found.scan, found.session)
                text = worded("Saved {file} to {folder}", file=path.name, folder=path.parent)
                self._tell(Notice(Level.INFO, text, "replaced", paths=(path,)))

        self._jobs.start(JobKind.SAVE_SESSION, save, on_end=on_end)

    def cancel(self) -> None:
        """Stop opening."""
        self._jobs.cancel(JobKind.OPEN)

    def read(self, volume: CtVolume, series_uid: str) -> ReadScan:
        """Return a scan with the saved work on it; may read a file."""
        reference = reference_of(volume, series_uid)
        return ReadScan(volume, reference, self._journalling.saved_work(reference.fingerprint))

    def _open(
        self,
        path: Path,
        series_uid: str | None,
        wanted: Session | None,
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
                outcome, path, series_uid or "", wanted, session_path
            ),
            on_progress=lambda update: self.progressed.emit(update),
        )

    def _on_opened(
        self,
        outcome: Outcome[tuple[ReadScan, str]],
        path: Path,
        series_uid: str,
        wanted: Session | None,
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
            )
            self._settings.put(settings.with_recent(opened))
            self._show_or_ask(scan, wanted, session_path)
            return
        self.expect_scan()  # for the next scan, or for the series that the user chooses
        if isinstance(outcome, Failed) and isinstance(outcome.error, SeriesToChoose):
            self.series_found.emit(outcome.error)
        elif isinstance(outcome, Failed):
            if not path.exists():
                self._settings.put(settings.without_recent(str(path.absolute())))
            self._tell(failure(outcome, "open"))

    def _show_or_ask(
        self, scan: ReadScan, wanted: Session | None, session_path: Path | None
    ) -> None:
        """Show a scan, or ask first if a session would replace other work on it."""
        work = None if wanted is None else self._presenter.work_beyond(wanted, scan)
        if wanted is None or work is None:
            self._presenter.show(scan, wanted)
            return
        self.expect_scan()
        self.work_found.emit(SessionConflict(scan, wanted, session_path, work))

    def _show_path(self, path: Path | None) -> None:
        self.path = path
        self.changed.emit()


def summary_of(scan: CtVolume) -> str:
    """Return size and spacing of a scan in one line, without patient data."""
    (nz, ny, nx), (dz, dy, dx) = scan.geometry.shape_zyx, scan.geometry.spacing_zyx_mm
    return Wording.of(
        "{nx} × {ny} × {nz}  ·  {dx:.2f} × {dy:.2f} × {dz:.2f} mm",
        "",
        None,
        {"nx": nx, "ny": ny, "nz": nz, "dx": dx, "dy": dy, "dz": dz},
    )
