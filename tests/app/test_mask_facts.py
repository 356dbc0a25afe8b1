"""Facts about a mask."""

from dataclasses import replace

import numpy as np
import pytest

from spineviewer.app.fused_mask import fused_mask
from spineviewer.app.mask_facts import CUT_BY_SCAN, cut_remark, facts_of, is_incomplete
from spineviewer.editing.correction import ADDED, REMOVED, Correction
from spineviewer.labelling.cut_parts import CutParts
from spineviewer.labelling.vertebrae import BodyFrame, Convention, Naming, Vertebra, Vertebrae
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import SpineMask

GRID = Geometry((2, 2, 2), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))


def vertebrae(cut):
    frame = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    place, box = (0.0, 0.0, 0.0), (slice(0, 1), slice(0, 1), slice(0, 1))
    body = Vertebra("T10", 17, 0.95, cut, place, frame, None, None, 15.0, 25.0, 30.0, box)
    labels = np.zeros(GRID.shape_zyx, np.uint8)
    return Vertebrae(labels, GRID, (body,), Naming(Convention.RIBS, 0.95, 0.0, 0.0))


def test_the_content_of_a_mask_identifies_its_voxels():
    grid = Geometry((8, 8, 8), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    voxels = np.zeros(grid.shape_zyx, np.bool_)
    voxels[2:6, 2:6, 2:6] = True
    fused = fused_mask(SpineMask(voxels, grid), Tuning(0.2, 6.0, 0.5))
    correction = Correction(grid.shape_zyx)
    before = facts_of(fused, correction)

    def paint(corner, sign):
        correction.begin("stroke")
        correction.paint(corner, np.ones((1, 1, 1), np.bool_), sign)
        correction.end()

    paint((3, 3, 3), ADDED)  # which is in the mask already
    assert facts_of(fused, correction).content == before.content
    paint((2, 2, 2), REMOVED)
    paint((7, 7, 7), ADDED)
    moved = facts_of(fused, correction)
    assert moved.volume_ml == pytest.approx(before.volume_ml)
    assert moved.content != before.content
    correction.undo()
    correction.undo()
    assert facts_of(fused, correction).content == before.content
    other = replace(fused, tuning=Tuning(0.3, 6.0, 0.5))
    assert facts_of(other, correction).content != before.content


@pytest.mark.parametrize(
    ("touches_edge", "has_partial", "expected"),
    [(False, False, False), (True, False, True), (False, True, True), (True, True, True)],
)
def test_a_partial_vertebra_makes_a_volume_incomplete_that_touches_no_edge(
    touches_edge, has_partial, expected
):
    """The slices of a sheared scan end inside its right-angled grid."""
    cut = CutParts.BODY if has_partial else CutParts(0)
    assert is_incomplete(touches_edge, vertebrae(cut)) is expected
    assert is_incomplete(touches_edge, None) is touches_edge


@pytest.mark.parametrize("part", CutParts)
def test_a_vertebra_of_which_any_part_is_cut_makes_a_volume_incomplete(part):
    assert is_incomplete(False, vertebrae(part))
    assert cut_remark(False, vertebrae(part)) == "Cut off at the edge of the scan: T10."


def test_the_cut_vertebrae_are_named_if_they_are_known():
    whole = vertebrae(CutParts(0))
    assert cut_remark(False, whole) == cut_remark(False, None) == ""
    assert cut_remark(True, whole) == cut_remark(True, None) == CUT_BY_SCAN
    assert cut_remark(True, vertebrae(CutParts.TIP)).endswith("T10.")
