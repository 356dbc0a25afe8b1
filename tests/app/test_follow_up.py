"""The same place in two scans of a patient."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import spine_volume

from spineviewer.app.follow_up import (
    compare_with,
    comparison_obstacle,
    corresponding_point,
    find_earlier_scan,
    state_at_point,
)
from spineviewer.app.scan_titles import are_different_patients
from spineviewer.app.state import Overlays, first_state
from spineviewer.labelling.cut_parts import CutParts
from spineviewer.labelling.vertebrae import (
    BodyFrame,
    Convention,
    Naming,
    Vertebra,
    Vertebrae,
)
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import ScanIdentity

GRID = Geometry((4, 3, 2), (2.0, 1.0, 1.0), (0.0, 0.0, 0.0))
UPRIGHT = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
#: The patient is lying on the side: what pointed left now points forwards.
ON_SIDE = BodyFrame((0.0, 0.0, -1.0), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0))


def body(name, label, centre, frame=UPRIGHT, height=30.0):
    box = (slice(0, 1), slice(0, 1), slice(0, 1))
    return Vertebra(
        name, label, 0.95, CutParts(0), centre, frame, None, None, 15.0, height, 30.0, box
    )


def spine(*bodies):
    naming = Naming(Convention.RIBS, 0.95, 0.0, 0.0)
    return Vertebrae(np.zeros(GRID.shape_zyx, np.uint8), GRID, bodies, naming)


HERE = spine(body("T12", 19, (0.0, 0.0, 100.0)), body("L1", 20, (0.0, 0.0, 70.0)))


def test_a_point_beside_a_body_is_beside_the_same_body_of_a_patient_lying_on_the_side():
    there = spine(
        body("T12", 19, (200.0, 50.0, 300.0), ON_SIDE),
        body("L1", 20, (200.0, 50.0, 270.0), ON_SIDE),
    )
    place = corresponding_point(
        HERE, there, (3.0, 10.0, 105.0)
    )  # 3 to the left, 10 behind, 5 above
    assert place.level == "T12"
    np.testing.assert_allclose(place.point_lps_mm, (210.0, 47.0, 305.0), atol=1e-9)
    np.testing.assert_allclose(place.rotation @ (1.0, 0.0, 0.0), (0.0, -1.0, 0.0), atol=1e-9)


def test_a_point_halfway_between_two_bodies_is_halfway_between_them_in_the_other_scan():
    there = spine(body("T12", 19, (0.0, 0.0, 100.0)), body("L1", 20, (0.0, 8.0, 60.0), height=40.0))
    place = corresponding_point(HERE, there, (0.0, 0.0, 85.0))
    # From T12: 15 mm below (0, 0, 100). From L1: 15 mm above, stretched to 20, over (0, 8, 60).
    np.testing.assert_allclose(place.point_lps_mm, (0.0, 4.0, (85.0 + 80.0) / 2), atol=1e-9)


def test_a_scan_of_another_part_of_the_spine_uses_the_nearest_level_that_both_show():
    there = spine(body("L1", 20, (0.0, 0.0, 10.0)), body("L2", 21, (0.0, 0.0, -20.0)))
    place = corresponding_point(HERE, there, (0.0, 0.0, 100.0))
    assert place.level == "L1"
    np.testing.assert_allclose(place.point_lps_mm, (0.0, 0.0, 40.0), atol=1e-9)
    assert (
        corresponding_point(HERE, spine(body("C5", 5, (0.0, 0.0, 0.0))), (0.0, 0.0, 100.0)) is None
    )


def test_the_planes_of_the_other_scan_cut_the_body_as_they_do_here():
    scan = spine_volume()
    state = first_state(scan, Tuning(), Overlays())
    there = spine(body("T12", 19, (60.0, 80.0, 120.0), ON_SIDE))
    place = corresponding_point(HERE, there, (0.0, 0.0, 100.0))
    moved = state_at_point(state, state, place)
    np.testing.assert_allclose(
        moved.rotation.normal(Plane.SAGITTAL) @ np.array(scan.geometry.axes_lps),
        (0.0, -1.0, 0.0),
        atol=1e-9,
    )
    np.testing.assert_allclose(scan.geometry.point_lps_mm(moved.point_zyx), (60.0, 80.0, 120.0))
    same = corresponding_point(HERE, HERE, (0.0, 0.0, 100.0))
    straight = state_at_point(replace(state), state, same)
    assert straight.rotation.normal(Plane.SAGITTAL) == pytest.approx([0.0, 0.0, 1.0])


def test_levels_of_a_scan_of_unknown_or_wrong_orientation_are_in_no_other_scan():
    assert corresponding_point(HERE, HERE, (0.0, 0.0, 100.0)) is not None
    for doubt in ({"is_orientation_known": False}, {"caution": "upside down"}):
        unknown = replace(HERE, naming=replace(HERE.naming, **doubt))
        assert corresponding_point(HERE, unknown, (0.0, 0.0, 100.0)) is None
        assert corresponding_point(unknown, HERE, (0.0, 0.0, 100.0)) is None


def dated(path, date, patient="P1", shape=(60, 60, 60)):
    identity = ScanIdentity(patient_id=patient, study_date=date)
    volume = spine_volume(path=Path(path), shape=shape)
    return replace(volume, source=replace(volume.source, identity=identity))


def test_the_newest_earlier_scan_of_the_patient_is_compared_until_the_user_chooses(headless):
    one = headless()
    scans = [
        one.open(volume)
        for volume in (
            dated("old.nii", "2024-01-05", shape=(60, 60, 60)),
            dated("older.nii", "2023-01-05", shape=(61, 60, 60)),
            dated("other.nii", "2024-06-05", "P2", shape=(62, 60, 60)),
            dated("later.nii", "2026-01-05", shape=(63, 60, 60)),
            dated("now.nii", "2025-01-05", shape=(64, 60, 60)),
        )
    ]
    now = scans[-1]
    assert find_earlier_scan(now, scans) is scans[0]
    compare_with(now, scans[1])
    assert find_earlier_scan(now, scans) is scans[1]
    compare_with(now, None)
    assert find_earlier_scan(now, scans) is None
    assert find_earlier_scan(scans[2], scans) is None


@pytest.mark.parametrize(
    ("one", "other", "are_different"),
    [
        (("Doe, Jane", "1", "1950-03-04"), ("Doe, Jane", "1", "1950-03-04"), False),
        (("Doe, Jane", "1", "1950-03-04"), ("Roe, Joan", "2", "1960-01-02"), True),
        (("Doe, Jane", "1", "1950-03-04"), ("DOE, JANE", "ext-7", "1950-03-04"), False),
        (("Doe, Jane", "1", ""), ("Doe, Jane", "2", ""), True),
        (("Doe, Jane", "", ""), ("Roe, Joan", "", ""), True),
        (("Doe, Jane", "", ""), ("", "2", ""), False),
        (("", "", ""), ("", "", ""), False),
    ],
)
def test_patients_differ_if_their_files_say_so(one, other, are_different):
    assert are_different_patients(ScanIdentity(*one), ScanIdentity(*other)) is are_different
    assert are_different_patients(ScanIdentity(*other), ScanIdentity(*one)) is are_different


def test_a_scan_of_another_patient_or_a_newer_one_is_not_compared(headless):
    one = headless()
    now, stranger, newer, undated = (
        one.open(volume)
        for volume in (
            dated("now.nii", "2025-01-05", shape=(60, 60, 60)),
            dated("other.nii", "2024-06-05", "P2", shape=(62, 60, 60)),
            dated("later.nii", "2026-01-05", shape=(63, 60, 60)),
            dated("undated.nii", "", shape=(64, 60, 60)),
        )
    )
    unnamed, none = (one.open(dated(f"{n}.nii", "", "", shape=(65 + n, 60, 60))) for n in (0, 1))
    assert comparison_obstacle(now, unnamed).startswith("This scan may be of a different patient")
    assert comparison_obstacle(unnamed, now).startswith(
        "The active scan may be of a different patient"
    )
    assert comparison_obstacle(unnamed, none) == ""
    scans = [now, stranger, newer, undated]
    assert comparison_obstacle(now, stranger) == "This scan is of a different patient."
    assert comparison_obstacle(now, newer).startswith("This scan is newer.")
    assert comparison_obstacle(now, undated) == comparison_obstacle(undated, newer) == ""
    for other in (stranger, newer):
        compare_with(now, other)
        assert find_earlier_scan(now, scans) is None


def test_a_scan_of_unknown_orientation_is_not_compared_and_the_reason_names_it(headless):
    one = headless()
    volume = dated("old.nii", "2024-01-05")
    unknown = replace(volume, source=replace(volume.source, is_orientation_known=False))
    now = dated("now.nii", "2025-01-05", shape=(64, 60, 60))
    old, new = (one.open(each) for each in (unknown, now))
    assert find_earlier_scan(new, [old, new]) is None
    assert comparison_obstacle(new, old) == "The orientation of this scan is unknown."
    assert comparison_obstacle(old, new) == "The orientation of the active scan is unknown."
    compare_with(new, old)
    assert find_earlier_scan(new, [old, new]) is None


def test_scans_without_a_patient_are_compared_only_on_request(headless):
    one = headless()
    scans = [one.open(dated(f"{n}.nii", f"202{n}-01-01", "", (60 + n, 60, 60))) for n in (4, 5)]
    assert find_earlier_scan(scans[1], scans) is None
