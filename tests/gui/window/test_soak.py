"""Memory and handles stay constant when scans are opened, processed and closed 200 times.

The engine is real, the networks are small.

Only pages that a process has written to are counted. The system may drop unchanged pages of
libraries, about 200 MB, at any time. If they were counted (USS, RSS), the result would depend on
other programs, because pages become shared when another program maps the same library.
"""

import gc
import os
import time
from datetime import date
from pathlib import Path

import nibabel
import numpy as np
import psutil
import pytest
from conftest import emitted
from PySide6.QtCore import QCoreApplication, QEvent

from spineviewer.app.exporting import ExportKind
from spineviewer.app.services import LocalServices
from spineviewer.app.state import SegmentationStage
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane

ROLLUP = "/proc/{}/smaps_rollup"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(
        not Path(ROLLUP.format("self")).exists(),
        reason="reads what Linux tells of a process's pages",
    ),
]

ROUNDS = int(os.environ.get("SPINEVIEWER_SOAK_ROUNDS", "200"))
#: Rounds in which caches fill and allocators settle.
SETTLING = min(40, ROUNDS // 3)
#: Largest difference between the remaining rounds, summed over all processes.
MAX_SWING_MB = 40

TABLE = Path(__file__).parents[1] / "SOAK.md"
WRITES_TABLE = os.environ.get("SPINEVIEWER_WRITE_TABLES") == "1"


def write_table(seen):
    """Write the usage after each tenth round, for the repository."""
    lines = [
        "# Open, segment, tune, correct, export, close",
        "",
        "Written by `tests/gui/window/test_soak.py` with `SPINEVIEWER_WRITE_TABLES=1`, after each "
        "scan was closed. Window, reader and",
        "engine are as shipped; networks and scan are small. MB: memory that all processes "
        "together have written to. The next column",
        "has the unchanged pages of program files; it depends on other programs, because pages "
        "that they also map are not counted as",
        f"own (USS). {len(seen)} of {ROUNDS} rounds, {date.today().isoformat()}.",
        "",
        "| round | MB | MB of program files | handles | threads | processes |",
        "|---|---|---|---|---|---|",
    ]
    for number, (memory, files, handles, threads, processes) in enumerate(seen, start=1):
        if number % 10 == 0 or number in (1, len(seen)):
            lines.append(
                f"| {number} | {memory:.0f} | {files:.0f} | {handles} | {threads} | {processes} |"
            )
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def pages(process_id):
    """Return the MB that a process has written to, including swapped ones, and private maps."""
    told = dict(
        line.split()[:2] for line in Path(ROLLUP.format(process_id)).read_text().splitlines()[1:]
    )
    megabytes = {name.rstrip(":"): int(kilobytes) * 1.024e-3 for name, kilobytes in told.items()}
    return megabytes["Pss_Dirty"] + megabytes["SwapPss"], megabytes["Private_Clean"]


def held():
    """Return own and mapped megabytes, handles and threads of this process and its children."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    spent = None
    # the child that waits for the next scan is still loading
    while spent != (now := [p.cpu_times()[:2] for p in processes[1:]]):
        spent = now
        time.sleep(0.3)
    own, files = zip(*(pages(p.pid) for p in processes), strict=True)
    return (
        sum(own),
        sum(files),
        sum(p.num_fds() for p in processes),
        sum(p.num_threads() for p in processes),
        len(processes),
    )


def test_two_hundred_scans_leave_nothing_behind(
    qtbot, make_window, small_scan, tmp_path, with_tiny_models
):
    path = tmp_path / "sub-07_ct.nii.gz"
    nibabel.save(
        nibabel.Nifti1Image(small_scan.hu.transpose(2, 1, 0), np.diag([-0.9, -1.3, 2.1, 1.0])), path
    )
    window = make_window(LocalServices())
    verbs = window.verbs
    seen = []
    for number in range(ROUNDS):
        window.opener.open_path(path)
        qtbot.waitUntil(lambda: verbs.state is not None)
        verbs.segment()
        # the first run compiles
        qtbot.waitUntil(lambda: verbs.state.stage is SegmentationStage.DONE, timeout=300_000)
        verbs.set_tuning(Tuning(0.2 + 0.001 * (number % 100), 4.0, 0.4))
        verbs.begin_stroke(Plane.SAGITTAL, (20.0, 30.0, 30.0), is_adding=True)
        verbs.end_stroke()
        qtbot.waitUntil(lambda: verbs.state.is_mask_current)
        target = tmp_path / "mask.nii.gz"
        with emitted(qtbot, verbs.workspace.front.exports.written):
            verbs.export({ExportKind.MASK: target}, may_overwrite=True)
        verbs.discard_corrections()
        verbs.close_scan()
        qtbot.waitUntil(lambda: verbs.runner.is_idle)
        seen.append(held())
        if WRITES_TABLE and number % 10 in (0, 9):
            write_table(seen)
    memory, _, handles, threads, processes = zip(*seen[SETTLING:], strict=True)
    swing = max(memory) - min(memory)
    print(  # noqa: T201
        f"\nMB {memory[0]:.1f} -> {memory[-1]:.1f}, swing {swing:.1f}; handles {handles[0]} -> "
        f"{handles[-1]}"
    )
    for counts in (handles, threads, processes):
        assert max(counts[-10:]) <= max(counts[:10])
    assert swing < MAX_SWING_MB
