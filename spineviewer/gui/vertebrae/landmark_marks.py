"""Draggable landmarks of a measured value over the picture."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
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

#: Distance at which the pointer grabs a point, and an endplate or the outline of an ROI.
_HOLD_PX, _HOLD_LINE_PX = 9, 5
#: Maximum distance in front of or behind a picture at which points are shown.
_BESIDE_MM = 2.0
#: Cosine of the maximum angle at which a picture shows projected points.
_SAME_WAY = 0.98
_SHADOW, _PLATE = QColor(0, 0, 0, 170), "#8fd0ff"
_ELLIPSE_POINTS = 48


class LandmarkMarks:
    """The landmarks of the selected value.

    Thread ownership: GUI thread.
    """

    are_in_state = False

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
        places = _places(view, shown)
        near = {name: _length(place - at) for name, place in places.items()}
        name = min(near, key=near.__getitem__)
        if near[name] <= _HOLD_PX:
            return self._grip.hold((name,))
        for start, end in shown.plates:
            if _away_px(at, places[start], places[end]) <= _HOLD_LINE_PX:
                return self._grip.hold(shown.plate_of(start))
        if shown.roi is not None:
            outline = roi_outline(view, shown.roi)
            ends = zip(outline, [*outline[1:], outline[0]], strict=True)
            if min(_away_px(at, *pair) for pair in ends) <= _HOLD_LINE_PX:
                return self._grip.hold(("centre",))
        return None

    def _shown_in(self, view: CutView) -> Landmarks | None:
        """Return the landmarks if they are in the picture of a view."""
        front, cut = self._workspace.front, view.cut
        if front is None or cut is None or isinstance(cut, CurvedCut) or view.scene is None:
            return None
        if view.scene.state.overlays.is_all_hidden or view.scene.state.scan is not front.volume:
            return None
        shown = front.spine.shown
        if shown is None:
            return None
        grid = front.volume.geometry
        if shown.is_projected:
            normal = view.scene.state.rotation.normal(view.plane) @ np.array(grid.axes_lps)
            is_seen = abs(float(normal @ np.array(shown.cut.normal_lps))) > _SAME_WAY
            return shown if is_seen else None
        reach = max(_BESIDE_MM, max(grid.spacing_zyx_mm))
        points = {
            name: point
            for name, point in shown.points_lps_mm.items()
            if abs(cut.across_mm(_index(front, point))) <= reach
        }
        if shown.roi is not None and "centre" in points:  # each picture shows two of its handles
            return replace(shown, points_lps_mm=points)
        return shown if len(points) == len(shown.points_lps_mm) else None


class LandmarkGrip(Tool):
    """Drags landmarks within the picture, with any tool selected."""

    picks = False
    is_immediate = True
    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._names: tuple[str, ...] = ()
        self._held: dict[str, NDArray[np.float64]] = {}

    def hold(self, names: tuple[str, ...]) -> LandmarkGrip:
        """Grab the landmarks with these names."""
        self._names = names
        return self

    def press(self, view: CutView, at: QPointF) -> None:
        """Store the distance of the points from the pointer."""
        front, index = self._workspace.front, view.index_at(at)
        shown = None if front is None else front.spine.shown
        self._held = {}
        if front is not None and index is not None and shown is not None:
            pointer = front.volume.geometry.point_lps_mm(index)
            points = {name: np.array(shown.points_lps_mm[name]) for name in self._names}
            self._held = {name: point - pointer for name, point in points.items()}

    def drag(self, view: CutView, at: QPointF, step: QPointF) -> None:
        front, index = self._workspace.front, view.index_at(at)
        if front is not None and index is not None and self._held:
            pointer = front.volume.geometry.point_lps_mm(index)
            front.spine.drag({name: _triple(pointer + off) for name, off in self._held.items()})

    def release(self, view: CutView, at: QPointF, *, was_dragged: bool) -> None:
        if (front := self._workspace.front) is not None:
            front.spine.end_drag()


def _triple(point: NDArray[np.float64]) -> Triple:
    x, y, z = point.tolist()
    return x, y, z


def _length(way: QPointF) -> float:
    return math.hypot(way.x(), way.y())


def _away_px(at: QPointF, start: QPointF, end: QPointF) -> float:
    """Return the distance of a point from the line segment between two others, in pixels."""
    way, off = end - start, at - start
    share = QPointF.dotProduct(off, way) / max(QPointF.dotProduct(way, way), 1e-9)
    return _length(off - way * min(max(share, 0.0), 1.0))


def _index(scan: OpenScan, point_lps_mm: Triple) -> Triple:
    z, y, x = scan.volume.geometry.index_zyx(point_lps_mm).tolist()
    return z, y, x


def _places(view: CutView, shown: Landmarks) -> dict[str, QPointF]:
    assert view.scene is not None
    geometry = view.scene.state.scan.geometry
    return {
        name: view.widget_position(tuple(geometry.index_zyx(point).tolist()))
        for name, point in shown.points_lps_mm.items()
    }


def roi_outline(view: CutView, roi: Roi) -> list[QPointF]:
    """Return the outline of an ellipsoid in the plane of a view, in the widget's pixels.

    Points of the unit sphere in the view's plane through the centre are mapped to points of
    the ellipsoid. The centre is within a voxel of the picture.
    """
    assert view.scene is not None
    state = view.scene.state
    geometry = state.scan.geometry
    axes = np.array([roi.frame.down_lps, roi.frame.left_lps, roi.frame.back_lps])
    normal = state.rotation.normal(view.plane) @ np.array(geometry.axes_lps)
    # A point c + axes.T @ (radii * s), |s| = 1, is in the plane if s is perpendicular to this:
    across = (axes @ normal) * np.array(roi.radii_mm)
    _, _, basis = np.linalg.svd(across[None])
    angles = np.linspace(0, 2 * np.pi, _ELLIPSE_POINTS, endpoint=False)
    on_sphere = np.cos(angles)[:, None] * basis[1] + np.sin(angles)[:, None] * basis[2]
    points = np.array(roi.centre_lps_mm) + (on_sphere * np.array(roi.radii_mm)) @ axes
    return [view.widget_position(tuple(geometry.index_zyx(point).tolist())) for point in points]
