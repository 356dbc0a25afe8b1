"""DICOM segmentation objects: on the source slices, complete, and correct for other readers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from spineviewer.errors import ExportError
from spineviewer.io.scan import read_scan
from spineviewer.io.write.dicom_obstacles import seg_obstacle
from spineviewer.io.write.export import check_output, write_map, write_mask
from spineviewer.volume.volume import SpineMask

PROVENANCE = {"weights": "0123abcd", "sigma_mm": 4.0, "attention_threshold": 0.3}


def exported(folder: Path, path: Path) -> tuple[Any, Any]:
    volume = read_scan(folder)
    write_mask(SpineMask(volume.hu > 300, volume.geometry), volume.source, path, PROVENANCE)
    return volume, hd.seg.segread(path)


@pytest.mark.parametrize(
    "orientation", [(1, 0, 0, 0, 1, 0), (-1, 0, 0, 0, -1, 0), (0, 1, 0, 0, 0, -1)]
)
def test_each_frame_is_on_its_slice_with_the_same_pixels(
    scanner: Any, hu: NDArray[np.int16], orientation: Any, tmp_path: Path
) -> None:
    scanner.orientation = orientation
    folder = scanner.write(hu)
    _, seg = exported(folder, tmp_path / "mask.dcm")
    slices = {
        data.SOPInstanceUID: data for data in (pydicom.dcmread(path) for path in folder.iterdir())
    }
    assert seg.StudyInstanceUID == scanner.study_uid
    assert seg.FrameOfReferenceUID == scanner.frame_uid
    uids = list(slices)
    frames = seg.get_pixels_by_source_instance(uids, assert_missing_frames_are_empty=True)[..., 0]
    for uid, frame in zip(uids, frames, strict=True):
        assert np.array_equal(frame.astype(bool), slices[uid].pixel_array - 1024.0 > 300)
    for frame_info in seg.PerFrameFunctionalGroupsSequence:
        source = (
            frame_info.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        )
        assert (
            frame_info.PlanePositionSequence[0].ImagePositionPatient
            == slices[source].ImagePositionPatient
        )


def test_algorithm_codes_and_settings_are_reported(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    _, seg = exported(scanner.write(hu), tmp_path / "mask.dcm")
    (segment,) = seg.SegmentSequence
    assert segment.SegmentAlgorithmType == "AUTOMATIC"
    assert segment.SegmentedPropertyTypeCodeSequence[0].CodeValue == "51282000"
    assert segment.SegmentedPropertyCategoryCodeSequence[0].CodeValue == "123037004"
    algorithm = segment.SegmentationAlgorithmIdentificationSequence[0]
    assert algorithm.AlgorithmName == "Spineviewer"
    assert "sigma_mm=4.0" in algorithm.AlgorithmParameters
    assert seg.DeviceSerialNumber == "0123abcd"


@pytest.mark.parametrize("is_reversed", [False, True])
def test_frames_of_an_enhanced_scan_keep_their_positions(
    enhanced: Any, hu: NDArray[np.int16], is_reversed: bool, tmp_path: Path
) -> None:
    _, seg = exported(enhanced(hu, is_reversed), tmp_path / "mask.dcm")
    expected = {100 + 2.5 * k: hu[k] > 300 for k in range(len(hu)) if (hu[k] > 300).any()}
    found = {
        float(frame.PlanePositionSequence[0].ImagePositionPatient[2]): pixels.astype(bool)
        for frame, pixels in zip(seg.PerFrameFunctionalGroupsSequence, seg.pixel_array, strict=True)
    }
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[z], expected[z]) for z in expected)


def test_an_empty_mask_gives_a_complete_object(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    volume = read_scan(scanner.write(hu))
    write_mask(
        SpineMask(np.zeros(volume.hu.shape, bool), volume.geometry),
        volume.source,
        tmp_path / "mask.dcm",
        {},
    )
    assert int(pydicom.dcmread(tmp_path / "mask.dcm").NumberOfFrames) == len(hu)


def test_a_tilted_series_keeps_the_positions_of_its_slices(scanner: Any, tmp_path: Path) -> None:
    tilt = np.radians(15)
    scanner.orientation, scanner.step_lps = (
        (1.0, 0, 0, 0, float(np.cos(tilt)), -float(np.sin(tilt))),
        (0.0, 0.0, 1.0),
    )
    hu = np.full((5, 40, 30), -1000, np.int16)
    hu[:, 15:25, 10:20] = 800
    volume, seg = exported(scanner.write(hu), tmp_path / "mask.dcm")
    positions = [
        tuple(f.PlanePositionSequence[0].ImagePositionPatient)
        for f in seg.PerFrameFunctionalGroupsSequence
    ]
    expected = sorted(tuple(np.round(scanner.position(k), 6)) for k in range(5))
    assert np.allclose(sorted(positions), expected, atol=1e-4)
    assert volume.source.sheared is not None
    assert seg.pixel_array.shape == (5, 40, 30)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
def test_an_independent_validator_finds_none_of_our_errors(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    exported(scanner.write(hu), tmp_path / "mask.dcm")
    told = subprocess.run(
        ["dciodvfy", tmp_path / "mask.dcm"], capture_output=True, text=True, check=False
    ).stderr
    errors = [line for line in told.splitlines() if line.startswith("Error")]
    assert errors == []


def test_a_scan_that_is_not_dicom_reports_why_there_is_no_seg(tmp_path: Path) -> None:
    import nibabel as nib

    nib.save(nib.Nifti1Image(np.zeros((3, 4, 5), np.int16), np.eye(4)), tmp_path / "scan.nii")
    volume = read_scan(tmp_path / "scan.nii")
    assert "came from another format" in seg_obstacle(volume.source)
    with pytest.raises(ExportError, match="came from another format"):
        write_mask(
            SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", {}
        )
    assert not (tmp_path / "mask.dcm").exists()


def test_maps_cannot_be_written_as_structures(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    volume = read_scan(scanner.write(hu))
    path = tmp_path / "map.rtstruct.dcm"
    check_output(path, overwrite=False)
    with pytest.raises(ExportError, match="cannot contain this result"):
        write_map(volume.hu.astype(np.float32), volume.geometry, volume.source, path, {})


def test_slices_without_a_frame_of_reference_give_an_error_instead_of_a_seg(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    folder = scanner.write(hu, change=lambda _, data: data.__delattr__("FrameOfReferenceUID"))
    volume = read_scan(folder)
    with pytest.raises(ExportError, match="DICOM slices lack: FrameOfReferenceUID"):
        write_mask(
            SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", {}
        )
