"""A campaign of damaged files against every reader; adds to the table in the same folder.

python tests/fuzz/campaign.py --minutes 20
    all formats in turn; each resumes where its seeds ended
python tests/fuzz/campaign.py --count 10000
    until each format has had that many files in all
python tests/fuzz/campaign.py --target zip --seed 4711
    one file again, and its outcome
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parent))

from corpus import targets

HERE = Path(__file__).parent
RECORD, TABLE = HERE / "results.json", HERE / "RESULTS.md"
#: A file that takes longer hangs.
LONGEST_S = 10.0
FILES_PER_WORKER = 1000
ROUND = 250
BAD = ("crash", "hang", "greedy", "unforeseen", "told badly")
#: Headings of the outcomes that the table names differently.
HEADINGS = {
    "told": "rejected",
    "greedy": "too much memory",
    "unforeseen": "unexpected error",
    "told badly": "unclear message",
}
HEAD = f"""# Damaged files against the readers

Written by `make fuzz MINUTES=20` (`tests/fuzz/campaign.py`). A seed causes the same damage on every
computer; the seeds from 0 to the number of files minus 1 were used. A worker reads each file as the
sandbox does. It lists the series of every sixteenth file, and if a series can be read in several
ways, it uses the first. A worker is replaced after a crash or {FILES_PER_WORKER} files, and may use
{LONGEST_S:.0f} s of computing time and 1 GiB more than the file's size.

*Opened*: a volume was read. *Asked*: the user would have to choose a series or a way to read it.
*Rejected*: one line names the problem. *Crash*: the worker died; the program would show one
message. Findings are crashes, hangs, too much memory, unexpected errors and unclear messages.

"""


@dataclass
class Worker:
    """A process that forks workers, each for a thousand files or until it dies."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    current: int = 0
    left: int = 0
    spoken: bytearray = field(default_factory=bytearray)

    def ask(self, target: str, seed: int) -> tuple[str, str]:
        """Return the outcome of one damaged file."""
        return next(self.answers(target, seed, 1))

    def answers(self, target: str, first: int, count: int) -> Iterator[tuple[str, str]]:
        """Yield the outcomes of damaged files with consecutive seeds."""
        end = first + count
        while first < end:
            if self.process is None:
                self._start()
            self._await_worker()
            assert self.process is not None and self.process.stdin is not None
            requested = min(end - first, self.left)
            self.process.stdin.write(
                json.dumps({"target": target, "seed": first, "count": requested}).encode() + b"\n"
            )
            self.process.stdin.flush()
            for _ in range(requested):
                answer = self._answer()
                first += 1
                yield answer
                if answer[0] in ("hang", "crash"):
                    break  # the worker ended with it

    def _answer(self) -> tuple[str, str]:
        line = self._patient_line()
        if line is None:
            os.kill(self.current, signal.SIGKILL)
            self._line(60.0)
            self.left = 0
            return "hang", f"more than {LONGEST_S:.0f} s"
        if line.startswith(b"ended"):
            self.left = 0
            return "crash", f"exit code {line.split()[1].decode()}"
        self.left -= 1
        outcome, told = json.loads(line)
        return str(outcome), str(told)

    def end(self) -> None:
        """End the workers."""
        if self.process is None:
            return
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process = None

    def _start(self) -> None:
        command = [
            sys.executable,
            "-P",
            str(HERE / "worker.py"),
            str(self.folder),
            str(FILES_PER_WORKER),
        ]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.left = 0

    def _await_worker(self) -> None:
        """Record the next worker if the last one has ended."""
        if self.left > 0:
            return
        line = self._line(120.0)
        if line is None or not line.startswith(b"ready"):
            raise RuntimeError(f"the worker did not start: {line!r}")
        self.current, self.left = int(line.split()[1]), FILES_PER_WORKER

    def _patient_line(self) -> bytes | None:
        """Return the answer; None if it took too long.

        A busy machine gets more time, but not more CPU time.
        """
        try:
            process = psutil.Process(self.current)
            begun = sum(process.cpu_times()[:2])
            for _ in range(6):
                line = self._line(LONGEST_S)
                if line is not None or sum(process.cpu_times()[:2]) - begun > LONGEST_S:
                    return line
        except psutil.NoSuchProcess:  # it has ended, which is reported
            return self._line(60.0)
        return None

    def _line(self, timeout_s: float) -> bytes | None:
        """Return the next line; None if none arrived in time."""
        assert self.process is not None and self.process.stdout is not None
        ends = time.monotonic() + timeout_s
        while b"\n" not in self.spoken:
            ready, _, _ = select.select(
                [self.process.stdout], [], [], max(0.0, ends - time.monotonic())
            )
            if not ready:
                return None
            piece = self.process.stdout.read1(65536)  # type: ignore[attr-defined]  # a BufferedReader
            if not piece:
                raise RuntimeError("the process that forks workers has ended")
            self.spoken += piece
        line, _, rest = bytes(self.spoken).partition(b"\n")
        self.spoken[:] = rest
        return line


