"""Background work without Qt: what a job is, how it ends, which generation it belongs to, how long it still takes.

A job is a plain function of frozen inputs and a `Progress`. It ends in exactly one of three ways.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from spineviewer.errors import Cancelled, SpineViewerError
from spineviewer.progress import Progress
from spineviewer.wording import worded

#: A report is passed on at most this often. Choice: architecture asks for 20 times a second.
REPORT_INTERVAL_S = 0.05


class JobKind(Enum):
    """What a job is for. A newer job supersedes an older one of its kind."""

    OPEN = "open"
    PICTURES = "pictures"
    SEGMENT = "segment"
    EXTEND = "extend"
    FUSE = "fuse"
    EXPORT = "export"
    COMPARE = "compare"
    LINE = "line"
    SURFACE = "surface"
    LOAD_SAMPLING = "load-sampling"
    SAVE_MEASUREMENTS = "save-measurements"
    TURN = "turn"
    AUTOSAVE = "autosave"
    LAST_SAVE = "last-save"
    SETTINGS = "settings"
    SAVE_SESSION = "save-session"
    SMALL_FILE = "small-file"
    KEEP_RESULTS = "keep-results"
    PREPARE = "prepare"
    BATCH = "batch"
    REPORT = "report"
    EDIT = "edit"
    DOUBT = "doubt"
    BROWSE = "browse"
    LEAVE = "leave"
    CLOSE = "close"


@dataclass(frozen=True)
class Ticket:
    """One run of a job: its kind and generation number."""

    kind: JobKind
    number: int


@dataclass(frozen=True)
class Succeeded:
    """The job gave its result."""

    ticket: Ticket
    result: object


@dataclass(frozen=True)
class Failed:
    """The job met an error; `message` is for the person, `details` for the log."""

    ticket: Ticket
    error: Exception
    message: str
    details: str


@dataclass(frozen=True)
class Stopped:
    """The person asked the job to stop, and it did."""

    ticket: Ticket


Outcome = Succeeded | Failed | Stopped


@dataclass(frozen=True)
class Report:
    """Where a running job stands."""

    stage: str
    fraction: float
    left_s: float | None


class Generations:
    """Numbers runs, so that answers of an older run or a closed scan can be told and dropped."""

    def __init__(self) -> None:
        self._newest: dict[JobKind, int] = {}

    def issue(self, kind: JobKind) -> Ticket:
        """A ticket newer than all of its kind."""
        self._newest[kind] = self._newest.get(kind, 0) + 1
        return Ticket(kind, self._newest[kind])

    def withdraw(self, kind: JobKind) -> None:
        """Make every ticket of `kind` old."""
        self.issue(kind)

    def is_current(self, ticket: Ticket) -> bool:
        """Whether an answer with this ticket still counts."""
        return self._newest.get(ticket.kind) == ticket.number


def run_to_end(ticket: Ticket, work: Callable[[], object]) -> Outcome:
    """Run `work` and turn whatever happens into the one outcome of its ticket.

    RuntimeErrors, which SimpleITK and torch raise, are kept like all others.
    """
    try:
        return Succeeded(ticket, work())
    except Cancelled:
        return Stopped(ticket)
    except SpineViewerError as error:
        return Failed(ticket, error, str(error), traceback.format_exc())
    except MemoryError as error:
        message = worded("This computer has too little free memory for that. Close other programs and try again.")
        return Failed(ticket, error, message, traceback.format_exc())
    except Exception as error:  # noqa: BLE001 - here a job's unforeseen end becomes a message
        message = worded(
            "An unexpected fault stopped this: {kind}: {reason}. Your scan and settings are unharmed.",
            kind=type(error).__name__,
            reason=error,
        )
        return Failed(ticket, error, message, traceback.format_exc())


class StageClock:
    """Turns (stage, fraction) into reports with the time that the stage has left, at most `REPORT_INTERVAL_S` apart.

    Parameters
    ----------
    listen
        Called in the working thread with each report that is passed on.
    now
        Seconds on any steady clock.
    """

    def __init__(self, listen: Callable[[Report], None], now: Callable[[], float] = time.monotonic) -> None:
        self._listen = listen
        self._now = now
        self._stage = ""
        self._begun_s = 0.0
        self._last_s = float("-inf")

    def step(self, stage: str, fraction: float) -> None:
        """Take one report of the job (the `Progress` protocol)."""
        now = self._now()
        is_new = stage != self._stage
        if is_new:
            self._stage, self._begun_s = stage, now
        if not is_new and fraction < 1 and now - self._last_s < REPORT_INTERVAL_S:
            return
        self._last_s = now
        self._listen(Report(stage, min(max(fraction, 0.0), 1.0), self._left_s(fraction, now)))

    def _left_s(self, fraction: float, now: float) -> float | None:
        spent = now - self._begun_s
        if spent < 1.0 or fraction < 0.03:  # too early to say anything true
            return None
        return spent * (1.0 - fraction) / fraction


def spoken_time(seconds: float) -> str:
    """A time left as a person says it: '8 s', '2 min', rounded so that it does not flicker."""
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 60:
        return f"{5 * round(seconds / 5)} s"
    minutes, rest = divmod(round(seconds / 10) * 10, 60)
    return f"{minutes} min" if minutes >= 5 or rest == 0 else f"{minutes} min {rest} s"


class Relay:
    """A `Progress` that first lets `guard` raise `Cancelled`, then tells the clock, and passes parts of the result on.

    Thread ownership: used by the working thread only.
    """

    def __init__(self, guard: Progress, clock: StageClock, on_part: Callable[[object], None]) -> None:
        self._guard = guard
        self._clock = clock
        self._on_part = on_part

    def step(self, stage: str, fraction: float) -> None:
        """Report, and stop here if that was asked for."""
        self._guard.step(stage, fraction)
        self._clock.step(stage, fraction)

    def publish(self, part: object) -> None:
        """Hand over a part of the result before the end."""
        self._on_part(part)
