"""The contents of a folder and its subfolders: patients, their studies and the series in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spineviewer.app.batch_list import image_files_below
from spineviewer.app.services import SeriesLine, series_line
from spineviewer.errors import ImageReadError, UsageError
from spineviewer.progress import Progress
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.io.series_listing import SeriesListing


@dataclass(frozen=True)
class SeriesInFolder:
    """One series, and the folder from which it is opened."""

    folder: Path
    line: SeriesLine


@dataclass(frozen=True)
class Study:
    """The series of one study; those whose descriptions mention the spine or bone come first.

    `date` has the form 2026-11-24; it is empty if not known.
    """

    date: str
    description: str
    series: tuple[SeriesInFolder, ...]


@dataclass(frozen=True)
class Patient:
    """The studies of one patient, newest first; `name` is empty unless it was requested."""

    name: str
    studies: tuple[Study, ...]


@dataclass(frozen=True)
class FolderContents:
    """Contents of a folder.

    Attributes
    ----------
    files
        Images in formats other than DICOM.
    unreadable
        Messages about files that could not be read.
    listing
        All series, for thumbnails.
    """

    folder: Path
    patients: tuple[Patient, ...]
    files: tuple[Path, ...]
    unreadable: tuple[str, ...]
    listing: SeriesListing

    @property
    def series_count(self) -> int:
        return sum(len(study.series) for patient in self.patients for study in patient.studies)


def list_contents(folder: Path, progress: Progress, *, with_names: bool = False) -> FolderContents:
    """Return the scans in a folder and its subfolders.

    Parameters
    ----------
    with_names
        Whether patients' names are included.

    Raises
    ------
    UsageError
        When the folder contains no scan.
    ImageReadError
        When the folder cannot be listed.
    """
    from spineviewer.io.scan import list_studies

    if not folder.is_dir():
        raise ImageReadError("{file} is not a folder. Choose a folder.", file=folder)
    listing, infos = list_studies(folder, with_names=with_names, progress=progress)
    best = listing.best
    names: dict[int, str] = {}
    studies_by_patient: dict[int, dict[int, tuple[str, str, list[SeriesInFolder]]]] = {}
    for series, info in zip(listing.series, infos, strict=True):
        names[info.patient] = names.get(info.patient, "") or info.name
        studies = studies_by_patient.setdefault(info.patient, {})
        _, _, located_series = studies.setdefault(info.study, (info.date, info.description, []))
        located = SeriesInFolder(info.folder, series_line(series, is_best=series is best))
        if series.mentions_spine_or_bone:
            located_series.insert(0, located)
        else:
            located_series.append(located)
    patients = tuple(
        Patient(
            names[patient],
            tuple(
                Study(date, text, tuple(located_series))
                for date, text, located_series in _newest_first(studies)
            ),
        )
        for patient, studies in studies_by_patient.items()
    )
    files = tuple(image_files_below(folder))
    if not patients and not files:
        raise UsageError(
            worded("{folder} contains no scan. Choose another folder.", folder=folder.name)
        )
    return FolderContents(folder, patients, files, listing.unreadable, listing)


def _newest_first(
    studies: Mapping[int, tuple[str, str, list[SeriesInFolder]]],
) -> list[tuple[str, str, list[SeriesInFolder]]]:
    return sorted(studies.values(), key=lambda study: study[0], reverse=True)
