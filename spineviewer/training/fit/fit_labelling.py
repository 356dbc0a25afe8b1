"""`spineviewer fit-labelling`: fit the parameters for naming vertebrae.

Only training data is used: cases with numbered vertebrae together with the networks' masks;
label maps; and the keypoints of patients whom 'spineviewer study' does not hold out. Weights and
calibration are chosen by leaving out each patient in turn.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.optimize import minimize

from spineviewer.command_parser import CommandParser, description_from
from spineviewer.labelling.certainty import uncalibrated_probability
from spineviewer.labelling.chain import C2, L5, L6, LEVELS, T12, T13, ChainPrior
from spineviewer.labelling.disc_planes import DiscPlane
from spineviewer.labelling.features import FEATURES, RIB
from spineviewer.labelling.partition import ATLAS_PITCH_MM, NECK_BODY, TABLE_BACK, TABLE_LEFT
from spineviewer.labelling.priors import (
    FILE,
    FORMAT,
    Calibration,
    Fitted,
    ShapeModel,
    fitted_from_record,
)
from spineviewer.labelling.row_names import NameCorrections, name_column
from spineviewer.labelling.straightened import BACK_MM, LEFT_MM
from spineviewer.model import load_configuration
from spineviewer.resources import models_dir
from spineviewer.training.evaluation.evaluate import print_to
from spineviewer.training.evaluation.keypoint_study import outcomes
from spineviewer.training.evaluation.keypoints import (
    fit_gaps,
    fit_pedicles,
    fit_region,
    read_detections,
    read_true_points,
)
from spineviewer.training.fit.cropped_columns import CroppedColumn, cropped_columns
from spineviewer.training.fit.numbered_spines import (
    MeasuredSpine,
    measured,
    spines_of_cases,
    spines_of_label_maps,
)
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER

Floats = NDArray[np.float64]

#: Groups of similar neighbouring levels: first and last index.
_REGIONS = ((C2, C2), (2, 6), (7, 18), (20, 24))
#: Standard deviation, in levels, of the Gaussian weights of neighbouring levels.
_KERNEL = 0.8
#: The same for the spread, which is smoothed more than the mean.
_SPREAD_KERNEL = 2.0
#: Weights of the shapes, of the ribs, and of the distances. Choice: of those tried below, these
#: weights of ribs and distances are among the best for random crops of the training patients, each
#: left out in turn. Shapes count a little less than would be best for these patients, because the
#: networks were trained on them and outline their vertebrae better than those of other patients.
_WEIGHT = (0.4, 1.0, 0.7)
_WEIGHTS = tuple(itertools.product((0.3, 0.4, 0.5), (0.7, 1.0, 1.3), (0.7, 1.0, 1.4)))
#: Number of random crops of each case.
_CROPS = 8
#: Groups of borders that share a table: first and last index of the level above the border.
GROUPS = {
    "C1": (0, 0),
    "C2": (1, 1),
    "C3-C6": (2, 5),
    "C7-T4": (6, 10),
    "T5-T9": (11, 15),
    "T10-T12": (16, 19),
    "L1-L6": (20, 25),
}
_ATLAS, _AXIS = 1, 2
#: Shifts that are tried, in units of the height of a vertebra with its disc.
_SHIFTS = np.round(np.arange(-1.6, 1.81, 0.05), 3)
#: How strongly a table entry is pulled towards its neighbours, in voxels.
_SMOOTHNESS = 800.0


@dataclass(frozen=True)
class NamedCrop:
    """The names found in one crop.

    Attributes
    ----------
    uncalibrated
        The uncalibrated probability that the names are correct.
    true_probability
        The chain's probability of the true names.
    """

    patient: str
    uncalibrated: float
    true_probability: float
    is_right: bool


def fitted_shape(
    spines: Sequence[MeasuredSpine], shape_weight: float, rib_weight: float
) -> ShapeModel:
    """Return the mean and spread of each feature by level; each patient counts once per level."""
    rows: dict[tuple[str, int], list[Floats]] = {}
    for spine in spines:
        for number, values in zip(spine.levels, spine.features, strict=True):
            rows.setdefault((spine.patient, VERSE_ORDER.index(number)), []).append(values)
    level = np.array([key[1] for key in rows])
    values = np.array([_mean_of_known(np.array(group)) for group in rows.values()])
    mean = np.full((len(FEATURES), LEVELS), np.nan)
    sd = np.full((len(FEATURES), LEVELS), np.nan)
    for number in range(len(FEATURES)):
        known = np.isfinite(values[:, number])
        region = np.array([_region(k) for k in level])
        residual = np.full(len(level), np.nan)
        for k in range(LEVELS):
            near = known & (region == _region(k))
            if not near.any():
                continue
            weights = np.exp(-0.5 * ((level[near] - k) / _KERNEL) ** 2) + 1e-12
            mean[number, k] = np.average(values[near, number], weights=weights)
        residual[known] = values[known, number] - mean[number, level[known]]
        everywhere = float(np.sqrt(np.mean(residual[known] ** 2)))
        for k in range(LEVELS):
            near = known & (region == _region(k))
            if not near.any():
                mean[number, k], sd[number, k] = (
                    float(np.mean(values[known, number])),
                    3 * float(np.std(values[known, number])),
                )
                continue
            weights = np.exp(-0.5 * ((level[near] - k) / _SPREAD_KERNEL) ** 2)
            # With few patients, the spread is underestimated, so two pseudo-observations with the
            # spread over all levels are added.
            total = (weights * residual[near] ** 2).sum() + 2.0 * everywhere**2
            sd[number, k] = np.sqrt(total / (weights.sum() + 2.0)) * 1.15
    for array in (mean, sd):
        array[:, T13], array[:, L6], array[:, 0] = array[:, T12], array[:, L5], array[:, C2]
    patient = np.array([key[0] for key in rows])
    spreads = [
        _split_spread(patient, (values[:, k] - mean[k, level]) / sd[k, level])
        for k in range(len(FEATURES))
    ]
    return ShapeModel(
        FEATURES,
        mean,
        sd,
        np.array([patients for patients, _ in spreads]),
        np.array([bodies for _, bodies in spreads]),
        np.array([rib_weight if name == RIB else shape_weight for name in FEATURES]),
    )


def _split_spread(patient: NDArray[np.str_], off: Floats) -> tuple[float, float]:
    """Return the spread of the patients' mean offsets, and that of the bodies of one patient."""
    means, counts, residuals = [], [], []
    for name in np.unique(patient):
        mine = off[(patient == name) & np.isfinite(off)].clip(-4, 4)
        if len(mine) >= 3:
            means.append(mine.mean())
            counts.append(len(mine))
            residuals.extend((mine - mine.mean()) * np.sqrt(len(mine) / (len(mine) - 1)))
    body = float(np.var(residuals))
    between = float(np.var(means) - body * np.mean(1 / np.array(counts)))
    return float(np.sqrt(max(between, 0.01))), float(np.sqrt(body))


