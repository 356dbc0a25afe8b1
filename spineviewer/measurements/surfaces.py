"""The endplates and walls of one vertebral body, found from its voxels.

A body is sampled on a small grid along its own directions. The upper and lower ends of the bone are
found on each column of samples, more precisely than the sample spacing. Everything else is a robust
fit to these ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numba
import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.vertebrae import BodyFrame, Vertebra
from spineviewer.measurements.fields import REACH_MM, Field, index_per_mm
from spineviewer.volume.geometry import Triple

Floats = NDArray[np.float64]

#: Sample spacings along and across a body: for finding its directions, and for measuring it.
_COARSE_MM, _FINE_MM = (1.0, 2.0), (0.5, 1.0)
#: How far beyond its walls a body is finally sampled.
_BEYOND_MM = 5.0
#: The border of the bone may be where the probability differs from 0.5 by up to this.
_THRESHOLD_RANGE = 0.15
#: Gaps in the bone up to this length are closed: vessels, and holes in a mask.
_GAP_MM = 4.0
#: Farther than `_CENTRAL_MM` from the middle, only gaps up to this length are closed, because a
#: longer one may be a disc.
_PLATE_GAP_MM, _CENTRAL_MM = 1.5, 6.0
#: Half the height of the waist, as a fraction of half the height of a body.
_INNER = 0.35
#: Half the height of the part in which the posterior wall is straight, as such a fraction.
_WALL = 0.75
#: Where the sides of a body are free: below the middle, in fractions of half the height, and behind
#: the front, in fractions of the depth. Above are pedicles and, in the neck, transverse processes.
_FREE_DOWN, _FREE_BACK = (0.1, 0.5), (0.2, 0.55)
#: Bone at this fraction of half the height belongs to the body or its rim.
_RIM_START = 0.55
#: A direction is stable if it changes by an angle with at least this cosine.
_STEADY = math.cos(math.radians(1.0))
#: Choice: standard uncertainty of the direction that the discs indicate.
_DISCS_RAD = 0.07
#: Choice: standard uncertainty of the position of an endplate at its rims.
_PLATE_MM = 1.0
#: The direction is refined in at most this many rounds.
_MAX_ROUNDS = 6
#: How much an end of the bone counts where another vertebra begins without a gap.
TOUCHING = 0.1
#: How much it counts where the scan ends. This matters only if nothing else of the endplate is
#: visible.
CUT = 0.001
#: Where the fraction of bone at an end exceeds 0.5 by this, two vertebrae touch completely.
_FULL_CONTACT = 0.25
#: Roughness of an endplate: points farther than this from a fit are outliers.
ROUGH_MM = 0.8
#: A fit has converged when every coefficient changes by less than this (mm, or mm per mm).
_SETTLED = 1e-5
#: Half the thickness of the middle slab in which a profile is measured.
SLAB_MM = 6.0


@dataclass(frozen=True, eq=False)
class Body:
    """A body sampled along its own directions: downwards, to the left and backwards.

    Attributes
    ----------
    centre_lps_mm, frame
        Origin and axes.
    down, left, back
        float64, shape (n,): positions of the samples along each axis, in mm.
    inside
        float32, shape (down, left, back): fraction of bone at each sample.
    upper, lower
        float64, shape (left, back): where the bone ends above and below; NaN beside the body.
    upper_softness, lower_softness
        float64, same shape: how far this end moves at neighbouring thresholds, in mm.
    upper_trust, lower_trust
        float64, same shape: how much this end counts, from 0 to 1: little where the next vertebra
        begins without a gap, and `CUT` where the scan ends, because no endplate is visible there.
    """

    centre_lps_mm: Triple
    frame: BodyFrame
    down: Floats
    left: Floats
    back: Floats
    inside: NDArray[np.float32]
    upper: Floats
    lower: Floats
    upper_softness: Floats
    lower_softness: Floats
    upper_trust: Floats
    lower_trust: Floats

    @property
    def axes(self) -> Floats:
        """Unit vectors down, left and back as rows: float64, shape (3, 3)."""
        return np.array([self.frame.down_lps, self.frame.left_lps, self.frame.back_lps])

    def point(self, down: float, left: float, back: float) -> Triple:
        """Return the LPS position in mm of a point with these coordinates."""
        x, y, z = (np.array(self.centre_lps_mm) + np.array([down, left, back]) @ self.axes).tolist()
        return x, y, z

    @property
    def across_mm(self) -> float:
        """Spacing of samples across the body."""
        return float(self.back[1] - self.back[0])

    @property
    def cell_ml(self) -> float:
        """Volume that one sample stands for."""
        return float(self.down[1] - self.down[0]) * self.across_mm**2 / 1000

    def near(self, left_mm: float, reach_mm: float = SLAB_MM) -> NDArray[np.bool_]:
        """Return which positions in `left` are close to `left_mm`: bool, shape (left,)."""
        return np.asarray(np.abs(self.left - left_mm) <= reach_mm)


@dataclass(frozen=True, eq=False)
class Walls:
    """The walls of a body at mid-height, in mm along its own directions.

    Attributes
    ----------
    front, back
        Positions in the middle.
    back_slope
        How far the posterior wall moves backwards per mm downwards.
    right, left
        Positions at the sides; right is negative.
    spread_mm
        Standard uncertainty of depth and width.
    """

    front: float
    back: float
    back_slope: float
    right: float
    left: float
    spread_mm: tuple[float, float]

    @property
    def depth_mm(self) -> float:
        """Distance from front to back."""
        return self.back - self.front

    @property
    def width_mm(self) -> float:
        """Distance from right to left."""
        return self.left - self.right


def _sampled_body(
    field: Field,
    centre_lps_mm: Triple,
    frame: BodyFrame,
    reach_mm: tuple[float, float, float],
    step_mm: tuple[float, float],
) -> Body:
    """Return a body sampled around a centre.

    `reach_mm` is the range up and down, to either side, and to front and back; `step_mm` the
    spacing along the body and across it.
    """
    steps = (step_mm[0], step_mm[1], step_mm[1])
    down, left, back = (
        step * np.arange(-np.ceil(mm / step), np.ceil(mm / step) + 1)
        for mm, step in zip(reach_mm, steps, strict=True)
    )
    inside = field.sample(centre_lps_mm, frame, (down, left, back))
    ends = _ends(inside, down)
    unknown = np.zeros_like(ends[0])
    body = Body(centre_lps_mm, frame, down, left, back, inside, *ends, unknown, unknown)
    return replace(
        body,
        upper_trust=_trust(field, body, body.upper, -1.0),
        lower_trust=_trust(field, body, body.lower, 1.0),
    )


def _trust(field: Field, body: Body, ends: Floats, outwards: float) -> Floats:
    """Return how much each end of the bone counts: float64, shape (left, back).

    Where the next vertebra begins without a gap, the end is not that of an endplate.
    """
    is_known = np.isfinite(ends)
    down, left, back = np.broadcast_arrays(
        np.where(is_known, ends, 0.0), body.left[:, None], body.back
    )
    points = np.array(body.centre_lps_mm) + np.stack([down, left, back], axis=-1) @ body.axes
    step = outwards * np.array(body.frame.down_lps) @ index_per_mm(field.scan)
    beyond = field.scan.index_zyx(points) + step / np.abs(step).max()
    # A cut surface is at -0.5 or at the last index + 0.5.
    is_cut = (beyond < -0.75) | (beyond > np.array(field.scan.shape_zyx) - 0.25)
    touching = np.clip((field.bone_at(points) - 0.5) / _FULL_CONTACT, 0.0, 1.0)
    return np.where(is_cut.any(axis=-1), CUT, 1.0 - (1.0 - TOUCHING) * touching)


def _ends(inside: NDArray[np.float32], down: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the upper and lower end of the bone on each column of samples, from mid-height.

    The last two arrays are the softness of the ends; all are float64, shape (left, back).
    """
    middle, step = len(down) // 2, float(down[1] - down[0])
    is_central = np.arange(len(down) - middle) * step <= _CENTRAL_MM
    gap = np.where(is_central, round(_GAP_MM / step), round(_PLATE_GAP_MM / step))
    inner = np.abs(down) <= 0.2 * down[-1]
    is_bone = (inside[inner] >= 0.5).mean(axis=0) > 0.3
    upper, upper_soft = _end(inside[middle::-1], gap)
    lower, lower_soft = _end(inside[middle:], gap)
    return (
        np.where(is_bone, down[middle] - upper * step, np.nan),
        np.where(is_bone, down[middle] + lower * step, np.nan),
        upper_soft * step,
        lower_soft * step,
    )


