"""Tools for areas and the statistics of the voxels in them: ellipse and polygon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spineviewer.measuring_tools.forms import DicomEncoding, Drawing, RegionShape, ScreenPoint
from spineviewer.measuring_tools.measurement import Measurement, MeasuringTool
from spineviewer.measuring_tools.quantities import (
    AREA,
    HU_STATISTICS,
    VALUE_STATISTICS,
    Quantity,
)
from spineviewer.volume.cuts import PlaneCut, RotatedCut
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.ruled import sample_scan
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import mark, worded

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AreaTool(MeasuringTool):
    """Base class of area tools: mean, SD, minimum and maximum of the values, and area.

    Voxels count if their centres are inside. On a rotated plane, values are interpolated at the
    pixels of the view. SD is the sample standard deviation (n - 1).
    """

    is_flat = True
    measures_voxels = True

    def is_inside(self, corners: Floats, right_mm: Floats, down_mm: Floats) -> NDArray[np.bool_]:
        """Return which points are inside: bool, the broadcast shape of `right_mm` and `down_mm`.

        `corners` are the points of the measurement in its picture: float64, shape (points, 2),
        right and down.
        """
        raise NotImplementedError

    def quantities(self, measurement: Measurement, scan: CtVolume) -> tuple[Quantity, ...]:
        values, pixel_mm2 = self._values(measurement, scan.geometry, scan.hu)
        if values.size == 0:
            return (Quantity(AREA, 0.0),)
        spread = float(values.std(ddof=1)) if values.size > 1 else 0.0
        kinds = HU_STATISTICS if scan.source.are_values_hu else VALUE_STATISTICS
        return (
            Quantity(kinds.mean, float(values.mean())),
            Quantity(kinds.sd, spread),
            Quantity(kinds.minimum, float(values.min())),
            Quantity(kinds.maximum, float(values.max())),
            Quantity(AREA, values.size * pixel_mm2),
        )

    def value_text(self, found: Sequence[Quantity]) -> str:
        if len(found) == 1:
            return found[0].text
        return worded("{mean:.0f} ± {spread}", mean=found[0].value, spread=found[1].text)

    def summary_text(self, found: Sequence[Quantity]) -> str:
        value = self.value_text(found)
        return (
            worded("{value}, {area}", value=value, area=found[-1].text) if len(found) > 1 else value
        )

    def detail_text(self, found: Sequence[Quantity]) -> str:
        return (
            worded("{least:.0f} to {most}", least=found[2].value, most=found[3].text)
            if len(found) > 1
            else ""
        )

    def _values(
        self, measurement: Measurement, geometry: Geometry, hu: NDArray[np.int16]
    ) -> tuple[Floats, float]:
        """Return the values of pixels whose centres are inside, and the area of a pixel in mm²."""
        cut = measurement.cut(geometry)
        corners = np.array([cut.on_screen_mm(point) for point in measurement.points_zyx])
        low, high = (
            np.maximum(corners.min(axis=0), 0.0),
            np.minimum(corners.max(axis=0), cut.size_mm),
        )
        if (high <= low).any():
            return np.empty(0), 0.0
        if isinstance(cut, PlaneCut):
            picture, right_mm, down_mm = _voxels_between(cut, hu, low, high)
        else:
            picture, right_mm, down_mm = _samples_between(cut, hu, low, high)
        if not picture.size:
            return np.empty(0), 0.0
        selected = self.is_inside(corners, right_mm[None, :], down_mm[:, None])
        pixel_mm2 = _step(cut, 0) * _step(cut, 1)
        return np.asarray(picture[selected], np.float64), pixel_mm2


@dataclass(frozen=True)
class Region(AreaTool):
    """An ellipse, defined by two corners of its bounding box."""

    name = "region"
    title = mark("ROI")
    tip = mark("Draw an ellipse to measure mean, SD, minimum, maximum and area")
    key = "O"
    icon = (
        '<ellipse cx="12" cy="12" rx="8.500" ry="6"/><path d="M3.500 12h.01M20.500 12h.01M12 '
        '6h.01M12 18h.01" stroke-width="3"/>'
    )
    point_count = 2
    lines = ((0, 1),)

    def is_inside(self, corners: Floats, right_mm: Floats, down_mm: Floats) -> NDArray[np.bool_]:
        """Return which points are inside: bool, the broadcast shape of `right_mm` and `down_mm`."""
        middle, radius = corners.mean(axis=0), np.maximum(np.abs(corners[1] - corners[0]) / 2, 1e-9)
        x, y = (right_mm - middle[0]) / radius[0], (down_mm - middle[1]) / radius[1]
        inside: NDArray[np.bool_] = x**2 + y**2 <= 1 + 1e-9
        return inside

    def drawing(self, places: Sequence[ScreenPoint], *, is_complete: bool = True) -> Drawing:
        ellipse = (places[0], places[1]) if len(places) == 2 else None
        return Drawing(ellipse=ellipse, handles=places, label_near=places)

    def dicom_encoding(self, measurement: Measurement, geometry: Geometry) -> DicomEncoding:
        cut = measurement.cut(geometry)
        (x0, y0), (x1, y1) = (cut.on_screen_mm(point) for point in measurement.points_zyx)
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        level, upright = [(x0, y), (x1, y)], [(x, y0), (x, y1)]
        ends = level + upright if abs(x1 - x0) >= abs(y1 - y0) else upright + level
        return DicomEncoding(
            region=(
                RegionShape.ELLIPSE,
                geometry.point_lps_mm(np.array([cut.index_at(end) for end in ends])),
            )
        )


@dataclass(frozen=True)
class Polygon(AreaTool):
    """A polygon, defined by its corners."""

    name = "polygon"
    title = mark("Polygon ROI")
    tip = mark("Click the corners; click the first one again to close the polygon")
    steps = (
        mark("Click the corners"),
        mark("Click the next corner; Esc discards the polygon"),
        mark("Click the next corner; Esc discards the polygon"),
        mark("Enter or a double-click closes the polygon; Esc discards it"),
    )
    key = "Shift+O"
    icon = (
        '<path d="M5 9 12 4l7.500 5.500L16 19H7z"/>'
        '<path d="M5 9h.01M12 4h.01M19.500 9.500h.01M16 19h.01M7 19h.01" stroke-width="3"/>'
    )

    def is_inside(self, corners: Floats, right_mm: Floats, down_mm: Floats) -> NDArray[np.bool_]:
        """Return which points are inside: bool, the broadcast shape of `right_mm` and `down_mm`.

        A point is inside if a ray from it to the right crosses an odd number of sides.
        """
        inside = np.zeros(np.broadcast_shapes(right_mm.shape, down_mm.shape), np.bool_)
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y0 != y1:
                is_level = (down_mm >= min(y0, y1)) & (down_mm < max(y0, y1))
                inside ^= is_level & (right_mm < x0 + (down_mm - y0) / (y1 - y0) * (x1 - x0))
        return inside

    def drawing(self, places: Sequence[ScreenPoint], *, is_complete: bool = True) -> Drawing:
        if is_complete:
            return Drawing(polygons=(places,), handles=places, label_near=places)
        return Drawing(lines=(places,), handles=places, label_near=places)

    def dicom_encoding(self, measurement: Measurement, geometry: Geometry) -> DicomEncoding:
        points = measurement.points_lps_mm(geometry)
        return DicomEncoding(region=(RegionShape.POLYGON, np.concatenate([points, points[:1]])))


Picture = tuple[NDArray[np.int16], NDArray[np.float64], NDArray[np.float64]]


def _voxels_between(
    cut: PlaneCut, hu: NDArray[np.int16], low: NDArray[np.float64], high: NDArray[np.float64]
) -> Picture:
    """Return the voxels of a slice in a box, and the positions of their columns and rows in mm."""
    plane, geometry = cut.plane, cut.geometry
    index = min(max(cut.slice_index, 0), geometry.shape_zyx[plane.value] - 1)
    picture = plane.slice_of(hu, index)
    ranges = []
    for k, (axis, count) in enumerate(
        ((plane.column_axis, picture.shape[1]), (plane.row_axis, picture.shape[0]))
    ):
        spacing = geometry.spacing_zyx_mm[axis]
        first, last = (
            int(np.ceil(low[k] / spacing - 0.5 - 1e-6)),
            int(np.floor(high[k] / spacing - 0.5 + 1e-6)),
        )
        ranges.append(np.arange(max(first, 0), min(last, count - 1) + 1))
    columns, rows = ranges
    right_mm, down_mm = (
        np.asarray((index + 0.5) * _step(cut, k), np.float64) for k, index in enumerate(ranges)
    )
    return picture[np.ix_(rows, columns)], right_mm, down_mm


def _samples_between(
    cut: RotatedCut, hu: NDArray[np.int16], low: NDArray[np.float64], high: NDArray[np.float64]
) -> Picture:
    """Return the values of a rotated plane at pixels in a box, and the pixels' positions in mm."""
    pixel = cut.pixel_mm
    columns, rows = (
        np.arange(int(np.floor(low[k] / pixel)), int(np.ceil(high[k] / pixel))) for k in (0, 1)
    )
    surface = cut.surface(
        first_column=int(columns[0]), columns=len(columns), first_row=int(rows[0]), rows=len(rows)
    )
    right_mm, down_mm = (np.asarray((index + 0.5) * pixel, np.float64) for index in (columns, rows))
    return sample_scan(hu, surface), right_mm, down_mm


def _step(cut: PlaneCut | RotatedCut, side: int) -> float:
    """Return the distance in mm between neighbouring pixels to the right (0) or down (1)."""
    if isinstance(cut, RotatedCut):
        return cut.pixel_mm
    return cut.geometry.spacing_zyx_mm[cut.plane.row_axis if side else cut.plane.column_axis]
