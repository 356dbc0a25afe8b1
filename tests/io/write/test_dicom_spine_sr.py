"""Structured reports of vertebrae: groups, sites, units, derivations, and their segmentation."""

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
from spineviewer.io.write import dicom_spine_sr
from spineviewer.io.write.dicom_spine_sr import SCHEME, write_measurements_sr
from spineviewer.io.write.export import write_labels
from spineviewer.io.write.label_table import LabelEntry
from spineviewer.io.write.map_meaning import MapMeaning
from spineviewer.labelling.vertebrae import BodyFrame
from spineviewer.measurements.results import (
    Caliper,
    Contrast,
    Curve,
    CurveKind,
    Cut,
    Density,
    Disc,
    Estimate,
    Genant,
    Measurements,
    PlateLine,
    Profile,
    Ratios,
    Roi,
    Shape,
    Side,
    Slip,
    Trabecular,
    VertebraMeasurement,
)

CUT = Cut((0.0, 0.0, 100.0), (1.0, 0.0, 0.0))
FRAME = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def caliper(length_mm: float, y: float = 0.0) -> Caliper:
    return Caliper((0.0, y, 110.0), (0.0, y, 110.0 - length_mm), CUT, 0.5)


L1 = VertebraMeasurement(
    "L1",
    20,
    False,
    (-28.0, -36.0, 105.0),
    FRAME,
    profiles=(Profile(Side.MIDDLE, caliper(18), caliper(20, 1.0), caliper(24, 2.0)),),
    depth=caliper(30),
    canal=caliper(15),
    body_ml=Estimate(32.5, 1.5),
    trabecular=Trabecular(
        Estimate(142.0, 4.0), 140.0, 38.0, 2.1, Roi((0, 0, 0), (1, 1, 1), FRAME), True
    ),
    ratios=Ratios(Estimate(0.75, 0.03), Estimate(0.83, 0.03), None),
    genant=Genant(2, Shape.WEDGE, Estimate(27.0, 3.0)),
    notes=("Schmorl's node",),
)
L6 = VertebraMeasurement("L6", 25, True, (-28.0, -36.0, 101.0), FRAME, reason="Cut by the scan.")
DISC = Disc(
    "T12",
    "L1",
    caliper(7),
    caliper(8),
    caliper(6),
    Slip((0.0, -10.0, 90.0), (0.0, 10.0, 90.0), (0.0, 8.0, 92.0), CUT, 0.6),
)
COBB = Curve(
    CurveKind.COBB,
    "T5",
    "L1",
    PlateLine((-10.0, 0.0, 114.0), (10.0, 0.0, 110.0)),
    PlateLine((-10.0, 0.0, 96.0), (10.0, 0.0, 100.0)),
    Cut((0.0, 0.0, 100.0), (0.0, 1.0, 0.0)),
    1.2,
    apex="T9",
    apex_rotation_deg=Estimate(6.0, 2.0),
)
DENSITY = Density("L1", Estimate(142.0, 4.0), 120.0, Contrast.NONE, "by tag", None, (), "")
MEASURED = Measurements((L1, L6), (DISC,), (COBB,), DENSITY, "supine")


def groups_in(report: Any) -> dict[str, Any]:
    """Measurement groups by their tracking identifiers, as pydicom reads them."""
    found = {}
    for item in walk(report):
        if item.get("ConceptNameCodeSequence", [{}])[0].get("CodeValue") == "125007":
            label = next(
                child.TextValue
                for child in item.ContentSequence
                if child.ConceptNameCodeSequence[0].CodeValue == "112039"
            )
            found[label] = item
    return found


def walk(item: Any) -> Any:
    for child in item.get("ContentSequence", ()):
        yield child
        yield from walk(child)


def numbers_in(group: Any) -> list[tuple[Any, ...]]:
    """Concept, value, unit, modifier of the site and derivation of each number."""
    found = []
    for item in group.ContentSequence:
        if item.ValueType == "NUM":
            value = item.MeasuredValueSequence[0]
            codes = {
                part.ConceptNameCodeSequence[0].CodeValue: part.ConceptCodeSequence[0].CodeValue
                for part in walk(item)
                if part.ValueType == "CODE"
            }
            found.append(
                (
                    item.ConceptNameCodeSequence[0].CodeValue,
                    float(value.NumericValue),
                    value.MeasurementUnitsCodeSequence[0].CodeValue,
                    codes.get("106233006", ""),
                    codes.get("121401", ""),
                )
            )
    return found


