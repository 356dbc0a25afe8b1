"""Execution of jobs in threads.

Without Qt: the caller provides the function that runs a callback in the window's thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from psygnal import Signal

from spineviewer.app.jobs import Failed, JobKind, Outcome, ignore, run_to_end
from spineviewer.errors import UsageError
from spineviewer.progress import JobProgress, ProgressUpdate

_log = logging.getLogger(__name__)

T = TypeVar("T")
P = TypeVar("P")
#: Owner of the jobs that belong to no scan.
PROGRAM = 0
#: Jobs that write data that must not be lost; they end on their own.
_WRITING = frozenset(
    {
        JobKind.AUTOSAVE,
        JobKind.LAST_SAVE,
        JobKind.REPORT,
        JobKind.SETTINGS,
        JobKind.SMALL_FILE,
    }
)


@dataclass(frozen=True)
class Ticket:
    """One run of a job: its owner, kind and generation number."""

    owner: int
    kind: JobKind
    number: int


class Generations:
    """Numbers the runs of each job, to recognise answers of an older run or a closed scan."""

    def __init__(self) -> None:
        self._newest: dict[tuple[int, JobKind], int] = {}

    def issue(self, kind: JobKind, owner: int = PROGRAM) -> Ticket:
        """Return a ticket that is newer than all others of its kind and owner."""
        number = self._newest.get((owner, kind), 0) + 1
        self._newest[owner, kind] = number
        return Ticket(owner, kind, number)

    def withdraw(self, kind: JobKind, owner: int = PROGRAM) -> None:
        """Invalidate every ticket of a kind and owner."""
        self.issue(kind, owner)

    def is_current(self, ticket: Ticket) -> bool:
        """Return whether an answer with this ticket is still valid."""
        return self._newest.get((ticket.owner, ticket.kind)) == ticket.number


@dataclass(eq=False)
class _Run:
    ticket: Ticket
    progress: JobProgress
    on_end: Callable[[Outcome[Any]], None]
    thread: threading.Thread = field(init=False)


class JobRunner:
    """Starts jobs in threads and delivers their updates, partial results and single outcome.

    Thread ownership: created and used in one thread, the window's. Workers only call `post`, which
    runs the callbacks in that thread. Answers of superseded or withdrawn runs are dropped.

    Parameters
    ----------
    post
        Schedules a function in the thread that owns the runner; may be called from any thread.
    """

    idle = Signal()
    #: A job began or ended.
    changed = Signal()

    def __init__(self, post: Callable[[Callable[[], None]], None]) -> None:
        self._post = post
        self._generations = Generations()
        self._runs: dict[Ticket, _Run] = {}
        self._last_write = threading.Event()
        self._last_write.set()

    def jobs_for(self, owner: int) -> Jobs:
        """Return the jobs of one owner."""
        return Jobs(self, owner)

    def start(
        self,
        owner: int,
        kind: JobKind,
        work: Callable[[JobProgress, Callable[[P], None]], T],
        *,
        on_part: Callable[[P], None],
        on_end: Callable[[Outcome[T]], None],
        on_progress: Callable[[ProgressUpdate], None],
    ) -> None:
        """Run a job in its own thread.

        Its callbacks are not called once a newer ticket of its kind has been issued.
        """
        ticket = self._generations.issue(kind, owner)

        def deliver(callback: Callable[[Any], None], value: object) -> None:
            if ticket in self._runs and self._generations.is_current(ticket):
                callback(value)

        def posting(callback: Callable[[Any], None]) -> Callable[[object], None]:
            return lambda value: self._post(lambda: deliver(callback, value))

        progress = JobProgress(None if on_progress is ignore else posting(on_progress))
        run = _Run(ticket, progress, on_end)

        def run_work() -> None:
            outcome = run_to_end(lambda: work(progress, posting(on_part)))
            self._post(lambda: self._end(run, outcome))

        run.thread = threading.Thread(
            target=run_work, name=f"job-{kind.value}-{owner}-{ticket.number}", daemon=True
        )
        self._runs[ticket] = run
        run.thread.start()
        self.changed.emit()

    def write(
        self, owner: int, kind: JobKind, work: Callable[[], T], on_end: Callable[[Outcome[T]], None]
    ) -> None:
        """Run `work` in the background after all earlier writes."""
        previous_write, self._last_write = self._last_write, threading.Event()
        done = self._last_write

        def in_order(_: JobProgress, __: Callable[[object], None]) -> T:
            previous_write.wait()
            try:
                return work()
            finally:
                done.set()

        self.start(owner, kind, in_order, on_part=ignore, on_end=on_end, on_progress=ignore)

    def wait_for_writes(self, timeout_s: float) -> bool:
        """Wait up to `timeout_s` until everything is written; return whether it is.

        Used when the program ends.
        """
        return self._last_write.wait(timeout_s)

    def progress_of(self, owner: int, kind: JobKind) -> list[JobProgress]:
        """Return the progress objects through which the jobs of a kind can be stopped or paused."""
        return [
            run.progress
            for run in self._runs.values()
            if run.ticket.kind is kind and run.ticket.owner == owner
        ]

    def withdraw(self, owner: int, kinds: tuple[JobKind, ...]) -> None:
        """Stop the jobs of some kinds and drop their answers."""
        for kind in kinds:
            for progress in self.progress_of(owner, kind):
                progress.cancel()
            self._generations.withdraw(kind, owner)

    def withdraw_all(self) -> None:
        """Stop all jobs except writes, and drop their answers."""
        for owner in {run.ticket.owner for run in self._runs.values()}:
            self.jobs_for(owner).withdraw()

    def is_running(self, kind: JobKind, owner: int | None = None) -> bool:
        """Return whether a current job of this kind is running, of any owner if `owner` is None."""
        tickets = (
            ticket for ticket in self._runs if ticket.kind is kind and owner in (None, ticket.owner)
        )
        return any(self._generations.is_current(ticket) for ticket in tickets)

    @property
    def is_idle(self) -> bool:
        """Whether no job is running."""
        return not self._runs

    def _end(self, run: _Run, outcome: Outcome[Any]) -> None:
        del self._runs[run.ticket]
        run.thread.join()  # it has posted its outcome and only has to return
        if isinstance(outcome, Failed):
            kind, error = run.ticket.kind.value, type(outcome.error).__name__
            is_question = getattr(outcome.error, "is_question", False)
            if is_question or isinstance(outcome.error, UsageError):
                _log.info("Job %s ended with a question or a usage error: %s", kind, error)
            else:
                _log.error("Job %s failed: %s", kind, error)
                _log.debug("%s", outcome.details)
        if self._generations.is_current(run.ticket):
            run.on_end(outcome)
        self.changed.emit()
        if not self._runs:
            self.idle.emit()


class Jobs:
    """Runs jobs for one owner: an open scan, or the program itself.

    Jobs of the same kind on other scans are separate jobs. All callbacks arrive in the thread that
    starts the jobs.

    Thread ownership: the same as its runner's.
    """

    def __init__(self, runner: JobRunner, owner: int) -> None:
        self._runner = runner
        self._owner = owner

    def start(
        self,
        kind: JobKind,
        work: Callable[[JobProgress], T],
        *,
        on_end: Callable[[Outcome[T]], None] = ignore,
        on_progress: Callable[[ProgressUpdate], None] = ignore,
    ) -> None:
        """Run `work(progress)` in a separate thread.

        An older job of this kind is cancelled and its outcome is dropped.
        """
        self.stream(
            kind,
            lambda progress, _: work(progress),
            on_part=ignore,
            on_end=on_end,
            on_progress=on_progress,
        )

    def stream(
        self,
        kind: JobKind,
        work: Callable[[JobProgress, Callable[[P], None]], T],
        *,
        on_part: Callable[[P], None],
        on_end: Callable[[Outcome[T]], None] = ignore,
        on_progress: Callable[[ProgressUpdate], None] = ignore,
    ) -> None:
        """Start `work(progress, publish)`, which publishes parts of its result before the end."""
        self.withdraw(kind)
        self._runner.start(
            self._owner, kind, work, on_part=on_part, on_end=on_end, on_progress=on_progress
        )

    def write(
        self, kind: JobKind, work: Callable[[], T], *, on_end: Callable[[Outcome[T]], None] = ignore
    ) -> None:
        """Run `work` in the background after all earlier writes.

        It is never cancelled or replaced, so writes to one file happen in the order of the calls.
        """
        self._runner.write(self._owner, kind, work, on_end)

    def cancel(self, kind: JobKind) -> None:
        """Ask the jobs of a kind to stop; their outcome still arrives, usually `Stopped`."""
        for progress in self._runner.progress_of(self._owner, kind):
            progress.cancel()

    def withdraw(self, *kinds: JobKind) -> None:
        """Stop the jobs of some kinds and drop their outcomes.

        Without a kind, all jobs except writes are stopped.
        """
        self._runner.withdraw(
            self._owner, kinds or tuple(kind for kind in JobKind if kind not in _WRITING)
        )

    def pause(self, kind: JobKind, is_paused: bool) -> None:
        """Ask the jobs of a kind to pause, or to resume."""
        for progress in self._runner.progress_of(self._owner, kind):
            if is_paused:
                progress.pause()
            else:
                progress.resume()

    def is_running(self, kind: JobKind) -> bool:
        """Return whether a current job of this kind is running."""
        return self._runner.is_running(kind, self._owner)
