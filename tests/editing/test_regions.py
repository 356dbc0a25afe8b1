"""Edits of a region: what they add and remove, with simple shapes on anisotropic grids."""

import numpy as np
import pytest

from spineviewer.editing.regions import (
    LARGEST_HOLE_MM2,
    between,
    filled,
    grown,
    keep_component,
    polygon,
    remove_component,
    shrunk,
    smoothed,
    within_limits,
)  # fmt: skip


def after(mask, edit):
    out = mask.copy()
    place = tuple(slice(c, c + n) for c, n in zip(edit.corner_zyx, edit.added.shape, strict=True))
    assert not (edit.added & edit.removed).any()
    assert not (edit.added & mask[place]).any()
    assert (mask[place] | ~edit.removed).all()
    out[place] = (out[place] | edit.added) & ~edit.removed
    return out


def block(shape=(20, 20, 20), low=(5, 5, 5), high=(12, 13, 14)):
    mask = np.zeros(shape, bool)
    mask[low[0] : high[0], low[1] : high[1], low[2] : high[2]] = True
    return mask


def test_growing_reaches_the_given_distance_on_each_axis():
    mask = np.zeros((20, 20, 20), bool)
    mask[10, 10, 10] = True
    grew = after(mask, grown(mask, (2.0, 1.0, 0.5), 2.0))
    assert grew[11, 10, 10] and not grew[12, 10, 10]
    assert grew[10, 12, 10] and not grew[10, 13, 10]
    assert grew[10, 10, 14] and not grew[10, 10, 15]
    z, y, x = np.mgrid[:20, :20, :20]
    assert (
        grew == (((z - 10) * 2.0) ** 2 + (y - 10) ** 2 + ((x - 10) * 0.5) ** 2 <= 4.0 + 1e-6)
    ).all()


def test_shrinking_removes_a_shell_but_not_at_the_border_of_the_scan():
    mask = block(low=(0, 5, 5))
    assert (
        after(mask, shrunk(mask, (1.0, 1.0, 1.0), 1.0)) == block(low=(0, 6, 6), high=(11, 12, 13))
    ).all()


def test_smoothing_drops_single_voxels_and_keeps_a_block():
    mask = block(high=(15, 15, 15))
    mask[2, 2, 2] = True
    smooth = after(mask, smoothed(mask, (1.0, 1.0, 1.0), 1.0))
    assert not smooth[2, 2, 2]
    assert smooth[10, 10, 10]
    assert abs(int(smooth.sum()) - int(mask.sum())) < 0.15 * mask.sum()


def test_holes_are_filled_and_the_canal_stays_open():
    mask = block(shape=(30, 40, 40), low=(5, 5, 5), high=(25, 35, 35))
    mask[10:12, 8, 8] = False  # a cavity
    mask[4:26, 14:28, 14:28] = False  # the canal: 196 mm²
    mask[5:25, 7, 31] = False  # a tube through all slices, so a hole in each
    fixed = after(mask, filled(mask, (1.0, 1.0, 1.0)))
    assert fixed[10, 8, 8] and fixed[15, 7, 31]
    assert not fixed[15, 20, 20]
    assert LARGEST_HOLE_MM2 < 14 * 14


def test_a_piece_is_removed_or_kept_and_corners_join():
    mask = block()
    mask[12, 13, 14] = True  # touches the block at a corner
    mask[17, 17, 17] = True
    assert after(mask, remove_component(mask, (17, 17, 17))).sum() == mask.sum() - 1
    kept = after(mask, keep_component(mask, (6, 6, 6)))
    assert kept[12, 13, 14] and not kept[17, 17, 17]
    assert remove_component(mask, (0, 0, 0)) is None


def test_a_polygon_selects_the_centres_inside_it_by_the_even_odd_rule():
    corner, inside = polygon([(1.5, 1.5), (1.5, 5.5), (4.5, 5.5), (4.5, 1.5)], (10, 10))
    assert corner == (2, 2)
    assert inside.shape == (3, 4) and inside.all()
    _, triangle = polygon([(0, 0), (0, 8), (8, 0)], (20, 20))
    rows, columns = np.mgrid[: triangle.shape[0], : triangle.shape[1]]
    assert (triangle == (rows + columns < 8))[1:, 1:].all()
    assert polygon([(0, 0), (1, 1)], (5, 5)) is None
    assert polygon([(-5, -5), (-5, -2), (-2, -2)], (5, 5)) is None


def test_slices_between_two_circles_are_circles_of_radii_between():
    rows, columns = np.mgrid[:61, :61]
    radius = np.hypot(rows - 30, columns - 30)
    shapes = between(radius <= 10, radius <= 22, 3, (1.0, 1.0))
    assert [pytest.approx(np.sqrt(s.sum() / np.pi), abs=0.5) for s in shapes] == [13, 16, 19]


def test_a_range_of_hu_limits_what_is_added():
    mask = block()
    hu = np.zeros(mask.shape, np.int16)
    hu[:, :, :10] = 300
    hu[4] = 2000
    edit = within_limits(grown(mask, (1.0, 1.0, 1.0), 1.0), hu, 150, 1500)
    added = after(mask, edit) & ~mask
    assert added.any()
    assert set(np.unique(hu[added])) == {300}


def test_an_empty_mask_does_not_change():
    mask = np.zeros((5, 6, 7), bool)
    for edit in (
        grown(mask, (1, 1, 1), 1), shrunk(mask, (1, 1, 1), 1), smoothed(mask, (1, 1, 1), 1),
        filled(mask, (1, 1, 1)),
    ):  # fmt: skip
        assert edit.is_empty
