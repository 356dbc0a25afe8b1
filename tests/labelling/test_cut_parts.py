"""The parts of a vertebra that the edge of the scan cuts."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.labelling.cut_parts import BodyCylinder, CutParts, cut_parts
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import bounding_box

GRID = Geometry((30, 60, 60), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
#: A body of 10 mm radius around the middle of the first half of the slices.
BODY = BodyCylinder((30.0, 20.0, 15.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0), 10.0)
Y, X = np.mgrid[0:60, 0:60]
AWAY = np.hypot(Y - 20, X - 30)


def parts_of(in_first_slice: NDArray[np.bool_]) -> CutParts:
    """The cut parts of a vertebra that has these pixels at the lower edge of the scan."""
    labels = np.zeros(GRID.shape_zyx, np.uint8)
    labels[5:20, AWAY < 10] = 20
    labels[0, in_first_slice] = 20
    return cut_parts(labels, 20, bounding_box(labels == 20), BODY, GRID)


@pytest.mark.parametrize(
    ("in_first_slice", "expected"),
    [
        (AWAY < 0, CutParts(0)),
        (AWAY < 10, CutParts.BODY),
        (AWAY < 5, CutParts.RIM),  # a quarter of the cross-section
        ((AWAY > 9) & (AWAY < 13) & (Y < 12), CutParts.RIM),
        ((AWAY > 9) & (AWAY < 13) & (Y < 9), CutParts.TIP),  # of an osteophyte
        ((abs(X - 30) < 9) & (Y >= 40) & (Y < 50), CutParts.ARCH),  # 170 mm2
        ((X == 30) & (Y == 50), CutParts.TIP),
        ((AWAY < 10) | ((X == 30) & (Y == 50)), CutParts.BODY | CutParts.TIP),
    ],
)
def test_the_parts_at_the_edge_of_the_scan_are_cut(
    in_first_slice: NDArray[np.bool_], expected: CutParts
) -> None:
    assert parts_of(in_first_slice) is expected


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("is_last", [False, True])
def test_every_edge_of_the_scan_cuts(axis: int, is_last: bool) -> None:
    labels = np.zeros(GRID.shape_zyx, np.uint8)
    labels[10:20, 10:50, 10:50] = 20
    at = [15, 45, 15]
    at[axis] = GRID.shape_zyx[axis] - 1 if is_last else 0
    labels[tuple(at)] = 20
    cut = cut_parts(labels, 20, bounding_box(labels == 20), None, GRID)
    assert cut is CutParts.TIP
    assert not cut_parts(labels, 21, bounding_box(labels == 20), None, GRID)


def test_a_sentence_names_all_cut_parts() -> None:
    cut = CutParts.RIM | CutParts.TIP
    assert cut.sentence == (
        "Cut off at the edge of the scan: rim of the body, tip of a process or osteophyte."
    )
    assert cut.names == ["rim", "tip"]
    assert CutParts(0).sentence == ""
