"""The patient and study of each series, for browsing.

Runs in the child process, which returns names only on request.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spineviewer.io.dicom.findings import FOREIGN_ERRORS, Group, Opening
from spineviewer.io.dicom.patient import iso_date, one_line
from spineviewer.io.sandbox.bounded import BoundedReader
from spineviewer.io.series_listing import StudyHead

_TAGS = [
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "StudyInstanceUID",
    "StudyDate",
    "StudyDescription",
]


def study_heads(groups: Sequence[Group], opening: Opening, *, is_named: bool) -> list[StudyHead]:
    """Return the patient and study of each group."""
    patients: dict[object, int] = {}
    studies: dict[object, int] = {}
    folders = _folders_of(groups)
    heads: list[StudyHead] = []
    for group in groups:
        path = group.first.path
        try:
            with opening(path):
                data = _tags_of(path)
        except FOREIGN_ERRORS:
            data = {}
        name, number, born, uid, day, description = (one_line(data.get(tag)) for tag in _TAGS)
        patient = patients.setdefault(
            (number, name, born) if number or name else ("of study", uid), len(patients)
        )
        study = studies.setdefault((patient, uid or (day, description)), len(studies))
        heads.append(
            StudyHead(
                patient=patient,
                name=name.replace("^", " ").strip() if is_named else "",
                study=study,
                date=iso_date(day),
                description=description,
                folder=folders[_series_of(group)],
            )
        )
    return heads


def _tags_of(path: Path) -> Any:
    from pydicom import dcmread
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        with BoundedReader(path) as stream:
            return dcmread(stream, stop_before_pixels=True, force=True, specific_tags=_TAGS)
    except (BytesLengthException, InvalidDicomError):
        return {}


def _folders_of(groups: Sequence[Group]) -> dict[object, Path]:
    """Return, for each series, the innermost folder that contains all its slices."""
    folders: dict[object, Path] = {}
    for group in groups:
        for one in group.slices:
            known, here = folders.get(_series_of(group)), one.path.parent
            while known is not None and not here.is_relative_to(known):
                known = known.parent
            folders[_series_of(group)] = known or here
    return folders


def _series_of(group: Group) -> object:
    return group.head.series_uid or group.key
