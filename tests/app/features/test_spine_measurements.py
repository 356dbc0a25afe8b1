"""Measurements follow the names; points moved by hand stay, and can be undone and redone."""

import json

import pytest
from fakes import spine_volume

from spineviewer.app.landmarks import Kind, Source
from spineviewer.app.session import make_session, pack_session, unpack_session
from spineviewer.errors import InferenceError
from spineviewer.volume.cuts import PlaneCut
from spineviewer.volume.planes import Plane


def level(scan, number=3):
    return scan.spine.measured.vertebrae[number].name


def anterior_mm(scan, name):
    return scan.spine.measured.named(name).profile.anterior.length_mm


def drag_up(scan, name, by_mm):
    """Drag the upper end of the anterior height of a level towards the head, in two moves."""
    scan.spine.go_to(Source(Kind.HEIGHTS, name))
    x, y, z = scan.spine.shown.points_lps_mm["anterior.start"]
    scan.spine.drag({"anterior.start": (x, y, z + by_mm / 2)})
    scan.spine.drag({"anterior.start": (x, y, z + by_mm)})
    scan.spine.end_drag()


def test_every_named_vertebra_is_measured_in_the_background(measured):
    _, scan = measured
    assert [v.name for v in scan.spine.measured] == [v.name for v in scan.parts.vertebrae]
    assert not scan.parts.is_measuring
    # the blocks are nine slices of 2 mm high; the networks blur their edges
    assert anterior_mm(scan, level(scan)) == pytest.approx(18.0, abs=2.5)


def test_going_to_a_value_rotates_the_planes_to_its_points(measured):
    one, scan = measured
    plane = scan.spine.go_to(Source(Kind.HEIGHTS, level(scan)))
    one.loop.rest()
    assert plane is Plane.SAGITTAL
    cut, geometry = scan.state.cut(plane), scan.volume.geometry
    for point in scan.spine.shown.points_lps_mm.values():
        # upright planes show whole slices, so the error is at most half a voxel of 1.5 mm
        max_mm = 0.75 if isinstance(cut, PlaneCut) else 0.01
        assert abs(cut.across_mm(tuple(geometry.index_zyx(point)))) <= max_mm


def test_an_abandoned_drag_changes_nothing(measured):
    _, scan = measured
    name = [vertebra.name for vertebra in scan.spine.measured][2]
    before, steps = anterior_mm(scan, name), scan.parts.history.done
    scan.spine.go_to(Source(Kind.HEIGHTS, name))
    x, y, z = scan.spine.shown.points_lps_mm["anterior.start"]
    scan.spine.drag({"anterior.start": (x, y, z + 5.0)})
    assert anterior_mm(scan, name) != pytest.approx(before)
    scan.spine.abandon_drag()
    scan.spine.end_drag()  # the button is released later
    assert anterior_mm(scan, name) == pytest.approx(before)
    assert scan.parts.history.done == steps


def test_a_dragged_point_changes_its_value_at_once_and_is_one_undo_step(measured):
    one, scan = measured
    name = level(scan)
    before, steps = anterior_mm(scan, name), len(scan.parts.history.done)
    drag_up(scan, name, 6.0)
    after = anterior_mm(scan, name)
    assert after > before + 4.0
    assert len(scan.parts.history.done) == steps + 1
    assert scan.spine.measured.named(name).is_set_by_hand
    scan.steps.undo()
    assert anterior_mm(scan, name) == before
    assert not scan.spine.measured.named(name).is_set_by_hand
    scan.steps.redo()
    assert anterior_mm(scan, name) == after
    one.loop.rest()


def test_moved_points_follow_a_change_of_names(measured):
    one, scan = measured
    name = level(scan)
    drag_up(scan, name, 6.0)
    after = anterior_mm(scan, name)
    scan.names.shift(1)
    one.loop.until(lambda: level(scan, 2) != name and scan.parts.vertebrae.all[2].name == name)
    one.follow(scan)
    assert level(scan, 2) == name
    assert not scan.spine.measured.named(name).is_set_by_hand
    assert anterior_mm(scan, level(scan, 3)) == pytest.approx(after, abs=0.1)


