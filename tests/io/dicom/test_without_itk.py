"""Compressed pictures without SimpleITK, as in the installer: GDCM gives the same values."""

import os
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

import spineviewer
from spineviewer.errors import ImageReadError
from spineviewer.io.scan import read_scan

#: Lossless (two kinds), 12 bits, and the two retired kinds.
SYNTAXES = (".57", ".70", ".51", ".53", ".55")


@pytest.fixture
def without_itk(tmp_path, monkeypatch):
    """Children that are started from now on cannot import SimpleITK."""
    folder = tmp_path / "blocker"
    folder.mkdir()
    block = "import sys\nsys.modules['SimpleITK'] = None\n"
    (folder / "sitecustomize.py").write_text(block, encoding="utf-8")
    package = str(Path(spineviewer.__file__).resolve().parents[1])
    return lambda: monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), package]))


def lossless_jpeg(folder):
    """Three slices of int16 noise in lossless JPEG, as ITK writes them."""
    folder.mkdir()
    values = np.random.default_rng(3).integers(-1000, 2000, (3, 24, 32), dtype=np.int16)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    writer.UseCompressionOn()
    writer.SetCompressor("JPEG")
    for number, plane in enumerate(values):
        one = sitk.GetImageFromArray(plane[None])
        tags = {
            "0008|0016": "1.2.840.10008.5.1.4.1.1.2", "0008|0018": f"1.2.3.{number + 1}",
            "0008|0060": "CT", "0020|000d": "1.2.5", "0020|000e": "1.2.6",
            "0020|0013": str(number + 1), "0020|0032": f"0\\0\\{2 * number}",
            "0020|0037": "1\\0\\0\\0\\1\\0", "0028|1052": "0", "0028|1053": "1",
        }  # fmt: skip
        for tag, value in tags.items():
            one.SetMetaData(tag, value)
        writer.SetFileName(str(folder / f"{number}.dcm"))
        writer.Execute(one)
    return values


def test_lossless_jpeg_is_read_to_the_voxel(without_itk, tmp_path):
    values = lossless_jpeg(tmp_path / "scan")
    without_itk()
    assert np.array_equal(read_scan(tmp_path / "scan").hu, np.maximum(values, -1024))


def test_a_damaged_image_is_an_error_that_names_its_file(without_itk, tmp_path):
    lossless_jpeg(tmp_path / "scan")
    path = tmp_path / "scan" / "1.dcm"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - 400] + bytes(400))
    without_itk()
    try:
        volume = read_scan(tmp_path / "scan")
    except ImageReadError as error:
        assert "1.dcm" in str(error)  # noqa: PT017  # reading what is left is right, too
    else:
        assert volume.hu.shape[1:] == (24, 32)


@pytest.mark.realdata
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_kind_that_itk_decodes_has_the_same_values(syntax, without_itk, real_data, tmp_path):
    (path,) = (real_data / "dicom" / "transfer-syntaxes").glob(f"*_1.2.840.10008.1.2.4{syntax}.dcm")
    folder = tmp_path / "scan"
    folder.mkdir()
    (folder / "one.dcm").write_bytes(path.read_bytes())
    expected = read_scan(folder).hu
    without_itk()
    assert np.array_equal(read_scan(folder).hu, expected)
