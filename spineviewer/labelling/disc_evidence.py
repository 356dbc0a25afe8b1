"""Where along the spine a disc interrupts the bone.

At every station, the mean probability of bone in a disk across the body is computed for several
tilts, because endplates are rarely perpendicular to the line. The lowest value counts. The
probability dips at a disc even if the mask bridges it. The depth of the dip is relative to the bone
nearby.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, percentile_filter

from spineviewer.labelling.straightened import ACROSS_MM, BACK_MM, LEFT_MM, Straightened

Floats = NDArray[np.float64]

#: Radius of the disk as a fraction of the body's radius.
DISK_FRACTION = 0.8
#: Tilts towards the back (a positive slope: lower at the back) and to the left.
TILTS_BACK = np.tan(np.radians([-24.0, -16.0, -8.0, 0.0, 8.0, 16.0, 24.0]))
TILTS_LEFT = np.tan(np.radians([-10.0, 0.0, 10.0]))
#: Samples of a disk: number of rings of equal area.
_RINGS = 5
#: Number of samples on each ring.
_POINTS_PER_RING = 12
#: Length of the window along the line that counts as nearby.
_NEARBY_MM = 41
#: Percentile of the bone probability in this window with which a dip is compared.
_NEARBY_PERCENTILE = 85


@dataclass(frozen=True, eq=False)
class DiscEvidence:
    """Evidence for a disc at each station, from disks of samples across the body.

    Attributes
    ----------
    occupancy
        Mean probability of bone in the disk at the tilt where it is lowest, in [0, 1].
    dip
        How much lower this is than nearby, as a fraction of the nearby value, in [0, 1].
    slope_back, slope_left
        Slopes of that tilt: mm towards the feet per mm to the back, and per mm to the left.
    radius_mm
        Radius of the body, smoothed so that it does not shrink at discs.
    """

    occupancy: Floats
    dip: Floats
    slope_back: Floats
    slope_left: Floats
    radius_mm: Floats


def disc_evidence(around: Straightened, radius_mm: Floats) -> DiscEvidence:
    """Return the evidence for a disc at each station.

    Parameters
    ----------
    radius_mm
        float64, shape (stations,): radius of the largest circle in the mask; 0 within thick discs.
    """
    radius = smooth_radius(radius_mm)
    unit_back, unit_left = unit_disk()
    tilts = np.array([(a, b) for a in TILTS_BACK for b in TILTS_LEFT])
    occupancy, chosen = _least_occupancy(
        around.probability,
        DISK_FRACTION * radius,
        unit_back,
        unit_left,
        tilts,
        BACK_MM[0],
        LEFT_MM[0],
        ACROSS_MM,
    )
    nearby = percentile_filter(occupancy, _NEARBY_PERCENTILE, size=_NEARBY_MM, mode="nearest")
    dip = np.clip(1 - occupancy / np.maximum(nearby, 0.25), 0, 1)
    return DiscEvidence(occupancy, dip, tilts[chosen, 0], tilts[chosen, 1], radius)


def smooth_radius(radius_mm: Floats) -> Floats:
    """Return the body's radius along the line, smoothed so that it does not shrink at discs.

    float64, shape (stations,), like `radius_mm`.
    """
    return np.maximum(
        gaussian_filter1d(maximum_filter1d(radius_mm, 25, mode="nearest"), 10.0, mode="nearest"),
        5.0,
    )


def unit_disk() -> tuple[Floats, Floats]:
    """Return the samples of a disk of radius 1, back and left: float64, shape (points,)."""
    ring = np.sqrt((np.arange(_RINGS) + 0.5) / _RINGS)
    angle = (
        2
        * np.pi
        * (np.arange(_POINTS_PER_RING)[None] + 0.5 * (np.arange(_RINGS)[:, None] % 2))
        / _POINTS_PER_RING
    )
    return (ring[:, None] * np.cos(angle)).ravel(), (ring[:, None] * np.sin(angle)).ravel()


@numba.njit(nogil=True, cache=True)
def _least_occupancy(values, radius, unit_back, unit_left, tilts, first_back, first_left, across):  # type: ignore[no-untyped-def]
    n, _rows, _columns = values.shape
    least = np.empty(n)
    chosen = np.zeros(n, np.int64)
    for s in range(n):
        lowest = 2.0
        for t in range(len(tilts)):
            total = 0.0
            for p in range(len(unit_back)):
                back = radius[s] * unit_back[p]
                left = radius[s] * unit_left[p]
                along = s + back * tilts[t, 0] + left * tilts[t, 1]
                along = min(max(along, 0.0), n - 1.001)
                i = int(along)
                weight = along - i
                row = int((back - first_back) / across + 0.5)
                column = int((left - first_left) / across + 0.5)
                total += (1 - weight) * values[i, row, column] + weight * values[i + 1, row, column]
            # If several tilts give about the same value, the smallest tilt wins.
            mean = total / len(unit_back) + 0.02 * (abs(tilts[t, 0]) + abs(tilts[t, 1]))
            if mean < lowest:
                lowest = mean
                chosen[s] = t
        t = chosen[s]
        least[s] = lowest - 0.02 * (abs(tilts[t, 0]) + abs(tilts[t, 1]))
    return least, chosen
