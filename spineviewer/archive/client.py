"""Access to an archive: each call starts a child process (`worker.py`) that can be cancelled."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spineviewer.archive.keys import secret_for
from spineviewer.archive.node import Node, require_uid
from spineviewer.archive.query import Found, Query, found_from_fields
from spineviewer.archive.receiving import ReceiverSettings
from spineviewer.archive.store import LocalStore
from spineviewer.child import Child, ChildDied, Fields, untyped
from spineviewer.errors import ArchiveError
from spineviewer.progress import JobProgress, Progress
from spineviewer.wording import worded

CHILD_MODULE = "spineviewer.archive.worker"
TICK_S = 0.1
#: Choice: more memory than any single object needs that DICOMweb brings; DICOM's own protocol
#: needs far less.
MEMORY_BYTES = 6 * 2**30
#: Modules of the optional extra.
_NEEDED = ("pynetdicom", "dicomweb_client")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sent:
    """Result for one file that was sent; `reason` is empty if the archive accepted it."""

    file: Path
    reason: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the archive took it."""
        return not self.reason


class Archive:
    """An archive that can be searched, and that images come from and results go to.

    Thread ownership: any thread; calls are independent of each other and block. Each asks
    `progress` at least ten times a second and ends at once when it raises `Cancelled`.

    Raises
    ------
    ArchiveError
        From every call, with the reason in one sentence.

    Parameters
    ----------
    secret
        Password or token of the login; empty for the one in the key store.
    """

    def __init__(self, node: Node, secret: str = "") -> None:
        self.node = node
        self._secret = secret

    def echo(self, progress: Progress | None = None) -> dict[str, float]:
        """Seconds that the archive takes to answer, by transport ('dicom', 'dicomweb')."""
        answer = self._asked({"do": "echo"}, progress, worded("Asking the archive"))
        return {str(name): float(value) for name, value in answer["seconds"].items()}

    def find(
        self, query: Query, *, with_series: bool = True, progress: Progress | None = None
    ) -> Found:
        """Patients and studies that match, the studies with their series if wanted."""
        request = {"do": "find", "query": asdict(query), "is_deep": with_series}
        return found_from_fields(self._asked(request, progress, worded("Searching the archive")))

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
        request = {
            "do": "retrieve",
            "study_uid": study_uid,
            "series_uid": series_uid,
            "store": _store_fields(store),
        }
        return Path(self._asked(request, progress, worded("Asking the archive"))["folder"])

    def send(self, files: Sequence[Path], progress: Progress | None = None) -> tuple[Sent, ...]:
        """Send files; return the result for each.

        Files that were not sent because the connection broke are reported as such.
        """
        reasons: dict[int, str] = {}
        request = {"do": "send", "files": [str(path.absolute()) for path in files]}
        stage = worded("Sending {count} file(s)", count=len(files))

        def on_message(message: Fields) -> tuple[str, float]:
            reasons[message["sent"]] = message["reason"] or ""
            return stage, len(reasons) / max(1, len(files))

        try:
            self._asked(request, progress, stage, on_message)
        except ArchiveError as error:
            if not reasons:
                raise
            broken = str(error)
            return tuple(Sent(path, reasons.get(n, broken)) for n, path in enumerate(files))
        return tuple(
            Sent(path, reasons.get(n, worded("it was not sent"))) for n, path in enumerate(files)
        )

    def confirm(
        self, files: Sequence[Path], *, patience_s: float = 60.0, progress: Progress | None = None
    ) -> tuple[Sent, ...]:
        """Have the archive confirm that it keeps files that were sent (storage commitment)."""
        request = {
            "do": "commit",
            "files": [str(path.absolute()) for path in files],
            "patience_s": patience_s,
        }
        refused = self._asked(
            request, progress, worded("Waiting for confirmation from the archive")
        )["refused"]
        return tuple(Sent(path, reason or "") for path, reason in zip(files, refused, strict=True))

    def _asked(
        self,
        request: Fields,
        progress: Progress | None,
        stage: str,
        on_message: Callable[[Fields], tuple[str, float]] | None = None,
    ) -> Fields:
        telling = _Telling(stage)
        node = {"node": self.node.as_fields(), "secret": self._secret or secret_for(self.node)}
        for message in _talk({**request, **node}, progress or JobProgress(), telling):
            if "done" in message:
                return dict(message["done"])
            if "count" in message:
                here, count = message["here"], message["count"]
                telling.tell(worded("Retrieving images"), here / max(1, count))
            elif on_message is not None:
                telling.tell(*on_message(message))
        raise ArchiveError(_helper_ended())


