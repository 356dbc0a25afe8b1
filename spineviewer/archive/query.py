"""Queries to an archive and their results: patients, their studies, the series of each."""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from spineviewer.errors import UsageError
from spineviewer.wording import worded

#: Choice: no one looks through more studies; an archive's own limit is often lower.
MAX_STUDIES = 500


@dataclass(frozen=True)
class Query:
    """Search criteria; empty fields match everything.

    Attributes
    ----------
    patient_name
        `*` matches any characters; without it, names that begin with this text match.
    first_date, last_date
        First and last date of the study, as YYYYMMDD.
    """

    patient_id: str = ""
    patient_name: str = ""
    accession: str = ""
    first_date: str = ""
    last_date: str = ""
    modality: str = ""
    study_uid: str = ""

    @property
    def name_pattern(self) -> str:
        """The name as a DICOM search pattern: its parts in order.

        Without a wildcard, any ending matches.

        Choice: `*` is sent instead of non-ASCII letters, which archives interpret differently;
        `matches_name` compares them.
        """
        return re.sub(r"[^ -~]+", "*", self._pattern)

    def matches_name(self, name: str) -> bool:
        """Return whether a name that an archive returned matches the search.

        Always true for ASCII searches, because archives compare only non-ASCII letters wrongly.
        """
        if self._pattern.isascii():
            return True
        pattern = re.compile(fnmatch.translate(_normalised(self._pattern)))
        return any(pattern.fullmatch(_normalised(spelling)) for spelling in name.split("="))

    @property
    def _pattern(self) -> str:
        parts = re.split(r"[\s,^]+", self.patient_name.strip())
        pattern = "*".join(part for part in parts if part)
        has_wildcard = any(sign in self.patient_name for sign in "*?")
        return pattern if has_wildcard or not pattern else f"{pattern}*"

    @property
    def date_range(self) -> str:
        """The dates as a DICOM range."""
        if self.first_date and self.first_date == self.last_date:
            return self.first_date
        return f"{self.first_date}-{self.last_date}" if self.first_date or self.last_date else ""


@dataclass(frozen=True)
class FoundSeries:
    """One series; `image_count` and `number` are None if the archive does not state them."""

    uid: str
    number: int | None
    modality: str
    description: str
    image_count: int | None


@dataclass(frozen=True)
class FoundStudy:
    """One study; `date` is YYYY-MM-DD or empty, `series` is empty unless series were requested."""

    uid: str
    date: str
    description: str
    accession: str
    modalities: tuple[str, ...]
    series_count: int | None
    image_count: int | None
    series: tuple[FoundSeries, ...] = ()


@dataclass(frozen=True)
class FoundPatient:
    """One patient with the studies found, newest first."""

    patient_id: str
    name: str
    birth_date: str
    studies: tuple[FoundStudy, ...]


@dataclass(frozen=True)
class SearchResult:
    """The answer to a search; `is_cut` says whether studies beyond `MAX_STUDIES` were left out."""

    patients: tuple[FoundPatient, ...]
    is_cut: bool = False

    @property
    def study_count(self) -> int:
        return sum(len(patient.studies) for patient in self.patients)

    def as_fields(self) -> dict[str, Any]:
        """Return all fields as plain values."""
        return asdict(self)


def dates_from_text(text: str) -> tuple[str, str]:
    """Return the first and last day of a date or range, as YYYYMMDD; empty for an open end.

    Accepts `2024-03-01`, `20240301-20240331`, `2024-03-01..2024-03-31` and `2024-03-01..`.

    Raises
    ------
    UsageError
        When it is not a date or range, or ends before it begins.
    """
    days = re.findall(r"\d{4}-\d{2}-\d{2}|\d{8}", text)
    form = re.sub(r"\d{4}-\d{2}-\d{2}|\d{8}", "D", text.strip())
    if form == "D":
        first = last = _day(days[0])
    elif form in {"D-D", "D..D"}:
        first, last = (_day(day) for day in days)
    elif form in {"D-", "D.."}:
        first, last = _day(days[0]), ""
    elif form in {"-D", "..D"}:
        first, last = "", _day(days[0])
    else:
        raise UsageError(
            worded(
                "'{text}' is not a date. Use the format 2024-03-01 or 2024-03-01..2024-03-31.",
                text=text[:40],
            )
        )
    if first and last and last < first:
        raise UsageError(
            worded(
                "The period {text} ends before it begins. Enter the earlier date first.",
                text=text[:40],
            )
        )
    return first, last


def result_from_rows(
    rows: Iterable[Mapping[str, Any]], query: Query | None = None, *, limit: int = MAX_STUDIES
) -> SearchResult:
    """Return studies grouped by patient.

    The rows have the fields of `FoundPatient` and `FoundStudy`.

    Parameters
    ----------
    query
        Rows whose modality or name does not match are dropped, because some archives ignore the
        modality or compare letters wrongly.
    limit
        Maximum number of studies.
    """
    query = query or Query()
    studies: dict[str, tuple[tuple[str, str, str], FoundStudy]] = {}
    is_cut = False
    for row in rows:
        study = study_from_fields(row)
        if query.modality and study.modalities and query.modality.upper() not in study.modalities:
            continue
        if not query.matches_name(str(row["name"])):
            continue
        if study.uid not in studies and len(studies) == limit:
            is_cut = True
            continue
        studies[study.uid] = (
            (str(row["patient_id"]), str(row["name"]), str(row["birth_date"])),
            study,
        )
    patients: dict[tuple[str, str, str], list[FoundStudy]] = {}
    for patient, study in studies.values():
        patients.setdefault(patient, []).append(study)
    found = (
        FoundPatient(
            *patient, tuple(sorted(found_studies, key=lambda study: study.date, reverse=True))
        )
        for patient, found_studies in patients.items()
    )
    return SearchResult(
        tuple(sorted(found, key=lambda patient: (patient.name.casefold(), patient.patient_id))),
        is_cut,
    )


def study_from_fields(fields: Mapping[str, Any]) -> FoundStudy:
    """Return the study with these fields, given by name."""
    series = (
        FoundSeries(**{name: item[name] for name in FoundSeries.__dataclass_fields__})
        for item in fields.get("series", ())
    )
    return FoundStudy(
        uid=fields["uid"],
        date=fields["date"],
        description=fields["description"],
        accession=fields["accession"],
        modalities=tuple(fields["modalities"]),
        series_count=fields["series_count"],
        image_count=fields["image_count"],
        series=tuple(sorted(series, key=lambda item: (item.number is None, item.number or 0))),
    )


def _normalised(name: str) -> str:
    """Return a name or pattern in lower case, with composed accents and single spaces."""
    return " ".join(re.split(r"[\s,^]+", unicodedata.normalize("NFC", name).casefold())).strip()


def _day(text: str) -> str:
    digits = text.replace("-", "")
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise UsageError(
            worded("'{text}' is not a valid date. Correct the day or the month.", text=text)
        ) from error
    return digits
