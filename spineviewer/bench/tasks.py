"""The times for which the window is blocked during typical tasks.

This is part of `spineviewer bench views`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from spineviewer.app.exporting import ExportKind
from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.jobs import JobKind
from spineviewer.app.report import ReportFormat
from spineviewer.app.state import SegmentationStage
from spineviewer.bench.busy import run_for, run_until
from spineviewer.bench.loop_watch import Gap, LoopWatch
from spineviewer.bench.verbs import Verbs
from spineviewer.editing.brush import Brush
from spineviewer.gui.window.main_window import MainWindow
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane

_IDLE_S, _REST_S = 2.0, 0.5


def task_gaps(window: MainWindow, scan_path: Path, folder: Path) -> dict[str, Gap]:
    """Return the longest gap of each task; the first task, "idle", is to do nothing.

    Files are written to `folder`.
    """
    window.prepare()
    run_for(_REST_S)
    run_until(lambda: window.workspace.runner.is_idle)
    watch = LoopWatch(window)
    watch.begin("idle")
    run_for(_IDLE_S)
    for name, act, is_done in _tasks(window, scan_path, folder):
        watch.begin(name)
        act()
        run_until(is_done)
        run_for(_REST_S)  # work after the visible result counts as part of the task
    watch.end()
    return watch.gaps


Task = tuple[str, Callable[[], object], Callable[[], bool]]


def _tasks(window: MainWindow, scan_path: Path, folder: Path) -> Iterator[Task]:
    verbs, runner = Verbs(window.workspace), window.workspace.runner

    def is_segmented() -> bool:
        state = verbs.state
        return state is not None and state.stage is SegmentationStage.DONE and state.is_mask_current

    yield (
        "open",
        lambda: window.opener.open_path(scan_path),
        lambda: verbs.state is not None and not runner.is_running(JobKind.TRANSPOSE),
    )
    assert verbs.state is not None
    z, y, x = (n // 2 for n in verbs.state.scan.geometry.shape_zyx)
    yield "find", lambda: verbs.move_to((z - 3, y + 20, x)), lambda: True
    ends = ((float(z), float(y), float(x)), (float(z + 20), float(y), float(x)))
    yield (
        "measure",
        lambda: verbs.add_measurement(Measurement(Distance(), Plane.SAGITTAL, ends)),
        lambda: True,
    )
    yield "segment", verbs.segment, is_segmented
    yield (
        "lower the threshold",
        lambda: window.panel.tuning_box.attention_threshold.nudge(-3),
        is_segmented,
    )

    def erase() -> None:
        verbs.set_brush(Brush(4.0), is_flat=False)
        verbs.begin_stroke(Plane.SAGITTAL, (z, y, x), is_adding=False)
        for step in range(20):
            run_for(0.01)  # a mouse also moves in separate events
            verbs.move_stroke((z, y + step, x))
        verbs.end_stroke()

    yield "erase", erase, is_segmented
    yield "undo", verbs.undo, is_segmented
    yield "redo", verbs.redo, is_segmented
    mask = folder / "bench_msk.nii.gz"
    yield (
        "export NIfTI",
        lambda: verbs.export({ExportKind.MASK: mask}, may_overwrite=True),
        lambda: mask.exists() and not runner.is_running(JobKind.EXPORT),
    )
    yield "compare", lambda: verbs.compare_with(mask), lambda: verbs.comparison is not None
    pages = {kind: folder / f"bench_report{kind.value}" for kind in ReportFormat}

    def report() -> None:
        verbs.report(ReportOrder(targets=pages, title="Bench", may_overwrite=True))

    yield "report", report, lambda: not runner.is_running(JobKind.REPORT)
    session = folder / "bench.spineviewer"
    yield "save the session", lambda: verbs.save_session(session), lambda: session.exists()
    yield "close", verbs.close_scan, lambda: verbs.state is None and runner.is_idle
    yield "open the session", lambda: verbs.open_session(session), is_segmented
