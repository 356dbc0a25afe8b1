"""A picture of the active view for the report."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter

from spineviewer.app.report_draft import KeyImage
from spineviewer.app.state import ScanState
from spineviewer.gui.reporting.report_image import png_of
from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.surface_view import SurfaceView
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.volume.cuts import CurvedCut

#: Pixels of a stored drawing for each pixel of the view, because reports enlarge it.
_FINENESS = 2.0


def key_image_of(area: ViewArea, state: ScanState) -> KeyImage | None:
    """Return the active view as a key image; None if it shows neither scan nor surface."""
    view = area.members[area.active]
    z, y, x = state.place
    if isinstance(view, SurfaceView):
        picture = view.picture()
        if picture is None:
            return None
        return KeyImage(
            view=area.state.active,
            place_zyx=(float(z), float(y), float(x)),
            window=state.window,
            part_mm=(0.0, 0.0, float(view.width()), float(view.height())),
            drawing=png_of(picture),
        )
    if view.cut is None:
        return None
    part = view.framing.camera.shown_mm.intersected(view.picture.screen.rect_mm)
    if part.isEmpty():
        return None
    return KeyImage(
        view=view.plane.name.lower() if view.is_second else area.state.active,
        place_zyx=(float(z), float(y), float(x)),
        window=state.second_window if view.is_second else state.window,
        part_mm=(part.x(), part.y(), part.width(), part.height()),
        rotation=state.rotation,
        slab=state.slab,
        overlays=state.overlays,
        depth_mm=view.cut.depth_mm if isinstance(view.cut, CurvedCut) else 0.0,
        drawing=_marks_on(view, part),
    )


def _marks_on(view: CutView, part_mm: QRectF) -> bytes:
    """Return the marks over a part of the picture that a report cannot draw again, as PNG.

    Empty if there are none.
    """
    corner = view.framing.camera.px_at(part_mm.topLeft())
    size = QSizeF(part_mm.size()) / view.framing.camera.mm_per_px
    picture = QImage((size * _FINENESS).toSize(), QImage.Format.Format_ARGB32)
    picture.fill(0)
    blank = picture.copy()
    painter = QPainter(picture)
    painter.scale(_FINENESS, _FINENESS)
    painter.translate(-corner)
    for marks in view.marks:
        if not marks.are_in_state:
            marks.paint(view, painter)
    painter.end()
    return b"" if picture == blank else png_of(picture)
