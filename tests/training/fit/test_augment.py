"""Random blocks and slices."""

from dataclasses import replace

import numpy as np
import pytest

from spineviewer.model import PreprocessSettings
from spineviewer.training.fit.augment import AugmentSettings, attention_patch, segmentation_block
from spineviewer.training.fit.cases import IGNORED, Case

STILL = AugmentSettings(rotation_deg=0, scaling=0, contrast=0, shift_hu=0, off_spine_fraction=0)


def case_with(label: np.ndarray, hu: np.ndarray | None = None) -> Case:
    if hu is None:
        hu = np.where(label == 1, 500, 0).astype(np.int16)
    return Case("case", hu, label, np.argwhere(label == 1).astype(np.int32))


@pytest.fixture
def box() -> Case:
    label = np.zeros((40, 64, 64), np.uint8)
    label[10:30, 20:40, 24:44] = 1
    return case_with(label)


def test_an_unchanged_block_shows_the_same_voxels_as_the_case(box: Case) -> None:
    sample = segmentation_block(
        box, (8, 32, 32), STILL, PreprocessSettings(), np.random.default_rng(0)
    )
    bone = sample.image > 0.35  # (500 + 300) / 1600 = 0.5 in bone, 0.1875 outside
    assert 0 < sample.target.sum() < sample.target.size
    assert (bone == (sample.target > 0)).mean() > 0.98
    assert sample.weight.min() == 1


def test_the_same_seed_gives_the_same_block_and_another_seed_another(box: Case) -> None:
    settings = AugmentSettings(
        noise_hu=40, thick_slices_fraction=1, blur_fraction=1, cut_fraction=1, mirror=True
    )
    one, two, three = (
        segmentation_block(
            box, (6, 32, 32), settings, PreprocessSettings(), np.random.default_rng(seed)
        )
        for seed in (5, 5, 6)
    )
    assert np.array_equal(one.image, two.image)
    assert not np.array_equal(one.image, three.image)


def test_ignored_voxels_have_no_weight_and_outside_the_scan_is_air() -> None:
    label = np.full((12, 20, 20), IGNORED, np.uint8)
    label[6, 10, 10] = 1
    sample = segmentation_block(
        case_with(label), (12, 64, 64), STILL, PreprocessSettings(), np.random.default_rng(1)
    )
    assert 0 < (sample.weight == 0).sum() < label.size
    assert sample.image[sample.weight == 1].min() == 0.0


def test_an_attention_cell_holds_the_fraction_of_spine_of_its_16_by_16_by_8_voxels() -> None:
    everywhere = np.ones((40, 400, 400), np.uint8)
    sample = attention_patch(
        case_with(everywhere), (32, 48), STILL, PreprocessSettings(), np.random.default_rng(0)
    )
    assert sample.image.shape == (32, 48)
    assert sample.target.shape == (2, 3)
    assert sample.target == pytest.approx(np.ones((2, 3)))
    half = everywhere.copy()
    half[:, :, ::2] = 0
    sample = attention_patch(
        case_with(half), (32, 48), STILL, PreprocessSettings(), np.random.default_rng(0)
    )
    assert sample.target == pytest.approx(np.full((2, 3), 0.5), abs=0.07)


def test_slice_s_represents_the_slices_s_minus_4_to_s_plus_3() -> None:
    """An object one slice wide is seen from slices at most 4 below and 3 above it."""
    label = np.zeros((41, 64, 64), np.uint8)
    label[20] = 1
    hu = np.broadcast_to(np.arange(41, dtype=np.int16)[:, None, None] * 10, label.shape)
    case = case_with(label, np.ascontiguousarray(hu))
    anywhere = replace(STILL, off_spine_fraction=1.0)
    seen: dict[int, bool] = {}
    for seed in range(400):
        sample = attention_patch(
            case, (32, 32), anywhere, PreprocessSettings(), np.random.default_rng(seed)
        )
        shown = round((float(sample.image.max()) * 1600 - 300) / 10)
        seen[shown] = seen.get(shown, False) or bool(sample.target.max() > 0)
    assert {s for s, found in seen.items() if found} == set(range(17, 25)) & set(seen)
    assert {16, 17, 24, 25} <= set(seen)


