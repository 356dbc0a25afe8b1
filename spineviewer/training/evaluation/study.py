"""`spineviewer study`: measure how robust the model is, on cases that were not used for training.

Each case is segmented in several versions: unchanged (with and without the attention map),
averaged into thick slices, and cropped to parts of its field of view. Where attention exceeds its
threshold, the bone probability of each voxel is compared with the reference, to find out whether
the model knows where it is wrong. The default settings are used.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.agreement import Scores, score, score_vertebrae
from spineviewer.command_parser import CommandParser, description_from
from spineviewer.errors import UsageError
from spineviewer.fusion import Fusion
from spineviewer.inference.backends.backend import Backend
from spineviewer.inference.device import DEVICES, choose_device, load_backend
from spineviewer.labelling.priors import load_fitted
from spineviewer.model import PreprocessSettings, load_configuration
from spineviewer.resources import models_dir
from spineviewer.training.evaluation import plots
from spineviewer.training.evaluation.cohort import find_cases
from spineviewer.training.evaluation.evaluate import print_to
from spineviewer.training.evaluation.far import far_ml
from spineviewer.training.evaluation.keypoint_study import outcomes, summary
from spineviewer.training.evaluation.markdown_table import cell, table_lines
from spineviewer.training.evaluation.measurement_study import study as study_of_measurements
from spineviewer.training.evaluation.reference_case import (
    ReferenceCase,
    read_reference,
    run_networks,
)
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry, Triple

BoolArray = NDArray[np.bool_]
SLABS_MM = (3.0, 5.0)
#: Parts of the field of view: lower and upper end, as fractions of the spine's extent.
CROPS = {"upper part": (0.45, 1.2), "lower part": (-0.2, 0.55), "middle": (0.25, 0.75)}
#: Limits of the classes of confidence, which is |probability - 1/2| x 2.
CONFIDENCE_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 1.0)
PROBABILITY_BINS = 20


def thick_slices(case: ReferenceCase, thickness_mm: float) -> ReferenceCase | None:
    """Return the case averaged over slabs of slices; None if its slices are about that thick.

    In each slab, the majority determines the reference. Choice: the mean signed distance from the
    surface breaks ties, because a fixed rule would move every surface outwards or inwards by half a
    slice; if this distance is 0, the voxel is background.
    """
    grid = case.scan.geometry
    count = int(thickness_mm / grid.spacing_zyx_mm[0] + 0.5)
    if count < 2:
        return None
    n = grid.shape_zyx[0] // count
    slabs = (n, count, *grid.shape_zyx[1:])
    hu = np.rint(case.scan.hu[: n * count].reshape(slabs).mean(axis=1, dtype=np.float32)).astype(
        np.int16
    )
    marked = case.labels[: n * count].reshape(slabs)
    n_marked = np.count_nonzero(marked, axis=1)
    depth_mm = _depth_mm(case.spine, grid.spacing_zyx_mm)[: n * count].reshape(slabs)
    is_spine = (2 * n_marked > count) | ((2 * n_marked == count) & (depth_mm.sum(axis=1) > 0))
    labels = np.where(is_spine, marked.max(axis=1), 0)
    ignored = (
        None
        if case.ignored is None
        else np.asarray(case.ignored[: n * count].reshape(slabs).any(axis=1))
    )
    first = grid.point_lps_mm(((count - 1) / 2, 0, 0))
    z, y, x = grid.spacing_zyx_mm
    return _on_grid(
        case,
        hu,
        labels,
        ignored,
        replace(grid, shape_zyx=hu.shape, spacing_zyx_mm=(z * count, y, x)),
        first,
    )


def _depth_mm(marked: BoolArray, spacing_mm: Triple) -> NDArray[np.float32]:
    """Return the distance from the surface, positive inside: float32, same shape."""
    inside, outside = (
        np.asarray(ndimage.distance_transform_edt(part, sampling=spacing_mm), np.float32)
        for part in (marked, ~marked)
    )
    return inside - outside


def cropped(case: ReferenceCase, slices: slice) -> ReferenceCase:
    """Return the case with only some of its axial slices."""
    hu = np.ascontiguousarray(case.scan.hu[slices])
    labels = case.labels[slices]
    ignored = None if case.ignored is None else case.ignored[slices]
    grid = case.scan.geometry
    first = grid.point_lps_mm((slices.start, 0, 0))
    return _on_grid(case, hu, labels, ignored, replace(grid, shape_zyx=hu.shape), first)


def crop_slices(spine: BoolArray, fraction: tuple[float, float]) -> slice:
    """Return the axial slices between two fractions of the spine's extent, clipped to the scan."""
    marked = np.flatnonzero(spine.any(axis=(1, 2)))
    low, high = int(marked[0]), int(marked[-1]) + 1
    first, last = (round(low + s * (high - low)) for s in fraction)
    return slice(max(0, first), min(len(spine), last))


