"""The archive interface that the window uses: `archive.client.Archive` or a substitute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from spineviewer.archive.client import SentFile
from spineviewer.archive.node import Node
from spineviewer.archive.query import Query, SearchResult
from spineviewer.archive.store import LocalStore
from spineviewer.progress import Progress


class Connection(Protocol):
    """An archive; all calls block. Errors are `ArchiveError`s with a one-sentence message."""

    def echo(self, progress: Progress | None = None) -> dict[str, float]:
        """Return the archive's response time in seconds, by transport."""

    def find(
        self, query: Query, *, with_series: bool = True, progress: Progress | None = None
    ) -> SearchResult:
        """Return matching patients and studies; `with_series` adds the series of each study."""

    def retrieve(
        self,
        study_uid: str,
        series_uid: str = "",
        *,
        store: LocalStore,
        progress: Progress | None = None,
    ) -> Path:
        """Retrieve the missing files of a study or series; return its folder."""

    def send(self, files: Sequence[Path], progress: Progress | None = None) -> tuple[SentFile, ...]:
        """Send files; return the result for each."""

    def confirm(
        self, files: Sequence[Path], *, timeout_s: float = 60.0, progress: Progress | None = None
    ) -> tuple[SentFile, ...]:
        """Ask the archive to confirm that it has stored files; return the result for each."""


#: Returns the connection to an archive; the text is the password or token, or empty to use the one
#: in the credential store.
Connect = Callable[[Node, str], Connection]
