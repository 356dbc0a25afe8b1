"""Measurements in the views: painted over the picture, and dragged by their points."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from weakref import WeakKeyDictionary

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from spineviewer.app.state import ScanState
from spineviewer.caches import RecentCache
from spineviewer.gui.kit.language import tr
from spineviewer.gui.measuring.drawing_tool import LabelGrip, Measurements, PointGrip, is_near
from spineviewer.gui.measuring.painting import (
    drawn_boxes,
    paint_measurement,
    paint_words,
    text_width,
)
from spineviewer.gui.viewing.annotations import name_box
from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Tool
from spineviewer.measuring_tools.measurement import Measurement, details, summary
from spineviewer.volume.volume import CtVolume

#: Margin of a text inside its view.
_MARGIN_PX = 24


class MeasurementMarks:
    """The measurements of the scene that a view shows.

    Thread ownership: GUI thread.
    """

    def __init__(self, measurements: Measurements | None = None) -> None:
        """Without `measurements`, points cannot be dragged."""
        self._grip = PointGrip(measurements) if measurements is not None else None
        self._label_grip = LabelGrip(measurements) if measurements is not None else None
        self._labels: WeakKeyDictionary[Canvas, list[tuple[int, QRectF]]] = WeakKeyDictionary()
        self._texts: RecentCache[str] = RecentCache(500)
        self._scan: Callable[[], CtVolume | None] = lambda: None

    def paint(self, view: Canvas, painter: QPainter) -> None:
        placed = [
            (number, measurement, [view.widget_position(point) for point in measurement.points_zyx])
            for number, measurement in shown_measurements(view)
        ]
        for _, measurement, places in placed:
            paint_measurement(painter, measurement.tool, places)
        if view.scene is None:
            return
        width, height = view.viewport().width(), view.viewport().height()
        taken = name_boxes(view) if placed else []
        for _, measurement, places in placed:
            taken += drawn_boxes(measurement.tool, places)
        labels = self._labels[view] = []
        mm_per_px = view.framing.camera.mm_per_px
        for number, measurement, places in placed:
            text = f"{number + 1}  {self._text_of(measurement, view.scene.state)}"
            if text_width(text) > width - _MARGIN_PX:  # a narrow view shows a summary
                scan = view.scene.state.scan
                text = f"{number + 1}  {tr(summary(measurement, scan.geometry, scan.hu))}"
            moved_to = None
            if measurement.label_mm is not None:
                moved_to = places[0] + QPointF(*measurement.label_mm) / mm_per_px
            box = paint_words(
                painter,
                measurement.tool,
                places,
                text,
                width,
                taken=taken,
                height_px=height,
                moved_to=moved_to,
            )
            labels.append((number, box))

    def grip_at(self, view: Canvas, at: QPointF) -> Tool | None:
        if self._grip is None:
            return None
        for number, measurement in shown_measurements(view):
            for point, index in enumerate(measurement.points_zyx):
                if is_near(view, at, index):
                    return self._grip.hold(number, point)
        for number, box in self._labels.get(view, ()):
            if self._label_grip is not None and box.contains(at):
                return self._label_grip.hold(number, box.topLeft())
        return None

    def _text_of(self, measurement: Measurement, state: ScanState) -> str:
        """Return the text of a measurement, cached between paints."""
        if state.scan is not self._scan():
            self._scan = weakref.ref(state.scan)  # a closed scan is freed
            self._texts.clear()
        return self._texts.get(
            measurement, lambda: tr(details(measurement, state.scan.geometry, state.scan.hu))
        )


def name_boxes(view: Canvas) -> list[QRectF]:
    """Return the rectangles of the vertebrae's names in a view."""
    width, height = view.viewport().width(), view.viewport().height()
    px_at = view.framing.camera.px_at
    return [
        name_box(px_at(at), text, (float(width), float(height)))
        for at, text in view.picture.screen.names()
    ]


def shown_measurements(view: Canvas) -> list[tuple[int, Measurement]]:
    """Return the measurements in the picture of a view, with their numbers in drawing order."""
    if view.scene is None or view.cut is None or view.scene.state.overlays.is_all_hidden:
        return []
    cut = view.cut
    return [
        (number, one)
        for number, one in enumerate(view.scene.state.measurements)
        if one.is_shown_in(cut)
    ]
