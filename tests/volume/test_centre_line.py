import numpy as np
import pytest

from spineviewer.training.synthetic.phantom import PhantomKind, PhantomSize, make_phantom
from spineviewer.volume.centre_line import OVERHANG_MM, fit_centre_line

SPACING = (2.0, 1.5, 1.5)
SHAPE = (150, 90, 90)


def column(lateral_mm, *, gap=(0, 0), discs=True):
    """Return round bodies of 30 mm on a curve x(z), each with a thin process behind it."""
    z, y, x = np.mgrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]] * np.array(SPACING).reshape(3, 1, 1, 1)
    mask = (x - 67 - lateral_mm(z)) ** 2 + (y - 60) ** 2 < 15**2
    process = (abs(x - 67 - lateral_mm(z)) < 3) & (y > 74) & (y < 110) & (z % 35 < 12)
    mask |= process
    if discs:
        mask &= z % 35 < 27
    return mask & ~((z > gap[0]) & (z < gap[1]))


def bend(z):
    return 25 * np.sin(z * 2 * np.pi / 300)


@pytest.mark.parametrize("gap", [(0, 0), (100, 175)])
def test_the_line_follows_a_scoliosis_through_discs_and_gaps(gap):
    line = fit_centre_line(column(bend, gap=gap), SPACING)
    inside = slice(round(line.first_mm) + 10, round(line.last_mm) - 10)
    z, y, x = line.points_mm[inside].T
    assert np.abs(x - 67 - bend(z)).max() < (2.5 if gap == (0, 0) else 5.0)
    assert np.abs(y - 60).max() < 5  # in the bodies, despite the processes


def test_islands_beside_the_spine_do_not_bend_it():
    mask = column(bend)
    mask[40:50, 40:50, 84:90] = True
    mask[90:96, 80:88, 2:8] = True
    line, alone = fit_centre_line(mask, SPACING), fit_centre_line(column(bend), SPACING)
    apart = line.points_mm[15:-15, 2] - np.interp(
        line.points_mm[15:-15, 0], alone.points_mm[::-1, 0], alone.points_mm[::-1, 2]
    )
    assert np.abs(apart).max() < 2.0


def test_points_beside_the_line_are_found_again():
    line = fit_centre_line(column(bend), SPACING)
    for along, left, back in ((60.0, 12.0, -20.0), (150.5, -30.0, 7.0), (230.0, 0.0, 0.0)):
        place = line.point_at(along, left_mm=left, back_mm=back)
        assert line.along_left_back_mm(place) == pytest.approx((along, left, back), abs=0.3)


def test_stations_are_even_and_directions_at_right_angles():
    line = fit_centre_line(column(bend), SPACING)
    assert np.linalg.norm(np.diff(line.points_mm, axis=0), axis=1) == pytest.approx(
        line.step_mm, abs=0.01
    )
    frames = np.stack([line.down, line.left, line.back], axis=1)
    assert frames @ frames.transpose(0, 2, 1) == pytest.approx(
        np.broadcast_to(np.eye(3), (len(frames), 3, 3)), abs=1e-6
    )
    assert (line.down[:, 0] < 0).all()  # from head to foot
    assert (line.left[:, 2] > 0.5).all()
    assert (line.back[:, 1] > 0.5).all()


def test_it_extends_beyond_the_ends_of_the_mask():
    line = fit_centre_line(column(lambda z: 0 * z), SPACING)
    assert line.first_mm == pytest.approx(OVERHANG_MM, abs=2)
    assert line.length_mm - line.last_mm == pytest.approx(OVERHANG_MM, abs=2)


def test_too_little_of_a_spine_has_no_line():
    assert fit_centre_line(np.zeros((20, 20, 20), bool), SPACING) is None
    little = np.zeros((20, 20, 20), bool)
    little[5:11, 5:12, 5:12] = True
    assert fit_centre_line(little, SPACING) is None


def straightened(size, seed=3):
    """Return the vertebrae's positions in a scoliotic phantom in mm: in the scan, and by line."""
    phantom = make_phantom(seed, size=size, kind=PhantomKind.SCOLIOSIS)
    spacing = phantom.volume.geometry.spacing_zyx_mm
    line = fit_centre_line(phantom.labels > 0, spacing)
    before, after = [], []
    for label in np.unique(phantom.labels[phantom.labels > 0]):
        index = np.argwhere(phantom.labels == label)
        if (
            len(index) * phantom.volume.geometry.voxel_volume_ml > 10
        ):  # not the rest of one that the scan cuts off
            place = index.mean(axis=0) * np.array(spacing)
            before.append(place[2])
            after.append(line.along_left_back_mm(place)[1])
    return np.array(before), np.array(after)


def test_a_scoliotic_phantom_is_straight_along_its_line():
    before, after = straightened(PhantomSize.SMALL)
    assert np.ptp(before) > 25
    assert np.abs(after).max() < 4


@pytest.mark.slow
def test_a_long_scoliotic_phantom_is_straight_along_its_line():
    before, after = straightened(PhantomSize.MEDIUM)
    assert np.ptp(before) > 25
    assert np.abs(after).max() < 4
