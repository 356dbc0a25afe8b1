"""Conversion of an archive's answers to plain rows that are the same for both protocols."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def study_row(answer: Any) -> Row:
    """Return the fields of `query.FoundStudy` and of its patient from a pydicom data set."""
    date = _text(answer, "StudyDate")
    return {
        "patient_id": _text(answer, "PatientID"),
        "name": _text(answer, "PatientName").replace("^", " ").strip(),
        "birth_date": _dashed(_text(answer, "PatientBirthDate")),
        "uid": _text(answer, "StudyInstanceUID"),
        "date": _dashed(date),
        "description": _text(answer, "StudyDescription"),
        "accession": _text(answer, "AccessionNumber"),
        "modalities": sorted(_texts(answer, "ModalitiesInStudy")),
        "series_count": _number(answer, "NumberOfStudyRelatedSeries"),
        "image_count": _number(answer, "NumberOfStudyRelatedInstances"),
        "series": [],
    }


def series_row(answer: Any) -> Row:
    """Return the fields of `query.FoundSeries` from a pydicom data set."""
    return {
        "uid": _text(answer, "SeriesInstanceUID"),
        "number": _number(answer, "SeriesNumber"),
        "modality": _text(answer, "Modality"),
        "description": _text(answer, "SeriesDescription"),
        "image_count": _number(answer, "NumberOfSeriesRelatedInstances"),
    }


def image_row(answer: Any, series_uid: str = "") -> Row:
    """Return the UID, series and class of one image."""
    return {
        "uid": _text(answer, "SOPInstanceUID"),
        "series_uid": _text(answer, "SeriesInstanceUID") or series_uid,
        "sop_class": _text(answer, "SOPClassUID"),
    }


def _text(answer: Any, name: str) -> str:
    """Return an attribute as one line of at most 256 characters; empty if it cannot be read.

    It contains no control characters, which terminals interpret.
    """
    try:
        value = str(answer.get(name, "") or "")
    except (ValueError, TypeError, LookupError, UnicodeError):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:256]


def _texts(answer: Any, name: str) -> list[str]:
    try:
        value = answer.get(name, None)
    except (ValueError, TypeError, LookupError, UnicodeError):
        return []
    values = [value] if isinstance(value, str) else list(value or ())
    return [str(value).upper() for value in values if value]


def _number(answer: Any, name: str) -> int | None:
    text = _text(answer, name)
    return int(text) if text.isascii() and text.lstrip("-").isdigit() else None


def _dashed(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 and date.isdigit() else ""
