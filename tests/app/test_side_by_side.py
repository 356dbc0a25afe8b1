"""The scan beside the active one follows its place."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import spine_volume

from spineviewer.app import side_by_side
from spineviewer.app.follow_up import CorrespondingPoint
from spineviewer.app.side_by_side import SideBySide
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import ScanIdentity, WindowLevel


@pytest.fixture
def scans(headless):
    """A scan with slices of 1 mm and one with slices of 2 mm, both from z = 0."""
    one = headless()
    fine = spine_volume(path=Path("a.nii.gz"), shape=(96, 80, 72), spacing=(1.0, 1.5, 1.5))
    coarse = spine_volume(path=Path("b.nii.gz"), shape=(48, 80, 72), spacing=(2.0, 1.5, 1.5))
    return one.open(fine), one.open(coarse)


def follow(pair, front, *, is_locked=True):
    pair.follow(front, None, is_locked=is_locked, is_matched_by_vertebra=True)
    return pair.state.crosshair_zyx


def test_the_other_scan_moves_by_the_same_distance_and_uses_the_same_grey_scale(scans):
    front, other = scans[0].state.moved_to((40, 30, 30)), scans[1]
    pair = SideBySide(other, front)
    z, y, x = other.state.crosshair_zyx
    moved = replace(front.moved_to((50, 32, 29)), window=WindowLevel(300.0, 50.0))
    assert follow(pair, moved) == (z + 5, y + 2, x - 1)
    assert pair.state.window == WindowLevel(300.0, 50.0)
    assert not pair.is_vertebra_shared


def test_scrolling_the_other_scan_changes_the_fixed_offset(scans):
    front = scans[0].state.moved_to((40, 30, 30))
    pair = SideBySide(scans[1], front)
    z, y, x = pair.state.crosshair_zyx
    pair.scroll(Plane.AXIAL, 3)
    assert follow(pair, front.moved_to((44, 30, 30))) == (z + 5, y, x)


def test_an_unlocked_scan_stays_where_it_is(scans):
    front = scans[0].state.moved_to((40, 30, 30))
    pair = SideBySide(scans[1], front)
    before = pair.state.crosshair_zyx
    assert follow(pair, front.moved_to((60, 30, 30)), is_locked=False) == before


def test_scrolling_the_front_scan_alone_changes_the_offset_of_a_scan_that_is_locked_later(scans):
    front = scans[0].state.moved_to((40, 30, 30))
    pair = SideBySide(scans[1], front)
    z, y, x = pair.state.crosshair_zyx
    aligned = front.moved_to((44, 30, 30))
    follow(pair, aligned, is_locked=False)
    assert follow(pair, aligned) == (z, y, x)  # nothing moves when it is locked
    assert follow(pair, front) == (z - 2, y, x)


def test_without_a_match_the_other_scan_keeps_the_offset_of_the_last_match(scans, monkeypatch):
    front = scans[0].state.moved_to((40, 30, 30))
    pair = SideBySide(scans[1], front)
    place = scans[1].state.moved_to((10, 20, 20))
    matches = [
        CorrespondingPoint("L1", place.scan.geometry.point_lps_mm(place.point_zyx), np.eye(3)),
        None,
    ]
    monkeypatch.setattr(side_by_side, "_counterpart", lambda *_: matches[0])
    assert follow(pair, front) == (10, 20, 20)
    del matches[0]
    assert follow(pair, front) == (10, 20, 20)
    assert follow(pair, front.moved_to((44, 30, 30))) == (12, 20, 20)


def test_a_point_in_the_other_scan_is_found_in_the_front_scan_with_the_offset(scans):
    front = scans[0].state.moved_to((40, 30, 30))
    pair = SideBySide(scans[1], front)
    pair.move_to((10, 20, 20))  # now at z = 20 mm, where the front is at 40 mm
    place = pair.index_in_front((13, 21, 20), is_locked=True, is_matched_by_vertebra=True)
    np.testing.assert_allclose(place, (46.0, 31.0, 30.0), atol=1e-9)
    assert pair.index_in_front((13, 21, 20), is_locked=False, is_matched_by_vertebra=True) is None


def test_scans_of_one_patient_are_distinguished_from_scans_of_two_patients(headless):
    def of_patient(number, name):
        return spine_volume(path=Path(name), identity=ScanIdentity("", number))

    one = headless()
    first, second, third = (
        one.open(of_patient(*given))
        for given in (("1", "a.nii.gz"), ("1", "b.nii.gz"), ("2", "c.nii.gz"))
    )
    assert not SideBySide(second, first.state).is_other_patient
    assert SideBySide(third, first.state).is_other_patient
    pair = SideBySide(second, first.state)
    assert pair.is_pair_of(second, first.state.moved_to((1, 1, 1)))
    assert not pair.is_pair_of(third, first.state)
    assert not pair.is_pair_of(second, third.state)


def test_a_vertebra_that_the_other_scan_does_not_contain_is_named(headless, volumes):
    one = headless()
    other, front = one.measured(volumes[0]), one.measured(volumes[1])
    labelling = other.parts.labelling
    lower = replace(labelling.vertebrae, all=labelling.vertebrae.all[3:])
    other.set(replace(other.parts, labelling=replace(labelling, vertebrae=lower)))
    pair, vertebrae = SideBySide(other, front.state), front.parts.vertebrae

    def note_at(vertebra, **options):
        index = front.volume.geometry.index_zyx(vertebra.body_centre_lps_mm)
        state = front.state.moved_to(tuple(index.tolist()))
        pair.follow(state, vertebrae, is_locked=True, **options)
        return pair.note

    missing, shared = vertebrae.all[1], vertebrae.named(lower.all[1].name)
    nearest = lower.marked_names[lower.all[0].label]
    level = vertebrae.marked_names[missing.label]
    assert note_at(missing, is_matched_by_vertebra=True) == (
        f"{level} is not in this scan; nearest: {nearest}"
    )
    assert note_at(missing, is_matched_by_vertebra=False) == ""
    assert note_at(shared, is_matched_by_vertebra=True) == ""
    note_at(missing, is_matched_by_vertebra=True)
    pair.scroll(Plane.AXIAL, 1)
    assert pair.note == ""
