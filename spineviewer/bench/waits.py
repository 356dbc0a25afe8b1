"""The times that a user waits for the window to appear and for a segmentation to stop."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spineviewer.bench.benchmark import Outcome
from spineviewer.bench.usage import run_measured
from spineviewer.errors import Cancelled
from spineviewer.inference.backends.backend import Backend
from spineviewer.inference.segment import empty_probability, segment
from spineviewer.model import PreprocessSettings
from spineviewer.preprocess import WorkingVolume
from spineviewer.progress import JobProgress

_START_LIMIT_S, _STOP_LIMIT_S = 1.0, 0.5


@dataclass(frozen=True)
class StartTrial:
    """Seconds from the start of the process until the window has been painted.

    An untimed run puts the program's files into the system's cache first.
    """

    name: str = "warm-start"
    runs: int = 5

    def outcome(self) -> Outcome:
        _seconds_to_window()
        return _compared_with_limit(
            self.name,
            [_seconds_to_window() for _ in range(self.runs)],
            _START_LIMIT_S,
            "the window without a scan, from the start of the process to the end of its first "
            "paint",
        )


@dataclass(frozen=True)
class StopTrial:
    """Seconds that a segmentation takes to stop when it is cancelled while a network is running."""

    name: str
    working: WorkingVolume
    backend: Backend
    runs: int = 5

    def outcome(self) -> Outcome:
        waits = [
            seconds_to_stop(self.working, self.backend, after_s=1.0 + 0.13 * number)
            for number in range(self.runs)
        ]
        size = " x ".join(map(str, self.working.geometry.shape_zyx))
        return _compared_with_limit(
            self.name,
            waits,
            _STOP_LIMIT_S,
            f"{size} mm, {self.backend.identity.precision}; the longest {max(waits):.3f} s",
        )


def seconds_to_stop(working: WorkingVolume, backend: Backend, *, after_s: float) -> float:
    """Return the seconds that a segmentation takes to stop; 0 if it had already ended.

    It is cancelled `after_s` seconds after its start.
    """
    slices = working.geometry.shape_zyx[2]
    progress, requested = JobProgress(), [0.0]

    def ask() -> None:
        requested[0] = time.perf_counter()
        progress.cancel()

    timer = threading.Timer(after_s, ask)
    timer.start()
    try:
        segment(
            working,
            backend,
            known=empty_probability(working),
            wanted=np.ones(slices, np.bool_),
            interest=np.ones(slices),
            settings=PreprocessSettings(),
            progress=progress,
            on_chunk=lambda _: None,
        )
    except Cancelled:
        return time.perf_counter() - requested[0]
    finally:
        timer.cancel()
        timer.join()
    return 0.0


def _seconds_to_window() -> float:
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "painted"
        environment = {**os.environ, "XDG_CONFIG_HOME": folder}
        # an installed program has compiled bytecode in its folder
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            environment["QT_QPA_PLATFORM"] = "offscreen"
        started = time.time()
        run_measured(
            [sys.executable, "-m", "spineviewer.bench.first_paint", str(note)], environment
        )
        return float(note.read_text()) - started


def _compared_with_limit(name: str, seconds: list[float], limit_s: float, how: str) -> Outcome:
    ratio = limit_s / max(1e-9, statistics.median(seconds))
    return Outcome(
        name,
        f"{limit_s:g} s",
        [round(s, 4) for s in seconds],
        [],
        round(ratio, 2),
        1.0,
        ratio >= 1,
        how,
    )
