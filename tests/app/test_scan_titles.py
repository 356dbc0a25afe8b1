from pathlib import Path

import pytest
from fakes import spine_volume

from spineviewer.app.scan_titles import (
    describe_patient,
    hidden_title,
    patients_and_dates,
    tab_titles,
)
from spineviewer.volume.volume import ScanIdentity

JANE = ScanIdentity("Doe, Jane", "12345", "1950-03-04", "2024-05-06")


def source(path="ct.nii.gz", **fields):
    return spine_volume(path=Path(path), **fields).source


def test_the_line_names_patient_study_and_series():
    assert describe_patient(source(identity=JANE, description="Spine 1.0 B60")) == (
        "Doe, Jane  ·  12345  ·  study of 2024-05-06  ·  born 1950-03-04  ·  Spine 1.0 B60"
    )


def test_the_line_leaves_out_what_the_header_does_not_state():
    assert describe_patient(source(identity=ScanIdentity(patient_id="7"))) == "7"
    assert describe_patient(source(identity=ScanIdentity("Case 7", "Case 7"))) == "Case 7"
    assert describe_patient(source(description="a series alone is nobody's")) == ""


def test_different_file_names_stay_as_they_are():
    sources = [source("a/one.nii.gz", identity=JANE), source("a/two.nii.gz", identity=JANE)]
    assert tab_titles(sources, is_patient_shown=True) == ("one.nii.gz", "two.nii.gz")


def test_scans_with_equal_file_names_are_named_by_patient_and_date_only_if_these_are_shown():
    early = ScanIdentity("Doe, Jane", "12345", "1950-03-04", "2020-01-02")
    other = ScanIdentity("Roe, Max", "9")
    sources = [source(f"{n}/ct", identity=who) for n, who in enumerate((JANE, early, other))]
    assert tab_titles(sources, is_patient_shown=True) == (
        "Doe, Jane  ·  2024-05-06",
        "Doe, Jane  ·  2020-01-02",
        "Roe, Max",
    )
    assert tab_titles(sources, is_patient_shown=False) == ("0", "1", "2")


def test_scans_with_equal_file_names_are_named_by_series_kernel_and_the_first_different_folder():
    series = [source("d", description="Bone", kernel="B60"), source("d", description="Soft")]
    assert tab_titles(series, is_patient_shown=True) == ("Bone", "Soft")
    kernels = [source("d", kernel="B60"), source("d", kernel="B30")]
    assert tab_titles(kernels, is_patient_shown=True) == ("B60", "B30")
    deep = [source("x/case-1/anat/ct"), source("x/case-2/anat/ct")]
    assert tab_titles(deep, is_patient_shown=True) == ("case-1", "case-2")


def test_scans_whose_folders_have_equal_names_keep_these_names():
    two = [source("/x/train/case-6/ct.nii.gz"), source("/x/in/case-6/ct.nii.gz")]
    assert tab_titles(two, is_patient_shown=True) == ("case-6  ·  train", "case-6  ·  in")
    three = [*two, source("/x/in/case-8/ct.nii.gz")]
    assert tab_titles(three, is_patient_shown=True) == (
        "case-6  ·  train",
        "case-6  ·  in",
        "case-8",
    )
    kernels = [source("/x/case-6/ct", kernel="B60"), source("/x/case-6/ct", kernel="B30")]
    assert tab_titles(kernels, is_patient_shown=True) == ("case-6  ·  B60", "case-6  ·  B30")


def test_a_mask_beside_one_of_two_scans_is_named_by_its_file():
    names = ("/train/case-6/ct.nii", "/train/case-6/mask.nii", "/in/case-6/ct.nii")
    assert tab_titles([source(name) for name in names], is_patient_shown=True) == (
        "case-6  ·  train",
        "mask.nii",
        "case-6  ·  in",
    )


