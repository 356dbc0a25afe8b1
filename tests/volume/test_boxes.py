"""Boxes with margins, moved, and inside other boxes."""

import numpy as np

from spineviewer.volume.boxes import grown, inside, moved

BOX = (slice(1, 3), slice(4, 6), slice(5, 9))


def test_a_margin_ends_where_the_array_ends():
    assert grown(BOX, (2, 1, 3), (10, 6, 20)) == (slice(0, 5), slice(3, 6), slice(2, 12))


def test_a_part_of_a_part_has_the_same_voxels():
    voxels = np.arange(10 * 10 * 10).reshape(10, 10, 10)
    outer = grown(BOX, (1, 1, 1), voxels.shape)
    assert np.array_equal(voxels[outer][inside(BOX, outer)], voxels[BOX])
    assert moved(inside(BOX, outer), (side.start for side in outer)) == BOX
