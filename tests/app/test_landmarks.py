"""Landmarks are shown in their picture, moved, stored, and found again under other names."""

import math
from dataclasses import fields, is_dataclass, replace

import msgspec
import numpy as np
import pytest
from fakes import spine_volume
from spine_numbers import caliper, two_levels, vertebra

from spineviewer.app.landmarks import (
    Kind,
    MovedPoint,
    MovedPoints,
    Source,
    applied,
    find_landmarks,
    moved_points,
    with_moved,
    without_moved,
)
from spineviewer.labelling.vertebrae import BodyFrame
from spineviewer.measurements.curves import with_cobb
from spineviewer.measurements.density import trabecular
from spineviewer.measurements.results import CurveKind, Cut, ExpectedHeights, Genant, Ratios
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.planes import Plane

HEIGHTS = Source(Kind.HEIGHTS, "T12")


@pytest.fixture(scope="module")
def scan():
    return spine_volume()


def move(measured, source, name, at, scan):
    return applied(measured, moved_points(measured, source, {name: at}), scan)


def all_with(moved, points):
    for point in points:
        moved = with_moved(moved, point)
    return moved


def test_heights_are_six_points_joined_by_three_heights_and_two_endplates():
    shown = find_landmarks(two_levels(), HEIGHTS)
    assert len(shown.points_lps_mm) == 6
    assert shown.points_lps_mm["anterior.start"] == (0.0, -15.0, 52.0)
    assert shown.lines == tuple(
        (f"{name}.start", f"{name}.end") for name in ("anterior", "middle", "posterior")
    )
    assert ("anterior.end", "middle.end") in shown.plates
    assert ("middle.start", "posterior.start") in shown.plates


def test_an_endplate_has_all_points_that_its_line_joins():
    shown = find_landmarks(two_levels(), HEIGHTS)
    starts = ("anterior.start", "middle.start", "posterior.start")
    assert shown.endplate_points("middle.start") == starts
    assert shown.endplate_points("posterior.start") == starts
    slip = find_landmarks(two_levels(), Source(Kind.SLIP, "T12"))
    assert slip.endplate_points("front") == ("front", "back")
    assert slip.endplate_points("corner") == ("corner",)


def test_a_value_that_was_not_measured_has_no_points():
    measured = two_levels()
    assert find_landmarks(measured, Source(Kind.CANAL, "T12")) is None
    assert find_landmarks(measured, Source(Kind.HEIGHTS, "L5")) is None
    assert find_landmarks(measured, Source(Kind.DISC, "L1")) is None
    assert find_landmarks(measured, Source(Kind.CURVE, "T12", CurveKind.COBB)) is None


@pytest.mark.parametrize("axes", [None, ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))])
def test_the_planes_rotate_so_that_one_contains_every_point(axes):
    angle = math.radians(20)  # the picture is rotated about the body's long axis
    normal = (math.cos(angle), math.sin(angle), 0.0)
    body = vertebra("T12", 19, (0.0, 0.0, 50.0))
    heights = [
        replace(height, cut=Cut((0.0, 0.0, 50.0), normal)) for height in body.profile.heights
    ]
    profile = replace(body.profile, anterior=heights[0], middle=heights[1], posterior=heights[2])
    measured = replace(two_levels(), vertebrae=(replace(body, profiles=(profile,)),))
    grid = Geometry(
        (50, 40, 30), (2.0, 1.0, 1.0), (0.0, 0.0, 0.0), **({"axes_lps": axes} if axes else {})
    )
    rotation, plane = find_landmarks(measured, HEIGHTS).planes(grid)
    assert plane is Plane.SAGITTAL
    shown = rotation.normal(Plane.SAGITTAL) @ np.array(grid.axes_lps)
    np.testing.assert_allclose(shown, normal, atol=1e-9)
    up = rotation.normal(Plane.AXIAL) @ np.array(grid.axes_lps)
    np.testing.assert_allclose(up, (0, 0, 1), atol=1e-9)
    square = np.array(rotation.axes)
    np.testing.assert_allclose(square @ square.T, np.eye(3), atol=1e-9)


def test_moving_an_end_of_a_height_changes_the_height_its_ratios_and_the_grade(scan):
    measured = two_levels()
    after = move(measured, HEIGHTS, "anterior.start", (0.0, -15.0, 61.0), scan)
    changed = after.named("T12")
    assert changed.profile.anterior.length_mm == pytest.approx(24.0)
    assert changed.profile.anterior.is_set_by_hand
    assert not changed.profile.middle.is_set_by_hand
    assert changed.ratios.wedge.value == pytest.approx(24 / 26)
    assert after.named("L1").profile == measured.named("L1").profile
    assert measured.named("T12").profile.anterior.length_mm == pytest.approx(15.0)


