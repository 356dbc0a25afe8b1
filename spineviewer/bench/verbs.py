"""Short names for a user's actions, for benchmarks, pictures and tests that drive a window."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from spineviewer.app.history import History
from spineviewer.app.job_runner import JobRunner
from spineviewer.app.settings import Settings
from spineviewer.app.state import ScanState
from spineviewer.app.workspace import Workspace
from spineviewer.editing.brush import Brush, Point
from spineviewer.editing.correction import Correction
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import CtVolume

#: Attribute path, on the active scan, of the method behind each verb.
_VERBS = {
    "segment": "segmentation.segment",
    "compute_rest": "segmentation.compute_rest",
    "set_tuning": "tuner.set",
    "swap_tuning": "tuner.swap",
    "restore_defaults": "tuner.restore_defaults",
    "toggle_islands": "tuner.toggle_islands",
    "show_next_far_piece": "segmentation.findings.show_next_far_piece",
    "move_to": "display.move_to",
    "scroll": "display.scroll",
    "set_window": "display.set_window",
    "drag_window": "display.drag_window",
    "use_preset": "display.use_preset",
    "set_slab": "display.set_slab",
    "rotate": "display.rotate",
    "straighten": "display.straighten",
    "set_overlays": "display.set_overlays",
    "begin_stroke": "corrections.begin_stroke",
    "discard_corrections": "corrections.discard",
    "begin_lasso": "edits.begin_lasso",
    "edit_piece": "edits.edit_piece",
    "edit_whole_mask": "edits.edit_whole_mask",
    "undo": "steps.undo",
    "redo": "steps.redo",
    "add_measurement": "measurements.add",
    "move_measurement": "measurements.change",
    "delete_measurement": "measurements.delete",
    "go_to_measurement": "measurements.go_to",
    "find_regions": "uncertain_regions.find",
    "next_region": "uncertain_regions.next",
    "go_to_region": "uncertain_regions.go_to",
    "end_regions": "uncertain_regions.end",
    "compare_with": "comparison.compare_with",
    "end_comparison": "comparison.end",
    "go_to_largest_difference": "comparison.go_to_largest_difference",
    "export": "exports.export",
    "save_report": "exports.save_measurement_report",
    "save_table": "exports.save_table",
    "save_picture": "exports.save_picture",
    "report": "reports.write",
    "save_session": "autosave.save",
    "choose_measurement": "measurements.choose",
}
#: Parts of the active scan: name here, name in `ScanParts`, value if no scan is open.
_PARTS: dict[str, tuple[str, Any]] = {
    "state": ("state", None),
    "fusion": ("fusion", None),
    "facts": ("facts", None),
    "correction": ("correction", Correction((1, 1, 1))),
    "comparison": ("comparison", None),
    "checklist": ("checklist", None),
    "line": ("line", None),
    "line_note": ("line_note", ""),
    "surface": ("surface", None),
    "surface_note": ("surface_note", ""),
    "defaults": ("defaults", Tuning()),
    "tuning_before": ("earlier_tuning", None),
    "history": ("history", History()),
    "is_mask_possible": ("is_mask_possible", False),
    "is_mask_computed": ("is_mask_computed", False),
    "is_correctable": ("is_correctable", False),
    "has_rest_to_compute": ("has_rest_to_compute", False),
}


class Verbs:
    """Performs actions on the workspace and on the active scan.

    Without a scan, a verb does nothing.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def __getattr__(self, name: str) -> Any:
        if name in _PARTS:
            front = self.workspace.front
            part, otherwise = _PARTS[name]
            return otherwise if front is None else getattr(front.parts, part)
        if name not in _VERBS:
            raise AttributeError(name)
        return partial(self._do, _VERBS[name])

    def _do(self, verb: str, *arguments: Any, **named: Any) -> Any:
        target: Any = self.workspace.front
        if target is None:
            return None
        for step in verb.split("."):
            target = getattr(target, step)
        return target(*arguments, **named)

    @property
    def state(self) -> ScanState | None:
        return self.workspace.front.state if self.workspace.front is not None else None

    @property
    def runner(self) -> JobRunner:
        return self.workspace.runner

    @property
    def settings(self) -> Settings:
        return self.workspace.settings.current

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.workspace.settings.put(settings)

    @property
    def can_interpolate(self) -> bool:
        front = self.workspace.front
        return front is not None and front.edits.can_interpolate

    def move_stroke(self, index_zyx: Point | None) -> None:
        if (front := self.workspace.front) is not None:
            front.corrections.move_stroke(index_zyx)
            front.edits.move_lasso(index_zyx)

    def end_stroke(self) -> None:
        if (front := self.workspace.front) is not None:
            front.corrections.end_stroke()
            front.edits.end_lasso()

    @property
    def brush(self) -> Brush:
        return self.workspace.brush.brush

    def set_brush(self, brush: Brush, *, is_flat: bool) -> None:
        self.workspace.brush.choose(brush, is_flat=is_flat)

    def show_scan(self, scan: CtVolume) -> None:
        self.workspace.show_volume(scan)

    def open(self, path: Path, series_uid: str | None = None) -> None:
        self.workspace.opening.open(path, series_uid)

    def open_session(self, path: Path) -> None:
        self.workspace.opening.open_session(path)

    def close_scan(self) -> None:
        if (front := self.workspace.front) is not None:
            self.workspace.close(front)

    def switch_to(self, number: int) -> None:
        self.workspace.switch_to(number)

    def next_scan(self) -> None:
        self.workspace.next_scan()

    @property
    def is_cancellable(self) -> bool:
        return self.workspace.is_cancellable

    def cancel(self) -> None:
        self.workspace.cancel()

    def browse(self, folder: Path) -> None:
        self.workspace.folders.browse(folder)

    def save_tuning(self, name: str) -> None:
        if self.state is not None:
            self.workspace.settings.save_tuning(name, self.state.tuning)

    @property
    def batch(self) -> Any:
        return self.workspace.batch.batch
