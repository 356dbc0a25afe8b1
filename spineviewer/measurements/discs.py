"""Disc heights and slips from the profiles of neighbouring vertebrae."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spineviewer.measurements.results import Caliper, Cut, Disc, Profile, Slip, VertebraMeasurement
from spineviewer.volume.geometry import Triple
from spineviewer.volume.levels import VERSE_ORDER

Floats = NDArray[np.float64]

#: A larger gap between endplates means that a vertebra was missed.
_LARGEST_MM = 25.0
#: Levels (T12, T13 and L5) that a spine may lack; their neighbours are then adjacent.
_OPTIONAL = (19, 28, 24)


def measure_discs(vertebrae: Sequence[VertebraMeasurement]) -> tuple[Disc, ...]:
    """Return the discs between neighbouring vertebrae that both have a profile."""
    discs = (_disc(upper, lower) for upper, lower in pairwise(vertebrae))
    return tuple(disc for disc in discs if disc is not None)


def _disc(upper: VertebraMeasurement, lower: VertebraMeasurement) -> Disc | None:
    above, below = upper.profile, lower.profile
    if above is None or below is None or not _are_neighbours(upper.label, lower.label):
        return None
    cut = Cut(below.middle.start_lps_mm, below.middle.cut.normal_lps)
    anterior, middle, posterior = (
        Caliper(
            start.end_lps_mm,
            end.start_lps_mm,
            cut,
            float(np.hypot(start.uncertainty_mm, end.uncertainty_mm) / np.sqrt(2)),
        )
        for start, end in zip(above.heights, below.heights, strict=True)
    )
    if middle.length_mm > _LARGEST_MM:
        return None
    return Disc(
        upper.name,
        lower.name,
        anterior,
        middle,
        posterior,
        _slip(upper, lower, above, below, cut),
        is_bridged=upper.is_bridged_below or lower.is_bridged_above,
    )


def _are_neighbours(upper: int, lower: int) -> bool:
    between = VERSE_ORDER[VERSE_ORDER.index(upper) + 1 : VERSE_ORDER.index(lower)]
    return all(label in _OPTIONAL for label in between)


def _slip(
    upper: VertebraMeasurement,
    lower: VertebraMeasurement,
    above: Profile,
    below: Profile,
    cut: Cut,
) -> Slip:
    """Return the slip, measured between the posterior walls where they meet the endplates.

    The points of a profile do not reach the walls, so its lines are extended.
    """
    front, back = _ends(lower, below)
    corner = _corner(upper, above)
    uncertainty = float(
        np.hypot(
            upper.depth.uncertainty_mm if upper.depth else 1.0,
            lower.depth.uncertainty_mm if lower.depth else 1.0,
        )
    )
    return Slip(front, back, corner, cut, uncertainty)


def _ends(vertebra: VertebraMeasurement, profile: Profile) -> tuple[Triple, Triple]:
    """Return the front and back of the upper endplate, at the walls."""
    front, back = np.array(profile.anterior.start_lps_mm), np.array(profile.posterior.start_lps_mm)
    return _at_wall(vertebra, front, back, is_front=True), _at_wall(vertebra, front, back)


def _corner(vertebra: VertebraMeasurement, profile: Profile) -> Triple:
    """Return the posterior lower corner of a body."""
    front, back = np.array(profile.anterior.end_lps_mm), np.array(profile.posterior.end_lps_mm)
    return _at_wall(vertebra, front, back)


def _at_wall(
    vertebra: VertebraMeasurement, front: Floats, back: Floats, *, is_front: bool = False
) -> Triple:
    """Return the point where the line through two endplate points intersects a wall."""
    along = back - front
    end = front if is_front else back
    caliper = vertebra.depth
    if caliper is not None:
        direction, down = np.array(vertebra.frame.back_lps), np.array(vertebra.frame.down_lps)
        wall = np.array(caliper.start_lps_mm if is_front else caliper.end_lps_mm)
        slope = 0.0 if is_front else vertebra.posterior_slope
        # The wall passes through `wall` and runs along `down`, moving backwards by `slope` per mm.
        offset = wall - end
        gap = float(offset @ direction) - slope * float(offset @ down)
        approach = float(along @ direction) - slope * float(along @ down)
        end = end + along * gap / (approach if abs(approach) > 1e-6 else 1e-6)
    x, y, z = end.tolist()
    return x, y, z