@pytest.fixture
def volume(scanner: Any, hu: NDArray[np.int16]) -> Any:
    return read_scan(scanner.write(hu))


@pytest.fixture
def segmentation(volume: Any, tmp_path: Path) -> Path:
    labels = np.zeros(volume.geometry.shape_zyx, np.uint8)
    labels[2:4, 3:6, 3:6] = 20
    entries = [LabelEntry(20, "L1", (255, 0, 0), (0.0, 0.0, 0.0))]
    path = tmp_path / "seg.dcm"
    write_labels(labels, volume.geometry, volume.source, path, {}, entries=entries)
    return path


@pytest.fixture
def written(volume: Any, segmentation: Path, tmp_path: Path) -> Path:
    path = tmp_path / "report.dcm"
    write_measurements_sr(MEASURED, volume.source, path, segmentation=segmentation)
    return path


def test_a_vertebra_is_a_group_with_site_units_and_derivations(written: Path) -> None:
    groups = groups_in(pydicom.dcmread(written))
    assert list(groups) == ["L1", "L6", "T12/L1", "Cobb angle T5-L1"]
    assert numbers_in(groups["L1"]) == [
        ("121207", 18.0, "mm", "255549009", ""),
        ("121207", 20.0, "mm", "26216008", ""),
        ("121207", 24.0, "mm", "255551008", ""),
        ("131197000", 30.0, "mm", "", ""),
        ("131197000", 15.0, "mm", "", ""),
        ("118565006", 32.5, "cm3", "", ""),
        ("WEDGE", 0.75, "1", "", ""),
        ("BICONCAVITY", 0.83, "1", "", ""),
        ("HEIGHT_LOSS", 27.0, "%", "", ""),
        ("112031", 142.0, "[hnsf'U]", "", "373098007"),
        ("112031", 140.0, "[hnsf'U]", "", "373099004"),
        ("112031", 38.0, "[hnsf'U]", "", "386136009"),
    ]
    sites = {
        item.ConceptCodeSequence[0].CodeValue
        for item in groups["L1"].ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == "363698007"
    }
    assert sites == {"66794005"}
    assert sites_of(groups["L6"]) == ["51282000"]  # no code of its own; the label names it


def sites_of(group: Any) -> list[str]:
    return [
        item.ConceptCodeSequence[0].CodeValue
        for item in group.ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == "363698007"
    ]


def test_grades_have_private_codes_and_uncertainties_have_the_unit_of_their_value(
    written: Path,
) -> None:
    report = pydicom.dcmread(written)
    group = groups_in(report)["L1"]
    values = {
        item.ConceptNameCodeSequence[0].CodeValue: item.ConceptCodeSequence[0]
        for item in group.ContentSequence
        if item.ValueType == "CODE"
    }
    assert values["GENANT_GRADE"].CodeValue == "GENANT_2"
    assert values["GENANT_GRADE"].CodingSchemeDesignator == SCHEME
    assert values["FRACTURE_SHAPE"].CodeValue == "SHAPE_WEDGE"
    assert report.CodingSchemeIdentificationSequence[0].CodingSchemeDesignator == SCHEME
    units = {
        part.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue
        for item in group.ContentSequence
        if item.ValueType == "NUM" and item.ConceptNameCodeSequence[0].CodeValue == "121207"
        for part in item.ContentSequence
        if part.ValueType == "NUM"
    }
    assert units == {"mm"}


