"""Whether int8 is enabled depends only on measured cases."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from spineviewer.cli import main as command
from spineviewer.errors import UsageError
from spineviewer.model import load_configuration, save_configuration
from spineviewer.training.evaluation import precision
from spineviewer.training.evaluation.precision import DicePair, main


@pytest.fixture
def models(tiny_models: Path, tmp_path: Path) -> Path:
    """A writable copy of the models, with arbitrary ranges for int8."""
    folder = Path(shutil.copytree(tiny_models, tmp_path / "models"))
    found = load_configuration(folder)
    names = [f"down.{level}.convolutions.{number}" for level in range(5) for number in range(2)]
    ranges = dict.fromkeys(names, (4.0,)) | {
        f"up.{n}.convolutions.0": (4.0,) * (4 * 2**n) for n in range(4)
    }
    save_configuration(replace(found, eight_bit_ranges=ranges))
    return folder


@pytest.fixture
def case(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case whose reference is the program's own mask, so that full precision has a Dice of 1."""
    monkeypatch.setenv("SPINEVIEWER_MODELS", str(models))
    folder = tmp_path / "cases" / "one"
    folder.mkdir(parents=True)
    hu = np.random.default_rng(0).normal(200, 300, (40, 48, 24)).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(hu, np.diag([-1.0, -1.0, 1.0, 1.0])), folder / "ct.nii.gz")
    assert (
        command(
            [
                "segment",
                str(folder / "ct.nii.gz"),
                "-o",
                str(folder / "mask.nii.gz"),
                "--device",
                "cpu",
            ]
        )
        == 0
    )
    return folder


def test_both_precisions_are_judged_by_the_programs_own_masks(
    case: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(case), "--models", str(models), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    dice = found["cases"]["one"]
    assert dice["f32"] == 1.0
    assert 0.5 < dice["int8"] < 1.0
    assert found["written"] is None
    assert load_configuration(models).cpu_precision == "f32"


@pytest.mark.parametrize(("other", "expected"), [(0.8981, "int8"), (0.8979, "f32"), (0.95, "int8")])
def test_eight_bits_are_written_only_if_every_case_passes(
    case: Path,
    models: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    other: float,
    expected: str,
) -> None:
    before = load_configuration(models)
    save_configuration(replace(before, cpu_precision="int8"))
    shutil.copytree(case, case.with_name("two"))
    dice = iter([DicePair("one", 0.9, 0.9), DicePair("two", 0.9, other)])
    monkeypatch.setattr(precision, "compare", lambda *_: next(dice))
    assert main(["--data", str(case.parent), "--models", str(models), "--write"]) == 0
    assert load_configuration(models) == replace(before, cpu_precision=expected)
    assert ("FAILED" in capsys.readouterr().out) == (expected == "f32")


def test_weights_without_ranges_are_reported(case: Path, tiny_models: Path) -> None:
    with pytest.raises(UsageError, match="Publish them again"):
        main(["--data", str(case), "--models", str(tiny_models)])
