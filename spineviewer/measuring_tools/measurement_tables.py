"""Measurements in CSV tables and session files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from spineviewer.measuring_tools.measurement import MAX_TEXT_LENGTH, Measurement, quantities
from spineviewer.measuring_tools.registry import tool_named
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation, stored_rotation
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import number_text

# limits larger than any scan
_Index = Annotated[float, Meta(gt=-(2.0**31), lt=2.0**31)]
_Part = Annotated[float, Meta(ge=-2.0, le=2.0)]
_Axis = tuple[_Part, _Part, _Part]
_Offset = Annotated[float, Meta(gt=-1e4, lt=1e4)]


def as_csv(measurements: Sequence[Measurement], scan: CtVolume) -> str:
    """Return a table with one row per number; a note has one row without a number."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(
        [
            "number",
            "measurement",
            "label",
            "plane",
            "slice",
            "quantity",
            "value",
            "unit",
            "points_lps_mm",
        ]
    )
    for number, measurement in enumerate(measurements, start=1):
        points = scan.geometry.point_lps_mm(np.array(measurement.points_zyx))
        point_texts = "; ".join(" ".join(number_text(v, ".2f") for v in point) for point in points)
        plane = measurement.plane.name.lower()
        plane_and_slice = (
            [f"{plane} oblique", ""]
            if measurement.is_oblique
            else [plane, measurement.slice_index + 1]
        )
        numbers = [
            (q.name, number_text(q.value, ".3f"), q.unit) for q in quantities(measurement, scan)
        ] or [("", "", "")]
        for quantity in numbers:
            table.writerow(
                [
                    number,
                    measurement.tool.title,
                    measurement.text,
                    *plane_and_slice,
                    *quantity,
                    point_texts,
                ]
            )
    return out.getvalue()


class StoredMeasurement(msgspec.Struct):
    """A measurement as sessions store it; fields with defaults were added later."""

    kind: str
    plane: str
    points_zyx: tuple[tuple[_Index, _Index, _Index], ...]
    text: str = ""
    rotation: tuple[_Axis, _Axis, _Axis] | None = None
    label_mm: tuple[_Offset, _Offset] | None = None

    @classmethod
    def of(cls, measurement: Measurement) -> StoredMeasurement:
        return cls(
            kind=measurement.tool.name.upper(),
            plane=measurement.plane.name,
            points_zyx=measurement.points_zyx,
            text=measurement.text,
            rotation=measurement.rotation.axes,
            label_mm=measurement.label_mm,
        )

    @property
    def measurement(self) -> Measurement:
        """The restored measurement.

        Raises
        ------
        ValueError, KeyError
            When the stored measurement is invalid.
        """
        tool = tool_named(self.kind.lower())
        if not tool.accepts(len(self.points_zyx)):
            raise ValueError("a measurement has the wrong number of points")
        return Measurement(
            tool,
            Plane[self.plane],
            self.points_zyx,
            self.text[:MAX_TEXT_LENGTH],
            Rotation() if self.rotation is None else stored_rotation(self.rotation),
            self.label_mm,
        )
