"""Values and positions in a scan as text."""

from __future__ import annotations

from spineviewer.app.state import ScanState, SlabKind
from spineviewer.gui.kit.language import tr
from spineviewer.volume.cuts import Cut, PlaneCut
from spineviewer.volume.geometry import IndexTriple, Triple
from spineviewer.wording import formatted_number


def value_text(state: ScanState, index_zyx: IndexTriple, cut: Cut | None = None) -> str:
    """Return the value of a voxel as text; in a slab, also the value that the picture shows.

    Values that are not Hounsfield units have no unit. `cut` is the cut that is shown; unless it is
    parallel to the scan's slices, the text contains only the voxel's value.
    """
    z, y, x = index_zyx
    unit = "HU" if state.scan.source.are_values_hu else ""
    value = tr(formatted_number(int(state.scan.hu[z, y, x]), "", unit))
    slab = state.slab
    if slab.kind is SlabKind.SLICE:
        return value
    if not isinstance(cut, PlaneCut):
        return tr("slice {value}", value=value)
    axis = cut.plane.value
    count, spacing = state.scan.hu.shape[axis], state.scan.geometry.spacing_zyx_mm[axis]
    first, end = slab.range(cut.slice_index, count, spacing)
    indices: list[int | slice] = [z, y, x]
    indices[axis] = slice(first, end)
    values = state.scan.hu[tuple(indices)]
    slab_value = round(float(values.max() if slab.kind is SlabKind.MIP else values.mean()))
    return tr(
        "{slab} {value}, slice {slice_value}",
        slab=tr(slab.kind.value),
        value=tr(formatted_number(slab_value, "", unit)),
        slice_value=value,
    )


def position_text(point_lps_mm: Triple, *, is_orientation_known: bool) -> str:
    """Return a position as text, without its unit: `L 12.0  P 3.5  S 40.0`.

    Without a known orientation, these are three numbers without letters.
    """
    if not is_orientation_known:
        return "  ".join(tr(formatted_number(value, ".1f")) for value in point_lps_mm)
    return "  ".join(
        f"{'LPS'[axis] if value >= 0 else 'RAI'[axis]} {tr(formatted_number(abs(value), '.1f'))}"
        for axis, value in enumerate(point_lps_mm)
    )
