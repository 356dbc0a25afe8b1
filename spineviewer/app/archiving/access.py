"""Everything that a workspace does with archives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from spineviewer.app.archiving.connection import Connect
from spineviewer.app.archiving.directory import ArchiveDirectory
from spineviewer.app.archiving.kept_studies import KeptStudies
from spineviewer.app.archiving.receiver_switch import ReceiverSwitch
from spineviewer.app.archiving.retrievals import Retrievals
from spineviewer.app.archiving.searching import ArchiveSearch
from spineviewer.app.archiving.sending import Sending
from spineviewer.app.jobs import Jobs
from spineviewer.app.journal import Journal
from spineviewer.app.notices import Notice
from spineviewer.app.settings_store import SettingsStore
from spineviewer.archive.client import Archive, require_extra
from spineviewer.errors import ArchiveError


class ArchiveAccess:
    """The archives of a workspace, by subject.

    Nothing here connects to anything, or imports what could, until the user asks for it.

    Thread ownership: the window's thread.
    """

    def __init__(
        self,
        jobs: Jobs,
        settings: SettingsStore,
        journal: Journal,
        open_paths: Callable[[], Sequence[Path]],
        tell: Callable[[Notice], None],
        connect: Connect = Archive,
    ) -> None:
        self.directory = ArchiveDirectory(jobs, settings, connect)
        self.search = ArchiveSearch(jobs, connect)
        self.kept = KeptStudies(jobs, settings, journal, open_paths, tell)
        self.retrievals = Retrievals(jobs, settings, connect, self.kept.drop_missing)
        self.sending = Sending(jobs, connect, tell)
        self.receiver = ReceiverSwitch(jobs, settings, tell, self.kept.drop_missing)

    @property
    def obstacle(self) -> str:
        """Why archives cannot be used in this installation; empty if they can."""
        try:
            require_extra()
        except ArchiveError as error:
            return str(error)
        return ""
