"""The HU value under the pointer; in a slab, also the value that the picture shows."""

from __future__ import annotations

from spineviewer.app.state import ScanState, SlabKind
from spineviewer.gui.kit.language import tr
from spineviewer.volume.cuts import Cut, PlaneCut
from spineviewer.volume.geometry import IndexTriple
from spineviewer.wording import figure


def hu_text(state: ScanState, index_zyx: IndexTriple, cut: Cut | None = None) -> str:
    """Return the value of a voxel as text; in a slab, also the value that the picture shows.

    `cut` is the picture; if it is not parallel to the scan's slices, the text has only the voxel's
    value.
    """
    z, y, x = index_zyx
    value = int(state.scan.hu[z, y, x])
    slab = state.slab
    if slab.kind is SlabKind.SLICE:
        return tr(figure(value, "", "HU"))
    if not isinstance(cut, PlaneCut):
        return tr("slice {hu} HU", hu=value)
    axis = cut.plane.value
    count, spacing = state.scan.hu.shape[axis], state.scan.geometry.spacing_zyx_mm[axis]
    first, end = slab.range(cut.slice_index, count, spacing)
    place: list[int | slice] = [z, y, x]
    place[axis] = slice(first, end)
    through = state.scan.hu[tuple(place)]
    shown = round(float(through.max() if slab.kind is SlabKind.MIP else through.mean()))
    return tr(
        "{slab} {hu} HU, slice {slice_hu} HU", slab=tr(slab.kind.value), hu=shown, slice_hu=value
    )
