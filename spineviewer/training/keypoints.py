"""Body centres with levels of many real scans, and detections in the same scans (VID data set)."""

from __future__ import annotations

import csv
import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError
from spineviewer.labelling.chain import LEVELS, T11, T12, T13, ChainPrior
from spineviewer.volume.levels import LEVEL_NAMES

Floats = NDArray[np.float64]

#: Level names of this part look shifted by one in many scans.
DOUBTFUL_SOURCE = "Pancreas-CT"
#: One in this many patients is held out of every fit.
_HELD_OUT_OF = 5


@dataclass(frozen=True, eq=False)
class TruePoints:
    """Where the bodies of one scan are.

    Attributes
    ----------
    levels
        Index into `LEVEL_NAMES`, from the head down.
    places_mm
        Shape (bodies, 3), LPS.
    pedicles_mm
        Shape (bodies, 2, 3): left and right; NaN where there is none.
    """

    scan: str
    patient: str
    source: str
    levels: NDArray[np.int64]
    places_mm: Floats
    pedicles_mm: Floats

    @property
    def is_held_out(self) -> bool:
        """Whether its patient is kept for the study."""
        return zlib.crc32(self.patient.encode()) % _HELD_OUT_OF == 0


def read_true_points(folder: Path) -> list[TruePoints]:
    """Read `ground_truth.csv.gz` of a folder.

    Raises
    ------
    ImageReadError
        When it is missing or damaged.
    """
    path = folder / "ground_truth.csv.gz"
    scans: dict[str, dict[str, dict[str, list[float]]]] = {}
    about: dict[str, tuple[str, str]] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                about[row["id"]] = (row["patient"], row["source"])
                place = [float(row[axis]) for axis in "xyz"]
                scans.setdefault(row["id"], {}).setdefault(row["level"], {})[row["keypoint"]] = place
    except (OSError, KeyError, ValueError) as error:
        raise ImageReadError(f"{path} cannot be read as a table of points ({error}).") from error
    return [_true_points(scan, *about[scan], by_level) for scan, by_level in scans.items()]


def _true_points(scan: str, patient: str, source: str, by_level: dict[str, dict[str, list[float]]]) -> TruePoints:
    levels = [k for k, name in enumerate(LEVEL_NAMES) if "body" in by_level.get(name, {})]
    unknown = [np.nan] * 3
    points = [by_level[LEVEL_NAMES[k]] for k in levels]
    return TruePoints(
        scan,
        patient,
        source,
        np.array(levels, np.int64),
        np.array([point["body"] for point in points]).reshape(-1, 3),
        np.array([[point.get("left_pedicle", unknown), point.get("right_pedicle", unknown)] for point in points]).reshape(
            -1, 2, 3
        ),
    )


def fitted_gaps(scans: list[TruePoints]) -> ChainPrior:
    """Return usual distances between neighbours and their spread; patients held out and the doubtful source are left out."""
    number, pair, log_gap = [], [], []
    for scan, points in enumerate(scans):
        if points.is_held_out or points.source == DOUBTFUL_SOURCE:
            continue
        for k in range(len(points.levels) - 1):
            upper, lower = int(points.levels[k]), int(points.levels[k + 1])
            if lower == upper + 1 or (upper == T12 and lower == T13 + 1):
                number.append(scan)
                pair.append(upper)
                log_gap.append(np.log(np.linalg.norm(points.places_mm[k + 1] - points.places_mm[k])))
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
    assert np.isfinite(gap[: T11 + 1]).all()
    return ChainPrior(
        np.exp(gap),
        scale_log_sd=float(size[counts > 3].std()),
        gap_log_sd=float(1.4826 * np.median(np.abs(residual))),
    )