def _end(inside: NDArray[np.float32], gap: int | NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return how many samples the bone extends from the first one, and how soft its end is.

    Both float64, in samples, without the first axis of `inside`; the first is NaN where the bone
    has no end. Gaps of up to `gap` samples are closed.
    """
    longest = np.ascontiguousarray(np.broadcast_to(gap, (len(inside),)), np.int64)
    end, fall = np.empty(inside.shape[1:]), np.empty(inside.shape[1:])
    _find_ends(np.ascontiguousarray(inside), longest, end, fall)
    return end, np.minimum(_THRESHOLD_RANGE / fall, 3.0)


@numba.njit(nogil=True, cache=True)
def _find_ends(inside, longest, end, fall):  # type: ignore[no-untyped-def]
    """Find where the bone ends on each line, and how much the fraction of bone falls there."""
    n, rows, columns = inside.shape
    for i in range(rows):
        for j in range(columns):
            # The bone ends at the last sample before a gap that is too long.
            last, gap = -1, 0
            for k in range(n):
                if inside[k, i, j] >= 0.5:
                    last, gap = k, 0
                else:
                    gap += 1
                    if gap > longest[k]:
                        break
            known = min(max(last, 0), n - 2)
            current = np.float64(inside[known, i, j])
            fall[i, j] = max(current - np.float64(inside[known + 1, i, j]), 1e-3)
            end[i, j] = np.nan
            if 0 <= last < n - 1:
                end[i, j] = known + min(max((current - 0.5) / fall[i, j], 0.0), 1.0)


def walls(body: Body, max_depth_mm: float = np.inf) -> Walls | None:
    """Return the walls of a body at mid-height; None if there is no body.

    Bone more than `max_depth_mm` in front of the posterior wall counts as ossified ligament.
    """
    half = _half_height(body)
    if half is None:
        return None
    rows = np.abs(body.down) <= _INNER * half
    along_wall = np.abs(body.down) <= _WALL * half
    part = np.moveaxis(body.inside[np.ix_(along_wall, body.near(0.0))], 2, 0)
    middle = int(np.argmin(np.abs(body.back)))
    step, gap = body.across_mm, round(_GAP_MM / body.across_mm)
    # A vessel through the front is a gap to close; the canal is not.
    backwards = _wall(part[middle:], 0)
    forwards = _wall(part[middle::-1], gap)
    is_limited = bool(np.isfinite(max_depth_mm))
    if backwards is None or (forwards is None and not is_limited):
        return None
    back_by_row = body.back[middle] + step * _row_medians(backwards)
    wall = _line(body.down[along_wall], back_by_row)
    waist_wall = _line(body.down[rows], back_by_row[rows[along_wall]])
    if wall is None or waist_wall is None:
        return None
    slope, back = wall[0], waist_wall[1]
    # Ossified ligament may extend beyond the sampled range.
    front_by_row = (
        np.full(len(back_by_row), body.back[0])
        if forwards is None
        else body.back[middle] - step * _row_medians(forwards)
    )
    # The front protrudes at the rims, so only the waist counts.
    waist = front_by_row[rows[along_wall]]
    if not np.isfinite(waist).any():
        return None
    front = max(float(np.nanmedian(waist)), back - max_depth_mm)
    sides = _sides(body, half, front, back)
    if sides is None:
        return None
    to_left, to_right = sides
    return Walls(
        front,
        back,
        slope,
        right=float(np.nanmedian(to_right)),
        left=float(np.nanmedian(to_left)),
        spread_mm=(
            float(np.hypot(_spread(back_by_row), _spread(waist))),
            float(np.hypot(_spread(to_left), _spread(to_right))),
        ),
    )


def _sides(body: Body, half: float, front: float, back: float) -> tuple[Floats, Floats] | None:
    """Return where the bone ends to the left and to the right on lines through a body, in mm.

    None if fewer than 30% of the lines have an end. Both arrays have the shape (down, back) of the
    lines.
    """
    down, place = body.down / half, (body.back - front) / (back - front)
    rows = (down >= _FREE_DOWN[0]) & (down <= _FREE_DOWN[1])
    between = (place > _FREE_BACK[0]) & (place < _FREE_BACK[1])
    part = np.moveaxis(body.inside[np.ix_(rows, np.full(len(body.left), True), between)], 1, 0)
    middle, step = int(np.argmin(np.abs(body.left))), body.across_mm
    # A longer gap is a transverse foramen.
    gap = round(_PLATE_GAP_MM / step)
    to_left, to_right = _wall(part[middle:], gap), _wall(part[middle::-1], gap)
    if to_left is None or to_right is None:
        return None
    return body.left[middle] + step * to_left, body.left[middle] - step * to_right


def _wall(inside: NDArray[np.float32], gap: int) -> Floats | None:
    """Return how many samples the bone extends on each line; None if under 30% have an end."""
    end, _ = _end(inside, gap)
    return end if np.isfinite(end).sum() >= max(0.3 * end.size, 1) else None


def _row_medians(values: Floats) -> Floats:
    """Return the median of each row, ignoring NaN; NaN if a row contains nothing else."""
    ordered = np.sort(values, axis=1)  # NaN last
    known = np.isfinite(values).sum(axis=1)
    rows = np.arange(len(values))
    middle = ordered[rows, np.maximum(known - 1, 0) // 2] + ordered[rows, known // 2]
    return np.where(known > 0, 0.5 * middle, np.nan)


def rim_ends(field: Field, body: Body, *, is_upper: bool) -> tuple[Floats, Floats] | None:
    """Return where the bone ends above or below, and how much each end counts.

    Both are float64, shape (left, back), as in `Body`, but include rims that extend beyond the
    waist. None if there is no body.
    """
    half = _half_height(body)
    if half is None:
        return None
    outwards = -1.0 if is_upper else 1.0
    inside = body.inside[::-1] if is_upper else body.inside
    step = float(body.down[1] - body.down[0])
    first = len(body.down) // 2 + round(_RIM_START * half / step)
    beside = slice(first - round(0.15 * half / step), first + 1)
    end, _ = _end(inside[first:], round(_PLATE_GAP_MM / step))
    is_bone = (inside[beside] >= 0.5).mean(axis=0) > 0.5
    ends = np.where(is_bone, outwards * ((first - len(body.down) // 2) + end) * step, np.nan)
    return ends, _trust(field, body, ends, outwards)


def _half_height(body: Body) -> float | None:
    near = (np.abs(body.left) < 8)[:, None] & (np.abs(body.back) < 8)[None]
    heights = (body.lower - body.upper)[near]
    return 0.5 * float(np.nanmedian(heights)) if np.isfinite(heights).mean() > 0.3 else None


def _line(x: Floats, y: Floats) -> tuple[float, float] | None:
    """Return the slope and intercept of a robust line through points (Theil-Sen).

    None if fewer than two points are known.
    """
    is_known = np.isfinite(y)
    x, y = x[is_known], y[is_known]
    if len(x) < 2:
        return None
    first, second = np.triu_indices(len(x), 1)
    slope = float(np.median((y[second] - y[first]) / (x[second] - x[first])))
    return slope, float(np.median(y - slope * x))


def _spread(values: Floats) -> float:
    """Return a robust standard deviation, ignoring NaN."""
    low, high = np.nanpercentile(values, (16, 84))
    return float(high - low) / 2


@dataclass(frozen=True)
class Endplate:
    """A plane through an endplate: down = at + slope_left * left + slope_back * back.

    Attributes
    ----------
    trust
        Mean trust of the ends that it was fitted to, from 0 to 1.
    seen
        Fraction of these ends that are not cut surfaces.
    """

    at: float
    slope_left: float
    slope_back: float
    trust: float
    seen: float

    def normal_lps(self, body: Body) -> Triple:
        """Return its unit normal, pointing towards the feet."""
        normal = np.array([1.0, -self.slope_left, -self.slope_back]) @ body.axes
        x, y, z = (normal / np.linalg.norm(normal)).tolist()
        return x, y, z


def endplate(body: Body, around: Walls, *, is_upper: bool) -> Endplate | None:
    """Return the plane through the inner part of an endplate, without rims and osteophytes.

    None if less than half of this part is visible.
    """
    ends, trust = (body.upper, body.upper_trust) if is_upper else (body.lower, body.lower_trust)
    left, back = np.meshgrid(body.left, body.back, indexing="ij")
    middle = 0.5 * (around.left + around.right)
    inner = (
        (np.abs(left - middle) < 0.42 * around.width_mm)
        & (back > around.front + 0.12 * around.depth_mm)
        & (back < around.back - 0.12 * around.depth_mm)
    )
    is_known = inner & np.isfinite(ends)
    if is_known.sum() < 0.5 * inner.sum() or is_known.sum() < 20:
        return None
    design = np.column_stack([np.ones(int(is_known.sum())), left[is_known], back[is_known]])
    coefficients = robust_fit(design, ends[is_known], trust[is_known], ROUGH_MM)
    at, slope_left, slope_back = coefficients.tolist()
    used = trust[is_known]
    is_seen = ~np.isclose(used, CUT)
    return Endplate(at, slope_left, slope_back, float(used.mean()), float(is_seen.mean()))


def robust_fit(
    design: Floats, values: Floats, trust: Floats, limit: float, outer: float = 0.5
) -> Floats:
    """Return the coefficients of a linear fit in which outliers count little.

    Choice: Huber's loss. It has a single minimum, so a small change in the values never makes the
    fit jump to another part of the surface, as losses that ignore outliers do at osteophytes.

    Parameters
    ----------
    design, values, trust
        float64, shapes (n, terms), (n,) and (n,); `trust` is the weight of each value.
    limit
        Smaller residuals count quadratically, larger ones linearly.
    outer
        Weight of values above the fit; those below it have 1 - `outer`. With 0.5, the fit is in the
        middle of the values; with more, it is near the highest ones (an expectile).
    """
    return np.asarray(_huber_fit(design, values, trust, limit, outer))


@numba.njit(nogil=True, cache=True)
def _huber_fit(design, values, trust, limit, outer):  # type: ignore[no-untyped-def]
    rows, terms = design.shape
    coefficients = np.zeros(terms)
    for attempt in range(15):
        precision, weighted = np.zeros((terms, terms)), np.zeros(terms)
        for term in range(terms):
            precision[term, term] = 1e-9
        for row in range(rows):
            weight = trust[row]
            if attempt > 0:
                residual = values[row]
                for term in range(terms):
                    residual -= design[row, term] * coefficients[term]
                weight *= outer if residual > 0 else 1.0 - outer
                weight *= min(1.0, limit / max(abs(residual), 1e-6))
            for term in range(terms):
                weighted[term] += weight * design[row, term] * values[row]
                for other in range(terms):
                    precision[term, other] += weight * design[row, term] * design[row, other]
        before = coefficients
        coefficients = _solution(precision, weighted)
        if np.abs(coefficients - before).max() < _SETTLED:
            break
    return coefficients


@numba.njit(nogil=True, cache=True)
def _solution(matrix, values):  # type: ignore[no-untyped-def]
    """Return the solution of a few linear equations; both arrays are overwritten."""
    n = len(values)
    for k in range(n):
        for i in range(k + 1, n):
            factor = matrix[i, k] / matrix[k, k]
            for j in range(k, n):
                matrix[i, j] -= factor * matrix[k, j]
            values[i] -= factor * values[k]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            values[k] -= matrix[k, j] * values[j]
        values[k] /= matrix[k, k]
    return values


def sample_own_body(
    field: Field, vertebra: Vertebra, max_depth_mm: float = np.inf
) -> tuple[Body, Walls] | None:
    """Return a body sampled along its own directions, and its walls.

    Down is approximately normal to the endplates. None if the voxels show no body. `max_depth_mm`
    is as in `walls`.
    """
    frame, centre = vertebra.endplate_frame, vertebra.body_centre_lps_mm
    reach = (0.5 * vertebra.height_mm + 9.0, REACH_MM, REACH_MM)
    around = None
    for _ in range(_MAX_ROUNDS):
        body = _sampled_body(field, centre, frame, reach, _COARSE_MM)
        around = walls(body, max_depth_mm)
        if around is None:
            return None
        upper = endplate(body, around, is_upper=True)
        lower = endplate(body, around, is_upper=False)
        if upper is None or lower is None:
            return None
        down = _direction(body, upper, lower, around, vertebra)
        centre = body.point(
            0.5 * (upper.at + lower.at),
            0.5 * (around.left + around.right),
            0.5 * (around.front + around.back),
        )
        previous, frame = frame, frame_along(down, frame)
        is_steady = np.dot(previous.down_lps, frame.down_lps) > _STEADY
        if is_steady and math.dist(body.centre_lps_mm, centre) < 1.0:
            break
    assert around is not None
    size = (0.5 * around.width_mm + _BEYOND_MM, 0.5 * around.depth_mm + _BEYOND_MM)
    body = _sampled_body(field, centre, frame, (reach[0], *size), _FINE_MM)
    around = walls(body, max_depth_mm)
    return None if around is None else (body, around)


def _direction(
    body: Body, upper: Endplate, lower: Endplate, around: Walls, vertebra: Vertebra
) -> Floats:
    """Return the direction of a body from the normals of its endplates and from its discs.

    Choice: the shorter an endplate, the less its normal counts. Small bodies with uncinate
    processes or osteophytes have several directions that fit their endplates. An endplate that
    touches the next vertebra counts less than a free one.
    """
    endplates = upper.trust * np.array(upper.normal_lps(body))
    endplates += lower.trust * np.array(lower.normal_lps(body))
    endplates /= np.linalg.norm(endplates)
    variance = (_PLATE_MM / around.depth_mm) ** 2
    fraction = variance / (variance + _DISCS_RAD**2)
    discs = np.array(vertebra.endplate_frame.down_lps)
    return np.asarray((1 - fraction) * endplates + fraction * discs)


def sample_axis_body(field: Field, axis: Vertebra) -> tuple[Body, Walls] | None:
    """Return the body of C2 below the dens, and its walls; None if the voxels show no body.

    C2 has no upper endplate, so its body has no directions of its own.
    """
    frame = axis.endplate_frame
    lower = axis.lower_disc
    # The body is below the dens, about 9 mm above the disc.
    start, down = (
        (np.array(lower.point_lps_mm), -9.0)
        if lower is not None
        else (np.array(axis.body_centre_lps_mm), 0.2 * axis.height_mm)
    )
    centre = as_triple(start + down * np.array(frame.down_lps))
    body = _sampled_body(field, centre, frame, (16.0, REACH_MM, REACH_MM), _FINE_MM)
    around = walls(body)
    return None if around is None else (body, around)


def frame_along(down: Floats, reference: BodyFrame) -> BodyFrame:
    """Return the frame closest to another one among all frames with the direction `down`.

    `down` is float64, shape (3,).
    """
    down = down / np.linalg.norm(down)
    left = np.array(reference.left_lps) - (np.array(reference.left_lps) @ down) * down
    left /= np.linalg.norm(left)
    back = np.array(reference.back_lps)
    back = back - (back @ down) * down - (back @ left) * left
    back /= np.linalg.norm(back)
    return BodyFrame(as_triple(down), as_triple(left), as_triple(back))


def as_triple(vector: Floats) -> Triple:
    """Return a float64 vector of shape (3,) as a tuple."""
    x, y, z = vector.tolist()
    return x, y, z
