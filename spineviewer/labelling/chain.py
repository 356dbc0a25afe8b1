"""Names for a row of vertebral bodies: a Markov chain whose states are the levels.

Bodies come from the mask or from points of a detector; in both cases they are a row of positions
from head to foot with evidence for each level. The evidence for a pair of neighbours is their
distance, compared with the usual distance between their levels times the patient's scale; the
evidence is summed over all scales. Levels are in order; a T13, an L6 and a missing T12 are possible
at a cost. If the caller allows it, a point may be a false detection, and a vertebra may lack a
point.

Forward-backward sums give the probability of each level at each body. The names are the permitted
row with the highest product of these probabilities, so that the names are as certain as the
probabilities state. If every position (except perhaps the last) is a vertebra, there are few
permitted rows, and `possible_rows` gives the probability of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numba
import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.levels import LEVEL_NAMES

Floats = NDArray[np.float64]

LEVELS = len(LEVEL_NAMES)
C1, C2, C3, C7, T1, T11, T12, T13, L1, L4, L5, L6 = (
    LEVEL_NAMES.index(name)
    for name in ("C1", "C2", "C3", "C7", "T1", "T11", "T12", "T13", "L1", "L4", "L5", "L6")
)
#: A log likelihood that no sum of evidence can outweigh.
IMPOSSIBLE = -1e9
#: Replaces the level of a position that is not a vertebra.
REST = -1


@dataclass(frozen=True, eq=False)
class ChainPrior:
    """Prior knowledge about spines.

    Attributes
    ----------
    gap_mm
        Shape (LEVELS,): usual distance between the body centres of a level and the next one down,
        T12 to L1 without T13.
    scale_log_sd
        Standard deviation of the log scale between patients.
    gap_log_sd
        Standard deviation of log distances within a patient.
    odd_fraction, odd_log_sd
        Fraction of gaps that are unusual because of a fracture or deformity, and the standard
        deviation of their log distances.
    log_t13, log_no_t12, log_l6
        Logarithms of the frequencies of a T13, a missing T12 and an L6 in the population.
    weight_gap
        Weight of the distances; below 1 because they are not independent.
    """

    gap_mm: Floats
    scale_log_sd: float = 0.062
    gap_log_sd: float = 0.055
    odd_fraction: float = 0.03
    odd_log_sd: float = 0.25
    log_t13: float = float(np.log(0.002))
    log_no_t12: float = float(np.log(0.015))
    log_l6: float = float(np.log(0.035))
    weight_gap: float = 0.7

    @property
    def scales(self) -> tuple[Floats, Floats]:
        """The patients' scales and the logarithms of their weights, each of shape (13,)."""
        steps = np.linspace(-2.6, 2.6, 13)
        log_weight = -0.5 * steps**2
        return np.exp(steps * self.scale_log_sd), log_weight - np.log(np.exp(log_weight).sum())


@dataclass(frozen=True)
class ChainOptions:
    """Assumptions about a row of positions.

    Attributes
    ----------
    max_missed
        Largest number of consecutive vertebrae without a position.
    log_missed
        Logarithm of the fraction of vertebrae that are missed.
    max_false
        Largest number of consecutive positions that are not a vertebra.
    log_false
        Logarithm of the fraction of positions that are not a vertebra.
    has_anomalies
        Whether T13, L6 and a missing T12 are considered.
    """

    max_missed: int = 0
    log_missed: float = -4.0
    max_false: int = 0
    log_false: float = -4.0
    has_anomalies: bool = True


@dataclass(frozen=True)
class Row:
    """One permitted row of names.

    Attributes
    ----------
    levels
        Index into `LEVEL_NAMES` of each position, from head to foot; `REST` for a last position
        that is not a vertebra.
    probability
        Probability that the whole row is right, not calibrated.
    """

    levels: tuple[int, ...]
    probability: float


