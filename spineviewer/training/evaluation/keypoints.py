"""True and detected centres of the vertebral bodies in many real scans (VID data set)."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError
from spineviewer.labelling.chain import LEVELS, T12, T13, ChainPrior
from spineviewer.volume.levels import LEVEL_NAMES

Floats = NDArray[np.float64]

#: Many level names of this source seem to be shifted by one.
UNRELIABLE_SOURCE = "Pancreas-CT"
#: A pedicle that is farther than this from every body belongs to no body.
_PEDICLE_REACH_MM = 45.0
#: The pedicle sizes of a level are fitted only if it has more pairs of pedicles than this.
_MIN_PEDICLES = 15
#: One in this many patients is held out of every fit.
_HELD_OUT_OF = 5


@dataclass(frozen=True, eq=False)
class TruePoints:
    """The true positions of the bodies in one scan.

    Attributes
    ----------
    levels
        Shape (bodies,): indices into `LEVEL_NAMES`, from the head down.
    points_mm
        float64, shape (bodies, 3), LPS.
    """

    scan: str
    patient: str
    source: str
    levels: NDArray[np.int64]
    points_mm: Floats

    @property
    def is_held_out(self) -> bool:
        """Whether the patient is left out of every fit, to be used in the study."""
        return zlib.crc32(self.patient.encode()) % _HELD_OUT_OF == 0


def read_true_points(folder: Path) -> list[TruePoints]:
    """Return the points in the `ground_truth.csv.gz` of a folder.

    Raises
    ------
    ImageReadError
        When the file is missing or damaged.
    """
    path = folder / "ground_truth.csv.gz"
    scans: dict[str, dict[str, dict[str, list[float]]]] = {}
    about: dict[str, tuple[str, str]] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                about[row["id"]] = (row["patient"], row["source"])
                place = [float(row[axis]) for axis in "xyz"]
                scans.setdefault(row["id"], {}).setdefault(row["level"], {})[row["keypoint"]] = (
                    place
                )
    except (OSError, KeyError, ValueError) as error:
        raise ImageReadError(
            f"{path} cannot be read as a table of points ({error}). Choose another file."
        ) from error
    return [_true_points(scan, *about[scan], by_level) for scan, by_level in scans.items()]


def _true_points(
    scan: str, patient: str, source: str, by_level: dict[str, dict[str, list[float]]]
) -> TruePoints:
    levels = [k for k, name in enumerate(LEVEL_NAMES) if "body" in by_level.get(name, {})]
    return TruePoints(
        scan,
        patient,
        source,
        np.array(levels, np.int64),
        np.array([by_level[LEVEL_NAMES[k]]["body"] for k in levels]).reshape(-1, 3),
    )


def fit_gaps(scans: list[TruePoints]) -> ChainPrior:
    """Return the chain's prior: usual distances between neighbours, and their spread.

    Held-out patients and scans of `UNRELIABLE_SOURCE` are not used.

    Raises
    ------
    ImageReadError
        When no scan shows both vertebrae of some pair of neighbours.
    """
    number, pair, log_gap = [], [], []
    for scan, points in enumerate(scans):
        if points.is_held_out or points.source == UNRELIABLE_SOURCE:
            continue
        for k in range(len(points.levels) - 1):
            upper, lower = int(points.levels[k]), int(points.levels[k + 1])
            if lower == upper + 1 or (upper == T12 and lower == T13 + 1):
                number.append(scan)
                pair.append(upper)
                log_gap.append(
                    np.log(np.linalg.norm(points.points_mm[k + 1] - points.points_mm[k]))
                )
    scan_of, level_of, values = np.array(number), np.array(pair), np.array(log_gap)
    gap, size = np.zeros(LEVELS), np.zeros(len(scans))
    counts = np.bincount(scan_of, minlength=len(scans))
    for _ in range(20):
        for level in range(LEVELS):
            mine = level_of == level
            gap[level] = np.median(values[mine] - size[scan_of[mine]]) if mine.any() else np.nan
        off = np.clip(values - gap[level_of], -0.3, 0.3)
        size = np.bincount(scan_of, off, minlength=len(scans)) / (counts + 0.8)
    residual = values - gap[level_of] - size[scan_of]
    gap[T13], gap[LEVELS - 1] = gap[T12], gap[LEVELS - 2]
    if not np.isfinite(gap).all():
        missing = ", ".join(LEVEL_NAMES[level] for level in np.flatnonzero(~np.isfinite(gap)))
        raise ImageReadError(
            f"No pairs of points are available to estimate the spacing below {missing}. Use points "
            "from more scans."
        )
    return ChainPrior(
        np.exp(gap),
        scale_log_sd=float(size[counts > 3].std()),
        gap_log_sd=float(1.4826 * np.median(np.abs(residual))),
    )


@dataclass(frozen=True, eq=False)
class DetectedPoints:
    """The points that a detector found in one scan.

    Attributes
    ----------
    points_mm
        float64, shape (bodies, 3), LPS, from the head down.
    region
        float64, shape (bodies, 3): probabilities of cervical, thoracic and lumbar.
    pedicles
        float64, shape (bodies, 2): logarithms of the distance in mm between the pedicles, and from
        the body to the middle between them; NaN where one was not found.
    """

    scan: str
    points_mm: Floats
    region: Floats
    pedicles: Floats


def read_detections(folder: Path) -> dict[str, DetectedPoints]:
    """Return the points of each scan in the `detections.csv.gz` of a folder.

    Raises
    ------
    ImageReadError
        When the file is missing or damaged.
    """
    path = folder / "detections.csv.gz"
    rows: dict[str, list[list[float]]] = {}
    pedicles: dict[str, dict[str, list[list[float]]]] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                numbers = [float(row[name]) for name in ("x", "y", "z", "p_c", "p_t", "p_l")]
                if row["keypoint"] == "body":
                    rows.setdefault(row["id"], []).append(numbers)
                else:
                    sides = pedicles.setdefault(row["id"], {})
                    sides.setdefault(row["keypoint"], []).append(numbers[:3])
    except (OSError, KeyError, ValueError) as error:
        raise ImageReadError(
            f"{path} cannot be read as a table of points ({error}). Choose another file."
        ) from error
    found = {}
    for scan, points in rows.items():
        table = np.array(sorted(points, key=lambda point: -point[2]))
        both = [np.array(side) for side in pedicles.get(scan, {}).values()]
        sizes = pedicle_sizes(table[:, :3], both)
        found[scan] = DetectedPoints(scan, table[:, :3], table[:, 3:], sizes)
    return found


def pedicle_sizes(bodies_mm: Floats, sides_mm: Sequence[Floats]) -> Floats:
    """Return the `pedicles` of `DetectedPoints`.

    Each pedicle belongs to the nearest body, if it is closer than `_PEDICLE_REACH_MM`. `bodies_mm`
    and each of the two `sides_mm` are float64, shape (n, 3); the result is float64, shape
    (bodies, 2).
    """
    nearest = np.full((2, len(bodies_mm), 3), np.nan)
    for side, points in enumerate(sides_mm[:2]):
        far = np.linalg.norm(points[:, None] - bodies_mm[None], axis=2)
        for point in np.argsort(
            -far.min(axis=1)
        ):  # the nearest one comes last and overwrites others
            body = int(far[point].argmin())
            if far[point, body] < _PEDICLE_REACH_MM:
                nearest[side, body] = points[point]
    width = np.linalg.norm(nearest[0] - nearest[1], axis=1)
    depth = np.linalg.norm(nearest.mean(axis=0) - bodies_mm, axis=1)
    return np.asarray(np.log(np.maximum(np.column_stack([width, depth]), 1.0)))


def fit_pedicles(
    scans: list[TruePoints], found: dict[str, DetectedPoints]
) -> tuple[Floats, Floats]:
    """Return the median and the spread of the pedicle sizes, each float64, shape (LEVELS, 2).

    A level with few pedicles uses the values of the nearest level with enough, and more spread.
    """
    rows: list[list[Floats]] = [[] for _ in range(LEVELS)]
    for true in scans:
        if true.is_held_out or true.source == UNRELIABLE_SOURCE or true.scan not in found:
            continue
        detected = found[true.scan]
        for level, sizes in zip(matched_levels(true, detected), detected.pedicles, strict=True):
            if level >= 0 and np.isfinite(sizes).all():
                rows[level].append(sizes)
    known = [level for level in range(LEVELS) if len(rows[level]) > _MIN_PEDICLES]
    median, spread = np.zeros((LEVELS, 2)), np.zeros((LEVELS, 2))
    for level in range(LEVELS):
        near = min(known, key=lambda other: abs(other - level))
        values = np.array(rows[near])
        median[level] = np.median(values, axis=0)
        spread[level] = 1.4826 * np.median(np.abs(values - median[level]), axis=0) + 0.03
        spread[level] *= 1.0 if near == level else 1.5
    return median, spread


def pedicle_evidence(sizes: Floats, median: Floats, spread: Floats) -> Floats:
    """Return the log likelihood of the pedicle sizes at each level: float64, (bodies, LEVELS).

    `sizes` has shape (bodies, 2); `median` and `spread` have shape (LEVELS, 2). All are float64.
    NaN carries no evidence.
    """
    off = (sizes[:, None] - median[None]) / spread[None]
    score = -2.5 * np.log1p(off**2 / 4) - np.log(spread)[None]
    return np.asarray(np.where(np.isfinite(sizes)[:, None], score, 0.0).sum(axis=-1))


def matched_levels(
    true: TruePoints, detected: DetectedPoints, reach_mm: float = 20.0
) -> NDArray[np.int64]:
    """Return the true level of each detected body, or -1: int64, shape (bodies,).

    Each level is used at most once.
    """
    levels = np.full(len(detected.points_mm), -1, np.int64)
    far = np.linalg.norm(detected.points_mm[:, None] - true.points_mm[None], axis=2)
    while far.size and far.min() <= reach_mm:
        point, body = np.unravel_index(int(np.argmin(far)), far.shape)
        levels[point] = true.levels[body]
        far[point], far[:, body] = np.inf, np.inf
    return levels


def region_numbers(region: Floats) -> Floats:
    """Return the inputs of the regression, from three probabilities: float64, shape (bodies, 7)."""
    odds = np.log(np.clip(region, 0.01, 0.99) / (1 - np.clip(region, 0.01, 0.99)))
    return np.column_stack([np.ones(len(region)), odds / 3.0, (odds / 3.0) ** 2])


#: Regions that the probabilities distinguish: first and last index of their levels.
REGIONS = ((0, 6), (7, 17), (18, 19), (20, 20), (21, 25))


def region_of(level: int) -> int:
    """Return the number of a level's region; T12 and L1 each have their own region."""
    return next(number for number, (first, last) in enumerate(REGIONS) if first <= level <= last)


