"""Distances, angles and regions that the reader draws: what they measure, in the patient's millimetres and the scan's own HU."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.planes import Plane


class MeasureKind(Enum):
    """What is drawn; the value is its name for the reader."""

    DISTANCE = "Distance"
    ANGLE = "Angle"
    COBB = "Cobb angle"
    REGION = "Region"

    @property
    def point_count(self) -> int:
        """Points that define it."""
        return {MeasureKind.DISTANCE: 2, MeasureKind.ANGLE: 3, MeasureKind.COBB: 4, MeasureKind.REGION: 2}[self]


@dataclass(frozen=True)
class Quantity:
    """One number of a measurement."""

    name: str
    value: float
    unit: str

    @property
    def text(self) -> str:
        """For the picture and the list."""
        decimals = 0 if self.unit == "HU" else 1
        return f"{self.value:.{decimals}f}{'' if self.unit == '°' else ' '}{self.unit}"


@dataclass(frozen=True)
class Measurement:
    """Something drawn in one slice of one plane.

    Attributes
    ----------
    points_zyx
        Fractional voxel indices: two ends; arm, corner, arm; two lines of two points; two corners of the box around an ellipse.
    """

    kind: MeasureKind
    plane: Plane
    points_zyx: tuple[Triple, ...]

    @property
    def slice_index(self) -> int:
        """Of the slice it lies in."""
        return round(self.points_zyx[0][self.plane.value])

    def lies_in(self, plane: Plane, index: int) -> bool:
        """Whether it is drawn in a slice."""
        return plane is self.plane and index == self.slice_index

    def with_point(self, number: int, point_zyx: Triple) -> Measurement:
        """The same with one point moved."""
        points = list(self.points_zyx)
        points[number] = point_zyx
        return Measurement(self.kind, self.plane, tuple(points))


def quantities(measurement: Measurement, geometry: Geometry, hu: NDArray[np.int16]) -> tuple[Quantity, ...]:
    """What a complete measurement says, the most important first.

    A region counts the voxels whose centres lie inside the ellipse; its area is theirs. SD is the sample's (n - 1).
    """
    points = geometry.point_lps_mm(np.array(measurement.points_zyx))
    if measurement.kind is MeasureKind.DISTANCE:
        return (Quantity("length", float(np.linalg.norm(points[1] - points[0])), "mm"),)
    if measurement.kind is MeasureKind.ANGLE:
        return (Quantity("angle", _angle_deg(points[0] - points[1], points[2] - points[1]), "°"),)
    if measurement.kind is MeasureKind.COBB:
        angle = _angle_deg(points[1] - points[0], points[3] - points[2])
        return (Quantity("angle", min(angle, 180 - angle), "°"),)  # lines have no direction
    values = _inside(measurement, geometry, hu)
    if values.size == 0:
        return (Quantity("area", 0.0, "mm²"),)
    rows, columns = (geometry.spacing_zyx_mm[axis] for axis in (measurement.plane.row_axis, measurement.plane.column_axis))
    spread = float(values.std(ddof=1)) if values.size > 1 else 0.0
    return (
        Quantity("mean", float(values.mean()), "HU"),
        Quantity("SD", spread, "HU"),
        Quantity("min", float(values.min()), "HU"),
        Quantity("max", float(values.max()), "HU"),
        Quantity("area", values.size * rows * columns, "mm²"),
    )


def summary(measurement: Measurement, geometry: Geometry, hu: NDArray[np.int16]) -> str:
    """One line for the list."""
    found = quantities(measurement, geometry, hu)
    if measurement.kind is MeasureKind.REGION and len(found) > 1:
        mean, spread, _, _, area = found
        return f"{mean.value:.0f} ± {spread.value:.0f} HU, {area.text}"
    return found[0].text


def as_csv(measurements: Sequence[Measurement], geometry: Geometry, hu: NDArray[np.int16]) -> str:
    """A table with one row per number: what, where, how much."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["number", "measurement", "plane", "slice", "quantity", "value", "unit", "points_lps_mm"])
    for number, measurement in enumerate(measurements, start=1):
        points = geometry.point_lps_mm(np.array(measurement.points_zyx))
        places = "; ".join(" ".join(f"{v:.2f}" for v in point) for point in points)
        for quantity in quantities(measurement, geometry, hu):
            row = [number, measurement.kind.value, measurement.plane.name.lower(), measurement.slice_index + 1]
            table.writerow([*row, quantity.name, f"{quantity.value:.3f}", quantity.unit, places])
    return out.getvalue()


def as_json(measurements: Sequence[Measurement]) -> str:
    """For keeping."""
    return json.dumps([{"kind": m.kind.name, "plane": m.plane.name, "points_zyx": m.points_zyx} for m in measurements])


def from_json(text: str) -> tuple[Measurement, ...]:
    """The inverse of `as_json`.

    Raises
    ------
    ValueError
        When the text is damaged.
    """
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"no measurements: {error}") from error
    try:
        found = []
        for entry in entries:
            kind, plane = MeasureKind[entry["kind"]], Plane[entry["plane"]]
            points = tuple((float(z), float(y), float(x)) for z, y, x in entry["points_zyx"])
            if len(points) != kind.point_count:
                raise ValueError("no measurements: a wrong number of points")
            found.append(Measurement(kind, plane, points))
        return tuple(found)
    except (KeyError, TypeError) as error:
        raise ValueError(f"no measurements: {error}") from error


def _angle_deg(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    if lengths == 0:
        return 0.0
    return float(np.degrees(np.arccos(np.clip(float(one @ other) / lengths, -1, 1))))


def _inside(measurement: Measurement, geometry: Geometry, hu: NDArray[np.int16]) -> NDArray[np.float64]:
    """HU of the voxels whose centres lie inside the ellipse."""
    plane = measurement.plane
    corners = np.array(measurement.points_zyx)
    ranges = []
    parts = []
    for axis in (plane.row_axis, plane.column_axis):
        low, high = sorted(corners[:, axis])
        index = np.arange(max(0, int(np.ceil(low))), min(geometry.shape_zyx[axis] - 1, int(np.floor(high))) + 1)
        radius = max((high - low) / 2, 1e-9)
        ranges.append(index)
        parts.append(((index - (low + high) / 2) / radius) ** 2)
    selected = parts[0][:, None] + parts[1][None, :] <= 1
    cut = min(max(measurement.slice_index, 0), geometry.shape_zyx[plane.value] - 1)
    picture = np.take(hu, cut, axis=plane.value)[np.ix_(ranges[0], ranges[1])]
    return np.asarray(picture[selected], np.float64)
