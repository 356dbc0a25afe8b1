"""From two training runs to a models folder."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from spineviewer.errors import UsageError
from spineviewer.model import load_configuration, save_configuration
from spineviewer.networks.weights import (
    load_attention_net,
    load_segmentation_net,
    read_weights,
    save_weights,
)
from spineviewer.training.fit import publish as publishing
from spineviewer.training.fit.fitting import Trainer, TrainingConfig

RANGES = {"up.0.convolutions.0": (2.0, 3.0), "down.0.convolutions.0": (1.5,)}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two untrained runs.

    The ranges for int8 are not measured, because that needs the whole sample scan.
    """
    monkeypatch.setattr(publishing, "activation_ranges", lambda *_, **__: RANGES)
    monkeypatch.setattr(publishing, "working_volume", lambda *_, **__: None)
    folders = []
    for net in ("attention", "segmentation"):
        config = TrainingConfig(
            net, width=4, patch_sides=(32, 32) if net == "attention" else (8, 32, 32)
        )
        folder = tmp_path / net
        folder.mkdir()
        (folder / "training.json").write_text(json.dumps(asdict(config)))
        Trainer(config, folder, torch.device("cpu")).save()
        folders.append(folder)
    return folders[0], folders[1]


def test_published_weights_run_in_full_precision_even_if_earlier_ones_were_allowed_eight_bits(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    first = publishing.publish(*runs, tmp_path / "models", "one")
    save_configuration(
        replace(first, cpu_precision="int8", defaults=replace(first.defaults, sigma_mm=12.0))
    )
    publishing.publish(*runs, tmp_path / "models", "two")
    found = load_configuration(tmp_path / "models")
    assert (found.version, found.cpu_precision, found.defaults.sigma_mm) == ("two", "f32", 12.0)
    assert found.eight_bit_ranges == RANGES
    assert load_segmentation_net(found)


def test_a_new_attention_network_does_not_change_the_segmentation_network(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    models = tmp_path / "models"
    first = publishing.publish(*runs, models, "one")
    save_configuration(replace(first, cpu_precision="int8"))
    config = TrainingConfig("attention", width=4, patch_sides=(32, 32), seed=2)
    Trainer(config, runs[0], torch.device("cpu")).save()
    assert (
        publishing.main(["--attention", str(runs[0]), "--models", str(models), "--version", "two"])
        == 0
    )
    found = load_configuration(models)
    assert (found.version, found.cpu_precision, found.eight_bit_ranges) == ("two", "int8", RANGES)
    assert found.segmentation == first.segmentation and found.attention != first.attention
    assert load_attention_net(found)


def test_a_new_segmentation_network_does_not_change_the_attention_network(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    models = tmp_path / "models"
    first = publishing.publish(*runs, models, "one")
    save_configuration(replace(first, cpu_precision="int8"))
    command = ["--segmentation", str(runs[1]), "--models", str(models), "--version", "two"]
    assert publishing.main([*command, "--shift", "0.5"]) == 0
    found = load_configuration(models)
    assert (found.version, found.cpu_precision) == ("two", "f32")
    assert found.attention == first.attention and found.segmentation != first.segmentation


def test_a_network_cannot_be_kept_where_none_is_published_and_one_must_be_given(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="Specify both runs"):
        publishing.publish(None, runs[1], tmp_path / "models", "one")
    with pytest.raises(UsageError, match="nothing to publish"):
        publishing.main(["--models", str(tmp_path / "models"), "--version", "one"])
    assert not (tmp_path / "models").exists()


def test_a_run_with_otherwise_prepared_scans_is_refused(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    models = tmp_path / "models"
    publishing.publish(*runs, models, "one")
    path = runs[1] / "training.json"
    content = json.loads(path.read_text())
    content["preprocessing"]["metal_hu"] = 0
    path.write_text(json.dumps(content))
    for chosen in (runs, (None, runs[1])):
        with pytest.raises(UsageError, match="differently prepared"):
            publishing.publish(*chosen, models, "two")


def test_a_fraction_of_the_published_weights_is_kept(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    models = tmp_path / "models"
    with pytest.raises(UsageError, match="no weights to average with"):
        publishing.publish(*runs, models, "one", published_fraction=0.25)
    first = publishing.publish(*runs, models, "one")
    before = read_weights(models / first.segmentation.file)
    after = {name: value + 1 for name, value in before.items()}
    save_weights(after, runs[1] / "segmentation.safetensors")
    second = publishing.publish(*runs, models, "two", published_fraction=0.25)
    mean = read_weights(models / second.segmentation.file)
    assert all(torch.allclose(mean[name], value + 0.75) for name, value in before.items())
    assert load_segmentation_net(load_configuration(models))


def test_the_last_bias_is_shifted_and_nothing_else(runs: tuple[Path, Path], tmp_path: Path) -> None:
    plain = publishing.publish(*runs, tmp_path / "plain", "one")
    shifted = publishing.publish(*runs, tmp_path / "shifted", "one", logit_shift=0.3)
    one, two = (read_weights(model.folder / model.segmentation.file) for model in (plain, shifted))
    assert torch.allclose(two.pop("head.bias"), one.pop("head.bias") + 0.3)
    assert all(torch.equal(two[name], value) for name, value in one.items())


def test_a_run_without_weights_is_reported(runs: tuple[Path, Path], tmp_path: Path) -> None:
    (runs[1] / "segmentation.safetensors").unlink()
    with pytest.raises(UsageError, match=r"segmentation\.safetensors|no weights"):
        publishing.publish(*runs, tmp_path / "models", "one")
