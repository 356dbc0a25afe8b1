"""The user's manual additions to and removals from the mask, stroke by stroke."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from spineviewer.app.fused_mask import FusedMask
from spineviewer.app.history import CorrectionStep
from spineviewer.app.mask_facts import facts_of
from spineviewer.editing.brush import Brush, Point
from spineviewer.editing.correction import ADDED, REMOVED, Correction
from spineviewer.editing.following import follow
from spineviewer.editing.step_arrays import PlannedBlock
from spineviewer.editing.whole_mask import WholeEdit
from spineviewer.volume.planes import Plane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spineviewer.app.scan_core import ScanCore

#: Maximum number of edited slices that are remembered.
_MAX_DRAWN = 8


@dataclass(frozen=True)
class _Stroke:
    plane: Plane
    sign: int
    last: Point | None


@dataclass(frozen=True, eq=False)
class NewMask:
    """A new mask and the corrections that follow it.

    Attributes
    ----------
    followed
        The corrections adapted to this mask; None if they stay as they are.
    revision
        Revision of the corrections that were adapted.
    """

    fused: FusedMask
    followed: Correction | None
    revision: int


class BrushChoice:
    """The current brush, which all open scans share; `changed` is emitted after each choice."""

    changed = Signal()

    def __init__(self) -> None:
        self.brush = Brush(4.0)
        self.is_flat = False

    def choose(self, brush: Brush, *, is_flat: bool) -> None:
        """Choose another brush; a flat brush changes only the slice in which it is used."""
        self.brush, self.is_flat = brush, is_flat
        self.changed.emit()


class Corrections:
    """Strokes and other edits that correct the mask; each is one step in the scan's history."""

    def __init__(self, scan: ScanCore, brush: BrushChoice) -> None:
        self._scan = scan
        self._brush = brush
        self._stroke: _Stroke | None = None

    @property
    def is_drawing(self) -> bool:
        """Whether the user is drawing a stroke."""
        return self._stroke is not None

    def begin_stroke(self, plane: Plane, index_zyx: Point | None, *, is_adding: bool) -> None:
        """Begin a stroke at a voxel, or outside the scan (None)."""
        if self._scan.fusion is not None:
            self._scan.correction.begin("Brush" if is_adding else "Eraser")
            self._stroke = _Stroke(plane, ADDED if is_adding else REMOVED, None)
            self.move_stroke(index_zyx)

    def move_stroke(self, index_zyx: Point | None) -> None:
        """Move the brush; None means that it is outside the scan, which leaves a gap."""
        scan, stroke = self._scan, self._stroke
        if stroke is None:
            return
        correction, volume = scan.correction, scan.volume
        if index_zyx is not None:
            brush = replace(
                self._brush.brush, flat_axis=stroke.plane.value if self._brush.is_flat else None
            )
            covered = brush.covered(stroke.last or index_zyx, index_zyx, volume.geometry, volume.hu)
            if covered is not None:
                correction.paint(*covered, stroke.sign)
        self._stroke = replace(stroke, last=index_zyx)
        if correction.revision != scan.state.correction_revision:
            scan.set_state(replace(scan.state, correction_revision=correction.revision))

    def end_stroke(self) -> None:
        stroke, self._stroke = self._stroke, None
        if stroke is None:
            return
        if self._scan.correction.end():
            self._add_step("Brush" if stroke.sign == ADDED else "Eraser")
        if self._brush.is_flat:
            self.record_drawn_slice(
                stroke.plane, self._scan.state.crosshair_zyx[stroke.plane.value]
            )
        self._announce_change()

    def abandon_stroke(self) -> None:
        """Undo the stroke that is being drawn."""
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            self._scan.correction.abandon()
            self._announce_change()

    def apply(self, name: str, plan: Sequence[PlannedBlock], edit: WholeEdit | None = None) -> bool:
        """Apply a planned edit as one step; return False if it changes nothing.

        An edit of the whole mask is also passed as `edit`, which is repeated when the mask changes.
        """
        if not self._scan.correction.apply(name, plan, edit):
            return False
        self._add_step(name)
        self._announce_change()
        return True

    def discard(self) -> None:
        """Discard all corrections; this can also be undone."""
        if self._scan.correction.clear():
            self._add_step("Discard corrections")
            self._announce_change()

    def record_drawn_slice(self, plane: Plane, index: int) -> None:
        """Remember a slice in which something was drawn."""
        drawn = (
            *(slice_ for slice_ in self._scan.parts.drawn if slice_ != (plane, index)),
            (plane, index),
        )
        self._scan.set(replace(self._scan.parts, drawn=drawn[-_MAX_DRAWN:]))

    def follower(self) -> Callable[[FusedMask], NewMask]:
        """Return a function, to be called in a job, that makes the corrections follow a new mask.

        Edits of the whole mask are repeated on it.
        """
        scan = self._scan
        revision, old, hu = scan.correction.revision, scan.state.fused, scan.volume.hu
        copy = scan.correction.snapshot(has_history=True) if scan.correction.follows_mask else None

        def adapt(fused: FusedMask) -> NewMask:
            before, now = None if old is None else old.mask.voxels, fused.mask.voxels
            if copy is None or (before is not None and np.array_equal(before, now)):
                return NewMask(fused, None, revision)
            earlier = copy.snapshot()
            follow(copy, now, before, fused.mask.geometry.spacing_zyx_mm, hu)
            is_same = copy.has_same_voxels_as(earlier)  # as when a session has just been opened
            return NewMask(fused, None if is_same else copy, revision)

        return adapt

    def show_new_mask(self, new: NewMask) -> bool:
        """Show a new mask with its corrections.

        Return False if the user has corrected the mask in the meantime, or is drawing a stroke; a
        new `follower` must then run.
        """
        scan = self._scan
        if new.followed is not None:
            if self.is_drawing or scan.correction.revision != new.revision:
                return False
            scan.correction.replace_with(new.followed)
        elif scan.correction.revision != new.revision and scan.correction.follows_mask:
            return False
        self.show_mask(new.fused)
        return True

    def show_mask(self, fused: FusedMask) -> None:
        """Show a whole mask with the corrections as they are."""
        scan = self._scan
        revision = scan.correction.revision
        state = replace(scan.state, fused=fused, correction_revision=revision)
        scan.set(replace(scan.parts, state=state, facts=facts_of(fused, scan.correction)))

    def _add_step(self, name: str) -> None:
        self._scan.add_step(CorrectionStep(name))

    def undo(self) -> bool:
        """Undo the last correction; return whether there was one."""
        return self._report(self._scan.correction.undo())

    def redo(self) -> bool:
        """Redo the last undone correction; return whether there was one."""
        return self._report(self._scan.correction.redo())

    def _report(self, name: str | None) -> bool:
        if name is not None:
            self._announce_change()
        return name is not None

    def _announce_change(self) -> None:
        scan = self._scan
        state = replace(scan.state, correction_revision=scan.correction.revision)
        facts = None if state.fused is None else facts_of(state.fused, scan.correction)
        scan.set(replace(scan.parts, state=state, facts=facts))
        scan.mask_changed.emit()
        scan.work_done.emit()
