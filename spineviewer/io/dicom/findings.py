"""CT series found among DICOM files: headers are read one by one and grouped.

No pixels are decoded here. Runs in the child process.
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
from spineviewer.io.dicom.quick_header import (
    DEFLATED,
    HEAD_BYTES,
    UNDEFINED,
    PixelElement,
    QuickHeader,
    deflated_from,
    last_digit,
    number_in,
    pixel_element,
    quick_header,
)
from spineviewer.io.dicom.slices import SliceStack, stack_slices
from spineviewer.io.sandbox.bounded import BoundedReader, require_modest_deflate
from spineviewer.wording import worded

#: Choice: more files than any study has.
MAX_FILES = 100_000
#: Choice: more frames than any object has. Each takes at least two bytes of its file.
MAX_FRAMES = 50_000
#: Image types of screen captures and reference pictures that are stored as CT slices.
CAPTURE_WORDS = frozenset({
    "SCREEN SAVE", "SCREENSAVE", "SCREEN_SAVE", "REFERENCE", "DOSE INFO", "DOSE_INFO",
    "DOSE REPORT", "CAPTURE",
})  # fmt: skip
#: Direction cosines that differ by less than this count as the same (0.06 degrees).
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
#: Exceptions that pydicom and the codecs raise on damaged files.
FOREIGN_ERRORS = (
    OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, EOFError,
    ArithmeticError, AssertionError, struct.error, zlib.error,
)  # fmt: skip
DIRECTORY_CLASS = "1.2.840.10008.1.3.10"
#: Attributes that distinguish the acquisitions of one series, each with its sequence if it is in
#: one. The first that separates mixed slices is used.
PASS_MARKS = (
    ("FrameOfReferenceUID", ""),
    ("StackID", "FrameContentSequence"),
    ("TemporalPositionIndex", "FrameContentSequence"),
    ("TemporalPositionIdentifier", ""),
    ("FrameAcquisitionNumber", "FrameContentSequence"),
    ("AcquisitionNumber", ""),
    ("NominalPercentageOfCardiacPhase", "CardiacSynchronizationSequence"),
    ("NominalCardiacTriggerDelayTime", "CardiacSynchronizationSequence"),
    ("TriggerTime", ""),
    ("EchoNumbers", ""),
    ("EchoTime", ""),
    ("KVP", ""),
    ("ConvolutionKernel", ""),
    ("ImageType", ""),
    ("FrameType", "CTImageFrameTypeSequence"),
    ("SeriesDescription", ""),
    ("AcquisitionDateTime", ""),
    ("FrameAcquisitionDateTime", "FrameContentSequence"),
    ("AcquisitionTime", ""),
    ("ContentTime", ""),
)
#: Choice: a display window with larger values is not meant for CT.
MAX_WINDOW_HU = 100_000
#: Value representations whose numbers are stored in binary.
BINARY_NUMBERS = frozenset({"FL", "FD", "SS", "US", "SL", "UL", "SV", "UV"})
GREY = frozenset({"", "MONOCHROME1", "MONOCHROME2"})
COLOURS = frozenset({
    "RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420",
    "YBR_ICT", "YBR_RCT", "HSV", "ARGB", "CMYK", "XYB",
})  # fmt: skip
#: Names of the attributes that place a slice, by keyword.
_PLACEMENT = {
    "ImagePositionPatient": "Image Position (Patient)",
    "ImageOrientationPatient": "Image Orientation (Patient)",
}
CLASS_NAMES = {"1.2.840.10008.5.1.4.1.1.66.7": "Label Map Segmentation Storage"}
TAGS = [
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber",
    "InstanceNumber", "Modality", "SeriesDescription", "ImageType", "Rows", "Columns",
    "PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient", "SliceThickness",
    "RescaleSlope", "RescaleIntercept", "RescaleType", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation", "SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames",
    "PixelPaddingValue", "PixelPaddingRangeLimit", "WindowCenter", "WindowWidth",
    "ConvolutionKernel", "FrameOfReferenceUID", "AcquisitionNumber", "AcquisitionDateTime",
    "AcquisitionTime", "ContentTime", "TriggerTime", "EchoTime", "EchoNumbers", "KVP",
    "TemporalPositionIdentifier", "PatientPosition", "LossyImageCompression",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "ConcatenationUID",
    "InConcatenationNumber", "InConcatenationTotalNumber", "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
]  # fmt: skip


@dataclass(frozen=True)
class Slice:
    """One slice of a file as its header describes it; a multi-frame file yields several.

    Attributes
    ----------
    rounding_lps_mm
        Value of one unit in the last written digit of each coordinate of the position.
    invalid
        Attributes whose value is not of the required form (a number, two numbers …).
    is_signed
        None if the header does not state it.
    frame_offsets
        Extended Offset Table and its lengths, as stored.
    object_uid
        Identifies the parts of a multi-frame object: the UID of the concatenation, or of the file
        itself.
    part
        Number of this part of a concatenation, and the number of parts; 0 if not stated.
    marks
        Values of `PASS_MARKS` as text, and `object_uid` last.
    """

    path: Path
    class_uid: str
    instance_uid: str
    frame: int
    frame_count: int
    rows: int
    columns: int
    acquisition: int
    instance: int
    position_lps_mm: tuple[float, float, float] | None
    rounding_lps_mm: tuple[float, float, float]
    orientation: tuple[float, ...] | None
    spacing_mm: tuple[float, float] | None
    thickness_mm: float | None
    slope: float | None
    intercept: float | None
    invalid: tuple[str, ...]
    padding: tuple[int, int] | None
    window: tuple[float, float] | None
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool | None
    samples: int
    is_inverted: bool
    transfer_syntax: str
    is_lossy: bool
    pixels: PixelElement | None
    frame_offsets: tuple[bytes, bytes] | None
    frame_of_reference: str
    object_uid: str
    part: tuple[int, int]
    marks: tuple[str, ...]

    @property
    def has_pixels(self) -> bool:
        """Whether the file holds pixels; assumed for a deflated file until it is unpacked."""
        return self.pixels is not None or self.transfer_syntax == DEFLATED

    @property
    def name_pattern(self) -> Path:
        """The path, without the numbers in the file name."""
        return _name_pattern(self.path)


def _name_pattern(path: Path) -> Path:
    """Return the part of a path that all slices of one series usually share."""
    return path.with_name(re.sub(r"\d+", "#", path.name))


@dataclass(frozen=True)
class SeriesHead:
    """Attributes that all slices of a series share."""

    study_uid: str
    series_uid: str
    series_number: int
    modality: str
    description: str
    kernel: str
    rescale_type: str


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be examined, and the reason: a sentence that names the file."""

    path: Path
    reason: str

    @property
    def name_pattern(self) -> Path:
        """The path, without the numbers in the file name."""
        return _name_pattern(self.path)


