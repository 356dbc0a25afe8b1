"""Structured reports: values, positions, units and referenced slices."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from spineviewer.errors import ExportError
from spineviewer.io.scan import read_scan
from spineviewer.io.write.dicom_sr import sr_obstacle, write_sr
from spineviewer.measuring_tools.areas import Polygon, Region
from spineviewer.measuring_tools.lines import Angle, CobbAngle, Distance
from spineviewer.measuring_tools.measurement import Measurement, quantities
from spineviewer.measuring_tools.note import Note
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation

DISTANCE = Measurement(Distance(), Plane.AXIAL, ((2.0, 3.0, 2.0), (2.0, 8.0, 6.0)), "L1 depth")
ANGLE = Measurement(Angle(), Plane.AXIAL, ((2.0, 9.0, 2.0), (2.0, 3.0, 2.0), (2.0, 3.0, 8.0)))
COBB = Measurement(
    CobbAngle(),
    Plane.SAGITTAL,
    ((5.0, 2.0, 4.0), (5.0, 8.0, 4.0), (1.0, 2.0, 4.0), (3.0, 8.0, 4.0)),
)
REGION = Measurement(Region(), Plane.AXIAL, ((3.0, 2.0, 1.0), (3.0, 9.0, 8.0)))
POLYGON = Measurement(Polygon(), Plane.CORONAL, ((1.0, 5.0, 2.0), (5.0, 5.0, 2.0), (5.0, 5.0, 7.0)))
NOTE = Measurement(Note(), Plane.AXIAL, ((4.0, 5.0, 5.0), (4.0, 9.0, 8.0)), "Schmorl's node")
ALL = (DISTANCE, ANGLE, COBB, REGION, POLYGON, NOTE)


@pytest.fixture
def written(scanner: Any, hu: NDArray[np.int16], tmp_path: Path) -> tuple[Any, Any, Any]:
    volume = read_scan(scanner.write(hu))
    path = tmp_path / "report.dcm"
    write_sr(ALL, volume, path)
    return volume, hd.sr.srread(path), scanner


def groups_of(report: Any) -> list[Any]:
    content = report.content
    return [
        *content.get_image_measurement_groups(),
        *content.get_planar_roi_measurement_groups(),
    ]


def test_it_is_a_measurement_report_of_the_patients_study(written: tuple[Any, Any, Any]) -> None:
    volume, report, scanner = written
    assert report.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.34"
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    assert report.StudyInstanceUID == scanner.study_uid
    assert report.Manufacturer == "Spineviewer"
    references = (
        report.CurrentRequestedProcedureEvidenceSequence[0]
        .ReferencedSeriesSequence[0]
        .ReferencedSOPSequence
    )
    known = {
        pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID
        for path in volume.source.slices.files
    }
    assert {reference.ReferencedSOPInstanceUID for reference in references} <= known


def test_values_units_and_positions_are_those_of_the_window(written: tuple[Any, Any, Any]) -> None:
    volume, report, scanner = written
    found = {}
    for group in groups_of(report):
        label = group.tracking_identifier
        found[label] = [
            (m.name.meaning, m.value, m.unit.value, m) for m in group.get_measurements()
        ]
    (name, value, unit, length) = found["L1 depth"][0]
    assert (name, unit) == ("Length", "mm")
    assert value == pytest.approx(quantities(DISTANCE, volume)[0].value, abs=1e-3)
    coordinates = length.referenced_coordinates[0]
    assert coordinates.value == pytest.approx(
        volume.geometry.point_lps_mm(DISTANCE.points_zyx), abs=1e-3
    )
    assert coordinates.frame_of_reference_uid == scanner.frame_uid
    assert found["Angle 2"][0][:3] == ("Angle", pytest.approx(90, abs=0.01), "deg")
    assert found["Cobb angle 3"][0][0] == "Cobb angle"
    assert len(found["Cobb angle 3"][0][3].referenced_coordinates) == 2
    for number, measurement in ((4, REGION), (5, POLYGON)):
        numbers = quantities(measurement, volume)
        rows = found[f"{'ROI' if number == 4 else 'Polygon ROI'} {number}"]
        assert [row[1] for row in rows] == pytest.approx([q.value for q in numbers], abs=1e-3)
        assert [row[2] for row in rows] == ["[hnsf'U]"] * 4 + ["mm2"]
        assert [row[3].derivation.meaning for row in rows[:4]] == [
            "Mean",
            "Standard Deviation",
            "Minimum",
            "Maximum",
        ]


def test_regions_are_stored_where_they_are(written: tuple[Any, Any, Any]) -> None:
    volume, report, _ = written
    ellipse, polygon = (group.roi for group in report.content.get_planar_roi_measurement_groups())
    assert ellipse.graphic_type.value == "ELLIPSE"
    middle = ellipse.value.mean(axis=0)
    assert middle == pytest.approx(
        volume.geometry.point_lps_mm(REGION.points_zyx).mean(axis=0), abs=1e-3
    )
    lengths = [
        np.linalg.norm(ellipse.value[1] - ellipse.value[0]),
        np.linalg.norm(ellipse.value[3] - ellipse.value[2]),
    ]
    _, sy, sx = volume.geometry.spacing_zyx_mm
    assert lengths == pytest.approx(sorted((7 * sy, 7 * sx), reverse=True), abs=1e-3)
    corners = volume.geometry.point_lps_mm(POLYGON.points_zyx)
    assert polygon.value == pytest.approx(np.concatenate([corners, corners[:1]]), abs=1e-3)


def test_the_text_of_a_note_is_included(written: tuple[Any, Any, Any]) -> None:
    _, report, _ = written
    texts = [
        item.TextValue
        for item in walk(report.content[0])
        if item.ValueType == "TEXT" and "TextValue" in item
    ]
    assert "Schmorl's node" in texts


def walk(item: Any) -> Any:
    for child in item.get("ContentSequence", ()):
        yield child
        yield from walk(child)


def test_regions_in_rotated_planes_are_flat_in_the_patient(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    volume = read_scan(scanner.write(hu))
    rotation = Rotation().in_picture(Plane.SAGITTAL, 20)
    right, down = rotation.right_down(Plane.AXIAL)
    spacing = np.array(volume.geometry.spacing_zyx_mm)
    middle = np.array((3.0, 6.0, 5.0)) * spacing
    corners = tuple(
        tuple(float(v) for v in (middle + a * right + b * down) / spacing)
        for a, b in ((-2, -3), (2, 3))
    )
    region = Measurement(Region(), Plane.AXIAL, corners, rotation=rotation)
    write_sr([region], volume, tmp_path / "r.dcm")
    report = hd.sr.srread(tmp_path / "r.dcm")
    points = report.content.get_planar_roi_measurement_groups()[0].roi.value
    normal = rotation.normal(Plane.AXIAL) @ np.array(volume.geometry.axes_lps)
    assert np.ptp(points @ normal) < 1e-3
    assert np.linalg.norm(points[1] - points[0]) == pytest.approx(6, abs=1e-3)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
def test_an_independent_validator_finds_none_of_our_errors(
    written: tuple[Any, Any, Any], tmp_path: Path
) -> None:
    told = subprocess.run(
        ["dciodvfy", tmp_path / "report.dcm"], capture_output=True, text=True, check=False
    ).stderr
    assert [line for line in told.splitlines() if line.startswith("Error")] == []


def test_other_sources_are_refused_with_the_reason(
    hu: NDArray[np.int16], small_scan: Any, tmp_path: Path
) -> None:
    assert "another format" in sr_obstacle(small_scan.source)
    with pytest.raises(ExportError, match="another format"):
        write_sr(ALL, small_scan, tmp_path / "report.dcm")
    assert list(tmp_path.iterdir()) == []


def test_empty_reports_and_existing_files_are_rejected(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    volume = read_scan(scanner.write(hu))
    with pytest.raises(ExportError, match="There are no measurements"):
        write_sr((), volume, tmp_path / "report.dcm")
    write_sr([DISTANCE], volume, tmp_path / "report.dcm")
    with pytest.raises(ExportError, match="already exists"):
        write_sr([DISTANCE], volume, tmp_path / "report.dcm")
    write_sr([DISTANCE], volume, tmp_path / "report.dcm", may_overwrite=True)
