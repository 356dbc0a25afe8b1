"""Corrections other than strokes: the lasso, pieces and edits of the whole mask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.features.corrections import BrushChoice, Corrections
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.mask_snapshot import MaskSnapshot
from spineviewer.app.notices import UNDO_TOPIC, Notice, Severity
from spineviewer.editing.brush import Point
from spineviewer.editing.correction import ADDED, REMOVED, planned
from spineviewer.editing.regions import (
    RegionEdit,
    between,
    polygon,
    within_limits,
)
from spineviewer.editing.step_arrays import PlannedBlock
from spineviewer.editing.whole_mask import EditKind, WholeEdit
from spineviewer.progress import Progress
from spineviewer.volume.geometry import IndexTriple
from spineviewer.volume.planes import Plane
from spineviewer.wording import formatted_number, mark, worded

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanCore


#: A removal of more than this fraction of the mask is reported with an offer to undo it. Choice:
#: the piece is then probably the spine.
_LARGE_FRACTION = 0.5


@dataclass(frozen=True)
class _Plan:
    """A planned edit.

    Attributes
    ----------
    removed_fraction
        The fraction of the mask's voxels that it removes, from 0 to 1.
    """

    name: str
    parts: tuple[PlannedBlock, ...]
    edit: WholeEdit | None = None
    removed_fraction: float = 0.0


@dataclass
class _Lasso:
    plane: Plane
    sign: int
    points_zyx: list[Point]


class MaskEdits:
    """Edits of the mask.

    Each is one step in the layer of corrections. When sliders change the mask, edits of the whole
    mask are repeated.
    """

    def __init__(
        self,
        scan: ScanCore,
        corrections: Corrections,
        jobs: Jobs,
        brush: BrushChoice,
        undo: Callable[[], None],
    ) -> None:
        self._scan = scan
        self._corrections = corrections
        self._jobs = jobs
        self._brush = brush
        self._undo = undo
        self._lasso: _Lasso | None = None

    # the lasso

    def begin_lasso(self, plane: Plane, index_zyx: Point | None, *, is_adding: bool) -> None:
        """Begin a lasso around the area to add or remove in this slice."""
        if self._scan.fusion is not None:
            self._lasso = _Lasso(plane, ADDED if is_adding else REMOVED, [])
            self.move_lasso(index_zyx)

    def move_lasso(self, index_zyx: Point | None) -> None:
        """Extend the lasso to the pointer; None means outside the scan."""
        if self._lasso is not None and index_zyx is not None:
            self._lasso.points_zyx.append(index_zyx)

    def abandon_lasso(self) -> None:
        """Discard the lasso that is being drawn."""
        self._lasso = None

    def end_lasso(self) -> None:
        """Close the lasso and fill it."""
        lasso, self._lasso = self._lasso, None
        if lasso is None or not lasso.points_zyx:
            return
        plane, volume = lasso.plane, self._scan.volume
        cut = round(lasso.points_zyx[0][plane.value])
        row, column = _plane_axes(plane)
        shape = volume.geometry.shape_zyx
        area = polygon([(p[row], p[column]) for p in lasso.points_zyx], (shape[row], shape[column]))
        if area is None:
            return
        first, inside = area
        corner = _corner(plane, cut, first)
        name = mark("Lasso") if lasso.sign == ADDED else mark("Erase with the lasso")
        edit = RegionEdit(name, corner, inside[_expansion(plane)], np.zeros((1, 1, 1), np.bool_))
        edit = self._within_limits(edit, volume.hu)
        if self._corrections.apply(name, planned(corner, edit.added, lasso.sign)):
            self._corrections.record_drawn_slice(plane, cut)

    # pieces and the whole mask

    def edit_piece(self, index_zyx: Point | None, *, is_kept: bool) -> None:
        """Remove the piece of the mask at a point, or (`is_kept`) all other pieces."""
        if index_zyx is None:
            return
        shape = self._scan.volume.geometry.shape_zyx
        z, y, x = (min(max(round(i), 0), n - 1) for i, n in zip(index_zyx, shape, strict=True))
        self._edit(WholeEdit(EditKind.KEEP if is_kept else EditKind.REMOVE, (z, y, x)))

    def edit_whole_mask(self, kind: EditKind) -> None:
        """Change the whole mask; growing is limited to the brush's HU range."""
        if kind is EditKind.BETWEEN:
            self._interpolate()
            return
        brush = self._brush.brush
        self._edit(WholeEdit(kind, min_hu=brush.min_hu, max_hu=brush.max_hu))

    @property
    def can_interpolate(self) -> bool:
        """Whether there are drawings in two non-adjacent slices to interpolate between."""
        return self._scan.fusion is not None and self._drawn_pair() is not None

    def _edit(self, edit: WholeEdit) -> None:
        current = self._scan.snapshot()
        if current is None or not self._scan.parts.is_mask_possible:
            return
        name = worded(edit.kind.value)
        self._scan.tell(
            Notice(Severity.INFO, worded("{edit}…", edit=name), "edit", is_ongoing=True)
        )
        hu = self._scan.volume.hu
        self._jobs.start(
            JobKind.EDIT,
            lambda progress: _plan(current, edit, hu, progress),
            on_end=self._on_edited,
        )

    def _interpolate(self) -> None:
        pair, correction, volume = self._drawn_pair(), self._scan.correction, self._scan.volume
        if pair is None:
            return
        plane, low, high = pair
        row, column = _plane_axes(plane)
        spacing = volume.geometry.spacing_zyx_mm
        ends = [correction.plane(plane.value, index) for index in (low, high)]
        if any(end is None for end in ends):
            return

        def work(_: Progress) -> _Plan:
            parts: list[PlannedBlock] = []
            for sign in (ADDED, REMOVED):
                shapes = [np.asarray(end == sign) for end in ends]
                if not all(shape.any() for shape in shapes):
                    continue
                for step, shape in enumerate(
                    between(shapes[0], shapes[1], high - low - 1, (spacing[row], spacing[column])),
                    1,
                ):
                    corner = _corner(plane, low + step, (0, 0))
                    edit = RegionEdit(
                        "", corner, shape[_expansion(plane)], np.zeros((1, 1, 1), np.bool_)
                    )
                    parts += planned(corner, self._within_limits(edit, volume.hu).added, sign)
            return _Plan(EditKind.BETWEEN.value, tuple(parts))

        self._jobs.start(JobKind.EDIT, work, on_end=self._on_edited)

    def _on_edited(self, outcome: Outcome[_Plan]) -> None:
        self._scan.end_topic("edit")
        if isinstance(outcome, Failed):
            self._scan.fail(outcome, "edit")
        elif isinstance(outcome, Succeeded) and not self._corrections.is_drawing:
            plan = outcome.result
            if not self._corrections.apply(plan.name, plan.parts, plan.edit):
                text = worded("{edit}: there is nothing to change here.", edit=worded(plan.name))
                self._scan.tell(Notice(Severity.INFO, text, "edit"))
            elif plan.removed_fraction > _LARGE_FRACTION:
                self._report_large_removal(plan)

    def _report_large_removal(self, plan: _Plan) -> None:
        """Show a notice that states how much of the mask was removed, with an undo button."""
        text = worded(
            "{edit}: {percent} of the mask was removed.",
            edit=worded(plan.name),
            percent=formatted_number(100 * plan.removed_fraction, ".0f", "%"),
        )
        undo = ((mark("Undo"), self._undo),)
        self._scan.tell(Notice(Severity.WARNING, text, UNDO_TOPIC, buttons=undo))

    def _within_limits(self, edit: RegionEdit, hu: NDArray[np.int16]) -> RegionEdit:
        brush = self._brush.brush
        return within_limits(edit, hu, brush.min_hu, brush.max_hu)

    def _drawn_pair(self) -> tuple[Plane, int, int] | None:
        """Return the last drawn slice and the previous non-adjacent one in the same plane."""
        drawn = self._scan.parts.drawn
        if not drawn:
            return None
        plane, last = drawn[-1]
        for other, index in reversed(drawn[:-1]):
            if other is plane and abs(index - last) > 1:
                return plane, min(index, last), max(index, last)
        return None


