"""`spineviewer precision`: check whether segmentation loses accuracy in int8 or bf16."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from spineviewer.agreement import score
from spineviewer.command_parser import CommandParser, description_from
from spineviewer.errors import UsageError
from spineviewer.fusion import ExtendedAttention, Fusion
from spineviewer.inference.backends.backend import Backend
from spineviewer.inference.device import choose_device, load_backend
from spineviewer.inference.localise import localise
from spineviewer.inference.segment import empty_probability, segment, slice_interest
from spineviewer.model import ModelConfiguration, Precision, load_configuration, save_configuration
from spineviewer.preprocess import working_volume
from spineviewer.progress import JobProgress
from spineviewer.resources import models_dir
from spineviewer.threads import compute_threads
from spineviewer.training.evaluation.cohort import find_cases
from spineviewer.training.evaluation.evaluate import print_to
from spineviewer.training.evaluation.reference_case import ReferenceCase, read_reference

#: Largest accepted drop in Dice in each case.
MAX_DICE_DROP = 0.002
PRECISIONS: tuple[Precision, ...] = ("int8", "bf16")


@dataclass(frozen=True)
class DicePair:
    """Dice of one case in full precision and in the precision under test."""

    name: str
    full: float
    other: float

    @property
    def passes(self) -> bool:
        return self.full - self.other <= MAX_DICE_DROP


def compare(
    case: ReferenceCase, configuration: ModelConfiguration, backends: Sequence[Backend]
) -> DicePair:
    """Return the Dice of a case with two backends at the default tuning.

    The first backend computes the attention map for both.
    """
    settings, quiet = configuration.preprocessing, JobProgress()
    defaults = configuration.defaults
    working = working_volume(case.scan, settings, threads=compute_threads(), progress=quiet)
    attention = localise(working, backends[0], settings=settings, progress=quiet)
    slices = working.geometry.shape_zyx[2]
    dice = []
    for backend in backends:
        probability = segment(
            working,
            backend,
            known=empty_probability(working),
            wanted=ExtendedAttention(attention).needed_slices(defaults),
            interest=slice_interest(attention, slices),
            settings=settings,
            progress=quiet,
            on_chunk=lambda _: None,
        )
        mask = Fusion(attention, probability).mask(defaults).voxels
        dice.append(
            score(mask, case.spine, case.scan.geometry.spacing_zyx_mm, ignore=case.ignored).dice
        )
    return DicePair(case.name, *dice)


def main(argv: Sequence[str]) -> int:
    """Run the command; print the result to stdout."""
    arguments = _parser().parse_args(argv)
    configuration = load_configuration(arguments.models or models_dir())
    backends = _backends(configuration, arguments.precision)
    found = []
    for case in find_cases(arguments.data):
        found.append(compare(read_reference(case), configuration, backends))
        print_to(
            sys.stderr,
            f"{found[-1].name}: f32 {found[-1].full:.4f}, {arguments.precision} "
            f"{found[-1].other:.4f}",
        )
    is_passed = all(case.passes for case in found)
    allowed: Precision = arguments.precision if is_passed else "f32"
    if arguments.write:
        save_configuration(replace(configuration, cpu_precision=allowed))
    answer = {
        "weights_hash": configuration.weights_hash,
        "precision": arguments.precision,
        "passed": is_passed,
        "cases": {case.name: {"f32": case.full, arguments.precision: case.other} for case in found},
        "written": allowed if arguments.write else None,
    }
    most = max(case.full - case.other for case in found)
    verdict = "passed" if is_passed else "FAILED"
    text = (
        f"{arguments.precision} {verdict}: the largest drop in Dice is {max(0.0, most):.4f} "
        f"(limit {MAX_DICE_DROP:g}, cases: {len(found)})."
    )
    if arguments.write:
        text += f" The model's cpu_precision is now {allowed}."
    print_to(sys.stdout, json.dumps(answer, indent=2) if arguments.json else text)
    return 0


def _backends(configuration: ModelConfiguration, precision: Precision) -> tuple[Backend, Backend]:
    if precision == "int8" and not configuration.eight_bit_ranges:
        raise UsageError("These weights were published without int8 ranges. Publish them again.")
    pair: tuple[Precision, Precision] = ("f32", precision)
    full, other = (
        load_backend(choose_device("cpu"), replace(configuration, cpu_precision=allowed))
        for allowed in pair
    )
    if other.identity.precision.partition("+")[0] != precision:
        raise UsageError(
            f"This processor does not support {precision} natively; run this on one that does."
        )
    return full, other


def _parser() -> CommandParser:
    parser = CommandParser(prog="spineviewer precision", description=description_from(__doc__))
    parser.add_folder("--data", "folder of cases that were not used for training", is_required=True)
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="int8",
        help="the precision to compare with f32",
    )
    parser.add_folder("--models", "folder of the model (default: the program's own)")
    parser.add_flag(
        "--write",
        "allow this precision in the model if the check passes; otherwise require full precision",
    )
    parser.add_flag("--json", "print one JSON object instead of text")
    return parser