def _on_grid(
    case: ReferenceCase,
    hu: NDArray[np.int16],
    labels: NDArray[np.integer],
    ignored: BoolArray | None,
    grid: Geometry,
    origin: NDArray[np.float64],
) -> ReferenceCase:
    x, y, z = origin.tolist()
    grid = replace(grid, origin_lps_mm=(x, y, z))
    return ReferenceCase(case.name, replace(case.scan, hu=hu, geometry=grid), labels, ignored)


@dataclass
class Calibration:
    """Voxel counts by bone probability and by confidence of the segmentation network.

    Only voxels where attention exceeds its threshold are counted, because elsewhere the mask is
    empty, whatever the probability. Ignored voxels are left out.

    Attributes
    ----------
    by_probability
        int64, shape (2, bins): background and spine.
    by_confidence
        int64, shape (2, classes): right and wrong.
    """

    by_probability: NDArray[np.int64]
    by_confidence: NDArray[np.int64]

    @classmethod
    def empty(cls) -> Calibration:
        """Return a calibration without counts."""
        return cls(
            np.zeros((2, PROBABILITY_BINS), np.int64),
            np.zeros((2, len(CONFIDENCE_EDGES) - 1), np.int64),
        )

    def add(self, probability: NDArray[np.float32], truth: BoolArray, threshold: float) -> None:
        """Count voxels: `probability` is float32 and `truth` bool, both of shape (n,)."""
        bins = np.minimum((probability * PROBABILITY_BINS).astype(int), PROBABILITY_BINS - 1)
        confidence = np.abs(probability - 0.5) * 2
        classes = np.clip(
            np.searchsorted(CONFIDENCE_EDGES, confidence, side="right") - 1,
            0,
            len(CONFIDENCE_EDGES) - 2,
        )
        wrong = (probability > threshold) != truth
        for row, (by_probability, by_confidence) in enumerate(((~truth, ~wrong), (truth, wrong))):
            self.by_probability[row] += np.bincount(
                bins[by_probability], minlength=PROBABILITY_BINS
            )
            self.by_confidence[row] += np.bincount(
                classes[by_confidence], minlength=len(CONFIDENCE_EDGES) - 1
            )

    def record(self) -> dict[str, Any]:
        """Return the fraction of spine by probability, of errors by confidence, and a summary."""
        n = self.by_probability.sum(axis=0)
        fraction = self.by_probability[1] / np.maximum(n, 1)
        middle = (np.arange(PROBABILITY_BINS) + 0.5) / PROBABILITY_BINS
        errors = self.by_confidence[1] / np.maximum(self.by_confidence.sum(axis=0), 1)
        return {
            "probability": middle.round(3).tolist(),
            "true_fraction": fraction.round(4).tolist(),
            "voxels": n.tolist(),
            "expected_calibration_error": round(
                float((np.abs(fraction - middle) * n).sum() / max(n.sum(), 1)), 4
            ),
            "confidence_from": list(CONFIDENCE_EDGES[:-1]),
            "error_rate": errors.round(4).tolist(),
            "confidence_voxels": self.by_confidence.sum(axis=0).tolist(),
            "fraction_of_errors_below_0.8": round(
                float(self.by_confidence[1, :4].sum() / max(self.by_confidence[1].sum(), 1)), 4
            ),
            "fraction_of_voxels_below_0.8": round(
                float(self.by_confidence[:, :4].sum() / max(self.by_confidence.sum(), 1)), 4
            ),
        }

    def picture(self) -> Figure:
        """Return plots of the fraction of spine by probability and of errors by confidence."""
        record = self.record()
        middle = [(a + b) / 2 for a, b in itertools.pairwise(CONFIDENCE_EDGES)]
        return plots.calibration(
            record["probability"], record["true_fraction"], middle, record["error_rate"]
        )


@dataclass(frozen=True)
class Tools:
    """Backend and settings for the segmentation of cases."""

    backend: Backend
    preprocessing: PreprocessSettings
    defaults: Tuning

    def mask(self, case: ReferenceCase) -> BoolArray:
        """Return the fused mask at the defaults: bool, shape (z, y, x)."""
        return self.fusion(case).mask(self.defaults).voxels

    def fusion(self, case: ReferenceCase) -> Fusion:
        """Return the outputs of both networks for the whole scan."""
        return run_networks(case.scan, self.backend, self.preprocessing)


