"""The part of a picture that a view shows: fitted, zoomed, moved or restored from a session."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF

from spineviewer.app.view_state import Zoom
from spineviewer.gui.viewing.camera import Camera

#: Margin around a fitted picture, as a fraction of its size.
_FIT_PADDING = 0.02
#: Minimum width of the visible part.
_MIN_WIDTH_MM = 12
#: Maximum width of the visible part, as a multiple of the picture's longer side.
_MAX_WIDTH_FACTOR = 6


class Framing:
    """The camera of a view, and whether it shows the whole picture.

    Thread ownership: GUI thread.

    Attributes
    ----------
    pending
        Zoom to restore once the view has a size.
    """

    def __init__(self) -> None:
        self.camera = Camera(QRectF(0, 0, 1, 1), QSizeF(1, 1))
        self.is_fitted = True
        self.pending: Zoom | None = None
        #: Zoom from a session, valid until the user changes it. A notice that resizes the view
        #: does not change it.
        self._restored: Zoom | None = None

    @property
    def zoom(self) -> Zoom | None:
        """Zoom and position of the picture; None if the whole picture is shown."""
        if self.is_fitted or self.pending is not None:
            return self.pending
        middle = self.camera.shown_mm.center()
        return Zoom(middle.x(), middle.y(), self.camera.mm_per_px)

    def follow(self, other: Framing) -> bool:
        """Show the same part as another framing; return whether that changed anything."""
        framing = other.is_fitted, other.camera.part_mm, other.pending
        if framing == (self.is_fitted, self.camera.part_mm, self.pending):
            return False
        self.is_fitted, part_mm, self.pending = framing
        self.camera = replace(self.camera, part_mm=part_mm)
        self._restored = None
        return True

    def fit(self, picture_mm: QRectF) -> None:
        self.is_fitted, self.pending, self._restored = True, None, None
        right, down = picture_mm.width() * _FIT_PADDING, picture_mm.height() * _FIT_PADDING
        self.camera = replace(
            self.camera, part_mm=picture_mm.marginsAdded(QMarginsF(right, down, right, down))
        )

    def enlarge(self, factor: float, at: QPointF | None, picture_mm: QRectF) -> bool:
        """Zoom about a point of the view (the centre if None).

        Return whether the zoom changed.
        """
        width = self.camera.shown_mm.width()
        max_width = _MAX_WIDTH_FACTOR * max(picture_mm.width(), picture_mm.height())
        if (factor > 1 and width < _MIN_WIDTH_MM) or (factor < 1 and width > max_width):
            return False
        self.is_fitted, self._restored = False, None
        fixed_mm = self.camera.mm_at(at) if at is not None else self.camera.shown_mm.center()
        self.camera = self.camera.enlarged(factor, fixed_mm)
        return True

    def move(self, by_px: QPointF) -> None:
        self._restored = None
        self.camera = self.camera.moved(by_px)

    def look_at(self, centre_mm: QPointF, max_mm: float) -> None:
        """Centre on a point, and zoom in until the shorter side shows at most `max_mm`."""
        self.is_fitted, self._restored = False, None
        shown = self.camera.shown_mm
        mm_per_px = self.camera.mm_per_px * min(1.0, max_mm / min(shown.width(), shown.height()))
        self._show(Zoom(centre_mm.x(), centre_mm.y(), mm_per_px))

    def shift(self, by_px: QPointF) -> None:
        """Move the picture without counting this as a movement by the user."""
        self.camera = self.camera.moved(by_px)
        if self._restored is not None:
            middle = self.camera.shown_mm.center()
            self._restored = Zoom(middle.x(), middle.y(), self._restored.mm_per_px)

    @property
    def is_set_by_user(self) -> bool:
        """Whether the user has zoomed or moved the picture since it was fitted or restored."""
        return not self.is_fitted and self.pending is None and self._restored is None

    def resize(self, size_px: QSizeF) -> None:
        """Adapt to a new size of the view."""
        self.camera = replace(self.camera, size_px=size_px)
        if self._restored is not None:
            self._show(self._restored)

    def use_pending(self) -> bool:
        """Restore a pending zoom, such as that of a session.

        Return whether there was something to restore.
        """
        zoom = self.pending
        if zoom is None:
            return False
        self.pending, self._restored = None, zoom
        self._show(zoom)
        return True

    def _show(self, zoom: Zoom) -> None:
        size = self.camera.size_px * zoom.mm_per_px
        corner = QPointF(zoom.right_mm - size.width() / 2, zoom.down_mm - size.height() / 2)
        self.camera = replace(self.camera, part_mm=QRectF(corner, size))
