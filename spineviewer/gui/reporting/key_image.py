"""Key images made from the active view."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, QPointF
from PySide6.QtGui import QImage, QPainter

from spineviewer.app.landmarks import PlacedSource, find_landmarks, placed_source
from spineviewer.app.report_draft import KeyImage
from spineviewer.app.scan_core import ScanParts
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.png import png_bytes
from spineviewer.gui.kit.theme import DARK
from spineviewer.gui.measuring.landmark_painting import landmarks_in
from spineviewer.gui.viewing.annotations import paint_shadowed
from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.surface_view import SurfaceView
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.volume.cuts import CurvedCut


def make_key_image(area: ViewArea, parts: ScanParts) -> KeyImage | None:
    """Return a key image of the active view; None if it shows neither scan nor surface."""
    state = parts.state
    view = area.members[area.active]
    z, y, x = state.point_zyx
    if isinstance(view, SurfaceView):
        picture = view.picture()
        if picture is None:
            return None
        return KeyImage(
            view=area.state.active,
            exact_crosshair_zyx=(float(z), float(y), float(x)),
            window=state.window,
            part_mm=(0.0, 0.0, float(view.width()), float(view.height())),
            drawing=png_bytes(_with_date(picture)),
        )
    if view.cut is None:
        return None
    part = view.framing.camera.shown_mm.intersected(view.picture.screen.rect_mm)
    if part.isEmpty():
        return None
    return KeyImage(
        view=view.plane.name.lower() if view.is_second else area.state.active,
        exact_crosshair_zyx=(float(z), float(y), float(x)),
        window=state.second_window if view.is_second else state.window,
        part_mm=(part.x(), part.y(), part.width(), part.height()),
        rotation=state.rotation,
        slab=state.slab.shown_in(view.plane),
        overlays=state.overlays,
        depth_mm=view.cut.depth_mm if isinstance(view.cut, CurvedCut) else 0.0,
        value=_shown_value(view, parts),
    )


def _shown_value(view: CutView, parts: ScanParts) -> PlacedSource | None:
    """Return the value whose landmarks a view shows; None if it shows none."""
    source, measured, cut = parts.chosen_source, parts.spine_measurements, view.cut
    is_flat = cut is not None and not isinstance(cut, CurvedCut)
    if source is None or measured is None or not is_flat or parts.state.overlays.is_all_hidden:
        return None
    assert cut is not None
    landmarks = find_landmarks(measured, source)
    if landmarks is None or landmarks_in(landmarks, cut, view.plane, parts.state) is None:
        return None
    return placed_source(source, measured)


def _with_date(picture: QImage) -> QImage:
    """Paint the current date and time on a picture of the surface, and return the picture.

    They are needed because the report shows the same picture even after the names or the mask have
    changed.
    """
    when = QLocale().toString(QDateTime.currentDateTime(), tr("d MMM, HH:mm"))
    height = picture.height() / picture.devicePixelRatio()
    painter = QPainter(picture)
    text = tr("As of {when}", when=when)
    paint_shadowed(painter, QPointF(12, height - 34), text, DARK.quiet)
    painter.end()
    return picture
