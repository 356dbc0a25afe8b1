"""One plane of the scan: picture, overlays, letters, scale bar, and the mouse."""

from __future__ import annotations

import math
import time
from enum import Enum
from itertools import pairwise
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QEvent, QLineF, QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QStyleOptionGraphicsItem, QWidget

from spineviewer.app.measuring import MeasureKind, Measurement, summary
from spineviewer.app.state import Reading, SlabKind
from spineviewer.editing.correction import Correction
from spineviewer.gui.theme import (
    ATTENTION_EDGE_COLOUR,
    DARK,
    MASK_COLOUR,
    MEASURE_COLOUR,
    PLANE_COLOURS,
    SECOND_MASK_COLOUR,
    tabular,
)
from spineviewer.gui.views.frame import Frame, PlaneComposer, SecondMask, Tables, ViewedFusion
from spineviewer.volume.planes import Plane

PLANE_NAMES = {Plane.AXIAL: "Axial", Plane.CORONAL: "Coronal", Plane.SAGITTAL: "Sagittal"}
#: For each plane the planes whose lines cross it: (the vertical line's, the horizontal line's).
_CROSSING = {
    Plane.AXIAL: (Plane.SAGITTAL, Plane.CORONAL),
    Plane.CORONAL: (Plane.SAGITTAL, Plane.AXIAL),
    Plane.SAGITTAL: (Plane.CORONAL, Plane.AXIAL),
}
#: A press that moves less than this many pixels is a click.
_CLICK_PX = 4
_WHEEL_STEP = 120
_FIT_PADDING = 0.02
_OBLIQUE_DEG = 5.0


class Tool(Enum):
    """What the left mouse button does."""

    WINDOW = "Window/level"
    CROSSHAIR = "Crosshair"
    PAN = "Pan"
    ZOOM = "Zoom"
    BRUSH = "Brush"
    ERASER = "Eraser"
    DISTANCE = "Distance"
    ANGLE = "Angle"
    COBB = "Cobb angle"
    REGION = "Region"


_PAINTING = (Tool.BRUSH, Tool.ERASER)
_MEASURING = {
    Tool.DISTANCE: MeasureKind.DISTANCE,
    Tool.ANGLE: MeasureKind.ANGLE,
    Tool.COBB: MeasureKind.COBB,
    Tool.REGION: MeasureKind.REGION,
}
#: How near to a point the pointer takes hold of it.
_HOLD_PX = 9


