"""`spineviewer publish`: copy trained weights to the models folder, with their hash."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import safetensors.torch

from spineviewer.command_parser import CommandParser
from spineviewer.errors import UsageError
from spineviewer.inference.ranges import activation_ranges
from spineviewer.io.scan import read_scan
from spineviewer.model import (
    ModelConfiguration,
    PreprocessSettings,
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
    attention_run: Path | None,
    segmentation_run: Path | None,
    models: Path,
    version: str,
    calibration: Path | None = None,
    *,
    published_fraction: float = 0.0,
    logit_shift: float = 0.0,
) -> ModelConfiguration:
    """Copy the weights of runs into a models folder; return the contents of its `model.json`.

    The tuning of an existing model is kept; tune again afterwards. A new segmentation network is
    used in full precision at first, because whether int8 costs accuracy depends on the weights.
    The value ranges that int8 needs are measured here, on the bundled sample scan and the
    calibration cases; `spineviewer precision --write` enables int8 after a comparison.

    Parameters
    ----------
    attention_run, segmentation_run
        Output folders of `spineviewer train`; None keeps the published network.
    calibration
        Folder of calibration cases; never test cases.
    published_fraction
        Weight of the previously published segmentation weights in the mean that is published; 0
        replaces them. Choice: the mean of the weights before and after a short training on
        difficult places retains what the old weights knew about ordinary ones (Wortsman et al.,
        CVPR 2022).
    logit_shift
        Added to the last bias of the segmentation network. Choice: training on false positives more
        often than they occur in reality makes the network too cautious. The shift makes a
        probability of 0.5 the best threshold again.

    Raises
    ------
    UsageError
        When a run has no weights yet, when the networks were trained on differently prepared scans,
        or when published weights are needed and are missing or belong to another network.
    ModelError
        When the weights do not match the networks that the runs describe.
    """
    before = load_configuration(models) if (models / "model.json").is_file() else None
    runs = {"attention": attention_run, "segmentation": segmentation_run}
    if before is None and None in runs.values():
        raise UsageError(f"{models} has no weights to keep. Specify both runs.")
    if published_fraction and before is None:
        raise UsageError(f"{models} has no weights to average with. Leave out --keep.")
    configs = {name: _run_config(run) for name, run in runs.items() if run is not None}
    settings = _common_preprocessing(before, configs)
    contents = {name: _weights_of(run, name) for name, run in runs.items() if run is not None}
    if segmentation_run is not None:
        content = contents["segmentation"]
        if published_fraction and before is not None:
            content = _mean(models / before.segmentation.file, content, published_fraction)
        contents["segmentation"] = _shifted(content, logit_shift) if logit_shift else content
    models.mkdir(parents=True, exist_ok=True)
    files = {"attention": before.attention, "segmentation": before.segmentation} if before else {}
    for name, content in contents.items():
        (models / f"{name}.safetensors").write_bytes(content)
        files[name] = WeightsFile(
            f"{name}.safetensors", hashlib.sha256(content).hexdigest(), configs[name].width
        )
    configuration = ModelConfiguration(
        folder=models,
        version=version,
        preprocessing=settings,
        attention=files["attention"],
        segmentation=files["segmentation"],
        defaults=before.defaults if before else FIRST_DEFAULTS,
    )
    load_attention_net(configuration)
    load_segmentation_net(configuration)
    if segmentation_run is None and before is not None:
        configuration = replace(
            configuration,
            cpu_precision=before.cpu_precision,
            eight_bit_ranges=before.eight_bit_ranges,
        )
    else:
        configuration = replace(
            configuration, eight_bit_ranges=_measured_ranges(configuration, calibration)
        )
    save_configuration(configuration)
    return configuration


def _common_preprocessing(
    before: ModelConfiguration | None, configs: dict[str, TrainingConfig]
) -> PreprocessSettings:
    """Return how scans are prepared for both networks; one of them may already be published."""
    found = [config.preprocessing for config in configs.values()]
    if before is not None and len(configs) < 2:
        found.append(before.preprocessing)
    if any(settings != found[0] for settings in found):
        raise UsageError(
            "The two networks were trained on differently prepared scans. Choose runs with the "
            "same preprocessing."
        )
    return found[0]


def _measured_ranges(
    configuration: ModelConfiguration, calibration: Path | None
) -> dict[str, tuple[float, ...]]:
    """Return the value ranges that int8 needs, from the sample scan and the calibration cases."""
    settings = configuration.preprocessing
    scans = [next((assets_dir() / "sample").glob("*_ct.nii.gz"))]
    scans += [case / SCAN_FILE for case in find_cases(calibration)] if calibration else []
    workings = (
        working_volume(read_scan(scan), settings, threads=compute_threads(), progress=JobProgress())
        for scan in scans
    )
    return activation_ranges(workings, configuration, settings=settings, progress=JobProgress())


def main(argv: list[str]) -> int:
    """Run the command; return its exit code."""
    parser = CommandParser(
        prog="spineviewer publish", description="Put trained weights into a models folder."
    )
    parser.add_folder(
        "--attention",
        "output folder of 'spineviewer train attention' (default: keep the published network)",
    )
    parser.add_folder(
        "--segmentation",
        "output folder of 'spineviewer train segmentation' (default: keep the published network)",
    )
    parser.add_folder("--models", "models folder (default: the program's own)")
    parser.add_argument(
        "--version",
        required=True,
        metavar="TEXT",
        help="version of this pair of weights, for example a date",
    )
    parser.add_folder(
        "--calibration", "folder of calibration cases for int8 ranges (never test cases)"
    )
    parser.add_argument(
        "--keep",
        type=float,
        default=0.0,
        metavar="FRACTION",
        help="average with the published segmentation weights; FRACTION (0 to 1) is their weight "
        "in the mean",
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
    if options.attention is None and options.segmentation is None:
        raise UsageError("There is nothing to publish. Specify --attention or --segmentation.")
    configuration = publish(
        options.attention,
        options.segmentation,
        models,
        options.version,
        options.calibration,
        published_fraction=options.keep,
        logit_shift=options.shift,
    )
    sys.stdout.write(
        f"{configuration.folder}: version {configuration.version}, weights "
        f"{configuration.weights_hash}\n"
    )
    return 0


def _mean(published: Path, content: bytes, published_fraction: float) -> bytes:
    """Return the weighted mean of the published weights and `content`, as the bytes of a file."""
    before, after = read_weights(published), safetensors.torch.load(content)
    if {name: value.shape for name, value in before.items()} != {
        name: value.shape for name, value in after.items()
    }:
        raise UsageError(
            f"The run's network differs from the published one in {published}. Leave out --keep."
        )
    mean = {
        name: published_fraction * before[name] + (1 - published_fraction) * value
        for name, value in after.items()
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
