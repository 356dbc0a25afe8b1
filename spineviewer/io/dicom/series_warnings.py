"""Warnings about the values and files of a series, visible as long as the series is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spineviewer.io.dicom.pixel_data import DCT_JPEG, is_padding_in_tissue_range
from spineviewer.io.dicom.quick_header import UNDEFINED
from spineviewer.io.dicom.series_faults import missing_parts, unreadable_fault
from spineviewer.io.dicom.series_search import SliceGroup
from spineviewer.io.dicom.slice_headers import SeriesHeader, Slice
from spineviewer.wording import critical, worded

#: Choice: a series with fewer slices is opened with a warning.
FEW_SLICES = 5
#: Transfer syntaxes that may change values: DCT-based JPEG, near-lossless JPEG-LS, and JPEG 2000
#: and HTJ2K, which may be lossy.
LOSSY_SYNTAXES = DCT_JPEG | {f"1.2.840.10008.1.2.4.{n}" for n in (81, 91, 203)}
#: Each warning applies if its condition holds for any slice.
_IF_ANY_SLICE: tuple[tuple[Callable[[Slice], bool], str], ...] = (
    (
        lambda slice_: slice_.is_lossy or slice_.transfer_syntax in LOSSY_SYNTAXES,
        worded("The images were compressed with a lossy method, so HU values are inexact."),
    ),
    (
        is_padding_in_tissue_range,
        worded(
            "The padding value in the file is within the range of ordinary tissue; it was not "
            "replaced."
        ),
    ),
    (
        lambda slice_: slice_.slope is not None and slice_.slope < 0,
        worded("The Rescale Slope is negative, so bright and dark may be swapped."),
    ),
    (
        lambda slice_: slice_.is_inverted,
        worded(
            "According to the file, low values should be displayed as bright (MONOCHROME1). The "
            "scan is shown like any other CT."
        ),
    ),
    (
        lambda slice_: slice_.bits_stored <= 8,
        worded("The images have only 8 bits per pixel, so HU values are coarse."),
    ),
)


def find_warnings(group: SliceGroup, slices: Sequence[Slice]) -> list[str]:
    """Return warnings about a group of which only `slices` are shown."""
    found = (
        _about_modality(group.header),
        _about_few(slices),
        _about_units(group.header, slices),
        *(text for applies, text in _IF_ANY_SLICE if any(map(applies, slices))),
        _about_frames_of_reference(slices),
        _about_acquisitions(slices),
        *missing_parts(group.slices),
        unreadable_fault(group),
        _about_surplus(slices),
        _about_thickness(slices),
    )
    return [warning for warning in found if warning]


def _about_modality(header: SeriesHeader) -> str:
    if header.modality == "CT":
        return ""
    return critical(
        worded(
            "This is a scan of modality {modality}, not CT. The networks were trained on CT only.",
            modality=header.modality,
        )
    )


def are_stated_as_hu(header: SeriesHeader, slices: Sequence[Slice]) -> bool:
    """Return whether the values of a series are Hounsfield units, according to its headers."""
    return not (_about_modality(header) or _about_units(header, slices))


def _about_few(slices: Sequence[Slice]) -> str:
    count = len(slices)
    return (
        worded("Only %n slice(s): too few to find a spine.", "", count)
        if count < FEW_SLICES
        else ""
    )


def _about_units(header: SeriesHeader, slices: Sequence[Slice]) -> str:
    if any(slice_.slope is None or slice_.intercept is None for slice_ in slices):
        return worded(
            "The file does not specify a rescale slope and intercept, so its values may not be "
            "Hounsfield units."
        )
    if header.rescale_type not in {"", "HU"}:
        return worded(
            "According to the file, its values are '{rescale_type}', not Hounsfield units.",
            rescale_type=header.rescale_type,
        )
    return ""


def _about_frames_of_reference(slices: Sequence[Slice]) -> str:
    count = len({slice_.frame_of_reference for slice_ in slices})
    if count < 2:
        return ""
    return worded(
        "The slices have {count} different Frames of Reference: according to the DICOM "
        "standard, their positions are unrelated. Order, distances and lengths may be wrong.",
        count=count,
    )


def _about_acquisitions(slices: Sequence[Slice]) -> str:
    """Return a sentence if the slices belong to several acquisitions.

    Acquisition numbers that differ from slice to slice mean nothing.
    """
    count = len({slice_.acquisition for slice_ in slices})
    if not 1 < count <= len(slices) / 2:
        return ""
    return worded(
        "The series combines {count} acquisitions. The patient may have moved between them.",
        count=count,
    )


def _about_surplus(slices: Sequence[Slice]) -> str:
    """Return a sentence if a file contains more pixels than its header describes."""
    longer = next(filter(_is_longer_than_described, slices), None)
    if longer is None:
        return ""
    return worded(
        "{file} contains more pixel data than its header describes ({rows} x {columns}, "
        "{bits} bits): the image may be distorted.",
        file=longer.path.name,
        rows=longer.rows,
        columns=longer.columns,
        bits=longer.bits_allocated,
    )


def _is_longer_than_described(slice_: Slice) -> bool:
    if slice_.pixels is None or slice_.pixels.length == UNDEFINED:
        return False
    row = slice_.columns * slice_.bits_allocated // 8
    return slice_.pixels.length >= row * (slice_.rows * slice_.frame_count + 1)


def _about_thickness(slices: Sequence[Slice]) -> str:
    if len(slices) > 1 or slices[0].thickness_mm is not None:
        return ""
    return worded("The file does not specify a valid slice thickness; 1 mm is assumed.")
