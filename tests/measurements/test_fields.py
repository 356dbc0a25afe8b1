"""The bone of a vertebra does not depend on the scan's grid, and follows planes and corrections."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, grey_dilation, map_coordinates
from solids import column

from spineviewer.labelling.vertebrae import Plane
from spineviewer.measurements.fields import vertebra_field
from spineviewer.measurements.measure import measure
from spineviewer.volume.volume import PROBABILITY_SCALE, ProbabilityMap

FLAT = dict.fromkeys(("T12", "L1", "L2"), (24.0, 24.0, 24.0))


def probability_of(case):
    """Return a map that falls from 1 to 0 within 2 mm around the borders of a case."""
    fraction = gaussian_filter((case.numbers > 0).astype(np.float32), 0.6)
    values = (fraction * PROBABILITY_SCALE).astype(np.uint16)
    return ProbabilityMap(values, np.ones(values.shape[2], np.bool_), case.grid, case.grid)


def mask_on(grid_case, probability):
    """Return a case with the mask of a map on the case's grid: voxels in which it is at least 0.5.

    Numbers come from the nearest voxels of the case.
    """
    places = np.stack(np.meshgrid(*map(np.arange, grid_case.numbers.shape), indexing="ij"), -1)
    places = probability.geometry.index_zyx(grid_case.grid.point_lps_mm(places))
    values = probability.values.astype(np.float32) / PROBABILITY_SCALE
    fraction = map_coordinates(values, np.moveaxis(places, -1, 0), order=1, mode="nearest")
    numbers = grey_dilation(grid_case.numbers, size=3)
    return replace(grid_case, numbers=np.where(fraction >= 0.5, numbers, 0).astype(np.uint8))


def heights(vertebrae, probability):
    row = measure(vertebrae, None, probability).named("L1")
    return [caliper.length_mm for caliper in row.profile.heights]


@pytest.mark.parametrize("spacing_mm", [(2.5, 0.7, 0.7), (3.1, 0.9, 0.9)])
def test_heights_do_not_depend_on_the_grid_of_the_scan(spacing_mm):
    fine, coarse = column(FLAT), column(FLAT, spacing_mm=spacing_mm)
    probability = probability_of(fine)
    expected = heights(fine.vertebrae, probability)
    coarse = mask_on(coarse, probability)
    assert heights(coarse.vertebrae, probability) == pytest.approx(expected, abs=0.1)
    # Without the map, the slices decide.
    assert np.abs(np.subtract(heights(coarse.vertebrae, None), expected)).max() > 0.3


def test_where_the_mask_was_corrected_the_map_does_not_count():
    case = column(FLAT)
    probability = probability_of(case)
    first = int(np.flatnonzero((case.numbers == 20).any(axis=(1, 2)))[0])
    numbers = case.numbers.copy()
    for number in range(first, first + 2):
        numbers[number][numbers[number] == 20] = 0
    corrected = replace(case, numbers=numbers)
    lost = np.subtract(
        heights(case.vertebrae, probability), heights(corrected.vertebrae, probability)
    )
    assert lost == pytest.approx([2.0] * 3, abs=0.5)


@pytest.mark.parametrize("off_mm", [-0.4, 0.0, 0.3])
def test_touching_vertebrae_are_divided_at_the_plane_of_the_disc(off_mm):
    case = column(FLAT, disc_mm=0.0)
    vertebra = case.vertebrae.all[1]
    lowest = int(np.flatnonzero((case.numbers == 20).any(axis=(1, 2)))[0])
    x, y, _ = vertebra.body_centre_lps_mm
    # Between the lowest slice of L1 and the next one down, and off from there.
    border = case.grid.point_lps_mm((lowest - 0.5, 0, 0))[2] + off_mm
    disc = Plane((x, y, float(border)), (0.0, 0.0, -1.0))
    field = vertebra_field(case.vertebrae, replace(vertebra, lower_disc=disc))
    down = np.arange(0.0, 30.0, 0.05)
    line = field.sample(
        vertebra.body_centre_lps_mm,
        vertebra.frame,
        (down, np.array([0.0]), np.array([0.0])),
    )[:, 0, 0]
    end = vertebra.body_centre_lps_mm[2] - float(down[np.argmax(line < 0.5)])
    assert end == pytest.approx(border, abs=0.1)
    assert field.bone_at(np.array([[x, y, border]]))[0] == pytest.approx(1.0, abs=0.01)
