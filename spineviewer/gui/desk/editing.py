"""Corrections that are no strokes: drawn outlines, pieces, and edits of the whole mask, made in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from spineviewer.app.exporting import ExportOrder, corrected_mask
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.services import Services
from spineviewer.editing.brush import Point
from spineviewer.editing.correction import ADDED, REMOVED, Planned, planned
from spineviewer.editing.shapes import (
    RegionEdit,
    between,
    filled,
    grown,
    limited,
    only_component,
    polygon,
    shrunk,
    smoothed,
    without_component,
)
from spineviewer.gui.desk.correcting import Correcting
from spineviewer.gui.desk.exporting import Exporting
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.language import tr
from spineviewer.progress import Progress
from spineviewer.volume.geometry import IndexTriple, Triple
from spineviewer.volume.planes import Plane
from spineviewer.wording import mark

#: Least thickness of the layer that growing adds and shrinking takes, and sigma of the smoothing. Choice: about a voxel.
LEAST_LAYER_MM = 1.0
Mask = NDArray[np.bool_]


class RegionKind(Enum):
    """An edit of the whole mask; the value is its name for the reader."""

    GROW = mark("Grow")
    SHRINK = mark("Shrink")
    SMOOTH = mark("Smooth")
    FILL = mark("Fill holes")
    BETWEEN = mark("Fill between slices")


@dataclass(frozen=True)
class _Plan:
    name: str
    parts: tuple[Planned, ...]


@dataclass
class _Outline:
    plane: Plane
    sign: int
    points_zyx: list[Point]


class Editing(Correcting, Exporting):
    """Every edit is one step to undo in the layer of corrections, so that sliders lose none of it."""

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self._outline: _Outline | None = None
        self._drawn: list[tuple[Plane, int]] = []
        self.scan_comes.connect(self._forget_drawn)

    # outlines

    def begin_outline(self, plane: Plane, is_adding: bool, index_zyx: Point | None) -> None:
        """A line is drawn round what to add or to take in this slice."""
        if self.is_correctable:
            self._outline = _Outline(plane, ADDED if is_adding else REMOVED, [])
            self.move_stroke(index_zyx)

    def move_stroke(self, index_zyx: Point | None) -> None:
        """The pointer moves, with the brush or along an outline."""
        if self._outline is None:
            super().move_stroke(index_zyx)
        elif index_zyx is not None:
            self._outline.points_zyx.append(index_zyx)

    def end_stroke(self) -> None:
        """The pointer is lifted: a stroke ends, an outline closes and is filled."""
        outline, self._outline = self._outline, None
        if outline is not None:
            self._fill_outline(outline)
            return
        stroke = self._stroke
        super().end_stroke()
        if stroke is not None and self.is_brush_flat and self.reading is not None:
            self._remember_drawn(stroke.plane, self.reading.cursor_zyx[stroke.plane.value])

    def _fill_outline(self, outline: _Outline) -> None:
        reading = self.reading
        if reading is None or not outline.points_zyx:
            return
        plane, scan = outline.plane, reading.scan
        cut = round(outline.points_zyx[0][plane.value])
        rows, columns = (scan.geometry.shape_zyx[axis] for axis in _axes_of(plane))
        row, column = _axes_of(plane)
        found = polygon([(p[row], p[column]) for p in outline.points_zyx], (rows, columns))
        if found is None:
            return
        first, inside = found
        corner = _placed(plane, cut, first)
        name = mark("Outline") if outline.sign == ADDED else mark("Cut out")
        edit = RegionEdit(name, corner, inside[_newaxis(plane)], np.zeros((1, 1, 1), np.bool_))
        edit = self._within_limits(edit, scan.hu)
        if self.correction.apply(name, planned(corner, edit.added, outline.sign)):
            self._remember_drawn(plane, cut)
            self._corrected()

    # pieces and the whole mask

    def edit_piece(self, index_zyx: Point | None, *, is_kept: bool) -> None:
        """Take the connected piece under a point away, or everything else."""
        reading = self.reading
        if reading is None or index_zyx is None:
            return
        shape = reading.scan.geometry.shape_zyx
        z, y, x = (min(max(round(i), 0), n - 1) for i, n in zip(index_zyx, shape, strict=True))
        edit = only_component if is_kept else without_component
        self._edit(mark("Keep piece") if is_kept else mark("Remove piece"), lambda mask, _: edit(mask, (z, y, x)))

    def edit_region(self, kind: RegionKind) -> None:
        """Change the whole mask; growing keeps to the brush's range of HU."""
        reading = self.reading
        if reading is None:
            return
        if kind is RegionKind.BETWEEN:
            self._fill_between()
            return
        hu = reading.scan.hu

        def change(mask: Mask, spacing: Triple) -> RegionEdit:
            layer_mm = max(LEAST_LAYER_MM, min(spacing))  # thinner than a voxel would change nothing
            if kind is RegionKind.GROW:
                return self._within_limits(grown(mask, spacing, layer_mm), hu)
            if kind is RegionKind.SHRINK:
                return shrunk(mask, spacing, layer_mm)
            return smoothed(mask, spacing, layer_mm) if kind is RegionKind.SMOOTH else filled(mask, spacing)

        self._edit(kind.value, change)

    @property
    def is_between_possible(self) -> bool:
        """Whether two slices of one plane were drawn in, with others between them."""
        return self.is_correctable and self._drawn_pair() is not None

    def _edit(self, name: str, change: Callable[[Mask, Triple], RegionEdit | None]) -> None:
        order = self.export_order({}, may_overwrite=False)
        if order is None or not self.is_mask_possible:
            return
        self.noticed.emit(Notice(Level.INFO, f"{tr(name)} …", "edit"))
        self.runner.start(JobKind.EDIT, lambda relay: _plan(order, name, change, relay), on_end=self._edited)

    def _fill_between(self) -> None:
        reading, pair = self.reading, self._drawn_pair()
        if reading is None or pair is None:
            return
        plane, low, high = pair
        row, column = _axes_of(plane)
        spacing = reading.scan.geometry.spacing_zyx_mm
        ends = [self.correction.plane(plane.value, index) for index in (low, high)]
        hu = reading.scan.hu
        if any(end is None for end in ends):
            return

        def work(_: Progress) -> _Plan:
            parts: list[Planned] = []
            for sign in (ADDED, REMOVED):
                shapes = [np.asarray(end == sign) for end in ends]
                if not all(shape.any() for shape in shapes):
                    continue
                for step, shape in enumerate(between(shapes[0], shapes[1], high - low - 1, (spacing[row], spacing[column])), 1):
                    corner = _placed(plane, low + step, (0, 0))
                    edit = RegionEdit("", corner, shape[_newaxis(plane)], np.zeros((1, 1, 1), np.bool_))
                    parts += planned(corner, self._within_limits(edit, hu).added, sign)
            return _Plan(RegionKind.BETWEEN.value, tuple(parts))

        self.runner.start(JobKind.EDIT, work, on_end=self._edited)

    def _edited(self, outcome: Outcome) -> None:
        self.topic_ended.emit("edit")
        if isinstance(outcome, Failed):
            self._say_failure(outcome, "edit")
        elif isinstance(outcome, Succeeded) and self.reading is not None and self._stroke is None:
            plan = outcome.result
            assert isinstance(plan, _Plan)
            if self.correction.apply(plan.name, plan.parts):
                self._corrected()
            else:
                self.noticed.emit(Notice(Level.INFO, tr("{edit}: nothing to change here.", edit=tr(plan.name)), "edit"))

    def _within_limits(self, edit: RegionEdit, hu: NDArray[np.int16]) -> RegionEdit:
        brush = self.brush
        if brush.least_hu is None and brush.most_hu is None:
            return edit
        least = brush.least_hu if brush.least_hu is not None else -32768
        return limited(edit, hu, least, brush.most_hu if brush.most_hu is not None else 32767)

    # slices that were drawn in

    def _remember_drawn(self, plane: Plane, index: int) -> None:
        self._drawn = [*(d for d in self._drawn if d != (plane, index)), (plane, index)][-8:]
        self.changed.emit()

    def _drawn_pair(self) -> tuple[Plane, int, int] | None:
        """The last slice that was drawn in, and the last one before it in the same plane that is no neighbour."""
        if not self._drawn:
            return None
        plane, last = self._drawn[-1]
        for other, index in reversed(self._drawn[:-1]):
            if other is plane and abs(index - last) > 1:
                return plane, min(index, last), max(index, last)
        return None

    def _forget_drawn(self) -> None:
        self._drawn = []
        self._outline = None