def _mean_of_known(rows: Floats) -> Floats:
    known = np.isfinite(rows)
    count = known.sum(axis=0)
    return np.where(count > 0, np.where(known, rows, 0).sum(axis=0) / np.maximum(count, 1), np.nan)


def _region(level: int) -> int:
    level = {T13: T12, L6: L5, 0: C2}.get(level, level)
    return next(number for number, (first, last) in enumerate(_REGIONS) if first <= level <= last)


def named_crops(
    spines: Sequence[MeasuredSpine],
    crops: Sequence[CroppedColumn],
    fitted: Fitted,
    weight: tuple[float, float, float],
) -> list[NamedCrop]:
    """Return the names of each crop, with shapes that were fitted without its patient."""
    shape_weight, rib_weight, gap_weight = weight
    found = []
    for patient in sorted({crop.patient for crop in crops}):
        others = [spine for spine in spines if spine.patient != patient]
        part = replace(
            fitted,
            chain=replace(fitted.chain, weight_gap=gap_weight),
            shape=fitted_shape(others, shape_weight, rib_weight),
        )
        found += [_named(crop, part) for crop in crops if crop.patient == patient]
    return found


def _named(crop: CroppedColumn, fitted: Fitted) -> NamedCrop:
    answer = name_column(crop.column, fitted, NameCorrections(), may_show_atlas=True)
    known = np.flatnonzero(crop.is_whole)
    truth = tuple(crop.levels[known].tolist())
    true_probability = sum(
        row.probability
        for row in answer.rows
        if tuple(row.levels[place] for place in known) == truth
    )
    is_right = tuple(answer.levels[known].tolist()) == truth
    return NamedCrop(
        crop.patient, uncalibrated_probability(crop.column, answer), true_probability, is_right
    )


