"""Text that identifies a scan: a line for the window, and distinct titles for open scans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from spineviewer.volume.scan_name import scan_name
from spineviewer.volume.volume import ScanIdentity, ScanSource
from spineviewer.wording import enumerated, worded

#: Separator between the parts of a line.
_SEPARATOR = "  ·  "


def format_date(iso: str) -> str:
    """Return a date 'YYYY-MM-DD' in the format of the user's language."""
    year, month, day = iso.split("-")
    return worded("{year}-{month}-{day}", year=year, month=month, day=day)


def describe_patient(source: ScanSource, *, is_date_first: bool = False) -> str:
    """Return the patient, study date and series of a scan on one line.

    The line is empty for files that contain none of these.

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
    """Return for each of several series the patient and study date, if these differ among them.

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


def title_of(source: ScanSource) -> str:
    """Return the title of a scan on its own.

    A folder named after the patient never stands for the file in it.
    """
    return source.path.name if source.is_named_after_patient else scan_name(source.path)


def tab_titles(sources: Sequence[ScanSource], *, is_patient_shown: bool) -> tuple[str, ...]:
    """Return a title for each scan: its name, or what distinguishes scans with the same file name.

    Parameters
    ----------
    is_patient_shown
        Whether patients and study dates may be part of titles.
    """
    titles: list[list[str]] = [[source.path.name] for source in sources]
    for aspect in _aspects(sources, is_patient_shown=is_patient_shown):
        counts = Counter(map(tuple, titles))
        for shared_title in (title for title, count in counts.items() if count > 1):
            members = [n for n, title in enumerate(titles) if tuple(title) == shared_title]
            words = [aspect(sources[n]) for n in members]
            if len(set(words)) > 1:
                for n, word in zip(members, words, strict=True):
                    titles[n] += [word] if word else []
    # A file name that several scans share does not distinguish them, and takes up room in the tabs.
    short = [
        _with_folder(title[1:], source) if title[1:] else tuple(title)
        for title, source in zip(titles, sources, strict=True)
    ]
    counts = Counter(short)
    shown = [
        one if counts[one] == 1 else tuple(title) for one, title in zip(short, titles, strict=True)
    ]
    names = [
        title_of(source) if title == (source.path.name,) else enumerated(title, _SEPARATOR)
        for title, source in zip(shown, sources, strict=True)
    ]
    counts_of_names = Counter(names)
    return tuple(
        name if counts_of_names[name] == 1 else enumerated(title, _SEPARATOR)
        for name, title in zip(names, shown, strict=True)
    )


def _with_folder(words: Sequence[str], source: ScanSource) -> tuple[str, ...]:
    """Return the words of a title, after the folder by which the user recognises the scan.

    The patient's name or ID takes its place.
    """
    name, identity = title_of(source), source.identity
    is_recognised = {name, identity.patient_name, identity.patient_id}.intersection(words)
    return tuple(words) if is_recognised or name == source.path.name else (name, *words)


def _aspects(
    sources: Iterable[ScanSource], *, is_patient_shown: bool
) -> list[Callable[[ScanSource], str]]:
    """Return the properties in which scans may differ, the most informative first."""
    patient: list[Callable[[ScanSource], str]] = [
        lambda source: source.identity.patient_name or source.identity.patient_id,
        lambda source: source.identity.patient_id,
        lambda source: source.identity.study_date and format_date(source.identity.study_date),
    ]
    deepest = max((len(source.path.parents) for source in sources), default=0)
    return [
        *(patient if is_patient_shown else []),
        lambda source: source.description,
        lambda source: source.kernel,
        *(
            lambda source, up=up: (
                source.path.parents[up].name if up < len(source.path.parents) else ""
            )
            for up in range(deepest)
        ),
    ]
