"""Patient and study attributes of a slice, and a check whether a file name contains them.

Runs in the child process.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from spineviewer.io.dicom.quick_header import HEAD_BYTES, LOCAL_TEXT, parse_elements
from spineviewer.io.dicom.series_search import LIBRARY_ERRORS
from spineviewer.io.sandbox.bounded import BoundedReader
from spineviewer.volume.scan_name import contains_word_from
from spineviewer.volume.volume import ScanIdentity

#: Choice: longer values are damaged or malicious.
MAX_LENGTH = 128
TAGS = {
    0x00080020: "StudyDate",
    0x00100010: "PatientName",
    0x00100020: "PatientID",
    0x00100030: "PatientBirthDate",
    0x00101000: "OtherPatientIDs",
}
#: Elements that identify the patient.
_IDENTIFYING = tuple(name for name in TAGS.values() if name != "StudyDate")
_DATE = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)", re.ASCII)


def is_named_after_patient(name: str, slice_path: Path) -> bool:
    """Return whether a name contains part of the name, ID or birth date of a slice's patient."""
    stated = _read_attributes(slice_path)
    return contains_word_from(name, " ".join(stated.get(tag, "") for tag in _IDENTIFYING))


def read_identity(slice_path: Path) -> ScanIdentity:
    """Return the patient and study that a slice belongs to."""
    stated = _read_attributes(slice_path)
    return ScanIdentity(
        patient_name=_readable_name(stated.get("PatientName", "")),
        patient_id=one_line(stated.get("PatientID", "")),
        birth_date=iso_date(stated.get("PatientBirthDate", "")),
        study_date=iso_date(stated.get("StudyDate", "")),
    )


def iso_date(stated: str) -> str:
    """Return a DICOM date as 'YYYY-MM-DD'; empty if it is invalid."""
    found = _DATE.fullmatch(stated.strip())
    try:
        return date(*map(int, found.groups())).isoformat() if found else ""
    except ValueError:
        return ""


def one_line(value: object) -> str:
    """Return a header's text on one line of at most `MAX_LENGTH` printable characters."""
    words = "".join(c if c.isprintable() else " " for c in str(value or "")).split()
    return " ".join(words)[:MAX_LENGTH]


def _readable_name(stated: str) -> str:
    """Return 'Doe, Jane' for 'Doe^Jane'; if the name is in several scripts, the first of them."""
    group = next((part for part in stated.split("=") if part.strip(" ^")), "")
    family, *given_names = (one_line(part) for part in group.split("^"))
    return one_line(
        ", ".join(part for part in (family, " ".join(filter(None, given_names))) if part)
    )


def _read_attributes(slice_path: Path) -> dict[str, str]:
    """Return the values of `TAGS` in a slice, by keyword; they may be missing or empty.

    Choice: pydicom is used only if necessary, because its import takes longer than all the rest.
    """
    try:
        with slice_path.open("rb", buffering=0) as stream:
            quick = parse_elements(
                stream.read(HEAD_BYTES), {tag: (name, LOCAL_TEXT) for tag, name in TAGS.items()}
            )
        return dict(quick.values) if quick is not None else _read_with_pydicom(slice_path)
    except LIBRARY_ERRORS:
        return {}


def _read_with_pydicom(slice_path: Path) -> dict[str, str]:
    from pydicom import dcmread
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        with BoundedReader(slice_path) as stream:
            data: Any = dcmread(
                stream, stop_before_pixels=True, force=True, specific_tags=list(TAGS.values())
            )
        return {tag: str(data.get(tag, "") or "") for tag in TAGS.values()}
    except (BytesLengthException, InvalidDicomError):
        return {}
