"""Opening of scans: the series found at a path, and one of them as a volume.

Files are examined and decoded in a child process (`sandbox`); the main process imports no reader.
"""

from __future__ import annotations

import base64
import logging
import math
import shutil
import time
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import psutil
from numpy.typing import NDArray

from spineviewer.child import Child, ChildDied, MappedArrays, MappedFile, Step
from spineviewer.errors import GeometryError, ImageReadError
from spineviewer.io.sandbox import crash_log
from spineviewer.io.sandbox.crash_log import CrashLog
from spineviewer.io.sandbox.prewarmed import PrewarmedReader
from spineviewer.io.sandbox.reader_messages import (
    Answer,
    ArrayMade,
    Done,
    Failed,
    Listed,
    ListSeries,
    ListStudies,
    MakeThumbnails,
    NeedArray,
    ReadSeries,
    Request,
    ScanRead,
    Task,
    ThumbnailsMade,
    Undecided,
)
from spineviewer.io.series_listing import SeriesListing, StudyInfo
from spineviewer.progress import JobProgress, Progress
from spineviewer.volume.geometry import IndexTriple
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import worded

#: Choice: the child is stopped after this many seconds without progress, twice as long as a
#: sleeping network drive takes to wake. For a file, the time to read it at `MIN_BYTES_PER_S` is
#: added.
SILENCE_LIMIT_S = 30.0
MIN_BYTES_PER_S = 5e6
#: Seconds between checks whether the user cancelled.
TICK_S = 0.1
#: Choice: the child may use this fraction of the free memory, at least 2 GiB.
MEMORY_FRACTION = 0.8
MIN_MEMORY_BYTES = 2 * 2**30
#: Files that crash the examination are skipped, up to this number of crashes.
MAX_CRASHES = 5
_log = logging.getLogger(__name__)


class SeveralSeriesError(ImageReadError):
    """Raised when a path contains several series and none was chosen.

    Attributes
    ----------
    listing
        The series to choose from; `SeriesSummary.uid` of the chosen one is passed to `read_scan`.
    """

    def __init__(self, listing: SeriesListing, reason: str = "") -> None:
        question = (
            f"{listing.path}: {reason}"
            if reason
            else worded(
                "{file} contains {count} series.", file=listing.path, count=len(listing.series)
            )
        )
        lines = "".join(f"\n  {series.uid}  {series.title}" for series in listing.series[:20])
        super().__init__(f"{question} Choose one (--series):{lines}")
        self.listing = listing


class SeveralWaysError(SeveralSeriesError):
    """Raised when a series can be read in several ways (runs, phases, volumes) and none was chosen.

    The listing contains the ways as if each were a series, the most likely first.
    """

    exit_code = GeometryError.exit_code


def list_series(path: Path, progress: Progress | None = None) -> SeriesListing:
    """List the contents of a file or folder without decoding pixels of DICOM files.

    Raises
    ------
    ImageReadError, GeometryError
        When nothing at the path can be read.
    """
    with _Reading(path, progress) as reading:
        return cast(Listed, reading.answer(ListSeries())).listing


def list_studies(
    folder: Path, *, with_names: bool = False, progress: Progress | None = None
) -> tuple[SeriesListing, tuple[StudyInfo, ...]]:
    """List the contents of a folder and its subfolders, with the patient and study of each series.

    Parameters
    ----------
    with_names
        Whether to return patients' names.

    Raises
    ------
    ImageReadError
        When the folder cannot be listed.
    """
    with _Reading(folder, progress) as reading:
        listed = cast(Listed, reading.answer(ListStudies(with_names)))
    return listed.listing, listed.studies


