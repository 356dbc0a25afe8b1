"""The one bridge between worker threads and the window."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot

from spineviewer.app.jobs import Failed, Generations, JobKind, Outcome, Relay, Report, StageClock, Ticket, run_to_end
from spineviewer.progress import CancellableProgress

_log = logging.getLogger(__name__)

Work = Callable[[Relay], object]


@dataclass
class _Run:
    ticket: Ticket
    guard: CancellableProgress
    on_end: Callable[[Outcome], None]
    on_report: Callable[[Report], None]
    on_part: Callable[[object], None]
    thread: threading.Thread | None = None


class JobRunner(QObject):
    """Starts jobs in threads and brings reports, parts and the one outcome back.

    Thread ownership: made and used in the GUI thread. Only the three private signals are emitted by workers; they are queued, and
    the callbacks run in the GUI thread. Answers of superseded or withdrawn runs are dropped here, in one place.
    """

    idle = Signal()
    #: A job began or ended.
    changed = Signal()
    _reported = Signal(object, object)
    _published = Signal(object, object)
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._generations = Generations()
        self._runs: dict[Ticket, _Run] = {}
        self._last_write = threading.Event()
        self._last_write.set()
        self._reported.connect(self._pass_report, Qt.ConnectionType.QueuedConnection)
        self._published.connect(self._pass_part, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._pass_outcome, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        kind: JobKind,
        work: Work,
        *,
        on_end: Callable[[Outcome], None],
        on_report: Callable[[Report], None] = lambda _: None,
        on_part: Callable[[object], None] = lambda _: None,
    ) -> Ticket:
        """Run `work(relay)` in a thread of its own; an older run of this kind is cancelled and its answers dropped."""
        self.withdraw(kind)
        return self._start(kind, work, on_end=on_end, on_report=on_report, on_part=on_part)

    def write(self, kind: JobKind, work: Callable[[], object], *, on_end: Callable[[Outcome], None] = lambda _: None) -> None:
        """Run `work` in the background after all that was to be written before.

        Nothing cancels it or takes its place: of two writes to one file the later one comes later.
        """
        before, self._last_write = self._last_write, threading.Event()
        done = self._last_write

        def in_order(_: Relay) -> object:
            before.wait()
            try:
                return work()
            finally:
                done.set()

        self._start(kind, in_order, on_end=on_end)

    def wait_for_writes(self, longest_s: float) -> bool:
        """Stand still until everything is written, but no longer than so; whether it is. For the program's end."""
        return self._last_write.wait(longest_s)

    def _start(
        self,
        kind: JobKind,
        work: Work,
        *,
        on_end: Callable[[Outcome], None],
        on_report: Callable[[Report], None] = lambda _: None,
        on_part: Callable[[object], None] = lambda _: None,
    ) -> Ticket:
        ticket = self._generations.issue(kind)
        run = _Run(ticket, CancellableProgress(), on_end, on_report, on_part)
        relay = Relay(
            run.guard,
            StageClock(lambda report: self._reported.emit(ticket, report)),
            lambda part: self._published.emit(ticket, part),
        )
        run.thread = threading.Thread(
            target=lambda: self._ended.emit(run_to_end(ticket, lambda: work(relay))),
            name=f"job-{kind.value}-{ticket.number}",
            daemon=True,
        )
        self._runs[ticket] = run
        run.thread.start()
        self.changed.emit()
        return ticket

    def cancel(self, kind: JobKind) -> None:
        """Ask the jobs of a kind to stop; their `Stopped` still arrives."""
        for run in self._runs.values():
            if run.ticket.kind is kind:
                run.guard.cancel()

    def withdraw(self, kind: JobKind) -> None:
        """Stop the jobs of a kind and hear nothing more of them."""
        self.cancel(kind)
        self._generations.withdraw(kind)

    def withdraw_all(self, but: tuple[JobKind, ...] = ()) -> None:
        """Stop everything except some kinds, and hear nothing more."""
        for kind in JobKind:
            if kind not in but:
                self.withdraw(kind)

    def is_running(self, kind: JobKind) -> bool:
        """Whether a job of this kind that still counts is under way."""
        return any(run.ticket.kind is kind and self._generations.is_current(run.ticket) for run in self._runs.values())

    @property
    def is_idle(self) -> bool:
        """Whether no thread of this runner works any more."""
        return not self._runs

    @Slot(object, object)
    def _pass_report(self, ticket: Ticket, report: Report) -> None:
        run = self._runs.get(ticket)
        if run is not None and self._generations.is_current(ticket):
            run.on_report(report)

    @Slot(object, object)
    def _pass_part(self, ticket: Ticket, part: object) -> None:
        run = self._runs.get(ticket)
        if run is not None and self._generations.is_current(ticket):
            run.on_part(part)

    @Slot(object)
    def _pass_outcome(self, outcome: Outcome) -> None:
        run = self._runs.pop(outcome.ticket)
        if run.thread is not None:
            run.thread.join()  # it has emitted its last word and only has to return
        if isinstance(outcome, Failed) and getattr(outcome.error, "is_question", False):
            _log.info("Job %s asks: %s", outcome.ticket.kind.value, type(outcome.error).__name__)
        elif isinstance(outcome, Failed):
            _log.error("Job %s failed: %s", outcome.ticket.kind.value, type(outcome.error).__name__)
            _log.debug("%s", outcome.details)
        if self._generations.is_current(outcome.ticket):
            run.on_end(outcome)
        self.changed.emit()
        if not self._runs:
            self.idle.emit()
