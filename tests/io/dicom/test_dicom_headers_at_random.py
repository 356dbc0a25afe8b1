"""Series with random valid headers: the same voxels and positions as with pydicom and ITK.

JPEG 2000 is written by OpenJPEG, everything else by pydicom and its encoders.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)
from scipy.spatial.transform import Rotation

from spineviewer.io.dicom.series import plan_reading
from spineviewer.io.dicom.series_search import find_series
from spineviewer.io.dicom.series_voxels import decode_series

SYNTAXES = [
    ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian, RLELossless,
    JPEGLSLossless, JPEG2000Lossless,
]  # fmt: skip
#: ITK rejects some RLE files, and reads 8 and 32 bits and deflated files differently.
ITK_SYNTAXES = {ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian}


@dataclass(frozen=True)
class Header:
    """The random choices for one series."""

    syntax: UID
    shape: tuple[int, int, int]
    bits_allocated: int
    bits_stored: int
    is_signed: bool
    slope: str
    intercept: str
    is_rescaled_by_slice: bool
    columns_lps: NDArray[np.float64]
    rows_lps: NDArray[np.float64]
    is_reversed: bool
    origin_lps_mm: NDArray[np.float64]
    spacing_mm: tuple[float, float, float]
    pixel_kind: str
    is_multi_frame: bool


def drawn(rng: np.random.Generator) -> Header:
    """Draw one valid header."""
    syntax = SYNTAXES[rng.integers(len(SYNTAXES))]
    codec_limit = 16 if syntax.is_encapsulated else 32
    allocated = int(rng.choice([n for n in (8, 16, 16, 16, 32) if n <= codec_limit]))
    stored = int(rng.integers(max(2, allocated - 7), allocated + 1))
    smallest = 32 if syntax in {JPEG2000Lossless, JPEGLSLossless} else 3
    if rng.random() < 0.5:
        turned = np.eye(3)[rng.permutation(3)] * rng.choice([-1.0, 1.0], 3)
    else:
        turned = Rotation.random(random_state=rng).as_matrix()
    return Header(
        syntax=syntax,
        shape=(
            int(rng.integers(2, 7)),
            int(rng.integers(smallest, smallest + 17)),
            int(rng.integers(smallest, smallest + 17)),
        ),
        bits_allocated=allocated,
        bits_stored=stored,
        is_signed=bool(rng.random() < 0.5),
        slope=str(
            rng.choice(["1", "1.0", "2", "0.5", "0.024420", "1e0", " 1 ", "-1", "0.00390625"])
        ),
        intercept=str(rng.choice(["-1024", "0", "-1000.5", "-8192", "+12", "-1.024E3", "100.25"])),
        is_rescaled_by_slice=bool(rng.random() < 0.2),
        columns_lps=np.round(turned[0], int(rng.integers(6, 10))),
        rows_lps=np.round(turned[1], int(rng.integers(6, 10))),
        is_reversed=bool(rng.random() < 0.5),
        origin_lps_mm=np.round(rng.uniform(-300, 300, 3), 4),
        spacing_mm=(_decimal(rng, 0.4, 8.0), _decimal(rng, 0.2, 2.0), _decimal(rng, 0.2, 2.0)),
        pixel_kind=str(rng.choice(["OW", "OB", "UN"])),
        is_multi_frame=bool(rng.random() < 0.25),
    )


def _decimal(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.round(rng.uniform(low, high), 4))


def written(header: Header, rng: np.random.Generator, folder: Path) -> None:
    """Write the series of a header with random pixels."""
    low = -(1 << header.bits_stored - 1) if header.is_signed else 0
    kind = f"{'i' if header.is_signed else 'u'}{header.bits_allocated // 8}"
    pixels = rng.integers(low, low + (1 << header.bits_stored), header.shape, np.int64).astype(kind)
    normal = np.cross(header.columns_lps, header.rows_lps) * (-1 if header.is_reversed else 1)
    positions = [
        header.origin_lps_mm + k * header.spacing_mm[0] * normal for k in range(len(pixels))
    ]
    if header.syntax == JPEGLSLossless:
        pixels.sort(axis=-1)  # its encoder has no space for noise
    order = rng.permutation(len(pixels))
    if header.is_multi_frame:
        _save(
            _multi_frame(header, positions, order), pixels[order], header, folder / "enhanced.dcm"
        )
        return
    series = generate_uid()
    for number, k in enumerate(order):
        data = _data_set(header, CTImageStorage)
        data.SeriesInstanceUID, data.InstanceNumber = series, number + 1
        data.ImagePositionPatient = [f"{v:.6f}"[:16] for v in positions[k]]
        data.ImageOrientationPatient = _cosines(header)
        data.PixelSpacing, data.SliceThickness = list(header.spacing_mm[1:]), header.spacing_mm[0]
        data.RescaleSlope, data.RescaleIntercept = header.slope, _intercept(header, int(k))
        if rng.random() < 0.3:
            data.RequestAttributesSequence = Sequence([Dataset()])
            data["RequestAttributesSequence"].is_undefined_length = bool(rng.random() < 0.5)
        _save(data, pixels[k], header, folder / f"{number}.dcm")


def _cosines(header: Header) -> list[str]:
    return [f"{v:.9f}" for v in (*header.columns_lps, *header.rows_lps)]


def _intercept(header: Header, k: int) -> str:
    return str(-1000 - 10 * k) if header.is_rescaled_by_slice else header.intercept


def _data_set(header: Header, sop_class: UID) -> Any:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, generate_uid()
    meta.TransferSyntaxUID = header.syntax
    data: Any = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    data.SOPClassUID, data.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    data.StudyInstanceUID = data.FrameOfReferenceUID = "1.2.3"
    data.SeriesInstanceUID, data.Modality = generate_uid(), "CT"
    data.Rows, data.Columns = header.shape[1:]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = (
        header.bits_allocated,
        header.bits_stored,
        header.bits_stored - 1,
    )
    data.PixelRepresentation = int(header.is_signed)
    return data


def _multi_frame(
    header: Header, positions: list[NDArray[np.float64]], order: NDArray[np.int64]
) -> Any:
    data = _data_set(header, EnhancedCTImageStorage)
    data.NumberOfFrames = len(order)
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = (
        list(header.spacing_mm[1:]),
        header.spacing_mm[0],
    )
    orientation.ImageOrientationPatient = _cosines(header)
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = (
        Sequence([measures]),
        Sequence([orientation]),
    )
    data.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    for k in order:
        position, values, frame = Dataset(), Dataset(), Dataset()
        position.ImagePositionPatient = [f"{v:.6f}"[:16] for v in positions[k]]
        values.RescaleSlope, values.RescaleIntercept = header.slope, _intercept(header, int(k))
        frame.PlanePositionSequence, frame.PixelValueTransformationSequence = (
            Sequence([position]),
            Sequence([values]),
        )
        frames.append(frame)
    data.PerFrameFunctionalGroupsSequence = Sequence(frames)
    return data


def _save(data: Any, pixels: NDArray[Any], header: Header, path: Path) -> None:
    stored = pixels.astype(
        pixels.dtype.newbyteorder("<" if header.syntax.is_little_endian else ">")
    )
    raw = stored.tobytes()
    if header.bits_allocated == 8 and not header.syntax.is_little_endian:
        raw += bytes(len(raw) % 2)
        raw = np.frombuffer(raw, np.uint8).reshape(-1, 2)[:, ::-1].tobytes()
    data.PixelData = raw + bytes(len(raw) % 2)
    data["PixelData"].VR = "OW"
    if header.syntax == JPEG2000Lossless:
        frames = pixels if header.is_multi_frame else pixels[None]
        data.PixelData = encapsulate([_jpeg_2000(frame, header.bits_stored) for frame in frames])
        data["PixelData"].VR = "OB"
    elif header.syntax.is_encapsulated:
        data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        # GDCM would crash
        data.compress(
            header.syntax, encoding_plugin="pydicom" if header.syntax == RLELossless else "pyjpegls"
        )
    is_little, is_implicit = header.syntax.is_little_endian, header.syntax.is_implicit_VR
    pydicom.dcmwrite(
        path, data, little_endian=is_little, implicit_vr=is_implicit, enforce_file_format=True
    )
    if header.syntax == ExplicitVRLittleEndian:
        tag = b"\xe0\x7f\x10\x00"
        content = path.read_bytes()
        path.write_bytes(content.replace(tag + b"OW", tag + header.pixel_kind.encode()))


def _jpeg_2000(pixels: NDArray[Any], bits: int) -> bytes:
    from openjpeg.utils import encode_array

    return bytes(
        encode_array(
            pixels, bits_stored=bits, photometric_interpretation=2, use_mct=False, codec_format=0
        )
    )


def by_pydicom(
    folder: Path,
) -> tuple[NDArray[np.int16], list[NDArray[np.float64]], NDArray[np.float64]]:
    """Return pydicom's HU by height, each slice's first pixel, and the steps of its axes."""
    slices = []
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        if "NumberOfFrames" in data:
            shared = data.SharedFunctionalGroupsSequence[0]
            measures, orientation = (
                shared.PixelMeasuresSequence[0],
                shared.PlaneOrientationSequence[0],
            )
            frames = [
                (f.PlanePositionSequence[0], f.PixelValueTransformationSequence[0], pixels)
                for f, pixels in zip(
                    data.PerFrameFunctionalGroupsSequence, data.pixel_array, strict=True
                )
            ]
        else:
            measures = orientation = data
            frames = [(data, data, data.pixel_array)]
        cosines = np.array(orientation.ImageOrientationPatient, float)
        steps = np.array(
            [cosines[3:] * measures.PixelSpacing[0], cosines[:3] * measures.PixelSpacing[1]]
        )
        for place, values, pixels in frames:
            hu = np.rint(
                pixels.astype(float) * float(values.RescaleSlope) + float(values.RescaleIntercept)
            )
            point = np.array(place.ImagePositionPatient, float)
            slices.append(
                (
                    point @ np.cross(cosines[:3], cosines[3:]),
                    point,
                    np.clip(hu, -1024, 32767).astype(np.int16),
                )
            )
    slices.sort(key=lambda one: one[0])
    return np.stack([one[2] for one in slices]), [one[1] for one in slices], steps


def require_same(seed: int, folder: Path) -> Header:
    """Write one random series and compare."""
    rng = np.random.default_rng(seed)
    header = drawn(rng)
    folder.mkdir()
    written(header, rng, folder)
    (group,) = find_series(folder).groups
    plan = plan_reading(group)
    values = np.empty(plan.grid.shape_zyx, np.int16)
    decode_series(plan, values)
    expected, places, steps = by_pydicom(folder)
    assert np.array_equal(values, expected)
    assert plan.layout is None
    last = np.array(header.shape[1:]) - 1
    for k, place in enumerate(places):
        assert np.allclose(plan.grid.point_lps_mm((k, 0, 0)), place, atol=2e-3)
        assert np.allclose(plan.grid.point_lps_mm((k, *last)), place + last @ steps, atol=2e-3)
    if not header.is_multi_frame and header.syntax in ITK_SYNTAXES and header.bits_allocated == 16:
        require_same_as_itk(header, values, plan, folder)
    return header


def require_same_as_itk(header: Header, values: NDArray[np.int16], plan: Any, folder: Path) -> None:
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    if len(names) < 2:
        return
    image = sitk.ReadImage(names)
    if not header.is_rescaled_by_slice:  # ITK takes the number type of the first slice for all
        read = np.clip(np.rint(sitk.GetArrayFromImage(image).astype(float)), -1024, 32767)
        assert np.array_equal(read, values) or np.array_equal(read[::-1], values)
    corner = np.array(values.shape[::-1], float) - 1
    ours = {tuple(np.round(plan.grid.point_lps_mm((k, 0, 0)), 1)) for k in (0, len(values) - 1)}
    itk = {
        tuple(np.round(image.TransformContinuousIndexToPhysicalPoint((0.0, 0.0, k)), 1))
        for k in (0.0, corner[2])
    }
    assert all(any(np.allclose(one, other, atol=0.11) for other in itk) for one in ours)


@pytest.mark.parametrize("seed", range(40))
def test_random_legal_headers_give_the_same_result_as_pydicom_and_itk(
    seed: int, tmp_path: Path
) -> None:
    require_same(seed, tmp_path / "series")


@pytest.mark.slow
def test_three_hundred_random_legal_headers_give_the_same_result_as_pydicom_and_itk(
    tmp_path: Path,
) -> None:
    headers = [require_same(1000 + seed, tmp_path / str(seed)) for seed in range(300)]
    assert {header.syntax for header in headers} == set(SYNTAXES)
    assert {header.bits_allocated for header in headers} == {8, 16, 32}
    assert (
        {header.is_signed for header in headers}
        == {header.is_multi_frame for header in headers}
        == {True, False}
    )