def test_a_moved_roi_measures_the_hu_where_it_is_now(scan):
    hu = np.full_like(scan.hu, 100)
    hu[:, :, 36:] = 300  # the left half; its first column is at x = 10 + 36 * 1.5 = 64 mm
    halves = replace(scan, hu=hu)
    measured = replace(two_levels(), vertebrae=(vertebra("T12", 19, (45.0, 80.0, 120.0)),))
    there = (85.0, 80.0, 120.0)
    after = move(measured, Source(Kind.DENSITY, "T12"), "centre", there, halves)
    found = after.named("T12").trabecular
    assert found.mean_hu.value == pytest.approx(300.0)
    assert found.roi.centre_lps_mm == there
    assert found.is_set_by_hand


def test_an_roi_is_resized_by_its_handles_and_keeps_its_size_wherever_it_is_moved(scan):
    source, there = Source(Kind.DENSITY, "T12"), (85.0, 80.0, 120.0)
    measured = replace(two_levels(), vertebrae=(vertebra("T12", 19, (45.0, 80.0, 120.0)),))
    automatic = measured.named("T12").trabecular
    assert automatic.roi.radii_mm == (7.0, 10.0, 8.0)
    shown = find_landmarks(measured, source)
    assert shown.points_lps_mm["upper"] == pytest.approx((45.0, 80.0, 127.0))
    assert shown.points_lps_mm["left"] == pytest.approx((55.0, 80.0, 120.0))
    assert shown.points_lps_mm["front"] == pytest.approx((45.0, 72.0, 120.0))

    # Only the movement along its own axis counts, so the front is now at y = 76 mm.
    smaller = moved_points(measured, source, {"front": (48.0, 76.0, 125.0)})
    resized = applied(measured, smaller, scan)
    after = resized.named("T12").trabecular
    assert after.roi.radii_mm == pytest.approx((7.0, 10.0, 4.0))
    assert after.volume_ml == pytest.approx(automatic_ml(automatic.roi, scan) / 2, rel=0.1)
    assert after.is_set_by_hand

    moved = all_with(smaller, moved_points(resized, source, {"centre": there}))
    again = applied(measured, moved, scan)
    moved = all_with(moved, moved_points(again, source, {"centre": (45.0, 90.0, 120.0)}))
    found = applied(measured, moved, scan).named("T12").trabecular.roi
    assert found.centre_lps_mm == (45.0, 90.0, 120.0)
    assert found.radii_mm == pytest.approx((7.0, 10.0, 4.0))
    assert msgspec.json.decode(msgspec.json.encode(moved), type=MovedPoints) == moved


def automatic_ml(roi, scan):
    return trabecular(scan, roi).volume_ml


def with_roi_gap(measured, gap_mm):
    row = measured.named("T12")
    found = replace(row.trabecular, roi=replace(row.trabecular.roi, gap_mm=gap_mm))
    return replace(measured, vertebrae=(replace(row, trabecular=found),))


def test_the_gap_of_an_roi_has_a_handle_and_stays_within_the_roi(scan):
    source = Source(Kind.DENSITY, "T12")
    measured = replace(two_levels(), vertebrae=(vertebra("T12", 19, (45.0, 80.0, 120.0)),))
    measured = with_roi_gap(measured, 4.0)
    assert find_landmarks(measured, source).points_lps_mm["gap"] == (45.0, 80.0, 118.0)
    wider = move(measured, source, "gap", (45.0, 80.0, 117.0), scan).named("T12").trabecular
    assert wider.roi.gap_mm == pytest.approx(6.0)
    assert wider.volume_ml < automatic_ml(measured.named("T12").trabecular.roi, scan)
    for z, gap_mm in ((125.0, 0.0), (100.0, 8.4)):  # closed, and 60% of the height of 14 mm
        found = move(measured, source, "gap", (45.0, 80.0, z), scan).named("T12").trabecular
        assert found.roi.gap_mm == pytest.approx(gap_mm)
    wide = with_roi_gap(measured, 8.0)
    lower = move(wide, source, "upper", (45.0, 80.0, 124.0), scan).named("T12").trabecular
    assert lower.roi.gap_mm == pytest.approx(4.8)


