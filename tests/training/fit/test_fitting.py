"""Training: that it learns, and that a stopped run resumes exactly."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
import safetensors.torch
import torch

from spineviewer.errors import InferenceError, UsageError
from spineviewer.networks.segmentation_net import SegmentationNet, SegmentationNetConfig
from spineviewer.networks.weights import save_weights
from spineviewer.training.fit.augment import AugmentSettings
from spineviewer.training.fit.cases import Case, kind_of
from spineviewer.training.fit.fitting import (
    SampleStream,
    SegmentationTask,
    Trainer,
    TrainingConfig,
    config_from_file,
    learning_rate,
)
from spineviewer.training.fit.standardisation import plain_state, standardise_weights

TINY = TrainingConfig(
    net="segmentation", width=2, steps=6, patch_sides=(4, 32, 32), warm_up_steps=2,
    learning_rate=0.01,
    cross_entropy_weight=1.0, checkpoint_steps=3, mixed_precision=False,
    augment=AugmentSettings(noise_hu=20, mirror=True),
)  # fmt: skip
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def cases() -> list[Case]:
    label = np.zeros((20, 64, 64), np.uint8)
    label[6:14, 20:44, 20:44] = 1
    hu = np.where(label == 1, 600, 0).astype(np.int16)
    return [Case("box", hu, label, np.argwhere(label == 1).astype(np.int32))]


HARD = replace(TINY, hard_voxel_weight=0.5, kind_weights={"metal": 3.0})


@pytest.mark.parametrize("config", [TINY, HARD])
def test_a_run_that_was_stopped_and_resumed_gives_the_same_weights(
    config: TrainingConfig, cases: list[Case], tmp_path: Path
) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    synthetic = [replace(cases[0], name=name) for name in ("synthetic-metal-1", "synthetic-neck-1")]
    Trainer(config, tmp_path / "whole", CPU).run(cases, synthetic)
    first = Trainer(config, tmp_path / "parts", CPU)
    first.run_until(3, cases, synthetic)
    second = Trainer(config, tmp_path / "parts", CPU)
    second.resume()
    assert second.step == 3
    second.run(cases, synthetic)
    whole, parts = (
        (tmp_path / name / "segmentation.safetensors").read_bytes() for name in ("whole", "parts")
    )
    assert whole == parts


def test_the_loss_of_hard_voxels_changes_the_weights(cases: list[Case], tmp_path: Path) -> None:
    weights = []
    for name, config in (("plain", TINY), ("hard", replace(TINY, hard_voxel_weight=0.5))):
        (tmp_path / name).mkdir()
        Trainer(config, tmp_path / name, CPU).run(cases, [])
        weights.append((tmp_path / name / "segmentation.safetensors").read_bytes())
    assert weights[0] != weights[1]


def test_a_kind_is_drawn_as_often_as_its_weight_says_however_many_cases_it_has(
    cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [
        *(f"synthetic-metal-{n}" for n in range(8)),
        "synthetic-neck-1", "verse005-in-body-1", "synthetic-hip-1",
    ]  # fmt: skip
    synthetic = [replace(cases[0], name=name) for name in names]
    config = replace(TINY, batch=10, kind_weights={"metal": 2.0, "in-body": 3.0, "hip": 0.0})
    task = SegmentationTask(config)
    drawn: Counter[str] = Counter()
    monkeypatch.setattr(task, "sample", lambda case, *_: drawn.update([case.name]))
    list(SampleStream(task, config, [], synthetic, 0).batches(0, 600))
    by_kind = Counter({"metal": 0, "neck": 0, "in-body": 0, "hip": 0})
    for name, count in drawn.items():
        by_kind[kind_of(name)] += count
    assert [by_kind[kind] / 6000 for kind in ("metal", "neck", "in-body", "hip")] == pytest.approx(
        [2 / 6, 1 / 6, 3 / 6, 0], abs=0.03
    )
    assert all(150 < drawn[f"synthetic-metal-{n}"] < 350 for n in range(8))


def test_a_run_whose_loss_is_not_a_number_stops_and_leaves_its_last_checkpoint(
    cases: list[Case], tmp_path: Path
) -> None:
    Trainer(TINY, tmp_path, CPU).run_until(3, cases, [])
    whole = (tmp_path / "checkpoint.pt").read_bytes()
    broken = Trainer(TINY, tmp_path, CPU)
    broken.resume()
    with torch.no_grad():
        next(broken.net.parameters()).fill_(float("nan"))
    with pytest.raises(InferenceError, match="at step 4: its loss is not a number"):
        broken.run(cases, [])
    assert (tmp_path / "checkpoint.pt").read_bytes() == whole


@pytest.mark.parametrize("net", ["segmentation", "attention"])
def test_the_loss_falls(net: str, cases: list[Case], tmp_path: Path) -> None:
    sides = (4, 32, 32) if net == "segmentation" else (32, 64)
    easy = AugmentSettings(rotation_deg=0, scaling=0, contrast=0, shift_hu=0, off_spine_fraction=0)
    config = replace(
        TINY,
        net=net,
        patch_sides=sides,
        width=4,
        steps=100,
        checkpoint_steps=1000,
        learning_rate=0.003,
        augment=easy,
    )
    Trainer(config, tmp_path, CPU).run(cases, [])
    losses = [
        json.loads(line)["loss"]
        for line in (tmp_path / "log.jsonl").read_text().splitlines()
        if '"loss"' in line
    ]
    assert losses[-1] < 0.9 * losses[0]


def test_saved_weights_are_plain_convolutions_with_the_output_of_the_trained_network() -> None:
    torch.manual_seed(0)
    trained = SegmentationNet(SegmentationNetConfig(width=2)).eval()
    standardise_weights(trained)
    plain = SegmentationNet(SegmentationNetConfig(width=2)).eval()
    plain.load_state_dict(safetensors.torch.load(safetensors.torch.save(plain_state(trained))))
    block = torch.randn(1, 1, 4, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(plain(block), trained(block))
        assert plain(block).std() > 1e-3


def test_a_run_can_start_from_plain_weights_with_the_same_output(tmp_path: Path) -> None:
    torch.manual_seed(3)
    before = SegmentationNet(SegmentationNetConfig(width=2)).eval()
    standardise_weights(before)
    save_weights(plain_state(before), tmp_path / "before.safetensors")
    (tmp_path / "run").mkdir()
    trainer = Trainer(TINY, tmp_path / "run", CPU)
    block = torch.randn(1, 1, 4, 32, 32)
    with torch.no_grad():
        assert not torch.allclose(trainer.net.eval()(block), before(block), atol=1e-3)
        trainer.start_from(tmp_path / "before.safetensors")
        torch.testing.assert_close(trainer.net.eval()(block), before(block))
        torch.testing.assert_close(trainer.average.module.eval()(block), before(block))


def test_the_learning_rate_rises_stays_and_falls_to_zero() -> None:
    config = replace(TINY, steps=100, warm_up_steps=10, decay_fraction=0.5, learning_rate=1.0)
    assert [learning_rate(config, step) for step in (0, 9, 49, 75, 100)] == pytest.approx(
        [0.1, 1.0, 1.0, 0.5, 0.0]
    )


@pytest.mark.parametrize("name", ["attention", "segmentation", "segmentation_hard"])
def test_the_shipped_recipes_can_be_read(name: str) -> None:
    recipe = (
        Path(__file__).parents[3] / "spineviewer" / "training" / "fit" / "recipes" / f"{name}.json"
    )
    assert config_from_file(recipe, {"steps": 7}).steps == 7


def test_the_names_of_settings_in_earlier_runs_are_still_read(tmp_path: Path) -> None:
    recipe = tmp_path / "training.json"
    recipe.write_text(
        '{"net": "segmentation", "patch_sides": [12, 64, 64], "decay_share": 0.4,'
        ' "augment": {"end_share": 0.2}}'
    )

    config = config_from_file(recipe, {})

    assert (config.decay_fraction, config.augment.end_fraction) == (0.4, 0.2)


def test_an_unknown_setting_in_a_recipe_is_reported(tmp_path: Path) -> None:
    recipe = tmp_path / "wrong.json"
    recipe.write_text('{"net": "attention", "patch_sides": [160, 352], "speed": 3}')
    with pytest.raises(UsageError, match=r"wrong\.json.*speed"):
        config_from_file(recipe, {})


@pytest.mark.slow
def test_two_processes_train_the_same_network_on_different_samples(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text(
        json.dumps(
            {
                "net": "segmentation",
                "width": 2,
                "patch_sides": [4, 32, 32],
                "mixed_precision": False,
                "checkpoint_steps": 2,
            }
        )
    )
    case = tmp_path / "pool"
    case.mkdir()
    mask = np.zeros((40, 40, 24), np.uint8)
    mask[10:30, 10:30, 6:18] = 1
    np.savez(case / "box.npz", hu=np.where(mask, 600, 0).astype(np.int16), mask=mask)
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
        "-m", "spineviewer",
        "train", "segmentation", "--data", str(tmp_path), "--synthetic", str(case),
        "--synthetic-only", "--config", str(recipe),
        "--out", str(tmp_path / "run"), "--steps", "4", "--threads", "1", "--device", "cpu",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    saved = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)
    assert saved["step"] == 4
    assert all(torch.isfinite(value).all() for value in saved["net"].values())


def test_a_run_finds_the_mistakes_of_given_weights_once(tmp_path: Path) -> None:
    labels = np.zeros((24, 32, 32), np.uint8)
    labels[6:18, 8:24, 8:24] = 1
    case = tmp_path / "data" / "one"
    case.mkdir(parents=True)
    for name, array in (("ct", labels.astype(np.int16) * 600), ("mask", labels)):
        nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), case / f"{name}.nii.gz")
    weights, recipe = tmp_path / "plain.safetensors", tmp_path / "recipe.json"
    save_weights(SegmentationNet(SegmentationNetConfig(width=2)).state_dict(), weights)
    recipe.write_text(
        json.dumps(
            {"net": "segmentation", "width": 2, "steps": 1, "patch_sides": [2, 16, 16],
             "mixed_precision": False, "augment": {"mistake_fraction": 1.0}}
        )
    )  # fmt: skip
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "spineviewer", "train", "segmentation", "--data",
        str(tmp_path / "data"), "--config", str(recipe), "--out", str(out),
        "--mistakes", str(weights), "--threads", "1", "--device", "cpu",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (found,) = (out / "cases" / "one").glob("mistakes-*.npy")
    assert np.load(found).shape[1] == 3
    assert (out / "segmentation.safetensors").is_file()