def read_scan(
    path: Path,
    *,
    series_uid: str | None = None,
    progress: Progress | None = None,
    reader: PrewarmedReader | None = None,
) -> CtVolume:
    """Read one scan into canonical order.

    Parameters
    ----------
    path
        An image file, a folder or zip file of DICOM files, a DICOMDIR, or one DICOM file, which
        stands for its whole series, including files in the same folder.
    series_uid
        `SeriesSummary.uid` of the series, or of the way of reading it; required if there are
        several.
    reader
        Provides a pre-started child process, if given.

    Raises
    ------
    SeveralSeriesError
        When there are several series and none was chosen.
    SeveralWaysError
        When the series can be read in several ways and none was chosen.
    ImageReadError
        When nothing can be read; the message names the file and the reason.
    GeometryError
        When the slices do not form a volume; the message names the fault.
    """
    with _Reading(path, progress, reader) as reading:
        uid, _, way = (series_uid or "").partition("@")
        source = cast(ScanRead, reading.answer(ReadSeries(uid or None, way or None))).source
        hu = reading.array
    return CtVolume(hu=hu, geometry=source.order.canonical_geometry(source.grid), source=source)


def describe(path: Path) -> dict[str, Any]:
    """Return what `spineviewer info` prints: series, other objects and unreadable files.

    Raises
    ------
    ImageReadError, GeometryError
        As in `list_series`.
    """
    listing = list_series(path)
    return {
        "path": str(path),
        "format": listing.format.value,
        "series": [
            {
                "uid": series.uid,
                "description": series.description,
                "modality": series.modality,
                "kernel": series.kernel,
                "slices": series.slice_count,
                "rows": series.rows,
                "columns": series.columns,
                "spacing_zyx_mm": series.spacing_zyx_mm,
                "orientation": series.orientation,
                "problems": list(series.problems),
            }
            for series in listing.series
        ],
        "others": list(listing.others),
        "unreadable": list(listing.unreadable),
    }


def thumbnails(
    listing: SeriesListing, progress: Progress | None = None
) -> dict[str, NDArray[np.uint8]]:
    """Return thumbnails of a listing's series, by UID: uint8, shape (rows, columns).

    Those that cannot be made are left out.

    Raises
    ------
    ImageReadError
        When the child process fails.
    """
    middles = {s.uid.partition("@")[0]: s.middle for s in listing.series if s.middle is not None}
    requests = tuple((key, *middle) for key, middle in middles.items())
    if not requests:
        return {}
    with _Reading(listing.path, progress) as reading:
        packed = cast(ThumbnailsMade, reading.answer(MakeThumbnails(requests))).pictures
    pictures = {
        key: np.frombuffer(base64.b64decode(text), np.uint8) for key, text in packed.items()
    }
    by_uid: dict[str, NDArray[np.uint8]] = {}
    for series in listing.series:
        picture = pictures.get(series.uid.partition("@")[0])
        if picture is not None:
            edge = math.isqrt(picture.size)
            by_uid[series.uid] = picture.reshape(edge, edge)
    return by_uid