@dataclass(frozen=True, eq=False)
class ChainAnswer:
    """The names of a row of positions.

    Attributes
    ----------
    levels
        int64, shape (positions,): index into `LEVEL_NAMES`, -1 for a position that is not a
        vertebra.
    probability
        Shape (positions, LEVELS): probability of each level at each position, not calibrated.
    rows
        All permitted rows: the chosen one, then the others, most probable first. Empty in answers
        of `solve`.
    """

    levels: NDArray[np.int64]
    probability: Floats
    rows: tuple[Row, ...] = ()

    @property
    def chosen_probability(self) -> Floats:
        """Probability of what was chosen, a level or no vertebra: shape (positions,)."""
        rows = np.arange(len(self.levels))
        missing = 1 - self.probability.sum(axis=1)
        return np.where(self.levels >= 0, self.probability[rows, self.levels], missing)

    def row_probability(self, positions: NDArray[np.int64], steps: int = 0) -> float:
        """Return the probability that positions are all `steps` levels below their chosen levels.

        `positions` is int64, shape (n,). Steps follow the order of a normal spine.
        """
        expected = [neighbour_level(int(self.levels[k]), steps) for k in positions]
        return sum(
            row.probability
            for row in self.rows
            if all(row.levels[k] == level for k, level in zip(positions, expected, strict=True))
        )

    def part(self, positions: slice) -> ChainAnswer:
        """Return the answer for some of the positions."""
        merged: dict[tuple[int, ...], float] = {}
        for row in self.rows:
            merged[row.levels[positions]] = merged.get(row.levels[positions], 0.0) + row.probability
        rows = sorted((Row(k, p) for k, p in merged.items()), key=lambda row: -row.probability)
        return replace(
            self,
            levels=self.levels[positions],
            probability=self.probability[positions],
            rows=tuple(rows),
        )


def neighbour_level(level: int, steps: int) -> int | None:
    """Return the level `steps` steps further down in a normal spine; None beyond C1 and L6.

    T13 is skipped; from T13 itself, one step leads to T12 or L1.
    """
    if steps == 0:
        return level
    usual = [k for k in range(LEVELS) if k != T13]
    index = (
        usual.index(level) + steps
        if level != T13
        else (usual.index(L1) + steps - 1 if steps > 0 else usual.index(T12) + steps + 1)
    )
    return usual[index] if 0 <= index < len(usual) else None


def _with_start_cost(evidence: Floats, prior: ChainPrior, *, has_anomalies: bool) -> Floats:
    """Return the evidence with the cost of beginning at a rare level."""
    if not len(evidence):
        return evidence
    with_cost = evidence.copy()
    for level, cost in ((T13, prior.log_t13), (L6, prior.log_l6)):
        with_cost[0, level] += cost if has_anomalies else IMPOSSIBLE
    return with_cost


def solve(
    points_mm: Floats, evidence: Floats, prior: ChainPrior, options: ChainOptions | None = None
) -> ChainAnswer:
    """Return the levels of a row of positions.

    Parameters
    ----------
    points_mm
        float64, shape (positions, dimensions): the bodies' centres from head to foot. The position
        of a NaN row is unknown, so distances to it carry no evidence.
    evidence
        float64, shape (positions, LEVELS): log likelihood of the observations at each position, per
        level. `IMPOSSIBLE` forbids a level.
    """
    options = options or ChainOptions()
    evidence = _with_start_cost(evidence, prior, has_anomalies=options.has_anomalies)
    steps = _steps(prior, options)
    scales, log_weight = prior.scales
    reach = options.max_false + 1
    distance = np.full((len(points_mm), reach), np.nan)
    for back in range(1, reach + 1):
        distance[back:, back - 1] = np.linalg.norm(points_mm[back:] - points_mm[:-back], axis=1)
    probability = _forward_backward(
        evidence, distance, *steps, scales, log_weight, prior.gap_log_sd, prior.odd_log_sd,
        prior.odd_fraction, prior.weight_gap,
        options.log_false,
    )  # fmt: skip
    levels = _most_probable(np.log(np.maximum(probability, 1e-30)), probability, *steps[:2], reach)
    return ChainAnswer(levels, probability)


