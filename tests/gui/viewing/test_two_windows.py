"""Bone and soft tissue side by side: the same planes in two grey-scale windows, moved together."""

import pytest
from conftest import settle
from fakes import FakeBackend
from pointer import drag
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from spineviewer.app.state import PRESETS
from spineviewer.gui.viewing.layouts import Layout, Twin
from spineviewer.volume.planes import Plane


@pytest.fixture
def window(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    QTest.keyClick(window, Qt.Key.Key_7, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, window)
    return window


def visible(window):
    return {member for member, view in window.area.members.items() if view.isVisible()}


def drag_by(view, by):
    start = view.viewport().rect().center() + QPoint(15, 15)
    drag(view, start, start + by)


def test_one_key_shows_sagittal_and_axial_in_bone_and_soft_tissue(window):
    assert window.area.layout_kind is Layout.WINDOWS
    assert visible(window) == {Plane.SAGITTAL, Plane.AXIAL, Twin.SAGITTAL, Twin.AXIAL}
    first, second = window.area.views[Plane.AXIAL], window.area.twins[Twin.AXIAL]
    assert first.scene.state.window == PRESETS[0].window
    assert second.scene.state.window == PRESETS[2].window
    assert first.annotations.text.window != second.annotations.text.window
    assert first.grab().toImage() != second.grab().toImage()


def test_both_views_of_a_plane_show_the_same_slice_and_part(qtbot, window):
    first, second = window.area.views[Plane.SAGITTAL], window.area.twins[Twin.SAGITTAL]
    second.scroll_by(5)
    assert first.cut == second.cut
    assert window.workspace.front.state.crosshair_zyx[2] == 36 + 5
    first.zoom_by(2.0)
    assert second.framing.camera.part_mm == first.framing.camera.part_mm
    second.pan_by(30, 10)
    assert first.framing.camera.part_mm == second.framing.camera.part_mm
    first.fit()
    assert second.framing.is_fitted
    settle(qtbot, window)


def test_a_drag_changes_the_grey_scale_of_its_own_pair(window):
    display = window.workspace.front
    drag_by(window.area.twins[Twin.AXIAL], QPoint(40, 0))
    assert display.state.window == PRESETS[0].window
    assert display.state.second_window.width_hu > PRESETS[2].window.width_hu
    soft = display.state.second_window
    drag_by(window.area.views[Plane.AXIAL], QPoint(40, 0))
    assert display.state.window.width_hu > PRESETS[0].window.width_hu
    assert display.state.second_window == soft


def test_a_preset_goes_to_the_pair_of_the_active_view(window):
    state = lambda: window.workspace.front.state  # noqa: E731
    window.area.set_active(Twin.SAGITTAL)
    QTest.keyClick(window, Qt.Key.Key_4)
    assert (state().window, state().second_window) == (PRESETS[0].window, PRESETS[3].window)
    window.area.set_active(Plane.SAGITTAL)
    QTest.keyClick(window, Qt.Key.Key_2)
    assert (state().window, state().second_window) == (PRESETS[1].window, PRESETS[3].window)


def test_the_toolbar_and_the_histogram_show_the_window_of_the_active_view(window):
    control, button = window.toolbar.window_control, window.toolbar.preset_button
    window.area.set_active(Twin.SAGITTAL)
    assert button.text().startswith("Soft tissue")
    window.toolbar.open_window_control()
    assert (control.width_field.value(), control.level_field.value()) == (400, 40)
    QTest.keyClick(control, Qt.Key.Key_4)
    state = window.workspace.front.state
    assert (state.window, state.second_window) == (PRESETS[0].window, PRESETS[3].window)
    assert (control.width_field.value(), control.level_field.value()) == (1500, -600)
    control.width_field.setValue(1000)
    assert window.workspace.front.state.second_window.width_hu == 1000
    control.hide()
    window.area.set_active(Plane.SAGITTAL)
    assert button.text().startswith("Bone")


def test_the_layout_never_opens_with_the_same_window_twice(window):
    display = window.workspace.front.display
    for first, second in ((0, 2), (2, 0)):
        display.set_window(PRESETS[first].window)
        display.set_window(PRESETS[first].window, is_second=True)
        window.actions_by_name["layout_windows"].trigger()
        assert window.workspace.front.state.second_window == PRESETS[second].window


def test_a_key_image_of_a_second_view_is_in_its_own_window(window):
    window.area.set_active(Twin.AXIAL)
    QTest.keyClick(window.area.twins[Twin.AXIAL], Qt.Key.Key_K)
    (image,) = window.workspace.front.parts.draft.images
    assert (image.view, image.window) == ("axial", PRESETS[2].window)


def test_the_layout_and_both_windows_come_back_with_a_session(qtbot, window, tmp_path):
    window.workspace.front.display.use_preset(4, is_second=True)
    path = tmp_path / "work.spineview"
    window.workspace.front.autosave.save(path)
    qtbot.waitUntil(path.exists)
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
    from spineviewer.app.session import read_session

    session = read_session(path)
    assert (session.views.layout, session.second_window) == ("windows", PRESETS[3].window)
