"""Automatic saving while a scan is open, so that no work is lost in a crash or power failure.

Each time a scan is opened, its work is saved to a new session file, so that two instances of
Spineviewer never overwrite each other's work. File names contain the fingerprint of the scan. A
marker, a small file beside the session file, records which running instance uses it. If that
instance is no longer running, it crashed, and its work is offered again.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from spineviewer.app.session import Session, pack_session, read_session
from spineviewer.app.settings import rename_damaged_file
from spineviewer.errors import ExportError, ImageReadError, reason_of

#: Maximum number of scans with saved results. Choice: users do not have more scans open.
MAX_RESULTS = 8
_EXTENSION = ".session"
#: States of a process that has ended (`psutil.STATUS_ZOMBIE`, `STATUS_DEAD`).
_ENDED = ("zombie", "dead")

_log = logging.getLogger(__name__)


class _Marker(msgspec.Struct):
    """The content of a marker, which records that a running instance has a scan open.

    `process` and `started` (seconds since 1970) identify the instance. `file` is the name of the
    session file; it is empty in markers of the versions that had one file for each scan.
    """

    process: Annotated[int, Meta(gt=0, lt=2**31)]
    started: float
    path: str
    series_uid: str
    fingerprint: str
    file: str = ""

    @property
    def file_name(self) -> str:
        """Name of the session file."""
        return Path(self.file).name or f"{_file_name_part(self.fingerprint)}{_EXTENSION}"

    @property
    def is_instance_running(self) -> bool:
        """Whether the instance that opened the scan is still running."""
        start_time = _start_time(self.process)
        return start_time is not None and abs(start_time - self.started) < 1.0


@dataclass(frozen=True, eq=False)
class SavedWork:
    """The work that was autosaved while a scan was open.

    Attributes
    ----------
    saved_at_s
        Time at which the work was last saved, in seconds since 1970.
    """

    file: Path
    session: Session
    saved_at_s: float


@dataclass(frozen=True, eq=False)
class FoundWork:
    """The saved work on a scan, newest first, without work that a running instance has open.

    Attributes
    ----------
    error
        Why a file could not be read; None if all could be read. Unreadable files are renamed.
    """

    versions: tuple[SavedWork, ...]
    error: ImageReadError | None = None


@dataclass(frozen=True)
class UnfinishedWork:
    """The work of an instance that did not end properly.

    Attributes
    ----------
    saved_at_s
        Time at which the work was last saved, in seconds since 1970.
    """

    marker: Path
    scan_path: Path
    series_uid: str
    session: Session
    saved_at_s: float


class Journal:
    """A folder of autosaved sessions.

    Thread ownership: any thread; writes to one file are serialised, and the newest wins.

    Parameters
    ----------
    folder
        Created at the first write, readable only by its owner.
    process
        ID and start time (seconds since 1970) of this process, to distinguish it from another
        process with the same ID.
    """

    def __init__(self, folder: Path, process: tuple[int, float] | None = None) -> None:
        self._folder = folder
        self._process = process or (os.getpid(), _start_time(os.getpid()) or 0.0)
        self._lock = threading.Lock()
        self._newest: dict[str, int] = {}

    def new_file(self, fingerprint: str) -> Path:
        """Return the path of a new session file, for a scan that was just opened."""
        return self._folder / f"{_file_name_part(fingerprint)}-{secrets.token_hex(6)}{_EXTENSION}"

    def save(
        self, file: Path, session: Session, number: int, replaced: Collection[Path] = ()
    ) -> None:
        """Write a session atomically, sync it to disk, and record that its scan is open.

        The session is dropped if one with a higher number has already been written to the file.

        Parameters
        ----------
        replaced
            Session files whose work this session contains; they are deleted once it is written.

        Raises
        ------
        ExportError
            When the folder is not writable.
        """
        with self._lock:
            if number < self._newest.get(file.name, -1):
                return
            self._newest[file.name] = number
            marker, scan = _marker_path(file), session.scan
            if not marker.exists():  # first, so that no other instance takes the file over
                content = _Marker(
                    *self._process, scan.path, scan.series_uid, scan.fingerprint, file.name
                )
                self._write(marker, msgspec.json.encode(content))
            self._write(file, pack_session(session, has_path=False))
            self._delete_sessions(replaced)

    def end(
        self,
        file: Path,
        fingerprint: str,
        session: Session | None,
        number: int,
        replaced: Collection[Path] = (),
    ) -> None:
        """Write the last session of a scan that is closed; None deletes its autosaved work.

        The networks' results are deleted if no work on the scan remains.

        Raises
        ------
        ExportError
            When the folder is not writable.
        """
        if session is not None:
            self.save(file, session, number, replaced)
        with self._lock:
            self._newest[file.name] = number
            try:
                if session is None:
                    self._delete_sessions((file, *replaced))
                    if not any(self._files(fingerprint)):
                        self._results_file(fingerprint).unlink(missing_ok=True)
                _marker_path(file).unlink(missing_ok=True)
            except OSError as error:
                _log.warning("The autosaved work could not be removed: %s", type(error).__name__)

    def saved(self, fingerprint: str) -> FoundWork:
        """Return the saved work on a scan; damaged files are renamed."""
        in_use = self._in_use()
        versions, damage = list[SavedWork](), None
        for file in self._files(fingerprint):
            if file.name in in_use:
                continue
            try:
                versions.append(SavedWork(file, read_session(file), file.stat().st_mtime))
            except (ImageReadError, OSError) as error:
                if not file.exists():  # another instance has taken it over
                    continue
                damage = ImageReadError(
                    "The autosaved work on this scan is damaged and cannot be restored. It was "
                    "moved to {file}. Segment and correct the scan again.",
                    file=rename_damaged_file(file),
                )
                damage.__cause__ = error
        return FoundWork(tuple(sorted(versions, key=lambda work: -work.saved_at_s)), damage)

    def has_saved(self, fingerprint: str) -> bool:
        """Return whether `saved` would find work on a scan, without reading it."""
        in_use = self._in_use()
        return bool(fingerprint) and any(
            file.name not in in_use for file in self._files(fingerprint)
        )

    def delete(self, fingerprint: str) -> None:
        """Delete all saved work on a scan."""
        with self._lock:
            self._delete_sessions(self._files(fingerprint))
            self._results_file(fingerprint).unlink(missing_ok=True)

    def delete_files(self, files: Collection[Path]) -> None:
        """Delete saved work that the user no longer wants."""
        with self._lock:
            self._delete_sessions(files)

    def save_results(self, fingerprint: str, content: bytes) -> None:
        """Write the results from `stored_results.pack_results`, in case the program crashes.

        Older results of other scans may be deleted.

        Raises
        ------
        ExportError
            When the folder is not writable.
        """
        with self._lock:
            self._write(self._results_file(fingerprint), content)
            self._limit_results()

    def saved_results(self, fingerprint: str) -> bytes:
        """Return the networks' saved results for a scan; empty if there are none."""
        try:
            return self._results_file(fingerprint).read_bytes()
        except OSError:
            return b""

    def is_open_elsewhere(self, fingerprint: str) -> bool:
        """Return whether another running instance has a scan open and has saved work on it."""
        return any(
            stored.fingerprint == fingerprint
            and (stored.process, stored.started) != self._process
            and stored.is_instance_running
            for _, stored in self._markers()
        )

    def has_other_instances(self) -> bool:
        """Return whether other instances that have scans open are running, or still ending."""
        return any(
            (stored.process, stored.started) != self._process and stored.is_instance_running
            for _, stored in self._markers()
        )

    def unfinished(self) -> tuple[UnfinishedWork, ...]:
        """Return the work of crashed instances, newest first.

        The markers of work that was not saved or cannot be read are deleted.
        """
        found: dict[str, UnfinishedWork] = {}
        for marker, stored in self._markers():
            if stored.is_instance_running:
                continue
            file = self._folder / stored.file_name
            if file.name in found:
                self.delete_marker(marker)
                continue
            try:
                session, saved_at_s = read_session(file), file.stat().st_mtime
            except (ImageReadError, OSError):
                # nothing was saved; a damaged file is reported when its scan is opened
                self.delete_marker(marker)
                continue
            scan_path = Path(stored.path)
            found[file.name] = UnfinishedWork(
                marker, scan_path, stored.series_uid, session, saved_at_s
            )
        return tuple(sorted(found.values(), key=lambda work: -work.saved_at_s))

    def delete_marker(self, marker: Path) -> None:
        """Delete the marker of restored or dismissed work, so that it is not offered again.

        The saved session is kept.
        """
        marker.unlink(missing_ok=True)

    def _delete_sessions(self, files: Collection[Path]) -> None:
        """Delete session files and their markers; later writes to them are dropped."""
        for file in files:
            self._newest[file.name] = sys.maxsize
            file.unlink(missing_ok=True)
            _marker_path(file).unlink(missing_ok=True)
            for marker, stored in self._markers():
                if stored.file_name == file.name:
                    self.delete_marker(marker)

    def _limit_results(self) -> None:
        """Delete all but the newest saved results, so that crashes do not fill the disk."""
        for path in sorted(self._folder.glob("*.results"), key=lambda p: -p.stat().st_mtime)[
            MAX_RESULTS:
        ]:
            path.unlink(missing_ok=True)

    def _in_use(self) -> set[str]:
        """Return the names of the session files of scans that are open in running instances."""
        return {stored.file_name for _, stored in self._markers() if stored.is_instance_running}

    def _markers(self) -> Iterator[tuple[Path, _Marker]]:
        """Yield all readable markers with their content; broken ones are renamed."""
        for marker in sorted(self._folder.glob("open-*.json")):
            stored = _read_marker(marker)
            if stored is not None:
                yield marker, stored

    def _files(self, fingerprint: str) -> list[Path]:
        """Return a scan's session files, including the single one that earlier versions wrote."""
        name = _file_name_part(fingerprint)
        return [
            *self._folder.glob(f"{name}{_EXTENSION}"),
            *self._folder.glob(f"{name}-*{_EXTENSION}"),
        ]

    def _results_file(self, fingerprint: str) -> Path:
        return self._folder / f"{_file_name_part(fingerprint)}.results"

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


def _file_name_part(fingerprint: str) -> str:
    """Return a fingerprint as a part of a file name."""
    return "".join(c for c in fingerprint if c.isalnum())[:64] or "unknown"


def _marker_path(file: Path) -> Path:
    """Return the path of the marker of a session file."""
    return file.with_name(f"open-{file.stem}.json")


def _read_marker(path: Path) -> _Marker | None:
    """Return the content of a marker; a broken one is renamed."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Marker)
    except FileNotFoundError:  # its scan has since been closed
        return None
    except (OSError, ValueError, RecursionError):
        rename_damaged_file(path)
        return None


def _start_time(process: int) -> float | None:
    """Return when a running process started; None if it has ended.

    A killed process stays in the list of processes until its parent takes note of its end.
    """
    import psutil

    try:
        found = psutil.Process(process)
        return None if found.status() in _ENDED else float(found.create_time())
    except psutil.Error:
        return None