def run(names: list[str], minutes: float | None, count: int | None, record: dict[str, Any]) -> None:
    """Test all formats in turn until the time or the count is reached."""
    ends = time.monotonic() + 60 * minutes if minutes is not None else float("inf")
    with tempfile.TemporaryDirectory(prefix="spineviewer-fuzz-", dir=_memory_folder()) as folder:
        worker = Worker(Path(folder))
        try:
            while time.monotonic() < ends:
                waiting = [
                    name for name in names if count is None or _entry(record, name)["files"] < count
                ]
                if not waiting:
                    break
                for name in waiting:
                    if time.monotonic() < ends:
                        _round(worker, name, record, count)
                save(record)
        finally:
            worker.end()
            save(record)


def _round(worker: Worker, name: str, record: dict[str, Any], count: int | None) -> None:
    entry = _entry(record, name)
    most = ROUND if count is None else min(ROUND, count - entry["files"])
    started = time.monotonic()
    for seed, (outcome, told) in enumerate(
        worker.answers(name, entry["files"], most), start=entry["files"]
    ):
        entry["slowest_s"] = max(entry["slowest_s"], round(time.monotonic() - started, 2))
        entry["files"] += 1
        entry["outcomes"][outcome] = entry["outcomes"].get(outcome, 0) + 1
        if outcome in BAD:
            entry["findings"].append({"seed": seed, "outcome": outcome, "told": told})
        started = time.monotonic()


def _entry(record: dict[str, Any], name: str) -> dict[str, Any]:
    empty = {"files": 0, "outcomes": {}, "slowest_s": 0.0, "findings": []}
    entry: dict[str, Any] = record.setdefault("formats", {}).setdefault(name, empty)
    return entry


def save(record: dict[str, Any]) -> None:
    """Write the record for programs and the table for people."""
    RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    kinds = ("opened", "asked", "told", *BAD)
    headings = [HEADINGS.get(kind, kind) for kind in kinds]
    lines = [
        f"Last run: {date.today().isoformat()}",
        "",
        f"| format | files | {' | '.join(headings)} | slowest s |",
    ]
    lines.append("|---" * (len(kinds) + 3) + "|")
    formats = record.get("formats", {})
    for name in sorted(formats):
        entry = formats[name]
        cells = " | ".join(str(entry["outcomes"].get(kind, 0)) for kind in kinds)
        lines.append(f"| {name} | {entry['files']} | {cells} | {entry['slowest_s']:.1f} |")
    found = [(name, finding) for name in sorted(formats) for finding in formats[name]["findings"]]
    lines += ["", "## Open findings", ""]
    lines += [
        f"- {name}, seed {f['seed']}: {f['outcome']}, {f['told']}" for name, f in found[:200]
    ] or ["None."]
    guided = record.get("guided", {})
    if guided:
        lines += [
            "",
            "## Guided by coverage (atheris, `tests/fuzz/guided.py`)",
            "",
            "| parser | runs | branches reached | findings |",
        ]
        lines += ["|---|---|---|---|"]
        for name, entry in sorted(guided.items()):
            lines.append(
                f"| {name} | {entry['runs']} | {entry['coverage']} | "
                f"{'; '.join(entry['findings']) or 'none'} |"
            )
    earlier = record.get("earlier", [])
    if earlier:
        lines += [
            "",
            "## Earlier runs, with other damage for each seed, before fixes",
            "",
            *(f"- {text}" for text in earlier),
        ]
    fixed = record.get("fixed", [])
    lines += ["", "## Findings that were fixed", "", *(f"- {text}" for text in fixed)]
    TABLE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def _memory_folder() -> str | None:
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() else None


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--count", type=int)
    parser.add_argument("--target", action="append", choices=sorted(targets()))
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--afresh",
        action="store_true",
        help="begin at seed 0 again: after a repair, to see that it holds",
    )
    options = parser.parse_args()
    names = options.target or list(targets())
    if options.seed is not None:
        with tempfile.TemporaryDirectory(dir=_memory_folder()) as folder:
            worker = Worker(Path(folder))
            for name in names:
                sys.stdout.write(f"{name}: {worker.ask(name, options.seed)}\n")
            worker.end()
        return 0
    record: dict[str, Any] = (
        json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    )
    if options.afresh:
        for name in names:
            record.get("formats", {}).pop(name, None)
    run(names, options.minutes, options.count, record)
    bad = sum(len(_entry(record, name)["findings"]) for name in names)
    sys.stdout.write(
        f"{sum(_entry(record, name)['files'] for name in names)} files, {bad} findings: {TABLE}\n"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
