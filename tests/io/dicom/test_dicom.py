"""DICOM series made from a phantom: which open, which need a choice, and which are rejected."""

from __future__ import annotations

import base64
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
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from spineviewer.errors import GeometryError, ImageReadError
from spineviewer.io.choices import UndecidedError
from spineviewer.io.dicom.series import plan_reading
from spineviewer.io.dicom.series_faults import find_faults
from spineviewer.io.dicom.series_search import SliceGroup, find_series
from spineviewer.io.dicom.series_voxels import decode_series
from spineviewer.io.scan import read_scan
from spineviewer.volume.orientation import canonical_order
from spineviewer.volume.volume import ORIENTATION_UNKNOWN

TILTED = (1.0, 0.0, 0.0, 0.0, float(np.cos(np.radians(18.5))), -float(np.sin(np.radians(18.5))))


def groups_in(folder: Path) -> list[SliceGroup]:
    return find_series(folder).groups


def one_group(folder: Path) -> SliceGroup:
    (group,) = groups_in(folder)
    return group


def read(folder: Path, choice: str | None = None) -> tuple[NDArray[np.int16], Any]:
    plan = plan_reading(one_group(folder), choice)
    hu = np.empty(plan.grid.shape_zyx, np.int16)
    decode_series(plan, hu)
    return hu, plan


@pytest.mark.parametrize(
    "orientation",
    [(1, 0, 0, 0, 1, 0), (-1, 0, 0, 0, 1, 0), (-1, 0, 0, 0, -1, 0), (0, 1, 0, 0, 0, -1), (1, 0, 0,
    0, 0, -1),
     (0.9541666, -0.2080757, 0.2151061, 0.2785886, 0.880128, -0.3843997)],
    ids=["supine", "mirrored", "prone", "sagittal", "coronal", "oblique"],
)  # fmt: skip
def test_a_plain_series_has_the_values_and_positions_that_simpleitk_reads(
    scanner: Any, hu: NDArray[np.int16], orientation: Any
) -> None:
    scanner.orientation = orientation
    folder = scanner.write(hu)
    values, plan = read(folder)
    assert np.array_equal(values, hu)
    assert plan.warnings == ()
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    image = sitk.ReadImage(names)
    assert np.array_equal(sitk.GetArrayFromImage(image), values)
    for index in [(0, 0, 0), (6, 11, 9), (2, 3, 4)]:
        assert np.allclose(
            plan.grid.point_lps_mm(index),
            image.TransformIndexToPhysicalPoint(index[::-1]),
            atol=1e-4,
        )


