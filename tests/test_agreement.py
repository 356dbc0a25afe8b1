"""Expected values are computed by hand, by brute force, or by SimpleITK's filters."""

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from spineviewer.agreement import STRAY_MM, score, score_vertebrae
from spineviewer.errors import GeometryError

SPACING = (2.0, 0.5, 0.7)


def box(shape, low, high):
    array = np.zeros(shape, dtype=bool)
    array[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = True
    return array


def two_blobs(seed):
    """Return two overlapping random shapes of odd size."""
    random = np.random.default_rng(seed)
    z, y, x = np.ogrid[:15, :31, :27]
    centre = random.uniform(-2, 2, (2, 3))
    masks = []
    for dz, dy, dx in centre:
        radius = random.uniform(0.7, 1.0)
        masks.append(
            ((z - 7 - dz) / 5) ** 2 + ((y - 15 - dy) / 11) ** 2 + ((x - 13 - dx) / 9) ** 2 < radius
        )
    masks[0] ^= random.random(masks[0].shape) < 0.002
    return masks


def brute_force_distances(one, other, spacing):
    """Return directed surface distances by comparing every pair of surface voxels."""

    def surface(mask):
        points = []
        padded = np.pad(mask, 1)
        for z, y, x in np.argwhere(mask):
            neighbours = [
                padded[z + 1 + dz, y + 1 + dy, x + 1 + dx]
                for dz, dy, dx in [
                    (1, 0, 0),
                    (-1, 0, 0),
                    (0, 1, 0),
                    (0, -1, 0),
                    (0, 0, 1),
                    (0, 0, -1),
                ]
            ]
            if not all(neighbours):
                points.append((z * spacing[0], y * spacing[1], x * spacing[2]))
        return np.array(points)

    a, b = surface(one), surface(other)
    pairs = np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))
    return pairs.min(1), pairs.min(0)


def test_two_shifted_boxes_score_as_by_hand():
    mask = box((10, 20, 20), (2, 4, 4), (6, 12, 12))  # 4 x 8 x 8 = 256
    # shifted by two along x: 4 x 8 x 6 = 192 in common
    reference = box((10, 20, 20), (2, 4, 6), (6, 12, 14))
    scores = score(mask, reference, (2.0, 1.0, 1.0))
    assert scores.dice == pytest.approx(192 / 256)
    assert scores.precision == pytest.approx(192 / 256)
    assert scores.recall == pytest.approx(192 / 256)
    assert scores.hd95_mm == pytest.approx(2.0)
    assert scores.mask_ml == pytest.approx(0.512)
    assert scores.reference_ml == pytest.approx(0.512)
    assert scores.stray_ml == 0