def study_case(case: ReferenceCase, tools: Tools, calibration: Calibration) -> dict[str, Any]:
    """Return the results of one case in all its versions, as a record for JSON.

    The voxels of the unchanged case are added to `calibration`.
    """
    fusion = tools.fusion(case)
    mask = fusion.mask(tools.defaults).voxels
    plain = _scores(mask, case)
    plain_mask = fusion.mask(replace(tools.defaults, leaves_out_islands=False)).voxels
    bone = fusion.mask(Tuning(0.0, 0.0, tools.defaults.segmentation_threshold)).voxels
    without = _scores(bone, case)
    _calibrate(fusion, case, tools.defaults, calibration)
    record: dict[str, Any] = {
        "case": case.name,
        "dice": plain.dice,
        "surface_dice": plain.surface_dice,
        "without_attention_dice": without.dice,
        "stray_ml": plain.stray_ml,
        "without_attention_stray_ml": without.stray_ml,
        "far_ml": _far_ml(mask, case),
        "plain_fusion_dice": _scores(plain_mask, case).dice,
        "plain_fusion_far_ml": _far_ml(plain_mask, case),
        "without_attention_far_ml": _far_ml(bone, case),
        "stray_removed_fraction": 1 - plain.stray_ml / without.stray_ml
        if without.stray_ml
        else None,
        "thick": {},
        "crops": {},
    }
    del fusion
    for thickness_mm in SLABS_MM:
        thick = thick_slices(case, thickness_mm)
        if thick is not None:
            scores = _scores(tools.mask(thick), thick)
            record["thick"][f"{thickness_mm:g} mm"] = {
                "dice": scores.dice,
                "stray_ml": scores.stray_ml,
            }
    for name, fraction in CROPS.items():
        slices = crop_slices(case.spine, fraction)
        if slices.stop - slices.start < 16:
            continue
        part = cropped(case, slices)
        found = tools.mask(part)
        ends = _end_recall(found, part)
        scores = _scores(found, part)
        record["crops"][name] = {
            "dice": scores.dice,
            "stray_ml": scores.stray_ml,
            "uncropped_dice": _scores(mask[slices], part).dice,
            "first_recall": ends[0],
            "last_recall": ends[1],
        }
    return record


def _scores(mask: BoolArray, case: ReferenceCase) -> Scores:
    return score(mask, case.spine, case.scan.geometry.spacing_zyx_mm, ignore=case.ignored)


def _far_ml(mask: BoolArray, case: ReferenceCase) -> float:
    return far_ml(mask, case.spine, case.scan.geometry, case.ignored)


def _end_recall(mask: BoolArray, case: ReferenceCase) -> tuple[float | None, float | None]:
    """Return the recall of the first and last vertebra; both None if there are no numbers."""
    if case.labels.max() <= 1:
        return None, None
    scores = score_vertebrae(
        mask, case.labels, case.scan.geometry.spacing_zyx_mm, ignore=case.ignored
    )
    return (scores[0].recall, scores[-1].recall) if scores else (None, None)


def _calibrate(
    fusion: Fusion, case: ReferenceCase, defaults: Tuning, calibration: Calibration
) -> None:
    inside = fusion.extended.volume(defaults.sigma_mm) > defaults.attention_threshold
    if case.ignored is not None:
        inside &= ~case.ignored
    calibration.add(
        fusion.probability_volume()[inside], case.spine[inside], defaults.segmentation_threshold
    )


def markdown(records: Sequence[Mapping[str, Any]], calibration: Mapping[str, Any]) -> str:
    """Return the tables for a model card."""
    tables = (
        _attention_table(records),
        _far_table(records),
        _thick_table(records),
        _crop_table(records),
        _confidence_table(calibration),
        [
            f"{calibration['fraction_of_errors_below_0.8']:.0%} of the errors are in the "
            f"{calibration['fraction_of_voxels_below_0.8']:.0%} of voxels with a confidence below "
            "0.8; expected calibration error "
            f"{calibration['expected_calibration_error']:.3f}."
        ],
    )
    return "\n\n".join("\n".join(lines) for lines in tables) + "\n"


