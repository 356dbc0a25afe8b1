"""What the reader adds to and takes from the mask by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject

from spineviewer.app.services import Services
from spineviewer.app.state import FusedMask
from spineviewer.editing.brush import Brush, Point
from spineviewer.editing.correction import ADDED, REMOVED, Correction
from spineviewer.gui.desk.core import DeskCore
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume


@dataclass(frozen=True)
class MaskFacts:
    """What the panel says of the mask."""

    volume_ml: float
    is_cut_by_scan: bool


@dataclass(frozen=True)
class _Stroke:
    plane: Plane
    sign: int
    last: Point | None


class Correcting(DeskCore):
    """Strokes over the mask, and their undoing."""

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self.brush = Brush(4.0)
        self.is_brush_flat = False
        self._stroke: _Stroke | None = None
        self._facts: tuple[FusedMask, int, MaskFacts] | None = None
        self.scan_comes.connect(self._begin_anew)

    @property
    def is_correctable(self) -> bool:
        """Whether there is a mask to correct."""
        return self.reading is not None and self.fusion is not None

    def begin_stroke(self, plane: Plane, is_adding: bool, index_zyx: Point | None) -> None:
        """The brush touches the mask."""
        if self.is_correctable:
            self.correction.begin("Brush" if is_adding else "Eraser")
            self._stroke = _Stroke(plane, ADDED if is_adding else REMOVED, None)
            self.move_stroke(index_zyx)

    def move_stroke(self, index_zyx: Point | None) -> None:
        """The brush moves; None is outside the scan and leaves a gap."""
        reading, stroke = self.reading, self._stroke
        if reading is None or stroke is None:
            return
        if index_zyx is not None:
            brush = replace(self.brush, flat_axis=stroke.plane.value if self.is_brush_flat else None)
            scan = reading.scan
            covered = brush.covered(stroke.last or index_zyx, index_zyx, scan.geometry, scan.hu)
            if covered is not None:
                self.correction.paint(*covered, stroke.sign)
        self._stroke = replace(stroke, last=index_zyx)
        if self.correction.revision != reading.correction_revision:
            self.reading = replace(reading, correction_revision=self.correction.revision)
            self.moved.emit()

    def end_stroke(self) -> None:
        """The brush is lifted: one step to undo."""
        if self._stroke is not None:
            self._stroke = None
            self.correction.end()
            self._corrected()

    def undo(self) -> None:
        """Take the last stroke back."""
        if self._stroke is None and self.correction.undo() is not None:
            self._corrected()

    def redo(self) -> None:
        """Do the last undone stroke again."""
        if self._stroke is None and self.correction.redo() is not None:
            self._corrected()

    def discard_corrections(self) -> None:
        """Back to the mask as it was fused; this too can be undone."""
        if self.reading is not None and self.correction.clear():
            self._corrected()

    def set_brush(self, brush: Brush, *, is_flat: bool) -> None:
        """Size and limits of the brush."""
        self.brush, self.is_brush_flat = brush, is_flat
        self.changed.emit()

    def mask_facts(self) -> MaskFacts | None:
        """Volume of the newest whole mask with its corrections; while a stroke is drawn, that of before."""
        reading = self.reading
        if reading is None or reading.fused is None:
            return None
        fused, revision = reading.fused, self.correction.revision
        is_same_mask = self._facts is not None and self._facts[0] is fused
        if self._facts is None or not is_same_mask or (self._facts[1] != revision and self._stroke is None):
            self._facts = (fused, revision, _facts_of(fused, self.correction))
        return self._facts[2]

    def _corrected(self) -> None:
        reading = self.reading
        if reading is None:
            return
        self.reading = replace(reading, correction_revision=self.correction.revision)
        self.changed.emit()  # the volume follows at the end of a stroke, even where its last movement changed nothing
        self.mask_changed.emit()
        self.work_done.emit()

    def _begin_anew(self, scan: CtVolume) -> None:
        self._stroke = None
        self.correction = Correction(scan.geometry.shape_zyx)
        self.topic_ended.emit("corrections")


def _facts_of(fused: FusedMask, correction: Correction) -> MaskFacts:
    """Volume and cut of a mask as corrected, touching no more of it than was corrected."""
    if correction.is_empty:
        return MaskFacts(fused.volume_ml, fused.is_cut_by_scan)
    voxels = fused.mask.voxels
    volume_ml = fused.volume_ml + correction.added_voxels(voxels) * fused.mask.geometry.voxel_volume_ml
    faces = [(axis, index) for axis, n in enumerate(voxels.shape) for index in (0, n - 1)]
    if all(correction.plane(axis, index) is None for axis, index in faces):
        return MaskFacts(volume_ml, fused.is_cut_by_scan)
    is_cut = any(correction.on_plane(np.take(voxels, index, axis=axis), axis, index).any() for axis, index in faces)
    return MaskFacts(volume_ml, bool(is_cut))
