"""A check of whether the names in two scans of a patient refer to the same vertebrae."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spineviewer.measurements.expected import LEVEL_POSITIONS
from spineviewer.measurements.results import Measurements, VertebraMeasurement

Floats = NDArray[np.float64]

#: Choice: typical differences between two scans of the same vertebra, as logarithms: of its three
#: heights, depth, width and volume. Larger differences count as at most three typical ones, so
#: that a new fracture is not mistaken for another vertebra.
_TYPICAL = np.array([0.05, 0.05, 0.05, 0.04, 0.04, 0.05])
_MAX_TYPICAL = 3.0
#: Numbers of levels by which names may differ.
_SHIFTS = (-2, -1, 1, 2)
#: Minimum number of vertebrae to compare.
_MIN_PAIRS = 3
#: Mean squared difference that measurement errors alone cannot explain. In 34 rotated, cropped or
#: coarser copies of 7 scans, it is at most 0.45 with the right names, and 0.75 to 3.4 with names
#: shifted by one level.
_LARGE = 0.6
#: Largest fraction of the difference that may remain with shifted names.
_FRACTION = 0.5


@dataclass(frozen=True)
class SameVertebra:
    """The names that two scans give to what is probably the same vertebra."""

    here: str
    there: str


def shifted_names(here: Measurements, there: Measurements) -> SameVertebra | None:
    """Return an example if two scans fit better with shifted names; None if the names fit.

    Fractures and degeneration change individual vertebrae, but not all of them by the difference
    between two levels.
    """
    sizes_here, sizes_there = _sizes(here), _sizes(there)
    as_named = _difference(sizes_here, sizes_there, 0)
    if as_named is None or as_named < _LARGE:
        return None
    by_shift = {
        shift: difference
        for shift in _SHIFTS
        if (difference := _difference(sizes_here, sizes_there, shift)) is not None
    }
    best = min(by_shift, key=lambda shift: by_shift[shift], default=0)
    if not by_shift or by_shift[best] > _FRACTION * as_named:
        return None
    position = next(position for position in sizes_here if position + best in sizes_there)
    return SameVertebra(sizes_here[position][0], sizes_there[position + best][0])


def _sizes(measurements: Measurements) -> dict[float, tuple[str, Floats]]:
    """Return each vertebra's name and log sizes, by its position along the spine."""
    return {
        LEVEL_POSITIONS[v.label]: (v.name, sizes)
        for v in measurements
        if (sizes := _log_sizes(v)) is not None
    }


def _log_sizes(vertebra: VertebraMeasurement) -> Floats | None:
    profile, depth, width, ml = vertebra.profile, vertebra.depth, vertebra.width, vertebra.body_ml
    if profile is None or depth is None or width is None or ml is None:
        return None
    lengths = [caliper.length_mm for caliper in (*profile.heights, depth, width)]
    return np.log(np.maximum([*lengths, ml.value], 0.1))


def _difference(
    sizes_here: dict[float, tuple[str, Floats]],
    sizes_there: dict[float, tuple[str, Floats]],
    shift: int,
) -> float | None:
    """Return the mean squared difference, in typical differences; None with too few pairs."""
    pairs = [
        (sizes, sizes_there[position + shift][1])
        for position, (_, sizes) in sizes_here.items()
        if position + shift in sizes_there
    ]
    if len(pairs) < _MIN_PAIRS:
        return None
    deviations = np.array([(first - second) / _TYPICAL for first, second in pairs])
    return float((np.minimum(np.abs(deviations), _MAX_TYPICAL) ** 2).mean())
