"""Changed marrow and cement in real vertebrae, and contrast medium beside them."""

import numpy as np
import pytest

from spineviewer.training.fit.cases import IGNORED
from spineviewer.training.fit.diseases import (
    MARROW_HU,
    UPTAKE_HU,
    add_cement,
    add_contrast,
    change_marrow,
)


@pytest.fixture
def label() -> np.ndarray:
    """Return the label of one vertebra of 24 x 30 x 30 mm in muscle."""
    label = np.zeros((40, 48, 48), np.uint8)
    label[8:32, 9:39, 9:39] = 1
    return label


def block(label: np.ndarray) -> np.ndarray:
    return np.where(label == 1, 200, 50).astype(np.float32)


def test_marrow_gets_another_mean_within_its_range_and_nothing_outside_changes(
    label: np.ndarray,
) -> None:
    means = []
    for seed in range(40):
        hu = block(label)
        change_marrow(hu, label, np.random.default_rng(seed))
        means.append(float(np.median(hu[14:26, 15:33, 15:33])))
        assert np.all(hu[label == 0] == 50)
    assert min(means) < 20
    assert max(means) > 230
    assert MARROW_HU[0] - 60 < min(means) <= max(means) < MARROW_HU[1] + 60


def test_the_surface_changes_less_than_the_inside_and_compact_bone_not_at_all(
    label: np.ndarray,
) -> None:
    for seed in range(10):
        hu = block(label)
        hu[20, 20, 20] = 900
        change_marrow(hu, label, np.random.default_rng(seed))
        assert hu[20, 20, 20] == 900
        assert (
            abs(float(np.mean(hu[8, 9:39, 9:39])) - 200)
            < 0.5 * abs(float(np.mean(hu[20, 18:30, 18:19])) - 200) + 1
        )


def test_a_block_without_inner_bone_stays_as_it_is() -> None:
    hu, thin = np.full((10, 10, 10), 30, np.float32), np.zeros((10, 10, 10), np.uint8)
    thin[5] = 1
    change_marrow(hu, thin, np.random.default_rng(0))
    add_cement(hu, thin, np.random.default_rng(0))
    assert np.all(hu == 30)


def test_cement_is_dense_and_only_in_the_vertebra_and_not_in_ignored_voxels(
    label: np.ndarray,
) -> None:
    label[8:32, 9:39, 30:39] = IGNORED
    for seed in range(10):
        hu = block(label)
        before = hu.copy()
        add_cement(hu, label, np.random.default_rng(seed))
        filled = hu > 500
        assert filled.sum() > 200
        assert np.all(label[filled] == 1)
        assert np.array_equal(hu[label != 1], before[label != 1])


def test_contrast_medium_brightens_one_place_of_soft_tissue_and_no_bone_air_or_unknown_voxel() -> (
    None
):
    hu = np.full((20, 60, 60), 40, np.float32)
    hu[:, :10] = -1000
    label = np.zeros(hu.shape, np.uint8)
    label[:, 30:40], label[:, 40:45] = 1, IGNORED
    for seed in range(8):
        changed = hu.copy()
        add_contrast(changed, label, np.random.default_rng(seed))
        risen = changed - hu
        assert UPTAKE_HU[0] * 0.9 < risen.max() <= UPTAKE_HU[1]
        assert not risen[(label != 0) | (hu < -500)].any()


def test_contrast_medium_finds_no_place_in_air() -> None:
    air = np.full((4, 8, 8), -1000, np.float32)
    add_contrast(air, np.zeros(air.shape, np.uint8), np.random.default_rng(0))
    assert (air == -1000).all()
