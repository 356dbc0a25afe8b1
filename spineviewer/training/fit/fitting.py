"""`spineviewer train`: train a network on a folder of cases; resumable at any step.

Random choices depend only on the seed, the step and the process, so a run that was stopped and
resumed gives the same weights as one that was not. Several processes can be started with PyTorch's
launcher (`torchrun`); each draws different samples, and gradients are averaged.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from spineviewer.command_parser import CommandParser
from spineviewer.errors import InferenceError, UsageError
from spineviewer.model import PreprocessSettings
from spineviewer.networks.attention_net import AttentionNet, AttentionNetConfig
from spineviewer.networks.segmentation_net import SegmentationNet, SegmentationNetConfig
from spineviewer.networks.weights import read_weights, save_weights
from spineviewer.training.evaluation.plots import training_curve
from spineviewer.training.fit.augment import (
    AugmentSettings,
    Sample,
    attention_patch,
    segmentation_block,
)
from spineviewer.training.fit.bfloat16 import has_bfloat16
from spineviewer.training.fit.cases import (
    Case,
    case_folders,
    kind_of,
    load_synthetic,
    prepare_cases,
)
from spineviewer.training.fit.losses import (
    cross_entropy,
    dice_loss,
    fraction_loss,
    hard_voxel_loss,
)
from spineviewer.training.fit.mistakes import with_mistakes
from spineviewer.training.fit.standardisation import load_plain, plain_state, standardise_weights

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of one run. The defaults are those of the paper where it states a number.

    Attributes
    ----------
    net
        'attention' or 'segmentation'.
    learning_rate, warm_up_steps, decay_fraction
        The rate rises linearly to `learning_rate`, stays there, and then falls to 0 over the last
        `decay_fraction` of `steps`.
    patch_sides
        Segmentation: (slices, rows, columns). Attention: smallest and largest side, drawn for each
        step.
    cross_entropy_weight
        Weight of the cross-entropy, an additional loss (0: the paper's loss only). Choice: Dice has
        no gradient in blocks without spine, and the squared error of a sigmoid has none once all
        cells are near 0, which happens at spine fractions of a few percent.
    hard_voxel_weight
        Weight of a further loss of the segmentation network, that of the hardest voxels
        (`losses.hard_voxel_loss`).
    average_decay
        Decay per step of the moving average of the weights; a run publishes this average.
    synthetic_fraction
        Fraction of the samples taken from synthetic cases, if there are any.
    case_weights
        How often real cases are drawn, by name, relative to other real cases (default: 1); 0 leaves
        a case out.
    kind_weights
        How often a kind of synthetic case (`cases.kind_of`) is drawn relative to other kinds
        (default: 1), whatever the number of its cases; 0 leaves it out. Empty: every synthetic case
        is drawn equally often.
    held_out
        Cases in the training folder that are never trained on; their Dice is logged.
    mixed_precision
        bfloat16 convolutions, several times faster on processors that support them natively. On
        other processors, float32 is used, because emulated bfloat16 is twenty times slower
        (measured). Do not use it for very small blocks, for which the bfloat16 gradients of 3-D
        convolutions are wrong on CPUs (measured at 2 x 16 x 16; correct at the recipes' sizes; see
        also `networks.segmentation_net`).
    """

    net: str
    width: int = 16
    steps: int = 10000
    batch: int = 1
    learning_rate: float = 1e-4
    warm_up_steps: int = 200
    decay_fraction: float = 0.3
    weight_decay: float = 0.0
    patch_sides: tuple[int, ...] = (12, 192, 192)
    cross_entropy_weight: float = 0.0
    hard_voxel_weight: float = 0.0
    average_decay: float = 0.999
    synthetic_fraction: float = 0.5
    seed: int = 1
    checkpoint_steps: int = 250
    case_weights: dict[str, float] = field(default_factory=dict)
    kind_weights: dict[str, float] = field(default_factory=dict)
    held_out: tuple[str, ...] = ()
    mixed_precision: bool = True
    augment: AugmentSettings = field(default_factory=AugmentSettings)
    preprocessing: PreprocessSettings = field(default_factory=PreprocessSettings)


class Task(Protocol):
    """The parts in which the two networks differ: architecture, samples and loss."""

    def net(self) -> nn.Module: ...

    def sample(self, case: Case, sides: tuple[int, ...], rng: np.random.Generator) -> Sample: ...

    def sides(self, rng: np.random.Generator) -> tuple[int, ...]: ...

    def loss(self, net: nn.Module, images: Tensor, target: Tensor, weight: Tensor) -> Tensor: ...

    def score(self, net: nn.Module, sample: Sample, device: torch.device) -> float: ...


