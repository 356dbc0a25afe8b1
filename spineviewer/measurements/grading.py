"""Ratios, expected heights and fracture grades, computed from heights alone.

Pure functions of numbers: after a landmark is dragged, they recompute what depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.measurements.results import (
    NO_EXPECTED,
    Estimate,
    ExpectedHeights,
    Genant,
    Profile,
    Ratios,
    Shape,
    Side,
    VertebraMeasurement,
)
from spineviewer.volume.levels import T13, VERSE_ORDER
from spineviewer.wording import worded

Floats = NDArray[np.float64]

#: Boundaries between the grades, as height loss in percent. Source: Genant 1993.
GRADE_LIMITS = (20.0, 25.0, 40.0)
#: Normal anterior, middle and posterior heights of an adult by level, in mm, fitted to 130 bodies
#: without fracture in labelled masks of 14 patients. Only their ratios matter because the patient's
#: size is fitted.
NORMS_MM: dict[int, tuple[float, float, float]] = {
    3: (13.5, 15.1, 15.8),
    4: (13.9, 14.7, 15.4),
    5: (14.1, 14.4, 15.2),
    6: (14.6, 14.3, 15.2),
    7: (15.7, 15.2, 15.8),
    8: (17.3, 17.0, 18.0),
    9: (18.6, 17.7, 19.3),
    10: (19.1, 17.8, 19.8),
    11: (19.2, 18.0, 20.2),
    12: (19.3, 18.4, 20.7),
    13: (19.7, 18.8, 21.1),
    14: (20.3, 19.4, 21.6),
    15: (21.2, 20.0, 22.2),
    16: (22.0, 20.5, 22.8),
    17: (22.9, 21.1, 23.6),
    18: (23.8, 21.9, 24.4),
    19: (24.6, 22.7, 25.1),
    20: (25.4, 23.4, 25.6),
    21: (26.1, 23.8, 25.6),
    22: (26.5, 23.8, 25.2),
    23: (26.6, 23.6, 24.3),
    24: (26.3, 23.2, 22.8),
}
#: Ratio of mean height to anteroposterior diameter of the same bodies, from T2 to L5.
_BY_DEPTH = dict(
    zip(
        range(9, 25),
        (
            1.02,
            0.96,
            0.88,
            0.81,
            0.77,
            0.74,
            0.74,
            0.75,
            0.78,
            0.82,
            0.88,
            0.91,
            0.91,
            0.87,
            0.81,
            0.78,
        ),
        strict=True,
    )
)
#: Standard deviations of logarithms: of a healthy body's height around the patient's own curve, of
#: one of its three heights, and of the size estimated from diameters.
_HEALTHY_SD, _HEIGHT_SD, _DEPTH_SD = 0.03, 0.045, 0.08
#: Anterior, middle and posterior heights at the sides of a healthy body, relative to its middle.
_SIDE_FACTORS = (1.0, 1.01, 1.0)
#: Smallest height loss, and smallest difference between the sides, that is mentioned, in percent.
_BORDERLINE, _ONE_SIDED = 15.0, 10.0
#: The largest anterior loss that counts, in percent, if the middle height is normal.
_RIM_PERCENT = 15.0
#: The curve of a row of bodies is at most this far, as a logarithm, below the size from their
#: depths: the median of healthy bodies is within 0.2 in all 24 patients.
_LOWEST = 0.2
#: Positions along the spine in levels; T13 is rare and leaves no gap.
_PLACES = {
    label: float(place)
    for place, label in enumerate(label for label in VERSE_ORDER if label != T13)
}
_PLACES[T13] = _PLACES[19] + 0.5
#: Number of levels up to which a fracture makes further fractures more probable.
_NEARBY = 2
_LUMBOSACRAL = ("L5", "L6")
#: Distance in levels at which a neighbour's weight has fallen to 1/e.
_REACH_LEVELS = 5.0


def graded(vertebrae: Sequence[VertebraMeasurement]) -> tuple[VertebraMeasurement, ...]:
    """Return vertebrae with expected heights, ratios and grades from their profiles.

    Everything is recomputed from the points of all profiles.
    """
    known = [v for v in vertebrae if v.profile is not None]
    expected = _expected(known)
    found = {v.name: grade(v.profiles, expected[v.name]) for v in known if v.name in expected}
    fractured = [
        v for v in known if v.name in found and found[v.name].grade > 0 and _can_be_fractured(v)
    ]
    nearby = {v.name: name for v in known if (name := _nearest(v, fractured))}
    found |= {
        v.name: grade(v.profiles, expected[v.name], _BORDERLINE)
        for v in known
        if v.name in nearby and v.name in expected
    }
    return tuple(
        vertebra
        if vertebra.profile is None
        else _graded(vertebra, expected, found, nearby.get(vertebra.name, ""))
        for vertebra in vertebrae
    )


def _can_be_fractured(vertebra: VertebraMeasurement) -> bool:
    """Return whether a large loss of height means a fracture; L5 has no grade but can have one."""
    return vertebra.name in _LUMBOSACRAL or not why_ungraded(vertebra.name)


def _nearest(vertebra: VertebraMeasurement, fractured: Sequence[VertebraMeasurement]) -> str:
    """Return the name of the nearest other fractured vertebra; '' if none is nearby."""
    distances = [
        (abs(_PLACES[other.label] - _PLACES[vertebra.label]), other.name)
        for other in fractured
        if other.label != vertebra.label
    ]
    distance, name = min(distances, default=(_NEARBY + 1, ""))
    return name if distance <= _NEARBY else ""


def _graded(
    vertebra: VertebraMeasurement,
    all_expected: Mapping[str, ExpectedHeights],
    all_found: Mapping[str, Genant],
    fractured: str,
) -> VertebraMeasurement:
    """Return a vertebra with its grade; `fractured` is the nearest fractured vertebra nearby."""
    assert vertebra.profile is not None
    expected, found = all_expected.get(vertebra.name), all_found.get(vertebra.name)
    reason = why_ungraded(vertebra.name)
    if not reason and expected is None:
        reason = NO_EXPECTED
    genant = None if reason else found
    return replace(
        vertebra,
        expected=expected,
        ratios=ratios(vertebra.profile, expected),
        genant=genant,
        ungraded=reason,
        remarks=(*_about_loss(vertebra.name, genant, found, fractured), *_about_sides(vertebra)),
    )


def _about_loss(
    name: str, genant: Genant | None, found: Genant | None, fractured: str
) -> Iterator[str]:
    """Yield what to check: a loss close to grade 1, or a loss at a level that is not graded.

    Choice: a loss of 15% or more, which 2% of healthy bodies exceed; for L5, grade 1 or more,
    because its healthy bodies show losses of up to 13%.
    """
    if found is None:
        return
    percent = found.loss_percent.value
    if genant is not None and genant.grade > 0 and percent < GRADE_LIMITS[0]:
        yield worded(
            "The height loss of {percent:.1f}% is below 20%, but the vertebra is graded 1 because "
            "{level} is fractured.",
            percent=percent,
            level=fractured,
        )
    elif genant is not None and _BORDERLINE <= percent < GRADE_LIMITS[0]:
        yield worded(
            "The height loss of {percent:.0f}% is just below grade 1. Check for a fracture.",
            percent=percent,
        )
    if genant is None and name in _LUMBOSACRAL and found.grade > 0:
        yield worded(
            "The height of {level} is {percent:.0f}% less than expected from its neighbours. "
            "Check for a fracture.",
            level=name,
            percent=percent,
        )


def _about_sides(vertebra: VertebraMeasurement) -> Iterator[str]:
    """Yield a sentence if one side of a thoracic or lumbar body is shorter than the other.

    Choice: by 10% of the height, averaged over anterior, middle and posterior height, which 2% of
    all bodies exceed.
    """
    left, right = vertebra.at(Side.LEFT), vertebra.at(Side.RIGHT)
    if left is None or right is None or vertebra.name[0] == "C" or vertebra.name == "T1":
        return
    mm_left, mm_right = (
        float(np.mean([height.length_mm for height in side.heights])) for side in (left, right)
    )
    percent = 100 * abs(mm_left - mm_right) / max(0.5 * (mm_left + mm_right), 1e-6)
    if percent < _ONE_SIDED:
        return
    text = (
        worded(
            "The left side of the vertebral body is {mm:.1f} mm ({percent:.0f}%) "
            "shorter than the right side.",
            mm=mm_right - mm_left,
            percent=percent,
        )
        if mm_left < mm_right
        else worded(
            "The right side of the vertebral body is {mm:.1f} mm "
            "({percent:.0f}%) shorter than the left side.",
            mm=mm_left - mm_right,
            percent=percent,
        )
    )
    yield text


def why_ungraded(name: str) -> str:
    """Return why a level has no grade; '' if it has one."""
    if name[0] == "C":
        return worded(
            "Cervical vertebrae are not graded, because Genant grades apply to thoracic and "
            "lumbar vertebrae."
        )
    if name in _LUMBOSACRAL:
        return worded(
            "{level} is not graded, because its vertebral body is naturally wedged.", level=name
        )
    if name == "T1":
        return worded(
            "T1 is not graded, because its vertebral body is shaped like that of "
            "a cervical vertebra."
        )
    return ""


def ratios(profile: Profile, expected: ExpectedHeights | None) -> Ratios:
    """Return the ratios of a profile's heights."""
    anterior, middle, posterior = (caliper.estimate for caliper in profile.heights)
    return Ratios(
        _ratio(anterior, posterior),
        _ratio(middle, posterior),
        None if expected is None else _ratio(posterior, expected.posterior_mm),
    )