def weights_tried(
    spines: Sequence[MeasuredSpine], crops: Sequence[CroppedColumn], fitted: Fitted
) -> dict[str, Any]:
    """Return, for each choice of weights, how well the crops are named.

    `log_probability` is the mean logarithm of the probability of the true names, and `right` the
    fraction of the crops in which all names are right. Each patient is left out in turn, and all
    patients count the same.
    """
    table = {}
    for weight in _WEIGHTS:
        named = named_crops(spines, crops, fitted, weight)
        weights = _patient_weights(named)
        log_probability = np.log(np.maximum([one.true_probability for one in named], 1e-4))
        table["{} {} {}".format(*weight)] = {
            "log_probability": round(float(np.average(log_probability, weights=weights)), 4),
            "right": round(float(np.average([one.is_right for one in named], weights=weights)), 4),
        }
    return table


def _patient_weights(named: Sequence[NamedCrop]) -> Floats:
    patients = [one.patient for one in named]
    return np.array([1 / patients.count(patient) for patient in patients])


def fitted_calibration(named: Sequence[NamedCrop]) -> Calibration:
    """Return the calibration with which probabilities match how often names are correct."""
    uncalibrated = np.array([one.uncalibrated for one in named])
    right = np.array([one.is_right for one in named], dtype=np.float64)
    # A dozen patients do not justify more certainty than that of the chain.
    return calibration_of(uncalibrated, right, _patient_weights(named), max_offset=0.0)


def calibration_of(
    uncalibrated: Floats, right: Floats, weight: Floats, *, max_offset: float = np.inf
) -> Calibration:
    """Return the most likely line from raw to calibrated log odds, with a slope of 0.2 to 1.

    Choice: a weak prior pulls it towards a slope of 0.7, so that a few samples do not decide alone.
    All arrays are float64, shape (n,). With `max_offset` 0, no probability above a half is
    increased.
    """
    clipped = np.clip(uncalibrated, 1e-4, 1 - 1e-4)
    odds = np.log(clipped / (1 - clipped))
    usual = np.array([0.7, 0.0])

    def loss(line: Floats) -> float:
        at = line[0] * odds + line[1]
        far = 0.025 * float(((line - usual) ** 2).sum())
        return float((weight * (np.logaddexp(0, at) - right * at)).sum()) + far

    found = minimize(loss, usual, method="L-BFGS-B", bounds=((0.2, 1.0), (None, max_offset)))
    return Calibration(float(round(found.x[0], 4)), float(round(found.x[1], 4)))


def fitted_borders(spines: Sequence[MeasuredSpine]) -> dict[str, Floats]:
    """Return how far below the disc's plane the border of two vertebrae is, by group of levels.

    Each table is float64, shape (back, left), in units of the height of a vertebra with its disc.
    """
    shape = (len(TABLE_BACK), len(TABLE_LEFT), len(_SHIFTS))
    above = {name: np.zeros(shape) for name in GROUPS}
    below = {name: np.zeros(shape) for name in GROUPS}
    for spine in spines:
        stations = [plane.station for plane in spine.planes]
        heights = np.diff([spine.edges[0], *stations, spine.edges[-1]])
        if spine.levels[0] == _AXIS and (spine.labels == _ATLAS).any():
            edge = int(spine.edges[1])
            below_axis = replace(spine.planes[0], slope_back=0.0, slope_left=0.0)
            _count(above["C1"], spine, edge, below_axis, ATLAS_PITCH_MM, _ATLAS)
            _count(below["C1"], spine, edge, below_axis, ATLAS_PITCH_MM, _AXIS)
        for number, plane in enumerate(spine.planes):
            upper, lower = spine.levels[number], spine.levels[number + 1]
            beside = (number, number + 1)
            near = [heights[k] for k in beside if not spine.is_partial[k]] or [
                heights[[*beside]].max()
            ]
            pitch = float(np.mean(near))
            name = next(n for n, (a, b) in GROUPS.items() if a <= VERSE_ORDER.index(upper) <= b)
            for counts, level in ((above[name], upper), (below[name], lower)):
                _count(counts, spine, int(spine.edges[number + 1]), plane, pitch, level)
    bodies = {"C1": None, "C2": NECK_BODY, "C3-C6": NECK_BODY}
    return {
        name: _least_wrong(above[name], below[name], bodies.get(name, np.inf)) for name in GROUPS
    }


