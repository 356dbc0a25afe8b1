"""Sheared grids: voxels keep position and value, and masks return to the file's voxels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.errors import GeometryError
from spineviewer.volume.sheared import straightened


def tilted(degrees: float, slice_axis: int = 0) -> NDArray[np.float64]:
    matrix = np.zeros((4, 4))
    matrix[:3, 3] = [-20.0, 30.0, 5.0]
    matrix[3, 3] = 1
    steps = {0: [0, 0, 4.0], 1: [0, 0.5, 0], 2: [0.5, 0, 0]}
    for axis in range(3):
        matrix[:3, axis] = steps[(axis - slice_axis) % 3]
    matrix[1, slice_axis] = 4.0 * np.tan(np.radians(degrees))
    return matrix


@pytest.mark.parametrize("degrees", [18.5, -7.0, 0.4])
def test_a_straightened_picture_has_its_contents_where_the_sheared_file_has_them(
    degrees: float,
) -> None:
    matrix, shape = tilted(degrees), (5, 30, 20)
    sheared, grid = straightened(matrix, shape)
    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1)
    world = index @ matrix[:3, :3].T + matrix[:3, 3]
    values = 3 * world[..., 0] - 2 * world[..., 1] + world[..., 2]

    straight = sheared.straighten(values, background=-1024)

    places = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape_zyx], indexing="ij"), axis=-1)
    expected = grid.point_lps_mm(places) @ [3, -2, 1]
    inside = sheared.straighten(np.ones(shape), background=0) == 1
    assert inside.mean() > 0.5
    assert np.allclose(straight[inside], expected[inside], atol=1e-3)
    assert grid.spacing_zyx_mm == pytest.approx((4.0, 0.5, 0.5))


@pytest.mark.parametrize("slice_axis", [0, 1, 2])
def test_a_mask_returns_to_within_half_a_pixel_of_its_position(slice_axis: int) -> None:
    matrix = tilted(18.5, slice_axis)
    shape = [30, 30, 30]
    shape[slice_axis] = 6
    sheared, grid = straightened(matrix, (shape[0], shape[1], shape[2]))
    places = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape_zyx], indexing="ij"), axis=-1)
    straight = grid.point_lps_mm(places)[..., 1].astype(np.float32)

    back = sheared.sheared(straight)

    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1)
    world = index @ matrix[:3, :3].T + matrix[:3, 3]
    assert back.shape == tuple(shape)
    assert np.abs(back - world[..., 1]).max() <= 0.25 + 1e-5


def test_a_grid_without_any_right_angle_is_refused() -> None:
    matrix = np.eye(4)
    matrix[:3, :3] = [[1, 0.3, 0.3], [0, 1, 0.3], [0.3, 0, 1]]
    with pytest.raises(GeometryError):
        straightened(matrix, (4, 4, 4))


def test_slices_that_are_shifted_implausibly_far_are_rejected():
    matrix = np.eye(4)
    matrix[1, 0] = 1e5  # each slice is shifted by 1e5 pixels from the one before
    with pytest.raises(GeometryError, match="which a tilted gantry cannot explain"):
        straightened(matrix, (5, 40, 30), slice_axis=0)
