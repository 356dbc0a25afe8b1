"""Sources of the curved views, which show a ribbon along the centre line of the spine."""

from __future__ import annotations

import numpy as np

from spineviewer.app.state import ScanState
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import CURVED_COLOUR, PLANE_COLOURS
from spineviewer.gui.viewing.annotations import Annotations, window_text
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.screen_picture import CrossLine
from spineviewer.gui.viewing.slice_source import level_text, slab_text
from spineviewer.gui.viewing.source import Canvas
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.cuts import CURVED_HALF_WIDTH_MM, CurvedCut, Cut, is_inside
from spineviewer.volume.geometry import IndexTriple, Triple
from spineviewer.volume.planes import Plane
from spineviewer.wording import formatted_number, mark

_NAMES = {Plane.CORONAL: mark("Curved coronal"), Plane.SAGITTAL: mark("Curved sagittal")}
#: Names in a scan whose orientation is unknown.
_STORED_NAMES = {Plane.CORONAL: mark("Curved, rows"), Plane.SAGITTAL: mark("Curved, columns")}
_SIDES = {
    Plane.CORONAL: (
        mark("{depth} mm in front of the centre line"),
        mark("{depth} mm behind the centre line"),
    ),
    Plane.SAGITTAL: (
        mark("{depth} mm right of the centre line"),
        mark("{depth} mm left of the centre line"),
    ),
}
_NOT_SEGMENTED = mark("Segment the spine to see it straightened here.")

#: The crosshair's voxel, and the distance of the picture from the centre line while the crosshair
#: is there. Computed from the voxel, the distance would jitter because of rounding.
Depth = tuple[IndexTriple, float]


class CurveSource:
    """The straightened coronal or sagittal view through the crosshair.

    Thread ownership: GUI thread.
    """

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.name, self.stored_name = _NAMES[plane], _STORED_NAMES[plane]
        self.message = _NOT_SEGMENTED
        self._line: CentreLine | None = None
        self._depth: Depth | None = None
        self._restored: Depth | None = None

    def use_line(self, line: CentreLine | None, note: str) -> None:
        """Set the centre line; without one, `note` gives the reason."""
        self._line, self._depth = line, self._restored if line is not None else None
        self.message = note or _NOT_SEGMENTED

    def depth_mm(self, state: ScanState | None) -> float | None:
        """Return the distance of the picture from the line; None if it follows the crosshair."""
        depth = self._depth or self._restored
        if depth is None or state is None or depth[0] != state.crosshair_zyx:
            return None
        return depth[1]

    def restore_depth(self, state: ScanState | None, depth_mm: float | None) -> None:
        """Use this distance as soon as there is a line, and until the crosshair moves."""
        self._restored = (
            (state.crosshair_zyx, depth_mm) if depth_mm is not None and state is not None else None
        )

    def cut(self, state: ScanState) -> Cut | None:
        line = self._line
        if line is None:
            return None
        if self._depth is not None and self._depth[0] == state.crosshair_zyx:
            depth = self._depth[1]
        else:
            geometry = state.scan.geometry
            _, left, back = line.along_left_back_mm(
                np.array(state.point_zyx) * geometry.spacing_zyx_mm
            )
            depth = round(back if self.plane is Plane.CORONAL else left, 2)
        return CurvedCut(line, self.plane, state.scan.geometry, depth)

    def cross_lines(self, state: ScanState) -> tuple[CrossLine, ...]:
        vertical = Plane.SAGITTAL if self.plane is Plane.CORONAL else Plane.CORONAL
        return (
            (PLANE_COLOURS[vertical.name], (0.0, 1.0)),
            (PLANE_COLOURS[Plane.AXIAL.name], (1.0, 0.0)),
        )

    def annotations(self, scene: Scene, cut: Cut | None, hint: str) -> Annotations:
        state = scene.state
        is_known = state.scan.source.is_orientation_known
        name = tr(self.name if is_known else self.stored_name)
        if not isinstance(cut, CurvedCut):
            return Annotations(CURVED_COLOUR, left=(name,))
        return Annotations(
            CURVED_COLOUR,
            left=tuple(text for text in (name, slab_text(state, cut), hint) if text),
            right=(
                self._depth_text(round(cut.depth_mm), is_orientation_known=is_known),
                *level_text(scene.level),
            ),
            window=window_text(state.window),
            letters=cut.edge_letters() if is_known else (),
        )

    def _depth_text(self, depth_mm: int, *, is_orientation_known: bool) -> str:
        """Return where the picture is, with the side of the centre line if it is known."""
        if depth_mm == 0:
            return tr("on the centre line")
        if not is_orientation_known:
            distance = tr(formatted_number(depth_mm, "+.0f", "mm"))
            return tr("{distance} from the centre line", distance=distance)
        return tr(_SIDES[self.plane][int(depth_mm > 0)], depth=abs(depth_mm))

    def scroll(self, view: Canvas, steps: int) -> None:
        """Move the crosshair at right angles to the picture.

        A step is 1 mm or one voxel, whichever is larger.
        """
        cut = view.cut
        if not isinstance(cut, CurvedCut) or view.scene is None:
            return
        state = view.scene.state
        right, down = cut.on_screen_mm(state.point_zyx)
        normals = cut.line.back if self.plane is Plane.CORONAL else cut.line.left
        normal = normals[round(down / cut.line.step_mm)]
        step_mm = max(1.0, float(np.linalg.norm(normal * state.scan.geometry.spacing_zyx_mm)))
        depth = min(
            max(cut.depth_mm + steps * step_mm, -CURVED_HALF_WIDTH_MM), CURVED_HALF_WIDTH_MM
        )
        self._go_to(
            view, CurvedCut(cut.line, cut.plane, cut.geometry, depth).index_at((right, down)), depth
        )

    def pick(self, view: Canvas, index: Triple) -> None:
        if isinstance(view.cut, CurvedCut):
            self._go_to(view, index, view.cut.depth_mm)

    def _go_to(self, view: Canvas, index: Triple, depth_mm: float) -> None:
        if view.scene is not None and is_inside(view.scene.state.scan.geometry, index):
            self._depth = view.scene.state.moved_to(index).crosshair_zyx, depth_mm
            self._restored = None
            view.picked.emit(index)
