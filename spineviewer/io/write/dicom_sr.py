"""Measurements as a DICOM structured report (TID 1500) that refers to the source slices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer import __version__
from spineviewer.errors import ExportError
from spineviewer.io.dicom.identity import (
    UTF_8,
    CopiedHeader,
    copied_header,
    errors_without_identity,
    left_out_notes,
    read_header,
    series_number,
    set_character_set,
)
from spineviewer.io.write.dicom_child import write_object
from spineviewer.io.write.dicom_messages import MakeSpineSr, MakeSr, Points, SrMeasurement, SrValue
from spineviewer.io.write.dicom_obstacles import missing_slices_obstacle
from spineviewer.io.write.dicom_seg import LONG_TEXT, SERIES_NUMBER_STEP
from spineviewer.io.write.whole_file import check_target
from spineviewer.measuring_tools.measurement import Measurement, quantities
from spineviewer.progress import Progress
from spineviewer.volume.volume import CtVolume, ScanSource
from spineviewer.wording import mark, worded

MAX_UID_LENGTH = 64
_REFERENCED_UIDS = (
    "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID",
)  # fmt: skip
#: A report, and sentences about what it leaves out.
StructuredReport = tuple[Any, list[str]]


def sr_obstacle(source: ScanSource) -> str:
    """Return why no structured report can be written for a scan; empty if one can."""
    if source.slices is None:
        return worded(
            "A structured report can only be written for DICOM slices. This scan came from another "
            "format or a zip file, or was resampled. Save a table instead."
        )
    if any(len(uid) > MAX_UID_LENGTH for uid in source.slices.frames_of_reference):
        return worded(
            "The slices' Frame of Reference UID is longer than DICOM allows: other programs could "
            "not read a report with it. "
            "Save the table instead."
        )
    return missing_slices_obstacle(source.slices.files)


def write_sr(
    measurements: Sequence[Measurement],
    scan: CtVolume,
    path: Path,
    *,
    may_overwrite: bool = False,
    progress: Progress | None = None,
) -> tuple[str, ...]:
    """Write all measurements of a scan as one report; return sentences about omissions.

    Raises
    ------
    ExportError
        When there are no measurements, the scan has no DICOM slices, they lack attributes that a
        report must contain, or the file cannot be written.
    Cancelled
        When `progress` raises it.
    """
    source = scan.source
    if obstacle := sr_obstacle(source):
        raise ExportError(obstacle)
    if not measurements:
        raise ExportError("There are no measurements to report. Measure something first.")
    check_target(path, may_overwrite)
    assert source.slices is not None
    request = MakeSr(
        measurements=tuple(
            _as_message(number, measurement, scan)
            for number, measurement in enumerate(measurements, start=1)
        ),
        files=tuple(str(file) for file in source.slices.files),
        origins_lps_mm=source.slices.origins_lps_mm,
        normal_lps=source.grid.axes_lps[0],
    )
    return write_object(path, request, worded("Writing the structured report"), progress)


def _as_message(number: int, measurement: Measurement, scan: CtVolume) -> SrMeasurement:
    encoding = measurement.tool.dicom_encoding(measurement, scan.geometry)
    return SrMeasurement(
        label=measurement.text or f"{measurement.tool.title} {number}",
        comment=measurement.text or measurement.tool.title,
        points=_as_points(measurement.points_lps_mm(scan.geometry)),
        values=tuple(
            SrValue(
                float(quantity.value),
                quantity.kind.unit.code,
                quantity.kind.concept,
                quantity.kind.derivation,
            )
            for quantity in quantities(measurement, scan)
        ),
        lines=tuple(_as_points(line) for line in encoding.lines_lps_mm),
        region=None
        if encoding.region is None
        else (encoding.region[0].value, _as_points(encoding.region[1])),
        comment_at=None if encoding.comment_lps_mm is None else _as_points(encoding.comment_lps_mm),
    )


def _as_points(points_lps_mm: NDArray[np.float64]) -> Points:
    """Return points of shape (points, 3) as tuples."""
    return tuple((x, y, z) for x, y, z in points_lps_mm.tolist())


# the child's part


def sr_object(request: MakeSr) -> tuple[Any, list[str]]:
    """Return the report that the parent requests, and sentences about what it leaves out.

    Raises
    ------
    ExportError
        When the source slices lack attributes that a report must contain.
    """
    slices = ReferencedSlices(request)
    with errors_without_identity(
        mark(
            "A structured report cannot be created from these slices: {reason}. Save the table "
            "instead."
        ),
        slices.headers,
    ):
        return _report(request.measurements, slices)


def _report(measurements: Sequence[SrMeasurement], slices: ReferencedSlices) -> StructuredReport:
    groups = [_group_item(measurement, slices) for measurement in measurements]
    texts = [measurement.label for measurement in measurements]
    return build_report(groups, slices, texts, title="Measurements (Spineviewer)", number=1)


def build_report(
    groups: Sequence[Any],
    slices: ReferencedSlices,
    texts: Sequence[str],
    *,
    title: str,
    number: int,
    evidence: Sequence[Any] = (),
) -> StructuredReport:
    """Return a report with groups of measurements, and sentences about omissions.

    Parameters
    ----------
    texts
        Strings in the groups, which the character set must cover.
    title, number
        Title of its series, and what is added to the source's series number besides
        `SERIES_NUMBER_STEP`.
    evidence
        Other objects that groups refer to.

    Raises
    ------
    ExportError
        When a UID of the slices is longer than DICOM allows.
    """
    from highdicom import sr
    from highdicom.uid import UID
    from pydicom.sr.codedict import codes

    device = sr.DeviceObserverIdentifyingAttributes(
        uid=UID(),
        name="Spineviewer",
        manufacturer_name="Spineviewer",
        model_name=f"Spineviewer {__version__}"[:LONG_TEXT],
    )
    observer = sr.ObserverContext(
        observer_type=codes.DCM.Device, observer_identifying_attributes=device
    )
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )
    copied = list(slices.used.values())
    images = [copy.image for copy in copied]
    require_short_uids([*images, *evidence])
    report = sr.Comprehensive3DSR(
        evidence=[*images, *evidence],
        content=content,
        series_instance_uid=UID(),
        series_number=series_number(slices.headers[0], SERIES_NUMBER_STEP + number),
        sop_instance_uid=UID(),
        instance_number=1,
        manufacturer="Spineviewer",
        is_complete=True,
        series_description=title,
        specific_character_set=UTF_8,
    )
    report.ManufacturerModelName = "Spineviewer"
    report.SoftwareVersions = __version__[:LONG_TEXT]
    report.ContentLabel = "MEASUREMENTS"
    notes = set_character_set(report, copied[0], texts)
    return report, [*left_out_notes(copied[0]), *notes]


def require_short_uids(images: Sequence[Any]) -> None:
    """Check the UIDs with which a report refers to objects.

    Raises
    ------
    ExportError
        When one is longer than DICOM allows: readers such as dcmtk reject the whole report.
    """
    for image in images:
        for keyword in _REFERENCED_UIDS:
            if len(str(image.get(keyword, "") or "")) > MAX_UID_LENGTH:
                raise ExportError(
                    "The slices' {name} is longer than DICOM allows: other programs could not "
                    "read a report with it. Save the table instead.",
                    name=keyword,
                )


class ReferencedSlices:
    """The source slices by position; headers are read when a measurement first needs them."""

    def __init__(self, request: MakeSr | MakeSpineSr) -> None:
        self._files = request.files
        self._normal = np.array(request.normal_lps)
        self._heights_mm = np.array(request.origins_lps_mm) @ self._normal
        self.headers: list[Any] = []
        self.used: dict[str, CopiedHeader] = {}

    def nearest(self, point_lps_mm: NDArray[np.float64]) -> Any:
        """Return the header of the slice nearest to a point: float64, shape (3,)."""
        path = self._files[int(np.argmin(np.abs(self._heights_mm - point_lps_mm @ self._normal)))]
        if path not in self.used:
            self.headers.append(read_header(path))
            self.used[path] = copied_header(self.headers[-1])
        return self.used[path].image


def _group_item(measurement: SrMeasurement, slices: ReferencedSlices) -> Any:
    from highdicom import sr
    from highdicom.uid import UID
    from pydicom.sr.codedict import codes

    tracking = sr.TrackingIdentifier(uid=UID(), identifier=measurement.label)
    points = np.array(measurement.points)
    image = slices.nearest(points.mean(axis=0))
    frame_uid = image.FrameOfReferenceUID
    if measurement.region is not None:
        shape, points_of_region = measurement.region
        slices.nearest(points[0])
        region = sr.ImageRegion3D(
            graphic_type=sr.GraphicTypeValues3D[shape],
            graphic_data=np.array(points_of_region),
            frame_of_reference_uid=frame_uid,
        )
        return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=tracking,
            referenced_region=region,
            measurements=[_measurement(value, ()) for value in measurement.values],
        )
    coordinates = polylines(measurement.lines, frame_uid)
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking,
        measurements=[_measurement(value, coordinates) for value in measurement.values] or None,
        source_images=[sr.SourceImageForMeasurementGroup.from_source_image(image)],
    )
    if measurement.comment_at is not None:
        add_comment(group, measurement.comment)
        group[0].ContentSequence.append(
            sr.Scoord3DContentItem(
                name=codes.DCM.ImageRegion,
                graphic_type=sr.GraphicTypeValues3D.POINT,
                graphic_data=np.array(measurement.comment_at),
                frame_of_reference_uid=frame_uid,
                relationship_type=sr.RelationshipTypeValues.CONTAINS,
            )
        )
    return group


def add_comment(group: Any, text: str) -> None:
    """Add a comment to a measurement group."""
    from highdicom import sr
    from pydicom.sr.codedict import codes

    kind = sr.RelationshipTypeValues.CONTAINS
    group[0].ContentSequence.append(
        sr.TextContentItem(name=codes.DCM.Comment, value=text, relationship_type=kind)
    )


def _measurement(value: SrValue, coordinates: Sequence[Any]) -> Any:
    from highdicom import sr

    return sr.Measurement(
        name=sr.CodedConcept(*astuple(value.concept)),
        value=round(value.value, 4),
        unit=sr.CodedConcept(*astuple(value.unit)),
        derivation=None
        if value.derivation is None
        else sr.CodedConcept(*astuple(value.derivation)),
        referenced_coordinates=list(coordinates) or None,
    )


def polylines(lines: Iterable[Points], frame_uid: str) -> list[Any]:
    """Return lines, given as points in LPS millimetres, as coordinates of a measurement."""
    from highdicom import sr

    return [
        sr.CoordinatesForMeasurement3D(
            graphic_type=sr.GraphicTypeValues3D.POLYLINE,
            graphic_data=np.array(line),
            frame_of_reference_uid=frame_uid,
        )
        for line in lines
    ]
