"""Cropped cases are extended to a full field of view: their whole scan, or a synthetic body."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spineviewer.errors import GeometryError, UsageError
from spineviewer.io.write.export import write_labels, write_scan
from spineviewer.training.evaluation.reference_case import ReferenceCase, read_reference
from spineviewer.training.synthetic.anatomy import Anatomy
from spineviewer.training.synthetic.arms import SIDE_MM, with_arms
from spineviewer.training.synthetic.label_sources import LabelSource
from spineviewer.training.synthetic.phantom_anatomy import Trunk, column, torso
from spineviewer.training.synthetic.synthesis import synthetic_scan
from spineviewer.training.synthetic.tissues import Bone
from spineviewer.training.synthetic.whole_field import main, pasted, uncropped, write_case
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource

GRID = Geometry((40, 60, 80), (2.5, 0.9, 0.9), (-30.0, -20.0, 100.0))


def volume_on(grid: Geometry, seed: int = 0) -> CtVolume:
    hu = np.random.default_rng(seed).integers(-1000, 1500, grid.shape_zyx).astype(np.int16)
    return CtVolume(hu, grid, ScanSource(Path("ct.nii.gz"), ScanFormat.MEMORY, grid, AxisOrder()))


@pytest.fixture
def scan() -> CtVolume:
    return volume_on(GRID)


def crop_of(scan: CtVolume, shift_mm: float = 0.0) -> ReferenceCase:
    """Return rows 20 to 49 and columns 10 to 59 of all slices, with one untrusted block."""
    left, posterior, superior = scan.geometry.point_lps_mm((0, 20, 10)).tolist()
    grid = replace(
        scan.geometry, shape_zyx=(40, 30, 50), origin_lps_mm=(left + shift_mm, posterior, superior)
    )
    labels = np.zeros(grid.shape_zyx, np.uint8)
    labels[10:20, 5:15, 20:30] = 20
    ignored = np.zeros(grid.shape_zyx, np.bool_)
    ignored[0] = True
    return ReferenceCase(
        "one", CtVolume(scan.hu[:, 20:50, 10:60].copy(), grid, scan.source), labels, ignored
    )


def test_a_reference_on_its_whole_scan_is_where_it_was_on_the_crop(scan: CtVolume) -> None:
    whole = uncropped(crop_of(scan), scan)
    assert whole.name == "one-whole" and whole.scan is scan
    assert np.array_equal(np.argwhere(whole.labels)[[0, -1]], [(10, 25, 30), (19, 34, 39)])
    assert whole.ignored is not None and whole.ignored.sum() == 30 * 50
    assert whole.ignored[0, 20:50, 10:60].all()


@pytest.mark.parametrize("shift_mm", [0.3, 500.0])
def test_a_crop_of_another_scan_is_refused(scan: CtVolume, shift_mm: float) -> None:
    with pytest.raises(GeometryError, match="one "):
        uncropped(crop_of(scan, shift_mm), scan)


def test_the_command_writes_a_case_that_is_read_back_unchanged(
    scan: CtVolume, tmp_path: Path
) -> None:
    write_scan(scan, tmp_path / "scan.nii.gz", {})
    case = crop_of(scan)
    source = replace(case.scan.source, grid=case.scan.geometry)
    case = replace(case, scan=replace(case.scan, source=source))
    write_case(case, tmp_path / "cases" / "one", {})
    assert (
        main(
            [
                "--case",
                str(tmp_path / "cases" / "one"),
                "--scan",
                str(tmp_path / "scan.nii.gz"),
                "--out",
                str(tmp_path),
            ]
        )
        == 0
    )
    read, expected = read_reference(tmp_path / "one-whole"), uncropped(case, scan)
    assert np.array_equal(read.scan.hu, scan.hu)
    assert np.array_equal(read.labels, expected.labels)
    assert read.ignored is not None and expected.ignored is not None
    assert np.array_equal(read.ignored, expected.ignored)


def test_without_a_scan_or_label_maps_the_command_says_what_to_specify(
    scan: CtVolume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPINEVIEWER_DATA", raising=False)
    grid = scan.geometry
    write_scan(scan, tmp_path / "ct.nii.gz", {})
    write_labels(np.ones(grid.shape_zyx, np.uint8), grid, scan.source, tmp_path / "mask.nii.gz", {})
    with pytest.raises(UsageError, match="--scan"):
        main(["--case", str(tmp_path), "--out", str(tmp_path)])


# bodies


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    """Lumbar spine, pelvis and organs of a phantom."""
    shape = (150, 200, 200)
    base = (-10.0, 105.0, 100.0)
    return torso(
        shape, column(20, 24, base), Trunk(90, -20, 45), np.random.default_rng(0), diaphragm_z=300
    )


def test_arms_hang_at_both_sides_and_the_spine_is_unchanged(anatomy: Anatomy) -> None:
    wide = with_arms(anatomy, np.random.default_rng(1))
    assert wide.soft.shape == (150, 200, 200 + 2 * SIDE_MM)
    assert np.array_equal(wide.spine_depth[..., SIDE_MM:-SIDE_MM], anatomy.spine_depth)
    limb = np.flatnonzero((wide.bone == Bone.LIMB).any(axis=(0, 1)))
    assert limb[0] < SIDE_MM + 20 and limb[-1] > wide.soft.shape[2] - SIDE_MM - 20
    assert anatomy.soft.shape[2] == 200


def test_a_whole_field_of_view_is_wide_and_the_same_for_a_seed(anatomy: Anatomy) -> None:
    source = LabelSource(anatomy)
    one, two = (
        synthetic_scan(
            source, np.random.default_rng(3), has_whole_field=True, size_zyx=(100, 200, 380)
        )
        for _ in range(2)
    )
    assert one.hu.shape[2] == 380 and np.array_equal(one.hu, two.hu)
    assert one.mask.any()


def test_a_case_is_pasted_where_the_vertebrae_of_the_body_were(anatomy: Anatomy) -> None:
    crop = synthetic_scan(LabelSource(anatomy), np.random.default_rng(5), size_zyx=(120, 130, 110))
    grid = Geometry((120, 130, 110), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    grid = replace(grid, shape_zyx=crop.hu.shape)
    labels = np.where(crop.mask > 0, crop.bones, 0).astype(np.uint8)
    source = ScanSource(Path("ct.nii.gz"), ScanFormat.MEMORY, grid, AxisOrder())
    case = ReferenceCase("one", CtVolume(crop.hu, grid, source), labels, None)
    whole = pasted(case, [LabelSource(anatomy)], np.random.default_rng(7))
    nz, ny, nx = whole.scan.geometry.shape_zyx
    assert nz == crop.hu.shape[0] and nx > 360 and ny > 250
    corner = whole.scan.geometry.index_zyx(grid.point_lps_mm((0, 0, 0))).round().astype(int)
    place = tuple(slice(c, c + n) for c, n in zip(corner, crop.hu.shape, strict=True))
    assert np.array_equal(whole.labels[place], labels) and whole.labels.sum() == labels.sum()
    inner = tuple(slice(p.start + 10, p.stop - 10) for p in place)
    assert np.array_equal(whole.scan.hu[inner], np.maximum(crop.hu, -1024)[10:-10, 10:-10, 10:-10])
    assert (whole.scan.hu[:, :, : corner[2] - 5] > -200).any()  # a body around it
    assert whole.ignored is not None and whole.ignored.mean() < 0.02


def test_body_vertebrae_in_the_rim_of_a_crop_through_the_spine_are_ignored(
    anatomy: Anatomy,
) -> None:
    crop = synthetic_scan(LabelSource(anatomy), np.random.default_rng(5), size_zyx=(120, 130, 110))
    labels = np.where(crop.mask > 0, crop.bones, 0).astype(np.uint8)
    middle = int(np.median(np.argwhere(labels)[:, 2]))
    hu, labels = crop.hu[..., middle:].copy(), labels[..., middle:].copy()
    labels[..., :3] = 0  # a reference that ends before the crop
    grid = Geometry(hu.shape, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    source = ScanSource(Path("ct.nii.gz"), ScanFormat.MEMORY, grid, AxisOrder())
    case = ReferenceCase("one", CtVolume(hu, grid, source), labels, None)
    whole = pasted(case, [LabelSource(anatomy)], np.random.default_rng(7))
    corner = whole.scan.geometry.index_zyx(grid.point_lps_mm((0, 0, 0))).round().astype(int)
    z, y, x = (slice(c, c + n) for c, n in zip(corner, hu.shape, strict=True))
    assert whole.ignored is not None
    assert whole.ignored[z, y, x.start : x.start + 3].any()
    assert not (whole.ignored & (whole.labels > 0)).any()


def test_a_case_without_numbers_matches_no_body(anatomy: Anatomy, scan: CtVolume) -> None:
    case = crop_of(scan)
    with pytest.raises(UsageError, match="shares at least"):
        pasted(
            replace(case, labels=(case.labels > 0).astype(np.uint8)),
            [LabelSource(anatomy)],
            np.random.default_rng(0),
        )