def _plan(
    current: MaskSnapshot, edit: WholeEdit, hu: NDArray[np.int16], progress: Progress
) -> _Plan:
    """Return the blocks of voxels, with their signs, that an edit of the current mask changes."""
    name = edit.kind.value
    mask = current.mask(progress)
    progress.step(name, 0.3)
    change = edit.change_of(mask.voxels, mask.geometry.spacing_zyx_mm, hu)
    if change is None:
        return _Plan(name, ())
    progress.step(name, 0.9)
    parts = planned(change.corner_zyx, change.added, ADDED) + planned(
        change.corner_zyx, change.removed, REMOVED
    )
    removed_fraction = int(change.removed.sum()) / max(1, mask.voxel_count)
    return _Plan(name, tuple(parts), edit, removed_fraction)


def _plane_axes(plane: Plane) -> tuple[int, int]:
    """Return the two array axes of a plane, in array order."""
    row, column = (axis for axis in range(3) if axis != plane.value)
    return row, column


def _corner(plane: Plane, index: int, first: tuple[int, int]) -> IndexTriple:
    """Return the scan index (z, y, x) of the first voxel of a box in a plane."""
    corner = list(first)
    corner.insert(plane.value, index)
    return corner[0], corner[1], corner[2]


def _expansion(plane: Plane) -> tuple[slice | None, ...]:
    """Return an index that expands a 2-D picture into a box one slice thick."""
    index: list[slice | None] = [slice(None), slice(None)]
    index.insert(plane.value, None)
    return tuple(index)
