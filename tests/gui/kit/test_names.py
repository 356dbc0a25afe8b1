"""Distinct names of scans."""

from pathlib import Path

from spineviewer.gui.kit.names import distinct_names
from spineviewer.volume.scan_name import name_with_folder


def test_a_unique_name_needs_no_addition():
    assert distinct_names([Path("/a/one.nii"), Path("/a/two.nii")]) == ["one.nii", "two.nii"]


def test_a_generic_name_includes_the_folder():
    assert distinct_names([Path("/a/case-7/ct.nii")]) == [str(Path("case-7/ct.nii"))]


def test_equal_names_are_distinguished_by_their_folders():
    places = [Path("/d/train/7/ct.nii"), Path("/d/test/7/ct.nii"), Path("/d/test/8/ct.nii")]
    assert distinct_names(places) == ["train/7/ct.nii", "test/7/ct.nii", "8/ct.nii"]


def test_series_of_one_folder_are_distinguished_by_their_description():
    places = [Path("/d/spine"), Path("/d/spine"), Path("/d/other")]
    assert distinct_names(places, ["bone", "soft", ""]) == ["spine, bone", "spine, soft", "other"]


def test_a_path_that_is_the_end_of_another_gets_a_distinct_name_too():
    assert distinct_names([Path("a/ct.nii"), Path("/x/a/ct.nii")]) == ["a/ct.nii", "x/a/ct.nii"]


def test_a_file_is_named_with_its_folder():
    assert name_with_folder(Path("/scans/case-7/ct.nii.gz")) == str(Path("case-7/ct.nii.gz"))
