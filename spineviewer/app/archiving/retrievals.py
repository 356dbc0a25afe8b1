"""Retrievals of studies from archives, a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from pathlib import Path

from psygnal import Signal

from spineviewer.app.archives import local_store
from spineviewer.app.archiving.connection import Connect
from spineviewer.app.archiving.searching import prior_studies
from spineviewer.app.jobs import Failed, JobKind, Jobs, Outcome, Stopped, Succeeded
from spineviewer.app.journal import Journal
from spineviewer.app.settings_store import SettingsStore
from spineviewer.archive.node import Node
from spineviewer.archive.query import FoundStudy
from spineviewer.progress import Progress, ProgressUpdate


class RetrievalState(Enum):
    """The state of a retrieval."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class WantedStudy:
    """The study or series to retrieve.

    Attributes
    ----------
    series_uid
        Empty for the whole study.
    title
        Its name in messages; must not contain patient data.
    patient_name
        Shown in the list; empty if the archive does not provide it.
    patient_id, date
        Used to find earlier studies; empty if the archive does not provide them.
    """

    node: Node
    study_uid: str
    series_uid: str
    title: str
    patient_id: str = ""
    date: str = ""
    patient_name: str = ""


@dataclass(frozen=True)
class Retrieval:
    """One retrieval.

    Attributes
    ----------
    fraction
        0 to 1.
    reason
        Why it failed; empty if it did not.
    folder
        Folder of the study once it has arrived.
    priors
        Earlier CT studies of the patient in the same archive; None if not known.
    """

    number: int
    wanted: WantedStudy
    state: RetrievalState = RetrievalState.WAITING
    fraction: float = 0.0
    reason: str = ""
    folder: Path | None = None
    priors: tuple[FoundStudy, ...] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the retrieval is waiting or running."""
        return self.state in (RetrievalState.WAITING, RetrievalState.RUNNING)


class Retrievals:
    """The retrievals of this run of the program, oldest first.

    Files of an interrupted retrieval stay in the local store, so a retry fetches only the rest.

    Signals: `changed` (the list changed), `updated` (a `Retrieval`), `arrived` (a `Retrieval` that
    is complete).

    Thread ownership: the window's thread.

    Parameters
    ----------
    new_jobs
        Returns the jobs of a new owner: each retrieval is a separate owner.
    on_stored
        Called after each arrival, because older studies may have been deleted to make room.
    """

    changed = Signal()
    updated = Signal(object)
    arrived = Signal(object)

    def __init__(
        self,
        new_jobs: Callable[[], Jobs],
        settings: SettingsStore,
        journal: Journal,
        connect: Connect,
        on_stored: Callable[[], None],
    ) -> None:
        self._new_jobs = new_jobs
        self._settings = settings
        self._journal = journal
        self._connect = connect
        self._on_stored = on_stored
        self._numbers = count(1)
        self._retrievals: dict[int, Retrieval] = {}
        self._jobs: dict[int, Jobs] = {}
        settings.changed.connect(self._start_queued)

    @property
    def retrievals(self) -> tuple[Retrieval, ...]:
        """All retrievals, oldest first."""
        return tuple(self._retrievals.values())

    def retrieve(self, wanted: WantedStudy) -> Retrieval:
        """Queue a study or series for retrieval, unless it is already queued."""
        for known in self._retrievals.values():
            if known.wanted == wanted and known.is_open:
                return known
        new = Retrieval(next(self._numbers), wanted)
        self._retrievals[new.number] = new
        self._jobs[new.number] = self._new_jobs()
        self.changed.emit()
        self._start_queued()
        return self._retrievals[new.number]

    def cancel(self, number: int) -> None:
        """Stop a retrieval; the files received so far are kept for a retry."""
        known = self._retrievals.get(number)
        if known is None:
            return
        if known.state is RetrievalState.RUNNING:
            self._jobs[number].cancel(JobKind.RETRIEVE)
        elif known.state is RetrievalState.WAITING:
            self._put(replace(known, state=RetrievalState.STOPPED))

    def retry(self, number: int) -> None:
        """Retrieve the missing files of a retrieval that failed or was stopped."""
        known = self._retrievals.get(number)
        if known is not None and known.state in (RetrievalState.FAILED, RetrievalState.STOPPED):
            self._put(replace(known, state=RetrievalState.WAITING, reason=""))
            self._start_queued()

    def clear_ended(self) -> None:
        """Remove the retrievals that have ended from the list."""
        for number, one in tuple(self._retrievals.items()):
            if not one.is_open:
                del self._retrievals[number], self._jobs[number]
        self.changed.emit()

    def _start_queued(self) -> None:
        """Start waiting retrievals, oldest first, up to the limit in the settings.

        Only one retrieval per study runs, because a second one would wait for the study's lock.
        """
        for one in self.retrievals:
            running = {
                other.wanted.study_uid
                for other in self._retrievals.values()
                if other.state is RetrievalState.RUNNING
            }
            if len(running) >= self._settings.current.retrievals_at_once:
                return
            if one.state is RetrievalState.WAITING and one.wanted.study_uid not in running:
                self._start(one)

    def _start(self, waiting: Retrieval) -> None:
        number, wanted = waiting.number, waiting.wanted
        archive = self._connect(wanted.node, "")
        store = local_store(self._settings.current, self._journal)
        self._put(replace(waiting, state=RetrievalState.RUNNING))

        def work(progress: Progress) -> Path:
            return archive.retrieve(
                wanted.study_uid, wanted.series_uid, store=store, progress=progress
            )

        self._jobs[number].start(
            JobKind.RETRIEVE,
            work,
            on_end=lambda outcome: self._on_end(number, outcome),
            on_progress=lambda update: self._on_progress(number, update),
        )

    def _on_progress(self, number: int, update: ProgressUpdate) -> None:
        self._put(replace(self._retrievals[number], fraction=update.fraction))

    def _on_end(self, number: int, outcome: Outcome[Path]) -> None:
        known = self._retrievals[number]
        if isinstance(outcome, Succeeded):
            done = replace(known, state=RetrievalState.DONE, fraction=1.0, folder=outcome.result)
            self._put(done)
            self._on_stored()
            self._find_priors(done)
            self.arrived.emit(done)
        elif isinstance(outcome, Failed):
            self._put(replace(known, state=RetrievalState.FAILED, reason=outcome.message))
        elif isinstance(outcome, Stopped):
            self._put(replace(known, state=RetrievalState.STOPPED))
        self._start_queued()

    def _find_priors(self, done: Retrieval) -> None:
        """Search the archive that a study came from for the patient's earlier CT studies."""
        wanted = done.wanted
        archive = self._connect(wanted.node, "")

        def find(progress: Progress) -> tuple[FoundStudy, ...]:
            return prior_studies(
                archive,
                wanted.patient_id,
                given_uid=wanted.study_uid,
                given_date=wanted.date,
                progress=progress,
            )

        def on_end(outcome: Outcome[tuple[FoundStudy, ...]]) -> None:
            known = self._retrievals.get(done.number)
            if isinstance(outcome, Succeeded) and known is not None:
                self._put(replace(known, priors=outcome.result))

        if wanted.patient_id:
            self._jobs[done.number].start(JobKind.FIND_PRIORS, find, on_end=on_end)

    def _put(self, retrieval: Retrieval) -> None:
        self._retrievals[retrieval.number] = retrieval
        self.updated.emit(retrieval)