def grade(
    profiles: Sequence[Profile], expected: ExpectedHeights, min_percent: float = GRADE_LIMITS[0]
) -> Genant:
    """Return the grade of a body's profiles compared with expected heights in the middle.

    Choice: for each height, the median loss of the profiles counts, so that a Schmorl node or a
    local fault of the mask is not graded as a fracture. Wedged bodies are also lower in the middle.
    An anterior loss therefore counts only up to 15 percentage points above twice the middle loss,
    because thick slices and rounded rims reduce the anterior height alone. If the user has
    corrected profiles, only these count, and all their heights count fully.

    Parameters
    ----------
    min_percent
        Minimum height loss for grade 1. Choice: 20%, and 15% if a vertebra at most two levels away
        is fractured, because a further fracture is then several times more probable.
    """
    by_hand = [profile for profile in profiles if profile.is_set_by_hand]
    profiles = by_hand or profiles
    usual = (expected.anterior_mm, expected.middle_mm, expected.posterior_mm)
    losses = [
        _median([_loss(_as_in_middle(profile, place), usual[place]) for profile in profiles])
        for place in range(3)
    ]
    if not by_hand:
        largest = _RIM_PERCENT + 2 * max(losses[1].value, 0.0)
        losses[0] = Estimate(min(losses[0].value, largest), losses[0].uncertainty)
    worst = max(losses, key=lambda loss: loss.value)
    number = sum(worst.value >= limit for limit in (min_percent, *GRADE_LIMITS[1:]))
    return Genant(number, _shape(losses) if number else None, worst)


