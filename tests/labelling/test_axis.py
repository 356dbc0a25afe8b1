import numpy as np
import pytest

from spineviewer.labelling.axis import WorkingMask, body_axis, straight_above_c3
from spineviewer.labelling.partition import TABLE_BACK, TABLE_LEFT
from spineviewer.labelling.priors import load_fitted
from spineviewer.volume.centre_line import CentreLine

BELOW_C2 = 40
NO_BONE = WorkingMask(np.zeros((1, 1, 1), np.bool_), (0, 0, 0))


def test_the_line_does_not_depend_on_where_the_mask_begins() -> None:
    voxels = np.zeros((150, 70, 60), np.bool_)
    z, y, x = np.indices(voxels.shape)
    voxels[np.hypot(y - 25 - z / 20, x - 30 - 3 * np.sin(z / 30)) < 13] = True
    voxels[:2] = voxels[-2:] = False
    line = body_axis(WorkingMask(voxels, (30, 12, 9))).line
    for more in ((1, 0, 0), (0, 1, 2), (2, 2, 1)):
        padded = np.pad(voxels, [(n, 0) for n in more])
        origin = (30 - more[0], 12 - more[1], 9 - more[2])
        again = body_axis(WorkingMask(padded, origin)).line
        np.testing.assert_allclose(again.points_mm, line.points_mm, atol=1e-6)


def line_that_bends_to_a_lateral_mass(count: int = 120) -> CentreLine:
    """Straight down from station 45 on; above it, 15 mm to the left within 45 mm."""
    left_mm = 15.0 * np.clip(1 - np.arange(count) / 45, 0, None)
    places = np.column_stack([200.0 - np.arange(count), np.full(count, 50.0), 50.0 + left_mm])
    down = np.gradient(places, axis=0)
    down /= np.linalg.norm(down, axis=1, keepdims=True)
    left = np.array([0.0, 0.0, 1.0]) - down[:, 2:] * down
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    back = np.tile([0.0, 1.0, 0.0], (count, 1))
    return CentreLine(places, down, left, back, 1.0, 0.0, float(count))


def test_above_c3_the_line_continues_straight_through_the_dens() -> None:
    line = line_that_bends_to_a_lateral_mass()
    straight = straight_above_c3(line, BELOW_C2, NO_BONE)
    np.testing.assert_allclose(straight.points_mm[:, 1:], 50.0, atol=1e-9)
    np.testing.assert_allclose(straight.points_mm[:, 0], line.points_mm[:, 0], atol=1e-9)
    np.testing.assert_array_equal(straight.points_mm[48:], line.points_mm[48:])
    frame = np.stack([straight.down, straight.left, straight.back], axis=1)
    np.testing.assert_allclose(
        frame @ frame.transpose(0, 2, 1), np.tile(np.eye(3), (120, 1, 1)), atol=1e-9
    )


@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.2])
def test_in_a_scan_that_ends_with_c3_the_line_above_is_in_the_middle_of_the_bone(
    slope: float,
) -> None:
    voxels = np.zeros((80, 20, 100), np.bool_)
    for z in range(80):
        middle = 50 + round(slope * (z - 40))
        voxels[z, :, middle - 20 : middle + 20] = True
    line = line_that_bends_to_a_lateral_mass(70)  # the last 30 stations are below the bone
    straight = straight_above_c3(line, 22, WorkingMask(voxels, (120, 40, 0)))
    heights = straight.points_mm[:30, 0]
    np.testing.assert_allclose(straight.points_mm[:30, 2], 50 + slope * (heights - 160.5), atol=0.5)


@pytest.mark.parametrize("below_c2", [112, 119, 130])
def test_a_line_that_ends_below_c2_is_not_changed(below_c2: int) -> None:
    straight = straight_above_c3(line_that_bends_to_a_lateral_mass(), below_c2, NO_BONE)
    steps = np.linalg.norm(np.diff(straight.points_mm, axis=0), axis=1)
    np.testing.assert_allclose(steps, 1.0, atol=1e-6)


def test_the_dens_belongs_to_c2_and_the_masses_beside_it_to_c1() -> None:
    table = load_fitted().border_shift[0]  # below the plane of the disc, in heights of C1 and C2
    dens = table[np.isin(TABLE_BACK, (0.5, 1.0)), TABLE_LEFT == 0.0]
    masses = table[np.ix_(np.isin(TABLE_BACK, (0.0, 0.5)), np.isin(TABLE_LEFT, (1.5, 2.0)))]
    assert dens.max() < -1.0  # the border is above the tip
    assert masses.min() > -0.7
