"""A measurement that the user draws: points in one plane, and the tool that interprets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from spineviewer.measuring_tools.forms import DicomEncoding, Drawing, ScreenPoint
from spineviewer.measuring_tools.quantities import Quantity
from spineviewer.volume.cuts import Cut, PlaneCut, RotatedCut
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import worded

#: Planes count as parallel if the cosine of the angle between them exceeds this (0.5 degrees).
_PARALLEL_COSINE = 0.99996
MAX_TEXT_LENGTH = 200
#: Names of planes in a scan whose orientation is unknown.
_STORED_PLANE_NAMES = {
    Plane.AXIAL: worded("slice"),
    Plane.CORONAL: worded("row"),
    Plane.SAGITTAL: worded("column"),
}
#: Names of planes in sentences.
PLANE_NAMES = {
    Plane.AXIAL: worded("axial"),
    Plane.CORONAL: worded("coronal"),
    Plane.SAGITTAL: worded("sagittal"),
}


@dataclass(frozen=True)
class MeasuringTool:
    """One kind of measurement: its points, quantities, drawing and DICOM encoding.

    Tools have no state; two of one class are equal. A new tool is a class with these members and an
    entry in `registry.py`.

    Attributes
    ----------
    name
        Identifies the tool in sessions and commands, so it must never change.
    title, tip, key, icon
        Title, tooltip, key and icon of its command. Title and tooltip are marked for translation;
        the icon is an SVG path on a 24 x 24 grid.
    point_count
        Points that define it; None for as many as the user sets, at least `min_points`.
    steps
        The prompt after each number of points, marked for translation; empty if one gesture draws
        the measurement.
    lines
        Pairs of points that must differ, because a line or an area is measured between them.
    is_flat
        Whether it is shown only in pictures parallel to its plane. Other measurements are shown
        wherever all their points are in the slice.
    is_projected
        Whether its lines may be drawn in different slices; it is measured in the last one.
    is_text
        Whether it consists of text and has no numbers.
    measures_voxels
        Whether its numbers are computed from the voxels of one slice, even if the picture is a
        slab.
    """

    name = ""
    title = ""
    tip = ""
    key = ""
    icon = ""
    point_count: ClassVar[int | None] = None
    min_points = 3
    steps: ClassVar[tuple[str, ...]] = ()
    lines: ClassVar[tuple[tuple[int, int], ...]] = ()
    is_flat = False
    is_projected = False
    is_text = False
    measures_voxels = False

    def accepts(self, count: int) -> bool:
        """Return whether `count` points make a measurement."""
        return count >= self.min_points if self.point_count is None else count == self.point_count

    def partners(self, number: int) -> tuple[int, ...]:
        """Return the points to which lines lead from a point."""
        return tuple(
            one if number == other else other for one, other in self.lines if number in (one, other)
        )

    def quantities(self, measurement: Measurement, scan: CtVolume) -> tuple[Quantity, ...]:
        """Return its numbers, the most important first."""
        raise NotImplementedError

    def value_text(self, found: Sequence[Quantity]) -> str:
        """Return the most important numbers in short form."""
        return found[0].text if found else ""

    def summary_text(self, found: Sequence[Quantity]) -> str:
        """Return the numbers for one line."""
        return self.value_text(found)

    def detail_text(self, found: Sequence[Quantity]) -> str:
        """Return additional numbers, for use where there is more room; may be empty."""
        return ""

    def drawing(self, places: Sequence[ScreenPoint], *, is_complete: bool = True) -> Drawing:
        """Return its drawing, even while it is incomplete; by default a polyline."""
        return Drawing(lines=(places,), handles=places, label_near=places)

    def dicom_encoding(self, measurement: Measurement, geometry: Geometry) -> DicomEncoding:
        """Return its form in a structured report; by default one polyline."""
        return DicomEncoding(lines_lps_mm=(measurement.points_lps_mm(geometry),))


@dataclass(frozen=True)
class Measurement:
    """A measurement in one plane.

    Attributes
    ----------
    points_zyx
        Fractional voxel indices, in the order that the tool specifies.
    text
        The user's name for it; for a note, its text.
    rotation
        How the planes were rotated when it was drawn.
    label_mm
        Position of its label in the picture, in mm to the right of its first point and below it;
        None if the user has not moved the label.
    """

    tool: MeasuringTool
    plane: Plane
    points_zyx: tuple[Triple, ...]
    text: str = ""
    rotation: Rotation = field(default_factory=Rotation)
    label_mm: tuple[float, float] | None = None

    @property
    def slice_index(self) -> int:
        """Index of its slice, if its plane was not rotated."""
        return round(self.points_zyx[0][self.plane.value])

    @property
    def is_oblique(self) -> bool:
        """Whether its plane was rotated out of the scan's slices."""
        return self.rotation.tilt_deg(self.plane) > 1e-3

    def place_name(self, scan: CtVolume) -> str:
        """Return the name of the plane and the number of the slice, counted from 1."""
        names = PLANE_NAMES if scan.source.is_orientation_known else _STORED_PLANE_NAMES
        name = names[self.plane]
        return (
            worded("{plane}, oblique", plane=name)
            if self.is_oblique
            else worded("{plane} {number}", plane=name, number=self.slice_index + 1)
        )

    def points_lps_mm(self, geometry: Geometry) -> NDArray[np.float64]:
        """Return its points in the patient: float64, shape (points, 3)."""
        return geometry.point_lps_mm(np.array(self.points_zyx))

    def cut(self, geometry: Geometry) -> PlaneCut | RotatedCut:
        """Return the plane in which it was drawn."""
        if not self.is_oblique:
            return PlaneCut(self.plane, geometry, self.slice_index)
        offset_mm = float(
            np.array(self.points_zyx[0])
            * geometry.spacing_zyx_mm
            @ self.rotation.normal(self.plane)
        )
        return RotatedCut(self.plane, geometry, self.rotation, offset_mm)

    def is_shown_in(self, cut: Cut) -> bool:
        """Return whether it is shown in a picture.

        All its points must be in the slice, and an area must be parallel to it.
        """
        if not isinstance(cut, (PlaneCut, RotatedCut)):
            return False
        normal = (
            cut.rotation.normal(cut.plane)
            if isinstance(cut, RotatedCut)
            else np.eye(3)[cut.plane.value]
        )
        if (
            self.tool.is_flat
            and float(normal @ self.rotation.normal(self.plane)) < _PARALLEL_COSINE
        ):
            return False
        half_slice_mm = float(np.linalg.norm(normal * cut.geometry.spacing_zyx_mm)) / 2
        return all(abs(cut.across_mm(point)) <= half_slice_mm for point in self.points_zyx)

    def with_point(self, number: int, point_zyx: Triple) -> Measurement:
        """Return a copy with one point moved."""
        points = list(self.points_zyx)
        points[number] = point_zyx
        return replace(self, points_zyx=tuple(points))

    def with_label(self, right_mm: float, down_mm: float) -> Measurement:
        """Return a copy with its label moved."""
        return replace(self, label_mm=(right_mm, down_mm))

    def with_text(self, text: str) -> Measurement:
        """Return a copy with another name."""
        return replace(self, text=text.strip()[:MAX_TEXT_LENGTH])


