"""Order, step, tilt, gaps and duplicate positions, with expected numbers computed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from spineviewer.errors import GeometryError
from spineviewer.io.dicom.slices import stack_slices
from spineviewer.volume.sheared import straightened

AXIAL = np.array([1.0, 0, 0, 0, 1, 0])


def axial_stack(heights: list[float], sideways: float = 0.0) -> object:
    return stack_slices(
        np.array([[5.0, -3.0 + sideways * n, h] for n, h in enumerate(heights)]), AXIAL
    )


def test_slices_are_sorted_along_the_normal_and_the_step_comes_from_positions() -> None:
    stack = stack_slices(np.array([[0, 0, 30.0], [0, 0, 10], [0, 0, 20]]), AXIAL)
    assert list(stack.order) == [1, 2, 0]
    assert stack.usual_step_mm == 10
    assert stack.is_even
    grid = stack.geometry(4, 5, (0.5, 0.6), 1.0)
    assert grid.shape_zyx == (3, 4, 5)
    assert grid.spacing_zyx_mm == (10, 0.5, 0.6)
    assert grid.origin_lps_mm == (0, 0, 10)


def test_feet_first_slices_of_reversed_normal_are_never_mirrored() -> None:
    stack = stack_slices(np.array([[0, 0, 10.0], [0, 0, 20]]), np.array([1.0, 0, 0, 0, -1, 0]))
    assert list(stack.order) == [1, 0]
    axes = np.array([stack.normal_lps, stack.rows_lps, stack.columns_lps])
    assert np.linalg.det(axes[::-1]) == pytest.approx(1)


def test_tilt_is_the_angle_between_step_and_normal() -> None:
    assert axial_stack([0, 5, 10], sideways=5 * np.tan(np.radians(14))).tilt_deg == pytest.approx(
        14
    )
    assert axial_stack([0, 5, 10]).tilt_deg == 0


@pytest.mark.parametrize(
    ("last", "is_even"), [(10.0, True), (10.04, True), (10.06, False), (9.9, False), (15, False)]
)
def test_steps_are_uneven_from_one_percent(last: float, is_even: bool) -> None:
    assert axial_stack([0, 5, last]).is_even is is_even


def test_steps_that_drift_within_one_percent_are_uneven_when_slices_leave_the_grid() -> None:
    steps = [1.0] * 100 + [1.009] * 100
    assert not axial_stack([0.0, *np.cumsum(steps)]).is_even


def test_the_longest_regular_run_comes_first() -> None:
    stack = axial_stack([0, 5, 10, 20, 25, 30, 35])
    assert stack.regular_runs() == [(3, 7), (0, 3), (2, 4)]
    assert stack.section(3, 7).is_even


def test_duplicate_positions_are_found_and_do_not_form_a_run() -> None:
    stack = axial_stack([0, 5, 5, 5, 10])
    assert stack.shared_positions == [[1, 2, 3]]
    assert not stack.is_even


def test_slices_beside_the_line_are_detected() -> None:
    stack = stack_slices(np.array([[0, 0, 0.0], [3, 0, 5], [0, 0, 10]]), AXIAL)
    assert stack.largest_sideways_mm == pytest.approx(3)


@pytest.mark.parametrize(
    "orientation", [[0.0] * 6, [1, 0, 0, 1, 0, 0], [1, 0, 0, 0.1, 0.99, 0], [np.nan, 0, 0, 0, 1, 0]]
)
def test_directions_that_do_not_span_a_plane_are_rejected(orientation: list[float]) -> None:
    with pytest.raises(GeometryError):
        stack_slices(np.zeros((2, 3)), np.array(orientation))


@given(st.lists(st.integers(0, 500), min_size=2, max_size=40), st.randoms(use_true_random=False))
def test_every_run_is_even_and_runs_cover_all_steps(places: list[int], random: object) -> None:
    heights = [0.5 * p for p in places]
    stack = axial_stack(heights)
    runs = stack.regular_runs()
    assert all(stack.section(start, stop).is_even for start, stop in runs)
    covered = {step for start, stop in runs for step in range(start, stop - 1)}
    assert covered == {n for n, step in enumerate(stack.steps_mm) if step > 0}


@settings(max_examples=60, deadline=None)
@given(
    angles=st.tuples(*[st.floats(-180, 180)] * 3),
    tilt_deg=st.floats(0.2, 35),
    step_mm=st.floats(0.3, 8),
    spacing_mm=st.tuples(st.floats(0.2, 2), st.floats(0.2, 2)),
    count=st.integers(2, 9),
    random=st.randoms(use_true_random=False),
)
def test_any_tilted_stack_is_straightened_onto_the_positions_of_its_slices(
    angles: tuple[float, float, float],
    tilt_deg: float,
    step_mm: float,
    spacing_mm: tuple[float, float],
    count: int,
    random: Any,
) -> None:
    """In any order of files and slices, each slice's corner is where it belongs in the grid."""
    turn = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    columns, rows, normal = turn[:, 0], turn[:, 1], turn[:, 2]
    way = step_mm * (normal + np.tan(np.radians(tilt_deg)) * rows)
    positions = np.array([10.0, -20.0, 30.0]) + np.arange(count)[:, None] * way
    shuffled = list(range(count))
    random.shuffle(shuffled)
    stack = stack_slices(positions[shuffled], np.concatenate([columns, rows]))
    assert np.allclose(stack.positions_lps_mm, positions)
    assert stack.tilt_deg == pytest.approx(tilt_deg, abs=1e-6)
    sheared, grid = straightened(stack.world_from_index(spacing_mm), (count, 6, 5), slice_axis=0)
    for k in range(count):
        assert np.allclose(grid.point_lps_mm((k, *sheared.offsets[k])), positions[k], atol=1e-6)
    assert grid.spacing_zyx_mm == pytest.approx((step_mm, *spacing_mm))
