"""The tool that measures how far a vertebra has slipped on the one below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spineviewer.measuring_tools.forms import DicomEncoding, Drawing, ScreenPoint
from spineviewer.measuring_tools.measurement import Measurement, MeasuringTool
from spineviewer.measuring_tools.quantities import LENGTH, PERCENT, Code, Quantity, QuantityKind
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import mark, worded

_SLIP_PERCENT = QuantityKind(
    mark("slip"), PERCENT, Code("SLIP", "99SPINEVIEWER", "Slip as percent of the endplate")
)


@dataclass(frozen=True)
class Listhesis(MeasuringTool):
    """Slip in mm, and in percent of the lower vertebra's upper endplate (Meyerding).

    Points: both corners of the upper endplate of the lower vertebra, then the posterior lower
    corner of the vertebra above. The posterior end of the endplate is the one that is farther back
    in the patient, whichever was set first. Slip is measured along the endplate; forward is
    positive.
    """

    name = "listhesis"
    title = mark("Listhesis")
    tip = mark(
        "Drag along the superior endplate of the lower vertebra, then click the "
        "posterior inferior corner of the vertebra above"
    )
    key = "Shift+L"
    icon = (
        '<rect x="4" y="13" width="12" height="7" rx="1.500"/><rect x="8" y="4" width="12" '
        'height="7" rx="1.500"/>'
    )
    point_count = 3
    lines = ((0, 1),)
    steps = (
        mark("Drag along the superior endplate of the lower vertebra"),
        mark("Continue to the other end of this endplate"),
        mark("Click the posterior inferior corner of the vertebra above"),
    )

    def quantities(self, measurement: Measurement, scan: CtVolume) -> tuple[Quantity, ...]:
        one, other, corner = measurement.points_lps_mm(scan.geometry)
        # In LPS, y increases towards the back.
        front, back = (one, other) if other[1] > one[1] else (other, one)
        plate_mm = float(np.linalg.norm(front - back))
        if plate_mm == 0:
            return (Quantity(LENGTH, 0.0),)
        slip_mm = float((corner - back) @ (front - back)) / plate_mm
        return Quantity(LENGTH, slip_mm), Quantity(_SLIP_PERCENT, 100 * slip_mm / plate_mm)

    def value_text(self, found: Sequence[Quantity]) -> str:
        if len(found) == 1:
            return found[0].text
        return worded(
            "{slip_mm:+.1f} mm ({percent:.0f}%)",
            slip_mm=found[0].value,
            percent=abs(found[1].value),
        )

    def drawing(self, places: Sequence[ScreenPoint], *, is_complete: bool = True) -> Drawing:
        """Return the endplate, and the perpendicular from it to the corner above."""
        lines = [places[:2]]
        if len(places) == 3:
            (x0, y0), (x1, y1), (x, y) = places
            length = (x1 - x0) ** 2 + (y1 - y0) ** 2
            fraction = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length if length else 0.0
            lines.append([(x0 + fraction * (x1 - x0), y0 + fraction * (y1 - y0)), (x, y)])
        return Drawing(lines=tuple(lines), handles=places, label_near=places)

    def dicom_encoding(self, measurement: Measurement, geometry: Geometry) -> DicomEncoding:
        points = measurement.points_lps_mm(geometry)
        return DicomEncoding(lines_lps_mm=(points[:2], points[1:]))
