"""Messages between `scan.py` and the child process that reads files (`child_reader.py`)."""

from __future__ import annotations

from pathlib import Path

from spineviewer.child import Conversation, MappedFile, Message, Step
from spineviewer.io.series_listing import SeriesListing, StudyInfo
from spineviewer.volume.geometry import IndexTriple
from spineviewer.volume.volume import ScanSource


class ListSeries(Message, frozen=True):
    """List the series at the path."""


class ListStudies(Message, frozen=True):
    """List the series with the patient and study of each, and with patients' names on request."""

    with_names: bool


class ReadSeries(Message, frozen=True):
    """Read one series; `choice` is the way of reading it if there are several."""

    series_uid: str | None = None
    choice: str | None = None


class MakeThumbnails(Message, frozen=True):
    """Make thumbnails: key of the series, file and frame of each."""

    wanted: tuple[tuple[str, str, int], ...]


Task = ListSeries | ListStudies | ReadSeries | MakeThumbnails


class Request(Message, frozen=True):
    """The parent's first message: the path, and what to do with it.

    Attributes
    ----------
    scratch
        Folder for temporary files, which the parent deletes.
    recorder
        Where the child notes the files that it has open (`crash_log.CrashLog`).
    skip
        Files that crashed an earlier child.
    """

    path: Path
    scratch: Path
    recorder: MappedFile
    task: Task
    skip: tuple[str, ...] = ()


class ArrayMade(Message, frozen=True):
    """The array that the child asked for (`NeedArray`)."""

    place: MappedFile


class NeedArray(Message, frozen=True):
    """Ask for an int16 array of this shape."""

    shape: IndexTriple


class Listed(Message, frozen=True):
    """The contents of the path; `studies` has one entry per series if `ListStudies` was sent."""

    listing: SeriesListing
    studies: tuple[StudyInfo, ...] = ()


class ScanRead(Message, frozen=True):
    """The voxels of a scan are in the array; `source` describes the scan."""

    source: ScanSource


class ThumbnailsMade(Message, frozen=True):
    """Thumbnails by key, each a square of uint8 grey values in base64."""

    pictures: dict[str, str]


class Undecided(Message, frozen=True):
    """Several series or, with a `reason`, several ways of reading one: one must be chosen."""

    listing: SeriesListing
    reason: str


class Failed(Message, frozen=True):
    """The path cannot be read; `is_geometry`: its slices do not form a volume."""

    message: str
    is_geometry: bool = False


FromParent = Request | ArrayMade
Done = Listed | ScanRead | ThumbnailsMade
Answer = Step | NeedArray | Done | Undecided | Failed
CONVERSATION = Conversation[FromParent, Answer](
    "spineviewer.io.sandbox.child_reader", FromParent, Answer
)
