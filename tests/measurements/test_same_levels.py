"""Names in two scans of a patient that do not mean the same vertebrae."""

from dataclasses import replace

import pytest
from spine_numbers import growing_bodies, vertebra

from spineviewer.measurements.same_levels import SameVertebra, shifted_names

THERE = growing_bodies("T4")


def test_the_same_names_for_the_same_vertebrae_fit():
    assert shifted_names(growing_bodies("T4", factor=1.02), THERE) is None


@pytest.mark.parametrize(
    ("named_from", "pair"), [("T5", ("T5", "T4")), ("T3", ("T3", "T4")), ("T6", ("T6", "T4"))]
)
def test_names_shifted_by_a_level_are_found(named_from, pair):
    assert shifted_names(growing_bodies(named_from), THERE) == SameVertebra(*pair)


def test_another_field_of_view_does_not_matter():
    lower = growing_bodies("T7", count=5, skipped=3)
    assert shifted_names(lower, THERE) is None
    renamed = growing_bodies("T8", count=5, skipped=3)
    assert shifted_names(renamed, THERE) == SameVertebra("T8", "T7")


def test_fractures_since_the_earlier_scan_are_not_other_names():
    rows = list(THERE.vertebrae)
    for number in (2, 5):
        low = vertebra("T1", 8, (0.0, 0.0, 0.0), (10.0, 10.0, 14.0))
        rows[number] = replace(rows[number], profiles=low.profiles)
    assert shifted_names(replace(THERE, vertebrae=tuple(rows)), THERE) is None


def test_two_vertebrae_are_too_few_to_tell():
    assert shifted_names(growing_bodies("T5", count=2), THERE) is None


def test_sizes_that_fit_nowhere_do_not_rename_anything():
    assert shifted_names(growing_bodies("T4", factor=1.5), THERE) is None
