from dataclasses import replace

import numpy as np
import pytest

from spineviewer.errors import GeometryError
from spineviewer.labelling.cut_parts import CutParts
from spineviewer.labelling.vertebrae import (
    Alternative,
    BodyFrame,
    Convention,
    Naming,
    Vertebra,
    Vertebrae,
)
from spineviewer.volume.geometry import Geometry

GRID = Geometry((4, 3, 2), (2.0, 1.0, 1.0), (10.0, 20.0, 30.0))
NAMING = Naming(
    Convention.RIBS,
    0.87654,
    0.1,
    0.02,
    ("L6",),
    ("Check the names.",),
    (Alternative(("L1", "L2"), 0.12345, Convention.SACRUM),),
)


def vertebra(name: str, label: int) -> Vertebra:
    frame = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    box = (slice(0, 1), slice(0, 1), slice(0, 1))
    return Vertebra(
        name,
        label,
        0.912345,
        CutParts(0),
        (1.0, 2.0, 3.0),
        frame,
        None,
        None,
        11.0,
        20.0,
        4.5678,
        box,
    )


def test_a_vertebra_is_found_by_its_name_and_by_a_point_in_it() -> None:
    labels = np.zeros(GRID.shape_zyx, np.uint8)
    labels[3, 2, 1] = 20
    found = Vertebrae(labels, GRID, (vertebra("T12", 19), vertebra("L1", 20)), NAMING)
    assert found.named("L1") is found.all[1]
    assert found.named("L2") is None
    assert found.vertebra_at((11.0, 22.0, 36.0)) is found.all[1]
    assert found.vertebra_at((10.0, 20.0, 30.0)) is None
    assert found.vertebra_at((100.0, 22.0, 36.0)) is None


@pytest.mark.parametrize(
    ("convention", "probability", "shown"),
    [
        (Convention.SPACING, 0.2, "L1?"),
        (Convention.SPACING, 0.6, "L1"),
        (Convention.SET_BY_HAND, 0.2, "L1"),  # the user knows it
    ],
)
def test_images_mark_names_if_the_levels_are_unknown(
    convention: Convention, probability: float, shown: str
) -> None:
    naming = replace(NAMING, convention=convention, probability=probability)
    labels = np.zeros(GRID.shape_zyx, np.uint8)
    found = Vertebrae(labels, GRID, (vertebra("L1", 20),), naming)
    assert found.marked_names == {20: shown}
    assert found.names == {20: "L1"}


def test_in_front_of_a_tilted_spine_the_level_of_a_slice_is_the_visible_body() -> None:
    # Two bodies of a thoracic kyphosis of 45 degrees, 20 mm apart: the slice 40 mm in front of the
    # lower one, at its height, is nearest to the upper one along the spine.
    half = 0.5**0.5
    frame = BodyFrame((0.0, half, -half), (1.0, 0.0, 0.0), (0.0, half, half))
    upper = replace(
        vertebra("T5", 12), frame=frame, body_centre_lps_mm=(0.0, -20 * half, 20 * half)
    )
    lower = replace(vertebra("T6", 13), frame=frame, body_centre_lps_mm=(0.0, 0.0, 0.0))
    found = Vertebrae(np.zeros(GRID.shape_zyx, np.uint8), GRID, (upper, lower), NAMING)
    place = (0.0, -40.0, 0.0)
    assert found.level_at(place, (0.0, 0.0, 1.0)) is lower
    assert found.level_at((0.0, -25.0, 0.0)) is upper
    assert found.level_at((0.0, -40.0, -40.0), (0.0, 0.0, 1.0)) is None


def test_the_lower_end_of_a_body_is_not_at_the_level_of_the_cut_body_below_it() -> None:
    # L4 extends from 17 mm above its centre to 17 mm below it; 9 mm of L5 are in view below it.
    whole = replace(vertebra("L4", 23), body_centre_lps_mm=(0.0, 0.0, 0.0), height_mm=34.0)
    cut = replace(vertebra("L5", 24), body_centre_lps_mm=(0.0, 0.0, -21.5), height_mm=9.0)
    found = Vertebrae(np.zeros(GRID.shape_zyx, np.uint8), GRID, (whole, cut), NAMING)
    for across in ((0.0, 0.0, 1.0), None):
        assert found.level_at((0.0, -30.0, -13.0), across) is whole
        assert found.level_at((0.0, -30.0, -20.0), across) is cut


def test_labels_that_are_not_on_the_grid_are_refused() -> None:
    with pytest.raises(GeometryError, match="do not match"):
        Vertebrae(np.zeros((4, 3, 3), np.uint8), GRID, (), NAMING)


def test_records_have_the_field_names_of_json_results() -> None:
    assert vertebra("L1", 20).record == {
        "name": "L1",
        "label": 20,
        "probability": 0.9123,
        "is_partial": False,
        "is_cut_at_edge": False,
        "cut_parts": [],
        "is_recovered": False,
        "is_body_in_view": True,
        "may_include": "",
        "body_centre_lps_mm": [1.0, 2.0, 3.0],
        "canal_side_lps_mm": [1.0, 13.0, 3.0],  # a radius of 11 mm behind the centre
        "volume_ml": 4.568,
    }
    assert NAMING.record == {
        "convention": "by ribs",
        "probability": 0.8765,
        "shifted_up": 0.1,
        "shifted_down": 0.02,
        "anomalies": ["L6"],
        "warnings": ["Check the names."],
        "alternatives": [
            {
                "names": ["L1", "L2"],
                "probability": 0.1235,
                "convention": "from the sacrum",
                "anomalies": [],
            }
        ],
        "unaided": None,
    }
