"""Unevenly spaced slices on an even grid: at their positions, mixed by height, nothing invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.errors import ExportError
from spineviewer.io.dicom.series import plan_reading
from spineviewer.io.dicom.series_search import find_series
from spineviewer.io.dicom.series_voxels import decode_series
from spineviewer.io.scan import SeveralWaysError, read_scan
from spineviewer.io.write.export import write_mask
from spineviewer.volume.volume import SpineMask


def resampled(folder: Path) -> tuple[NDArray[np.int16], Any]:
    (group,) = find_series(folder).groups
    plan = plan_reading(group, "resampled")
    hu = np.full(plan.grid.shape_zyx, 9999, np.int16)
    decode_series(plan, hu)
    return hu, plan


@pytest.mark.parametrize("tilt_deg", [0.0, 15.0])
def test_linear_values_stay_linear_on_the_even_grid(scanner: Any, tilt_deg: float) -> None:
    tilt = np.radians(tilt_deg)
    scanner.orientation = (1.0, 0.0, 0.0, 0.0, float(np.cos(tilt)), -float(np.sin(tilt)))
    scanner.step_lps, scanner.spacing_mm = (0.0, 0.0, 1.0), (2.0, 0.5, 0.5)
    numbers = [0, 1, 2, 3, 4.5, 6.5, 7.5, 8.5]
    rows, columns = np.array(scanner.orientation[3:]), np.array(scanner.orientation[:3])
    index = np.stack(np.meshgrid(np.arange(30), np.arange(24), indexing="ij"), axis=-1) * 0.5
    places = np.stack(
        [scanner.position(n) + index[..., :1] * rows + index[..., 1:] * columns for n in numbers]
    )
    gradient = np.array([3.0, -4.0, 20.0])
    hu = np.rint(places @ gradient - 1800).astype(np.int16)

    values, plan = resampled(scanner.write(hu, numbers=numbers))

    grid = plan.grid
    assert grid.shape_zyx[0] == 9
    assert grid.spacing_zyx_mm[0] == pytest.approx(2.0 * np.cos(tilt))
    at = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape_zyx], indexing="ij"), axis=-1)
    expected = np.maximum(grid.point_lps_mm(at) @ gradient - 1800, -1024)
    inside = values > -1024
    inside[:, :11], inside[:, -11:] = False, False  # rows where a tilted slice has no pixel
    inside &= expected > -1000
    assert inside.sum() > 300
    assert np.abs(values[inside] - expected[inside]).max() <= 2.0
    assert "resampled" in " ".join(plan.warnings)


def test_an_even_grid_is_offered_after_the_runs_and_is_used_by_exports(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    folder = scanner.write(hu, numbers=[0, 1, 2, 3, 5, 6, 7])
    with pytest.raises(SeveralWaysError) as requested:
        read_scan(folder)
    assert requested.value.listing.best is requested.value.listing.series[0]
    way = requested.value.listing.series[-1]
    assert way.uid.endswith("@resampled")
    volume = read_scan(folder, series_uid=way.uid)
    assert volume.hu.shape == (8, 12, 10)
    assert np.array_equal(volume.hu[[0, 1, 2, 3, 5, 6, 7]], hu)
    assert np.abs(volume.hu[4] - (hu[3].astype(float) + hu[4]) / 2).max() <= 0.5
    mask = SpineMask(volume.hu > 300, volume.geometry)
    write_mask(mask, volume.source, tmp_path / "mask.nii.gz", {})
    assert nib.load(tmp_path / "mask.nii.gz").shape == (10, 12, 8)
    with pytest.raises(ExportError, match="was resampled"):
        write_mask(mask, volume.source, tmp_path / "mask.dcm", {})


def test_a_wide_gap_is_not_filled(scanner: Any, hu: NDArray[np.int16]) -> None:
    with pytest.raises(SeveralWaysError) as requested:
        read_scan(scanner.write(hu, numbers=[0, 1, 2, 30, 31, 32, 33]))
    assert not any("resampled" in way.uid for way in requested.value.listing.series)
