"""Landmarks of the selected value, drawn over the picture and dragged with the mouse."""

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
    landmark_positions,
    landmarks_in,
    paint_landmarks,
    roi_outlines,
)
from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Tool
from spineviewer.volume.cuts import CurvedCut
from spineviewer.volume.geometry import Triple

#: Maximum distance at which the pointer grabs a point.
_GRAB_POINT_PX = 9
#: Maximum distance at which the pointer grabs an endplate or the outline of an ROI.
_GRAB_LINE_PX = 5


class LandmarkMarks:
    """The landmarks of the selected value.

    Thread ownership: GUI thread.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._grip = LandmarkGrip(workspace)

    def paint(self, view: Canvas, painter: QPainter) -> None:
        landmarks = self._landmarks_in(view)
        if landmarks is None:
            return
        front = self._workspace.front
        assert front is not None
        assert view.scene is not None
        source, measured = front.parts.chosen_source, front.spine.measured
        assert source is not None
        assert measured is not None
        assert view.cut is not None
        paint_landmarks(
            painter,
            landmarks,
            tr(landmark_text(measured, source)),
            view.cut,
            view.plane,
            view.scene.state,
            view.widget_position,
            view.viewport().size().toTuple(),
        )

    def grip_at(self, view: Canvas, at: QPointF) -> Tool | None:
        landmarks = self._landmarks_in(view)
        if landmarks is None:
            return None
        assert view.scene is not None
        assert view.cut is not None
        state = view.scene.state
        positions = landmark_positions(landmarks, state.scan.geometry, view.widget_position)
        distances_px = {name: _length(position - at) for name, position in positions.items()}
        name = min(distances_px, key=distances_px.__getitem__, default="")
        if name and distances_px[name] <= _GRAB_POINT_PX:
            return self._grip.grab((name,))
        for start, end in landmarks.plates:
            if _distance_px(at, positions[start], positions[end]) <= _GRAB_LINE_PX:
                return self._grip.grab(landmarks.endplate_points(start))
        if landmarks.roi is not None:
            for outline in roi_outlines(
                landmarks.roi, view.cut, view.plane, state, view.widget_position
            ):
                segments = zip(outline, [*outline[1:], outline[0]], strict=True)
                if min(_distance_px(at, *segment) for segment in segments) <= _GRAB_LINE_PX:
                    return self._grip.grab(("centre",))
        return None

    def _landmarks_in(self, view: Canvas) -> Landmarks | None:
        """Return the landmarks that a view's picture shows; None if there are none."""
        front, cut = self._workspace.front, view.cut
        if front is None or cut is None or isinstance(cut, CurvedCut) or view.scene is None:
            return None
        if view.scene.state.overlays.is_all_hidden or view.scene.state.scan is not front.volume:
            return None
        landmarks = front.spine.shown
        if landmarks is None:
            return None
        return landmarks_in(landmarks, cut, view.plane, view.scene.state)


class LandmarkGrip(Tool):
    """Drags landmarks within the picture, whichever tool is selected."""

    picks = False
    is_immediate = True
    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._names: tuple[str, ...] = ()
        #: Offsets from the pointer in mm (LPS), by name.
        self._offsets: dict[str, NDArray[np.float64]] = {}

    def grab(self, names: tuple[str, ...]) -> LandmarkGrip:
        """Grab the landmarks with these names, and return the tool that drags them."""
        self._names = names
        return self

    def press(self, view: Canvas, at: QPointF) -> None:
        """Store the offsets of the grabbed points from the pointer."""
        front, index = self._workspace.front, view.index_at(at)
        landmarks = None if front is None else front.spine.shown
        self._offsets = {}
        if front is not None and index is not None and landmarks is not None:
            pointer = front.volume.geometry.point_lps_mm(index)
            points = {name: np.array(landmarks.points_lps_mm[name]) for name in self._names}
            self._offsets = {name: point - pointer for name, point in points.items()}

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        front, index = self._workspace.front, view.index_at(at)
        if front is not None and index is not None and self._offsets:
            pointer = front.volume.geometry.point_lps_mm(index)
            front.spine.drag(
                {name: _triple(pointer + offset) for name, offset in self._offsets.items()}
            )

    def release(self, view: Canvas, at: QPointF, *, was_dragged: bool) -> None:
        if (front := self._workspace.front) is not None:
            front.spine.end_drag()

    def abandon(self, view: Canvas) -> bool:
        if (front := self._workspace.front) is not None:
            front.spine.abandon_drag()
        self._offsets = {}
        return True


def _triple(point: NDArray[np.float64]) -> Triple:
    x, y, z = point.tolist()
    return x, y, z


def _length(vector: QPointF) -> float:
    return math.hypot(vector.x(), vector.y())


def _distance_px(point: QPointF, start: QPointF, end: QPointF) -> float:
    """Return the distance of a point from the line segment between two points, in pixels."""
    segment, offset = end - start, point - start
    fraction = QPointF.dotProduct(offset, segment) / max(QPointF.dotProduct(segment, segment), 1e-9)
    return _length(offset - segment * min(max(fraction, 0.0), 1.0))
