"""Landmarks are shown in their picture, moved, stored, and found again under other names."""

import math
from dataclasses import replace

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
    landmarks_of,
    moved_point,
    with_moved,
    without_moved,
)
from spineviewer.measurements.density import trabecular
from spineviewer.measurements.results import CurveKind, Cut
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.planes import Plane

HEIGHTS = Source(Kind.HEIGHTS, "T12")


@pytest.fixture(scope="module")
def scan():
    return spine_volume()


def move(measured, source, name, at, scan):
    return applied(measured, (moved_point(measured, source, name, at),), scan)


def test_heights_are_six_points_joined_by_three_heights_and_two_end_plates():
    shown = landmarks_of(two_levels(), HEIGHTS)
    assert len(shown.points_lps_mm) == 6
    assert shown.points_lps_mm["anterior.start"] == (0.0, -15.0, 52.0)
    assert shown.lines == tuple(
        (f"{name}.start", f"{name}.end") for name in ("anterior", "middle", "posterior")
    )
    assert ("anterior.end", "middle.end") in shown.plates
    assert ("middle.start", "posterior.start") in shown.plates


def test_an_end_plate_has_all_points_that_its_line_joins():
    shown = landmarks_of(two_levels(), HEIGHTS)
    starts = ("anterior.start", "middle.start", "posterior.start")
    assert shown.plate_of("middle.start") == starts
    assert shown.plate_of("posterior.start") == starts
    slip = landmarks_of(two_levels(), Source(Kind.SLIP, "T12"))
    assert slip.plate_of("front") == ("front", "back")
    assert slip.plate_of("corner") == ("corner",)


def test_what_was_not_measured_has_no_points():
    measured = two_levels()
    assert landmarks_of(measured, Source(Kind.CANAL, "T12")) is None
    assert landmarks_of(measured, Source(Kind.HEIGHTS, "L5")) is None
    assert landmarks_of(measured, Source(Kind.DISC, "L1")) is None
    assert landmarks_of(measured, Source(Kind.CURVE, "T12", CurveKind.COBB)) is None


@pytest.mark.parametrize("axes", [None, ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))])
def test_the_planes_turn_so_that_one_contains_every_point(axes):
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
    rotation, plane = landmarks_of(measured, HEIGHTS).planes(grid)
    assert plane is Plane.SAGITTAL
    shown = rotation.normal(Plane.SAGITTAL) @ np.array(grid.axes_lps)
    np.testing.assert_allclose(shown, normal, atol=1e-9)
    up = rotation.normal(Plane.AXIAL) @ np.array(grid.axes_lps)
    np.testing.assert_allclose(up, (0, 0, 1), atol=1e-9)
    square = np.array(rotation.axes)
    np.testing.assert_allclose(square @ square.T, np.eye(3), atol=1e-9)


def test_a_moved_end_of_a_height_changes_that_height_its_ratios_and_the_grade(scan):
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
    shown = landmarks_of(measured, source)
    assert shown.points_lps_mm["upper"] == pytest.approx((45.0, 80.0, 127.0))
    assert shown.points_lps_mm["left"] == pytest.approx((55.0, 80.0, 120.0))
    assert shown.points_lps_mm["front"] == pytest.approx((45.0, 72.0, 120.0))

    # Only the movement along its own axis counts, so the front is now at y = 76 mm.
    smaller = moved_point(measured, source, "front", (48.0, 76.0, 125.0))
    after = applied(measured, (smaller,), scan).named("T12").trabecular
    assert after.roi.radii_mm == pytest.approx((7.0, 10.0, 4.0))
    assert after.volume_ml == pytest.approx(automatic_ml(automatic.roi, scan) / 2, rel=0.1)
    assert after.is_set_by_hand

    moved = with_moved((smaller,), moved_point(measured, source, "centre", there))
    moved = with_moved(moved, moved_point(measured, source, "centre", (45.0, 90.0, 120.0)))
    found = applied(measured, moved, scan).named("T12").trabecular.roi
    assert found.centre_lps_mm == (45.0, 90.0, 120.0)
    assert found.radii_mm == pytest.approx((7.0, 10.0, 4.0))
    assert msgspec.json.decode(msgspec.json.encode(moved), type=MovedPoints) == moved


def automatic_ml(roi, scan):
    return trabecular(scan, roi).volume_ml


def test_the_middle_of_an_roi_is_its_centre():
    found = landmarks_of(two_levels(), Source(Kind.DENSITY, "T12"))
    assert found.middle_lps_mm == found.roi.centre_lps_mm


