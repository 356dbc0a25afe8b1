"""A body's own heights compared with those of healthy bodies."""

import math

import pytest
from rows import profile

from spineviewer.measurements.deformities import deformities
from spineviewer.measurements.results import Shape

USUAL_MM = (25.0, 25.0, 25.0)
LUMBAR, THORACIC = 20, 15


def test_the_loss_is_relative_to_the_other_heights_of_the_body():
    concave, wedged = deformities(LUMBAR, [profile((25.0, 20.0, 25.0))], USUAL_MM)
    assert (concave.shape, wedged.shape) == (Shape.BICONCAVE, Shape.WEDGE)
    assert concave.loss_percent.value == pytest.approx(20.0, abs=0.2)
    assert wedged.loss_percent.value == pytest.approx(0.0, abs=1.0)
    assert abs(wedged.deviations) < 0.3


def test_deviations_count_the_spread_of_healthy_bodies_and_the_uncertainty_of_the_heights():
    # Heights have an uncertainty of 0.3 mm in `rows`.
    concave, _ = deformities(LUMBAR, [profile((25.0, 20.0, 25.0))], USUAL_MM)
    uncertainty = math.hypot(0.3 / 20, 0.5 * 0.3 / 25, 0.5 * 0.3 / 25)
    expected = (math.log(25 / 20) + 0.001) / math.hypot(0.030, uncertainty)
    assert concave.deviations == pytest.approx(expected)


def test_size_does_not_matter():
    small = deformities(THORACIC, [profile((12.0, 14.0, 16.0))], USUAL_MM)
    large = deformities(THORACIC, [profile((24.0, 28.0, 32.0))], USUAL_MM)
    assert small[1].loss_percent.value == pytest.approx(large[1].loss_percent.value)
    assert small[1].loss_percent.value == pytest.approx(25.0, abs=0.4)
