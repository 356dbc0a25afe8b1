"""Which part of a picture a view shows, and how large."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform


@dataclass(frozen=True)
class Camera:
    """Shows a part of a picture whole and centred, and its surroundings as far as the view reaches.

    Positions in the picture are mm (right, down), in the view logical pixels; a mm is equally long
    in both directions.

    Attributes
    ----------
    part_mm
        What is to be seen whatever the size of the view.
    size_px
        The view's.
    """

    part_mm: QRectF
    size_px: QSizeF

    @cached_property
    def mm_per_px(self) -> float:
        """How many mm one pixel shows."""
        return max(
            self.part_mm.width() / max(self.size_px.width(), 1),
            self.part_mm.height() / max(self.size_px.height(), 1),
        )

    @cached_property
    def shown_mm(self) -> QRectF:
        """All that is seen."""
        size = self.size_px * self.mm_per_px
        return QRectF(self.part_mm.center() - QPointF(size.width(), size.height()) / 2, size)

    @cached_property
    def transform(self) -> QTransform:
        """From mm to pixels."""
        scale, corner = 1 / self.mm_per_px, self.shown_mm.topLeft()
        return QTransform.fromTranslate(-corner.x() * scale, -corner.y() * scale).scale(
            scale, scale
        )

    def px_at(self, place_mm: QPointF) -> QPointF:
        """Return the position in the view of a place of the picture."""
        return (place_mm - self.shown_mm.topLeft()) / self.mm_per_px

    def mm_at(self, place_px: QPointF) -> QPointF:
        """Return the place of the picture at a position in the view."""
        return self.shown_mm.topLeft() + place_px * self.mm_per_px

    def moved(self, by_px: QPointF) -> Camera:
        """Return a camera that shows the picture moved by this many pixels."""
        return replace(self, part_mm=self.shown_mm.translated(-by_px * self.mm_per_px))

    def enlarged(self, factor: float, about_mm: QPointF) -> Camera:
        """One that shows the picture larger; a place of it stays where it is."""
        shown = self.shown_mm
        corner = about_mm + (shown.topLeft() - about_mm) / factor
        return replace(self, part_mm=QRectF(corner, shown.size() / factor))
