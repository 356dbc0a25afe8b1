"""`spineviewer bench cost`: seconds per stage of `segment` for scans, threads and precisions."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spineviewer.bench.rows import random_model
from spineviewer.bench.scans import DATA_VARIABLE, phantom
from spineviewer.bench.usage import Usage, run_measured
from spineviewer.bench.whole_runs import long_sample_scan
from spineviewer.command_parser import CommandParser
from spineviewer.model import load_configuration, save_configuration
from spineviewer.resources import MODELS_VARIABLE, models_dir
from spineviewer.threads import THREADS_VARIABLE, compute_threads

_COLUMNS = (
    "scan", "voxels", "threads, width, precision", "read", "smooth, resample", "load, "
    "compile", "attention", "segmentation",
    "fuse, write", "total", "memory",
)  # fmt: skip
#: Stages of the run record whose seconds each column adds up.
_STAGES = (
    ("reading",),
    ("diffusion", "resample"),
    ("load", "compile"),
    ("attention",),
    ("segmentation",),
    ("fusion", "writing"),
    ("total",),
)
WIDE = 32


@dataclass(frozen=True)
class Setting:
    """One line of the table.

    Attributes
    ----------
    models
        Models folder; None for the bundled one.
    """

    name: str
    scan: Path
    threads: int
    width: int
    models: Path | None = None


def main(argv: Sequence[str]) -> int:
    """Run the command in every setting and print each line of the table once it is measured."""
    parser = CommandParser(
        prog="spineviewer bench cost",
        description="Measure the seconds per stage of 'spineviewer segment' for several scans, "
        "thread counts and precisions.",
    )
    parser.add_flag("--quick", "only the bundled scan, with all threads")
    options = parser.parse_args(argv)
    _say(_COLUMNS)
    _say(["---"] * len(_COLUMNS))
    with tempfile.TemporaryDirectory() as folder:
        for setting in _settings(Path(folder), is_quick=options.quick):
            usage, report = _run(setting, Path(folder) / "mask.nii.gz")
            _say(cells(setting, report, usage.peak_bytes))
    return 0


def cells(setting: Setting, report: dict[str, Any], peak_bytes: int) -> list[str]:
    """Return the cells of a line of the table, from the JSON that the command printed."""
    seconds = report["seconds"]
    columns = [f"{sum(seconds.get(stage, 0.0) for stage in stages):.1f}" for stages in _STAGES]
    size = " x ".join(str(count) for count in report["shape"])
    kind = f"{setting.threads}, {setting.width}, {report['precision']}"
    return [setting.name, size, kind, *columns, f"{peak_bytes / 1e9:.1f} GB"]


def _settings(folder: Path, *, is_quick: bool) -> list[Setting]:
    sample, most, width = (
        phantom().path,
        compute_threads(),
        load_configuration(models_dir()).segmentation.width,
    )
    settings = [Setting("synthetic, `assets/sample`", sample, most, width)]
    if is_quick:
        return settings
    settings += [Setting("the same", sample, threads, width) for threads in _fewer_than(most)]
    settings.append(
        Setting("the same, in f32", sample, most, width, _in_full_precision(folder / "f32"))
    )
    wide = random_model(WIDE)
    save_configuration(wide)
    settings.append(Setting("the same", sample, most, WIDE, wide.folder))
    settings.append(
        Setting("synthetic, 512 x 512 x 300 at 1 mm", long_sample_scan(300, 1.0), most, width)
    )
    data = os.environ.get(DATA_VARIABLE, "")
    real = sorted(Path(data, "validation").glob("*/ct.nii.gz")) if data else []
    return settings + [
        Setting(f"real scan {number}", path, most, width) for number, path in enumerate(real, 1)
    ]


def _fewer_than(most: int) -> list[int]:
    """Return the thread counts 1, 2, 4, … below the available number."""
    return [1 << bit for bit in range(most.bit_length()) if 1 << bit < most]


def _in_full_precision(folder: Path) -> Path:
    """Copy the bundled networks to a new folder, to be used in full precision; return it."""
    shipped = load_configuration(models_dir())
    folder.mkdir()
    for weights in (shipped.attention, shipped.segmentation):
        (folder / weights.file).write_bytes((shipped.folder / weights.file).read_bytes())
    save_configuration(replace(shipped, folder=folder, cpu_precision="f32"))
    return folder


def _run(setting: Setting, mask: Path) -> tuple[Usage, dict[str, Any]]:
    environment = {**os.environ, THREADS_VARIABLE: str(setting.threads)}
    if setting.models is not None:
        environment[MODELS_VARIABLE] = str(setting.models)
    command = [
        sys.executable,
        "-m",
        "spineviewer",
        "segment",
        str(setting.scan),
        "-o",
        str(mask),
        "--overwrite",
        "--json",
    ]
    usage = run_measured([*command, "--device", "cpu"], environment)
    size = json.loads(
        run_measured(
            [sys.executable, "-m", "spineviewer", "info", str(setting.scan), "--json"]
        ).output
    )["series"][0]
    shape = [size["columns"], size["rows"], size["slices"]]
    return usage, {**json.loads(usage.output), "shape": shape}


def _say(line: Sequence[str]) -> None:
    sys.stdout.write(f"| {' | '.join(line)} |\n")
    sys.stdout.flush()
