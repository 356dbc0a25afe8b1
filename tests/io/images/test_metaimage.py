"""MetaImage files compared with ITK's writer and reader, and damage that crashed ITK."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from spineviewer.errors import ImageReadError
from spineviewer.io.images.metaimage import load_metaimage

VALUES = (np.arange(3 * 4 * 5).reshape(3, 4, 5) * 7 - 200).astype(np.int16)
HEAD = (
    "ObjectType = Image\nNDims = 3\nBinaryData = {binary}\nBinaryDataByteOrderMSB = "
    "{msb}\nCompressedData = {packed}\n"
    "TransformMatrix = 0 1 0 -1 0 0 0 0 1\nOffset = 1 2 3\nElementSpacing = 0.5 0.6 2\nDimSize = "
    "5 4 3\n{extra}"
    "ElementType = MET_SHORT\nElementDataFile = {data}\n"
)


def head(
    binary: bool = True,
    msb: bool = False,
    packed: bool = False,
    extra: str = "",
    data: str = "LOCAL",
) -> bytes:
    return HEAD.format(binary=binary, msb=msb, packed=packed, extra=extra, data=data).encode()


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("ending", ["mha", "mhd"])
def test_what_itk_writes_is_read_as_itk_reads_it(
    dtype: type, is_packed: bool, ending: str, tmp_path: Path
) -> None:
    image = sitk.GetImageFromArray(np.abs(VALUES).astype(dtype))
    image.SetSpacing((0.5, 0.6, 2.0))
    image.SetOrigin((1.0, 2.0, 3.0))
    image.SetDirection((0, -1, 0, 1, 0, 0, 0, 0, 1))
    path = tmp_path / f"scan.{ending}"
    sitk.WriteImage(image, str(path), useCompression=is_packed)
    volume = load_metaimage(path, 10**6)
    assert volume.values.dtype == dtype
    assert np.array_equal(volume.values, np.abs(VALUES).astype(dtype))
    assert volume.is_orientation_known
    for index in ((0, 0, 0), (4, 3, 2), (1, 2, 0)):
        assert np.allclose(
            (volume.affine_lps @ [*index, 1])[:3], image.TransformIndexToPhysicalPoint(index)
        )


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (head(), VALUES.tobytes()),
        (head(msb=True), VALUES.astype(">i2").tobytes()),
        (head(packed=True), zlib.compress(VALUES.tobytes())),
        (head(binary=False), " ".join(map(str, VALUES.ravel())).encode()),
        (head().replace(b"\n", b"\r\n"), VALUES.tobytes()),
    ],
    ids=["plain", "big endian", "packed", "text", "lines of another system"],
)
def test_every_way_of_storing_gives_the_same_volume(
    header: bytes, body: bytes, tmp_path: Path
) -> None:
    (tmp_path / "scan.mha").write_bytes(header + body)
    volume = load_metaimage(tmp_path / "scan.mha", 10**6)
    assert np.array_equal(volume.values, VALUES)
    assert np.allclose(volume.affine_lps @ [1, 0, 0, 1], [1, 2.5, 3, 1])


@pytest.mark.parametrize("skip", [8, -1])
def test_voxels_in_a_separate_file_may_have_a_header(skip: int, tmp_path: Path) -> None:
    (tmp_path / "scan.mhd").write_bytes(head(extra=f"HeaderSize = {skip}\n", data="scan.raw"))
    (tmp_path / "scan.raw").write_bytes(b"12345678" + VALUES.tobytes())
    assert np.array_equal(load_metaimage(tmp_path / "scan.mhd", 10**6).values, VALUES)


def test_without_directions_the_sides_are_unknown(tmp_path: Path) -> None:
    lines = [line for line in head().split(b"\n") if not line.startswith(b"TransformMatrix")]
    (tmp_path / "scan.mha").write_bytes(b"\n".join(lines) + VALUES.tobytes())
    assert not load_metaimage(tmp_path / "scan.mha", 10**6).is_orientation_known


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"TransformMatrix = 0 1", b"TransformMatrix = 1e308 1", "damaged"),
        (b"TransformMatrix = 0 1", b"TransformMatrix = nan 1", "damaged"),
        (b"Offset = 1 2", b"Offset = 1", "damaged"),
        (b"DimSize = 5 4 3", b"DimSize = 5 4 -3", "damaged"),
        (b"DimSize = 5 4 3", b"DimSize = 99999 99999 99", "more than any CT"),
        (b"DimSize = 5 4 3", b"DimSize = 50 40 3", "contains only"),
        (b"NDims = 3", b"NDims = 1", "damaged"),
        (b"MET_SHORT", b"MET_RAINBOW", "not plain numbers"),
        (b"LOCAL", b"LIST", "several files"),
        (b"LOCAL", b"gone.raw", "is missing"),
        (b"ElementDataFile", b"Elementary", "ElementDataFile is missing"),
        (b"NDims = 3", b"NDims = 3\nElementNumberOfChannels = 3", "one 3-D volume"),
    ],
)
def test_damage_is_reported_in_one_line_that_names_the_file(
    old: bytes, new: bytes, words: str, tmp_path: Path
) -> None:
    content = head().replace(old, new) + VALUES.tobytes()
    (tmp_path / "scan.mha").write_bytes(content)
    with pytest.raises(ImageReadError, match=words) as told:
        load_metaimage(tmp_path / "scan.mha", 10**6)
    assert "scan.mha" in str(told.value)
    assert "\n" not in str(told.value)


def test_a_compressed_file_is_unpacked_only_to_its_declared_size(tmp_path: Path) -> None:
    (tmp_path / "scan.mha").write_bytes(
        head(packed=True) + zlib.compress(VALUES.tobytes() + bytes(10**8))
    )
    assert np.array_equal(load_metaimage(tmp_path / "scan.mha", 10**6).values, VALUES)


def test_voxels_are_binary_where_the_header_does_not_say(tmp_path: Path) -> None:
    lines = [line for line in head().split(b"\n") if not line.startswith(b"BinaryData ")]
    (tmp_path / "scan.mha").write_bytes(b"\n".join(lines) + VALUES.tobytes())
    assert np.array_equal(load_metaimage(tmp_path / "scan.mha", 10**6).values, VALUES)
    assert np.array_equal(
        sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "scan.mha"))), VALUES
    )


def test_a_colon_separates_a_field_like_an_equals_sign(tmp_path: Path) -> None:
    (tmp_path / "scan.mha").write_bytes(head().replace(b" = ", b": ") + VALUES.tobytes())
    volume = load_metaimage(tmp_path / "scan.mha", 10**6)
    assert np.array_equal(volume.values, VALUES)
    assert np.allclose(volume.affine_lps @ [1, 0, 0, 1], [1, 2.5, 3, 1])


def test_of_a_duplicate_field_the_last_one_counts_as_in_itk(tmp_path: Path) -> None:
    (tmp_path / "scan.mha").write_bytes(
        head(extra="ElementSpacing = 0.7 0.8 2.5\n") + VALUES.tobytes()
    )
    volume = load_metaimage(tmp_path / "scan.mha", 10**6)
    itk = sitk.ReadImage(str(tmp_path / "scan.mha"))
    assert np.allclose(
        volume.affine_lps @ [1, 1, 1, 1], [*itk.TransformIndexToPhysicalPoint((1, 1, 1)), 1]
    )
    assert itk.GetSpacing() == (0.7, 0.8, 2.5)


@pytest.mark.parametrize(
    "extra", ["Position = 9 9 9\n", "Origin = 1 2 4\n", "Rotation = 1 0 0 0 1 0 0 0 1\n"]
)
def test_contradictory_positions_are_rejected(extra: str, tmp_path: Path) -> None:
    (tmp_path / "scan.mha").write_bytes(head(extra=extra) + VALUES.tobytes())
    with pytest.raises(ImageReadError, match=r"scan\.mha .*contradict each other"):
        load_metaimage(tmp_path / "scan.mha", 10**6)
    (tmp_path / "scan.mha").write_bytes(
        head(extra="Position = 1 2 3\nOrigin = 1.0 2.0 3.0\n") + VALUES.tobytes()
    )
    assert np.allclose(load_metaimage(tmp_path / "scan.mha", 10**6).affine_lps[:3, 3], [1, 2, 3])
