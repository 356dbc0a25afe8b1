"""Finding CT series among DICOM files: headers read one by one, grouped, each group judged.

No pixels are decoded here. Runs in the child process (`sandbox.py`).
"""

from __future__ import annotations

import os
import re
import struct
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError, ImageReadError
from spineviewer.io.bounded import BoundedReader, require_modest_deflate
from spineviewer.io.quick_header import DEFLATED, HEAD_BYTES, deflated_from, quick_header
from spineviewer.io.slices import SliceStack, stack_slices
from spineviewer.wording import worded

#: Choice: more files than any study has.
MOST_FILES = 100_000
#: Choice: more pictures than any object has; and each takes at least two bytes of its file.
MOST_FRAMES = 50_000
#: What scanners call pictures of their screens and reference pictures, in the class of CT slices.
CAPTURE_WORDS = frozenset(
    {"SCREEN SAVE", "SCREENSAVE", "SCREEN_SAVE", "REFERENCE", "DOSE INFO", "DOSE_INFO", "DOSE REPORT", "CAPTURE"}
)
#: Direction cosines that differ by less belong to one orientation (0.06 degrees).
SAME_COSINES = 1e-3
SAME_SPACING_MM = 1e-4
VOLUME_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.2.1": "CT",
    "1.2.840.10008.5.1.4.1.1.2.2": "CT",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.4.1": "MR",
    "1.2.840.10008.5.1.4.1.1.4.4": "MR",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
}
#: What pydicom and the codecs raise on damaged files.
FOREIGN_ERRORS = (
    OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, EOFError, ArithmeticError, AssertionError,
    struct.error, zlib.error,
)  # fmt: skip
DIRECTORY_CLASS = "1.2.840.10008.1.3.10"
CLASS_NAMES = {"1.2.840.10008.5.1.4.1.1.66.7": "Label Map Segmentation Storage"}
TAGS = [
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber", "InstanceNumber", "Modality",
    "SeriesDescription", "ImageType", "Rows", "Columns", "PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient",
    "SliceThickness", "RescaleSlope", "RescaleIntercept", "RescaleType", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation", "SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "PixelPaddingValue",
    "PixelPaddingRangeLimit", "WindowCenter", "WindowWidth", "ConvolutionKernel", "FrameOfReferenceUID", "AcquisitionNumber",
    "TemporalPositionIdentifier", "PatientPosition", "LossyImageCompression", "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
]  # fmt: skip


@dataclass(frozen=True)
class Slice:
    """One picture of a file as its header describes it; a multi-frame file gives several."""

    path: Path
    instance_uid: str
    frame: int
    frame_count: int
    rows: int
    columns: int
    acquisition: int
    instance: int
    position_lps_mm: tuple[float, float, float] | None
    orientation: tuple[float, ...] | None
    spacing_mm: tuple[float, float] | None
    thickness_mm: float | None
    slope: float | None
    intercept: float | None
    padding: tuple[int, int] | None
    window: tuple[float, float] | None
    bits_allocated: int
    bits_stored: int
    is_signed: bool
    samples: int
    transfer_syntax: str
    is_lossy: bool
    has_pixels: bool
    pixel_offset: int


@dataclass(frozen=True)
class SeriesHead:
    """What all slices of a series share."""

    study_uid: str
    series_uid: str
    series_number: int
    modality: str
    description: str
    kernel: str
    rescale_type: str
    has_frame_of_reference: bool


@dataclass
class Group:
    """Slices of one series, size, pixel spacing and orientation: what may be a volume."""

    key: str
    head: SeriesHead
    slices: list[Slice]

    @property
    def first(self) -> Slice:
        return self.slices[0]

    def stack(self) -> SliceStack:
        """The slices sorted along their normal.

        Raises
        ------
        GeometryError
            When position, orientation or spacing is missing or makes no sense.
        """
        missing = [s.path.name for s in self.slices if s.position_lps_mm is None or s.orientation is None]
        if missing:
            raise GeometryError(
                worded(
                    "{number} of {count} slices do not say where they lie in the patient (first {file}).",
                    number=len(missing),
                    count=len(self.slices),
                    file=missing[0],
                )
            )
        if self.first.spacing_mm is None:
            raise GeometryError(worded("The slices do not give their pixel spacing (first {file}).", file=self.first.path.name))
        assert self.first.orientation is not None
        positions = np.array([s.position_lps_mm for s in self.slices], dtype=float)
        return stack_slices(positions, np.array(self.first.orientation))


@dataclass
class Findings:
    """What lies in a folder: groups of slices, other objects by name, files that could not be examined."""

    groups: list[Group] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    file_count: int = 0


