"""Text that identifies a scan: a line for the window, and distinct titles for open scans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from spineviewer.volume.scan_name import contains_word_from, has_distinctive_name, scan_name
from spineviewer.volume.volume import ScanIdentity, ScanSource
from spineviewer.wording import enumerated, worded

#: Separator between the parts of a line.
_SEPARATOR = "  ·  "


def format_date(iso: str) -> str:
    """Return a date 'YYYY-MM-DD' in the format of the user's language."""
    year, month, day = iso.split("-")
    return worded("{year}-{month}-{day}", year=year, month=month, day=day)


def describe_patient(source: ScanSource, *, is_date_first: bool = False) -> str:
    """Return the patient, birth date, study date and series of a scan on one line.

    The line is empty if the files state at most the series.

    Parameters
    ----------
    is_date_first
        Whether the line begins with the study date, which distinguishes two scans of a patient
        even if the line is shortened.
    """
    identity = source.identity
    parts = list(dict.fromkeys((identity.patient_name, identity.patient_id)))
    if identity.study_date and is_date_first:
        parts.insert(0, format_date(identity.study_date))
    elif identity.study_date:
        parts.append(worded("study of {date}", date=format_date(identity.study_date)))
    if identity.birth_date:
        parts.append(worded("born {date}", date=format_date(identity.birth_date)))
    parts.append(source.description)
    stated = [part for part in parts if part]
    return enumerated(stated, _SEPARATOR) if any(parts[:-1]) else ""


def describe_series(source: ScanSource) -> str:
    """Return the series of a scan without its patient and file; empty if its files state none."""
    stated = [part for part in (source.description, source.kernel) if part]
    if not stated or any(names_patient(part, source) for part in stated):
        return ""
    return enumerated(stated, _SEPARATOR)


def are_different_patients(one: ScanIdentity, other: ScanIdentity) -> bool:
    """Return whether two scans are of different patients, according to their files.

    A patient may have several IDs, from several hospitals: the same name and birth date count as
    the same patient.
    """
    if one.patient_name and one.birth_date:
        name_and_birth = (one.patient_name.casefold(), one.birth_date)
        if name_and_birth == (other.patient_name.casefold(), other.birth_date):
            return False
    if one.patient_id and other.patient_id:
        return one.patient_id != other.patient_id
    names = {one.patient_name.casefold(), other.patient_name.casefold()}
    return len(names) == 2 and "" not in names


def is_patient_unknown(one: ScanIdentity, other: ScanIdentity) -> bool:
    """Return whether the files do not say if two scans are of the same patient."""
    are_comparable = bool(one.patient_id and other.patient_id) or bool(
        one.patient_name and other.patient_name
    )
    return not are_comparable


def is_same_patient(one: ScanIdentity, other: ScanIdentity) -> bool:
    """Return whether the files say that two scans are of the same patient."""
    return not is_patient_unknown(one, other) and not are_different_patients(one, other)


def patients_and_dates(
    identities: Sequence[ScanIdentity], *, is_patient_shown: bool
) -> tuple[str, ...]:
    """Return, for each of several series, the patient and the study date where these differ.

    Parameters
    ----------
    is_patient_shown
        Whether patients may be named.
    """
    patients = [identity.patient_name or identity.patient_id for identity in identities]
    dates = [identity.study_date for identity in identities]
    is_patient_stated = is_patient_shown and len({*patients}) > 1
    is_date_stated = len({*dates}) > 1
    stated = [
        (
            *([patient] if is_patient_stated and patient else []),
            *([format_date(date)] if is_date_stated and date else []),
        )
        for patient, date in zip(patients, dates, strict=True)
    ]
    return tuple(enumerated(parts, _SEPARATOR) if parts else "" for parts in stated)


def names_patient(name: str, source: ScanSource) -> bool:
    """Return whether a name on a scan's path contains the patient's name, ID or birth date."""
    identity = source.identity
    day = identity.birth_date
    stated = (identity.patient_name, identity.patient_id, day.replace("-", ""))
    is_named = source.is_named_after_patient and name == scan_name(source.path)
    return is_named or contains_word_from(name, " ".join(stated)) or (bool(day) and day in name)


def does_path_name_patient(source: ScanSource) -> bool:
    """Return whether a folder or file on the path of a scan is named after its patient."""
    return any(names_patient(part, source) for part in source.path.parts)


def hidden_title(source: ScanSource, path: Path) -> str:
    """Return the title of a scan in place of a path that names its patient; otherwise empty."""
    is_named = does_path_name_patient(source) or any(
        names_patient(part, source) for part in path.parts
    )
    return title_of(source) if is_named else ""