def test_each_slice_is_rescaled_by_its_own_slope_and_padding_is_air(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    def change(n: int, data: Any) -> None:
        slope, intercept = 1 + n % 2, -1024 - 100 * n
        stored = np.rint((hu[n].astype(float) - intercept) / slope).astype(np.int16)
        stored[0, :3] = -2000
        data.RescaleSlope, data.RescaleIntercept = slope, intercept
        data.PixelPaddingValue = 63536 - 65536
        data.PixelData = stored.tobytes()

    values, _ = read(scanner.write(hu, change=change))
    assert (values[:, 0, :3] == -1024).all()
    assert np.abs(values[:, 1:].astype(int) - hu[:, 1:]).max() <= 1


def test_a_padding_value_equal_to_water_is_kept_and_reported(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    scanner.intercept = 0.0

    def change(_: int, data: Any) -> None:
        data.PixelPaddingValue = 20

    values, plan = read(scanner.write(hu, change=change))
    assert (hu == 20).any()
    assert np.array_equal(values, hu)
    assert "padding" in plan.warnings[0]


def test_padding_above_all_tissue_is_air(scanner: Any, hu: NDArray[np.int16]) -> None:
    hu[:, :2] = 20000

    def change(_: int, data: Any) -> None:
        data.PixelPaddingValue = 20000 + 1024

    values, _ = read(scanner.write(hu, change=change))
    assert (values[:, :2] == -1024).all()
    assert np.array_equal(values[:, 2:], hu[:, 2:])


def test_unsigned_twelve_bit_pixels_ignore_the_bits_above_them(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    def change(n: int, data: Any) -> None:
        data.BitsStored, data.HighBit, data.PixelRepresentation = 12, 11, 0
        data.PixelData = ((hu[n].astype(int) + 1024) | 0x8000).astype(np.uint16).tobytes()

    assert np.array_equal(read(scanner.write(hu, change=change))[0], hu)


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLSLossless,
    ],
    ids=lambda uid: uid.name,
)
def test_every_lossless_encoding_gives_the_same_values(
    scanner: Any, hu: NDArray[np.int16], syntax: Any
) -> None:
    def change(n: int, data: Any) -> None:
        stored = (hu[n].astype(int) + 1024).astype(np.uint16)
        data.PixelRepresentation, data.PixelData = 0, stored.tobytes()
        if syntax in {RLELossless, JPEGLSLossless}:
            data.compress(syntax)
        elif syntax == ExplicitVRBigEndian:
            data.PixelData = stored.astype(">u2").tobytes()
        data.file_meta.TransferSyntaxUID = syntax
        data["PixelData"].VR = "OB" if syntax.is_encapsulated else "OW"

    assert np.array_equal(read(scanner.write(hu, change=change))[0], hu)


def test_a_tilted_scan_is_straightened_and_every_bone_keeps_its_position(scanner: Any) -> None:
    scanner.orientation, scanner.step_lps, scanner.spacing_mm = (
        TILTED,
        (0.0, 0.0, 1.0),
        (4.0, 0.5, 0.5),
    )
    hu = np.full((6, 40, 30), -1024, np.int16)
    hu[:, 15:25, 10:20] = 800
    folder = scanner.write(hu)
    group = one_group(folder)
    assert "18.5°" in find_faults(group)[0]

    values, plan = read(folder)

    assert "18.5°" in plan.warnings[0]
    assert plan.grid.spacing_zyx_mm[0] == pytest.approx(4.0 * np.cos(np.radians(18.5)))
    back = plan.sheared.sheared(values)
    wrong = (back > -112) != (hu > 0)
    # at most one row of the bone, because half a pixel was rounded
    assert wrong.sum(axis=(1, 2)).max() <= 10
    for k in range(6):
        rows, columns = np.array(TILTED[3:]), np.array(TILTED[:3])
        centre_mm = scanner.position(k) + 19.5 * 0.5 * rows + 14.5 * 0.5 * columns
        place = plan.grid.index_zyx(centre_mm)
        assert place[0] == pytest.approx(k, abs=1e-3)
        bone = np.average(
            np.argwhere(values[k] > -1024), axis=0, weights=(values[k][values[k] > -1024] + 1024.0)
        )
        assert np.allclose(bone, place[1:], atol=0.3)


def test_a_missing_slice_asks_for_a_choice_and_each_run_is_read_at_its_positions(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    folder = scanner.write(hu, numbers=[0, 1, 2, 3, 5, 6, 7])
    with pytest.raises(
        UndecidedError, match=r"uneven: 2\.50 to 5\.00 mm, usually 2\.50"
    ) as requested:
        plan_reading(one_group(folder))
    assert [way.key for way in requested.value.ways][:2] == ["run-1-4", "run-5-7"]
    values, plan = read(folder, "run-5-7")
    assert np.array_equal(values, hu[4:])
    assert plan.grid.origin_lps_mm == pytest.approx(tuple(scanner.position(5)))
    assert "Only slices 5 to 7 of 7" in plan.warnings[0]
    with pytest.raises(UndecidedError):
        plan_reading(one_group(folder), "run-1-7")


def test_duplicate_slices_count_once(scanner: Any, hu: NDArray[np.int16]) -> None:
    folder = scanner.write(hu)
    for path in sorted(folder.iterdir())[:3]:
        (folder / f"copy-of-{path.name}").write_bytes(path.read_bytes())
    values, plan = read(folder)
    assert np.array_equal(values, hu)
    assert plan.warnings == ("3 duplicate slices were left out.",)


def test_two_phases_in_one_series_ask_for_a_choice_and_never_mix(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    def acquisition(number: int) -> Any:
        def change(n: int, data: Any) -> None:
            data.AcquisitionNumber, data.InstanceNumber = number, 10 * number + n

        return change

    scanner.write(hu, change=acquisition(1))
    folder = scanner.write((hu + 50).astype(np.int16), change=acquisition(2), prefix="a-second")
    with pytest.raises(UndecidedError, match="2 sets of slices") as requested:
        plan_reading(one_group(folder))
    assert [way.key for way in requested.value.ways] == ["pass-1", "pass-2"]
    assert np.array_equal(read(folder, "pass-1")[0], hu)
    assert np.array_equal(read(folder, "pass-2")[0], hu + 50)


def spoil(name: str, value: Any, only: int | None = None) -> Any:
    def change(n: int, data: Any) -> None:
        if only is None or n == only:
            if value is None:
                delattr(data, name)
            else:
                setattr(data, name, value)

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (spoil("ImagePositionPatient", None), "(Patient) is missing from 7 of 7 slices"),
        (spoil("ImagePositionPatient", None, only=3), "missing from 1 of 7 slices"),
        (spoil("ImageOrientationPatient", None), "Image Orientation (Patient) is missing"),
        (spoil("ImageOrientationPatient", [0, 0, 0, 0, 0, 0]), "does not contain unit vectors"),
        (spoil("PixelSpacing", None), "do not state their pixel spacing"),
        (spoil("ImagePositionPatient", [0, 0, 0]), "All 7 slices are at the same position"),
        (
            spoil("ImagePositionPatient", [-10, -40, 107.5], only=3),
            "shifted sideways by up to 20.0 mm",
        ),
    ],
)
def test_slices_that_do_not_form_a_volume_are_rejected_in_one_line(
    scanner: Any, hu: NDArray[np.int16], change: Any, words: str
) -> None:
    group = one_group(scanner.write(hu, change=change))
    with pytest.raises(GeometryError) as told:
        plan_reading(group)
    assert words in str(told.value)
    assert words in " ".join(find_faults(group))


@pytest.mark.parametrize(
    ("change", "words", "are_hu"),
    [
        (spoil("Modality", "MR"), "This is a scan of modality MR, not CT", False),
        (spoil("RescaleSlope", None), "does not specify a rescale slope", False),
        (spoil("RescaleType", "US"), "'US'", False),
        (spoil("LossyImageCompression", "01"), "lossy method", True),
    ],
)
def test_implausible_values_open_with_a_warning(
    scanner: Any, hu: NDArray[np.int16], change: Any, words: str, are_hu: bool
) -> None:
    folder = scanner.write(hu, change=change)
    assert words in " ".join(read(folder)[1].warnings)
    assert read_scan(folder).source.are_values_hu is are_hu


@pytest.mark.parametrize(
    "change",
    [
        spoil("ImageOrientationPatient", [0, 1, 0, 0, 0, -1], only=6),
        spoil("PixelSpacing", [0.5, 0.5], only=6),
    ],
)
def test_mixed_orientation_or_spacing_makes_two_groups(
    scanner: Any, hu: NDArray[np.int16], change: Any
) -> None:
    groups = groups_in(scanner.write(hu, change=change))
    assert sorted(len(g.slices) for g in groups) == [1, 6]
    assert {g.key for g in groups} == {scanner.series_uid, f"{scanner.series_uid}#2"}


def test_localisers_and_other_objects_are_listed_by_name(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    folder = scanner.write(hu)
    scanner.series_uid = generate_uid()
    scanner.write(
        hu[:1], change=spoil("ImageType", ["ORIGINAL", "PRIMARY", "LOCALIZER"]), prefix="scout"
    )
    scanner.write(hu[:1], change=spoil("SOPClassUID", pydicom.uid.RTDoseStorage), prefix="dose")
    (folder / "notes.txt").write_text("no DICOM")
    findings = find_series(folder)
    assert len(findings.groups) == 1
    assert findings.others == {"CT localiser": 1, "RT Dose Storage": 1}


def test_files_without_series_uid_make_one_series(scanner: Any, hu: NDArray[np.int16]) -> None:
    folder = scanner.write(hu, change=spoil("SeriesInstanceUID", None))
    assert np.array_equal(read(folder)[0], hu)


def test_slices_without_a_class_open_by_their_modality(scanner: Any, hu: NDArray[np.int16]) -> None:
    folder = scanner.write(hu)
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        del data.SOPClassUID, data.file_meta.MediaStorageSOPClassUID
        data.save_as(path)
    assert np.array_equal(read(folder)[0], hu)
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        data.Modality = "SR"
        data.save_as(path)
    assert groups_in(folder) == []


def test_invented_positions_are_reported(scanner: Any, hu: NDArray[np.int16]) -> None:
    scanner.origin_lps_mm = (0.0, 0.0, 0.0)
    plan = plan_reading(one_group(scanner.write(hu, change=spoil("FrameOfReferenceUID", None))))
    assert not plan.is_position_known
    assert "placeholder positions" in plan.warnings[0]
    assert plan.warnings[1] == ORIENTATION_UNKNOWN


def test_many_broken_slices_give_one_message(scanner: Any, hu: NDArray[np.int16]) -> None:
    def change(n: int, data: Any) -> None:
        if n:
            data.PixelData = data.PixelData[:50]

    with pytest.raises(ImageReadError, match=r"slice-.*truncated.*5 more of the 7 slices") as told:
        read(scanner.write(hu, change=change))
    assert "\n" not in str(told.value)


def test_a_header_that_declares_gigabytes_is_rejected(scanner: Any, hu: NDArray[np.int16]) -> None:
    folder = scanner.write(
        hu, change=lambda _, data: data.update({"Rows": 60000, "Columns": 60000})
    )
    group = one_group(folder)
    from spineviewer.io.dicom.pixel_data import read_hu

    with pytest.raises(ImageReadError, match="60000 x 60000"):
        read_hu(group.first)


@pytest.mark.parametrize("is_reversed", [False, True])
def test_enhanced_frames_are_at_their_stated_positions_in_any_order(
    enhanced: Any, hu: NDArray[np.int16], is_reversed: bool
) -> None:
    values, plan = read(enhanced(hu, is_reversed))
    assert np.array_equal(values, hu)
    assert plan.grid.origin_lps_mm == (-30, -40, 100)
    assert plan.grid.spacing_zyx_mm == (2.5, 0.7, 0.8)
    assert canonical_order(plan.grid).is_flipped == (False, False, False)


#: `stored` below as high-throughput JPEG 2000, reversible, made with OpenJPH.
HTJ2K = base64.b64decode(
    "/0//UQApQAAAAAAKAAAADAAAAAAAAAAAAAAACgAAAAwAAAAAAAAAAAABDwEB/1AACAACAAAACv9SAAwAAgABAAUEBEAB/1wAEyCIkJCQkJCQkJCQkJCQ"
    "iIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAQoAAf+TwAAmyfkFB3QAAMAAEsAAE0AAEwD9AQd0AEj4Awd0AEP+Agd0AMAAE8AAE8AA"
    "EoDsQL8DC3QAQqv+AII0AHIBh3QAwAAVsAAFqQAAVgAYuNEAjDxF6gf5RrUAAjJglXCGiyOp2fcAIIXmEYC+mQAyMDIImAB9E/kAtQDAAC6eAAF2UAAL"
    "eP30FuAgvCiRNAFQ8ST+CAAAwA+sCUeBP78AFPAB3RbqkroQgPibAOtAkAYF6S/QxgOTh6wHZR6EaSAk7sWEoFQOKo3/B8IBmQABmQgEkeYQgG4iC8Yw"
    "IpEB/SE0EJJq4ODAVhaY1P7hABGMgB/eAMCP+CCAft8A/9k="
)


@pytest.mark.parametrize("bits", [12, 13, 16])
@pytest.mark.parametrize("is_stream_signed", [True, False])
def test_signed_jpeg_2000_gives_the_same_values_however_its_writer_packed_the_sign(
    is_stream_signed: bool, bits: int, scanner: Any
) -> None:
    from openjpeg.utils import encode_array

    big = np.tile(
        np.arange(-1000, 1047, dtype=np.int16)[: 66 * 30].reshape(66, 30), (2, 1, 3)
    )  # not smaller: the encoder's limit
    scanner.intercept = 0.0

    def change(n: int, data: Any) -> None:
        stored = big[n] if is_stream_signed else (big[n].astype(int) % 2**bits).astype(np.uint16)
        data.BitsStored, data.HighBit = bits, bits - 1
        codestream = encode_array(
            stored, bits_stored=bits, photometric_interpretation=2, use_mct=False, codec_format=0
        )
        data.PixelData = encapsulate([bytes(codestream)])
        data.file_meta.TransferSyntaxUID = JPEG2000Lossless
        data["PixelData"].VR = "OB"

    assert np.array_equal(read(scanner.write(big, change=change))[0], big)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202"])
def test_high_throughput_jpeg_2000_gives_the_same_values(syntax: str, scanner: Any) -> None:
    hu = np.full((12, 10), -1000, np.int16)
    hu[2:11, 1:8] = 20
    hu[6:10, 2:5] = 700
    hu = (hu + np.arange(120).reshape(12, 10) % 17).astype(np.int16)

    def change(n: int, data: Any) -> None:
        data.PixelRepresentation, data.PixelData = 0, encapsulate([HTJ2K])
        data.file_meta.TransferSyntaxUID = UID(syntax)
        data["PixelData"].VR = "OB"

    values, _ = read(scanner.write(np.stack([hu, hu, hu]), change=change))
    assert np.array_equal(values, np.stack([hu, hu, hu]))
