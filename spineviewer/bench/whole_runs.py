"""Benchmarks of whole programs: command and window on long scans, and nnU-Net's predictor."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from spineviewer.bench.benchmark import Outcome
from spineviewer.bench.usage import Usage, run_measured
from spineviewer.errors import InferenceError
from spineviewer.io.scan import read_scan
from spineviewer.io.write.export import write_scan
from spineviewer.resources import assets_dir
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import AIR_HU, CtVolume, ScanFormat, ScanSource

#: Environment variable with the path of the Python interpreter that has nnU-Net. `make bench`
#: creates its environment.
PEERS_VARIABLE = "SPINEVIEWER_PEERS"
_SIDE = 512
_PROGRAM = (sys.executable, "-m", "spineviewer")
#: Work that every command does before its first scan.
_START = "from spineviewer.app.pipeline import Segmenter; Segmenter('auto')"


@dataclass(frozen=True)
class MemoryTrial:
    """A whole run; the ratio is a memory limit divided by the peak."""

    name: str
    limit_gb: float
    slices: int
    is_window: bool

    def outcome(self) -> Outcome:
        scan = long_sample_scan(self.slices, 0.98)
        usage = _window_run(scan) if self.is_window else _command_run(scan)[0]
        ratio = self.limit_gb * 1e9 / usage.peak_bytes
        what = (
            "the window with three views, worker process included"
            if self.is_window
            else "spineviewer segment"
        )
        return Outcome(
            name=self.name,
            against=f"{self.limit_gb:g} GB",
            ours_s=[round(usage.seconds, 2)],
            theirs_s=[],
            ratio=round(ratio, 2),
            target=1.0,
            is_met=ratio >= 1,
            how=f"{what}, 512 x 512 x {self.slices} at 0.98 x 0.98 x 1 mm: peak "
            f"{usage.peak_bytes / 1e9:.2f} GB",
        )


@dataclass(frozen=True)
class CommandTrial:
    """Compares the command `segment` with nnU-Net's predictor on the same scan."""

    name: str = "segment-command"
    target: float = 12.0
    scan: Path | None = None

    def outcome(self) -> Outcome:
        scan = long_sample_scan(300, 1.0) if self.scan is None else _copy_of(self.scan)
        what = "512 x 512 x 300 at 1 mm" if self.scan is None else "a real scan"
        ours, report = _command_run(scan)
        theirs, facts = _peer_run(scan)
        seconds = theirs.seconds + facts["not_run_s"]
        ratio = seconds / ours.seconds
        memory_ratio = ours.peak_bytes / theirs.peak_bytes
        stages = ", ".join(
            f"{stage} {seconds:.1f}"
            for stage, seconds in report["seconds"].items()
            if stage != "total"
        )
        return Outcome(
            name=self.name,
            against=f"nnU-Net predictor {facts['version']}, plain 3-D full-resolution network with "
            f"random weights",
            ours_s=[round(ours.seconds, 2)],
            theirs_s=[round(seconds, 2)],
            ratio=round(ratio, 2),
            target=self.target,
            is_met=ratio >= self.target and memory_ratio <= 0.5,
            how=f"{what}, file to file; ours: {stages} s, {ours.peak_bytes / 1e9:.2f} GB; theirs: "
            f"{facts['how']}, {theirs.peak_bytes / 1e9:.2f} GB; memory {memory_ratio:.2f} of "
            "theirs, target 0.5",
        )