def title_of(source: ScanSource, *, is_patient_shown: bool = False) -> str:
    """Return the title of a scan, independently of other open scans.

    A folder named after the patient is never the title of the file in it. If patients are hidden
    and the file or folder itself is named after the patient, its series or format is the title.
    """
    if not source.is_named_after_patient and (
        is_patient_shown or not names_patient(scan_name(source.path), source)
    ):
        return scan_name(source.path)
    return _path_name(source, is_patient_shown=is_patient_shown)


def _path_name(source: ScanSource, *, is_patient_shown: bool) -> str:
    """Return the name of a scan's file or folder, or what may be shown in its place."""
    names = [source.path.name, source.description, source.format.value]
    if is_patient_shown:
        return names[0]
    return next((name for name in names if name and not names_patient(name, source)), "")


def tab_titles(sources: Sequence[ScanSource], *, is_patient_shown: bool) -> tuple[str, ...]:
    """Return a title for each scan: its name, or what distinguishes scans with the same file name.

    Parameters
    ----------
    is_patient_shown
        Whether patients and study dates may be part of titles.
    """
    names = [_path_name(source, is_patient_shown=is_patient_shown) for source in sources]
    whole = [title_of(source, is_patient_shown=is_patient_shown) for source in sources]
    long = _distinguished(names, sources, _aspects(sources, is_patient_shown=is_patient_shown))
    # A generic file name that several scans share does not identify them, and takes up room.
    short = [
        _with_folder(title[1:], one, source) if title[1:] else title
        for title, one, source in zip(long, whole, sources, strict=True)
    ]
    titles = _where_unique(short, long)
    # if titled by their folder alone, a scan and its mask would look the same
    alone = [
        (one,) if title == (name,) and whole.count(one) == 1 else title
        for title, name, one in zip(titles, names, whole, strict=True)
    ]
    return _numbered([enumerated(title, _SEPARATOR) for title in _where_unique(alone, titles)])


def _distinguished(
    names: Sequence[str],
    sources: Sequence[ScanSource],
    aspects: Iterable[Callable[[ScanSource], str]],
) -> list[tuple[str, ...]]:
    """Return each name, followed by the aspects in which scans with the same words differ."""
    titles: list[tuple[str, ...]] = [(name,) for name in names]
    for aspect in aspects:
        words: dict[tuple[str, ...], set[str]] = {}
        for title, source in zip(titles, sources, strict=True):
            words.setdefault(title, set()).add(aspect(source))
        titles = [
            (*title, word) if (word := aspect(source)) and len(words[title]) > 1 else title
            for title, source in zip(titles, sources, strict=True)
        ]
    return titles


def _where_unique(
    preferred: Sequence[tuple[str, ...]], otherwise: Sequence[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """Return the preferred titles; where several scans would have the same, their other titles."""
    counts = Counter(preferred)
    return [
        one if counts[one] == 1 else other for one, other in zip(preferred, otherwise, strict=True)
    ]


def _numbered(titles: Sequence[str]) -> tuple[str, ...]:
    """Return the titles, with a number after each one that repeats an earlier one."""
    seen, numbered = Counter[str](), list[str]()
    for title in titles:
        seen[title] += 1
        is_first = seen[title] == 1
        numbered.append(title if is_first else enumerated((title, str(seen[title])), _SEPARATOR))
    return tuple(numbered)


def _with_folder(words: Sequence[str], name: str, source: ScanSource) -> tuple[str, ...]:
    """Return the words of a title, preceded by the name by which the user recognises the scan.

    `name` is the scan's title on its own. The patient's name or ID replaces it, except for a file
    such as 'mask.nii.gz', which could otherwise be mistaken for the scan.
    """
    identity = source.identity
    if name == source.path.name:
        is_folder_only = has_distinctive_name(source.path) and {*source.path.parts}.issuperset(
            words
        )
        return (name, *words) if is_folder_only else tuple(words)
    is_recognised = {name, identity.patient_name, identity.patient_id}.intersection(words)
    return tuple(words) if is_recognised else (name, *words)


def _aspects(
    sources: Iterable[ScanSource], *, is_patient_shown: bool
) -> list[Callable[[ScanSource], str]]:
    """Return the properties in which scans may differ, the most informative first."""
    patient: list[Callable[[ScanSource], str]] = [
        lambda source: source.identity.patient_name or source.identity.patient_id,
        lambda source: source.identity.patient_id,
        lambda source: source.identity.study_date and format_date(source.identity.study_date),
    ]

    def shown(name: str, source: ScanSource) -> str:
        return name if is_patient_shown or not names_patient(name, source) else ""

    def folder_name(source: ScanSource, up: int) -> str:
        name = source.path.parents[up].name if up < len(source.path.parents) else ""
        return shown(name, source)

    deepest = max((len(source.path.parents) for source in sources), default=0)
    return [
        *(patient if is_patient_shown else []),
        lambda source: shown(source.description, source),
        lambda source: source.kernel,
        *(partial(folder_name, up=up) for up in range(deepest)),
    ]