#: Called with (files done, files in all).
Watcher = Callable[[int, int], None]
#: Gives a context in which a file is touched.
Touching = Callable[[Path], AbstractContextManager[object]]


def unwatched(done: int, count: int) -> None:
    """Watch nothing."""


def find_beside(
    path: Path, watch: Watcher = unwatched, skip: frozenset[str] = frozenset(), *, touching: Touching = nullcontext
) -> Findings:
    """The series to which one file belongs, from that file and those beside it; all below its folder for a DICOMDIR.

    Raises
    ------
    ImageReadError
        As `find_series`.
    """
    if path.name.upper() == "DICOMDIR":
        return find_series(path.parent, watch, skip, touching=touching)
    alone = find_series(path, watch, skip, touching=touching)
    if not alone.groups or alone.groups[0].first.frame_count > 1:
        return alone
    beside = find_series(path.parent, watch, skip, is_deep=False, touching=touching)
    beside.groups = [group for group in beside.groups if any(one.path == path for one in group.slices)]
    return beside


def find_series(
    root: Path,
    watch: Watcher = unwatched,
    skip: frozenset[str] = frozenset(),
    *,
    is_deep: bool = True,
    touching: Touching = nullcontext,
) -> Findings:
    """Examine a file or every file below a folder; without `is_deep` only those directly in it.

    Parameters
    ----------
    skip
        Paths not to touch: they ended an earlier examination.

    Raises
    ------
    ImageReadError
        When the folder cannot be listed or holds too many files.
    """
    files = [root] if root.is_file() else sorted(_files_below(root, is_deep, watch))
    findings = Findings(file_count=len(files))
    found: list[tuple[SeriesHead, list[Slice]]] = []
    for number, path in enumerate(files):
        watch(number, len(files))
        if str(path) in skip:
            findings.unreadable.append(worded("{file}: examining it crashed the reader", file=path.name))
            continue
        try:
            with touching(path):
                entry = _examine(path)
        except FOREIGN_ERRORS as error:
            findings.unreadable.append(
                worded("{file}: its header is damaged ({kind})", file=path.name, kind=type(error).__name__)
            )
            continue
        except ImageReadError as error:
            findings.unreadable.append(str(error))
            continue
        if isinstance(entry, str):
            findings.others[entry] += 1
        elif entry is not None:
            found.append(entry)
    findings.groups = _grouped(found)
    return findings


def number_or_none(value: object) -> float | None:
    """A finite number from a header element, or None."""
    try:
        number = float(value)  # type: ignore[arg-type]  # anything may stand in a header
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _files_below(root: Path, is_deep: bool, watch: Watcher) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise ImageReadError(
            worded("The folder {folder} cannot be listed: {reason}.", folder=root, reason=error.strerror)
        ) from error

    count = 0
    for folder, deeper, names in os.walk(root, onerror=refuse):
        if not is_deep:
            deeper.clear()
        for name in names:
            if name.startswith("."):
                continue
            count += 1
            watch(0, count)  # a sign of life: on a network drive the names alone can take minutes
            if count > MOST_FILES:
                raise ImageReadError(
                    worded(
                        "{folder} holds more than {most} files: choose the folder of one study.",
                        folder=root,
                        most=MOST_FILES,
                    )
                )
            path = Path(folder, name)
            if path.is_file():
                yield path


def _examine(path: Path) -> tuple[SeriesHead, list[Slice]] | str | None:
    """Head and slices of an image, the name of another object, or None for what is no DICOM."""
    with path.open("rb", buffering=0) as stream:
        head = stream.read(HEAD_BYTES)
    quick = quick_header(head)
    if quick is not None:
        return _described(path, quick, quick.pixel_offset)
    has_preamble = head[128:132] == b"DICM"
    if not has_preamble and not (head[:2] in (b"\x08\x00", b"\x02\x00") and head[3:4] == b"\x00"):
        return None
    from pydicom import dcmread
    from pydicom.errors import BytesLengthException, InvalidDicomError

    if (begin := deflated_from(head)) is not None:
        require_modest_deflate(path, begin)
    try:
        with BoundedReader(path) as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = dcmread(stream, stop_before_pixels=True, force=not has_preamble, specific_tags=TAGS)
            return _described(path, data, _pixel_offset(stream))
    except InvalidDicomError:
        return None
    except BytesLengthException as error:
        raise ValueError from error