@dataclass
class Group:
    """Slices with the same series, size, pixel spacing and orientation: a candidate for a volume.

    Attributes
    ----------
    unreadable
        Files in the same folders that could not be examined and may belong to this series.
    """

    key: str
    head: SeriesHead
    slices: list[Slice]
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def first(self) -> Slice:
        return self.slices[0]

    def stack(self) -> SliceStack:
        """Return the slices sorted along their normal.

        Raises
        ------
        GeometryError
            When position, orientation or spacing is missing or invalid.
        """
        if (fault := self._fault("ImagePositionPatient", "position_lps_mm")) or (
            fault := self._fault("ImageOrientationPatient", "orientation")
        ):
            raise GeometryError(fault)
        if fault := self._fault("PixelSpacing", "spacing_mm"):
            raise GeometryError(fault)
        assert self.first.orientation is not None
        positions = np.array([s.position_lps_mm for s in self.slices], dtype=float)
        roundings = np.array([s.rounding_lps_mm for s in self.slices], dtype=float)
        return stack_slices(positions, np.array(self.first.orientation), roundings)

    def _fault(self, keyword: str, name: str) -> str:
        """Return why slices cannot be placed (attribute missing or invalid); empty if all can."""
        without = [one for one in self.slices if getattr(one, name) is None]
        if not without:
            return ""
        first = without[0]
        told = {"number": len(without), "count": len(self.slices), "file": first.path.name}
        if keyword in first.invalid:
            if keyword == "PixelSpacing":
                return worded(
                    "Pixel Spacing does not consist of two positive numbers in {number} "
                    "of {count} slices (first: {file}).",
                    **told,
                )
            return worded(
                "The position or orientation of {number} of {count} slices does not consist of "
                "valid numbers (first: {file}).",
                **told,
            )
        if keyword == "PixelSpacing":
            return worded(
                "The slices do not state their pixel spacing (first: {file}).", file=first.path.name
            )
        return worded(
            "{attribute} is missing from {number} of {count} slices (first: {file}).",
            attribute=_PLACEMENT[keyword],
            **told,
        )


