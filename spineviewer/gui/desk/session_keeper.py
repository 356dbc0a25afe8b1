"""Keeps the open reading in the journal while the reader works, and finds it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from spineviewer.app.jobs import Failed, JobKind, Outcome
from spineviewer.app.journal import Journal, Unfinished
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.session import ScanReference, Session, packed_session, reference_of, session_of
from spineviewer.app.state import ScanState, SegmentationStage
from spineviewer.app.view_state import ViewState
from spineviewer.editing.correction import Correction
from spineviewer.gui.job_runner import JobRunner
from spineviewer.volume.volume import CtVolume

#: Choice: a power cut may cost this much moving of sliders; strokes and measurements are kept at once.
KEEP_AFTER_MS = 1500


@dataclass(frozen=True, eq=False)
class Present:
    """Everything of the open reading that a session is made of, and the thresholds that the model proposes."""

    reading: ScanState | None
    correction: Correction
    fusion: FusionOverlay | None
    views: ViewState
    defaults: object


class SessionKeeper(QObject):
    """Writes the journal of the open scan.

    Thread ownership: GUI thread; files are written in jobs.

    Parameters
    ----------
    now
        Gives what there is at this moment.
    weights
        Gives what the networks are known by, for answers that were stopped before they told it.
    """

    ended = Signal(object)

    def __init__(
        self, runner: JobRunner, folder: Path, now: Callable[[], Present], weights: Callable[[], str], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.journal = Journal(folder)
        self._runner = runner
        self._now = now
        self._weights = weights
        self._numbers = count()
        self._scan: ScanReference | None = None
        self._is_kept = False
        self._last_state: object = None
        self._results_of: FusionOverlay | None = None
        #: By fingerprint: the last session of a closed scan, None for nothing, while it waits to be written; and its number.
        self._ending: dict[str, tuple[int, Session | None]] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(KEEP_AFTER_MS)
        self._soon.timeout.connect(self.keep)

    def begin(self, scan: CtVolume, series_uid: str) -> Session | None:
        """Another scan is open, the one before was ended; what was kept of it before.

        Raises
        ------
        ImageReadError
            When what was kept is damaged; it was set aside.
        """
        self._scan = reference_of(scan, series_uid)
        fingerprint = self._scan.fingerprint
        if fingerprint in self._ending:
            return self._ending[fingerprint][1]
        return self.journal.kept(fingerprint)

    def is_of_open_scan(self, session: Session) -> bool:
        """Whether a session was made on the scan that is open now."""
        return self._scan is not None and session.scan.fingerprint == self._scan.fingerprint

    def touch(self) -> None:
        """Something changed: keep it when the reader pauses."""
        if self._scan is not None and not self._soon.isActive():
            self._soon.start()

    def keep(self) -> None:
        """Keep everything now, in the background."""
        state = self._state()
        session = None if state == self._last_state else self._session()
        if session is None:
            return
        self._last_state = state
        number, is_first, journal = next(self._numbers), not self._is_kept, self.journal
        self._is_kept = True

        def work() -> None:
            journal.keep(session, number)
            if is_first:
                journal.open_marker(session, number)

        self._runner.write(JobKind.AUTOSAVE, work, on_end=self._kept)

    def keep_results(self) -> None:
        """Keep the networks' answers in the background, once they are complete: a crash is not to cost their time again."""
        present, scan = self._now(), self._scan
        reading, fusion = present.reading, present.fusion
        if scan is None or reading is None or reading.stage is not SegmentationStage.DONE or fusion is None:
            return
        if fusion is self._results_of:
            return
        self._results_of = fusion
        report, journal = reading.report, self.journal

        def work(_: object) -> None:
            from spineviewer.app.results import packed_results

            content = packed_results(fusion, report, scan.fingerprint)
            if content:
                journal.keep_results(scan.fingerprint, content)

        self._runner.start(JobKind.KEEP_RESULTS, work, on_end=lambda _: None)  # without them they are computed again

    def kept_results(self) -> Callable[[], bytes]:
        """What gives the kept answers for the open scan; to be called in a job."""
        scan, journal = self._scan, self.journal
        return lambda: journal.kept_results(scan.fingerprint) if scan is not None else b""

    @property
    def fingerprint(self) -> str:
        """Of the open scan."""
        return self._scan.fingerprint if self._scan is not None else ""

    def end(self) -> None:
        """The scan is closed properly: keep hand-made work a last time, forget the rest, in the background."""
        session, scan = self._session(), self._scan
        self._soon.stop()
        self._scan, was_kept, self._is_kept, self._last_state = None, self._is_kept, False, None
        self._results_of = None
        if scan is None:
            return
        last = session if session is not None and session.is_work else None
        number, journal, ending = next(self._numbers), self.journal, self._ending
        ending[scan.fingerprint] = number, last

        def work() -> None:
            if last is not None:
                journal.keep(last, number)
                journal.forget_results(scan.fingerprint)
            elif was_kept:
                journal.forget(scan.fingerprint)
            journal.close_marker(number)
            if ending[scan.fingerprint][0] == number:
                del ending[scan.fingerprint]

        # A failure was told when it was kept before; the marker stays then, so that the work is offered again.
        self._runner.write(JobKind.LAST_SAVE, work)

    def unfinished(self) -> tuple[Unfinished, ...]:
        """The work of programs that did not end properly."""
        try:
            return self.journal.unfinished()
        except OSError:
            return ()

    def save(self, path: Path, on_end: Callable[[Outcome], None]) -> None:
        """Write the session to a file of the reader's choice, in the background."""
        present, scan = self._now(), self._scan
        reading, fusion = present.reading, present.fusion
        if reading is None or scan is None:
            return
        session = session_of(reading, present.correction, scan, present.views)
        weights = self._weights
        has_results = reading.stage in (SegmentationStage.DONE, SegmentationStage.STOPPED)

        def work(_: object) -> None:
            from spineviewer.app.results import packed_results
            from spineviewer.io.whole_file import write_bytes

            results = b""
            if has_results and fusion is not None:
                report = reading.report if "weights" in reading.report else {**reading.report, "weights": weights()}
                results = packed_results(fusion, report, scan.fingerprint)
            write_bytes(path, packed_session(replace(session, results=results), is_path_told=True))

        self._runner.start(JobKind.SAVE_SESSION, work, on_end=on_end)

    def _session(self) -> Session | None:
        """The session as it is now; None where there is nothing that a person would miss."""
        present = self._now()
        if present.reading is None or self._scan is None:
            return None
        session = session_of(present.reading, present.correction, self._scan, present.views)
        is_worth_it = session.is_work or session.is_segmented or session.tuning != present.defaults or self._is_kept
        return session if is_worth_it else None

    def _state(self) -> object:
        """What differs when there is something new to keep."""
        present = self._now()
        reading = present.reading
        if reading is None:
            return None
        shown = (reading.tuning, reading.overlays, reading.window, reading.cursor_zyx, reading.slab, reading.measurements)
        return shown, reading.place, reading.turn, present.views, present.correction.revision, reading.stage

    def _kept(self, outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            self._last_state = None  # the next change tries again
        self.ended.emit(outcome)
