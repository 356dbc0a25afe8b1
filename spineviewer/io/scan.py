"""Opening scans: the contents of a path, and one of its series as a volume.

Files are examined and decoded in a child process (`sandbox.py`); this side imports no reader.
"""

from __future__ import annotations

import base64
import logging
import math
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import psutil
from numpy.typing import NDArray

from spineviewer.child import ArrayPlace, Child, ChildDied, Fields, MappedArrays
from spineviewer.errors import GeometryError, ImageReadError
from spineviewer.io.sandbox import crash_log
from spineviewer.io.sandbox.crash_log import CrashLog
from spineviewer.io.sandbox.prewarmed import PrewarmedReader
from spineviewer.progress import JobProgress, Progress
from spineviewer.volume.geometry import Geometry, IndexTriple, Triple
from spineviewer.volume.orientation import axis_order_of
from spineviewer.volume.sheared import ShearedGrid
from spineviewer.volume.volume import (
    CtVolume,
    NiftiForms,
    ScanFormat,
    ScanIdentity,
    ScanSource,
    SourceSlices,
    WindowLevel,
)
from spineviewer.wording import worded

#: Seconds without any sign of life after which a file is given up: as long as a sleeping network
#: drive takes to wake, twice;
#: and more for a large file, as on a slow drive.
SILENCE_LIMIT_S = 30.0
SLOWEST_BYTES_PER_S = 5e6
#: Seconds between looks at the progress, which may ask to stop.
TICK_S = 0.1
#: Choice: the child may take this share of the memory that is free, at least 2 GiB.
MEMORY_SHARE = 0.8
LEAST_MEMORY_BYTES = 2 * 2**30
#: Files that crash the examination are skipped; this many crashes end it.
MOST_CRASHES = 5
#: Choice: a series with fewer slices is hardly the one that the user wants.
ENOUGH_SLICES = 20
#: Words for the spine, its parts and bone kernels in descriptions in European languages.
SPINE_WORDS = re.compile(
    r"spine|spinal|wirbel|column|colonn|rachis|vertebr|(?<![a-z])([hbl]ws|[ctl]-?sp|bone|knochen|osseux|osso|hueso)(?![a-z])",
    re.IGNORECASE,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SeriesSummary:
    """One candidate for a volume.

    Attributes
    ----------
    uid
        Key for `read_scan`: the series' UID. Further groups of the same series (another orientation
        or size) end in '#2', '#3'; a way of reading a part of it ends in '@' and the way.
    spacing_zyx_mm
        Usual step between slices and pixel spacing; None if the files do not state them.
    problems
        Sentences; an empty tuple means that it is a plain regular stack.
    orientation
        Patient directions in which columns, rows and slices follow each other, for example 'L, P,
        S'; empty if unknown.
    middle
        File and frame of the middle slice, for a thumbnail; None for image files.
    """

    uid: str
    description: str
    modality: str
    slice_count: int
    rows: int
    columns: int
    spacing_zyx_mm: Triple | None
    kernel: str
    problems: tuple[str, ...]
    orientation: str = ""
    middle: tuple[str, int] | None = None

    @property
    def names_spine(self) -> bool:
        """Whether the description says that it is of the spine or made for bone."""
        return SPINE_WORDS.search(self.description) is not None

    @property
    def title(self) -> str:
        """One line for a list: description, size, spacing."""
        spacing = (
            " x ".join(f"{v:.2f}" for v in self.spacing_zyx_mm) + " mm"
            if self.spacing_zyx_mm
            else worded("spacing unknown")
        )
        if "@" in self.uid:
            return self.description
        return (
            f"{self.description or 'no description'}: {self.slice_count} slices of {self.rows} "
            f"x {self.columns}, {spacing}"
        )


@dataclass(frozen=True)
class SeriesListing:
    """Contents of a path.

    Attributes
    ----------
    others
        Other DICOM objects by name with their number, for example 'RT Dose Storage (3)'.
    unreadable
        Files that could not be examined, each with a reason.
    """

    path: Path
    format: ScanFormat
    series: tuple[SeriesSummary, ...]
    others: tuple[str, ...]
    unreadable: tuple[str, ...]

    @property
    def best(self) -> SeriesSummary | None:
        """The likeliest series for a spine: CT, without problems, of enough slices, named so, the most slices.

        Of several ways of reading one series the first.
        """
        if self.series and "@" in self.series[0].uid:
            return self.series[0]

        def rank(series: SeriesSummary) -> tuple[bool, bool, bool, bool, int]:
            is_enough = series.slice_count >= ENOUGH_SLICES
            return (
                series.modality in {"CT", ""},
                not series.problems,
                is_enough,
                series.names_spine,
                series.slice_count,
            )

        return max(self.series, key=rank, default=None)


@dataclass(frozen=True)
class StudyHead:
    """The patient and study to which a series belongs.

    Attributes
    ----------
    patient
        Number of the patient, from 0 in the order of discovery.
    name
        The patient's name; empty unless requested.
    study
        Number of the study, likewise.
    date
        For example 2026-11-24; empty if the files do not state it.
    folder
        The innermost one that holds every file of the series.
    """

    patient: int
    name: str
    study: int
    date: str
    description: str
    folder: Path


class SeveralSeriesError(ImageReadError):
    """Several series are at the path and none was chosen.

    Attributes
    ----------
    listing
        The series to choose from; `SeriesSummary.uid` of the chosen one is passed to `read_scan`.
    """

    def __init__(self, listing: SeriesListing, reason: str = "") -> None:
        told = (
            f"{listing.path}: {reason}"
            if reason
            else worded(
                "{file} contains {count} series.", file=listing.path, count=len(listing.series)
            )
        )
        lines = "".join(f"\n  {series.uid}  {series.title}" for series in listing.series[:20])
        super().__init__(f"{told} Choose one (--series):{lines}")
        self.listing = listing


class SeveralWaysError(SeveralSeriesError):
    """One series can be read in several ways (runs between gaps, phases, volumes) and none was chosen.

    The listing holds the ways as if each were a series, the likeliest first.
    """

    exit_code = GeometryError.exit_code


def list_series(path: Path, progress: Progress | None = None) -> SeriesListing:
    """List the contents of a file or folder without decoding pixels of DICOM files.

    Raises
    ------
    ImageReadError, GeometryError
        When nothing can be read there.
    """
    with _Reading(path, progress) as reading:
        return _listing(path, reading.answer({"do": "list"}))


def list_studies(
    folder: Path, *, is_named: bool = False, progress: Progress | None = None
) -> tuple[SeriesListing, tuple[StudyHead, ...]]:
    """List the contents of a folder and its subfolders, with the patient and study of each series.

    Parameters
    ----------
    is_named
        Whether patients' names are included.

    Raises
    ------
    ImageReadError
        When the folder cannot be listed.
    """
    with _Reading(folder, progress) as reading:
        answer = reading.answer({"do": "studies", "is_named": is_named})
    return _listing(folder, answer), tuple(_study_head(fields) for fields in answer["studies"])


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
        An image file, a folder or zip archive of DICOM files, a DICOMDIR, or one DICOM file, which
        stands for its whole series, including files in the same folder.
    series_uid
        `SeriesSummary.uid` of the wanted series, or of the way of reading it; required if there are
        several.
    reader
        Provides a pre-started child process, if given.

    Raises
    ------
    SeveralSeriesError
        When there are several series and none was chosen.
    SeveralWaysError
        When the slices do not form a single regular volume, but parts of them do.
    ImageReadError
        When nothing can be read, with the file's name and the reason.
    GeometryError
        When the slices do not form a volume at all, naming each fault.
    """
    with _Reading(path, progress, reader) as reading:
        uid, _, way = (series_uid or "").partition("@")
        head = reading.answer({"do": "read", "series_uid": uid or None, "choice": way or None})
        hu = reading.array
    grid = _geometry(head["grid"])
    order = axis_order_of(grid)
    source = ScanSource(
        path=path,
        format=ScanFormat[head["format"]],
        grid=grid,
        order=order,
        series_uid=head["series_uid"],
        description=head["description"],
        modality=head["modality"],
        window=WindowLevel(*head["window"]) if head["window"] else None,
        is_orientation_known=head["is_orientation_known"],
        is_named_after_patient=head["is_named_after_patient"],
        warnings=tuple(head["warnings"]),
        nifti_forms=_nifti_forms(head["nifti_forms"]),
        slices=_slices(head["slices"]),
        sheared=_sheared(head["sheared"]),
        kernel=head["kernel"],
        identity=ScanIdentity(**head["identity"]),
    )
    return CtVolume(hu=hu, geometry=order.canonical_geometry(grid), source=source)


def describe(path: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Return what `spineviewer info` prints.

    It contains the format, the series with geometry and problems, other objects and unreadable
    files.

    Raises
    ------
    ImageReadError, GeometryError
        As `list_series`.
    """
    listing = list_series(path, progress)
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
    """Return thumbnails of the series of a listing by UID.

    Those that cannot be made are left out.

    Each is uint8, shape (rows, columns).

    Raises
    ------
    ImageReadError
        When the child process fails.
    """
    wanted = {s.uid.partition("@")[0]: s.middle for s in listing.series if s.middle is not None}
    if not wanted:
        return {}
    with _Reading(listing.path, progress) as reading:
        request = {"do": "thumbnails", "wanted": [[key, *middle] for key, middle in wanted.items()]}
        packed = reading.answer(request)["pictures"]
    pictures = {
        key: np.frombuffer(base64.b64decode(text), np.uint8) for key, text in packed.items()
    }
    found: dict[str, NDArray[np.uint8]] = {}
    for series in listing.series:
        picture = pictures.get(series.uid.partition("@")[0])
        if picture is not None:
            edge = math.isqrt(picture.size)
            found[series.uid] = picture.reshape(edge, edge)
    return found


class _Reading:
    """One request to a child and its answer.

    Used as a context: the mapped files are deleted at its end.
    """

    def __init__(
        self, path: Path, progress: Progress | None, reader: PrewarmedReader | None = None
    ) -> None:
        if not path.exists():
            raise ImageReadError(worded("{file} does not exist.", file=path))
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
            raise ImageReadError(worded("{file} contains no voxels.", file=self._path.name))
        return np.asarray(self._array)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._recorded.close()
        if self._arrays is not None:
            self._arrays.close()

    def answer(self, request: Fields) -> Fields:
        """Repeat the request until it is answered, skipping files that crash the examination.

        Raises
        ------
        ImageReadError, GeometryError, SeveralSeriesError
            As the child reports, or naming the file at which it died or stopped responding.
        """
        while True:
            self._recorder.clear()
            try:
                child = self._reader.asked({**request, **self._surroundings()}, _memory_limit())
                try:
                    answer = self._listen(child)
                finally:
                    # its work is in the mapped file; waiting for its own end would only cost time
                    child.kill()
            except ChildDied as death:
                self._learn_from(death)
            else:
                return self._unwrapped(answer)

    def _surroundings(self) -> Fields:
        return {
            "path": str(self._path),
            "skip": self._crashers,
            "scratch": str(self._recorded.folder),
            "recorder": self._recorded.description("recorder", self._table),
        }

    def _listen(self, child: Child[Fields]) -> Fields:
        patience = SILENCE_LIMIT_S + (
            self._path.stat().st_size / SLOWEST_BYTES_PER_S if self._path.is_file() else 0.0
        )
        last_sign = time.monotonic()
        while True:
            self._progress.step(*self._stage)
            message = child.receive(TICK_S)
            if message is None:
                if time.monotonic() - last_sign > patience:
                    raise ImageReadError(
                        worded(
                            "Reading {file} took more than {patience:.0f} s and was stopped.",
                            file=self._culprit(),
                            patience=patience,
                        )
                    )
                continue
            last_sign = time.monotonic()
            if "done" in message or "error" in message:
                return message
            if "need" in message:
                child.send({"array": self._make_array(message["need"])})
            if "step" in message:
                self._stage = (str(message["step"][0]), float(message["step"][1]))

    def _make_array(self, shape: list[int]) -> ArrayPlace:
        promised = 2 * math.prod(shape)
        free = psutil.virtual_memory().available
        if promised > free:
            raise ImageReadError(
                worded(
                    "{file} contains {shape} voxels and needs {promised_gib:.1f} GiB of "
                    "memory; {free_gib:.1f} GiB are free. Close other programs or choose a "
                    "smaller series.",
                    file=self._path.name,
                    shape=" x ".join(map(str, reversed(shape))),
                    promised_gib=promised / 2**30,
                    free_gib=free / 2**30,
                )
            )
        if self._arrays is not None:
            self._arrays.close()
        self._arrays = MappedArrays(promised)
        room = shutil.disk_usage(self._arrays.folder).free
        if promised > room:
            raise ImageReadError(
                worded(
                    "{file} needs {promised_gib:.1f} GiB in {folder} while it is read, but "
                    "only {room_gib:.1f} GiB are free there.",
                    file=self._path.name,
                    promised_gib=promised / 2**30,
                    folder=self._arrays.folder.parent,
                    room_gib=room / 2**30,
                )
            )
        self._array = self._arrays.create("hu", shape, np.int16)
        return self._arrays.description("hu", self._array)

    def _learn_from(self, death: ChildDied) -> None:
        _log.warning("%s", death)  # not its last words: they may quote the header of a patient
        touched = [path for path in self._recorder.touched() if path != self._path]
        if touched and self._array is None and len(self._crashers) < MOST_CRASHES:
            self._crashers.extend(map(str, touched))
            return
        reason = (
            worded("needs more memory than is available")
            if death.is_out_of_memory
            else worded("crashed the file reader")
        )
        raise ImageReadError(
            worded(
                "{file} {reason}: it is damaged or malicious and was not read.",
                file=self._culprit(),
                reason=reason,
            )
        ) from death

    def _culprit(self) -> str:
        return " or ".join(path.name for path in self._recorder.touched()) or self._path.name

    def _unwrapped(self, answer: Fields) -> Fields:
        if "done" in answer:
            done: Fields = answer["done"]
            return done
        if answer["error"] == "SeveralSeriesError":
            several = SeveralWaysError if answer["reason"] else SeveralSeriesError
            raise several(_listing(self._path, answer["listing"]), answer["reason"])
        kind = GeometryError if answer["error"] == "GeometryError" else ImageReadError
        raise kind(answer["message"])


def _memory_limit() -> int:
    return max(LEAST_MEMORY_BYTES, int(MEMORY_SHARE * psutil.virtual_memory().available))


def _listing(path: Path, answer: Fields) -> SeriesListing:
    series = tuple(
        SeriesSummary(
            uid=item["uid"],
            description=item["description"],
            modality=item["modality"],
            slice_count=item["slice_count"],
            rows=item["rows"],
            columns=item["columns"],
            spacing_zyx_mm=_triple(item["spacing_zyx_mm"]) if item["spacing_zyx_mm"] else None,
            kernel=item["kernel"],
            problems=tuple(item["problems"]),
            orientation=item["orientation"],
            middle=(str(item["middle"][0]), int(item["middle"][1])) if item["middle"] else None,
        )
        for item in answer["series"]
    )
    return SeriesListing(
        path=path,
        format=ScanFormat[answer["format"]],
        series=series,
        others=tuple(answer["others"]),
        unreadable=tuple(answer["unreadable"]),
    )


def _study_head(fields: Fields) -> StudyHead:
    return StudyHead(
        int(fields["patient"]),
        str(fields["name"]),
        int(fields["study"]),
        str(fields["date"]),
        str(fields["description"]),
        Path(fields["folder"]),
    )


def _geometry(fields: Fields) -> Geometry:
    z, y, x = (_triple(axis) for axis in fields["axes_lps"])
    return Geometry(
        _index_triple(fields["shape_zyx"]),
        _triple(fields["spacing_zyx_mm"]),
        _triple(fields["origin_lps_mm"]),
        (z, y, x),
    )


def _nifti_forms(fields: Fields | None) -> NiftiForms | None:
    if fields is None:
        return None
    return NiftiForms(
        qform_code=fields["qform_code"],
        sform_code=fields["sform_code"],
        pixdim=tuple(fields["pixdim"]),
        quaternion=tuple(fields["quaternion"]),
        sform=tuple(fields["sform"]),
        xyzt_units=fields["xyzt_units"],
    )


def _slices(fields: Fields | None) -> SourceSlices | None:
    if fields is None:
        return None
    return SourceSlices(
        files=tuple(Path(name) for name in fields["files"]),
        frames=tuple(fields["frames"]),
        origins_lps_mm=tuple(_triple(point) for point in fields["origins_lps_mm"]),
        frames_of_reference=tuple(fields["frames_of_reference"]),
        missing=tuple(fields["missing"]),
    )


def _sheared(fields: Fields | None) -> ShearedGrid | None:
    if fields is None:
        return None
    return ShearedGrid(
        shape_zyx=_index_triple(fields["shape_zyx"]),
        straight_shape_zyx=_index_triple(fields["straight_shape_zyx"]),
        slice_axis=fields["slice_axis"],
        offsets=tuple((row, column) for row, column in fields["offsets"]),
        world_from_index=tuple((a, b, c, d) for a, b, c, d in fields["world_from_index"]),
    )


def _index_triple(values: list[int]) -> IndexTriple:
    one, two, three = values
    return one, two, three


def _triple(values: list[float]) -> Triple:
    one, two, three = values
    return float(one), float(two), float(three)
