"""The part of the trabecular bone whose HU count: without veins, bone islands and holes."""

from dataclasses import replace

import numpy as np
import pytest
from rows import FRAME

from spineviewer.measurements.density import trabecular, with_gap
from spineviewer.measurements.results import Roi
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource

BONE_HU, RADII_MM = 150, (8.5, 12.0, 10.0)
MIDDLE = Roi((0.0, 0.0, 0.0), RADII_MM, FRAME)


def bone(slice_mm=1.0, noise_hu=0.0, first_mm=-18.0):
    """Return a scan of trabecular bone, and the height, depth and side of its voxels in mm."""
    shape = (round(36 / slice_mm), 37, 37)
    grid = Geometry(shape, (slice_mm, 1.0, 1.0), (-18.0, -18.0, first_mm))
    index = np.indices(shape, sparse=True)
    up = index[0] * slice_mm + first_mm
    noise = np.random.default_rng(5).normal(0, noise_hu, shape)
    hu = np.rint(BONE_HU + noise).astype(np.int16)
    source = ScanSource("bone.nii.gz", ScanFormat.MEMORY, grid, AxisOrder())
    return CtVolume(hu, grid, source), (up, index[1] - 18.0, index[2] - 18.0)


def with_band(denser_hu, **of_bone):
    """Return bone with a band at mid-height; its density falls to zero 5 mm above and below."""
    scan, (up, _, _) = bone(**of_bone)
    band = denser_hu * np.clip(1 - np.abs(up) / 5, 0, None)
    return replace(scan, hu=np.rint(scan.hu + band).astype(np.int16))


def measured(scan):
    return trabecular(scan, with_gap(scan, MIDDLE))


@pytest.mark.parametrize("noise_hu", [0.0, 90.0])
def test_bone_of_uniform_density_has_no_gap_and_its_own_hu(noise_hu):
    scan, _ = bone(noise_hu=noise_hu)
    assert with_gap(scan, MIDDLE) == MIDDLE
    found = measured(scan)
    assert found.mean_hu.value == pytest.approx(BONE_HU, abs=2.5)
    assert found.median_hu == pytest.approx(BONE_HU, abs=4.0)
    assert found.volume_ml == pytest.approx(4 / 3 * np.pi * np.prod(RADII_MM) / 1000, rel=0.03)


@pytest.mark.parametrize("slice_mm", [1.0, 1.5, 2.0])
def test_a_dense_band_at_half_height_is_left_out(slice_mm):
    scan = with_band(120, slice_mm=slice_mm)
    found = measured(scan)
    assert trabecular(scan, MIDDLE).mean_hu.value > BONE_HU + 40
    assert found.mean_hu.value == pytest.approx(BONE_HU, abs=15)
    assert found.roi.gap_mm == pytest.approx(0.38 * 2 * RADII_MM[0])
    assert found.volume_ml < 0.6 * trabecular(scan, MIDDLE).volume_ml


def test_a_less_dense_middle_opens_no_gap():
    assert with_gap(with_band(-60), MIDDLE) == MIDDLE


def test_the_gap_opens_so_gradually_that_similar_bands_give_similar_hu():
    found = [measured(with_band(hu)) for hu in range(0, 90, 2)]
    assert (np.diff([one.roi.gap_mm for one in found]) >= 0).all()
    assert found[-1].roi.gap_mm > found[0].roi.gap_mm == 0
    assert np.abs(np.diff([one.mean_hu.value for one in found])).max() < 2.0


@pytest.mark.parametrize("first_mm", [-18.0, -17.6, -17.0, -16.5])
def test_hu_beside_a_gap_do_not_depend_on_where_slices_begin(first_mm):
    found = measured(with_band(80, slice_mm=2.0, first_mm=first_mm))
    assert found.mean_hu.value == pytest.approx(BONE_HU + 8, abs=3.0)


@pytest.mark.parametrize("spot_hu", [600, -100])
def test_a_bone_island_and_a_hole_are_left_out(spot_hu):
    scan, (up, back, left) = bone(noise_hu=20.0)
    distance = np.sqrt((up - 5) ** 2 + (back + 3) ** 2 + (left - 4) ** 2)
    before = measured(scan)
    found = measured(replace(scan, hu=np.where(distance <= 3, spot_hu, scan.hu).astype(np.int16)))
    assert found.mean_hu.value == pytest.approx(before.mean_hu.value, abs=3.0)
    assert found.volume_ml < before.volume_ml - 0.1


def test_cement_in_the_gap_prevents_the_measurement():
    scan, (up, back, left) = bone()
    cement = (np.abs(up) <= 2) & (np.abs(back) <= 6) & (np.abs(left) <= 6)
    assert measured(replace(scan, hu=np.where(cement, 1500, scan.hu).astype(np.int16))) is None
