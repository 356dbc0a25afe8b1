"""The arithmetic of the benchmark; times are never asserted."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from spineviewer.bench import bench_command as command
from spineviewer.bench import benchmark, cost, rows, scans, usage, waits, whole_runs
from spineviewer.bench.convolution_limit import segmentation_work
from spineviewer.bench.patches import attention_patches, segmentation_patches
from spineviewer.bench.usage import run_measured
from spineviewer.errors import InferenceError, UsageError
from spineviewer.inference.backends.openvino_backend import OpenVinoBackend
from spineviewer.io.scan import read_scan
from spineviewer.model import load_configuration
from spineviewer.networks.segmentation_net import SegmentationNet, SegmentationNetConfig
from spineviewer.preprocess import WorkingVolume
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import AIR_HU


def test_methods_run_alternately_and_the_ratio_is_that_of_the_medians(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []
    seconds = iter([1.0, 30.0, 2.0, 40.0, 9.0, 20.0])
    monkeypatch.setattr(benchmark, "seconds_of", lambda work: (work(), next(seconds))[1])
    found = benchmark.run(
        benchmark.Benchmark(
            "row",
            "them",
            10,
            "so",
            lambda: order.append("ours"),
            lambda: order.append("theirs"),
            theirs_scale=2.0,
        )
    )
    assert order == ["ours", "theirs"] * 4
    assert (found.ours_s, found.theirs_s) == ([1.0, 2.0, 9.0], [60.0, 80.0, 40.0])
    assert found.ratio == 30 and found.is_met


def test_a_failed_check_or_a_missed_target_is_not_met() -> None:
    slow = benchmark.Benchmark("row", "them", 10**9, "so", lambda: None, lambda: None, runs=1)
    assert not benchmark.run(slow).is_met
    wrong = benchmark.Benchmark(
        "row", "them", 0, "so", lambda: None, lambda: None, runs=1, check=lambda: "3 voxels differ"
    )
    found = benchmark.run(wrong)
    assert not found.is_met and "3 voxels differ" in found.how


def test_patches_are_counted_with_half_an_overlap() -> None:
    # 304 = 160 + 80 + 64: three positions; 160: one
    assert attention_patches((2, 304, 160), timed=1).needed == 2 * 3 * 1
    # 12-slice patches every 6 over 30 slices: 0, 6, 12, 18; 192 every 96 over 384: 0, 96, 192
    assert segmentation_patches((30, 384, 100), timed=2).needed == 4 * 3 * 1
    assert segmentation_patches((30, 384, 100), timed=2).scale == 6


def test_the_networks_work_is_the_sum_over_its_layers() -> None:
    net = SegmentationNet(SegmentationNetConfig(width=4)).eval()
    total = 0.0

    def count(layer: torch.nn.Module, _: object, out: torch.Tensor) -> None:
        nonlocal total
        weight = layer.weight
        per_output = weight[0].numel() if isinstance(layer, torch.nn.Conv3d) else weight.shape[0]
        total += per_output * out.numel()

    for layer in net.modules():
        if isinstance(layer, torch.nn.Conv3d | torch.nn.ConvTranspose3d):
            layer.register_forward_hook(count)
    with torch.inference_mode():
        net(torch.zeros(1, 1, 4, 32, 32))
    assert total / (4 * 32 * 32) == pytest.approx(segmentation_work(4))


def test_results_add_up_and_a_missing_row_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def made(name: str) -> benchmark.Benchmark:
        return benchmark.Benchmark(name, "them", 0, "so", lambda: None, lambda: None, runs=1)

    monkeypatch.setattr(rows, "ROWS", {"one": lambda: made("one"), "two": lambda: made("two")})
    assert command.main(["one", "--out", str(tmp_path)]) == 1
    assert "missing: two" in capsys.readouterr().out
    assert command.main(["two", "--out", str(tmp_path)]) == 0
    written = json.loads((tmp_path / "results.json").read_text())
    assert [row["name"] for row in written] == ["one", "two"]
    fields = {
        "name",
        "against",
        "ours_s",
        "theirs_s",
        "ratio",
        "target",
        "is_met",
        "how",
        "cpu",
        "commit",
        "date",
    }
    assert all(set(row) == fields for row in written)
    assert "| two | them |" in (tmp_path / "README.md").read_text()
    with pytest.raises(UsageError, match="three"):
        command.main(["three"])


def test_rows_of_a_real_scan_report_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPINEVIEWER_DATA", raising=False)
    names = [name for name in rows.ROWS if name.endswith("-real")]
    assert len(names) >= 5
    for name in names:
        found = rows.ROWS[name]().outcome()
        assert found.name == name and not found.is_met and "skipped: no real scan" in found.how
    case = tmp_path / "validation" / "case"
    case.mkdir(parents=True)
    (case / "ct.nii.gz").touch()
    monkeypatch.setenv("SPINEVIEWER_DATA", str(tmp_path))
    scan = scans.real()
    assert scan is not None and scan.path == case / "ct.nii.gz"


def test_a_program_is_measured_with_its_children(tmp_path: Path) -> None:
    child = "import time; held = bytearray(80_000_000); time.sleep(1.5)"
    script = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('done')"
    )
    usage = run_measured([sys.executable, "-c", script])
    assert usage.output.strip() == "done"
    assert 80e6 < usage.peak_bytes < 300e6
    assert 1.5 < usage.seconds < 60
    with pytest.raises(InferenceError, match="exited with code 3"):
        run_measured([sys.executable, "-c", "raise SystemExit(3)"])


def test_a_long_scan_is_the_sample_mirrored_back_and_forth() -> None:
    scan = read_scan(whole_runs.long_sample_scan(400, 0.98))
    assert scan.geometry.shape_zyx == (400, 512, 512)
    assert scan.geometry.spacing_zyx_mm == pytest.approx((1.0, 0.98, 0.98))
    assert np.array_equal(scan.hu[275], scan.hu[276])  # 276 slices, then back
    assert (scan.hu[:, 0] == AIR_HU).all() and scan.hu.max() > 500


def test_a_stop_also_ends_the_measured_program(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    script = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    outer = (
        "import signal, sys; from spineviewer.bench.usage import run_measured\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))\n"
        f"run_measured([sys.executable, '-c', {script!r}])"
    )
    process = subprocess.Popen([sys.executable, "-c", outer])
    deadline = time.monotonic() + 60
    while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.terminate()
    process.wait(timeout=60)
    assert not psutil.pid_exists(int(told.read_text()))


def test_a_line_of_the_cost_table_adds_up_the_stages() -> None:
    seconds = {
        "reading": 1.0,
        "diffusion": 0.5,
        "resample": 0.25,
        "load": 1.1,
        "compile": 0.31,
        "attention": 0.4,
    }
    seconds |= {"segmentation": 9.04, "fusion": 0.2, "writing": 0.3, "total": 12.1}
    report = {"seconds": seconds, "precision": "int8", "shape": [10, 20, 30]}
    line = cost.cells(cost.Setting("synthetic", Path("scan"), 2, 16), report, 1_440_000_000)
    assert line == [
        "synthetic",
        "10 x 20 x 30",
        "2, 16, int8",
        "1.0",
        "0.8",
        "1.4",
        "0.4",
        "9.0",
        "0.5",
        "12.1",
        "1.4 GB",
    ]


def test_the_cost_table_is_made_by_the_command_itself(
    with_tiny_models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scan = Path(__file__).parents[2] / "assets" / "sample"
    small = scans.BenchScan("small", "", next(scan.glob("*_ct.nii.gz")))
    told = {"seconds": {"total": 2.0}, "precision": "f32", "shape": [1, 2, 3]}
    seen: list[cost.Setting] = []
    monkeypatch.setattr(cost, "phantom", lambda: small)
    monkeypatch.setattr(cost, "compute_threads", lambda: 4)
    monkeypatch.setattr(cost, "random_model", lambda _: load_configuration(with_tiny_models))
    monkeypatch.setattr(cost, "long_sample_scan", lambda *_: small.path)
    monkeypatch.delenv("SPINEVIEWER_DATA", raising=False)
    monkeypatch.setattr(
        cost,
        "_run",
        lambda setting, _: (seen.append(setting), (usage.Usage(2.0, 3.0, 10**9, ""), told))[1],
    )
    assert command.main(["cost"]) == 0
    assert [(setting.threads, setting.width) for setting in seen] == [
        (4, 4),
        (1, 4),
        (2, 4),
        (4, 4),
        (4, 32),
        (4, 4),
    ]
    assert len(capsys.readouterr().out.splitlines()) == 2 + len(seen)


def test_the_row_of_the_batch_leaves_out_the_start_up_that_it_saves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scan = tmp_path / "scan_ct.nii.gz"
    scan.touch()
    requested: list[str] = []

    def run_measured(words: list[str]) -> usage.Usage:
        kind = words[3] if words[1] == "-m" else "start"
        requested.append(kind)
        seconds, cpu_seconds = {"batch": (5.0, 8.0), "segment": (3.0, 4.0), "start": (1.0, 2.0)}[
            kind
        ]
        return usage.Usage(seconds, cpu_seconds, 10**9, "{}")

    monkeypatch.setattr(whole_runs, "run_measured", run_measured)
    monkeypatch.setattr(whole_runs, "long_sample_scan", lambda *_: scan)
    found = whole_runs.BatchTrial(scan_count=4, runs=2).outcome()
    assert requested == [*("batch", *4 * ["segment"], "start")] * 2
    # 4 commands of 3 s without 3 of 4 start-ups of 1 s
    assert (found.ours_s, found.theirs_s, found.ratio) == ([5.0, 5.0], [9.0, 9.0], 1.8)
    assert found.is_met
    assert "ratio of CPU seconds 1.25" in found.how  # (4 * 4 - 3 * 2) / 8
    assert len(list((tmp_path / "copies").iterdir())) == 4


def test_waits_are_judged_by_their_median(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = iter([9.0, 0.5, 0.4, 3.0])
    monkeypatch.setattr(waits, "_seconds_to_window", lambda: next(waited))
    found = waits.StartTrial(runs=3).outcome()
    assert (found.name, found.ours_s, found.ratio, found.is_met) == (
        "warm-start",
        [0.5, 0.4, 3.0],
        2.0,
        True,
    )


def test_the_wait_for_a_stop_is_measured(with_tiny_models: Path) -> None:
    grid = Geometry((160, 160, 300), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    working = WorkingVolume(np.zeros(grid.shape_zyx, np.int16), grid, grid)
    backend = OpenVinoBackend(load_configuration(with_tiny_models))
    assert 0 < waits.seconds_to_stop(working, backend, after_s=0.2) < 30


def test_rows_of_another_machine_stay_when_a_row_is_run_again_here(tmp_path: Path) -> None:
    there = {"name": "one", "cpu": "Old, 2 threads, load 1.0", "ratio": 1}
    here = {"name": "one", "cpu": "New, 2 threads, load 1.0", "ratio": 2}
    again = {"name": "one", "cpu": "New, 2 threads, load 0.2", "ratio": 3}
    assert command._merged([there, here], [again], ["one"]) == [there, again]
