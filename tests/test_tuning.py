"""The three numbers are checked when a tuning is created."""

import math

import pytest

from spineviewer.errors import UsageError
from spineviewer.tuning import Tuning


def test_numbers_at_the_ends_of_their_ranges_are_accepted():
    assert Tuning(0.0, 0.0, 1.0) == Tuning(
        attention_threshold=0.0, sigma_mm=0.0, segmentation_threshold=1.0
    )


@pytest.mark.parametrize(
    ("numbers", "named"),
    [
        ((-0.1, 6.0, 0.5), "attention"),
        ((math.nan, 6.0, 0.5), "attention"),
        ((0.2, -1.0, 0.5), "Sigma"),
        ((0.2, math.inf, 0.5), "Sigma"),
        ((0.2, 6.0, 1.01), "segmentation"),
    ],
)
def test_a_number_out_of_range_is_named(numbers, named):
    with pytest.raises(UsageError, match=named):
        Tuning(*numbers)
