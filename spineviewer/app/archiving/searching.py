"""A search of an archive: studies first, then the series of each study on request."""

from __future__ import annotations

from collections import deque

from psygnal import Signal

from spineviewer.app.archiving.connection import Connect, Connection
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.archive.node import Node
from spineviewer.archive.query import FoundPatient, FoundSeries, FoundStudy, Query, SearchResult
from spineviewer.progress import Progress

#: Modality of the prior studies to search for.
PRIOR_MODALITY = "CT"


class ArchiveSearch:
    """The most recent search.

    Signals: `changed` (a search began or ended), `series_found` (a study's UID).

    Thread ownership: the window's thread.

    Attributes
    ----------
    node, query
        The archive and query of the most recent search; None before the first.
    found
        The studies found; None before the first search, while one runs, and if it was cancelled or
        failed.
    error
        Why the last search failed; empty if it did not.
    """

    changed = Signal()
    series_found = Signal(str)

    def __init__(self, jobs: Jobs, connect: Connect) -> None:
        self._jobs = jobs
        self._connect = connect
        self._waiting: deque[str] = deque()
        self._requested: set[str] = set()
        self._series: dict[str, tuple[FoundSeries, ...]] = {}
        self.node: Node | None = None
        self.query: Query | None = None
        self.found: SearchResult | None = None
        self.error = ""

    @property
    def is_running(self) -> bool:
        """Whether a search is waiting for an answer."""
        return self._jobs.is_running(JobKind.FIND)

    def search(self, node: Node, query: Query) -> None:
        """Search an archive; a running search is cancelled."""
        self._jobs.withdraw(JobKind.FIND, JobKind.FIND_SERIES)
        self._waiting.clear()
        self._requested.clear()
        self._series.clear()
        self.node, self.query, self.found, self.error = node, query, None, ""
        archive = self._connect(node, "")

        def find(progress: Progress) -> SearchResult:
            return archive.find(query, with_series=False, progress=progress)

        self._jobs.start(JobKind.FIND, find, on_end=self._on_found)
        self.changed.emit()

    def repeat(self) -> None:
        """Repeat the last search."""
        if self.node is not None and self.query is not None:
            self.search(self.node, self.query)

    def cancel(self) -> None:
        """Stop the search; results that have not arrived yet are dropped."""
        self._jobs.withdraw(JobKind.FIND, JobKind.FIND_SERIES)
        self._waiting.clear()
        self.changed.emit()

    def series_of(self, study_uid: str) -> tuple[FoundSeries, ...] | None:
        """Return the series of a study; None until they are known."""
        return self._series.get(study_uid)

    def request_series(self, study_uid: str) -> None:
        """Request the series of a study once; `series_found` follows, even if the request fails."""
        if study_uid not in self._requested:
            self._requested.add(study_uid)
            self._waiting.append(study_uid)
            self._find_next_series()

    def study(self, study_uid: str) -> tuple[FoundPatient, FoundStudy] | None:
        """Return a found study with its patient; None if the search did not find it."""
        for patient in self.found.patients if self.found is not None else ():
            for study in patient.studies:
                if study.uid == study_uid:
                    return patient, study
        return None

    def _on_found(self, outcome: Outcome[SearchResult]) -> None:
        if isinstance(outcome, Succeeded):
            self.found = outcome.result
        elif isinstance(outcome, Failed):
            self.error = outcome.message
        self.changed.emit()

    def _find_next_series(self) -> None:
        if not self._waiting or self.node is None or self._jobs.is_running(JobKind.FIND_SERIES):
            return
        study_uid, archive = self._waiting.popleft(), self._connect(self.node, "")

        def find(progress: Progress) -> SearchResult:
            return archive.find(Query(study_uid=study_uid), progress=progress)

        def on_end(outcome: Outcome[SearchResult]) -> None:
            if isinstance(outcome, Succeeded):
                studies = [s for p in outcome.result.patients for s in p.studies]
                self._series[study_uid] = studies[0].series if studies else ()
            else:
                self._requested.discard(study_uid)  # may be requested again
            self.series_found.emit(study_uid)
            self._find_next_series()

        self._jobs.start(JobKind.FIND_SERIES, find, on_end=on_end)


def prior_studies(
    archive: Connection,
    patient_id: str,
    *,
    study_uid: str,
    study_date: str,
    progress: Progress | None = None,
) -> tuple[FoundStudy, ...]:
    """Return a patient's CT studies, except a given one and those newer than it, newest first.

    Choice: patients are matched by ID only, because the spelling of a name varies between visits.

    Parameters
    ----------
    study_uid, study_date
        UID and date (YYYY-MM-DD) of the given study. If the date is empty (unknown), all other
        studies are returned.

    Raises
    ------
    ArchiveError
        When the search fails; the message gives the reason.
    """
    if not patient_id.strip():
        return ()
    query = Query(patient_id=patient_id, modality=PRIOR_MODALITY)
    found = archive.find(query, with_series=False, progress=progress)
    studies = (
        study
        for patient in found.patients
        if patient.patient_id == patient_id
        for study in patient.studies
    )
    earlier = (
        study
        for study in studies
        if study.uid != study_uid and (not study_date or not study.date or study.date <= study_date)
    )
    return tuple(sorted(earlier, key=lambda study: study.date, reverse=True))