def quantities(measurement: Measurement, scan: CtVolume) -> tuple[Quantity, ...]:
    """Return the numbers of a complete measurement in a scan, the most important first."""
    return measurement.tool.quantities(measurement, scan)


def short_value(measurement: Measurement, scan: CtVolume) -> str:
    """Return the most important numbers of a measurement in short form; empty for a note."""
    return measurement.tool.value_text(quantities(measurement, scan))


def summary(measurement: Measurement, scan: CtVolume) -> str:
    """Return a one-line summary of a measurement."""
    return _with_label(measurement, measurement.tool.summary_text(quantities(measurement, scan)))


def details(measurement: Measurement, scan: CtVolume) -> str:
    """Return one line with all numbers of a measurement."""
    line, more = summary(measurement, scan), more_details(measurement, scan)
    return worded("{line}, {more}", line=line, more=more) if more else line


def more_details(measurement: Measurement, scan: CtVolume) -> str:
    """Return the numbers that `summary` leaves out; may be empty."""
    return measurement.tool.detail_text(quantities(measurement, scan))


def _with_label(measurement: Measurement, value: str) -> str:
    if not value:
        return measurement.text
    return (
        worded("{label}: {value}", label=measurement.text, value=value)
        if measurement.text
        else value
    )


def angle_deg(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the angle between two vectors in degrees; 0 if one has no length.

    Both are float64, shape (3,).
    """
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    if lengths == 0:
        return 0.0
    return float(np.degrees(np.arccos(np.clip(float(one @ other) / lengths, -1, 1))))