def _plan(order: ExportOrder, name: str, change: Callable[[Mask, Triple], RegionEdit | None], progress: Progress) -> _Plan:
    """What an edit of the mask as it stands gives which sign."""
    mask = corrected_mask(order, progress)
    progress.step(name, 0.3)
    edit = change(mask.voxels, mask.geometry.spacing_zyx_mm)
    if edit is None:
        return _Plan(name, ())
    progress.step(name, 0.9)
    parts = planned(edit.corner_zyx, edit.added, ADDED) + planned(edit.corner_zyx, edit.removed, REMOVED)
    return _Plan(name, tuple(parts))


def _axes_of(plane: Plane) -> tuple[int, int]:
    """The two array axes that lie in a plane, in array order."""
    row, column = (axis for axis in range(3) if axis != plane.value)
    return row, column


def _placed(plane: Plane, index: int, first: tuple[int, int]) -> IndexTriple:
    """Where a box in a plane begins in the scan."""
    corner = list(first)
    corner.insert(plane.value, index)
    return corner[0], corner[1], corner[2]


def _newaxis(plane: Plane) -> tuple[slice | None, ...]:
    """Gives a picture its place as a box one slice thick."""
    where: list[slice | None] = [slice(None), slice(None)]
    where.insert(plane.value, None)
    return tuple(where)
