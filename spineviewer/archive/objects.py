"""Identifiers and study titles of individual DICOM files. Runs in the child process."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spineviewer.archive.node import is_uid
from spineviewer.errors import ArchiveError

_SERIES_UID = 0x0020000E
_CHARACTERS, _DATE, _DESCRIPTION = 0x00080005, 0x00080020, 0x00081030
_TAGS = (0x00080016, 0x00080018, 0x0020000D, _SERIES_UID)


@dataclass(frozen=True)
class ObjectHeader:
    """The unique identifiers of one object, and the encoding of its file."""

    sop_class: str
    instance_uid: str
    study_uid: str
    series_uid: str
    transfer_syntax: str


def read_header(path: Path) -> ObjectHeader:
    """Read the header of a DICOM file.

    Raises
    ------
    ArchiveError
        When it is not a DICOM file, is damaged, or lacks an identifier.
    """
    from pydicom.filereader import read_partial

    try:
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = read_partial(
                stream, stop_when=lambda tag, *_: tag > _SERIES_UID, specific_tags=list(_TAGS)
            )
            sop_class, instance, study, series = (_uid(data, tag) for tag in _TAGS)
            header = ObjectHeader(
                sop_class, instance, study, series, str(data.file_meta.get("TransferSyntaxUID", ""))
            )
    except Exception as error:  # pydicom raises many types on damaged files
        raise ArchiveError(
            "{file} is not a DICOM file, or it is damaged. Copy it again from the source.",
            file=path.name,
        ) from error
    if not all(
        map(
            is_uid,
            (
                header.sop_class,
                header.instance_uid,
                header.study_uid,
                header.series_uid,
                header.transfer_syntax,
            ),
        )
    ):
        raise ArchiveError(
            "{file} lacks an identifier that every DICOM object must have. Export it again from "
            "its source.",
            file=path.name,
        )
    return header


def read_study_title(path: Path) -> str:
    """Read the date and description of a file's study, as one line.

    Empty if the file contains neither or cannot be read.
    """
    from pydicom.filereader import read_partial

    try:
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = read_partial(
                stream,
                stop_when=lambda tag, *_: tag > _DESCRIPTION,
                specific_tags=[_CHARACTERS, _DATE, _DESCRIPTION],
            )
            date, words = (
                str(data[tag].value or "").strip() if tag in data else ""
                for tag in (_DATE, _DESCRIPTION)
            )
    except Exception:  # noqa: BLE001 - pydicom raises many types on damaged files
        return ""
    if len(date) == 8 and date.isdigit():
        date = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    return "  ·  ".join(part for part in (date, words) if part)


def _uid(data: Any, tag: int) -> str:
    return str(data[tag].value) if tag in data else ""
