"""`spineviewer tune`: find the thresholds and the sigma with the best mean Dice. Paper: §2.1.

Both networks run once per case. Then only the fusion is repeated: for each sigma, the smoothed map
is sampled at the voxels of bone, and counting these samples once evaluates all thresholds.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.command_parser import CommandParser
from spineviewer.errors import UsageError
from spineviewer.fusion import Fusion
from spineviewer.inference.device import DEVICES, choose_device, load_backend
from spineviewer.model import load_configuration, save_configuration
from spineviewer.resources import models_dir
from spineviewer.training.evaluation import plots
from spineviewer.training.evaluation.cohort import find_cases
from spineviewer.training.evaluation.evaluate import print_to
from spineviewer.training.evaluation.reference_case import read_reference, run_networks
from spineviewer.tuning import Tuning

#: Default values to try.
THRESHOLDS = tuple(round(0.02 * n, 2) for n in range(1, 31))
SIGMAS_MM = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0)
SEGMENTATION_THRESHOLDS = (0.5,)
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class TuningGrid:
    """The values to try, in ascending order.

    Raises
    ------
    UsageError
        When a list is empty or a number is out of range.
    """

    thresholds: tuple[float, ...] = THRESHOLDS
    sigmas_mm: tuple[float, ...] = SIGMAS_MM
    segmentation_thresholds: tuple[float, ...] = SEGMENTATION_THRESHOLDS

    def __post_init__(self) -> None:
        if not (self.thresholds and self.sigmas_mm and self.segmentation_thresholds):
            raise UsageError(
                "There is nothing to try: specify at least one threshold and one sigma."
            )
        for values in itertools.product(
            self.thresholds, self.sigmas_mm, self.segmentation_thresholds
        ):
            Tuning(*values)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a table of Dice: (segmentation thresholds, sigmas, thresholds)."""
        return len(self.segmentation_thresholds), len(self.sigmas_mm), len(self.thresholds)


def dice_table(
    fusion: Fusion, reference: BoolArray, ignore: BoolArray | None, grid: TuningGrid
) -> NDArray[np.float64]:
    """Return the Dice of the fused mask for every combination: float64, shape `grid.shape`.

    Parameters
    ----------
    reference, ignore
        bool, shape (z, y, x) of the scan's grid; ignored voxels are excluded from both masks.
    """
    kept = np.ones(reference.shape, bool) if ignore is None else ~ignore
    n_reference = int(np.count_nonzero(reference & kept))
    # A sigmoid is never 0, so an attention threshold of 0 keeps all bone.
    bones = [
        np.flatnonzero(fusion.mask(Tuning(0.0, 0.0, t)).voxels & kept)
        for t in grid.segmentation_thresholds
    ]
    table = np.empty(grid.shape)
    for column, sigma_mm in enumerate(grid.sigmas_mm):
        smoothed = fusion.extended.volume(sigma_mm).ravel()
        for row, bone in enumerate(bones):
            # Number of thresholds that each voxel exceeds; equality does not count, as in fusion.
            passed = np.searchsorted(np.array(grid.thresholds), smoothed[bone], side="left")
            n_marked = _count_above(passed, len(grid.thresholds))
            n_both = _count_above(passed[reference.ravel()[bone]], len(grid.thresholds))
            total = n_marked + n_reference
            table[row, column] = np.where(total > 0, 2 * n_both / np.maximum(total, 1), 1.0)
    return table


def best_settings(table: NDArray[np.float64], grid: TuningGrid) -> Tuning:
    """Return the tuning with the highest mean Dice.

    `table` is the Dice of each case: float64, shape (cases, *grid.shape).
    """
    row, column, index = (
        int(i) for i in np.unravel_index(int(table.mean(axis=0).argmax()), grid.shape)
    )
    return Tuning(grid.thresholds[index], grid.sigmas_mm[column], grid.segmentation_thresholds[row])