def possible_rows(
    points_mm: Floats,
    evidence: Floats,
    prior: ChainPrior,
    *,
    has_anomalies: bool = True,
    row_evidence: Callable[[NDArray[np.int64]], Floats] | None = None,
    last_piece: Floats | None = None,
) -> tuple[Row, ...]:
    """Return every permitted row of names, most probable first.

    A row is determined by its first level and its anomalies, so there are at most a few hundred.

    Parameters
    ----------
    points_mm, evidence
        As in `solve`: float64, shapes (positions, dimensions) and (positions, LEVELS).
    row_evidence
        Function that takes the levels of several rows (int64, shape (rows, positions)) and returns
        their log likelihoods (float64, shape (rows,)); None: no further evidence.
    last_piece
        float64, shape (LEVELS,): log likelihood that the last position, whose point must be NaN, is
        not a vertebra, for each level of the one above it. None: every position is a vertebra.
    """
    step_from, step_to, step_mm, step_cost = _steps(
        prior, ChainOptions(has_anomalies=has_anomalies)
    )
    evidence = _with_start_cost(evidence, prior, has_anomalies=has_anomalies)
    next_steps: dict[int, list[tuple[int, float, float]]] = {}
    for a, b, mm, cost in zip(
        step_from.tolist(), step_to.tolist(), step_mm.tolist(), step_cost.tolist(), strict=True
    ):
        next_steps.setdefault(a, []).append((b, mm, cost))
    paths: list[tuple[list[int], list[float], float]] = [
        ([level], [], 0.0) for level in range(LEVELS)
    ]
    row_ends = [] if last_piece is None else enumerate(last_piece.tolist())
    for number in range(1, len(points_mm)):
        if number == len(points_mm) - 1:
            for level, cost in row_ends:
                next_steps.setdefault(level, []).append((REST, 1.0, cost))
        paths = [
            ([*levels, level], [*gaps, mm], costs + cost)
            for levels, gaps, costs in paths
            for level, mm, cost in next_steps.get(levels[-1], ())
        ]
    evidence = np.pad(evidence, ((0, 0), (0, 1)))  # the added last column is for REST
    levels = np.array([path[0] for path in paths], np.int64).reshape(-1, len(points_mm))
    observed = evidence[np.arange(len(points_mm)), levels].sum(axis=1)
    usual = np.array([path[1] for path in paths], np.float64).reshape(len(paths), -1)
    distance = np.linalg.norm(np.diff(points_mm, axis=0), axis=1)
    is_known = np.isfinite(distance)
    scales, log_weight = prior.scales
    deviation = (
        np.log(np.maximum(distance[is_known], 1e-3) / usual[:, is_known])[None]
        - np.log(scales)[:, None, None]
    )
    gaps = prior.weight_gap * _gap_log_density(deviation, prior).sum(axis=2)
    score = np.logaddexp.reduce(gaps + log_weight[:, None], axis=0)
    score += observed + np.array([path[2] for path in paths])
    if row_evidence is not None:
        score += row_evidence(levels)
    score = np.where(score > IMPOSSIBLE / 2, score, -np.inf)
    if not np.isfinite(score).any():
        return ()
    probability = np.exp(score - np.logaddexp.reduce(score))
    order = [k for k in np.argsort(-probability, kind="stable").tolist() if probability[k] > 0]
    return tuple(Row(tuple(levels[k].tolist()), float(probability[k])) for k in order)


def answer_from_rows(rows: tuple[Row, ...], count: int) -> ChainAnswer:
    """Return the answer for `count` positions that chooses the first row; -1 without a row."""
    probability = np.zeros((count, LEVELS + 1))  # the last column is for REST
    if not rows:
        return ChainAnswer(np.full(count, REST, np.int64), probability[:, :LEVELS])
    for row in rows:
        probability[np.arange(count), list(row.levels)] += row.probability
    return ChainAnswer(np.array(rows[0].levels, np.int64), probability[:, :LEVELS], rows=rows)


