from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from spines import solid_spine

from spineviewer.labelling.arches import arch_bone, fit_to_arches, gap_mm2
from spineviewer.labelling.borders import cut_surfaces
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.labelling.partition import TABLE_BACK, TABLE_LEFT, CutSurface
from spineviewer.labelling.priors import load_fitted
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.levels import LEVEL_NAMES

LENGTH, PITCH, RADIUS = 120, 20.0, 8.0


@pytest.fixture
def line() -> CentreLine:
    """Straight down from z = 120 mm; the back is at larger y, the left at larger x."""
    count = LENGTH + 1
    points = np.column_stack([LENGTH - np.arange(count), np.full(count, 10.0), np.full(count, 20)])
    down, back, left = (
        np.tile(way, (count, 1)) for way in ([-1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0])
    )
    return CentreLine(points, down, left, back, 1.0, 0.0, float(LENGTH))


def cut_at(station: float) -> CutSurface:
    table = np.zeros((len(TABLE_BACK), len(TABLE_LEFT)))
    return CutSurface(station, 0.0, 0.0, RADIUS, PITCH, table, 0.25 * PITCH)


def no_bone(gaps: Sequence[float]) -> NDArray[np.uint8]:
    """Arches fused into one plate, except for gaps of 4 mm whose middles are at these stations."""
    joint = np.full((LENGTH, 60, 40), 255, np.uint8)
    joint[:, 20:50, 10:30] = 0
    for gap in gaps:
        joint[round(LENGTH - gap - 2) : round(LENGTH - gap + 2)] = 255
    return joint


def lowered(cuts: Sequence[CutSurface], joint: NDArray[np.uint8], line: CentreLine) -> list[float]:
    """How far each border was lowered behind the body, in pitches."""
    found = fit_to_arches(cuts, arch_bone(joint, (0, 0, 0), line))
    for cut in found:
        behind = cut.shift[TABLE_BACK >= 1]
        assert np.ptp(behind) == pytest.approx(0)
        assert not cut.shift[TABLE_BACK <= 0.5].any()  # within the body, the disc decides
    return [float(cut.shift[-1, 0]) for cut in found]


@pytest.mark.parametrize("offset", [-0.3, 0.0, 0.3])
def test_a_border_moves_to_the_gap_between_arches(line: CentreLine, offset: float) -> None:
    stations = [40.0, 60.0, 80.0]
    gaps = [station + offset * PITCH for station in stations]
    for by in lowered([cut_at(station) for station in stations], no_bone(gaps), line):
        assert by == pytest.approx(offset, abs=0.1)
        assert abs(by) <= abs(offset) + 0.01


def test_without_a_gap_borders_stay_where_the_table_has_them(line: CentreLine) -> None:
    cuts = [cut_at(40.0), cut_at(60.0)]
    for joint in (no_bone([]), np.full_like(no_bone([]), 255)):
        assert lowered(cuts, joint, line) == pytest.approx([0, 0], abs=1e-9)
    assert fit_to_arches([], arch_bone(no_bone([]), (0, 0, 0), line)) == []


def test_the_gap_at_a_border_has_an_area(line: CentreLine) -> None:
    bone = arch_bone(no_bone([60.0]), (0, 0, 0), line)
    # 15 rows from 12 mm behind the line to 36 mm, 7 columns within 7.2 mm, 4 mm2 each
    assert gap_mm2(cut_at(60.0), bone) == pytest.approx(12 * 7 * 4, rel=0.25)
    assert gap_mm2(cut_at(40.0), bone) == pytest.approx(0, abs=1)


def test_a_border_without_a_gap_follows_its_neighbours(line: CentreLine) -> None:
    cuts = [cut_at(station) for station in (40.0, 60.0, 80.0)]
    alone = lowered(cuts, no_bone([46.0, 86.0]), line)
    assert 0.1 < alone[1] < alone[0]


def test_the_surface_crosses_lines_where_its_plane_and_its_table_say() -> None:
    table = np.zeros((len(TABLE_BACK), len(TABLE_LEFT)))
    table[TABLE_BACK >= 2] = 0.5
    cut = CutSurface(30.0, 0.25, -0.5, RADIUS, PITCH, table, 5.0)
    # the slopes end one radius from the line; 14 mm are 1.75 radii, halfway to the row with 0.5
    np.testing.assert_allclose(
        cut.stations(np.array([4.0, 0.0, 16.0, 14.0]), np.array([0.0, 4.0, -16.0, 0.0])),
        [31, 28, 30 + 2 + 4 + 10, 30 + 2 + 5],
    )


def test_borders_in_the_neck_stay_where_the_table_has_them() -> None:
    spine = solid_spine(["C4", "C5", "C6", "C7", "T1", "T2", "T3"])  # higher arches than usual
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    assert labelling.column is not None
    assert labelling.answer is not None
    fitted, levels = load_fitted(), labelling.answer.levels
    cuts = cut_surfaces(labelling.column, levels, fitted)
    raised = {
        LEVEL_NAMES[level]: float(fitted.border_shift[level][-1, 0] - cut.shift[-1, 0])
        for level, cut in zip(levels.tolist(), cuts, strict=False)
    }
    assert [raised[name] for name in ("C4", "C5", "C6")] == [0, 0, 0]
    assert max(raised[name] for name in ("C7", "T1", "T2")) > 0.05