def _as_in_middle(profile: Profile, place: int) -> Estimate:
    """Return a height converted to that in the middle of a healthy body."""
    height = profile.heights[place].estimate
    factor = 1.0 if profile.side is Side.MIDDLE else _SIDE_FACTORS[place]
    return Estimate(height.value / factor, height.uncertainty)


def _median(losses: Sequence[Estimate]) -> Estimate:
    """Return the median; of two losses, the mean."""
    ordered = sorted(losses, key=lambda loss: loss.value)
    lower, upper = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return Estimate(0.5 * (lower.value + upper.value), max(lower.uncertainty, upper.uncertainty))


def _shape(losses: Sequence[Estimate]) -> Shape:
    """Return the fracture type according to the reduced heights; if all are reduced, a crush."""
    anterior, middle, posterior = (loss.value for loss in losses)
    largest = max(anterior, middle, posterior)
    if posterior >= 15.0 and posterior >= 0.6 * largest:
        return Shape.CRUSH
    return Shape.BICONCAVE if middle > anterior else Shape.WEDGE


def _ratio(value: Estimate, divisor: Estimate) -> Estimate:
    share = value.value / max(divisor.value, 1e-6)
    relative = np.hypot(
        value.uncertainty / max(value.value, 1e-6), divisor.uncertainty / max(divisor.value, 1e-6)
    )
    return Estimate(share, float(share * relative))


def _loss(height: Estimate, usual: Estimate) -> Estimate:
    share = _ratio(height, usual)
    return Estimate(100 * (1 - share.value), 100 * share.uncertainty)


