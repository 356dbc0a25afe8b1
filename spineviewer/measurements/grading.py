"""Ratios, expected heights and fracture grade, from heights alone.

Pure functions of numbers: what a dragged landmark changes is computed here again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.measurements.results import (
    Estimate,
    ExpectedHeights,
    Genant,
    Profile,
    Ratios,
    Shape,
    VertebraMeasurement,
)
from spineviewer.volume.levels import T13, VERSE_ORDER, level_number
from spineviewer.wording import worded

Floats = NDArray[np.float64]

#: Limits of height loss in percent between the grades. Source: Genant 1993.
GRADE_LIMITS = (20.0, 25.0, 40.0)
_T1, _L4 = VERSE_ORDER.index(8), VERSE_ORDER.index(level_number("L4"))
#: Usual anterior, middle and posterior heights by level, in mm, of an adult. Only their ratios
#: count: a patient's size is fitted.
NORMS_MM: dict[int, tuple[float, float, float]] = {
    2: (17, 15.8, 17),
    3: (13.8, 12.9, 14),
    4: (13.4, 12.6, 13.8),
    5: (13, 12.4, 13.6),
    6: (13.1, 12.4, 13.6),
    7: (14.4, 13.5, 14.6),
    8: (16.4, 15.3, 16.6),
    9: (17.6, 16.6, 18),
    10: (17.8, 16.8, 18.3),
    11: (18.0, 17.1, 18.7),
    12: (18.4, 17.5, 19.3),
    13: (18.8, 18.0, 20),
    14: (19.3, 18.6, 20.6),
    15: (20, 19.2, 21.2),
    16: (20.9, 19.9, 21.9),
    17: (22, 20.9, 23),
    18: (23, 22.0, 24.4),
    19: (24.5, 23.5, 26),
    20: (26.3, 25.0, 27.5),
    21: (27.3, 25.8, 28.2),
    22: (27.9, 26.1, 28.2),
    23: (27.9, 25.7, 27.4),
    24: (28.2, 24.7, 25),
}
#: Standard deviation of the logarithm of a healthy body's height about a patient's own curve.
_HEALTHY_SD = 0.045
#: Weight of a neighbour falls to 1/e over this many levels.
_REACH_LEVELS = 5.0


def graded(vertebrae: Sequence[VertebraMeasurement]) -> tuple[VertebraMeasurement, ...]:
    """Return vertebrae with expected heights, ratios and grades from their profiles.

    Everything is computed again from the points of all profiles in the middle.
    """
    known = [v for v in vertebrae if v.profile is not None]
    expected = _expected(known)
    return tuple(
        _graded(vertebra, expected.get(vertebra.name)) if vertebra.profile is not None else vertebra
        for vertebra in vertebrae
    )


def _graded(vertebra: VertebraMeasurement, expected: ExpectedHeights | None) -> VertebraMeasurement:
    assert vertebra.profile is not None
    reason = why_ungraded(vertebra.name)
    if not reason and expected is None:
        reason = worded("There are too few neighbours to expect a height from.")
    genant = None if reason or expected is None else grade(vertebra.profile, expected)
    return replace(
        vertebra,
        expected=expected,
        ratios=ratios(vertebra.profile, expected),
        genant=genant,
        ungraded=reason,
    )


def why_ungraded(name: str) -> str:
    """Return why a level has no grade; '' if it has one."""
    if name[0] == "C":
        return worded("Cervical bodies are not graded: the grades are of thoracic and lumbar ones.")
    if name in ("L5", "L6"):
        return worded("{level} is not graded: its body is naturally wedged.", level=name)
    return ""


def ratios(profile: Profile, expected: ExpectedHeights | None) -> Ratios:
    """Return the ratios of a profile's heights."""
    anterior, middle, posterior = (caliper.estimate for caliper in profile.heights)
    return Ratios(
        _ratio(anterior, posterior),
        _ratio(middle, posterior),
        None if expected is None else _ratio(posterior, expected.posterior_mm),
    )


def grade(profile: Profile, expected: ExpectedHeights) -> Genant:
    """Return the grade of a profile against expected heights."""
    losses = [
        _loss(caliper.estimate, usual)
        for caliper, usual in zip(
            profile.heights,
            (expected.anterior_mm, expected.middle_mm, expected.posterior_mm),
            strict=True,
        )
    ]
    worst = max(losses, key=lambda loss: loss.value)
    number = sum(worst.value >= limit for limit in GRADE_LIMITS)
    return Genant(number, _shape(losses) if number else None, worst)