class _Reading:
    """One request to a child and its answer. Leaving the context deletes the mapped files."""

    def __init__(
        self, path: Path, progress: Progress | None, reader: PrewarmedReader | None = None
    ) -> None:
        if not path.exists():
            raise ImageReadError("{file} does not exist. Check the path.", file=path)
        self._path = path
        self._progress = progress or JobProgress()
        self._reader = reader or PrewarmedReader()
        self._stage: tuple[str, float] = (worded("Opening"), 0.0)
        self._crashers: list[str] = []
        self._recorded = MappedArrays()
        self._table = self._recorded.create("recorder", crash_log.SHAPE, np.uint8)
        self._recorder = CrashLog(self._table)
        self._arrays: MappedArrays | None = None
        self._array: NDArray[Any] | None = None

    @property
    def array(self) -> NDArray[np.int16]:
        """The voxels that the child wrote."""
        if self._array is None:
            raise ImageReadError(
                "{file} contains no voxels. Choose another file.", file=self._path.name
            )
        return np.asarray(self._array)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._recorded.close()
        if self._arrays is not None:
            self._arrays.close()

    def answer(self, task: Task) -> Done:
        """Return the answer to a task, repeating it without the files that crash the examination.

        Raises
        ------
        ImageReadError, GeometryError, SeveralSeriesError
            As the child reports; if it died or stopped responding, an error that names the file.
        """
        while True:
            self._recorder.clear()
            try:
                child = self._reader.with_request(self._request(task), _memory_limit())
                try:
                    answer = self._listen(child)
                finally:
                    child.kill()  # the result is in the mapped file; do not wait for a regular exit
            except ChildDied as death:
                self._on_child_death(death)
            else:
                return self._unwrap(answer)

    def _request(self, task: Task) -> Request:
        return Request(
            path=self._path,
            scratch=self._recorded.folder,
            recorder=self._recorded.description("recorder", self._table),
            task=task,
            skip=tuple(self._crashers),
        )

    def _listen(self, child: Child[Answer]) -> Done | Undecided | Failed:
        patience = SILENCE_LIMIT_S + (
            self._path.stat().st_size / MIN_BYTES_PER_S if self._path.is_file() else 0.0
        )
        last_sign = time.monotonic()
        while True:
            self._progress.step(*self._stage)
            message = child.receive(TICK_S)
            if message is None:
                if time.monotonic() - last_sign > patience:
                    raise ImageReadError(
                        "Reading {file} took more than {patience:.0f} s and was stopped. "
                        "Copy the files to a local disk and try again.",
                        file=self._culprit(),
                        patience=patience,
                    )
                continue
            last_sign = time.monotonic()
            match message:
                case NeedArray():
                    child.send(ArrayMade(self._make_array(message.shape)))
                case Step():
                    self._stage = (message.stage, message.fraction)
                case _:
                    return message

    def _make_array(self, shape: IndexTriple) -> MappedFile:
        declared = 2 * math.prod(shape)
        free = psutil.virtual_memory().available
        if declared > free:
            raise ImageReadError(
                "{file} contains {shape} voxels and needs {declared_gib:.1f} GiB of memory, but "
                "only {free_gib:.1f} GiB is free. Close other programs or choose a smaller "
                "series.",
                file=self._path.name,
                shape=" x ".join(map(str, reversed(shape))),
                declared_gib=declared / 2**30,
                free_gib=free / 2**30,
            )
        if self._arrays is not None:
            self._arrays.close()
        self._arrays = MappedArrays(declared)
        room = shutil.disk_usage(self._arrays.folder).free
        if declared > room:
            raise ImageReadError(
                "{file} needs {declared_gib:.1f} GiB in {folder} while it is being read, but "
                "only {room_gib:.1f} GiB is free there. Free some space and try again.",
                file=self._path.name,
                declared_gib=declared / 2**30,
                folder=self._arrays.folder.parent,
                room_gib=room / 2**30,
            )
        self._array = self._arrays.create("hu", shape, np.int16)
        return self._arrays.description("hu", self._array)

    def _on_child_death(self, death: ChildDied) -> None:
        _log.warning("%s", death)  # without its last output, which may quote patient data
        recorded = [path for path in self._recorder.recorded() if path != self._path]
        if recorded and self._array is None and len(self._crashers) < MAX_CRASHES:
            self._crashers.extend(map(str, recorded))
            return
        if death.is_out_of_memory:
            raise ImageReadError(
                "{file} needs more memory than is available. Close other programs and try again.",
                file=self._culprit(),
            ) from death
        raise ImageReadError(
            "{file} crashed the file reader and was not read: it is damaged or malicious. Copy "
            "it again from the source.",
            file=self._culprit(),
        ) from death

    def _culprit(self) -> str:
        return " or ".join(path.name for path in self._recorder.recorded()) or self._path.name

    def _unwrap(self, answer: Done | Undecided | Failed) -> Done:
        match answer:
            case Undecided():
                several = SeveralWaysError if answer.reason else SeveralSeriesError
                raise several(answer.listing, answer.reason)
            case Failed():
                kind = GeometryError if answer.is_geometry else ImageReadError
                raise kind(answer.message)
            case _:
                return answer


def _memory_limit() -> int:
    return max(MIN_MEMORY_BYTES, int(MEMORY_FRACTION * psutil.virtual_memory().available))
