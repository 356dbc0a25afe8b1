"""The visible part of a picture and its scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform


@dataclass(frozen=True)
class Camera:
    """Maps part of a picture to a view: the whole part, centred, and more if there is room.

    Positions are in mm (right, down) in the picture, and in logical pixels in the view. The scale
    is the same in both directions.

    Attributes
    ----------
    part_mm
        Part of the picture that is visible at any size of the view.
    size_px
        Size of the view.
    """

    part_mm: QRectF
    size_px: QSizeF

    @cached_property
    def mm_per_px(self) -> float:
        """Size of a pixel in mm."""
        return max(
            self.part_mm.width() / max(self.size_px.width(), 1),
            self.part_mm.height() / max(self.size_px.height(), 1),
        )

    @cached_property
    def shown_mm(self) -> QRectF:
        """The visible part, in mm."""
        size = self.size_px * self.mm_per_px
        return QRectF(self.part_mm.center() - QPointF(size.width(), size.height()) / 2, size)

    @cached_property
    def transform(self) -> QTransform:
        """The transform from mm to pixels."""
        scale, corner = 1 / self.mm_per_px, self.shown_mm.topLeft()
        return QTransform.fromTranslate(-corner.x() * scale, -corner.y() * scale).scale(
            scale, scale
        )

    def px_at(self, point_mm: QPointF) -> QPointF:
        """Return the position in the view of a point in the picture."""
        return (point_mm - self.shown_mm.topLeft()) / self.mm_per_px

    def mm_at(self, position_px: QPointF) -> QPointF:
        """Return the point in the picture at a position in the view."""
        return self.shown_mm.topLeft() + position_px * self.mm_per_px

    def moved(self, by_px: QPointF) -> Camera:
        """Return a camera that shows the picture moved by this many pixels."""
        return replace(self, part_mm=self.shown_mm.translated(-by_px * self.mm_per_px))

    def enlarged(self, factor: float, fixed_mm: QPointF) -> Camera:
        """Return a camera that enlarges the picture; the point `fixed_mm` stays where it is."""
        shown = self.shown_mm
        corner = fixed_mm + (shown.topLeft() - fixed_mm) / factor
        return replace(self, part_mm=QRectF(corner, shown.size() / factor))
