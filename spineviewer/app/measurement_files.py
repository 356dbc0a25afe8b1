"""What was measured, as files: a table, and a DICOM structured report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.measuring import MeasureKind, Measurement, quantities
from spineviewer.io.dicom_sr import ReportedMeasurement, ReportedValue, Shape, write_sr
from spineviewer.progress import Progress
from spineviewer.volume.cuts import PlaneCut, TurnedCut
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import CtVolume

_SHAPES = {
    MeasureKind.DISTANCE: Shape.LENGTH,
    MeasureKind.ANGLE: Shape.ANGLE,
    MeasureKind.COBB: Shape.COBB,
    MeasureKind.REGION: Shape.ELLIPSE,
    MeasureKind.POLYGON: Shape.POLYGON,
    MeasureKind.NOTE: Shape.NOTE,
}


def write_report(
    measurements: Sequence[Measurement],
    scan: CtVolume,
    path: Path,
    *,
    may_overwrite: bool = False,
    progress: Progress | None = None,
) -> Path:
    """All measurements as a DICOM structured report (TID 1500); gives the path.

    Raises
    ------
    ExportError
        When the scan has no DICOM slices, nothing was measured, or the file cannot be written.
    Cancelled
        When `progress` says so.
    """
    reported = [_reported(measurement, scan.geometry, scan.hu) for measurement in measurements]
    write_sr(reported, scan.source, path, may_overwrite=may_overwrite, progress=progress)
    return path


def _reported(measurement: Measurement, geometry: Geometry, hu: NDArray[np.int16]) -> ReportedMeasurement:
    values = tuple(ReportedValue(q.name, q.value, q.unit) for q in quantities(measurement, geometry, hu))
    points = np.array(measurement.points_zyx)
    if measurement.kind is MeasureKind.REGION:
        points = _axes_of_ellipse(measurement.cut(geometry), measurement.points_zyx[0], measurement.points_zyx[1])
    return ReportedMeasurement(_SHAPES[measurement.kind], measurement.text, values, geometry.point_lps_mm(points))


def _axes_of_ellipse(
    cut: PlaneCut | TurnedCut, one: tuple[float, float, float], other: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Indices of both ends of the longer axis and of the shorter one, from two corners of the box around an ellipse."""
    (x0, y0), (x1, y1) = cut.on_screen_mm(one), cut.on_screen_mm(other)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    level, upright = [(x0, y), (x1, y)], [(x, y0), (x, y1)]
    ends = level + upright if abs(x1 - x0) >= abs(y1 - y0) else upright + level
    return np.array([cut.index_at(end) for end in ends])
