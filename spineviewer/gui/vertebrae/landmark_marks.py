"""Draggable landmarks of a measured value over the picture."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from spineviewer.app.landmarks import Landmarks
from spineviewer.app.measurement_rows import landmark_text
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.language import tr
from spineviewer.gui.measuring.landmark_painting import (
    landmark_places,
    landmarks_in,
    paint_landmarks,
    roi_outline,
)
from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Tool
from spineviewer.volume.cuts import CurvedCut
from spineviewer.volume.geometry import Triple

#: Distances at which the pointer grabs a point, and a line: an endplate or the outline of an ROI.
_HOLD_PX, _HOLD_LINE_PX = 9, 5


class LandmarkMarks:
    """The landmarks of the selected value.

    Thread ownership: GUI thread.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._grip = LandmarkGrip(workspace)

    def paint(self, view: Canvas, painter: QPainter) -> None:
        shown = self._shown_in(view)
        if shown is None:
            return
        front = self._workspace.front
        assert front is not None
        assert view.scene is not None
        source, measured = front.parts.chosen_source, front.spine.measured
        assert source is not None
        assert measured is not None
        paint_landmarks(
            painter,
            shown,
            tr(landmark_text(measured, source)),
            view.plane,
            view.scene.state,
            view.widget_position,
            view.viewport().width(),
        )

    def grip_at(self, view: Canvas, at: QPointF) -> Tool | None:
        shown = self._shown_in(view)
        if shown is None:
            return None
        assert view.scene is not None
        state = view.scene.state
        places = landmark_places(shown, state.scan.geometry, view.widget_position)
        near = {name: _length(place - at) for name, place in places.items()}
        name = min(near, key=near.__getitem__)
        if near[name] <= _HOLD_PX:
            return self._grip.hold((name,))
        for start, end in shown.plates:
            if _away_px(at, places[start], places[end]) <= _HOLD_LINE_PX:
                return self._grip.hold(shown.endplate_points(start))
        if shown.roi is not None:
            outline = roi_outline(shown.roi, view.plane, state, view.widget_position)
            ends = zip(outline, [*outline[1:], outline[0]], strict=True)
            if min(_away_px(at, *pair) for pair in ends) <= _HOLD_LINE_PX:
                return self._grip.hold(("centre",))
        return None

    def _shown_in(self, view: Canvas) -> Landmarks | None:
        """Return the landmarks if they are in the picture of a view."""
        front, cut = self._workspace.front, view.cut
        if front is None or cut is None or isinstance(cut, CurvedCut) or view.scene is None:
            return None
        if view.scene.state.overlays.is_all_hidden or view.scene.state.scan is not front.volume:
            return None
        shown = front.spine.shown
        if shown is None:
            return None
        return landmarks_in(shown, cut, view.plane, view.scene.state)


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

    def press(self, view: Canvas, at: QPointF) -> None:
        """Store the offsets of the points from the pointer."""
        front, index = self._workspace.front, view.index_at(at)
        shown = None if front is None else front.spine.shown
        self._held = {}
        if front is not None and index is not None and shown is not None:
            pointer = front.volume.geometry.point_lps_mm(index)
            points = {name: np.array(shown.points_lps_mm[name]) for name in self._names}
            self._held = {name: point - pointer for name, point in points.items()}

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        front, index = self._workspace.front, view.index_at(at)
        if front is not None and index is not None and self._held:
            pointer = front.volume.geometry.point_lps_mm(index)
            front.spine.drag({name: _triple(pointer + off) for name, off in self._held.items()})

    def release(self, view: Canvas, at: QPointF, *, was_dragged: bool) -> None:
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
