"""`spineviewer bench views`: time from an input event until the views have been repainted."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from spineviewer.app.jobs import JobKind
from spineviewer.app.overlay import FusionOverlay, make_overlay
from spineviewer.app.pipeline import FusedResult
from spineviewer.app.services import CALLED_MODULES, LocalServices
from spineviewer.app.state import SegmentationStage
from spineviewer.bench.busy import GAP_TARGET_MS, gaps
from spineviewer.bench.tasks import task_gaps
from spineviewer.bench.verbs import Verbs
from spineviewer.command_parser import CommandParser
from spineviewer.fusion import ExtendedAttention
from spineviewer.gui.kit.controls import MarkedSlider
from spineviewer.gui.main import application
from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.layouts import Layout, SpineView
from spineviewer.gui.window.main_window import MainWindow
from spineviewer.gui.window.qt_workspace import qt_workspace
from spineviewer.progress import Progress
from spineviewer.remote_calls import RemoteCalls
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import (
    ATTENTION_CELL_MM,
    AttentionMap,
    CtVolume,
    ProbabilityMap,
    ScanFormat,
    ScanSource,
)
from spineviewer.volume.working_grid import working_geometry

T = TypeVar("T")

#: Targets in ms: median and 95th percentile while scrolling, 95th percentile while a slider moves.
MEDIAN_TARGET_MS, LATE_TARGET_MS = 16.0, 33.0
_WINDOW = (1600, 900)


class _ServicesWithoutNetworks:
    """Services without networks; the outputs of both networks are synthetic."""

    def __init__(self) -> None:
        self._calls = RemoteCalls()

    def tuning(self) -> Tuning:
        return _tuning()

    def expect_scan(self) -> None:
        pass

    def prepare(self, scan: CtVolume) -> None:
        from spineviewer.app.warm_up import warm_up_views

        warm_up_views()
        self._calls.prepare(*CALLED_MODULES)

    def weights(self) -> str:
        return ""

    def read_scan(self, path: Path, series_uid: str | None, progress: Progress) -> CtVolume:
        return LocalServices().read_scan(path, series_uid, progress)

    def segment(
        self,
        scan: CtVolume,
        tuning: Tuning,
        progress: Progress,
        on_fusion: Callable[[FusionOverlay], None],
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        attention, probability = _outputs(scan.geometry)
        needed = ExtendedAttention(attention).needed_slices(tuning)
        return make_overlay(attention, replace(probability, is_computed=needed), tuning), {}

    def extend(
        self,
        scan: CtVolume,
        fusion: FusionOverlay,
        tuning: Tuning | None,
        progress: Progress,
        on_fusion: Callable[[FusionOverlay], None],
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        return make_overlay(*_outputs(scan.geometry), tuning or _tuning()), {}

    def call(self, function: Callable[..., T], *arguments: object, progress: Progress) -> T:
        return self._calls.run(function, *arguments, progress=progress)

    def close(self) -> None:
        self._calls.close()

    def mask(self, scan: CtVolume, tuning: Tuning, progress: Progress) -> FusedResult:
        raise NotImplementedError


def main(argv: list[str]) -> int:
    """Measure the views and print the table.

    Parameters
    ----------
    argv
        ``[--slices N] [--rounds N] [--task-slices N] [--hide-vertebrae] [--json]``.

    Returns
    -------
    int
        0 if every target is met, 1 otherwise.
    """
    parser = CommandParser(
        prog="spineviewer bench views",
        description="Measure the time from an input event until the views have been repainted.",
    )
    parser.add_count("--slices", "number of slices of the scan (default: 600)", default=600)
    parser.add_count("--rounds", "number of events per row (default: 60)", default=60)
    parser.add_count(
        "--task-slices",
        "number of slices of the scan used to time typical tasks (default: 300)",
        default=300,
    )
    parser.add_flag(
        "--hide-vertebrae", "draw no vertebrae, to compare with versions that did not name them"
    )
    parser.add_flag("--json", "print the rows as JSON to stdout")
    options = parser.parse_args(argv)
    rows = [
        *measured(options.slices, options.rounds, not options.hide_vertebrae),
        *_while_segmenting(),
        *_task_rows(options.task_slices),
    ]
    if options.json:
        print(json.dumps(rows))  # noqa: T201 - the command's result
    else:
        heads = f"{'median':>8}{'95%':>8}{'longest':>9}{'CPU':>8}  target"
        print(f"{'event to repainted views, ms':34}{heads}")  # noqa: T201
        for row in rows:
            verdict = "met" if row["is_met"] else "MISSED"
            numbers = (
                f"{row['median_ms']:8.1f}{row['late_ms']:8.1f}"
                f"{row['longest_ms']:9.1f}{row['cpu_ms']:8.1f}"
            )
            print(f"{row['name']:34}{numbers}  {verdict}{row.get('where', '')}")  # noqa: T201
        print(f"{os.cpu_count()} processors, load {psutil.getloadavg()[0]:.1f}")  # noqa: T201
    return 0 if all(row["is_met"] for row in rows) else 1


def measured(slices: int, rounds: int, are_vertebrae_shown: bool = True) -> list[dict[str, object]]:
    """Return one row for each interaction, as a record for JSON.

    The keys are name, median_ms, late_ms (95th percentile), longest_ms, cpu_ms (processor time of
    the GUI thread) and is_met.
    """
    app = application()
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(
            qt_workspace(_ServicesWithoutNetworks(), Path(folder) / "settings.json"), lambda: None
        )
        window.resize(*_WINDOW)
        window.show()
        Verbs(window.workspace).show_scan(_scan(slices))
        verbs = Verbs(window.workspace)
        verbs.segment()
        _spin(lambda: _is_settled(window), 300.0)
        assert verbs.state is not None
        verbs.set_overlays(replace(verbs.state.overlays, are_vertebrae_shown=are_vertebrae_shown))
        rows = [
            _row(name, _times(window, events), is_slider)
            for name, events, is_slider in _interactions(window, rounds)
        ]
        _end(window)
        app.processEvents()
    return rows


def _end(window: MainWindow) -> None:
    window.close()
    _spin(lambda: window.workspace.runner.is_idle, 30.0)
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)


def _while_segmenting() -> list[dict[str, object]]:
    """Return the paint times and the longest gap while the sample scan is segmented."""
    alone_ms, busy_ms, paints_ms = gaps()
    row = _row("scroll while the networks run", _Times(paints_ms, [0.0]), is_slider=False)
    grown = busy_ms - alone_ms
    gap = {
        "median_ms": round(alone_ms, 2),
        "late_ms": round(busy_ms, 2),
        "longest_ms": round(busy_ms, 2),
        "cpu_ms": 0.0,
    }
    return [
        row,
        {"name": "longest gap: alone, then segmenting", **gap, "is_met": grown < GAP_TARGET_MS},
    ]


def _task_rows(slices: int) -> list[dict[str, object]]:
    """Return one row per typical task, with the longest gap of the event loop.

    The columns are the gap when idle, the gap during the task, the longest gap in wall-clock time,
    and the processor time of the GUI thread. The first two exclude the time used by other programs,
    so that the result is also valid on a busy computer.
    """
    from spineviewer.io.write.export import write_scan

    application()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "bench_ct.nii"
        write_scan(_scan(slices), path, {})
        window = MainWindow(
            qt_workspace(_ServicesWithoutNetworks(), folder / "settings.json"), lambda: None
        )
        window.resize(*_WINDOW)
        window.show()
        gaps_of = task_gaps(window, path, folder)
        _end(window)
    idle = gaps_of.pop("idle")
    rows = []
    for task, gap in gaps_of.items():
        is_met = gap.free_ms - idle.free_ms < GAP_TARGET_MS
        where = f"  in {gap.where[0]}" if gap.where and not is_met else ""
        numbers = {
            "median_ms": round(idle.free_ms, 2),
            "late_ms": round(gap.free_ms, 2),
            "longest_ms": round(gap.wall_ms, 2),
            "cpu_ms": round(gap.own_ms, 2),
        }
        rows.append({"name": f"gap: {task}", **numbers, "is_met": is_met, "where": where})
    return rows


Event = Callable[[], None]


def _interactions(window: MainWindow, rounds: int) -> Iterator[tuple[str, list[Event], bool]]:
    views = window.area.views
    for plane in (Plane.AXIAL, Plane.SAGITTAL, Plane.CORONAL):
        target = views[plane].viewport()
        middle = QPointF(target.width() * 0.5, target.height() * 0.5)
        yield f"scroll {plane.name.lower()}", [partial(_wheel, target, middle)] * rounds, False
    sagittal = views[Plane.SAGITTAL].viewport()
    size = QPointF(sagittal.width(), sagittal.height())
    path = [
        QPointF(size.x() * (0.42 + 0.0015 * k), size.y() * (0.3 + 0.006 * k)) for k in range(rounds)
    ]
    yield (
        "crosshair in the sagittal view",
        [partial(_shift_move, sagittal, point) for point in path],
        False,
    )
    middle = QPointF(size.x() / 2, size.y() / 2)
    _mouse(sagittal, QEvent.Type.MouseButtonPress, middle, Qt.MouseButton.LeftButton)
    drag = [middle + QPointF(6 + k, 3 + k / 2) for k in range(rounds)]
    yield "window/level", [partial(_drag, sagittal, point) for point in drag], False
    _mouse(sagittal, QEvent.Type.MouseButtonRelease, drag[-1], Qt.MouseButton.LeftButton)
    window.actions_by_name["tool_brush"].trigger()
    _mouse(sagittal, QEvent.Type.MouseButtonPress, middle, Qt.MouseButton.LeftButton)
    yield "brush, a ball of 4 mm", [partial(_drag, sagittal, point) for point in drag], False
    _mouse(sagittal, QEvent.Type.MouseButtonRelease, drag[-1], Qt.MouseButton.LeftButton)
    Verbs(window.workspace).undo()
    window.actions_by_name["tool_window"].trigger()
    _spin(lambda: _is_settled(window), 60.0)
    for name, slider in (
        ("attention threshold", window.panel.tuning_box.attention_threshold.slider),
        ("sigma", window.panel.tuning_box.sigma.slider),
        ("segmentation threshold", window.panel.tuning_box.segmentation_threshold.slider),
    ):
        events = _slider_events(slider, rounds)
        yield f"slider {name}", events, True
        _spin(lambda: _is_settled(window), 60.0)
    yield from _along_the_spine(window, rounds)
    verbs = Verbs(window.workspace)
    verbs.set_tuning(_tuning())
    _spin(lambda: verbs.runner.is_running(JobKind.NAME), 60.0)
    yield "scroll while vertebrae are named", _wheels(views[Plane.AXIAL], rounds), False


def _along_the_spine(window: MainWindow, rounds: int) -> Iterator[tuple[str, list[Event], bool]]:
    """Yield events for resampled pictures: rotated planes, and views along the centre line."""
    verbs, area = Verbs(window.workspace), window.area
    verbs.rotate(Plane.SAGITTAL, 1.0)
    _spin(lambda: verbs.state is not None and not verbs.state.rotation.is_straight, 30.0)
    yield "rotate the planes", [partial(verbs.rotate, Plane.SAGITTAL, 0.5)] * rounds, True
    yield "scroll oblique axial", _wheels(area.views[Plane.AXIAL], rounds), False
    verbs.straighten()
    area.set_layout_kind(Layout.SPINE)
    _spin(lambda: verbs.line is not None and not verbs.runner.is_running(JobKind.SURFACE), 120.0)
    yield "scroll curved coronal", _wheels(area.curved[SpineView.CORONAL], rounds), False
    yield "scroll axial beside curved views", _wheels(area.views[Plane.AXIAL], rounds), False
    area.set_layout_kind(Layout.SAGITTAL)


def _wheels(view: CutView, rounds: int) -> list[Event]:
    target = view.viewport()
    return [partial(_wheel, target, QPointF(target.width() * 0.5, target.height() * 0.5))] * rounds


def _slider_events(slider: MarkedSlider, rounds: int) -> list[Event]:
    """Return events that repeatedly drag the handle to the right, by one step per event."""
    room = slider.width() - 14
    step = room / slider.maximum()
    at = slider.handle_x()
    places = [QPointF(at + step * (1 + k % 12), slider.height() / 2) for k in range(rounds)]
    _mouse(
        slider,
        QEvent.Type.MouseButtonPress,
        QPointF(at, slider.height() / 2),
        Qt.MouseButton.LeftButton,
    )
    return [partial(_drag, slider, place) for place in places]


@dataclass(frozen=True)
class _Times:
    """Milliseconds from each event until all views that it changed have been repainted."""

    wall: list[float]
    cpu: list[float]


def _times(window: MainWindow, events: list[Event]) -> _Times:
    """Send the events one by one and return how long each takes.

    The CPU time is that of the GUI thread, which other programs do not affect.
    """
    times = _Times([], [])
    for event in events:
        QCoreApplication.processEvents()
        before = {view: view.finished_paints for view in window.area.cuts if view.isVisible()}
        begun, started_cpu = time.perf_counter(), time.thread_time()
        event()
        changed = [view for view in before if view.is_stale]
        if not changed:
            continue
        _spin(partial(_are_painted, changed, before), 30.0)
        times.cpu.append(1000 * (time.thread_time() - started_cpu))
        times.wall.append(1000 * (max(view.painted_at_s for view in changed) - begun))
    return times


def _are_painted(changed: list[CutView], before: dict[CutView, int]) -> bool:
    return all(not view.is_stale and view.finished_paints > before[view] for view in changed)


def _row(name: str, times: _Times, is_slider: bool) -> dict[str, object]:
    if not times.wall:  # nothing was painted; a missing value is better than a wrong one
        times = _Times([float("nan")], [float("nan")])
    median, late = statistics.median(times.wall), float(np.percentile(times.wall, 95))
    is_met = late <= LATE_TARGET_MS and (is_slider or median <= MEDIAN_TARGET_MS)
    return {
        "name": name,
        "median_ms": round(median, 2),
        "late_ms": round(late, 2),
        "longest_ms": round(max(times.wall), 2),
        "cpu_ms": round(statistics.median(times.cpu), 2),
        "is_met": bool(is_met),
    }


def _spin(is_done: Callable[[], bool], limit_s: float) -> None:
    end = time.perf_counter() + limit_s
    while not is_done():
        QCoreApplication.processEvents()
        if time.perf_counter() > end:
            raise TimeoutError("the window did not become idle")


def _is_settled(window: MainWindow) -> bool:
    """Return whether the mask is current and nothing is being computed, including names."""
    scan = window.workspace.front
    return (
        scan is not None
        and scan.state.stage is SegmentationStage.DONE
        and scan.state.is_mask_current
        and not scan.names.are_pending
        and not scan.spine.are_pending
        and window.workspace.runner.is_idle
    )


def _wheel(target: QWidget, at: QPointF) -> None:
    where = QPointF(target.mapToGlobal(at.toPoint()))
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(
        at,
        where,
        QPoint(),
        QPoint(0, 120),
        none,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QCoreApplication.sendEvent(target, event)


def _shift_move(target: QWidget, at: QPointF) -> None:
    _mouse(
        target,
        QEvent.Type.MouseMove,
        at,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ShiftModifier,
    )


def _drag(target: QWidget, at: QPointF) -> None:
    _mouse(target, QEvent.Type.MouseMove, at, Qt.MouseButton.LeftButton)


def _mouse(
    target: QWidget,
    kind: QEvent.Type,
    at: QPointF,
    button: Qt.MouseButton,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    where = QPointF(target.mapToGlobal(at.toPoint()))
    cause = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else button
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else button
    QCoreApplication.sendEvent(target, QMouseEvent(kind, at, where, cause, held, keys))


def _scan(slices: int) -> CtVolume:
    """Return noise with a column of blocks, as slow to draw as a real scan but fast to create."""
    shape = (slices, 512, 512)
    rng = np.random.default_rng(1)
    hu = np.tile(rng.integers(-150, 150, (20, 512, 512), dtype=np.int16), (-(-slices // 20), 1, 1))[
        :slices
    ]
    for top in range(10, slices, 32):
        hu[top : top + 24, 260:320, 225:287] += 500
        hu[top : top + 10, 330:390, 250:262] += 400
    geometry = Geometry(shape, (1.0, 0.75, 0.75), (0.0, 0.0, 0.0))
    return CtVolume(
        np.ascontiguousarray(hu),
        geometry,
        ScanSource(Path("bench_ct.nii.gz"), ScanFormat.MEMORY, geometry, AxisOrder()),
    )


@cache
def _tuning() -> Tuning:
    """Return the default tuning."""
    return LocalServices().tuning()


@cache
def _outputs(scan: Geometry) -> tuple[AttentionMap, ProbabilityMap]:
    working = working_geometry(scan)
    shape = working.shape_zyx
    values = np.zeros(shape, np.uint16)
    scale = 0.75
    for top in range(10, shape[0], 32):
        values[
            top : top + 24, int(260 * scale) : int(320 * scale), int(225 * scale) : int(287 * scale)
        ] = 60000
        values[
            top : top + 10, int(330 * scale) : int(390 * scale), int(250 * scale) : int(262 * scale)
        ] = 60000
    cells = np.zeros(
        [-(-n // c) for n, c in zip(shape, ATTENTION_CELL_MM, strict=True)], np.float32
    )
    for index in np.ndindex(cells.shape):
        box = tuple(
            slice(c * i, c * (i + 1)) for c, i in zip(ATTENTION_CELL_MM, index, strict=True)
        )
        cells[index] = (values[box] > 0).mean()
    return AttentionMap(cells, scan), ProbabilityMap(
        values, np.ones(shape[2], np.bool_), working, scan
    )
