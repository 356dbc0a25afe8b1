"""Search for CT series: reads the headers of files one by one and groups their slices.

No pixels are decoded here. Runs in the child process.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError, ImageReadError, reason_of, unreadable
from spineviewer.io.dicom.slice_headers import (
    PLACEMENT,
    SeriesHeader,
    Slice,
    examine,
    number_free_path,
)
from spineviewer.io.dicom.slices import SliceStack, stack_slices
from spineviewer.wording import worded

#: Choice: more files than any study has.
MAX_FILES = 100_000
#: Direction cosines that differ by less than this count as the same (0.06 degrees).
SAME_COSINES = 1e-3
SAME_SPACING_MM = 1e-4
#: Exceptions that pydicom and the codecs raise on damaged files.
LIBRARY_ERRORS = (
    OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, EOFError,
    ArithmeticError, AssertionError, struct.error, zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be examined, and the reason: a sentence that names the file."""

    path: Path
    reason: str

    @property
    def number_free_path(self) -> Path:
        """The path, without the numbers in the file name."""
        return number_free_path(self.path)


@dataclass
class SliceGroup:
    """Slices with the same series, size, pixel spacing and orientation: a candidate for a volume.

    Attributes
    ----------
    unreadable
        Files in the same folders that could not be examined and may belong to this series.
    """

    key: str
    header: SeriesHeader
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
        """Return why slices cannot be placed (attribute missing or invalid); empty if all can.

        `name` is the field of `Slice` that contains the attribute.
        """
        without = [slice_ for slice_ in self.slices if getattr(slice_, name) is None]
        if not without:
            return ""
        first = without[0]
        fields = {"number": len(without), "count": len(self.slices), "file": first.path.name}
        if keyword in first.invalid:
            if keyword == "PixelSpacing":
                return worded(
                    "In {number} of {count} slices, Pixel Spacing is not a pair of positive "
                    "numbers (first: {file}). Export or retrieve the series again.",
                    **fields,
                )
            return worded(
                "In {number} of {count} slices, the position or orientation contains invalid "
                "numbers (first: {file}). Export or retrieve the series again.",
                **fields,
            )
        if keyword == "PixelSpacing":
            return worded(
                "The slices do not state their pixel spacing (first: {file}). Choose another "
                "series, or export this one again.",
                file=first.path.name,
            )
        return worded(
            "{attribute} is missing from {number} of {count} slices (first: {file}). Export or "
            "retrieve the series again.",
            attribute=PLACEMENT[keyword],
            **fields,
        )


@dataclass
class ExaminedFiles:
    """Contents of a folder: groups of slices, number of other objects by name, unreadable files."""

    groups: list[SliceGroup] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    unreadable: list[Unreadable] = field(default_factory=list)
    file_count: int = 0


#: Called with (files done, total number of files).
OnProgress = Callable[[int, int], None]
#: Returns a context that is active while a file is open, for example to record it.
FileGuard = Callable[[Path], AbstractContextManager[object]]


def ignore_progress(_done: int, _count: int) -> None:
    """Do nothing; the default if progress is not shown."""


def find_series_beside(
    path: Path,
    on_progress: OnProgress = ignore_progress,
    skip: frozenset[str] = frozenset(),
    *,
    file_guard: FileGuard = nullcontext,
) -> ExaminedFiles:
    """Examine all files in the folder of a file to find the series to which the file belongs.

    A multi-frame file is examined alone; for a DICOMDIR, everything below its folder is examined.

    Raises
    ------
    ImageReadError
        As in `find_series`.
    """
    if path.name.upper() == "DICOMDIR":
        return find_series(path.parent, on_progress, skip, file_guard=file_guard)
    alone = find_series(path, on_progress, skip, file_guard=file_guard)
    if not alone.groups or alone.groups[0].first.frame_count > 1:
        return alone
    beside = find_series(path.parent, on_progress, skip, is_recursive=False, file_guard=file_guard)
    beside.groups = [
        group for group in beside.groups if any(slice_.path == path for slice_ in group.slices)
    ]
    return beside


def find_series(
    root: Path,
    on_progress: OnProgress = ignore_progress,
    skip: frozenset[str] = frozenset(),
    *,
    is_recursive: bool = True,
    file_guard: FileGuard = nullcontext,
) -> ExaminedFiles:
    """Find the series in a file, or in all files of a folder.

    Parameters
    ----------
    skip
        Paths that are not opened, because they crashed an earlier examination.
    is_recursive
        Whether subfolders are examined.

    Raises
    ------
    ImageReadError
        When the folder cannot be listed or contains too many files.
    """
    files = [root] if root.is_file() else sorted(_files_below(root, is_recursive, on_progress))
    contents = ExaminedFiles(file_count=len(files))
    found: list[tuple[SeriesHeader, list[Slice]]] = []
    unknown: list[Unreadable] = []

    def reject(path: Path, reason: str) -> None:
        contents.unreadable.append(Unreadable(path, reason))

    for number, path in enumerate(files):
        on_progress(number, len(files))
        if str(path) in skip:
            reject(
                path,
                worded(
                    "{file} crashed the file reader and was skipped. Copy it again from the "
                    "source.",
                    file=path.name,
                ),
            )
            continue
        try:
            with file_guard(path):
                entry = examine(path)
        except (*LIBRARY_ERRORS, ImageReadError) as error:
            reject(path, _why_unreadable(path, error))
        else:
            if isinstance(entry, str):
                contents.others[entry] += 1
            elif entry is not None:
                found.append(entry)
            elif path.name.upper() != "DICOMDIR":
                reason = worded("{file} is not a DICOM file. Choose another file.", file=path.name)
                unknown.append(Unreadable(path, reason))
    contents.groups = _group_slices(found)
    # A file that is not DICOM but is named like the slices around it is probably a damaged slice.
    patterns = {slices[0].number_free_path for _, slices in found}
    contents.unreadable.extend(file for file in unknown if file.number_free_path in patterns)
    contents.unreadable.sort(key=lambda file: file.path)
    for group in contents.groups:
        folders = {slice_.path.parent for slice_ in group.slices}
        group.unreadable = [file for file in contents.unreadable if file.path.parent in folders]
    return contents


