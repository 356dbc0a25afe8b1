"""Access to an archive: each call starts a child process (`archive_worker.py`)."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from spineviewer.archive import archive_messages as messages
from spineviewer.archive.credentials import secret_for
from spineviewer.archive.node import Node, require_uid
from spineviewer.archive.query import Query, SearchResult
from spineviewer.archive.receiver_settings import ReceiverSettings
from spineviewer.archive.store import LocalStore
from spineviewer.child import Child, ChildDied, Failed
from spineviewer.errors import ArchiveError
from spineviewer.progress import JobProgress, Progress
from spineviewer.wording import worded

TICK_S = 0.1
#: Choice: enough memory for any single object over DICOMweb. DICOM's own protocol needs far less.
MEMORY_BYTES = 6 * 2**30
#: Modules of the optional extra.
_REQUIRED_MODULES = ("pynetdicom", "dicomweb_client")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SentFile:
    """Result for one file that was sent; `reason` is empty if the archive accepted it."""

    file: Path
    reason: str = ""

    @property
    def is_accepted(self) -> bool:
        return not self.reason


class Archive:
    """An archive to search, to retrieve images from, and to send results to.

    Thread ownership: any thread; calls are independent of each other and block. Each call checks
    `progress` about ten times a second and ends immediately when `progress` raises `Cancelled`.

    Raises
    ------
    ArchiveError
        By every call that fails, with the reason in one sentence.

    Parameters
    ----------
    secret
        Password or token of the login; empty to use the one in the credential store.
    """

    def __init__(self, node: Node, secret: str = "") -> None:
        self.node = node
        self._secret = secret

    def echo(self, progress: Progress | None = None) -> dict[str, float]:
        """Return the archive's response time in seconds, by transport ('dicom', 'dicomweb')."""
        answer = self._result(
            messages.Echo(self._login), progress, worded("Contacting the archive")
        )
        return cast(messages.Answered, answer).seconds

    def find(
        self, query: Query, *, with_series: bool = True, progress: Progress | None = None
    ) -> SearchResult:
        """Return matching patients and studies; `with_series` adds the series of each study."""
        request = messages.Find(self._login, query, with_series)
        answer = self._result(request, progress, worded("Searching the archive"))
        return cast(messages.Results, answer).found

    def retrieve(
        self,
        study_uid: str,
        series_uid: str = "",
        *,
        store: LocalStore,
        progress: Progress | None = None,
    ) -> Path:
        """Retrieve a whole study or series; return its folder in `store`.

        Objects that an earlier attempt retrieved are not retrieved again.
        """
        require_uid(study_uid)
        if series_uid:
            require_uid(series_uid)
        request = messages.Retrieve(
            self._login, study_uid, series_uid, messages.StoreLocation.from_store(store)
        )
        answer = self._result(request, progress, worded("Contacting the archive"), store=store)
        return cast(messages.Retrieved, answer).folder

    def send(self, files: Sequence[Path], progress: Progress | None = None) -> tuple[SentFile, ...]:
        """Send files; return the result for each.

        If the connection breaks after the first result, the error is the reason of all files that
        have no result yet; if it breaks earlier, the error is raised.
        """
        reasons: dict[int, str] = {}
        request = messages.Send(self._login, _absolute(files))
        stage = worded("Sending %n file(s)", "", len(files))

        def on_sent(sent: messages.FileSent) -> float:
            reasons[sent.index] = sent.reason
            return len(reasons) / max(1, len(files))

        try:
            self._result(request, progress, stage, on_sent)
        except ArchiveError as error:
            if not reasons:
                raise
            broken = str(error)
            return tuple(SentFile(path, reasons.get(n, broken)) for n, path in enumerate(files))
        return tuple(
            SentFile(path, reasons.get(n, worded("it was not sent")))
            for n, path in enumerate(files)
        )

    def confirm(
        self, files: Sequence[Path], *, timeout_s: float = 60.0, progress: Progress | None = None
    ) -> tuple[SentFile, ...]:
        """Ask the archive to confirm that it has stored the files; return the result for each.

        DICOM calls this storage commitment.
        """
        request = messages.Commit(self._login, _absolute(files), timeout_s)
        stage = worded("Waiting for confirmation from the archive")
        reasons = cast(messages.Committed, self._result(request, progress, stage)).reasons
        return tuple(SentFile(path, reason) for path, reason in zip(files, reasons, strict=True))

    @property
    def _login(self) -> messages.Login:
        return messages.Login(self.node, self._secret or secret_for(self.node))

    def _result(
        self,
        request: messages.Request,
        progress: Progress | None,
        stage: str,
        on_sent: Callable[[messages.FileSent], float] | None = None,
        store: LocalStore | None = None,
    ) -> messages.Done:
        repeated = _RepeatedProgress(progress or JobProgress(), stage)
        for message in _exchange_messages(request, repeated, store):
            match message:
                case messages.ImagesArrived(arrived=arrived, count=count):
                    repeated.set(worded("Retrieving images"), arrived / max(1, count))
                case messages.FileSent():
                    if on_sent is not None:
                        repeated.set(stage, on_sent(message))
                # sent only by a receiver, or already handled by `_exchange_messages`
                case messages.Ready() | messages.StudyReceived() | messages.DeleteStudy():
                    pass
                case _:
                    return message
        raise ArchiveError(_helper_ended())


