import json
import shutil

import nibabel
import numpy as np
import pytest

from spineviewer.agreement import score
from spineviewer.cli import main as segment_command
from spineviewer.errors import UsageError
from spineviewer.fusion import Fusion, attention_shape
from spineviewer.model import load_configuration
from spineviewer.training.evaluation.tune import (
    THRESHOLDS,
    TuningGrid,
    best_settings,
    dice_table,
    main,
)
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import AttentionMap, ProbabilityMap
from spineviewer.volume.working_grid import working_geometry

SCAN = Geometry((23, 37, 29), (2.1, 0.8, 1.3), (0.0, 0.0, 0.0))
GRID = TuningGrid((0.2, 0.35, 0.5, 0.65), (0.0, 3.0, 9.0), (0.3, 0.5))


@pytest.fixture(scope="module")
def fusion():
    random = np.random.default_rng(3)
    working = working_geometry(SCAN)
    values = random.integers(0, 65535, working.shape_zyx).astype(np.uint16)
    attention = AttentionMap(random.random(attention_shape(SCAN)).astype(np.float32), SCAN)
    return Fusion(
        attention, ProbabilityMap(values, np.ones(working.shape_zyx[2], bool), working, SCAN)
    )


@pytest.fixture(scope="module")
def reference():
    return np.random.default_rng(4).random(SCAN.shape_zyx) < 0.3


@pytest.mark.parametrize("has_ignored", [False, True])
def test_the_table_equals_scoring_every_fused_mask(fusion, reference, has_ignored):
    ignore = np.random.default_rng(5).random(SCAN.shape_zyx) < 0.2 if has_ignored else None
    table = dice_table(fusion, reference, ignore, GRID)
    for row, bone_threshold in enumerate(GRID.segmentation_thresholds):
        for column, sigma_mm in enumerate(GRID.sigmas_mm):
            for index, threshold in enumerate(GRID.thresholds):
                mask = fusion.mask(Tuning(threshold, sigma_mm, bone_threshold))
                expected = score(mask.voxels, reference, SCAN.spacing_zyx_mm, ignore=ignore).dice
                assert table[row, column, index] == pytest.approx(expected, abs=1e-12)


def test_a_mask_and_reference_both_empty_count_as_agreement(fusion):
    grid = TuningGrid((0.999,), (9.0,))
    assert dice_table(fusion, np.zeros(SCAN.shape_zyx, bool), None, grid).tolist() == [[[1.0]]]


def test_the_best_settings_are_those_of_the_highest_mean_over_the_cases():
    table = np.zeros((2, *GRID.shape))
    table[0, 0, 0, 0] = 1.0  # best for only one case
    table[:, 1, 2, 3] = 0.8  # best for both
    assert best_settings(table, GRID) == Tuning(0.65, 9.0, 0.5)


def test_the_thresholds_tried_ascend_within_zero_and_one():
    assert list(THRESHOLDS) == sorted(THRESHOLDS)
    assert 0 < THRESHOLDS[0] < THRESHOLDS[-1] < 1


@pytest.mark.parametrize(
    "values", [{"thresholds": ()}, {"thresholds": (1.5,)}, {"sigmas_mm": (-1.0,)}]
)
def test_a_grid_that_makes_no_sense_is_refused(values):
    with pytest.raises(UsageError):
        TuningGrid(**values)


def test_the_command_finds_the_settings_that_made_the_reference_and_writes_them(
    tiny_models, tmp_path, monkeypatch, capsys
):
    models = shutil.copytree(tiny_models, tmp_path / "models")
    monkeypatch.setenv("SPINEVIEWER_MODELS", str(models))
    random = np.random.default_rng(6)
    affine = np.diag([-1.3, -1.1, 2.0, 1.0])
    case = tmp_path / "data/one"
    case.mkdir(parents=True)
    nibabel.save(
        nibabel.Nifti1Image(random.integers(-100, 600, (35, 41, 30)).astype(np.int16), affine),
        case / "ct.nii.gz",
    )
    maps = [
        "--attention",
        str(case / "attention.nii.gz"),
        "--probability",
        str(case / "probability.nii.gz"),
    ]
    segment = [
        "segment",
        str(case / "ct.nii.gz"),
        "-o",
        str(case / "mask.nii.gz"),
        "--overwrite",
        "--sigma-mm",
        "3",
    ]
    assert segment_command([*segment, *maps]) == 0
    t, p = (round(float(np.median(nibabel.load(path).get_fdata())), 3) for path in maps[1::2])
    # The reference is the program's own mask with these settings, so nothing can be better.
    assert (
        segment_command([*segment, "--threshold", str(t), "--segmentation-threshold", str(p)]) == 0
    )
    assert 0.05 < nibabel.load(case / "mask.nii.gz").get_fdata().mean() < 0.95
    thresholds = [str(round(t + shift, 3)) for shift in (-0.02, 0.0, 0.02)]
    grid = [
        "--thresholds",
        *thresholds,
        "--sigmas-mm",
        "0",
        "3",
        "12",
        "--segmentation-thresholds",
        str(round(p - 0.02, 3)),
        str(p),
    ]
    out = tmp_path / "out"
    assert main(["--data", str(tmp_path / "data"), "--out", str(out), *grid, "--write"]) == 0
    answer = json.loads((out / "tuning.json").read_text())
    assert answer["best"] == {
        "attention_threshold": t,
        "sigma_mm": 3.0,
        "segmentation_threshold": p,
        "leaves_out_islands": False,
    }
    assert answer["mean_dice"] == 1.0
    assert load_configuration(models).defaults.sigma_mm == 3.0
    assert (out / "tuning.png").stat().st_size > 0
    assert "Sigma                   3 mm" in capsys.readouterr().out
