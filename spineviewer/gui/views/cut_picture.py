"""A picture through the scan: what it shows, and where things lie in it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMarginsF, QPoint, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from spineviewer.app.measuring import MeasureKind, Measurement
from spineviewer.app.state import ScanState
from spineviewer.app.view_state import Zoom
from spineviewer.editing.correction import Correction
from spineviewer.gui.language import tr
from spineviewer.gui.views.camera import Camera
from spineviewer.gui.views.composer import Composer, Frame
from spineviewer.gui.views.head_up import HeadUp
from spineviewer.gui.views.measure_tool import MeasureTool
from spineviewer.gui.views.plane_item import CrossLine, PlaneItem
from spineviewer.gui.views.scene import SecondMask, ViewedFusion
from spineviewer.gui.views.text_field import TextField
from spineviewer.gui.views.tools import CORRECTING, MEASURING, PAINTING, Tool
from spineviewer.gui.views.turns import Turns
from spineviewer.volume.cuts import Cut, PlaneCut, TurnedCut, is_inside
from spineviewer.volume.geometry import Box
from spineviewer.volume.planes import Plane
from spineviewer.volume.turning import Turn

#: Planes that turn are shown as fine as the screen can once they have rested for so long.
_TURNING_REST_MS = 150
_FIT_PADDING = 0.02
#: What a line of the crosshair may cover to either side of its middle.
_CROSS_REACH_PX = 2
#: Beside a part of a picture that is painted anew; more than what it is drawn anew with.
_PART_EDGE_PX = 4


class CutPicture(QAbstractScrollArea):
    """What a view shows, and where it lies on the screen. It asks for changes by signals; it changes nothing itself.

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

    def __init__(self, plane: Plane, turns: Turns, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.plane = plane
        self.tool = Tool.WINDOW
        self.is_active = False
        self.finished_paints = 0
        self.painted_at_s = 0.0
        self._composer = Composer()
        self._turns = turns
        turns.admitted.connect(self._admitted)
        self._reading: ScanState | None = None
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
        self.is_stale = self._is_frame_stale = False
        self._ahead: Future[Frame] | None = None
        self._stale_mm: QRectF | None = None
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
        self._item = PlaneItem()
        self._camera = Camera(self._item.rect_mm, QSizeF(1, 1))
        self._is_fitted = True
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)
        self.setAccessibleName(tr("{name} view", name=tr(name)))
        self.setAccessibleDescription(
            tr("Wheel or arrow keys change the slice, the left button uses the tool, a click moves the crosshair.")
        )

    # what is shown

    def show_reading(self, reading: ScanState | None, fusion: ViewedFusion | None, correction: Correction | None = None) -> None:
        """Show a reading. Composing waits for the next paint, so that ten changes between two paints cost one."""
        if reading is not None and self._has_same_picture(reading, fusion, correction):
            self._move_cross(reading)
            return
        box = self._box_painted(reading, fusion, correction) if reading is not None else None
        if box is not None:
            self._reading = reading
            self._show_box(box)
            return
        is_tuned = self._is_only_tuned(reading, fusion)
        is_new_scan = reading is not None and (self._reading is None or self._reading.scan is not reading.scan)
        cut = self._cut_of(reading) if reading is not None else None
        is_turned = not is_new_scan and isinstance(cut, TurnedCut) and cut.size_mm != self._size_mm
        anchor = self.widget_position(reading.place) if is_turned and reading is not None and self._cut is not None else None
        if reading is not None and self._reading is not None and reading.turn != self._reading.turn:
            self._turning.start()
        self._reading, self._fusion, self._correction, self._cut = reading, fusion, correction, cut
        self._measure.keep_to(cut)
        self._make_stale()
        if reading is None or is_new_scan:
            self._composer.clear()
            self._texts.clear()
            self.end_text()
            self._item.set_frame(None)
            self._hover_text = ""
            self._turns.close()  # opening a scan fills a turn
        if cut is not None and cut.size_mm != self._size_mm:
            self._size_mm = cut.size_mm
            self._item.set_size_mm(QSizeF(*cut.size_mm))
            if is_new_scan or (self._is_fitted and anchor is None):
                self.fit()
        elif is_new_scan:
            self.fit()
        if anchor is not None and reading is not None:
            self._hold(anchor, reading)
        if reading is not None and not is_tuned:
            self._words = self._told(reading)
        self.viewport().update()

    def _is_only_tuned(self, reading: ScanState | None, fusion: ViewedFusion | None) -> bool:
        """Whether a slider of the tuning has moved since the reading that is shown, and nothing else: no word tells of it."""
        before = self._reading
        if reading is None or before is None or reading.scan is not before.scan or fusion is not self._fusion:
            return False
        return reading == replace(before, tuning=reading.tuning)

    def _has_same_picture(self, reading: ScanState, fusion: ViewedFusion | None, correction: Correction | None) -> bool:
        """Whether a reading differs from the one that is shown in nothing but where the crosshair lies in this slice."""
        before = self._reading
        return (
            before is not None
            and self._cut is not None
            and reading.is_moved_from(before)
            and fusion is self._fusion
            and correction is self._correction
            and self.tool is not Tool.TURN
            and self._cut_of(reading) == self._cut
        )

    def _move_cross(self, reading: ScanState) -> None:
        """Only the lines are painted anew: where they were, and where they are."""
        if self._is_cross_shown(reading):
            self.is_stale = True
            self._update_cross()
        self._reading = reading
        if self._is_cross_shown(reading):
            self._update_cross()

    def _box_painted(self, reading: ScanState, fusion: ViewedFusion | None, correction: Correction | None) -> Box | None:
        """The voxels that a stroke has changed, where a reading differs from the one that is shown in nothing else."""
        before = self._reading
        if before is None or correction is None or reading.correction_revision == before.correction_revision:
            return None
        is_stroke_alone = (
            isinstance(self._cut, PlaneCut)
            and fusion is self._fusion
            and correction is self._correction
            and reading == replace(before, correction_revision=reading.correction_revision)
        )
        return correction.painted_since(before.correction_revision) if is_stroke_alone else None

    def _show_box(self, box: Box) -> None:
        """Only the part of the picture in which voxels have changed is composed and painted anew."""
        cut = self._cut
        assert isinstance(cut, PlaneCut)
        across = box[self.plane.value]
        if not across.start <= cut.slice_index < across.stop:
            return
        z, y, x = ((side.start - 1.0, float(side.stop)) for side in box)  # an outline lies on the edge of the voxel beside
        first, last = (z[0], y[0], x[0]), (z[1], y[1], x[1])
        part_mm = QRectF(QPointF(*cut.on_screen_mm(first)), QPointF(*cut.on_screen_mm(last))).normalized()
        if not self._is_frame_stale:
            self._stale_mm = part_mm
        elif self._stale_mm is not None:
            self._stale_mm = self._stale_mm.united(part_mm)
        self._frame_is_stale()
        part_px = QRectF(self.widget_position(first), self.widget_position(last)).normalized().toAlignedRect()
        self.viewport().update(part_px.adjusted(-_PART_EDGE_PX, -_PART_EDGE_PX, _PART_EDGE_PX, _PART_EDGE_PX))

    def _make_stale(self) -> None:
        """All of the picture is to be composed anew."""
        self._frame_is_stale()
        self._stale_mm = None

    def _frame_is_stale(self) -> None:
        self.is_stale = self._is_frame_stale = True
        self._ahead = None

    @staticmethod
    def _is_cross_shown(reading: ScanState) -> bool:
        return reading.overlays.is_crosshair_shown and not reading.overlays.is_all_hidden

    def _update_cross(self) -> None:
        assert self._reading is not None
        viewport = self.viewport()
        if not self._reading.turn.is_straight:  # the lines may run in any direction
            viewport.update()
            return
        at = self.widget_position(self._reading.place).toPoint()
        viewport.update(at.x() - _CROSS_REACH_PX, 0, 2 * _CROSS_REACH_PX + 1, viewport.height())
        viewport.update(0, at.y() - _CROSS_REACH_PX, viewport.width(), 2 * _CROSS_REACH_PX + 1)

    def _hold(self, anchor: QPointF, reading: ScanState) -> None:
        """A picture that turns, turns about the cursor: that stays where it was on the screen."""
        self._look(self._camera.moved(anchor - self.widget_position(reading.place)))

    def _cut_of(self, reading: ScanState) -> Cut | None:
        """What this view shows of a reading; None where it has nothing to show."""
        raise NotImplementedError

    def _head_up(self, reading: ScanState) -> HeadUp:
        """What is written over the picture."""
        raise NotImplementedError

    def _cross_lines(self, reading: ScanState) -> tuple[CrossLine, ...]:
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

    def _told(self, reading: ScanState) -> HeadUp:
        words = self._head_up(reading)
        return replace(words, left=(*words.left, self._cine)) if self._cine else words

    @property
    def is_drawing(self) -> bool:
        """Whether a measurement or its text is half done."""
        return bool(self._measure.points) or self._field is not None

    def drop_points(self) -> None:
        """Forget a measurement that is not complete."""
        self._measure.drop()
        self.viewport().update()

    @property
    def zoom(self) -> Zoom | None:
        """How the picture is enlarged and moved; None where it is shown whole."""
        if self._is_fitted or self._wanted_zoom is not None:
            return self._wanted_zoom
        middle = self._camera.shown_mm.center()
        return Zoom(middle.x(), middle.y(), self._camera.mm_per_px)

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
        size = self._camera.size_px * zoom.mm_per_px
        corner = QPointF(zoom.right_mm - size.width() / 2, zoom.down_mm - size.height() / 2)
        self._look(replace(self._camera, part_mm=QRectF(corner, size)))
        self._sample_anew()

    def fit(self) -> None:
        """Show the whole plane."""
        self._is_fitted = True
        self._wanted_zoom = None
        whole = self._item.rect_mm
        right, down = whole.width() * _FIT_PADDING, whole.height() * _FIT_PADDING
        self._look(replace(self._camera, part_mm=whole.marginsAdded(QMarginsF(right, down, right, down))))
        self._sample_anew()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Enlarge about a point of the widget (the middle if none)."""
        if self._reading is None:
            return
        width = self._camera.shown_mm.width()
        extent = max(self._item.rect_mm.width(), self._item.rect_mm.height())
        if (factor > 1 and width < 12) or (factor < 1 and width > 6 * extent):
            return
        self._is_fitted = False
        self._look(self._camera.enlarged(factor, self.mm_at(at) if at is not None else self._camera.shown_mm.center()))
        self._sample_anew()

    def _admitted(self, view: object) -> None:
        if view is self:
            self.viewport().update()

    def _look(self, camera: Camera) -> None:
        self._camera = camera
        self.viewport().update()

    def _come_to_rest(self) -> None:
        """Planes that have stopped turning are shown as fine as the screen can."""
        self._sample_anew()
        self.viewport().update()

    def _sample_anew(self) -> None:
        """A sampled picture is as fine as the screen shows it."""
        if not isinstance(self._cut, PlaneCut):
            self._make_stale()

    def pan_by(self, right_px: float, down_px: float) -> None:
        """Move the picture with the hand."""
        if self._reading is None:
            return
        self._is_fitted = False
        self._look(self._camera.moved(QPointF(right_px, down_px)))

    def show_slices_of(self, slices: NDArray[np.int16] | None) -> None:
        """Read the scan from a copy with this plane's axis first: the same picture, faster."""
        self._composer.scan.use_copy(slices)

    def show_second(self, second: SecondMask | None) -> None:
        """Show the outline of another mask beside the first."""
        if second is not self._second:
            self._second = second
            self._make_stale()
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
        return self._camera.mm_at(position)

    def widget_position(self, index_zyx: tuple[float, float, float]) -> QPointF:
        """Where the centre of a voxel lies in the widget."""
        assert self._cut is not None
        right, down = self._cut.on_screen_mm(index_zyx)
        return self._camera.px_at(QPointF(right, down))

    def index_at(self, position: QPointF) -> tuple[float, float, float] | None:
        """Fractional voxel index under a point of the widget; None outside the scan."""
        if self._cut is None:
            return None
        point = self.mm_at(position)
        if not self._item.rect_mm.contains(point):
            return None
        index = self._cut.index_at((point.x(), point.y()))
        return index if is_inside(self._cut.geometry, index) else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._look(replace(self._camera, size_px=QSizeF(self.viewport().size())))
        self._sample_anew()

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

    def _shown_measurements(self) -> list[tuple[int, Measurement]]:
        reading, cut = self._reading, self._cut
        if reading is None or cut is None:
            return []
        return [(n, m) for n, m in enumerate(reading.measurements) if m.lies_in(cut)]