@dataclass
class Findings:
    """Contents of a folder: groups of slices, other objects by name, unreadable files."""

    groups: list[Group] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    unreadable: list[Unreadable] = field(default_factory=list)
    file_count: int = 0


#: Called with (files done, total number of files).
Watcher = Callable[[int, int], None]
#: Returns the context in which a file is opened.
Touching = Callable[[Path], AbstractContextManager[object]]


def unwatched(_done: int, _count: int) -> None:
    """Ignore the progress."""


def find_beside(
    path: Path,
    watch: Watcher = unwatched,
    skip: frozenset[str] = frozenset(),
    *,
    touching: Touching = nullcontext,
) -> Findings:
    """Find the series of a file by examining the file and those in its folder.

    For a DICOMDIR, everything below its folder is examined.

    Raises
    ------
    ImageReadError
        Under the same conditions as in `find_series`.
    """
    if path.name.upper() == "DICOMDIR":
        return find_series(path.parent, watch, skip, touching=touching)
    alone = find_series(path, watch, skip, touching=touching)
    if not alone.groups or alone.groups[0].first.frame_count > 1:
        return alone
    beside = find_series(path.parent, watch, skip, is_deep=False, touching=touching)
    beside.groups = [
        group for group in beside.groups if any(one.path == path for one in group.slices)
    ]
    return beside


