"""Archives in the settings, the local store, and scans identified by their archive address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from spineviewer.app.archiving.studies_in_use import store_folder
from spineviewer.app.journal import Journal
from spineviewer.app.settings import Settings, load_settings, save_settings, settings_file
from spineviewer.archive.client import Archive
from spineviewer.archive.credentials import delete_secret
from spineviewer.archive.node import Node, is_uid, node_from_address, node_from_fields, require_uid
from spineviewer.archive.store import LocalStore
from spineviewer.errors import SpineViewerError, UsageError
from spineviewer.progress import Progress
from spineviewer.wording import worded

#: Prefixes of addresses that are not file paths.
SCHEMES = ("pacs://", "dicom://", "dicoms://", "http://", "https://")
_WEB_ADDRESS = re.compile(
    r"(?P<archive>https?://.+?)/studies/(?P<study>[0-9.]+)(/series/(?P<series>[0-9.]+))?/?"
)


@dataclass(frozen=True)
class ArchivedScan:
    """A study or series in an archive.

    Attributes
    ----------
    text
        The address as the user typed it.
    series_uid
        Empty for the whole study.
    """

    text: str
    node: Node
    study_uid: str
    series_uid: str

    def folder_in(self, store: LocalStore) -> Path:
        """Return the folder of the scan in a local store, whether or not it has been retrieved."""
        return store.folder_for(self.study_uid, self.series_uid)

    def retrieve(self, store: LocalStore, progress: Progress) -> Path:
        """Retrieve the missing files; return their folder in a local store.

        Raises
        ------
        ArchiveError
            When the retrieval fails; the message gives the reason.
        Cancelled
            When `progress` raises it.
        """
        return Archive(self.node).retrieve(
            self.study_uid, self.series_uid, store=store, progress=progress
        )


def nodes(settings: Settings) -> tuple[Node, ...]:
    """Return the configured archives that can be used."""
    return tuple(entry for _, entry in _entries(settings) if isinstance(entry, Node))


def unusable_archives(settings: Settings) -> dict[str, str]:
    """Return why configured archives cannot be used, by name; they stay in the settings."""
    return {
        name: worded(
            "The archive {name} cannot be used. {reason} Add it again under the same name.",
            name=name,
            reason=entry,
        )
        for name, entry in _entries(settings)
        if isinstance(entry, UsageError)
    }


def _entries(settings: Settings) -> Iterator[tuple[str, Node | UsageError]]:
    """Yield the name of each entry with its archive, or with the reason why it cannot be used."""
    for fields in settings.archives:
        name = str(fields.get("name", "?"))
        try:
            yield name, node_from_fields(fields)
        except UsageError as error:
            yield name, error


def with_node(settings: Settings, node: Node) -> Settings:
    """Return settings with an archive added, or replaced if there is one with the same name."""
    others = [fields for fields in settings.archives if fields.get("name") != node.name]
    return replace(settings, archives=[*others, node.as_fields()])


def without_node(settings: Settings, name: str) -> Settings:
    """Return settings without an archive; also delete its password.

    Raises
    ------
    UsageError
        When there is no archive with that name.
    """
    others = [fields for fields in settings.archives if fields.get("name") != name]
    if len(others) == len(settings.archives):
        raise UsageError(_unknown_name(name, settings))
    delete_secret(name)
    return replace(settings, archives=others)


def find_node(text: str, settings: Settings) -> Node:
    """Return a configured archive by its name, or an archive described by its address.

    Raises
    ------
    UsageError
        When there is no such archive, or when it cannot be used.
    """
    if text.startswith(SCHEMES[1:]):
        return node_from_address(text)
    for node in nodes(settings):
        if node.name == text:
            return node
    raise UsageError(unusable_archives(settings).get(text) or _unknown_name(text, settings))


def local_store(settings: Settings, journal: Journal | None = None) -> LocalStore:
    """Return the local store of retrieved studies, with the limits from the settings.

    With a journal, deleting a study to make room also deletes the saved work on it.
    """
    store = LocalStore(
        store_folder(),
        max_bytes=settings.store_megabytes * 1_000_000 if settings.store_megabytes else None,
        keep_days=settings.store_days or None,
    )
    if journal is not None:
        store.delete_study = lambda uid, progress: delete_study_and_work(
            store, uid, journal, progress
        )
    return store


def archived_scan(text: str, settings: Settings | None = None) -> ArchivedScan | None:
    """Return the scan at an archive address; None if the text is a path.

    Addresses: `pacs://NAME/STUDY[/SERIES]` for a configured archive,
    `dicom://AE-TITLE@HOST:PORT/STUDY[/SERIES]`, `https://HOST/PATH/studies/STUDY[/series/SERIES]`.

    Raises
    ------
    UsageError
        When the address is incomplete, or its archive is unknown or cannot be used.
    """
    if not text.startswith(SCHEMES):
        return None
    settings = settings or load_settings(settings_file())
    if text.startswith(("http://", "https://")):
        match = _WEB_ADDRESS.fullmatch(text)
        if match is None:
            raise UsageError(
                worded(
                    "{text} does not specify a study. Use the format "
                    "https://HOST/PATH/studies/UID/series/UID.",
                    text=text,
                )
            )
        archive, study, series = match["archive"], match["study"], match["series"] or ""
    else:
        parts = urlsplit(text)
        uids = [part for part in parts.path.split("/") if part]
        if not 1 <= len(uids) <= 2 or not all(map(is_uid, uids)):
            raise UsageError(
                worded(
                    "{text} does not specify a study. Use the format {start}STUDY-UID/SERIES-UID.",
                    text=text,
                    start=f"{parts.scheme}://{parts.netloc}/",
                )
            )
        archive = (
            unquote(parts.netloc) if parts.scheme == "pacs" else f"{parts.scheme}://{parts.netloc}"
        )
        study, series = uids[0], uids[1] if len(uids) == 2 else ""
    return ArchivedScan(
        text,
        find_node(archive, settings),
        require_uid(study),
        require_uid(series) if series else "",
    )


def delete_study_and_work(
    store: LocalStore, study_uid: str, journal: Journal, progress: Progress
) -> None:
    """Delete a retrieved study and the saved work on its scans.

    The journal identifies scans by their voxels, so every series of the study is read again.
    """
    from spineviewer.app.session import scan_fingerprint
    from spineviewer.io.scan import list_series, read_scan

    folder = store.folder_for(study_uid)
    if folder.is_dir():
        with suppress(SpineViewerError):  # scans that cannot be opened have no saved work
            for series in list_series(folder, progress).series:
                with suppress(SpineViewerError):
                    scan = read_scan(folder, series_uid=series.uid, progress=progress)
                    journal.delete(scan_fingerprint(scan))
    store.delete(study_uid)


def delete_study(
    study_uid: str, settings: Settings, journal: Journal, progress: Progress
) -> Settings:
    """Delete a retrieved study and the saved work on its scans.

    Returns
    -------
    The settings without the recent scans of the study, whose entries contain thumbnails.

    Raises
    ------
    UsageError
        When the study is open in a running instance of Spineviewer.
    """
    store = local_store(settings)
    if study_uid in store.in_use():
        raise UsageError(
            worded("The study {uid} is open in Spineviewer. Close it first.", uid=study_uid)
        )
    delete_study_and_work(store, study_uid, journal, progress)
    return without_scans_below(settings, (store.folder_for(study_uid),))


def delete_old_studies(settings: Settings, journal: Journal, progress: Progress) -> Settings:
    """Delete studies that exceed the age limit in the settings, except open ones.

    Return the settings without the deleted studies' recent scans.
    """
    store = local_store(settings)
    in_use = store.in_use()
    for study in store.old_studies():
        if study.uid not in in_use:
            settings = delete_study(study.uid, settings, journal, progress)
    return settings


def without_missing_scans(settings: Settings) -> Settings:
    """Return settings without recent scans of studies that are no longer in the local store."""
    folder = store_folder()
    missing = [
        Path(scan.path)
        for scan in settings.recent
        if Path(scan.path).is_relative_to(folder) and not Path(scan.path).exists()
    ]
    return without_scans_below(settings, missing) if missing else settings


def without_scans_below(settings: Settings, folders: Sequence[Path]) -> Settings:
    """Return settings without recent scans in these folders."""
    remaining = tuple(
        scan
        for scan in settings.recent
        if not any(Path(scan.path).is_relative_to(folder) for folder in folders)
    )
    return replace(settings, recent=remaining)


def journal_for(settings_path: Path) -> Journal:
    """Return the window's journal, which is in the same folder as the settings."""
    return Journal(settings_path.parent / "sessions")


