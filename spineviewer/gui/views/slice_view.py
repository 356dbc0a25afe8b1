"""One plane of the scan, straight or turned."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from spineviewer.app.state import ScanState, SlabKind
from spineviewer.gui.language import tr
from spineviewer.gui.names import PLANE_NAMES
from spineviewer.gui.theme import PLANE_COLOURS
from spineviewer.gui.views.cut_view import CutView
from spineviewer.gui.views.head_up import HeadUp
from spineviewer.gui.views.plane_item import CrossLine
from spineviewer.gui.views.scene import ViewedFusion
from spineviewer.gui.views.tools import CORRECTING
from spineviewer.gui.views.turns import Turns
from spineviewer.volume.cuts import Cut, PlaneCut, TurnedCut
from spineviewer.volume.planes import Plane
from spineviewer.wording import figure

#: For each plane the planes whose lines cross it: (the vertical line's, the horizontal line's).
_CROSSING = {
    Plane.AXIAL: (Plane.SAGITTAL, Plane.CORONAL),
    Plane.CORONAL: (Plane.SAGITTAL, Plane.AXIAL),
    Plane.SAGITTAL: (Plane.CORONAL, Plane.AXIAL),
}
_OBLIQUE_DEG = 5.0


class SliceView(CutView):
    """The axial, coronal or sagittal view.

    Thread ownership: GUI thread.
    """

    def __init__(self, plane: Plane, turns: Turns, parent: QWidget | None = None) -> None:
        super().__init__(plane, turns, PLANE_NAMES[plane], parent)

    def _cut_of(self, reading: ScanState) -> Cut:
        return reading.cut(self.plane)

    def _cross_lines(self, reading: ScanState) -> tuple[CrossLine, ...]:
        if reading.turn.is_straight:
            directions = [(0.0, 1.0), (1.0, 0.0)]
        else:
            directions = [reading.turn.crossing(self.plane, other) for other in _CROSSING[self.plane]]
        colours = [PLANE_COLOURS[other.name] for other in _CROSSING[self.plane]]
        return tuple(zip(colours, directions, strict=True))

    def _head_up(self, reading: ScanState) -> HeadUp:
        cut, window = self._cut, reading.window
        assert cut is not None
        is_known = reading.scan.source.is_orientation_known
        note = tr("attention over all slices") if _is_aggregated(reading, self._fusion) and isinstance(cut, PlaneCut) else ""
        hint = tr("correct in straight planes") if self.tool in CORRECTING and isinstance(cut, TurnedCut) else ""
        thick = slab_text(reading, self.plane if isinstance(cut, PlaneCut) else None)
        return HeadUp(
            colour=PLANE_COLOURS[self.plane.name],
            left=tuple(line for line in (self._title(reading), thick, note, hint) if line),
            right=self._where(reading),
            window=f"W {window.width_hu:.0f}  L {window.level_hu:.0f}",
            letters=cut.edge_letters() if is_known else (),
        )

    def _title(self, reading: ScanState) -> str:
        name = tr(PLANE_NAMES[self.plane])
        geometry, tilt_deg = reading.scan.geometry, reading.turn.tilt_deg(self.plane)
        if not reading.scan.source.is_orientation_known:
            return tr("{plane}, turned {tilt_deg:.0f}°", plane=name, tilt_deg=tilt_deg) if tilt_deg >= 0.5 else name
        normal_lps = reading.turn.normal(self.plane) @ np.array(geometry.axes_lps)
        oblique_deg = geometry.obliquity_deg
        if not reading.turn.is_straight:
            oblique_deg = float(np.degrees(np.arccos(np.clip(np.abs(normal_lps).max(), 0, 1))))
        is_told = oblique_deg > _OBLIQUE_DEG or (tilt_deg >= 0.5 and oblique_deg >= 0.5)
        return tr("{plane}, oblique {oblique_deg:.0f}°", plane=name, oblique_deg=oblique_deg) if is_told else name

    def _where(self, reading: ScanState) -> tuple[str, ...]:
        if isinstance(self._cut, TurnedCut):
            return (tr("through the crosshair"),)
        geometry, cut = reading.scan.geometry, self.plane.value
        position = reading.slice_position_mm(self.plane)
        letter = {Plane.AXIAL: "IS", Plane.CORONAL: "AP", Plane.SAGITTAL: "RL"}[self.plane][int(position >= 0)]
        is_known = reading.scan.source.is_orientation_known
        return (
            f"{reading.cursor_zyx[cut] + 1} / {geometry.shape_zyx[cut]}",
            f"{letter} {tr(figure(abs(position), '.1f', 'mm'))}" if is_known else tr(figure(position, ".1f", "mm")),
            tr("slice {thickness_mm:.3g} mm", thickness_mm=geometry.spacing_zyx_mm[cut]),
        )


def slab_text(reading: ScanState, plane: Plane | None = None) -> str:
    """How thick the picture is, where it is thicker than a slice; of whole slices of a plane also how many they are."""
    slab, geometry = reading.slab, reading.scan.geometry
    if slab.kind is SlabKind.SLICE:
        return ""
    text = f"{tr(slab.kind.value)} {slab.thickness_mm:.0f} mm"
    if plane is None:
        return text
    axis = plane.value
    first, end = slab.range(reading.cursor_zyx[axis], geometry.shape_zyx[axis], geometry.spacing_zyx_mm[axis])
    return tr("{slab}, %n slice(s)", "", end - first, slab=text)


def _is_aggregated(reading: ScanState, fusion: ViewedFusion | None) -> bool:
    shown = reading.overlays
    return fusion is not None and shown.is_heat_shown and shown.is_heat_aggregated and not shown.is_all_hidden
