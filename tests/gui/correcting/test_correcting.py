from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import emitted, segment
from fakes import TUNING, FakeBackend, spine_volume
from pointer import drag_voxels
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from spineviewer.app.exporting import ExportKind
from spineviewer.editing.brush import Brush
from spineviewer.editing.correction import ADDED, REMOVED
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane

LEFT, NONE, NO_KEY = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.NoButton,
    Qt.KeyboardModifier.NoModifier,
)
#: A voxel of the column and one of soft tissue beside it, in one sagittal slice.
INSIDE, OUTSIDE = (50, 48, 36), (50, 20, 36)


@pytest.fixture
def window(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    segment(qtbot, window)
    window.verbs.move_to(INSIDE)
    return window


def stroke(window, start, stop, plane=Plane.SAGITTAL):
    drag_voxels(window.area.views[plane], start, stop)


def shown_mask(window, plane):
    """Return the mask that the view draws: the tint's pixels differ from the scan's."""
    verbs = window.verbs
    index = verbs.state.crosshair_zyx[plane.value]
    return verbs.correction.corrected_plane(
        verbs.fusion.mask_plane(plane.value, index, verbs.state.tuning), plane.value, index
    )


def test_the_brush_adds_the_eraser_removes_and_the_volume_follows(window, scan):
    before = window.verbs.facts.volume_ml
    QTest.keyClick(window, Qt.Key.Key_A)
    assert window.panel.correct_box.isVisible()
    stroke(window, OUTSIDE, (60, 20, 36))
    assert window.verbs.correction.plane(2, 36)[50, 20] == ADDED
    added = window.verbs.facts.volume_ml
    covered = np.count_nonzero(
        [
            window.verbs.correction.plane(2, x) == ADDED
            for x in range(72)
            if window.verbs.correction.plane(2, x) is not None
        ]
    )
    assert added - before == pytest.approx(covered * scan.geometry.voxel_volume_ml)
    assert window.panel.volume_label.text() == f"{added:.1f} ml"
    QTest.keyClick(window, Qt.Key.Key_E)
    stroke(window, INSIDE, (55, 48, 36))
    assert window.verbs.correction.plane(2, 36)[50, 48] == REMOVED
    assert window.verbs.facts.volume_ml < added
    assert not shown_mask(window, Plane.SAGITTAL)[50, 48]
    assert shown_mask(window, Plane.SAGITTAL)[50, 20]


def test_painting_neither_moves_the_crosshair_nor_the_grey_scale(window):
    state = window.verbs.state
    QTest.keyClick(window, Qt.Key.Key_A)
    stroke(window, OUTSIDE, (60, 20, 36))
    assert window.verbs.state.crosshair_zyx == state.crosshair_zyx
    assert window.verbs.state.window == state.window


def test_undo_and_redo_apply_to_whole_strokes(window):
    QTest.keyClick(window, Qt.Key.Key_A)
    stroke(window, OUTSIDE, (60, 20, 36))
    stroke(window, (70, 20, 36), (80, 20, 36))
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert window.verbs.correction.plane(2, 36)[75, 20] == 0
    assert window.verbs.correction.plane(2, 36)[55, 20] == ADDED
    QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert window.verbs.correction.is_empty
    QTest.keyClick(window, Qt.Key.Key_Y, control)
    assert window.verbs.correction.plane(2, 36)[55, 20] == ADDED
    window.actions_by_name["discard"].trigger()
    assert window.verbs.correction.is_empty
    QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert window.verbs.correction.plane(2, 36)[55, 20] == ADDED


def test_corrections_survive_sliders(qtbot, window):
    QTest.keyClick(window, Qt.Key.Key_A)
    stroke(window, OUTSIDE, (60, 20, 36))
    for threshold in (0.6, 0.05):
        window.verbs.set_tuning(Tuning(threshold, 9.0, 0.5))
        qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
        assert shown_mask(window, Plane.SAGITTAL)[55, 20]


def test_a_flat_brush_and_a_bone_brush_change_only_what_they_should(window, scan):
    window.verbs.set_brush(Brush(6.0), is_flat=True)
    QTest.keyClick(window, Qt.Key.Key_A)
    stroke(window, OUTSIDE, (60, 20, 36))
    assert (
        window.verbs.correction.plane(2, 35) is None
        or not window.verbs.correction.plane(2, 35).any()
    )
    window.verbs.undo()
    window.verbs.set_brush(Brush(12.0, min_hu=300), is_flat=False)
    stroke(window, (50, 35, 36), (60, 35, 36))
    touched = (
        np.stack(
            [
                p
                if (p := window.verbs.correction.plane(0, z)) is not None
                else np.zeros((80, 72), np.int8)
                for z in range(96)
            ]
        )
        != 0
    )
    assert touched.any()
    assert scan.hu[touched].min() >= 300


def test_exports_contain_the_corrections(qtbot, window, tmp_path):
    nibabel = pytest.importorskip("nibabel")
    QTest.keyClick(window, Qt.Key.Key_E)
    stroke(window, INSIDE, (60, 48, 36))
    target = tmp_path / "mask.nii.gz"
    with emitted(qtbot, window.workspace.front.exports.written):
        window.verbs.export({ExportKind.MASK: target}, may_overwrite=False)
        window.verbs.undo()
    fused = window.verbs.fusion.mask(TUNING, JobProgress()).mask.voxels
    written = np.asarray(nibabel.load(target).dataobj).transpose(2, 1, 0) > 0
    assert fused[50, 48, 36]
    assert not written[50, 48, 36]
    assert (written & ~fused).sum() == 0


def test_corrections_are_restored_when_the_scan_is_opened_again(qtbot, window, scan):
    QTest.keyClick(window, Qt.Key.Key_A)
    stroke(window, OUTSIDE, (60, 20, 36))
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    window.verbs.close_scan()
    other = replace(scan, hu=scan.hu + np.int16(1))
    window.verbs.show_scan(other)
    assert window.verbs.correction.is_empty
    moved = spine_volume(path=scan.source.path.with_name("renamed.nii.gz"))
    window.verbs.show_scan(moved)
    assert window.verbs.correction.plane(2, 36)[55, 20] == ADDED
    assert any(
        "Restored from last time: corrections." in notice.text
        for notice in window.banners.notices()
    )
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)


def test_brackets_change_the_brush_only_if_there_is_a_mask(qtbot, make_window, window, scan):
    QTest.keyClick(window, Qt.Key.Key_A)
    radius = window.verbs.brush.radius_mm
    QTest.keyClick(window, Qt.Key.Key_BracketRight)
    assert window.verbs.brush.radius_mm == radius + 0.5
    window.verbs.show_scan(spine_volume(path=Path("other.nii.gz")))
    assert not window.actions_by_name["tool_brush"].isEnabled()
    assert window.actions_by_name["tool_window"].isChecked()
    view = window.area.views[Plane.SAGITTAL]
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, QPoint(40, 40))
    assert window.verbs.correction.is_empty
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
