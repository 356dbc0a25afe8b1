"""The spine laid straight: a ribbon along the line that runs through the mask."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from spineviewer.app.state import ScanState
from spineviewer.gui.language import tr
from spineviewer.gui.theme import CURVED_COLOUR, PLANE_COLOURS
from spineviewer.gui.views.cut_view import CutView
from spineviewer.gui.views.head_up import HeadUp
from spineviewer.gui.views.plane_item import CrossLine
from spineviewer.gui.views.slice_view import slab_text
from spineviewer.gui.views.tools import CORRECTING, MEASURING
from spineviewer.gui.views.turns import Turns
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.cuts import CURVED_HALF_WIDTH_MM, CurvedCut, Cut, is_inside
from spineviewer.volume.geometry import IndexTriple, Triple
from spineviewer.volume.planes import Plane
from spineviewer.wording import mark

_NAMES = {Plane.CORONAL: mark("Curved coronal"), Plane.SAGITTAL: mark("Curved sagittal")}
_SIDES = {
    Plane.CORONAL: (mark("{depth} mm in front of the line"), mark("{depth} mm behind the line")),
    Plane.SAGITTAL: (mark("{depth} mm right of the line"), mark("{depth} mm left of the line")),
}
_NOT_SEGMENTED = mark("Segment the spine, and it lies straight here.")


class CurvedView(CutView):
    """The straightened coronal or sagittal picture, through the crosshair.

    Thread ownership: GUI thread.
    """

    def __init__(self, plane: Plane, turns: Turns, parent: QWidget | None = None) -> None:
        super().__init__(plane, turns, _NAMES[plane], parent)
        self._line: CentreLine | None = None
        self._held: tuple[IndexTriple, float] | None = None
        self._kept: tuple[IndexTriple, float] | None = None
        self.message = _NOT_SEGMENTED

    def show_line(self, line: CentreLine | None, note: str) -> None:
        """Lay the picture along a line; without one, say why there is none."""
        is_first = self._line is None
        self._line, self._held = line, self._kept if line is not None else None
        self.message = note or _NOT_SEGMENTED
        self.show_reading(self._reading, self._fusion, self._correction)
        if is_first and self._cut is not None and self._wanted_zoom is None:
            self.fit()

    @property
    def depth_mm(self) -> float | None:
        """How far beside the line the picture lies, where that is not told by the crosshair."""
        held = self._held or self._kept
        return held[1] if held is not None and self._reading is not None and held[0] == self._reading.cursor_zyx else None

    def show_depth(self, depth_mm: float | None) -> None:
        """Lie there once there is a line, and as long as the crosshair stays."""
        self._kept = (self._reading.cursor_zyx, depth_mm) if depth_mm is not None and self._reading is not None else None

    def scroll_by(self, steps: int) -> None:
        """The crosshair across the picture, by millimetres or by voxels where they are larger."""
        cut, reading = self._cut, self._reading
        if not isinstance(cut, CurvedCut) or reading is None:
            return
        right, down = cut.on_screen_mm(reading.place)
        across = (cut.line.back if self.plane is Plane.CORONAL else cut.line.left)[round(down / cut.line.step_mm)]
        step_mm = max(1.0, float(np.linalg.norm(across * reading.scan.geometry.spacing_zyx_mm)))
        depth = min(max(cut.depth_mm + steps * step_mm, -CURVED_HALF_WIDTH_MM), CURVED_HALF_WIDTH_MM)
        self._go_to(CurvedCut(cut.line, cut.plane, cut.geometry, depth).index_at((right, down)), depth)

    def _pick(self, position: QPointF) -> None:
        index, cut = self.index_at(position), self._cut
        if index is not None and isinstance(cut, CurvedCut):
            self._go_to(index, cut.depth_mm)

    def _go_to(self, index: Triple, depth_mm: float) -> None:
        """Ask for the crosshair there, and keep the depth: rounded to a voxel it would tremble."""
        if self._reading is not None and is_inside(self._reading.scan.geometry, index):
            self._held, self._kept = (self._reading.moved_to(index).cursor_zyx, depth_mm), None
            self.picked.emit(index)

    def _cut_of(self, reading: ScanState) -> Cut | None:
        line = self._line
        if line is None:
            return None
        if self._held is not None and self._held[0] == reading.cursor_zyx:
            depth = self._held[1]
        else:
            geometry = reading.scan.geometry
            _, left, back = line.along_left_back_mm(np.array(reading.place) * geometry.spacing_zyx_mm)
            depth = round(back if self.plane is Plane.CORONAL else left, 2)
        return CurvedCut(line, self.plane, reading.scan.geometry, depth)

    def _cross_lines(self, reading: ScanState) -> tuple[CrossLine, ...]:
        upright = Plane.SAGITTAL if self.plane is Plane.CORONAL else Plane.CORONAL
        return ((PLANE_COLOURS[upright.name], (0.0, 1.0)), (PLANE_COLOURS[Plane.AXIAL.name], (1.0, 0.0)))

    def _head_up(self, reading: ScanState) -> HeadUp:
        cut, window = self._cut, reading.window
        if not isinstance(cut, CurvedCut):
            return HeadUp(CURVED_COLOUR, left=(tr(_NAMES[self.plane]),))
        hint = ""
        if self.tool in MEASURING or self.tool in CORRECTING:
            hint = tr("measure and correct in straight planes")
        depth = round(cut.depth_mm)
        side = _SIDES[self.plane][int(depth > 0)]
        is_known = reading.scan.source.is_orientation_known
        return HeadUp(
            CURVED_COLOUR,
            left=tuple(text for text in (tr(_NAMES[self.plane]), slab_text(reading), hint) if text),
            right=(tr(side, depth=abs(depth)) if depth else tr("on the line"),),
            window=f"W {window.width_hu:.0f}  L {window.level_hu:.0f}",
            letters=cut.edge_letters() if is_known else (),
        )