def test_a_vertebra_refers_to_its_segment_and_other_groups_to_their_site(
    written: Path, segmentation: Path
) -> None:
    report, seg = pydicom.dcmread(written), pydicom.dcmread(segmentation)
    groups = groups_in(report)
    (segment,) = [i for i in groups["L1"].ContentSequence if i.ValueType == "IMAGE"]
    reference = segment.ReferencedSOPSequence[0]
    assert reference.ReferencedSOPInstanceUID == seg.SOPInstanceUID
    assert reference.ReferencedSegmentNumber == 1
    assert seg.SegmentSequence[0].SegmentLabel == "L1"
    lines = [item for item in walk(groups["Cobb angle T5-L1"]) if item.ValueType == "SCOORD3D"]
    assert [list(line.GraphicData) for line in lines] == [
        [-10.0, 0.0, 114.0, 10.0, 0.0, 110.0],
        [-10.0, 0.0, 96.0, 10.0, 0.0, 100.0],
    ]
    assert numbers_in(groups["Cobb angle T5-L1"])[0][:3] == (
        "285285000",
        pytest.approx(22.62, abs=0.01),  # twice the arc tangent of 4 in 20
        "deg",
    )
    assert sites_of(groups["T12/L1"]) == ["76206002"]  # SNOMED's code of the disc


def test_highdicom_reads_it_as_a_measurement_report(written: Path, scanner: Any) -> None:
    report = hd.sr.srread(written)
    assert report.StudyInstanceUID == scanner.study_uid
    (group,) = report.content.get_volumetric_roi_measurement_groups()
    assert group.tracking_identifier == "L1"
    assert len(report.content.get_image_measurement_groups()) == 3


def test_independent_programs_read_it(written: Path) -> None:
    if shutil.which("dsrdump") is None or shutil.which("dciodvfy") is None:
        pytest.skip("dcmtk and dicom3tools are not installed")
    dump = subprocess.run(["dsrdump", written], capture_output=True, text=True, check=True)
    assert dump.stdout.count('"Tracking Identifier"') == 4
    assert "error" not in dump.stderr.lower()
    told = subprocess.run(["dciodvfy", written], capture_output=True, text=True, check=False).stderr
    assert [line for line in told.splitlines() if line.startswith("Error")] == []


def test_without_a_segmentation_the_points_are_included(volume: Any, tmp_path: Path) -> None:
    path = tmp_path / "plain.dcm"
    write_measurements_sr(MEASURED, volume.source, path)
    group = groups_in(pydicom.dcmread(path))["L1"]
    lines = [item for item in walk(group) if item.ValueType == "SCOORD3D"]
    assert list(lines[0].GraphicData) == [0.0, 0.0, 110.0, 0.0, 0.0, 92.0]


def test_a_segmentation_of_another_study_is_refused(
    volume: Any, segmentation: Path, tmp_path: Path
) -> None:
    other = pydicom.dcmread(segmentation)
    other.StudyInstanceUID = "1.2.3"
    other.save_as(tmp_path / "other.dcm")
    with pytest.raises(ExportError, match="another study"):
        write_measurements_sr(
            MEASURED, volume.source, tmp_path / "r.dcm", segmentation=tmp_path / "other.dcm"
        )
    assert not (tmp_path / "r.dcm").exists()


@pytest.mark.parametrize("name", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"])
def test_uids_that_are_too_long_for_other_programs_are_refused(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path, name: str
) -> None:
    folder = scanner.write(hu)
    for number, path in enumerate(sorted(Path(folder).iterdir())):
        data = pydicom.dcmread(path)
        setattr(data, name, f"1.2.{'3' * 60}.{number if name == 'SOPInstanceUID' else 1}")
        data.save_as(path)
    source = read_scan(folder).source
    with pytest.raises(ExportError, match=f"{name} is longer than DICOM allows"):
        write_measurements_sr(MEASURED, source, tmp_path / "r.dcm")
    assert not (tmp_path / "r.dcm").exists()


@pytest.mark.parametrize("language", ["en", "de"])
def test_help_lists_every_private_code(repository: Path, language: str) -> None:
    page = (repository / "assets" / "help" / language / "09-archives.md").read_text("utf-8")
    known = list(vars(dicom_spine_sr).values()) + [meaning.quantity for meaning in MapMeaning]
    for value in list(known):
        known += [*value] if isinstance(value, tuple) else []
        known += [*value.values()] if isinstance(value, dict) else []
    ours = {code.value for code in known if getattr(code, "scheme", "") == SCHEME}
    assert len(ours) > 15
    listed = page.replace("GENANT_0 to GENANT_3", "GENANT_0, GENANT_1, GENANT_2, GENANT_3")
    listed = listed.replace("GENANT_0 bis GENANT_3", "GENANT_0, GENANT_1, GENANT_2, GENANT_3")
    assert [code for code in sorted(ours) if code not in listed] == []