class SegmentationTask:
    """Blocks of neighbouring sagittal slices; Dice loss. Paper: §2.2."""

    def __init__(self, config: TrainingConfig) -> None:
        self._config = config

    def net(self) -> nn.Module:
        return SegmentationNet(SegmentationNetConfig(width=self._config.width))

    def sides(self, rng: np.random.Generator) -> tuple[int, ...]:
        return self._config.patch_sides

    def sample(self, case: Case, sides: tuple[int, ...], rng: np.random.Generator) -> Sample:
        size = (sides[0], sides[1], sides[2])
        return segmentation_block(case, size, self._config.augment, self._config.preprocessing, rng)

    def loss(self, net: nn.Module, images: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        logits = net(images.contiguous(memory_format=torch.channels_last_3d)).float()
        loss = dice_loss(logits, target, weight)
        if self._config.cross_entropy_weight:
            loss = loss + self._config.cross_entropy_weight * cross_entropy(logits, target, weight)
        if self._config.hard_voxel_weight:
            loss = loss + self._config.hard_voxel_weight * hard_voxel_loss(logits, target, weight)
        return loss

    def score(self, net: nn.Module, sample: Sample, device: torch.device) -> float:
        """Return the Dice of one block."""
        found = (net(_tensor(sample.image, device)) > 0).cpu().numpy()[0, 0] & (sample.weight > 0)
        wanted = (sample.target > 0) & (sample.weight > 0)
        return float((2 * (found & wanted).sum() + 1) / (found.sum() + wanted.sum() + 1))


class AttentionTask:
    """Patches of individual sagittal slices in air; mean squared error of the spine fraction.

    Paper: §2.1.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self._config = config

    def net(self) -> nn.Module:
        return AttentionNet(AttentionNetConfig(width=self._config.width))

    def sides(self, rng: np.random.Generator) -> tuple[int, ...]:
        smallest, largest = self._config.patch_sides
        return tuple(int(16 * rng.integers(smallest // 16, largest // 16 + 1)) for _ in range(2))

    def sample(self, case: Case, sides: tuple[int, ...], rng: np.random.Generator) -> Sample:
        return attention_patch(
            case, (sides[0], sides[1]), self._config.augment, self._config.preprocessing, rng
        )

    def loss(self, net: nn.Module, images: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        assert isinstance(net, AttentionNet)
        logits = net.forward_in_air(images).float()
        loss = fraction_loss(logits, target, weight)
        if self._config.cross_entropy_weight:
            loss = loss + self._config.cross_entropy_weight * cross_entropy(logits, target, weight)
        return loss

    def score(self, net: nn.Module, sample: Sample, device: torch.device) -> float:
        """Return the Dice of the cells that contain more than 5% spine."""
        assert isinstance(net, AttentionNet)
        found = (
            torch.sigmoid(net.forward_in_air(_tensor(sample.image, device)).float())
            .cpu()
            .numpy()[0, 0]
            > 0.05
        )
        wanted = sample.target > 0.05
        return float((2 * (found & wanted).sum() + 1) / (found.sum() + wanted.sum() + 1))


class SampleStream:
    """Batches that a thread prepares in advance; batch n depends only on (seed, rank, n)."""

    def __init__(
        self, task: Task, config: TrainingConfig, real: list[Case], synthetic: list[Case], rank: int
    ) -> None:
        self._task, self._config, self._rank = task, config, rank
        self._real = _WeightedCases(
            real, [config.case_weights.get(case.name, 1.0) for case in real]
        )
        self._synthetic = _WeightedCases(
            synthetic, _weights_by_kind(synthetic, config.kind_weights)
        )
        if not self._real.cases and not self._synthetic.cases:
            raise UsageError(
                "There is neither a real nor a synthetic training case. Check --data and "
                "--synthetic."
            )

    def batches(self, first_step: int, last_step: int) -> Iterator[list[Sample]]:
        steps = iter(range(first_step, last_step))
        with ThreadPoolExecutor(1) as pool:
            waiting = [pool.submit(self._batch, step) for step in islice(steps, 3)]
            while waiting:
                batch = waiting.pop(0).result()
                waiting += [pool.submit(self._batch, step) for step in islice(steps, 1)]
                yield batch

    def _batch(self, step: int) -> list[Sample]:
        rng = np.random.default_rng((self._config.seed, self._rank, step))
        sides = self._task.sides(rng)
        return [self._task.sample(self._case(rng), sides, rng) for _ in range(self._config.batch)]

    def _case(self, rng: np.random.Generator) -> Case:
        fraction = self._config.synthetic_fraction if self._real.cases else 1.0
        if self._synthetic.cases and rng.random() < fraction:
            return self._synthetic.draw(rng)
        return self._real.draw(rng)


class _WeightedCases:
    """Cases that are drawn with given weights; those with the weight 0 are left out."""

    def __init__(self, cases: list[Case], weights: list[float]) -> None:
        self.cases = [case for case, weight in zip(cases, weights, strict=True) if weight > 0]
        kept = np.array([weight for weight in weights if weight > 0])
        self._probability = kept / kept.sum() if len(kept) else kept

    def draw(self, rng: np.random.Generator) -> Case:
        return self.cases[int(rng.choice(len(self.cases), p=self._probability))]


def _weights_by_kind(cases: list[Case], kind_weights: dict[str, float]) -> list[float]:
    """Return a weight for each case; the weights of the cases of a kind add up to its weight."""
    if not cases or not kind_weights:
        return [1.0] * len(cases)
    counts = Counter(kind_of(case.name) for case in cases)
    for kind in sorted(kind_weights.keys() - counts.keys()):
        log.warning("there is no synthetic case of the kind '%s'", kind)
    return [kind_weights.get(kind, 1.0) / counts[kind] for kind in (kind_of(c.name) for c in cases)]


class Trainer:
    """One training run; its folder holds `checkpoint.pt`, `log.jsonl`, `curve.png` and weights."""

    def __init__(self, config: TrainingConfig, out: Path, device: torch.device) -> None:
        self.config, self.out, self.device = config, out, device
        self.task: Task = (
            AttentionTask(config) if config.net == "attention" else SegmentationTask(config)
        )
        torch.manual_seed(config.seed)
        net = self.task.net()
        standardise_weights(net)
        self.net = net.to(device)
        if config.net == "segmentation":
            # torch's type stub allows only 4-D
            self.net = self.net.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        self.average = AveragedModel(
            self.net,
            multi_avg_fn=get_ema_multi_avg_fn(config.average_decay),  # type: ignore[no-untyped-call]
        )
        self.optimizer = torch.optim.AdamW(
            self.net.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.step = 0
        self._stop_requested = False

    @property
    def checkpoint_path(self) -> Path:
        return self.out / "checkpoint.pt"

    def start_from(self, weights: Path) -> None:
        """Start from plain weights of the same network instead of random ones.

        A checkpoint that is resumed later replaces them.
        """
        state = read_weights(weights)
        load_plain(self.net, state)
        load_plain(self.average.module, state)

    def resume(self) -> None:
        """Resume from the checkpoint in the output folder, if there is one."""
        if self.checkpoint_path.is_file():
            saved = torch.load(self.checkpoint_path, map_location=self.device, weights_only=True)
            self.net.load_state_dict(saved["net"])
            self.average.load_state_dict(saved["average"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step = int(saved["step"])
            log.info("resumed at step %d", self.step)

    def save(self) -> None:
        """Write the checkpoint and the averaged weights, each atomically, and the curve."""
        state = {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
        }
        partial = self.checkpoint_path.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(self.checkpoint_path)
        save_weights(plain_state(self.average.module), self.out / f"{self.config.net}.safetensors")
        training_curve(self.out / "log.jsonl", self.out / "curve.png")

    def run(self, real: list[Case], synthetic: list[Case]) -> None:
        """Train until the configured number of steps is reached or `request_stop` is called."""
        self.run_until(self.config.steps, real, synthetic)

    def run_until(self, last_step: int, real: list[Case], synthetic: list[Case]) -> None:
        """Train until a step of the run is reached or `request_stop` is called, and save."""
        rank, world = _rank_and_world()
        held_out = [case for case in real if case.name in self.config.held_out]
        trained_on = [case for case in real if case.name not in self.config.held_out]
        stream = SampleStream(self.task, self.config, trained_on, synthetic, rank)
        checks = self._held_out_samples(held_out)
        losses: list[float] = []
        waited, since = 0.0, time.perf_counter()
        before = time.perf_counter()
        for samples in stream.batches(self.step, last_step):
            waited += time.perf_counter() - before
            losses.append(self._train_step(samples, world))
            self.step += 1
            if self.step % 50 == 0 and rank == 0:
                took = time.perf_counter() - since
                self._log(loss=float(np.mean(losses)), seconds=took, wait_fraction=waited / took)
                losses, waited, since = [], 0.0, time.perf_counter()
            if (
                self._stop_requested
                or self.step % self.config.checkpoint_steps == 0
                or self.step == last_step
            ):
                if rank == 0:
                    if checks:
                        self._log(held_out_score=self._score(checks))
                    self.save()
                since, waited = time.perf_counter(), 0.0
                if self._stop_requested:
                    break
            before = time.perf_counter()

    def _train_step(self, samples: list[Sample], world: int) -> float:
        torch.manual_seed(self.config.seed * 1_000_003 + self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.config, self.step)
        images, target, weight = (
            torch.from_numpy(np.stack([getattr(sample, name) for sample in samples])[:, None]).to(
                self.device
            )
            for name in ("image", "target", "weight")
        )
        self.net.train()
        with self._precision():
            loss = self.task.loss(self.net, images, target, weight)
        if not torch.isfinite(loss):
            raise InferenceError(
                f"Training of the {self.config.net} network failed at step {self.step + 1}: its "
                f"loss is not a number. The last checkpoint in {self.out} is intact. Start over "
                f"with a lower learning_rate or without mixed_precision."
            )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's stub
        if world > 1:
            for parameter in self.net.parameters():
                if parameter.grad is not None:
                    distributed.all_reduce(parameter.grad)
                    parameter.grad /= world
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        self.average.update_parameters(self.net)
        return float(loss.detach())

    def _held_out_samples(self, cases: list[Case]) -> list[Sample]:
        plain = replace(self.config, augment=AugmentSettings(0, 0, 0, 0, 0, off_spine_fraction=0.0))
        task = type(self.task)(plain)  # type: ignore[call-arg]  # both tasks take the configuration
        rng = np.random.default_rng(self.config.seed)
        return [task.sample(case, task.sides(rng), rng) for case in cases for _ in range(3)]

    def _score(self, checks: list[Sample]) -> float:
        self.average.module.eval()
        with torch.no_grad(), self._precision():
            return float(
                np.mean(
                    [self.task.score(self.average.module, sample, self.device) for sample in checks]
                )
            )

    def _log(self, **values: float) -> None:
        entry = {
            "step": self.step,
            "learning_rate": learning_rate(self.config, self.step),
            **values,
        }
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        log.info("%s", " ".join(f"{key} {value:.4g}" for key, value in entry.items()))

    def _precision(self) -> AbstractContextManager[Any]:
        is_mixed = self.config.mixed_precision and has_bfloat16(self.device)
        return torch.autocast(self.device.type, torch.bfloat16) if is_mixed else nullcontext()

    def request_stop(self, *_: object) -> None:
        """Ask the run to save and stop after the current step; can serve as a signal handler."""
        self._stop_requested = True


def learning_rate(config: TrainingConfig, step: int) -> float:
    """Return the learning rate at a step: warm-up, constant, linear decay to zero."""
    decay_steps = max(1.0, config.decay_fraction * config.steps)
    rising = min(1.0, (step + 1) / max(1, config.warm_up_steps))
    falling = min(1.0, max(0.0, (config.steps - step) / decay_steps))
    return config.learning_rate * rising * falling


def config_from_file(path: Path, changes: dict[str, Any]) -> TrainingConfig:
    """Return a run's configuration from a JSON recipe, overridden by `changes`.

    Raises
    ------
    UsageError
        When the file cannot be read, has an unknown setting, or lacks one that has no default.
    """
    try:
        content = {**_renamed(json.loads(path.read_text(encoding="utf-8"))), **changes}
        content["augment"] = AugmentSettings(**_renamed(content.get("augment", {})))
        content["preprocessing"] = PreprocessSettings(**content.get("preprocessing", {}))
        content["patch_sides"] = tuple(content["patch_sides"])
        content["held_out"] = tuple(content.get("held_out", ()))
        return TrainingConfig(**content)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(
            f"The training recipe {path} cannot be used ({error}). Correct it."
        ) from error


def _renamed(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings with current names; earlier runs and recipes call a fraction a share."""
    return {re.sub("_share$", "_fraction", name): value for name, value in settings.items()}


def main(argv: list[str]) -> int:
    """Run the command; return its exit code."""
    options = _parsed(argv)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", force=True
    )
    torch.set_num_threads(options.threads)
    recipe = options.config or Path(__file__).with_name("recipes") / f"{options.net}.json"
    changes = {"steps": options.steps} if options.steps else {}
    config = config_from_file(recipe, changes)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "training.json").write_text(
        json.dumps(asdict(config), indent=2) + "\n", encoding="utf-8"
    )
    cache = options.cache or options.out / "cases"
    real = (
        []
        if options.synthetic_only
        else prepare_cases(case_folders(options.data), cache, config.preprocessing)
    )
    synthetic = (
        _synthetic_cases(options.synthetic, cache / "synthetic", config.preprocessing)
        if options.synthetic
        else []
    )
    trainer = Trainer(config, options.out, torch.device(options.device))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, trainer.request_stop)
    if options.initial:
        trainer.start_from(options.initial)
    if options.mistakes:
        real = _with_mistakes(real, options.mistakes, cache, config.preprocessing)
        synthetic = _with_mistakes(
            synthetic, options.mistakes, cache / "synthetic", config.preprocessing
        )
    trainer.resume()
    trainer.run(real, synthetic)
    if distributed.is_initialized():
        distributed.destroy_process_group()
    return 0


