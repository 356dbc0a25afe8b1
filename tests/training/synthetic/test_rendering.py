"""The steps in which a voxel is rendered; expected values were computed by hand."""

import numpy as np
import pytest

from spineviewer.training.synthetic import rendering
from spineviewer.training.synthetic.tissues import Bone, SynthesisRanges, Tissue

FAT_MM, SKIN_MM, WALL_MM, FAT_LOOSE = np.float32([20, 2, 10, 1])


@pytest.mark.parametrize(
    ("tissue", "under", "outside", "slow", "expected"),
    [
        (Tissue.FAT, -5, 0, 0, Tissue.FAT),
        (Tissue.FAT, -21, 0, 0, Tissue.SKIN),
        (Tissue.FAT, -23, 0, 0, Tissue.AIR),
        (Tissue.LOOSE, -1, 0, 0, Tissue.FAT),  # outside the wall of the trunk
        (Tissue.LOOSE, 5, 0, 0, Tissue.MUSCLE),
        (Tissue.LOOSE, 15, 0, 0, Tissue.FAT),
        (Tissue.LOOSE, 15, 0, 2, Tissue.MUSCLE),
        (Tissue.LIVER, 15, 0, 0, Tissue.LIVER),
        (Tissue.LIVER, -5, 5, 0, Tissue.FAT),  # beyond the map
    ],
)
def test_the_trunk_is_wrapped_in_muscle_fat_and_skin(tissue, under, outside, slow, expected):
    numbers = np.float32([under, outside, slow])
    assert (
        rendering._tissue_at(int(tissue), *numbers, FAT_MM, SKIN_MM, WALL_MM, FAT_LOOSE) == expected
    )


@pytest.mark.parametrize(
    ("tissue", "slow", "rough", "is_wall", "expected"),
    [
        (Tissue.LIVER, 3, 3, False, 50),
        (Tissue.MUSCLE, 0, 2.5, False, -20),
        (Tissue.BOWEL, 1.5, 0, False, -950),
        (Tissue.COLON, 0, 2.3, False, -200),
        (Tissue.ARTERY, 2, 0, False, 50),
        (Tissue.ARTERY, 2, 1, True, 850),
    ],
)
def test_soft_tissue_has_fat_gas_stool_and_plaques(tissue, slow, rough, is_wall, expected):
    value, slow, rough, lattice = np.float32([50, slow, rough, 0])
    thresholds = np.float32([2, 1, 1, 1])  # fat in muscle, gas in bowel and colon, plaques
    rendered = rendering._with_details(
        value, int(tissue), slow, rough, lattice, is_wall, *thresholds
    )
    assert rendered == pytest.approx(expected)


def test_a_bone_has_a_shell_around_its_marrow():
    bone = np.float32([200, 1200, 2, 0])  # marrow, cortex, shell in mm, texture
    calm = np.float32([0, 0, 0])
    depths = np.float32([-1, 0, 1, 10])
    values = [rendering._with_bone(np.float32(40), depth, *bone, *calm) for depth in depths]
    assert values == pytest.approx([40, 620, 1200, 200])


def test_a_voxel_in_two_bones_belongs_to_the_deeper_one():
    level, rib = 20, int(Bone.RIB)
    one, two = np.float32([1, 2])
    assert rendering._bone_code(level, two, one) == level
    assert rendering._bone_code(rib, one, two) == rib
    assert rendering._bone_code(rib, two, one) == 32  # of the spine, whatever the map says
    assert rendering._bone_code(level, one, two) == 102


def test_only_the_wall_of_an_artery_calcifies():
    soft = np.full((1, 9, 9), int(Tissue.FAT), np.int64)
    soft[0, 1:8, 1:8] = int(Tissue.ARTERY)
    wall = np.array(
        [[rendering._is_artery_wall(soft, 0, y, x) for x in range(9)] for y in range(9)]
    )
    assert not wall[0].any() and not wall[3:6, 3:6].any()
    assert wall[1, 1:8].all() and wall[2, 2:7].all()


def test_endplates_are_brighter_than_discs() -> None:
    """In a 1 mm voxel at the border of L3, with the partial volume effect."""
    contrasts = []
    for seed in range(200):
        drawn = rendering.random_materials(np.random.default_rng(seed), SynthesisRanges())
        compact = min(drawn.shell_mm[22], 1.0)
        voxel = compact * drawn.cortex_hu[22] + (1 - compact) * drawn.marrow_hu[22]
        contrasts.append(voxel - drawn.soft_hu[Tissue.DISC])
    assert np.percentile(contrasts, 5) > 150
