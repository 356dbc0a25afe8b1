"""DICOM as found in practice: correct values, or an error or warning with the reason."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    generate_uid,
)

from spineviewer.errors import ExportError, GeometryError, ImageReadError
from spineviewer.io.choices import UndecidedError
from spineviewer.io.dicom.series import plan_reading
from spineviewer.io.dicom.series_faults import find_faults
from spineviewer.io.dicom.series_search import SliceGroup, find_series
from spineviewer.io.dicom.series_voxels import decode_series
from spineviewer.io.dicom.slices import stack_slices
from spineviewer.io.scan import SeveralWaysError, describe, read_scan
from spineviewer.io.write.dicom_obstacles import seg_obstacle
from spineviewer.io.write.export import write_mask
from spineviewer.volume.volume import SpineMask

Hu = NDArray[np.int16]


def one_group(folder: Path) -> SliceGroup:
    (group,) = find_series(folder).groups
    return group


def read(folder: Path, choice: str | None = None) -> tuple[Hu, Any]:
    plan = plan_reading(one_group(folder), choice)
    hu = np.empty(plan.grid.shape_zyx, np.int16)
    decode_series(plan, hu)
    return hu, plan


def every_file(folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """Change the bytes of each file: some faults cannot be written with a DICOM library."""
    for path in folder.iterdir():
        before = path.read_bytes()
        after = change(before)
        assert after != before
        path.write_bytes(after)
    return folder


def setting(**values: Any) -> Callable[[int, Any], None]:
    def change(_: int, data: Any) -> None:
        for name, value in values.items():
            setattr(data, name, value)

    return change


# Pixel Data and its neighbours


@pytest.mark.parametrize("kind", [b"OB", b"UN", b"OL", b"OV", b"OF", b"UT", b"ZZ"])
def test_pixel_data_of_any_value_representation_is_read(kind: bytes, scanner: Any, hu: Hu) -> None:
    tag = b"\xe0\x7f\x10\x00"
    folder = every_file(scanner.write(hu), lambda raw: raw.replace(tag + b"OW", tag + kind))
    assert np.array_equal(read(folder)[0], hu)


def test_a_file_in_which_everything_has_the_value_representation_un_is_read(
    scanner: Any, hu: Hu
) -> None:
    def all_unknown(raw: bytes) -> bytes:
        data = pydicom.dcmread(pydicom.filebase.DicomBytesIO(raw))
        begin = raw.index(b"\x08\x00\x08\x00")
        out = bytearray(raw[:begin])
        for element in data:
            single = pydicom.Dataset()
            single.add(element)
            buffer = pydicom.filebase.DicomBytesIO()
            buffer.is_little_endian, buffer.is_implicit_VR = True, True
            pydicom.filewriter.write_dataset(buffer, single)
            implicit = buffer.getvalue()
            out += implicit[:4] + b"UN\0\0" + implicit[4:]
        return bytes(out)

    assert np.array_equal(read(every_file(scanner.write(hu), all_unknown))[0], hu)


def test_big_endian_pixels_of_an_unknown_value_representation_are_read(
    scanner: Any, hu: Hu
) -> None:
    def change(n: int, data: Any) -> None:
        data.PixelData = np.frombuffer(data.PixelData, "<i2").astype(">i2").tobytes()
        data["PixelData"].VR = "OW"
        data.file_meta.TransferSyntaxUID = ExplicitVRBigEndian

    tag = b"\x7f\xe0\x00\x10"
    folder = every_file(
        scanner.write(hu, change=change), lambda raw: raw.replace(tag + b"OW", tag + b"UN")
    )
    assert np.array_equal(read(folder)[0], hu)


@pytest.mark.parametrize("kind", [b"OB", b"UN"])
def test_deflated_pixels_of_any_value_representation_are_read(
    kind: bytes, scanner: Any, hu: Hu
) -> None:
    tag, deflated = b"\xe0\x7f\x10\x00", str(DeflatedExplicitVRLittleEndian).encode()
    folder = scanner.write(
        hu,
        change=lambda _, data: setattr(data.file_meta, "TransferSyntaxUID", UID(deflated.decode())),
    )

    def other_kind(raw: bytes) -> bytes:
        begin = 144 + int.from_bytes(raw[140:144], "little")
        plain = zlib.decompress(raw[begin:], -zlib.MAX_WBITS).replace(tag + b"OW", tag + kind)
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return raw[:begin] + packer.compress(plain) + packer.flush()

    assert np.array_equal(read(every_file(folder, other_kind))[0], hu)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_files_without_file_meta_information_are_read(syntax: UID, scanner: Any, hu: Hu) -> None:
    folder = scanner.write(
        hu, change=lambda _, data: setattr(data.file_meta, "TransferSyntaxUID", syntax)
    )
    every_file(folder, lambda raw: raw[raw.index(b"\x08\x00\x08\x00") :])
    assert np.array_equal(read(folder)[0], hu)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("bits", [8, 32])
def test_pixels_of_8_and_32_bits_are_read(bits: int, syntax: UID, scanner: Any) -> None:
    hu = (np.arange(5 * 7 * 10).reshape(5, 7, 10) % 256 - 100).astype(np.int16)
    order = "<" if syntax.is_little_endian else ">"

    def change(n: int, data: Any) -> None:
        stored = hu[n].astype(int) + 100 + (100_000 if bits == 32 else 0)
        raw = stored.astype(f"{order}u{bits // 8}").tobytes()
        if bits == 8 and order == ">":  # in words of two pixels, the second one first
            raw = np.frombuffer(raw, "u1").reshape(-1, 2)[:, ::-1].tobytes()
        data.BitsAllocated = data.BitsStored = bits
        data.HighBit, data.PixelRepresentation, data.PixelData = bits - 1, 0, raw
        data.RescaleIntercept = -100 - (100_000 if bits == 32 else 0)
        data["PixelData"].VR = "OW"
        data.file_meta.TransferSyntaxUID = syntax

    values, plan = read(scanner.write(hu, change=change))
    assert np.array_equal(values, hu)
    assert ("8 bits" in " ".join(plan.warnings)) is (bits == 8)


@pytest.mark.parametrize(
    ("keyword", "number", "bits"),
    [("FloatPixelData", "<f4", 32), ("DoubleFloatPixelData", "<f8", 64)],
)
def test_floating_point_pixels_are_read(
    keyword: str, number: str, bits: int, scanner: Any, hu: Hu
) -> None:
    def change(n: int, data: Any) -> None:
        del data.PixelData, data.BitsStored, data.HighBit, data.PixelRepresentation
        setattr(data, keyword, ((hu[n] + 1024) / 2).astype(number).tobytes())
        data.BitsAllocated, data.RescaleSlope = bits, 2

    assert np.array_equal(read(scanner.write(hu, change=change))[0], hu)


def test_floating_point_pixels_that_are_not_numbers_are_rejected(scanner: Any, hu: Hu) -> None:
    def change(n: int, data: Any) -> None:
        del data.PixelData
        data.FloatPixelData = np.full(hu[n].shape, np.nan, "<f4").tobytes()
        data.BitsAllocated = 32

    with pytest.raises(ImageReadError, match="not finite numbers"):
        read(scanner.write(hu, change=change))


def test_pixels_in_the_upper_bits_are_read_according_to_high_bit(scanner: Any, hu: Hu) -> None:
    def change(n: int, data: Any) -> None:
        data.BitsStored, data.HighBit, data.PixelRepresentation = 12, 15, 0
        data.PixelData = ((hu[n].astype(int) + 1024) << 4).astype("<u2").tobytes()

    assert np.array_equal(read(scanner.write(hu, change=change))[0], hu)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"BitsStored": 12, "HighBit": 15}, "High Bit 15 and Bits Stored 12 contradict the pixels"),
        ({"BitsStored": 16, "HighBit": 11}, "High Bit 11 cannot be read"),
        ({"BitsAllocated": 12, "BitsStored": 12, "HighBit": 11}, "Bits Allocated 12"),
        ({"PixelRepresentation": 2}, "Pixel Representation"),
        ({"PixelRepresentation": None}, "Pixel Representation"),
    ],
)
def test_numbers_of_bits_that_contradict_each_other_are_refused(
    values: Any, words: str, scanner: Any, hu: Hu
) -> None:
    with pytest.raises(ImageReadError, match=words):
        read(scanner.write(hu, change=setting(**values)))


def test_more_pixels_than_the_header_describes_give_a_warning(scanner: Any, hu: Hu) -> None:
    assert "more pixel data" in read(scanner.write(hu, change=setting(Rows=6)))[1].warnings[0]


# Compressed pixels that contradict their header


def jpeg_2000(pixels: NDArray[Any], bits: int, interpretation: int = 2) -> bytes:
    from openjpeg.utils import encode_array

    return bytes(
        encode_array(
            pixels,
            bits_stored=bits,
            photometric_interpretation=interpretation,
            use_mct=False,
            codec_format=0,
        )
    )


def larger(hu: Hu) -> Hu:
    """Pixels large enough for the encoder, with values below 0 and above 2047."""
    return np.tile(np.arange(-1000, 3000, 2, dtype=np.int16)[:1980].reshape(66, 30), (2, 1, 3))


def compressed(
    scanner: Any,
    hu: Hu,
    stored_bits: int,
    encode: Callable[[Hu], bytes],
    syntax: UID = JPEG2000Lossless,
    *,
    is_signed: bool,
) -> Path:
    def change(n: int, data: Any) -> None:
        data.BitsStored, data.HighBit, data.PixelRepresentation = (
            stored_bits,
            stored_bits - 1,
            int(is_signed),
        )
        data.PixelData = encapsulate([encode(hu[n])])
        data["PixelData"].VR = "OB"
        data.file_meta.TransferSyntaxUID = syntax
        data.RescaleIntercept = 0 if is_signed else -1024

    folder: Path = scanner.write(hu, change=change)
    return folder


@pytest.mark.parametrize("bits", [13, 14, 15, 16])
def test_the_sign_of_jpeg_2000_is_the_highest_bit_of_the_codestream(
    bits: int, scanner: Any, hu: Hu
) -> None:
    big = larger(hu)
    folder = compressed(
        scanner,
        big,
        16,
        lambda hu: jpeg_2000((hu.astype(int) % 2**bits).astype(np.uint16), bits),
        is_signed=True,
    )
    assert np.array_equal(read(folder)[0], big)


def test_a_codestream_deeper_than_the_header_keeps_its_values(scanner: Any, hu: Hu) -> None:
    big = larger(hu)
    folder = compressed(
        scanner,
        big,
        12,
        lambda hu: jpeg_2000((hu.astype(int) % 2**16).astype(np.uint16), 16),
        is_signed=True,
    )
    assert np.array_equal(read(folder)[0], big)


def test_a_signed_codestream_of_unsigned_pixels_is_refused(scanner: Any, hu: Hu) -> None:
    folder = compressed(scanner, larger(hu), 16, lambda hu: jpeg_2000(hu, 16), is_signed=False)
    with pytest.raises(ImageReadError, match="disagree on whether pixels are signed"):
        read(folder)


def test_a_greyscale_header_around_colours_is_rejected(scanner: Any, hu: Hu) -> None:
    def coloured(hu: Hu) -> bytes:
        return jpeg_2000(np.stack([hu.astype(np.uint8)] * 3, axis=-1), 8, 1)

    with pytest.raises(ImageReadError, match="3 components"):
        read(compressed(scanner, larger(hu), 16, coloured, is_signed=False))


def test_the_sign_of_jpeg_ls_is_the_highest_bit_of_the_codestream(scanner: Any, hu: Hu) -> None:
    big = larger(hu)

    def change(n: int, data: Any) -> None:
        data.BitsStored, data.HighBit, data.PixelRepresentation = 13, 12, 0
        data.PixelData = (big[n].astype(int) % 2**13).astype("<u2").tobytes()
        data.compress(JPEGLSLossless)
        data.BitsStored, data.HighBit, data.PixelRepresentation, data.RescaleIntercept = (
            16,
            15,
            1,
            0,
        )

    assert np.array_equal(read(scanner.write(big, change=change))[0], big)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("un", None), ("uncompressed", "not compressed"), ("compressed", "compressed")],
)
def test_compressed_pixels_and_their_transfer_syntax_must_agree(
    kind: str, words: str | None, scanner: Any, hu: Hu
) -> None:
    big = larger(hu)
    folder = compressed(scanner, big, 16, lambda hu: jpeg_2000(hu, 16), is_signed=True)
    tag = b"\xe0\x7f\x10\x00"
    if kind == "un":
        every_file(folder, lambda raw: raw.replace(tag + b"OB", tag + b"UN"))
        assert np.array_equal(read(folder)[0], big)
        return
    if kind == "uncompressed":
        folder = scanner.write(big, prefix="other")
        for path in folder.glob("slice*"):
            path.unlink()
        every_file(
            folder, lambda raw: raw.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0")
        )
    else:
        every_file(
            folder, lambda raw: raw.replace(b"1.2.840.10008.1.2.4.90", b"1.2.840.10008.1.2.1\0\0\0")
        )
    with pytest.raises(ImageReadError, match=words):
        read(folder)


def through_gdcm(data: Any, syntax: str, folder: Path) -> Any:
    """Return the data set compressed by GDCM."""
    import gdcm

    plain, packed = folder / "plain", folder / "packed"
    data.save_as(plain, enforce_file_format=True)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(plain))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(packed))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return pydicom.dcmread(packed)


@pytest.mark.parametrize(
    ("is_signed", "stored"), [(True, 16), (True, 12), (False, 16), (False, 12)]
)
def test_lossless_jpeg_is_read_for_any_number_of_stored_bits(
    is_signed: bool, stored: int, scanner: Any, hu: Hu, tmp_path: Path
) -> None:
    intercept = 0 if is_signed else -1024
    folder = scanner.write(hu)
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        pixels = data.pixel_array - 1024 - intercept
        data.PixelData, data.PixelRepresentation = pixels.astype("<i2").tobytes(), int(is_signed)
        data.RescaleIntercept = intercept
        data = through_gdcm(data, "JPEGLosslessProcess14_1", tmp_path)
        data.BitsStored, data.HighBit = stored, stored - 1
        data.save_as(path)
    assert np.array_equal(read(folder)[0], hu)


def test_lossy_jpeg_of_12_bits_is_read_as_itk_reads_it(
    scanner: Any, hu: Hu, tmp_path: Path
) -> None:
    big = np.repeat(np.repeat(hu, 4, axis=1), 4, axis=2)
    folder = scanner.write(big)
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        data.PixelRepresentation, data.BitsStored, data.HighBit = 0, 12, 11
        through_gdcm(data, "JPEGExtendedProcess2_4", tmp_path).save_as(path)
    values, plan = read(folder)
    expected = sitk.GetArrayFromImage(
        sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder)))
    )
    assert np.array_equal(values, expected)
    assert "compressed with a lossy method" in plan.warnings[0]


# Numbers that are written as text


def comma(*keywords: str) -> Callable[[Path], Path]:
    """Write the numbers of attributes with decimal commas."""

    def change(folder: Path) -> Path:
        def commas(raw: bytes) -> bytes:
            for keyword in keywords:
                number = pydicom.datadict.tag_for_keyword(keyword)
                tag = (
                    (number >> 16).to_bytes(2, "little")
                    + (number & 0xFFFF).to_bytes(2, "little")
                    + b"DS"
                )
                begin = raw.index(tag) + 8
                end = begin + int.from_bytes(raw[begin - 2 : begin], "little")
                raw = raw[:begin] + raw[begin:end].replace(b".", b",") + raw[end:]
            return raw

        return every_file(folder, commas)

    return change


@pytest.mark.parametrize(
    "keywords",
    [["PixelSpacing"], ["ImagePositionPatient"], ["ImageOrientationPatient"], ["RescaleSlope",
    "RescaleIntercept"],
     ["SliceThickness"], ["WindowWidth", "WindowCenter"], ["KVP"],
     ["PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient", "SliceThickness",
     "WindowWidth"]],
    ids=lambda names: "+".join(names),
)  # fmt: skip
def test_decimal_commas_are_read_as_points(keywords: list[str], scanner: Any, hu: Hu) -> None:
    scanner.orientation, scanner.slope, scanner.intercept = (
        (0.6, 0.8, 0.0, -0.8, 0.6, 0.0),
        0.5,
        -1024.5,
    )
    scanner.origin_lps_mm = (-30.25, -40.75, 100.5)
    folder = scanner.write(
        hu, change=setting(WindowWidth=1500.5, WindowCenter=300.5, KVP=120.0, SliceThickness=2.5)
    )
    expected, plain = read(folder)
    values, plan = read(comma(*keywords)(folder))
    assert np.array_equal(values, expected)
    assert plan.grid == plain.grid
    assert plan.slices[0].window == (1500.5, 300.5)
    assert plan.slices[0].thickness_mm == 2.5
    assert plan.warnings == plain.warnings


def test_a_segmentation_of_slices_with_decimal_commas_can_be_written(
    scanner: Any, hu: Hu, tmp_path: Path
) -> None:
    volume = read_scan(
        comma("PixelSpacing", "SliceThickness", "ImagePositionPatient")(scanner.write(hu))
    )
    write_mask(
        SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", {}
    )
    measures = (
        pydicom.dcmread(tmp_path / "mask.dcm")
        .SharedFunctionalGroupsSequence[0]
        .PixelMeasuresSequence[0]
    )
    assert list(measures.PixelSpacing) == [0.7, 0.8]


@pytest.mark.parametrize(
    "text",
    [
        b"x.7\\0.8 ",
        b"0.7\\nan ",
        b"0.7\\-.8 ",
        b"0.7\\0   ",
        b"1_0\\0.8 ",
        b"1,.7\\.8 ",
        b"0.7\\0.8\\",
    ],
)
def test_pixel_spacing_that_is_not_two_positive_numbers_is_reported_as_such(
    text: bytes, scanner: Any, hu: Hu
) -> None:
    folder = every_file(scanner.write(hu), lambda raw: raw.replace(b"0.7\\0.8 ", text))
    with pytest.raises(
        GeometryError, match="In 7 of 7 slices, Pixel Spacing is not a pair of positive numbers"
    ):
        plan_reading(one_group(folder))


@pytest.mark.parametrize(
    "text", [b"0.70\\.80", b".7\\0.80 ", b" 0.7\\.8 ", b"7e-1\\8E-1", b"+.7\\+.8\0", b"0.7\\0.8\0"]
)
def test_numbers_in_every_form_that_the_standard_allows_are_read(
    text: bytes, scanner: Any, hu: Hu
) -> None:
    length = len(text) + len(text) % 2

    def change(raw: bytes) -> bytes:
        return raw.replace(
            b"DS\x08\x000.7\\0.8 ", b"DS" + length.to_bytes(2, "little") + text.ljust(length)
        )

    assert read(every_file(scanner.write(hu), change))[1].grid.spacing_zyx_mm == (2.5, 0.7, 0.8)


@pytest.mark.parametrize(
    ("keyword", "value", "words"),
    [("RescaleSlope", 0, "Rescale Slope is 0"), ("RescaleSlope", "0.0e0", "Rescale Slope is 0")],
)
def test_a_slope_of_zero_is_refused_by_name(
    keyword: str, value: Any, words: str, scanner: Any, hu: Hu
) -> None:
    folder = scanner.write(
        hu, change=lambda n, data: setattr(data, keyword, value) if n == 3 else None
    )
    with pytest.raises(ImageReadError, match=words):
        plan_reading(one_group(folder))
    assert words in " ".join(find_faults(one_group(folder)))


@pytest.mark.parametrize("text", [b"one ", b"1\\1 ", b"inf ", b"--1 "])
def test_a_slope_that_is_not_a_number_is_refused_by_name(text: bytes, scanner: Any, hu: Hu) -> None:
    scanner.slope = 0.25
    folder = every_file(
        scanner.write(hu // 8), lambda raw: raw.replace(b"DS\x04\x000.25", b"DS\x04\x00" + text)
    )
    with pytest.raises(ImageReadError, match="Rescale Slope is not a valid number"):
        plan_reading(one_group(folder))


@pytest.mark.parametrize(("slope", "intercept"), [(1 / 2000, 0.0), (0.0001, 0.0), (1 / 1000, -1.0)])
def test_values_between_0_and_1_are_reported_before_they_are_rounded(
    slope: float, intercept: float, scanner: Any, hu: Hu
) -> None:
    scanner.slope, scanner.intercept = slope, intercept
    told = read_scan(scanner.write((hu - hu.min()) / np.ptp(hu))).source.warnings
    assert any("between 0 and 1, so they are not HU" in sentence for sentence in told)
    assert not any("same value" in sentence or "label map" in sentence for sentence in told)


def test_a_negative_slope_opens_with_a_warning(scanner: Any, hu: Hu) -> None:
    scanner.slope, scanner.intercept = -1.0, 1024.0
    values, plan = read(scanner.write(hu))
    assert np.array_equal(values, hu)
    assert "Rescale Slope is negative" in plan.warnings[0]


@pytest.mark.parametrize(
    ("width", "level"),
    [
        (-1500, 300),
        (0, 300),
        (0.5, 300),
        ("nan", 300),
        ("", 300),
        (1500, "x"),
        (1500, None),
        ("1e9", 300),
    ],
)
def test_a_window_that_the_standard_does_not_allow_is_ignored(
    width: Any, level: Any, scanner: Any, hu: Hu
) -> None:
    def change(_: int, data: Any) -> None:
        data.WindowWidth, data.WindowCenter = "11111", "22222"

    def spoil(raw: bytes) -> bytes:
        for number, value in ((b"11111 ", width), (b"22222 ", level)):
            raw = raw.replace(number, ("" if value is None else str(value)).encode().ljust(6)[:6])
        return raw

    assert (
        plan_reading(one_group(every_file(scanner.write(hu, change=change), spoil)))
        .slices[0]
        .window
        is None
    )


# Frames of reference


@pytest.mark.parametrize("kind", ["each", "one", "one without"])
def test_different_frames_of_reference_give_a_warning_and_no_segmentation(
    kind: str, scanner: Any, hu: Hu, tmp_path: Path
) -> None:
    def change(n: int, data: Any) -> None:
        if kind == "each" or n == 3:
            data.FrameOfReferenceUID = "" if kind == "one without" else generate_uid()

    volume = read_scan(scanner.write(hu, change=change))
    assert np.array_equal(volume.hu, hu)
    assert "different Frames of Reference" in volume.source.warnings[0]
    obstacle = seg_obstacle(volume.source)
    assert ("FrameOfReferenceUID" if kind == "one without" else "Frame of Reference") in obstacle
    with pytest.raises(ExportError, match=re.escape(obstacle)):
        write_mask(
            SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", {}
        )


# Rounded positions

OBLIQUE = (0.9541666, -0.2080757, 0.2151061, 0.2785886, 0.880128, -0.3843997)


def rounded(folder: Path, decimals: int, *, is_stripped: bool = False) -> Path:
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        texts = [f"{float(v):.{decimals}f}" for v in data.ImagePositionPatient]
        data.ImagePositionPatient = [
            t.rstrip("0").rstrip(".") if is_stripped and "." in t else t for t in texts
        ]
        data.save_as(path)
    return folder


@pytest.mark.parametrize("is_stripped", [False, True])
@pytest.mark.parametrize(
    ("step", "decimals"),
    [(0.75, 1), (0.625, 2), (0.625, 1), (1.25, 1), (0.6667, 2), (3.75, 0), (5.25, 1), (2.5, 0)],
)
@pytest.mark.parametrize("orientation", [(1, 0, 0, 0, 1, 0), (0, 1, 0, 0, 0, -1), OBLIQUE])
def test_positions_with_few_decimals_form_one_stack(
    orientation: Any, step: float, decimals: int, is_stripped: bool, scanner: Any
) -> None:
    if decimals == 0 and orientation == OBLIQUE:
        pytest.skip("sideways by up to a millimetre: refused")
    count = 40
    scanner.orientation, scanner.spacing_mm, scanner.origin_lps_mm = (
        orientation,
        (step, 0.7, 0.8),
        (-30.0, -40.0, 100.0),
    )
    hu = np.tile(np.arange(count, dtype=np.int16)[:, None, None] * 10 - 1000, (1, 4, 5))
    values, plan = read(rounded(scanner.write(hu), decimals, is_stripped=is_stripped))
    assert np.array_equal(values, hu)
    assert plan.layout is None
    assert plan.grid.spacing_zyx_mm[0] == pytest.approx(step, abs=2 * 10**-decimals / count)
    assert "positions are rounded" in plan.warnings[-1]


@pytest.mark.parametrize("missing", [1, 2, 19, 37, 38])
@pytest.mark.parametrize(("step", "decimals"), [(0.75, 1), (0.625, 2), (2.5, 0)])
def test_a_missing_slice_is_reported_among_rounded_positions(
    missing: int, step: float, decimals: int
) -> None:
    heights = np.round(np.delete(np.arange(40) * step, missing), decimals)
    positions = np.stack([0 * heights, 0 * heights, heights], axis=1)
    stack = stack_slices(
        positions, np.array([1.0, 0, 0, 0, 1, 0]), np.full_like(positions, 10.0**-decimals)
    )
    assert not stack.is_even
    assert (missing, 39) in stack.regular_runs() or missing > 36
    assert (0, missing) in stack.regular_runs() or missing < 3


def test_steps_that_differ_by_more_than_rounding_are_reported() -> None:
    positions = np.array([[0, 0, h] for h in (0.0, 0.7, 1.5, 2.5, 3.0, 3.8)])
    assert not stack_slices(
        positions, np.array([1.0, 0, 0, 0, 1, 0]), np.full_like(positions, 0.1)
    ).is_even


def test_rounding_is_not_a_tilt(scanner: Any) -> None:
    scanner.orientation, scanner.spacing_mm = OBLIQUE, (0.75, 0.7, 0.8)
    _, plan = read(rounded(scanner.write(np.full((6, 4, 5), -1000, np.int16)), 1))
    assert plan.layout is None


# Multi-frame objects in parts


def parts_of(folder: Path, counts: list[int], change: Callable[[int, Any], None]) -> Path:
    """Divide the only multi-frame file of a folder."""
    (path,) = folder.iterdir()
    whole = pydicom.dcmread(path)
    pixels = whole.pixel_array
    first = 0
    for number, count in enumerate(counts):
        part = pydicom.dcmread(path)
        part.NumberOfFrames = count
        part.SOPInstanceUID = part.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        part.PerFrameFunctionalGroupsSequence = whole.PerFrameFunctionalGroupsSequence[
            first : first + count
        ]
        part.PixelData = pixels[first : first + count].tobytes()
        change(number, part)
        part.save_as(folder / f"part-{number}.dcm")
        first += count
    path.unlink()
    return folder


def concatenated(number: int, part: Any) -> None:
    part.ConcatenationUID, part.InConcatenationNumber, part.InConcatenationTotalNumber = (
        "1.2.3.4",
        number + 1,
        3,
    )


def separate(_: int, part: Any) -> None:
    assert "ConcatenationUID" not in part


@pytest.mark.parametrize("is_concatenation", [True, False])
@pytest.mark.parametrize("counts", [[3, 3, 1], [1, 1, 5]])
def test_the_parts_of_a_multi_frame_object_are_one_volume(
    counts: list[int], is_concatenation: bool, enhanced: Any, hu: Hu
) -> None:
    volume = read_scan(
        parts_of(enhanced(hu, False), counts, concatenated if is_concatenation else separate)
    )
    assert np.array_equal(volume.hu, hu)
    assert volume.source.warnings == ()
    assert "multi-frame" in seg_obstacle(volume.source)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_part_is_reported(missing: int, enhanced: Any, hu: Hu) -> None:
    folder = parts_of(enhanced(hu, False), [2, 2, 3], concatenated)
    (folder / f"part-{missing}.dcm").unlink()
    words = f"3 files, and some are missing (part numbers: {missing + 1})"
    assert words in " ".join(describe(folder)["series"][0]["problems"])
    if missing == 1:
        with pytest.raises(SeveralWaysError, match=re.escape(words)):
            read_scan(folder)
    else:
        assert words in " ".join(read_scan(folder).source.warnings)


def test_multi_frame_objects_at_the_same_positions_stay_separate(enhanced: Any, hu: Hu) -> None:
    folder = enhanced(hu, False)
    data = pydicom.dcmread(folder / "enhanced.dcm")
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    data.save_as(folder / "second.dcm")
    assert [len(group.slices) for group in find_series(folder).groups] == [7, 7]


# Several passes in one series


def trunk(columns_moved: int) -> Hu:
    hu = np.full((40, 12, 16), -1000, np.int16)
    hu[:, 3:9, 4 + columns_moved : 9 + columns_moved] = (np.arange(40)[:, None, None] * 5).astype(
        np.int16
    )
    return hu


MARKS: list[tuple[str, Any, Any]] = [
    ("AcquisitionNumber", 1, 2),
    ("TemporalPositionIdentifier", 1, 2),
    ("FrameOfReferenceUID", "1.2.3", "1.2.4"),
    ("TriggerTime", "0", "412.5"),
    ("EchoNumbers", 1, 2),
    ("KVP", 80, 140),
    ("ConvolutionKernel", "B30", "B60"),
    ("ImageType", ["ORIGINAL", "PRIMARY", "AXIAL"], ["DERIVED", "SECONDARY", "AXIAL"]),
    ("SeriesDescription", "arterial", "venous"),
    ("AcquisitionTime", "120000", "120130"),
    ("ContentTime", "120000", "120130"),
    ("InstanceNumber", None, None),
]


@pytest.mark.parametrize(
    "second_offset", [0.5, 0.25, 0.0], ids=["halfway", "uneven", "same places"]
)
@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: str(mark[0]))
def test_passes_are_offered_and_never_mixed(
    mark: tuple[str, Any, Any], second_offset: float, scanner: Any
) -> None:
    name, *values = mark
    one, other = trunk(0)[:20], trunk(4)[:12]

    def of_pass(number: int) -> Callable[[int, Any], None]:
        def change(n: int, data: Any) -> None:
            data.InstanceNumber = n + 1 + 100 * number
            if name != "InstanceNumber":
                data.InstanceNumber = 1
                setattr(data, name, values[number])

        return change

    scanner.write(one, change=of_pass(0), prefix="b")
    folder = scanner.write(
        other, [5 + second_offset + n for n in range(12)], change=of_pass(1), prefix="a"
    )
    with pytest.raises(UndecidedError, match="2 sets of slices") as requested:
        plan_reading(one_group(folder))
    ways = [way.key for way in requested.value.ways]
    assert ways[:2] == ["pass-1", "pass-2"]
    assert ways[2:] == (["pass-all"] if name == "InstanceNumber" and second_offset else [])
    found = [read(folder, way) for way in ways[:2]]
    expected = {len(one): one, len(other): other}
    assert sorted(len(values) for values, _ in found) == [12, 20]
    for values, plan in found:
        assert np.array_equal(values, expected[len(values)])
        assert plan.grid.spacing_zyx_mm[0] == pytest.approx(2.5)
        assert "Only number" in " ".join(plan.warnings)
    assert "2 sets of slices" in " ".join(find_faults(one_group(folder)))


def test_passes_with_gaps_offer_the_runs_of_each(scanner: Any) -> None:
    def acquisition(number: int) -> Callable[[int, Any], None]:
        return setting(AcquisitionNumber=number)

    scanner.write(trunk(0)[:10], [0, 1, 2, 3, 4, 6, 7, 8, 9, 10], change=acquisition(1), prefix="b")
    folder = scanner.write(
        trunk(4)[:6], [2.5, 3.5, 4.5, 5.5, 6.5, 7.5], change=acquisition(2), prefix="a"
    )
    with pytest.raises(UndecidedError) as requested:
        plan_reading(one_group(folder), "pass-1")
    assert requested.value.ways[0].key == "pass-1+run-1-5"
    assert np.array_equal(read(folder, "pass-1+run-6-10")[0], trunk(0)[5:10])


def test_phases_times_and_kernels_give_distinct_names(scanner: Any) -> None:
    hu = trunk(0)[:6]
    for number, (phase, kernel) in enumerate([(1, "B30"), (1, "B60"), (2, "B30"), (2, "B60")]):
        change = setting(
            TemporalPositionIdentifier=phase, ConvolutionKernel=kernel, InstanceNumber=number
        )
        folder = scanner.write(
            (hu + 10 * number).astype(np.int16), change=change, prefix=str(number)
        )
    for number in range(4):
        assert np.array_equal(read(folder, f"pass-{number + 1}")[0], hu + 10 * number)


def test_acquisitions_that_follow_each_other_open_with_a_warning(scanner: Any) -> None:
    hu = trunk(0)
    folder = scanner.write(
        hu, change=lambda n, data: setattr(data, "AcquisitionNumber", 1 + n // 10)
    )
    values, plan = read(folder)
    assert np.array_equal(values, hu)
    assert plan.warnings == (
        "The series combines 4 acquisitions. The patient may have moved between them.",
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda n, data: setattr(data, "AcquisitionNumber", n + 1),
        lambda n, data: setattr(data, "ContentTime", f"1200{(n * n * 7) % 13:02d}"),
        lambda n, data: setattr(data, "InstanceNumber", 1 + (n * 7) % 40),
        lambda n, data: setattr(data, "AcquisitionTime", f"120000.{n:06d}"),
    ],
    ids=[
        "acquisition each",
        "content times in any order",
        "numbers in any order",
        "acquisition times",
    ],
)
def test_numbers_that_differ_from_slice_to_slice_are_not_passes(change: Any, scanner: Any) -> None:
    hu = trunk(0)
    values, plan = read(scanner.write(hu, change=change))
    assert np.array_equal(values, hu)
    assert plan.warnings == ()


# Files beside the slices that cannot be read


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(b""), "is empty (0 bytes)"),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-40]),
            "is truncated: it should contain 240 bytes of pixel data, but only 200 are present",
        ),
        (
            lambda path: path.write_bytes(path.read_bytes()[:700]),
            "truncated or contains no pixel data",
        ),
        (lambda path: path.write_bytes(b"<html>404</html>" * 20), "is not a DICOM file"),
        (lambda path: (path.unlink(), path.symlink_to("nowhere")), "cannot be read"),
    ],
    ids=["empty", "cut pixels", "cut header", "no DICOM", "broken link"],
)
@pytest.mark.parametrize("number", [3, 6], ids=["in the middle", "at the end"])
def test_a_file_of_the_series_that_cannot_be_read_is_named(
    spoil: Any, words: str, number: int, scanner: Any, hu: Hu
) -> None:
    folder = scanner.write(hu)
    for path in list(folder.iterdir()):
        path.rename(folder / f"IM{path.stem[-1]}.dcm")
    spoil(folder / f"IM{number}.dcm")
    told = describe(folder)
    (unreadable,) = told["unreadable"]
    assert unreadable.startswith(f"IM{number}.dcm")
    assert words in unreadable
    assert words in " ".join(told["series"][0]["problems"])
    if number == 3:
        with pytest.raises(SeveralWaysError, match=re.escape(words)):
            read_scan(folder)
    else:
        volume = read_scan(folder)
        assert np.array_equal(volume.hu, hu[:6])
        assert words in " ".join(volume.source.warnings)


def test_files_of_other_kinds_next_to_a_series_cause_no_message(scanner: Any, hu: Hu) -> None:
    folder = scanner.write(hu)
    for name in ("photo.jpg", "notes.txt", "DICOMDIR", "README", "viewer.exe"):
        (folder / name).write_bytes(b"\xff\xd8\xff\xe0 something else")
    assert describe(folder)["unreadable"] == []
    assert read_scan(folder).source.warnings == ()


# Colours


@pytest.mark.parametrize(
    ("interpretation", "samples"),
    [("RGB", 3), ("YBR_FULL", 3), ("YBR_FULL_422", 3), ("PALETTE COLOR", 1), ("RGB", 1),
    ("MONOCHROME2", 3), ("ARGB", 4),
     ("STRANGE", 1)],
)  # fmt: skip
def test_colours_in_a_ct_object_are_rejected_with_their_name(
    interpretation: str, samples: int, scanner: Any, hu: Hu
) -> None:
    def change(n: int, data: Any) -> None:
        data.PhotometricInterpretation, data.SamplesPerPixel, data.PlanarConfiguration = (
            interpretation,
            samples,
            0,
        )
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
        data.PixelData = bytes(samples * hu[n].size)

    with pytest.raises(ImageReadError, match="CT colour image"):
        read_scan(scanner.write(hu, change=change))


def test_inverted_grey_values_keep_their_numbers_and_are_reported(scanner: Any, hu: Hu) -> None:
    values, plan = read(scanner.write(hu, change=setting(PhotometricInterpretation="MONOCHROME1")))
    assert np.array_equal(values, hu)
    assert "MONOCHROME1" in plan.warnings[0]
