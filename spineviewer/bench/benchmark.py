"""A benchmark of two methods for the same task, run alternately, and its result."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Work = Callable[[], object]


@dataclass(frozen=True)
class Benchmark:
    """One row of the table.

    Attributes
    ----------
    ours, theirs
        The timed functions. Their seconds are multiplied by `ours_scale` and `theirs_scale`, which
        are above 1 if only part of the work is timed, and below 1 if the work is repeated.
    target
        Smallest accepted ratio of the other method's seconds to ours.
    check
        Checks further requirements, such as equal results; returns a sentence about what is wrong,
        otherwise an empty string.
    runs
        Number of timed runs of each method, alternating, after one untimed run of each.
    before_ours
        Called before each of our runs, untimed.
    """

    name: str
    against: str
    target: float
    how: str
    ours: Work
    theirs: Work
    ours_scale: float = 1.0
    theirs_scale: float = 1.0
    check: Callable[[], str] = lambda: ""
    runs: int = 3
    before_ours: Work = lambda: None

    def outcome(self) -> Outcome:
        """Run the benchmark and return its result."""
        return run(self)


class Trial(Protocol):
    """A row of the table that can be run."""

    def outcome(self) -> Outcome:
        """Run the benchmark and return its result."""


@dataclass(frozen=True)
class Outcome:
    """The result of a benchmark, as stored in the results file."""

    name: str
    against: str
    ours_s: list[float]
    theirs_s: list[float]
    ratio: float
    target: float
    is_met: bool
    how: str


def run(benchmark: Benchmark) -> Outcome:
    """Run both methods alternately and return the result, with the ratio of their medians."""
    benchmark.before_ours()
    benchmark.ours()
    benchmark.theirs()
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(benchmark.runs):
        benchmark.before_ours()
        ours.append(seconds_of(benchmark.ours) * benchmark.ours_scale)
        theirs.append(seconds_of(benchmark.theirs) * benchmark.theirs_scale)
    ratio = statistics.median(theirs) / statistics.median(ours)
    fault = benchmark.check()
    return Outcome(
        name=benchmark.name,
        against=benchmark.against,
        ours_s=[round(value, 6) for value in ours],
        theirs_s=[round(value, 6) for value in theirs],
        ratio=round(ratio, 2),
        target=benchmark.target,
        is_met=ratio >= benchmark.target and not fault,
        how=benchmark.how + (f" FAULT: {fault}" if fault else ""),
    )


def seconds_of(work: Work) -> float:
    """Return how many seconds `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
