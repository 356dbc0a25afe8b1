"""The cuts between vertebral bodies: a semi-Markov chain over positions along the spine.

A segment is one level with half of the disc above and below. The evidence for a cut is a dip of the
bone probability. The evidence for a segment is its length compared with the usual length of its
level times the patient's scale. If a disc is invisible (thick slices, bridged discs), the lengths
decide. A segment at the edge of the scan may be part of a vertebra, with any length up to that of
the whole vertebra.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from spineviewer.labelling.chain import (
    C2,
    IMPOSSIBLE,
    L1,
    L4,
    L5,
    L6,
    LEVELS,
    T1,
    T11,
    T12,
    T13,
    ChainPrior,
)

Floats = NDArray[np.float64]

#: Depth of a dip at which a cut is as likely as not.
EVEN_DIP = 0.28
#: Change in the log odds of a cut per unit of dip depth.
_STEEPNESS = 14.0
#: Largest absolute value of these log odds.
_MAX_LOG_ODDS = 5.0
#: Choice: a cut at a shallower dip than this is a guess. None of 209 crops had two in a row.
FAINT_DIP = 0.15
#: Choice: in a stretch without dips that is longer than any vertebra, the mask merges vertebrae, so
#: the lack of dips is no evidence against cuts. There, the log odds of a cut without a dip cancel
#: the log density of a length, so that many vertebrae are as likely as few long ones.
_MERGED_MM, _EVEN_DIP_MERGED = 55, -0.1
#: Spread and degrees of freedom of log lengths within a patient. The tails are heavier than those
#: of a Gaussian because of fractures and slightly misplaced cuts.
_LENGTH_LOG_SD, _DEGREES = 0.10, 4.0
#: Choice: a fracture shortens a vertebra, but nothing lengthens it. Beyond this multiple of the
#: usual length, each further vertebra's length costs more than a cut without a dip, so that merged
#: vertebrae do not count as one.
_LONGEST, _EXCESS_COST = 1.5, 6.0
#: Choice: a segment that is longer than this many radii of its body also costs more, because a
#: slender body is not two vertebrae long. Vertebrae are usually 1.4 to 2.6 radii long, and were at
#: most 2.8 in 214 real scans and crops. Two vertebrae that count as one are mostly 3.0 to 4.3.
_MAX_RADII = 2.9
#: Length of a vertebra in radii, for which the cost beyond `_MAX_RADII` is stated.
_USUAL_RADII = 1.8
#: The radius of a body is the largest within this distance.
_NEARBY_MM = 30
_SCALES = np.exp(np.linspace(-0.24, 0.24, 9))
_SCALE_LOG_SD = 0.09
#: Choice: largest loss of log likelihood of the lengths that an anchor may cause. Correct anchors
#: caused at most 1.9 on the training cases.
_MAX_LOSS = 3.0
#: Choice: the same where the mask merges vertebrae, because their lengths are a guess.
_MAX_LOSS_MERGED = 2 * _MAX_LOSS
# Choice: in masks that merge vertebrae, ribs help to count them.
#: Square root of the area of rib bone at which a rib is as likely as not.
_EVEN_RIB_MM = 3.8
#: Change in the log odds of a rib per mm of this square root.
_RIB_STEEPNESS = 1.0
#: Largest absolute value of these log odds.
_MAX_RIB = 2.0
#: A rib meets this upper part of its vertebra.
RIB_PART = 0.6
#: 1 for levels with ribs, -1 for those without, 0 for those that may have rudimentary ribs.
_HAS_RIBS = np.array(
    [1.0 if T1 <= k <= T11 else 0.0 if k in (T12, T13) else -1.0 for k in range(LEVELS)]
)
#: Maximum length of a segment.
_LONGEST_MM = 90
#: Distance from the tip of the dens to the disc below C2.
C2_WITH_DENS_MM = 37.0


@dataclass(frozen=True)
class ColumnEnds:
    """Where the spine begins and ends in the scan.

    Attributes
    ----------
    first, last
        Stations between which the bodies are.
    is_cut_above, is_cut_below
        Whether the scan, and not the spine, ends there; the segment at that end may then be
        partial.
    is_skull_above
        Whether the skull is directly above: the first segment is C2 with its dens.
    is_sacrum_below
        Whether the sacrum is directly below: the last segment is the lowest lumbar one.
    """

    first: int
    last: int
    is_cut_above: bool
    is_cut_below: bool
    is_skull_above: bool = False
    is_sacrum_below: bool = False


@dataclass(frozen=True, eq=False)
class Separation:
    """Cuts along the spine.

    Attributes
    ----------
    edges
        int64, ascending stations, shape (segments + 1,): segment i extends from edge i to edge
        i + 1.
    levels
        int64, shape (segments,): the levels whose lengths fit best; a first guess at the names.
    score
        Log likelihood, to compare assumptions about the ends.
    """

    edges: NDArray[np.int64]
    levels: NDArray[np.int64]
    score: float


def cut_score(dip: Floats) -> Floats:
    """Return the log odds of a cut at each station, given the dips: float64, shape (stations,).

    Stations beside the deepest point of a dip are penalised. `dip` is float64, shape (stations,).
    """
    even = np.where(_is_in_merged(dip), _EVEN_DIP_MERGED, EVEN_DIP)
    score = np.clip(_STEEPNESS * (dip - even), -_MAX_LOG_ODDS, _MAX_LOG_ODDS)
    padded = np.pad(dip, 3, mode="edge")
    around = np.max([padded[k : k + len(dip)] for k in range(7)], axis=0)
    return np.asarray(score - 12.0 * np.maximum(around - dip, 0))


def _is_in_merged(dip: Floats) -> NDArray[np.bool_]:
    """Return whether each station is in a stretch of merged vertebrae: bool, shape (stations,)."""
    is_merged = np.zeros(len(dip), np.bool_)
    for stretch in np.split(np.arange(len(dip)), np.flatnonzero(dip >= FAINT_DIP)):
        is_merged[stretch] = len(stretch) > _MERGED_MM
    return is_merged


def separate(
    dip: Floats,
    radius_mm: Floats,
    ends: ColumnEnds,
    prior: ChainPrior,
    rib_mm2: Floats | None = None,
) -> Separation:
    """Return the cuts between the bodies from `ends.first` to `ends.last`.

    Parameters
    ----------
    dip, radius_mm
        float64, shape (stations,): from `DiscEvidence`.
    rib_mm2
        float64, shape (stations,): mean area of rib bone per side, NaN where unknown. It counts
        only if the mask merges vertebrae. None: no evidence.
    """
    stations = slice(ends.first, ends.last + 1)
    score = cut_score(dip)[stations]
    is_merged = bool(_is_in_merged(dip)[stations].any())
    unknown = np.full(len(dip), np.nan)
    ribs = _rib_scores((rib_mm2 if rib_mm2 is not None and is_merged else unknown)[stations])
    # Where the mask lacks a vertebra, its neighbours show how wide it would be.
    wide_mm = maximum_filter1d(radius_mm, 2 * _NEARBY_MM + 1)[stations]
    best: Separation | None = None
    for scale in _SCALES:
        whole, part = _length_scores(len(score), prior, float(scale))
        start, finish = _end_scores(ends)
        value, edges, levels = _viterbi(
            score,
            whole,
            part if ends.is_cut_above else whole,
            part if ends.is_cut_below else whole,
            start,
            finish,
            *_steps(prior),
            wide_mm,
            ribs,
            _HAS_RIBS,
        )
        value -= 0.5 * (np.log(scale) / _SCALE_LOG_SD) ** 2
        if best is None or value > best.score:
            best = Separation(edges + ends.first, levels, float(value))
    assert best is not None
    return best


def separate_with_anchors(
    dip: Floats,
    radius_mm: Floats,
    ends: ColumnEnds,
    prior: ChainPrior,
    rib_mm2: Floats | None = None,
) -> tuple[Separation, ColumnEnds]:
    """Return the cuts, and the ends without anchors that contradict the lengths.

    Bone beyond an end of the mask is not always the skull or the sacrum: the mask may end too
    early. A wrong anchor would stretch or compress the segments. All arrays are as in `separate`.
    """
    is_merged = bool(_is_in_merged(dip)[ends.first : ends.last + 1].any())
    max_loss = _MAX_LOSS_MERGED if is_merged else _MAX_LOSS
    accepted_ends = replace(ends, is_skull_above=False, is_sacrum_below=False)
    best = separate(dip, radius_mm, accepted_ends, prior, rib_mm2)
    free_score = best.score
    anchors = (
        replace(accepted_ends, is_skull_above=True) if ends.is_skull_above else None,
        replace(accepted_ends, is_sacrum_below=True) if ends.is_sacrum_below else None,
    )
    accepted = [
        candidate
        for candidate in anchors
        if candidate is not None
        and free_score - separate(dip, radius_mm, candidate, prior, rib_mm2).score <= max_loss
    ]
    if not accepted:
        return best, accepted_ends
    accepted_ends = replace(
        accepted_ends,
        is_skull_above=any(candidate.is_skull_above for candidate in accepted),
        is_sacrum_below=any(candidate.is_sacrum_below for candidate in accepted),
    )
    separation = separate(dip, radius_mm, accepted_ends, prior, rib_mm2)
    if free_score - separation.score > 2 * max_loss:  # the two anchors contradict each other
        return best, replace(accepted_ends, is_skull_above=False, is_sacrum_below=False)
    return separation, accepted_ends


def _rib_scores(rib_mm2: Floats) -> Floats:
    """Return the log odds that a segment has ribs: float64, shape (first stations, lengths)."""
    n = len(rib_mm2)
    seen = np.isfinite(rib_mm2)
    total, count = (
        np.concatenate([[0.0], np.cumsum(values)])
        for values in (np.where(seen, rib_mm2, 0.0), seen.astype(np.float64))
    )
    first, length = np.arange(n)[:, None], np.arange(_LONGEST_MM + 1)[None]
    part = np.maximum(np.rint(RIB_PART * length), 1).astype(np.int64)
    stop = np.minimum(first + part, n)
    known = count[stop] - count[first]
    mean = (total[stop] - total[first]) / np.maximum(known, 1)
    score = _RIB_STEEPNESS * (np.sqrt(mean) - _EVEN_RIB_MM)
    return np.where(known > 0.5 * part, np.clip(score, -_MAX_RIB, _MAX_RIB), 0.0)


def usual_lengths(prior: ChainPrior) -> Floats:
    """Return the usual lengths from disc to disc in mm: float64, shape (LEVELS,).

    That of C2 includes the dens.
    """
    gap = prior.gap_mm
    length = np.empty(LEVELS)
    for level in range(LEVELS):
        above = gap[T12] if level == L1 else gap[level - 1] if level else gap[0]
        below = gap[level] if level < LEVELS - 1 else gap[level - 1]
        length[level] = (above + below) / 2
    length[T13] = gap[T12]
    length[C2] = C2_WITH_DENS_MM
    length[[L5, L6]] = 0.92 * gap[L4]
    return length


def _length_scores(n: int, prior: ChainPrior, scale: float) -> tuple[Floats, Floats]:
    """Return the log likelihoods of whole and partial segments, each of shape (LEVELS, mm)."""
    usual = usual_lengths(prior)[:, None] * scale
    length = np.maximum(np.arange(min(n, _LONGEST_MM) + 1, dtype=np.float64), 0.5)[None]
    deviation = np.log(length / usual) / _LENGTH_LOG_SD
    whole = -0.5 * (_DEGREES + 1) * np.log1p(deviation**2 / _DEGREES) - np.log(
        _LENGTH_LOG_SD * usual * 2.5
    )
    whole -= _EXCESS_COST * np.maximum(length / usual - _LONGEST, 0.0)
    part = np.where(
        length < usual,
        -np.log(1.2 * usual),
        whole - whole.max(axis=1, keepdims=True) - np.log(1.2 * usual),
    )
    return whole, part


def cut_length_evidence(length_mm: int, prior: ChainPrior) -> Floats:
    """Return the log likelihood of the visible length of a segment that the scan cuts off.

    float64, shape (LEVELS,), relative to the most likely level. All lengths up to that of the whole
    vertebra are equally likely, so only C2 with its dens can be much longer than its neighbours.
    """
    _, part = _length_scores(length_mm, prior, 1.0)
    at_length = part[:, -1]
    return np.asarray(at_length - at_length.max())


def _end_scores(ends: ColumnEnds) -> tuple[Floats, Floats]:
    """Return the log priors of the first and the last level, each of shape (LEVELS,).

    C1 is not a segment: it surrounds the dens, which is part of C2.
    """
    start, finish = np.zeros(LEVELS), np.zeros(LEVELS)
    start[0] = IMPOSSIBLE
    if ends.is_skull_above:
        start[:] = IMPOSSIBLE
        start[C2] = 0.0
    elif not ends.is_cut_above:
        start[C2] = 0.0
    if ends.is_sacrum_below:
        finish[:] = IMPOSSIBLE
        finish[L5], finish[L6], finish[L4] = 0.0, -2.0, -3.2
    return start, finish


def _steps(prior: ChainPrior) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    usual = [(k, k + 1, 0.0) for k in range(LEVELS - 1) if k not in (T12, T13, L5)]
    rare = [
        (T12, L1, 0.0),
        (T12, T13, prior.log_t13),
        (T13, L1, 0.0),
        (T11, L1, prior.log_no_t12),
        (L5, L6, prior.log_l6),
    ]
    rows = usual + rare
    return (
        np.array([r[0] for r in rows]),
        np.array([r[1] for r in rows]),
        np.array([r[2] for r in rows]),
    )


@numba.njit(nogil=True, cache=True)
def _slenderness_cost(length, radius):  # type: ignore[no-untyped-def]
    """Return the cost of a length that is too long for the radius of the body."""
    return _EXCESS_COST * max(length / radius - _MAX_RADII, 0.0) / _USUAL_RADII


@numba.njit(nogil=True, cache=True)
def _viterbi(  # type: ignore[no-untyped-def]
    score, whole, first, last, start, finish, step_from, step_to, step_cost, wide_mm,
    ribs, has_ribs,
):  # fmt: skip
    """Return the best row of segments over stations 0 to n - 1: score, edges, levels."""
    n = len(score)
    levels, longest = whole.shape
    best = np.full((n, levels), -1e9)
    previous_edge = np.zeros((n, levels), np.int64)
    previous_level = np.full((n, levels), -1, np.int64)
    for e in range(3, n):
        is_last = e == n - 1
        for k in range(levels):
            if e < longest and start[k] > -1e8:
                length_score = max(first[k, e], last[k, e]) if is_last else first[k, e]
                if k != C2:
                    length_score -= _slenderness_cost(e, wide_mm[e // 2])
                length_score += has_ribs[k] * ribs[0, e]
                best[e, k] = start[k] + length_score
        for t in range(len(step_from)):
            j, k = step_from[t], step_to[t]
            for b in range(max(3, e - longest + 1), e - 2):
                if best[b, j] < -1e8:
                    continue
                length_score = last[k, e - b] if is_last else whole[k, e - b]
                length_score -= _slenderness_cost(e - b, wide_mm[(b + e) // 2])
                length_score += has_ribs[k] * ribs[b, e - b]
                value = best[b, j] + score[b] + step_cost[t] + length_score
                if value > best[e, k]:
                    best[e, k] = value
                    previous_edge[e, k] = b
                    previous_level[e, k] = j
    highest, level = -1e30, 0
    for k in range(levels):
        if best[n - 1, k] + finish[k] > highest:
            highest, level = best[n - 1, k] + finish[k], k
    edges = [n - 1]
    chosen_levels = [level]
    e = n - 1
    while previous_level[e, level] >= 0:
        b, j = previous_edge[e, level], previous_level[e, level]
        e, level = b, j
        edges.append(e)
        chosen_levels.append(level)
    edges.append(0)
    return highest, np.array(edges[::-1]), np.array(chosen_levels[::-1])
