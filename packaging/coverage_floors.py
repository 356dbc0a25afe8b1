"""Compare the coverage of each package with its floor: `coverage_floors.py coverage.json`.

`pytest --cov --cov-report=json` writes the file. Code that runs only in child processes, such as
the readers of untrusted files, is not counted.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
COUNTS = ("covered_lines", "num_statements", "covered_branches", "num_branches")


def percentages(report: Path) -> dict[str, float]:
    """Return the percentage of statements and branches that ran, by package and top module."""
    sums: dict[str, Counter[str]] = {}
    for name, file in json.loads(report.read_text(encoding="utf-8"))["files"].items():
        part = Path(name).parts[1] if len(Path(name).parts) > 2 else "top modules"
        counts = {key: file["summary"].get(key, 0) for key in COUNTS}
        sums.setdefault(part, Counter()).update(counts)
    return {
        part: 100
        * (n["covered_lines"] + n["covered_branches"])
        / max(1, n["num_statements"] + n["num_branches"])
        for part, n in sorted(sums.items())
    }


def main() -> int:
    """Print each package with its floor; return 1 if one is below."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    floors = settings["tool"]["spineviewer"]["coverage-floors"]
    found = percentages(Path(sys.argv[1]))
    for part, percent in found.items():
        print(f"{part:16} {percent:5.1f}%, at least {floors.get(part, 100)}%")
    below = [part for part, percent in found.items() if percent < floors.get(part, 100)]
    print(f"below the floor: {', '.join(below)}" if below else "coverage: every package is above")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
