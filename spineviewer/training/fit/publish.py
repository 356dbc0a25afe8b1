"""`spineviewer publish`: copy trained weights into the models folder, with their hash."""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import safetensors.torch

from spineviewer.errors import UsageError
from spineviewer.inference.ranges import activation_ranges
from spineviewer.io.scan import read_scan
from spineviewer.model import (
    ModelConfiguration,
    WeightsFile,
    load_configuration,
    save_configuration,
)
from spineviewer.networks.weights import load_attention_net, load_segmentation_net, read_weights
from spineviewer.preprocess import working_volume
from spineviewer.progress import JobProgress
from spineviewer.resources import assets_dir, models_dir
from spineviewer.threads import compute_threads
from spineviewer.training.evaluation.cohort import SCAN_FILE, find_cases
from spineviewer.training.fit.fitting import TrainingConfig, config_from_file
from spineviewer.tuning import Tuning

#: Default tuning until `spineviewer tune` finds a better one on validation cases.
FIRST_DEFAULTS = Tuning(attention_threshold=0.1, sigma_mm=8.0, leaves_out_islands=True)


def publish(
    attention_run: Path,
    segmentation_run: Path,
    models: Path,
    version: str,
    calibration: Path | None = None,
    *,
    kept_share: float = 0.0,
    logit_shift: float = 0.0,
) -> ModelConfiguration:
    """Copy the weights of two runs into a models folder and describe them in `model.json`.

    Thresholds of an existing model are kept; tune them afterwards. The precision on processors is
    reset to full: whether int8 costs accuracy differs between weights, so `spineviewer precision
    --write` enables it after a comparison. The value ranges that int8 needs are measured here, on
    the bundled sample scan.

    Parameters
    ----------
    calibration
        Folder of cases on which the ranges are measured as well; never test cases.
    kept_share
        Share of the published segmentation weights in the mean that is published: 0 replaces them.
        Choice: the mean of the weights before and after a short training on difficult places
        retains what the former knew about ordinary ones (Wortsman et al., CVPR 2022).
    logit_shift
        Added to the last bias of the segmentation network. Choice: training on false positives more
        often than they occur makes the network too cautious. The shift makes a probability of 0.5
        the best threshold again.

    Raises
    ------
    UsageError
        When a run has no weights yet, when the two runs were trained on differently prepared scans,
        or when weights are kept and none are published.
    ModelError
        When the weights do not match the networks that the runs describe.
    """
    configs = {
        name: _run_config(run)
        for name, run in (("attention", attention_run), ("segmentation", segmentation_run))
    }
    if configs["attention"].preprocessing != configs["segmentation"].preprocessing:
        raise UsageError(
            "The two runs prepared their scans differently. Choose runs with the same "
            "preprocessing."
        )
    models.mkdir(parents=True, exist_ok=True)
    before = load_configuration(models) if (models / "model.json").is_file() else None
    if kept_share and before is None:
        raise UsageError(f"{models} has no weights to average with. Leave out --keep.")
    files: dict[str, Any] = {}
    for name, run in (("attention", attention_run), ("segmentation", segmentation_run)):
        content = _weights_of(run, name)
        if kept_share and before is not None and name == "segmentation":
            content = _mean(models / before.segmentation.file, content, kept_share)
        if logit_shift and name == "segmentation":
            content = _shifted(content, logit_shift)
        (models / f"{name}.safetensors").write_bytes(content)
        files[name] = WeightsFile(
            f"{name}.safetensors", hashlib.sha256(content).hexdigest(), configs[name].width
        )
    configuration = ModelConfiguration(
        folder=models,
        version=version,
        preprocessing=configs["attention"].preprocessing,
        defaults=before.defaults if before else FIRST_DEFAULTS,
        **files,
    )
    load_attention_net(configuration)
    load_segmentation_net(configuration)
    settings = configs["attention"].preprocessing
    scans = [next((assets_dir() / "sample").glob("*_ct.nii.gz"))]
    scans += [case / SCAN_FILE for case in find_cases(calibration)] if calibration else []
    workings = (
        working_volume(read_scan(scan), settings, threads=compute_threads(), progress=JobProgress())
        for scan in scans
    )
    ranges = activation_ranges(workings, configuration, settings=settings, progress=JobProgress())
    configuration = replace(configuration, eight_bit_ranges=ranges)
    save_configuration(configuration)
    return configuration


