"""The properties of a mask match its voxels, whether or not its box was known in advance."""

import numpy as np
import pytest

from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import SpineMask, bounding_box

GEOMETRY = Geometry((7, 6, 12), (2.0, 1.0, 0.5), (0.0, 0.0, 0.0))
NOTHING = (slice(0, 0), slice(0, 0), slice(0, 0))


def voxels_at(*places):
    voxels = np.zeros(GEOMETRY.shape_zyx, bool)
    for place in places:
        voxels[place] = True
    return voxels


def test_the_box_is_the_smallest_that_contains_it():
    assert SpineMask(voxels_at((2, 3, 4), (5, 3, 10)), GEOMETRY).box == (
        slice(2, 6),
        slice(3, 4),
        slice(4, 11),
    )


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(
    ("places", "is_cut"),
    [
        ([], False),
        ([(2, 3, 4), (5, 3, 10)], False),
        ([(2, 3, 4), (3, 3, 11)], True),
        ([(0, 3, 4)], True),
    ],
)
def test_volume_and_cut_follow_from_the_voxels(places, is_cut, is_known):
    voxels = voxels_at(*places)
    mask = SpineMask(voxels, GEOMETRY, bounding_box(voxels) if is_known else None)
    assert mask.volume_ml == pytest.approx(len(places) / 1000)
    assert (mask.is_cut_by_scan, mask.is_empty) == (is_cut, not places)
    assert (mask.box == NOTHING) == (not places)
