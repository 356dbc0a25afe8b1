"""Corrections of vertebrae in sessions are stored unchanged; damaged ones are rejected."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from spineviewer.app.hand_naming import HandNaming, Merge, Move, Name, Split

HAND = HandNaming(
    (Name(20, (1.0, 2.0, 3.5)), Name(28, (0.0, 0.0, -4.0))),
    (
        Split((1.0, 2.0, 3.0)),
        Merge((0.0, 0.0, 0.0), (0.0, 0.0, 9.0)),
        Move((5.0, 5.0, 5.0), ((1.0, 1.0, 1.0), (2.0, 2.0, 2.0)), 4.0),
    ),
)
STORED: dict[str, Any] = {
    "names": [
        {"label": 20, "at_lps_mm": [1.0, 2.0, 3.5]},
        {"label": 28, "at_lps_mm": [0.0, 0.0, -4.0]},
    ],
    "cuts": [
        {"kind": "split", "at_lps_mm": [1.0, 2.0, 3.0]},
        {"kind": "merge", "upper_lps_mm": [0.0, 0.0, 0.0], "lower_lps_mm": [0.0, 0.0, 9.0]},
        {
            "kind": "move",
            "to_lps_mm": [5.0, 5.0, 5.0],
            "stroke_lps_mm": [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]],
            "radius_mm": 4.0,
        },
    ],
}


def test_corrections_are_stored_in_the_form_that_older_sessions_have() -> None:
    assert json.loads(msgspec.json.encode(HAND)) == STORED
    assert msgspec.convert(STORED, HandNaming) == HAND
    assert msgspec.convert({}, HandNaming) == HandNaming()


@pytest.mark.parametrize(
    "damage",
    [
        {"names": [{"label": 27, "at_lps_mm": [0, 0, 0]}]},
        {"names": [{"label": True, "at_lps_mm": [0, 0, 0]}]},
        {"names": [{"label": 20, "at_lps_mm": [0, 0]}]},
        {"names": [{"label": 20, "at_lps_mm": [0, 0, float("nan")]}]},
        {"names": [{"label": 20, "at_lps_mm": [0, 0, 1e9]}]},
        {"names": [STORED["names"][0]] * 10_001},
        {"cuts": [{"kind": "soup", "at_lps_mm": [0, 0, 0]}]},
        {"cuts": [{"at_lps_mm": [0, 0, 0]}]},
        {"cuts": [{**STORED["cuts"][2], "stroke_lps_mm": [[0, 0, 0]] * 10_001}]},
        {"cuts": 5},
    ],
    ids=str,
)
def test_damaged_corrections_are_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\$"):
        msgspec.convert({**STORED, **damage}, HandNaming)
