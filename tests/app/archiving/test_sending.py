import pytest
from archive_stand_in import NODE
from fakes import on_dicom_slices, spine_volume
from pydicom import dcmread
from pydicom.uid import ParametricMapStorage

from spineviewer.app.archiving.result_files import ResultKind, result_obstacle, results_order
from spineviewer.app.archiving.sending import SendState
from spineviewer.archive.client import Archive
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.progress import JobProgress
from spineviewer.volume.planes import Plane

LINE = Measurement(Distance(), Plane.AXIAL, ((5, 20, 20), (5, 20, 30)), "endplate")


@pytest.fixture
def volume(tmp_path):
    return on_dicom_slices(spine_volume(shape=(40, 40, 40)), tmp_path / "series")


def test_what_is_accepted_refused_and_confirmed_is_listed_by_result(access_to, archive, volume):
    one, access = access_to(archive)
    scan = one.segmented(volume)
    scan.measurements.add(LINE)
    archive.refusal = "it does not accept encapsulated PDF"
    kinds = (ResultKind.MASK, ResultKind.MEASUREMENTS, ResultKind.REPORT)
    access.sending.send(scan, NODE, kinds, title="CT of the spine", asks_for_confirmation=True)
    one.loop.until(lambda: not access.sending.is_running and not access.sending.error)
    assert [(r.kind, r.state, r.reason) for r in access.sending.results] == [
        (ResultKind.MASK, SendState.UNCONFIRMED, "not there"),
        (ResultKind.MEASUREMENTS, SendState.CONFIRMED, ""),
        (ResultKind.REPORT, SendState.REFUSED, archive.refusal),
    ]
    assert "Sent to ward: 2 of 3 results." in one.texts()
    assert not any(path.exists() for path in archive.sent)  # no patient data is left behind


def test_the_uncertainty_map_is_written_as_a_parametric_map(access_to, archive, volume, tmp_path):
    one, _ = access_to(archive)
    order = results_order(one.segmented(volume), (ResultKind.UNCERTAINTY,), "CT of the spine")
    (result,) = order.write(tmp_path, JobProgress())
    assert result.reason == ""
    (written,) = map(dcmread, result.files)
    assert written.SOPClassUID == ParametricMapStorage
    assert written.pixel_array.max() > 0


def test_each_result_has_a_reason_why_it_cannot_be_sent(access_to, archive, volume):
    one, _ = access_to(archive)
    scan = one.open(volume)
    assert "Segment" in result_obstacle(ResultKind.MASK, scan)
    assert "no measurements" in result_obstacle(ResultKind.MEASUREMENTS, scan)
    assert result_obstacle(ResultKind.REPORT, scan) == ""
    plain = one.open(spine_volume(shape=(40, 40, 40)))
    assert "DICOM" in result_obstacle(ResultKind.REPORT, plain)


@pytest.mark.timeout(170)
def test_a_real_archive_lists_the_results_as_new_series_of_the_study(access_to, orthanc, volume):
    one, access = access_to(Archive)
    scan = one.segmented(volume)
    scan.measurements.add(LINE)
    kinds = (
        ResultKind.MASK,
        ResultKind.STRUCTURES,
        ResultKind.ATTENTION,
        ResultKind.PROBABILITY,
        ResultKind.UNCERTAINTY,
        ResultKind.MEASUREMENTS,
        ResultKind.REPORT,
    )
    access.sending.send(scan, orthanc.node(), kinds, title="CT of the spine")
    one.loop.until(lambda: not access.sending.is_running)
    assert [result.state for result in access.sending.results] == [SendState.ACCEPTED] * 7
    study_uid = dcmread(volume.source.slices.files[0]).StudyInstanceUID
    listed = [
        series["MainDicomTags"]["Modality"]
        for series in (orthanc.requested(f"/series/{one}") for one in orthanc.requested("/series"))
        if orthanc.requested(f"/studies/{series['ParentStudy']}")["MainDicomTags"][
            "StudyInstanceUID"
        ]
        == study_uid
    ]
    assert sorted(listed) == ["DOC", "OT", "OT", "OT", "RTSTRUCT", "SEG", "SR"]