def _shape(losses: Sequence[Estimate]) -> Shape:
    """Type by which heights are reduced: all of them is a crush."""
    anterior, middle, posterior = (loss.value for loss in losses)
    largest = max(anterior, middle, posterior)
    if posterior >= 15.0 and posterior >= 0.6 * largest:
        return Shape.CRUSH
    return Shape.BICONCAVE if middle > anterior else Shape.WEDGE


def _ratio(value: Estimate, by: Estimate) -> Estimate:
    share = value.value / max(by.value, 1e-6)
    relative = np.hypot(
        value.uncertainty / max(value.value, 1e-6), by.uncertainty / max(by.value, 1e-6)
    )
    return Estimate(share, float(share * relative))


def _loss(height: Estimate, usual: Estimate) -> Estimate:
    share = _ratio(height, usual)
    return Estimate(100 * (1 - share.value), 100 * share.uncertainty)


@dataclass(frozen=True, eq=False)
class _Heights:
    """Logarithms of heights by level, with what is usual taken off: shapes (vertebrae, 3)."""

    rows: Floats
    usual: Floats
    above: Floats


def _expected(known: Sequence[VertebraMeasurement]) -> dict[str, ExpectedHeights]:
    """Return expected heights by name, from the others' heights."""
    if len(known) < 3:
        return {}
    rows = np.array([_row(vertebra.label) for vertebra in known], dtype=np.float64)
    heights = np.array(
        [[caliper.length_mm for caliper in v.profile.heights] for v in known if v.profile]
    )
    usual = np.array([norm_mm(vertebra.label) for vertebra in known])
    data = _Heights(rows, usual, np.log(np.maximum(heights, 0.5) / usual))
    found = {}
    for number, vertebra in enumerate(known):
        curve, spread, weights = _curve_at(data, number)
        lengths = usual[number] * np.exp(curve)
        near = [v.name for v, w in zip(known, weights, strict=True) if w > 0.1 * weights.max()]
        anterior, middle, posterior = (Estimate(float(mm), float(mm * spread)) for mm in lengths)
        found[vertebra.name] = ExpectedHeights(anterior, middle, posterior, tuple(near))
    return found


def _curve_at(data: _Heights, number: int) -> tuple[Floats, float, Floats]:
    """Patient's curve at one vertebra from the others, its uncertainty, and the others' weights.

    Fractured bodies are low outliers: a height above the curve counts, one below it loses weight.
    """
    distance = data.rows - data.rows[number]
    near = np.exp(-np.abs(distance) / _REACH_LEVELS)
    near[number] = 0.0
    off = data.above.mean(axis=1)
    lowest = data.above.min(axis=1)
    trust = np.ones(len(near))
    value, slope = float(np.quantile(lowest[near > 0], 0.75)), 0.0
    for _ in range(12):
        below = value + slope * distance - lowest
        trust = 1 / (1 + np.maximum(below / (2.0 * _HEALTHY_SD), 0.0) ** 6)
        weights = near * trust
        # The slope is weakly held to that of the norm.
        design = np.column_stack([np.ones_like(distance), distance])
        precision = design.T @ (weights[:, None] * design) + np.diag([1e-6, 8.0])
        value, slope = np.linalg.solve(precision, design.T @ (weights * off)).tolist()
    weights = near * trust
    total = max(float(weights.sum()), 1e-9)
    by_height = (weights[:, None] * (data.above - (value + slope * distance)[:, None])).sum(0)
    curve = value + by_height / (total + 0.5)
    effective = total**2 / max(float((weights**2).sum()), 1e-9)
    return curve, float(_HEALTHY_SD * np.sqrt(1 + 1 / effective)), weights


def _row(label: int) -> float:
    """Position along the spine; T13 and L6 continue the regions."""
    return float(VERSE_ORDER.index(label))


def norm_mm(label: int) -> tuple[float, float, float]:
    """Return the usual anterior, middle and posterior height of a level."""
    if label in NORMS_MM:
        return NORMS_MM[label]
    return NORMS_MM[19 if label == T13 else 24 if label > 24 else 3]
