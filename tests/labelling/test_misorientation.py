"""A spine that is upside down or back to front is reported, and a normal one is not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from spines import SolidSpine, solid_spine, spine_of

from spineviewer.labelling.misorientation import BACK_TO_FRONT, UPSIDE_DOWN
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.labelling.vertebrae import Naming

TRUNK = [*(f"T{number}" for number in range(5, 13)), "L1", "L2", "L3"]


@pytest.fixture(scope="module")
def trunk() -> SolidSpine:
    return solid_spine(TRUNK)


def naming_of(spine: SolidSpine) -> Naming:
    return label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae.naming


def turned(spine: SolidSpine, turn: Callable[[np.ndarray], np.ndarray]) -> SolidSpine:
    numbers, hu = (
        np.ascontiguousarray(turn(values)) for values in (spine.numbers, np.asarray(spine.scan.hu))
    )
    return spine_of(numbers, hu, (1.0, 1.0, 1.0))


def test_a_normal_spine_is_not_questioned(trunk: SolidSpine) -> None:
    naming = naming_of(trunk)
    assert naming.caution == ""
    assert naming.probability > 0.5


def test_a_spine_upside_down_is_reported_and_its_names_are_not_likely(trunk: SolidSpine) -> None:
    naming = naming_of(turned(trunk, np.flipud))
    assert naming.caution == UPSIDE_DOWN
    assert UPSIDE_DOWN in naming.warnings
    assert naming.probability <= 0.2
    assert naming.alternatives == ()


def test_a_spine_back_to_front_is_reported_and_its_names_are_not_likely(trunk: SolidSpine) -> None:
    naming = naming_of(turned(trunk, lambda values: values[:, ::-1]))
    # The networks outline only the bodies of such a scan.
    assert naming.caution in (BACK_TO_FRONT, UPSIDE_DOWN)


def test_few_bodies_are_no_strong_evidence_of_a_wrong_orientation() -> None:
    spine = solid_spine(["L2", "L3", "L4"], with_ribs=False)
    assert naming_of(spine).caution == ""
    assert naming_of(turned(spine, np.flipud)).caution == ""


def with_descending_arches(spine: SolidSpine) -> SolidSpine:
    """The spine with arches that descend by up to 6 mm from the pedicles backwards."""
    numbers, hu = spine.numbers.copy(), np.array(spine.scan.hu)
    for y in range(60, numbers.shape[1]):
        by = -min((y - 60) // 2, 6)
        numbers[:, y], hu[:, y] = np.roll(numbers[:, y], by, 0), np.roll(hu[:, y], by, 0)
    return spine_of(numbers, hu, (1.0, 1.0, 1.0))


def test_arches_that_ascend_show_that_a_few_lumbar_bodies_are_upside_down() -> None:
    spine = with_descending_arches(solid_spine(["L2", "L3", "L4"], with_ribs=False))
    assert naming_of(spine).caution == ""
    assert naming_of(turned(spine, np.flipud)).caution == UPSIDE_DOWN