def _count(
    counts: Floats, spine: MeasuredSpine, edge: int, plane: DiscPlane, pitch: float, level: int
) -> None:
    """Count a level's voxels by their entry in the table and how far below the plane they are."""
    first, last = max(edge - round(2.2 * pitch), 0), edge + round(2.2 * pitch)
    station, back, left = np.nonzero(spine.labels[first:last] == level)
    radius = float(spine.discs.radius_mm[edge])
    back_mm, left_mm = BACK_MM[back], LEFT_MM[left]
    border = plane.station + plane.slope_back * np.clip(back_mm, -radius, radius)
    border += plane.slope_left * np.clip(left_mm, -radius, radius)
    off = (station + first - border) / pitch
    row = np.rint((back_mm / radius - TABLE_BACK[0]) / (TABLE_BACK[1] - TABLE_BACK[0])).astype(int)
    column = np.rint(np.abs(left_mm) / radius / TABLE_LEFT[1]).astype(int)
    known = (row >= 0) & (row < len(TABLE_BACK)) & (column < len(TABLE_LEFT))
    bins = np.clip(np.searchsorted(_SHIFTS, off[known]), 0, len(_SHIFTS) - 1)
    np.add.at(counts, (row[known], column[known], bins), 1.0)


def _least_wrong(above: Floats, below: Floats, body: float | None) -> Floats:
    """Return, for each table entry, a shift with few wrong voxels that is close to its neighbours'.

    The border is the disc's plane up to `body` radii to either side of the body's middle, and up to
    half a radius behind it. `body` is None where there is no disc.
    """
    # An upper voxel is wrong below the border, a lower one above it.
    wrong = np.cumsum(above[..., ::-1], axis=-1)[..., ::-1] - above + np.cumsum(below, axis=-1)
    smooth_wrong = gaussian_filter(wrong, (1.0, 1.0, 0.0), mode="nearest")
    table = np.asarray(_SHIFTS[np.argmin(smooth_wrong, axis=-1)])
    for _ in range(60):
        padded = np.pad(table, 1, mode="edge")
        neighbours = (
            padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
        ) / 4
        cost = wrong + _SMOOTHNESS * (_SHIFTS[None, None] - neighbours[..., None]) ** 2
        table = np.asarray(_SHIFTS[np.argmin(cost, axis=-1)])
        if body is not None:
            table[np.ix_(TABLE_BACK <= 0.5, body >= TABLE_LEFT)] = 0.0
    return table