@pytest.mark.parametrize("automatic_mm", [0.0, 5.0])
def test_a_gap_is_kept_when_the_mask_changes_and_roi_of_earlier_versions_have_none(
    scan, automatic_mm
):
    source = Source(Kind.DENSITY, "T12")
    measured = replace(two_levels(), vertebrae=(vertebra("T12", 19, (45.0, 80.0, 120.0)),))
    moved = moved_points(with_roi_gap(measured, 4.0), source, {"centre": (46.0, 78.0, 121.0)})
    later = with_roi_gap(measured, automatic_mm)
    assert applied(later, moved, scan).named("T12").trabecular.roi.gap_mm == pytest.approx(4.0)
    earlier = tuple(point for point in moved if point.name != "gap")
    assert applied(later, earlier, scan).named("T12").trabecular.roi.gap_mm == 0


def test_the_middle_of_an_roi_is_its_centre():
    found = find_landmarks(two_levels(), Source(Kind.DENSITY, "T12"))
    assert found.middle_lps_mm == found.roi.centre_lps_mm


def test_an_roi_never_becomes_smaller_than_can_be_measured_or_seen(scan):
    source = Source(Kind.DENSITY, "T12")
    measured = replace(two_levels(), vertebrae=(vertebra("T12", 19, (45.0, 80.0, 120.0)),))
    turned_inside_out = move(measured, source, "upper", (45.0, 80.0, 90.0), scan)
    assert turned_inside_out.named("T12").trabecular.roi.radii_mm[0] == pytest.approx(2.0)


def test_a_moved_corner_changes_the_slip_and_a_moved_endplate_the_angle(scan):
    measured = two_levels()
    after = move(measured, Source(Kind.SLIP, "T12"), "corner", (0.0, 9.0, 37.0), scan)
    assert measured.discs[0].slip.mm == pytest.approx(4.0)
    assert after.discs[0].slip.mm == pytest.approx(9.0)
    curve = Source(Kind.CURVE, "T12", CurveKind.THORACIC_KYPHOSIS)
    level = move(measured, curve, "upper.end", (0.0, 15.0, 52.0), scan)
    assert abs(measured.curves[0].degrees) == pytest.approx(math.degrees(math.atan(11 / 30)))
    assert level.curves[0].degrees == pytest.approx(0.0, abs=1e-6)
    assert level.curves[0].is_set_by_hand


def test_a_moved_point_stays_with_the_body_whatever_its_name(scan):
    measured = two_levels()
    moved = moved_points(measured, HEIGHTS, {"anterior.start": (0.0, -15.0, 61.0)})
    shifted = replace(
        measured,
        vertebrae=tuple(
            replace(one, name=name)
            for one, name in zip(measured.vertebrae, ("L1", "L2"), strict=True)
        ),
    )
    after = applied(shifted, moved, scan)
    assert after.named("L1").profile.anterior.length_mm == pytest.approx(24.0)
    assert not after.named("L2").is_set_by_hand


def test_a_point_of_a_missing_body_is_skipped_and_returns_with_it(scan):
    measured = two_levels()
    moved = moved_points(measured, HEIGHTS, {"anterior.start": (0.0, -15.0, 61.0)})
    without = replace(measured, vertebrae=measured.vertebrae[1:], discs=())
    assert applied(without, moved, scan) == without
    assert applied(measured, moved, scan).named("T12").is_set_by_hand


def test_in_the_neck_a_point_belongs_to_the_nearest_body(scan):
    upper = vertebra("C3", 3, (0.0, 0.0, 50.0))
    lower = vertebra("C4", 4, (0.0, 0.0, 36.0))
    neck = replace(two_levels(), vertebrae=(upper, lower), discs=(), curves=())
    moved = moved_points(neck, Source(Kind.HEIGHTS, "C4"), {"middle.start": (0.0, 0.0, 52.0)})
    later = replace(neck, vertebrae=(
        replace(upper, centre_lps_mm=(0.0, 0.0, 47.0)), replace(lower, centre_lps_mm=(0, 0, 33.0))
    ))  # fmt: skip
    after = applied(later, moved, scan)
    assert [one.is_set_by_hand for one in after] == [False, True]