@dataclass(frozen=True)
class ReceivedStudy:
    """A complete study that a receiver stored."""

    study_uid: str
    folder: Path
    count: int


def receive(
    settings: ReceiverSettings,
    store: LocalStore,
    progress: Progress,
    *,
    on_ready: Callable[[], None] | None = None,
) -> Iterator[ReceivedStudy]:
    """Listen until `progress` raises `Cancelled`, and yield each complete study.

    Raises
    ------
    ArchiveError
        When the port cannot be used.
    Cancelled
        When `progress` raises it; incomplete studies are kept for the next start.
    """
    request = messages.Receive(settings, messages.StoreLocation.from_store(store))
    for message in _exchange_messages(
        request, _RepeatedProgress(progress, worded("Listening")), store
    ):
        match message:
            case messages.Ready():
                if on_ready is not None:
                    on_ready()
            case messages.StudyReceived():
                yield ReceivedStudy(message.uid, message.folder, message.count)


def study_titles(files: Sequence[Path], progress: Progress) -> tuple[str, ...]:
    """Return the date and description of each file's study, from `objects.read_study_title`.

    Raises
    ------
    ArchiveError
        When the extra is not installed or the child process ended.
    """
    request = messages.Describe(_absolute(files))
    for message in _exchange_messages(request, _RepeatedProgress(progress, worded("Reading"))):
        if isinstance(message, messages.Described):
            return message.titles
    raise ArchiveError(_helper_ended())


def require_extra() -> None:
    """Check that the packages for archives are installed.

    Raises
    ------
    ArchiveError
        When they are not.
    """
    if any(importlib.util.find_spec(name) is None for name in _REQUIRED_MODULES):
        raise ArchiveError(
            "Archives require an optional component of Spineviewer. Install it with: pip "
            "install 'spineviewer[pacs]'"
        )


class _RepeatedProgress:
    """Progress that repeats its last update and ignores the updates from other work."""

    def __init__(self, progress: Progress, stage: str) -> None:
        self._progress = progress
        self.stage = stage
        self.fraction = 0.0

    def set(self, stage: str, fraction: float) -> None:
        """Set the update that is repeated from now on."""
        self.stage, self.fraction = stage, fraction

    def step(self, _: str = "", __: float = 0.0) -> None:
        """Repeat the update; a requested cancellation takes effect here."""
        self._progress.step(self.stage, self.fraction)


def _exchange_messages(
    request: messages.Request, repeated: _RepeatedProgress, store: LocalStore | None = None
) -> Iterator[messages.Update | messages.Done]:
    """Yield a child's messages up to its answer; end the child if the caller stops earlier."""
    require_extra()
    with _child() as child:
        child.send(request)
        while True:
            repeated.step()
            message = child.receive(TICK_S)
            match message:
                case None:
                    continue
                case Failed():
                    raise ArchiveError(message.message)
                case messages.DeleteStudy() if store is not None:
                    store.delete_study(message.uid, repeated)
                    child.send(messages.StudyDeleted())
                case _:
                    yield message
                    if isinstance(message, messages.Done):
                        return


@contextmanager
def _child() -> Iterator[Child[messages.Answer]]:
    """Yield a child and kill it on exit: it may be waiting for an unresponsive archive."""
    child = messages.CONVERSATION.child(MEMORY_BYTES)
    try:
        yield child
    except ChildDied as death:
        _log.warning("The archive's helper process ended: %s", death)
        raise ArchiveError(_helper_ended()) from death
    finally:
        child.kill()


def _helper_ended() -> str:
    return worded(
        "The helper process for archives ended unexpectedly: there was too little memory, or it "
        "was stopped. Close other programs and try again."
    )


def _absolute(files: Sequence[Path]) -> tuple[Path, ...]:
    return tuple(path.absolute() for path in files)
