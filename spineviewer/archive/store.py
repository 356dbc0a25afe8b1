"""Studies from archives, in one folder that only its owner can read.

A study arrives in a hidden part of the folder and is moved in one step when it is complete, so that
incomplete studies are never visible. If a transfer is interrupted, the objects that arrived are
kept for the next attempt. ::

    FOLDER/STUDY/SERIES/INSTANCE.dcm            complete
    FOLDER/.incoming/STUDY/objects/SERIES/...   arriving
    FOLDER/.incoming/STUDY/parts                individual objects that are arriving
    FOLDER/.in-use/STUDY-PROCESS-START          a process has a scan of the study open
    FOLDER/.locks/NAME                          locks, each held by one process at a time
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from spineviewer.archive.node import is_uid, require_uid
from spineviewer.errors import ArchiveError, unwritable
from spineviewer.progress import JobProgress, Progress

try:
    import fcntl
except ImportError:  # Windows has no such locks, but cannot move a folder that is in use
    fcntl = None  # type: ignore[assignment]

INCOMING = ".incoming"
IN_USE = ".in-use"
LOCKS = ".locks"
DELETED = ".deleted-"
OBJECT_EXTENSION = ".dcm"
#: Choice: days for which interrupted transfers are kept for the next attempt.
UNFINISHED_DAYS = 7
#: Choice: disk space that is always left free.
RESERVE_BYTES = 200_000_000
DAY_S = 86_400.0
_TICK_S = 0.1
#: Choice: seconds to wait while another process deletes studies.
DELETION_TIMEOUT_S = 120.0

#: Deletes a study, and everything that belongs to it, to make room.
StudyDeletion = Callable[[str, Progress], None]


@dataclass(frozen=True)
class StoredStudy:
    """A complete study on this computer; `arrived_s` in seconds since 1970."""

    uid: str
    folder: Path
    size_bytes: int
    arrived_s: float
    series_uids: tuple[str, ...]

    @property
    def first_file(self) -> Path | None:
        """One of the study's files; None if it has none."""
        return next(self.folder.glob(f"*/*{OBJECT_EXTENSION}"), None)


