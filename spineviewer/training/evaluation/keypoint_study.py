"""Study of how well vertebrae are named from a detector's points, in scans of many patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from spineviewer.labelling.chain import L6, T12, ChainOptions, solve
from spineviewer.labelling.priors import Fitted
from spineviewer.training.evaluation.keypoints import (
    UNRELIABLE_SOURCE,
    DetectedPoints,
    TruePoints,
    matched_levels,
    pedicle_evidence,
    read_detections,
    read_true_points,
    region_evidence,
)

#: A scan is certain if the probability that all its names are right is at least this.
_CERTAIN = 0.95
#: Weights and options for a detector's points, some of which may be missing or wrong.
_GAP_WEIGHT, _PEDICLE_WEIGHT = 0.7, 0.25
_OPTIONS = ChainOptions(max_missed=3, log_missed=-3.5, max_false=2, log_false=-5.0)


@dataclass(frozen=True)
class ScanOutcome:
    """The result of one scan.

    Attributes
    ----------
    is_right, is_near
        Whether every detected body whose true level is known has the right name, or one at most one
        level away from it; False if there is no such body.
    probability
        Stated probability that all names are right.
    missed
        Number of bodies that were not detected.
    """

    source: str
    is_right: bool
    is_near: bool
    probability: float
    missed: int
    has_l6: bool
    has_no_t12: bool

    @property
    def has_usual_count(self) -> bool:
        """Whether the scan shows neither an L6 nor a missing T12."""
        return not (self.has_l6 or self.has_no_t12)


def outcome(true: TruePoints, detected: DetectedPoints, fitted: Fitted) -> ScanOutcome:
    """Return the outcome of naming the detected bodies of one scan."""
    evidence = region_evidence(detected.region, fitted.region)
    evidence += _PEDICLE_WEIGHT * pedicle_evidence(
        detected.pedicles, fitted.pedicle_log_size, fitted.pedicle_spread
    )
    prior = replace(fitted.chain, weight_gap=_GAP_WEIGHT)
    answer = solve(detected.points_mm, evidence, prior, _OPTIONS)
    levels = matched_levels(true, detected)
    seen = levels >= 0
    named = np.where(answer.levels >= 0, answer.levels, -9)
    off = np.abs(named[seen] - levels[seen])
    # T13 is between T12 and L1 in the list, so a step across it is only one level.
    lower, upper = np.minimum(named[seen], levels[seen]), np.maximum(named[seen], levels[seen])
    off = np.where((lower <= T12) & (upper > T12 + 1), off - 1, off)
    chosen = answer.chosen_probability[answer.levels >= 0]
    names = true.levels.tolist()
    return ScanOutcome(
        true.source,
        bool(seen.any() and (off == 0).all()),
        bool(seen.any() and (off <= 1).all()),
        float(fitted.point_calibration(chosen.min())) if len(chosen) else 0.0,
        int(len(names) - seen.sum()),
        L6 in names,
        T12 not in names and T12 - 1 in names and T12 + 2 in names,
    )


def outcomes(folder: Path, fitted: Fitted, *, held_out: bool = True) -> list[ScanOutcome]:
    """Return the outcomes of the scans that are held out of the fit, or of those used in it.

    Scans of `UNRELIABLE_SOURCE` are left out.
    """
    detections = read_detections(folder)
    return [
        outcome(true, detections[true.scan], fitted)
        for true in read_true_points(folder)
        if true.is_held_out == held_out
        and true.source != UNRELIABLE_SOURCE
        and true.scan in detections
    ]


def summary(found: Sequence[ScanOutcome]) -> dict[str, Any]:
    """Return the fraction of scans that were named correctly, for several groups, and counts."""
    verse = [o for o in found if o.source.startswith("verse")]
    certain = [o for o in found if o.probability >= _CERTAIN]
    usual = [o for o in certain if o.has_usual_count]
    return {
        "scans": len(found),
        "all_right": _fraction(o.is_right for o in found),
        "within_one": _fraction(o.is_near for o in found),
        "verse_scans": len(verse),
        "verse_all_right": _fraction(o.is_right for o in verse),
        "certain_scans": _fraction(o.probability >= _CERTAIN for o in found),
        "certain_right": _fraction(o.is_right for o in certain),
        "certain_usual_right": _fraction(o.is_right for o in usual),
        "l6_right": [sum(o.is_right for o in found if o.has_l6), sum(o.has_l6 for o in found)],
        "no_t12_right": [
            sum(o.is_right for o in found if o.has_no_t12),
            sum(o.has_no_t12 for o in found),
        ],
        "bodies_without_point": sum(o.missed for o in found),
        "scans_with_missed_bodies": _fraction(o.missed > 0 for o in found),
    }


def _fraction(flags: Any) -> float:
    values = [bool(flag) for flag in flags]
    return round(float(np.mean(values)), 4) if values else float("nan")
