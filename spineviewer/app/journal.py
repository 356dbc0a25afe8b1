"""Automatic saving while a scan is open, so that no work is lost in a crash or power failure.

Each scan's session is stored in one file, identified by the scan's fingerprint. Markers record
which scans a running program has open. If the program of a marker no longer runs, it crashed, and
its work is offered again.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from spineviewer.app.session import Session, packed_session, read_session
from spineviewer.app.settings import set_aside
from spineviewer.errors import ExportError, ImageReadError, reason_of

#: Maximum number of scans with saved results. Choice: users do not open more scans at once.
MAX_RESULTS = 8

_log = logging.getLogger(__name__)


class _Marker(msgspec.Struct):
    """The file that records that a running program has a scan open.

    `process` and `started` (seconds since 1970) identify the program.
    """

    process: Annotated[int, Meta(gt=0, lt=2**31)]
    started: float
    path: str
    series_uid: str
    fingerprint: str


@dataclass(frozen=True)
class Unfinished:
    """The work of a program that did not end properly.

    Attributes
    ----------
    when_s
        Time at which the work was last saved, in seconds since 1970.
    """

    marker: Path
    scan_path: Path
    series_uid: str
    session: Session
    when_s: float


class Journal:
    """A folder of automatically saved sessions.

    Thread ownership: any thread; writes for one scan are serialised, and the newest wins.

    Parameters
    ----------
    folder
        Created at the first write, readable only by its owner.
    process
            Process ID and start time of this program, to distinguish it from another one with the
            same ID.
    """

    def __init__(self, folder: Path, process: tuple[int, float] | None = None) -> None:
        self._folder = folder
        self._process = process or (os.getpid(), _start_time(os.getpid()) or 0.0)
        self._lock = threading.Lock()
        self._newest: dict[str, int] = {}
        self._closed_at: dict[str, int] = {}

    def save(self, session: Session, number: int) -> None:
        """Write a session atomically and sync it to disk.

        A session with a lower number than an earlier one of this scan is dropped.

        Raises
        ------
        ExportError
            When the folder is not writable.
        """
        path = self._file(session.scan.fingerprint)
        with self._lock:
            if number < self._newest.get(path.name, -1):
                return
            self._newest[path.name] = number
            self._write(path, packed_session(session, has_path=False))

    def saved(self, fingerprint: str) -> Session | None:
        """Return the saved session of a scan; None if there is none.

        Raises
        ------
        ImageReadError
            When the file is damaged; it is renamed, and the message contains the new name.
        """
        path = self._file(fingerprint)
        if not path.exists():
            return None
        try:
            return read_session(path)
        except ImageReadError as error:
            aside = set_aside(path)
            raise ImageReadError(
                "The autosaved work on this scan is damaged and cannot be restored. It was moved "
                "to {file}. Segment and correct the scan again.",
                file=aside,
            ) from error

    def has_saved(self, fingerprint: str) -> bool:
        """Return whether a session of a scan is saved, without reading it."""
        return bool(fingerprint) and self._file(fingerprint).exists()

    def saved_at(self, fingerprint: str) -> float:
        """Return when a scan's session was saved, in seconds since 1970; now if none is saved."""
        try:
            return self._file(fingerprint).stat().st_mtime
        except OSError:
            return time.time()

    def delete(self, fingerprint: str) -> None:
        """Delete the saved session of a scan."""
        with self._lock:
            self._file(fingerprint).unlink(missing_ok=True)
            self._results_file(fingerprint).unlink(missing_ok=True)

    def save_results(self, fingerprint: str, content: bytes) -> None:
        """Write the results from `stored_results.packed_results` for as long as the scan is open.

        Older results of other scans may be deleted.

        Raises
        ------
        ExportError
            When the folder is not writable.
        """
        with self._lock:
            self._write(self._results_file(fingerprint), content)
            self._bound_results()

    def saved_results(self, fingerprint: str) -> bytes:
        """Return the networks' saved results for a scan; empty if there are none."""
        try:
            return self._results_file(fingerprint).read_bytes()
        except OSError:
            return b""

    def delete_results(self, fingerprint: str) -> None:
        """Delete the networks' saved results for a scan that was closed properly."""
        with self._lock:
            self._results_file(fingerprint).unlink(missing_ok=True)

    def _bound_results(self) -> None:
        """Delete all but the newest saved results, so that crashes do not fill the disk."""
        for path in sorted(self._folder.glob("*.results"), key=lambda p: -p.stat().st_mtime)[
            MAX_RESULTS:
        ]:
            path.unlink(missing_ok=True)

    def open_marker(self, session: Session, number: int) -> None:
        """Record that a scan is open, unless it was already closed with a higher number.

        Work of crashed programs on this scan is no longer offered, because it is open here now.

        Raises
        ------
        ExportError
            When the folder is not writable.
        """
        scan = session.scan
        marker = _Marker(*self._process, scan.path, scan.series_uid, scan.fingerprint)
        with self._lock:
            if number >= self._closed_at.get(scan.fingerprint, -1):
                self._write(self._marker(scan.fingerprint), msgspec.json.encode(marker))
                self._settle_older(scan.fingerprint)

    def is_open_elsewhere(self, fingerprint: str) -> bool:
        """Return whether another running program has a scan open and has saved work on it."""
        return any(is_running for _, is_running in self._others(fingerprint))

    def close_marker(self, fingerprint: str, number: int) -> None:
        """Record that a scan was closed properly; delete the markers of crashed programs on it."""
        with self._lock:
            self._closed_at[fingerprint] = number
            try:
                self._marker(fingerprint).unlink(missing_ok=True)
                self._settle_older(fingerprint)
            except OSError as error:
                _log.warning(
                    "The marker of the open scan could not be removed: %s", type(error).__name__
                )

    def unfinished(self) -> tuple[Unfinished, ...]:
        """Return the work of crashed programs, newest first, once for each scan.

        Broken and empty markers are deleted.
        """
        found: dict[str, Unfinished] = {}
        for marker in sorted(self._folder.glob("open-*.json")):
            stored = _read_marker(marker)
            if stored is None or _is_running(stored.process, stored.started):
                continue
            if stored.fingerprint in found:
                self.settle(marker)
                continue
            file = self._file(stored.fingerprint)
            try:
                session = read_session(file)
                when_s = file.stat().st_mtime
                place = Path(stored.path)
                work = Unfinished(marker, place, stored.series_uid, session, when_s)
                found[stored.fingerprint] = work
            except ImageReadError:
                # nothing was saved; a damaged file is reported when its scan is opened
                self.settle(marker)
        return tuple(sorted(found.values(), key=lambda work: -work.when_s))

    def settle(self, marker: Path) -> None:
        """Delete a marker, so that its work, whether restored or dismissed, is not offered again.

        The saved session is kept.
        """
        marker.unlink(missing_ok=True)

    def _settle_older(self, fingerprint: str) -> None:
        """Delete the markers of crashed programs that had this scan open."""
        for marker, is_running in self._others(fingerprint):
            if not is_running:
                self.settle(marker)

    def _others(self, fingerprint: str) -> Iterator[tuple[Path, bool]]:
        """Yield the markers of other programs on a scan, and whether each program is running."""
        own = self._marker(fingerprint)
        for marker in self._folder.glob(f"open-*-{self._file(fingerprint).stem}.json"):
            stored = None if marker == own else _read_marker(marker)
            if stored is not None:
                yield marker, _is_running(stored.process, stored.started)

    def _marker(self, fingerprint: str) -> Path:
        return self._folder / f"open-{self._process[0]}-{self._file(fingerprint).stem}.json"

    def _file(self, fingerprint: str) -> Path:
        harmless = "".join(c for c in fingerprint if c.isalnum())[:64] or "unknown"
        return self._folder / f"{harmless}.session"

    def _results_file(self, fingerprint: str) -> Path:
        return self._file(fingerprint).with_suffix(".results")

    def _write(self, path: Path, content: bytes) -> None:
        from spineviewer.io.write.whole_file import write_atomically

        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ExportError(
                "Your work cannot be saved in {folder}: {reason}. Export the mask so "
                "that it is not lost.",
                folder=self._folder,
                reason=reason_of(error),
            ) from error
        write_atomically(path, lambda stream: stream.write(content))


def _read_marker(path: Path) -> _Marker | None:
    """Return the content of a marker; a broken one is renamed."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Marker)
    except (OSError, ValueError, RecursionError):
        set_aside(path)
        return None


def _start_time(process: int) -> float | None:
    import psutil

    try:
        return float(psutil.Process(process).create_time())
    except psutil.Error:
        return None


def _is_running(process: int, started: float) -> bool:
    begun = _start_time(process)
    return begun is not None and abs(begun - started) < 1.0
