"""The messages between `client.py` and the child process `archive_worker.py`."""

from __future__ import annotations

from pathlib import Path

from spineviewer.archive.node import Node
from spineviewer.archive.query import Query, SearchResult
from spineviewer.archive.receiver_settings import ReceiverSettings
from spineviewer.archive.store import LocalStore, StudyDeletion
from spineviewer.child import Conversation, Failed, Message


class StoreLocation(Message, frozen=True):
    """The location and limits of a `LocalStore`."""

    folder: Path
    max_bytes: int | None
    keep_days: float | None

    @classmethod
    def from_store(cls, store: LocalStore) -> StoreLocation:
        return cls(store.folder.absolute(), store.max_bytes, store.keep_days)

    def open_store(self, delete_study: StudyDeletion) -> LocalStore:
        """Return the store itself; it calls `delete_study` to delete studies."""
        return LocalStore(
            self.folder,
            max_bytes=self.max_bytes,
            keep_days=self.keep_days,
            delete_study=delete_study,
        )


class Login(Message, frozen=True):
    """An archive and the password or token for it."""

    node: Node
    secret: str


class Echo(Message, frozen=True):
    """Test the connection to each address of the archive."""

    login: Login


class Find(Message, frozen=True):
    """Search the archive; `with_series` also lists the series of each study."""

    login: Login
    query: Query
    with_series: bool


class Retrieve(Message, frozen=True):
    """Retrieve a study, or one series of it, into the store."""

    login: Login
    study_uid: str
    series_uid: str
    store: StoreLocation


class Send(Message, frozen=True):
    """Send files."""

    login: Login
    files: tuple[Path, ...]


class Commit(Message, frozen=True):
    """Ask the archive to confirm that it has stored these files."""

    login: Login
    files: tuple[Path, ...]
    timeout_s: float


class Receive(Message, frozen=True):
    """Receive studies until the parent ends."""

    settings: ReceiverSettings
    store: StoreLocation


class Describe(Message, frozen=True):
    """Return the title of each file's study."""

    files: tuple[Path, ...]


class StudyDeleted(Message, frozen=True):
    """The parent has deleted the study, as the child requested."""


class DeleteStudy(Message, frozen=True):
    """The store is full: delete this study and everything that belongs to it."""

    uid: str


class ImagesArrived(Message, frozen=True):
    """Number of images that have arrived, and total number."""

    arrived: int
    count: int


class FileSent(Message, frozen=True):
    """The file with this index was sent; `reason` says why it was rejected, or is empty."""

    index: int
    reason: str


class Ready(Message, frozen=True):
    """The receiver is listening."""


class StudyReceived(Message, frozen=True):
    """A complete study arrived."""

    uid: str
    folder: Path
    count: int


class Answered(Message, frozen=True):
    """The archive's response time in seconds, by transport."""

    seconds: dict[str, float]


class Results(Message, frozen=True):
    """The result of a search."""

    found: SearchResult


class Retrieved(Message, frozen=True):
    """Everything requested is in this folder of the store."""

    folder: Path


class AllSent(Message, frozen=True):
    """Every file was sent or rejected."""


class Committed(Message, frozen=True):
    """For each file, why the archive has not stored it; empty if it has."""

    reasons: tuple[str, ...]


class Described(Message, frozen=True):
    """The titles of studies."""

    titles: tuple[str, ...]


class Stopped(Message, frozen=True):
    """The receiver has ended."""


Request = Echo | Find | Retrieve | Send | Commit | Receive | Describe
Done = Answered | Results | Retrieved | AllSent | Committed | Described | Stopped
Received = Request | StudyDeleted
Update = DeleteStudy | ImagesArrived | FileSent | Ready | StudyReceived
Answer = Update | Done | Failed
CONVERSATION = Conversation[Received, Answer](
    "spineviewer.archive.archive_worker", Received, Answer
)