@dataclass(frozen=True, eq=False)
class _Heights:
    """Heights of a row of vertebrae.

    Attributes
    ----------
    rows
        Position along the spine, shape (vertebrae,).
    above
        Logarithm of the ratio of each height to the normal one, shape (vertebrae, 3).
    size
        Logarithm of the patient's size estimated from the bodies' depths, which fractures hardly
        change; None if no depth is known.
    """

    rows: Floats
    above: Floats
    size: float | None


def _expected(known: Sequence[VertebraMeasurement]) -> dict[str, ExpectedHeights]:
    """Return expected heights by name, from the heights of the other vertebrae and all depths."""
    usual = np.array([norm_mm(vertebra.label) for vertebra in known])
    heights = np.array(
        [[caliper.length_mm for caliper in v.profile.heights] for v in known if v.profile]
    )
    data = _Heights(
        np.array([_PLACES[v.label] for v in known]),
        np.log(np.maximum(heights, 0.5) / usual),
        _size_by_depth(known),
    )
    found = {}
    if len(known) < (3 if data.size is None else 2):
        return {}
    for number, vertebra in enumerate(known):
        curve, spread, weights = _curve_at(data, number)
        near = [v.name for v, w in zip(known, weights, strict=True) if w > 0.1 * weights.max()]
        lengths = (usual[number] * np.exp(curve)).tolist()
        anterior, middle, posterior = (Estimate(mm, mm * spread) for mm in lengths)
        found[vertebra.name] = ExpectedHeights(anterior, middle, posterior, tuple(near))
    return found


def _size_by_depth(known: Sequence[VertebraMeasurement]) -> float | None:
    """Return the logarithm of the patient's size estimated from anteroposterior diameters."""
    found = [
        np.log(v.depth.length_mm / usual)
        for v in known
        if v.depth is not None and (usual := usual_depth_mm(v.label)) is not None
    ]
    return float(np.median(found)) if found else None


def _curve_at(data: _Heights, number: int) -> tuple[Floats, float, Floats]:
    """Return a patient's curve at one vertebra from the others, its uncertainty, and their weights.

    Fractured bodies are low outliers: heights above the curve count fully, those below count less.
    """
    distance = data.rows - data.rows[number]
    near = np.exp(-np.abs(distance) / _REACH_LEVELS)
    near[number] = 0.0
    off, lowest = data.above.mean(axis=1), data.above.min(axis=1)
    trust = np.ones(len(near))
    # Healthy bodies are in the upper half even if most bodies are fractured.
    others = off[near > 0]
    value = float(np.quantile(others, 0.75)) if len(others) else 0.0
    slope = 0.0
    # The slope is weakly regularised towards the norm, and the size towards that from the depths.
    prior = np.diag([1e-6, 8.0])
    prior_pull = np.zeros(2)
    if data.size is not None:
        prior[0, 0] = (_HEALTHY_SD / _DEPTH_SD) ** 2
        prior_pull[0] = prior[0, 0] * data.size
    design = np.column_stack([np.ones_like(distance), distance])
    for _ in range(15):
        # The lowest of three heights of a healthy body is one deviation below its curve.
        below = value + slope * distance - lowest - _HEIGHT_SD
        trust = 1 / (1 + np.maximum(below / (2.0 * _HEIGHT_SD), 0.0) ** 6)
        weights = near * trust
        precision = design.T @ (weights[:, None] * design) + prior
        value, slope = np.linalg.solve(precision, design.T @ (weights * off) + prior_pull).tolist()
        if data.size is not None:
            value = max(value, data.size - _LOWEST)
    weights = near * trust
    total = max(float(weights.sum()), 1e-9)
    by_height = data.above - off[:, None]
    # How the patient's three heights differ from the norm, regularised towards no difference.
    curve = value + (weights[:, None] * by_height).sum(axis=0) / (total + 1.5)
    effective = total**2 / max(float((weights**2).sum()), 1e-9)
    return curve, float(_HEALTHY_SD * np.sqrt(1 + 1 / effective)), weights


def usual_depth_mm(label: int) -> float | None:
    """Return the normal anteroposterior diameter of a level; None if not known."""
    return None if label not in _BY_DEPTH else float(np.mean(norm_mm(label))) / _BY_DEPTH[label]


def norm_mm(label: int) -> tuple[float, float, float]:
    """Return the normal anterior, middle and posterior height of a level; T13 as T12, L6 as L5."""
    return NORMS_MM[{T13: 19, 25: 24, 2: 3}.get(label, label)]
