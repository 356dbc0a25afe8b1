"""Vertebrae in the window, with mouse and keys: list, go to, name, split."""

from dataclasses import replace

import pytest
from conftest import named, settle, when_asked
from fakes import FakeBackend
from pointer import drag_voxels
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QPushButton

from spineviewer.app.jobs import JobKind
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.measuring.marks import MeasurementMarks, name_boxes
from spineviewer.gui.viewing.layouts import Layout
from spineviewer.labelling.vertebrae import BodyFrame
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def window(qtbot, make_window, scan):
    """A window with a segmented scan of eight named blocks."""
    window = named(qtbot, make_window(FakeBackend([scan]), scan=scan))
    window.area.set_active(Plane.SAGITTAL)
    return window


def rest(qtbot, window):
    """Wait until names and pictures are up to date."""
    jobs = window.workspace.front.jobs
    qtbot.waitUntil(lambda: not jobs.is_running(JobKind.RENAME))
    settle(qtbot, window)


def names(window):
    return [vertebra.name for vertebra in window.workspace.front.parts.vertebrae]


def listed(window):
    tree = window.panel.vertebra_box.list
    return [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]


def here(window):
    return window.workspace.front.names.at_crosshair


def place_of(window, vertebra, down_mm=0.0):
    """Return the index of a point in a body, or above or below its centre."""
    x, y, z = vertebra.body_centre_lps_mm
    index = window.workspace.front.volume.geometry.index_zyx((x, y, z - down_mm))
    return tuple(index.tolist())


def click_at(window, index, plane=Plane.SAGITTAL):
    view = window.area.views[plane]
    QTest.mouseClick(view.viewport(), LEFT, NONE, view.widget_position(index).toPoint())


def drag(window, start, stop, plane=Plane.SAGITTAL):
    drag_voxels(window.area.views[plane], start, stop)


def answer(text):
    """Answer the question that the next key opens, and press Enter."""

    def type_it(requested):
        title = requested.fontMetrics().horizontalAdvance(requested.windowTitle())
        assert requested.width() > title + 200  # the title bar has room for all of it
        field = requested.focusWidget() or requested
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    when_asked(type_it, QInputDialog)


def test_a_click_in_the_list_moves_every_view_to_the_vertebra(qtbot, window):
    tree = window.panel.vertebra_box.list
    assert listed(window) == names(window)
    row = tree.visualItemRect(tree.topLevelItem(5)).center()
    QTest.mouseClick(tree.viewport(), LEFT, NONE, row)
    settle(qtbot, window)
    vertebrae = window.workspace.front.parts.vertebrae
    wanted = vertebrae.all[5]
    shown = vertebrae.marked_names[wanted.label]
    assert here(window) is wanted
    for view in window.area.views.values():
        assert view.annotations.text.right[-1] == f"level {shown}"
    window.area.set_layout_kind(Layout.SPINE)
    assert window.area.surface.annotations.right == (f"level {shown}",)
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)


def menu_at(window, index, plane=Plane.SAGITTAL):
    view = window.area.views[plane]
    at = view.widget_position(index).toPoint()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.RightButton, NONE, at)
    menu = QApplication.activePopupWidget()
    return menu, {action.text(): action for action in menu.actions()}


def test_the_context_menu_is_about_the_vertebra_under_the_pointer(qtbot, window):
    vertebrae = window.workspace.front.parts.vertebrae.all
    crosshair, pointed = vertebrae[2], vertebrae[5]
    window.verbs.move_to(place_of(window, crosshair))
    menu, offered = menu_at(window, place_of(window, pointed))
    align = offered[f"Align planes with {pointed.name}"]
    assert f"Name {pointed.name}…" in offered
    assert not any("this vertebra" in text for text in offered)
    assert here(window) is crosshair
    align.trigger()
    menu.close()
    assert here(window) is pointed
    menu, offered = menu_at(window, place_of(window, crosshair))
    last = int(crosshair.label)
    answer(names(window)[1])
    naming = offered[f"Name {crosshair.name}…"]
    QTimer.singleShot(0, menu.close)
    naming.trigger()
    rest(qtbot, window)
    assert window.workspace.front.parts.vertebrae.all[2].label == last - 1


def test_a_rejection_notice_disappears_when_the_names_change(qtbot, window):
    front = window.workspace.front
    front.names.shift(40)
    rest(qtbot, window)
    refusals = [notice for notice in window.workspace.notices if notice.topic == "name"]
    assert len(refusals) == 1
    front.names.shift(1)
    rest(qtbot, window)
    assert not any(notice.topic == "name" for notice in window.workspace.notices)


