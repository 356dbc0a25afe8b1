"""The source of an axial, coronal or sagittal view, parallel to the scan's slices or oblique."""

from __future__ import annotations

import numpy as np

from spineviewer.app.overlay import MapKind
from spineviewer.app.state import ScanState, SlabKind, slab_step_mm
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import PLANE_NAMES, STORED_PLANE_NAMES
from spineviewer.gui.kit.theme import PLANE_COLOURS
from spineviewer.gui.viewing.annotations import Annotations, window_text
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.screen_picture import CrossLine
from spineviewer.gui.viewing.source import Canvas
from spineviewer.volume.cuts import Cut, PlaneCut, RotatedCut
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane
from spineviewer.wording import formatted_number

#: For each plane, the planes that its vertical and horizontal crosshair lines represent.
_CROSSING = {
    Plane.AXIAL: (Plane.SAGITTAL, Plane.CORONAL),
    Plane.CORONAL: (Plane.SAGITTAL, Plane.AXIAL),
    Plane.SAGITTAL: (Plane.CORONAL, Plane.AXIAL),
}
_OBLIQUE_DEG = 5.0


class SliceSource:
    """The axial, coronal or sagittal plane through the crosshair."""

    message = ""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.name, self.stored_name = PLANE_NAMES[plane], STORED_PLANE_NAMES[plane]

    def cut(self, state: ScanState) -> Cut:
        return state.cut(self.plane)

    def cross_lines(self, state: ScanState) -> tuple[CrossLine, ...]:
        if state.rotation.is_straight:
            directions = [(0.0, 1.0), (1.0, 0.0)]
        else:
            directions = [
                state.rotation.crossing(self.plane, other) for other in _CROSSING[self.plane]
            ]
        colours = [PLANE_COLOURS[other.name] for other in _CROSSING[self.plane]]
        return tuple(zip(colours, directions, strict=True))

    def annotations(self, scene: Scene, cut: Cut | None, hint: str) -> Annotations:
        assert cut is not None
        state, is_straight = scene.state, isinstance(cut, PlaneCut)
        note = (
            tr("attention projected through all slices")
            if _is_projected(scene) and is_straight
            else ""
        )
        slab = slab_text(state, cut)
        return Annotations(
            colour=PLANE_COLOURS[self.plane.name],
            left=tuple(line for line in (self._title(state), slab, note, hint) if line),
            right=(*self._position(state, cut), *level_text(scene.level)),
            window=window_text(state.window),
            letters=cut.edge_letters() if state.scan.source.is_orientation_known else (),
        )

    def scroll(self, view: Canvas, steps: int) -> None:
        view.scrolled.emit(steps)

    def pick(self, view: Canvas, index: Triple) -> None:
        view.picked.emit(index)

    def _title(self, state: ScanState) -> str:
        geometry, tilt_deg = state.scan.geometry, state.rotation.tilt_deg(self.plane)
        if not state.scan.source.is_orientation_known:
            name = tr(self.stored_name)
            return (
                tr("{plane}, rotated {tilt_deg:.0f}°", plane=name, tilt_deg=tilt_deg)
                if tilt_deg >= 0.5
                else name
            )
        name = tr(self.name)
        normal_lps = state.rotation.normal(self.plane) @ np.array(geometry.axes_lps)
        # component along the patient axis that is perpendicular to an exact plane of this name
        along_patient_axis = abs(normal_lps[2 - self.plane.value])
        oblique_deg = float(np.degrees(np.arccos(np.clip(along_patient_axis, 0, 1))))
        is_reported = oblique_deg > _OBLIQUE_DEG or (tilt_deg >= 0.5 and oblique_deg >= 0.5)
        return (
            tr("{plane}, oblique {oblique_deg:.0f}°", plane=name, oblique_deg=oblique_deg)
            if is_reported
            else name
        )

    def _position(self, state: ScanState, cut: Cut) -> tuple[str, ...]:
        if isinstance(cut, RotatedCut):
            return (tr("through the crosshair"),)
        geometry, axis = state.scan.geometry, self.plane.value
        position = state.slice_position_mm(self.plane)
        letter = {Plane.AXIAL: "IS", Plane.CORONAL: "AP", Plane.SAGITTAL: "RL"}[self.plane][
            int(position >= 0)
        ]
        is_known = state.scan.source.is_orientation_known
        return (
            f"{state.crosshair_zyx[axis] + 1} / {geometry.shape_zyx[axis]}",
            f"{letter} {tr(formatted_number(abs(position), '.1f', 'mm'))}"
            if is_known
            else tr(formatted_number(position, ".1f", "mm")),
            tr("slice spacing {spacing_mm:.3g} mm", spacing_mm=geometry.spacing_zyx_mm[axis]),
        )


def slab_text(state: ScanState, cut: Cut) -> str:
    """Return the kind and size of the slab in a picture; empty for a single slice.

    The size is the thickness and, unless the picture is oblique or curved, the number of slices.
    The thickness is that of the slices that are combined, which can differ from the one that was
    set. At the edge of the scan, there are fewer slices.
    """
    slab, geometry = state.slab, state.scan.geometry
    if slab.kind is SlabKind.SLICE:
        return ""
    if not isinstance(cut, PlaneCut):
        finest_mm = min(geometry.spacing_zyx_mm)
        thickness_mm = len(slab.offsets_mm(finest_mm)) * slab_step_mm(finest_mm)
        return f"{tr(slab.kind.value)} {tr(formatted_number(thickness_mm, '.3g', 'mm'))}"
    axis = cut.plane.value
    spacing_mm = geometry.spacing_zyx_mm[axis]
    first, end = slab.range(cut.slice_index, geometry.shape_zyx[axis], spacing_mm)
    thickness = tr(formatted_number((end - first) * spacing_mm, ".3g", "mm"))
    text = f"{tr(slab.kind.value)} {thickness}"
    return tr("{slab}, %n slice(s)", "", end - first, slab=text)


def level_text(level: str) -> tuple[str, ...]:
    """Return the level at the crosshair as text lines for a view's corner; empty if unknown."""
    return (tr("level {name}", name=level),) if level else ()


def _is_projected(scene: Scene) -> bool:
    overlays = scene.state.overlays
    if scene.fusion is None or overlays.is_all_hidden or not overlays.is_map_shown:
        return False
    return overlays.is_attention_projected and overlays.map_kind is MapKind.ATTENTION
