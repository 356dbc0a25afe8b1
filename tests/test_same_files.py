"""Window, command, batch and Python write the same bytes for the same scan and settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from spineviewer import api, cli
from spineviewer.app.exporting import ExportKind, ExportOrder, export
from spineviewer.app.mask_snapshot import MaskSnapshot
from spineviewer.app.services import LocalServices
from spineviewer.editing.correction import Correction
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import CtVolume

pytestmark = pytest.mark.usefixtures("with_tiny_models")
NUMBERS = ("--threshold", "0.3", "--sigma-mm", "4", "--segmentation-threshold", "0.45")
TUNING = Tuning(0.3, 4.0, 0.45)


@pytest.fixture(scope="module")
def scan(small_scan: CtVolume, tmp_path_factory: pytest.TempPathFactory) -> Path:
    image = sitk.GetImageFromArray(small_scan.hu[::-1])
    image.SetSpacing(small_scan.geometry.spacing_zyx_mm[::-1])
    path = tmp_path_factory.mktemp("scan") / "sub-1_ct.nii.gz"
    sitk.WriteImage(image, str(path))
    return path


def written_by_window(scan: Path, targets: dict[ExportKind, Path]) -> None:
    progress = JobProgress()
    services = LocalServices()
    try:
        volume = services.read_scan(scan, None, progress)
        fusion, record = services.segment(volume, TUNING, progress, lambda _: None)
        if ExportKind.PROBABILITY in targets:
            fusion, record = services.extend(volume, fusion, None, progress, lambda _: None)
        snapshot = MaskSnapshot(fusion, None, Correction(volume.geometry.shape_zyx), TUNING)
        export(ExportOrder(volume.source, snapshot, record, targets), progress)
    finally:
        services.close()


def test_the_mask_of_window_command_and_batch_is_one_file(scan: Path, tmp_path: Path) -> None:
    window, command = tmp_path / "window.nii.gz", tmp_path / "command.nii.gz"
    written_by_window(scan, {ExportKind.MASK: window})
    assert cli.main(["segment", str(scan), "-o", str(command), *NUMBERS]) == 0
    assert cli.main(["batch", str(scan.parent), "-o", str(tmp_path / "batch"), *NUMBERS]) == 0
    batch = tmp_path / "batch" / "sub-1_seg-spine_msk.nii.gz"
    assert np.frombuffer(window.read_bytes(), np.uint8).size > 100
    assert window.read_bytes() == command.read_bytes()
    assert window.read_bytes() == batch.read_bytes()


def test_maps_and_surface_of_window_and_command_are_one_file_each(
    scan: Path, tmp_path: Path
) -> None:
    names = {
        ExportKind.MASK: ("-o", "mask.nrrd"),
        ExportKind.ATTENTION: ("--attention", "attention.nii.gz"),
        ExportKind.PROBABILITY: ("--probability", "bone.nrrd"),
        ExportKind.SURFACE: ("--surface", "surface.ply"),
    }
    for folder in ("window", "command"):
        (tmp_path / folder).mkdir()
    written_by_window(scan, {kind: tmp_path / "window" / name for kind, (_, name) in names.items()})
    options = [
        word
        for option, name in names.values()
        for word in (option, str(tmp_path / "command" / name))
    ]
    assert cli.main(["segment", str(scan), *options, *NUMBERS]) == 0
    for _, name in names.values():
        window, command = (tmp_path / folder / name for folder in ("window", "command"))
        assert window.read_bytes() == command.read_bytes(), name


def test_vertebrae_and_measurements_of_command_batch_and_python_are_one_file_each(
    scan: Path, tmp_path: Path
) -> None:
    batch = tmp_path / "batch"
    labels, table = tmp_path / "labels.nii.gz", tmp_path / "table.json"
    options = ["--vertebrae", str(labels), "--measurements", str(table)]
    mask = str(tmp_path / "mask.nii.gz")
    assert cli.main(["segment", str(scan), "-o", mask, *options, *NUMBERS]) == 0
    options = ["-o", str(batch), "--vertebrae", "--measurements"]
    assert cli.main(["batch", str(scan.parent), *options, *NUMBERS]) == 0
    python = tmp_path / "python"
    python.mkdir()
    api.segment(scan, threshold=0.3, sigma_mm=4.0, segmentation_threshold=0.45).save(
        vertebrae=python / "labels.nii.gz", measurements=python / "table.json"
    )
    for written, beside in (
        (labels, batch / "sub-1_seg-vert_msk.nii.gz"),
        (table, batch / "sub-1_seg-spine_msk_measurements.json"),
    ):
        assert written.read_bytes() == beside.read_bytes()
        assert written.read_bytes() == (python / written.name).read_bytes()
