from pathlib import Path

import pytest

from spineviewer.app.studies import list_contents
from spineviewer.errors import UsageError
from spineviewer.io import scan
from spineviewer.io.series_listing import SeriesListing, SeriesSummary, StudyInfo
from spineviewer.progress import JobProgress
from spineviewer.volume.volume import ScanFormat


def series(uid, description="Thorax"):
    return SeriesSummary(uid, description, "CT", 40, 512, 512, (1.0, 0.5, 0.5), "", ())


def listed(monkeypatch, folder, *pairs):
    listing = SeriesListing(
        folder, ScanFormat.DICOM, tuple(one for one, _ in pairs), (), ("a.dcm: damaged",)
    )
    monkeypatch.setattr(
        scan, "list_studies", lambda *_, **__: (listing, tuple(head for _, head in pairs))
    )


def test_patients_hold_studies_newest_first_and_series_of_the_spine_lead(monkeypatch, tmp_path):
    old, new = (
        StudyInfo(0, "", 0, "2019-05-01", "", tmp_path / "a"),
        StudyInfo(0, "", 1, "2024-01-31", "CT", tmp_path / "b"),
    )
    other = StudyInfo(1, "", 2, "", "", tmp_path / "c")
    listed(
        monkeypatch,
        tmp_path,
        (series("1"), old),
        (series("2"), new),
        (series("3", "Spine bone"), new),
        (series("4"), other),
    )
    contents = list_contents(tmp_path, JobProgress())
    assert [[study.date for study in patient.studies] for patient in contents.patients] == [
        ["2024-01-31", "2019-05-01"],
        [""],
    ]
    assert [place.line.uid for place in contents.patients[0].studies[0].series] == ["3", "2"]
    assert contents.patients[0].studies[1].series[0].folder == tmp_path / "a"
    assert (contents.series_count, contents.unreadable) == (4, ("a.dcm: damaged",))


def test_images_of_other_formats_are_beside_the_studies_and_masks_do_not(tmp_path):
    for name in ("x/a_ct.nii.gz", "x/a_msk.nii.gz", "y/b.mha"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    contents = list_contents(tmp_path, JobProgress())
    assert contents.patients == ()
    assert [Path(path).name for path in contents.files] == ["a_ct.nii.gz", "b.mha"]


def test_a_folder_without_scans_is_reported(tmp_path):
    with pytest.raises(UsageError, match="contains no scan"):
        list_contents(tmp_path, JobProgress())
