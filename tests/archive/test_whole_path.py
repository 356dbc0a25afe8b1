"""A real CT is retrieved, and its results are sent back and appear in the archive's own listing."""

from __future__ import annotations

import json

import pytest
from archive_peers import OWN_TITLE

from spineviewer.cli import main

pytestmark = [pytest.mark.slow, pytest.mark.realdata, pytest.mark.timeout(600)]


def test_a_study_is_stored_found_retrieved_segmented_and_its_results_are_sent_back(
    orthanc, real_data, tmp_path, monkeypatch, capsys
):
    series = real_data / "dicom" / "cmb-crc-01068"
    if not series.is_dir():
        pytest.skip("the folder of real scans holds no dicom/cmb-crc-01068")
    monkeypatch.setenv("SPINEVIEWER_SETTINGS", str(tmp_path / "settings.json"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def requested(*words):
        assert main(["pacs", *words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    address = f"dicom://ORTHANC@127.0.0.1:{orthanc.dicom_port}"
    requested(
        "nodes",
        "--add",
        "orthanc",
        address,
        "--calling",
        OWN_TITLE,
        "--own-port",
        str(orthanc.own_port),
    )
    assert all(row["accepted"] for row in requested("send", "orthanc", str(series)))

    (patient,) = requested("find", "orthanc", "--patient-id", "CMB-CRC-MSB-01068")["patients"]
    (study,) = patient["studies"]
    (found,) = study["series"]
    assert (found["modality"], found["image_count"]) == ("CT", 100)
    assert (
        requested("get", "orthanc", "--study", study["uid"], "-o", str(tmp_path / "got"))["images"]
        == 100
    )

    seg, vertebrae, report = (tmp_path / f"{name}.dcm" for name in ("spine", "levels", "report"))
    scan = f"pacs://orthanc/{study['uid']}/{found['uid']}"
    files = ["-o", str(seg), "--vertebrae", str(vertebrae), "--measurements", str(report)]
    assert main(["segment", scan, *files, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["volume_ml"] > 50

    results = [str(path) for path in (seg, vertebrae, report)]
    sent = requested("send", "orthanc", *results, "--confirm")
    assert [row["accepted"] for row in sent] == [True] * 3

    listed = [orthanc.requested(f"/series/{one}") for one in orthanc.requested("/series")]
    ours = [
        (one["MainDicomTags"]["Modality"], len(one["Instances"]))
        for one in listed
        if orthanc.requested(f"/studies/{one['ParentStudy']}")["MainDicomTags"]["StudyInstanceUID"]
        == study["uid"]
    ]
    assert sorted(ours) == [("CT", 100), ("SEG", 1), ("SEG", 1), ("SR", 1)]
