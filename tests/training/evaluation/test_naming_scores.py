import numpy as np
import pytest

from spineviewer.training.evaluation.naming_scores import (
    calibration_rows,
    cohort_summary,
    score_names,
)

SPACING = (2.0, 1.0, 1.0)


def stack(numbers: list[int]) -> np.ndarray:
    """Return labels in consecutive blocks of 10 slices, beginning at slice 2."""
    labels = np.zeros((60, 12, 12), np.uint8)
    for place, number in enumerate(numbers):
        labels[2 + 10 * place : 11 + 10 * place, 3:9, 3:9] = number
    return labels


def test_a_volume_agrees_with_itself() -> None:
    scored = score_names(
        stack([20, 21, 22]), stack([20, 21, 22]), SPACING, probability={20: 0.7, 21: 0.8, 22: 0.9}
    )
    assert (scored.id_rate, scored.is_all_right, scored.is_off_by_one) == (1.0, True, False)
    assert [(v.name, v.dice, v.hd95_mm, v.probability) for v in scored.vertebrae] == [
        ("L1", 1.0, 0.0, 0.7),
        ("L2", 1.0, 0.0, 0.8),
        ("L3", 1.0, 0.0, 0.9),
    ]


def test_names_shifted_by_one_are_off_by_one_and_share_no_voxel() -> None:
    scored = score_names(stack([19, 20, 21]), stack([20, 21, 22]), SPACING)
    assert [v.found_as for v in scored.vertebrae] == ["T12", "L1", "L2"]
    assert (scored.id_rate, scored.is_off_by_one) == (0.0, True)
    assert [v.dice for v in scored.vertebrae] == [0.0, 0.0, 0.0]


def test_a_name_two_levels_away_is_not_off_by_one() -> None:
    scored = score_names(stack([18, 19, 20]), stack([20, 21, 22]), SPACING)
    assert not scored.is_off_by_one


def test_a_vertebra_without_a_centre_within_twenty_millimetres_is_not_found() -> None:
    found = np.zeros((60, 12, 12), np.uint8)
    found[2:11, 3:9, 3:9] = 20
    scored = score_names(found, stack([20, 21]), SPACING)
    assert [v.found_as for v in scored.vertebrae] == ["L1", None]


def test_parts_at_the_edge_and_in_ignored_voxels_do_not_count() -> None:
    reference = stack([20, 21, 22])
    reference[:11, 3:9, 3:9] = 20
    ignore = np.zeros(reference.shape, np.bool_)
    ignore[22:31] = True
    assert [
        v.name for v in score_names(reference, reference, SPACING, ignore=ignore).vertebrae
    ] == ["L2"]


def test_stated_probabilities_are_counted_by_class() -> None:
    rows = calibration_rows([(0.3, False), (0.85, True), (0.86, False), (1.0, True)])
    assert [(row["from"], row["count"], row["right"]) for row in rows] == [
        (0.0, 1, 0.0),
        (0.8, 2, 0.5),
        (0.95, 1, 1.0),
    ]


def test_a_cohort_is_summed_over_vertebrae_and_over_scans() -> None:
    right = score_names(stack([20, 21]), stack([20, 21]), SPACING).record
    wrong = score_names(stack([19, 20]), stack([20, 21]), SPACING).record
    summary = cohort_summary([{"naming": right}, {"naming": wrong}, {"naming": None}])
    assert (summary["scans"], summary["vertebrae"]) == (2, 4)
    assert summary["id_rate"] == pytest.approx(0.5)
    assert (summary["all_levels_right"], summary["off_by_one"]) == (0.5, 0.5)
    assert cohort_summary([]) == {}
