"""highdicom works in a child process; the window never imports it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from spineviewer.errors import Cancelled, ExportError
from spineviewer.io.scan import read_scan
from spineviewer.io.write import dicom_child
from spineviewer.io.write.dicom_seg import seg_writer
from spineviewer.io.write.export import source_voxels, write_mask
from spineviewer.progress import JobProgress
from spineviewer.volume.volume import SpineMask

EXPORTING = """
import sys
from pathlib import Path

from spineviewer.io.write.dicom_sr import write_sr
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.measuring_tools.lines import Distance
from spineviewer.io.write.export import write_mask
from spineviewer.io.scan import read_scan
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import SpineMask

volume = read_scan(Path(sys.argv[1]))
write_mask(SpineMask(volume.hu > 300, volume.geometry), volume.source, Path(sys.argv[2]), {})
distance = Measurement(Distance(), Plane.AXIAL, ((2.0, 3.0, 2.0), (2.0, 8.0, 6.0)))
write_sr([distance], volume, Path(sys.argv[3]))
print(sorted({name.split(".")[0] for name in sys.modules} & {"highdicom", "pydicom"}))
"""


def test_an_export_imports_highdicom_only_in_the_child(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    seg, report = tmp_path / "mask.dcm", tmp_path / "report.dcm"
    command = [sys.executable, "-c", EXPORTING, scanner.write(hu), seg, report]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"
    assert [pydicom.dcmread(path).Modality for path in (seg, report)] == ["SEG", "SR"]


def test_cancelling_leaves_the_previous_file(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    volume = read_scan(scanner.write(hu))
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "mask.dcm").write_bytes(b"old")
    progress = JobProgress()
    progress.cancel()
    with pytest.raises(Cancelled):
        write_mask(
            SpineMask(volume.hu > 300, volume.geometry),
            volume.source,
            folder / "mask.dcm",
            {},
            progress,
        )
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("mask.dcm", b"old")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_reported_as_such(scanner: Any, hu: NDArray[np.int16]) -> None:
    volume = read_scan(scanner.write(hu))
    write = seg_writer(
        source_voxels((volume.hu > 300).view(np.uint8), volume.source), volume.source, {}
    )
    with (
        Path("/dev/full").open("wb") as full,
        pytest.raises(OSError, match=os.strerror(errno.ENOSPC)),
    ):
        write(full)


def test_a_child_that_dies_gives_a_one_line_error(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = read_scan(scanner.write(hu))
    broken = replace(dicom_child.CONVERSATION, module="spineviewer.no_such_module")
    monkeypatch.setattr(dicom_child, "CONVERSATION", broken)
    with pytest.raises(ExportError, match="helper process ended"):
        write_mask(
            SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", {}
        )
    assert not list(tmp_path.glob("*.dcm")) and not list(tmp_path.glob(".spineviewer-*"))
