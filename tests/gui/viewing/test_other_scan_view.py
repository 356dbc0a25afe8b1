"""Two scans side by side, which move by the same distance."""

import gc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeBackend, spine_volume
from pointer import drag
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from spineviewer.app.notices import Notice, Severity
from spineviewer.app.side_by_side import SideBySide
from spineviewer.app.state import SegmentationStage
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation
from spineviewer.wording import worded


@pytest.fixture
def window(make_window):
    fine = spine_volume(path=Path("a.nii.gz"), shape=(96, 80, 72), spacing=(1.0, 1.5, 1.5))
    coarse = spine_volume(path=Path("b.nii.gz"), shape=(48, 80, 72), spacing=(2.0, 1.5, 1.5))
    window = make_window(FakeBackend([fine, coarse]))
    window.verbs.show_scan(coarse)
    window.verbs.show_scan(fine)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    window.other_view.header.lock.setChecked(True)  # the files do not name a patient
    window.area.set_active(Plane.AXIAL)
    return window


def test_the_other_scan_moves_by_the_same_distance(window):
    beside = window.other_view
    assert beside.isVisible()
    assert beside.header.choice.currentText() == "b.nii.gz"
    before = beside.state.crosshair_zyx[0]
    window.verbs.scroll(Plane.AXIAL, 10)
    assert beside.state.crosshair_zyx[0] == before + 5
    assert beside.views[Plane.AXIAL].isVisible()


def test_scrolling_the_other_scan_changes_the_fixed_distance(window):
    beside = window.other_view
    before = beside.state.crosshair_zyx[0]
    beside.views[Plane.AXIAL].scrolled.emit(3)
    assert beside.state.crosshair_zyx[0] == before + 3
    window.verbs.scroll(Plane.AXIAL, 4)
    assert beside.state.crosshair_zyx[0] == before + 5


def test_unlocked_the_other_scan_does_not_move_and_with_one_scan_it_is_hidden(window):
    beside = window.other_view
    beside.header.lock.setChecked(False)
    before = beside.state.crosshair_zyx
    window.verbs.scroll(Plane.AXIAL, 10)
    assert beside.state.crosshair_zyx == before
    window.verbs.close_scan()
    assert not beside.isVisible()
    assert not window.actions_by_name["side_by_side"].isEnabled()


def test_the_status_bar_names_the_scan_under_the_pointer(window):
    status, other = window.status, window.other_view.state
    status.show_pointer(other, (10, 20, 30))
    assert status.scan_label.text().startswith("Right: b.nii.gz")
    assert status.pointer_label.text().startswith("Right:")
    status.show_pointer(window.workspace.front.state, (10, 20, 30))
    assert status.scan_label.text().startswith("a.nii.gz")
    assert not status.pointer_label.text().startswith("Right:")
    status.show_pointer(other, (10, 20, 30))
    status.show_pointer(None, None)
    assert status.scan_label.text().startswith("a.nii.gz")


def test_the_offset_is_still_there_after_the_right_side_was_hidden(window):
    beside = window.other_view
    beside.views[Plane.AXIAL].scrolled.emit(3)
    place = beside.state.crosshair_zyx
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert beside.isVisible()
    assert beside.state.crosshair_zyx == place


def test_a_closed_scan_is_announced_and_nothing_holds_it(window):
    workspace, closed = window.workspace, []
    workspace.scan_closed.connect(closed.append)
    right = workspace.other_scan
    workspace.choose_other_scan(right)
    volume, count = right.volume, len(workspace.scans)
    workspace.close(right)
    assert closed == [right]
    assert not right.is_open
    assert len(workspace.scans) == count - 1
    assert all(view.scene is None for view in window.other_view.views.values())
    del closed, right
    gc.collect()
    holders = [one for one in gc.get_referrers(volume) if type(one).__module__ != "types"]
    assert not [one for one in holders if type(one).__name__ in ("ScanState", "Scene")]


def test_a_tool_that_changes_something_ends_with_a_switch_to_another_scan(window):
    window.area.use_tool("distance")
    window.workspace.switch_to(0)
    assert window.area.tool.name == window.area.default_tool
    window.area.use_tool("pan")
    window.workspace.switch_to(1)
    assert window.area.tool.name == "pan"


