"""`spineviewer evaluate`: compare a mask with a reference, or evaluate a folder of cases."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spineviewer.agreement import SURFACE_MM
from spineviewer.command_parser import CommandParser, description_from
from spineviewer.errors import UsageError
from spineviewer.training.evaluation.far import FAR_MM
from spineviewer.training.evaluation.pair import IGNORE_FILE, PairResult, evaluate_pair
from spineviewer.volume.levels import level_name


def pair_text(result: PairResult) -> str:
    """Return a result as lines of text."""
    scores = result.scores
    lines = [
        f"Dice       {scores.dice:.4f}",
        f"Precision  {_formatted(scores.precision, '.4f')}",
        f"Recall     {_formatted(scores.recall, '.4f')}",
        f"HD95       {_formatted(scores.hd95_mm, '.2f', ' mm')}",
        f"ASSD       {_formatted(scores.assd_mm, '.3f', ' mm')}",
        f"Surface    {scores.surface_dice:.4f} normalised surface Dice at {SURFACE_MM:g} mm",
        f"Volume     {scores.mask_ml:.1f} ml, reference {scores.reference_ml:.1f} ml",
        f"Stray      {scores.stray_ml:.2f} ml more than 10 mm from the reference",
        f"Far        {result.far_ml:.2f} ml more than {FAR_MM:g} mm from the line through the "
        f"reference",
    ]
    if result.ignore:
        lines.append(f"Ignored    {scores.ignored_ml:.1f} ml, marked in {result.ignore}")
    if result.vertebrae:
        lines.append(
            "Vertebrae  "
            + ", ".join(f"{level_name(v.label)} {v.dice:.3f}" for v in result.vertebrae)
            + " (Dice)"
        )
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    """Run the command; print the results to stdout."""
    arguments = _parser().parse_args(argv)
    if arguments.data is None:
        return _evaluate_pair_command(arguments)
    # Imported here, because a single pair needs neither pictures nor processes.
    from spineviewer.training.evaluation.cohort import CohortOptions, evaluate_cohort

    if arguments.mask or arguments.reference or arguments.ignore:
        raise UsageError(
            "Specify either one pair (--reference REF MASK) or a folder (--data FOLDER), not both."
        )
    options = CohortOptions(
        data=arguments.data,
        out=arguments.out,
        masks=arguments.masks,
        processes=arguments.processes,
        segment_arguments=_segment_arguments(arguments),
    )
    return evaluate_cohort(
        options, say=lambda line: print_to(sys.stderr, line), is_json=arguments.json
    )


def print_to(stream: Any, text: str) -> None:
    """Write and flush a line, so that a long run can be watched."""
    stream.write(text + "\n")
    stream.flush()


def _evaluate_pair_command(arguments: argparse.Namespace) -> int:
    if arguments.reference is None or arguments.mask is None:
        raise UsageError(
            "Specify a reference and a mask (--reference REF MASK), or a folder of cases (--data "
            "FOLDER)."
        )
    result = evaluate_pair(arguments.mask, arguments.reference, arguments.ignore)
    print_to(
        sys.stdout, json.dumps(result.record, indent=2) if arguments.json else pair_text(result)
    )
    return 0


def _segment_arguments(arguments: argparse.Namespace) -> tuple[str, ...]:
    named = {
        "--threshold": arguments.threshold,
        "--sigma-mm": arguments.sigma_mm,
        "--segmentation-threshold": arguments.segmentation_threshold,
        "--device": arguments.device,
    }
    return tuple(
        part for name, value in named.items() if value is not None for part in (name, str(value))
    )


def _parser() -> CommandParser:
    parser = CommandParser(prog="spineviewer evaluate", description=description_from(__doc__))
    parser.add_argument("mask", nargs="?", type=Path, metavar="MASK", help="mask to evaluate")
    parser.add_file(
        "--reference", "reference mask; vertebra numbers are used if present", metavar="REF"
    )
    parser.add_file(
        "--ignore", f"voxels to exclude from both masks (default: {IGNORE_FILE} next to REF)"
    )
    parser.add_flag("--json", "print one JSON object instead of text")
    folder = parser.add_argument_group("to evaluate cases (folders with ct.nii.gz and mask.nii.gz)")
    folder.add_argument(
        "--data", type=Path, metavar="FOLDER", help="folder of cases, or the folder of one case"
    )
    folder.add_argument(
        "--masks",
        type=Path,
        metavar="FOLDER",
        help="folder of masks to evaluate, named CASE.nii.gz; without this option, the cases are "
        "segmented",
    )
    folder.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        default=Path("out/evaluation"),
        help="folder for table, contact sheet and masks",
    )
    folder.add_argument(
        "--processes",
        type=int,
        metavar="N",
        default=max(1, (os.cpu_count() or 2) // 8),
        help="number of cases to process at the same time",
    )
    default = "(default: set by the model)"
    folder.add_argument(
        "--threshold", type=float, metavar="T", help=f"attention threshold {default}"
    )
    folder.add_argument(
        "--sigma-mm", type=float, metavar="S", help=f"smoothing of the attention map {default}"
    )
    folder.add_argument(
        "--segmentation-threshold",
        type=float,
        metavar="P",
        help=f"segmentation threshold {default}",
    )
    folder.add_argument(
        "--device", help="where to compute: auto, cpu, cuda, mps or intel-gpu (default: auto)"
    )
    return parser


def _formatted(value: float | None, form: str, unit: str = "") -> str:
    return "none (a mask is empty)" if value is None else f"{value:{form}}{unit}"
