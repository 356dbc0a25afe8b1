"""If values are not Hounsfield units, a warning says what they probably are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.io.hounsfield import value_warnings
from spineviewer.io.scan import read_scan


def patient_hu() -> NDArray[np.float64]:
    """Return air, tissue and bone with noise, shape (20, 30, 30)."""
    rng = np.random.default_rng(3)
    hu = np.full((20, 30, 30), -1000.0)
    hu[:, 5:25, 5:25] = 40
    hu[:, 12:16, 12:16] = np.linspace(200, 1500, 20)[:, None, None]
    return np.clip(np.rint(hu + rng.normal(0, 10, hu.shape)), -1024, 3071)


def labels() -> NDArray[np.uint8]:
    values = np.zeros((20, 30, 30), np.uint8)
    for level in range(1, 20):
        values[level, 10:20, 10:20] = level
    return values


CASES: dict[str, tuple[Any, str]] = {
    "0 to 1": (
        ((patient_hu() + 1024) / 4096).astype(np.float32),
        "between 0 and 1, so they are not HU",
    ),
    "-1 to 1": (
        (patient_hu() / 1500).clip(-1, 1).astype(np.float32),
        "between -1 and 1, so they are not HU",
    ),
    "grey levels": (
        ((patient_hu() + 1024) / 4096 * 255 * 2).clip(0, 255).astype(np.uint8),
        "grey levels of an ordinary image",
    ),
    "grey levels in floats": (
        ((patient_hu() + 1024) / 16).clip(0, 255).astype(np.float32),
        "grey levels of an ordinary image",
    ),
    "no offset": (
        (patient_hu() + 1024).astype(np.int16),
        "offset (often 1024) was not subtracted, or this is not a CT",
    ),
    "no offset, 12 bits": (
        (patient_hu() + 1024).astype(np.uint16),
        "offset (often 1024) was not subtracted",
    ),
    "MR": ((np.abs(patient_hu()) * 0.7 + 3).astype(np.uint16), "or this is not a CT"),
    "offset subtracted twice": ((patient_hu() - 1024).astype(np.int16), "subtracted twice"),
    "mask": ((patient_hu() > 300).astype(np.uint8), "like a mask or a label map: these are not HU"),
    "mask of 0 and 255": (
        (patient_hu() > 300).astype(np.uint8) * 255,
        "like a mask or a label map",
    ),
    "mask in floats": ((patient_hu() > 300).astype(np.float32), "like a mask or a label map"),
    "labels": (labels(), "like a mask or a label map"),
    "one number": (np.full((20, 30, 30), 0.5, np.float32), "All voxels have the same value (0.5)"),
    "nothing": (np.full((20, 30, 30), np.nan, np.float32), "No voxel contains a finite number"),
    "overflow": (
        np.where(patient_hu() > 300, 32000, patient_hu()).astype(np.int16),
        "may have overflowed",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_kind_of_numbers_is_reported_before_they_are_rounded(name: str, tmp_path: Path) -> None:
    values, words = CASES[name]
    nib.save(nib.Nifti1Image(values.T, np.diag([-1.8, -1.8, 2.5, 1])), tmp_path / "scan.nii")
    source = read_scan(tmp_path / "scan.nii").source
    warnings = source.warnings
    assert [words in warning for warning in warnings if "finite numbers; they" not in warning] == [
        True
    ]
    assert source.are_values_hu is (name in {"one number", "nothing"})


def with_infinite_voxels() -> NDArray[np.float32]:
    values = patient_hu().astype(np.float32)
    values[0, :3, 0] = np.nan, np.inf, -np.inf
    return values


@pytest.mark.parametrize(
    "values",
    [
        patient_hu(),
        patient_hu().astype(np.int16),
        patient_hu().clip(-200.5, 300),
        with_infinite_voxels(),
    ],
)
def test_hounsfield_units_cause_no_message(values: NDArray[Any]) -> None:
    assert value_warnings(values) == []
