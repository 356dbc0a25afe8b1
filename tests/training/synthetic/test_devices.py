"""The places of fillings, pacemakers, prostheses and cables, and scans that cannot show them."""

import numpy as np
import pytest

from spineviewer.training.synthetic.anatomy import Level
from spineviewer.training.synthetic.deformation import Deformation, source_nodes
from spineviewer.training.synthetic.devices import (
    add_cables,
    random_fillings,
    random_hip,
    random_pacemaker,
)
from spineviewer.training.synthetic.foreign import depth_of_rods
from spineviewer.training.synthetic.tissues import Bone


def test_fillings_are_in_teeth_and_nowhere_without_teeth() -> None:
    bones = np.zeros((30, 40, 50), np.uint8)
    assert random_fillings(bones, np.random.default_rng(0)) == []
    bones[10:20, 5:15, 10:40] = Bone.TOOTH
    rods = random_fillings(bones, np.random.default_rng(0))
    assert 2 <= len(rods) <= 8
    assert all(bones[tuple(rod.start_zyx.astype(int))] == Bone.TOOTH for rod in rods)


def _nodes(size: tuple[int, int, int]) -> np.ndarray:
    z, y, x = (n / 2 for n in size)
    return source_nodes(Deformation((z, y, x)), size, np.random.default_rng(0))


def test_a_pacemaker_has_a_generator_in_front_and_leads_to_the_heart() -> None:
    size = (260, 240, 240)
    levels = [
        Level(number, (250 - 22.0 * (number - 8), 170.0, 120.0), (10.0, 14.0, 16.0))
        for number in range(8, 18)
    ]
    rods = random_pacemaker(levels, _nodes(size), np.random.default_rng(1))
    depth = depth_of_rods(rods, size) > 0
    rows = np.argwhere(depth)
    assert rows[:, 1].max() < 170 - 20  # nothing reaches the spine
    assert rows[:, 0].max() - rows[:, 0].min() > 100  # from the shoulder to the heart
    assert depth.sum() > 3000  # the generator; leads alone have a few hundred voxels


def test_a_lumbar_field_of_view_has_no_pacemaker() -> None:
    levels = [Level(22, (60.0, 60.0, 60.0), (12.0, 16.0, 20.0))]
    assert random_pacemaker(levels, _nodes((120, 120, 120)), np.random.default_rng(1)) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_prosthesis_is_in_one_hip(seed: int) -> None:
    bones = np.zeros((120, 100, 240), np.uint8)
    bones[60:110, 30:70, 30:210] = Bone.PELVIS
    for left in (30, 180):
        bones[45:60, 40:60, left : left + 30] = Bone.LIMB
    rods = random_hip(bones, np.random.default_rng(seed))
    metal = depth_of_rods(rods, bones.shape) > 0
    columns = np.argwhere(metal)[:, 2]
    assert metal.sum() > 8000
    assert columns.max() < 115 or columns.min() > 125
    assert random_hip(np.where(bones == Bone.LIMB, 0, bones), np.random.default_rng(seed)) == []


def test_cables_are_on_the_skin_and_leave_the_body_as_it_is() -> None:
    hu = np.full((120, 100, 140), -1000, np.float32)
    y, x = np.mgrid[:100, :140]
    body = ((y - 50) / 30) ** 2 + ((x - 70) / 45) ** 2 < 1
    hu[:, body] = 40
    before = hu.copy()
    add_cables(hu, np.random.default_rng(3))
    changed = hu != before
    assert changed.sum() > 100
    beside = ((y - 50) / 40) ** 2 + ((x - 70) / 55) ** 2 < 1
    assert not changed[:, ~beside].any()
    assert not changed[:, ((y - 50) / 24) ** 2 + ((x - 70) / 39) ** 2 < 1].any()