def _described(path: Path, data: Any, pixel_offset: int) -> tuple[SeriesHead, list[Slice]] | str | None:
    meta = getattr(data, "file_meta", {})
    sop_class = str(data.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID") or "")
    if sop_class == DIRECTORY_CLASS:
        return None
    modality = VOLUME_CLASSES.get(sop_class) if sop_class else _pictured_modality(data)
    if not sop_class and modality is None:
        return None
    if modality is None:
        return CLASS_NAMES.get(sop_class) or _class_name(sop_class)
    image_type = [str(part).upper() for part in _many(data.get("ImageType"))]
    if "LOCALIZER" in image_type:
        return worded("CT localiser") if modality == "CT" else "localiser"
    if CAPTURE_WORDS.intersection(image_type) or int(number_or_none(data.get("SamplesPerPixel")) or 1) > 1:
        return worded("{modality} screen picture", modality=modality)
    kernel = " ".join(str(part) for part in _many(data.get("ConvolutionKernel")))
    head = SeriesHead(
        study_uid=str(data.get("StudyInstanceUID", "") or ""),
        series_uid=_line(data.get("SeriesInstanceUID")),
        series_number=int(number_or_none(data.get("SeriesNumber")) or 0),
        modality=_line(data.get("Modality")) or modality,
        description=_line(data.get("SeriesDescription")),
        kernel=_line(kernel),
        rescale_type=_line(_look(_levels(data, 0), "RescaleType", "PixelValueTransformationSequence")),
        has_frame_of_reference=bool(data.get("FrameOfReferenceUID")),
    )
    return head, _slices_of(path, data, pixel_offset)


def _pictured_modality(data: Any) -> str | None:
    """What a picture is of that does not say what object it is, as tools leave it that strip too much."""
    modality = _line(data.get("Modality"))
    return modality if data.get("Rows") and data.get("Columns") and modality in VOLUME_CLASSES.values() else None


def _class_name(sop_class: str) -> str:
    from pydicom.uid import UID

    name = UID(sop_class).name if re.fullmatch(r"[0-9.]{1,64}", sop_class) else ""
    return name if name and name != sop_class else worded("object of an unknown kind")


def _line(value: Any) -> str:
    """Text of a header as one line without control characters, not longer than the standard's longest."""
    text = str(value or "")
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())[:128]