def local_scan(text: str, progress: Progress) -> Path:
    """Return the path of a scan on this computer; retrieve a scan in an archive first.

    Raises
    ------
    UsageError
        When the address is incomplete, or its archive is unknown or cannot be used.
    ArchiveError
        When the scan cannot be retrieved; the message gives the reason.
    Cancelled
        When `progress` raises it.
    """
    path = settings_file()
    settings = load_settings(path) if text.startswith(SCHEMES) else Settings()
    scan = archived_scan(text, settings)
    if scan is None:
        return Path(text)
    journal = journal_for(path)
    if (cleaned := delete_old_studies(settings, journal, progress)) != settings:
        save_settings(cleaned, path)
    folder = scan.retrieve(local_store(settings, journal), progress)
    settings = load_settings(path)
    if (cleaned := without_missing_scans(settings)) != settings:
        save_settings(cleaned, path)
    return folder


def _unknown_name(name: str, settings: Settings) -> str:
    known = ", ".join(node.name for node in nodes(settings))
    if known:
        return worded(
            "There is no archive named {name}. Use one of these: {known}.", name=name, known=known
        )
    return worded(
        "There is no archive named {name}, and none is configured. Add one "
        "(spineviewer pacs nodes --add NAME ADDRESS).",
        name=name,
    )
