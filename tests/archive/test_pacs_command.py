"""`spineviewer pacs …` as a user types it, with Orthanc as the archive."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager

import pytest
from archive_peers import OWN_TITLE, PASSWORD, PATIENT, USER, free_port, slices_in, small_study
from pydicom import dcmread
from pynetdicom import AE
from pynetdicom.sop_class import Verification

from spineviewer.app.archives import local_scan, local_store
from spineviewer.app.session import scan_fingerprint
from spineviewer.app.settings import RecentScan, Settings, load_settings, save_settings
from spineviewer.cli import main
from spineviewer.errors import ArchiveError
from spineviewer.io.scan import read_scan
from spineviewer.progress import JobProgress


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("SPINEVIEWER_SETTINGS", str(tmp_path / "settings.json"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "settings.json"


@pytest.fixture
def node(orthanc):
    return [
        f"dicom://ORTHANC@127.0.0.1:{orthanc.dicom_port}",
        "--calling",
        OWN_TITLE,
        "--own-port",
        str(orthanc.own_port),
    ]


@contextmanager
def archive_that_knows(title):
    """An archive that answers only one caller; yields its port."""
    application = AE(ae_title="STRICT")
    application.require_calling_aet = [title]
    application.add_supported_context(Verification)
    port = free_port()
    server = application.start_server(("127.0.0.1", port), block=False)
    try:
        yield port
    finally:
        server.shutdown()


def test_options_of_a_call_override_the_configuration(settings, capsys):
    with archive_that_knows("SPECIAL") as port:
        assert main(["pacs", "nodes", "--add", "strict", f"dicom://STRICT@127.0.0.1:{port}"]) == 0
        assert main(["pacs", "echo", "strict"]) == 8
        assert "does not know the local AE title SPINEVIEWER" in capsys.readouterr().err
        assert main(["pacs", "echo", "strict", "--calling", "SPECIAL"]) == 0


def test_a_node_is_added_listed_used_and_removed(orthanc, settings, capsys):
    web = f"http://{USER}@127.0.0.1:{orthanc.web_port}/dicom-web"
    dicom = f"dicom://ORTHANC@127.0.0.1:{orthanc.dicom_port}"
    assert (
        main(
            [
                "pacs",
                "nodes",
                "--add",
                "clinic",
                dicom,
                web,
                "--calling",
                OWN_TITLE,
                "--retrieve",
                "dicomweb",
            ]
        )
        == 0
    )
    told = capsys.readouterr().out
    assert f"ORTHANC at 127.0.0.1:{orthanc.dicom_port}" in told
    assert "search: dicom, retrieve: dicomweb, send: dicom" in told
    assert PASSWORD not in settings.read_text()
    assert main(["pacs", "echo", "clinic", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["seconds"]) == {"dicom", "dicomweb"}
    assert main(["pacs", "nodes", "--remove", "clinic"]) == 0
    assert main(["pacs", "echo", "clinic"]) == 2
    assert "There is no archive named clinic" in capsys.readouterr().err


def test_a_search_prints_patients_studies_and_series_with_counts(node, stored, capsys):
    assert (
        main(["pacs", "find", *node, "--patient-id", "4711", "--date", "2024-03-01..2024-03-31"])
        == 0
    )
    told = capsys.readouterr().out
    assert "Müstermann Erika (4711, born 1964-08-12)" in told
    assert "2024-03-15  Wirbelsäule  CT  2 series, 13 images  accession A77" in told
    assert f"study {stored.uid}" in told
    assert f"3  CT  Spine 2.5 B60  10 images  {stored.series[0]}" in told


def test_a_study_is_retrieved_into_a_folder_and_not_fetched_twice(node, stored, tmp_path, capsys):
    requested = ["pacs", "get", *node, "--study", stored.uid, "-o", str(tmp_path / "out"), "--json"]
    assert main(requested) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 13
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.dcm")}
    assert main(requested) == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.dcm")} == before


def test_sent_files_are_listed_with_the_outcome_of_each(node, orthanc, tmp_path, capsys):
    study = small_study(tmp_path / "new", PatientID="by command")
    (tmp_path / "new" / "notes.txt").write_text("no DICOM")
    assert main(["pacs", "send", *node, str(tmp_path / "new")]) == 8
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.endswith(": accepted") for line in lines) == 13
    assert [line for line in lines if "rejected" in line] == [
        f"{tmp_path / 'new' / 'notes.txt'}: rejected: notes.txt is not a DICOM file, or it is "
        f"damaged. Copy it again from the source."
    ]
    uids = {
        orthanc.requested(f"/studies/{one}")["MainDicomTags"]["StudyInstanceUID"]
        for one in orthanc.requested("/studies")
    }
    assert study.uid in uids


def test_the_archive_confirms_that_it_keeps_what_was_sent(node, tmp_path, capsys):
    small_study(tmp_path / "new", PatientID="confirmed")
    assert main(["pacs", "send", *node, str(tmp_path / "new"), "--confirm", "--json"]) == 0
    assert [row["confirmed"] for row in json.loads(capsys.readouterr().out)] == [True] * 13


@pytest.mark.parametrize(
    ("requested", "sentence", "code"),
    [
        (["echo", "nowhere"], "There is no archive named nowhere", 2),
        (["echo", "dicom://A@127.0.0.1"], "Use the format dicom://AE-TITLE@HOST:PORT", 2),
        (["echo", "dicom://A@127.0.0.1:1"], "Nothing is responding at 127.0.0.1:1.", 8),
        (["echo", "ftp://127.0.0.1"], "is not the address of an archive", 2),
        (["echo", "dicom://AETITLEOFTOOMANYLETTERS@127.0.0.1:1"], "is not a valid AE title", 2),
        (
            ["echo", "http://user:password@127.0.0.1/x"],
            "must not contain a user name or a password",
            2,
        ),
        (["echo", "http://user@192.0.2.1/x"], "without encryption", 2),
        (["find", "dicom://A@127.0.0.1:1", "--date", "2024-02-30"], "is not a valid date", 2),
        (
            ["find", "dicom://A@127.0.0.1:1", "--date", "20240302-20240301"],
            "ends before it begins",
            2,
        ),
        (["get", "dicom://A@127.0.0.1:1", "--study", "../x", "-o", "out"], "is not a valid UID", 2),
        (["send", "dicom://A@127.0.0.1:1", "missing.dcm"], "missing.dcm does not exist", 2),
        (["receive", "--port", "99999", "--aet", "A", "-o", "out"], "is not a valid port", 2),
        (["get", "dicom://A@127.0.0.1:1"], "--study", 2),
    ],
)
def test_a_wrong_call_and_a_dead_archive_are_reported_in_one_sentence_each(
    requested, sentence, code, settings, capsys
):
    assert main(["pacs", *requested]) == code
    told = capsys.readouterr().err.strip().splitlines()
    assert sentence in told[-1]
    assert "Traceback" not in "".join(told)


def test_a_series_in_an_archive_is_segmented_like_a_file(
    node, stored, settings, tmp_path, with_tiny_models, monkeypatch, capsys, orthanc
):
    where = f"dicom://ORTHANC@127.0.0.1:{orthanc.dicom_port}"
    assert (
        main(
            [
                "segment",
                f"{where}/{stored.uid}/{stored.series[0]}",
                "-o",
                str(tmp_path / "mask.dcm"),
                "--device",
                "cpu",
            ]
        )
        == 0
    )
    mask = dcmread(tmp_path / "mask.dcm")
    assert (mask.StudyInstanceUID, mask.PatientName) == (stored.uid, PATIENT)
    assert len(slices_in(tmp_path / "data" / "spineviewer" / "studies")) == 10
    capsys.readouterr()
    assert main(["pacs", "store", "--json"]) == 0
    assert [study["study"] for study in json.loads(capsys.readouterr().out)["studies"]] == [
        stored.uid
    ]
    assert main(["pacs", "store", "--delete", stored.uid]) == 0
    assert not list((tmp_path / "data").rglob("*.dcm"))


def test_a_batch_accepts_series_of_an_archive_as_well_as_files(
    stored, settings, tmp_path, with_tiny_models, monkeypatch, orthanc, capsys
):
    where = f"dicom://ORTHANC@127.0.0.1:{orthanc.dicom_port}/{stored.uid}"
    (tmp_path / "list.txt").write_text(f"{where}/{stored.series[0]}\n{where}/1.2.3\n")
    assert (
        main(
            [
                "batch",
                str(tmp_path / "list.txt"),
                "-o",
                str(tmp_path / "masks"),
                "--device",
                "cpu",
                "--json",
            ]
        )
        == 7
    )
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["state"] for row in rows] == ["done", "failed"]
    assert (
        rows[1]["message"]
        == "The archive has no images of this study or series. Search for the study again."
    )
    assert (tmp_path / "masks" / f"{stored.series[0]}_seg-spine_msk.nii.gz").exists()


def test_deleting_a_study_deletes_the_saved_work_on_it(settings, tmp_path, capsys):
    folder = tmp_path / "data" / "spineviewer" / "studies"
    study = small_study(tmp_path / "made")
    for path in study.files:
        place = folder / study.uid / dcmread(path).SeriesInstanceUID
        place.mkdir(parents=True, exist_ok=True)
        path.rename(place / path.name)
    kept = scan_fingerprint(read_scan(folder / study.uid / study.series[0]))
    sessions = tmp_path / "sessions"
    sessions.mkdir()
    for name in (f"{kept}.session", f"{kept}.results", "another.session"):
        (sessions / name).write_bytes(b"work")
    recent = [
        RecentScan(str(folder / study.uid / study.series[0]), picture="iVBO"),
        RecentScan(str(tmp_path / "ct.nii.gz")),
    ]
    save_settings(Settings(recent=tuple(recent)), settings)
    assert main(["pacs", "store", "--delete", study.uid]) == 0
    assert "0 studies" in capsys.readouterr().out
    assert [path.name for path in sessions.iterdir()] == ["another.session"]
    assert [scan.path for scan in load_settings(settings).recent] == [str(tmp_path / "ct.nii.gz")]
    assert not list(folder.rglob("*.dcm"))


def test_a_study_deleted_to_make_room_is_deleted_with_the_work_on_it(
    settings, tmp_path, stored, orthanc
):
    study = small_study(tmp_path / "made", Rows=200, Columns=200, PixelData=bytes(200 * 200 * 2))
    folder = local_store(Settings()).folder / study.uid
    for path in study.files:
        place = folder / dcmread(path).SeriesInstanceUID
        place.mkdir(parents=True, exist_ok=True)
        path.rename(place / path.name)
    sessions = tmp_path / "sessions"
    sessions.mkdir()
    (sessions / f"{scan_fingerprint(read_scan(folder / study.series[0]))}.session").touch()
    recent = RecentScan(str(folder / study.series[0]), picture="iVBO")
    save_settings(Settings(store_megabytes=1, recent=(recent,)), settings)
    where = f"dicom://ORTHANC@127.0.0.1:{orthanc.dicom_port}/{stored.uid}/{stored.series[0]}"
    assert len(slices_in(local_scan(where, JobProgress()))) == 10
    assert not folder.exists()
    assert list(sessions.iterdir()) == []
    assert load_settings(settings).recent == ()


def test_studies_that_are_too_old_are_deleted_at_the_next_retrieval(settings):
    store = local_store(Settings(store_days=30))
    for uid, days in (("1.2.1", 31), ("1.2.2", 29)):
        (store.folder / uid / "1.1").mkdir(parents=True)
        os.utime(store.folder / uid, (time.time() - days * 86400,) * 2)
    with pytest.raises(ArchiveError, match="Nothing is responding"):
        local_scan("dicom://A@127.0.0.1:1/1.2.9/1.1", JobProgress())
    assert [study.uid for study in store.studies()] == ["1.2.2"]
