"""A procedural neck around cervical vertebrae, whose other bones are not vertebrae."""

from __future__ import annotations

import numpy as np

from spineviewer.training.synthetic.anatomy import LabelVolume
from spineviewer.training.synthetic.necks import neck_of
from spineviewer.training.synthetic.tissues import Bone, Tissue


def test_vertebrae_keep_their_volume_and_skull_and_jaw_stay_apart() -> None:
    # 0.5 mm: three bodies of 12 x 14 x 16 mm with space between them
    labels = np.zeros((90, 60, 60), dtype=np.uint8)
    for row, number in enumerate((3, 2, 1)):
        labels[4 + 29 * row : 28 + 29 * row, 10:38, 14:46] = number
    made = neck_of(LabelVolume(labels, (0.5, 0.5, 0.5), {1: 1, 2: 2, 3: 3}, "cubes"))
    volume = int((made.spine_depth > 0).sum())
    assert abs(volume - 3 * 12 * 14 * 16) < 0.12 * 3 * 12 * 14 * 16
    assert [level.number for level in made.levels] == [1, 2, 3]
    assert {int(Bone.SKULL), int(Bone.TOOTH)} <= set(np.unique(made.bone))
    assert not ((made.bone_depth > 0) & (made.spine_depth > 0)).any()
    assert {int(Tissue.AIRWAY), int(Tissue.BRAIN), int(Tissue.CANAL)} <= set(np.unique(made.soft))
