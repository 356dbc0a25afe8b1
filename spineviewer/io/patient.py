"""Whether a name that is to be proposed would tell who the patient is. Runs in the child process: no name leaves it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from spineviewer.io.bounded import BoundedReader
from spineviewer.io.dicom import FOREIGN_ERRORS

#: Choice: shorter pieces stand in any name.
SHORTEST_PIECE = 3
TAGS = ["PatientName", "PatientID", "OtherPatientIDs", "PatientBirthDate"]


def is_named_after_patient(name: str, slice_path: Path) -> bool:
    """Whether a file's or folder's name holds a piece of the patient's name, number or date of birth as its slice has them."""
    from pydicom import dcmread
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        with BoundedReader(slice_path) as stream:
            data: Any = dcmread(stream, stop_before_pixels=True, force=True, specific_tags=TAGS)
            known = " ".join(str(data.get(tag, "") or "") for tag in TAGS)
    except (*FOREIGN_ERRORS, BytesLengthException, InvalidDicomError):
        return False
    return holds_piece_of(name, known)


def holds_piece_of(name: str, known: str) -> bool:
    """Whether any word of `known` of three letters or more stands in a name, whatever the case."""
    pieces = [piece for piece in re.split(r"[\W_]+", known.casefold()) if len(piece) >= SHORTEST_PIECE]
    plain = name.casefold()
    return any(piece in plain for piece in pieces)
