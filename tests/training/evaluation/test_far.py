"""The volume of a mask far from the spine."""

import numpy as np
import pytest

from spineviewer.training.evaluation.far import far_ml
from spineviewer.volume.geometry import Geometry

GRID = Geometry((60, 80, 120), (2.0, 2.0, 2.0), (0.0, 0.0, 0.0))


@pytest.fixture
def spine():
    voxels = np.zeros(GRID.shape_zyx, bool)
    voxels[10:50, 30:50, 50:70] = True
    return voxels


def test_a_reference_against_itself_has_nothing_far(spine):
    assert far_ml(spine, spine, GRID) == 0


def test_only_what_is_more_than_60_mm_beside_the_line_is_far(spine):
    mask = spine.copy()
    mask[20:25, 40, 60 + 28] = True  # 57 mm to the left of the middle at 120 mm
    assert far_ml(mask, spine, GRID) == 0
    mask[20:25, 40, 60 + 32] = True  # 65 mm
    assert far_ml(mask, spine, GRID) == pytest.approx(5 * 0.008)


def test_a_process_may_be_farther_behind_than_a_rib_in_front(spine):
    mask = spine.copy()
    mask[20:25, 78, 60] = True  # 77 mm behind the middle at 80 mm, which counts as 46
    assert far_ml(mask, spine, GRID) == 0
    mask[20:25, 7, 60] = True  # 65 mm in front
    assert far_ml(mask, spine, GRID) == pytest.approx(5 * 0.008)


def test_what_is_ignored_does_not_count_and_a_scan_without_spine_is_all_far(spine):
    mask = np.zeros_like(spine)
    mask[20:25, 40, 110:] = True
    assert far_ml(mask, spine, GRID, mask) == 0
    assert far_ml(mask, np.zeros_like(spine), GRID) == pytest.approx(50 * 0.008)