def _slices_of(path: Path, data: Any, pixel_offset: int) -> list[Slice]:
    count = max(1, int(number_or_none(data.get("NumberOfFrames")) or 1))
    if count > min(MOST_FRAMES, max(1, path.stat().st_size // 2)):
        raise ValueError(f"{count} frames")
    per_frame = data.get("PerFrameFunctionalGroupsSequence") or []
    if count > 1 and len(per_frame) not in (0, count):
        raise ValueError(f"{count} frames but {len(per_frame)} descriptions")
    return [_one_slice(path, data, _levels(data, n), (n, count), pixel_offset) for n in range(count)]


def _levels(data: Any, frame: int) -> list[Any]:
    """Where an attribute of a frame may stand: in its own groups, the shared ones, the data set itself."""
    per_frame = data.get("PerFrameFunctionalGroupsSequence") or []
    shared = _first(data.get("SharedFunctionalGroupsSequence"))
    return [per_frame[frame] if frame < len(per_frame) else None, shared, data]


def _one_slice(path: Path, data: Any, levels: list[Any], frame: tuple[int, int], pixel_offset: int) -> Slice:
    slope = _look(levels, "RescaleSlope", "PixelValueTransformationSequence")
    intercept = _look(levels, "RescaleIntercept", "PixelValueTransformationSequence")
    spacing = _numbers(_look(levels, "PixelSpacing", "PixelMeasuresSequence"), 2)
    window_width = number_or_none(_first(_many(_look(levels, "WindowWidth", "FrameVOILUTSequence"))))
    window_level = number_or_none(_first(_many(_look(levels, "WindowCenter", "FrameVOILUTSequence"))))
    syntax = re.sub(r"[^0-9.]", "", str(getattr(data, "file_meta", {}).get("TransferSyntaxUID", ""))) or "1.2.840.10008.1.2"
    position = _numbers(_look(levels, "ImagePositionPatient", "PlanePositionSequence"), 3)
    is_signed = bool(data.get("PixelRepresentation", 0))
    bits_allocated = int(data.get("BitsAllocated", 16) or 16)
    return Slice(
        path=path,
        instance_uid=str(data.get("SOPInstanceUID", "") or ""),
        frame=frame[0],
        frame_count=frame[1],
        rows=int(data.get("Rows", 0) or 0),
        columns=int(data.get("Columns", 0) or 0),
        acquisition=int(number_or_none(data.get("AcquisitionNumber")) or 0),
        instance=int(number_or_none(data.get("InstanceNumber")) or 0),
        position_lps_mm=(position[0], position[1], position[2]) if position else None,
        orientation=_numbers(_look(levels, "ImageOrientationPatient", "PlaneOrientationSequence"), 6),
        spacing_mm=(spacing[0], spacing[1]) if spacing and min(spacing) > 0 else None,
        thickness_mm=number_or_none(_look(levels, "SliceThickness", "PixelMeasuresSequence")),
        slope=number_or_none(slope),
        intercept=number_or_none(intercept),
        padding=_padding(data, is_signed=is_signed, bits=bits_allocated),
        window=(window_width, window_level) if window_width and window_level is not None else None,
        bits_allocated=bits_allocated,
        bits_stored=int(data.get("BitsStored", bits_allocated) or bits_allocated),
        is_signed=is_signed,
        samples=int(data.get("SamplesPerPixel", 1) or 1),
        transfer_syntax=syntax,
        is_lossy=str(data.get("LossyImageCompression", "")) == "01",
        has_pixels=pixel_offset > 0 or syntax == DEFLATED,
        pixel_offset=pixel_offset,
    )


def _pixel_offset(stream: Any) -> int:
    """Where the element Pixel Data begins in the file, 0 when it does not follow the header (or cannot be seen: deflated)."""
    place = int(stream.tell())
    tag = stream.read(4)
    return place if tag in (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10") else 0


def _look(levels: list[Any], name: str, sequence: str) -> Any:
    """An attribute from the frame's own groups, else the shared ones, else the data set itself."""
    for level in levels:
        if level is None:
            continue
        item = _first(level.get(sequence)) if sequence in level else None
        value = item.get(name) if item is not None else level.get(name)
        if value is not None:
            return value
    return None


def _padding(data: Any, *, is_signed: bool, bits: int) -> tuple[int, int] | None:
    """Lowest and highest stored value that mean 'no pixel'. Written as unsigned or signed, whatever the pixels are."""
    first = data.get("PixelPaddingValue")
    if not isinstance(first, int):
        return None
    last = data.get("PixelPaddingRangeLimit")
    pair = sorted(_as_stored(v, is_signed=is_signed, bits=bits) for v in (first, last if isinstance(last, int) else first))
    return pair[0], pair[1]


def _as_stored(value: int, *, is_signed: bool, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if is_signed and value >= 1 << (bits - 1) else value


def _numbers(value: Any, count: int) -> tuple[float, ...] | None:
    numbers = [number_or_none(v) for v in _many(value)]
    return tuple(v for v in numbers if v is not None) if len(numbers) == count and None not in numbers else None


def _many(value: Any) -> list[Any]:
    if value is None or isinstance(value, str | bytes):
        return [] if not value else [value]
    try:
        return list(value)
    except TypeError:
        return [value]


def _first(value: Any) -> Any:
    return value[0] if value else None


def _grouped(found: list[tuple[SeriesHead, list[Slice]]]) -> list[Group]:
    """Slices by series, size, pixel spacing and orientation. Keys are the series' UID, from the second group on with '#2'."""
    groups: list[Group] = []
    by_series: dict[tuple[object, ...], list[Group]] = {}
    for head, slices in found:
        multi_frame = str(slices[0].path) if slices[0].frame_count > 1 else ""
        series = (head.series_uid or (head.study_uid, head.series_number, head.description), head.modality, multi_frame)
        for one in slices:
            candidates = by_series.setdefault(series, [])
            group = next((g for g in candidates if _belongs(one, g.first)), None)
            if group is None:
                group = Group(key="", head=head, slices=[])
                candidates.append(group)
                groups.append(group)
            group.slices.append(one)
    used: Counter[str] = Counter()
    for group in groups:
        uid = group.head.series_uid or f"no-series-uid-{group.head.series_number}"
        used[uid] += 1
        group.key = uid if used[uid] == 1 else f"{uid}#{used[uid]}"
    return groups


def _belongs(one: Slice, first: Slice) -> bool:
    return (
        (one.rows, one.columns) == (first.rows, first.columns)
        and _close(one.spacing_mm, first.spacing_mm, SAME_SPACING_MM)
        and _close(one.orientation, first.orientation, SAME_COSINES)
    )


def _close(one: tuple[float, ...] | None, other: tuple[float, ...] | None, tolerance: float) -> bool:
    if one is None or other is None:
        return one is other
    differences: NDArray[np.float64] = np.abs(np.subtract(one, other))
    return bool(differences.max() <= tolerance)
