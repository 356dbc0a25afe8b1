"""Whatever is exported: a full disk, a vanished drive, a read-only folder leave what was there before, and nothing beside it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.errors import ExportError
from spineviewer.io import whole_file
from spineviewer.io.export import write_labels, write_map, write_mask
from spineviewer.io.scan import read_scan
from spineviewer.io.surface import write_surface
from spineviewer.volume.volume import CtVolume, SpineMask

KINDS: dict[str, Callable[[CtVolume, SpineMask, Path], None]] = {
    **{
        f"mask{ending}": lambda scan, mask, path: write_mask(mask, scan.source, path, {})
        for ending in (".nii.gz", ".nii", ".nrrd", ".mha", ".dcm")
    },
    **{
        f"map{ending}": lambda scan, _, path: write_map(scan.hu.astype(np.float32), scan.geometry, scan.source, path, {})
        for ending in (".nii.gz", ".nii", ".nrrd", ".mha")
    },
    "labels.nii.gz": lambda scan, mask, path: write_labels(mask.voxels.view(np.uint8), scan.geometry, scan.source, path, {}),
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
def test_what_was_there_before_stays_whole(
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
            with pytest.raises(ExportError, match=r"cannot be written.*unchanged"):
                KINDS[name](scan, mask, target)
        assert [(path.name, path.read_bytes()) for path in target.parent.iterdir()] == [(name, b"the old one")]
    KINDS[name](scan, mask, target)
    assert target.stat().st_size > 100
