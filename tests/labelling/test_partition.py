import numpy as np
import pytest
from spines import solid_spine

from spineviewer.labelling.axis import WorkingMask
from spineviewer.labelling.partition import (
    NECK_BODY,
    TABLE_BACK,
    TABLE_LEFT,
    CutSurface,
    PlacedMask,
    keep_one_piece_each,
)
from spineviewer.training.fit.fit_labelling import fitted_borders
from spineviewer.training.fit.numbered_spines import NumberedSpine, measured
from spineviewer.volume.centre_line import CentreLine


@pytest.fixture
def straight_line() -> CentreLine:
    """Straight from z = 40 mm down to 0 in the middle of a cube of 40 mm."""
    count = 41
    places = np.column_stack([40.0 - np.arange(count), np.full(count, 20.0), np.full(count, 20.0)])
    down, back, left = (
        np.tile(way, (count, 1)) for way in ([-1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0])
    )
    return CentreLine(places, down, left, back, 1.0, 0.0, 40.0)


@pytest.mark.parametrize(("body_left", "is_searched"), [(NECK_BODY, True), (np.inf, False)])
def test_beside_a_body_of_the_neck_the_lower_vertebra_rises_above_the_disc(
    straight_line: CentreLine, body_left: float, is_searched: bool
) -> None:
    shift = np.zeros((len(TABLE_BACK), len(TABLE_LEFT)))
    shift[:, TABLE_LEFT >= 1] = -0.25  # 4 mm higher, beginning 8 mm beside the line
    cut = CutSurface(20.0, 0.0, 0.0, 8.0, 16.0, shift, 0.3 * 16.0, body_left)
    mask = WorkingMask(np.ones((40, 40, 40), np.bool_), (0, 0, 0))
    segments, in_band = PlacedMask.along(mask, straight_line).segments([cut])
    above_the_disc = 40 - 18  # station 18 is 2 mm above it
    assert segments[above_the_disc, 20, 20] == 1
    assert segments[above_the_disc, 20, 31] == 2
    assert segments[40 - 14, 20, 31] == 1
    assert in_band[above_the_disc, 20, 31] == is_searched
    assert not in_band[above_the_disc, 20, 20]


def test_a_dissolved_segment_becomes_part_of_the_neighbour_that_it_touches() -> None:
    segments = np.zeros((9, 5, 5), np.uint8)
    segments[:3], segments[3:5], segments[7:] = 3, 2, 1
    wanted = np.where(segments == 2, 3, segments)
    np.testing.assert_array_equal(keep_one_piece_each(segments, 3, [2]), wanted)


def test_within_a_body_the_fitted_border_is_the_plane_of_the_disc() -> None:
    spine = solid_spine(["T10", "T11", "T12", "L1", "L2"])
    numbered = NumberedSpine("solid", spine.mask, spine.probability, spine.numbers, spine.scan)
    found = measured(numbered)
    assert found is not None
    tables = fitted_borders([found])
    assert not tables["T10-T12"][TABLE_BACK <= 0.5].any()
    # Behind the body, processes end 0.2 levels above the disc, and the next begin 0.3 below it.
    assert -0.25 <= tables["T10-T12"][TABLE_BACK == 2.5, 0].item() <= 0.35
