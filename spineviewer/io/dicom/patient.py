"""Check whether a proposed name would identify the patient.

Runs in the child process: no name leaves it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from spineviewer.io.dicom.findings import FOREIGN_ERRORS
from spineviewer.io.dicom.quick_header import HEAD_BYTES, WORDS, quick_elements
from spineviewer.io.sandbox.bounded import BoundedReader

#: Choice: shorter pieces occur in any name.
SHORTEST_PIECE = 3
TAGS = {
    0x00100010: "PatientName",
    0x00100020: "PatientID",
    0x00100030: "PatientBirthDate",
    0x00101000: "OtherPatientIDs",
}


def is_named_after_patient(name: str, slice_path: Path) -> bool:
    """Return whether a name contains part of the patient's name, ID or date of birth.

    `slice_path` is the slice from whose header they are read.
    """
    return holds_piece_of(name, _known(slice_path))


def _known(slice_path: Path) -> str:
    """Return what a slice states about the patient.

    Choice: pydicom is imported only if necessary, because its import takes longer than everything
    else here.
    """
    try:
        with slice_path.open("rb", buffering=0) as stream:
            quick = quick_elements(
                stream.read(HEAD_BYTES), {tag: (name, WORDS) for tag, name in TAGS.items()}
            )
        return (
            " ".join(quick.values.values()) if quick is not None else _told_by_pydicom(slice_path)
        )
    except FOREIGN_ERRORS:
        return ""


def _told_by_pydicom(slice_path: Path) -> str:
    from pydicom import dcmread
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        with BoundedReader(slice_path) as stream:
            data: Any = dcmread(
                stream, stop_before_pixels=True, force=True, specific_tags=list(TAGS.values())
            )
        return " ".join(str(data.get(tag, "") or "") for tag in TAGS.values())
    except (BytesLengthException, InvalidDicomError):
        return ""


def holds_piece_of(name: str, known: str) -> bool:
    """Return whether a word of `known` (three letters or more) is in a name, ignoring case."""
    pieces = [
        piece for piece in re.split(r"[\W_]+", known.casefold()) if len(piece) >= SHORTEST_PIECE
    ]
    plain = name.casefold()
    return any(piece in plain for piece in pieces)