def _with_mistakes(
    cases: list[Case], weights: Path, cache: Path, settings: PreprocessSettings
) -> list[Case]:
    """Return the cases with the places where a plain segmentation network makes errors."""
    state = read_weights(weights)
    net = SegmentationNet(SegmentationNetConfig(width=int(state["head.weight"].shape[1])))
    net.load_state_dict(state)
    net.eval()
    name = f"mistakes-{sha256(weights.read_bytes()).hexdigest()[:12]}.npy"
    found = [with_mistakes(case, net, settings, cache / case.name / name) for case in cases]
    log.info("%d voxels with errors", sum(len(case.mistakes) for case in found))
    return found


def _synthetic_cases(folder: Path, cache: Path, settings: PreprocessSettings) -> list[Case]:
    """Return the cases in the files (.npz) and folders that `synthesise` and `phantom` wrote."""
    pool = [load_synthetic(path, cache, settings) for path in sorted(folder.glob("*.npz"))]
    folders = case_folders(folder)
    return [*pool, *(prepare_cases(folders, cache, settings) if folders else [])]


def _parsed(argv: list[str]) -> argparse.Namespace:
    parser = CommandParser(prog="spineviewer train", description="Train one of the two networks.")
    parser.add_argument("net", choices=["attention", "segmentation"], help="the network to train")
    parser.add_folder(
        "--data", "folder of cases (folders with ct.nii.gz and mask.nii.gz)", is_required=True
    )
    parser.add_folder(
        "--out",
        "folder for checkpoint, log and weights; a run in this folder is resumed",
        is_required=True,
    )
    parser.add_file("--config", "recipe, JSON (default: that of the shipped weights)")
    parser.add_folder(
        "--synthetic", "folder written by 'spineviewer synthesise' or 'phantom --case'"
    )
    parser.add_flag("--synthetic-only", "do not use real cases")
    parser.add_folder("--cache", "folder for prepared cases (default: in the output folder)")
    parser.add_file("--initial", "initial weights (.safetensors) instead of random ones")
    parser.add_file(
        "--mistakes",
        "weights (.safetensors) of a segmentation network; regions where it makes errors are "
        "sampled more often",
    )
    parser.add_count("--steps", "number of steps (default: the recipe's)")
    parser.add_count(
        "--threads",
        "CPU threads (default: half of the processors)",
        default=max(1, (os.cpu_count() or 2) // 2),
    )
    parser.add_argument(
        "--device",
        default="cuda" if torch.cuda.is_available() else "cpu",
        metavar="DEVICE",
        help="cpu or cuda (default: cuda if available)",
    )
    return parser.parse_args(argv)


def _rank_and_world() -> tuple[int, int]:
    return (
        (distributed.get_rank(), distributed.get_world_size())
        if distributed.is_initialized()
        else (0, 1)
    )


def _tensor(image: np.ndarray[Any, np.dtype[np.float32]], device: torch.device) -> Tensor:
    return torch.from_numpy(image[None, None]).to(device)
