"""Progress of long-running work, which can also be paused and stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from spineviewer.errors import Cancelled, MemoryReleased
from spineviewer.wording import worded

#: Shortest time between two forwarded updates within a stage.
UPDATE_INTERVAL_S = 0.05
#: Seconds between the updates of a paused job.
PAUSE_TICK_S = 0.1


class Progress(Protocol):
    """The callback of a job, with a single method, so that any class can implement it."""

    def step(self, stage: str, fraction: float) -> None:
        """Report that `fraction` (0 to 1) of `stage` is done.

        Raises
        ------
        Cancelled
            When the user asked to stop. Jobs call this at least every half second and do not catch
            the exception.
        """


@dataclass(frozen=True)
class ProgressUpdate:
    """How far a running job has progressed.

    `left_s` is the remaining time of its stage in seconds, if known.
    """

    stage: str
    fraction: float
    left_s: float | None


class JobProgress:
    """The progress of one job, which also cancels it, pauses it and asks it to free memory.

    Updates are forwarded at intervals of at least `UPDATE_INTERVAL_S`, except those that begin or
    complete a stage; without a listener, all are discarded.

    Thread ownership: `step`, `wait_while_paused` and `releasing_memory` are called in the working
    thread, everything else in any.

    Parameters
    ----------
    listen
        Called in the working thread with each forwarded update.
    now
        Returns the time of a monotonic clock in seconds.
    """

    def __init__(
        self,
        listen: Callable[[ProgressUpdate], None] | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listen = listen
        self._now = now
        self._is_cancelled = threading.Event()
        self._may_go = threading.Event()
        self._may_go.set()
        self._is_memory_wanted: threading.Event | None = None
        self._stage = ""
        self._started_s = 0.0
        self._last_s = float("-inf")

    def cancel(self) -> None:
        """Make the next `step` raise `Cancelled`."""
        self._is_cancelled.set()

    def pause(self) -> None:
        """Ask the work to pause."""
        self._may_go.clear()

    def resume(self) -> None:
        """End the pause."""
        self._may_go.set()

    @property
    def is_paused(self) -> bool:
        """Whether the work has been asked to pause."""
        return not self._may_go.is_set()

    def wait_while_paused(self) -> None:
        """Wait until the work may continue.

        Raises
        ------
        Cancelled
            When the job is cancelled in the meantime.
        """
        while not self._may_go.wait(PAUSE_TICK_S):
            self.step("", 0.0)

    @contextmanager
    def releasing_memory(self, is_wanted: threading.Event) -> Iterator[None]:
        """In this context, `step` raises `MemoryReleased` in a pause if `is_wanted` is set."""
        self._is_memory_wanted = is_wanted
        try:
            yield
        finally:
            self._is_memory_wanted = None

    def step(self, stage: str, fraction: float) -> None:
        """Report progress; for a paused job, report that it is paused.

        Raises
        ------
        Cancelled
            When the job has been cancelled.
        MemoryReleased
            When the job is paused and another one needs its memory.
        """
        if self._is_cancelled.is_set():
            raise Cancelled
        is_paused = self.is_paused
        self._report(worded("Paused") if is_paused else stage, fraction)
        if is_paused and self._is_memory_wanted is not None and self._is_memory_wanted.is_set():
            raise MemoryReleased

    def _report(self, stage: str, fraction: float) -> None:
        if self._listen is None:
            return
        now = self._now()
        is_new = stage != self._stage
        if is_new:
            self._stage, self._started_s = stage, now
        if not is_new and fraction < 1 and now - self._last_s < UPDATE_INTERVAL_S:
            return
        self._last_s = now
        self._listen(
            ProgressUpdate(stage, min(max(fraction, 0.0), 1.0), self._left_s(fraction, now))
        )

    def _left_s(self, fraction: float, now: float) -> float | None:
        spent = now - self._started_s
        if spent < 1.0 or fraction < 0.03:  # too early for a reliable estimate
            return None
        return spent * (1.0 - fraction) / fraction
