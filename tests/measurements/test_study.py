"""The evaluation of measurements."""

import nibabel
import numpy as np
import pytest
from solids import column

from spineviewer.measurements.measure import measure
from spineviewer.measurements.results import Shape
from spineviewer.training.evaluation.measurement_study import LOSSES, fractured, study


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """Figures of a folder with one numbered column of blocks."""
    case = column(dict.fromkeys(("T12", "L1", "L2"), (24.0, 24.0, 24.0)))
    folder = tmp_path_factory.mktemp("maps")
    (folder / "blocks").mkdir()
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])
    nibabel.save(
        nibabel.Nifti1Image(case.numbers.transpose(2, 1, 0), affine),
        folder / "blocks" / "mask.nii.gz",
    )
    (folder / "blocks" / "meta.json").write_text('{"labels": "VerSe numbers"}', encoding="utf-8")
    return study(folder)


def test_simulated_fractures_of_every_type_and_depth_are_measured(figures):
    rows = figures["fractures"]
    assert [row["loss_percent"] for row in rows] == [*LOSSES] * 3
    assert max(row["largest_error"] for row in rows) <= 4


def test_copies_of_a_case_have_the_same_heights(figures):
    names = [row["copy"] for row in figures["changes"]]
    assert "lower part" in names
    assert all(row["heights_mm"]["largest"] <= 0.8 for row in figures["changes"])


def test_a_fracture_of_a_body_with_a_concave_inferior_endplate_has_the_given_depth():
    case = column(dict.fromkeys(("T12", "L1", "L2"), (28.0, 20.0, 28.0)))
    whole = measure(case.vertebrae, None).named("L1")
    row = measure(fractured(case, whole, Shape.BICONCAVE, 50).vertebrae, None).named("L1")
    ratio = row.profile.middle.length_mm / whole.profile.middle.length_mm
    assert 100 * (1 - ratio) == pytest.approx(50, abs=3)
