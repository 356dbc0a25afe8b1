"""Diffusion and scaling compared with their plain formulas."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.model import PreprocessSettings
from spineviewer.preprocess import diffused, scaled, working_volume
from spineviewer.progress import JobProgress
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource

QUIET = JobProgress()


def plain_diffusion(
    hu: NDArray[np.int16], spacing: tuple[float, float, float], settings: PreprocessSettings
) -> NDArray[np.float64]:
    """Return Perona-Malik diffusion by its plain formula; nothing flows through the border."""
    values = np.maximum(hu, -1024).astype(float)
    inverse = [1 / s**2 for s in spacing]
    step = 0.8 / (2 * sum(inverse))
    for _ in range(settings.diffusion_iterations):
        change = np.zeros_like(values)
        for axis in range(3):
            padded = np.pad(
                values, [(1, 1) if k == axis else (0, 0) for k in range(3)], mode="edge"
            )
            for shift in (0, 2):
                difference = (
                    np.take(padded, range(shift, shift + values.shape[axis]), axis=axis) - values
                )
                change += (
                    step
                    * inverse[axis]
                    * difference
                    / (1 + (difference / settings.conductance_hu) ** 2)
                )
        values = values + change
    return values


def test_the_streaming_filter_equals_the_plain_formula_over_band_borders() -> None:
    rng = np.random.default_rng(1)
    settings = PreprocessSettings()
    for shape, spacing in [
        ((53, 20, 17), (1.0, 1.0, 1.0)),
        ((40, 9, 33), (2.5, 0.5, 0.7)),
        ((1, 5, 5), (5.0, 1.0, 1.0)),
    ]:
        hu = rng.normal(100, 200, shape).astype(np.int16)
        out = diffused(hu, Geometry(shape, spacing, (0, 0, 0)), settings, threads=2, progress=QUIET)
        assert np.abs(out - plain_diffusion(hu, spacing, settings)).max() <= 0.51


def test_noise_is_smoothed_and_a_cortical_edge_is_kept() -> None:
    rng = np.random.default_rng(2)
    step = np.where(np.arange(40) < 20, 50, 900)
    hu = (step[None, None, :] + rng.normal(0, 20, (20, 40, 40))).astype(np.int16)
    out = diffused(
        hu,
        Geometry((20, 40, 40), (1.0, 1.0, 1.0), (0, 0, 0)),
        PreprocessSettings(),
        threads=1,
        progress=QUIET,
    )
    assert out[:, :, :15].std() < 0.5 * hu[:, :, :15].std()
    assert out[:, :, 20].mean() - out[:, :, 19].mean() > 800


def test_padding_counts_as_air() -> None:
    hu = np.full((3, 4, 4), -3024, np.int16)
    for settings in (PreprocessSettings(), PreprocessSettings(diffusion_iterations=0)):
        out = diffused(
            hu, Geometry((3, 4, 4), (1.0, 1.0, 1.0), (0, 0, 0)), settings, threads=1, progress=QUIET
        )
        assert (out == -1024).all()


def test_scaled_air_is_zero_and_the_highest_hu_is_one() -> None:
    hu = np.array([-1024, -300, 500, 1300, 3071], np.int16)
    assert scaled(hu, PreprocessSettings()).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_cropping_a_scan_changes_no_voxel_far_from_the_cut() -> None:
    """This is the reason for a conductance in HU: ITK's depends on the whole image."""
    rng = np.random.default_rng(4)
    hu = rng.normal(0, 100, (30, 24, 24)).astype(np.int16)
    whole = diffused(
        hu,
        Geometry((30, 24, 24), (1.0, 1.0, 1.0), (0, 0, 0)),
        PreprocessSettings(),
        threads=1,
        progress=QUIET,
    )
    part = diffused(
        hu[:15],
        Geometry((15, 24, 24), (1.0, 1.0, 1.0), (0, 0, 0)),
        PreprocessSettings(),
        threads=1,
        progress=QUIET,
    )
    assert np.array_equal(whole[:10], part[:10])


def test_the_working_volume_is_ordered_by_sagittal_slice_in_memory() -> None:
    geometry = Geometry((6, 5, 4), (2.0, 1.0, 1.0), (0, 0, 0))
    source = ScanSource(path=Path("x"), format=ScanFormat.MEMORY, grid=geometry, order=AxisOrder())
    volume = CtVolume(np.zeros((6, 5, 4), np.int16), geometry, source)
    working = working_volume(volume, PreprocessSettings(), threads=1, progress=QUIET)
    assert working.hu.shape == (12, 5, 4)
    assert working.hu.transpose(2, 0, 1).flags.c_contiguous
    assert working.scan is geometry
