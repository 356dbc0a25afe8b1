"""A picture of the active view for the report."""

from __future__ import annotations

from spineviewer.app.report_draft import KeyImage
from spineviewer.app.state import ScanState
from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.volume.cuts import CurvedCut


def key_image_of(area: ViewArea, state: ScanState) -> KeyImage | None:
    """Return the active view as a key image; None if it shows no picture of the scan."""
    view = area.members[area.active]
    if not isinstance(view, CutView) or view.cut is None:
        return None
    part = view.framing.camera.shown_mm.intersected(view.picture.screen.rect_mm)
    if part.isEmpty():
        return None
    z, y, x = state.place
    return KeyImage(
        view=view.plane.name.lower() if view.is_second else area.state.active,
        place_zyx=(float(z), float(y), float(x)),
        window=state.second_window if view.is_second else state.window,
        part_mm=(part.x(), part.y(), part.width(), part.height()),
        rotation=state.rotation,
        slab=state.slab,
        overlays=state.overlays,
        depth_mm=view.cut.depth_mm if isinstance(view.cut, CurvedCut) else 0.0,
    )