def fit_region(scans: list[TruePoints], found: dict[str, DetectedPoints]) -> Floats:
    """Return the weights of a multinomial regression of the region: float64, (regions, 7)."""
    numbers, regions = [], []
    for true in scans:
        if true.is_held_out or true.source == UNRELIABLE_SOURCE or true.scan not in found:
            continue
        detected = found[true.scan]
        for row, level in zip(
            region_numbers(detected.region), matched_levels(true, detected), strict=True
        ):
            if level >= 0:
                numbers.append(row)
                regions.append(region_of(int(level)))
    x, y = np.array(numbers), np.eye(len(REGIONS))[np.array(regions)]
    weights = np.zeros((len(REGIONS), x.shape[1]))
    frequency = y.mean(axis=0)
    for _ in range(400):
        p = np.exp(x @ weights.T)
        p /= p.sum(axis=1, keepdims=True)
        weights += 2.0 * ((y - p).T @ x / len(x) - 1e-5 * weights)
    # Subtract the log prior, because the evidence must not depend on how frequent a region is.
    weights[:, 0] -= np.log(frequency)
    return weights


def region_evidence(region: Floats, weights: Floats) -> Floats:
    """Return the log likelihood of each level: float64, shape (bodies, LEVELS)."""
    score = region_numbers(region) @ weights.T
    score -= score.max(axis=1, keepdims=True)
    return np.stack([score[:, region_of(level)] for level in range(LEVELS)], axis=1)
