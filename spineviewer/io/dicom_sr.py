"""Measurements as a DICOM structured report (TID 1500) on the source slices, written with highdicom in a child process.

It belongs to the patient's study and therefore carries the patient's identity as its source slices do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer import __version__
from spineviewer.child import Message
from spineviewer.errors import ExportError
from spineviewer.io.dicom_child import write_in_child
from spineviewer.io.dicom_seg import SERIES_NUMBER_STEP
from spineviewer.io.identity import (
    UTF_8,
    Repeated,
    Unrepeatable,
    discreet_reason,
    give_character_set,
    left_out_notes,
    read_header,
    repeated_from,
    series_number,
)
from spineviewer.io.whole_file import check_target, write_atomically
from spineviewer.progress import Progress, SilentProgress
from spineviewer.volume.volume import ScanSource
from spineviewer.wording import worded

LONG_TEXT = 64


class Shape(Enum):
    """What is drawn."""

    LENGTH = "length"
    ANGLE = "angle"
    COBB = "Cobb angle"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"
    NOTE = "note"


@dataclass(frozen=True)
class ReportedValue:
    """One number: `name` is length, angle, mean, SD, min, max or area; `unit` mm, °, HU or mm²."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, eq=False)
class ReportedMeasurement:
    """One measurement of the report.

    Attributes
    ----------
    label
        What the reader calls it; of a note what it says.
    points_lps_mm
        Shape (points, 3). Length: its ends; angle: arm, corner, arm; Cobb angle: two lines of two points; ellipse: both ends of
        its longer and of its shorter axis; polygon: its corners; note: what it points at, and where it stands.
    """

    shape: Shape
    label: str
    values: tuple[ReportedValue, ...]
    points_lps_mm: NDArray[np.float64]


def sr_obstacle(source: ScanSource) -> str:
    """Why no structured report can be written for a scan; empty when one can."""
    if source.slices is None:
        return worded(
            "A DICOM report points at its DICOM slices; this scan came from another format or an archive, or was resampled."
        )
    missing = [path.name for path in source.slices.files if not path.is_file()]
    return worded("The DICOM slices are no longer there (first {file}).", file=missing[0]) if missing else ""


def write_sr(
    measurements: Sequence[ReportedMeasurement],
    source: ScanSource,
    path: Path,
    *,
    may_overwrite: bool = False,
    progress: Progress | None = None,
) -> tuple[str, ...]:
    """Write all measurements as one report; return sentences about what it does not repeat of its slices.

    Raises
    ------
    ExportError
        When the scan has no DICOM slices, they lack what a report must repeat, or the file cannot be written.
    Cancelled
        When `progress` says so.
    """
    if obstacle := sr_obstacle(source):
        raise ExportError(obstacle)
    if not measurements:
        raise ExportError(worded("Nothing has been measured: a report would be empty."))
    check_target(path, may_overwrite)
    assert source.slices is not None
    request = {
        "object": "sr",
        "measurements": [_as_message(measurement) for measurement in measurements],
        "files": [str(file) for file in source.slices.files],
        "origins_lps_mm": source.slices.origins_lps_mm,
        "normal_lps": source.grid.axes_lps[0],
    }
    told = progress or SilentProgress()
    notes: list[str] = []
    stage = worded("Writing the DICOM report")
    write_atomically(path, lambda stream: notes.extend(write_in_child(stream, request, stage, told)))
    return tuple(notes)


def _as_message(measurement: ReportedMeasurement) -> Message:
    return {
        "shape": measurement.shape.name,
        "label": measurement.label,
        "values": [{**asdict(value), "value": float(value.value)} for value in measurement.values],
        "points_lps_mm": measurement.points_lps_mm.tolist(),
    }


# the child's part


def sr_object(request: Message) -> tuple[Any, list[str]]:
    """The report that the parent asks for, and sentences about what it leaves out.

    Raises
    ------
    ExportError
        When the source slices lack what a report must repeat.
    """
    measurements = [
        ReportedMeasurement(
            Shape[told["shape"]],
            told["label"],
            tuple(ReportedValue(**value) for value in told["values"]),
            np.array(told["points_lps_mm"]),
        )
        for told in request["measurements"]
    ]
    slices = _Slices(request)
    try:
        return _report(measurements, slices)
    except Unrepeatable as error:
        reason = str(error)
    except (ValueError, AttributeError, TypeError, KeyError, OSError, NotImplementedError) as error:
        reason = discreet_reason(error, slices.headers)
    raise ExportError(worded("No DICOM report can be made from these slices: {reason}. Save the table instead.", reason=reason))


def _report(measurements: Sequence[ReportedMeasurement], slices: _Slices) -> tuple[Any, list[str]]:
    from highdicom import sr
    from highdicom.uid import UID
    from pydicom.sr.codedict import codes

    groups = [_group(number, measurement, slices) for number, measurement in enumerate(measurements, start=1)]
    device = sr.DeviceObserverIdentifyingAttributes(
        uid=UID(), name="Spineviewer", manufacturer_name="Spineviewer", model_name=f"Spineviewer {__version__}"[:LONG_TEXT]
    )
    observer = sr.ObserverContext(observer_type=codes.DCM.Device, observer_identifying_attributes=device)
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )
    repeated = list(slices.used.values())
    images = [one.image for one in repeated]
    report = sr.Comprehensive3DSR(
        evidence=images,
        content=content,
        series_instance_uid=UID(),
        series_number=series_number(slices.headers[0], SERIES_NUMBER_STEP + 1),
        sop_instance_uid=UID(),
        instance_number=1,
        manufacturer="Spineviewer",
        is_complete=True,
        series_description="Measurements (Spineviewer)",
        specific_character_set=UTF_8,
    )
    report.ManufacturerModelName = "Spineviewer"
    report.SoftwareVersions = __version__[:LONG_TEXT]
    report.ContentLabel = "MEASUREMENTS"
    texts = [measurement.label for measurement in measurements]
    notes = give_character_set(report, repeated[0], texts)
    return report, [*left_out_notes(repeated[0]), *notes]


