"""Files with random damage: every outcome is a volume or one line, never a traceback.

SPINEVIEWER_FUZZ_ROUNDS sets how many damaged files of each kind are tried (default: 60, a few
seconds).
"""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, RLELossless, generate_uid

from spineviewer.errors import SpineViewerError
from spineviewer.io.dicom.series import plan_reading
from spineviewer.io.dicom.series_faults import find_faults
from spineviewer.io.dicom.series_search import find_series
from spineviewer.io.dicom.series_voxels import decode_series
from spineviewer.io.images.loading import load_image
from spineviewer.io.scan import list_series, read_scan

ROUNDS = int(os.environ.get("SPINEVIEWER_FUZZ_ROUNDS", "60"))
HU = (np.arange(6 * 8 * 10).reshape(6, 8, 10) - 1000).astype(np.int16)


def damaged(whole: bytes, rng: np.random.Generator) -> bytes:
    """Return the file with bytes changed, a piece removed or duplicated, or the end cut off."""
    data = bytearray(whole)
    for _ in range(int(rng.integers(1, 6))):
        place = (
            int(rng.integers(len(data)))
            if rng.random() < 0.4
            else int(rng.integers(min(len(data), 600)))
        )
        length = int(rng.integers(1, 9))
        kind = rng.integers(5)
        if kind == 0:
            data[place : place + length] = rng.bytes(length)
        elif kind == 1:
            data[place : place + length] = bytes([int(rng.choice([0, 255, 127, 128]))]) * length
        elif kind == 2:
            del data[place : place + length]
        elif kind == 3:
            data[place:place] = data[place : place + length]
        else:
            del data[int(rng.integers(len(data) // 2, len(data) + 1)) :]
        if len(data) < 10:
            break
    return bytes(data)


def require_one_line(told: str, name: str = "") -> None:
    assert name in told
    assert "\n" not in told


def nifti() -> bytes:
    return bytes(nib.Nifti1Image(HU.T.copy(), np.diag([-0.5, -0.6, 2.0, 1.0])).to_bytes())


def nrrd(encoding: str) -> bytes:
    body = HU.tobytes() if encoding == "raw" else gzip.compress(HU.tobytes())
    head = (
        "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 10 8 6\n"
        f"space directions: (0.5,0,0) (0,0.6,0) (0,0,2)\nspace origin: (0,0,0)\nencoding: "
        f"{encoding}\nendian: little\n\n"
    )
    return head.encode() + body


IMAGES = {
    "scan.nii": nifti(),
    "scan.nii.gz": gzip.compress(nifti()),
    "raw.nrrd": nrrd("raw"),
    "gzip.nrrd": nrrd("gzip"),
}


@pytest.mark.parametrize("name", IMAGES)
def test_damaged_images_are_read_or_reported(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(20261123)
    for _ in range(ROUNDS):
        content = damaged(IMAGES[name], rng)
        (tmp_path / name).write_bytes(content)
        try:
            image = load_image(tmp_path / name)
        except SpineViewerError as error:
            require_one_line(str(error), name)
        else:
            assert image.values.shape == image.grid.shape_zyx


def slice_of(hu: NDArray[np.int16], n: int, uid: str, is_packed: bool) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data: Any = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID, data.SeriesInstanceUID = (
        CTImageStorage,
        meta.MediaStorageSOPInstanceUID,
        uid,
    )
    data.Modality, data.InstanceNumber, data.ImageType = "CT", n, ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.ImagePositionPatient, data.ImageOrientationPatient = [0, 0, 2.0 * n], [1, 0, 0, 0, 1, 0]
    data.PixelSpacing, data.SliceThickness, data.RescaleSlope, data.RescaleIntercept = (
        [0.5, 0.5],
        2,
        1,
        -1024,
    )
    data.FrameOfReferenceUID = uid
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    (data.Rows, data.Columns), data.PixelRepresentation = hu.shape, 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
    data.PixelData = (hu.astype(int) + 1024).astype(np.uint16).tobytes()
    if is_packed:
        data.compress(RLELossless, generate_instance_uid=False)
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data, enforce_file_format=True)
    return stream.getvalue()


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "rle"])
@pytest.mark.filterwarnings("ignore")  # pydicom's, about the damage
def test_damaged_slices_are_read_or_reported(is_packed: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(1123)
    uid = generate_uid()
    whole = [slice_of(HU[n], n, uid, is_packed) for n in range(len(HU))]
    for n, content in enumerate(whole):
        (tmp_path / f"{n}.dcm").write_bytes(content)
    for _ in range(ROUNDS):
        victim = int(rng.integers(len(whole)))
        (tmp_path / f"{victim}.dcm").write_bytes(damaged(whole[victim], rng))
        for group in find_series(tmp_path).groups:
            find_faults(group)
            try:
                plan = plan_reading(group)
                if np.prod(plan.grid.shape_zyx) > 10**7:
                    continue
                hu = np.empty(plan.grid.shape_zyx, np.int16)
                decode_series(plan, hu)
            except SpineViewerError as error:
                require_one_line(str(error))
            else:
                assert hu.min() >= -1024
        (tmp_path / f"{victim}.dcm").write_bytes(whole[victim])


def test_damaged_metaimages_at_worst_end_the_child(tmp_path: Path) -> None:
    """ITK reads them in the child process, where a crash only leads to a message."""
    rng = np.random.default_rng(7)
    sitk.WriteImage(sitk.GetImageFromArray(HU), str(tmp_path / "whole.mha"))
    whole = (tmp_path / "whole.mha").read_bytes()
    for _ in range(max(4, ROUNDS // 15)):
        (tmp_path / "scan.mha").write_bytes(damaged(whole, rng))
        try:
            volume = read_scan(tmp_path / "scan.mha")
        except SpineViewerError as error:
            require_one_line(str(error), "scan.mha")
        else:
            assert volume.hu.shape == volume.geometry.shape_zyx


def test_a_folder_of_noise_is_listed(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for n in range(200):
        head = b"\0" * 128 + b"DICM" if n % 2 else b"\x08\x00\x05\x00"
        (tmp_path / f"{n}").write_bytes(head + rng.bytes(int(rng.integers(0, 2000))))
    listing = list_series(tmp_path)
    assert listing.series == ()