def test_a_level_is_typed_and_the_keyboard_returns_to_the_views(qtbot, window):
    wanted = window.workspace.front.parts.vertebrae.all[6]
    QTest.keyClick(window, Qt.Key.Key_G, CONTROL)
    field = window.panel.vertebra_box.level
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, wanted.name.lower())
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert here(window) is wanted
    assert window.area.isAncestorOf(window.focusWidget())
    assert field.text() == ""


def test_escape_leaves_the_level_field_and_triggers_no_command(qtbot, window):
    QTest.keyClick(window, Qt.Key.Key_G, CONTROL)
    field = window.panel.vertebra_box.level
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "L")
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)  # including shortcuts
    assert field.text() == ""
    assert window.area.isAncestorOf(window.focusWidget())


def test_a_level_that_is_not_in_view_is_reported(qtbot, window):
    QTest.keyClick(window, Qt.Key.Key_G, CONTROL)
    QTest.keyClicks(window.panel.vertebra_box.level, "C1")
    QTest.keyClick(window.panel.vertebra_box.level, Qt.Key.Key_Return)
    assert any("C1 is not in view" in notice.text for notice in window.banners.notices())


def test_a_key_steps_from_vertebra_to_vertebra_and_the_list_follows(qtbot, window):
    first, second, third = window.workspace.front.parts.vertebrae.all[:3]
    window.workspace.front.navigation.go_to(first)
    view = window.area.views[Plane.SAGITTAL]
    for wanted in (second, third):
        QTest.keyClick(view, Qt.Key.Key_Down, SHIFT)
        assert here(window) is wanted
        assert window.panel.vertebra_box.list.currentItem().text(0) == wanted.name
    QTest.keyClick(view, Qt.Key.Key_Up, SHIFT)
    assert here(window) is second


def test_one_key_shifts_all_names_and_undo_shifts_them_back(qtbot, window):
    before = names(window)
    QTest.keyClick(window, Qt.Key.Key_Down, ALT)
    qtbot.waitUntil(lambda: names(window)[:-1] == before[1:])
    assert listed(window) == names(window)
    rest(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: listed(window) == before)


def test_a_typed_name_renames_the_vertebra_at_the_crosshair_and_the_others(qtbot, window):
    before = names(window)
    third = window.workspace.front.parts.vertebrae.all[2]
    window.workspace.front.navigation.go_to(third)
    answer(before[1])
    QTest.keyClick(window, Qt.Key.Key_F4)
    # the synthetic bodies look so lumbar that those below may keep their names
    qtbot.waitUntil(lambda: names(window)[1:6] == before[:5])
    assert "by hand" in [window.panel.vertebra_box.list.topLevelItem(row).text(1) for row in (2,)]


def test_a_double_click_in_the_list_asks_for_the_name_of_that_vertebra(qtbot, window):
    before = names(window)
    tree = window.panel.vertebra_box.list
    answer(before[3])
    place = tree.visualItemRect(tree.topLevelItem(4)).center()
    QTest.mouseClick(tree.viewport(), LEFT, NONE, place)
    QTest.mouseDClick(tree.viewport(), LEFT, NONE, place)
    qtbot.waitUntil(lambda: names(window)[1:6] == before[:5])


def test_a_click_at_a_gap_splits_a_vertebra_and_one_at_a_border_merges_two(qtbot, window):
    count = len(names(window))
    third = window.workspace.front.parts.vertebrae.all[2]
    window.workspace.front.navigation.go_to(third)
    settle(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_K, SHIFT)
    assert window.area.tool.name == "split_vertebra"
    click_at(window, place_of(window, third))
    qtbot.waitUntil(lambda: len(listed(window)) == count + 1)
    rest(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_U, SHIFT)
    assert window.area.tool.name == "merge_vertebrae"
    upper = window.workspace.front.parts.vertebrae.all[2]
    click_at(window, place_of(window, upper, upper.height_mm / 2 - 1))
    qtbot.waitUntil(lambda: len(listed(window)) == count)
    rest(qtbot, window)
    for expected in (count + 1, count):
        QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
        qtbot.waitUntil(lambda expected=expected: len(listed(window)) == expected)
        rest(qtbot, window)


def hover_at(window, index, plane=Plane.SAGITTAL):
    view = window.area.views[plane]
    QTest.mouseMove(view.viewport(), view.widget_position(index).toPoint())
    return window.area.tool._text


