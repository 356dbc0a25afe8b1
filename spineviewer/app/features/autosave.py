"""Saves the work on an open scan continuously to the journal, and to a session file on request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from spineviewer.app.delay import Delays
from spineviewer.app.jobs import Failed, JobKind, Jobs, Outcome, Succeeded
from spineviewer.app.journal import Journal, Unfinished
from spineviewer.app.notices import Level, Notice
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.session import ScanReference, Session, packed_session, session_of
from spineviewer.app.state import SegmentationStage
from spineviewer.errors import ImageReadError
from spineviewer.progress import Progress
from spineviewer.wording import mark, worded

if TYPE_CHECKING:
    from spineviewer.app.features.saved_results import SavedResults
    from spineviewer.app.scan_core import ScanCore

#: Choice: a power cut may lose slider changes of up to this many milliseconds. Strokes and
#: measurements are saved at once.
SAVE_AFTER_MS = 1500
_ELSEWHERE = mark(
    "This scan is also open in another Spineviewer window. Work saved automatically in one "
    "window replaces the work saved in the other. Close the scan in one of them, or save a "
    "session in each."
)


@dataclass(frozen=True, eq=False)
class StoredWork:
    """Saved work on a scan, as found when it was opened.

    Attributes
    ----------
    error
        Why the saved work cannot be read; None if it can, or if there is none.
    version
        Version of the journal at that moment. If it differs now, the saved work has changed since.
    """

    session: Session | None
    error: ImageReadError | None
    version: int


class Journalling:
    """The journal that all open scans share, and pending writes to it.

    Thread ownership: `saved_work` from any thread, the rest from the window's; the function that
    `end` returns is called in a job.
    """

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder)
        self._numbers = count()
        #: By fingerprint: number and last session of each closed scan that is waiting to be
        #: written; the session is None if there is nothing to save.
        self._ending: dict[str, tuple[int, Session | None]] = {}
        self._version = 0

    def next_number(self) -> int:
        """Return the number of a write; of two writes, the one with the higher number counts."""
        return next(self._numbers)

    def saved_work(self, fingerprint: str) -> StoredWork:
        """Return the saved work on a scan, including pending writes. May read a file."""
        version = self._version
        ending = self._ending.get(fingerprint)
        if ending is not None:
            return StoredWork(ending[1], None, version)
        try:
            return StoredWork(self.journal.saved(fingerprint), None, version)
        except ImageReadError as error:
            return StoredWork(None, error, version)

    def has_work(self, fingerprint: str) -> bool:
        """Return whether manual work on a closed scan is saved or waiting to be saved."""
        if fingerprint in self._ending:
            return self._ending[fingerprint][1] is not None
        return self.journal.has_saved(fingerprint)

    def is_up_to_date(self, work: StoredWork) -> bool:
        """Return whether no scan has been closed since this work was looked up."""
        return work.version == self._version

    def end(
        self, scan: ScanReference, last: Session | None, *, was_saved: bool
    ) -> Callable[[], None]:
        """Return a function that writes the last session of a closed scan.

        Until that function is called, the session already counts as saved.
        """
        self._version += 1
        number, fingerprint, journal, ending = (
            self.next_number(),
            scan.fingerprint,
            self.journal,
            self._ending,
        )
        ending[fingerprint] = number, last

        def write() -> None:
            if last is not None:
                journal.save(last, number)  # with the network results, to show corrections
            elif was_saved:
                journal.delete(fingerprint)
            else:
                journal.delete_results(fingerprint)
            journal.close_marker(fingerprint, number)
            if ending[fingerprint][0] == number:
                del ending[fingerprint]

        return write

    def unfinished(self) -> tuple[Unfinished, ...]:
        """Return the work of programs that did not end properly."""
        try:
            return self.journal.unfinished()
        except OSError:
            return ()


class Autosave:
    """Writes the journal of one open scan, whether it is in front or not.

    Parameters
    ----------
    weights
        Returns the identity of the networks' weights, for results of a run that was stopped before
        it reported that identity.
    """

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
        self._is_saved = False
        self._is_ended = False
        self._last_state: object = None
        self._results_of: FusionOverlay | None = None
        self._soon = delays(SAVE_AFTER_MS, self.save_now)
        scan.changed.connect(self._touch)
        scan.work_done.connect(self.save_now)
        scan.mask_changed.connect(self._save_results)

    def save_now(self) -> None:
        """Save everything now, in the background."""
        if self._is_ended:
            return
        state = self._state()
        session = None if state == self._last_state else self.session()
        if session is None:
            return
        self._last_state = state
        number, is_first, journal = (
            self._journalling.next_number(),
            not self._is_saved,
            self._journalling.journal,
        )
        self._is_saved = True

        def work() -> bool:
            """Return whether the scan is found to be open elsewhere."""
            is_elsewhere = is_first and journal.is_open_elsewhere(session.scan.fingerprint)
            journal.save(session, number)
            if is_first:
                journal.open_marker(session, number)
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
                report = (
                    state.report
                    if "weights" in state.report
                    else {**state.report, "weights": weights()}
                )
                packed = packed_results(fusion, report, reference.fingerprint)
            write_bytes(path, packed_session(replace(session, results=packed), has_path=True))

        def on_end(outcome: Outcome[None]) -> None:
            if isinstance(outcome, Failed):
                self._scan.fail(outcome, "session")
            elif isinstance(outcome, Succeeded):
                self._saved.note(results)
                text = worded("Saved {file} to {folder}", file=path.name, folder=path.parent)
                self._scan.tell(Notice(Level.INFO, text, "session", paths=(path,)))
                self._scan.session_saved.emit(path)  # last, because the scan may be closed then

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
        write = self._journalling.end(self._scan.parts.reference, last, was_saved=self._is_saved)
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
        fusion, report, fingerprint = parts.fusion, parts.state.report, parts.reference.fingerprint
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

            content = packed_results(answers, report, fingerprint)
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
        )

    def _on_saved(self, outcome: Outcome[bool]) -> None:
        if isinstance(outcome, Succeeded) and outcome.result and not self._is_ended:
            self._scan.tell(Notice(Level.WARN, worded(_ELSEWHERE), "elsewhere"))
        if isinstance(outcome, Failed) and not self._is_ended:
            self._last_state = None  # the next change tries again
            self._scan.fail(outcome, "autosave")
