"""Ratios, expected heights and fracture grades, computed only from heights.

These are pure functions of numbers: after a landmark is dragged, they recompute what depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from spineviewer.measurements.deformities import (
    DEFORMED,
    SUPPORTED,
    TO_CHECK,
    Deformity,
    deformities,
)
from spineviewer.measurements.expected import LEVEL_POSITIONS, expected_heights, norm_mm
from spineviewer.measurements.results import (
    GRADE_LIMITS,
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
from spineviewer.wording import worded

#: Anterior, middle and posterior heights at the sides of a healthy body, relative to those in its
#: middle.
_SIDE_FACTORS = (1.0, 1.01, 1.0)
#: Smallest height loss that is mentioned, or graded near a fracture, in percent.
_BORDERLINE = 15.0
#: Smallest difference between the left and right sides that is mentioned, in percent.
_ONE_SIDED = 10.0
#: The largest anterior loss that counts if the middle height is normal, in percent.
_RIM_PERCENT = 15.0
#: Number of levels up to which a fracture makes further fractures more probable.
_NEARBY = 2
_LUMBOSACRAL = ("L5", "L6")


def graded(vertebrae: Sequence[VertebraMeasurement]) -> tuple[VertebraMeasurement, ...]:
    """Return the vertebrae with expected heights, ratios and grades computed from their profiles.

    Existing values are recomputed.

    Choice: a body is compared with its neighbours and, because they may have the same deformity,
    with itself (`deformities`). Its own heights count if they deviate more than in almost all
    healthy bodies and the neighbours agree: it is also low compared with them, or one of them is
    deformed in the same way. Near a fracture of the same shape, a smaller deviation is enough.
    """
    profiled = [v for v in vertebrae if v.profile is not None]
    expected = expected_heights(profiled)
    own_signs = {
        v.name: deformities(v.label, _decisive_profiles(v.profiles), norm_mm(v.label))
        for v in profiled
        if not why_ungraded(v.name)
    }
    by_heights = {
        v.name: grade(v.profiles, expected[v.name]) for v in profiled if v.name in expected
    }
    deformed = {
        v.name: sign for v in profiled if (sign := _deformity(v, profiled, own_signs, by_heights))
    }
    fractured = [
        v
        for v in profiled
        if v.name in deformed
        or (v.name in by_heights and by_heights[v.name].grade > 0 and _can_be_fractured(v))
    ]
    rows = []
    for vertebra in vertebrae:
        if vertebra.profile is None:
            rows.append(vertebra)
            continue
        name, nearby = vertebra.name, _nearest(vertebra, fractured)
        usual = expected.get(name)
        by_loss = by_heights.get(name)
        if nearby and usual is not None:
            by_loss = grade(vertebra.profiles, usual, _BORDERLINE)
        signs = own_signs.get(name, ())
        alike = _alike(signs, _near(vertebra, fractured), own_signs)
        proof = deformed.get(name) or _largest(alike, SUPPORTED)
        sign = proof or _largest(signs, SUPPORTED if nearby else TO_CHECK)
        is_deformed = proof is not None
        rows.append(_graded(vertebra, usual, by_loss, sign, is_deformed=is_deformed, nearby=nearby))
    return tuple(rows)


def _decisive_profiles(profiles: Sequence[Profile]) -> Sequence[Profile]:
    """Return the profiles that count: only corrected ones if the user corrected any."""
    return [profile for profile in profiles if profile.is_set_by_hand] or profiles


def _largest(signs: Sequence[Deformity], deviations: float) -> Deformity | None:
    """Return the sign with the largest deviation; None if all are below `deviations`."""
    return max(
        (sign for sign in signs if sign.deviations >= deviations),
        key=lambda sign: sign.deviations,
        default=None,
    )


def _deformity(
    vertebra: VertebraMeasurement,
    known: Sequence[VertebraMeasurement],
    own_signs: Mapping[str, Sequence[Deformity]],
    by_heights: Mapping[str, Genant],
) -> Deformity | None:
    """Return the deformity that a body's own heights show; None if they show none."""
    by_loss = by_heights.get(vertebra.name)
    is_low = by_loss is None or by_loss.loss_percent.value >= _BORDERLINE
    signs = own_signs.get(vertebra.name, ())
    confirmed = signs if is_low else _alike(signs, _near(vertebra, known), own_signs)
    return _largest(confirmed, DEFORMED)


def _near(
    vertebra: VertebraMeasurement, others: Sequence[VertebraMeasurement]
) -> list[VertebraMeasurement]:
    """Return the other vertebrae that are at most `_NEARBY` levels away."""
    place = LEVEL_POSITIONS[vertebra.label]
    return [
        other
        for other in others
        if other.label != vertebra.label and abs(LEVEL_POSITIONS[other.label] - place) <= _NEARBY
    ]


