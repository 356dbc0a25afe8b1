"""The vertebra to which bone is attached, and bone that may belong to either of two."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.labelling.attachment import Attachment, ContinuedBone
from spineviewer.labelling.axis import WorkingMask
from spineviewer.labelling.partition import TABLE_BACK, TABLE_LEFT, CutSurface
from spineviewer.volume.centre_line import CentreLine

#: Slices of the scan. The line is straight from the uppermost to the lowest.
COUNT = 60
#: The border between two vertebrae is between slices 29 and 30. It has no band.
BORDER = CutSurface(
    30.0, 0.0, 0.0, 8.0, 30.0, np.zeros((len(TABLE_BACK), len(TABLE_LEFT))), band_mm=0.0
)


def line() -> CentreLine:
    places = np.column_stack(
        [COUNT - np.arange(COUNT + 1.0), np.full(COUNT + 1, 10.0), np.full(COUNT + 1, 20.0)]
    )
    down, back, left = (
        np.tile(way, (COUNT + 1, 1)) for way in ([-1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0])
    )
    return CentreLine(places, down, left, back, 1.0, 0.0, float(COUNT))


def attachment(voxels: NDArray[np.bool_], gap: slice | None = None) -> Attachment:
    """Bone in a scan, with hardly visible gaps in the slices `gap`."""
    joint = np.where(voxels, np.uint8(0), np.uint8(255))
    if gap is not None:
        joint[gap] = np.maximum(joint[gap], 40)  # a bone probability of 0.84
    bone = ContinuedBone.of(WorkingMask(voxels, (0, 0, 0)), joint, COUNT)
    return Attachment(bone, line())


@pytest.fixture
def arches() -> NDArray[np.bool_]:
    """Two arches without a gap, behind two bodies that are apart."""
    voxels = np.zeros((COUNT, 50, 40), np.bool_)
    voxels[5:27, 4:16, 14:26] = True
    voxels[33:55, 4:16, 14:26] = True
    voxels[5:55, 24:32, 8:32] = True
    voxels[40:45, 15:25, 14:26] = voxels[10:15, 15:25, 14:26] = True  # pedicles
    return voxels


def test_bone_belongs_to_the_vertebra_that_most_bone_connects_it_with(
    arches: NDArray[np.bool_],
) -> None:
    """The true border is 4 mm below the usual one."""
    found = attachment(arches, slice(25, 26))
    segments = found.segments([BORDER])
    np.testing.assert_array_equal(segments > 0, arches)
    assert (segments[26:30, 24:32, 8:32] == 1).all()
    assert (segments[5:25][arches[5:25]] == 2).all()
    assert not found.uncertain


def test_bone_that_is_connected_with_both_vertebrae_is_uncertain(
    arches: NDArray[np.bool_],
) -> None:
    found = attachment(arches)
    segments = found.segments([BORDER])
    assert (segments[:30][arches[:30]] == 2).all()
    assert (segments[30:][arches[30:]] == 1).all()
    assert {(part.segment, part.other) for part in found.uncertain} == {(1, 2), (2, 1)}
    for part in found.uncertain:
        assert segments[part.index_zyx] == part.segment
        assert part.size_ml == pytest.approx(4 * 8 * 24 / 1000, rel=0.3)


def test_bone_at_the_upper_edge_belongs_to_the_vertebra_that_is_out_of_view() -> None:
    """The scan cuts the upper arch off from its body; the band reaches beyond the scan's edge."""
    voxels = np.zeros((COUNT, 50, 40), np.bool_)
    voxels[5:45, 4:16, 14:26] = True
    voxels[55:, 4:16, 14:26] = True
    voxels[5:, 24:32, 8:32] = True
    found = attachment(voxels, slice(52, 53))
    found.kept_at = found.bone.kept_at_edges([1])
    segments = found.segments([replace(BORDER, station=10.0, band_mm=14.0)])
    assert (segments[53:, 24:32, 8:32] == 1).all()
    assert (segments[5:52, 24:32, 8:32] == 2).all()
    assert found.bone.in_scan == slice(0, COUNT)


def test_bone_is_continued_beyond_those_edges_of_the_scan_that_it_reaches() -> None:
    voxels = np.ones((10, 4, 4), np.bool_)
    joint = np.zeros(voxels.shape, np.uint8)
    low, middle, high = (
        ContinuedBone.of(WorkingMask(voxels, (first, 2, 3)), joint, 30) for first in (0, 10, 20)
    )
    assert [len(bone.joint) - 10 for bone in (low, middle, high)] == [16, 0, 16]
    assert [bone.mask.origin_zyx[0] for bone in (low, middle, high)] == [-16, 10, 20]
    assert [bone.in_scan.start for bone in (low, middle, high)] == [16, 0, 0]
    assert low.kept_at_edges([3]) == {3: slice(0, 16)}
    assert high.kept_at_edges([1]) == {1: slice(10, 26)}
