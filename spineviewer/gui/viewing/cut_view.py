"""A view of the scan, with its picture, annotations, marks and mouse."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QMoveEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from spineviewer.app.state import ScanState
from spineviewer.app.view_state import Zoom
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import DARK
from spineviewer.gui.viewing.annotations import (
    Annotations,
    paint_annotations,
    paint_message,
    paint_scale_bar,
)
from spineviewer.gui.viewing.composer import Frame
from spineviewer.gui.viewing.cut_mouse import CutMouse
from spineviewer.gui.viewing.framing import Framing
from spineviewer.gui.viewing.paint_budget import PaintBudget
from spineviewer.gui.viewing.picture import Picture
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.source import CutSource
from spineviewer.gui.viewing.tool import Marks, Tool
from spineviewer.gui.viewing.value_readout import value_text
from spineviewer.volume.cuts import CurvedCut, Cut, PlaneCut, RotatedCut, is_inside
from spineviewer.volume.geometry import Box, Triple

#: While planes rotate, and for this time afterwards, they are sampled more coarsely by this factor.
_ROTATING_COARSENESS, _ROTATING_REST_MS = 2.0, 150
#: Half-width of the strip that is repainted around a crosshair line.
_CROSS_HALF_PX = 2
#: Margin around a repainted part, wider than the lines drawn in it.
_PART_MARGIN_PX = 4
#: Events after which a view may not receive the release of a button: a dialog opens, another
#: window is used, or the program takes the mouse away.
_MOUSE_LOST = (
    QEvent.Type.WindowBlocked,
    QEvent.Type.WindowDeactivate,
    QEvent.Type.UngrabMouse,
)


class CutView(QAbstractScrollArea):
    """Shows the cut that its source makes through a scene.

    It requests changes through signals and does not change the scan itself.

    Thread ownership: GUI thread.

    Attributes
    ----------
    pointer
        Position of the mouse in screen coordinates; None if it is not over this view.
    is_stale
        Whether the newest picture or crosshair has not been painted yet.
    is_second
        Whether the view shows a plane a second time, with the second grey-scale window.
    """

    scrolled = Signal(int)
    picked = Signal(object)
    #: The displayed state and the voxel under the pointer; both None if there is none.
    hovered = Signal(object, object)
    activated = Signal()
    maximise_requested = Signal()
    framed = Signal()
    #: Position of a right click without a drag, in screen coordinates.
    menu_requested = Signal(QPoint)

    def __init__(
        self,
        source: CutSource,
        budget: PaintBudget,
        parent: QWidget | None = None,
        *,
        is_second: bool = False,
    ) -> None:
        super().__init__(parent)
        self.is_second = is_second
        self.source, self.plane = source, source.plane
        self.scene: Scene | None = None
        self.cut: Cut | None = None
        self.tool = Tool()
        self.marks: Sequence[Marks] = ()
        self.picture = Picture()
        self.framing = Framing()
        self.annotations = Annotations("")
        self.hover_text = ""
        self.pointer: QPointF | None = None
        self.is_active = self.is_stale = False
        self.finished_paints = 0
        self.painted_at_s = 0.0
        self._budget = budget
        budget.admitted.connect(self._on_admitted)
        self._size_mm = (1.0, 1.0)
        self._cine = ""
        self._mouse = CutMouse(self)
        self._rotating = QTimer(self)
        self._rotating.setSingleShot(True)
        self._rotating.setInterval(_ROTATING_REST_MS)
        self._rotating.timeout.connect(self._refine_picture)
        self._set_up_widget()

    def _set_up_widget(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 40)  # less than in any layout, so that views never overlap
        name = tr(self.source.name)
        self.setAccessibleName(
            tr("{name} view, second window", name=name)
            if self.is_second
            else tr("{name} view", name=name)
        )
        self.setAccessibleDescription(
            tr(
                "The wheel and the arrow keys change the slice, the left button uses the "
                "tool, and a click moves the crosshair."
            )
        )

    # display

    def show_scene(self, scene: Scene | None) -> None:
        """Show a scene.

        The picture is composed at the next paint, so that several changes between two paints
        require only one composition.
        """
        cut = self.cut
        if scene is None:
            self._show_all(None)
        elif self._has_same_picture(scene):
            self._move_cross(scene)
        elif isinstance(cut, PlaneCut) and (box := scene.box_painted_since(self.scene)) is not None:
            self.scene = scene
            self._show_box(box, cut)
        else:
            self._show_all(scene)
        self._follow_pointer()

    def show_again(self) -> None:
        """Show the source's current cut of the same scene."""
        had_picture = self.cut is not None
        self.show_scene(self.scene)
        if not had_picture and self.cut is not None and self.framing.pending is None:
            self.fit()

    def _show_all(self, scene: Scene | None) -> None:
        old_scene, old_cut = self.scene, self.cut
        is_new_scan = scene is not None and not scene.is_of_same_scan(old_scene)
        cut = self.source.cut(scene.state) if scene is not None else None
        pivot = None if is_new_scan else self._pivot(scene, cut)
        if scene is not None and scene.is_rotated_from(old_scene):
            self._rotating.start()
        self.scene, self.cut = scene, cut
        self.tool.cut_changed(self)
        self._make_stale()
        if scene is None or is_new_scan:
            self.picture.clear()
            self._set_hover_text("")
            self._budget.close()  # opening a scan uses a whole iteration
        self._use_size(cut, is_new_scan=is_new_scan, has_pivot=pivot is not None)
        if pivot is not None and scene is not None:
            self.framing.shift(pivot - self.widget_position(scene.state.place))
        if scene is not None and not (cut == old_cut and scene.is_retuned_from(old_scene)):
            self.annotations = self._make_annotations(scene)
        self.viewport().update()

    def _pivot(self, scene: Scene | None, cut: Cut | None) -> QPointF | None:
        """Return the position about which the picture rotates; None if it does not rotate."""
        is_rotated = isinstance(cut, RotatedCut) and cut.size_mm != self._size_mm
        if scene is None or self.cut is None or not is_rotated:
            return None
        return self.widget_position(scene.state.place)

    def _use_size(self, cut: Cut | None, *, is_new_scan: bool, has_pivot: bool) -> None:
        if cut is not None and cut.size_mm != self._size_mm:
            self._size_mm = cut.size_mm
            self.picture.screen.set_size_mm(QSizeF(*cut.size_mm))
            if is_new_scan or (self.framing.is_fitted and not has_pivot):
                self.fit()
        elif is_new_scan:
            self.fit()

    def _has_same_picture(self, scene: Scene) -> bool:
        """Return whether only the crosshair's position differs from the displayed scene."""
        return (
            self.cut is not None
            and scene.differs_only_in_crosshair(self.scene)
            and not self.tool.follows_crosshair
            and self.source.cut(scene.state) == self.cut
        )

    def _move_cross(self, scene: Scene) -> None:
        """Repaint only the old and the new lines of the crosshair."""
        assert self.scene is not None
        if _is_cross_shown(scene.state):
            self.is_stale = True
            self._update_cross(self.scene.state)
            self._update_cross(scene.state)
        is_other_level = scene.level != self.scene.level
        self.scene = scene
        if is_other_level:
            self.update_annotations()

    def _show_box(self, box: Box, cut: PlaneCut) -> None:
        """Compose and repaint only the part of the picture in which voxels have changed."""
        slices = box[self.plane.value]
        if not slices.start <= cut.slice_index < slices.stop:
            return
        # the outline runs along the edge of the neighbouring voxel
        z, y, x = ((side.start - 1.0, float(side.stop)) for side in box)
        first, last = (z[0], y[0], x[0]), (z[1], y[1], x[1])
        self._make_stale(
            QRectF(QPointF(*cut.on_screen_mm(first)), QPointF(*cut.on_screen_mm(last))).normalized()
        )
        part_px = (
            QRectF(self.widget_position(first), self.widget_position(last))
            .normalized()
            .toAlignedRect()
        )
        self.viewport().update(
            part_px.adjusted(-_PART_MARGIN_PX, -_PART_MARGIN_PX, _PART_MARGIN_PX, _PART_MARGIN_PX)
        )

    def _make_stale(self, part_mm: QRectF | None = None) -> None:
        self.is_stale = True
        self.picture.make_stale(part_mm)

    def _update_cross(self, state: ScanState) -> None:
        viewport = self.viewport()
        if not state.rotation.is_straight:  # the lines may run in any direction
            viewport.update()
            return
        cross = self.widget_position(state.place).toPoint()
        viewport.update(cross.x() - _CROSS_HALF_PX, 0, 2 * _CROSS_HALF_PX + 1, viewport.height())
        viewport.update(0, cross.y() - _CROSS_HALF_PX, viewport.width(), 2 * _CROSS_HALF_PX + 1)

    def _make_annotations(self, scene: Scene) -> Annotations:
        hint = self.tool.hint(self.cut) if self.cut is not None else ""
        texts = self.source.annotations(scene, self.cut, hint)
        return replace(texts, left=(*texts.left, self._cine)) if self._cine else texts

    def update_annotations(self) -> None:
        """Update the text over the picture."""
        if self.scene is not None:
            self.annotations = self._make_annotations(self.scene)
        self.viewport().update()

    def set_cine(self, text: str) -> None:
        """Show the speed of cine; `text` is empty if cine is not running."""
        self._cine = text
        self.update_annotations()

    def set_tool(self, tool: Tool) -> None:
        """Assign a tool to the left button."""
        self.tool = tool
        self.viewport().setCursor(tool.cursor)
        self.update_annotations()

    def set_active(self, is_active: bool) -> None:
        """Set whether the arrow keys control this view."""
        if is_active != self.is_active:
            self.is_active = is_active
            self.viewport().update()

    def scroll_by(self, steps: int) -> None:
        """Request the slice this many steps away."""
        self.source.scroll(self, steps)

    @property
    def position_key(self) -> object:
        """A key that changes with the position of the slice."""
        return self.cut

    # positions

    def widget_position(self, index_zyx: Triple) -> QPointF:
        """Return the position of a voxel's centre in the widget."""
        assert self.cut is not None
        right, down = self.cut.on_screen_mm(index_zyx)
        return self.framing.camera.px_at(QPointF(right, down))

    def index_at(self, position: QPointF) -> Triple | None:
        """Return the fractional voxel index under a point of the widget; None outside the scan."""
        if self.cut is None:
            return None
        point = self.framing.camera.mm_at(position)
        if not self.picture.screen.rect_mm.contains(point):
            return None
        index = self.cut.index_at((point.x(), point.y()))
        return index if is_inside(self.cut.geometry, index) else None

    @property
    def zoom(self) -> Zoom | None:
        """Zoom and position of the picture; None if the whole picture is shown."""
        return self.framing.zoom

    def show_zoom(self, zoom: Zoom | None) -> None:
        """Restore zoom and position from a session once the view has a picture and a size."""
        self.framing.pending, self.framing.is_fitted = zoom, zoom is None
        if zoom is None and self.scene is not None:
            self.fit()
        self.viewport().update()

    def fit(self) -> None:
        """Show the whole plane."""
        self.framing.fit(self.picture.screen.rect_mm)
        self._on_framing_changed(is_resampled=True)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a point of the widget (the centre if None)."""
        if self.scene is not None and self.framing.enlarge(factor, at, self.picture.screen.rect_mm):
            self._on_framing_changed(is_resampled=True)

    def look_at(self, index_zyx: Triple, max_mm: float) -> None:
        """Centre on a voxel, and zoom in until the view's shorter side shows at most `max_mm`."""
        if self.cut is not None:
            shown = self.framing.camera.shown_mm
            factor = min(shown.width(), shown.height()) / max_mm
            if factor > 1:
                self.zoom_by(factor, self.widget_position(index_zyx))
            offset = QPointF(self.viewport().rect().center()) - self.widget_position(index_zyx)
            self.pan_by(offset.x(), offset.y())

    def pan_by(self, right_px: float, down_px: float) -> None:
        if self.scene is not None:
            self.framing.is_fitted = False
            self.framing.move(QPointF(right_px, down_px))
            self._on_framing_changed(is_resampled=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.framing.resize(QSizeF(self.viewport().size()))
        self._on_framing_changed(is_resampled=True)

    def _on_framing_changed(self, *, is_resampled: bool) -> None:
        """Repaint after zooming or moving; a sampled picture is sampled again if `is_resampled`."""
        if is_resampled and not isinstance(self.cut, PlaneCut):
            self._make_stale()
        self.viewport().update()
        self._follow_pointer()
        self.framed.emit()

    def follow_framing(self, other: CutView) -> None:
        """Show the same part of the picture as another view, without emitting a signal."""
        if self.framing.follow(other.framing):
            if not isinstance(self.cut, PlaneCut):
                self._make_stale()
            self.viewport().update()

    def _refine_picture(self) -> None:
        """Show planes that have stopped rotating at full screen resolution."""
        self._on_framing_changed(is_resampled=True)

    # painting

    @property
    def needs_picture(self) -> bool:
        """Whether a picture must be composed before this view can be painted."""
        picture = self.picture
        return (
            picture.is_stale
            and not picture.is_started_ahead
            and self.cut is not None
            and self.isVisible()
        )

    def compose_ahead(self, pool: Executor) -> Future[Frame]:
        """Start to compose the picture for the next paint in a thread pool.

        Scene and cut must not change until it has been composed.
        """
        self._use_pending_zoom()
        assert self.scene is not None
        assert self.cut is not None
        return self.picture.compose_ahead(pool, self.scene, self.cut, self._pixel_mm)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._use_pending_zoom()
        started_s = time.perf_counter()
        is_ready = self.picture.is_composed_ahead
        is_new = self.picture.is_stale and (
            is_ready or self._budget.admits(self, is_first=self.is_active)
        )
        if self.is_stale and (is_new or not self.picture.is_stale):
            self._compose()
        self._paint(event)
        self.finished_paints += 1
        self.painted_at_s = time.perf_counter()
        if is_new:
            self._budget.spend(self.painted_at_s - started_s)

    def _on_admitted(self, view: object) -> None:
        if view is self:
            self.viewport().update()

    def _use_pending_zoom(self) -> None:
        if self.cut is not None and self.framing.use_pending():
            self._on_framing_changed(is_resampled=True)

    @property
    def _pixel_mm(self) -> float:
        """Size of a screen pixel in mm; larger while the picture is being rotated."""
        pixel_mm = self.framing.camera.mm_per_px / self.devicePixelRatioF()
        if self._rotating.isActive() and isinstance(self.cut, (RotatedCut, CurvedCut)):
            return max(pixel_mm, _ROTATING_COARSENESS * self.cut.pixel_mm)
        return pixel_mm

    def _compose(self) -> None:
        self.is_stale = False
        scene, cut = self.scene, self.cut
        if scene is None:
            return
        if self.picture.is_stale:
            self.picture.compose(scene, cut, self._pixel_mm)
        if cut is None:
            self.picture.screen.set_cross(None, ())
        else:
            is_shown = _is_cross_shown(scene.state)
            cross_mm = QPointF(*cut.on_screen_mm(scene.state.place)) if is_shown else None
            self.picture.screen.set_cross(cross_mm, self.source.cross_lines(scene.state))

    def _paint(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        if not self.picture.screen.is_filling:
            painter.fillRect(event.rect(), QColor(DARK.canvas))
        painter.setWorldTransform(self.framing.camera.transform)
        self.picture.screen.paint(painter)
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        self._paint_over(painter)
        painter.end()

    def _paint_over(self, painter: QPainter) -> None:
        """Paint everything whose size does not depend on the zoom."""
        width, height = self.viewport().width(), self.viewport().height()
        if self.is_active:
            painter.setPen(QPen(QColor(DARK.accent), 1))
            painter.drawRect(QRectF(0.5, 0.5, width - 1, height - 1))
        if self.scene is None:
            return
        paint_annotations(painter, self.annotations, self.hover_text, (width, height))
        if self.cut is None:
            paint_message(painter, tr(self.source.message), (width, height))
            return
        paint_scale_bar(painter, self.framing.camera.mm_per_px, (width, height))
        for marks in self.marks:
            marks.paint(self, painter)
        self.tool.paint(self, painter)

    # the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        if self.scene is not None:
            self._mouse.press(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointer = event.globalPosition()
        self._hover(event.position())
        self._mouse.move(event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.release(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._mouse.double_click(event):
            self.mousePressEvent(event)  # some tools treat a double-click as two strokes
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.activated.emit()
        self.pointer = event.globalPosition()
        self._mouse.wheel(event)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Claim Enter while something is drawn, because it is also a shortcut of the window.

        Losing the mouse ends a drag, because something else receives the release of the button.
        """
        if event.type() in _MOUSE_LOST:
            self._mouse.end_press()
        is_ours = (
            isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and self.tool.is_drawing
        )
        if is_ours and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if is_ours and event.type() is QEvent.Type.KeyPress:
            self.tool.finish(self)
            self.update_annotations()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # keys belong to commands of the window

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Become the active view when Tab moves the focus here."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.activated.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.point_at(event.globalPosition())

    def leaveEvent(self, event: QEvent) -> None:
        self.point_at(None)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.pointer = None

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._follow_pointer()

    def pick(self, position: QPointF) -> None:
        """Request that the crosshair move to a point of the widget."""
        index = self.index_at(position)
        if index is not None:
            self.source.pick(self, index)

    def point_at(self, pointer: QPointF | None) -> None:
        """Set the mouse position in screen coordinates; None if it is not over this view."""
        self.pointer = pointer
        if pointer is not None:
            self._follow_pointer()
            return
        self.tool.leave(self)
        self._hover(None)

    def lose_pointer(self) -> None:
        """Clear the pointer when the mouse is over another view."""
        self.pointer = None
        self._set_hover_text("")

    def _follow_pointer(self) -> None:
        """Report the voxel under a resting pointer after slice, position or scan has changed."""
        if self.pointer is not None and self.isVisible():
            position = self.viewport().mapFromGlobal(self.pointer)
            is_inside = self.viewport().rect().contains(position.toPoint())
            self._hover(position if is_inside else None)

    def _hover(self, position: QPointF | None) -> None:
        index = self.index_at(position) if position is not None else None
        if index is None or self.scene is None:
            self._set_hover_text("")
            self.hovered.emit(None, None)
            return
        scan = self.scene.state.scan
        z, y, x = (
            min(max(round(i), 0), n - 1)
            for i, n in zip(index, scan.geometry.shape_zyx, strict=True)
        )
        self._set_hover_text(value_text(self.scene.state, (z, y, x), self.cut))
        self.hovered.emit(self.scene.state, (z, y, x))

    def _set_hover_text(self, text: str) -> None:
        if text != self.hover_text:
            self.hover_text = text
            self.viewport().update(0, self.height() - 64, 280, 64)


def _is_cross_shown(state: ScanState) -> bool:
    return state.overlays.is_crosshair_shown and not state.overlays.is_all_hidden