@dataclass(frozen=True)
class Received:
    """A whole study that a receiver took."""

    study_uid: str
    folder: Path
    count: int


def receive(
    settings: ReceiverSettings,
    store: LocalStore,
    progress: Progress,
    *,
    on_ready: Callable[[], None] | None = None,
) -> Iterator[Received]:
    """Listen until `progress` raises `Cancelled`, and yield each complete study.

    Raises
    ------
    ArchiveError
        When the port cannot be used.
    Cancelled
        When `progress` says so; incomplete studies are kept for the next start.
    """
    request = {"do": "receive", "settings": asdict(settings), "store": _store_fields(store)}
    for message in _talk(request, progress, _Telling(worded("Listening"))):
        if "ready" in message and on_ready is not None:
            on_ready()
        elif "study" in message:
            yield Received(message["study"], Path(message["folder"]), int(message["count"]))


def study_titles(files: Sequence[Path], progress: Progress) -> tuple[str, ...]:
    """Return date and description of the study of each file; empty where it states neither.

    Raises
    ------
    ArchiveError
        When the extra is missing or the child process ended.
    """
    request = {"do": "describe", "files": [str(path.absolute()) for path in files]}
    for message in _talk(request, progress, _Telling(worded("Reading"))):
        if "done" in message:
            return tuple(message["done"]["titles"])
    raise ArchiveError(_helper_ended())


def require_extra() -> None:
    """Check that the packages for archives are installed.

    Raises
    ------
    ArchiveError
        When they are not, with what to do.
    """
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise ArchiveError(
            worded(
                "Archives need an optional part of Spineviewer. Install it with: pip install "
                "'spineviewer[pacs]'"
            )
        )


class _Telling:
    """Repeats the last progress report while nothing new arrives."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.fraction = 0.0

    def tell(self, stage: str, fraction: float) -> None:
        """Report this from now on."""
        self.stage, self.fraction = stage, fraction


def _talk(request: Fields, progress: Progress, telling: _Telling) -> Iterator[Fields]:
    """Messages of a child; it ends with the caller's interest, a cancel, or its own error."""
    require_extra()
    with _child() as child:
        child.send(request)
        while True:
            progress.step(telling.stage, telling.fraction)
            message = child.receive(TICK_S)
            if message is None:
                continue
            if "error" in message:
                raise ArchiveError(message["error"])
            yield message
            if "done" in message:
                return


@contextmanager
def _child() -> Iterator[Child[Any]]:
    """Yield a child that is terminated at once on exit.

    It may be waiting for an unresponsive archive.
    """
    child = Child(CHILD_MODULE, untyped, memory_limit_bytes=MEMORY_BYTES)
    try:
        yield child
    except ChildDied as death:
        _log.warning("The archive's helper process ended: %s", death)
        raise ArchiveError(_helper_ended()) from death
    finally:
        child.kill()


def _helper_ended() -> str:
    return worded(
        "The helper process for archives ended: there was too little memory, or it was stopped."
    )


def _store_fields(store: LocalStore) -> dict[str, Any]:
    return {
        "folder": str(store.folder.absolute()),
        "max_bytes": store.max_bytes,
        "keep_days": store.keep_days,
    }
