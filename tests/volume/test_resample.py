"""The 1 mm working grid."""

import numpy as np
import pytest

from spineviewer.progress import JobProgress
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.resample import averaging_taps, resample_to_working
from spineviewer.volume.working_grid import working_geometry


def test_the_working_grid_covers_the_scan_from_edge_to_edge() -> None:
    scan = Geometry((10, 7, 9), (2.5, 0.7, 1.0), (5.0, -3.0, 100.0))
    grid = working_geometry(scan)
    assert grid.shape_zyx == (25, 5, 9)  # ceil(25.0), ceil(4.9), ceil(9.0)
    # the first centre is 0.5 mm inside the scan's first edge; axes z, y, x are S, P, L
    assert grid.origin_lps_mm == pytest.approx(
        (5.0 - 0.5 + 0.5, -3.0 - 0.35 + 0.5, 100.0 - 1.25 + 0.5)
    )
    assert grid.axes_lps == scan.axes_lps


def test_rounding_noise_in_the_extent_does_not_add_a_slice() -> None:
    assert working_geometry(Geometry((3, 3, 3), (0.1 + 0.2, 1.0, 1 / 3), (0, 0, 0))).shape_zyx == (
        1,
        3,
        1,
    )


@pytest.mark.parametrize("spacing", [0.3, 0.7, 1.0, 1.9, 5.0])
def test_a_linear_ramp_keeps_its_values_away_from_the_edges(spacing: float) -> None:
    inputs = 60
    outputs = int(np.ceil(inputs * spacing))
    taps = averaging_taps(inputs, spacing, outputs)
    ramp = (np.arange(inputs) + 0.5) * spacing  # the position in mm
    values = np.array(
        [
            (taps.weights[i] * ramp[taps.first[i] : taps.first[i] + taps.weights.shape[1]]).sum()
            for i in range(outputs)
        ]
    )
    centres = np.arange(outputs) + 0.5
    inner = (centres > 3 + spacing) & (centres < inputs * spacing - 3 - spacing)
    # exact for linear interpolation; a triangle sampled at 0.3 mm is symmetric to within a few
    # hundredths of a voxel
    assert np.abs(values - centres)[inner].max() < (1e-4 if spacing >= 1 else 0.1)
    assert taps.weights.sum(axis=1) == pytest.approx(np.ones(outputs), abs=1e-5)


def test_fine_voxels_are_averaged_and_not_skipped() -> None:
    scan = Geometry((1, 1, 100), (1.0, 1.0, 0.2), (0, 0, 0))
    stripes = np.where(np.arange(100) % 2, 1000, 0).astype(np.int16).reshape(1, 1, 100)
    out = resample_to_working(stripes, scan, threads=1, progress=JobProgress())
    assert np.abs(out[0, 0, 2:-2] - 500).max() < 60


def test_the_result_equals_separate_interpolation_along_each_axis() -> None:
    rng = np.random.default_rng(3)
    scan = Geometry((6, 11, 13), (3.0, 1.4, 1.0), (0, 0, 0))
    hu = rng.integers(-1000, 2000, scan.shape_zyx).astype(np.int16)
    out = resample_to_working(hu, scan, threads=2, progress=JobProgress())
    expected = hu.astype(float)
    for axis, spacing in enumerate(scan.spacing_zyx_mm):
        centres = np.clip((np.arange(out.shape[axis]) + 0.5) / spacing - 0.5, 0, hu.shape[axis] - 1)
        positions = np.arange(hu.shape[axis])
        expected = np.apply_along_axis(
            lambda line, c=centres, p=positions: np.interp(c, p, line), axis, expected
        )
    assert np.abs(out - expected).max() <= 0.51


def test_one_voxel_thin_axes_and_odd_shapes_work() -> None:
    scan = Geometry((1, 2, 3), (5.0, 0.4, 7.0), (0, 0, 0))
    out = resample_to_working(
        np.full((1, 2, 3), 77, np.int16), scan, threads=1, progress=JobProgress()
    )
    assert out.shape == (5, 1, 21)
    assert (out == 77).all()