def test_masks_of_two_scans_keep_their_file_names():
    names = ("/train/case-5/mask.nii", "/train/case-6/mask.nii", "/train/case-6/ct.nii")
    assert tab_titles([source(name) for name in names], is_patient_shown=True) == (
        "mask.nii  ·  case-5",
        "mask.nii  ·  case-6",
        "case-6",
    )


def test_titles_stay_distinct_if_a_folder_is_named_like_another_scan():
    sources = [source("case-1/ct"), source("case-2/ct"), source("x/case-1")]
    assert tab_titles(sources, is_patient_shown=True) == ("ct  ·  case-1", "case-2", "case-1")
    alone = [source("case-1/ct"), source("x/case-1")]
    assert tab_titles(alone, is_patient_shown=True) == ("ct", "case-1")


def test_generic_files_of_one_folder_keep_their_names():
    sources = [source("/x/case-1/ct.nii"), source("/x/case-1/scan.nii"), source("/x/case-2/a.nii")]
    assert tab_titles(sources, is_patient_shown=True) == ("ct.nii", "scan.nii", "a.nii")


def test_a_folder_named_after_the_patient_never_stands_for_its_file():
    named = source("/x/Doe Jane/ct.nii", is_named_after_patient=True)
    assert tab_titles([named], is_patient_shown=False) == ("ct.nii",)
    assert tab_titles([source("/x/case-1/ct.nii")], is_patient_shown=False) == ("case-1",)


@pytest.mark.parametrize("folder", ["Doe Jane", "x12345", "born 1950-03-04", "19500304_CT"])
def test_hidden_patients_are_in_no_title(folder):
    fields = {"identity": JANE, "description": "Spine 1.0"}
    paths = [f"/x/{folder}", f"/x/{folder}/ct", f"/x/{folder}/a/ct", "/x/case-1/ct"]
    sources = [source(path, **fields) for path in paths]
    hidden = tab_titles(sources, is_patient_shown=False)
    assert len(set(hidden)) == len(sources)
    assert not [title for title in hidden if folder in title]
    assert folder in tab_titles(sources[:1], is_patient_shown=True)
    assert hidden_title(sources[0], sources[0].path) == "Spine 1.0"
    assert hidden_title(sources[1], sources[1].path) == "ct"
    assert hidden_title(sources[3], sources[3].path) == ""


def test_a_description_that_names_a_hidden_patient_is_no_title():
    series = [
        source("/x/case-1/ct", identity=JANE, description=text) for text in ("Doe Bone", "Soft")
    ]
    assert tab_titles(series, is_patient_shown=True)[0] == "case-1  ·  Doe Bone"
    assert not [t for t in tab_titles(series, is_patient_shown=False) if "Doe" in t]


def test_a_title_that_nothing_distinguishes_is_numbered():
    series = [source("/x/Doe/", identity=JANE) for _ in range(2)]
    assert tab_titles(series, is_patient_shown=False) == ("NIfTI", "NIfTI  ·  2")


def test_no_representation_of_a_scan_shows_the_patient():
    text = repr(source(identity=JANE))
    assert "Doe" not in text
    assert "12345" not in text
    assert "1950" not in text


def test_series_to_choose_from_state_patient_and_study_date_only_if_these_differ():
    doe = [ScanIdentity("Doe", "1", "", date) for date in ("2020-01-02", "2024-05-06", "")]
    roe = ScanIdentity("", "R-7", "", "2024-05-06")
    assert patients_and_dates([doe[0], doe[0]], is_patient_shown=True) == ("", "")
    assert patients_and_dates(doe, is_patient_shown=True) == ("2020-01-02", "2024-05-06", "")
    both = patients_and_dates([doe[1], roe], is_patient_shown=True)
    assert both == ("Doe", "R-7")
    assert patients_and_dates([doe[0], roe], is_patient_shown=True)[0] == "Doe  ·  2020-01-02"
    assert patients_and_dates([doe[0], roe], is_patient_shown=False) == ("2020-01-02", "2024-05-06")
