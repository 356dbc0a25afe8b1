"""Measurements in the views: painted over the picture, and draggable by their points and labels."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from weakref import WeakKeyDictionary

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from spineviewer.caches import RecentCache
from spineviewer.gui.measuring.drawing_tool import LabelGrip, Measurements, PointGrip, is_near
from spineviewer.gui.measuring.painting import (
    PlacedMeasurement,
    detailed_text,
    measurements_in,
    paint_measurements,
)
from spineviewer.gui.viewing.placed_name import name_box
from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Tool
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.volume import CtVolume


class MeasurementMarks:
    """The measurements of the scene that a view shows.

    Thread ownership: GUI thread.
    """

    def __init__(self, measurements: Measurements | None = None) -> None:
        """Create the marks; without `measurements`, nothing can be dragged."""
        self._grip = PointGrip(measurements) if measurements is not None else None
        self._label_grip = LabelGrip(measurements) if measurements is not None else None
        self._labels: WeakKeyDictionary[Canvas, list[tuple[int, QRectF]]] = WeakKeyDictionary()
        self._texts: RecentCache[str] = RecentCache(500)
        self._scan: Callable[[], CtVolume | None] = lambda: None

    def paint(self, view: Canvas, painter: QPainter) -> None:
        placed = [
            PlacedMeasurement(
                number, measurement, tuple(map(view.widget_position, measurement.points_zyx))
            )
            for number, measurement in shown_measurements(view)
        ]
        self._labels[view] = []
        if view.scene is not None and placed:
            self._labels[view] = paint_measurements(
                painter,
                placed,
                view.scene.state,
                (view.viewport().width(), view.viewport().height()),
                view.framing.camera.mm_per_px,
                names=name_boxes(view),
                get_details=self._text,
            )

    def grip_at(self, view: Canvas, at: QPointF) -> Tool | None:
        if self._grip is None:
            return None
        for number, measurement in shown_measurements(view):
            for point, index in enumerate(measurement.points_zyx):
                if is_near(view, at, index):
                    return self._grip.grab(number, point)
        for number, box in self._labels.get(view, ()):
            if self._label_grip is not None and box.contains(at):
                return self._label_grip.grab(number, box.topLeft())
        return None

    def _text(self, measurement: Measurement, scan: CtVolume) -> str:
        """Return the text of a measurement, cached between paints."""
        if scan is not self._scan():
            self._scan = weakref.ref(scan)  # must not keep a closed scan in memory
            self._texts.clear()
        return self._texts.get(measurement, lambda: detailed_text(measurement, scan))


def name_boxes(view: Canvas) -> list[QRectF]:
    """Return the rectangles that the names of vertebrae cover in a view."""
    size_px = view.viewport().width(), view.viewport().height()
    px_at, screen = view.framing.camera.px_at, view.picture.screen
    return [name_box(px_at(at), text, size_px, screen.annotations) for at, text in screen.names()]


def shown_measurements(view: Canvas) -> list[tuple[int, Measurement]]:
    """Return the measurements that a view's picture shows, each with its number in the scan."""
    if view.scene is None or view.cut is None:
        return []
    return measurements_in(view.cut, view.scene.state)
