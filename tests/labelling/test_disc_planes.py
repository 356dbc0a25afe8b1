import numpy as np
import pytest

from spineviewer.labelling.disc_planes import DiscPlane, fitted_plane
from spineviewer.volume.centre_line import CentreLine

#: The line is 30 mm behind and to the left of the volume's corner, and runs straight down.
_MIDDLE_MM = 30.0


@pytest.fixture
def straight_line() -> CentreLine:
    count = 61
    places = np.column_stack(
        [60.0 - np.arange(count), np.full(count, _MIDDLE_MM), np.full(count, _MIDDLE_MM)]
    )
    down, back, left = (
        np.tile(way, (count, 1)) for way in ([-1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0])
    )
    return CentreLine(places, down, left, back, 1.0, 0.0, 60.0)


def lack_of_bone(station: float, slope_back: float, slope_left: float) -> np.ndarray:
    """A disc of 5 mm between two bodies, whose middle crosses the line at a station."""
    z, y, x = np.indices((60, 60, 60)) + 0.5
    below = (60.0 - z) - (station + slope_back * (y - _MIDDLE_MM) + slope_left * (x - _MIDDLE_MM))
    return np.round(255 * np.clip(3.0 - np.abs(below), 0.0, 1.0)).astype(np.uint8)


def plane_of(joint: np.ndarray, line: CentreLine, start: DiscPlane) -> DiscPlane:
    turn = np.linspace(0.0, 2 * np.pi, 12, endpoint=False)
    back, left = (
        np.concatenate([radius * way(turn) for radius in (4.0, 8.0, 12.0)])
        for way in (np.cos, np.sin)
    )
    return fitted_plane(joint, (0.0, 0.0, 0.0), line, start, back, left)


@pytest.mark.parametrize(
    "wanted", [(30.0, 0.0, 0.0), (31.4, 0.2, 0.0), (28.3, -0.25, 0.1), (30.5, 0.0, -0.15)]
)
def test_a_plane_is_found_between_stations_and_tilts(
    straight_line: CentreLine, wanted: tuple[float, float, float]
) -> None:
    found = plane_of(lack_of_bone(*wanted), straight_line, DiscPlane(30.0, 0.0, 0.0))
    assert found.station == pytest.approx(wanted[0], abs=0.1)
    # Slopes are a little smaller, because a plane without tilt is more probable.
    assert found.slope_back == pytest.approx(wanted[1], abs=0.05)
    assert found.slope_left == pytest.approx(wanted[2], abs=0.05)


def test_the_plane_does_not_depend_on_the_cut_from_which_it_was_found(
    straight_line: CentreLine,
) -> None:
    joint = lack_of_bone(30.3, 0.1, -0.05)
    starts = [DiscPlane(29.0, 0.0, 0.0), DiscPlane(31.0, 0.2, 0.0), DiscPlane(30.0, -0.2, 0.1)]
    found = [plane_of(joint, straight_line, start) for start in starts]
    for other in found[1:]:
        assert other.station == pytest.approx(found[0].station, abs=0.03)
        assert other.slope_back == pytest.approx(found[0].slope_back, abs=0.005)
        assert other.slope_left == pytest.approx(found[0].slope_left, abs=0.005)


def test_without_a_gap_in_the_bone_the_cut_stays_without_tilt(straight_line: CentreLine) -> None:
    bone = np.zeros((60, 60, 60), np.uint8)
    found = plane_of(bone, straight_line, DiscPlane(27.0, 0.2, 0.1))
    assert (found.station, found.slope_back, found.slope_left) == pytest.approx((27.0, 0.0, 0.0))
