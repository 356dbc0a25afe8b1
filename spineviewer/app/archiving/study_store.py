"""The local store of retrieved studies: contents, limits and deletion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from psygnal import Signal

from spineviewer.app.archives import (
    delete_study_and_work,
    local_store,
    without_missing_scans,
    without_scans_below,
)
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.journal import Journal
from spineviewer.app.notices import Notice, Severity, failure
from spineviewer.app.settings_store import SettingsStore
from spineviewer.archive.client import study_titles
from spineviewer.archive.store import StoredStudy
from spineviewer.errors import ArchiveError
from spineviewer.progress import Progress
from spineviewer.wording import worded

TOPIC = "store"


@dataclass(frozen=True)
class _Contents:
    """The studies in the store, their titles by UID, and the folders that were just deleted."""

    studies: tuple[StoredStudy, ...]
    titles: Mapping[str, str]
    deleted: tuple[Path, ...]


class StudyStore:
    """The studies in the local store.

    Signals: `changed` (`studies` was updated).

    Thread ownership: the window's thread; files are listed and deleted in jobs.

    Attributes
    ----------
    studies
        The studies of the last listing, oldest first.
    """

    changed = Signal()

    def __init__(
        self, jobs: Jobs, settings: SettingsStore, journal: Journal, tell: Callable[[Notice], None]
    ) -> None:
        self._jobs = jobs
        self._settings = settings
        self._journal = journal
        self._tell = tell
        self.studies: tuple[StoredStudy, ...] = ()
        self._titles: dict[str, str] = {}
        #: Studies that may not have been deleted yet, because a newer job replaces an older one.
        self._to_delete: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Folder of the studies."""
        return local_store(self._settings.current).folder

    def title(self, study_uid: str) -> str:
        """Return the date and description of a study; a placeholder if they are not known."""
        return self._titles.get(study_uid) or worded("No description")

    def set_limits(self, *, megabytes: int, days: int) -> None:
        """Set the limits on size and age (0 for none), and delete studies that are too old."""
        self._settings.update(store_megabytes=megabytes, store_days=days)
        self.tidy()

    def list(self) -> None:
        """List the studies again."""
        self._run((), deletes_old=False)

    def tidy(self) -> None:
        """Delete studies that exceed the age limit in the settings, if there is a store."""
        if self.folder.is_dir():
            self._run((), deletes_old=True)

    def delete(self, study_uids: Sequence[str]) -> None:
        """Delete studies, with the thumbnails of their scans and the saved work on them.

        Studies with a scan that is open in any window are kept, and a notice says so.
        """
        in_use = local_store(self._settings.current).in_use()
        skipped = [uid for uid in study_uids if uid in in_use]
        if skipped:
            text = worded(
                "%n stud(y|ies) could not be deleted because (its|their) scans are open. Close "
                "them first.",
                "",
                len(skipped),
            )
            self._tell(Notice(Severity.WARNING, text, TOPIC))
        self._run([uid for uid in study_uids if uid not in in_use], deletes_old=False)

    def drop_missing(self) -> None:
        """Drop recent scans of studies deleted to make room, and list the studies again."""
        settings = self._settings.current
        if (cleaned := without_missing_scans(settings)) is not settings:
            self._settings.put(cleaned)
        self.list()

    def _run(self, study_uids: Sequence[str], *, deletes_old: bool) -> None:
        store, journal, known_titles = (
            local_store(self._settings.current),
            self._journal,
            dict(self._titles),
        )
        self._to_delete = requested = tuple(dict.fromkeys((*self._to_delete, *study_uids)))

        def work(progress: Progress) -> _Contents:
            old = store.old_studies() if deletes_old else ()
            in_use = store.in_use()
            to_delete = [*requested, *(study.uid for study in old if study.uid not in in_use)]
            for uid in to_delete:
                delete_study_and_work(store, uid, journal, progress)
            studies = store.studies()
            new = [study for study in studies if study.uid not in known_titles]
            titles = known_titles if deletes_old else known_titles | _titles(new, progress)
            return _Contents(studies, titles, tuple(store.folder_for(uid) for uid in to_delete))

        def on_end(outcome: Outcome[_Contents]) -> None:
            if isinstance(outcome, Succeeded):
                contents = outcome.result
                self.studies, self._titles = contents.studies, dict(contents.titles)
                self._to_delete = ()
                if contents.deleted:
                    self._settings.put(
                        without_scans_below(self._settings.current, contents.deleted)
                    )
            elif isinstance(outcome, Failed):
                self._to_delete = ()
                self._tell(failure(outcome, TOPIC))
            self.changed.emit()

        self._jobs.start(JobKind.STORE, work, on_end=on_end)


def _titles(studies: Sequence[StoredStudy], progress: Progress) -> dict[str, str]:
    """Return the titles of studies by UID; empty if the extra for archives is not installed."""
    files = {study.uid: path for study in studies if (path := study.first_file) is not None}
    try:
        titles = study_titles(tuple(files.values()), progress) if files else ()
    except ArchiveError:
        return {}
    return dict(zip(files, titles, strict=True))