def _alike(
    signs: Sequence[Deformity],
    neighbours: Sequence[VertebraMeasurement],
    own_signs: Mapping[str, Sequence[Deformity]],
) -> list[Deformity]:
    """Return the signs of a body that a neighbour also shows."""
    shown = {
        sign.shape
        for neighbour in neighbours
        for sign in own_signs.get(neighbour.name, ())
        if sign.deviations >= SUPPORTED
    }
    return [sign for sign in signs if sign.shape in shown]


def _can_be_fractured(vertebra: VertebraMeasurement) -> bool:
    """Return whether a large height loss indicates a fracture, even if it is not graded (L5)."""
    return vertebra.name in _LUMBOSACRAL or not why_ungraded(vertebra.name)


def _nearest(vertebra: VertebraMeasurement, fractured: Sequence[VertebraMeasurement]) -> str:
    """Return the name of the nearest other fractured vertebra; '' if none is nearby."""
    distances = [
        (abs(LEVEL_POSITIONS[other.label] - LEVEL_POSITIONS[vertebra.label]), other.name)
        for other in fractured
        if other.label != vertebra.label
    ]
    distance, name = min(distances, default=(_NEARBY + 1, ""))
    return name if distance <= _NEARBY else ""


def _graded(
    vertebra: VertebraMeasurement,
    expected: ExpectedHeights | None,
    by_loss: Genant | None,
    sign: Deformity | None,
    *,
    is_deformed: bool,
    nearby: str,
) -> VertebraMeasurement:
    """Return a vertebra with its grade.

    Parameters
    ----------
    by_loss
        Its grade according to the loss compared with the expected heights.
    sign
        A deformity to mention; if `is_deformed`, it counts as a fracture.
    nearby
        Name of the nearest fractured vertebra; '' if none is nearby.
    """
    assert vertebra.profile is not None
    reason = why_ungraded(vertebra.name)
    genant = None if reason else by_loss
    if not reason and sign is not None and is_deformed:
        genant = _grade_deformed(by_loss, sign)
    elif genant is not None and sign is not None:
        genant = replace(genant, needs_check=True)
    if not reason and genant is None:
        reason = NO_EXPECTED
    reasons = (
        *_about_loss(vertebra.name, genant, by_loss, nearby),
        *_about_shape(genant, by_loss, sign),
    )
    if genant is not None:
        reasons = reasons or tuple(_about_other_grade(genant))
        genant = replace(genant, reasons=reasons)
    return replace(
        vertebra,
        expected=expected,
        ratios=ratios(vertebra.profile, expected),
        genant=genant,
        ungraded=reason,
        remarks=(*reasons, *_about_sides(vertebra)),
    )


def _grade_deformed(by_loss: Genant | None, sign: Deformity) -> Genant:
    """Return the grade of a deformed body: at least 1, according to the larger of two losses."""
    number = 1 + sum(sign.loss_percent.value >= limit for limit in GRADE_LIMITS[1:])
    if by_loss is None or number > by_loss.grade:
        losses = (
            [sign.loss_percent] if by_loss is None else [sign.loss_percent, by_loss.loss_percent]
        )
        worst = max(losses, key=lambda loss: loss.value)
        return Genant(number, sign.shape, worst, needs_check=worst.value < GRADE_LIMITS[0])
    return by_loss


def _about_loss(
    name: str, genant: Genant | None, by_loss: Genant | None, fractured: str
) -> Iterator[str]:
    """Yield a sentence about a loss near the limit of grade 1, and about a loss at L5 or L6.

    Choice: a loss of 15% or more, which 2% of healthy bodies have; for L5 and L6, a loss of grade
    1 or more, because healthy ones show losses of up to 13%.
    """
    if by_loss is None:
        return
    percent = by_loss.loss_percent.value
    if by_loss.grade > 0 and genant is not None and percent < GRADE_LIMITS[0]:
        yield worded(
            "The height loss of {percent:.1f}% is below 20%, but the vertebra is graded 1 because "
            "{level} is fractured.",
            percent=percent,
            level=fractured,
        )
    elif genant is not None and genant.grade == 0 and percent >= _BORDERLINE:
        yield worded(
            "The height loss of {percent:.0f}% is just below grade 1. Check for a fracture.",
            percent=percent,
        )
    if name in _LUMBOSACRAL and by_loss.grade > 0:
        yield worded(
            "The height of {level} is {percent:.0f}% less than expected from its neighbours. "
            "Check for a fracture.",
            level=name,
            percent=percent,
        )


