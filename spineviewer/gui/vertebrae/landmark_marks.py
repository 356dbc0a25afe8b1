"""The points of a number over the picture where it was taken, and dragging them."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from spineviewer.app.landmarks import Landmarks
from spineviewer.app.measurement_rows import text_beside
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import MEASURE_COLOUR
from spineviewer.gui.measuring.painting import paint_text
from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.tool import Tool
from spineviewer.measurements.results import Roi
from spineviewer.volume.cuts import CurvedCut
from spineviewer.volume.geometry import Triple

#: How near to a point the pointer takes hold of it.
_HOLD_PX = 9
#: A picture shows points that are at most this far in front of or behind it.
_BESIDE_MM = 2.0
#: Cosine of the angle up to which a picture shows projected points.
_SAME_WAY = 0.98
_SHADOW, _PLATE = QColor(0, 0, 0, 170), "#8fd0ff"
_ELLIPSE_POINTS = 48


class LandmarkMarks:
    """The points of the chosen number of the scan in front.

    Thread ownership: GUI thread.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._grip = LandmarkGrip(workspace)

    def paint(self, view: CutView, painter: QPainter) -> None:
        shown = self._shown_in(view)
        if shown is None:
            return
        places = _places(view, shown)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pairs, colour in ((shown.plates, _PLATE), (shown.lines, MEASURE_COLOUR)):
            for pen in (QPen(_SHADOW, 3.2), QPen(QColor(colour), 1.5)):
                painter.setPen(pen)
                for start, end in pairs:
                    painter.drawLine(places[start], places[end])
        if shown.roi is not None:
            outline = QPolygonF(roi_outline(view, shown.roi))
            for pen in (QPen(_SHADOW, 3.2), QPen(QColor(MEASURE_COLOUR), 1.5)):
                painter.setPen(pen)
                painter.drawPolygon(outline)
        painter.setPen(QPen(_SHADOW, 1))
        painter.setBrush(QColor(MEASURE_COLOUR))
        for place in places.values():
            painter.drawEllipse(place, 3.6, 3.6)
        front = self._workspace.front
        assert front is not None
        source, measured = front.parts.chosen_source, front.spine.measured
        if source is not None and measured is not None:
            text = tr(text_beside(measured, source))
            paint_text(painter, list(places.values()), text, view.viewport().width(), [])

    def grip_at(self, view: CutView, at: QPointF) -> Tool | None:
        shown = self._shown_in(view)
        if shown is None:
            return None
        near = {
            name: math.hypot(place.x() - at.x(), place.y() - at.y())
            for name, place in _places(view, shown).items()
        }
        name = min(near, key=near.__getitem__)
        return self._grip.hold(name) if near[name] <= _HOLD_PX else None

    def _shown_in(self, view: CutView) -> Landmarks | None:
        """Return the points if they are in the picture of a view."""
        front, cut = self._workspace.front, view.cut
        if front is None or cut is None or isinstance(cut, CurvedCut) or view.scene is None:
            return None
        if view.scene.reading.overlays.is_all_hidden or view.scene.reading.scan is not front.volume:
            return None
        shown = front.spine.shown
        if shown is None:
            return None
        grid = front.volume.geometry
        if shown.is_projected:
            normal = view.scene.reading.turn.normal(view.plane) @ np.array(grid.axes_lps)
            is_seen = abs(float(normal @ np.array(shown.cut.normal_lps))) > _SAME_WAY
            return shown if is_seen else None
        away = [abs(cut.across_mm(_index(front, point))) for point in shown.points_lps_mm.values()]
        return shown if max(away) <= max(_BESIDE_MM, max(grid.spacing_zyx_mm)) else None


class LandmarkGrip(Tool):
    """Drags a point within the picture, whatever the tool of the left button is."""

    picks = False
    is_immediate = True
    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._name = ""

    def hold(self, name: str) -> LandmarkGrip:
        """Take hold of a point."""
        self._name = name
        return self

    def drag(self, view: CutView, at: QPointF, step: QPointF) -> None:
        front, index = self._workspace.front, view.index_at(at)
        if front is not None and index is not None:
            x, y, z = front.volume.geometry.point_lps_mm(index).tolist()
            front.spine.drag(self._name, (x, y, z))

    def release(self, view: CutView, at: QPointF, *, was_dragged: bool) -> None:
        if (front := self._workspace.front) is not None:
            front.spine.end_drag()


def _index(scan: OpenScan, point_lps_mm: Triple) -> Triple:
    z, y, x = scan.volume.geometry.index_zyx(point_lps_mm).tolist()
    return z, y, x


def _places(view: CutView, shown: Landmarks) -> dict[str, QPointF]:
    assert view.scene is not None
    geometry = view.scene.reading.scan.geometry
    return {
        name: view.widget_position(tuple(geometry.index_zyx(point).tolist()))
        for name, point in shown.points_lps_mm.items()
    }


def roi_outline(view: CutView, roi: Roi) -> list[QPointF]:
    """Return the outline of an ellipsoid as a view sees it, in the widget's pixels.

    Each point of the sphere of unit radius that is in the view's plane through the centre becomes
    one of the ellipsoid. The centre is in the picture to within a voxel.
    """
    assert view.scene is not None
    state = view.scene.reading
    geometry = state.scan.geometry
    axes = np.array([roi.frame.down_lps, roi.frame.left_lps, roi.frame.back_lps])
    normal = state.turn.normal(view.plane) @ np.array(geometry.axes_lps)
    # A point c + axes.T @ (radii * s), |s| = 1, is in the plane where s is at right angles to this:
    across = (axes @ normal) * np.array(roi.radii_mm)
    _, _, basis = np.linalg.svd(across[None])
    angles = np.linspace(0, 2 * np.pi, _ELLIPSE_POINTS, endpoint=False)
    on_sphere = np.cos(angles)[:, None] * basis[1] + np.sin(angles)[:, None] * basis[2]
    points = np.array(roi.centre_lps_mm) + (on_sphere * np.array(roi.radii_mm)) @ axes
    return [view.widget_position(tuple(geometry.index_zyx(point).tolist())) for point in points]
