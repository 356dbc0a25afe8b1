"""A small synthetic patient, and ways to write it as DICOM."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

PATIENT = "Mustermann^Erika"


def phantom_hu(shape: tuple[int, int, int] = (7, 12, 10)) -> NDArray[np.int16]:
    """Return air, a body of water and an off-centre block of bone; all voxels differ slightly."""
    hu = np.full(shape, -1000, np.int16)
    z, y, x = shape
    hu[:, 2 : y - 1, 1 : x - 2] = 20
    hu[z // 2 :, y // 2 : y - 2, 2 : x // 2] = 700
    return (hu + np.arange(hu.size).reshape(shape) % 17).astype(np.int16)


@pytest.fixture
def hu() -> NDArray[np.int16]:
    return phantom_hu()


@dataclass
class Scanner:
    """Writes slices of `hu` as CT files, one after the other along the normal.

    `change` can damage single values.
    """

    folder: Path
    spacing_mm: tuple[float, float, float] = (2.5, 0.7, 0.8)
    origin_lps_mm: tuple[float, float, float] = (-30.0, -40.0, 100.0)
    orientation: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    step_lps: tuple[float, float, float] | None = None
    series_uid: str = field(default_factory=generate_uid)
    study_uid: str = field(default_factory=generate_uid)
    frame_uid: str = field(default_factory=generate_uid)
    slope: float = 1.0
    intercept: float = -1024.0

    def position(self, number: float) -> NDArray[np.float64]:
        columns, rows = np.array(self.orientation[:3]), np.array(self.orientation[3:])
        step = np.cross(columns, rows) if self.step_lps is None else np.array(self.step_lps)
        return np.array(self.origin_lps_mm) + number * self.spacing_mm[0] * step

    def write(
        self,
        hu: NDArray[np.int16],
        numbers: list[float] | None = None,
        change: Callable[[int, Any], None] | None = None,
        prefix: str = "slice",
    ) -> Path:
        """Write one file per slice in random order; return the folder.

        `numbers` has the position of each slice along the normal, in steps. `change(n, data)` may
        damage slice n.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(5)
        for n in rng.permutation(len(hu)):
            data = self._slice(hu[n], int(n), float(numbers[n]) if numbers else float(n))
            if change is not None:
                change(int(n), data)
            syntax = data.file_meta.TransferSyntaxUID
            pydicom.dcmwrite(
                self.folder / f"{prefix}-{rng.integers(10**9)}-{n}.dcm",
                data,
                little_endian=syntax.is_little_endian,
                implicit_vr=syntax.is_implicit_VR,
                enforce_file_format=True,
            )
        return self.folder

    def _slice(self, hu: NDArray[np.int16], n: int, number: float) -> Any:
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
        data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        data.PatientName, data.PatientID = PATIENT, "4711"
        data.PatientBirthDate, data.PatientSex, data.StudyDate, data.StudyTime = (
            "19640812",
            "F",
            "20200101",
            "120000",
        )
        data.AccessionNumber, data.StudyID, data.ReferringPhysicianName = "1", "1", ""
        data.StudyInstanceUID, data.SeriesInstanceUID = self.study_uid, self.series_uid
        data.FrameOfReferenceUID, data.PositionReferenceIndicator = self.frame_uid, ""
        data.Modality, data.SeriesDescription, data.SeriesNumber, data.InstanceNumber = (
            "CT",
            "Spine 2.5 B60",
            3,
            n + 1,
        )
        data.ImageType, data.Manufacturer = ["ORIGINAL", "PRIMARY", "AXIAL"], "none"
        data.ConvolutionKernel = "B60"
        data.ImagePositionPatient = [round(float(v), 6) for v in self.position(number)]
        data.ImageOrientationPatient = [round(float(v), 9) for v in self.orientation]
        data.PixelSpacing, data.SliceThickness = list(self.spacing_mm[1:]), self.spacing_mm[0]
        data.RescaleSlope, data.RescaleIntercept, data.RescaleType = (
            self.slope,
            self.intercept,
            "HU",
        )
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
        data.Rows, data.Columns = hu.shape
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
        stored = np.rint((hu.astype(float) - self.intercept) / self.slope).astype(np.int16)
        data.PixelData = stored.tobytes()
        return data


@pytest.fixture
def scanner(tmp_path: Path) -> Scanner:
    return Scanner(tmp_path / "series")


def write_enhanced(folder: Path, hu: NDArray[np.int16], is_reversed: bool) -> Path:
    """Write an enhanced multi-frame CT, optionally with the frames in reverse order."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = pydicom.uid.EnhancedCTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )
    data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = (
        generate_uid(),
        generate_uid(),
        generate_uid(),
    )
    data.Modality, data.ImageType = "CT", ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    data.Rows, data.Columns, data.NumberOfFrames = *hu.shape[1:], len(hu)
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.7, 0.8], 2.5
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = (
        Sequence([measures]),
        Sequence([orientation]),
    )
    data.SharedFunctionalGroupsSequence = Sequence([shared])
    order = list(range(len(hu)))[:: -1 if is_reversed else 1]
    frames = []
    for k in order:
        frame, position, values = Dataset(), Dataset(), Dataset()
        position.ImagePositionPatient = [-30, -40, 100 + 2.5 * k]
        values.RescaleSlope, values.RescaleIntercept, values.RescaleType = 1, -1000 - k, "HU"
        frame.PlanePositionSequence, frame.PixelValueTransformationSequence = (
            Sequence([position]),
            Sequence([values]),
        )
        frames.append(frame)
    data.PerFrameFunctionalGroupsSequence = Sequence(frames)
    data.PixelData = np.stack([hu[k] + 1000 + k for k in order]).astype(np.int16).tobytes()
    folder.mkdir(exist_ok=True)
    data.save_as(folder / "enhanced.dcm", enforce_file_format=True)
    return folder


@pytest.fixture
def enhanced(tmp_path: Path) -> Callable[[NDArray[np.int16], bool], Path]:
    return lambda hu, is_reversed: write_enhanced(tmp_path / "enhanced", hu, is_reversed)


@pytest.fixture(autouse=True)
def _pydicom_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pydicom.config.settings, "reading_validation_mode", pydicom.config.IGNORE)