def publish_attention(run: Path, models: Path, version: str) -> ModelConfiguration:
    """Replace only the attention network of the published model.

    Thresholds, precision and the ranges for int8 are kept, because they concern the segmentation
    network. Tune the thresholds afterwards.

    Raises
    ------
    UsageError
        When the run has no weights yet, or prepared its scans differently from the published
        network.
    ModelError
        When nothing is published, or the weights do not match the network that the run describes.
    """
    before, config = load_configuration(models), _run_config(run)
    if config.preprocessing != before.preprocessing:
        raise UsageError(
            "The run and the published segmentation network prepared their scans differently. "
            "Choose "
            "a run with the same preprocessing."
        )
    content = _weights_of(run, "attention")
    (models / before.attention.file).write_bytes(content)
    weights = WeightsFile(before.attention.file, hashlib.sha256(content).hexdigest(), config.width)
    configuration = replace(before, version=version, attention=weights)
    load_attention_net(configuration)
    save_configuration(configuration)
    return configuration


def main(argv: list[str]) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="spineviewer publish", description="Put trained weights into a models folder."
    )
    parser.add_argument(
        "--attention",
        type=Path,
        required=True,
        help="output folder of 'spineviewer train attention'",
    )
    parser.add_argument(
        "--segmentation",
        type=Path,
        help="output folder of 'spineviewer train segmentation' (default: keep the published "
        "network)",
    )
    parser.add_argument("--models", type=Path, default=None, help="default: the program's own")
    parser.add_argument(
        "--version", required=True, help="version of this pair of weights, for example a date"
    )
    parser.add_argument(
        "--calibration",
        type=Path,
        metavar="FOLDER",
        help="calibration cases for int8 ranges (never test cases)",
    )
    parser.add_argument(
        "--keep",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="average with the published segmentation weights; SHARE (0 to 1) is their proportion",
    )
    parser.add_argument(
        "--shift",
        type=float,
        default=0.0,
        metavar="LOGITS",
        help="number added to the last bias of the network, chosen on validation cases",
    )
    options = parser.parse_args(argv)
    models = options.models or models_dir()
    if options.segmentation is None:
        configuration = publish_attention(options.attention, models, options.version)
    else:
        configuration = publish(
            options.attention,
            options.segmentation,
            models,
            options.version,
            options.calibration,
            kept_share=options.keep,
            logit_shift=options.shift,
        )
    sys.stdout.write(
        f"{configuration.folder}: version {configuration.version}, weights "
        f"{configuration.weights_hash}\n"
    )
    return 0


def _mean(published: Path, content: bytes, kept_share: float) -> bytes:
    """Return the weights of `content` with a share of published ones, as the bytes of a file."""
    before, after = read_weights(published), safetensors.torch.load(content)
    if {name: value.shape for name, value in before.items()} != {
        name: value.shape for name, value in after.items()
    }:
        raise UsageError(
            f"The run's network differs from the published one in {published}. Leave out --keep."
        )
    mean = {
        name: kept_share * before[name] + (1 - kept_share) * value for name, value in after.items()
    }
    return safetensors.torch.save(mean)


def _shifted(content: bytes, logits: float) -> bytes:
    """Return the segmentation weights of a file with the last bias shifted."""
    state = safetensors.torch.load(content)
    state["head.bias"] = state["head.bias"] + logits
    return safetensors.torch.save(state)


def _run_config(run: Path) -> TrainingConfig:
    return config_from_file(run / "training.json", {})


def _weights_of(run: Path, name: str) -> bytes:
    path = run / f"{name}.safetensors"
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"No weights in {run}: {path.name} is missing. Train first (spineviewer train {name})."
        ) from error
