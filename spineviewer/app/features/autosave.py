"""Autosave of the work on an open scan to the journal, and saving to a session file on request."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from spineviewer.app.delay import DelayFactory
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.journal import FoundWork, Journal, SavedWork, UnfinishedWork
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.session import ScanReference, Session, make_session, pack_session
from spineviewer.app.state import SegmentationStage
from spineviewer.progress import Progress
from spineviewer.wording import mark, worded

if TYPE_CHECKING:
    from spineviewer.app.features.saved_results import SavedResults
    from spineviewer.app.scan_core import Change, ScanCore

#: Choice: a power cut may lose slider changes from the last `SAVE_AFTER_MS` milliseconds, and text
#: and ticks from the last `SAVE_WORK_AFTER_MS`. Strokes and measurements are saved immediately.
SAVE_AFTER_MS, SAVE_WORK_AFTER_MS = 1500, 250
_ELSEWHERE = mark(
    "This scan is also open in another Spineviewer window. Each window saves its own work. When "
    "you open the scan again, you can choose which version to continue with."
)


@dataclass(frozen=True, eq=False)
class StoredWork:
    """Saved work that was found when a scan was opened.

    Attributes
    ----------
    found
        The work, newest first.
    is_open_elsewhere
        Whether another running instance of Spineviewer has the scan open and saves its own work.
    version
        Version of the journal when the work was found; if the journal has another version now, it
        has changed since.
    """

    found: FoundWork
    is_open_elsewhere: bool
    version: int


@dataclass(frozen=True, eq=False)
class _PendingEnd:
    """A closed scan whose last session is waiting to be written.

    `session` is None if the scan was closed without any edits.
    """

    number: int
    fingerprint: str
    session: Session | None
    replaced: Collection[Path]


class SharedJournal:
    """The journal that all open scans share, and pending writes to it.

    Thread ownership: `saved_work` from any thread, the other methods from the GUI thread; the
    function that `end` returns is called in a job.
    """

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder)
        self._numbers = count()
        #: By session file: each closed scan whose last session is waiting to be written.
        self._pending: dict[Path, _PendingEnd] = {}
        self._version = 0

    def next_number(self) -> int:
        """Return the number of a new write; a write with a higher number replaces earlier ones."""
        return next(self._numbers)

    def saved_work(self, fingerprint: str) -> StoredWork:
        """Return the saved work on a scan, including pending writes. This may read a file."""
        version, pending = self._version, self._pending.copy()
        stale = set(pending).union(*(end_of_scan.replaced for end_of_scan in pending.values()))
        found = self.journal.saved(fingerprint)
        versions = [
            SavedWork(file, end_of_scan.session, time.time())
            for file, end_of_scan in reversed(pending.items())
            if end_of_scan.fingerprint == fingerprint and end_of_scan.session is not None
        ]
        versions += [work for work in found.versions if work.file not in stale]
        is_open_elsewhere = self.journal.is_open_elsewhere(fingerprint)
        return StoredWork(FoundWork(tuple(versions), found.error), is_open_elsewhere, version)

    def has_work(self, fingerprint: str) -> bool:
        """Return whether edits to a closed scan are saved or waiting to be saved."""
        pending = [
            end_of_scan
            for end_of_scan in self._pending.values()
            if end_of_scan.fingerprint == fingerprint
        ]
        if pending:
            return any(end_of_scan.session is not None for end_of_scan in pending)
        return self.journal.has_saved(fingerprint)

    def is_up_to_date(self, work: StoredWork) -> bool:
        """Return whether no scan has been closed since this work was found."""
        return work.version == self._version

    def end(
        self, file: Path, scan: ScanReference, last: Session | None, replaced: Collection[Path]
    ) -> Callable[[], None]:
        """Return a function that writes the last session of a closed scan.

        The session counts as saved even before that function has been called.
        """
        self._version += 1
        end_of_scan = _PendingEnd(self.next_number(), scan.fingerprint, last, replaced)
        journal, pending = self.journal, self._pending
        pending[file] = end_of_scan

        def write() -> None:
            # the network results are kept, because corrections cannot be shown without them
            journal.end(file, end_of_scan.fingerprint, last, end_of_scan.number, replaced)
            del pending[file]

        return write

    def unfinished(self) -> tuple[UnfinishedWork, ...]:
        """Return the work of instances that did not end properly."""
        try:
            return self.journal.unfinished()
        except OSError:
            return ()

    def may_find_more_unfinished(self) -> bool:
        """Return whether `unfinished` may find more work later, when another instance has ended.

        An instance that used a lot of memory takes a while to end after it is killed.
        """
        try:
            return self.journal.has_other_instances()
        except OSError:
            return False


class Autosave:
    """Writes the work on one open scan to the shared journal, whether the scan is active or not.

    Signals: `session_saved` (the `Path` of the user's session file).

    Parameters
    ----------
    weights
        Returns the identity of the networks' weights. It is needed for results of a run that was
        stopped before it reported the identity.
    """

    session_saved = Signal(object)

    def __init__(
        self,
        scan: ScanCore,
        saved: SavedResults,
        jobs: Jobs,
        shared_journal: SharedJournal,
        new_delay: DelayFactory,
        weights: Callable[[], str],
    ) -> None:
        self._scan = scan
        self._saved = saved
        self._jobs = jobs
        self._shared_journal = shared_journal
        self._weights = weights
        self._file = shared_journal.journal.new_file(scan.parts.reference.fingerprint)
        self._replaced: tuple[Path, ...] = ()
        self._is_saved = False
        self._is_ended = False
        self._last_state: object = None
        self._results_of: FusionOverlay | None = None
        self._delay = new_delay(SAVE_AFTER_MS, self.save_now)
        self._work_delay = new_delay(SAVE_WORK_AFTER_MS, self._save_work)
        scan.changed.connect(self._save_soon)
        scan.work_done.connect(self.save_now)
        scan.mask_changed.connect(self._save_results)

    def continue_from(self, versions: Collection[SavedWork]) -> None:
        """Replace saved work as soon as this scan, which now contains it, is saved."""
        self._replaced = tuple(work.file for work in versions)

    def save_now(self) -> None:
        """Save everything now, in the background, if it has changed."""
        if self._is_ended:
            return
        state = self._state()
        session = None if state == self._last_state else self.session()
        if session is None:
            return
        self._last_state = state
        number, is_first = self._shared_journal.next_number(), not self._is_saved
        journal, file, replaced = self._shared_journal.journal, self._file, self._replaced
        self._is_saved = True

        def work() -> bool:
            """Save the session; return whether the scan is open in another instance."""
            is_open_elsewhere = is_first and journal.is_open_elsewhere(session.scan.fingerprint)
            journal.save(file, session, number, replaced)
            return is_open_elsewhere

        self._jobs.write(JobKind.AUTOSAVE, work, on_end=self._on_saved)

    def saved_results(self) -> Callable[[], bytes]:
        """Return a function, to be called in a job, that returns the saved network results."""
        journal, fingerprint = self._shared_journal.journal, self._scan.parts.reference.fingerprint
        return lambda: journal.saved_results(fingerprint)

    def save(self, path: Path) -> None:
        """Write the session to a file of the user's choice, in the background."""
        parts, weights = self._scan.parts, self._weights
        state, fusion, reference = parts.state, parts.fusion, parts.reference
        results = self._saved.present
        comparison = parts.comparison
        session = replace(
            make_session(
                state,
                parts.correction,
                reference,
                self._scan.view_state,
                parts.draft,
                parts.checklist,
                parts.placed_levels,
                parts.reports,
            ),
            correction=parts.correction.snapshot(has_history=True),
            comparison="" if comparison is None else str(comparison.path.absolute()),
            history=parts.history,
        )
        has_results = state.stage in (SegmentationStage.DONE, SegmentationStage.STOPPED)

        def work(_: Progress) -> None:
            from spineviewer.app.stored_results import pack_results
            from spineviewer.io.write.whole_file import write_bytes

            packed = b""
            if has_results and fusion is not None:
                run_record = (
                    state.run_record
                    if "weights" in state.run_record
                    else {**state.run_record, "weights": weights()}
                )
                packed = pack_results(fusion, run_record, reference.fingerprint)
            write_bytes(path, pack_session(replace(session, results=packed), has_path=True))

        def on_end(outcome: Outcome[None]) -> None:
            if isinstance(outcome, Failed):
                self._scan.fail(outcome, "session")
            elif isinstance(outcome, Succeeded):
                self._saved.mark_saved(results)
                text = worded("Saved {file} to {folder}", file=path.name, folder=path.parent)
                self._scan.tell(Notice(Severity.INFO, text, "session", paths=(path,)))
                self.session_saved.emit(path)  # last, because listeners may close the scan

        self._jobs.start(JobKind.SAVE_SESSION, work, on_end=on_end)

    def end(self) -> None:
        """Save edits one last time and discard the rest, in the background.

        Called when the scan is closed.
        """
        if self._is_ended:
            return
        session = self.session()
        for delay in (self._delay, self._work_delay):
            delay.stop()
        self._is_ended = True
        self._results_of = self._last_state = None
        last = session if session is not None and session.has_edits else None
        write = self._shared_journal.end(
            self._file, self._scan.parts.reference, last, self._replaced
        )
        # The outcome is not handled. If the journal is not writable, earlier saves have failed too,
        # and the user was informed. The marker in the journal then stays, so that the work that was
        # saved last is offered at the next start.
        self._jobs.write(JobKind.LAST_SAVE, write)

    def _save_soon(self, change: Change) -> None:
        """Save the user's work within `SAVE_WORK_AFTER_MS`, other changes in `SAVE_AFTER_MS`."""
        delay = self._work_delay if _changes_work(change) else self._delay
        if not delay.is_waiting and not self._is_ended:
            delay.start()

    def _save_work(self) -> None:
        """Save now, or after the previous save if the disk is slow."""
        if self._jobs.is_running(JobKind.AUTOSAVE):
            self._work_delay.start()
        else:
            self.save_now()

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
        journal, output = self._shared_journal.journal, fusion

        def work(_: Progress) -> None:
            from spineviewer.app.stored_results import pack_results

            content = pack_results(output, run_record, fingerprint)
            if content:
                journal.save_results(fingerprint, content)

        self._jobs.start(JobKind.SAVE_RESULTS, work)  # if they are lost, they are computed again

    def session(self) -> Session | None:
        """Return the current session; None if it contains nothing that the user would miss."""
        parts = self._scan.parts
        session = make_session(
            parts.state,
            parts.correction,
            parts.reference,
            self._scan.view_state,
            parts.draft,
            parts.checklist,
            parts.placed_levels,
            parts.reports,
        )
        is_worth_saving = (
            session.has_edits
            or session.is_segmented
            or session.tuning != parts.defaults
            or self._is_saved
        )
        return session if is_worth_saving else None

    def _state(self) -> object:
        """Return a value that changes when there is something new to save."""
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
            state.point_zyx,
            state.rotation,
            self._scan.view_state,
            self._scan.correction.revision,
            state.stage,
            self._scan.parts.draft,
            self._scan.parts.checklist,
            self._scan.parts.placed_levels,
            self._scan.parts.reports,
        )

    def warn_open_elsewhere(self) -> None:
        """Show a notice that another running instance has the scan open."""
        self._scan.tell(Notice(Severity.WARNING, worded(_ELSEWHERE), "elsewhere"))

    def _on_saved(self, outcome: Outcome[bool]) -> None:
        if isinstance(outcome, Succeeded) and outcome.result and not self._is_ended:
            self.warn_open_elsewhere()
        if isinstance(outcome, Failed) and not self._is_ended:
            self._last_state = None  # so that the next change triggers another attempt
            self._scan.fail(outcome, "autosave")


def _changes_work(change: Change) -> bool:
    """Return whether the user has written text or made another change that can be undone."""
    old, new = change.old, change.new
    if old is None or new is None:
        return False
    return old.draft is not new.draft or old.history is not new.history
