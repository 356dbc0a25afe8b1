"""Thick slices, cropped fields of view, calibration: the conditions of `spineviewer study`."""

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest

from spineviewer.training.evaluation.reference_case import ReferenceCase, read_reference
from spineviewer.training.evaluation.study import (
    Calibration,
    crop_slices,
    cropped,
    main,
    thick_slices,
)
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource

AFFINE = np.diag([-1.0, -1.0, 1.0, 1.0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case with L1 above L2 on a 1 mm grid, in the rows (z) 10 to 31 and 34 to 55."""
    labels = np.zeros((32, 40, 66), np.uint8)  # x, y, z
    labels[8:24, 10:30, 34:56] = 20
    labels[8:24, 10:30, 10:32] = 21
    hu = np.where(labels > 0, 400, -50).astype(np.int16)
    hu[..., 0] = 7
    case = tmp_path / "data" / "one"
    case.mkdir(parents=True)
    nibabel.save(nibabel.Nifti1Image(labels, AFFINE), case / "mask.nii.gz")
    nibabel.save(nibabel.Nifti1Image(hu, AFFINE), case / "ct.nii.gz")
    return case


@pytest.fixture
def case(folder: Path) -> ReferenceCase:
    return read_reference(folder)


def test_thick_slices_average_the_scan_and_take_the_majority_of_the_reference(
    case: ReferenceCase,
) -> None:
    thick = thick_slices(case, 3.0)
    assert thick is not None
    assert thick.scan.geometry.shape_zyx == (22, 40, 32)
    assert thick.scan.geometry.spacing_zyx_mm == (3.0, 1.0, 1.0)
    assert thick.scan.hu[0, 0, 0] == round((7 - 50 - 50) / 3)
    # slab 10 holds rows 30, 31 of L2 and row 32 of the disc: two of three; slab 3 holds rows 9, 10,
    # 11
    rows = np.flatnonzero(thick.spine.any(axis=(1, 2)))
    assert rows.tolist() == [*range(3, 11), *range(11, 18), 18]
    centre = thick.scan.geometry.point_lps_mm((0, 0, 0)) - case.scan.geometry.point_lps_mm(
        (0, 0, 0)
    )
    assert centre == pytest.approx([0, 0, 1.0])


def test_a_tie_in_a_slab_is_decided_by_the_larger_depth() -> None:
    """The reference is a cone: each slice is a disc, 3 voxels wider than the one above it.

    In slabs of two slices, the ring between the radii of both is a tie. The upper slice ends at
    radius r and the lower one at r + 3, so its middle is the border between bone and background.
    """
    y, x = np.mgrid[-30:31, -30:31]
    radius = np.hypot(y, x)
    labels = np.stack([radius < 24 - 3 * z for z in range(6)]).astype(np.uint8)
    grid = Geometry((6, 61, 61), (2.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    scan = CtVolume(
        np.zeros(labels.shape, np.int16),
        grid,
        ScanSource(Path("cone"), ScanFormat.MEMORY, grid, AxisOrder()),
    )
    thick = thick_slices(ReferenceCase("cone", scan, labels, None), 4.0)
    assert thick is not None
    areas = thick.spine.sum(axis=(1, 2))
    middles = [np.pi * (24 - 3 * z - 1.5) ** 2 for z in (0, 2, 4)]
    # with a fixed decision for ties, every area would be wrong by 13% or more
    assert areas == pytest.approx(middles, rel=0.1)


def test_half_a_slice_too_many_is_rounded_up(case: ReferenceCase) -> None:
    thick = thick_slices(case, 2.5)
    assert thick is not None
    assert thick.scan.geometry.spacing_zyx_mm[0] == 3.0


def test_a_scan_with_slices_that_thick_already_is_skipped(case: ReferenceCase) -> None:
    thick = thick_slices(case, 5.0)
    assert thick is not None
    assert thick_slices(thick, 3.0) is None
    assert thick_slices(thick, 5.0) is None


def test_a_crop_keeps_its_place_in_the_patient(case: ReferenceCase) -> None:
    slices = crop_slices(case.spine, (0.25, 0.75))
    # of 46 slices; 11.5 and 34.5 rounded to even
    assert (slices.start, slices.stop) == (10 + 12, 10 + 34)
    part = cropped(case, slices)
    assert np.array_equal(part.scan.hu, case.scan.hu[slices])
    assert np.array_equal(part.labels, case.labels[slices])
    assert part.scan.geometry.point_lps_mm((0, 0, 0)) == pytest.approx(
        case.scan.geometry.point_lps_mm((22, 0, 0))
    )


def test_a_crop_is_clipped_to_the_scan(case: ReferenceCase) -> None:
    assert crop_slices(case.spine, (-5.0, 5.0)) == slice(0, 66)


def test_a_true_probability_is_calibrated_and_an_overconfident_one_is_found() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(200_000).astype(np.float32)
    honest, liar = Calibration.empty(), Calibration.empty()
    honest.add(probability, rng.random(probability.size) < probability, 0.5)
    liar.add(probability, probability < 0.5, 0.5)
    assert honest.record()["expected_calibration_error"] < 0.01
    assert honest.record()["error_rate"] == sorted(honest.record()["error_rate"], reverse=True)
    assert liar.record()["expected_calibration_error"] > 0.4
    assert liar.record()["error_rate"] == [1.0] * 8
    assert sum(honest.record()["voxels"]) == probability.size


def test_the_command_writes_tables_and_a_picture(
    folder: Path, tmp_path: Path, with_tiny_models, capsys
) -> None:
    out = tmp_path / "out"
    assert main(["--data", str(folder), "--out", str(out), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    (record,) = content["cases"]
    assert set(record["thick"]) == {"3 mm", "5 mm"}
    assert set(record["crops"]) == {"upper part", "lower part", "middle"}
    assert content == json.loads((out / "study.json").read_text())
    assert "| one, middle |" in (out / "study.md").read_text()
    assert (out / "calibration.png").stat().st_size > 1000
