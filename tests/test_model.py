"""The model's configuration is read as it was written, and is checked before anything is
computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spineviewer.errors import ModelError
from spineviewer.model import (
    ModelConfiguration,
    PreprocessSettings,
    WeightsFile,
    load_configuration,
    save_configuration,
)
from spineviewer.tuning import Tuning

CONFIGURATION = {
    "format": 1,
    "version": "test",
    "preprocessing": {"diffusion_iterations": 4, "conductance_hu": 50.0},
    "attention": {"file": "a", "sha256": "0a", "width": 16},
    "segmentation": {"file": "s", "sha256": "0b", "width": 8},
    "defaults": {"attention_threshold": 0.06, "sigma_mm": 16, "segmentation_threshold": 0.5},
}


def written(folder: Path, **changes: Any) -> Path:
    (folder / "model.json").write_text(json.dumps({**CONFIGURATION, **changes}))
    return folder


def test_a_configuration_is_read_with_its_defaults(tmp_path: Path) -> None:
    found = load_configuration(written(tmp_path, eight_bit_ranges={"up": [1, 2.5]}))
    assert found == ModelConfiguration(
        tmp_path,
        "test",
        PreprocessSettings(4, 50.0, -300, 1300),
        WeightsFile("a", "0a", 16),
        WeightsFile("s", "0b", 8),
        Tuning(0.06, 16.0, 0.5),
        "f32",
        {"up": (1.0, 2.5)},
    )
    save_configuration(found)
    assert load_configuration(tmp_path) == found


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 2}, "format version 2"),
        ({"format": None}, "format version None"),
        ({"version": 3}, r"`int`.*version"),
        ({"cpu_precision": "int4"}, r"int4.*cpu_precision"),
        ({"cpu_precision": "int8"}, "lacks the value ranges"),
        ({"attention": {"file": "a", "width": 16}}, r"sha256.*attention"),
        ({"segmentation": ["s", "0b", 8]}, "segmentation"),
        ({"defaults": {"sigma_mm": -1}}, "Sigma is -1"),
        ({"defaults": {"sigma_mm": "16"}}, "sigma_mm"),
        ({"eight_bit_ranges": {"up": [None]}}, "eight_bit_ranges"),
        ({"preprocessing": {"median_filter": 3}}, "preprocessing.*median_filter"),
        ({"preprocessing": []}, "preprocessing"),
    ],
)
def test_an_inconsistent_configuration_is_rejected_with_the_reason(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ModelError, match=reason):
        load_configuration(written(tmp_path, **changes))


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff\xfe"])
def test_a_damaged_configuration_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"model.json cannot be read"):
        load_configuration(tmp_path)


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model.json does not exist"):
        load_configuration(tmp_path)
