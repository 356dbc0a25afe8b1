"""Every format is one entry of one table, which readers, writers and dialogs use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spineviewer.errors import ExportError
from spineviewer.io import formats
from spineviewer.io.formats import FORMATS, VOXELS, Format, extensions, format_of
from spineviewer.io.write import export
from spineviewer.io.write.encoding import Voxels
from spineviewer.io.write.export import write_mask
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import ScanFormat, ScanSource, SpineMask


def test_no_file_extension_belongs_to_two_formats():
    every = extensions(FORMATS)
    assert len(set(every)) == len(every)
    assert all(extension == extension.lower() and extension.startswith(".") for extension in every)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.nii.gz", "NIfTI, compressed (.nii.gz)"),
        ("A.NII", "NIfTI (.nii)"),
        ("a.hdr.gz", "NIfTI pair (.hdr, .img)"),
        ("a.b.mhd", "MetaImage with separate data (.mhd)"),
        ("a.txt", None),
        ("nii", None),
    ],
)
def test_a_file_name_determines_its_format(name, expected):
    known = format_of(Path(name))
    assert (known.name if known else None) == expected


def test_a_new_format_is_one_entry(tmp_path, monkeypatch):
    def encode(voxels: Voxels) -> list[bytes]:
        return [b"raw", voxels.stored.tobytes()]

    raw = Format("Raw (.raw8)", (".raw8",), writes=VOXELS, encode=encode)
    monkeypatch.setattr(export, "FORMATS", (*FORMATS, raw))
    monkeypatch.setattr(formats, "FORMATS", (*FORMATS, raw))
    geometry = Geometry((2, 3, 4), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    source = ScanSource(Path("a.nii"), ScanFormat.NIFTI, geometry, AxisOrder())
    mask = SpineMask(np.ones((2, 3, 4), bool), geometry)
    write_mask(mask, source, tmp_path / "mask.raw8", {})
    assert (tmp_path / "mask.raw8").read_bytes() == b"raw" + b"\1" * 24


def test_a_surface_format_cannot_store_voxels(tmp_path):
    geometry = Geometry((2, 3, 4), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    source = ScanSource(Path("a.nii"), ScanFormat.NIFTI, geometry, AxisOrder())
    mask = SpineMask(np.ones((2, 3, 4), bool), geometry)
    with pytest.raises(ExportError, match=r"Choose one of these: \.nii\.gz, \.nii, \.nrrd, \.mha"):
        write_mask(mask, source, tmp_path / "mask.stl", {})


def test_an_obstacle_of_the_format_is_reported_before_anything_is_written(tmp_path):
    geometry = Geometry((2, 3, 4), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    source = ScanSource(Path("a.nii"), ScanFormat.NIFTI, geometry, AxisOrder())
    with pytest.raises(ExportError, match="only be written for DICOM slices"):
        export.check_output(tmp_path / "mask.dcm", overwrite=False, source=source)
