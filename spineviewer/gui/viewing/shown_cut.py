"""The cut that a view shows: its picture, and where it is in the view."""

from __future__ import annotations

from concurrent.futures import Executor, Future

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QPainter

from spineviewer.app.state import ScanState
from spineviewer.gui.kit.theme import DARK
from spineviewer.gui.viewing.composer import Frame
from spineviewer.gui.viewing.framing import Framing
from spineviewer.gui.viewing.picture import Picture
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.source import CutSource
from spineviewer.volume.cuts import CurvedCut, Cut, PlaneCut, RotatedCut, is_inside
from spineviewer.volume.geometry import Box, Triple

#: While planes rotate, they are sampled more coarsely by this factor.
_ROTATING_COARSENESS = 2.0
#: Half-width of the strip that is repainted around a crosshair line.
_CROSS_HALF_PX = 2
#: Margin around a repainted part, wider than the lines drawn in it.
_PART_MARGIN_PX = 4


class ShownCut:
    """The cut that a source makes through a scene, composed as a picture and framed in a view.

    Thread ownership: GUI thread; only composing ahead runs in another thread.

    Attributes
    ----------
    scene
        None if no scan is open.
    cut
        The cut through the scene; None if there is no picture.
    is_stale
        Whether the newest picture or crosshair has not been composed yet.
    """

    def __init__(self, source: CutSource, picture: Picture, framing: Framing) -> None:
        self._source, self._picture, self._framing = source, picture, framing
        self._size_mm = (1.0, 1.0)
        self.scene: Scene | None = None
        self.cut: Cut | None = None
        self.is_stale = False

    # change

    def replace(self, scene: Scene | None) -> bool:
        """Show another scene; return whether the framing has changed to show the whole picture.

        If planes have been rotated, the crosshair stays where it is in the view.
        """
        is_new_scan = scene is not None and not scene.shows_same_scan_as(self.scene)
        cut = self._source.cut(scene.state) if scene is not None else None
        is_resized = cut is not None and cut.size_mm != self._size_mm
        pivot = None
        if is_resized and not is_new_scan and isinstance(cut, RotatedCut):
            pivot = self._cross_px(scene)
        self.scene, self.cut = scene, cut
        self.make_stale()
        if scene is None or is_new_scan:
            self._picture.clear()
        if cut is not None and is_resized:
            self._size_mm = cut.size_mm
            self._picture.screen.set_size_mm(QSizeF(*cut.size_mm))
        if is_new_scan or (is_resized and self._framing.is_fitted and pivot is None):
            self._framing.fit(self._picture.screen.rect_mm)
            return True
        if pivot is not None and (cross := self._cross_px(scene)) is not None:
            self._framing.shift(pivot - cross)
        return False

    def _cross_px(self, scene: Scene | None) -> QPointF | None:
        """Return the position in the view of a scene's crosshair; None without a scene or cut."""
        return None if scene is None or self.cut is None else self.px_at(scene.state.point_zyx)

    def has_same_picture(self, scene: Scene) -> bool:
        """Return whether a scene has the displayed picture, apart from the crosshair's position."""
        return (
            self.cut is not None
            and scene.differs_only_in_crosshair(self.scene)
            and self._source.cut(scene.state) == self.cut
        )

    def make_stale(self, part_mm: QRectF | None = None) -> None:
        """Mark the picture, or part of it, as stale."""
        self.is_stale = True
        self._picture.make_stale(part_mm)

    def resample(self) -> None:
        """Mark a picture as stale if its pixels depend on the zoom."""
        if not isinstance(self.cut, PlaneCut):
            self.make_stale()

    def make_box_stale(self, box: Box, cut: PlaneCut) -> QRect | None:
        """Mark a box of voxels as stale; return the part of the view that shows it, if any."""
        slices = box[cut.plane.value]
        if not slices.start <= cut.slice_index < slices.stop:
            return None
        # the outline runs along the edge of the neighbouring voxel
        z, y, x = ((side.start - 1.0, float(side.stop)) for side in box)
        first, last = (z[0], y[0], x[0]), (z[1], y[1], x[1])
        corners_mm = QPointF(*cut.on_screen_mm(first)), QPointF(*cut.on_screen_mm(last))
        self.make_stale(QRectF(*corners_mm).normalized())
        part_px = QRectF(self.px_at(first), self.px_at(last)).normalized().toAlignedRect()
        return part_px.adjusted(
            -_PART_MARGIN_PX, -_PART_MARGIN_PX, _PART_MARGIN_PX, _PART_MARGIN_PX
        )

    def cross_parts(self, state: ScanState, size_px: QSize) -> tuple[QRect, ...]:
        """Return the parts of a view of this size that the lines of the crosshair cover."""
        width, height = size_px.width(), size_px.height()
        if not state.rotation.is_straight:  # the lines may run in any direction
            return (QRect(0, 0, width, height),)
        cross, strip = self.px_at(state.point_zyx).toPoint(), 2 * _CROSS_HALF_PX + 1
        return (
            QRect(cross.x() - _CROSS_HALF_PX, 0, strip, height),
            QRect(0, cross.y() - _CROSS_HALF_PX, width, strip),
        )

    # positions

    def px_at(self, index_zyx: Triple) -> QPointF:
        """Return the position of a voxel's centre in the view."""
        assert self.cut is not None
        right, down = self.cut.on_screen_mm(index_zyx)
        return self._framing.camera.px_at(QPointF(right, down))

    def index_at(self, position: QPointF) -> Triple | None:
        """Return the fractional voxel index at a position in the view; None outside the scan."""
        if self.cut is None:
            return None
        point = self._framing.camera.mm_at(position)
        if not self._picture.screen.rect_mm.contains(point):
            return None
        index = self.cut.index_at((point.x(), point.y()))
        return index if is_inside(self.cut.geometry, index) else None

    # picture

    def pixel_mm(self, pixel_ratio: float, *, is_rotating: bool) -> float:
        """Return the size of a pixel of the picture in mm; larger while planes rotate."""
        pixel_mm = self._framing.camera.mm_per_px / pixel_ratio
        if is_rotating and isinstance(self.cut, (RotatedCut, CurvedCut)):
            return max(pixel_mm, _ROTATING_COARSENESS * self.cut.pixel_mm)
        return pixel_mm

    def compose_ahead(self, pool: Executor, pixel_mm: float) -> Future[Frame]:
        """Start composing the picture in a thread pool.

        The scene and the cut must not change until the picture has been composed.
        """
        assert self.scene is not None
        assert self.cut is not None
        return self._picture.compose_ahead(pool, self.scene, self.cut, pixel_mm)

    def compose(self, pixel_mm: float) -> None:
        """Compose the picture if it is stale, and update the crosshair."""
        self.is_stale = False
        scene, cut = self.scene, self.cut
        if scene is None:
            return
        if self._picture.is_stale:
            self._picture.compose(scene, cut, pixel_mm)
        if cut is None:
            self._picture.screen.set_cross(None, ())
        else:
            is_shown = scene.state.overlays.is_crosshair_visible
            cross_mm = QPointF(*cut.on_screen_mm(scene.state.point_zyx)) if is_shown else None
            self._picture.screen.set_cross(cross_mm, self._source.cross_lines(scene.state))

    def paint(self, painter: QPainter, exposed: QRect) -> None:
        """Paint the picture; `exposed` is in pixels of the view."""
        if not self._picture.screen.is_filling:
            painter.fillRect(exposed, QColor(DARK.canvas))
        painter.setWorldTransform(self._framing.camera.transform)
        self._picture.screen.paint(painter)
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