class _Slices:
    """The source slices by place; headers are read when a measurement first lies on one."""

    def __init__(self, request: Message) -> None:
        self._files: list[str] = request["files"]
        self._normal = np.array(request["normal_lps"])
        self._levels_mm = np.array(request["origins_lps_mm"]) @ self._normal
        self.headers: list[Any] = []
        self.used: dict[str, Repeated] = {}

    def at(self, point_lps_mm: NDArray[np.float64]) -> Any:
        """Header of the slice nearest to a point."""
        path = self._files[int(np.argmin(np.abs(self._levels_mm - point_lps_mm @ self._normal)))]
        if path not in self.used:
            self.headers.append(read_header(path))
            self.used[path] = repeated_from(self.headers[-1])
        return self.used[path].image


def _group(number: int, measurement: ReportedMeasurement, slices: _Slices) -> Any:
    from highdicom import sr
    from highdicom.uid import UID

    label = measurement.label or f"{measurement.shape.value} {number}"
    tracking = sr.TrackingIdentifier(uid=UID(), identifier=label)
    image = slices.at(measurement.points_lps_mm.mean(axis=0))
    frame_uid = image.FrameOfReferenceUID
    if measurement.shape in (Shape.ELLIPSE, Shape.POLYGON):
        points = measurement.points_lps_mm
        kind = sr.GraphicTypeValues3D.ELLIPSE
        if measurement.shape is Shape.POLYGON:
            kind, points = sr.GraphicTypeValues3D.POLYGON, np.concatenate([points, points[:1]])
        slices.at(points[0])
        return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=tracking,
            referenced_region=sr.ImageRegion3D(graphic_type=kind, graphic_data=points, frame_of_reference_uid=frame_uid),
            measurements=[_measurement(value, ()) for value in measurement.values],
        )
    lines = {
        Shape.LENGTH: [measurement.points_lps_mm],
        Shape.ANGLE: [measurement.points_lps_mm],
        Shape.COBB: [measurement.points_lps_mm[:2], measurement.points_lps_mm[2:]],
        Shape.NOTE: [],
    }[measurement.shape]
    coordinates = [
        sr.CoordinatesForMeasurement3D(
            graphic_type=sr.GraphicTypeValues3D.POLYLINE, graphic_data=line, frame_of_reference_uid=frame_uid
        )
        for line in lines
    ]
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking,
        measurements=[_measurement(value, coordinates, is_cobb=measurement.shape is Shape.COBB) for value in measurement.values]
        or None,
        source_images=[sr.SourceImageForMeasurementGroup.from_source_image(image)],
    )
    if measurement.shape is Shape.NOTE:
        _add_note(group, measurement, frame_uid)
    return group


def _add_note(group: Any, note: ReportedMeasurement, frame_uid: str) -> None:
    """The words of a note as a comment of its group (the template can be extended), and the place that they are about."""
    from highdicom import sr
    from pydicom.sr.codedict import codes

    kinds = sr.RelationshipTypeValues
    group[0].ContentSequence.append(
        sr.TextContentItem(name=codes.DCM.Comment, value=note.label or "note", relationship_type=kinds.CONTAINS)
    )
    group[0].ContentSequence.append(
        sr.Scoord3DContentItem(
            name=codes.DCM.ImageRegion,
            graphic_type=sr.GraphicTypeValues3D.POINT,
            graphic_data=note.points_lps_mm[:1],
            frame_of_reference_uid=frame_uid,
            relationship_type=kinds.CONTAINS,
        )
    )


def _measurement(value: ReportedValue, coordinates: Sequence[Any], *, is_cobb: bool = False) -> Any:
    from highdicom import sr
    from pydicom.sr.codedict import codes

    names = {
        "length": (codes.SCT.Length, None),
        "angle": (codes.SCT.CobbAngle if is_cobb else codes.SCT.Angle, None),
        "area": (codes.SCT.Area, None),
        "mean": (codes.DCM.AttenuationCoefficient, codes.SCT.Mean),
        "SD": (codes.DCM.AttenuationCoefficient, codes.SCT.StandardDeviation),
        "min": (codes.DCM.AttenuationCoefficient, codes.SCT.Minimum),
        "max": (codes.DCM.AttenuationCoefficient, codes.SCT.Maximum),
    }
    units = {
        "mm": codes.UCUM.Millimeter,
        "°": codes.UCUM.Degree,
        "HU": codes.UCUM.HounsfieldUnit,
        "mm²": codes.UCUM.SquareMillimeter,
    }
    name, derivation = names[value.name]
    return sr.Measurement(
        name=name,
        value=round(value.value, 4),
        unit=units[value.unit],
        derivation=derivation,
        referenced_coordinates=list(coordinates) or None,
    )