class LocalStore:
    """Complete studies in a folder.

    Parameters
    ----------
    folder
        Created when the first study arrives.
    max_bytes
        The oldest studies are deleted if the store would exceed this size with a new study; None
        for no limit.
    keep_days
        `old_studies` lists studies that are older than this; None for no limit.
    delete_study
        Deletes a study to make room for another one; if None, only its files are deleted.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int | None = None,
        keep_days: float | None = None,
        delete_study: StudyDeletion | None = None,
    ) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self.keep_days = keep_days
        self.delete_study: StudyDeletion = delete_study or (
            lambda study_uid, _: self.delete(study_uid)
        )

    def studies(self) -> tuple[StoredStudy, ...]:
        """Return all complete studies, oldest first."""
        found = []
        with contextlib.suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                if is_uid(path.name) and path.is_dir():
                    series = tuple(sorted(inner.name for inner in path.iterdir() if inner.is_dir()))
                    found.append(
                        StoredStudy(path.name, path, _size(path), path.stat().st_mtime, series)
                    )
        return tuple(sorted(found, key=lambda study: study.arrived_s))

    def folder_for(self, study_uid: str, series_uid: str = "") -> Path:
        """Return the folder for a study or one of its series, whether or not it exists."""
        study = self.folder / require_uid(study_uid)
        return study / require_uid(series_uid) if series_uid else study

    def incoming(self, study_uid: str, *, timeout_s: float = 0.0) -> IncomingStudy:
        """Return a context manager for an arriving study; it keeps other processes out.

        Parameters
        ----------
        timeout_s
            How long to wait for the lock.
        """
        self.delete_leftovers()
        return IncomingStudy(self, require_uid(study_uid), timeout_s)

    def empty_parts_folder(self) -> Path:
        """Return an empty folder for objects that arrive before their study is known."""
        for folder in (self.folder, self.folder / INCOMING, self.folder / INCOMING / "parts"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in folder.iterdir():
            leftover.unlink(missing_ok=True)
        return folder

    def parts_folder(self, study_uid: str) -> Path:
        """Return the folder for individual objects of a study that is arriving."""
        return self.folder / INCOMING / require_uid(study_uid) / "parts"

    def delete(self, study_uid: str) -> None:
        """Delete a study, including objects that are arriving; do nothing if there is none."""
        for path in (self.folder_for(study_uid), self.folder / INCOMING / study_uid):
            if path.is_dir():
                self.delete_folder(path)

    def delete_folder(self, folder: Path) -> None:
        """Delete a folder of the store.

        It disappears in one step, so that a partly deleted folder is never visible.
        """
        doomed = self.folder / f"{DELETED}{folder.name}-{time.time_ns()}"
        try:
            folder.rename(doomed)
        except OSError:  # Windows, while a file in it is open
            doomed = folder
        shutil.rmtree(doomed, ignore_errors=True)

    def old_studies(self) -> tuple[StoredStudy, ...]:
        """Return the studies that are older than `keep_days`."""
        if self.keep_days is None:
            return ()
        oldest_s = time.time() - self.keep_days * DAY_S
        return tuple(study for study in self.studies() if study.arrived_s < oldest_s)

    def delete_leftovers(self, now_s: float | None = None) -> None:
        """Delete the remains of interrupted deletions and of old interrupted transfers."""
        now_s = time.time() if now_s is None else now_s
        with contextlib.suppress(OSError):
            for leftover in self.folder.glob(f"{DELETED}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            for unfinished in (self.folder / INCOMING).iterdir():
                if (
                    is_uid(unfinished.name)
                    and now_s - _newest_s(unfinished) > UNFINISHED_DAYS * DAY_S
                ):
                    shutil.rmtree(unfinished, ignore_errors=True)

    def mark_in_use(self, study_uids: Collection[str]) -> None:
        """Record which studies this process has open, so that they are not deleted to make room.

        Has no effect if the store is not writable.
        """
        marks, process = self.folder / IN_USE, _process_name(os.getpid())
        names = {f"{require_uid(uid)}-{process}" for uid in study_uids}
        with contextlib.suppress(OSError):
            if names:
                marks.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in names:
                (marks / name).touch()
            for mark in marks.glob(f"*-{process}"):
                if mark.name not in names:
                    mark.unlink(missing_ok=True)

    def in_use(self) -> frozenset[str]:
        """Return the UIDs of the studies that a running instance of Spineviewer has open."""
        found = set()
        for mark in (self.folder / IN_USE).glob("*-*-*"):
            uid, number, started = mark.name.rsplit("-", 2)
            if number.isdecimal() and _process_name(int(number)) == f"{number}-{started}":
                found.add(uid)
            else:
                mark.unlink(missing_ok=True)
        return frozenset(found)

    @contextlib.contextmanager
    def exclusive(self, name: str, timeout_s: float) -> Iterator[None]:
        """Hold a named lock of this store, which only one thread or process can hold at a time.

        Raises
        ------
        ArchiveError
            When it does not become free within `timeout_s`.
        """
        folder = self.folder / LOCKS
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        deadline_s = time.monotonic() + timeout_s
        with (folder / name).open("ab") as stream:
            while not _try_lock(stream):
                if time.monotonic() > deadline_s:
                    raise ArchiveError("Another retrieval did not finish in time. Try again.")
                time.sleep(_TICK_S)
            yield

    def make_room(self, needed_bytes: int, keep: str) -> tuple[str, ...]:
        """Delete the oldest studies until the needed bytes fit within `max_bytes`.

        Studies that are open or arriving, and the study `keep`, are not deleted.

        Returns
        -------
        UIDs of the studies that were deleted.

        Raises
        ------
        ArchiveError
            When that would not be enough; then nothing is deleted.
        """
        if self.max_bytes is None:
            return ()
        with self.exclusive("room", DELETION_TIMEOUT_S):
            studies = self.studies()
            protected = {keep, *self.in_use()}
            protected |= {study.uid for study in studies if self._is_arriving(study.uid)}
            size_bytes = sum(study.size_bytes for study in studies if study.uid in protected)
            if size_bytes + needed_bytes > self.max_bytes:
                raise _too_full_error(needed_bytes, size_bytes, self.max_bytes)
            size_bytes = sum(study.size_bytes for study in studies)
            deleted = []
            for study in studies:
                if size_bytes + needed_bytes <= self.max_bytes:
                    break
                if study.uid not in protected:
                    self.delete_study(study.uid, JobProgress())
                    size_bytes -= study.size_bytes
                    deleted.append(study.uid)
        return tuple(deleted)

    def _is_arriving(self, study_uid: str) -> bool:
        """Return whether a retrieval or the receiver holds the lock of a study."""
        try:
            with (self.folder / INCOMING / study_uid / "held").open("ab") as stream:
                return not _try_lock(stream)
        except OSError:
            return False


class IncomingStudy:
    """A study that is arriving in a store.

    Thread ownership: `accept` from any thread, one at a time per object; the rest from the thread
    that entered it.

    Attributes
    ----------
    store
        The store that will contain it.
    """

    def __init__(self, store: LocalStore, study_uid: str, timeout_s: float = 0.0) -> None:
        self.study_uid = study_uid
        self._timeout_s = timeout_s
        self.store = store
        self._folder = store.folder / INCOMING / study_uid
        self._objects = self._folder / "objects"
        self.parts = store.parts_folder(study_uid)
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> Self:
        deadline_s = time.monotonic() + self._timeout_s
        try:
            while (lock := self._try_lock_study()) is None:
                if time.monotonic() > deadline_s:
                    raise ArchiveError(
                        "Another Spineviewer window is already retrieving this study. Wait until "
                        "it has finished."
                    )
                time.sleep(_TICK_S)
            self._lock = lock
        except OSError as error:
            raise unwritable(self.store.folder, error, ArchiveError) from error
        for leftover in self.parts.iterdir():
            leftover.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()

    def _try_lock_study(self) -> IO[bytes] | None:
        """Return the study's lock file, locked; None if another process holds or deleted it."""
        for folder in (
            self.store.folder,
            self._folder.parent,
            self._folder,
            self._objects,
            self.parts,
        ):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            stream = (self._folder / "held").open("ab")
        except FileNotFoundError:
            return None
        if (
            _try_lock(stream)
            and os.fstat(stream.fileno()).st_nlink
            and self._objects.is_dir()
            and self.parts.is_dir()
        ):
            return stream
        stream.close()
        return None

    @property
    def present(self) -> frozenset[str]:
        """UIDs of the instances in the incoming folder and in the final folder."""
        return frozenset(_instances(self._objects)) | frozenset(
            _instances(self.store.folder_for(self.study_uid))
        )

    @property
    def size_bytes(self) -> int:
        """Total size of the objects in the incoming folder."""
        return _size(self._objects)

    def accept(self, part: Path, series_uid: str, instance_uid: str) -> None:
        """Move a complete object from `part`, a file in the folder `parts`, to the incoming folder.

        Raises
        ------
        ArchiveError
            When it cannot be written to the store.
        """
        target = (
            self._objects
            / require_uid(series_uid)
            / f"{require_uid(instance_uid)}{OBJECT_EXTENSION}"
        )
        try:
            target.parent.mkdir(mode=0o700, exist_ok=True)
            part.chmod(0o600)
            with part.open("rb+") as stream:
                os.fsync(stream.fileno())
            part.replace(target)
        except OSError as error:
            raise unwritable(self.store.folder, error, ArchiveError) from error

    def ensure_room(self, more_bytes: int = 0) -> None:
        """Check that this many more bytes fit on the disk and within the limit of the store.

        Raises
        ------
        ArchiveError
            When the disk is full, or the study is larger than the store may be.
        """
        if shutil.disk_usage(self._folder).free < more_bytes + RESERVE_BYTES:
            raise ArchiveError(
                "The disk that contains {folder} is full. Free some space and try again.",
                folder=self.store.folder,
            )
        if self.store.max_bytes is not None and self.size_bytes + more_bytes > self.store.max_bytes:
            self.store.make_room(self.size_bytes + more_bytes, keep=self.study_uid)

    def commit(self) -> Path:
        """Move the received objects into the study's final folder; return this folder.

        A new study or series is moved in one step. The oldest studies are deleted if necessary.

        Raises
        ------
        ArchiveError
            When the store is too small.
        """
        target = self.store.folder_for(self.study_uid)
        if any(_instances(self._objects)):
            self.store.make_room(self.size_bytes, keep=self.study_uid)
            if target.is_dir():
                self._merge_into(target)
            else:
                self._objects.replace(target)
            os.utime(target)
        self.store.delete_folder(self._folder)
        return target

    def discard(self) -> None:
        """Delete everything that has arrived."""
        self.store.delete_folder(self._folder)

    def _merge_into(self, target: Path) -> None:
        """Move each new series in one step, and objects of existing series one by one."""
        for series in sorted(self._objects.iterdir()):
            if not (target / series.name).exists():
                series.replace(target / series.name)
                continue
            for path in sorted(series.iterdir()):
                path.replace(target / series.name / path.name)