def fitted_record(
    spines: Sequence[MeasuredSpine],
    crops: Sequence[CroppedColumn],
    prior: ChainPrior,
    sources: Sequence[str],
    region: Floats,
    pedicles: tuple[Floats, Floats],
) -> dict[str, Any]:
    """Fit shapes, borders and a calibration; return the record that `fitted_from_record` reads.

    Its calibration for points is not fitted yet.
    """
    start = Fitted(
        prior,
        fitted_shape(spines, *_WEIGHT[:2]),
        np.zeros(0),
        Calibration(),
        region,
        Calibration(),
        *pedicles,
    )
    calibration = fitted_calibration(named_crops(spines, crops, start, _WEIGHT))
    shape = fitted_shape(spines, *_WEIGHT[:2])
    borders = fitted_borders(spines)
    group_of = [
        next(n for n, (a, b) in GROUPS.items() if a <= level <= b) for level in range(LEVELS)
    ]
    return {
        "format": FORMAT,
        "licence": "CC BY-SA 4.0",
        "made_by": "spineviewer fit-labelling",
        "sources": list(sources),
        "levels": list(LEVEL_NAMES),
        "chain": {
            "gap_mm": prior.gap_mm.round(3).tolist(),
            "scale_log_sd": round(prior.scale_log_sd, 4),
            "gap_log_sd": round(prior.gap_log_sd, 4),
            "weight_gap": _WEIGHT[2],
        },
        "shape": {
            "names": list(FEATURES),
            "mean": {name: shape.mean[k].round(4).tolist() for k, name in enumerate(FEATURES)},
            "sd": {name: shape.sd[k].round(4).tolist() for k, name in enumerate(FEATURES)},
            "patient_sd": dict(zip(FEATURES, shape.patient_sd.round(4).tolist(), strict=True)),
            "body_sd": dict(zip(FEATURES, shape.body_sd.round(4).tolist(), strict=True)),
            "weight": dict(zip(FEATURES, shape.weight.tolist(), strict=True)),
            "weights_tried": weights_tried(spines, crops, start),
        },
        "border_shift": {
            "groups": {name: values.tolist() for name, values in borders.items()},
            "of_level": group_of,
        },
        "calibration": {"slope": calibration.slope, "offset": calibration.offset},
        "points": {
            "region": region.round(4).tolist(),
            "calibration": {"slope": 1.0, "offset": 0.0},
            "pedicle_middle": pedicles[0].round(4).tolist(),
            "pedicle_spread": pedicles[1].round(4).tolist(),
        },
    }


def _fitted_point_calibration(keypoints: Path, record: dict[str, Any]) -> dict[str, float]:
    """Return the calibration of the probabilities of names that were found from points alone.

    It is fitted to the scans of the patients that are not held out; each scan counts once.
    """
    found = outcomes(keypoints, fitted_from_record(record), held_out=False)
    uncalibrated = np.array([outcome.probability for outcome in found])
    right = np.array([outcome.is_right for outcome in found], dtype=np.float64)
    calibration = calibration_of(uncalibrated, right, np.ones(len(found)))
    return {"slope": calibration.slope, "offset": calibration.offset}


def main(argv: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    parser = CommandParser(prog="spineviewer fit-labelling", description=description_from(__doc__))
    parser.add_folder(
        "--data", "folder of training cases (ct.nii.gz, mask.nii.gz)", is_required=True
    )
    parser.add_folder("--labelmaps", "folder of label maps without CT", is_required=True)
    parser.add_folder(
        "--keypoints", "folder of labelled vertebra centres from many patients", is_required=True
    )
    parser.add_file("--out", f"file for the parameters (default: {FILE} in the models folder)")
    options = parser.parse_args(argv)
    points = read_true_points(options.keypoints)
    detections = read_detections(options.keypoints)
    prior, region = fit_gaps(points), fit_region(points, detections)
    pedicles = fit_pedicles(points, detections)
    spines = []
    for spine in (
        *spines_of_cases(options.data, load_configuration(models_dir())),
        *spines_of_label_maps(options.labelmaps),
    ):
        found = measured(spine)
        if found is not None:
            spines.append(found)
            print_to(sys.stderr, f"{found.name}: {len(found.levels)} levels")
    crops = list(
        cropped_columns(
            options.data, load_configuration(models_dir()), prior, crops_per_case=_CROPS
        )
    )
    print_to(sys.stderr, f"{len(crops)} crops")
    names = [spine.name for spine in spines]
    record = fitted_record(spines, crops, prior, names, region, pedicles)
    record["points"]["calibration"] = _fitted_point_calibration(options.keypoints, record)
    target = options.out or models_dir() / FILE
    target.write_text(
        json.dumps(record, indent=None, separators=(",", ":")).replace('],"', '],\n"') + "\n",
        encoding="utf-8",
    )
    print_to(
        sys.stdout,
        f"{target}: {len(spines)} spines, weight {record['shape']['weight'][FEATURES[0]]}",
    )
    return 0