@pytest.mark.parametrize("is_hidden", [True, False])
def test_the_scan_that_was_on_the_right_can_be_closed(window, is_hidden):
    fine = window.workspace.front
    if is_hidden:
        QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    on_the_right = next(scan for scan in window.workspace.scans if scan is not fine)
    window.verbs.switch_to(window.workspace.scans.index(on_the_right))
    window.verbs.close_scan()
    assert window.workspace.front is fine
    assert window.windowTitle().startswith("a.nii.gz")
    assert all(view.scene.state.scan is fine.volume for view in window.area.views.values())
    assert all(view.scene is None for view in window.other_view.views.values())


def test_the_right_side_can_be_chosen_and_both_sides_are_named(make_window, tmp_path):
    scans = [spine_volume(path=tmp_path / f"{name}.nii.gz") for name in "abc"]
    window = make_window(FakeBackend(scans))
    for scan in scans:
        window.verbs.show_scan(scan)
    assert not window.scan_page.front_name.isVisible()
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    beside = window.other_view
    assert window.scan_page.front_name.text() == "Left: c.nii.gz"
    assert [beside.header.choice.itemText(n) for n in range(2)] == ["a.nii.gz", "b.nii.gz"]
    assert beside.header.choice.currentText() == "a.nii.gz"
    beside.header.choice.setCurrentIndex(1)
    beside.header.choice.activated.emit(1)
    assert beside.header.choice.currentText() == "b.nii.gz"
    assert beside.state.scan is scans[1]
    window.verbs.switch_to(1)  # what was on the right becomes active
    assert window.scan_page.front_name.text() == "Left: b.nii.gz"
    assert beside.state.scan is scans[2]


@pytest.mark.parametrize(("one", "other"), [("1", "2"), ("", ""), ("", "2")])
def test_scans_that_may_be_of_different_patients_are_scrolled_together_only_on_request(
    make_window, tmp_path, one, other
):
    def of_patient(number):
        scan = spine_volume(path=tmp_path / f"{len(made)}.nii.gz")
        made.append(number)
        identity = replace(scan.source.identity, patient_id=number)
        return replace(scan, source=replace(scan.source, identity=identity))

    made = []
    scans = [of_patient(one), of_patient(other)]
    window = make_window(FakeBackend(scans))
    for scan in scans:
        window.verbs.show_scan(scan)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert not window.other_view.header.lock.isChecked()
    assert window.other_view.header.warning.isVisible()
    assert window.other_view.header.warning.text() == (
        "Different patient" if one else "Same patient: unknown"
    )
    window.other_view.header.lock.setChecked(True)
    before = window.other_view.state.crosshair_zyx[0]
    window.verbs.scroll(Plane.AXIAL, 3)
    assert window.other_view.state.crosshair_zyx[0] == before + 3


def test_a_click_with_a_tool_in_the_other_scan_explains_where_tools_work(window):
    view = window.other_view.views[window.area.active]
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton)
    assert not any(notice.topic == "side_by_side" for notice in window.workspace.notices)
    window.actions_by_name["tool_distance"].trigger()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton)
    (notice,) = (notice for notice in window.workspace.notices if notice.topic == "side_by_side")
    assert "scan on the left" in notice.text


def focused(window):
    view = window.other_view.views[window.area.plane]
    QTest.mouseClick(view.viewport(), Qt.MouseButton.RightButton)
    view.setFocus()
    return view


def test_keys_go_to_the_picture_that_was_clicked_last(window):
    view, before = focused(window), window.other_view.state.crosshair_zyx[0]
    front = window.verbs.state.crosshair_zyx
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert window.other_view.state.crosshair_zyx[0] == before + 1
    assert window.verbs.state.crosshair_zyx == front
    zoom = view.framing.camera.mm_per_px
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.framing.camera.mm_per_px < zoom
    assert view.is_active
    assert not any(own.is_active for own in window.area.cuts)
    window.area.set_active(Plane.AXIAL)
    assert not view.is_active
    assert window.area.views[Plane.AXIAL].is_active