def _why_unreadable(path: Path, error: Exception) -> str:
    match error:
        case ImageReadError():
            return str(error)
        case OSError():
            return str(unreadable(path, error))
        case _:
            return worded(
                "{file} has a damaged header ({kind}). Copy it again from the source.",
                file=path.name,
                kind=type(error).__name__,
            )


def replace_decimal_commas(data: Any) -> Any:
    """Replace commas in the decimal strings (DS) of a pydicom data set with points, and return it.

    The data set is changed in place. Code that copies numbers of the source, such as highdicom,
    would raise an error on a comma.
    """
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    for tag in list(data.keys()):
        element = data.get_item(tag)
        kind = dictionary_VR(tag) if dictionary_has_tag(tag) else element.VR
        if kind == "DS" and isinstance(element.value, bytes) and b"," in element.value:
            data[tag] = element._replace(value=element.value.replace(b",", b"."))
        elif kind == "SQ":
            for item in data[tag].value:
                replace_decimal_commas(item)
    return data


def _files_below(root: Path, is_recursive: bool, on_progress: OnProgress) -> Iterator[Path]:
    def reject(error: OSError) -> None:
        raise ImageReadError(
            "The folder {folder} cannot be listed: {reason}. Check its permissions, or choose "
            "another folder.",
            folder=root,
            reason=reason_of(error),
        ) from error

    count = 0
    for folder, deeper, names in os.walk(root, onerror=reject):
        if not is_recursive:
            deeper.clear()
        for name in names:
            if name.startswith("."):
                continue
            count += 1
            on_progress(0, count)  # listing the names on a network drive can take minutes
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


def _group_slices(found: list[tuple[SeriesHeader, list[Slice]]]) -> list[SliceGroup]:
    """Return slices grouped by series, size, pixel spacing and orientation.

    The key of a group is the UID of its series, with '#2', '#3' for further groups of a series.
    """
    groups: list[SliceGroup] = []
    by_series: dict[tuple[object, ...], list[SliceGroup]] = {}
    for header, slices in found:
        series = (_series_key(header), header.modality, slices[0].object_uid)
        for slice_ in slices:
            candidates = by_series.setdefault(series, [])
            group = next((g for g in candidates if _belongs_with(slice_, g.first)), None)
            if group is None:
                group = SliceGroup(key="", header=header, slices=[])
                candidates.append(group)
                groups.append(group)
            group.slices.append(slice_)
    groups = _join_adjoining(groups)
    used: Counter[str] = Counter()
    for group in groups:
        uid = group.header.series_uid or f"no-series-uid-{group.header.series_number}"
        used[uid] += 1
        group.key = uid if used[uid] == 1 else f"{uid}#{used[uid]}"
    return groups


def _series_key(header: SeriesHeader) -> object:
    return header.series_uid or (header.study_uid, header.series_number, header.description)


def _join_adjoining(groups: list[SliceGroup]) -> list[SliceGroup]:
    """Return the groups, with adjoining multi-frame objects of one series merged.

    Merged objects share the frame of reference. Objects that overlap stay separate: they are phases
    or reconstructions, each of which is a volume.
    """
    joined: list[SliceGroup] = []
    for group in groups:
        neighbour = next((other for other in joined if _adjoins(other, group)), None)
        if neighbour is None:
            joined.append(group)
        else:
            neighbour.slices.extend(group.slices)
    return joined


def _adjoins(group: SliceGroup, other: SliceGroup) -> bool:
    """Return whether two multi-frame objects are adjacent parts of one stack."""
    first, second = group.first, other.first
    are_of_same_series = (
        _series_key(group.header) == _series_key(other.header)
        and group.header.modality == other.header.modality
        and first.frame_of_reference == second.frame_of_reference != ""
    )
    if not (
        are_of_same_series
        and first.object_uid
        and second.object_uid
        and _belongs_with(first, second)
    ):
        return False
    if None in (first.orientation, first.spacing_mm) or any(
        s.position_lps_mm is None for s in (*group.slices, *other.slices)
    ):
        return False
    normal = np.cross(first.orientation[:3], first.orientation[3:])  # type: ignore[index]  # not None: checked above
    heights = [
        np.array([s.position_lps_mm for s in part.slices]) @ normal for part in (group, other)
    ]
    return bool(heights[0].max() < heights[1].min() or heights[1].max() < heights[0].min())


def _belongs_with(slice_: Slice, first: Slice) -> bool:
    return (
        (slice_.rows, slice_.columns) == (first.rows, first.columns)
        and _are_close(slice_.spacing_mm, first.spacing_mm, SAME_SPACING_MM)
        and _are_close(slice_.orientation, first.orientation, SAME_COSINES)
    )


def _are_close(
    first: tuple[float, ...] | None, second: tuple[float, ...] | None, tolerance: float
) -> bool:
    if first is None or second is None:
        return first is second
    differences: NDArray[np.float64] = np.abs(np.subtract(first, second))
    return bool(differences.max() <= tolerance)
