from pathlib import Path

import numpy as np
import pytest

from spineviewer.app.provenance import Provenance
from spineviewer.app.vertebra_files import (
    check_vertebra_surfaces,
    require_dicom_seg,
    surface_path,
    write_vertebra_surfaces,
)
from spineviewer.errors import ExportError, UsageError
from spineviewer.labelling.cut_parts import CutParts
from spineviewer.labelling.vertebrae import BodyFrame, Convention, Naming, Vertebra, Vertebrae
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import ScanFormat, ScanSource, bounding_box

GRID = Geometry((40, 20, 20), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
PROVENANCE = Provenance(
    ScanSource(Path("scan.nii"), ScanFormat.MEMORY, GRID, AxisOrder()), Tuning(0.1, 4.0, 0.5), {}
)


def two_blocks() -> Vertebrae:
    labels = np.zeros(GRID.shape_zyx, np.uint8)
    labels[24:34, 5:15, 5:15] = 19
    labels[6:16, 5:15, 5:15] = 20
    frame = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    blocks = tuple(
        Vertebra(
            name, label, 0.9, CutParts(0), (9.5, 9.5, z), frame, None, None, 5.0,
            10.0, 1.0, bounding_box(labels == label),
        )
        for name, label, z in (("T12", 19, 28.5), ("L1", 20, 10.5))
    )  # fmt: skip
    return Vertebrae(labels, GRID, blocks, Naming(Convention.RIBS, 0.9, 0.0, 0.0))


@pytest.mark.parametrize("ending", [".stl", ".obj", ".ply"])
def test_each_vertebra_has_its_own_surface_at_its_position(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"spine{ending}"
    written = write_vertebra_surfaces(
        two_blocks(), PROVENANCE, path, may_overwrite=False, progress=JobProgress()
    )
    assert written == (tmp_path / f"spine_T12{ending}", tmp_path / f"spine_L1{ending}")
    if ending == ".obj":
        heights = [
            [float(line.split()[3]) for line in path.read_text().splitlines() if line[:2] == "v "]
            for path in written
        ]
        assert [np.mean(z) for z in heights] == pytest.approx([28.5, 10.5], abs=0.3)
        assert "'L1'" in written[1].read_text() or '"L1"' in written[1].read_text()


def test_an_existing_surface_is_detected_before_the_computation(tmp_path: Path) -> None:
    path = tmp_path / "spine.stl"
    surface_path(path, "L3").write_bytes(b"")
    with pytest.raises(ExportError, match=r"spine_L3\.stl"):
        check_vertebra_surfaces(path, may_overwrite=False)
    check_vertebra_surfaces(path, may_overwrite=True)
    with pytest.raises(ExportError, match="extension for surfaces"):
        check_vertebra_surfaces(tmp_path / "spine.nii", may_overwrite=True)


@pytest.mark.parametrize("name", [None, "v.nii.gz", "v.nrrd", "v.rtstruct.dcm", "v"])
def test_only_a_dicom_seg_can_be_a_label_map(name):
    with pytest.raises(UsageError, match=r"Specify a \.dcm file|Use the extension \.dcm"):
        require_dicom_seg(name and Path(name))


def test_a_dicom_seg_may_be_a_label_map():
    require_dicom_seg(Path("spine.DCM"))