def _about_shape(
    genant: Genant | None, by_loss: Genant | None, sign: Deformity | None
) -> Iterator[str]:
    """Yield sentences on a body's own heights, unless comparison with neighbours gives a grade."""
    if sign is None or (by_loss is not None and by_loss.grade > 0):
        return
    percent = sign.loss_percent.value
    yield (
        worded(
            "The middle height is {percent:.0f}% lower than usual for a vertebra with these "
            "anterior and posterior heights.",
            percent=percent,
        )
        if sign.shape is Shape.BICONCAVE
        else worded(
            "The anterior height is {percent:.0f}% lower than usual for a vertebra with this "
            "posterior height.",
            percent=percent,
        )
    )
    yield (
        worded(
            "The vertebra is graded because of this. Its neighbours may be deformed as well, so "
            "its expected heights may be too small."
        )
        if genant is not None and genant.grade > 0
        else worded("Check for a fracture.")
    )


def _about_other_grade(genant: Genant) -> Iterator[str]:
    """Yield a sentence if a loss is so close to a limit that another grade is possible."""
    if not genant.is_borderline:
        return
    loss, limit = genant.loss_percent, genant.nearest_limit_percent
    above = genant.limits_percent.index(limit) + 1
    yield worded(
        "The height loss of {percent:.0f}% ± {uncertainty:.0f}% is close to {limit:.0f}%, so grade "
        "{other} is also possible.",
        percent=loss.value,
        uncertainty=loss.uncertainty,
        limit=limit,
        other=above if genant.grade < above else above - 1,
    )


def _about_sides(vertebra: VertebraMeasurement) -> Iterator[str]:
    """Yield a sentence if one side of a thoracic or lumbar body is shorter than the other.

    Choice: by 10% of the mean of anterior, middle and posterior height, which 2% of all bodies
    exceed.
    """
    left, right = vertebra.profile_at(Side.LEFT), vertebra.profile_at(Side.RIGHT)
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
    """Return why a level is never graded; '' if it is."""
    if name[0] == "C":
        return worded(
            "Cervical vertebrae are not graded, because Genant grades apply only to thoracic and "
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
    """Return the grade of a body from its profiles and the expected heights in its middle.

    Choice: for each height, the median loss over the profiles counts, so that a Schmorl node or a
    local error of the mask is not graded as a fracture. Thick slices and rounded rims reduce only
    the anterior height, whereas wedged bodies are also lower in the middle. An anterior loss
    therefore counts only up to 15 percentage points above twice the middle loss. If the user has
    corrected profiles, only these count, and all their heights count fully.

    Parameters
    ----------
    min_percent
        Minimum height loss for grade 1. Choice: 20%, and 15% if a vertebra at most two levels away
        is fractured, because a further fracture is then several times more probable.
    """
    profiles = _decisive_profiles(profiles)
    usual = (expected.anterior_mm, expected.middle_mm, expected.posterior_mm)
    losses = [
        _median([_loss(_at_middle(profile, position), usual[position]) for profile in profiles])
        for position in range(3)
    ]
    if not profiles[0].is_set_by_hand:
        largest = _RIM_PERCENT + 2 * max(losses[1].value, 0.0)
        losses[0] = Estimate(min(losses[0].value, largest), losses[0].uncertainty)
    worst = max(losses, key=lambda loss: loss.value)
    limits = (min_percent, *GRADE_LIMITS[1:])
    grade_number = sum(worst.value >= limit for limit in limits)
    shape = _shape(losses) if grade_number else None
    return Genant(grade_number, shape, worst, limits_percent=limits)


def _at_middle(profile: Profile, position: int) -> Estimate:
    """Return a height of a profile, converted to the middle of the body."""
    height = profile.heights[position].estimate
    factor = 1.0 if profile.side is Side.MIDDLE else _SIDE_FACTORS[position]
    return Estimate(height.value / factor, height.uncertainty)


def _median(losses: Sequence[Estimate]) -> Estimate:
    """Return the median; of two losses, the mean."""
    ordered = sorted(losses, key=lambda loss: loss.value)
    lower, upper = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return Estimate(0.5 * (lower.value + upper.value), max(lower.uncertainty, upper.uncertainty))


def _shape(losses: Sequence[Estimate]) -> Shape:
    """Return the type of a fracture: crush if the posterior height is also clearly reduced."""
    anterior, middle, posterior = (loss.value for loss in losses)
    largest = max(anterior, middle, posterior)
    if posterior >= 15.0 and posterior >= 0.6 * largest:
        return Shape.CRUSH
    return Shape.BICONCAVE if middle > anterior else Shape.WEDGE


def _ratio(value: Estimate, divisor: Estimate) -> Estimate:
    ratio = value.value / max(divisor.value, 1e-6)
    relative = np.hypot(
        value.uncertainty / max(value.value, 1e-6), divisor.uncertainty / max(divisor.value, 1e-6)
    )
    return Estimate(ratio, float(ratio * relative))


def _loss(height: Estimate, usual: Estimate) -> Estimate:
    ratio = _ratio(height, usual)
    return Estimate(100 * (1 - ratio.value), 100 * ratio.uncertainty)
