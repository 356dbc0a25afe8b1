"""The HU value under the pointer; in a slab, also the value that the picture shows."""

from __future__ import annotations

from spineviewer.app.state import ScanState, SlabKind
from spineviewer.gui.kit.language import tr
from spineviewer.volume.cuts import Cut, PlaneCut
from spineviewer.volume.geometry import IndexTriple
from spineviewer.wording import figure


def hu_text(state: ScanState, index_zyx: IndexTriple, cut: Cut | None = None) -> str:
    """Return the value of a voxel as text; in a slab, also the value that the picture shows.

    If `cut`, the cut that is shown, is not parallel to the scan's slices, the text contains only
    the voxel's value.
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
    indices: list[int | slice] = [z, y, x]
    indices[axis] = slice(first, end)
    values = state.scan.hu[tuple(indices)]
    slab_hu = round(float(values.max() if slab.kind is SlabKind.MIP else values.mean()))
    return tr(
        "{slab} {hu} HU, slice {slice_hu} HU", slab=tr(slab.kind.value), hu=slab_hu, slice_hu=value
    )
