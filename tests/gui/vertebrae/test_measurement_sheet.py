"""The sheet of measurements, with mouse and keys."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import named, settle
from fakes import FakeBackend, spine_volume
from pointer import drag
from PySide6.QtCore import QLocale, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem, QTreeWidgetItem
from spine_numbers import growing_bodies

from spineviewer.app.jobs import JobKind
from spineviewer.app.landmarks import Kind, Source
from spineviewer.app.measurement_rows import QUANTITIES
from spineviewer.app.notices import Severity
from spineviewer.gui.kit.theme import MEASURE_COLOUR, colours
from spineviewer.gui.reporting import report_image
from spineviewer.gui.reporting.report_image import key_picture
from spineviewer.gui.vertebrae.spine_plot import SpinePlot
from spineviewer.gui.viewing.scene import Scene
from spineviewer.measurements.results import CurveKind
from spineviewer.volume.planes import Plane

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
COLUMN = {quantity.name: number for number, quantity in enumerate(QUANTITIES)}


@pytest.fixture
def window(qtbot, make_window, scan):
    """A window with a segmented and measured scan and its open sheet."""
    window = make_window(FakeBackend([scan]), scan=scan)
    measure(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_M, CONTROL)
    assert window.spine_measurer.sheet.isVisible()
    return window


def measure(qtbot, window):
    front = named(qtbot, window).workspace.front
    qtbot.waitUntil(lambda: front.spine.are_current)
    qtbot.waitUntil(lambda: not front.jobs.is_running(JobKind.MEASURE))
    settle(qtbot, window)


def text(window, row, name):
    model = window.spine_measurer.sheet.table.model()
    if name == "level":
        return model.headerData(row, Qt.Orientation.Vertical)
    return model.index(row, COLUMN[name]).data()


def click_cell(window, row, name):
    table = window.spine_measurer.sheet.table
    place = table.visualRect(table.model().index(row, COLUMN[name])).center()
    QTest.mouseClick(table.viewport(), LEFT, NONE, place)


def drag_point(qtbot, window, name, by_px, plane=Plane.SAGITTAL):
    """Drag a point of the selected value with the mouse."""
    point = window.workspace.front.spine.shown.points_lps_mm[name]
    drag_place(qtbot, window, point, by_px, plane)


def drag_place(qtbot, window, point, by_px, plane=Plane.SAGITTAL):
    view = window.area.views[plane]
    settle(qtbot, window)
    front = window.workspace.front
    start = view.widget_position(tuple(front.volume.geometry.index_zyx(point).tolist()))
    drag(view, start, start + QPointF(*by_px))


def wheel(view, steps):
    place = QPointF(view.viewport().rect().center())
    there = QPointF(view.viewport().mapToGlobal(place.toPoint()))
    none, begin = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    rotation = QWheelEvent(place, there, QPoint(), QPoint(0, 120 * steps), none, NONE, begin, False)
    QApplication.sendEvent(view.viewport(), rotation)


def test_the_sheet_lists_every_level_with_its_values(window):
    measured = window.workspace.front.spine.measured
    rows = window.spine_measurer.sheet.table.model().rowCount()
    assert rows == len(measured)
    for row, vertebra in enumerate(measured):
        assert vertebra.name in text(window, row, "level")
        profile = vertebra.profile
        number = "–" if profile is None else f"{profile.anterior.length_mm:.1f}"
        assert number in text(window, row, "anterior")


def test_a_click_on_a_value_shows_its_points_in_the_right_view(qtbot, window):
    click_cell(window, 3, "anterior")
    qtbot.waitUntil(lambda: window.workspace.front.spine.shown is not None)
    level = window.workspace.front.spine.measured.vertebrae[3].name
    assert window.workspace.front.parts.chosen_source == Source(Kind.HEIGHTS, level)
    assert window.area.active is Plane.SAGITTAL
    qtbot.waitUntil(lambda: not window.workspace.front.state.rotation.is_straight)
    settle(qtbot, window)
    view = window.area.views[Plane.SAGITTAL]
    before = view.grab().toImage()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert window.workspace.front.spine.shown is None
    settle(qtbot, window)
    assert view.grab().toImage() != before
    click_cell(window, 3, "anterior")
    QTest.keyClick(window, Qt.Key.Key_M, CONTROL)  # hides the sheet and its points
    assert window.workspace.front.spine.shown is None


def test_a_click_where_nothing_was_measured_shows_that_vertebra_and_no_points(qtbot, window):
    front = window.workspace.front
    click_cell(window, 3, "anterior")
    qtbot.waitUntil(lambda: not front.state.rotation.is_straight)
    empty = next(
        row for row in range(len(front.spine.measured)) if text(window, row, "anterior") == "–"
    )
    click_cell(window, empty, "anterior")
    vertebra = front.parts.vertebrae.all[empty]
    qtbot.waitUntil(lambda: front.names.at_crosshair is vertebra)
    assert front.spine.shown is None
    expected = front.state
    front.navigation.align_to_endplates()
    assert front.state.rotation == expected.rotation


def test_dragging_a_point_changes_and_marks_the_value_and_can_be_undone(qtbot, window):
    click_cell(window, 3, "anterior")
    qtbot.waitUntil(lambda: not window.workspace.front.state.rotation.is_straight)
    before, level = text(window, 3, "anterior"), window.workspace.front.spine.measured.vertebrae[3]
    drag_point(qtbot, window, "anterior.start", (0, -20))
    after = text(window, 3, "anterior")
    moved = window.workspace.front.spine.measured.named(level.name)
    assert moved.profile.anterior.length_mm > level.profile.anterior.length_mm + 2
    assert after == f"{moved.profile.anterior.length_mm:.1f} *"
    assert window.workspace.front.state.measurements == ()
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert text(window, 3, "anterior") == before


def test_an_endplate_is_dragged_by_its_line_with_all_its_points(qtbot, window):
    click_cell(window, 3, "anterior")
    qtbot.waitUntil(lambda: not window.workspace.front.state.rotation.is_straight)
    front = window.workspace.front
    level = front.spine.measured.vertebrae[3]
    points = dict(front.spine.shown.points_lps_mm)
    middle = np.mean([points["anterior.start"], points["middle.start"]], axis=0)
    drag_place(qtbot, window, middle, (0, -20))
    moved = front.spine.measured.named(level.name)
    grown = [
        after.length_mm - before.length_mm
        for before, after in zip(level.profile.heights, moved.profile.heights, strict=True)
    ]
    assert min(grown) > 2
    assert max(grown) - min(grown) < 0.2
    ways = [
        np.subtract(front.spine.shown.points_lps_mm[name], points[name])
        for name in ("anterior.start", "middle.start", "posterior.start")
    ]
    np.testing.assert_allclose(ways, np.broadcast_to(ways[0], (3, 3)), atol=1e-6)
    assert front.spine.shown.points_lps_mm["anterior.end"] == points["anterior.end"]
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert front.spine.measured.named(level.name) == level


def test_an_roi_is_resized_by_a_handle_marked_and_undone(qtbot, window):
    spine = window.workspace.front.spine
    row = next(k for k, one in enumerate(spine.measured) if one.trabecular is not None)
    level = spine.measured.vertebrae[row].name
    click_cell(window, row, "trabecular")
    qtbot.waitUntil(lambda: spine.shown is not None)
    settle(qtbot, window)
    before, shown = spine.measured.named(level).trabecular, text(window, row, "trabecular")
    view = window.area.views[Plane.SAGITTAL]
    outlined = view.grab().toImage()
    drag_point(qtbot, window, "upper", (0, 12))
    after = spine.measured.named(level).trabecular
    assert after.roi.radii_mm[0] < before.roi.radii_mm[0] - 0.5
    assert after.roi.radii_mm[1:] == pytest.approx(before.roi.radii_mm[1:])
    assert after.roi.centre_lps_mm == before.roi.centre_lps_mm
    assert after.volume_ml < before.volume_ml
    assert text(window, row, "trabecular") == f"{after.mean_hu.value:.0f} *"
    settle(qtbot, window)
    assert view.grab().toImage() != outlined
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert spine.measured.named(level).trabecular == before
    assert text(window, row, "trabecular") == shown


def test_a_button_restores_the_automatic_value(qtbot, window):
    sheet = window.spine_measurer.sheet
    click_cell(window, 3, "anterior")
    qtbot.waitUntil(lambda: not window.workspace.front.state.rotation.is_straight)
    before = text(window, 3, "anterior")
    assert sheet.restore_button.isHidden()
    drag_point(qtbot, window, "anterior.start", (0, -20))
    assert text(window, 3, "anterior") != before
    QTest.mouseClick(sheet.restore_button, LEFT)
    assert text(window, 3, "anterior") == before
    assert sheet.restore_button.isHidden()


def test_columns_sort_by_value_and_a_click_still_shows_the_right_level(qtbot, window):
    table = window.spine_measurer.sheet.table
    header = table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(COLUMN["middle"]) + 10, header.height() // 2)
    measured = window.workspace.front.spine.measured
    middle = [round(v.profile.middle.length_mm, 1) for v in measured if v.profile]
    assert len(middle) > 4
    orders = []
    for _ in range(2):
        QTest.mouseClick(header.viewport(), LEFT, NONE, place)
        shown = [text(window, row, "middle").strip("▲ ") for row in range(len(measured))]
        orders.append([float(number) for number in shown if number != "–"])
    assert sorted(orders) == [sorted(middle), sorted(middle, reverse=True)]
    click_cell(window, 1, "middle")
    source = window.workspace.front.parts.chosen_source
    assert source == Source(Kind.HEIGHTS, text(window, 1, "level").strip("▲ ?"))


def test_the_table_is_copied_for_a_spreadsheet(window):
    QTest.mouseClick(window.spine_measurer.sheet.copy_button, LEFT)
    lines = QGuiApplication.clipboard().text().splitlines()
    measured = window.workspace.front.spine.measured
    assert [line.split("\t")[0] for line in lines[1 : 1 + len(measured)]] == [
        measured.marked(vertebra.name) for vertebra in measured
    ]


def test_the_plot_has_a_point_for_each_measured_level(window):
    plot, measured = window.spine_measurer.sheet.plot, window.workspace.front.spine.measured
    for line, name in zip(plot.measured, ("anterior", "middle", "posterior"), strict=False):
        heights = [getattr(v.profile, name).length_mm for v in measured if v.profile]
        assert list(line.yData) == pytest.approx(heights)
    expected = [vertebra.expected.anterior_mm.value for vertebra in measured if vertebra.expected]
    assert list(plot.expected[0].yData) == pytest.approx(expected)


def test_the_plot_interrupts_its_lines_at_a_level_without_a_value(window):
    plot, measured = window.spine_measurer.sheet.plot, window.workspace.front.spine.measured
    missing = len(measured) // 2
    rows = list(measured.vertebrae)
    assert all(row.trabecular is not None for row in rows[missing - 1 : missing + 2])
    rows[missing] = replace(rows[missing], trabecular=None)
    plot.show_measurements(replace(measured, vertebrae=tuple(rows)))
    line = plot.measured[3]
    assert missing not in line.xData
    joined = [level + 1 in line.xData for level in line.xData]
    assert list(line.opts["connect"]) == joined
    assert joined.count(False) == 2  # before the missing level and at the end


def test_a_plot_without_values_shows_no_numbers_and_others_have_the_local_separator(window):
    plot, measured = window.spine_measurer.sheet.plot, window.workspace.front.spine.measured
    shown = [axis.getAxis("left").style["showValues"] for axis in plot._plots]
    assert shown == [True, True]
    rows = [replace(row, trabecular=None) for row in measured]
    plot.show_measurements(replace(measured, vertebrae=tuple(rows)))
    assert [axis.getAxis("left").style["showValues"] for axis in plot._plots] == [True, False]
    previous = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    axis = SpinePlot()
    axis.show_measurements(measured)
    texts = axis._plots[0].getAxis("left").tickStrings([0.5, 1.0], 1.0, 0.5)
    QLocale.setDefault(previous)
    assert texts == ["0,5", "1,0"]


def test_the_sheet_states_contrast_medium_and_tube_voltage(window):
    text = window.spine_measurer.sheet.hint.text()
    assert "Contrast medium: " in text
    assert "Tube voltage: " in text


def test_a_scan_of_unknown_orientation_is_listed_with_the_reason_but_cannot_be_chosen(
    qtbot, make_window
):
    old = spine_volume(path=Path("old.nii.gz"), is_orientation_known=False)
    window = make_window(FakeBackend([old]), scan=old)
    window.workspace.show_volume(spine_volume(path=Path("new.nii.gz"), shape=(100, 80, 72)))
    QTest.keyClick(window, Qt.Key.Key_M, CONTROL)
    choice = window.spine_measurer.sheet.earlier
    assert choice.itemText(1) == "old.nii.gz: no comparison"
    assert choice.itemData(1, Qt.ItemDataRole.ToolTipRole) == (
        "The orientation of this scan is unknown."
    )
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentIndex() == 0
    assert choice.width() >= choice.sizeHint().width()


def test_two_scans_are_compared_by_level_and_one_key_leads_to_the_same_vertebra(qtbot, make_window):
    first = spine_volume(path=Path("before.nii.gz"))
    second = spine_volume(path=Path("after.nii.gz"), shape=(100, 80, 72))
    window = make_window(FakeBackend([first, second]), scan=first)
    window.workspace.show_volume(second)
    measure(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_M, CONTROL)
    sheet, workspace = window.spine_measurer.sheet, window.workspace
    sheet.earlier.setFocus()
    QTest.keyClick(sheet.earlier, Qt.Key.Key_Down)
    reason = "Segment before.nii.gz to see the changes."
    assert sheet.hint.text().startswith(reason)
    QTest.keyClick(sheet.earlier, Qt.Key.Key_Up)
    assert reason not in sheet.hint.text()
    workspace.switch_to(0)
    measure(qtbot, window)
    workspace.switch_to(1)
    sheet.earlier.setFocus()
    QTest.keyClick(sheet.earlier, Qt.Key.Key_Down)
    shared = [
        v for v in workspace.front.spine.measured if workspace.scans[0].spine.measured.named(v.name)
    ]
    assert shared
    row = workspace.front.spine.measured.vertebrae.index(shared[1])
    assert text(window, row, "anterior").endswith(")")
    workspace.front.navigation.go_to_level(shared[1].name)
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert workspace.front is workspace.scans[0]
    assert workspace.front.names.at_crosshair.name == shared[1].name
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert workspace.front is workspace.scans[1]
    assert workspace.front.names.at_crosshair.name == shared[1].name
    workspace.show_volume(spine_volume(path=Path("third.nii.gz"), shape=(100, 84, 72)))
    measure(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_F8)
    partner = workspace.front
    for expected in (workspace.scans[2], partner, workspace.scans[2]):
        QTest.keyClick(window, Qt.Key.Key_F8)
        assert workspace.front is expected
    qtbot.waitUntil(lambda: workspace.runner.is_idle)


def test_side_by_side_both_scans_show_the_same_vertebra_until_the_other_is_scrolled(
    qtbot, make_window
):
    first = spine_volume(path=Path("before.nii.gz"), shape=(100, 90, 80))
    second = spine_volume(path=Path("after.nii.gz"))
    window = make_window(FakeBackend([first, second]), scan=first)
    measure(qtbot, window)
    window.workspace.show_volume(second)
    measure(qtbot, window)
    here, there = (scan.parts.vertebrae for scan in reversed(window.workspace.scans))
    shared = [vertebra for vertebra in here if there.named(vertebra.name)]
    QTest.keyClick(window, Qt.Key.Key_B, CONTROL)
    beside, view = window.other_view, window.area.views[Plane.SAGITTAL]
    assert beside.isVisible()
    assert not beside.header.lock.isChecked(), "no file names a patient"
    window.workspace.front.navigation.go_to(shared[0])
    for vertebra in shared[1:4]:
        QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        point = first.geometry.point_lps_mm(beside.state.point_zyx)
        assert there.level_at(tuple(point.tolist())).name == vertebra.name
    place = beside.state.point_zyx
    wheel(beside.views[Plane.SAGITTAL], 3)
    assert not beside.header.by_vertebra.isChecked()
    apart = np.subtract(beside.state.point_zyx, place) * first.geometry.spacing_zyx_mm
    assert np.linalg.norm(apart) == pytest.approx(3 * 1.5, abs=2.0)  # three slices, within a voxel
    QTest.mouseClick(
        beside.header.by_vertebra, LEFT, NONE, QPoint(8, beside.header.by_vertebra.height() // 2)
    )
    assert beside.state.point_zyx == pytest.approx(place, abs=1e-6)
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)


def test_a_scan_of_unknown_orientation_is_not_reported_as_free_of_fractures(qtbot, make_window):
    scan = spine_volume(is_orientation_known=False)
    window = make_window(FakeBackend([scan]), scan=scan)
    measure(qtbot, window)
    action = window.actions_by_name["next_fracture"]
    assert not action.isEnabled()
    assert "only HU values were measured" in action.toolTip()


def key_image_drawn(window, number):
    """Return a key image as the report shows it now."""
    parts = window.workspace.front.parts
    scene = Scene.from_parts(parts)
    image = parts.draft.images[number]
    return key_picture(image, scene, parts.spine_measurements, parts.line, 900)


def assert_landmarks_are_in(window, picture, cut):
    """Check that the present landmarks of the chosen value are painted in a key image."""
    front = window.workspace.front
    drawn, (left, top, width, _) = (
        QImage.fromData(picture.png),
        front.drafts.draft.images[1].part_mm,
    )
    colour, scale = QColor(MEASURE_COLOUR), drawn.width() / width
    for point in front.spine.shown.points_lps_mm.values():
        index = tuple(front.volume.geometry.index_zyx(point).tolist())
        right, down = cut.on_screen_mm(index)
        seen = drawn.pixelColor(round((right - left) * scale), round((down - top) * scale))
        assert abs(seen.red() - colour.red()) + abs(seen.blue() - colour.blue()) < 60


def test_a_key_image_shows_the_landmarks_of_a_value_as_they_are_now(qtbot, window):
    front = window.workspace.front
    window.area.show_plane(Plane.SAGITTAL)
    view = window.area.views[Plane.SAGITTAL]
    QTest.keyClick(view, Qt.Key.Key_K)
    assert front.drafts.draft.images[0].value is None  # none are shown yet
    click_cell(window, 3, "anterior")
    qtbot.waitUntil(lambda: not front.state.rotation.is_straight)
    settle(qtbot, window)
    QTest.keyClick(view, Qt.Key.Key_K)
    cut, before = view.cut, key_image_drawn(window, 1)
    assert_landmarks_are_in(window, before, cut)
    drag_point(qtbot, window, "anterior.start", (0, 14))
    settle(qtbot, window)
    moved = key_image_drawn(window, 1)
    assert moved.png != before.png
    assert_landmarks_are_in(window, moved, cut)


def test_a_key_image_shows_the_present_name_of_the_vertebra(qtbot, window, monkeypatch):
    front, texts = window.workspace.front, []
    paint = report_image.paint_landmarks
    monkeypatch.setattr(
        report_image, "paint_landmarks", lambda *all_: texts.append(all_[2]) or paint(*all_)
    )
    click_cell(window, 3, "anterior")
    qtbot.waitUntil(lambda: not front.state.rotation.is_straight)
    settle(qtbot, window)
    QTest.keyClick(window.area.views[Plane.SAGITTAL], Qt.Key.Key_K)
    key_image_drawn(window, 0)
    name = text(window, 3, "level")
    window.actions_by_name["names_down"].trigger()
    qtbot.waitUntil(lambda: text(window, 3, "level") != name)
    settle(qtbot, window)
    key_image_drawn(window, 0)
    assert [shown.split()[0] for shown in texts] == [name, text(window, 3, "level")]
    values = [shown.split()[1:] for shown in texts]
    assert values[0] == values[1]


def test_the_selected_column_stays_when_the_names_change(qtbot, window):
    front, table = window.workspace.front, window.spine_measurer.sheet.table
    click_cell(window, 3, "posterior")
    qtbot.waitUntil(lambda: not front.state.rotation.is_straight)
    assert table.currentIndex().column() == COLUMN["posterior"]
    before = front.parts.chosen_source
    front.names.shift(1)
    qtbot.waitUntil(lambda: front.parts.chosen_source != before)
    settle(qtbot, window)
    assert table.currentIndex().column() == COLUMN["posterior"]


def inks(window):
    """Return the colours of the table, its levels, the list of vertebrae, and whether it copies."""
    sheet, box = window.spine_measurer.sheet, window.panel.vertebra_box
    role = Qt.ItemDataRole.ForegroundRole
    item = box.list.topLevelItem(0)
    model = sheet.table.model()
    return (
        {str(model.index(0, COLUMN[name]).data(role)) for name in ("anterior", "depth", "canal")},
        str(model.headerData(0, Qt.Orientation.Vertical, role)),
        item.foreground(0).style() is Qt.BrushStyle.NoBrush,
        sheet.copy_button.isEnabled(),
        window.actions_by_name["copy_spine_measurements"].isEnabled(),
    )


def test_table_and_list_are_fainter_until_they_belong_to_the_mask_again(qtbot, window):
    front, sheet = window.workspace.front, window.spine_measurer.sheet
    current = inks(window)
    assert current[2:] == (True, True, True)
    tuning = front.state.tuning
    front.tuner.set(replace(tuning, segmentation_threshold=tuning.segmentation_threshold + 0.1))
    old = inks(window)
    assert old[0] == {str(QColor(colours().quiet))}
    assert old[1:] == (str(QColor(colours().quiet)), False, False, False)
    assert sheet.hint.text().startswith("Outdated")
    assert window.panel.vertebra_box.hint.text().startswith("Outdated")
    front.tuner.set(tuning)
    measure(qtbot, window)
    assert inks(window) == current
    assert not sheet.hint.text().startswith("Outdated")


def test_the_key_to_the_next_fracture_says_that_there_is_none(qtbot, window):
    front = window.workspace.front
    whole = replace(front.parts.spine_measurements, vertebrae=tuple(
        replace(one, genant=None) for one in front.spine.measured
    ))  # fmt: skip
    front.set(replace(front.parts, spine_measurements=whole))
    QTest.keyClick(window, Qt.Key.Key_F7)
    assert any("fracture grade" in str(notice.text) for notice in front.parts.notices)


def test_names_that_disagree_in_two_compared_scans_are_a_warning_until_they_agree(make_window):
    first = spine_volume(path=Path("before.nii.gz"))
    second = spine_volume(path=Path("after.nii.gz"), shape=(100, 80, 72))
    window = make_window(FakeBackend([first, second]), scan=first)
    window.workspace.show_volume(second)
    earlier, front = window.workspace.scans

    def give(scan, named_from):
        scan.set(replace(scan.parts, spine_measurements=growing_bodies(named_from)))
        window.spine_measurer.show()

    def warnings():
        notices = [one for one in front.parts.notices if one.topic == "shifted names"]
        assert all(notice.severity is Severity.WARNING for notice in notices)
        return [notice.text for notice in notices]

    give(earlier, "T5")
    give(front, "T4")
    assert warnings() == []  # they are not compared yet
    QTest.keyClick(window, Qt.Key.Key_M, CONTROL)
    window.spine_measurer.sheet.earlier.setCurrentIndex(1)
    (text_shown,) = warnings()
    assert "if T4 in this scan is T5 in the other" in text_shown
    front.end_topic("shifted names")
    window.spine_measurer.show()
    assert warnings() == []  # dismissed
    give(front, "T5")
    give(front, "T4")
    assert len(warnings()) == 1
    give(front, "T5")
    assert warnings() == []


def test_no_part_of_a_number_is_shown_in_a_column_that_the_table_cuts(window):
    table = window.spine_measurer.sheet.table
    delegate, model = table.itemDelegate(), table.model()
    shown = {}
    for column in range(model.columnCount()):
        option = QStyleOptionViewItem()
        option.widget, option.rect = table, table.visualRect(model.index(1, column))
        delegate.initStyleOption(option, model.index(1, column))
        shown[option.rect.right() <= table.viewport().width()] = option.text
        assert option.text in ("…", model.index(1, column).data())
    assert shown[True] != "…"
    assert shown[False] == "…"
    option.rect = table.visualRect(model.index(1, 0)).translated(-5, 0)  # scrolled
    delegate.initStyleOption(option, model.index(1, 0))
    assert option.text == "…"


def test_only_the_value_or_the_curve_whose_landmarks_are_shown_is_selected(window):
    sheet = window.spine_measurer.sheet
    value = Source(Kind.HEIGHTS, window.workspace.front.spine.measured.vertebrae[3].name)
    curve = Source(Kind.CURVE, "T7", CurveKind.LUMBAR_LORDOSIS)
    sheet._curves = (SimpleNamespace(cell=SimpleNamespace(source=curve)),)
    sheet.curves.addTopLevelItem(QTreeWidgetItem(["Lordosis"]))

    def selected_for(source):
        sheet.show_source(source)
        rows = [index.row() for index in sheet.table.selectionModel().selectedIndexes()]
        return rows, len(sheet.curves.selectedItems())

    for source, expected in (
        (value, ([3], 0)),
        (curve, ([], 1)),
        (value, ([3], 0)),  # again, although it is still the current cell
        (None, ([], 0)),
        (curve, ([], 1)),
        (None, ([], 0)),
    ):
        assert selected_for(source) == expected
