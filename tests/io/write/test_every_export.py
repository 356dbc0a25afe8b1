"""Every export leaves files unchanged if a disk is full, a drive lost or a folder read-only."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer import child
from spineviewer.errors import ExportError, ImageReadError
from spineviewer.io.scan import read_scan
from spineviewer.io.write import whole_file
from spineviewer.io.write.export import write_labels, write_map, write_mask
from spineviewer.io.write.surface import write_surface
from spineviewer.volume.volume import CtVolume, SpineMask

#: Space left on a full disk: a file can be begun, but not finished.
FREE_BYTES = 4096
KINDS: dict[str, Callable[[CtVolume, SpineMask, Path], None]] = {
    **{
        f"mask{ending}": lambda scan, mask, path: write_mask(mask, scan.source, path, {})
        for ending in (".nii.gz", ".nii", ".nrrd", ".mha", ".dcm")
    },
    **{
        f"map{ending}": lambda scan, _, path: write_map(
            scan.hu.astype(np.float32), scan.geometry, scan.source, path, {}
        )
        for ending in (".nii.gz", ".nii", ".nrrd", ".mha")
    },
    "labels.nii.gz": lambda scan, mask, path: write_labels(
        mask.voxels.view(np.uint8), scan.geometry, scan.source, path, {}
    ),
    **{
        f"surface{ending}": lambda _, mask, path: write_surface(mask, path, {}, overwrite=True)
        for ending in (".stl", ".obj", ".ply")
    },
}


def fail_with(code: int) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("name", KINDS)
def test_the_previous_file_stays_intact(
    name: str, scanner: Any, hu: NDArray[np.int16], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = read_scan(scanner.write(hu))
    mask = SpineMask(scan.hu > 500, scan.geometry)
    target = tmp_path / "out" / name
    target.parent.mkdir()
    target.write_bytes(b"the old one")
    for place, call, code in (
        (whole_file.os, "fsync", errno.ENOSPC),
        (whole_file.os, "fsync", errno.ESTALE),
        (Path, "replace", errno.EIO),
        (whole_file.tempfile, "NamedTemporaryFile", errno.EROFS),
    ):
        with monkeypatch.context() as broken:
            broken.setattr(place, call, fail_with(code))
            with pytest.raises(ExportError, match=r"cannot be written.*not changed"):
                KINDS[name](scan, mask, target)
        assert [(path.name, path.read_bytes()) for path in target.parent.iterdir()] == [
            (name, b"the old one")
        ]
    KINDS[name](scan, mask, target)
    assert target.stat().st_size > 100


@pytest.fixture
def noise(scanner: Any) -> CtVolume:
    """Noise, which does not compress well."""
    return read_scan(
        scanner.write(np.random.default_rng(1).integers(-1000, 2000, (24, 64, 64), np.int16))
    )


def fill_up(disk: Path) -> None:
    """Fill the disk up to `FREE_BYTES`."""
    (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - FREE_BYTES))


@pytest.mark.parametrize("name", KINDS)
def test_an_export_to_a_full_disk_leaves_the_old_file_intact(
    name: str, noise: CtVolume, small_disk: Path
) -> None:
    mask = SpineMask(noise.hu > 500, noise.geometry)
    target = small_disk / name
    target.write_bytes(b"the old one")
    fill_up(small_disk)
    with pytest.raises(ExportError) as told:
        KINDS[name](noise, mask, target)
    assert f"{target} cannot be written: the disk is full. Existing files were not changed." in str(
        told.value
    )
    assert target.read_bytes() == b"the old one"
    assert sorted(path.name for path in small_disk.iterdir()) == sorted(["filler", name])
    assert shutil.disk_usage(small_disk).free == FREE_BYTES


def test_a_lack_of_space_while_reading_is_reported_with_its_folder(
    scanner: Any, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = scanner.write(np.zeros((40, 64, 64), np.int16))
    monkeypatch.setattr(child, "MEMORY_FOLDER", small_disk / "none")
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    with pytest.raises(ImageReadError) as told:
        read_scan(folder)
    assert str(small_disk) in str(told.value)
    assert "free there" in str(told.value)
    assert not list(small_disk.iterdir())
