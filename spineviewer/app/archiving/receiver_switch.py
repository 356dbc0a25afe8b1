"""The receiver for studies from other computers: off until the user switches it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from psygnal import Signal

from spineviewer.app.archives import local_store
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome
from spineviewer.app.journal import Journal
from spineviewer.app.notices import Notice, Severity, failure
from spineviewer.app.settings import Settings
from spineviewer.app.settings_store import SettingsStore
from spineviewer.archive.client import ReceivedStudy, receive, require_extra
from spineviewer.archive.node import OWN_PORT, OWN_TITLE, is_loopback, settings_from_fields
from spineviewer.archive.receiver_settings import ReceiverSettings
from spineviewer.errors import ArchiveError, UsageError
from spineviewer.progress import Progress
from spineviewer.wording import worded

TOPIC = "receiver"
#: Keys of older settings and their current names.
_OLD_KEYS = {
    "most_object_bytes": "max_object_bytes",
    "most_study_bytes": "max_study_bytes",
}


def default_receiver() -> ReceiverSettings:
    """Return the settings of a receiver that only this computer can reach.

    Choice: its port differs from the one to which archives send requested studies (C-MOVE).
    """
    return ReceiverSettings(OWN_TITLE, OWN_PORT + 1)


class ReceiverSwitch:
    """Starts and stops the receiver.

    Signals: `changed` (it started, began to listen, or ended), `received` (a `ReceivedStudy`).

    Thread ownership: the window's thread.

    Parameters
    ----------
    on_stored
        Called after a study has arrived.
    """

    changed = Signal()
    received = Signal(object)

    def __init__(
        self,
        jobs: Jobs,
        settings: SettingsStore,
        journal: Journal,
        tell: Callable[[Notice], None],
        on_stored: Callable[[], None],
    ) -> None:
        self._jobs = jobs
        self._settings = settings
        self._journal = journal
        self._tell = tell
        self._on_stored = on_stored
        self._is_listening = False
        self._must_restart = False

    @property
    def is_on(self) -> bool:
        """Whether the receiver is switched on."""
        return self._jobs.is_running(JobKind.RECEIVE)

    @property
    def choice(self) -> ReceiverSettings:
        """The settings of the receiver; the defaults if they cannot be read."""
        try:
            return _stored_receiver(self._settings.current)
        except UsageError:
            return default_receiver()

    def choose(self, choice: ReceiverSettings) -> None:
        """Store new settings; restart the receiver with them if it is on."""
        self._settings.update(receiver=asdict(choice))
        if self.is_on:
            self._must_restart = True
            self._jobs.cancel(JobKind.RECEIVE)

    def start(self) -> None:
        """Switch the receiver on."""
        if self.is_on:
            return
        try:
            require_extra()
        except ArchiveError as error:
            self._tell(Notice(Severity.ERROR, str(error), TOPIC, error=error))
            return
        choice, store = self.choice, local_store(self._settings.current, self._journal)
        self._is_listening = False

        def work(progress: Progress, publish: Callable[[ReceivedStudy | None], None]) -> None:
            for study in receive(choice, store, progress, on_ready=lambda: publish(None)):
                publish(study)

        self._jobs.stream(JobKind.RECEIVE, work, on_part=self._on_part, on_end=self._on_end)
        self.changed.emit()

    def stop(self) -> None:
        """Switch the receiver off; keep incomplete studies for the next start."""
        self._must_restart = False
        self._jobs.cancel(JobKind.RECEIVE)

    @property
    def sentence(self) -> str:
        """The receiver's current state, in one sentence."""
        choice = self.choice
        if not self.is_on:
            return worded("The receiver is off.")
        if not self._is_listening:
            return worded("The receiver is starting…")
        if is_loopback(choice.host):
            return worded(
                "The receiver is listening as {title} on port {port}. Only this computer can "
                "connect.",
                title=choice.title,
                port=choice.port,
            )
        return worded(
            "The receiver is listening as {title} at {host}, port {port}.",
            title=choice.title,
            host=choice.host,
            port=choice.port,
        )

    def _on_part(self, study: ReceivedStudy | None) -> None:
        if study is None:
            self._is_listening = True
            self.changed.emit()
            return
        self._on_stored()
        self.received.emit(study)

    def _on_end(self, outcome: Outcome[None]) -> None:
        self._is_listening = False
        if isinstance(outcome, Failed):
            self._tell(failure(outcome, TOPIC))
        if self._must_restart:  # the port is free only now
            self._must_restart = False
            self.start()
        self.changed.emit()


def _stored_receiver(settings: Settings) -> ReceiverSettings:
    """Return the stored settings of the receiver; the defaults if there are none.

    Raises
    ------
    UsageError
        When the stored settings are incomplete or invalid.
    """
    fields = {_OLD_KEYS.get(key, key): value for key, value in settings.receiver.items()}
    return settings_from_fields(fields, ReceiverSettings) if fields else default_receiver()


def unusable_receiver(settings: Settings) -> str:
    """Return why the stored settings cannot be used; empty if they can."""
    try:
        _stored_receiver(settings)
    except UsageError as error:
        return worded(
            "The stored settings of the receiver cannot be used, so the defaults apply. {reason}",
            reason=error,
        )
    return ""