def find_series(
    root: Path,
    watch: Watcher = unwatched,
    skip: frozenset[str] = frozenset(),
    *,
    is_deep: bool = True,
    touching: Touching = nullcontext,
) -> Findings:
    """Examine a file or every file below a folder.

    Parameters
    ----------
    skip
        Paths that are not opened, because they crashed an earlier examination.
    is_deep
        Whether subfolders are examined.

    Raises
    ------
    ImageReadError
        When the folder cannot be listed or holds too many files.
    """
    files = [root] if root.is_file() else sorted(_files_below(root, is_deep, watch))
    findings = Findings(file_count=len(files))
    found: list[tuple[SeriesHead, list[Slice]]] = []
    strangers: list[Unreadable] = []

    def refuse(path: Path, reason: str) -> None:
        findings.unreadable.append(Unreadable(path, reason))

    for number, path in enumerate(files):
        watch(number, len(files))
        if str(path) in skip:
            refuse(path, worded("{file}: examining it crashed the file reader", file=path.name))
            continue
        try:
            with touching(path):
                entry = _examine(path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            refuse(path, worded("{file} cannot be read: {reason}.", file=path.name, reason=reason))
        except FOREIGN_ERRORS as error:
            kind = type(error).__name__
            refuse(
                path, worded("{file}: its header is damaged ({kind})", file=path.name, kind=kind)
            )
        except ImageReadError as error:
            refuse(path, str(error))
        else:
            if isinstance(entry, str):
                findings.others[entry] += 1
            elif entry is not None:
                found.append(entry)
            elif path.name.upper() != "DICOMDIR":
                reason = worded("{file} is not a DICOM file.", file=path.name)
                strangers.append(Unreadable(path, reason))
    findings.groups = _grouped(found)
    # An unknown file that is named like a slice beside it is probably a damaged slice.
    patterns = {slices[0].name_pattern for _, slices in found}
    findings.unreadable.extend(one for one in strangers if one.name_pattern in patterns)
    findings.unreadable.sort(key=lambda one: one.path)
    for group in findings.groups:
        folders = {one.path.parent for one in group.slices}
        group.unreadable = [one for one in findings.unreadable if one.path.parent in folders]
    return findings


def _require_whole(path: Path, first: Slice) -> None:
    """Reject files that are truncated, such as interrupted copies, without reading pixels."""
    if not first.has_pixels:
        raise ImageReadError("{file} is truncated or contains no pixel data.", file=path.name)
    if first.pixels is None or first.pixels.length == UNDEFINED:
        return
    size = path.stat().st_size
    if first.pixels.begin + first.pixels.length > size:
        raise ImageReadError(
            "{file} is truncated: it should contain {promised} bytes of pixel data, but "
            "only {there} are present.",
            file=path.name,
            promised=first.pixels.length,
            there=max(0, size - first.pixels.begin),
        )


def with_decimal_points(data: Any) -> Any:
    """Replace commas in the decimal strings (DS) of a pydicom data set with points, in place.

    Code that copies numbers of the source, such as highdicom, would raise on a comma.
    """
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    for tag in list(data.keys()):
        element = data.get_item(tag)
        kind = dictionary_VR(tag) if dictionary_has_tag(tag) else element.VR
        if kind == "DS" and isinstance(element.value, bytes) and b"," in element.value:
            data[tag] = element._replace(value=element.value.replace(b",", b"."))
        elif kind == "SQ":
            for item in data[tag].value:
                with_decimal_points(item)
    return data


def _files_below(root: Path, is_deep: bool, watch: Watcher) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise ImageReadError(
            "The folder {folder} cannot be listed: {reason}.", folder=root, reason=error.strerror
        ) from error

    count = 0
    for folder, deeper, names in os.walk(root, onerror=refuse):
        if not is_deep:
            deeper.clear()
        for name in names:
            if name.startswith("."):
                continue
            count += 1
            watch(0, count)  # listing the names on a network drive can take minutes
            if count > MAX_FILES:
                raise ImageReadError(
                    "{folder} contains more than {most} files. Choose the folder of one study.",
                    folder=root,
                    most=MAX_FILES,
                )
            path = Path(folder, name)
            is_broken_link = path.is_symlink() and not path.exists()  # a missing slice
            if path.is_file() or is_broken_link:
                yield path


def _examine(path: Path) -> tuple[SeriesHead, list[Slice]] | str | None:
    """Return head and slices of an image, the name of another object, or None if not DICOM."""
    with path.open("rb", buffering=0) as stream:
        head = stream.read(HEAD_BYTES)
    quick = quick_header(head)
    if not head:
        raise ImageReadError("{file} is empty (0 bytes).", file=path.name)
    if quick is not None:
        return _described(path, quick, quick.pixels)
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
            data = dcmread(
                stream, stop_before_pixels=True, force=not has_preamble, specific_tags=TAGS
            )
            return _described(path, data, _pixels_behind(stream, data))
    except InvalidDicomError:
        return None
    except BytesLengthException as error:
        raise ValueError from error


def _described(
    path: Path, data: Any, pixels: PixelElement | None
) -> tuple[SeriesHead, list[Slice]] | str | None:
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
    if CAPTURE_WORDS.intersection(image_type):
        return worded("{modality} screen capture", modality=modality)
    if colour := _colour(data):
        return worded("{modality} colour image ({colour})", modality=modality, colour=colour)
    slices = _slices_of(path, data, pixels)
    _require_whole(path, slices[0])
    head = SeriesHead(
        study_uid=str(data.get("StudyInstanceUID", "") or ""),
        series_uid=_line(data.get("SeriesInstanceUID")),
        series_number=_whole(data, "SeriesNumber"),
        modality=_line(data.get("Modality")) or modality,
        description=_line(data.get("SeriesDescription")),
        kernel=_line(" ".join(str(part) for part in _many(data.get("ConvolutionKernel")))),
        rescale_type=_line(
            _look(_levels(data, 0), "RescaleType", "PixelValueTransformationSequence")
        ),
    )
    return head, slices


def _colour(data: Any) -> str:
    """Return what makes an image coloured or indexed; empty if its values may be HU."""
    interpretation = _line(data.get("PhotometricInterpretation")).upper()
    samples = int(data.get("SamplesPerPixel", 1) or 1)
    if interpretation in GREY and samples == 1:
        return ""
    if interpretation in COLOURS:
        return interpretation
    return (
        worded("%n sample(s) per pixel", "", samples)
        if samples > 1
        else worded("unknown photometric interpretation")
    )


def _pictured_modality(data: Any) -> str | None:
    """Return the modality of an image without a SOP class, which some anonymisers remove."""
    modality = _line(data.get("Modality"))
    return (
        modality
        if data.get("Rows") and data.get("Columns") and modality in VOLUME_CLASSES.values()
        else None
    )


def _class_name(sop_class: str) -> str:
    from pydicom.uid import UID

    name = UID(sop_class).name if re.fullmatch(r"[0-9.]{1,64}", sop_class) else ""
    return name if name and name != sop_class else worded("object of an unknown kind")


def _line(value: Any) -> str:
    """Return a header's text as one line of at most 128 printable characters."""
    text = str(value or "")
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())[:128]


