"""The main task with real files: window and command line must give the same mask."""

import json

import nibabel
import numpy as np
import pytest
from conftest import emitted
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from spineviewer import cli
from spineviewer.app.exporting import ExportKind
from spineviewer.app.services import LocalServices
from spineviewer.app.state import SegmentationStage
from spineviewer.gui.reporting.export_dialog import ExportDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scan_file(small_scan, tmp_path):
    """Write a scan that is oblique, flipped, and not in canonical order."""
    rotation = np.radians(7)
    affine = np.eye(4)
    affine[:3, :3] = [
        [-np.cos(rotation), -np.sin(rotation), 0],
        [np.sin(rotation), -np.cos(rotation), 0],
        [0, 0, 1],
    ] @ np.diag([0.9, 1.3, 2.1])
    affine[:3, 3] = [12.5, -30.25, 140.75]
    path = tmp_path / "sub-07_ct.nii.gz"
    nibabel.save(nibabel.Nifti1Image(small_scan.hu.transpose(2, 1, 0), affine), path)
    return path


def drag_slider(slider, steps):
    start = QPoint(round(slider.handle_x()), slider.height() // 2)
    stop = start + QPoint(steps, 0)
    QTest.mousePress(slider, LEFT, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(slider, stop)
    QTest.mouseRelease(slider, LEFT, Qt.KeyboardModifier.NoModifier, stop)


def test_the_window_exports_the_same_mask_as_the_command_line(
    qtbot, make_window, scan_file, tmp_path, with_tiny_models, capsys
):
    window = make_window(LocalServices())
    window.opener.open_path(scan_file)
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    QTest.mouseClick(window.panel.run_box.segment_button, LEFT)
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.DONE)
    QTest.mouseClick(window.panel.export_button, LEFT)
    dialog = window.findChild(ExportDialog)
    assert dialog.targets()[ExportKind.MASK] == tmp_path / "sub-07_seg-spine_msk.nii.gz"
    dialog.close()
    from_window, from_command = tmp_path / "window.nii.gz", tmp_path / "command.nii.gz"

    QTest.mouseClick(window.panel.tuning_box.numbers_button, LEFT)
    with emitted(qtbot, window.workspace.front.exports.written):
        drag_slider(window.panel.tuning_box.attention_threshold.slider, -25)
        drag_slider(window.panel.tuning_box.sigma.slider, 20)
        shown = window.verbs.state.tuning
        window.verbs.export({ExportKind.MASK: from_window}, may_overwrite=False)

    assert shown.attention_threshold < 0.4
    assert shown.sigma_mm > 5.0
    arguments = ["segment", scan_file, "-o", from_command, "--json"]
    arguments += ["--threshold", shown.attention_threshold, "--sigma-mm", shown.sigma_mm]
    arguments += ["--segmentation-threshold", shown.segmentation_threshold]
    assert cli.main([str(argument) for argument in arguments]) == 0
    answer = json.loads(capsys.readouterr().out)
    one, other = nibabel.load(from_window), nibabel.load(from_command)
    assert 0 < answer["voxels"] < one.shape[0] * one.shape[1] * one.shape[2]
    assert (np.asarray(one.dataobj) == np.asarray(other.dataobj)).all()
    assert np.allclose(one.affine, nibabel.load(scan_file).affine, atol=1e-5)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert window.verbs.state.fused.volume_ml == pytest.approx(answer["volume_ml"], rel=1e-5)


def test_a_cancel_stops_the_engine_and_it_can_run_again(
    qtbot, make_window, scan_file, with_tiny_models
):
    window = make_window(LocalServices())
    window.opener.open_path(scan_file)
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    QTest.mouseClick(window.panel.run_box.segment_button, LEFT)
    assert window.verbs.state.stage is SegmentationStage.RUNNING
    QTest.mouseClick(window.panel.run_box.cancel_button, LEFT)
    qtbot.waitUntil(lambda: window.verbs.state.stage is not SegmentationStage.RUNNING)
    QTest.mouseClick(window.panel.run_box.segment_button, LEFT)
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.DONE)