def test_moving_a_point_again_replaces_it_and_restoring_removes_all_points_of_a_value():
    measured = two_levels()
    first = moved_points(measured, HEIGHTS, {"anterior.start": (0.0, -15.0, 61.0)})
    again = moved_points(measured, HEIGHTS, {"anterior.start": (0.0, -15.0, 60.0)})
    other = moved_points(measured, Source(Kind.HEIGHTS, "L1"), {"middle.end": (0.0, 0.0, 1.0)})
    moved = all_with(all_with(first, other), again)
    assert moved == (*other, *again)
    assert without_moved(moved, measured, HEIGHTS) == other


def test_moved_points_are_restored_as_they_were_stored():
    measured = two_levels()
    curve = Source(Kind.CURVE, "T12", CurveKind.THORACIC_KYPHOSIS)
    moved = (
        *moved_points(measured, HEIGHTS, {"anterior.start": (0.0, -15.5, 61.25)}),
        *moved_points(measured, curve, {"lower.end": (1.0, 2.0, 3.0)}),
    )
    assert msgspec.json.decode(msgspec.json.encode(moved), type=MovedPoints) == moved


@pytest.mark.parametrize(
    "damage",
    [
        {"kind": "soup"},
        {"at_lps_mm": [0, 0]},
        {"at_lps_mm": [0, 0, float("nan")]},
        {"at_lps_mm": [0, 0, True]},
        {"body_lps_mm": [0, 0, 1e9]},
        {"name": 5},
        {"curve": "loop"},
    ],
)
def test_damaged_points_are_refused(damage):
    good = msgspec.to_builtins(MovedPoint(Kind.DEPTH, "start", (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)))
    with pytest.raises((ValueError, TypeError, KeyError)):
        msgspec.convert([{**good, **damage}], MovedPoints)


def test_a_stored_name_of_an_unknown_value_changes_nothing(scan):
    measured = two_levels()
    odd = MovedPoint(Kind.SLIP, "nowhere", (0.0, 0.0, 50.0), (1.0, 0.0, 0.0))
    assert applied(measured, (odd,), scan) == measured


def test_the_height_of_a_disc_is_moved_on_its_own(scan):
    measured = two_levels()
    after = move(measured, Source(Kind.DISC, "T12"), "middle.end", (0.0, 0.0, 31.0), scan)
    assert after.discs[0].middle.length_mm == pytest.approx(6.0)
    assert after.discs[0].anterior == caliper(-10.0, 37.0, 28.0)


def shifted(measured, by_mm):
    """The measurements that another mask might give: every point is a little farther back."""

    def moved(part):
        if isinstance(part, BodyFrame):
            angle = math.radians(3)
            back, down = (0.0, math.cos(angle), math.sin(angle)), (
                0.0, math.sin(angle), -math.cos(angle)
            )  # fmt: skip
            return BodyFrame(down, part.left_lps, back)
        if isinstance(part, tuple) and len(part) == 3 and isinstance(part[0], float):
            x, y, z = part
            return (x, y + by_mm, z * 0.98)
        if isinstance(part, tuple):
            return tuple(map(moved, part))
        if is_dataclass(part) and not isinstance(part, (Cut, ExpectedHeights, Ratios, Genant)):
            return replace(part, **{f.name: moved(getattr(part, f.name)) for f in fields(part)})
        return part

    return replace(
        measured,
        vertebrae=moved(measured.vertebrae),
        discs=moved(measured.discs),
        curves=moved(measured.curves),
    )


@pytest.mark.parametrize(
    ("source", "name", "value"),
    [
        (HEIGHTS, "anterior.start", lambda m: m.named("T12").profile.anterior.length_mm),
        (
            Source(Kind.DEPTH, "T12"),
            "end",
            lambda m: m.named("T12").depth.length_mm,
        ),
        (Source(Kind.DISC, "T12"), "middle.end", lambda m: m.discs[0].middle.length_mm),
        (Source(Kind.SLIP, "T12"), "corner", lambda m: m.discs[0].slip.mm),
        (
            Source(Kind.CURVE, "T12", CurveKind.THORACIC_KYPHOSIS),
            "upper.end",
            lambda m: m.curves[0].degrees,
        ),
    ],
)
def test_a_value_set_by_hand_stays_the_same_when_the_mask_changes(scan, source, name, value):
    measured = two_levels()
    x, y, z = find_landmarks(measured, source).points_lps_mm[name]
    moved = moved_points(measured, source, {name: (x, y + 1.0, z + 2.0)})
    by_hand, later = value(applied(measured, moved, scan)), shifted(measured, 1.5)
    assert value(later) != pytest.approx(by_hand, abs=0.2)
    assert value(applied(later, moved, scan)) == pytest.approx(by_hand, abs=1e-9)


