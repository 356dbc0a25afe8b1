"""Masks as RTSTRUCT: filling the contours gives the mask back."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from spineviewer.errors import ExportError
from spineviewer.io.scan import read_scan
from spineviewer.io.write.dicom_structures import closed_lines
from spineviewer.io.write.export import write_labels, write_mask
from spineviewer.io.write.label_table import LabelEntry
from spineviewer.volume.outline import outline
from spineviewer.volume.volume import SpineMask


@pytest.fixture
def volume(scanner: Any, hu: NDArray[np.int16]) -> Any:
    return read_scan(scanner.write(hu))


def speckled(volume: Any) -> NDArray[np.bool_]:
    """Return a mask with a hole, an island, diagonal neighbours and voxels at the border."""
    mask = np.zeros(volume.geometry.shape_zyx, np.bool_)
    mask[1:5, 2:9, 2:8] = True
    mask[1:5, 4:6, 4:6] = False
    mask[2, 0, 0] = mask[2, 11, 9] = mask[3, 9, 8] = True
    return mask


def filled(made: Any, number: int, volume: Any) -> NDArray[np.bool_]:
    """Return the mask enclosed by the contours of one structure, by the even-odd rule (Pillow)."""
    found = np.zeros(volume.geometry.shape_zyx, np.bool_)
    _, rows, columns = found.shape
    scale = 8  # of Pillow's grid, so that its rounding has no effect
    for contour in made.ROIContourSequence[number].get("ContourSequence", ()):
        points = np.array(contour.ContourData, float).reshape(-1, 3)
        index = volume.geometry.index_zyx(points)
        picture = Image.new("1", (columns * scale, rows * scale))
        corners = [((x + 0.5) * scale, (y + 0.5) * scale) for _, y, x in index]
        ImageDraw.Draw(picture).polygon(corners, fill=1)
        centres = np.asarray(picture)[scale // 2 :: scale, scale // 2 :: scale]
        found[round(index[0, 0])] ^= centres
    return found


def test_filling_the_contours_restores_the_mask(volume: Any, scanner: Any, tmp_path: Path) -> None:
    mask, path = speckled(volume), tmp_path / "spine.rtstruct.dcm"
    write_mask(SpineMask(mask, volume.geometry), volume.source, path, {})
    made = pydicom.dcmread(path)
    assert made.SOPClassUID == "1.2.840.10008.5.1.4.1.1.481.3"
    assert (made.Modality, made.StudyInstanceUID) == ("RTSTRUCT", scanner.study_uid)
    assert made.StructureSetROISequence[0].ROIName == "Spine"
    assert np.array_equal(filled(made, 0, volume), mask)
    known = {
        str(pydicom.dcmread(f, stop_before_pixels=True).SOPInstanceUID): f
        for f in volume.source.slices.files
    }
    for contour in made.ROIContourSequence[0].ContourSequence:
        header = pydicom.dcmread(known[contour.ContourImageSequence[0].ReferencedSOPInstanceUID])
        assert float(contour.ContourData[2]) == pytest.approx(header.ImagePositionPatient[2])


def test_each_vertebra_is_a_structure_with_its_name_code_and_colour(
    volume: Any, tmp_path: Path
) -> None:
    labels = np.zeros(volume.geometry.shape_zyx, np.uint8)
    labels[1:3, 3:6, 3:6], labels[4:6, 3:6, 3:6] = 19, 20
    entries = [
        LabelEntry(19, "T12", (255, 0, 0), (0, 0, 0)),
        LabelEntry(20, "L1", (0, 255, 0), (0, 0, 0)),
    ]
    path = tmp_path / "vertebrae.rtstruct.dcm"
    write_labels(labels, volume.geometry, volume.source, path, {}, entries=entries)
    made = pydicom.dcmread(path)
    assert [roi.ROIName for roi in made.StructureSetROISequence] == ["T12", "L1"]
    assert [list(roi.ROIDisplayColor) for roi in made.ROIContourSequence] == [
        [255, 0, 0],
        [0, 255, 0],
    ]
    codes = [o.RTROIIdentificationCodeSequence[0].CodeValue for o in made.RTROIObservationsSequence]
    assert codes == ["23215003", "66794005"]
    assert np.array_equal(filled(made, 1, volume), labels == 20)


def test_a_validator_finds_no_error(volume: Any, tmp_path: Path) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dicom3tools is not installed")
    path = tmp_path / "spine.rtstruct.dcm"
    write_mask(SpineMask(speckled(volume), volume.geometry), volume.source, path, {})
    told = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False).stderr
    assert [line for line in told.splitlines() if line.startswith("Error")] == []


def test_an_outline_consists_of_closed_lines_that_use_each_segment_once() -> None:
    picture = np.random.default_rng(3).random((40, 50)) > 0.5
    segments = outline(picture)
    lines = closed_lines(segments)
    assert sum(len(line) for line in lines) == len(segments)


def test_a_scan_from_another_format_is_refused(small_scan: Any, tmp_path: Path) -> None:
    mask = SpineMask(np.zeros(small_scan.hu.shape, np.bool_), small_scan.geometry)
    with pytest.raises(ExportError, match="another format"):
        write_mask(mask, small_scan.source, tmp_path / "spine.rtstruct.dcm", {})
    assert list(tmp_path.iterdir()) == []
