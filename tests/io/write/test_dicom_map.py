"""Maps as DICOM Parametric Maps: values, positions, quantity, and checks by other programs."""

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
from spineviewer.io.write.export import write_map
from spineviewer.io.write.map_meaning import MapMeaning


@pytest.fixture
def volume(scanner: Any, hu: NDArray[np.int16]) -> Any:
    return read_scan(scanner.write(hu))


def ramp(volume: Any) -> NDArray[np.float32]:
    count = volume.hu.size
    return np.linspace(0, 1, count, dtype=np.float32).reshape(volume.hu.shape)


@pytest.mark.parametrize("meaning", list(MapMeaning))
def test_values_are_on_the_source_slices_and_equal_the_map(
    volume: Any, scanner: Any, tmp_path: Path, meaning: MapMeaning
) -> None:
    path, values = tmp_path / "map.dcm", ramp(volume)
    write_map(values, volume.geometry, volume.source, path, {"weights": "0123"}, meaning=meaning)
    made = pydicom.dcmread(path)
    assert made.SOPClassUID == "1.2.840.10008.5.1.4.1.1.30"
    assert (made.StudyInstanceUID, made.SeriesDescription) == (scanner.study_uid, meaning.title)
    mapping = made.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence[0]
    quantity = mapping.QuantityDefinitionSequence[0].ConceptCodeSequence[0]
    assert quantity.CodeValue == meaning.quantity.value
    slope = mapping.RealWorldValueSlope
    for number, frame in enumerate(made.PerFrameFunctionalGroupsSequence):
        place = np.array(frame.PlanePositionSequence[0].ImagePositionPatient, float)
        z = int(volume.geometry.index_zyx(place)[0].round())
        assert made.pixel_array[number] * slope == pytest.approx(values[z], abs=slope)
    references = {
        item.ReferencedSOPInstanceUID
        for series in made.ReferencedSeriesSequence
        for item in series.ReferencedInstanceSequence
    }
    files = volume.source.slices.files
    assert references == {pydicom.dcmread(f, stop_before_pixels=True).SOPInstanceUID for f in files}


def test_highdicom_and_a_validator_read_it(volume: Any, tmp_path: Path) -> None:
    path = tmp_path / "map.dcm"
    write_map(ramp(volume), volume.geometry, volume.source, path, {})
    image = hd.imread(path)
    real = image.get_volume(apply_real_world_transform=True)
    assert float(real.array.max()) == pytest.approx(1.0)
    if shutil.which("dciodvfy") is None:
        pytest.skip("dicom3tools is not installed")
    told = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False).stderr
    assert [line for line in told.splitlines() if line.startswith("Error")] == []


def test_a_scan_from_another_format_is_refused(small_scan: Any, tmp_path: Path) -> None:
    values = np.zeros(small_scan.hu.shape, np.float32)
    with pytest.raises(ExportError, match="another format"):
        write_map(values, small_scan.geometry, small_scan.source, tmp_path / "map.dcm", {})
    assert list(tmp_path.iterdir()) == []
