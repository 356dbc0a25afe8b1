"""The calibration of probabilities of names."""

import numpy as np
import pytest

from spineviewer.training.fit.fit_labelling import calibration_of

UNCALIBRATED = np.repeat([0.999, 0.8, 0.6], [30, 6, 4])


def test_probabilities_of_names_that_were_all_right_are_hardly_lowered() -> None:
    found = calibration_of(UNCALIBRATED, np.ones(40), np.ones(40), max_offset=0.0)
    assert found.slope == 1.0
    assert -0.2 < found.offset <= 0.0


@pytest.mark.parametrize("fraction", [0.5, 0.8])
def test_probabilities_become_the_fraction_of_right_names(fraction: float) -> None:
    uncalibrated = np.full(200, 0.97)
    right = (np.arange(200) < 200 * fraction).astype(np.float64)
    found = calibration_of(uncalibrated, right, np.ones(200))
    assert float(found(0.97)) == pytest.approx(fraction, abs=0.01)


def test_no_probability_is_raised_if_that_is_not_allowed() -> None:
    found = calibration_of(np.full(50, 0.6), np.ones(50), np.ones(50), max_offset=0.0)
    assert float(found(0.6)) <= 0.6