def test_an_roi_set_by_hand_keeps_its_position_size_and_direction_when_the_mask_changes(scan):
    source = Source(Kind.DENSITY, "T12")
    measured = replace(two_levels(), vertebrae=(vertebra("T12", 19, (45.0, 80.0, 120.0)),))
    moved = moved_points(measured, source, {"centre": (46.0, 78.0, 121.0)})
    by_hand = applied(measured, moved, scan).named("T12").trabecular
    later = replace(shifted(measured, 1.5), discs=(), curves=())
    assert later.named("T12").frame != measured.named("T12").frame
    found = applied(later, moved, scan).named("T12").trabecular
    assert found.roi.centre_lps_mm == (46.0, 78.0, 121.0)
    np.testing.assert_allclose(found.roi.radii_mm, by_hand.roi.radii_mm, atol=1e-9)
    np.testing.assert_allclose(found.roi.frame.down_lps, by_hand.roi.frame.down_lps, atol=1e-9)
    assert found.mean_hu.value == by_hand.mean_hu.value


def test_a_canal_set_by_hand_stays_if_it_is_no_longer_found(scan):
    canal = caliper(20.0, 50.0, 50.0)
    canal = replace(canal, end_lps_mm=(0.0, 36.0, 50.0))
    measured = two_levels()
    body = replace(measured.named("T12"), canal=canal)
    before = replace(measured, vertebrae=(body, measured.named("L1")))
    moved = moved_points(before, Source(Kind.CANAL, "T12"), {"end": (0.0, 33.0, 50.0)})
    found = applied(measured, moved, scan).named("T12").canal
    assert found.length_mm == pytest.approx(13.0)
    assert found.is_set_by_hand


def four_bodies(lefts_mm=(0.0, 0.0, 0.0, 0.0)):
    """Return T10 to L1 with level endplates, each at its own distance to the left."""
    plates = {"upper_plate_normal_lps": (0.0, 0.0, -1.0), "lower_plate_normal_lps": (0.0, 0.0, -1)}
    return tuple(
        vertebra(
            name, 17 + number, (left, 0.0, 90.0 - 30 * number), **plates,
            upper_plate_lps_mm=(left, 0.0, 102.0 - 30 * number),
            lower_plate_lps_mm=(left, 0.0, 78.0 - 30 * number),
        )
        for number, name, left in zip(range(4), ("T10", "T11", "T12", "L1"), lefts_mm, strict=True)
    )  # fmt: skip


def test_side_and_apex_of_a_curve_follow_lines_dragged_past_parallel(scan):
    row = four_bodies((0.0, 2.0, -2.0, 0.0))
    measured = replace(two_levels(), vertebrae=row, discs=())
    measured = replace(measured, curves=with_cobb((), row, row[0], row[3]))
    source = Source(Kind.CURVE, "T10", CurveKind.COBB)
    sides = []
    for left_mm in (109.0, 102.0, 95.0):
        measured = move(measured, source, "upper.end", (18.0, 0.0, left_mm), scan)
        sides.append((measured.curves[0].convexity, measured.curves[0].apex))
    assert sides == [("left", "T11"), ("", ""), ("right", "T12")]


def test_a_cobb_angle_set_by_hand_stays_if_other_ends_would_be_chosen_now(scan):
    row = four_bodies()
    none = replace(two_levels(), vertebrae=row, discs=(), curves=())
    measured = replace(none, curves=with_cobb((), row, row[0], row[2]))
    tilted = {"upper.start": (-18.0, 0.0, 102.0), "upper.end": (18.0, 0.0, 113.0)}
    moved = moved_points(measured, Source(Kind.CURVE, "T10", CurveKind.COBB), tilted)
    degrees = math.degrees(math.atan(11 / 36))
    others = replace(none, curves=with_cobb((), row, row[0], row[3]))
    for later in (measured, none, others):
        (curve,) = applied(later, moved, scan).curves
        assert (curve.upper, curve.lower, curve.is_set_by_hand) == ("T10", "T12", True)
        assert curve.degrees == pytest.approx(degrees)


def test_a_single_point_of_an_earlier_session_is_still_applied(scan):
    measured = two_levels()
    old = MovedPoint(Kind.HEIGHTS, "anterior.start", (0.0, 0.0, 50.0), (0.0, -15.0, 61.0))
    assert applied(measured, (old,), scan).named("T12").profile.anterior.length_mm == 24.0
