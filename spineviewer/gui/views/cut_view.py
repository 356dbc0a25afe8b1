"""A picture through the scan with its overlays, its words and the mouse: what all views of the scan share."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from spineviewer.app.measuring import MeasureKind, Measurement, details, summary
from spineviewer.app.state import Reading
from spineviewer.app.view_state import Zoom
from spineviewer.editing.correction import Correction
from spineviewer.gui.language import tr
from spineviewer.gui.theme import DARK, MASK_COLOUR
from spineviewer.gui.views.frame import PlaneComposer, SecondMask, ViewedFusion
from spineviewer.gui.views.head_up import HeadUp, paint_head_up, paint_message, paint_scale_bar
from spineviewer.gui.views.layers import Tables
from spineviewer.gui.views.measure_paint import paint_measurement, text_width
from spineviewer.gui.views.measure_tool import HOLD_PX, MeasureTool
from spineviewer.gui.views.plane_item import CrossLine, PlaneItem
from spineviewer.gui.views.ruled_frame import RuledComposer
from spineviewer.gui.views.text_field import TextField
from spineviewer.gui.views.tools import CORRECTING, MEASURING, OUTLINING, PAINTING, Tool
from spineviewer.volume.cuts import CurvedCut, Cut, PlaneCut, TurnedCut, is_inside
from spineviewer.volume.planes import Plane
from spineviewer.volume.turning import Turn

#: From the crosshair to the turning tool's handles, as a share of the view.
_HANDLE_SHARE = 0.3
#: Planes that turn are sampled so much coarser, until they have rested for so long.
_TURNING_COARSENESS = 2.0
_TURNING_REST_MS = 150
#: Measured texts that are kept.
_MOST_TEXTS = 500
#: A press that moves less than this many pixels is a click.
_CLICK_PX = 4
_WHEEL_STEP = 120
_FIT_PADDING = 0.02


class CutView(pg.GraphicsView):
    """A picture with its mouse. It knows what is shown and asks for changes by signals; it changes nothing itself.

    What is shown is a `Cut`; kinds of views differ in the cut that they make of a reading, and in what they write.

    Thread ownership: GUI thread.
    """

    scrolled = Signal(int)
    picked = Signal(object)
    window_dragged = Signal(float, float)
    hovered = Signal(object)
    activated = Signal()
    maximise_asked = Signal()
    stroke_begun = Signal(object)
    stroke_moved = Signal(object)
    stroke_ended = Signal()
    measured = Signal(object)
    measurement_moved = Signal(int, object)
    text_entered = Signal(int, str)
    turned = Signal(float)

    _reading: Reading | None = None  # pyqtgraph's constructor resizes before ours has run
    _is_fitted = True

    def __init__(self, plane: Plane, tables: Tables, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=DARK.canvas)
        self.plane = plane
        self.tool = Tool.WINDOW
        self.is_active = False
        self.finished_paints = 0
        self.painted_at_s = 0.0
        self._composer = PlaneComposer(plane, tables)
        self._ruled = RuledComposer(tables)
        self._cut: Cut | None = None
        self._fusion: ViewedFusion | None = None
        self._correction: Correction | None = None
        self._second: SecondMask | None = None
        self._brush_radius_mm = 4.0
        self._brush_at: QPointF | None = None
        self._is_painting = False
        self._outline: list[QPointF] = []
        self._measure = MeasureTool(self)
        self._turning = QTimer(self)
        self._turning.setSingleShot(True)
        self._turning.setInterval(_TURNING_REST_MS)
        self._turning.timeout.connect(self._come_to_rest)
        self._texts: dict[Measurement, str] = {}
        self._field: TextField | None = None
        self.is_stale = False
        self._size_mm = (1.0, 1.0)
        self._hover_text = ""
        self._words = HeadUp("")
        self.message = ""
        self._cine = ""
        self._drag_from: QPoint | None = None
        self._drag_last = QPoint()
        self._drag_button = Qt.MouseButton.NoButton
        self._is_drag_begun = False
        self._wheel_rest = 0
        self._wanted_zoom: Zoom | None = None
        self._box = pg.ViewBox(lockAspect=True, invertY=True, enableMenu=False, enableMouse=False, border=None, defaultPadding=0)
        self._box.disableAutoRange()
        self._item = PlaneItem()
        self._box.addItem(self._item, ignoreBounds=True)
        self.setCentralItem(self._box)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)
        self.setAccessibleName(tr("{name} view", name=tr(name)))
        self.setAccessibleDescription(
            tr("Wheel or arrow keys change the slice, the left button uses the tool, a click moves the crosshair.")
        )

    # what is shown

    def show_reading(self, reading: Reading | None, fusion: ViewedFusion | None, correction: Correction | None = None) -> None:
        """Show a reading. Composing waits for the next paint, so that ten changes between two paints cost one."""
        is_new_scan = reading is not None and (self._reading is None or self._reading.scan is not reading.scan)
        cut = self._cut_of(reading) if reading is not None else None
        is_turned = not is_new_scan and isinstance(cut, TurnedCut) and cut.size_mm != self._size_mm
        anchor = self.widget_position(reading.place) if is_turned and reading is not None and self._cut is not None else None
        if reading is not None and self._reading is not None and reading.turn != self._reading.turn:
            self._turning.start()
        self._reading, self._fusion, self._correction, self._cut = reading, fusion, correction, cut
        self._measure.keep_to(cut)
        self.is_stale = True
        if reading is None or is_new_scan:
            self._composer.clear()
            self._ruled.clear()
            self._texts.clear()
            self.end_text()
            self._item.set_frame(None)
            self._hover_text = ""
        if cut is not None and cut.size_mm != self._size_mm:
            self._size_mm = cut.size_mm
            self._item.set_size_mm(QSizeF(*cut.size_mm))
            if is_new_scan or (self._is_fitted and anchor is None):
                self.fit()
        elif is_new_scan:
            self.fit()
        if anchor is not None and reading is not None:
            self._hold(anchor, reading)
        if reading is not None:
            self._words = self._told(reading)
        self.viewport().update()

    def _hold(self, anchor: QPointF, reading: Reading) -> None:
        """A picture that turns, turns about the cursor: that stays where it was on the screen."""
        moved = self.widget_position(reading.place) - anchor
        mm_x, mm_y = self._box.viewPixelSize()
        self._box.translateBy(x=moved.x() * mm_x, y=moved.y() * mm_y)

    def _cut_of(self, reading: Reading) -> Cut | None:
        """What this view shows of a reading; None where it has nothing to show."""
        raise NotImplementedError

    def _head_up(self, reading: Reading) -> HeadUp:
        """What is written over the picture."""
        raise NotImplementedError

    def _cross_lines(self, reading: Reading) -> tuple[CrossLine, ...]:
        """The lines through the cursor."""
        raise NotImplementedError

    def scroll_by(self, steps: int) -> None:
        """Ask for another slice, so many further."""
        self.scrolled.emit(steps)

    @property
    def is_waiting(self) -> bool:
        """Whether the newest picture is not painted yet."""
        return self.is_stale

    @property
    def place(self) -> object:
        """Where its slice lies; equal as long as it stays."""
        return self._cut

    def set_cine(self, text: str) -> None:
        """Tell that the view runs by itself, and how fast."""
        self._cine = text
        if self._reading is not None:
            self._words = self._told(self._reading)
        self.viewport().update()

    def _told(self, reading: Reading) -> HeadUp:
        words = self._head_up(reading)
        return replace(words, left=(*words.left, self._cine)) if self._cine else words

    def drop_points(self) -> None:
        """Forget a measurement that is not complete."""
        self._measure.drop()
        self.viewport().update()

    @property
    def zoom(self) -> Zoom | None:
        """How the picture is enlarged and moved; None where it is shown whole."""
        if self._is_fitted or self._wanted_zoom is not None:
            return self._wanted_zoom
        middle = self._box.viewRect().center()
        return Zoom(middle.x(), middle.y(), float(self._box.viewPixelSize()[0]))

    def show_zoom(self, zoom: Zoom | None) -> None:
        """Enlarge and move as in a session, once there is a picture and the view has its size."""
        self._wanted_zoom = zoom
        self._is_fitted = zoom is None
        if zoom is None and self._reading is not None:
            self.fit()
        self.viewport().update()

    def _use_wanted_zoom(self) -> None:
        zoom = self._wanted_zoom
        if zoom is None or self._cut is None:
            return
        self._wanted_zoom = None
        width, height = self._box.width() * zoom.mm_per_px, self._box.height() * zoom.mm_per_px
        corner = QPointF(zoom.right_mm - width / 2, zoom.down_mm - height / 2)
        self._box.setRange(QRectF(corner, QSizeF(width, height)), padding=0)
        self._sample_anew()

    def fit(self) -> None:
        """Show the whole plane."""
        self._is_fitted = True
        self._wanted_zoom = None
        self._box.setRange(self._item.boundingRect(), padding=_FIT_PADDING)
        self._sample_anew()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Enlarge about a point of the widget (the middle if none)."""
        if self._reading is None:
            return
        width = self._box.viewRect().width()
        extent = max(self._item.boundingRect().width(), self._item.boundingRect().height())
        if (factor > 1 and width < 12) or (factor < 1 and width > 6 * extent):
            return
        self._is_fitted = False
        centre = self.mm_at(at) if at is not None else self._box.viewRect().center()
        self._box.scaleBy((1 / factor, 1 / factor), center=centre)
        self._sample_anew()

    def _come_to_rest(self) -> None:
        """Planes that have stopped turning are shown as fine as the screen can."""
        self._sample_anew()
        self.viewport().update()

    def _sample_anew(self) -> None:
        """A sampled picture is as fine as the screen shows it."""
        if not isinstance(self._cut, PlaneCut):
            self.is_stale = True

    def pan_by(self, right_px: float, down_px: float) -> None:
        """Move the picture with the hand."""
        if self._reading is None:
            return
        self._is_fitted = False
        mm_x, mm_y = self._box.viewPixelSize()
        self._box.translateBy(x=-right_px * mm_x, y=-down_px * mm_y)

    def show_slices_of(self, slices: NDArray[np.int16] | None) -> None:
        """Read the scan from a copy with this plane's axis first: the same picture, faster."""
        self._composer.set_slices(slices)

    def show_second(self, second: SecondMask | None) -> None:
        """Show the outline of another mask beside the first."""
        if second is not self._second:
            self._second = second
            self.is_stale = True
            self.viewport().update()

    def set_tool(self, tool: Tool) -> None:
        """What the left button does."""
        self.tool = tool
        self._brush_at = None
        self.drop_points()
        if self._reading is not None:
            self._words = self._told(self._reading)
        self._outline = []
        shape = Qt.CursorShape.CrossCursor if tool in (*MEASURING, *CORRECTING) else Qt.CursorShape.ArrowCursor
        if tool is Tool.TURN:
            shape = Qt.CursorShape.OpenHandCursor
        self.viewport().setCursor(Qt.CursorShape.BlankCursor if tool in PAINTING else shape)
        self.viewport().update()

    def set_brush(self, radius_mm: float) -> None:
        """How large the brush's circle is drawn."""
        self._brush_radius_mm = radius_mm
        self.viewport().update()

    def set_active(self, is_active: bool) -> None:
        """Whether the arrow keys speak to this view."""
        if is_active != self.is_active:
            self.is_active = is_active
            self.viewport().update()

    # where things are

    def mm_at(self, position: QPointF) -> QPointF:
        """Picture position (right, down) in mm under a point of the widget."""
        point: QPointF = self._box.mapSceneToView(self.mapToScene(position.toPoint()))
        return point

    def widget_position(self, index_zyx: tuple[float, float, float]) -> QPointF:
        """Where the centre of a voxel lies in the widget."""
        assert self._cut is not None
        right, down = self._cut.on_screen_mm(index_zyx)
        return QPointF(self.mapFromScene(self._box.mapViewToScene(QPointF(right, down))))

    def index_at(self, position: QPointF) -> tuple[float, float, float] | None:
        """Fractional voxel index under a point of the widget; None outside the scan."""
        if self._cut is None:
            return None
        point = self.mm_at(position)
        if not self._item.boundingRect().contains(point):
            return None
        index = self._cut.index_at((point.x(), point.y()))
        return index if is_inside(self._cut.geometry, index) else None

    # mouse

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

    def _shown_measurements(self) -> list[tuple[int, Measurement]]:
        reading, cut = self._reading, self._cut
        if reading is None or cut is None:
            return []
        return [(n, m) for n, m in enumerate(reading.measurements) if m.lies_in(cut)]

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
        return float(self._brush_radius_mm / self._box.viewPixelSize()[0])

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

    # painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_fitted and self._reading is not None:
            self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._use_wanted_zoom()
        if self.is_stale:
            self._compose()
        super().paintEvent(event)
        self.finished_paints += 1
        self.painted_at_s = time.perf_counter()

    def _compose(self) -> None:
        self.is_stale = False
        reading = self._reading
        if reading is None:
            return
        cut = self._cut
        if cut is None:
            self._item.set_frame(None)
            self._item.set_cross(None, ())
            return
        if isinstance(cut, PlaneCut):
            self._item.set_frame(self._composer.frame(reading, self._fusion, self._correction, self._second))
        elif isinstance(cut, (TurnedCut, CurvedCut)):
            pixel_mm = self._box.viewPixelSize()[0] / self.devicePixelRatioF()
            if self._turning.isActive():
                pixel_mm = max(pixel_mm, _TURNING_COARSENESS * cut.pixel_mm)
            frame, size_mm = self._ruled.frame(
                reading, cut, self._fusion, self._correction, self._second, screen_pixel_mm=pixel_mm
            )
            self._item.set_frame(frame, size_mm)
        is_cross_shown = reading.overlays.is_crosshair_shown and not reading.overlays.is_all_hidden
        self._item.set_cross(QPointF(*cut.on_screen_mm(reading.place)) if is_cross_shown else None, self._cross_lines(reading))

    @property
    def _is_paintable(self) -> bool:
        """Whether a brush has a slice to paint in."""
        return isinstance(self._cut, PlaneCut)

    @property
    def _is_measurable(self) -> bool:
        """Whether lengths in the picture are lengths in the patient."""
        return isinstance(self._cut, (PlaneCut, TurnedCut))

    @property
    def turn(self) -> Turn:
        """How the plane is turned."""
        return self._cut.turn if isinstance(self._cut, TurnedCut) else Turn()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        painter.save()
        painter.resetTransform()
        width, height = self.viewport().width(), self.viewport().height()
        if self.is_active:
            painter.setPen(QPen(QColor(DARK.accent), 1))
            painter.drawRect(QRectF(0.5, 0.5, width - 1, height - 1))
        if self._reading is not None:
            paint_head_up(painter, self._words, self._hover_text, (width, height))
            if self._cut is not None:
                paint_scale_bar(painter, self._box.viewPixelSize()[0], (width, height))
                self._paint_measurements(painter)
                self._paint_brush(painter)
                self._paint_outline(painter)
                self._paint_handles(painter)
            else:
                paint_message(painter, tr(self.message), (width, height))
        painter.restore()

    def _paint_measurements(self, painter: QPainter) -> None:
        reading = self._reading
        if reading is None or reading.overlays.is_all_hidden:
            return
        width = self.viewport().width()
        taken: list[QRectF] = []
        for number, measurement in self._shown_measurements():
            text = f"{number + 1}  {self._text_of(measurement, reading)}"
            if text_width(text) > width - 24:  # a narrow view leaves the extremes to the list
                text = f"{number + 1}  {tr(summary(measurement, reading.scan.geometry, reading.scan.hu))}"
            places = [self.widget_position(point) for point in measurement.points_zyx]
            paint_measurement(painter, measurement.kind, places, text, width, taken=taken)
        if self._measure.points and self._measure.pending is not None:
            places = [self.widget_position(point) for point in (*self._measure.points, self._measure.pending)]
            paint_measurement(painter, MEASURING[self.tool], places, "", width, is_complete=False)

    def _text_of(self, measurement: Measurement, reading: Reading) -> str:
        """What a measurement says; known ones are not measured again with every paint."""
        text = self._texts.get(measurement)
        if text is None:
            if len(self._texts) > _MOST_TEXTS:
                self._texts.clear()
            text = self._texts[measurement] = tr(details(measurement, reading.scan.geometry, reading.scan.hu))
        return text

    def ask_for_text(self, number: int) -> None:
        """Let the reader write what a measurement is called, or what a note says, where it stands."""
        if self._reading is None or self._cut is None:
            return
        measurement = self._reading.measurements[number]
        self.end_text()
        at = self.widget_position(measurement.points_zyx[-1])
        name = tr("What the note says") if measurement.kind is MeasureKind.NOTE else tr("Name of the measurement")
        self._field = TextField(measurement.text, name, at, self.viewport())
        self._field.entered.connect(lambda text: self.text_entered.emit(number, text))
        self._field.destroyed.connect(self._field_gone)

    def end_text(self) -> None:
        """Leave the text as it was, if one is being written."""
        if self._field is not None:
            self._field.finish(is_kept=False)
            self._field = None

    def _field_gone(self) -> None:
        self._field = None

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
