"""The header of a DICOM file: its series and its slices, without reading pixels."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spineviewer.errors import ImageReadError, empty_file
from spineviewer.io.dicom.quick_header import (
    DEFLATED,
    HEAD_BYTES,
    UNDEFINED,
    PixelElement,
    QuickHeader,
    deflated_offset,
    last_digit_unit,
    parse_number,
    pixel_element,
    quick_header,
)
from spineviewer.io.sandbox.bounded import BoundedReader, check_unpacked_size
from spineviewer.wording import worded

#: Choice: more frames than any object has. Each takes at least two bytes of its file.
MAX_FRAMES = 50_000
#: Image types of screen captures and reference pictures that are stored as CT slices.
CAPTURE_WORDS = frozenset({
    "SCREEN SAVE", "SCREENSAVE", "SCREEN_SAVE", "REFERENCE", "DOSE INFO", "DOSE_INFO",
    "DOSE REPORT", "CAPTURE",
})  # fmt: skip
VOLUME_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.2.1": "CT",
    "1.2.840.10008.5.1.4.1.1.2.2": "CT",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.4.1": "MR",
    "1.2.840.10008.5.1.4.1.1.4.4": "MR",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
}
DIRECTORY_CLASS = "1.2.840.10008.1.3.10"
#: Attributes that distinguish the acquisitions of one series, each with its sequence if it is in
#: one. The first that separates mixed slices is used.
PASS_ATTRIBUTES = (
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
#: Names of the attributes that give a slice's position and orientation, by keyword.
PLACEMENT = {
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
    pass_values
        Values of `PASS_ATTRIBUTES` as text, and `object_uid` last.
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
    pass_values: tuple[str, ...]

    @property
    def has_pixels(self) -> bool:
        """Whether the file contains pixels; assumed for a deflated file until it is unpacked."""
        return self.pixels is not None or self.transfer_syntax == DEFLATED

    @property
    def number_free_path(self) -> Path:
        """The path, without the numbers in the file name."""
        return number_free_path(self.path)


def number_free_path(path: Path) -> Path:
    """Return the part of a path that all slices of one series usually share."""
    return path.with_name(re.sub(r"\d+", "#", path.name))


@dataclass(frozen=True)
class SeriesHeader:
    """Attributes that all slices of a series share."""

    study_uid: str
    series_uid: str
    series_number: int
    modality: str
    description: str
    kernel: str
    rescale_type: str


def _check_not_truncated(path: Path, first: Slice) -> None:
    """Reject files that are truncated, such as interrupted copies, without reading pixels."""
    if not first.has_pixels:
        raise ImageReadError(
            "{file} is truncated or contains no pixel data. Copy it again from the source.",
            file=path.name,
        )
    if first.pixels is None or first.pixels.length == UNDEFINED:
        return
    size = path.stat().st_size
    if first.pixels.begin + first.pixels.length > size:
        raise ImageReadError(
            "{file} is truncated: it should contain {declared} bytes of pixel data, but only "
            "{there} are present. Copy it again from the source.",
            file=path.name,
            declared=first.pixels.length,
            there=max(0, size - first.pixels.begin),
        )


def examine(path: Path) -> tuple[SeriesHeader, list[Slice]] | str | None:
    """Read the series attributes and the slices of an image.

    For any other DICOM object, such as a report, a localiser or a screen capture, return its name;
    for DICOMDIR and files that are not DICOM, None.

    Raises
    ------
    ImageReadError
        When the file is empty or truncated.
    """
    with path.open("rb", buffering=0) as stream:
        head = stream.read(HEAD_BYTES)
    quick = quick_header(head)
    if not head:
        raise empty_file(path)
    if quick is not None:
        return _header_and_slices(path, quick, quick.pixels)
    has_preamble = head[128:132] == b"DICM"
    if not has_preamble and not (head[:2] in (b"\x08\x00", b"\x02\x00") and head[3:4] == b"\x00"):
        return None
    from pydicom import dcmread
    from pydicom.errors import BytesLengthException, InvalidDicomError

    if (begin := deflated_offset(head)) is not None:
        check_unpacked_size(path, begin)
    try:
        with BoundedReader(path) as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = dcmread(
                stream, stop_before_pixels=True, force=not has_preamble, specific_tags=TAGS
            )
            return _header_and_slices(path, data, _pixels_after(stream, data))
    except InvalidDicomError:
        return None
    except BytesLengthException as error:
        raise ValueError from error


def _header_and_slices(
    path: Path, data: Any, pixels: PixelElement | None
) -> tuple[SeriesHeader, list[Slice]] | str | None:
    meta = getattr(data, "file_meta", {})
    sop_class = str(data.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID") or "")
    if sop_class == DIRECTORY_CLASS:
        return None
    modality = VOLUME_CLASSES.get(sop_class) if sop_class else _stated_modality(data)
    if not sop_class and modality is None:
        return None
    if modality is None:
        return CLASS_NAMES.get(sop_class) or _class_name(sop_class)
    image_type = [str(part).upper() for part in _as_list(data.get("ImageType"))]
    if "LOCALIZER" in image_type:
        return worded("CT localiser") if modality == "CT" else "localiser"
    if CAPTURE_WORDS.intersection(image_type):
        return worded("{modality} screen capture", modality=modality)
    if colour := _colour(data):
        return worded("{modality} colour image ({colour})", modality=modality, colour=colour)
    slices = _all_slices(path, data, pixels)
    _check_not_truncated(path, slices[0])
    header = SeriesHeader(
        study_uid=str(data.get("StudyInstanceUID", "") or ""),
        series_uid=_line(data.get("SeriesInstanceUID")),
        series_number=_whole_number(data, "SeriesNumber"),
        modality=_line(data.get("Modality")) or modality,
        description=_line(data.get("SeriesDescription")),
        kernel=_line(" ".join(str(part) for part in _as_list(data.get("ConvolutionKernel")))),
        rescale_type=_line(
            _first_value(
                _attribute_sources(data, 0), "RescaleType", "PixelValueTransformationSequence"
            )
        ),
    )
    return header, slices


def _colour(data: Any) -> str:
    """Describe the colours of an image; empty if its values may be HU."""
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


def _stated_modality(data: Any) -> str | None:
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


def _all_slices(path: Path, data: Any, pixels: PixelElement | None) -> list[Slice]:
    count = max(1, _whole_number(data, "NumberOfFrames"))
    if count > min(MAX_FRAMES, max(1, path.stat().st_size // 2)):
        raise ValueError(f"{count} frames")
    per_frame = data.get("PerFrameFunctionalGroupsSequence") or []
    if count > 1 and len(per_frame) not in (0, count):
        raise ValueError(f"{count} frames but {len(per_frame)} descriptions")
    return [
        _slice_at_frame(path, data, _attribute_sources(data, n), (n, count), pixels)
        for n in range(count)
    ]


def _attribute_sources(data: Any, frame: int) -> list[Any]:
    """Return where attributes may be: in the frame's groups, the shared groups, the data set."""
    per_frame = data.get("PerFrameFunctionalGroupsSequence") or []
    shared = _first(data.get("SharedFunctionalGroupsSequence"))
    return [per_frame[frame] if frame < len(per_frame) else None, shared, data]


