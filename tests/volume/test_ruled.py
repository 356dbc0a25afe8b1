import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from spineviewer.volume.ruled import (
    RuledSurface,
    SlabProjection,
    sample_labels,
    sample_mask,
    sample_scan,
)

HU = np.random.default_rng(2).integers(-1000, 2000, (11, 13, 17)).astype(np.int16)


def surface(rows=9, columns=12, seed=0):
    random = np.random.default_rng(seed)
    origins = random.uniform(-1, 9, (rows, 3))
    steps = random.uniform(-0.9, 0.9, (rows, 3))
    return RuledSurface(origins, steps, random.uniform(-1, 1, (rows, 3)), columns, 1.0)


def places(ruled, offset=0.0):
    columns = np.arange(ruled.columns)[None, :, None]
    return (
        ruled.origins_zyx[:, None]
        + columns * ruled.steps_zyx[:, None]
        + offset * ruled.normals_zyx[:, None]
    )


def expected(ruled, offset=0.0):
    where = places(ruled, offset)
    inside = ((where >= -0.5) & (where <= np.array(HU.shape) - 0.5)).all(axis=2)
    values = map_coordinates(HU.astype(float), np.moveaxis(where, -1, 0), order=1, mode="nearest")
    return np.where(inside, values, -1024)


def test_the_scan_on_a_surface_is_linear_between_voxels_and_air_outside():
    ruled = surface()
    assert np.abs(sample_scan(HU, ruled) - expected(ruled)).max() <= 0.51


@pytest.mark.parametrize(
    ("projection", "together"), [(SlabProjection.MAXIMUM, np.max), (SlabProjection.MEAN, np.mean)]
)
def test_a_slab_takes_samples_along_each_rows_own_normal(projection, together):
    ruled = surface(seed=4)
    offsets = (-1.5, 0.0, 1.5)
    wanted = together([expected(ruled, offset) for offset in offsets], axis=0)
    assert (
        np.abs(sample_scan(HU, ruled, offsets_mm=offsets, projection=projection) - wanted).max()
        <= 0.51
    )


def test_a_mask_on_a_surface_is_that_of_the_nearest_voxel():
    voxels = HU > 500
    ruled = surface(seed=7)
    nearest = ruled.nearest_zyx()
    inside = ((nearest >= 0) & (nearest < voxels.shape)).all(axis=2)
    z, y, x = np.moveaxis(np.clip(nearest, 0, np.array(voxels.shape) - 1), -1, 0)
    assert (sample_mask(voxels, ruled) == (voxels[z, y, x] & inside)).all()


def test_labels_on_a_surface_are_those_of_the_nearest_voxel():
    voxels = (HU % 7).astype(np.uint8)
    ruled = surface(seed=7)
    nearest = ruled.nearest_zyx()
    inside = ((nearest >= 0) & (nearest < voxels.shape)).all(axis=2)
    z, y, x = np.moveaxis(np.clip(nearest, 0, np.array(voxels.shape) - 1), -1, 0)
    assert (sample_labels(voxels, ruled) == np.where(inside, voxels[z, y, x], 0)).all()


def test_each_pixel_has_its_voxel():
    ruled = surface()
    assert ruled.index_zyx(3, 5) == pytest.approx(tuple(places(ruled)[3, 5]))
    between = (places(ruled)[3, 5] + places(ruled)[4, 5]) / 2
    assert ruled.index_zyx(3.5, 5) == pytest.approx(tuple(between))


def test_a_coarser_surface_has_its_pixels_in_the_middles_of_blocks():
    ruled = surface(rows=8, columns=12)
    coarse = ruled.coarser(4)
    assert coarse.shape == (2, 3)
    assert coarse.pixel_mm == 4
    assert coarse.index_zyx(1, 2) == pytest.approx(ruled.index_zyx(5.5, 9.5))


def test_rows_through_a_large_scan_are_as_exact_at_the_end_as_at_the_beginning():
    hu = np.random.default_rng(3).integers(-1000, 2000, (40, 60, 900)).astype(np.int16)
    origins = np.array(
        [[0.0, 5.25, 0.0], [39.0, 59.0, 899.0], [20.0, 30.0, -7.3], [12.5, -1.0, 4.0]]
    )
    steps = np.array(
        [[0.04, 0.05, 0.99], [-0.04, -0.06, -0.997], [0.0, 0.0, 0.91], [0.0, 1e-300, 0.5]]
    )
    ruled = RuledSurface(origins, steps, np.zeros((4, 3)), 1000, 1.0)
    where = places(ruled)
    inside = ((where >= -0.5) & (where <= np.array(hu.shape) - 0.5)).all(axis=2)
    values = map_coordinates(hu.astype(float), np.moveaxis(where, -1, 0), order=1, mode="nearest")
    assert np.abs(sample_scan(hu, ruled) - np.where(inside, values, -1024)).max() <= 0.6