def test_the_key_for_a_key_image_says_in_the_other_scan_whose_report_it_is_for(window):
    QTest.keyClick(focused(window), Qt.Key.Key_K)
    assert not window.workspace.front.drafts.draft.images
    (notice,) = (notice for notice in window.workspace.notices if notice.topic == "key image")
    assert "scan on the left" in notice.text


def test_the_grey_scale_is_dragged_in_the_other_scan_too(window):
    view, before = window.other_view.views[Plane.AXIAL], window.verbs.state.window
    at = view.viewport().rect().center()
    drag(view, at, at + QPoint(40, 0))
    assert window.verbs.state.window.width_hu > before.width_hu
    assert window.other_view.state.window == window.verbs.state.window


def test_a_click_in_the_other_scan_moves_both_crosshairs_there(window):
    view = window.other_view.views[Plane.AXIAL]
    here = window.other_view.state.crosshair_zyx
    at = view.widget_position((here[0], here[1] + 8, here[2] - 6)).toPoint()
    front = window.verbs.state.crosshair_zyx
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert window.other_view.state.crosshair_zyx == (here[0], here[1] + 8, here[2] - 6)
    assert window.verbs.state.crosshair_zyx == (front[0], front[1] + 8, front[2] - 6)
    window.other_view.header.lock.setChecked(False)
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.viewport().rect().center()
    )
    assert window.verbs.state.crosshair_zyx == (front[0], front[1] + 8, front[2] - 6)


def test_the_other_scan_shows_a_second_plane_if_it_fits_at_the_scale_of_the_first_scan(
    qtbot, window
):
    beside, area = window.other_view, window.area
    views = beside.views
    assert [plane for plane in Plane if views[plane].isVisible()] == [Plane.AXIAL, Plane.SAGITTAL]
    area.set_active(Plane.SAGITTAL)
    top, below = views[Plane.SAGITTAL], views[Plane.AXIAL]
    qtbot.waitUntil(lambda: top.y() < below.y() and top.height() > below.height())

    def are_alike(plane):
        here, there = (side[plane].framing.camera.mm_per_px for side in (area.views, views))
        return here == pytest.approx(there)

    qtbot.waitUntil(lambda: are_alike(Plane.SAGITTAL) and are_alike(Plane.AXIAL))
    area.zoom_active(2.0)
    qtbot.waitUntil(lambda: are_alike(Plane.SAGITTAL))
    top.zoom_by(1.5)  # the user's own zoom stays
    own = top.framing.camera.mm_per_px
    area.zoom_active(1.5)
    window.verbs.scroll(Plane.SAGITTAL, 1)
    top.repaint()
    assert top.framing.camera.mm_per_px == own
    window.resize(1000, 600)
    qtbot.waitUntil(lambda: not below.isVisible())


def test_the_scale_follows_the_first_scan_after_the_other_was_rotated(qtbot, window):
    area, beside = window.area, window.other_view
    area.set_active(Plane.SAGITTAL)
    front, other = area.views[Plane.SAGITTAL], beside.views[Plane.SAGITTAL]
    qtbot.waitUntil(lambda: other.isVisible() and other.framing.pending is None)
    rotation = Rotation().about(np.array((0.0, 1.0, 0.0)), 20.0)  # as for the same vertebra
    other.show_scene(replace(other.scene, state=replace(beside.state, rotation=rotation)))
    front.zoom_by(1.3)
    other.repaint()
    assert other.framing.camera.mm_per_px == pytest.approx(front.framing.camera.mm_per_px)
    other.pan_by(9.0, 0.0)  # the user's own part stays
    front.zoom_by(1.3)
    other.repaint()
    assert other.framing.camera.mm_per_px > 1.2 * front.framing.camera.mm_per_px


def test_the_crosshair_of_the_other_scan_is_in_view_where_that_of_the_first_is(qtbot, window):
    area, beside = window.area, window.other_view
    area.set_active(Plane.SAGITTAL)
    other = beside.views[Plane.SAGITTAL]
    qtbot.waitUntil(lambda: other.isVisible() and other.framing.pending is None)
    front = area.views[Plane.SAGITTAL]
    front.pan_by(0.0, 0.45 * front.viewport().height())
    assert (
        front.viewport()
        .rect()
        .contains(front.widget_position(window.workspace.front.state.point_zyx).toPoint())
    )
    other.repaint()
    assert other.viewport().rect().contains(other.widget_position(beside.state.point_zyx).toPoint())