def test_a_cell_that_reaches_beyond_the_scan_holds_the_fraction_of_its_part_inside() -> None:
    """The scan ends in a vertebra: the last cell is full of spine, and half of it is outside."""
    label = np.ones((40, 40, 400), np.uint8)
    seen = set()
    for seed in range(60):
        sample = attention_patch(
            case_with(label), (64, 32), STILL, PreprocessSettings(), np.random.default_rng(seed)
        )
        seen |= {round(float(value), 1) for value in sample.target.ravel()}
        assert sample.image.min() == 0.0  # 64 rows do not fit, so air is always included
        assert sample.weight.min() == 1
    assert seen == {0.0, 1.0}


def test_a_cut_field_of_view_leaves_the_fraction_of_what_is_visible() -> None:
    label = np.ones((40, 400, 400), np.uint8)
    cut = replace(STILL, cut_fraction=1.0)
    targets = [
        attention_patch(
            case_with(label), (96, 32), cut, PreprocessSettings(), np.random.default_rng(seed)
        ).target
        for seed in range(30)
    ]
    assert {round(float(value), 1) for target in targets for value in target.ravel()} == {0.0, 1.0}
    assert all(0 < target.mean() < 1 for target in targets if target.min() == 0)
    ends = {(not target[..., 0, :].any(), not target[..., -1, :].any()) for target in targets}
    assert {(True, False), (False, True), (True, True)} <= ends


def test_a_fraction_of_contrast_medium_makes_soft_tissue_bright() -> None:
    hu = np.full((40, 80, 80), 40, np.int16)
    for fraction, brightest in ((0.0, 41), (1.0, 400)):
        settings = replace(STILL, contrast_fraction=fraction)
        block = segmentation_block(
            case_with(np.zeros(hu.shape, np.uint8), hu),
            (12, 48, 48),
            settings,
            PreprocessSettings(),
            np.random.default_rng(3),
        )
        assert (block.image.max() * 1600 - 300 > 100) == (fraction > 0)
        assert block.image.max() * 1600 - 300 < brightest


def test_requested_ends_give_blocks_at_the_ends_of_the_spine_and_none_in_its_middle() -> None:
    label = np.zeros((8, 400, 40), np.uint8)
    label[2:6, 20:380, 10:30] = 1
    hu = np.broadcast_to(
        np.arange(400, dtype=np.int16)[None, :, None], label.shape
    ).copy()  # HU tells the row
    settings = replace(STILL, end_fraction=1.0)
    blocks = [
        segmentation_block(
            case_with(label, hu),
            (4, 10, 10),
            settings,
            PreprocessSettings(),
            np.random.default_rng(seed),
        )
        for seed in range(30)
    ]
    rows = np.array([block.image.mean() * 1600 - 300 for block in blocks])
    assert ((rows < 20 + 35 + 8) | (rows > 380 - 35 - 8)).all()
    assert (rows < 100).any()
    assert (rows > 300).any()


def test_a_sliver_remains_beyond_the_spine_and_beyond_it_is_air() -> None:
    label = np.zeros((40, 128, 64), np.uint8)
    label[:, 50:80, 20:40] = 1
    slivers = replace(STILL, sliver_fraction=1.0)
    above, below = set(), set()
    for seed in range(40):
        sample = segmentation_block(
            case_with(label),
            (4, 96, 48),
            slivers,
            PreprocessSettings(),
            np.random.default_rng(seed),
        )
        spine = np.flatnonzero(sample.target.any(axis=(0, 2)))
        tissue = np.flatnonzero((sample.image > 0.1).any(axis=(0, 2)))
        above.add(int(spine[0] - tissue[0]))
        below.add(int(tissue[-1] - spine[-1]))
    assert min(above) >= 0 and max(above) < 20 and len(above) > 8
    assert min(below) >= 0 and max(below) < 20 and len(below) > 8
