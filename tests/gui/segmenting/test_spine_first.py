"""The networks first compute the part of the scan with the spine.

The rest is computed when it is needed, and is never shown as 'no spine'.
"""

import threading
from dataclasses import replace

import nibabel
import numpy as np
import pytest
from conftest import emitted, frame_of, hatched_columns
from fakes import TUNING, FakeBackend, maps_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.app.exporting import ExportKind
from spineviewer.app.overlay import make_overlay
from spineviewer.app.services import LocalServices
from spineviewer.app.state import SegmentationStage
from spineviewer.gui.reporting.export_dialog import ExportDialog
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane

LEFT = Qt.MouseButton.LeftButton
#: A threshold so low that the whole scan is computed.
FAR = Tuning(0.0, 20.0, 0.5)


def segmented(qtbot, make_window, scan, **choices):
    window = make_window(FakeBackend([scan], is_spine_first=True, **choices), scan=scan)
    QTest.mouseClick(window.panel.run_box.segment_button, LEFT)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.DONE)
    return window


def backend_of(window):
    return window.workspace.services


def frame_in(window, plane=Plane.AXIAL):
    view = window.area.views[plane]
    return frame_of(view, window.verbs.state, window.verbs.fusion)


def test_a_part_is_enough_for_the_mask_and_the_rest_is_drawn_as_not_segmented(
    qtbot, make_window, scan
):
    window = segmented(qtbot, make_window, scan)
    state = window.verbs.state
    assert 0.1 < state.computed_fraction < 0.9
    attention, probability = maps_of(scan)
    whole = make_overlay(attention, probability, TUNING).mask(TUNING, JobProgress())
    assert np.array_equal(state.fused.mask.voxels, whole.mask.voxels)
    frame = frame_in(window)
    assert (
        hatched_columns(frame)[0][0] == 0
        and hatched_columns(frame)[-1][1] == scan.geometry.shape_zyx[2]
    )
    assert frame.parts["uncomputed area"].hatching.is_faint
    assert "not segmented" in window.panel.run_box.run_note.text()


def test_a_slider_that_reaches_further_triggers_computation_and_the_mask_follows(
    qtbot, make_window, scan
):
    window = segmented(qtbot, make_window, scan)
    window.verbs.set_tuning(FAR)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert backend_of(window).extended == [FAR]
    assert window.verbs.state.stage is SegmentationStage.DONE
    assert window.verbs.state.computed_fraction == 1.0
    assert not hatched_columns(frame_in(window))
    assert "not segmented" not in window.panel.run_box.run_note.text()


def test_a_stricter_threshold_computes_nothing(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan)
    window.verbs.set_tuning(Tuning(0.6, 6.0, 0.5))
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert backend_of(window).extended == []


def test_stopping_leaves_the_rest_hatched_and_a_command_resumes_it(qtbot, make_window, scan):
    gate = threading.Event()
    window = segmented(qtbot, make_window, scan, rest_gate=gate)
    window.verbs.set_tuning(FAR)
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.RUNNING)
    assert not frame_in(window).parts["uncomputed area"].hatching.is_faint
    assert not window.actions_by_name["export"].isEnabled()
    window.actions_by_name["cancel"].trigger()
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.STOPPED)
    assert hatched_columns(frame_in(window))
    assert len(backend_of(window).extended) == 1
    gate.set()
    window.actions_by_name["compute_rest"].trigger()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert window.verbs.state.computed_fraction == 1.0
    assert not window.actions_by_name["compute_rest"].isEnabled()


def test_after_a_stop_the_first_thresholds_show_the_mask_again(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan, rest_gate=threading.Event())
    window.verbs.set_tuning(FAR)
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.RUNNING)
    window.verbs.cancel()
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.STOPPED)
    window.verbs.set_tuning(TUNING)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert window.actions_by_name["export"].isEnabled()


def test_exporting_the_probability_computes_the_rest_first(qtbot, make_window, scan, tmp_path):
    window = segmented(qtbot, make_window, scan)
    dialog = ExportDialog(window.verbs.state, ".nii.gz", parent=window)
    assert dialog.checks[ExportKind.PROBABILITY].isEnabled()
    assert "segmented first" in dialog.checks[ExportKind.PROBABILITY].toolTip()
    dialog.close()
    path = tmp_path / "probability.nii.gz"
    with emitted(qtbot, window.workspace.front.exports.written):
        window.verbs.export({ExportKind.PROBABILITY: path}, may_overwrite=False)
    assert backend_of(window).extended == [None]
    assert nibabel.load(path).shape == scan.geometry.shape_zyx[::-1]


def test_a_mask_requested_during_a_slider_move_is_that_of_the_slider(
    qtbot, make_window, scan, tmp_path
):
    window = segmented(qtbot, make_window, scan)
    path = tmp_path / "mask.nii.gz"
    with emitted(qtbot, window.workspace.front.exports.written):
        window.verbs.set_tuning(FAR)
        window.verbs.export({ExportKind.MASK: path}, may_overwrite=False)
    attention, probability = maps_of(scan)
    whole = make_overlay(attention, probability, FAR).mask(FAR, JobProgress()).mask.voxels
    assert backend_of(window).extended == [FAR]
    assert np.count_nonzero(nibabel.load(path).dataobj) == np.count_nonzero(whole)


def test_another_scan_drops_an_extension_in_progress(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan, rest_gate=threading.Event())
    window.verbs.compute_rest()
    window.verbs.show_scan(replace(scan, hu=scan.hu + np.int16(1)))
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    assert window.verbs.fusion is None
    assert window.verbs.state.stage is SegmentationStage.NONE


@pytest.mark.usefixtures("with_tiny_models")
def test_with_the_real_engine_the_first_mask_and_the_extended_one_are_those_of_a_full_computation(
    small_scan,
):
    services, quiet = LocalServices(), JobProgress()
    try:
        everything, _ = services.extend(
            small_scan, overlay_without_answers(small_scan), None, quiet, lambda _: None
        )
        assert everything.is_complete
        cells = everything._fusion.extended.volume(4.0).max(axis=(0, 1))
        near, far = (Tuning(float(np.quantile(cells, q)), 4.0, 0.5) for q in (0.8, 0.4))
        first, _ = services.segment(small_scan, near, quiet, lambda _: None)
        assert 0 < first.computed_fraction < 1
        assert np.array_equal(
            first.mask(near, quiet).mask.voxels, everything.mask(near, quiet).mask.voxels
        )
        parts = []
        further, report = services.extend(small_scan, first, far, quiet, parts.append)
        assert first.computed_fraction < parts[-1].computed_fraction <= further.computed_fraction
        assert np.array_equal(
            further.mask(far, quiet).mask.voxels, everything.mask(far, quiet).mask.voxels
        )
        again, _ = services.extend(small_scan, further, far, quiet, lambda _: None)
        assert again.computed_fraction == further.computed_fraction
        assert report["seconds"]["segmentation"] > 0
    finally:
        services.close()


def overlay_without_answers(scan):
    attention, _ = maps_of(scan)
    return make_overlay(attention, None, TUNING)
