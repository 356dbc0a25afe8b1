"""Facts about a mask."""

import numpy as np
import pytest

from spineviewer.app.mask_facts import is_incomplete
from spineviewer.labelling.vertebrae import BodyFrame, Convention, Naming, Vertebra, Vertebrae
from spineviewer.volume.geometry import Geometry

GRID = Geometry((2, 2, 2), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))


def vertebrae(*, is_partial):
    frame = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    place, box = (0.0, 0.0, 0.0), (slice(0, 1), slice(0, 1), slice(0, 1))
    body = Vertebra("T10", 17, 0.95, is_partial, place, frame, None, None, 15.0, 25.0, 30.0, box)
    labels = np.zeros(GRID.shape_zyx, np.uint8)
    return Vertebrae(labels, GRID, (body,), Naming(Convention.RIBS, 0.95, 0.0, 0.0))


@pytest.mark.parametrize(
    ("touches_edge", "has_partial", "expected"),
    [(False, False, False), (True, False, True), (False, True, True), (True, True, True)],
)
def test_a_partial_vertebra_makes_a_volume_incomplete_that_touches_no_edge(
    touches_edge, has_partial, expected
):
    """The slices of a sheared scan end inside its right-angled grid."""
    assert is_incomplete(touches_edge, vertebrae(is_partial=has_partial)) is expected
    assert is_incomplete(touches_edge, None) is touches_edge
