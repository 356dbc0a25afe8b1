"""The command `spineviewer bench`: run the benchmarks, print the table and save it."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spineviewer.command_parser import CommandParser
from spineviewer.errors import UsageError
from spineviewer.threads import compute_threads, limit_libraries

RESULTS_FILE, TABLE_FILE = "results.json", "README.md"
_HEAD = """# Benchmarks: speed and memory

Written by `make bench`; `results.json` has the same rows. Each row compares alternating runs on
one machine; the ratio is that of the medians. In memory rows, the ratio is the limit divided by the
peak. Other programs running at the same time slow both sides, so the load average is stated with
the processor. Rows that miss their target are kept and marked. Each type of processor has its own
table; a row is replaced when it is run again, and the other rows keep the commit at which they were
measured.

[seconds.md](seconds.md) lists the seconds and memory of whole segmentations.
"""


def main(argv: Sequence[str]) -> int:
    """Run the named benchmarks (default: all); return 1 if the table in `--out` lacks a row.

    The results of `bench views` and `bench cost` are not in this table.
    """
    if argv[:1] == ["views"]:  # the views set their own limits
        from spineviewer.bench import views

        return views.main(list(argv[1:]))
    limit_libraries()
    if argv[:1] == ["cost"]:
        from spineviewer.bench import cost

        return cost.main(argv[1:])
    from spineviewer.bench import rows

    options = _parser().parse_args(argv)
    unknown = [name for name in options.rows if name not in rows.ROWS]
    if unknown:
        raise UsageError(f"Unknown benchmark '{unknown[0]}'. Choose from {', '.join(rows.ROWS)}.")
    rows.prepare()
    written: list[dict[str, Any]] = []
    for name in options.rows or rows.ROWS:
        outcome = {
            **asdict(rows.with_runs(rows.ROWS[name](), options.runs).outcome()),
            **_circumstances(),
        }
        _say(_line(outcome))
        if (
            options.out is not None
        ):  # after each row, so that an interrupted run does not lose its results
            written = _merged(_read(options.out), [outcome], list(rows.ROWS))
            _write(options.out, written)
    if options.out is None:
        return 0
    missing = set(rows.ROWS) - {row["name"] for row in written if _machine(row) == _processor()}
    if missing:
        _say(f"missing: {', '.join(sorted(missing))}")
    return 1 if missing else 0


def _merged(
    old: list[dict[str, Any]], new: list[dict[str, Any]], order: list[str]
) -> list[dict[str, Any]]:
    """Return the newest row for each name and machine, grouped by machine."""
    newest = {(_machine(row), row["name"]): row for row in [*old, *new]}
    machines = dict.fromkeys(machine for machine, _ in newest)
    return [
        newest[machine, name] for machine in machines for name in order if (machine, name) in newest
    ]


def _machine(row: dict[str, Any]) -> str:
    """Return the name of a row's processor, without the threads and the load average."""
    return str(row["cpu"]).partition(",")[0]


def _read(folder: Path) -> list[dict[str, Any]]:
    path = folder / RESULTS_FILE
    rows: list[dict[str, Any]] = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    )
    return rows


def _write(folder: Path, outcomes: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RESULTS_FILE).write_text(json.dumps(outcomes, indent=2) + "\n", encoding="utf-8")
    columns = (
        "row",
        "compared with",
        "ours s",
        "theirs s",
        "ratio",
        "target",
        "met",
        "details",
        "cpu",
        "commit",
        "date",
    )
    lines: list[str] = []
    machine = ""
    for row in outcomes:
        if _machine(row) != machine:
            machine = _machine(row)
            lines += [
                f"\n## {machine}\n\n",
                _table_line(columns),
                _table_line(["---"] * len(columns)),
            ]
        seconds = (_median(row["ours_s"]), _median(row["theirs_s"]))
        ratio = (f"{row['ratio']:g}", f"{row['target']:g}", "yes" if row["is_met"] else "NO")
        lines.append(
            _table_line(
                [
                    row["name"],
                    row["against"],
                    *seconds,
                    *ratio,
                    row["how"],
                    row["cpu"],
                    row["commit"],
                    row["date"][:10],
                ]
            )
        )
    (folder / TABLE_FILE).write_text(_HEAD + "".join(lines), encoding="utf-8")


def _table_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _line(row: dict[str, Any]) -> str:
    verdict = "met" if row["is_met"] else "NOT MET"
    ours, theirs = _median(row["ours_s"]), _median(row["theirs_s"])
    against = f"{theirs} s" if row["theirs_s"] else row["against"]
    return (
        f"{row['name']:<22} {ours} s compared with {against}: {row['ratio']:g}x, target "
        f"{row['target']:g}x, {verdict}. {row['how']}"
    )


def _median(values: list[float]) -> str:
    return f"{statistics.median(values):.4g}" if values else "–"


def _circumstances() -> dict[str, str]:
    return {
        "cpu": f"{_processor()}, {compute_threads()} threads{_load()}",
        "commit": _commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def _load() -> str:
    """Return the load average of the last minute if the system provides it."""
    return f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def _commit() -> str:
    top = Path(__file__).resolve().parents[2]
    try:
        result = subprocess.run(
            ["git", "-C", str(top), "rev-parse", "--short", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return result.stdout.strip()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="spineviewer bench",
        description="Compare the speed and memory use of Spineviewer with those of the usual "
        "methods. 'bench views' measures the window; 'bench cost' measures the seconds per scan.",
    )
    parser.add_argument(
        "rows",
        nargs="*",
        metavar="BENCHMARK",
        help="benchmarks to run, named as in tests/benchmarks/README.md (default: all)",
    )
    parser.add_count("--runs", "timed runs per method (default: depends on the benchmark)")
    parser.add_folder(
        "--out", f"folder for {RESULTS_FILE} and {TABLE_FILE}; other results in them are kept"
    )
    return parser
