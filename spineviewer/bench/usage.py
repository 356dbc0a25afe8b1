"""Time and peak memory of a program (with its children) that is run as a user would run it."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from spineviewer.errors import InferenceError

#: Seconds between two samples of the memory.
SAMPLE_S = 0.1


@dataclass(frozen=True)
class Usage:
    """Resources used by a run.

    Attributes
    ----------
    cpu_seconds
        CPU time of the program and its children; 0 on systems that do not report it.
    peak_bytes
        Peak memory of the program and its children; shared memory counts only once if the system
        reports it.
    output
        The program's stdout.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


def run_measured(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Usage:
    """Run a command until it ends and return the resources that it used.

    Raises
    ------
    InferenceError
        When its exit code is not 0.
    """
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        started, cpu_started = time.perf_counter(), _cpu_seconds_of_children()
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environment)
        peak = 0
        is_over = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not is_over.wait(SAMPLE_S):
                peak = max(peak, bytes_of_tree(process.pid))

        watcher = threading.Thread(target=watch, name="watch-memory")
        watcher.start()
        try:
            code = process.wait()
        finally:  # if this is interrupted, neither the program nor the sampling may continue
            seconds = time.perf_counter() - started
            is_over.set()
            watcher.join()
            _end_tree(process)
        stdout.seek(0)
        stderr.seek(0)
        if code != 0:
            last = stderr.read().decode(errors="replace").strip().splitlines()[-3:]
            raise InferenceError(f"{command[0]} exited with code {code}: {' / '.join(last)}")
        cpu_seconds = _cpu_seconds_of_children() - cpu_started
        return Usage(seconds, cpu_seconds, peak, stdout.read().decode())


def _cpu_seconds_of_children() -> float:
    """Return the CPU seconds of all children of this process that have ended."""
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def _end_tree(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
        process.kill()
        process.wait()


def bytes_of_tree(pid: int) -> int:
    """Return the memory in bytes that a process and its children use now; 0 if it has ended."""
    try:
        root = psutil.Process(pid)
        return sum(_bytes_of(process.pid) for process in (root, *root.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0


def _bytes_of(pid: int) -> int:
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    with suppress(psutil.NoSuchProcess):
        return int(psutil.Process(pid).memory_info().rss)
    return 0