@dataclass(frozen=True)
class BatchTrial:
    """Compares a batch of copies of a scan with running one command for each copy.

    The start-up that a batch saves (imports, loading the networks) is measured in a separate
    process and subtracted from the commands, so that the ratio only shows what overlapping saves.
    """

    name: str = "batch"
    target: float = 1.3
    scan_count: int = 6
    runs: int = 3

    def outcome(self) -> Outcome:
        scan = long_sample_scan(60, 0.98)
        folder = scan.parent / "copies"
        folder.mkdir()
        for number in range(self.scan_count):
            shutil.copy(scan, folder / f"s{number}_ct.nii.gz")
        batches, commands, starts = list[Usage](), list[list[Usage]](), list[Usage]()
        for number in range(self.runs):
            out = scan.parent / f"masks-{number}"
            batches.append(run_measured([*_PROGRAM, "batch", str(folder), "-o", str(out)]))
            commands.append([_command_run(scan)[0] for _ in range(self.scan_count)])
            starts.append(run_measured([sys.executable, "-c", _START]))
        saved = self.scan_count - 1

        def beyond_start(kind: str) -> list[float]:
            return [
                sum(getattr(usage, kind) for usage in run) - saved * getattr(start, kind)
                for run, start in zip(commands, starts, strict=True)
            ]

        def ratio(kind: str) -> float:
            batch: float = median(getattr(usage, kind) for usage in batches)
            return median(beyond_start(kind)) / batch

        whole_s = median(sum(usage.seconds for usage in run) for run in commands)
        start_s = median(usage.seconds for usage in starts)
        cpu_s = median(usage.cpu_seconds for usage in batches)
        return Outcome(
            name=self.name,
            against=f"{self.scan_count} separate commands without the start-up that a batch saves",
            ours_s=[round(usage.seconds, 2) for usage in batches],
            theirs_s=[round(seconds, 2) for seconds in beyond_start("seconds")],
            ratio=round(ratio("seconds"), 2),
            target=self.target,
            is_met=ratio("seconds") >= self.target,
            how=f"{self.scan_count} scans of 512 x 512 x 60 voxels at 0.98 x 0.98 x 1 mm; the "
            f"commands took {whole_s:.1f} s, less {saved} start-ups (imports, networks) of "
            f"{start_s:.1f} s; the batch used {cpu_s:.1f} CPU seconds, ratio of CPU seconds "
            f"{ratio('cpu_seconds'):.2f}",
        )


@cache
def long_sample_scan(slices: int, in_plane_mm: float) -> Path:
    """Return the path of a long scan made from the sample, which is written on the first call.

    The sample is padded with air to 512 x 512 and repeated along z to `slices` slices, 1 mm apart;
    every second copy is mirrored.
    """
    sample = read_scan(next((assets_dir() / "sample").glob("*_ct.nii.gz"))).hu
    hu = np.full((slices, _SIDE, _SIDE), AIR_HU, np.int16)
    rows, columns = sample.shape[1:]
    top, left = (_SIDE - rows) // 2, (_SIDE - columns) // 2
    for number, start in enumerate(range(0, slices, len(sample))):
        part = hu[start : start + len(sample), top : top + rows, left : left + columns]
        part[:] = sample[:: -1 if number % 2 else 1][: len(part)]
    grid = Geometry(hu.shape, (1.0, in_plane_mm, in_plane_mm), (0.0, 0.0, 0.0))
    folder = Path(tempfile.mkdtemp(prefix="spineviewer-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"long-{slices}_ct.nii.gz"
    write_scan(CtVolume(hu, grid, ScanSource(path, ScanFormat.MEMORY, grid, AxisOrder())), path, {})
    return path


def _copy_of(scan: Path) -> Path:
    """Return a copy of the scan in a folder where results may be written."""
    folder = Path(tempfile.mkdtemp(prefix="spineviewer-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(shutil.copy(scan, folder / "scan_ct.nii.gz"))


def _command_run(scan: Path) -> tuple[Usage, dict[str, Any]]:
    mask = scan.with_name("mask.nii.gz")
    command = [*_PROGRAM, "segment", str(scan), "-o", str(mask), "--overwrite", "--json"]
    usage = run_measured(command)
    return usage, json.loads(usage.output)


def _window_run(scan: Path) -> Usage:
    picture = scan.with_name("window.png")
    settings = {"XDG_CONFIG_HOME": str(scan.parent)}
    environment = {**os.environ, **settings}
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    return run_measured(
        [
            sys.executable,
            "-m",
            "spineviewer",
            str(scan),
            "--segment",
            "--screenshot",
            str(picture),
            "--quit",
        ],
        environment,
    )


def _peer_run(scan: Path) -> tuple[Usage, dict[str, Any]]:
    python = os.environ.get(PEERS_VARIABLE, "")
    script = Path(__file__).resolve().parents[2] / "tests" / "benchmarks" / "peer_nnunet.py"
    if not python or not script.exists():
        raise InferenceError(
            f"nnU-Net is not installed: run `make bench` in a checkout, or set {PEERS_VARIABLE} "
            "to the Python of an environment that contains it."
        )
    usage = run_measured([python, str(script), str(scan), str(scan.with_name("peer.nii.gz"))])
    return usage, json.loads(usage.output.splitlines()[-1])
