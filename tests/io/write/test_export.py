"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from spineviewer.errors import ExportError, GeometryError
from spineviewer.io.write import whole_file
from spineviewer.io.write.export import check_output, source_facts, write_mask
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import canonical_order
from spineviewer.volume.volume import ScanFormat, ScanSource, SpineMask, bounding_box
from spineviewer.wording import worded

GRID = Geometry((3, 4, 5), (2.0, 0.6, 0.5), (-10.0, 20.0, 30.0))


def source() -> ScanSource:
    return ScanSource(
        path=Path("Mustermann.nii"), format=ScanFormat.NIFTI, grid=GRID, order=canonical_order(GRID)
    )


def mask() -> SpineMask:
    return SpineMask(np.ones(GRID.shape_zyx, bool), GRID)


@pytest.mark.parametrize("name", ["mask.nii.gz", "mask.nii", "mask.nrrd", "mask.MHA"])
def test_known_extensions_pass_the_check(name: str, tmp_path: Path) -> None:
    check_output(tmp_path / name, overwrite=False, needed_bytes=1000)


def test_the_check_rejects_before_the_computation(tmp_path: Path) -> None:
    (tmp_path / "old.nii").write_bytes(b"old")
    (tmp_path / "folder.nii").mkdir()
    for name, words, needed in [
        ("mask.jpg", "unknown extension", 0),
        ("old.nii", "already exists", 0),
        ("gone/mask.nii", "does not exist", 0),
        ("folder.nii", "is a folder", 0),
        ("mask.nii", "is free on that disk", 2**60),
    ]:
        with pytest.raises(ExportError, match=words):
            check_output(tmp_path / name, overwrite=False, needed_bytes=needed)
    check_output(tmp_path / "old.nii", overwrite=True)


def test_a_mask_that_is_not_on_the_scan_is_refused(tmp_path: Path) -> None:
    moved = Geometry(GRID.shape_zyx, GRID.spacing_zyx_mm, (-10.0, 20.0, 32.0))
    with pytest.raises(GeometryError, match="Result and scan: the grids differ"):
        write_mask(SpineMask(mask().voxels, moved), source(), tmp_path / "mask.nii", {})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.ESTALE])
@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_full_disk_or_a_lost_drive_leaves_the_old_file_and_no_temporary_files(
    code: int, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mask.nii.gz"
    target.write_bytes(b"the old mask")

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    if call == "fsync":
        monkeypatch.setattr(whole_file.os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ExportError, match=r"mask\.nii\.gz cannot be written.*not changed"):
        write_mask(mask(), source(), target, {})
    assert target.read_bytes() == b"the old mask"
    assert [p.name for p in tmp_path.iterdir()] == ["mask.nii.gz"]


@pytest.mark.parametrize("name", ["mask.nii.gz", "mask.nrrd"])
@pytest.mark.parametrize("axes", list(product([0, 1, 2], [-1.0, 1.0])))
def test_a_mask_is_written_the_same_with_and_without_a_known_box(
    name: str, axes: tuple[int, float], tmp_path: Path
) -> None:
    turned, sign = axes
    directions = tuple(tuple(row) for row in np.roll(sign * np.eye(3), turned, axis=0))
    grid = Geometry((6, 7, 8), (2.0, 0.6, 0.5), (0.0, 0.0, 0.0), directions)
    scan = replace(source(), grid=grid, order=canonical_order(grid))
    geometry = scan.order.canonical_geometry(grid)
    voxels = np.zeros(geometry.shape_zyx, bool)
    voxels[1:4, 2:4, 3:5] = np.random.default_rng(0).random((3, 2, 2)) > 0.3
    voxels[1, 2, 3] = voxels[3, 3, 4] = True
    for folder, box in (
        ("known", bounding_box(voxels)),
        ("unknown", tuple(slice(0, n) for n in voxels.shape)),
    ):
        (tmp_path / folder).mkdir()
        write_mask(SpineMask(voxels, geometry, box), scan, tmp_path / folder / name, {})
    read = [
        sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / folder / name)))
        for folder in ("known", "unknown")
    ]
    assert np.array_equal(read[0], read[1])
    assert read[0].sum() == voxels.sum()


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_a_new_file_has_the_default_permissions_and_an_old_one_keeps_its_own(
    tmp_path: Path,
) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    write_mask(mask(), source(), tmp_path / "mask.nii", {})
    assert stat.S_IMODE((tmp_path / "mask.nii").stat().st_mode) == stat.S_IMODE(
        usual.stat().st_mode
    )
    (tmp_path / "mask.nii").chmod(0o640)
    write_mask(mask(), source(), tmp_path / "mask.nii", {})
    assert stat.S_IMODE((tmp_path / "mask.nii").stat().st_mode) == 0o640


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("mask.nii.gz", "mask.nrrd", "mask.mha"):
        write_mask(mask(), source(), tmp_path / name, {"sigma_mm": 4})
        first = (tmp_path / name).read_bytes()
        write_mask(mask(), source(), tmp_path / name, {"sigma_mm": 4})
        assert (tmp_path / name).read_bytes() == first
        assert b"Mustermann" not in first


def test_facts_about_the_scan_contain_no_file_names():
    damaged = worded("A slice may be missing. {first}", first=worded("{file}: bad", file="DOE.dcm"))
    facts = source_facts(replace(source(), warnings=(damaged,)))
    assert facts["warnings"] == ["A slice may be missing. [file]: bad"]