def test_an_roi_never_becomes_smaller_than_can_be_measured_or_seen(scan):
    source = Source(Kind.DENSITY, "T12")
    measured = replace(two_levels(), vertebrae=(vertebra("T12", 19, (45.0, 80.0, 120.0)),))
    turned_inside_out = move(measured, source, "upper", (45.0, 80.0, 90.0), scan)
    assert turned_inside_out.named("T12").trabecular.roi.radii_mm[0] == pytest.approx(2.0)


def test_a_moved_corner_changes_the_slip_and_a_moved_plate_the_angle(scan):
    measured = two_levels()
    after = move(measured, Source(Kind.SLIP, "T12"), "corner", (0.0, 9.0, 37.0), scan)
    assert measured.discs[0].slip.mm == pytest.approx(4.0)
    assert after.discs[0].slip.mm == pytest.approx(9.0)
    curve = Source(Kind.CURVE, "T12", CurveKind.THORACIC_KYPHOSIS)
    level = move(measured, curve, "upper.end", (0.0, 15.0, 52.0), scan)
    assert abs(measured.curves[0].degrees) == pytest.approx(math.degrees(math.atan(11 / 30)))
    assert level.curves[0].degrees == pytest.approx(0.0, abs=1e-6)
    assert level.curves[0].is_set_by_hand


def test_a_moved_point_stays_with_the_body_whatever_it_is_called(scan):
    measured = two_levels()
    moved = (moved_point(measured, HEIGHTS, "anterior.start", (0.0, -15.0, 61.0)),)
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


def test_a_point_of_a_body_that_is_gone_is_skipped_and_comes_back_with_it(scan):
    measured = two_levels()
    moved = (moved_point(measured, HEIGHTS, "anterior.start", (0.0, -15.0, 61.0)),)
    without = replace(measured, vertebrae=measured.vertebrae[1:], discs=())
    assert applied(without, moved, scan) == without
    assert applied(measured, moved, scan).named("T12").is_set_by_hand


def test_in_a_neck_where_bodies_are_close_a_point_goes_to_the_nearest(scan):
    upper = vertebra("C3", 3, (0.0, 0.0, 50.0))
    lower = vertebra("C4", 4, (0.0, 0.0, 36.0))
    neck = replace(two_levels(), vertebrae=(upper, lower), discs=(), curves=())
    moved = moved_point(neck, Source(Kind.HEIGHTS, "C4"), "middle.start", (0.0, 0.0, 52.0))
    later = replace(neck, vertebrae=(
        replace(upper, centre_lps_mm=(0.0, 0.0, 47.0)), replace(lower, centre_lps_mm=(0, 0, 33.0))
    ))  # fmt: skip
    after = applied(later, (moved,), scan)
    assert [one.is_set_by_hand for one in after] == [False, True]


def test_moving_a_point_again_replaces_it_and_restoring_takes_all_of_a_number_away():
    measured = two_levels()
    first = moved_point(measured, HEIGHTS, "anterior.start", (0.0, -15.0, 61.0))
    again = moved_point(measured, HEIGHTS, "anterior.start", (0.0, -15.0, 60.0))
    other = moved_point(measured, Source(Kind.HEIGHTS, "L1"), "middle.end", (0.0, 0.0, 1.0))
    moved = with_moved(with_moved((first,), other), again)
    assert moved == (other, again)
    assert without_moved(moved, measured, HEIGHTS) == (other,)


def test_moved_points_come_back_as_they_were_stored():
    measured = two_levels()
    curve = Source(Kind.CURVE, "T12", CurveKind.THORACIC_KYPHOSIS)
    moved = (
        moved_point(measured, HEIGHTS, "anterior.start", (0.0, -15.5, 61.25)),
        moved_point(measured, curve, "lower.end", (1.0, 2.0, 3.0)),
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


def test_a_stored_name_that_no_number_has_changes_nothing(scan):
    measured = two_levels()
    odd = MovedPoint(Kind.SLIP, "nowhere", (0.0, 0.0, 50.0), (1.0, 0.0, 0.0))
    assert applied(measured, (odd,), scan) == measured


def test_the_height_of_a_disc_is_moved_on_its_own(scan):
    measured = two_levels()
    after = move(measured, Source(Kind.DISC, "T12"), "middle.end", (0.0, 0.0, 31.0), scan)
    assert after.discs[0].middle.length_mm == pytest.approx(6.0)
    assert after.discs[0].anterior == caliper(-10.0, 37.0, 28.0)
