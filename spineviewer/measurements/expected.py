"""Expected heights of bodies, from normal heights of adults and the other bodies in the scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spineviewer.measurements.deformities import SUPPORTED, deformities
from spineviewer.measurements.results import Estimate, ExpectedHeights, VertebraMeasurement
from spineviewer.volume.levels import T13, VERSE_ORDER

Floats = NDArray[np.float64]

#: Normal anterior, middle and posterior heights in mm of adults, by level, fitted to 130 bodies
#: without fracture in labelled masks of 14 patients. Only their ratios matter, because the
#: patient's size is fitted.
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
#: Ratio of the mean height of the same bodies to their anteroposterior diameter, from T2 to L5.
_HEIGHT_BY_DEPTH = dict(
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
#: Standard deviation of the log mean height of a healthy body around the patient's own curve.
_HEALTHY_SD = 0.03
#: Standard deviation of one of its three log heights.
_HEIGHT_SD = 0.045
#: Standard deviation of the patient's log size estimated from depths.
_DEPTH_SD = 0.08
#: The curve of the heights is at most this far, as a logarithm, below the size estimated from
#: depths: in all 24 patients, the median of healthy bodies is within 0.2 of it.
_LOWEST = 0.2
#: Positions along the spine in levels. T13 is between T12 and L1, which are one level apart.
LEVEL_POSITIONS = {
    label: float(place)
    for place, label in enumerate(label for label in VERSE_ORDER if label != T13)
}
LEVEL_POSITIONS[T13] = LEVEL_POSITIONS[19] + 0.5
#: Distance in levels at which the weight of a neighbour is 1/e.
_REACH_LEVELS = 5.0


@dataclass(frozen=True, eq=False)
class _Heights:
    """Heights of a row of vertebrae.

    Attributes
    ----------
    positions
        Position along the spine in levels, shape (vertebrae,).
    above
        Logarithm of the ratio of each height to the normal one, shape (vertebrae, 3).
    size
        Logarithm of the patient's size estimated from the bodies' depths, which fractures hardly
        change; None if no depth is known.
    normality
        How normal the ratios between a body's own heights are, from 0 to 1, shape (vertebrae,).
    """

    positions: Floats
    above: Floats
    size: float | None
    normality: Floats


def expected_heights(vertebrae: Sequence[VertebraMeasurement]) -> dict[str, ExpectedHeights]:
    """Return the expected heights of each vertebra, by its name; empty with too few vertebrae.

    They are estimated from the heights of the other vertebrae and the depths of all.
    """
    usual = np.array([norm_mm(vertebra.label) for vertebra in vertebrae])
    heights = np.array(
        [[caliper.length_mm for caliper in v.profile.heights] for v in vertebrae if v.profile]
    )
    data = _Heights(
        np.array([LEVEL_POSITIONS[v.label] for v in vertebrae]),
        np.log(np.maximum(heights, 0.5) / usual),
        _size_by_depth(vertebrae),
        np.array([_normality_of(vertebra) for vertebra in vertebrae]),
    )
    expected = {}
    if len(vertebrae) < (3 if data.size is None else 2):
        return {}
    for number, vertebra in enumerate(vertebrae):
        curve, spread, weights = _curve_at(data, number)
        used = [v.name for v, w in zip(vertebrae, weights, strict=True) if w > 0.1 * weights.max()]
        lengths = (usual[number] * np.exp(curve)).tolist()
        anterior, middle, posterior = (Estimate(mm, mm * spread) for mm in lengths)
        expected[vertebra.name] = ExpectedHeights(anterior, middle, posterior, tuple(used))
    return expected


def _normality_of(vertebra: VertebraMeasurement) -> float:
    """Return how normal the ratios between a body's own heights are, from 0 to 1."""
    if vertebra.label < 9:
        return 1.0
    signs = deformities(vertebra.label, vertebra.profiles, norm_mm(vertebra.label))
    largest = max(0.0, *(sign.deviations for sign in signs))
    return 1 / (1 + (largest / SUPPORTED) ** 6)


def _size_by_depth(vertebrae: Sequence[VertebraMeasurement]) -> float | None:
    """Return the logarithm of the patient's size estimated from depths; None without a depth."""
    logs = [
        np.log(v.depth.length_mm / usual)
        for v in vertebrae
        if v.depth is not None and (usual := usual_depth_mm(v.label)) is not None
    ]
    return float(np.median(logs)) if logs else None


def _curve_at(data: _Heights, number: int) -> tuple[Floats, float, Floats]:
    """Return the value at `number` of a curve fitted to all other vertebrae, and its uncertainty.

    The third result is the weights of the vertebrae. The curve is the logarithm of the ratio of
    expected to normal heights. Fractured bodies are low outliers: heights above the curve count
    fully, those below it count less.
    """
    distance = data.positions - data.positions[number]
    closeness = np.exp(-np.abs(distance) / _REACH_LEVELS)
    closeness[number] = 0.0
    mean_above, lowest = data.above.mean(axis=1), data.above.min(axis=1)
    trust = np.ones(len(closeness))
    # The upper quartile is that of a healthy body even if most bodies are fractured.
    others = mean_above[closeness > 0]
    value = float(np.quantile(others, 0.75)) if len(others) else 0.0
    slope = 0.0
    # The slope is weakly regularised towards that of the norm, the size towards that from depths.
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
        weights = closeness * trust
        precision = design.T @ (weights[:, None] * design) + prior
        value, slope = np.linalg.solve(
            precision, design.T @ (weights * mean_above) + prior_pull
        ).tolist()
        if data.size is not None:
            value = max(value, data.size - _LOWEST)
    weights = closeness * trust
    total = max(float(weights.sum()), 1e-9)
    from_mean = data.above - mean_above[:, None]
    # How the patient's three heights differ from the norm, regularised towards no difference.
    # Deformed bodies do not count, because their neighbours may have the same deformity.
    usual = weights * data.normality
    curve = value + (usual[:, None] * from_mean).sum(axis=0) / (usual.sum() + 1.5)
    effective = total**2 / max(float((weights**2).sum()), 1e-9)
    return curve, float(_HEALTHY_SD * np.sqrt(1 + 1 / effective)), weights


def usual_depth_mm(label: int) -> float | None:
    """Return the normal anteroposterior diameter of a level; None if not known."""
    return (
        None
        if label not in _HEIGHT_BY_DEPTH
        else float(np.mean(norm_mm(label))) / _HEIGHT_BY_DEPTH[label]
    )


def norm_mm(label: int) -> tuple[float, float, float]:
    """Return the normal anterior, middle and posterior height of a level.

    C2, T13 and L6 have those of C3, T12 and L5.
    """
    return NORMS_MM[{T13: 19, 25: 24, 2: 3}.get(label, label)]
