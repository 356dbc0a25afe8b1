"""Surroundings that identify vertebrae: the skull above, the sacrum below, and ribs beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter

from spineviewer.labelling.disc_evidence import DiscEvidence
from spineviewer.labelling.separation import RIB_PART, ColumnEnds
from spineviewer.labelling.straightened import ACROSS_MM, BACK_MM, LEFT_MM, OUTSIDE, Straightened
from spineviewer.volume.centre_line import CentreLine

Floats = NDArray[np.float64]

#: A disk across the body counts as bone if its mean probability is above this.
_OCCUPIED = 0.3
#: Longest interruption of the bone: a vertebra that the mask lacks, with both its discs.
_MAX_GAP_MM = 60
#: Shorter runs of bone are joined only across a gap of a disc's size.
_MIN_RUN_MM, _DISC_GAP_MM = 20, 24
#: Choice: bone beyond a gap belongs to the spine if it is at most this far to the side of the
#: extrapolated line. In severe scoliosis, it is up to 25 mm to the side; hips are 40 mm or more.
_ASIDE_MM = 30.0
#: The direction of that line is measured over `_DIRECTION_MM`, ending `_BENT_MM` above the gap,
#: because the bone beyond the gap bends the line near the gap.
_DIRECTION_MM, _BENT_MM = 40, 20
#: A mask that ends this close to the edge of the scan was cut off by it.
_NEAR_EDGE_MM = 8
#: Range that is examined beyond an end of the mask.
_BEYOND_MM = (1, 24)
_BONE_HU = 180.0
#: Bone with less than this probability does not belong to a vertebra according to the network.
_NO_VERTEBRA = 0.1
#: Area of non-vertebral bone that indicates the sacrum (in the middle below a lumbar end) and the
#: skull (on both sides above a slender end). Choice: below 90 ends of training crops, it was at
#: most 50 mm2 in the middle where the scan cuts off a vertebra, and at least 270 mm2 where the
#: sacrum follows, even if only 3 mm of it are in view.
SACRUM_MM2, SKULL_MM2 = 150.0, 200.0
#: Cervical bodies are narrower than this, and those above the sacrum are wider.
NECK_RADIUS_MM = 12.0
#: Smoothed HU above which tissue next to a vertebra counts as rib bone.
RIB_HU = 150.0
#: Standard deviation of the Gaussian that smooths these HU.
_RIB_SMOOTH_MM = 1.0
#: Range of lateral distances from a body's centre at which ribs pass.
_RIB_SIDE_MM = (14.0, 32.0)
#: Range of distances behind a body's centre at which ribs pass.
_RIB_BACK_MM = (-2.0, 42.0)
_AREA = ACROSS_MM**2


@dataclass(frozen=True)
class EndCue:
    """Non-vertebral bone beyond an end of the mask, as the CT shows it.

    Attributes
    ----------
    central_mm2, lateral_mm2
        Its area in a cross-section, near the line and to its sides: the 75th percentile over the
        cross-sections.
    seen_mm
        Length of the scan beyond the end, up to 24 mm.
    """

    central_mm2: float
    lateral_mm2: float
    seen_mm: float


def column_ends(around: Straightened, evidence: DiscEvidence) -> ColumnEnds | None:
    """Return where the row of bodies begins and ends, and what is beyond.

    None if bone fills fewer than 8 stations.
    """
    occupied = evidence.occupancy > _OCCUPIED
    span = _main_run(occupied, around.line)
    if span is None:
        return None
    first, last = span
    above, below = _beyond(around, first, -1), _beyond(around, last, +1)
    radius = evidence.radius_mm
    is_slender = float(np.median(radius[first : first + 30])) < NECK_RADIUS_MM
    is_stout = float(np.median(radius[max(last - 30, first) : last + 1])) > NECK_RADIUS_MM
    is_sacrum_below = is_stout and below.central_mm2 > SACRUM_MM2
    return ColumnEnds(
        first,
        last,
        is_cut_above=above.seen_mm <= _NEAR_EDGE_MM,
        is_cut_below=below.seen_mm <= _NEAR_EDGE_MM and not is_sacrum_below,
        is_skull_above=is_slender
        and above.seen_mm > _NEAR_EDGE_MM
        and above.lateral_mm2 > SKULL_MM2,
        is_sacrum_below=is_sacrum_below,
    )


def _main_run(occupied: NDArray[np.bool_], line: CentreLine) -> tuple[int, int] | None:
    """Return the first and last station of the run with the most bone; None with too little bone.

    Runs are joined across gaps of a disc's size; long ones also across the gap of a vertebra that
    the mask lacks.
    """
    filled = np.flatnonzero(occupied)
    if len(filled) < 8:
        return None
    groups = np.split(filled, np.flatnonzero(np.diff(filled) > _DISC_GAP_MM) + 1)
    runs = [groups[0]]
    for group in groups[1:]:
        are_long = min(len(runs[-1]), len(group)) >= _MIN_RUN_MM
        is_near = group[0] - runs[-1][-1] <= _MAX_GAP_MM
        if are_long and is_near and not _is_aside(line, runs[-1], group):
            runs[-1] = np.concatenate([runs[-1], group])
        else:
            runs.append(group)
    longest = max(runs, key=len)
    return int(longest[0]), int(longest[-1])


def _is_aside(line: CentreLine, run: NDArray[np.int64], following: NDArray[np.int64]) -> bool:
    """Return whether the `following` run of bone is to the side of `run`, like a hip below L5.

    Both are int64: ascending stations.
    """
    stop = int(run[-1]) - min(_BENT_MM, len(run) // 4)
    start = max(int(run[0]), stop - _DIRECTION_MM)
    direction = line.points_mm[stop] - line.points_mm[start]
    offset = line.points_mm[following[min(_BENT_MM, len(following) // 2)]] - line.points_mm[stop]
    distance_mm = offset[2] - offset[0] * direction[2] / min(direction[0], -1.0)
    return abs(float(distance_mm)) > _ASIDE_MM


def _beyond(around: Straightened, station: int, direction: int) -> EndCue:
    """Return the non-vertebral bone above (-1) or below (+1) a station."""
    stations = station + direction * np.arange(1, _BEYOND_MM[1] + 1)
    stations = stations[(stations >= 0) & (stations < len(around))]
    if around.hu is None or not len(stations):
        return EndCue(0.0, 0.0, 0.0)
    row, column = int(np.argmin(np.abs(BACK_MM))), int(np.argmin(np.abs(LEFT_MM)))
    is_in_scan = around.hu[stations, row, column] > OUTSIDE
    stop = len(stations) if is_in_scan.all() else int(np.argmin(is_in_scan))
    examined = stations[_BEYOND_MM[0] : stop]
    if not len(examined):
        return EndCue(0.0, 0.0, float(stop))
    other_bone = (around.hu[examined] > _BONE_HU) & (around.probability[examined] < _NO_VERTEBRA)
    central = (np.abs(LEFT_MM)[None] < 20) & (np.abs(BACK_MM - 5)[:, None] < 20)
    lateral = np.abs(LEFT_MM)[None] >= 18
    areas = [
        float(np.percentile((other_bone & part).sum(axis=(1, 2)), 75)) * _AREA
        for part in (central, np.broadcast_to(lateral, central.shape))
    ]
    return EndCue(areas[0], areas[1], float(stop))


def rib_areas(around: Straightened) -> NDArray[np.float32]:
    """Return the area of rib bone in mm2 at each station, right and left.

    float32, shape (stations, 2); NaN outside the scan. Ribs are bone in the CT next to the body
    where the bone probability is low, because the network cuts ribs off near the vertebra.
    """
    areas = np.full((len(around), 2), np.nan, np.float32)
    if around.hu is None:
        return areas
    behind = (_RIB_BACK_MM[0] <= BACK_MM) & (_RIB_BACK_MM[1] >= BACK_MM)
    for side, sign in enumerate((-1, 1)):
        beside = (sign * LEFT_MM >= _RIB_SIDE_MM[0]) & (sign * LEFT_MM <= _RIB_SIDE_MM[1])
        hu = around.hu[:, behind][:, :, beside]
        is_seen = (hu > OUTSIDE).mean(axis=(1, 2)) > 0.9
        smooth = hu
        for axis, step in ((0, 1.0), (1, ACROSS_MM), (2, ACROSS_MM)):
            smooth = gaussian_filter1d(smooth, _RIB_SMOOTH_MM / step, axis=axis)
        nearby_bone = maximum_filter(around.probability[:, behind][:, :, beside], size=3)
        areas[is_seen, side] = ((smooth > RIB_HU) & (nearby_bone < 0.25)).sum(axis=(1, 2))[
            is_seen
        ] * _AREA
    return areas


def rib_area_of_level(areas: NDArray[np.float32], first: int, last: int) -> Floats:
    """Return the mean rib area right and left over the upper part of a level.

    NaN outside the scan.

    `areas` is float32, shape (stations, 2); the result is float64, shape (2,).
    """
    stop = first + max(3, round(RIB_PART * (last - first)))
    part = areas[max(first, 0) : stop].astype(np.float64)
    is_seen = np.isfinite(part)
    total = np.where(is_seen, part, 0).sum(axis=0)
    count = is_seen.sum(axis=0)
    return np.where(count > 0.5 * len(part), total / np.maximum(count, 1), np.nan)