def test_the_pointer_says_which_vertebrae_a_click_would_merge(qtbot, window):
    count, second, third = len(names(window)), *window.workspace.front.parts.vertebrae.all[1:3]
    window.workspace.front.navigation.go_to(third)
    settle(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_U, SHIFT)
    edge_mm = third.height_mm / 2 - 1
    above = hover_at(window, place_of(window, third, -edge_mm))
    assert above == f"merge {second.name} and {third.name}"
    assert hover_at(window, place_of(window, third)) == "go to a border between vertebrae"
    click_at(window, place_of(window, third))
    rest(qtbot, window)
    assert len(names(window)) == count
    (refusal,) = [notice for notice in window.workspace.notices if notice.topic == "name"]
    assert refusal.text.startswith("Click closer to the border")


def test_nothing_is_merged_beyond_the_first_and_the_last_vertebra(window):
    front = window.workspace.front
    first, last = front.parts.vertebrae.all[0], front.parts.vertebrae.all[-1]
    for vertebra, side in ((first, -1), (last, 1)):
        edge = place_of(window, vertebra, side * (vertebra.height_mm / 2 - 1))
        assert front.names.mergeable_at(edge) is None


def test_a_stroke_moves_a_piece_to_the_vertebra_in_which_it_begins(qtbot, window):
    upper, lower = window.workspace.front.parts.vertebrae.all[2:4]
    window.workspace.front.navigation.go_to(upper)
    settle(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_P, SHIFT)
    drag(window, place_of(window, upper), place_of(window, lower))
    parts = lambda: window.workspace.front.parts.vertebrae  # noqa: E731
    qtbot.waitUntil(lambda: parts().named(lower.name).volume_ml < lower.volume_ml)
    assert parts().vertebra_at(lower.body_centre_lps_mm).name == upper.name
    rest(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: parts().named(lower.name).volume_ml == pytest.approx(lower.volume_ml))


def test_a_key_hides_the_vertebrae_and_shows_them_again(window):
    view = window.area.views[Plane.SAGITTAL]
    assert view.scene.shown_vertebrae is not None
    QTest.keyClick(window, Qt.Key.Key_M, SHIFT)
    assert view.scene.shown_vertebrae is None
    QTest.keyClick(window, Qt.Key.Key_M, SHIFT)
    assert view.scene.shown_vertebrae is not None


def test_old_names_stay_drawn_while_those_of_a_new_mask_are_found(qtbot, window):
    view, old = window.area.views[Plane.SAGITTAL], window.workspace.front.parts.vertebrae
    window.workspace.front.tuner.set(Tuning(0.25, 6.0, 0.6))
    qtbot.waitUntil(lambda: window.workspace.front.parts.is_naming)
    assert view.scene.vertebrae is old
    assert window.panel.vertebra_box.hint.text() == "Naming the vertebrae…"
    assert listed(window) == [vertebra.name for vertebra in old]
    qtbot.waitUntil(lambda: window.workspace.front.names.are_current)
    assert view.scene.vertebrae is not old


def test_the_banner_about_uncertain_names_offers_others_at_a_click(qtbot, window):
    naming = window.workspace.front.parts.vertebrae.naming
    offered = naming.alternatives[0].names
    buttons = window.banners.findChildren(QPushButton)
    wanted = f"{offered[0]} to {offered[-1]}"
    QTest.mouseClick(next(b for b in buttons if b.text().startswith(wanted)), LEFT)
    qtbot.waitUntil(lambda: names(window) == list(offered))
    qtbot.waitUntil(lambda: not any(n.topic == "names" for n in window.banners.notices()))


def test_the_list_keeps_its_height_when_it_empties_so_that_sliders_below_stay(qtbot, window):
    front, vertebrae = window.workspace.front, window.panel.vertebra_box.list
    before = vertebrae.height()
    assert vertebrae.topLevelItemCount() > 0
    front.tuner.set(Tuning(1.0, 1.0, 0.9))
    qtbot.waitUntil(lambda: front.state.is_mask_current)
    qtbot.waitUntil(lambda: front.names.are_current and vertebrae.topLevelItemCount() == 0)
    rest(qtbot, window)
    assert (vertebrae.isVisible(), vertebrae.height()) == (True, before)


KEYS_OF_A_SCAN = (
    (Qt.Key.Key_Up, ALT),  # shift names
    (Qt.Key.Key_Z, CONTROL),  # undo
    (Qt.Key.Key_M, NONE),  # mask on and off
)


