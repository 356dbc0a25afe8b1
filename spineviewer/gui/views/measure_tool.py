"""Drawing and moving measurements with the mouse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPointF

from spineviewer.app.measuring import LEAST_CORNERS, MeasureKind, Measurement
from spineviewer.volume.cuts import Cut
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane
from spineviewer.volume.turning import Turn

#: How near to a point the pointer takes hold of it.
HOLD_PX = 9

#: What is farther beside a picture does not lie in it.
SAME_SLICE_MM = 1e-3

#: Measurements with the numbers under which the reading knows them.
Numbered = Sequence[tuple[int, Measurement]]


class Canvas(Protocol):
    """Where one measures: the way from voxels to the widget and back."""

    plane: Plane

    @property
    def turn(self) -> Turn:
        """How the plane is turned."""

    def widget_position(self, index_zyx: Triple) -> QPointF:
        """Where a voxel lies in the widget."""

    def index_at(self, position: QPointF) -> Triple | None:
        """The voxel under a point of the widget; None outside the scan."""


class MeasureTool:
    """The points of the measurement that is being drawn, and the point that is being moved.

    Thread ownership: GUI thread.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.points: list[Triple] = []
        self.pending: Triple | None = None
        self._held: tuple[int, int] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether the mouse's moves belong to it."""
        return self._held is not None or bool(self.points)

    def keep_to(self, cut: Cut | None) -> None:
        """Forget a measurement that is not complete when its slice is no longer shown."""
        if self.points and (cut is None or any(abs(cut.across_mm(point)) > SAME_SLICE_MM for point in self.points)):
            self.drop()

    def drop(self) -> None:
        """Forget a measurement that is not complete."""
        self.points.clear()
        self.pending = None

    def press(self, position: QPointF, kind: MeasureKind, shown: Numbered) -> Measurement | None:
        """Take hold of a point that is there, or set the next one; the measurement where that was the last.

        A polygon is closed by a click on its first corner.
        """
        self._held = None if self.points else self._point_near(position, shown)
        if kind.point_count is None and len(self.points) >= LEAST_CORNERS and self._is_near(position, self.points[0]):
            return self.closed(kind)
        index = self._canvas.index_at(position)
        if self._held is None and index is not None:
            self.points.append(index)
            self.pending = index
            return self._finished(kind)
        return None

    def move(self, position: QPointF, measurements: Sequence[Measurement], *, is_pressed: bool) -> tuple[int, Measurement] | None:
        """Follow the pointer; a held point gives the number of its measurement and what has become of it."""
        index = self._canvas.index_at(position)
        if index is None:
            return None
        if self._held is not None and is_pressed:
            number, point = self._held
            return number, measurements[number].with_point(point, index)
        self.pending = index
        return None

    def release(self, position: QPointF, kind: MeasureKind, *, was_dragged: bool) -> Measurement | None:
        """A drag sets its end point too; a click alone does not."""
        index = self._canvas.index_at(position)
        if self._held is not None:
            self._held = None
        elif was_dragged and index is not None and self.points:
            self.points.append(index)
            return self._finished(kind)
        return None

    def closed(self, kind: MeasureKind) -> Measurement | None:
        """What has been drawn, where its number of points is free and large enough."""
        if kind.point_count is not None or len(self.points) < LEAST_CORNERS:
            return None
        return self._made(kind)

    def _finished(self, kind: MeasureKind) -> Measurement | None:
        return None if kind.point_count is None or len(self.points) < kind.point_count else self._made(kind)

    def _made(self, kind: MeasureKind) -> Measurement:
        points = tuple(self.points)
        self.drop()
        return Measurement(kind, self._canvas.plane, points, turn=self._canvas.turn)

    def _point_near(self, position: QPointF, shown: Numbered) -> tuple[int, int] | None:
        """Number of the measurement and of its point under the pointer."""
        for number, measurement in shown:
            for point, index in enumerate(measurement.points_zyx):
                if self._is_near(position, index):
                    return number, point
        return None

    def _is_near(self, position: QPointF, index: Triple) -> bool:
        apart = self._canvas.widget_position(index) - position
        return math.hypot(apart.x(), apart.y()) <= HOLD_PX