def test_two_single_voxels_are_as_far_apart_as_their_spacing_says():
    mask = box((5, 5, 5), (1, 1, 1), (2, 2, 2))
    reference = box((5, 5, 5), (3, 1, 4), (4, 2, 5))
    scores = score(mask, reference, (3.0, 0.5, 2.0))
    expected = float(np.hypot(2 * 3.0, 3 * 2.0))
    assert (scores.dice, scores.precision, scores.recall) == (0, 0, 0)
    assert scores.hd95_mm == pytest.approx(expected)
    assert scores.assd_mm == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_surface_distances_equal_brute_force_over_all_pairs(seed):
    mask, reference = two_blobs(seed)
    to_reference, to_mask = brute_force_distances(mask, reference, SPACING)
    scores = score(mask, reference, SPACING)
    assert scores.hd95_mm == pytest.approx(
        max(np.percentile(to_reference, 95), np.percentile(to_mask, 95)), abs=1e-9
    )
    assert scores.assd_mm == pytest.approx(np.concatenate([to_reference, to_mask]).mean(), abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_overlap_and_surface_mean_equal_simpleitk(seed):
    mask, reference = two_blobs(seed)
    images = []
    for array in (mask, reference):
        image = sitk.GetImageFromArray(array.astype(np.uint8))
        image.SetSpacing(SPACING[::-1])
        images.append(image)
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(images[0], images[1])
    # ITK's distance map to a surface, read at the other's surface voxels.
    surfaces = [sitk.LabelContour(image, fullyConnected=False) for image in images]
    directed = []
    for here, there in ((0, 1), (1, 0)):
        distance = sitk.SignedMaurerDistanceMap(
            surfaces[there], squaredDistance=False, useImageSpacing=True
        )
        at_surface = sitk.GetArrayFromImage(surfaces[here]) > 0
        directed.append(np.abs(sitk.GetArrayFromImage(distance)[at_surface]))
    scores = score(mask, reference, SPACING)
    assert scores.dice == pytest.approx(overlap.GetDiceCoefficient(), abs=1e-12)
    assert scores.assd_mm == pytest.approx(np.concatenate(directed).mean(), rel=1e-5)
    assert scores.hd95_mm == pytest.approx(max(np.percentile(d, 95) for d in directed), rel=1e-5)


def test_surface_dice_is_the_fraction_of_both_surfaces_within_a_millimetre():
    reference = box((4, 4, 40), (1, 1, 5), (2, 2, 15))
    # one voxel further along x (0.7 mm) is near; an isolated piece 14 mm away is not
    mask = box((4, 4, 40), (1, 1, 6), (2, 2, 16)) | box((4, 4, 40), (1, 1, 35), (2, 2, 37))
    assert score(mask, reference, SPACING).surface_dice == pytest.approx(20 / 22)
    assert score(mask, reference, (2.0, 0.5, 1.1)).surface_dice == pytest.approx(18 / 22)


@given(st.integers(0, 50))
@settings(max_examples=10, deadline=None)
def test_surface_dice_equals_brute_force(seed):
    mask, reference = two_blobs(seed)
    directed = np.concatenate(brute_force_distances(mask, reference, SPACING))
    assert score(mask, reference, SPACING).surface_dice == pytest.approx((directed <= 1).mean())


def test_hd95_is_the_larger_of_the_two_directions():
    reference = box((3, 40, 3), (1, 0, 1), (2, 40, 2))
    mask = box((3, 40, 3), (1, 0, 1), (2, 10, 2))
    scores = score(mask, reference, (1.0, 1.0, 1.0))
    assert scores.hd95_mm == pytest.approx(np.percentile([0] * 10 + list(range(1, 31)), 95))
    assert score(reference, mask, (1.0, 1.0, 1.0)).hd95_mm == pytest.approx(scores.hd95_mm)


def test_two_empty_masks_agree_fully_and_have_no_distance():
    nothing = np.zeros((3, 4, 5), dtype=bool)
    scores = score(nothing, nothing, SPACING)
    assert (scores.dice, scores.hd95_mm, scores.assd_mm) == (1.0, None, None)


@pytest.mark.parametrize("is_mask_empty", [True, False])
def test_one_empty_mask_scores_zero_and_has_no_distance(is_mask_empty):
    nothing, something = np.zeros((3, 4, 5), dtype=bool), box((3, 4, 5), (0, 0, 0), (1, 2, 3))
    mask, reference = (nothing, something) if is_mask_empty else (something, nothing)
    scores = score(mask, reference, SPACING)
    assert (scores.dice, scores.hd95_mm, scores.assd_mm) == (0.0, None, None)
    assert (scores.precision, scores.recall) == ((None, 0.0) if is_mask_empty else (0.0, None))
    assert scores.stray_ml == (0.0 if is_mask_empty else scores.mask_ml)


def test_ignored_voxels_leave_both_masks():
    mask = box((4, 10, 10), (0, 0, 0), (4, 10, 5))
    reference = box((4, 10, 10), (0, 0, 0), (4, 5, 5))
    ignore = box((4, 10, 10), (0, 5, 0), (4, 10, 10))
    scores = score(mask, reference, (1.0, 1.0, 1.0), ignore=ignore)
    assert (scores.dice, scores.hd95_mm) == (1.0, 0.0)
    assert scores.mask_ml == pytest.approx(0.1)
    assert scores.ignored_ml == pytest.approx(0.2)
    assert score(mask, reference, (1.0, 1.0, 1.0)).dice == pytest.approx(2 / 3)


def test_ignoring_everything_leaves_two_empty_masks():
    mask = box((2, 3, 4), (0, 0, 0), (1, 1, 1))
    assert score(mask, ~mask, SPACING, ignore=np.ones_like(mask)).dice == 1.0


def test_a_mask_of_another_shape_is_refused_with_both_shapes():
    with pytest.raises(GeometryError, match=r"\(2, 3, 4\).*\(2, 3, 5\)"):
        score(np.ones((2, 3, 4), bool), np.ones((2, 3, 5), bool), SPACING)
    with pytest.raises(GeometryError, match="ignored region"):
        score(
            np.ones((2, 3, 5), bool),
            np.ones((2, 3, 5), bool),
            SPACING,
            ignore=np.ones((1, 3, 5), bool),
        )


def test_only_voxels_more_than_ten_millimetres_from_the_reference_are_stray():
    shape = (3, 3, 30)
    reference = box(shape, (1, 1, 0), (2, 2, 1))
    mask = box(shape, (1, 1, 0), (2, 2, 30))
    assert STRAY_MM == 10
    assert score(mask, reference, (1.0, 1.0, 1.0)).stray_ml == pytest.approx((30 - 11) / 1000)


def test_labels_count_as_foreground_like_a_binary_mask():
    labels = np.zeros((4, 5, 6), dtype=np.uint8)
    labels[1:3, 1:4, 1:5] = 20
    labels[2, 2, 2] = 28
    assert score(labels, labels > 0, SPACING).dice == 1.0


def test_vertebrae_are_listed_from_the_head_down_with_t13_before_l1():
    labels = np.zeros((40, 6, 6), dtype=np.uint8)
    for position, number in enumerate((20, 28, 19, 7)):
        labels[position * 10 : position * 10 + 8, 1:5, 1:5] = number
    scores = score_vertebrae(labels > 0, labels, (1.0, 1.0, 1.0))
    assert [s.label for s in scores] == [7, 19, 28, 20]
    assert all(s.dice == 1 and s.recall == 1 for s in scores)


def test_a_vertebra_found_by_half_lowers_only_its_own_scores():
    labels = np.zeros((20, 6, 6), dtype=np.uint8)
    labels[0:8, 1:5, 1:5] = 21
    labels[10:18, 1:5, 1:5] = 20
    mask = labels > 0
    mask[0:4] = False
    upper, lower = score_vertebrae(mask, labels, (1.0, 1.0, 1.0))
    assert (upper.label, upper.dice, upper.recall) == (20, 1.0, 1.0)
    assert (lower.label, lower.dice, lower.recall) == (21, pytest.approx(2 / 3), 0.5)


def test_surplus_voxels_count_for_the_nearest_vertebra_and_stray_ones_for_none():
    labels = np.zeros((50, 6, 6), dtype=np.uint8)
    labels[0:8, 1:5, 1:5] = 21
    labels[12:20, 1:5, 1:5] = 20
    mask = labels > 0
    mask[8:9, 1:5, 1:5] = True  # 16 voxels beside 21
    mask[45:49, 1:5, 1:5] = True  # 26 mm from the nearest
    upper, lower = score_vertebrae(mask, labels, (1.0, 1.0, 1.0))
    assert upper.dice == 1.0
    assert lower.dice == pytest.approx(2 * 128 / (128 + 16 + 128))


def test_a_binary_reference_has_no_vertebrae():
    labels = np.zeros((4, 5, 6), dtype=np.uint8)
    labels[1:3, 1:4, 1:5] = 1
    assert score_vertebrae(labels > 0, labels, SPACING) == ()
    assert score_vertebrae(labels > 0, np.zeros_like(labels), SPACING) == ()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 5), st.integers(0, 5))
def test_scores_do_not_depend_on_empty_surroundings_and_are_symmetric(seed, before, after):
    random = np.random.default_rng(seed)
    mask, reference = random.random((2, 5, 7, 6)) < 0.4
    scores = score(mask, reference, SPACING)
    padding = ((before, after), (after, before), (before, before))
    assert score(np.pad(mask, padding), np.pad(reference, padding), SPACING) == scores
    swapped = score(reference, mask, SPACING)
    assert (swapped.dice, swapped.hd95_mm) == (scores.dice, scores.hd95_mm)
    assert (swapped.precision, swapped.recall) == (scores.recall, scores.precision)
