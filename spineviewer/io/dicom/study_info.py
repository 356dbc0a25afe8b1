"""The patient and study of each series, for browsing.

Runs in the child process, which returns names only on request.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spineviewer.io.dicom.patient import iso_date, one_line
from spineviewer.io.dicom.series_search import LIBRARY_ERRORS, FileGuard, SliceGroup
from spineviewer.io.sandbox.bounded import BoundedReader
from spineviewer.io.series_listing import StudyInfo

_TAGS = [
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "StudyInstanceUID",
    "StudyDate",
    "StudyDescription",
]


def study_infos(
    groups: Sequence[SliceGroup], file_guard: FileGuard, *, with_names: bool
) -> list[StudyInfo]:
    """Return the patient and study of each group; names are empty unless `with_names`."""
    patients: dict[object, int] = {}
    studies: dict[object, int] = {}
    folders = _common_folders(groups)
    infos: list[StudyInfo] = []
    for group in groups:
        path = group.first.path
        try:
            with file_guard(path):
                data = _read_tags(path)
        except LIBRARY_ERRORS:
            data = {}
        name, number, birth_date, uid, day, description = (one_line(data.get(tag)) for tag in _TAGS)
        patient = patients.setdefault(
            (number, name, birth_date) if number or name else ("of study", uid), len(patients)
        )
        study = studies.setdefault((patient, uid or (day, description)), len(studies))
        infos.append(
            StudyInfo(
                patient=patient,
                name=name.replace("^", " ").strip() if with_names else "",
                study=study,
                date=iso_date(day),
                description=description,
                folder=folders[_series_key(group)],
            )
        )
    return infos


def _read_tags(path: Path) -> Any:
    from pydicom import dcmread
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        with BoundedReader(path) as stream:
            return dcmread(stream, stop_before_pixels=True, force=True, specific_tags=_TAGS)
    except (BytesLengthException, InvalidDicomError):
        return {}


def _common_folders(groups: Sequence[SliceGroup]) -> dict[object, Path]:
    """Return, for each series, the innermost folder that contains all its slices."""
    folders: dict[object, Path] = {}
    for group in groups:
        for slice_ in group.slices:
            common, folder = folders.get(_series_key(group)), slice_.path.parent
            while common is not None and not folder.is_relative_to(common):
                common = common.parent
            folders[_series_key(group)] = common or folder
    return folders


def _series_key(group: SliceGroup) -> object:
    return group.header.series_uid or group.key
