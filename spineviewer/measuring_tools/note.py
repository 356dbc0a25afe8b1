"""The tool for notes: an arrow with text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spineviewer.measuring_tools.forms import DicomEncoding, Drawing, ScreenPoint
from spineviewer.measuring_tools.measurement import Measurement, MeasuringTool
from spineviewer.measuring_tools.quantities import Quantity
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import mark


@dataclass(frozen=True)
class Note(MeasuringTool):
    """Text with an arrow; its points are the finding and the position of the text."""

    name = "note"
    title = mark("Note")
    tip = mark("Drag from the finding to the label position")
    key = "N"
    icon = '<path d="M4 20 11 13M4 20v-5M4 20h5"/><path d="M12 4h8M16 4v8"/>'
    point_count = 2
    lines = ((0, 1),)
    is_text = True

    def quantities(self, measurement: Measurement, scan: CtVolume) -> tuple[Quantity, ...]:
        return ()

    def drawing(self, places: Sequence[ScreenPoint], *, is_complete: bool = True) -> Drawing:
        arrow = (places[0], places[1]) if len(places) == 2 else None
        # no handle at the tip, because it would hide the finding
        return Drawing(arrow=arrow, handles=places[1:], label_near=places[-1:])

    def dicom_encoding(self, measurement: Measurement, geometry: Geometry) -> DicomEncoding:
        return DicomEncoding(comment_lps_mm=measurement.points_lps_mm(geometry)[:1])
