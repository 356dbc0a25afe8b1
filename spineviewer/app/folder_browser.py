"""The scans in a folder and their thumbnails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.notices import Notice, Severity, failure
from spineviewer.app.services import SeriesToChoose, series_thumbnails
from spineviewer.app.settings_store import SettingsStore
from spineviewer.app.studies import FolderContents, list_contents
from spineviewer.progress import Progress
from spineviewer.wording import worded

Pictures = Mapping[str, NDArray[np.uint8]]


class FolderBrowser:
    """Lists folders in the background; `found` announces their `FolderContents`."""

    found = Signal(object)

    def __init__(
        self,
        jobs: Jobs,
        settings: SettingsStore,
        tell: Callable[[Notice], None],
        end_topic: Callable[[str], None],
    ) -> None:
        self._jobs = jobs
        self._settings = settings
        self._tell = tell
        self._end_topic = end_topic

    def browse(self, folder: Path) -> None:
        """Search a folder and its subfolders for scans."""

        def on_end(outcome: Outcome[FolderContents]) -> None:
            self._end_topic("browse")
            if isinstance(outcome, Succeeded):
                self.found.emit(outcome.result)
            elif isinstance(outcome, Failed):
                self._tell(failure(outcome, "browse"))

        with_names = self._settings.current.is_patient_named
        text = worded("Searching {folder} for scans…", folder=folder.name)
        self._tell(Notice(Severity.INFO, text, "browse", is_ongoing=True))
        self._jobs.start(
            JobKind.BROWSE,
            lambda progress: list_contents(folder, progress, with_names=with_names),
            on_end=on_end,
        )

    def make_folder_thumbnails(
        self, contents: FolderContents, on_pictures: Callable[[Pictures], None]
    ) -> None:
        """Make thumbnails of a folder's series, keyed by UID."""
        self._make_thumbnails(
            lambda progress: series_thumbnails(contents.listing, progress), on_pictures
        )

    def make_series_thumbnails(
        self, choice: SeriesToChoose, on_pictures: Callable[[Pictures], None]
    ) -> None:
        """Make thumbnails of the series from which the user chooses, keyed by UID."""
        self._make_thumbnails(
            lambda progress: series_thumbnails(choice.listing, progress), on_pictures
        )

    def end_thumbnails(self) -> None:
        """Stop making thumbnails, because they are no longer visible."""
        self._jobs.withdraw(JobKind.PICTURES)

    def cancel(self) -> None:
        """Stop searching."""
        self._jobs.cancel(JobKind.BROWSE)

    def _make_thumbnails(
        self, work: Callable[[Progress], Pictures], on_pictures: Callable[[Pictures], None]
    ) -> None:
        def on_end(outcome: Outcome[Pictures]) -> None:
            if isinstance(outcome, Succeeded):
                on_pictures(outcome.result)

        self._jobs.start(JobKind.PICTURES, work, on_end=on_end)