def _slice_at_frame(
    path: Path, data: Any, sources: list[Any], frame: tuple[int, int], pixels: PixelElement | None
) -> Slice:
    numbers = _Numbers(sources)
    spacing = numbers.several("PixelSpacing", "PixelMeasuresSequence", 2)
    if spacing is not None and min(spacing) <= 0:
        numbers.invalid.append("PixelSpacing")
        spacing = None
    position = numbers.several("ImagePositionPatient", "PlanePositionSequence", 3)
    orientation = numbers.several("ImageOrientationPatient", "PlaneOrientationSequence", 6)
    thickness = numbers.single("SliceThickness", "PixelMeasuresSequence")
    bits_allocated = int(data.get("BitsAllocated", 16) or 16)
    bits_stored = int(data.get("BitsStored", bits_allocated) or bits_allocated)
    high_bit = data.get("HighBit")
    representation = data.get("PixelRepresentation")
    is_signed = bool(representation) if representation in (0, 1) else None
    part = (
        _whole_number(data, "InConcatenationNumber"),
        _whole_number(data, "InConcatenationTotalNumber"),
    )
    is_object = frame[1] > 1 or part[0] or sources[0] is not None
    object_uid = (_line(data.get("ConcatenationUID")) or str(path)) if is_object else ""
    return Slice(
        path=path,
        class_uid=_line(data.get("SOPClassUID")),
        instance_uid=str(data.get("SOPInstanceUID", "") or ""),
        frame=frame[0],
        frame_count=frame[1],
        rows=int(data.get("Rows", 0) or 0),
        columns=int(data.get("Columns", 0) or 0),
        acquisition=_whole_number(data, "AcquisitionNumber"),
        instance=_whole_number(data, "InstanceNumber"),
        position_lps_mm=(position[0], position[1], position[2]) if position else None,
        rounding_lps_mm=_rounding(sources) if position else (0.0, 0.0, 0.0),
        orientation=orientation,
        spacing_mm=(spacing[0], spacing[1]) if spacing else None,
        thickness_mm=thickness if thickness and thickness > 0 else None,
        slope=numbers.single("RescaleSlope", "PixelValueTransformationSequence"),
        intercept=numbers.single("RescaleIntercept", "PixelValueTransformationSequence"),
        invalid=tuple(numbers.invalid),
        padding=_padding(data, is_signed=is_signed is True, bits=bits_allocated),
        window=_window(sources),
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
        part=part,
        pass_values=(
            *(_pass_value(sources, keyword, sequence) for keyword, sequence in PASS_ATTRIBUTES),
            object_uid,
        ),
    )


