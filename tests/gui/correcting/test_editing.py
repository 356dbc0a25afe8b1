"""Outlines, pieces and edits of the whole mask with mouse and keys; each is one undo step."""

import numpy as np
import pytest
from conftest import segment
from fakes import TUNING, FakeBackend
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spineviewer.app.jobs import JobKind
from spineviewer.editing.brush import Brush
from spineviewer.editing.correction import ADDED, REMOVED
from spineviewer.editing.whole_mask import EditKind
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane

LEFT, NONE, NO_KEY = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.NoButton,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
def window(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    segment(qtbot, window)
    window.verbs.move_to((50, 48, 36))
    return window


def draw(window, points, plane=Plane.SAGITTAL):
    view = window.area.views[plane]
    places = [view.widget_position(point) for point in points]
    QTest.mousePress(view.viewport(), LEFT, NO_KEY, places[0].toPoint())
    for place in places[1:]:
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            place,
            QPointF(view.viewport().mapToGlobal(place.toPoint())),
            NONE,
            LEFT,
            NO_KEY,
        )
        QApplication.sendEvent(view.viewport(), event)
    view.grab()
    QTest.mouseRelease(view.viewport(), LEFT, NO_KEY, places[-1].toPoint())


def corrected(window):
    verbs = window.verbs
    return verbs.correction.corrected_mask(
        verbs.fusion.mask(verbs.state.tuning, JobProgress()).mask.voxels
    )


def edited(qtbot, window, action):
    revision = window.verbs.correction.revision
    window.actions_by_name[action].trigger()
    qtbot.waitUntil(
        lambda: (
            window.verbs.correction.revision != revision
            and not window.verbs.runner.is_running(JobKind.EDIT)
        )
    )


def square(z0, z1, y0, y1, x):
    return [(z0, y0, x), (z0, y1, x), (z1, y1, x), (z1, y0, x)]


def test_the_lasso_adds_its_inside_in_this_slice_only(window):
    QTest.keyClick(window, Qt.Key.Key_Q)
    draw(window, square(40.4, 49.6, 14.4, 21.6, 36))
    signs = window.verbs.correction.plane(2, 36)
    assert signs[45, 18] == ADDED
    # a pixel of the screen is less than a voxel
    assert abs(int((signs == ADDED).sum()) - 9 * 7) <= 12
    assert (
        window.verbs.correction.plane(2, 35) is None
        or not window.verbs.correction.plane(2, 35).any()
    )
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    draw(window, square(47, 53, 45, 51, 36))
    assert window.verbs.correction.plane(2, 36)[50, 48] == REMOVED
    window.verbs.undo()
    assert window.verbs.correction.plane(2, 36)[50, 48] == 0


def test_drawings_in_two_slices_are_interpolated_between_them(qtbot, window):
    assert not window.actions_by_name["fill_between"].isEnabled()
    for x in (30, 36):
        window.verbs.move_to((50, 48, x))
        window.actions_by_name["tool_lasso"].trigger()
        draw(window, square(40, 50, 14, 22, x))
    assert window.actions_by_name["fill_between"].isEnabled()
    edited(qtbot, window, "fill_between")
    for x in range(31, 36):
        assert window.verbs.correction.plane(2, x)[45, 18] == ADDED
    assert (
        window.verbs.correction.plane(2, 37) is None
        or window.verbs.correction.plane(2, 37)[45, 18] == 0
    )
    window.verbs.undo()
    assert window.verbs.correction.plane(2, 33) is None


def test_growing_and_shrinking_change_the_volume_and_survive_a_slider(qtbot, window):
    before = corrected(window)
    window.verbs.set_brush(Brush(4.0, min_hu=-100), is_flat=False)
    edited(qtbot, window, "grow")
    after = corrected(window)
    assert after.sum() > before.sum()
    assert (after >= before).all()
    added = after & ~before
    assert window.verbs.state.scan.hu[added].min() >= -100
    window.verbs.set_tuning(Tuning(0.3, 6.0, 0.5))
    assert corrected(window)[added].all()
    for _ in range(2):  # the thresholds, then the growth
        window.verbs.undo()
    assert window.verbs.state.tuning == TUNING
    assert (corrected(window) == before).all()
    qtbot.waitUntil(lambda: window.verbs.is_mask_possible and window.verbs.state.is_mask_current)
    edited(qtbot, window, "shrink")
    assert 0 < corrected(window).sum() < before.sum()


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_click_keeps_or_removes_a_piece(qtbot, window, is_kept):
    window.verbs.begin_stroke(Plane.SAGITTAL, (50.0, 10.0, 36.0), is_adding=True)
    window.verbs.end_stroke()
    before = corrected(window)
    assert before[50, 10, 36]
    window.actions_by_name["tool_keep_piece" if is_kept else "tool_remove_piece"].trigger()
    revision = window.verbs.correction.revision
    draw(window, [(50, 10, 36)])
    qtbot.waitUntil(lambda: window.verbs.correction.revision != revision)
    after = corrected(window)
    assert after[50, 10, 36] == is_kept
    assert after[50, 48, 36] != is_kept
    window.verbs.undo()
    assert (corrected(window) == before).all()


def test_holes_are_filled_and_smoothing_reports_that_there_is_nothing_to_change(qtbot, window):
    window.verbs.set_brush(Brush(1.0), is_flat=False)
    window.verbs.begin_stroke(Plane.SAGITTAL, (50.0, 48.0, 36.0), is_adding=False)
    window.verbs.end_stroke()
    assert not corrected(window)[50, 48, 36]
    edited(qtbot, window, "fill_holes")
    assert corrected(window)[50, 48, 36]
    window.verbs.edit_whole_mask(EditKind.FILL)
    qtbot.waitUntil(lambda: any("nothing to change" in n.text for n in window.banners.notices()))


def test_the_panel_limits_brush_and_edits_to_a_range_of_hu(qtbot, window):
    window.actions_by_name["tool_brush"].trigger()
    box = window.panel.correct_box
    assert box.isVisible()
    box.hu_check.setChecked(True)
    box.min_field.setValue(200)
    box.max_field.setValue(900)
    assert (window.verbs.brush.min_hu, window.verbs.brush.max_hu) == (200, 900)
    window.verbs.set_brush(Brush(12.0, min_hu=300, max_hu=620), is_flat=False)
    draw(window, [(50, 35, 36), (60, 35, 36)])
    touched = np.stack(
        [
            s if (s := window.verbs.correction.plane(0, z)) is not None else np.zeros((80, 72))
            for z in range(96)
        ]
    )
    assert (touched == ADDED).any()
    hu = window.verbs.state.scan.hu[touched == ADDED]
    assert hu.min() >= 300 and hu.max() <= 620
