"""Reports and report images as DICOM objects of the study."""

import shutil
import subprocess

import numpy as np
import pydicom
import pytest

from spineviewer.errors import ExportError
from spineviewer.io.scan import read_scan
from spineviewer.io.write.dicom_pages import pages_obstacle, write_pdf, write_picture

#: An odd number of bytes, which DICOM pads.
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n" + b"\n"
STUDY = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyDate",
    "AccessionNumber",
)


@pytest.fixture
def source(scanner, hu):
    return read_scan(scanner.write(hu)).source


@pytest.fixture
def rgb():
    return np.random.default_rng(3).integers(0, 256, (7, 9, 3)).astype(np.uint8)


def faults(path):
    """Return the errors that the validator reports; skip the test with a message without one."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("no dciodvfy here: apt-get install dicom3tools")
    told = subprocess.run(
        ["dciodvfy", str(path)], capture_output=True, text=True, check=False
    ).stderr
    return [line for line in told.splitlines() if line.startswith("Error")]


def test_a_pdf_is_stored_unchanged_in_its_object(source, tmp_path):
    assert len(PDF) % 2 == 1
    write_pdf(PDF, "Spine report", source, tmp_path / "report.dcm")
    made = pydicom.dcmread(tmp_path / "report.dcm")
    assert made.EncapsulatedDocument[: made.EncapsulatedDocumentLength] == PDF
    assert (made.Modality, made.DocumentTitle) == ("DOC", "Spine report")
    assert made.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert faults(tmp_path / "report.dcm") == []


def test_a_picture_is_stored_unchanged_in_its_object(source, rgb, tmp_path):
    write_picture(rgb, "Key image", source, tmp_path / "picture.dcm")
    made = pydicom.dcmread(tmp_path / "picture.dcm")
    assert np.array_equal(made.pixel_array, rgb)
    assert made.SeriesDescription == "Key image"
    assert faults(tmp_path / "picture.dcm") == []


def test_reports_and_pictures_belong_to_the_patients_study_in_new_series(source, rgb, tmp_path):
    write_pdf(PDF, "Report", source, tmp_path / "report.dcm")
    write_picture(rgb, "Picture", source, tmp_path / "picture.dcm")
    original = pydicom.dcmread(source.slices.files[0], stop_before_pixels=True)
    made = [pydicom.dcmread(tmp_path / name) for name in ("report.dcm", "picture.dcm")]
    for one in made:
        assert [one.get(name) for name in STUDY] == [original.get(name) for name in STUDY]
    assert len({original.SeriesInstanceUID, *(one.SeriesInstanceUID for one in made)}) == 3
    assert len({original.SOPInstanceUID, *(one.SOPInstanceUID for one in made)}) == 3


def test_obstacles_are_reported_in_advance_and_nothing_is_left(source, rgb, small_scan, tmp_path):
    with pytest.raises(ExportError, match="not a PDF"):
        write_pdf(b"<html>", "Report", source, tmp_path / "a.dcm")
    with pytest.raises(ExportError, match="Use an RGB image"):
        write_picture(rgb[..., 0], "Picture", source, tmp_path / "a.dcm")
    assert "must be part of a DICOM study" in pages_obstacle(small_scan.source)
    with pytest.raises(ExportError, match="must be part of a DICOM study"):
        write_pdf(PDF, "Report", small_scan.source, tmp_path / "a.dcm")
    write_pdf(PDF, "Report", source, tmp_path / "b.dcm")
    with pytest.raises(ExportError, match="already exists"):
        write_pdf(PDF, "Report", source, tmp_path / "b.dcm")
    source.slices.files[0].unlink()
    with pytest.raises(ExportError, match="no longer exist"):
        write_pdf(PDF, "Report", source, tmp_path / "a.dcm")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["b.dcm"]