class PlaneItem(pg.GraphicsObject):
    """Paints frames in mm: x to the right, y down, the picture's upper left corner at the origin."""

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None
        self._size_mm = QSizeF(1, 1)
        self._cross_mm: QPointF | None = None
        self._cross_colours = ("#ffffff", "#ffffff")
        self._mask_lines = PrimitiveArray(QLineF, 4)
        self._attention_lines = PrimitiveArray(QLineF, 4)
        self._second_lines = PrimitiveArray(QLineF, 4)

    def set_size_mm(self, size: QSizeF) -> None:
        """The extent of the picture, voxel edge to voxel edge."""
        if size != self._size_mm:
            self.prepareGeometryChange()
            self._size_mm = size

    def set_frame(self, frame: Frame | None) -> None:
        """What to paint next."""
        self._frame = frame
        if frame is not None:
            _fill(self._mask_lines, frame.mask_outline)
            _fill(self._attention_lines, frame.attention_outline)
            _fill(self._second_lines, frame.second_outline)

    def set_cross(self, cross_mm: QPointF | None, colours: tuple[str, str]) -> None:
        """Where the other two planes cross this one; None draws nothing."""
        self._cross_mm, self._cross_colours = cross_mm, colours

    def boundingRect(self) -> QRectF:
        return QRectF(QPointF(0, 0), self._size_mm)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        frame = self._frame
        if frame is None:
            return
        rect = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rect, frame.image)
        painter.save()
        painter.scale(rect.width() / frame.image.width(), rect.height() / frame.image.height())
        self._paint_veil(painter, frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(frame.attention_outline):
            painter.setPen(_thin_pen(ATTENTION_EDGE_COLOUR, 1.0, 150))
            painter.drawLines(*self._attention_lines.drawargs())
        if len(frame.second_outline):
            painter.setPen(_thin_pen(SECOND_MASK_COLOUR, 1.5))
            painter.drawLines(*self._second_lines.drawargs())
        if len(frame.mask_outline):
            painter.setPen(_thin_pen(MASK_COLOUR, 1.5))
            painter.drawLines(*self._mask_lines.drawargs())
        painter.restore()
        self._paint_cross(painter, rect)

    def _paint_veil(self, painter: QPainter, frame: Frame) -> None:
        """Not computed is not 'no bone': a dark veil with hatching that keeps its size on the screen."""
        if not frame.veiled_columns:
            return
        hatch = QBrush(QColor(150, 175, 205, 70), Qt.BrushStyle.BDiagPattern)
        inverse, possible = painter.worldTransform().inverted()
        if possible:
            hatch.setTransform(QTransform.fromScale(inverse.m11(), inverse.m22()))
        for first, end in frame.veiled_columns:
            columns = QRectF(first, 0, end - first, frame.image.height())
            painter.fillRect(columns, QColor(16, 24, 36, 60))
            painter.fillRect(columns, hatch)

    def _paint_cross(self, painter: QPainter, rect: QRectF) -> None:
        if self._cross_mm is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        x, y = self._cross_mm.x(), self._cross_mm.y()
        scale = painter.worldTransform().m11()
        gap = 14 / scale if scale > 0 else 0  # the point itself stays free to be looked at
        for colour, near, far, is_vertical in (
            (self._cross_colours[0], rect.top(), rect.bottom(), True),
            (self._cross_colours[1], rect.left(), rect.right(), False),
        ):
            painter.setPen(_thin_pen(colour, 1.0, 170))
            middle = y if is_vertical else x
            for start, stop in ((near, middle - gap), (middle + gap, far)):
                if stop > start:
                    painter.drawLine(QLineF(x, start, x, stop) if is_vertical else QLineF(start, y, stop, y))


class SliceView(pg.GraphicsView):
    """A plane with its mouse. It knows what is shown and asks for changes by signals; it changes nothing itself.

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

    _reading: Reading | None = None  # pyqtgraph's constructor resizes before ours has run
    _is_fitted = True

    def __init__(self, plane: Plane, tables: Tables, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=DARK.canvas)
        self.plane = plane
        self.tool = Tool.WINDOW
        self.is_active = False
        self.finished_paints = 0
        self.painted_at_s = 0.0
        self._composer = PlaneComposer(plane, tables)
        self._fusion: ViewedFusion | None = None
        self._correction: Correction | None = None
        self._second: SecondMask | None = None
        self._brush_radius_mm = 4.0
        self._brush_at: QPointF | None = None
        self._is_painting = False
        self._points: list[tuple[float, float, float]] = []
        self._pending: tuple[float, float, float] | None = None
        self._held: tuple[int, int] | None = None
        self.is_stale = False
        self._hover_text = ""
        self._hud_left: tuple[str, ...] = ()
        self._hud_right: tuple[str, ...] = ()
        self._letters: tuple[str, ...] = ()
        self._drag_from: QPoint | None = None
        self._drag_last = QPoint()
        self._drag_button = Qt.MouseButton.NoButton
        self._is_drag_begun = False
        self._wheel_rest = 0
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
        self.setAccessibleName(f"{PLANE_NAMES[plane]} view")
        self.setAccessibleDescription(
            "Wheel or arrow keys change the slice, the left button uses the tool, a click moves the crosshair."
        )

    # what is shown

    def show_reading(self, reading: Reading | None, fusion: ViewedFusion | None, correction: Correction | None = None) -> None:
        """Show a reading. Composing waits for the next paint, so that ten changes between two paints cost one."""
        is_new_scan = reading is not None and (self._reading is None or self._reading.scan is not reading.scan)
        if self._points and not self._is_same_slice(reading):
            self.drop_points()
        self._reading, self._fusion, self._correction = reading, fusion, correction
        self.is_stale = True
        if reading is None:
            self._composer.clear()
            self._item.set_frame(None)
        elif is_new_scan:
            self._composer.clear()
            height_mm, width_mm = self.plane.rows_columns_mm(reading.scan.geometry)
            self._item.set_size_mm(QSizeF(width_mm, height_mm))
            self._hover_text = ""
            known = reading.scan.source.is_orientation_known
            self._letters = self.plane.edge_letters(reading.scan.geometry) if known else ()
            self.fit()
        if reading is not None:
            self._write_hud(reading)
        self.viewport().update()

    def drop_points(self) -> None:
        """Forget a measurement that is not complete."""
        self._points.clear()
        self._pending = None
        self.viewport().update()

    def _is_same_slice(self, reading: Reading | None) -> bool:
        before, cut = self._reading, self.plane.value
        if reading is None or before is None or reading.scan is not before.scan:
            return False
        return reading.cursor_zyx[cut] == before.cursor_zyx[cut]

    def fit(self) -> None:
        """Show the whole plane."""
        self._is_fitted = True
        self._box.setRange(self._item.boundingRect(), padding=_FIT_PADDING)

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
        shape = Qt.CursorShape.CrossCursor if tool in _MEASURING else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(Qt.CursorShape.BlankCursor if tool in _PAINTING else shape)
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
        assert self._reading is not None
        right, down = self.plane.screen_mm_from_index(self._reading.scan.geometry, index_zyx)
        return QPointF(self.mapFromScene(self._box.mapViewToScene(QPointF(right, down))))

    def index_at(self, position: QPointF) -> tuple[float, float, float] | None:
        """Fractional voxel index under a point of the widget; None outside the scan."""
        if self._reading is None:
            return None
        point = self.mm_at(position)
        if not self._item.boundingRect().contains(point):
            return None
        cut = float(self._reading.cursor_zyx[self.plane.value])
        return self.plane.index_from_screen_mm(self._reading.scan.geometry, (point.x(), point.y()), cut)

    # mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        if self._drag_from is None and self._reading is not None:
            self._drag_from = self._drag_last = event.position().toPoint()
            self._drag_button = event.button()
            self._is_drag_begun = False
            if self.tool in _PAINTING and event.button() is Qt.MouseButton.LeftButton:
                self._is_painting = True
                self._is_drag_begun = True
                self.stroke_begun.emit(self.index_at(event.position()))
            if self.tool in _MEASURING and event.button() is Qt.MouseButton.LeftButton:
                self._press_measure(event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        here = position.toPoint()
        self._move_brush(position)
        if self._is_painting:
            self._hover(position)
            self.stroke_moved.emit(self.index_at(position))
            event.accept()
            return
        if self._held is not None or self._points:
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
                self.stroke_ended.emit()
            elif self.tool in _MEASURING and self._drag_button is Qt.MouseButton.LeftButton:
                self._release_measure(event.position())
            elif not self._is_drag_begun and self._drag_button is Qt.MouseButton.LeftButton:
                self._pick(event.position())
            self._drag_from = None
            self._drag_button = Qt.MouseButton.NoButton
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.tool in _PAINTING or self.tool in _MEASURING:
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
                self.scrolled.emit(steps)
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
        elif button is Qt.MouseButton.LeftButton and tool is Tool.CROSSHAIR:
            self._pick(position)
        elif button is Qt.MouseButton.LeftButton and tool is Tool.WINDOW:
            self.window_dragged.emit(float(step.x()), float(step.y()))

    def _press_measure(self, position: QPointF) -> None:
        """Take hold of a point that is there, or set the next one."""
        self._held = None if self._points else self._point_near(position)
        index = self.index_at(position)
        if self._held is None and index is not None:
            self._points.append(index)
            self._pending = index
            self._finish_measure()
        self.viewport().update()

    def _move_measure(self, position: QPointF) -> None:
        index = self.index_at(position)
        if index is None or self._reading is None:
            return
        if self._held is not None and self._drag_from is not None:
            number, point = self._held
            moved = self._reading.measurements[number].with_point(point, index)
            self.measurement_moved.emit(number, moved)
        else:
            self._pending = index
        self.viewport().update()

    def _release_measure(self, position: QPointF) -> None:
        """A drag sets its end point too; a click alone does not."""
        index = self.index_at(position)
        if self._held is not None:
            self._held = None
        elif self._is_drag_begun and index is not None and self._points:
            self._points.append(index)
            self._finish_measure()

    def _finish_measure(self) -> None:
        kind = _MEASURING[self.tool]
        if len(self._points) == kind.point_count:
            points = tuple(self._points)
            self._points.clear()
            self._pending = None
            self.measured.emit(Measurement(kind, self.plane, points))

    def _point_near(self, position: QPointF) -> tuple[int, int] | None:
        """Number of the measurement and of its point under the pointer."""
        for number, measurement in self._shown_measurements():
            for point, index in enumerate(measurement.points_zyx):
                apart = self.widget_position(index) - position
                if math.hypot(apart.x(), apart.y()) <= _HOLD_PX:
                    return number, point
        return None

    def _shown_measurements(self) -> list[tuple[int, Measurement]]:
        reading = self._reading
        if reading is None:
            return []
        cut = reading.cursor_zyx[self.plane.value]
        return [(n, m) for n, m in enumerate(reading.measurements) if m.lies_in(self.plane, cut)]

    def _move_brush(self, position: QPointF) -> None:
        if self.tool not in _PAINTING:
            return
        reach = self._brush_px() + 4
        for place in (self._brush_at, position):
            if place is not None:
                self.viewport().update(QRectF(place.x() - reach, place.y() - reach, 2 * reach, 2 * reach).toAlignedRect())
        self._brush_at = position

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
        self._item.set_frame(self._composer.frame(reading, self._fusion, self._correction, self._second))
        right, down = self.plane.screen_mm_from_index(reading.scan.geometry, reading.cursor_zyx)
        vertical, horizontal = _CROSSING[self.plane]
        is_cross_shown = reading.overlays.is_crosshair_shown and not reading.overlays.is_all_hidden
        self._item.set_cross(
            QPointF(right, down) if is_cross_shown else None, (PLANE_COLOURS[vertical.name], PLANE_COLOURS[horizontal.name])
        )

    def _write_hud(self, reading: Reading) -> None:
        geometry = reading.scan.geometry
        cut = self.plane.value
        name = PLANE_NAMES[self.plane]
        if reading.scan.source.is_orientation_known and geometry.obliquity_deg > _OBLIQUE_DEG:
            name = f"{name}, oblique {geometry.obliquity_deg:.0f}°"
        note = "attention over all slices" if _is_aggregated(reading, self._fusion) else ""
        position = reading.slice_position_mm(self.plane)
        letter = {Plane.AXIAL: "IS", Plane.CORONAL: "AP", Plane.SAGITTAL: "RL"}[self.plane][int(position >= 0)]
        where = f"{letter} {abs(position):.1f} mm" if reading.scan.source.is_orientation_known else f"{position:.1f} mm"
        slab = reading.slab
        thick = f"{slab.kind.value} {slab.thickness_mm:.0f} mm" if slab.kind is not SlabKind.SLICE else ""
        self._hud_left = tuple(line for line in (name, thick, note) if line)
        self._hud_right = (
            f"{reading.cursor_zyx[cut] + 1} / {geometry.shape_zyx[cut]}",
            where,
            f"slice {geometry.spacing_zyx_mm[cut]:.3g} mm",
        )

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        width, height = self.viewport().width(), self.viewport().height()
        if self.is_active:
            painter.setPen(QPen(QColor(DARK.accent), 1))
            painter.drawRect(QRectF(0.5, 0.5, width - 1, height - 1))
        if self._reading is not None:
            self._paint_texts(painter, width, height)
            self._paint_letters(painter, width, height)
            self._paint_scale_bar(painter, width, height)
            self._paint_measurements(painter)
            self._paint_brush(painter)
        painter.restore()

    def _paint_measurements(self, painter: QPainter) -> None:
        reading = self._reading
        if reading is None or reading.overlays.is_all_hidden:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tabular(12, QFont.Weight.Medium))
        for number, measurement in self._shown_measurements():
            text = summary(measurement, reading.scan.geometry, reading.scan.hu)
            self._paint_measurement(painter, measurement.kind, list(measurement.points_zyx), f"{number + 1}  {text}")
        if self._points and self._pending is not None:
            self._paint_measurement(painter, _MEASURING[self.tool], [*self._points, self._pending], "")

    def _paint_measurement(
        self, painter: QPainter, kind: MeasureKind, points_zyx: list[tuple[float, float, float]], text: str
    ) -> None:
        places = [self.widget_position(point) for point in points_zyx]
        for pen in (QPen(QColor(0, 0, 0, 170), 3.2), QPen(QColor(MEASURE_COLOUR), 1.5)):
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if kind is MeasureKind.REGION and len(places) == 2:
                painter.drawEllipse(QRectF(places[0], places[1]).normalized())
            elif kind is MeasureKind.COBB:
                for first, second in zip(places[::2], places[1::2], strict=False):
                    painter.drawLine(first, second)
            else:
                for first, second in pairwise(places):
                    painter.drawLine(first, second)
        painter.setPen(QPen(QColor(0, 0, 0, 170), 1))
        painter.setBrush(QColor(MEASURE_COLOUR))
        for place in places:
            painter.drawEllipse(place, 3.2, 3.2)
        if text:
            at = max(places, key=lambda place: place.x()) + QPointF(9, -6)
            width = QFontMetricsF(painter.font()).horizontalAdvance(text)
            at.setX(min(at.x(), self.viewport().width() - width - 8))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 150))
            painter.drawRoundedRect(QRectF(at.x() - 5, at.y() - 13, width + 10, 18), 4, 4)
            _shadowed(painter, at, text, MEASURE_COLOUR)

    def _paint_brush(self, painter: QPainter) -> None:
        if self._brush_at is None or self.tool not in _PAINTING:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self._brush_px()
        colour = MASK_COLOUR if self.tool is Tool.BRUSH else DARK.bad
        for pen in (QPen(QColor(0, 0, 0, 160), 3), QPen(QColor(colour), 1.4)):
            painter.setPen(pen)
            painter.drawEllipse(self._brush_at, radius, radius)

    def _paint_texts(self, painter: QPainter, width: int, height: int) -> None:
        reading = self._reading
        assert reading is not None
        font = tabular(12)
        line = 17
        chip = QColor(PLANE_COLOURS[self.plane.name])
        painter.fillRect(QRectF(10, 12, 3, 13), chip)
        for row, text in enumerate(self._hud_left):
            font.setWeight(QFont.Weight.DemiBold if row == 0 else QFont.Weight.Normal)
            painter.setFont(font)
            _shadowed(painter, QPointF(19, 23 + row * line), text, DARK.text if row == 0 else ATTENTION_EDGE_COLOUR)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        if height > 150 and width > 230:
            for row, text in enumerate(self._hud_right):
                _shadowed(
                    painter,
                    QPointF(width - 10 - metrics.horizontalAdvance(text), 23 + row * line),
                    text,
                    DARK.text if row == 0 else DARK.quiet,
                )
            window = f"W {reading.window.width_hu:.0f}  L {reading.window.level_hu:.0f}"
            _shadowed(painter, QPointF(10, height - 12), window, DARK.quiet)
        if self._hover_text:
            _shadowed(painter, QPointF(10, height - 12 - line), self._hover_text, DARK.text)

    def _paint_letters(self, painter: QPainter, width: int, height: int) -> None:
        if not self._letters:
            return
        font = tabular(15, QFont.Weight.DemiBold)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        left, right, top, bottom = self._letters
        middle_y = height / 2 + metrics.capHeight() / 2
        for text, x, y in (
            (left, 10.0, middle_y),
            (right, width - 10 - metrics.horizontalAdvance(right), middle_y),
            (top, (width - metrics.horizontalAdvance(top)) / 2, 25.0),
            (bottom, (width - metrics.horizontalAdvance(bottom)) / 2, height - 12.0),
        ):
            back = QRectF(x - 4, y - metrics.capHeight() - 4, metrics.horizontalAdvance(text) + 8, metrics.capHeight() + 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 120))  # a crosshair line may run behind it
            painter.drawRoundedRect(back, 4, 4)
            _shadowed(painter, QPointF(x, y), text, "#ffd98a")

    def _paint_scale_bar(self, painter: QPainter, width: int, height: int) -> None:
        mm_per_px = self._box.viewPixelSize()[0]
        length_mm, label = scale_bar(mm_per_px, min(120.0, width * 0.25))
        if not length_mm:
            return
        length = length_mm / mm_per_px
        right, y = width - 12.0, height - 13.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for pen, shift in ((QPen(QColor(0, 0, 0, 190), 3), 0), (QPen(QColor(DARK.text), 1), 0)):
            painter.setPen(pen)
            painter.drawLine(QLineF(right - length, y + shift, right, y + shift))
            painter.drawLine(QLineF(right - length, y - 4, right - length, y))
            painter.drawLine(QLineF(right, y - 4, right, y))
        font = tabular(11)
        painter.setFont(font)
        _shadowed(painter, QPointF(right - (length + QFontMetricsF(font).horizontalAdvance(label)) / 2, y - 7), label, DARK.quiet)


def scale_bar(mm_per_px: float, longest_px: float) -> tuple[float, str]:
    """Length in mm and label of the longest round bar (1, 2, 5 or 10 times a power of ten) that fits; (0, '') if none does."""
    if not math.isfinite(mm_per_px) or mm_per_px <= 0 or longest_px <= 0:
        return 0.0, ""
    room_mm = mm_per_px * longest_px
    power = 10.0 ** math.floor(math.log10(room_mm))
    length = next(step * power for step in (5.0, 2.0, 1.0) if step * power <= room_mm)
    return length, f"{length / 10:g} cm" if length >= 10 else f"{length:g} mm"


def _is_aggregated(reading: Reading, fusion: ViewedFusion | None) -> bool:
    shown = reading.overlays
    return fusion is not None and shown.is_heat_shown and shown.is_heat_aggregated and not shown.is_all_hidden


def _fill(lines: Any, segments: NDArray[np.float64]) -> None:
    lines.resize(len(segments))
    lines.ndarray()[:] = segments


def _thin_pen(colour: str, width_px: float, alpha: int = 255) -> QPen:
    ink = QColor(colour)
    ink.setAlpha(alpha)
    pen = QPen(ink, width_px)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # overlapping ends would show as beads
    return pen


def _shadowed(painter: QPainter, at: QPointF, text: str, colour: str) -> None:
    painter.setPen(QColor(0, 0, 0, 210))
    painter.drawText(at + QPointF(1, 1), text)
    painter.setPen(QColor(colour))
    painter.drawText(at, text)
