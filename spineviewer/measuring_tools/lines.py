"""Tools for lines and angles: distance, angle and Cobb angle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spineviewer.measuring_tools.forms import DicomEncoding, Drawing, ScreenPoint
from spineviewer.measuring_tools.measurement import Measurement, MeasuringTool, angle_deg
from spineviewer.measuring_tools.quantities import ANGLE, COBB_ANGLE, LENGTH, Quantity
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import mark


@dataclass(frozen=True)
class Distance(MeasuringTool):
    """The distance between two points."""

    name = "distance"
    title = mark("Distance")
    tip = mark("Drag from end to end")
    key = "D"
    icon = '<path d="m4 16 12-12 4 4L8 20z"/><path d="m7 13 2 2M10 10l2.500 2.500M13 7l2 2"/>'
    point_count = 2
    lines = ((0, 1),)

    def quantities(self, measurement: Measurement, scan: CtVolume) -> tuple[Quantity, ...]:
        first, last = measurement.points_lps_mm(scan.geometry)
        return (Quantity(LENGTH, float(np.linalg.norm(last - first))),)


@dataclass(frozen=True)
class Angle(MeasuringTool):
    """The angle at a corner; its points are one arm's end, the corner, and the other arm's end."""

    name = "angle"
    title = mark("Angle")
    tip = mark("Drag along one arm to the vertex, then click the end of the other")
    key = "G"
    icon = '<path d="M5 19 17 5M5 19h15"/><path d="M11.500 11.500A9 9 0 0 1 14 19"/>'
    point_count = 3
    lines = ((0, 1), (1, 2))
    steps = (
        mark("Drag along one arm to the vertex"),
        mark("Continue to the vertex"),
        mark("Click the end of the other arm"),
    )

    def quantities(self, measurement: Measurement, scan: CtVolume) -> tuple[Quantity, ...]:
        arm, corner, other = measurement.points_lps_mm(scan.geometry)
        return (Quantity(ANGLE, angle_deg(arm - corner, other - corner)),)


@dataclass(frozen=True)
class CobbAngle(MeasuringTool):
    """The angle between two lines, each drawn through two points; the lines have no direction.

    As on a radiograph, a scoliotic spine is projected: the endplates may be in different slices.
    """

    name = "cobb"
    is_projected = True
    title = mark("Cobb angle")
    tip = mark("Draw a line along each of two endplates")
    key = "Shift+C"
    icon = (
        '<path d="m4 7 11-3M4 20l13-1"/><path d="M14 4.500c4 4 5 9 3 14" stroke-dasharray="2 2"/>'
    )
    point_count = 4
    lines = ((0, 1), (2, 3))
    steps = (
        mark("Drag along the first endplate"),
        mark("Continue to the other end of this endplate"),
        mark("Drag along the second endplate, in this or another slice"),
        mark("Continue to the other end of this endplate"),
    )

    def quantities(self, measurement: Measurement, scan: CtVolume) -> tuple[Quantity, ...]:
        points = measurement.points_lps_mm(scan.geometry)
        angle = angle_deg(points[1] - points[0], points[3] - points[2])
        return (Quantity(COBB_ANGLE, min(angle, 180 - angle)),)

    def drawing(self, places: Sequence[ScreenPoint], *, is_complete: bool = True) -> Drawing:
        return Drawing(lines=(places[:2], places[2:]), handles=places, label_near=places)

    def dicom_encoding(self, measurement: Measurement, geometry: Geometry) -> DicomEncoding:
        points = measurement.points_lps_mm(geometry)
        return DicomEncoding(lines_lps_mm=(points[:2], points[2:]))
