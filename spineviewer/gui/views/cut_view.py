"""A picture through the scan with its overlays, its words and the mouse: what all views of the scan share."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen

from spineviewer.app.measuring import Measurement, details, summary
from spineviewer.app.state import ScanState
from spineviewer.gui.language import tr
from spineviewer.gui.theme import DARK, MASK_COLOUR
from spineviewer.gui.views.composer import Frame
from spineviewer.gui.views.cut_mouse import CutMouse
from spineviewer.gui.views.head_up import paint_head_up, paint_message, paint_scale_bar
from spineviewer.gui.views.measure_paint import paint_measurement, paint_words, text_width
from spineviewer.gui.views.scene import Scene
from spineviewer.gui.views.tools import MEASURING, OUTLINING, PAINTING, Tool
from spineviewer.volume.cuts import CurvedCut, Cut, PlaneCut, TurnedCut

#: From the crosshair to the turning tool's handles, as a share of the view.
_HANDLE_SHARE = 0.3
#: Planes that turn are sampled so much coarser, until they rest.
_TURNING_COARSENESS = 2.0
#: Measured texts that are kept.
_MOST_TEXTS = 500


class CutView(CutMouse):
    """A picture, composed and painted when it is stale.

    Thread ownership: GUI thread.
    """

    def paintEvent(self, event: QPaintEvent) -> None:
        self._use_wanted_zoom()
        begun_s = time.perf_counter()
        is_made = self._ahead is not None and self._ahead.done()
        is_new = self._is_frame_stale and (is_made or self._turns.admits(self, is_first=self.is_active))
        if self.is_stale and (is_new or not self._is_frame_stale):
            self._compose()
        self._paint(event)
        self.finished_paints += 1
        self.painted_at_s = time.perf_counter()
        if is_new:
            self._turns.spend(self.painted_at_s - begun_s)

    def _compose(self) -> None:
        self.is_stale = False
        reading, cut = self._reading, self._cut
        if reading is None:
            return
        if self._is_frame_stale:
            self._is_frame_stale = False
            self._compose_frame(reading, cut)
        if cut is None:
            self._item.set_cross(None, ())
        else:
            at = QPointF(*cut.on_screen_mm(reading.place)) if self._is_cross_shown(reading) else None
            self._item.set_cross(at, self._cross_lines(reading))

    @property
    def is_picture_wanted(self) -> bool:
        """Whether a picture must be made before this view can be painted."""
        return self._is_frame_stale and self._ahead is None and self._cut is not None and self.isVisible()

    def compose_ahead(self, pool: Executor) -> None:
        """Have the picture made by a pool, for the paint that follows. Until the pool is done, nothing may change."""
        self._use_wanted_zoom()
        assert self._reading is not None
        assert self._cut is not None
        self._ahead = pool.submit(self._maker(self._reading, self._cut))

    def _compose_frame(self, reading: ScanState, cut: Cut | None) -> None:
        ahead, self._ahead = self._ahead, None
        part_mm, self._stale_mm = self._stale_mm, None
        if cut is None:
            self._item.set_frame(None)
            return
        frame = self._maker(reading, cut)() if ahead is None or ahead.cancel() else ahead.result()
        self._item.set_frame(frame, part_mm=part_mm)

    def _maker(self, reading: ScanState, cut: Cut) -> Callable[[], Frame]:
        """What makes the picture, in any thread, but in one at a time."""
        scene = Scene(reading, self._fusion, self._correction, self._second)
        assert isinstance(cut, (PlaneCut, TurnedCut, CurvedCut))
        pixel_mm = self._camera.mm_per_px / self.devicePixelRatioF()
        if self._turning.isActive() and not isinstance(cut, PlaneCut):
            pixel_mm = max(pixel_mm, _TURNING_COARSENESS * cut.pixel_mm)
        return lambda: self._composer.frame(scene, cut, screen_pixel_mm=pixel_mm)

    def _paint(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        if not self._item.is_filling:
            painter.fillRect(event.rect(), QColor(DARK.canvas))
        painter.setWorldTransform(self._camera.transform)
        self._item.paint(painter)
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        self._paint_over(painter)
        painter.end()

    def _paint_over(self, painter: QPainter) -> None:
        """What keeps its size on the screen, however much the picture is enlarged."""
        width, height = self.viewport().width(), self.viewport().height()
        if self.is_active:
            painter.setPen(QPen(QColor(DARK.accent), 1))
            painter.drawRect(QRectF(0.5, 0.5, width - 1, height - 1))
        if self._reading is not None:
            paint_head_up(painter, self._words, self._hover_text, (width, height))
            if self._cut is not None:
                paint_scale_bar(painter, self._camera.mm_per_px, (width, height))
                self._paint_measurements(painter)
                self._paint_brush(painter)
                self._paint_outline(painter)
                self._paint_handles(painter)
            else:
                paint_message(painter, tr(self.message), (width, height))

    def _paint_measurements(self, painter: QPainter) -> None:
        reading = self._reading
        if reading is None or reading.overlays.is_all_hidden:
            return
        width = self.viewport().width()
        taken: list[QRectF] = []
        placed = [
            (number, measurement, [self.widget_position(point) for point in measurement.points_zyx])
            for number, measurement in self._shown_measurements()
        ]
        for _, measurement, places in placed:
            paint_measurement(painter, measurement.kind, places)
        for number, measurement, places in placed:
            text = f"{number + 1}  {self._text_of(measurement, reading)}"
            if text_width(text) > width - 24:  # a narrow view leaves the extremes to the list
                text = f"{number + 1}  {tr(summary(measurement, reading.scan.geometry, reading.scan.hu))}"
            paint_words(painter, measurement.kind, places, text, width, taken=taken)
        if self._measure.points and self._measure.pending is not None:
            places = [self.widget_position(point) for point in (*self._measure.points, self._measure.pending)]
            paint_measurement(painter, MEASURING[self.tool], places, is_complete=False)

    def _text_of(self, measurement: Measurement, reading: ScanState) -> str:
        """What a measurement says; known ones are not measured again with every paint."""
        text = self._texts.get(measurement)
        if text is None:
            if len(self._texts) > _MOST_TEXTS:
                self._texts.clear()
            text = self._texts[measurement] = tr(details(measurement, reading.scan.geometry, reading.scan.hu))
        return text

    def _paint_outline(self, painter: QPainter) -> None:
        if self.tool not in OUTLINING or len(self._outline) < 2:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(MASK_COLOUR if self.tool is Tool.OUTLINE else DARK.bad)
        inside = QColor(colour)
        inside.setAlpha(50)
        painter.setBrush(inside)
        painter.setPen(QPen(colour, 1.6))
        painter.drawPolygon(self._outline)

    def _paint_handles(self, painter: QPainter) -> None:
        """What the turning tool takes hold of; anywhere else on the picture does as well."""
        reading = self._reading
        if self.tool is not Tool.TURN or reading is None:
            return
        middle = self.widget_position(reading.place)
        reach = _HANDLE_SHARE * min(self.viewport().width(), self.viewport().height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, (right, down) in self._cross_lines(reading) if self._is_measurable else ():
            for sign in (-1, 1):
                painter.setPen(QPen(QColor(0, 0, 0, 170), 3))
                painter.setBrush(QColor(colour))
                painter.drawEllipse(middle + QPointF(right, down) * (sign * reach), 5.5, 5.5)

    def _paint_brush(self, painter: QPainter) -> None:
        if self._brush_at is None or self.tool not in PAINTING or not self._is_paintable:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self._brush_px()
        colour = MASK_COLOUR if self.tool is Tool.BRUSH else DARK.bad
        for pen in (QPen(QColor(0, 0, 0, 160), 3), QPen(QColor(colour), 1.4)):
            painter.setPen(pen)
            painter.drawEllipse(self._brush_at, radius, radius)
