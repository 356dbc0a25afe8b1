"""The rotatable view of the mask's surface, with the crosshair."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
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
from spineviewer.app.state import MapKind, ScanState
from spineviewer.app.view_state import Camera
from spineviewer.gui.kit.colour import map_colours
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import CURVED_COLOUR, DARK, MASK_COLOUR, PLANE_COLOURS, level_colour
from spineviewer.gui.viewing.annotations import (
    Annotations,
    paint_annotations,
    paint_message,
    paint_name,
)
from spineviewer.gui.viewing.legend import Entry, paint_entries, surface_legend
from spineviewer.gui.viewing.slice_source import level_text
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.volume.planes import Plane, letters
from spineviewer.wording import mark

if TYPE_CHECKING:
    from spineviewer.gui.viewing.surface_scene import SurfaceScene

_NOT_SEGMENTED = mark("Segment the spine to rotate its surface here.")
_NO_OPENGL = mark(
    "OpenGL is not available on this computer, so the surface cannot be drawn. All other "
    "views work, and you can still export the surface."
)
_CLICK_PX = 4
#: Half the length of the crosshair's lines.
_CROSS_MM = 14.0
#: Initial angles: from the front, slightly from above.
_FRONT = (-90.0, 8.0)
#: Maximum number of pixels during rotation, so that a software renderer keeps up.
_MOVING_PIXELS = 200_000
_STILL_PIXELS = 4_000_000
#: Time without movement after which a rotation has ended.
_REST_MS = 140
#: Depths below the surface at which voxels are looked up.
_DEPTHS_MM = (0.5, 1.5, 2.5)


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
        self._is_possible: bool | None = None
        self._picture: QImage | None = None
        self._is_moving = False
        self._is_fitted = True
        self._azimuth_deg, self._elevation_deg = _FRONT
        self._distance_mm = 500.0
        self._centre_xyz_mm = np.zeros(3)
        self._wanted_camera: Camera | None = None
        self._drag_from: QPoint | None = None
        self._drag_last = QPoint()
        self._drag_button = Qt.MouseButton.NoButton
        self._is_drag_started = False
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
        self.message = note or _NOT_SEGMENTED
        if surface is self._surface:
            self.update()
            return
        is_first = self._surface is None
        self._surface = surface
        if surface is not None and self._can_draw():
            self._colour()
            if is_first:
                self.fit()
        if is_first and surface is not None:
            self._use_wanted_camera()
        self._picture = None
        self.update()

    def show_vertebrae(self, vertebrae: Vertebrae | None) -> None:
        """Colour the surface by level, and write the names beside the vertebral bodies."""
        self._vertebrae = vertebrae
        self._colour()
        self._redraw()

    def show_state(self, state: ScanState | None, level: str = "") -> None:
        """Update the crosshair, the vertebra at the crosshair, and the overlays."""
        before, self._state, self._level = self._state, state, level
        if state is None or self._scene is None or before is None:
            self._picture = None
            self.update()
            return
        if _colours_shown(state) != _colours_shown(before):
            self._colour()
            self._picture = None
        if (state.place, state.overlays) != (before.place, before.overlays):
            self.update()

    @property
    def camera(self) -> Camera | None:
        """The camera; None while there is no surface."""
        if self._surface is None:
            return self._wanted_camera
        x, y, z = (float(value) for value in self._centre_xyz_mm)
        return Camera(
            self._azimuth_deg, self._elevation_deg, self._distance_mm, (x, y, z), self._is_fitted
        )

    def show_camera(self, camera: Camera | None) -> None:
        """Use a camera as soon as there is a surface."""
        self._wanted_camera = camera
        if self._surface is not None:
            self._use_wanted_camera()

    def _use_wanted_camera(self) -> None:
        camera, self._wanted_camera = self._wanted_camera, None
        if camera is not None:
            self._azimuth_deg, self._elevation_deg = camera.azimuth_deg, camera.elevation_deg
            self._distance_mm, self._centre_xyz_mm = (
                camera.distance_mm,
                np.array(camera.centre_xyz_mm),
            )
            self._is_fitted = camera.is_fitted
            self._redraw()

    def fit(self) -> None:
        """Show the whole spine from the front."""
        self._azimuth_deg, self._elevation_deg = _FRONT
        self._is_fitted = True
        self._fit_camera()
        self._redraw()

    def _fit_camera(self) -> None:
        """Move the camera to the front, at a distance that shows the whole surface."""
        if self._surface is not None:
            low, high = (
                self._surface.points_xyz_mm.min(axis=0),
                self._surface.points_xyz_mm.max(axis=0),
            )
            self._centre_xyz_mm = (low + high).astype(float) / 2
            extent = high - low
            # the field of view of OpenGL is horizontal
            share = max(self.height(), 1) / max(self.width(), 1)
            wide = max(float(np.hypot(extent[0], extent[1])), float(extent[2]) / share)
            self._distance_mm = wide / 2 / math.tan(math.radians(15)) * 1.1 + float(extent[1]) / 2

    def zoom_by(self, factor: float) -> None:
        """Move the camera closer or farther away."""
        self._is_fitted = False
        self._distance_mm = min(max(self._distance_mm / factor, 40.0), 4000.0)
        self._move()

    def rotate_by(self, right_deg: float, up_deg: float) -> None:
        """Rotate the spine in the direction of a drag."""
        self._azimuth_deg -= right_deg
        self._elevation_deg = min(max(self._elevation_deg + up_deg, -90.0), 90.0)
        self._move()

    def scroll_by(self, steps: int) -> None:
        """Rotate in steps of three degrees, for the arrow keys."""
        if abs(steps) < 1000:
            self.rotate_by(3.0 * steps, 0.0)
        else:
            self.fit()

    @property
    def is_stale(self) -> bool:
        """Whether the newest picture has not been painted yet."""
        return self._picture is None and self._scene is not None

    @property
    def place(self) -> object:
        """A key for the viewpoint; equal while the viewpoint does not change."""
        return self._azimuth_deg, self._elevation_deg

    def set_cine(self, text: str) -> None:
        """Show the speed of cine, which rotates the view."""
        self._cine = text
        self.update()

    def set_active(self, is_active: bool) -> None:
        """Mark the view as the one that the arrow keys control."""
        if is_active != self.is_active:
            self.is_active = is_active
            self.update()

    def _pan_by(self, right_px: float, down_px: float) -> None:
        if self._scene is not None:
            self._is_fitted = False
            right, up = self._scene.right_up()
            mm_per_px = 2 * self._distance_mm * math.tan(math.radians(15)) / max(self.width(), 1)
            self._centre_xyz_mm = (
                self._centre_xyz_mm - (right * right_px - up * down_px) * mm_per_px
            )
            self._move()

    def _colour(self) -> None:
        """Colour the surface by vertebra, otherwise by the overlay that the slices show.

        If there is no overlay, use the colour of the mask.
        """
        if self._surface is None or self._scene is None:
            return
        shown = MapKind.ATTENTION if self._state is None else _map_shown(self._state)
        colours = np.ones((len(self._surface.points_xyz_mm), 4), np.float32)
        if shown is not None:
            table: NDArray[np.float64] = map_colours() / 255
            # black would look like a hole
            level = np.clip(80 + self._surface.maps[shown] * 175, 0, 255).astype(np.uint8)
            colours[:, :3] = table[level]
        else:
            mask = QColor(MASK_COLOUR)
            colours[:, :3] = mask.redF(), mask.greenF(), mask.blueF()
        if self._shown_vertebrae is not None:
            is_level, levels = _level_colours(self._surface, self._shown_vertebrae)
            colours[is_level, :3] = levels[is_level]
        self._scene.show_surface(self._surface, colours)

    def _can_draw(self) -> bool:
        if self._is_possible is None:
            self._is_possible = has_opengl()
        if self._is_possible and self._scene is None:
            from spineviewer.gui.viewing.surface_scene import SurfaceScene

            self._scene = SurfaceScene()
        return self._is_possible

    # painting

    def _move(self) -> None:
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
        if self._is_fitted:
            self._fit_camera()
        self._redraw()

    def picture(self) -> QImage | None:
        """Return what the view shows, without the frame of the active view.

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
        size = (self.width(), self.height())
        words = Annotations(CURVED_COLOUR, left=(tr("Surface"),))
        if self._state is None:
            pass
        elif self._surface is None or self._scene is None:
            is_missing = self._surface is not None and self._is_possible is False
            paint_annotations(painter, words, "", size)
            paint_message(painter, tr(_NO_OPENGL if is_missing else self.message), size)
        else:
            if self._picture is None:
                self._picture = self._drawn(self._scene)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self._picture)
            if self._state.overlays.is_crosshair_shown and not self._state.overlays.is_all_hidden:
                self._paint_cross(painter, self._scene, self._state)
            if self._shown_vertebrae is not None:
                self._paint_names(painter, self._scene, self._shown_vertebrae)
            lowest, legend = self.height() - 34, self._legend()
            if lowest - 18 * len(legend) > self.height() / 2:  # otherwise it covers a letter
                paint_entries(painter, legend, QPointF(10, lowest))
            paint_annotations(painter, self.annotations, "", size)

    def _drawn(self, scene: SurfaceScene) -> QImage:
        self._point_camera(scene)
        ratio = self.devicePixelRatioF()
        width, height = self.width() * ratio, self.height() * ratio
        most = _MOVING_PIXELS if self._is_moving else _STILL_PIXELS
        shrink = min(1.0, math.sqrt(most / max(width * height, 1.0)))
        return scene.picture(QSize(max(1, round(width * shrink)), max(1, round(height * shrink))))

    def _paint_cross(self, painter: QPainter, scene: SurfaceScene, state: ScanState) -> None:
        """Paint three short lines through the crosshair, each normal to the plane of its colour.

        They are painted on top of everything, so that positions inside a vertebra are visible, and
        with Qt, so that a moving crosshair does not require a new picture.
        """
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        spacing = np.array(state.scan.geometry.spacing_zyx_mm)
        place = (np.array(state.place) * spacing)[::-1]
        steps = {plane: _CROSS_MM * state.rotation.normal(plane)[::-1] for plane in Plane}
        lines = {
            plane: [scene.share_of(place + sign * step) for sign in (-1, 1)]
            for plane, step in steps.items()
        }
        for width, alpha in ((4.0, 150), (2.0, 255)):
            for plane, ends in lines.items():
                ink = QColor("#000000") if alpha < 255 else QColor(PLANE_COLOURS[plane.name])
                ink.setAlpha(alpha)
                painter.setPen(QPen(ink, width))
                one, other = (
                    QPointF(end.x() * self.width(), end.y() * self.height()) for end in ends
                )
                painter.drawLine(one, other)

    @property
    def _shown_vertebrae(self) -> Vertebrae | None:
        shown = self._state.overlays if self._state is not None else None
        is_shown = shown is not None and shown.are_vertebrae_shown and not shown.is_all_hidden
        return self._vertebrae if is_shown else None

    def _paint_names(self, painter: QPainter, scene: SurfaceScene, vertebrae: Vertebrae) -> None:
        """Paint names at the vertebral bodies, on top because the arches hide the bodies."""
        geometry = vertebrae.geometry
        for vertebra in vertebrae:
            place = (
                geometry.index_zyx(vertebra.body_centre_lps_mm) * np.array(geometry.spacing_zyx_mm)
            )[::-1]
            share, size_px = scene.share_of(place), (self.width(), self.height())
            at = QPointF(share.x() * self.width(), share.y() * self.height())
            paint_name(painter, at, vertebra.name, DARK.text, size_px)

    def _point_camera(self, scene: SurfaceScene) -> None:
        scene.look(
            centre_xyz_mm=self._centre_xyz_mm,
            distance_mm=self._distance_mm,
            azimuth_deg=self._azimuth_deg,
            elevation_deg=self._elevation_deg,
        )

    @property
    def annotations(self) -> Annotations:
        """The texts of this view."""
        left = (tr("Surface"), self._cine) if self._cine else (tr("Surface"),)
        return Annotations(
            CURVED_COLOUR, left=left, right=level_text(self._level), letters=self._letters()
        )

    def _legend(self) -> tuple[Entry, ...]:
        """Return the legend of the surface's colours."""
        if self._state is None:
            return ()
        shown = _map_shown(self._state)
        return surface_legend(shown, are_named=self._shown_vertebrae is not None)

    def _letters(self) -> tuple[str, ...]:
        state, scene = self._state, self._scene
        if state is None or scene is None or not state.scan.source.is_orientation_known:
            return ()
        axes = np.array(state.scan.geometry.axes_lps)[::-1]
        right, up = (direction @ axes for direction in scene.right_up())
        return letters(-right, 20.0), letters(right, 20.0), letters(up, 20.0), letters(-up, 20.0)

    # mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        if self._drag_from is None:
            self._drag_from = self._drag_last = event.position().toPoint()
            self._drag_button = event.button()
            self._is_drag_started = False
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here = event.position().toPoint()
        if self._drag_from is None:
            return
        if (here - self._drag_from).manhattanLength() >= _CLICK_PX:
            self._is_drag_started = True
        if self._is_drag_started:
            step = here - self._drag_last
            self._drag_last = here
            if self._drag_button is Qt.MouseButton.LeftButton:
                self.rotate_by(0.5 * step.x(), 0.5 * step.y())
            elif self._drag_button is Qt.MouseButton.MiddleButton:
                self._pan_by(step.x(), step.y())
            else:
                self.zoom_by(1.008 ** -step.y())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is self._drag_button and self._drag_from is not None:
            if not self._is_drag_started and self._drag_button is Qt.MouseButton.LeftButton:
                self._pick(event.position())
            if not self._is_drag_started and self._drag_button is Qt.MouseButton.RightButton:
                self.menu_requested.emit(event.globalPosition().toPoint())
            self._drag_from = None
            self._drag_button = Qt.MouseButton.NoButton
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
        place = self._surface.hit_by(start, direction)
        if place is not None:
            z, y, x = place[::-1] / np.array(self._state.scan.geometry.spacing_zyx_mm)
            self.picked.emit((float(z), float(y), float(x)))


