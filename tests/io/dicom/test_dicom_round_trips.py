"""Masks of DICOM series in every orientation, checked with nibabel, SimpleITK, highdicom."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import highdicom as hd
import nibabel as nib
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from spineviewer.errors import ExportError
from spineviewer.io.scan import read_scan
from spineviewer.io.write.export import write_mask
from spineviewer.volume.volume import SpineMask

AXES = [tuple(s * float(a == k) for k in range(3)) for a in range(3) for s in (1, -1)]
RIGHT_ANGLED = [
    one + other for one, other in itertools.product(AXES, AXES) if abs(np.dot(one, other)) < 0.5
]
OBLIQUE = [
    (0.8, 0.6, 0.0, -0.36, 0.48, 0.8),
    (0.6, 0.0, 0.8, 0.48, 0.8, -0.36),
    (-0.8, 0.0, -0.6, 0.48, 0.6, -0.64),
]


def test_all_orientations_of_slices_are_covered() -> None:
    assert len(set(RIGHT_ANGLED)) == 24  # times two orders of the slices are the 48


@pytest.mark.parametrize("is_reversed", [False, True], ids=["ascending", "descending"])
@pytest.mark.parametrize(
    "orientation", [*RIGHT_ANGLED, *OBLIQUE], ids=lambda o: " ".join(f"{v:g}" for v in o)
)
def test_the_mask_is_on_its_slices(
    orientation: tuple[float, ...],
    is_reversed: bool,
    scanner: Any,
    hu: NDArray[np.int16],
    tmp_path: Path,
) -> None:
    scanner.orientation = orientation
    if is_reversed:
        scanner.step_lps = tuple(-np.cross(orientation[:3], orientation[3:]))
    folder = scanner.write(hu)
    volume = read_scan(folder)
    mask = SpineMask(volume.hu > 300, volume.geometry)
    for name in ("mask.nii.gz", "mask.nrrd", "mask.mha", "mask.dcm"):
        write_mask(mask, volume.source, tmp_path / name, {})
    nifti = nib.load(tmp_path / "mask.nii.gz")
    stored = np.asarray(nifti.dataobj)
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        bone = data.pixel_array - 1024 > 300
        first = np.array(data.ImagePositionPatient) * [-1, -1, 1]
        number = round(float((np.linalg.inv(nifti.affine) @ [*first, 1])[2]))
        assert np.allclose((nifti.affine @ [0, 0, number, 1])[:3], first, atol=1e-3)
        assert np.array_equal(stored[:, :, number].T, bone)
        columns, rows = (np.array(data.ImageOrientationPatient[k : k + 3], float) for k in (0, 3))
        last = (
            np.array(data.ImagePositionPatient)
            + columns * 0.8 * (data.Columns - 1)
            + rows * 0.7 * (data.Rows - 1)
        )
        for other in ("mask.nrrd", "mask.mha"):
            image = sitk.ReadImage(str(tmp_path / other))
            at = image.TransformPhysicalPointToIndex(last)
            assert np.allclose(image.TransformIndexToPhysicalPoint(at), last, atol=1e-3)
            assert image[at] == bone[-1, -1]
    seg = hd.seg.segread(tmp_path / "mask.dcm")
    uids = {
        pydicom.dcmread(path).SOPInstanceUID: pydicom.dcmread(path).pixel_array - 1024 > 300
        for path in folder.iterdir()
    }
    frames = seg.get_pixels_by_source_instance(list(uids), assert_missing_frames_are_empty=True)[
        ..., 0
    ]
    assert all(
        np.array_equal(frame.astype(bool), bone)
        for frame, bone in zip(frames, uids.values(), strict=True)
    )


def test_an_executable_preamble_is_never_copied(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    def change(n: int, data: Any) -> None:
        data.preamble = b"MZ" + b"\x90" * 126

    folder = scanner.write(hu, change=change)
    volume = read_scan(folder)
    write_mask(
        SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", {}
    )
    assert (tmp_path / "mask.dcm").read_bytes()[:128] == bytes(128)


@pytest.mark.parametrize(
    "keyword", ["SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID"]
)
def test_attributes_that_a_segmentation_needs_and_that_are_missing_are_named(
    keyword: str, scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    def change(n: int, data: Any) -> None:
        delattr(data, keyword)

    volume = read_scan(scanner.write(hu, change=change))
    with pytest.raises(ExportError, match=keyword):
        write_mask(
            SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", {}
        )
    assert not (tmp_path / "mask.dcm").exists()
