"""Distances, angles, regions and notes that the reader draws: what they say, in the patient's millimetres and the scan's HU."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.cuts import Cut, PlaneCut, TurnedCut
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.planes import Plane
from spineviewer.volume.ruled import scan_on
from spineviewer.volume.turning import Turn
from spineviewer.wording import figure, mark, worded


class MeasureKind(Enum):
    """What is drawn; the value is its name for the reader."""

    DISTANCE = mark("Distance")
    ANGLE = mark("Angle")
    COBB = mark("Cobb angle")
    REGION = mark("Region")
    POLYGON = mark("Polygon")
    NOTE = mark("Note")

    @property
    def point_count(self) -> int | None:
        """Points that define it; None for as many as the reader sets, at least `LEAST_CORNERS`."""
        return _POINT_COUNTS[self]

    @property
    def has_area(self) -> bool:
        """Whether it encloses voxels."""
        return self in (MeasureKind.REGION, MeasureKind.POLYGON)


_POINT_COUNTS = {
    MeasureKind.DISTANCE: 2, MeasureKind.ANGLE: 3, MeasureKind.COBB: 4, MeasureKind.REGION: 2, MeasureKind.POLYGON: None,
    MeasureKind.NOTE: 2,
}  # fmt: skip
#: Of a polygon.
LEAST_CORNERS = 3
#: Planes that differ by less (0.5 degrees) are the same for what lies in them.
_PARALLEL_COSINE = 0.99996
LONGEST_TEXT = 200
#: Planes where something lies in them.
PLACE_NAMES = {Plane.AXIAL: worded("axial"), Plane.CORONAL: worded("coronal"), Plane.SAGITTAL: worded("sagittal")}


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
        return figure(self.value, f".{decimals}f", self.unit)


@dataclass(frozen=True)
class Measurement:
    """Something drawn in one plane.

    Attributes
    ----------
    points_zyx
        Fractional voxel indices: two ends; arm, corner, arm; two lines of two points; two corners of the box around an ellipse
        (its sides as the picture's); the corners of a polygon; what a note points at and where it stands.
    text
        What the reader calls it; what a note says.
    turn
        How the planes were turned when it was drawn.
    """

    kind: MeasureKind
    plane: Plane
    points_zyx: tuple[Triple, ...]
    text: str = ""
    turn: Turn = field(default_factory=Turn)

    @property
    def slice_index(self) -> int:
        """Of the slice it lies in, where its plane was not turned."""
        return round(self.points_zyx[0][self.plane.value])

    @property
    def is_oblique(self) -> bool:
        """Whether its plane was turned out of the scan's slices."""
        return self.turn.tilt_deg(self.plane) > 1e-3

    @property
    def place_name(self) -> str:
        """Plane and slice, as the reader counts them."""
        name = PLACE_NAMES[self.plane]
        return (
            worded("{plane}, oblique", plane=name)
            if self.is_oblique
            else worded("{plane} {number}", plane=name, number=self.slice_index + 1)
        )

    def cut(self, geometry: Geometry) -> PlaneCut | TurnedCut:
        """The plane that it was drawn in."""
        if not self.is_oblique:
            return PlaneCut(self.plane, geometry, self.slice_index)
        offset_mm = float(np.array(self.points_zyx[0]) * geometry.spacing_zyx_mm @ self.turn.normal(self.plane))
        return TurnedCut(self.plane, geometry, self.turn, offset_mm)

    def lies_in(self, cut: Cut) -> bool:
        """Whether a picture shows it: all its points lie in the slice, and an area lies flat in it."""
        if not isinstance(cut, (PlaneCut, TurnedCut)):
            return False
        normal = cut.turn.normal(cut.plane) if isinstance(cut, TurnedCut) else np.eye(3)[cut.plane.value]
        if self.kind.has_area and float(normal @ self.turn.normal(self.plane)) < _PARALLEL_COSINE:
            return False
        half_slice_mm = float(np.linalg.norm(normal * cut.geometry.spacing_zyx_mm)) / 2
        return all(abs(cut.across_mm(point)) <= half_slice_mm for point in self.points_zyx)

    def with_point(self, number: int, point_zyx: Triple) -> Measurement:
        """The same with one point moved."""
        points = list(self.points_zyx)
        points[number] = point_zyx
        return replace(self, points_zyx=tuple(points))

    def with_text(self, text: str) -> Measurement:
        """The same under another name."""
        return replace(self, text=text.strip()[:LONGEST_TEXT])


def quantities(measurement: Measurement, geometry: Geometry, hu: NDArray[np.int16]) -> tuple[Quantity, ...]:
    """What a complete measurement says, the most important first; a note has no numbers.

    A region counts the voxels whose centres lie inside; its area is theirs. In a turned plane there are no voxels: values are
    interpolated at points as near to each other as the scan's voxels. SD is the sample's (n - 1).
    """
    points = geometry.point_lps_mm(np.array(measurement.points_zyx))
    if measurement.kind is MeasureKind.NOTE:
        return ()
    if measurement.kind is MeasureKind.DISTANCE:
        return (Quantity(mark("length"), float(np.linalg.norm(points[1] - points[0])), "mm"),)
    if measurement.kind is MeasureKind.ANGLE:
        return (Quantity(mark("angle"), _angle_deg(points[0] - points[1], points[2] - points[1]), "°"),)
    if measurement.kind is MeasureKind.COBB:
        angle = _angle_deg(points[1] - points[0], points[3] - points[2])
        return (Quantity(mark("angle"), min(angle, 180 - angle), "°"),)  # lines have no direction
    values, pixel_mm2 = _inside(measurement, geometry, hu)
    if values.size == 0:
        return (Quantity(mark("area"), 0.0, "mm²"),)
    spread = float(values.std(ddof=1)) if values.size > 1 else 0.0
    return (
        Quantity(mark("mean"), float(values.mean()), "HU"),
        Quantity(mark("SD"), spread, "HU"),
        Quantity(mark("min"), float(values.min()), "HU"),
        Quantity(mark("max"), float(values.max()), "HU"),
        Quantity(mark("area"), values.size * pixel_mm2, "mm²"),
    )


def value_of(measurement: Measurement, geometry: Geometry, hu: NDArray[np.int16]) -> str:
    """Its most important number, of a region mean and spread; nothing of a note."""
    found = quantities(measurement, geometry, hu)
    if len(found) > 1:
        return worded("{mean:.0f} ± {spread:.0f} HU", mean=found[0].value, spread=found[1].value)
    return found[0].text if found else ""


def summary(measurement: Measurement, geometry: Geometry, hu: NDArray[np.int16]) -> str:
    """One line about it."""
    found = quantities(measurement, geometry, hu)
    if not found:
        return measurement.text
    value = value_of(measurement, geometry, hu)
    if len(found) > 1:
        value = worded("{value}, {area}", value=value, area=found[-1].text)
    return worded("{label}: {value}", label=measurement.text, value=value) if measurement.text else value


def details(measurement: Measurement, geometry: Geometry, hu: NDArray[np.int16]) -> str:
    """One line with every number, for the picture."""
    found = quantities(measurement, geometry, hu)
    line = summary(measurement, geometry, hu)
    if len(found) <= 3:
        return line
    return worded("{line}, {least:.0f} to {most:.0f} HU", line=line, least=found[2].value, most=found[3].value)


def as_csv(measurements: Sequence[Measurement], geometry: Geometry, hu: NDArray[np.int16]) -> str:
    """A table with one row per number: what, where, how much. A note has one row without a number."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["number", "measurement", "label", "plane", "slice", "quantity", "value", "unit", "points_lps_mm"])
    for number, measurement in enumerate(measurements, start=1):
        points = geometry.point_lps_mm(np.array(measurement.points_zyx))
        places = "; ".join(" ".join(f"{v:.2f}" for v in point) for point in points)
        plane = measurement.plane.name.lower()
        where = [f"{plane} oblique", ""] if measurement.is_oblique else [plane, measurement.slice_index + 1]
        numbers = [(q.name, f"{q.value:.3f}", q.unit) for q in quantities(measurement, geometry, hu)] or [("", "", "")]
        for quantity in numbers:
            table.writerow([number, measurement.kind.value, measurement.text, *where, *quantity, places])
    return out.getvalue()


def as_json(measurements: Sequence[Measurement]) -> str:
    """For keeping."""
    entries = [
        {"kind": m.kind.name, "plane": m.plane.name, "points_zyx": m.points_zyx, "text": m.text, "turn": m.turn.axes}
        for m in measurements
    ]
    return json.dumps(entries)


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
        return tuple(_measurement_from(entry) for entry in entries)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no measurements: {error}") from error


def _measurement_from(entry: Mapping[str, Any]) -> Measurement:
    kind, plane = MeasureKind[entry["kind"]], Plane[entry["plane"]]
    points = tuple((float(z), float(y), float(x)) for z, y, x in entry["points_zyx"])
    wanted = kind.point_count
    if len(points) < LEAST_CORNERS if wanted is None else len(points) != wanted:
        raise ValueError("no measurements: a wrong number of points")
    turn = Turn()
    if "turn" in entry:
        z, y, x = ((float(a), float(b), float(c)) for a, b, c in entry["turn"])
        turn = Turn((z, y, x))
        axes = np.array(turn.axes)
        if not np.allclose(axes @ axes.T, np.eye(3), atol=1e-6):
            raise ValueError("no measurements: a plane is turned askew")
    return Measurement(kind, plane, points, str(entry.get("text", ""))[:LONGEST_TEXT], turn)


def _angle_deg(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    if lengths == 0:
        return 0.0
    return float(np.degrees(np.arccos(np.clip(float(one @ other) / lengths, -1, 1))))


def _inside(measurement: Measurement, geometry: Geometry, hu: NDArray[np.int16]) -> tuple[NDArray[np.float64], float]:
    """HU of the pixels of its plane whose centres lie inside, and the area of one in mm²."""
    cut = measurement.cut(geometry)
    corners = np.array([cut.on_screen_mm(point) for point in measurement.points_zyx])
    low, high = np.maximum(corners.min(axis=0), 0.0), np.minimum(corners.max(axis=0), cut.size_mm)
    if (high <= low).any():
        return np.empty(0), 0.0
    if isinstance(cut, PlaneCut):
        picture, right_mm, down_mm = _voxels_between(cut, hu, low, high)
    else:
        picture, right_mm, down_mm = _samples_between(cut, hu, low, high)
    if not picture.size:
        return np.empty(0), 0.0
    inside = _in_ellipse if measurement.kind is MeasureKind.REGION else _in_polygon
    selected = inside(corners, right_mm[None, :], down_mm[:, None])
    pixel_mm2 = _step(cut, 0) * _step(cut, 1)
    return np.asarray(picture[selected], np.float64), pixel_mm2


Picture = tuple[NDArray[np.int16], NDArray[np.float64], NDArray[np.float64]]


def _voxels_between(cut: PlaneCut, hu: NDArray[np.int16], low: NDArray[np.float64], high: NDArray[np.float64]) -> Picture:
    """The voxels of a slice in a box, and where the centres of their columns and rows lie on the screen."""
    plane, geometry = cut.plane, cut.geometry
    index = min(max(cut.slice_index, 0), geometry.shape_zyx[plane.value] - 1)
    picture = plane.slice_of(hu, index)
    ranges = []
    for k, (axis, count) in enumerate(((plane.column_axis, picture.shape[1]), (plane.row_axis, picture.shape[0]))):
        spacing = geometry.spacing_zyx_mm[axis]
        first, last = int(np.ceil(low[k] / spacing - 0.5 - 1e-6)), int(np.floor(high[k] / spacing - 0.5 + 1e-6))
        ranges.append(np.arange(max(first, 0), min(last, count - 1) + 1))
    columns, rows = ranges
    right_mm, down_mm = (np.asarray((index + 0.5) * _step(cut, k), np.float64) for k, index in enumerate(ranges))
    return picture[np.ix_(rows, columns)], right_mm, down_mm


def _samples_between(cut: TurnedCut, hu: NDArray[np.int16], low: NDArray[np.float64], high: NDArray[np.float64]) -> Picture:
    """Interpolated values of a turned plane in a box, on the pixels that the view shows."""
    pixel = cut.pixel_mm
    columns, rows = (np.arange(int(np.floor(low[k] / pixel)), int(np.ceil(high[k] / pixel))) for k in (0, 1))
    surface = cut.surface(first_column=int(columns[0]), columns=len(columns), first_row=int(rows[0]), rows=len(rows))
    right_mm, down_mm = (np.asarray((index + 0.5) * pixel, np.float64) for index in (columns, rows))
    return scan_on(hu, surface), right_mm, down_mm


def _step(cut: PlaneCut | TurnedCut, side: int) -> float:
    """Distance of neighbouring pixels to the right (0) or down (1)."""
    if isinstance(cut, TurnedCut):
        return cut.pixel_mm
    return cut.geometry.spacing_zyx_mm[cut.plane.row_axis if side else cut.plane.column_axis]


def _in_ellipse(corners: NDArray[np.float64], right_mm: NDArray[np.float64], down_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    middle, radius = corners.mean(axis=0), np.maximum(np.abs(corners[1] - corners[0]) / 2, 1e-9)
    inside: NDArray[np.bool_] = ((right_mm - middle[0]) / radius[0]) ** 2 + ((down_mm - middle[1]) / radius[1]) ** 2 <= 1 + 1e-9
    return inside


def _in_polygon(corners: NDArray[np.float64], right_mm: NDArray[np.float64], down_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a ray to the right meets an odd number of sides."""
    inside = np.zeros(np.broadcast_shapes(right_mm.shape, down_mm.shape), np.bool_)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            is_level = (down_mm >= min(y0, y1)) & (down_mm < max(y0, y1))
            inside ^= is_level & (right_mm < x0 + (down_mm - y0) / (y1 - y0) * (x1 - x0))
    return inside
