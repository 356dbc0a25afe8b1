"""Find, get and send with a real archive, by both protocols."""

from __future__ import annotations

import stat

import pytest
from archive_peers import PASSWORD, PATIENT_ID, slices_in, small_study
from pydicom import dcmread

from spineviewer.archive.client import Archive
from spineviewer.archive.dimse import find_studies
from spineviewer.archive.node import Retrieval, Transport
from spineviewer.archive.query import Query, result_from_rows
from spineviewer.archive.store import LocalStore
from spineviewer.archive.web import WebArchive

BY_EACH_PROTOCOL = pytest.mark.parametrize("query", [Transport.DIMSE, Transport.WEB])


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


def test_an_echo_returns_the_time_for_each_protocol(orthanc):
    seconds = Archive(orthanc.node()).echo()
    assert set(seconds) == {"dicom", "dicomweb"}
    assert all(0 < value < 10 for value in seconds.values())


@BY_EACH_PROTOCOL
def test_a_search_by_patient_gives_studies_and_series_with_counts(orthanc, stored, query):
    found = Archive(orthanc.node(query=query)).find(Query(patient_id=PATIENT_ID))
    (patient,) = found.patients
    study = next(study for study in patient.studies if study.uid == stored.uid)
    assert (patient.name, patient.patient_id, patient.birth_date) == (
        "Müstermann Erika",
        PATIENT_ID,
        "1964-08-12",
    )
    assert (study.date, study.description, study.accession) == ("2024-03-15", "Wirbelsäule", "A77")
    assert (study.modalities, study.series_count, study.image_count) == (("CT",), 2, 13)
    assert [(s.number, s.modality, s.image_count) for s in study.series] == [
        (3, "CT", 10),
        (4, "CT", 3),
    ]


@BY_EACH_PROTOCOL
@pytest.mark.parametrize(
    ("requested", "is_found"),
    [
        (Query(patient_name="müster"), True),
        (Query(patient_name="Müstermann, Eri"), True),
        (Query(patient_name="Erika"), False),
        (Query(accession="A77"), True),
        (Query(accession="A78"), False),
        (Query(first_date="20240301", last_date="20240331"), True),
        (Query(first_date="20240316"), False),
        (Query(last_date="20240315"), True),
        (Query(modality="ct"), True),
        (Query(modality="MR"), False),
    ],
)
def test_each_criterion_finds_what_matches_and_nothing_else(
    orthanc, stored, query, requested, is_found
):
    if query is Transport.WEB:
        rows = WebArchive(orthanc.node().web, PASSWORD, 10.0).find_studies(
            requested, with_series=False
        )
    else:
        rows = find_studies(orthanc.node().dimse, requested, 10.0, with_series=False)
    found = result_from_rows(rows, requested)
    assert (
        stored.uid in {study.uid for patient in found.patients for study in patient.studies}
    ) is is_found


@pytest.mark.parametrize("way", list(Retrieval))
def test_each_transfer_method_retrieves_the_complete_study(orthanc, stored, store, way):
    told = []

    class Listener:
        def step(self, stage, fraction):
            told.append((stage, fraction))

    folder = Archive(orthanc.node(retrieval=way)).retrieve(
        stored.uid, store=store, progress=Listener()
    )
    assert folder == store.folder / stored.uid
    assert slices_in(folder) == {str(dcmread(path).SOPInstanceUID) for path in stored.files}
    assert sorted(path.name for path in folder.iterdir()) == sorted(stored.series)
    assert [study.uid for study in store.studies()] == [stored.uid]
    assert told[-1][1] <= 1.0
    one = next(folder.rglob("*.dcm"))
    original = next(
        path for path in stored.files if dcmread(path).SOPInstanceUID == dcmread(one).SOPInstanceUID
    )
    assert dcmread(one).PixelData == dcmread(original).PixelData
    assert dcmread(one).PatientName == dcmread(original).PatientName
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert not any((store.folder / ".incoming").iterdir())


def test_one_series_arrives_alone_and_the_rest_of_the_study_later(orthanc, stored, store):
    archive = Archive(orthanc.node())
    assert len(slices_in(archive.retrieve(stored.uid, stored.series[1], store=store))) == 3
    assert len(slices_in(store.folder_for(stored.uid))) == 3
    archive.retrieve(stored.uid, store=store)
    assert len(slices_in(store.folder_for(stored.uid))) == 13


@pytest.mark.parametrize("sending", [Transport.DIMSE, Transport.WEB])
def test_the_archive_lists_the_sent_files_and_other_files_are_rejected(orthanc, tmp_path, sending):
    study = small_study(tmp_path / "new", patient_id=f"sent-{sending}")
    noise = tmp_path / "noise.dcm"
    noise.write_bytes(b"no DICOM")
    told = Archive(orthanc.node(sending=sending)).send([*study.files, noise])
    assert [one.is_accepted for one in told] == [True] * 13 + [False]
    assert "noise.dcm" in told[-1].reason
    listed = {
        orthanc.requested(f"/studies/{one}")["MainDicomTags"]["StudyInstanceUID"]
        for one in orthanc.requested("/studies")
    }
    assert study.uid in listed
