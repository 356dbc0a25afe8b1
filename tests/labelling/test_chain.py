from dataclasses import replace

import numpy as np
import pytest

from spineviewer.labelling.chain import (
    IMPOSSIBLE,
    LEVELS,
    REST,
    ChainOptions,
    ChainPrior,
    answer_from_rows,
    neighbour_level,
    possible_rows,
    solve,
)
from spineviewer.labelling.priors import load_fitted
from spineviewer.volume.levels import LEVEL_NAMES

PRIOR = load_fitted().chain


def places(names: list[str], scale: float = 1.0) -> np.ndarray:
    """Centres at the usual distances, the first at 0."""
    levels = [LEVEL_NAMES.index(name) for name in names]
    steps = [
        PRIOR.gap_mm[level if level != LEVEL_NAMES.index("T13") else LEVEL_NAMES.index("T12")]
        for level in levels[:-1]
    ]
    return np.concatenate([[0.0], np.cumsum(steps)])[:, None] * scale


def names_of(levels: np.ndarray) -> list[str]:
    return [LEVEL_NAMES[level] if level >= 0 else "-" for level in levels.tolist()]


def only(name: str, row: int, count: int) -> np.ndarray:
    evidence = np.zeros((count, LEVELS))
    evidence[row, np.arange(LEVELS) != LEVEL_NAMES.index(name)] = IMPOSSIBLE
    return evidence


def test_a_whole_spine_is_named_from_its_distances_alone() -> None:
    names = [name for name in LEVEL_NAMES if name not in ("C1", "T13", "L6")]
    answer = solve(places(names), np.zeros((len(names), LEVELS)), PRIOR)
    assert names_of(answer.levels) == names
    assert answer.chosen_probability.min() > 0.9


def test_the_names_do_not_depend_on_the_patients_size() -> None:
    names = [
        "C6",
        "C7",
        "T1",
        "T2",
        "T3",
        "T4",
        "T5",
        "T6",
        "T7",
        "T8",
        "T9",
        "T10",
        "T11",
        "T12",
        "L1",
        "L2",
    ]
    for scale in (0.9, 1.1):
        assert (
            names_of(solve(places(names, scale), np.zeros((len(names), LEVELS)), PRIOR).levels)
            == names
        )


def test_probabilities_of_a_position_sum_to_one() -> None:
    answer = solve(places(["T5", "T6", "T7"]), np.zeros((3, LEVELS)), PRIOR)
    np.testing.assert_allclose(answer.probability.sum(axis=1), 1.0, atol=1e-9)


@pytest.mark.parametrize("has_anomalies", [True, False])
def test_the_rows_add_up_to_the_probability_of_each_level(has_anomalies: bool) -> None:
    at = places(["T10", "T11", "T12", "L1", "L2", "L3"], 1.04)
    at[2] = np.nan
    evidence = np.random.default_rng(3).normal(size=(len(at), LEVELS))
    answer = solve(at, evidence, PRIOR, ChainOptions(has_anomalies=has_anomalies))
    rows = possible_rows(at, evidence, PRIOR, has_anomalies=has_anomalies)
    summed = np.zeros_like(answer.probability)
    for row in rows:
        summed[np.arange(len(at)), list(row.levels)] += row.probability
    np.testing.assert_allclose(summed, answer.probability, atol=1e-9)
    assert list(rows) == sorted(rows, key=lambda row: -row.probability)


def test_a_clamp_that_no_row_satisfies_leaves_no_row() -> None:
    evidence = only("L1", 0, 3) + only("L1", 2, 3)
    assert possible_rows(places(["T12", "L1", "L2"]), evidence, PRIOR) == ()


def test_the_probability_of_a_shift_is_that_of_the_shifted_row() -> None:
    at, evidence = places(["T5", "T6", "T7"]), np.zeros((3, LEVELS))
    rows = possible_rows(at, evidence, PRIOR)
    # T5 to T7
    answer = replace(solve(at, evidence, PRIOR), levels=np.array([11, 12, 13]), rows=rows)
    wanted = {row.levels: row.probability for row in rows}
    assert answer.row_probability(np.arange(3), -1) == wanted[10, 11, 12]
    assert answer.row_probability(np.array([0, 2])) == wanted[11, 12, 13]


@pytest.mark.parametrize(("first", "share"), [("T13", 0.002), ("L6", 0.035)])
def test_a_rare_level_at_the_top_is_as_rare_as_elsewhere(first: str, share: float) -> None:
    rows = possible_rows(np.full((1, 1), np.nan), np.zeros((1, LEVELS)), PRIOR)
    found = {LEVEL_NAMES[row.levels[0]]: row.probability for row in rows}
    assert found[first] / found["L1"] == pytest.approx(share)
    plain = possible_rows(
        np.full((1, 1), np.nan), np.zeros((1, LEVELS)), PRIOR, has_anomalies=False
    )
    assert first not in {LEVEL_NAMES[row.levels[0]] for row in plain}