def _attention_table(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table that shows what the attention network contributes."""
    return table_lines(
        (
            "Case",
            "Dice",
            "without attention",
            "surface Dice",
            "stray ml",
            "without attention",
            "removed",
        ),
        (
            (
                r["case"],
                f"{r['dice']:.3f}",
                f"{r['without_attention_dice']:.3f}",
                f"{r['surface_dice']:.3f}",
                f"{r['stray_ml']:.1f}",
                f"{r['without_attention_stray_ml']:.1f}",
                cell(r["stray_removed_fraction"], ".0%"),
            )
            for r in records
        ),
    )


def _far_table(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table of the volume that is marked far from the spine, by kind of fusion."""
    kinds = ("", "plain_fusion_", "without_attention_")
    return table_lines(
        ("Case", "far ml", "plain fusion", "without attention", "Dice", "plain fusion"),
        (
            (
                r["case"],
                *(f"{r[f'{kind}far_ml']:.2f}" for kind in kinds),
                f"{r['dice']:.3f}",
                f"{r['plain_fusion_dice']:.3f}",
            )
            for r in records
        ),
    )


def _thick_table(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table of Dice by slice thickness."""
    names = [f"{thickness_mm:g} mm" for thickness_mm in SLABS_MM]
    return table_lines(
        ("Case", "original", *names),
        (
            (
                r["case"],
                f"{r['dice']:.3f}",
                *(cell(r["thick"].get(name, {}).get("dice"), ".3f") for name in names),
            )
            for r in records
        ),
    )


def _crop_table(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table of the results on parts of the scans."""
    return table_lines(
        (
            "Case, part",
            "Dice",
            "same part of the whole scan",
            "stray ml",
            "first recall",
            "last recall",
        ),
        (
            (
                f"{r['case']}, {name}",
                f"{crop['dice']:.3f}",
                f"{crop['uncropped_dice']:.3f}",
                f"{crop['stray_ml']:.1f}",
                cell(crop["first_recall"], ".3f"),
                cell(crop["last_recall"], ".3f"),
            )
            for r in records
            for name, crop in r["crops"].items()
        ),
    )


def _confidence_table(calibration: Mapping[str, Any]) -> list[str]:
    """Return the table of the error rate by stated confidence."""
    rows = zip(
        calibration["confidence_from"],
        calibration["error_rate"],
        calibration["confidence_voxels"],
        strict=True,
    )
    return table_lines(
        ("Confidence from", "error rate", "voxels"),
        ((f"{low:.2f}", f"{rate:.1%}", str(count)) for low, rate, count in rows),
    )


def main(argv: Sequence[str]) -> int:
    """Run the command; print the results to stdout."""
    options = _parser().parse_args(argv)
    if options.keypoints is not None:
        return _study_of_points(options)
    if options.measurements is not None:
        content = study_of_measurements(options.measurements)
        print_to(sys.stdout, json.dumps(content, indent=2))
        return 0
    if options.data is None:
        raise UsageError(
            "Specify a folder of cases (--data FOLDER), of points (--keypoints FOLDER), or of "
            "numbered masks (--measurements FOLDER)."
        )
    configuration = load_configuration(models_dir())
    backend = load_backend(choose_device(options.device), configuration)
    tools = Tools(backend, configuration.preprocessing, configuration.defaults)
    calibration = Calibration.empty()
    records = []
    cases = find_cases(options.data)
    for case in cases:
        records.append(study_case(read_reference(case), tools, calibration))
        print_to(
            sys.stderr,
            f"{len(records)}/{len(cases)}  {records[-1]['case']}: Dice {records[-1]['dice']:.3f}",
        )
    content = {
        "weights_hash": configuration.weights_hash,
        "precision": tools.backend.identity.precision,
        "cases": records,
        "calibration": calibration.record(),
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "study.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    text = markdown(records, calibration.record())
    (options.out / "study.md").write_text(text, encoding="utf-8")
    calibration.picture().savefig(options.out / "calibration.png")
    print_to(sys.stdout, json.dumps(content, indent=2) if options.json else text)
    print_to(sys.stderr, f"Written to {options.out}: study.md, study.json, calibration.png")
    return 0


def _study_of_points(options: argparse.Namespace) -> int:
    """Print how well detected bodies are named in scans of patients left out of the fit."""
    content = summary(outcomes(options.keypoints, load_fitted()))
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in content.items()]
    print_to(sys.stdout, json.dumps(content, indent=2) if options.json else "\n".join(lines))
    return 0


def _parser() -> CommandParser:
    parser = CommandParser(prog="spineviewer study", description=description_from(__doc__))
    parser.add_folder("--data", "folder of cases that were not used for training")
    parser.add_folder("--keypoints", "folder of vertebra centres in many scans, to test the naming")
    parser.add_folder(
        "--measurements", "folder of cases with numbered masks, to test the measurements (JSON)"
    )
    parser.add_folder("--out", "folder for tables and plots", default="out/study")
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    parser.add_flag("--json", "print one JSON object instead of text")
    return parser
