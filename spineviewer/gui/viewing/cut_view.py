"""A view of the scan, with its picture, annotations, marks and mouse."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future

from PySide6.QtCore import QEvent, QPoint, QPointF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QMoveEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from spineviewer.app.view_state import Zoom
from spineviewer.gui.kit.language import tr
from spineviewer.gui.viewing.composer import Frame
from spineviewer.gui.viewing.cut_mouse import CutMouse
from spineviewer.gui.viewing.framing import Framing
from spineviewer.gui.viewing.hover import Hover
from spineviewer.gui.viewing.paint_budget import PaintBudget
from spineviewer.gui.viewing.picture import Picture
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.shown_cut import ShownCut
from spineviewer.gui.viewing.source import CutSource
from spineviewer.gui.viewing.tool import Marks, Tool
from spineviewer.gui.viewing.view_annotations import ViewAnnotations
from spineviewer.volume.cuts import Cut, PlaneCut
from spineviewer.volume.geometry import Triple

#: Planes are sampled more coarsely while they rotate, and for this time afterwards.
_ROTATING_REST_MS = 150
#: Events after which a view may not receive the release of a button: a dialog opens, another window
#: is activated, or the program releases the mouse grab.
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
    is_second
        Whether the view shows a plane a second time, with the second grey-scale window.
    """

    scrolled = Signal(int)
    picked = Signal(object)
    #: The displayed state and the voxel under the pointer; both None outside the scan.
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
        self.tool = Tool()
        self.marks: Sequence[Marks] = ()
        self.picture, self.framing = Picture(), Framing()
        self.shown = ShownCut(source, self.picture, self.framing)
        self.hover = Hover(self)
        self.annotations = ViewAnnotations(self)
        self.is_active = False
        self.finished_paints = 0
        self.painted_at_s = 0.0
        self._budget = budget
        budget.admitted.connect(self._on_admitted)
        self.mouse = CutMouse(self)
        self._rotating = QTimer(self)
        self._rotating.setSingleShot(True)
        self._rotating.setInterval(_ROTATING_REST_MS)
        self._rotating.timeout.connect(self._on_rotated)
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
        self.annotations.name_view()
        self.setAccessibleDescription(
            tr(
                "The wheel and the arrow keys change the slice, the left button uses the "
                "tool, and a click moves the crosshair."
            )
        )

    # display

    @property
    def scene(self) -> Scene | None:
        """The displayed scene; None if no scan is open."""
        return self.shown.scene

    @property
    def cut(self) -> Cut | None:
        """The cut through the scene; None if there is no picture."""
        return self.shown.cut

    @property
    def is_stale(self) -> bool:
        """Whether the newest picture or crosshair has not been painted yet."""
        return self.shown.is_stale

    def show_scene(self, scene: Scene | None) -> None:
        """Show a scene.

        The picture is composed at the next paint, so that several changes between two paints
        require only one composition.
        """
        shown, cut = self.shown, self.cut
        if scene is None:
            self._show_all(None)
        elif not self.tool.follows_crosshair and shown.has_same_picture(scene):
            self._move_cross(scene)
        elif isinstance(cut, PlaneCut) and (box := scene.box_painted_since(self.scene)) is not None:
            shown.scene = scene
            if (part_px := shown.make_box_stale(box, cut)) is not None:
                self.viewport().update(part_px)
        else:
            self._show_all(scene)
        self.hover.follow()

    def show_again(self) -> None:
        """Show the source's current cut of the same scene."""
        had_picture = self.cut is not None
        self.show_scene(self.scene)
        if not had_picture and self.cut is not None and self.framing.pending is None:
            self.fit()

    def _show_all(self, scene: Scene | None) -> None:
        old_scene, old_cut = self.scene, self.cut
        if scene is not None and scene.is_rotated_from(old_scene):
            self._rotating.start()
        if self.shown.replace(scene):
            self._on_framing_changed(is_resampled=True)
        self.tool.cut_changed(self)
        if scene is None or not scene.shows_same_scan_as(old_scene):
            self.annotations.name_view()
            self.hover.clear()
            self._budget.close()  # opening a scan takes a whole iteration of the event loop
        if scene is not None and not (self.cut == old_cut and scene.is_retuned_from(old_scene)):
            self.annotations.update()
        self.viewport().update()

    def _move_cross(self, scene: Scene) -> None:
        """Repaint only the old and the new lines of the crosshair."""
        old_scene, self.shown.scene = self.scene, scene
        assert old_scene is not None
        if scene.state.overlays.is_crosshair_visible:
            self.shown.is_stale = True
            for state in (old_scene.state, scene.state):
                for part in self.shown.cross_parts(state, self.viewport().size()):
                    self.viewport().update(part)
        if scene.level != old_scene.level:
            self.annotations.update()

    def show_cine_speed(self, text: str) -> None:
        """Show the speed of cine; `text` is empty if cine is not running."""
        self.annotations.show_cine_speed(text)

    def set_tool(self, tool: Tool) -> None:
        """Assign a tool to the left button."""
        self.tool = tool
        self.viewport().setCursor(tool.cursor)
        self.annotations.update()

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
        return self.shown.px_at(index_zyx)

    def index_at(self, position: QPointF) -> Triple | None:
        """Return the fractional voxel index under a point of the widget; None outside the scan."""
        return self.shown.index_at(position)

    def show_zoom(self, zoom: Zoom | None) -> None:
        """Restore a zoom once the view has a picture and a size; None shows the whole plane."""
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
            self.framing.look_at(QPointF(*self.cut.on_screen_mm(index_zyx)), max_mm)
            self._on_framing_changed(is_resampled=True)

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
        if is_resampled:
            self.shown.resample()
        self.viewport().update()
        self.hover.follow()
        self.framed.emit()

    def _on_rotated(self) -> None:
        """Show planes that have stopped rotating at full screen resolution."""
        self._on_framing_changed(is_resampled=True)

    def follow_framing(self, other: CutView) -> None:
        """Show the same part of the picture as another view, without emitting a signal."""
        if self.framing.follow(other.framing):
            self.shown.resample()
            self.viewport().update()

    # painting

    @property
    def needs_picture(self) -> bool:
        """Whether a picture must be composed before this view can be painted."""
        return self.isVisible() and self.cut is not None and self.picture.is_wanted

    def compose_ahead(self, pool: Executor) -> Future[Frame]:
        """Start composing, in a thread pool, the picture for the next paint.

        The scene and the cut must not change until the picture has been composed.
        """
        self._use_pending_zoom()
        return self.shown.compose_ahead(pool, self._pixel_mm)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._use_pending_zoom()
        started_s = time.perf_counter()
        is_ready = self.picture.is_composed_ahead
        is_new = self.picture.is_stale and (
            is_ready or self._budget.admits(self, is_first=self.is_active)
        )
        if self.is_stale and (is_new or not self.picture.is_stale):
            self.shown.compose(self._pixel_mm)
        painter = QPainter(self.viewport())
        self.shown.paint(painter, event.rect())
        self.annotations.paint(painter)
        painter.end()
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
        is_rotating = self._rotating.isActive()
        return self.shown.pixel_mm(self.devicePixelRatioF(), is_rotating=is_rotating)

    # the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        if self.scene is not None:
            self.mouse.press(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hover.pointer = event.globalPosition()
        self.mouse.move(event)
        self.hover.move(event.globalPosition(), event.position())  # last: a drag moves the picture
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.mouse.release(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self.mouse.double_click(event):
            self.mousePressEvent(event)  # some tools treat a double-click as two strokes
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.activated.emit()
        self.hover.pointer = event.globalPosition()
        self.mouse.wheel(event)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Claim Enter while something is drawn, because it is also a shortcut of the window.

        Losing the mouse ends a drag, because something else receives the release of the button.
        """
        if event.type() in _MOUSE_LOST:
            self.mouse.end_press()
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
            self.annotations.update()
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
        self.hover.point_at(event.globalPosition())

    def leaveEvent(self, event: QEvent) -> None:
        self.hover.point_at(None)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.hover.pointer = None

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.hover.follow()

    def pick(self, position: QPointF) -> None:
        """Request that the crosshair move to a point of the widget."""
        if (index := self.index_at(position)) is not None:
            self.source.pick(self, index)