def _slices_of(path: Path, data: Any, pixels: PixelElement | None) -> list[Slice]:
    count = max(1, _whole(data, "NumberOfFrames"))
    if count > min(MAX_FRAMES, max(1, path.stat().st_size // 2)):
        raise ValueError(f"{count} frames")
    per_frame = data.get("PerFrameFunctionalGroupsSequence") or []
    if count > 1 and len(per_frame) not in (0, count):
        raise ValueError(f"{count} frames but {len(per_frame)} descriptions")
    return [_one_slice(path, data, _levels(data, n), (n, count), pixels) for n in range(count)]


def _levels(data: Any, frame: int) -> list[Any]:
    """Return where an attribute can be: the frame's own groups, the shared ones, the data set."""
    per_frame = data.get("PerFrameFunctionalGroupsSequence") or []
    shared = _first(data.get("SharedFunctionalGroupsSequence"))
    return [per_frame[frame] if frame < len(per_frame) else None, shared, data]


def _one_slice(
    path: Path, data: Any, levels: list[Any], frame: tuple[int, int], pixels: PixelElement | None
) -> Slice:
    numbers = _Numbers(levels)
    slope = numbers.one("RescaleSlope", "PixelValueTransformationSequence")
    intercept = numbers.one("RescaleIntercept", "PixelValueTransformationSequence")
    spacing = numbers.several("PixelSpacing", "PixelMeasuresSequence", 2)
    if spacing is not None and min(spacing) <= 0:
        numbers.invalid.append("PixelSpacing")
        spacing = None
    position = numbers.several("ImagePositionPatient", "PlanePositionSequence", 3)
    orientation = numbers.several("ImageOrientationPatient", "PlaneOrientationSequence", 6)
    thickness = numbers.one("SliceThickness", "PixelMeasuresSequence")
    bits_allocated = int(data.get("BitsAllocated", 16) or 16)
    bits_stored = int(data.get("BitsStored", bits_allocated) or bits_allocated)
    high_bit = data.get("HighBit")
    representation = data.get("PixelRepresentation")
    is_signed = bool(representation) if representation in (0, 1) else None
    number, total = (
        _whole(data, "InConcatenationNumber"),
        _whole(data, "InConcatenationTotalNumber"),
    )
    object_uid = (
        (_line(data.get("ConcatenationUID")) or str(path))
        if frame[1] > 1 or number or levels[0] is not None
        else ""
    )
    return Slice(
        path=path,
        class_uid=_line(data.get("SOPClassUID")),
        instance_uid=str(data.get("SOPInstanceUID", "") or ""),
        frame=frame[0],
        frame_count=frame[1],
        rows=int(data.get("Rows", 0) or 0),
        columns=int(data.get("Columns", 0) or 0),
        acquisition=_whole(data, "AcquisitionNumber"),
        instance=_whole(data, "InstanceNumber"),
        position_lps_mm=(position[0], position[1], position[2]) if position else None,
        rounding_lps_mm=_rounding(levels) if position else (0.0, 0.0, 0.0),
        orientation=orientation,
        spacing_mm=(spacing[0], spacing[1]) if spacing else None,
        thickness_mm=thickness if thickness and thickness > 0 else None,
        slope=slope,
        intercept=intercept,
        invalid=tuple(numbers.invalid),
        padding=_padding(data, is_signed=is_signed is True, bits=bits_allocated),
        window=_window(levels),
        bits_allocated=bits_allocated,
        bits_stored=bits_stored,
        high_bit=bits_stored - 1 if high_bit is None else int(high_bit),
        is_signed=is_signed,
        samples=int(data.get("SamplesPerPixel", 1) or 1),
        is_inverted=_line(data.get("PhotometricInterpretation")).upper() == "MONOCHROME1",
        transfer_syntax=_transfer_syntax(data),
        is_lossy=str(data.get("LossyImageCompression", "")) == "01",
        pixels=pixels,
        frame_offsets=_frame_offsets(data),
        frame_of_reference=_line(data.get("FrameOfReferenceUID")),
        object_uid=object_uid,
        part=(number, total),
        marks=(*(_mark(levels, keyword, sequence) for keyword, sequence in PASS_MARKS), object_uid),
    )


def _frame_offsets(data: Any) -> tuple[bytes, bytes] | None:
    places, lengths = data.get("ExtendedOffsetTable"), data.get("ExtendedOffsetTableLengths")
    return (
        (places, lengths)
        if isinstance(places, bytes) and isinstance(lengths, bytes) and places and lengths
        else None
    )


def _transfer_syntax(data: Any) -> str:
    """Return the stated transfer syntax, or else the one with which the header could be read."""
    named = re.sub(r"[^0-9.]", "", str(getattr(data, "file_meta", {}).get("TransferSyntaxUID", "")))
    if named:
        return named
    is_implicit, is_little = data.original_encoding
    if is_implicit:
        return "1.2.840.10008.1.2"
    return "1.2.840.10008.1.2.1" if is_little else "1.2.840.10008.1.2.2"


def _pixels_behind(stream: Any, data: Any) -> PixelElement | None:
    """Return the pixel element before which pydicom stopped.

    None if there is none, or if the data set is deflated, so that it cannot be located.
    """
    if _transfer_syntax(data) == DEFLATED:
        return None
    is_implicit, is_little = data.original_encoding
    place = int(stream.tell())
    return pixel_element(stream.read(12), place, is_explicit=not is_implicit, is_little=is_little)


def _window(levels: list[Any]) -> tuple[float, float] | None:
    """Return width and level of the display window; None if they are missing or implausible.

    Widths below 1 are not allowed (PS3.3 C.11.2.1.2).
    """
    first = [
        _parts(levels, name, "FrameVOILUTSequence")[:1] for name in ("WindowWidth", "WindowCenter")
    ]
    width, level = (number_in(parts[0]) if parts else None for parts in first)
    if (
        width is None
        or level is None
        or not 1 <= width <= MAX_WINDOW_HU
        or abs(level) > MAX_WINDOW_HU
    ):
        return None
    return width, level


def _mark(levels: list[Any], keyword: str, sequence: str) -> str:
    if keyword == "SeriesDescription":  # in the file's character set
        return _line(levels[-1].get(keyword))
    return _line(" ".join(_parts(levels if sequence else levels[-1:], keyword, sequence)))


class _Numbers:
    """The numbers of one frame's header, and the names of attributes with invalid values."""

    def __init__(self, levels: list[Any]) -> None:
        self._levels = levels
        self.invalid: list[str] = []

    def one(self, keyword: str, sequence: str) -> float | None:
        """Return the only number of an attribute."""
        found = self.several(keyword, sequence, 1)
        return found[0] if found else None

    def several(self, keyword: str, sequence: str, count: int) -> tuple[float, ...] | None:
        """Return `count` numbers of an attribute."""
        parts = _parts(self._levels, keyword, sequence)
        if not any(parts):
            return None
        numbers = [number_in(part) for part in parts]
        found = tuple(number for number in numbers if number is not None)
        if len(found) == len(numbers) == count:
            return found
        self.invalid.append(keyword)
        return None


def _rounding(levels: list[Any]) -> tuple[float, float, float]:
    x, y, z = (
        last_digit(part) for part in _parts(levels, "ImagePositionPatient", "PlanePositionSequence")
    )
    return x, y, z


def _parts(levels: list[Any], keyword: str, sequence: str) -> list[str]:
    """Return the texts of a numeric attribute from the first of the `_levels` that has it."""
    for level in levels:
        if level is None:
            continue
        item = _first(level.get(sequence)) if sequence in level else None
        parts = _texts(level if item is None else item, keyword)
        if any(parts):
            return parts
    return []


def _texts(holder: Any, keyword: str) -> list[str]:
    """Return an attribute's values as text.

    The stored bytes are used, because pydicom's own number types would raise on a comma.
    """
    if isinstance(holder, QuickHeader):
        value = holder.get(keyword, "")
        return value if isinstance(value, list) else value.split("\\")
    element = holder.get_item(keyword)
    if element is None or element.value is None:
        return []
    if isinstance(element.value, bytes) and element.VR not in BINARY_NUMBERS:
        return [
            part.strip(" \0")
            for part in element.value.decode("ascii", "replace").strip(" \0").split("\\")
        ]
    return [str(value) for value in _many(holder.get(keyword))]


def _whole(data: Any, keyword: str) -> int:
    """Return an attribute's first number as an integer; 0 if there is none."""
    parts = _texts(data, keyword)
    return int(number_in(parts[0]) or 0) if parts else 0


def _look(levels: list[Any], name: str, sequence: str) -> Any:
    """Return an attribute from the first of the `_levels` that has it."""
    for level in levels:
        if level is None:
            continue
        item = _first(level.get(sequence)) if sequence in level else None
        value = item.get(name) if item is not None else level.get(name)
        if value is not None:
            return value
    return None


def _padding(data: Any, *, is_signed: bool, bits: int) -> tuple[int, int] | None:
    """Return the lowest and highest stored value that mean 'no pixel'.

    Headers give them as signed or unsigned, independently of the pixels.
    """
    first = data.get("PixelPaddingValue")
    if not isinstance(first, int):
        return None
    last = data.get("PixelPaddingRangeLimit")
    pair = sorted(
        _as_stored(v, is_signed=is_signed, bits=bits)
        for v in (first, last if isinstance(last, int) else first)
    )
    return pair[0], pair[1]


def _as_stored(value: int, *, is_signed: bool, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if is_signed and value >= 1 << (bits - 1) else value


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
    """Return slices grouped by series, size, pixel spacing and orientation.

    The key of a group is the UID of its series, with '#2', '#3' for further groups of a series.
    """
    groups: list[Group] = []
    by_series: dict[tuple[object, ...], list[Group]] = {}
    for head, slices in found:
        series = (_series_of(head), head.modality, slices[0].object_uid)
        for one in slices:
            candidates = by_series.setdefault(series, [])
            group = next((g for g in candidates if _belongs(one, g.first)), None)
            if group is None:
                group = Group(key="", head=head, slices=[])
                candidates.append(group)
                groups.append(group)
            group.slices.append(one)
    groups = _joined(groups)
    used: Counter[str] = Counter()
    for group in groups:
        uid = group.head.series_uid or f"no-series-uid-{group.head.series_number}"
        used[uid] += 1
        group.key = uid if used[uid] == 1 else f"{uid}#{used[uid]}"
    return groups


def _series_of(head: SeriesHead) -> object:
    return head.series_uid or (head.study_uid, head.series_number, head.description)


def _joined(groups: list[Group]) -> list[Group]:
    """Return the groups, with adjoining multi-frame objects of one series merged.

    They must share the frame of reference. Objects that overlap stay separate: they are phases or
    reconstructions, each of which is its own volume.
    """
    joined: list[Group] = []
    for group in groups:
        before = next((other for other in joined if _adjoins(other, group)), None)
        if before is None:
            joined.append(group)
        else:
            before.slices.extend(group.slices)
    return joined


def _adjoins(group: Group, other: Group) -> bool:
    """Return whether two multi-frame objects are adjacent parts of one stack."""
    one, first = other.first, group.first
    are_of_one_series = (
        _series_of(group.head) == _series_of(other.head)
        and group.head.modality == other.head.modality
        and one.frame_of_reference == first.frame_of_reference != ""
    )
    if not (are_of_one_series and one.object_uid and first.object_uid and _belongs(one, first)):
        return False
    if None in (one.orientation, one.spacing_mm) or any(
        s.position_lps_mm is None for s in (*group.slices, *other.slices)
    ):
        return False
    normal = np.cross(first.orientation[:3], first.orientation[3:])  # type: ignore[index]  # not None: checked above
    heights = [
        np.array([s.position_lps_mm for s in part.slices]) @ normal for part in (group, other)
    ]
    return bool(heights[0].max() < heights[1].min() or heights[1].max() < heights[0].min())


def _belongs(one: Slice, first: Slice) -> bool:
    return (
        (one.rows, one.columns) == (first.rows, first.columns)
        and _close(one.spacing_mm, first.spacing_mm, SAME_SPACING_MM)
        and _close(one.orientation, first.orientation, SAME_COSINES)
    )


def _close(
    one: tuple[float, ...] | None, other: tuple[float, ...] | None, tolerance: float
) -> bool:
    if one is None or other is None:
        return one is other
    differences: NDArray[np.float64] = np.abs(np.subtract(one, other))
    return bool(differences.max() <= tolerance)
