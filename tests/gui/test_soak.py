"""Open, segment, tune, correct, export, close, two hundred times: memory and handles stay flat. The real engine, small nets."""

import gc
import os
from datetime import date
from pathlib import Path

import nibabel
import numpy as np
import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from spineviewer.app.exporting import ExportKind
from spineviewer.app.state import SegmentationStage, Tuning
from spineviewer.app.work import LocalBackend
from spineviewer.volume.planes import Plane

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600), pytest.mark.skipif(os.name != "posix", reason="counts handles")]

ROUNDS = int(os.environ.get("SPINEVIEWER_SOAK_ROUNDS", "200"))
#: Caches fill and allocators settle in these.
SETTLING = min(40, ROUNDS // 3)
#: Over all remaining rounds, this process and its engine together.
MOST_GROWTH_MB = 40


TABLE = Path(__file__).parent / "SOAK.md"
WRITES_TABLE = os.environ.get("SPINEVIEWER_WRITE_TABLES") == "1"


def write_table(seen):
    """What was held after each tenth round, for the repository."""
    lines = [
        "# Open, segment, tune, correct, export, close",
        "",
        "Written by `tests/gui/test_soak.py` with `SPINEVIEWER_WRITE_TABLES=1`: window, reader and engine as shipped,",
        "small nets, a small scan. Own memory of all processes after closing.",
        f"{len(seen)} of {ROUNDS} rounds, {date.today().isoformat()}.",
        "",
        "| round | MB | handles | threads | processes |",
        "|---|---|---|---|---|",
    ]
    for number, (memory, handles, threads, processes) in enumerate(seen, start=1):
        if number % 10 == 0 or number in (1, len(seen)):
            lines.append(f"| {number} | {memory:.0f} | {handles} | {threads} | {processes} |")
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def held():
    """Megabytes, handles and threads of this process and its children."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    memory = sum(p.memory_full_info().uss for p in processes) / 1e6
    return memory, sum(p.num_fds() for p in processes), sum(p.num_threads() for p in processes), len(processes)


def test_two_hundred_scans_leave_nothing_behind(qtbot, make_window, small_scan, tmp_path, with_tiny_models):
    path = tmp_path / "sub-07_ct.nii.gz"
    nibabel.save(nibabel.Nifti1Image(small_scan.hu.transpose(2, 1, 0), np.diag([-0.9, -1.3, 2.1, 1.0])), path)
    window = make_window(LocalBackend())
    desk = window.desk
    seen = []
    for number in range(ROUNDS):
        window.open_path(path)
        qtbot.waitUntil(lambda: desk.reading is not None)
        desk.segment()
        qtbot.waitUntil(lambda: desk.reading.stage is SegmentationStage.DONE, timeout=300_000)  # the first run compiles
        desk.set_tuning(Tuning(0.2 + 0.001 * (number % 100), 4.0, 0.4))
        desk.begin_stroke(Plane.SAGITTAL, True, (20.0, 30.0, 30.0))
        desk.end_stroke()
        qtbot.waitUntil(lambda: desk.reading.is_mask_current)
        target = tmp_path / "mask.nii.gz"
        with qtbot.waitSignal(desk.exported):
            desk.export({ExportKind.MASK: target}, may_overwrite=True)
        desk.discard_corrections()
        desk.close_scan()
        qtbot.waitUntil(lambda: desk.runner.is_idle)
        seen.append(held())
        if WRITES_TABLE and number % 10 in (0, 9):
            write_table(seen)
    memory, handles, threads, processes = zip(*seen, strict=True)
    print(f"\nMB {memory[SETTLING]:.0f} -> {memory[-1]:.0f}; handles {handles[SETTLING]} -> {handles[-1]}")  # noqa: T201
    assert max(handles[-10:]) <= max(handles[SETTLING : SETTLING + 10])
    assert max(threads[-10:]) <= max(threads[SETTLING : SETTLING + 10])
    assert max(processes[-10:]) <= max(processes[SETTLING : SETTLING + 10])
    assert min(memory[-10:]) - min(memory[SETTLING : SETTLING + 10]) < MOST_GROWTH_MB
