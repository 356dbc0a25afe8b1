"""Outputs that a scan does not allow are reported before the computation, not after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.errors import ExportError
from spineviewer.io.formats import Content
from spineviewer.io.scan import read_scan
from spineviewer.io.write.export import check_output


def test_a_tilted_scan_cannot_be_a_metaimage_and_a_dicom_scan_can_be_a_seg(
    scanner: Any, tmp_path: Path
) -> None:
    tilt = np.radians(12)
    scanner.orientation, scanner.step_lps = (
        (1.0, 0, 0, 0, float(np.cos(tilt)), -float(np.sin(tilt))),
        (0.0, 0.0, 1.0),
    )
    volume = read_scan(scanner.write(np.full((5, 20, 20), -1000, np.int16)))
    for name in ("mask.nii.gz", "mask.nrrd", "mask.dcm"):
        check_output(tmp_path / name, overwrite=False, source=volume.source)
    with pytest.raises(ExportError, match="tilted"):
        check_output(tmp_path / "mask.mha", overwrite=False, source=volume.source)
    with pytest.raises(ExportError, match="cannot contain this result"):
        check_output(
            tmp_path / "map.rtstruct.dcm",
            overwrite=False,
            source=volume.source,
            content=Content.MAP,
        )


def test_missing_source_slices_prevent_a_seg(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    folder = scanner.write(hu)
    volume = read_scan(folder)
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match="no longer exist"):
        check_output(tmp_path / "mask.dcm", overwrite=False, source=volume.source)
