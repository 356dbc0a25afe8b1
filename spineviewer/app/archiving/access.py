"""Access to image archives from a workspace."""

from __future__ import annotations

from collections.abc import Callable

from spineviewer.app.archives import unusable_archives
from spineviewer.app.archiving.connection import Connect
from spineviewer.app.archiving.directory import ArchiveDirectory
from spineviewer.app.archiving.receiver_switch import ReceiverSwitch, unusable_receiver
from spineviewer.app.archiving.retrievals import Retrievals
from spineviewer.app.archiving.searching import ArchiveSearch
from spineviewer.app.archiving.sending import Sending
from spineviewer.app.archiving.study_store import StudyStore
from spineviewer.app.job_runner import Jobs
from spineviewer.app.journal import Journal
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.settings_store import SettingsStore
from spineviewer.archive.client import Archive, require_extra
from spineviewer.errors import ArchiveError
from spineviewer.wording import enumerated


class ArchiveAccess:
    """The archive functions of a workspace, grouped by subject.

    Connections are opened and network libraries imported only when the user requests something that
    needs them.

    Thread ownership: the window's thread.

    Parameters
    ----------
    new_jobs
        Returns jobs with a new owner, so that several jobs of one kind can run at the same time.
    """

    def __init__(
        self,
        jobs: Jobs,
        new_jobs: Callable[[], Jobs],
        settings: SettingsStore,
        journal: Journal,
        tell: Callable[[Notice], None],
        connect: Connect = Archive,
    ) -> None:
        self.directory = ArchiveDirectory(jobs, settings, connect)
        self.search = ArchiveSearch(jobs, connect)
        self.store = StudyStore(jobs, settings, journal, tell)
        self.retrievals = Retrievals(new_jobs, settings, journal, connect, self.store.drop_missing)
        self.sending = Sending(jobs, connect, tell)
        self.receiver = ReceiverSwitch(jobs, settings, journal, tell, self.store.drop_missing)
        wrong = [*unusable_archives(settings.current).values(), unusable_receiver(settings.current)]
        if reasons := [reason for reason in wrong if reason]:
            tell(Notice(Severity.WARNING, enumerated(reasons, " "), "unusable archives"))

    @property
    def obstacle(self) -> str:
        """Why archives cannot be used in this installation; empty if they can."""
        try:
            require_extra()
        except ArchiveError as error:
            return str(error)
        return ""