def _gap_log_density(deviations: Floats, prior: ChainPrior) -> Floats:
    """Return the log density of deviations from the usual log distances; same shape."""
    near = (
        (1 - prior.odd_fraction)
        / prior.gap_log_sd
        * np.exp(-0.5 * (deviations / prior.gap_log_sd) ** 2)
    )
    far = (
        prior.odd_fraction / prior.odd_log_sd * np.exp(-0.5 * (deviations / prior.odd_log_sd) ** 2)
    )
    return np.asarray(np.log(near + far + 1e-12))


def _steps(
    prior: ChainPrior, options: ChainOptions
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
    """Return all permitted steps to a lower level: from, to, usual distance in mm, log cost."""
    single: list[tuple[int, int, float, float]] = []
    for level in range(LEVELS - 1):
        if level in (T12, T13):
            continue
        cost = prior.log_l6 if level == L5 else 0.0
        if level == L5 and not options.has_anomalies:
            continue
        single.append((level, level + 1, float(prior.gap_mm[level]), cost))
    single.append((T12, L1, float(prior.gap_mm[T12]), 0.0))
    if options.has_anomalies:
        single.append((T12, T13, float(prior.gap_mm[T12]), prior.log_t13))
        single.append((T13, L1, float(prior.gap_mm[T12]), 0.0))
        single.append((T11, L1, float(prior.gap_mm[T11]), prior.log_no_t12))
    table = {(a, b): (mm, cost) for a, b, mm, cost in single}
    whole = dict(table)
    for _ in range(options.max_missed):
        longer: dict[tuple[int, int], tuple[float, float]] = {}
        for (a, b), (mm, cost) in table.items():
            for b_again, c, mm_more, cost_more in single:
                candidate = (mm + mm_more, cost + cost_more + options.log_missed)
                if b_again == b and ((a, c) not in longer or longer[a, c][1] < candidate[1]):
                    longer[a, c] = candidate
        for pair, value in longer.items():
            if pair not in whole or whole[pair][1] < value[1]:
                whole[pair] = value
        table = longer
    rows = sorted((a, b, mm, cost) for (a, b), (mm, cost) in whole.items())
    ends = np.array([row[:2] for row in rows], np.int64)
    numbers = np.array([row[2:] for row in rows], np.float64)
    return ends[:, 0].copy(), ends[:, 1].copy(), numbers[:, 0].copy(), numbers[:, 1].copy()


@numba.njit(nogil=True, cache=True)
def _add(one, other):  # type: ignore[no-untyped-def]
    """Return the logarithm of the sum of two numbers, given their logarithms."""
    if one < other:
        one, other = other, one
    if other < -1e8:
        return one
    return one + np.log1p(np.exp(other - one))


@numba.njit(nogil=True, cache=True)
def _gap_score(distance, usual, scale, sd, odd_sd, odd_fraction, weight):  # type: ignore[no-untyped-def]
    """Return the weighted log density of the distance between two positions; 0 if it is unknown."""
    if np.isnan(distance):
        return 0.0
    deviation = np.log(max(distance, 1e-3) / (usual * scale))
    near = (1 - odd_fraction) / sd * np.exp(-0.5 * (deviation / sd) ** 2)
    far = odd_fraction / odd_sd * np.exp(-0.5 * (deviation / odd_sd) ** 2)
    return weight * np.log(near + far + 1e-12)


@numba.njit(nogil=True, cache=True)
def _forward_backward(  # type: ignore[no-untyped-def]
    evidence,
    distance,
    step_from,
    step_to,
    step_mm,
    step_cost,
    scales,
    log_weight,
    sd,
    odd_sd,
    odd_fraction,
    weight,
    log_false,
):
    """Return the probability of each level at each position; 0 if no row is permitted."""
    n, levels = evidence.shape
    reach = distance.shape[1]
    total = -1e9
    sums = np.full((n, levels), -1e9)
    for s in range(len(scales)):
        forward = np.full((n, levels), -1e9)
        backward = np.full((n, levels), -1e9)
        for i in range(n):
            if i < reach:
                for k in range(levels):
                    forward[i, k] = i * log_false
            for offset in range(1, min(reach, i) + 1):
                for t in range(len(step_from)):
                    previous = forward[i - offset, step_from[t]]
                    if previous < -1e8:
                        continue
                    gap = _gap_score(
                        distance[i, offset - 1],
                        step_mm[t],
                        scales[s],
                        sd,
                        odd_sd,
                        odd_fraction,
                        weight,
                    )
                    value = previous + gap + step_cost[t] + (offset - 1) * log_false
                    forward[i, step_to[t]] = _add(forward[i, step_to[t]], value)
            for k in range(levels):
                forward[i, k] = forward[i, k] + evidence[i, k] if evidence[i, k] > -1e8 else -1e9
        for i in range(n - 1, -1, -1):
            if n - 1 - i < reach:
                for k in range(levels):
                    backward[i, k] = (n - 1 - i) * log_false
            for offset in range(1, min(reach, n - 1 - i) + 1):
                for t in range(len(step_from)):
                    e = evidence[i + offset, step_to[t]]
                    if e < -1e8:
                        continue
                    gap = _gap_score(
                        distance[i + offset, offset - 1],
                        step_mm[t],
                        scales[s],
                        sd,
                        odd_sd,
                        odd_fraction,
                        weight,
                    )
                    value = (
                        backward[i + offset, step_to[t]]
                        + e
                        + gap
                        + step_cost[t]
                        + (offset - 1) * log_false
                    )
                    backward[i, step_from[t]] = _add(backward[i, step_from[t]], value)
        for i in range(n):
            for k in range(levels):
                if forward[i, k] > -1e8 and backward[i, k] > -1e8:
                    value = forward[i, k] + backward[i, k] + log_weight[s]
                    sums[i, k] = _add(sums[i, k], value)
                    if n - 1 - i < reach:
                        total = _add(total, forward[i, k] + (n - 1 - i) * log_false + log_weight[s])
    return np.exp(sums - max(total, -1e8))


@numba.njit(nogil=True, cache=True)
def _most_probable(log_probability, probability, step_from, step_to, reach):  # type: ignore[no-untyped-def]
    """Return the permitted row of levels with the largest product of probabilities.

    -1 marks a position that is not a vertebra.
    """
    n, levels = log_probability.shape
    best = np.full((n, levels), -1e9)
    previous_position = np.full((n, levels), -1, np.int64)
    previous_level = np.full((n, levels), -1, np.int64)
    skipped = np.zeros(n + 1)
    for i in range(n):
        missing = max(1 - probability[i].sum(), 1e-30)
        skipped[i + 1] = skipped[i] + np.log(missing)
    for i in range(n):
        if i < reach:
            for k in range(levels):
                best[i, k] = skipped[i]
        for offset in range(1, min(reach, i) + 1):
            skipped_between = skipped[i] - skipped[i - offset + 1]
            for t in range(len(step_from)):
                value = best[i - offset, step_from[t]] + skipped_between
                if value > best[i, step_to[t]]:
                    best[i, step_to[t]] = value
                    previous_position[i, step_to[t]] = i - offset
                    previous_level[i, step_to[t]] = step_from[t]
        for k in range(levels):
            best[i, k] += log_probability[i, k]
    chosen = np.full(n, -1, np.int64)
    top, position, level = -1e30, -1, -1
    for i in range(max(0, n - reach), n):
        for k in range(levels):
            value = best[i, k] + skipped[n] - skipped[i + 1]
            if value > top:
                top, position, level = value, i, k
    while position >= 0:
        chosen[position] = level
        position, level = previous_position[position, level], previous_level[position, level]
    return chosen
