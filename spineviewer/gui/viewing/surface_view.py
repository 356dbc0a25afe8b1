"""The rotatable view of the mask's surface, with the crosshair."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QGuiApplication,
    QImage,
    QMouseEvent,
    QOffscreenSurface,
    QOpenGLContext,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from spineviewer.app.mask_shapes import SpineSurface
from spineviewer.app.overlay import MapKind
from spineviewer.app.state import ScanState
from spineviewer.app.view_state import Camera
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import CURVED_COLOUR, DARK
from spineviewer.gui.viewing.annotations import (
    Annotations,
    paint_annotations,
    paint_message,
)
from spineviewer.gui.viewing.legend import Entry, surface_legend
from spineviewer.gui.viewing.press import Press
from spineviewer.gui.viewing.slice_source import level_text
from spineviewer.gui.viewing.surface_camera import (
    camera_in_front,
    enlarged,
    fitted,
    moved,
    rotated,
)
from spineviewer.gui.viewing.surface_colours import surface_colours
from spineviewer.gui.viewing.surface_marks import (
    paint_cross,
    paint_names_and_legend,
    picture_letters,
    placed_names,
)
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.wording import mark

if TYPE_CHECKING:
    from spineviewer.gui.viewing.surface_scene import SurfaceScene

_NOT_SEGMENTED = mark("Segment the spine to see its surface here.")
_NO_OPENGL = mark(
    "OpenGL is not available on this computer, so the surface cannot be drawn. All other "
    "views work, and you can still export the surface."
)
#: Maximum number of pixels during rotation, so that software rendering keeps up.
_MAX_MOVING_PIXELS = 200_000
_MAX_STILL_PIXELS = 4_000_000
#: Time without movement after which a rotation counts as ended.
_REST_MS = 140


class SurfaceView(QWidget):
    """The rotatable view of the surface.

    Thread ownership: GUI thread.
    """

    picked = Signal(object)
    activated = Signal()
    maximise_requested = Signal()
    #: Position of a right click without a drag, in screen coordinates.
    menu_requested = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_active = False
        self.finished_paints = 0
        self.message = _NOT_SEGMENTED
        self._cine = ""
        self._state: ScanState | None = None
        self._surface: SpineSurface | None = None
        self._vertebrae: Vertebrae | None = None
        self._level = ""
        self._scene: SurfaceScene | None = None
        self._has_opengl: bool | None = None
        self._picture: QImage | None = None
        self._is_moving = False
        self._camera: Camera | None = None
        self._press: Press | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._refine_picture)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(60, 40)  # less than in any layout, so that views never overlap
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Surface view"))
        self.setAccessibleDescription(
            tr("Drag or use the arrow keys to rotate the spine; click to move the crosshair.")
        )

    # display

    def show_surface(self, surface: SpineSurface | None, note: str) -> None:
        """Show a surface, or a note with the reason if there is none."""
        old, self.message = self.message, note or _NOT_SEGMENTED
        if surface is self._surface:
            if self.message != old:
                self.update()
            return
        is_first = self._surface is None
        self._surface = surface
        if surface is not None and self._make_scene():
            self._update_colours()
        if surface is None:
            self._camera = None
        elif is_first and self._camera is None:
            self.fit()
        self._redraw()

    def show_vertebrae(self, vertebrae: Vertebrae | None) -> None:
        """Set the vertebrae whose colours and names are shown; None if there are none."""
        self._vertebrae = vertebrae
        self._update_colours()
        self._redraw()

    def show_state(self, state: ScanState | None, level: str = "") -> None:
        """Update the crosshair, the vertebra at the crosshair, and the overlays."""
        old, self._state, self._level = self._state, state, level
        if state is None or self._scene is None or old is None:
            if (state is None) != (old is None):
                self._redraw()
            return
        if _colour_key(state) != _colour_key(old):
            self._update_colours()
            self._picture = None
        if (state.point_zyx, state.overlays) != (old.point_zyx, old.overlays):
            self.update()

    @property
    def camera(self) -> Camera | None:
        """The camera; None while there is no surface and none has been set."""
        return self._camera

    def show_camera(self, camera: Camera | None) -> None:
        """Use a camera as soon as there is a surface; while there is a surface, ignore None."""
        if camera is not None or self._surface is None:
            self._camera = camera
            self._redraw()

    @property
    def _size_px(self) -> tuple[int, int]:
        return self.width(), self.height()

    def fit(self) -> None:
        """Show the whole spine from the front."""
        if self._surface is not None:
            self._camera = camera_in_front(self._surface.points_xyz_mm, self._size_px)
            self._redraw()

    def zoom_by(self, factor: float) -> None:
        """Move the camera closer or farther away."""
        if self._camera is not None:
            self._move(enlarged(self._camera, factor))

    def rotate_by(self, right_deg: float, up_deg: float) -> None:
        """Rotate the spine in the direction of a drag."""
        if self._camera is not None:
            self._move(rotated(self._camera, right_deg, up_deg))

    def scroll_by(self, steps: int) -> None:
        """Rotate by steps of three degrees; very many steps (Home, End) show the front."""
        if abs(steps) < 1000:
            self.rotate_by(3.0 * steps, 0.0)
        else:
            self.fit()

    @property
    def is_stale(self) -> bool:
        """Whether the newest picture has not been painted yet."""
        return self._picture is None and self._scene is not None

    @property
    def position_key(self) -> object:
        """A key that changes with the viewing direction."""
        camera = self._camera
        return None if camera is None else (camera.azimuth_deg, camera.elevation_deg)

    def show_cine_speed(self, text: str) -> None:
        """Show the speed at which cine rotates the surface; empty if cine is not running."""
        self._cine = text
        self.update()

    def set_active(self, is_active: bool) -> None:
        """Set whether the arrow keys control this view."""
        if is_active != self.is_active:
            self.is_active = is_active
            self.update()

    def _pan_by(self, right_px: float, down_px: float) -> None:
        if self._scene is not None and self._camera is not None:
            right, up = self._scene.right_up()
            by_xyz_px = right * right_px - up * down_px
            self._move(moved(self._camera, by_xyz_px, self.width()))

    def _update_colours(self) -> None:
        """Colour the vertebrae by level, and the rest by the map shown or, without one, as mask."""
        if self._surface is not None and self._scene is not None:
            map_kind = None if self._state is None else _shown_map(self._state)
            colours = surface_colours(self._surface, map_kind, self._shown_vertebrae)
            self._scene.show_surface(self._surface, colours)

    def _make_scene(self) -> bool:
        """Create the scene if necessary; return False if there is no OpenGL."""
        if self._has_opengl is None:
            self._has_opengl = has_opengl()
        if self._has_opengl and self._scene is None:
            from spineviewer.gui.viewing.surface_scene import SurfaceScene

            self._scene = SurfaceScene()
        return self._has_opengl

    # painting

    def _move(self, camera: Camera) -> None:
        self._camera = camera
        self._is_moving = True
        self._rest.start(_REST_MS)
        self._redraw()

    def _refine_picture(self) -> None:
        self._is_moving = False
        self._redraw()

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        camera, surface = self._camera, self._surface
        if camera is not None and camera.is_fitted and surface is not None:
            self._camera = fitted(camera, surface.points_xyz_mm, self._size_px)
        self._redraw()

    def picture(self) -> QImage | None:
        """Return what the view shows, without the frame around the active view.

        None while there is no surface.
        """
        if self._surface is None or self._scene is None or self._state is None:
            return None
        picture = QImage(self.size() * self.devicePixelRatioF(), QImage.Format.Format_RGB32)
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        painter = QPainter(picture)
        self._paint(painter)
        painter.end()
        return picture

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint(painter)
        if self.is_active:
            painter.setPen(QPen(QColor(DARK.accent), 1))
            painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))
        painter.end()
        self.finished_paints += 1

    def _paint(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(DARK.canvas))
        size = self._size_px
        if self._state is None:
            return
        if self._surface is None or self._scene is None:
            is_opengl_missing = self._surface is not None and self._has_opengl is False
            paint_annotations(painter, Annotations(CURVED_COLOUR, left=(tr("Surface"),)), "", size)
            paint_message(painter, tr(_NO_OPENGL if is_opengl_missing else self.message), size)
        else:
            if self._picture is None:
                self._picture = self._render(self._scene)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self._picture)
            if self._state.overlays.is_crosshair_visible:
                paint_cross(painter, self._scene, self._state, size)
            annotations, shown = self.annotations, self._shown_vertebrae
            names = [] if shown is None else placed_names(self._scene, shown, size)
            paint_names_and_legend(painter, names, self._legend(), annotations, size)
            paint_annotations(painter, annotations, "", size)

    def _render(self, scene: SurfaceScene) -> QImage:
        self._point_camera(scene)
        ratio = self.devicePixelRatioF()
        width, height = self.width() * ratio, self.height() * ratio
        max_pixels = _MAX_MOVING_PIXELS if self._is_moving else _MAX_STILL_PIXELS
        scale = min(1.0, math.sqrt(max_pixels / max(width * height, 1.0)))
        return scene.picture(QSize(max(1, round(width * scale)), max(1, round(height * scale))))

    @property
    def _shown_vertebrae(self) -> Vertebrae | None:
        overlays = self._state.overlays if self._state is not None else None
        if overlays is None or overlays.is_all_hidden or not overlays.are_vertebrae_shown:
            return None
        return self._vertebrae

    def _point_camera(self, scene: SurfaceScene) -> None:
        if self._camera is not None:
            scene.set_camera(self._camera)

    @property
    def annotations(self) -> Annotations:
        """The text over this view's picture."""
        left = (tr("Surface"), self._cine) if self._cine else (tr("Surface"),)
        return Annotations(
            CURVED_COLOUR, left=left, right=level_text(self._level), letters=self._letters
        )

    @property
    def _letters(self) -> tuple[str, ...]:
        if self._state is None or self._scene is None:
            return ()
        return picture_letters(self._scene, self._state.scan)

    def _legend(self) -> tuple[Entry, ...]:
        """Return the legend of the surface's colours."""
        if self._state is None:
            return ()
        map_kind = _shown_map(self._state)
        return surface_legend(map_kind, are_named=self._shown_vertebrae is not None)

    # mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        if self._press is None:
            self._press = Press.from_event(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        press = self._press
        if press is None:
            return
        press.move(event.position())
        if press.is_drag:
            step = press.step_to(event.position())
            if press.button is Qt.MouseButton.LeftButton:
                self.rotate_by(0.5 * step.x(), 0.5 * step.y())
            elif press.button is Qt.MouseButton.MiddleButton:
                self._pan_by(step.x(), step.y())
            else:
                self.zoom_by(1.008 ** -step.y())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        press = self._press
        if press is not None and event.button() is press.button:
            self._press = None
            if not press.is_drag and press.button is Qt.MouseButton.LeftButton:
                self._pick(event.position())
            if not press.is_drag and press.button is Qt.MouseButton.RightButton:
                self.menu_requested.emit(event.globalPosition().toPoint())
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.maximise_requested.emit()
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Become the active view when Tab moves the focus here."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.activated.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.activated.emit()
        self.zoom_by(1.0015 ** (event.angleDelta().y() or event.angleDelta().x()))
        event.accept()

    def _pick(self, position: QPointF) -> None:
        if self._surface is None or self._scene is None or self._state is None:
            return
        self._point_camera(self._scene)
        start, direction = self._scene.ray_at(
            QPointF(position.x() / self.width(), position.y() / self.height())
        )
        point = self._surface.hit_by(start, direction)
        if point is not None:
            z, y, x = point[::-1] / np.array(self._state.scan.geometry.spacing_zyx_mm)
            self.picked.emit((float(z), float(y), float(x)))


def _shown_map(state: ScanState) -> MapKind | None:
    """Return the map that colours the surface; None if it has the colour of the mask.

    The attention map is never used, because it is high on the whole spine.
    """
    overlays = state.overlays
    is_coloured = overlays.is_map_shown and overlays.map_kind is not MapKind.ATTENTION
    return overlays.map_kind if is_coloured else None


def _colour_key(state: ScanState) -> tuple[object, ...]:
    overlays = state.overlays
    return _shown_map(state), overlays.are_vertebrae_shown, overlays.is_all_hidden


def has_opengl() -> bool:
    """Return whether OpenGL works on this computer, in hardware or software."""
    if QGuiApplication.platformName() == "offscreen":
        return False  # may provide OpenGL contexts, but its widgets cannot use them
    context = QOpenGLContext()
    if not context.create():
        return False
    surface = QOffscreenSurface()
    surface.create()
    if not context.makeCurrent(surface):
        return False
    context.doneCurrent()
    return True
