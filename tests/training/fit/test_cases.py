"""The cache of prepared training cases."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.model import PreprocessSettings
from spineviewer.training.fit.cases import (
    IGNORED,
    kind_of,
    load_case,
    load_synthetic,
    prepare_case,
    save_case,
    working_label,
)
from spineviewer.volume.geometry import Geometry


@pytest.fixture
def synthetic(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    path = tmp_path / "case.npz"
    np.savez(
        path,
        hu=rng.integers(-200, 300, (20, 24, 28), np.int16),
        mask=rng.integers(0, 2, (20, 24, 28)).astype(np.uint8),
    )
    return path


def _write_case(folder: Path, mask: NDArray[np.uint8], ignored: NDArray[np.uint8]) -> Geometry:
    """Write both files of a case with voxels of 1 mm; return its grid."""
    for name, values in (("mask", mask), ("ignore", ignored)):
        image = nibabel.Nifti1Image(values.transpose(2, 1, 0), np.diag([-1.0, -1.0, 1.0, 1.0]))
        nibabel.save(image, folder / f"{name}.nii.gz")
    return Geometry(mask.shape, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))


def test_a_case_is_loaded_as_sagittal_slices(tmp_path: Path) -> None:
    hu = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
    save_case(tmp_path / "case", hu, (hu % 2).astype(np.uint8))
    case = load_case(tmp_path / "case")
    assert case.hu.shape == (4, 2, 3)
    assert case.hu[3, 1, 2] == hu[1, 2, 3]
    assert (case.label[tuple(case.spine.T)] == 1).all()


def test_parallel_trainings_all_get_a_complete_prepared_case(
    synthetic: Path, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(4) as pool:
        cases = list(
            pool.map(
                lambda _: load_synthetic(synthetic, tmp_path / "cache", PreprocessSettings()),
                range(4),
            )
        )
    with np.load(synthetic) as arrays:
        assert all(np.array_equal(case.label, arrays["mask"].transpose(2, 0, 1)) for case in cases)


def test_an_interrupted_preparation_leaves_no_apparent_case(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = load_synthetic(synthetic, tmp_path / "other", PreprocessSettings())

    def broken(file, arr) -> None:  # type: ignore[no-untyped-def]
        file.write(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "save", broken)
        with pytest.raises(KeyboardInterrupt):
            load_synthetic(synthetic, tmp_path / "cache", PreprocessSettings())
    again = load_synthetic(synthetic, tmp_path / "cache", PreprocessSettings())
    assert np.array_equal(again.hu, whole.hu)


def test_a_synthetic_case_is_prepared_again_for_other_settings_and_another_file(
    synthetic: Path, tmp_path: Path
) -> None:
    plain = PreprocessSettings(diffusion_iterations=0)
    with np.load(synthetic) as arrays:
        hu, mask = arrays["hu"], arrays["mask"]
    smooth = np.asarray(load_synthetic(synthetic, tmp_path / "cache", PreprocessSettings()).hu)
    assert not np.array_equal(smooth, hu.transpose(2, 0, 1))
    assert np.array_equal(
        load_synthetic(synthetic, tmp_path / "cache", plain).hu, hu.transpose(2, 0, 1)
    )
    np.savez(synthetic, hu=hu[:10], mask=mask[:10])
    assert load_synthetic(synthetic, tmp_path / "cache", plain).hu.shape == (28, 10, 24)


def test_a_case_is_prepared_again_after_its_reference_was_corrected(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    mask = np.zeros((10, 12, 14), np.uint8)
    mask[2:6, 2:6, 2:6] = 1
    scan = nibabel.Nifti1Image(np.zeros((14, 12, 10), np.int16), np.diag([-1.0, -1.0, 1.0, 1.0]))
    nibabel.save(scan, folder / "ct.nii.gz")

    def label() -> NDArray[np.uint8]:
        return load_case(prepare_case(folder, tmp_path / "cache", PreprocessSettings())).label

    noisy = np.random.default_rng(0).integers(0, 2, mask.shape, np.uint8)
    for corrected in (mask, noisy):
        _write_case(folder, corrected, np.zeros_like(mask))
        assert np.array_equal(label() == 1, corrected.transpose(2, 0, 1) == 1)
    ignored = np.zeros_like(mask)
    ignored[7:, 8:10, 8:11] = 1
    _write_case(folder, mask, ignored)
    assert (label() == IGNORED).any()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("synthetic-metal-066100", "metal"),
        ("synthetic-thick-slices-066500", "thick-slices"),
        ("synthetic-whole-mixed-070000", "whole-mixed"),
        ("metal-095001", "metal"),
        ("lidc-0314-in-body-1", "in-body"),
        ("verse005-with-screws-2", "with-screws"),
        ("phantom", "phantom"),
    ],
)
def test_the_name_of_a_synthetic_case_tells_its_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_marrow_that_an_ignored_vertebra_at_the_end_of_the_scan_encloses_is_ignored(
    tmp_path: Path,
) -> None:
    ignored = np.zeros((20, 24, 28), np.uint8)
    ignored[12:, 4:20, 4:20] = 1
    ignored[14:, 6:18, 6:18] = 0  # marrow, open at the last slice
    ignored[2:4, 6:18, 6:18] = 1  # encloses nothing
    mask = np.zeros_like(ignored)
    mask[4:10, 4:20, 4:20] = 1
    grid = _write_case(tmp_path, mask, ignored)
    expected = mask.copy()
    expected[12:, 4:20, 4:20] = expected[2:4, 6:18, 6:18] = IGNORED
    assert np.array_equal(working_label(tmp_path, grid), expected)


def test_ignored_bone_around_the_canal_leaves_the_canal_as_background(tmp_path: Path) -> None:
    ignored = np.zeros((20, 24, 28), np.uint8)
    ignored[12:, 4:20, 4:20] = 1
    ignored[12:, 8:16, 8:16] = 0  # the canal, open at its lower end
    grid = _write_case(tmp_path, np.zeros_like(ignored), ignored)
    assert np.array_equal(working_label(tmp_path, grid), np.where(ignored, IGNORED, 0))