def test_the_last_piece_may_be_something_other_than_a_vertebra_below_certain_levels() -> None:
    at, evidence = places(["L4", "L5", "L6"]), only("L4", 0, 3)
    at[2] = np.nan
    below_l5 = np.full(LEVELS, IMPOSSIBLE)
    below_l5[LEVEL_NAMES.index("L5")] = np.log(0.07)
    rows = possible_rows(at, evidence, PRIOR, last_piece=below_l5)
    l4, l5, l6 = (LEVEL_NAMES.index(name) for name in ("L4", "L5", "L6"))
    found = {row.levels: row.probability for row in rows}
    # L6 has a share of 0.035, so both rows have odds of 2 to 1.
    assert found == {
        (l4, l5, REST): pytest.approx(2 / 3),
        (l4, l5, l6): pytest.approx(1 / 3),
    }
    answer = answer_from_rows(rows, 3)
    assert answer.levels.tolist() == [l4, l5, REST]
    assert answer.chosen_probability[2] == pytest.approx(2 / 3)
    assert [row.levels for row in answer.part(slice(-1)).rows] == [(l4, l5)]


@pytest.mark.parametrize("name", ["T5", "L2"])
def test_one_clamped_level_names_the_others(name: str) -> None:
    first = LEVEL_NAMES.index(name)
    answer = solve(places(["T8", "T9", "T10"]), only(name, 0, 3), PRIOR)
    assert names_of(answer.levels) == [LEVEL_NAMES[first + k] for k in range(3)]


def test_ends_that_leave_one_level_too_many_give_an_anomaly_only_where_it_is_allowed() -> None:
    # Seven levels from T12 to the last lumbar one: T13 or L6.
    evidence = only("T12", 0, 7)
    evidence[6, : LEVEL_NAMES.index("L5")] = IMPOSSIBLE
    distances = places(["T12", "L1", "L2", "L3", "L4", "L5", "L6"])
    answer = solve(distances, evidence, PRIOR)
    assert names_of(answer.levels) == ["T12", "L1", "L2", "L3", "L4", "L5", "L6"]
    evidence[6, LEVEL_NAMES.index("L6")] = IMPOSSIBLE
    assert "T13" in names_of(solve(distances, evidence, PRIOR).levels)
    usual = solve(distances, evidence, PRIOR, ChainOptions(has_anomalies=False))
    assert not usual.probability.any()


def test_a_missing_t12_is_found_between_two_ends_that_are_known() -> None:
    evidence = only("T10", 0, 4)
    evidence[3, np.arange(LEVELS) != LEVEL_NAMES.index("L2")] = IMPOSSIBLE
    assert names_of(solve(places(["T10", "T11", "L1", "L2"]), evidence, PRIOR).levels) == [
        "T10",
        "T11",
        "L1",
        "L2",
    ]


def test_levels_are_consecutive_and_none_occurs_twice() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        count = int(rng.integers(1, 14))
        evidence = rng.normal(0, 4, (count, LEVELS))
        where = np.cumsum(rng.uniform(10, 60, count))[:, None]
        levels = solve(where, evidence, PRIOR).levels
        assert (np.diff(levels) >= 1).all()


def test_an_unknown_position_carries_no_evidence_about_distances() -> None:
    where = places(["L1", "L2", "L3", "L4"])
    where[0] = np.nan
    answer = solve(where, only("L4", 3, 4), PRIOR)
    assert names_of(answer.levels) == ["L1", "L2", "L3", "L4"]


def test_a_point_that_is_not_a_vertebra_is_left_out() -> None:
    names = [name for name in LEVEL_NAMES if name not in ("C1", "T13", "L6")]
    where = places(names)
    stray = np.insert(where, 10, (where[9] + where[10]) / 2, axis=0)
    answer = solve(stray, np.zeros((len(stray), LEVELS)), PRIOR, ChainOptions(max_false=1))
    assert names_of(answer.levels) == [*names[:10], "-", *names[10:]]


def test_a_vertebra_without_a_point_leaves_its_name_free() -> None:
    names = [name for name in LEVEL_NAMES if name not in ("C1", "T13", "L6")]
    where = np.delete(places(names), 12, axis=0)
    answer = solve(where, np.zeros((len(where), LEVELS)), PRIOR, ChainOptions(max_missed=2))
    assert names_of(answer.levels) == names[:12] + names[13:]


def test_neighbours_in_a_usual_spine_skip_t13() -> None:
    index = LEVEL_NAMES.index
    assert neighbour_level(index("T12"), 1) == index("L1")
    assert neighbour_level(index("L1"), -1) == index("T12")
    assert neighbour_level(index("T13"), 1) == index("L1")
    assert neighbour_level(index("T13"), -1) == index("T12")
    assert neighbour_level(index("C1"), -1) is None
    assert neighbour_level(index("L6"), 1) is None


def test_an_unusual_distance_does_not_make_the_prior_unusable() -> None:
    prior = ChainPrior(PRIOR.gap_mm)
    answer = solve(np.array([[0.0], [500.0]]), only("L1", 0, 2), prior)
    assert names_of(answer.levels) == ["L1", "L2"]
