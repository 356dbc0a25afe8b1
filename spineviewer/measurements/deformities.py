"""Signs of a deformity in a single body: ratios of its heights, compared with healthy ones.

Neighbours with the same deformity cannot serve as a reference for each other; a body's own heights
still can.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spineviewer.measurements.results import Estimate, Profile, Shape, Side

_LUMBAR = range(20, 26)
#: Logarithms of healthy ratios relative to the norms: their medians (True: in lumbar bodies, False:
#: in thoracic ones) and their standard deviation without the uncertainty of the heights. They come
#: from 110 bodies without fracture in 15 patients; each patient was compared only with the others.
_MIDDLE_LOG, _MIDDLE_SD = {False: 0.026, True: 0.001}, 0.030
_ANTERIOR_LOG, _ANTERIOR_SD = {False: 0.003, True: -0.009}, 0.045
#: Deviation, in standard deviations, at which a body counts as deformed (source: Eastell 1991).
#: None of 132 healthy bodies reaches it.
DEFORMED = 3.0
#: Deviation at which a body must be checked; 2 of the healthy bodies reach it.
TO_CHECK = 2.5
#: Deviation at which a body counts as deformed if a nearby vertebra is also deformed; 7 of the
#: healthy bodies reach it.
SUPPORTED = 2.0


@dataclass(frozen=True)
class Deformity:
    """How much a body's own heights differ from those of a healthy body.

    Attributes
    ----------
    shape
        Biconcave: the middle height is low compared with the anterior and posterior heights. Wedge:
        the anterior height is low compared with the posterior one.
    loss_percent
        Loss of the middle or anterior height compared with the other heights.
    deviations
        The same in standard deviations of healthy bodies; positive if the height is reduced.
    """

    shape: Shape
    loss_percent: Estimate
    deviations: float


def deformities(
    label: int, profiles: Sequence[Profile], usual_mm: tuple[float, float, float]
) -> tuple[Deformity, Deformity]:
    """Return how biconcave and how wedged a thoracic or lumbar body is.

    The middle height is taken in the middle of the body, where concave endplates are closest to
    each other. Anterior and posterior heights are medians of all profiles.

    Parameters
    ----------
    profiles
        At least one. Without a middle profile, the middle height is also a median.
    usual_mm
        Normal anterior, middle and posterior height of the level.
    """
    anterior, middle, posterior = (
        _log_ratio(profiles, position, mm) for position, mm in enumerate(usual_mm)
    )
    central = [profile for profile in profiles if profile.side is Side.MIDDLE]
    if central:
        middle = _log_ratio(central, 1, usual_mm[1])
    is_lumbar = label in _LUMBAR
    concave = middle.value - 0.5 * (anterior.value + posterior.value) - _MIDDLE_LOG[is_lumbar]
    wedged = anterior.value - posterior.value - _ANTERIOR_LOG[is_lumbar]
    concave_uncertainty = math.hypot(
        middle.uncertainty, 0.5 * anterior.uncertainty, 0.5 * posterior.uncertainty
    )
    wedged_uncertainty = math.hypot(anterior.uncertainty, posterior.uncertainty)
    return (
        _deformity(Shape.BICONCAVE, concave, concave_uncertainty, _MIDDLE_SD),
        _deformity(Shape.WEDGE, wedged, wedged_uncertainty, _ANTERIOR_SD),
    )


def _log_ratio(profiles: Sequence[Profile], position: int, usual_mm: float) -> Estimate:
    """Return the logarithm of the ratio of a height to the normal one."""
    heights = [profile.heights[position] for profile in profiles]
    value = float(np.median([height.length_mm for height in heights]))
    uncertainty_mm = float(np.median([height.uncertainty_mm for height in heights]))
    return Estimate(math.log(max(value, 0.5) / usual_mm), uncertainty_mm / max(value, 0.5))


def _deformity(shape: Shape, value: float, uncertainty: float, healthy_sd: float) -> Deformity:
    ratio = math.exp(value)
    return Deformity(
        shape,
        Estimate(100 * (1 - ratio), 100 * ratio * uncertainty),
        -value / math.hypot(healthy_sd, uncertainty),
    )
