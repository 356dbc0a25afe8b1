"""Tissues are found in the same way in real and synthetic scans."""

import json
from pathlib import Path

import nibabel
import numpy as np

from spineviewer.training.fit.cases import Case
from spineviewer.training.synthetic.realism import endplate_contrast_hu, main, tissue_samples


def body() -> tuple[np.ndarray, np.ndarray]:
    """Return HU and label (x, z, y): a vertebra of 400 HU in muscle, fat and contrast medium."""
    hu = np.full((60, 60, 90), 90, np.int16)
    hu[:, :, 35:] = 55
    hu[:, :, 60:] = -100
    label = np.zeros(hu.shape, np.uint8)
    label[20:40, 15:45, 25:45] = 1
    hu[label == 1] = 400
    hu[24:36, 19:41, 29:41] = 150
    return hu, label


def test_each_tissue_is_found_where_it_is() -> None:
    hu, label = body()
    case = Case("case", hu, label, np.argwhere(label == 1).astype(np.int32))
    samples = tissue_samples(case, np.random.default_rng(0))
    assert set(np.unique(samples["cortex"])) == {400}
    assert set(np.unique(samples["marrow"])) == {150}
    assert set(np.unique(samples["muscle"])) == {55}
    assert set(np.unique(samples["fat"])) == {-100}


def test_endplates_and_discs_are_found_between_bodies() -> None:
    hu = np.full((60, 70, 70), 40, np.int16)
    label = np.zeros(hu.shape, np.uint8)
    for first in (10, 36):
        label[20:40, first : first + 18, 25:45] = 1
        hu[20:40, first : first + 18, 25:45] = 150
        hu[20:40, [first, first + 17], 25:45] = 320
    hu[20:40, 28:36, 25:45] = 90
    case = Case("case", hu, label, np.argwhere(label == 1).astype(np.int32))
    samples = tissue_samples(case, np.random.default_rng(0))
    assert set(np.unique(samples["endplates"])) == {320}
    assert set(np.unique(samples["discs"])) == {90}
    assert endplate_contrast_hu(samples) == 230


def test_a_single_body_has_no_disc() -> None:
    hu, label = body()
    case = Case("case", hu, label, np.argwhere(label == 1).astype(np.int32))
    assert endplate_contrast_hu(tissue_samples(case, np.random.default_rng(0))) is None


def test_a_case_without_a_spine_has_none() -> None:
    hu, label = body()
    assert (
        tissue_samples(
            Case("leg", hu, label * 0, np.empty((0, 3), np.int32)), np.random.default_rng(0)
        )
        == {}
    )


def test_the_command_writes_histograms_slices_and_numbers(tmp_path: Path, capsys) -> None:
    hu, label = (array.transpose(1, 2, 0) for array in body())  # (z, y, x)
    case = tmp_path / "data" / "one"
    case.mkdir(parents=True)
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])
    nibabel.save(
        nibabel.Nifti1Image(np.ascontiguousarray(hu.transpose(2, 1, 0)), affine), case / "ct.nii.gz"
    )
    nibabel.save(
        nibabel.Nifti1Image(np.ascontiguousarray(label.transpose(2, 1, 0)), affine),
        case / "mask.nii.gz",
    )
    (tmp_path / "pool").mkdir()
    np.savez(tmp_path / "pool" / "synthetic-1.npz", hu=hu, mask=label)
    out = tmp_path / "out"
    assert (
        main(
            [
                "--data",
                str(tmp_path / "data"),
                "--synthetic",
                str(tmp_path / "pool"),
                "--out",
                str(out),
            ]
        )
        == 0
    )
    content = json.loads(capsys.readouterr().out)
    assert content["cases"] == [1, 1]
    assert abs(content["real"]["marrow"]["p50"] - content["synthetic"]["marrow"]["p50"]) < 5
    assert (out / "histograms.png").is_file()
    assert (out / "slices.png").is_file()
