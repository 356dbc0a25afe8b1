"""Anonymised copies of an open series, with its mask and measurements."""

import pydicom
import pytest
from fakes import on_dicom_slices, spine_volume

from spineviewer.app.notices import Severity
from spineviewer.io.dicom.deidentification import Profile
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane

LENGTH = Measurement(
    Distance(), Plane.AXIAL, ((6.0, 20.0, 20.0), (6.0, 40.0, 20.0)), "seen by Dr Smith"
)


def small_scan(tmp_path):
    return on_dicom_slices(spine_volume(shape=(14, 60, 60)), tmp_path / "Doe_Jane")


def written(folder):
    return [pydicom.dcmread(path) for path in sorted(folder.rglob("*.dcm"))]


@pytest.mark.timeout(300)
def test_mask_and_measurements_refer_to_the_copies_and_nothing_names_the_patient(
    headless, tmp_path
):
    one = headless()
    scan = one.segmented(small_scan(tmp_path))
    one.loop.until(lambda: scan.parts.is_mask_computed)
    scan.measurements.add(LENGTH)
    out = tmp_path / "out"
    scan.copies.write(out, Profile("a key"), with_results=True)
    one.loop.until(lambda: "anonymised" in {n.topic for n in scan.parts.notices})
    one.loop.rest()
    notice = next(n for n in scan.parts.notices if n.topic == "anonymised")
    assert notice.text.startswith("16 anonymised files in ")
    objects = written(out)
    images = [data for data in objects if data.Modality == "CT"]
    (seg,) = (data for data in objects if data.Modality == "SEG")
    (report,) = (data for data in objects if data.Modality == "SR")
    assert len(images) == 14
    known = {data.SOPInstanceUID for data in images}
    assert {data.StudyInstanceUID for data in objects} == {images[0].StudyInstanceUID}
    (series,) = seg.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == images[0].SeriesInstanceUID
    assert {i.ReferencedSOPInstanceUID for i in series.ReferencedInstanceSequence} <= known
    evidence = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert {i.ReferencedSOPInstanceUID for i in evidence.ReferencedSOPSequence} <= known
    for path in out.rglob("*.dcm"):
        for word in (b"Doe", b"Jane", b"Smith"):
            assert word not in path.read_bytes(), path.name


def test_copies_open_as_the_same_scan(headless, tmp_path):
    one = headless()
    volume = small_scan(tmp_path)
    scan = one.open(volume)
    scan.copies.write(tmp_path / "out", Profile("a key"), with_results=True)
    one.loop.until(lambda: "anonymised" in {n.topic for n in scan.parts.notices})
    one.loop.rest()
    copies = written(tmp_path / "out")
    assert len(copies) == 14
    assert copies[0].PatientID.startswith("ANON-")
    one.loop.rest()


def test_a_folder_that_is_not_empty_is_refused_and_nothing_is_written(headless, tmp_path):
    one = headless()
    scan = one.open(small_scan(tmp_path))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    scan.copies.write(tmp_path / "out", Profile("a key"), with_results=True)
    one.loop.until(lambda: "anonymised" in {n.topic for n in scan.parts.notices})
    one.loop.rest()
    notice = next(n for n in scan.parts.notices if n.topic == "anonymised")
    assert notice.severity is Severity.ERROR
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]
    one.loop.rest()