def _map_shown(state: ScanState) -> MapKind | None:
    return state.overlays.map_kind if state.overlays.is_map_shown else None


def _colours_shown(state: ScanState) -> tuple[object, ...]:
    shown = state.overlays
    return _map_shown(state), shown.are_vertebrae_shown, shown.is_all_hidden


def _level_colours(
    surface: SpineSurface, vertebrae: Vertebrae
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Return whether each point is on a vertebra, and the colour (r, g, b) of its level."""
    table = np.zeros((256, 3), np.float32)
    for vertebra in vertebrae:
        colour = level_colour(vertebra.label)
        table[vertebra.label] = colour.redF(), colour.greenF(), colour.blueF()
    spacing = np.array(vertebrae.geometry.spacing_zyx_mm)
    last = np.array(vertebrae.labels.shape) - 1
    labels = np.zeros(len(surface.points_xyz_mm), np.uint8)
    for depth_mm in _DEPTHS_MM:  # the smoothed surface is slightly outside the voxels
        inside_mm = (surface.points_xyz_mm - depth_mm * surface.normals_xyz)[:, ::-1]
        z, y, x = np.clip(np.rint(inside_mm / spacing).astype(int), 0, last).T
        labels = np.where(labels > 0, labels, vertebrae.labels[z, y, x])
    return labels > 0, table[labels]


def has_opengl() -> bool:
    """Return whether OpenGL works on this computer, in hardware or software."""
    # such a platform may provide contexts, but no widgets that use them
    if QGuiApplication.platformName() == "offscreen":
        return False
    context = QOpenGLContext()
    if not context.create():
        return False
    surface = QOffscreenSurface()
    surface.create()
    if not context.makeCurrent(surface):
        return False
    context.doneCurrent()
    return True