def _frame_offsets(data: Any) -> tuple[bytes, bytes] | None:
    offsets, lengths = data.get("ExtendedOffsetTable"), data.get("ExtendedOffsetTableLengths")
    return (
        (offsets, lengths)
        if isinstance(offsets, bytes) and isinstance(lengths, bytes) and offsets and lengths
        else None
    )


def _transfer_syntax(data: Any) -> str:
    """Return the stated transfer syntax, otherwise the one with which the header could be read."""
    named = re.sub(r"[^0-9.]", "", str(getattr(data, "file_meta", {}).get("TransferSyntaxUID", "")))
    if named:
        return named
    is_implicit, is_little = data.original_encoding
    if is_implicit:
        return "1.2.840.10008.1.2"
    return "1.2.840.10008.1.2.1" if is_little else "1.2.840.10008.1.2.2"


def _pixels_after(stream: Any, data: Any) -> PixelElement | None:
    """Return the pixel element at which pydicom stopped reading.

    None if there is none, or if the data set is deflated, because then it cannot be located.
    """
    if _transfer_syntax(data) == DEFLATED:
        return None
    is_implicit, is_little = data.original_encoding
    offset = int(stream.tell())
    return pixel_element(stream.read(12), offset, is_explicit=not is_implicit, is_little=is_little)


def _window(sources: list[Any]) -> tuple[float, float] | None:
    """Return width and level of the display window; None if they are missing or implausible.

    Widths below 1 are not allowed (PS3.3 C.11.2.1.2).
    """
    first = [
        _parts(sources, name, "FrameVOILUTSequence")[:1] for name in ("WindowWidth", "WindowCenter")
    ]
    width, level = (parse_number(parts[0]) if parts else None for parts in first)
    if (
        width is None
        or level is None
        or not 1 <= width <= MAX_WINDOW_HU
        or abs(level) > MAX_WINDOW_HU
    ):
        return None
    return width, level


def _pass_value(sources: list[Any], keyword: str, sequence: str) -> str:
    if keyword == "SeriesDescription":  # in the file's character set
        return _line(sources[-1].get(keyword))
    return _line(" ".join(_parts(sources if sequence else sources[-1:], keyword, sequence)))


class _Numbers:
    """The numbers of one frame's header, and the names of attributes with invalid values."""

    def __init__(self, sources: list[Any]) -> None:
        self._sources = sources
        self.invalid: list[str] = []

    def single(self, keyword: str, sequence: str) -> float | None:
        """Return the only number of an attribute; None if it is missing or invalid."""
        found = self.several(keyword, sequence, 1)
        return found[0] if found else None

    def several(self, keyword: str, sequence: str, count: int) -> tuple[float, ...] | None:
        """Return the `count` numbers of an attribute; None if they are missing or invalid."""
        parts = _parts(self._sources, keyword, sequence)
        if not any(parts):
            return None
        numbers = [parse_number(part) for part in parts]
        found = tuple(number for number in numbers if number is not None)
        if len(found) == len(numbers) == count:
            return found
        self.invalid.append(keyword)
        return None


def _rounding(sources: list[Any]) -> tuple[float, float, float]:
    x, y, z = (
        last_digit_unit(part)
        for part in _parts(sources, "ImagePositionPatient", "PlanePositionSequence")
    )
    return x, y, z


def _parts(sources: list[Any], keyword: str, sequence: str) -> list[str]:
    """Return a numeric attribute's values as strings, from the first source that has it."""
    for source in sources:
        if source is None:
            continue
        item = _first(source.get(sequence)) if sequence in source else None
        parts = _texts(source if item is None else item, keyword)
        if any(parts):
            return parts
    return []


def _texts(holder: Any, keyword: str) -> list[str]:
    """Return an attribute's values as text.

    The stored bytes are used, because pydicom's own number types would raise an error on a comma.
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
    return [str(value) for value in _as_list(holder.get(keyword))]


def _whole_number(data: Any, keyword: str) -> int:
    """Return an attribute's first number as an integer; 0 if there is none."""
    parts = _texts(data, keyword)
    return int(parse_number(parts[0]) or 0) if parts else 0


def _first_value(sources: list[Any], name: str, sequence: str) -> Any:
    """Return an attribute from the first of its sources that has it; None if none has."""
    for source in sources:
        if source is None:
            continue
        item = _first(source.get(sequence)) if sequence in source else None
        value = item.get(name) if item is not None else source.get(name)
        if value is not None:
            return value
    return None


def _padding(data: Any, *, is_signed: bool, bits: int) -> tuple[int, int] | None:
    """Return the lowest and highest stored value that mean 'no pixel'; None if not stated.

    Headers state them as signed or unsigned, independently of the pixels.
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


def _as_list(value: Any) -> list[Any]:
    if value is None or isinstance(value, str | bytes):
        return [] if not value else [value]
    try:
        return list(value)
    except TypeError:
        return [value]


def _first(value: Any) -> Any:
    return value[0] if value else None
