"""Whether the same names in two scans of a patient mean the same vertebrae."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spineviewer.measurements.expected import PLACES
from spineviewer.measurements.results import Measurements, VertebraMeasurement

Floats = NDArray[np.float64]

#: Choice: typical differences between two scans of the same vertebra, as logarithms: of its three
#: heights, depth, width and volume. Larger differences count as at most three typical ones, so
#: that a new fracture is not mistaken for another vertebra.
_TYPICAL = np.array([0.05, 0.05, 0.05, 0.04, 0.04, 0.05])
_MAX_TYPICAL = 3.0
#: Levels by which the names may differ, and the number of vertebrae that must be compared.
_SHIFTS, _MIN_PAIRS = (-2, -1, 1, 2), 3
#: Mean squared difference that cannot be due to measuring alone, and the largest share of it that
#: may remain with other names. In 34 rotated, cropped or coarser copies of 7 scans, it is at most
#: 0.45 with the right names, and 0.75 to 3.4 with names shifted by one level.
_LARGE, _SHARE = 0.6, 0.5


@dataclass(frozen=True)
class SameVertebra:
    """Names of what is probably the same vertebra in two scans."""

    here: str
    there: str


def shifted_names(here: Measurements, there: Measurements) -> SameVertebra | None:
    """Return an example if two scans fit better with shifted names; None if the names fit.

    Fractures and arthrosis change a vertebra, but not all of them by the difference between two
    levels.
    """
    one, other = _sizes(here), _sizes(there)
    as_named = _difference(one, other, 0)
    if as_named is None or as_named < _LARGE:
        return None
    found = {
        shift: difference
        for shift in _SHIFTS
        if (difference := _difference(one, other, shift)) is not None
    }
    best = min(found, key=lambda shift: found[shift], default=0)
    if not found or found[best] > _SHARE * as_named:
        return None
    place = next(place for place in one if place + best in other)
    return SameVertebra(one[place][0], other[place + best][0])


def _sizes(measurements: Measurements) -> dict[float, tuple[str, Floats]]:
    """Return name and logarithms of all sizes of each vertebra, by its position along the spine."""
    return {
        PLACES[v.label]: (v.name, sizes)
        for v in measurements
        if (sizes := _sizes_of(v)) is not None
    }


def _sizes_of(vertebra: VertebraMeasurement) -> Floats | None:
    profile, depth, width, ml = vertebra.profile, vertebra.depth, vertebra.width, vertebra.body_ml
    if profile is None or depth is None or width is None or ml is None:
        return None
    lengths = [caliper.length_mm for caliper in (*profile.heights, depth, width)]
    return np.log(np.maximum([*lengths, ml.value], 0.1))


def _difference(
    one: dict[float, tuple[str, Floats]], other: dict[float, tuple[str, Floats]], shift: int
) -> float | None:
    """Return the mean squared difference, in typical differences; None if there are few pairs."""
    pairs = [
        (sizes, other[place + shift][1])
        for place, (_, sizes) in one.items()
        if place + shift in other
    ]
    if len(pairs) < _MIN_PAIRS:
        return None
    off = np.array([(first - second) / _TYPICAL for first, second in pairs])
    return float((np.minimum(np.abs(off), _MAX_TYPICAL) ** 2).mean())
