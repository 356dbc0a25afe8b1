import gzip
from pathlib import Path

import numpy as np
import pytest

from spineviewer.errors import ImageReadError
from spineviewer.labelling.chain import LEVELS
from spineviewer.labelling.priors import load_fitted
from spineviewer.training.evaluation.keypoint_study import outcomes, summary
from spineviewer.training.evaluation.keypoints import (
    fit_gaps,
    matched_levels,
    pedicle_evidence,
    pedicle_sizes,
    read_detections,
    read_true_points,
)
from spineviewer.volume.levels import LEVEL_NAMES

NAMES = ["T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5"]


def write_points(
    folder: Path, patients: int, *, missing: str = "", names: list[str] | None = None
) -> None:
    """Write scans whose bodies have the usual distances.

    The detector finds every body except the missing one, and knows its region.
    """
    gap = load_fitted().chain.gap_mm
    true = ["id,patient,source,keypoint,level,x,y,z"]
    found = ["id,patient,keypoint,segment,x,y,z,p_c,p_t,p_l"]
    for patient in range(patients):
        z = 0.0
        for name in names or NAMES:
            true.append(f"s{patient},p{patient},verse20,body,{name},0,0,{z}")
            if name != missing:
                # Detectors are less certain about the two vertebrae at the border.
                sure = 0.9 if name in ("T12", "L1") else 0.99
                thoracic, lumbar = (1 - sure, sure) if name.startswith("L") else (sure, 1 - sure)
                found.append(f"s{patient},p{patient},body,X,1,0,{z},0.01,{thoracic},{lumbar}")
            z -= float(gap[LEVEL_NAMES.index(name)])
    for file, lines in (("ground_truth", true), ("detections", found)):
        with gzip.open(folder / f"{file}.csv.gz", "wt", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + "\n")


def test_bodies_at_the_usual_places_are_named_right_and_patients_are_held_out(
    tmp_path: Path,
) -> None:
    write_points(tmp_path, 40)
    scans = read_true_points(tmp_path)
    held_out = sum(scan.is_held_out for scan in scans)
    assert 0 < held_out < 20
    found = summary(outcomes(tmp_path, load_fitted()))
    assert (found["scans"], found["all_right"], found["within_one"]) == (held_out, 1.0, 1.0)
    assert found["bodies_without_point"] == 0


def test_a_body_that_the_detector_misses_is_counted_separately(tmp_path: Path) -> None:
    write_points(tmp_path, 40, missing="L2")
    found = summary(outcomes(tmp_path, load_fitted()))
    assert found["all_right"] == 1.0
    assert found["bodies_without_point"] == found["scans"]


def test_distances_are_learnt_from_points(tmp_path: Path) -> None:
    usual = [name for name in LEVEL_NAMES if name != "T13"]
    write_points(tmp_path, 40, names=usual)
    prior = fit_gaps(read_true_points(tmp_path))
    np.testing.assert_allclose(prior.gap_mm[:18], load_fitted().chain.gap_mm[:18], rtol=0.01)
    np.testing.assert_allclose(prior.gap_mm[20:25], load_fitted().chain.gap_mm[20:25], rtol=0.01)


def test_each_level_is_given_to_one_point_at_most(tmp_path: Path) -> None:
    write_points(tmp_path, 1)
    true, detected = read_true_points(tmp_path)[0], read_detections(tmp_path)["s0"]
    assert matched_levels(true, detected).tolist() == true.levels.tolist()


def test_a_folder_without_points_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageReadError, match=r"ground_truth\.csv\.gz"):
        read_true_points(tmp_path)


def test_pedicles_belong_to_the_nearest_body_and_have_a_width_and_a_depth() -> None:
    bodies = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, -30.0]])
    left = np.array([[10.0, 20.0, 2.0]])
    right = np.array([[-10.0, 20.0, 2.0], [-10.0, 20.0, -28.0]])
    sizes = pedicle_sizes(bodies, [left, right])
    np.testing.assert_allclose(np.exp(sizes[0]), [20.0, np.hypot(20.0, 2.0)])
    assert np.isnan(sizes[1]).all()  # its left pedicle was not found
    assert np.isnan(pedicle_sizes(bodies, [])).all()


def test_pedicles_support_the_level_with_matching_sizes() -> None:
    middle, spread = np.zeros((LEVELS, 2)), np.full((LEVELS, 2), 0.1)
    middle[:, 0] = np.arange(LEVELS)
    found = pedicle_evidence(np.array([[7.0, 0.0], [np.nan, np.nan]]), middle, spread)
    assert int(found[0].argmax()) == 7
    np.testing.assert_array_equal(found[1], np.zeros(LEVELS))