def test_landmarks_stay_on_their_bone_when_its_name_changes(measured):
    one, scan = measured
    name = level(scan)
    bone = scan.spine.measured.named(name).centre_lps_mm
    scan.spine.go_to(Source(Kind.HEIGHTS, name))
    scan.names.shift(1)
    one.loop.until(lambda: scan.parts.vertebrae.all[2].name == name)
    one.settle(scan)
    one.delays.end_all()
    one.loop.until(lambda: scan.spine.are_current)
    source = scan.parts.chosen_source
    assert source is not None
    assert source.level != name
    assert scan.spine.measured.named(source.level).centre_lps_mm == pytest.approx(bone, abs=0.5)
    assert scan.spine.shown is not None


def test_a_stroke_far_from_the_vertebra_keeps_its_moved_points(measured):
    one, scan = measured
    name = level(scan)
    drag_up(scan, name, 6.0)
    after = anterior_mm(scan, name)
    scan.corrections.begin_stroke(Plane.SAGITTAL, (90.0, 30.0, 36.0), is_adding=True)
    scan.corrections.end_stroke()
    one.follow(scan)
    assert anterior_mm(scan, name) == pytest.approx(after, abs=1e-6)


def test_measuring_begins_again_after_the_networks_have_failed(measured):
    one, scan = measured
    before = scan.spine.measured
    scan.names.shift(1)
    one.loop.until(lambda: not scan.names.are_pending)
    one.services.error = InferenceError("4 GB are needed, 1 GB is free.")
    scan.segmentation.segment()
    one.delays.end_all()
    one.loop.rest()
    assert scan.state.is_mask_current
    one.follow(scan)
    assert scan.spine.are_current
    assert scan.spine.measured is not before
    assert not scan.parts.is_measuring


def test_the_automatic_value_is_restored_as_a_step(measured):
    _, scan = measured
    name = level(scan)
    before = anterior_mm(scan, name)
    drag_up(scan, name, 6.0)
    moved = anterior_mm(scan, name)
    scan.spine.restore(Source(Kind.HEIGHTS, name))
    assert anterior_mm(scan, name) == before
    scan.steps.undo()
    assert anterior_mm(scan, name) == moved


def test_moved_points_come_back_with_a_session_and_with_the_scan(measured, tmp_path):
    one, scan = measured
    name = level(scan)
    drag_up(scan, name, 6.0)
    after = anterior_mm(scan, name)
    session = make_session(scan.state, scan.correction, scan.parts.reference)
    assert session.has_edits
    packed = pack_session(session, has_path=True)
    path = tmp_path / "x.spineview"
    assert unpack_session(packed, path).moved_points == scan.state.moved_points
    older = json.loads(packed)
    del older["moved_points"]
    assert unpack_session(json.dumps(older).encode(), path).moved_points == ()
    one.workspace.close(one.workspace.front)
    one.loop.rest()
    again = one.segmented(spine_volume())
    one.follow(again)
    assert anterior_mm(again, name) == pytest.approx(after)


def test_fractured_levels_are_stepped_through_in_both_directions_and_around(measured):
    one, scan = measured
    levels = [vertebra.name for vertebra in scan.spine.measured]
    for name in (levels[2], levels[5]):
        scan.spine.go_to(Source(Kind.HEIGHTS, name))
        points = scan.spine.shown.points_lps_mm
        for end in ("anterior.start", "middle.start"):
            x, y, z = points[end]
            scan.spine.drag({end: (x, y, z - 10.0)})
            scan.spine.end_drag()
    found = [vertebra.name for vertebra in scan.spine.measured.fractured]
    assert {levels[2], levels[5]} <= set(found)
    scan.spine.hide()
    scan.navigation.go_to(scan.parts.vertebrae.all[0])
    seen = []
    for _ in range(len(found) + 1):
        scan.spine.next_fractured()
        seen.append(scan.parts.chosen_source.level)
    assert seen == [*found, found[0]]
    scan.spine.next_fractured(-1)
    assert scan.parts.chosen_source.level == found[-1]
    one.loop.rest()
