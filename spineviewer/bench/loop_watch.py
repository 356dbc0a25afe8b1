"""The times for which the event loop is blocked, and by which code; for benchmarks and tests."""

from __future__ import annotations

import faulthandler
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PySide6.QtCore import QObject, QTimer

#: Time between two ticks of the timer, and between two samples of a blocked loop.
_TICK_MS, _SAMPLE_S = 2, 0.01
#: A loop that has not ticked for this long is sampled.
BLOCKED_S = 0.05
#: On Linux: run time and waiting time, in ns, of the thread that opens this file.
_SCHEDULE = Path("/proc/thread-self/schedstat")
#: Lines that `faulthandler` writes: the head of a thread's stack, and one frame.
_THREAD = re.compile(r"(?:Current thread|Thread) 0x([0-9a-f]+)")
_FRAME = re.compile(r'  File "(.*)", line (\d+) in (.*)')


@dataclass(frozen=True)
class Gap:
    """The longest times between two ticks of the timer during a task.

    Attributes
    ----------
    wall_ms
        Longest wall-clock time.
    free_ms
        Longest wall-clock time minus the time during which the GUI thread was ready to run but
        other programs used the processors: the gap on an otherwise idle computer. Equal to
        `wall_ms` if the system does not report this.
    own_ms
        Longest processor time of the GUI thread itself.
    where
        Up to four samples of what the GUI thread and the other threads were executing during the
        gap of `free_ms`, most frequent first, as file, line and function.
    """

    wall_ms: float = 0.0
    free_ms: float = 0.0
    own_ms: float = 0.0
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Moment:
    wall_s: float
    own_s: float
    waited_s: float


class LoopWatch(QObject):
    """A timer in the event loop that records the longest gap of each task.

    Thread ownership: GUI thread. While the loop is blocked, a separate thread, which `end` stops,
    samples the stacks of all threads.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.gaps: dict[str, Gap] = {}
        self._task = ""
        self._seen: list[str] = []
        self._schedule = _SCHEDULE.open("rb", buffering=0) if _SCHEDULE.exists() else None
        self._last = self._now()
        self._is_paused = False
        self._loop_thread = threading.get_ident()
        self._has_ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample, name="loop-watch", daemon=True)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)
        self._sampler.start()

    def begin(self, task: str) -> None:
        """Assign the following gaps to another task."""
        self._tick()
        self._task = task
        self._start_again()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Exclude the work of the measurement itself from the gaps."""
        self._tick()
        self._is_paused = True
        try:
            yield
        finally:
            self._is_paused = False
            self._start_again()

    def end(self) -> None:
        """Stop the measurement."""
        self._tick()
        self._timer.stop()
        self._has_ended.set()
        self._sampler.join()
        if self._schedule is not None:
            self._schedule.close()
            self._schedule = None

    def _start_again(self) -> None:
        self._last = self._now()
        self._seen = []

    def _now(self) -> _Moment:
        waited_s = 0.0
        if self._schedule is not None:
            self._schedule.seek(0)
            waited_s = int(self._schedule.read().split()[1]) / 1e9
        return _Moment(time.perf_counter(), time.thread_time(), waited_s)

    def _tick(self) -> None:
        now, last = self._now(), self._last
        if self._task and not self._is_paused:
            wall_ms = 1000 * (now.wall_s - last.wall_s)
            free_ms = max(wall_ms - 1000 * (now.waited_s - last.waited_s), 0.0)
            known = self.gaps.get(self._task, Gap())
            where = known.where
            if free_ms > known.free_ms:
                where = tuple(sorted(set(self._seen), key=lambda line: -self._seen.count(line))[:4])
            own_ms = max(1000 * (now.own_s - last.own_s), known.own_ms)
            self.gaps[self._task] = Gap(
                max(wall_ms, known.wall_ms), max(free_ms, known.free_ms), own_ms, where
            )
        self._last, self._seen = now, []

    def _sample(self) -> None:
        with tempfile.TemporaryFile() as file:
            while not self._has_ended.wait(_SAMPLE_S):
                if self._is_paused or time.perf_counter() - self._last.wall_s <= BLOCKED_S:
                    continue
                stacks = _stacks(file)
                names = {thread.ident: thread.name for thread in threading.enumerate()}
                others = [
                    f"{names.get(number, '?')}: {_innermost(lines, 1)}"
                    for number, lines in stacks.items()
                    if number not in (self._loop_thread, threading.get_ident())
                ]
                loop = _innermost(stacks.get(self._loop_thread, []), 2)
                self._seen.append("; meanwhile ".join([loop, *others]))


def _stacks(file: IO[bytes]) -> dict[int, list[tuple[str, str, str]]]:
    """Return the stacks of all threads by their number: path, line and function, innermost first.

    `sys._current_frames` would keep the frames' objects alive. Qt objects of the GUI thread might
    then be freed in this thread, which crashes the program. `faulthandler` only writes text to a
    file.
    """
    file.seek(0)
    file.truncate()
    faulthandler.dump_traceback(file, all_threads=True)
    file.seek(0)
    stacks: dict[int, list[tuple[str, str, str]]] = {}
    number = 0
    for line in file.read().decode(errors="replace").splitlines():
        if head := _THREAD.match(line):
            number = int(head[1], 16)
            stacks[number] = []
        elif frame := _FRAME.match(line):
            stacks[number].append((frame[1], frame[2], frame[3]))
    return stacks


def _innermost(lines: list[tuple[str, str, str]], most: int) -> str:
    """Return the innermost lines of this program in a thread's stack, as text."""
    own = [line for line in lines if "spineviewer" in line[0]][:most]
    places = [
        f"{path.rsplit('spineviewer/', 1)[-1]}:{number} {name}" for path, number, name in own[::-1]
    ]
    return " > ".join(places) or "other code"
