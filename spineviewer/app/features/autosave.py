"""Saves the work on an open scan continuously to the journal, and to a session file on request."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from spineviewer.app.delay import Delays
from spineviewer.app.jobs import Failed, JobKind, Jobs, Outcome, Succeeded
from spineviewer.app.journal import FoundWork, Journal, SavedWork, Unfinished
from spineviewer.app.notices import Level, Notice
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.session import ScanReference, Session, packed_session, session_of
from spineviewer.app.state import SegmentationStage
from spineviewer.progress import Progress
from spineviewer.wording import mark, worded

if TYPE_CHECKING:
    from spineviewer.app.features.saved_results import SavedResults
    from spineviewer.app.scan_core import ScanCore

#: Choice: a power cut may lose slider changes of up to this many milliseconds. Strokes and
#: measurements are saved at once.
SAVE_AFTER_MS = 1500
_ELSEWHERE = mark(
    "This scan is also open in another Spineviewer window. Each window saves its own work. When "
    "you open the scan again, you can choose which version to continue with."
)


@dataclass(frozen=True, eq=False)
class StoredWork:
    """Saved work on a scan, as found when it was opened.

    Attributes
    ----------
    found
        The work, newest first.
    is_open_elsewhere
        Whether another running program has the scan open with work of its own.
    version
        Version of the journal at that moment. If it differs now, the saved work has changed since.
    """

    found: FoundWork
    is_open_elsewhere: bool
    version: int


@dataclass(frozen=True, eq=False)
class _Ending:
    """A closed scan whose last session is waiting to be written; the session may be None."""

    number: int
    fingerprint: str
    session: Session | None
    replaced: Collection[Path]


class Journalling:
    """The journal that all open scans share, and pending writes to it.

    Thread ownership: `saved_work` from any thread, the rest from the window's; the function that
    `end` returns is called in a job.
    """

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder)
        self._numbers = count()
        #: By session file: each closed scan whose last session is waiting to be written.
        self._ending: dict[Path, _Ending] = {}
        self._version = 0

    def next_number(self) -> int:
        """Return the number of a write; of two writes, the one with the higher number counts."""
        return next(self._numbers)

    def saved_work(self, fingerprint: str) -> StoredWork:
        """Return the saved work on a scan, including pending writes. May read a file."""
        version, ending = self._version, self._ending.copy()
        stale = set(ending).union(*(one.replaced for one in ending.values()))
        found = self.journal.saved(fingerprint)
        works = [
            SavedWork(file, one.session, time.time())
            for file, one in reversed(ending.items())
            if one.fingerprint == fingerprint and one.session is not None
        ]
        works += [work for work in found.works if work.file not in stale]
        is_open_elsewhere = self.journal.is_open_elsewhere(fingerprint)
        return StoredWork(FoundWork(tuple(works), found.error), is_open_elsewhere, version)

    def has_work(self, fingerprint: str) -> bool:
        """Return whether manual work on a closed scan is saved or waiting to be saved."""
        ending = [one for one in self._ending.values() if one.fingerprint == fingerprint]
        if ending:
            return any(one.session is not None for one in ending)
        return self.journal.has_saved(fingerprint)

    def is_up_to_date(self, work: StoredWork) -> bool:
        """Return whether no scan has been closed since this work was looked up."""
        return work.version == self._version

    def end(
        self, file: Path, scan: ScanReference, last: Session | None, replaced: Collection[Path]
    ) -> Callable[[], None]:
        """Return a function that writes the last session of a closed scan.

        Until that function is called, the session already counts as saved.
        """
        self._version += 1
        one = _Ending(self.next_number(), scan.fingerprint, last, replaced)
        journal, ending = self.journal, self._ending
        ending[file] = one

        def write() -> None:
            # the network results remain with the session, to show corrections
            journal.end(file, one.fingerprint, last, one.number, replaced)
            del ending[file]

        return write

    def unfinished(self) -> tuple[Unfinished, ...]:
        """Return the work of programs that did not end properly."""
        try:
            return self.journal.unfinished()
        except OSError:
            return ()


class Autosave:
    """Writes the journal of one open scan, whether it is in front or not.

    Signals: `session_saved` (the `Path` of the user's session file).

    Parameters
    ----------
    weights
        Returns the identity of the networks' weights, for results of a run that was stopped before
        it reported that identity.
    """

    session_saved = Signal(object)

    def __init__(
        self,
        scan: ScanCore,
        saved: SavedResults,
        jobs: Jobs,
        journalling: Journalling,
        delays: Delays,
        weights: Callable[[], str],
    ) -> None:
        self._scan = scan
        self._saved = saved
        self._jobs = jobs
        self._journalling = journalling
        self._weights = weights
        self._file = journalling.journal.new_file(scan.parts.reference.fingerprint)
        self._replaced: tuple[Path, ...] = ()
        self._is_saved = False
        self._is_ended = False
        self._last_state: object = None
        self._results_of: FusionOverlay | None = None
        self._soon = delays(SAVE_AFTER_MS, self.save_now)
        scan.changed.connect(self._touch)
        scan.work_done.connect(self.save_now)
        scan.mask_changed.connect(self._save_results)

    def continue_from(self, works: Collection[SavedWork]) -> None:
        """Replace saved work, which this scan now contains, as soon as this scan is saved."""
        self._replaced = tuple(work.file for work in works)

    def save_now(self) -> None:
        """Save everything now, in the background."""
        if self._is_ended:
            return
        state = self._state()
        session = None if state == self._last_state else self.session()
        if session is None:
            return
        self._last_state = state
        number, is_first = self._journalling.next_number(), not self._is_saved
        journal, file, replaced = self._journalling.journal, self._file, self._replaced
        self._is_saved = True

        def work() -> bool:
            """Return whether the scan is found to be open elsewhere."""
            is_elsewhere = is_first and journal.is_open_elsewhere(session.scan.fingerprint)
            journal.save(file, session, number, replaced)
            return is_elsewhere

        self._jobs.write(JobKind.AUTOSAVE, work, on_end=self._on_saved)

    def saved_results(self) -> Callable[[], bytes]:
        """Return a function, to be called in a job, that returns the saved network results."""
        journal, fingerprint = self._journalling.journal, self._scan.parts.reference.fingerprint
        return lambda: journal.saved_results(fingerprint)

    def save(self, path: Path) -> None:
        """Write the session to a file of the user's choice, in the background."""
        parts, weights = self._scan.parts, self._weights
        state, fusion, reference = parts.state, parts.fusion, parts.reference
        results = self._saved.present
        comparison = parts.comparison
        session = replace(
            session_of(
                state,
                parts.correction,
                reference,
                self._scan.view_state,
                parts.draft,
                parts.checklist,
                parts.placed_levels,
            ),
            correction=parts.correction.snapshot(has_history=True),
            comparison="" if comparison is None else str(comparison.path.absolute()),
            history=parts.history,
        )
        has_results = state.stage in (SegmentationStage.DONE, SegmentationStage.STOPPED)

        def work(_: Progress) -> None:
            from spineviewer.app.stored_results import packed_results
            from spineviewer.io.write.whole_file import write_bytes

            packed = b""
            if has_results and fusion is not None:
                run_record = (
                    state.run_record
                    if "weights" in state.run_record
                    else {**state.run_record, "weights": weights()}
                )
                packed = packed_results(fusion, run_record, reference.fingerprint)
            write_bytes(path, packed_session(replace(session, results=packed), has_path=True))

        def on_end(outcome: Outcome[None]) -> None:
            if isinstance(outcome, Failed):
                self._scan.fail(outcome, "session")
            elif isinstance(outcome, Succeeded):
                self._saved.note(results)
                text = worded("Saved {file} to {folder}", file=path.name, folder=path.parent)
                self._scan.tell(Notice(Level.INFO, text, "session", paths=(path,)))
                self.session_saved.emit(path)  # last, because the scan may be closed then

        self._jobs.start(JobKind.SAVE_SESSION, work, on_end=on_end)

    def end(self) -> None:
        """Save manual work one last time and discard the rest, in the background.

        Called when the scan is closed.
        """
        if self._is_ended:
            return
        session = self.session()
        self._soon.stop()
        self._is_ended = True
        self._results_of = self._last_state = None
        last = session if session is not None and session.is_work else None
        write = self._journalling.end(self._file, self._scan.parts.reference, last, self._replaced)
        # A failure was reported at the earlier save; the marker then stays, so that the work is
        # offered again.
        self._jobs.write(JobKind.LAST_SAVE, write)

    def _touch(self) -> None:
        """Note a change; it is saved within `SAVE_AFTER_MS`."""
        if not self._soon.is_waiting and not self._is_ended:
            self._soon.start()

    def _save_results(self) -> None:
        """Save complete network results in the background, so that a crash does not lose them."""
        parts = self._scan.parts
        fusion, run_record, fingerprint = (
            parts.fusion,
            parts.state.run_record,
            parts.reference.fingerprint,
        )
        if (
            parts.state.stage is not SegmentationStage.DONE
            or fusion is None
            or fusion is self._results_of
        ):
            return
        self._results_of = fusion
        journal, answers = self._journalling.journal, fusion

        def work(_: Progress) -> None:
            from spineviewer.app.stored_results import packed_results

            content = packed_results(answers, run_record, fingerprint)
            if content:
                journal.save_results(fingerprint, content)

        self._jobs.start(JobKind.SAVE_RESULTS, work)  # if they are lost, they are computed again

    def session(self) -> Session | None:
        """Return the current session; None if it contains nothing that the user would miss."""
        parts = self._scan.parts
        session = session_of(
            parts.state,
            parts.correction,
            parts.reference,
            self._scan.view_state,
            parts.draft,
            parts.checklist,
            parts.placed_levels,
        )
        is_worth_it = (
            session.is_work
            or session.is_segmented
            or session.tuning != parts.defaults
            or self._is_saved
        )
        return session if is_worth_it else None

    def _state(self) -> object:
        """Return a value that differs when there is something new to save."""
        state = self._scan.state
        shown = (
            state.tuning,
            state.overlays,
            state.window,
            state.second_window,
            state.crosshair_zyx,
            state.slab,
            state.measurements,
            state.naming,
            state.moved_points,
        )
        return (
            shown,
            state.place,
            state.rotation,
            self._scan.view_state,
            self._scan.correction.revision,
            state.stage,
            self._scan.parts.draft,
            self._scan.parts.checklist,
            self._scan.parts.placed_levels,
        )

    def tell_elsewhere(self) -> None:
        """Say that another running program has the scan open."""
        self._scan.tell(Notice(Level.WARN, worded(_ELSEWHERE), "elsewhere"))

    def _on_saved(self, outcome: Outcome[bool]) -> None:
        if isinstance(outcome, Succeeded) and outcome.result and not self._is_ended:
            self.tell_elsewhere()
        if isinstance(outcome, Failed) and not self._is_ended:
            self._last_state = None  # the next change tries again
            self._scan.fail(outcome, "autosave")