@pytest.mark.parametrize("page", ["batch", "archive"])
def test_keys_do_not_change_a_scan_behind_another_page(qtbot, window, page):
    front = window.workspace.front
    front.names.confirm()
    qtbot.waitUntil(lambda: not front.state.naming.is_empty)
    rest(qtbot, window)
    before = front.state
    window.actions_by_name[page].trigger()
    assert window.pages.is_scan_hidden
    for key, modifier in KEYS_OF_A_SCAN:
        QTest.keyClick(window.focusWidget() or window, key, modifier)
    rest(qtbot, window)
    assert front.state == before
    assert window.actions_by_name.obstacle("undo") == "needs a scan in view"
    assert window.banners.legend.isHidden()
    QTest.mouseClick(window.pages.currentWidget().back_button, LEFT)
    assert not window.pages.is_scan_hidden
    assert window.actions_by_name.obstacle("undo") == ""


def test_the_list_says_where_a_vertebra_and_its_posterior_wall_are(window):
    box, vertebrae = window.panel.vertebra_box, window.workspace.front.parts.vertebrae
    body = replace(
        vertebrae.all[0],
        label=22,
        body_centre_lps_mm=(-1.0, 2.0, 3.0),
        frame=BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
        body_radius_mm=10.0,
    )
    ring = replace(body, label=1)
    box.show_vertebrae(replace(vertebrae, all=(ring, body)), False, None)
    of_ring, of_body = (box.list.topLevelItem(row).toolTip(0).splitlines() for row in (0, 1))
    assert of_ring[:-1] == ["Centre: R 1.0  P 2.0  S 3.0 mm"]
    assert of_body[:-1] == [
        "Centre of the body: R 1.0  P 2.0  S 3.0 mm",
        "Middle of its posterior wall: R 1.0  P 12.0  S 3.0 mm",
    ]


def test_anomalies_of_the_levels_are_named_in_the_language_of_the_window(window):
    box, vertebrae = window.panel.vertebra_box, window.workspace.front.parts.vertebrae
    naming = replace(vertebrae.naming, anomalies=("no T12", "L6", "L5 sacralised"))
    unusual = replace(vertebrae, naming=naming)
    use_language("de")
    try:
        box.show_vertebrae(unusual, False, None)
        assert box.hint.text().endswith("kein T12, L6, L5 sakralisiert")
    finally:
        use_language("en")


def test_the_status_bar_says_how_a_vertebra_is_split_and_no_picture_does(window):
    views, status = window.area.views.values(), window.status
    before = [view.annotations.text for view in views]
    window.actions_by_name["tool_split_vertebra"].trigger()
    assert status.instruction_label.isVisible()
    assert "gap between two vertebrae" in status.instruction_label.text()
    assert [view.annotations.text for view in views] == before
    window.actions_by_name["tool_window"].trigger()
    assert not status.instruction_label.isVisible()
    assert status.scan_label.isVisible()


def test_the_label_of_a_measurement_covers_no_name(qtbot, window):
    view = window.area.views[Plane.SAGITTAL]
    settle(qtbot, window)
    name = name_boxes(view)[2]
    end = name.center() + QPointF(-name.width() / 2 - 5, 19)  # the words would be on the name
    ends = tuple(view.index_at(at) for at in (end - QPointF(20, 0), end))
    window.workspace.front.measurements.add(Measurement(Distance(), Plane.SAGITTAL, ends))
    settle(qtbot, window)
    view.viewport().repaint()
    mark = next(marks for marks in view.marks if isinstance(marks, MeasurementMarks))
    ((_, box),) = mark._labels[view]
    assert not any(box.intersects(other) for other in name_boxes(view))


@pytest.mark.parametrize("name", ["vertebra_box", "uncertain_region_box"])
def test_del_in_a_list_without_measurements_deletes_no_measurement(qtbot, window, name):
    front = window.workspace.front
    front.uncertain_regions.find()
    qtbot.waitUntil(lambda: front.parts.checklist is not None)
    rest(qtbot, window)
    ends = ((20.0, 40.0, 36.0), (30.0, 40.0, 36.0))
    front.measurements.add(Measurement(Distance(), Plane.SAGITTAL, ends))
    listed = getattr(window.panel, name).list
    listed.setFocus()
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        QTest.keyClick(listed, key)
    assert len(front.state.measurements) == 1
    view = window.area.views[Plane.SAGITTAL]
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert front.state.measurements == ()
