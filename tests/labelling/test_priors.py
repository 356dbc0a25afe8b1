from dataclasses import replace

import numpy as np
import pytest

from spineviewer.labelling.chain import LEVELS
from spineviewer.labelling.priors import Calibration, ShapeModel, load_fitted
from spineviewer.labelling.separation import ColumnEnds, separate_with_anchors, usual_lengths
from spineviewer.volume.levels import LEVEL_NAMES


def model(patient_sd: float, body_sd: float = 1.0) -> ShapeModel:
    """A model of one number that increases by 1 from level to level, with a spread of 1."""
    mean = np.arange(LEVELS, dtype=np.float64)[None]
    return ShapeModel(
        ("width",),
        mean,
        np.ones((1, LEVELS)),
        np.array([patient_sd]),
        np.array([body_sd]),
        np.ones(1),
    )


def rows(*firsts: int, count: int) -> np.ndarray:
    return np.array([[first + k for k in range(count)] for first in firsts])


def test_without_an_offset_bodies_count_independently() -> None:
    values = np.array([[5.0], [6.0], [7.0]])
    right, off_by_one = model(0.0).row_log_likelihood(values, rows(5, 6, count=3), np.ones(3))
    # A Student density with four degrees of freedom, one spread away, three times; in one patient
    # of ten it counts less.
    usual = 3 * 2.5 * np.log(1.25)
    expected = -np.log(0.9 * np.exp(-usual) + 0.1 * np.exp(-0.3 * usual))
    assert right - off_by_one == pytest.approx(expected)


def test_many_consistent_shapes_may_belong_to_an_unusual_patient() -> None:
    values, levels = np.arange(5.0, 17.0)[:, None], rows(5, 6, count=12)
    right, off_by_one = model(0.0).row_log_likelihood(values, levels, np.ones(12))
    evidence = 12 * 2.5 * np.log(1.25)  # 6.7: odds of 800 to 1
    assert 0.3 * evidence < right - off_by_one < np.log(10) + 0.3 * evidence  # at most 75 to 1


@pytest.mark.parametrize(("name", "most", "share"), [("rib", 6.0, 0.02), ("width", 4.0, 0.1)])
def test_a_rib_too_many_counts_more_than_an_odd_shape(name: str, most: float, share: float) -> None:
    one = replace(model(0.0), names=(name,))
    right, wrong = one.row_log_likelihood(np.array([[5.0]]), rows(5, 25, count=1), np.ones(1))
    usual, odd = (1 - share) * np.exp(-most), share * np.exp(-0.3 * most)
    assert wrong - right == pytest.approx(np.log(usual + odd))


def test_a_strange_shape_does_not_weaken_ribs() -> None:
    """Ribs and shapes of the same scan may each say little, independently of each other."""
    both = replace(
        model(0.0),
        names=("rib", "width"),
        mean=np.repeat(model(0.0).mean, 2, axis=0),
        sd=np.ones((2, LEVELS)),
        patient_sd=np.zeros(2),
        body_sd=np.ones(2),
        weight=np.ones(2),
    )
    levels, values = rows(5, 25, count=1), np.array([[5.0, 25.0]])  # the shape is that of L6
    found = [
        both.row_log_likelihood(np.where(known, values, np.nan), levels, np.ones(1))
        for known in ((True, True), (True, False), (False, True))
    ]
    together, ribs, shape = (float(np.diff(likelihood)[0]) for likelihood in found)
    assert together == pytest.approx(ribs + shape)


def test_a_patients_offset_is_not_counted_once_per_body() -> None:
    values = np.arange(5.0, 15.0)[:, None] + 1.0
    levels = rows(5, 6, count=10)
    shifted, plain = model(1.0).row_log_likelihood(values, levels, np.ones(10))
    alone = model(0.0).row_log_likelihood(values, levels, np.ones(10))
    assert plain - shifted < 0.2 * (alone[1] - alone[0])


def test_unknown_values_and_unreliable_bodies_carry_no_evidence() -> None:
    values = np.array([[np.nan], [6.0]])
    found = model(0.5).row_log_likelihood(values, rows(5, 9, count=2), np.array([1.0, 0.0]))
    assert found[0] == pytest.approx(found[1])


def test_one_wrong_measurement_excludes_no_level() -> None:
    found = model(0.0).row_log_likelihood(np.array([[1000.0]]), rows(5, 6, count=1), np.ones(1))
    assert found[0] == pytest.approx(found[1])


def test_a_probability_above_a_half_is_never_increased_by_the_shipped_calibration() -> None:
    fitted = load_fitted()
    stated = np.linspace(0.5, 0.999, 50)
    assert (fitted.calibration(stated) <= stated + 1e-9).all()
    assert float(Calibration()(0.7)) == pytest.approx(0.7)


@pytest.mark.parametrize("names", [("C4", "C5", "C6", "C7", "T1"), ("C3", "C4", "C5", "C6", "C7")])
def test_a_skull_that_would_stretch_the_first_segment_is_ignored(
    names: tuple[str, ...],
) -> None:
    prior = load_fitted().chain
    edges = np.cumsum([0, *usual_lengths(prior)[[LEVEL_NAMES.index(n) for n in names]]]).round()
    dip = np.zeros(int(edges[-1]) + 21)
    dip[edges.astype(int) + 10] = 0.9
    ends = ColumnEnds(10, int(edges[-1]) + 10, False, True, is_skull_above=True)
    separation, kept = separate_with_anchors(dip, np.full(len(dip), 20.0), ends, prior)
    assert not kept.is_skull_above
    np.testing.assert_array_equal(separation.edges, edges + 10)


def test_a_dens_below_a_skull_and_a_sacrum_are_used() -> None:
    prior = load_fitted().chain
    for names, anchor in (
        (("C2", "C3", "C4", "C5", "C6"), "is_skull_above"),
        (("T12", "L1", "L2", "L3", "L4", "L5"), "is_sacrum_below"),
    ):
        lengths = usual_lengths(prior)[[LEVEL_NAMES.index(n) for n in names]]
        edges = np.cumsum([0, *lengths]).round()
        dip = np.zeros(int(edges[-1]) + 21)
        dip[edges.astype(int) + 10] = 0.9
        ends = ColumnEnds(10, int(edges[-1]) + 10, True, False, **{anchor: True})
        _, kept = separate_with_anchors(dip, np.full(len(dip), 20.0), ends, prior)
        assert getattr(kept, anchor), names