def test_both_scans_begin_at_the_same_height(qtbot, window):
    def top_of(view):
        return view.mapTo(window, QPoint(0, 0)).y()

    plane = window.area.plane
    views = window.area.views[Plane.SAGITTAL], window.other_view.views[plane]
    qtbot.waitUntil(lambda: top_of(views[0]) == top_of(views[1]))


def test_the_warnings_of_the_other_scan_are_shown_above_it(make_window):
    fine = spine_volume(path=Path("a.nii.gz"), shape=(96, 80, 72), spacing=(1.0, 1.5, 1.5))
    doubtful = spine_volume(path=Path("b.nii.gz"), warnings=(worded("The values are not HU."),))
    window = make_window(FakeBackend([fine, doubtful]))
    window.verbs.show_scan(doubtful)
    window.verbs.show_scan(fine)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    label = window.other_view.header.notices
    assert label.isVisible()
    assert "The values are not HU." in label.whole_text
    window.verbs.workspace.switch_to(0)
    assert "The values are not HU." not in label.whole_text


def test_by_default_another_scan_of_the_same_patient_is_on_the_right(make_window, tmp_path):
    def of_patient(name, number):
        scan = spine_volume(path=tmp_path / f"{name}.nii.gz")
        identity = replace(scan.source.identity, patient_id=number)
        return replace(scan, source=replace(scan.source, identity=identity))

    scans = [of_patient("prior", "7"), of_patient("nobody", ""), of_patient("current", "7")]
    window = make_window(FakeBackend(scans))
    for scan in scans:
        window.verbs.show_scan(scan)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert window.other_view.header.choice.currentText() == "prior.nii.gz"
    assert window.other_view.header.lock.isChecked()
    assert not window.other_view.header.warning.isVisible()


def test_a_refusal_on_the_right_side_is_visible_behind_a_warning(window):
    beside, label = window.other_view, window.status.news_label
    window.workspace.front.tell(Notice(Severity.WARNING, "The names are uncertain.", "names"))
    window.banners._banners["names"].fresh_timer.stop()
    view = beside.views[Plane.AXIAL].viewport()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton)
    QTest.keyClick(window, Qt.Key.Key_K)
    assert (label.isVisible(), label.text()[:10]) == (True, "Key images")
    QTest.keyClick(window, Qt.Key.Key_D)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton)
    assert (label.isVisible(), label.text()[:10]) == (True, "Tools work")


def test_the_legend_explains_what_only_the_scan_on_the_right_shows(qtbot, window):
    def legend():
        return {entry.name for entry in window.banners.legend.entries}

    front, (other,) = window.workspace.front, window.workspace.others
    assert legend() == set()
    other.segmentation.segment()  # while it is on the right
    qtbot.waitUntil(lambda: other.state.stage is SegmentationStage.DONE)
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
    assert "Mask" in legend()
    assert window.other_view.state.fused is other.state.fused
    state = replace(other.state, computed_fraction=0.5)
    other.set(replace(other.parts, state=state))
    front.display.move_to((5.0, 5.0, 5.0))
    assert {"Mask", "Not segmented"} <= legend()
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert legend() == set()
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert {"Mask", "Not segmented"} <= legend()
    assert front.parts.fusion is None
    window.workspace.close(other)
    assert legend() == set()


def test_the_view_says_which_vertebra_it_cannot_show(window, monkeypatch):
    beside, view = window.other_view, window.other_view.views[Plane.AXIAL]
    note = worded("{level} is not in this scan; nearest: {nearest}", level="L1", nearest="L3")
    monkeypatch.setattr(SideBySide, "_note_on_missing_level", lambda *_: note)
    window.verbs.scroll(Plane.AXIAL, 1)
    assert view.annotations.text.left[-1] == "L1 is not in this scan; nearest: L3"
    beside.header.by_vertebra.setChecked(False)
    assert "L1" not in "".join(view.annotations.text.left)
