"""What the mouse does on a picture through the scan."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from spineviewer.app.measuring import Measurement
from spineviewer.gui.views.cut_picture import CutPicture
from spineviewer.gui.views.measure_tool import HOLD_PX
from spineviewer.gui.views.tools import CORRECTING, MEASURING, OUTLINING, PAINTING, Tool

#: A press that moves less than this many pixels is a click.
_CLICK_PX = 4
_WHEEL_STEP = 120


class CutMouse(CutPicture):
    """A picture with its mouse: what is pulled, pressed and turned becomes a signal.

    Thread ownership: GUI thread.
    """

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        if self._drag_from is None and self._reading is not None:
            self._drag_from = self._drag_last = event.position().toPoint()
            self._drag_button = event.button()
            self._is_drag_begun = False
            if self._is_paintable and self.tool in CORRECTING and event.button() is Qt.MouseButton.LeftButton:
                self._is_painting = True
                self._outline = [event.position()]
                self._is_drag_begun = True
                self.stroke_begun.emit(self.index_at(event.position()))
            if self._is_measurable and self.tool in MEASURING and event.button() is Qt.MouseButton.LeftButton:
                self._press_measure(event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        here = position.toPoint()
        self._move_brush(position)
        if self._is_painting:
            self._hover(position)
            self._draw_outline(position)
            self.stroke_moved.emit(self.index_at(position))
            event.accept()
            return
        if self._measure.is_busy:
            self._move_measure(position)
        if self._drag_from is None:
            self._hover(position)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._pick(position)
            event.accept()
            return
        if not self._is_drag_begun and (here - self._drag_from).manhattanLength() >= _CLICK_PX:
            self._is_drag_begun = True
        if self._is_drag_begun:
            step = here - self._drag_last
            self._drag_last = here
            self._drag(step, position)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is self._drag_button and self._drag_from is not None:
            if self._is_painting:
                self._is_painting = False
                self._outline = []
                self.stroke_ended.emit()
                self.viewport().update()
            elif self._is_measurable and self.tool in MEASURING and self._drag_button is Qt.MouseButton.LeftButton:
                self._release_measure(event.position())
            elif not self._is_drag_begun and self._drag_button is Qt.MouseButton.LeftButton:
                self._pick(event.position())
            self._drag_from = None
            self._drag_button = Qt.MouseButton.NoButton
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        is_left = event.button() is Qt.MouseButton.LeftButton
        polygon = self._measure.closed(MEASURING[self.tool]) if is_left and self.tool in MEASURING else None
        if polygon is not None:
            self._tell_measured(polygon)
        elif self.tool in CORRECTING or self.tool in MEASURING:
            self.mousePressEvent(event)  # two dabs in quick succession are no double-click
        elif event.button() is Qt.MouseButton.LeftButton:
            self.maximise_asked.emit()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.activated.emit()
        turned = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1.0015**turned, event.position())
        else:
            self._wheel_rest += turned
            steps = int(self._wheel_rest / _WHEEL_STEP)
            self._wheel_rest -= steps * _WHEEL_STEP
            if steps:
                self.scroll_by(steps)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # keys are actions of the window

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        self._brush_at = None
        self.viewport().update()
        self._set_hover_text("")
        self.hovered.emit(None)

    def _drag(self, step: QPoint, position: QPointF) -> None:
        button, tool = self._drag_button, self.tool
        if button is Qt.MouseButton.MiddleButton or (button is Qt.MouseButton.LeftButton and tool is Tool.PAN):
            self.pan_by(step.x(), step.y())
        elif button is Qt.MouseButton.RightButton or (button is Qt.MouseButton.LeftButton and tool is Tool.ZOOM):
            start = QPointF(self._drag_from) if self._drag_from is not None else position
            self.zoom_by(1.008 ** -step.y(), start)
        elif button is Qt.MouseButton.LeftButton and tool is Tool.TURN:
            self._turn(step, position)
        elif button is Qt.MouseButton.LeftButton and tool is Tool.CROSSHAIR:
            self._pick(position)
        elif button is Qt.MouseButton.LeftButton and tool is Tool.WINDOW:
            self.window_dragged.emit(float(step.x()), float(step.y()))

    def _turn(self, step: QPoint, position: QPointF) -> None:
        """The lines follow the pointer round the cursor."""
        if self._reading is None or self._cut is None:
            return
        middle = self.widget_position(self._reading.place)
        now, before = position - middle, position - QPointF(step) - middle
        if min(math.hypot(now.x(), now.y()), math.hypot(before.x(), before.y())) < HOLD_PX:
            return
        degrees = math.degrees(math.atan2(now.y(), now.x()) - math.atan2(before.y(), before.x()))
        self.turned.emit((degrees + 180) % 360 - 180)

    def _press_measure(self, position: QPointF) -> None:
        self._tell_measured(self._measure.press(position, MEASURING[self.tool], self._shown_measurements()))
        self.viewport().update()

    def _move_measure(self, position: QPointF) -> None:
        if self._reading is not None:
            is_pressed = self._drag_from is not None
            moved = self._measure.move(position, self._reading.measurements, is_pressed=is_pressed)
            if moved is not None:
                self.measurement_moved.emit(*moved)
            self.viewport().update()

    def _release_measure(self, position: QPointF) -> None:
        self._tell_measured(self._measure.release(position, MEASURING[self.tool], was_dragged=self._is_drag_begun))

    def _tell_measured(self, measurement: Measurement | None) -> None:
        if measurement is not None:
            self.measured.emit(measurement)

    def _move_brush(self, position: QPointF) -> None:
        if self.tool not in PAINTING or not self._is_paintable:
            return
        reach = self._brush_px() + 4
        for place in (self._brush_at, position):
            if place is not None:
                self.viewport().update(QRectF(place.x() - reach, place.y() - reach, 2 * reach, 2 * reach).toAlignedRect())
        self._brush_at = position

    def _draw_outline(self, position: QPointF) -> None:
        if self.tool in OUTLINING:
            self._outline.append(position)
            self.viewport().update()

    def _brush_px(self) -> float:
        return self._brush_radius_mm / self._camera.mm_per_px

    def _pick(self, position: QPointF) -> None:
        index = self.index_at(position)
        if index is not None:
            self.picked.emit(index)

    def _hover(self, position: QPointF) -> None:
        index = self.index_at(position)
        reading = self._reading
        if index is None or reading is None:
            self._set_hover_text("")
            self.hovered.emit(None)
            return
        shape = reading.scan.geometry.shape_zyx
        z, y, x = (min(max(round(i), 0), n - 1) for i, n in zip(index, shape, strict=True))
        self._set_hover_text(f"{int(reading.scan.hu[z, y, x])} HU")
        self.hovered.emit((z, y, x))

    def _set_hover_text(self, text: str) -> None:
        if text != self._hover_text:
            self._hover_text = text
            self.viewport().update(0, self.height() - 64, 130, 64)
