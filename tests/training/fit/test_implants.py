"""Screws and rods in real cases."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from spineviewer.model import PreprocessSettings
from spineviewer.training.fit.cases import IGNORED, load_synthetic
from spineviewer.training.fit.implants import HIGHEST_HU, main, random_screws, with_screws
from spineviewer.training.synthetic.tissues import ForeignRanges


@pytest.fixture
def label() -> np.ndarray:
    """Return the label of a column of 150 mm; the body is in front (small y) of the arch."""
    label = np.zeros((150, 90, 90), np.uint8)
    label[:, 20:50, 30:60] = 1
    label[:, 50:70, 40:50] = 1
    return label


def scan(label: np.ndarray) -> np.ndarray:
    return np.where(label == 1, 200, 50).astype(np.int16)


def test_screws_run_forwards_and_inwards_from_behind_the_spine(label: np.ndarray) -> None:
    for seed in range(10):
        rods = random_screws(label, np.random.default_rng(seed), ForeignRanges())
        screws = [rod for rod in rods if rod.start_zyx[1] < 40]
        assert 2 <= len(screws) <= 10 and len(screws) % 2 == 0
        for screw in screws:
            tip, head = screw.start_zyx, screw.end_zyx
            assert label[tuple(np.rint(np.clip(tip, 0, 149)).astype(int))] == 1
            assert head[1] > tip[1] + 5
            assert abs(head[2] - 44.5) > abs(tip[2] - 44.5)


def test_metal_is_bright_and_its_streaks_stay_in_its_slices(label: np.ndarray) -> None:
    for seed in range(6):
        before = scan(label)
        after = with_screws(before, label, np.random.default_rng(seed))
        with_metal = (after > 2000).any(axis=(1, 2))
        assert with_metal.any()
        assert after.max() <= HIGHEST_HU
        changed = np.flatnonzero((after != before).any(axis=(1, 2)))
        metal = np.flatnonzero(with_metal)
        assert (after[metal] != before[metal]).mean() > 0.05
        # the rods' slices and the blur of the streaks; the rest of the scan stays
        assert all(np.abs(metal - z).min() <= 8 for z in changed)


def test_the_same_seed_gives_the_same_screws_and_another_seed_others(label: np.ndarray) -> None:
    one, two, three = (
        with_screws(scan(label), label, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, three)


def test_a_scan_without_spine_stays_as_it_is() -> None:
    empty = np.zeros((30, 40, 40), np.uint8)
    assert random_screws(empty, np.random.default_rng(0), ForeignRanges()) == []
    assert np.array_equal(with_screws(scan(empty), empty, np.random.default_rng(0)), scan(empty))


def test_the_command_writes_cases_whose_reference_is_unchanged_and_whose_streaks_are_reduced(
    label: np.ndarray, tmp_path: Path
) -> None:
    case = tmp_path / "data" / "column"
    case.mkdir(parents=True)
    ignored = np.zeros_like(label)
    ignored[:4] = 1
    # the file's axes are (x, y, z) towards left, back and head
    for name, array in (("ct", scan(label)), ("mask", label), ("ignore", ignored)):
        image = nibabel.Nifti1Image(array.transpose(2, 1, 0), np.diag([-1.0, -1.0, 1.0, 1.0]))
        nibabel.save(image, case / f"{name}.nii.gz")
    pool = tmp_path / "pool"
    assert main(["--case", str(case), "--out", str(pool), "--seed", "4"]) == 0
    (path,) = pool.iterdir()
    assert path.name == "column-with-screws-4.npz"
    with np.load(path) as arrays:
        assert np.array_equal(arrays["mask"], np.where(ignored, IGNORED, label))
        assert np.array_equal(
            arrays["hu"], with_screws(scan(label), label, np.random.default_rng(4))
        )
    streaky = load_synthetic(path, tmp_path / "streaky", PreprocessSettings(metal_hu=0)).hu
    reduced = load_synthetic(path, tmp_path / "reduced", PreprocessSettings()).hu
    muscle = ~(label.transpose(2, 0, 1) == 1) & (streaky < 1000)
    assert np.abs(reduced[muscle] - 50.0).mean() < np.abs(streaky[muscle] - 50.0).mean()
