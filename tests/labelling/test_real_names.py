"""The command line names vertebrae of real scans: expected names are those of the references."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from scipy.ndimage import center_of_mass

from spineviewer.cli import main
from spineviewer.volume.levels import VERSE_ORDER, level_name

pytestmark = [pytest.mark.realdata, pytest.mark.slow, pytest.mark.timeout(300)]


def reference_of(case: Path) -> tuple[Any, dict[int, np.ndarray]]:
    """Return the reference image and the centres (LPS mm) of vertebrae that it does not cut."""
    image = nibabel.load(case / "mask.nii.gz")
    numbers = np.asarray(image.dataobj).astype(int)
    up = int(np.argmax(np.abs(image.affine[2, :3])))
    ends = np.take(numbers, [0, numbers.shape[up] - 1], axis=up)
    whole = set(np.unique(numbers).tolist()) & set(VERSE_ORDER) - set(np.unique(ends).tolist())
    centres = {
        label: (image.affine @ [*center_of_mass(numbers == label), 1.0])[:3] * [-1, -1, 1]
        for label in whole
    }
    return image, centres


def segmented(case: Path, folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    paths = ["-o", str(folder / "mask.nii.gz"), "--vertebrae", str(folder / "vert.nii.gz")]
    options = [*paths, "--json", "--overwrite", "--device", "cpu", *more]
    assert main(["segment", str(case / "ct.nii.gz"), *options]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("name", "convention"),
    [
        ("cptac-gbm-c3n01192", "counted from C2"),
        ("verse008", "from the sacrum"),
        ("acrin-flt-breast-001-lower", "from the sacrum"),
    ],
)
def test_whole_vertebrae_have_the_names_of_the_reference(
    real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, convention: str
) -> None:
    case = real_data / "train" / name
    record = segmented(case, tmp_path, capsys)
    reference, centres = reference_of(case)
    written = nibabel.load(tmp_path / "vert.nii.gz")
    np.testing.assert_allclose(written.affine, reference.affine, atol=1e-4)
    labels, truth = (np.asarray(image.dataobj).astype(int) for image in (written, reference))
    for label, centre in centres.items():
        nearest = min(
            record["vertebrae"],
            key=lambda one: float(np.linalg.norm(np.array(one["body_centre_lps_mm"]) - centre)),
        )
        assert nearest["name"] == level_name(label)
        assert np.linalg.norm(np.array(nearest["body_centre_lps_mm"]) - centre) < 30
        both = np.count_nonzero((labels == label) & (truth == label))
        dice = 2 * both / (np.count_nonzero(labels == label) + np.count_nonzero(truth == label))
        assert dice > 0.75, level_name(label)
    names = [one["name"] for one in record["vertebrae"]]
    assert len(set(names)) == len(names)
    assert record["naming"]["convention"] == convention
    assert record["naming"]["probability"] > 0.8


def test_a_name_and_a_shift_on_the_command_line_move_all_names(
    real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = real_data / "train" / "verse005"
    plain = segmented(case, tmp_path, capsys)["vertebrae"]
    second = plain[1]
    place = ",".join(str(value) for value in second["body_centre_lps_mm"])
    below = level_name(VERSE_ORDER[VERSE_ORDER.index(second["label"]) + 1])
    named = segmented(case, tmp_path, capsys, "--name", f"{below}={place}")
    assert named["vertebrae"][1]["name"] == below
    assert named["naming"]["convention"] == "set by hand"
    assert named["naming"]["alternatives"] == []
    up = segmented(case, tmp_path, capsys, "--shift", "-1")["vertebrae"]
    usual = [label for label in VERSE_ORDER if level_name(label) != "T13"]
    wanted = [level_name(usual[usual.index(one["label"]) - 1]) for one in plain]
    assert [one["name"] for one in up] == wanted


def test_uncertain_names_come_with_alternatives_in_the_json(
    real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = segmented(real_data / "train" / "tptbox-l3-crop", tmp_path, capsys)
    naming = record["naming"]
    assert naming["probability"] < 0.9
    assert naming["convention"] == "by size and spacing alone"
    assert naming["alternatives"]
    for other in naming["alternatives"]:
        assert set(other) == {"names", "probability", "convention", "anomalies"}
        assert len(other["names"]) == len(record["vertebrae"])