def main(argv: Sequence[str]) -> int:
    """Run the command; print the best values to stdout."""
    arguments = _parser().parse_args(argv)
    grid = TuningGrid(
        tuple(sorted(arguments.thresholds)),
        tuple(sorted(arguments.sigmas_mm)),
        tuple(sorted(arguments.segmentation_thresholds)),
    )
    cases = find_cases(arguments.data)
    configuration = load_configuration(models_dir())
    backend = load_backend(choose_device(arguments.device), configuration)
    tables = []
    for case in cases:
        reference = read_reference(case)
        fusion = run_networks(reference.scan, backend, configuration.preprocessing)
        tables.append(dice_table(fusion, reference.spine, reference.ignored, grid))
        print_to(
            sys.stderr,
            f"{len(tables)}/{len(cases)}  {case.resolve().name}: best Dice {tables[-1].max():.3f}",
        )
    table = np.stack(tables)
    best = replace(
        best_settings(table, grid), leaves_out_islands=configuration.defaults.leaves_out_islands
    )
    arguments.out.mkdir(parents=True, exist_ok=True)
    answer = _answer(cases, table, best, grid, configuration.weights_hash)
    (arguments.out / "tuning.json").write_text(
        json.dumps(answer, indent=1) + "\n", encoding="utf-8"
    )
    row = grid.segmentation_thresholds.index(best.segmentation_threshold)
    title = (
        f"Mean Dice (cases: {len(cases)}), segmentation threshold {best.segmentation_threshold:g}"
    )
    picture = plots.dice_table(
        table.mean(axis=0)[row], thresholds=grid.thresholds, sigmas_mm=grid.sigmas_mm, title=title
    )
    picture.savefig(arguments.out / "tuning.png")
    if arguments.write:
        save_configuration(replace(configuration, defaults=best))
    text = (
        json.dumps({key: answer[key] for key in ("best", "mean_dice", "cases")}, indent=2)
        if arguments.json
        else _text(answer)
    )
    print_to(sys.stdout, text)
    print_to(
        sys.stderr,
        f"Written to {arguments.out}: tuning.json, "
        f"tuning.png{'; the defaults of the model were updated' if arguments.write else ''}",
    )
    return 0


def _count_above(passed: NDArray[np.intp], n_thresholds: int) -> NDArray[np.int64]:
    """Return the number of voxels above each threshold: int64, shape (thresholds,).

    `passed` is the number of thresholds that each voxel exceeds.
    """
    counts = np.bincount(passed, minlength=n_thresholds + 1)
    return np.cumsum(counts[::-1])[::-1][1:].astype(np.int64)


def _answer(
    cases: Sequence[Path],
    table: NDArray[np.float64],
    best: Tuning,
    grid: TuningGrid,
    weights_hash: str,
) -> dict[str, Any]:
    best_index = (
        grid.segmentation_thresholds.index(best.segmentation_threshold),
        grid.sigmas_mm.index(best.sigma_mm),
        grid.thresholds.index(best.attention_threshold),
    )
    return {
        "weights_hash": weights_hash,
        "best": asdict(best),
        "mean_dice": float(table.mean(axis=0)[best_index]),
        "cases": {
            case.resolve().name: {"dice": float(values[best_index]), "at_best": float(values.max())}
            for case, values in zip(cases, table, strict=True)
        },
        "grid": asdict(grid),
        "mean_dice_table": np.round(table.mean(axis=0), 5).tolist(),
    }


def _text(answer: dict[str, Any]) -> str:
    best = answer["best"]
    lines = [
        f"Attention threshold     {best['attention_threshold']:g}",
        f"Sigma                   {best['sigma_mm']:g} mm",
        f"Segmentation threshold  {best['segmentation_threshold']:g}",
        f"Mean Dice               {answer['mean_dice']:.4f}",
    ]
    lines += [
        f"  {name}: {scores['dice']:.4f} (best for this case: {scores['at_best']:.4f})"
        for name, scores in answer["cases"].items()
    ]
    return "\n".join(lines)


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="spineviewer tune",
        description="Find the thresholds and the sigma with the best mean Dice on a set of cases.",
    )
    parser.add_folder("--data", "folder of cases that were not used for training", is_required=True)
    parser.add_folder("--out", "folder for table and plot", default="out/tuning")
    parser.add_argument(
        "--thresholds",
        type=float,
        nargs="+",
        metavar="T",
        default=THRESHOLDS,
        help="attention thresholds to try (default: 0.02 to 0.6 in steps of 0.02)",
    )
    parser.add_argument(
        "--sigmas-mm", type=float, nargs="+", metavar="S", default=SIGMAS_MM, help="sigmas to try"
    )
    parser.add_argument(
        "--segmentation-thresholds",
        type=float,
        nargs="+",
        metavar="P",
        default=SEGMENTATION_THRESHOLDS,
        help="segmentation thresholds to try",
    )
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    parser.add_flag("--write", "store the best values as the model's defaults")
    parser.add_flag("--json", "print one JSON object instead of text")
    return parser
