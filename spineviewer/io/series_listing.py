"""The series found at a path, with the patient and study of each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from spineviewer.volume.geometry import Triple
from spineviewer.volume.volume import ScanFormat, ScanIdentity
from spineviewer.wording import worded

#: Choice: a series with fewer slices is probably not the one that the user wants.
ENOUGH_SLICES = 20
#: Words for the spine, its parts and bone kernels in descriptions in European languages.
SPINE_AND_BONE_WORDS = re.compile(
    r"spine|spinal|wirbel|column|colonn|rachis|vertebr|(?<![a-z])([hbl]ws|[ctl]-?sp|bone|knochen|osseux|osso|hueso)(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SeriesSummary:
    """One candidate for a volume.

    Attributes
    ----------
    uid
        Key for `read_scan`: the UID of the series. Keys of further groups of its slices (another
        orientation or size) end in '#2', '#3'. If there are several ways to read the series, each
        has its own summary, whose key ends in '@' and the key of the `Way`.
    spacing_zyx_mm
        Slice step and pixel spacing; None if the files do not state them.
    problems
        Sentences about faults; empty for a regular stack.
    orientation
        Patient directions in which the indices of columns, rows and slices increase, for example
        'L, P, S'; empty if unknown.
    middle
        File and frame of the middle slice, for a thumbnail; None for image files.
    identity
        Patient and study, as stated in the first slice.
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
    identity: ScanIdentity = field(default_factory=ScanIdentity)

    @property
    def mentions_spine_or_bone(self) -> bool:
        """Whether the description mentions the spine or bone."""
        return SPINE_AND_BONE_WORDS.search(self.description) is not None

    @property
    def title(self) -> str:
        """One line for a list: description, size, spacing; for a `Way`, its description only."""
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
    """The series and other objects found at a path.

    Attributes
    ----------
    others
        Names and counts of other DICOM objects, for example 'RT Dose Storage (3)'.
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
        """The series most likely to show the spine; the first if there are several ways to read it.

        The criteria, in order: CT or unknown modality, no problems, enough slices, a description
        that mentions the spine or bone, most slices.
        """
        if self.series and "@" in self.series[0].uid:
            return self.series[0]

        def rank(series: SeriesSummary) -> tuple[bool, bool, bool, bool, int]:
            has_enough_slices = series.slice_count >= ENOUGH_SLICES
            return (
                series.modality in {"CT", ""},
                not series.problems,
                has_enough_slices,
                series.mentions_spine_or_bone,
                series.slice_count,
            )

        return max(self.series, key=rank, default=None)


@dataclass(frozen=True)
class StudyInfo:
    """The patient and study to which a series belongs.

    Attributes
    ----------
    patient
        Number of the patient, from 0 in the order of discovery.
    name
        The patient's name; empty unless requested.
    study
        Number of the study, counted in the same way.
    date
        For example 2026-11-24; empty if the files do not state it.
    folder
        The innermost folder that contains all files of the series.
    """

    patient: int
    name: str
    study: int
    date: str
    description: str
    folder: Path
