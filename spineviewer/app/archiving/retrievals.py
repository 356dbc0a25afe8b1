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
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Stopped, Succeeded
from spineviewer.app.journal import Journal
from spineviewer.app.settings_store import SettingsStore
from spineviewer.archive.node import Node
from spineviewer.archive.query import FoundStudy
from spineviewer.progress import Progress, ProgressUpdate


class RetrievalState(Enum):
    """The stage or the outcome of a retrieval."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class RequestedStudy:
    """The study or series to retrieve.

    Attributes
    ----------
    series_uid
        Empty for the whole study.
    title
        Name of the study in messages; must not contain patient data.
    patient_name
        Shown in the list; empty if the archive does not provide it.
    patient_id, date
        Used to find prior studies; empty if the archive does not provide them.
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
    """A retrieval: its study, state and progress.

    Attributes
    ----------
    fraction
        0 to 1.
    reason
        Why it failed; empty if it did not.
    folder
        Folder of the study once it has arrived.
    priors
        Prior CT studies of the patient in the same archive; None if not known.
    """

    number: int
    study: RequestedStudy
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
        Returns jobs with a new owner; each retrieval has its own.
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

    def retrieve(self, study: RequestedStudy) -> Retrieval:
        """Queue a study or series unless it is waiting or running already; return its retrieval."""
        for retrieval in self._retrievals.values():
            if retrieval.study == study and retrieval.is_open:
                return retrieval
        queued = Retrieval(next(self._numbers), study)
        self._retrievals[queued.number] = queued
        self._jobs[queued.number] = self._new_jobs()
        self.changed.emit()
        self._start_queued()
        return self._retrievals[queued.number]

    def cancel(self, number: int) -> None:
        """Stop a retrieval; the files received so far are kept for a retry."""
        retrieval = self._retrievals.get(number)
        if retrieval is None:
            return
        if retrieval.state is RetrievalState.RUNNING:
            self._jobs[number].cancel(JobKind.RETRIEVE)
        elif retrieval.state is RetrievalState.WAITING:
            self._put(replace(retrieval, state=RetrievalState.STOPPED))

    def retry(self, number: int) -> None:
        """Retrieve the missing files of a retrieval that failed or was stopped."""
        retrieval = self._retrievals.get(number)
        if retrieval is not None and retrieval.state in (
            RetrievalState.FAILED,
            RetrievalState.STOPPED,
        ):
            self._put(replace(retrieval, state=RetrievalState.WAITING, reason=""))
            self._start_queued()

    def clear_ended(self) -> None:
        """Remove the retrievals that have ended from the list."""
        for number, retrieval in tuple(self._retrievals.items()):
            if not retrieval.is_open:
                del self._retrievals[number], self._jobs[number]
        self.changed.emit()

    def _start_queued(self) -> None:
        """Start waiting retrievals, oldest first, up to the limit in the settings.

        Only one retrieval per study runs, because a second one would wait for the study's lock.
        """
        for retrieval in self.retrievals:
            running = {
                other.study.study_uid
                for other in self._retrievals.values()
                if other.state is RetrievalState.RUNNING
            }
            if len(running) >= self._settings.current.retrievals_at_once:
                return
            if (
                retrieval.state is RetrievalState.WAITING
                and retrieval.study.study_uid not in running
            ):
                self._start(retrieval)

    def _start(self, waiting: Retrieval) -> None:
        number, study = waiting.number, waiting.study
        archive = self._connect(study.node, "")
        store = local_store(self._settings.current, self._journal)
        self._put(replace(waiting, state=RetrievalState.RUNNING))

        def work(progress: Progress) -> Path:
            return archive.retrieve(
                study.study_uid, study.series_uid, store=store, progress=progress
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
        retrieval = self._retrievals[number]
        if isinstance(outcome, Succeeded):
            done = replace(
                retrieval, state=RetrievalState.DONE, fraction=1.0, folder=outcome.result
            )
            self._put(done)
            self._on_stored()
            self._find_priors(done)
            self.arrived.emit(done)
        elif isinstance(outcome, Failed):
            self._put(replace(retrieval, state=RetrievalState.FAILED, reason=outcome.message))
        elif isinstance(outcome, Stopped):
            self._put(replace(retrieval, state=RetrievalState.STOPPED))
        self._start_queued()

    def _find_priors(self, done: Retrieval) -> None:
        """Search for prior CT studies of the patient in the archive that sent the study."""
        study = done.study
        archive = self._connect(study.node, "")

        def find(progress: Progress) -> tuple[FoundStudy, ...]:
            return prior_studies(
                archive,
                study.patient_id,
                study_uid=study.study_uid,
                study_date=study.date,
                progress=progress,
            )

        def on_end(outcome: Outcome[tuple[FoundStudy, ...]]) -> None:
            retrieval = self._retrievals.get(done.number)
            if isinstance(outcome, Succeeded) and retrieval is not None:
                self._put(replace(retrieval, priors=outcome.result))

        if study.patient_id:
            self._jobs[done.number].start(JobKind.FIND_PRIORS, find, on_end=on_end)

    def _put(self, retrieval: Retrieval) -> None:
        self._retrievals[retrieval.number] = retrieval
        self.updated.emit(retrieval)