def _process_name(number: int) -> str:
    """Return a process's ID and start time in seconds; empty if there is no such process.

    The start time is needed because, after a crash, the ID may belong to another program.
    """
    import psutil

    try:
        return f"{number}-{psutil.Process(number).create_time():.0f}"
    except psutil.Error:
        return ""


def _try_lock(stream: IO[bytes]) -> bool:
    """Lock an open file; return False if another process or thread has it locked.

    On Windows, do nothing and return True.
    """
    if fcntl is not None:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _too_full_error(needed_bytes: int, held_bytes: int, max_bytes: int) -> ArchiveError:
    if held_bytes == 0:
        return ArchiveError(
            "The study needs {needed_mb:.0f} MB, but the local store is limited to "
            "{max_mb:.0f} MB. Raise the limit.",
            needed_mb=needed_bytes / 1e6,
            max_mb=max_bytes / 1e6,
        )
    return ArchiveError(
        "The study needs {needed_mb:.0f} MB, but the local store is limited to {max_mb:.0f} MB, "
        "and {held_mb:.0f} MB of it is in use. Close scans, or raise the limit.",
        needed_mb=needed_bytes / 1e6,
        max_mb=max_bytes / 1e6,
        held_mb=held_bytes / 1e6,
    )


def _instances(folder: Path) -> Iterator[str]:
    for path in folder.glob(f"*/*{OBJECT_EXTENSION}"):
        yield path.name.removesuffix(OBJECT_EXTENSION)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _newest_s(folder: Path) -> float:
    return max((path.stat().st_mtime for path in (folder, *folder.rglob("*"))), default=0.0)
