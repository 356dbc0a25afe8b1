import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeBackend
from pointer import drag, drag_voxels
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest

from spineviewer.gui.kit.language import use_language
from spineviewer.gui.measuring.marks import shown_measurements
from spineviewer.gui.measuring.measurement_table import AREA, KIND, NOTE, POSITION, VALUE
from spineviewer.measuring_tools.areas import Polygon, Region
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement, quantities
from spineviewer.volume.planes import Plane

LEFT, NONE, NO_KEY = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.NoButton,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
def window(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    yield window
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)


def click(view, point):
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, view.widget_position(point).toPoint())


def first_value(window, number=0):
    state = window.verbs.state
    return quantities(state.measurements[number], state.scan)[0].value


def test_a_drag_measures_a_distance_in_mm(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    x = window.verbs.state.crosshair_zyx[2]
    drag_voxels(window.area.views[Plane.SAGITTAL], (20, 40, x), (60, 40, x))
    assert window.verbs.state.measurements[0].tool == Distance()
    assert first_value(window) == pytest.approx(40 * 2.0, abs=1.0)
    assert window.panel.measurements.topLevelItemCount() == 1
    assert "mm" in window.panel.measurements.topLevelItem(0).text(VALUE)
    assert window.verbs.state.crosshair_zyx == (48, 40, 36)


def test_a_drag_that_begins_beside_the_picture_says_so_until_the_next_press(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view = window.area.views[Plane.SAGITTAL]
    x = window.verbs.state.crosshair_zyx[2]
    beside, plain = QPoint(3, 40), view.viewport().grab().toImage()
    assert view.index_at(QPointF(beside)) is None
    drag(view, beside, view.widget_position((60, 40, x)).toPoint())
    assert window.verbs.state.measurements == ()
    assert view.viewport().grab(QRect(0, 20, 200, 40)).toImage() != plain.copy(0, 20, 200, 40)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert view.viewport().grab(QRect(0, 20, 200, 40)).toImage() == plain.copy(0, 20, 200, 40)


def test_a_drag_and_a_click_measure_an_angle(window):
    QTest.keyClick(window, Qt.Key.Key_G)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 20, 36), (z, 40, 36))
    assert window.verbs.state.measurements == ()
    click(view, (z, 40, 56))
    assert first_value(window) == pytest.approx(90, abs=2)


def test_a_click_on_the_corner_of_an_angle_is_ignored(window):
    QTest.keyClick(window, Qt.Key.Key_G)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 20, 36), (z, 40, 36))
    click(view, (z, 40, 36))
    assert window.verbs.state.measurements == ()
    assert window.area.tool.is_drawing
    click(view, (z, 40, 56))
    assert first_value(window) == pytest.approx(90, abs=2)


def test_no_point_can_be_dragged_onto_the_other_end_of_its_line(window):
    QTest.keyClick(window, Qt.Key.Key_G)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 20, 36), (z, 40, 36))
    click(view, (z, 40, 56))
    drag_voxels(view, (z, 40, 56), (z, 40, 36))
    end, corner = window.verbs.state.measurements[0].points_zyx[2:0:-1]
    assert np.linalg.norm(np.array(end) - corner) > 1
    assert first_value(window) == pytest.approx(90, abs=4)


def test_two_drags_measure_a_cobb_angle(window):
    QTest.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    view, y = window.area.views[Plane.CORONAL], window.verbs.state.crosshair_zyx[1]
    drag_voxels(view, (80, y, 20), (80, y, 52))
    drag_voxels(view, (20, y, 20), (20 + 32 * 0.75 / 2 * 1.0, y, 52))  # 24 mm up over 48 mm
    assert first_value(window) == pytest.approx(26.57, abs=1.5)


@pytest.mark.parametrize("before", [0, 1])
def test_a_stray_click_does_not_become_the_end_of_a_dragged_line(window, before):
    window.actions_by_name["tool_cobb"].trigger()
    view, x = window.area.views[Plane.SAGITTAL], window.verbs.state.crosshair_zyx[2]
    plates = [((20, 30, x), (20, 60, x)), ((60, 30, x), (60, 60, x))]
    for number, plate in enumerate(plates):
        if number == before:
            click(view, (45, 45, x))
        drag_voxels(view, *plate)
    (measured,) = window.verbs.state.measurements
    assert [tuple(round(i) for i in point) for point in measured.points_zyx] == [
        *plates[0], *plates[1],
    ]  # fmt: skip


def test_the_first_endplate_stays_when_another_slice_is_shown(window):
    window.actions_by_name["tool_cobb"].trigger()
    view, (z, y, x) = window.area.views[Plane.CORONAL], window.verbs.state.crosshair_zyx
    drag_voxels(view, (80, y, 20), (80, y, 52))
    window.verbs.move_to((z, y + 6, x))
    assert window.area.tool.is_drawing
    assert "in this or another slice" in " ".join(view.annotations.text.left)
    drag_voxels(view, (20, y + 6, 20), (32, y + 6, 52))
    (measured,) = window.verbs.state.measurements
    assert {point[1] for point in measured.points_zyx} == {y + 6}
    assert first_value(window) == pytest.approx(26.57, abs=1.5)
    assert len(shown_measurements(view)) == 1


def test_the_first_endplate_is_discarded_when_the_plane_is_rotated(window):
    window.actions_by_name["tool_cobb"].trigger()
    view, y = window.area.views[Plane.CORONAL], window.verbs.state.crosshair_zyx[1]
    drag_voxels(view, (80, y, 20), (80, y, 52))
    rotation = window.verbs.state.rotation.in_picture(Plane.SAGITTAL, 20)
    front = window.workspace.front
    front.set_state(replace(front.state, rotation=rotation))
    assert not window.area.tool.is_drawing


@pytest.mark.parametrize("tool", ["tool_distance", "tool_region"])
def test_two_clicks_at_one_place_measure_nothing(window, tool):
    window.actions_by_name[tool].trigger()
    view, x = window.area.views[Plane.SAGITTAL], window.verbs.state.crosshair_zyx[2]
    for _ in range(2):
        click(view, (20, 40, x))
    assert window.verbs.state.measurements == ()
    assert not window.area.tool.is_drawing


def test_clicks_draw_a_line_too(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, x = window.area.views[Plane.SAGITTAL], window.verbs.state.crosshair_zyx[2]
    click(view, (20, 40, x))
    click(view, (60, 40, x))
    assert first_value(window) == pytest.approx(40 * 2.0, abs=1.0)


def test_a_region_gives_mean_standard_deviation_and_area(window):
    QTest.keyClick(window, Qt.Key.Key_O)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 42, 30), (z, 54, 42))
    row = window.panel.measurements.topLevelItem(0)
    assert "ROI" in row.text(KIND)
    assert "±" in row.text(VALUE)
    assert "mm²" in row.toolTip(VALUE)


def test_a_single_click_measures_nothing_and_escape_discards_the_first_point(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    click(view, (z, 20, 20))
    QTest.keyClick(window, Qt.Key.Key_Escape)
    drag_voxels(view, (z, 30, 20), (z, 30, 50))
    assert len(window.verbs.state.measurements) == 1
    assert window.verbs.state.measurements[0].points_zyx[0][1] == pytest.approx(30, abs=1)


def test_points_can_be_moved_afterwards(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    drag_voxels(view, (z, 30, 40), (z, 30, 60))
    assert len(window.verbs.state.measurements) == 1
    assert first_value(window) == pytest.approx(40 * 1.5, abs=1.5)


def test_a_click_in_the_list_goes_there_and_del_deletes(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    window.verbs.move_to((5, 5, 5))
    assert shown_measurements(view) == []
    listed = window.panel.measurements
    QTest.mouseClick(
        listed.viewport(), LEFT, NO_KEY, listed.visualItemRect(listed.topLevelItem(0)).center()
    )
    assert window.verbs.state.crosshair_zyx[0] == z
    assert len(shown_measurements(view)) == 1
    QTest.keyClick(window, Qt.Key.Key_Delete)
    assert window.verbs.state.measurements == ()
    assert not window.panel.measurements.isVisible()


def test_del_deletes_the_measurement_whose_end_was_clicked_in_the_picture(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    for row in (30, 50):
        drag_voxels(view, (z, row, 20), (z, row, 40))
    first, second = window.verbs.state.measurements
    QTest.keyClick(window, Qt.Key.Key_W)
    end = view.widget_position(first.points_zyx[1]).toPoint()
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, end)
    QTest.keyClick(window, Qt.Key.Key_Delete)
    assert window.verbs.state.measurements == (second,)


def test_the_table_is_saved_and_a_wrong_folder_reported(qtbot, window, tmp_path):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    window.verbs.save_table(tmp_path / "m.csv")
    qtbot.waitUntil((tmp_path / "m.csv.json").exists)
    rows = list(csv.DictReader((tmp_path / "m.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0]["measurement"] == "Distance"
    assert json.loads((tmp_path / "m.csv.json").read_text(encoding="utf-8"))["program"].startswith(
        "Spineviewer "
    )
    window.verbs.save_table(tmp_path / "nowhere" / "m.csv")
    qtbot.waitUntil(
        lambda: any("does not exist" in notice.text for notice in window.banners.notices())
    )


def test_measurements_are_restored_when_the_scan_is_opened_again(qtbot, window, scan):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    measured = window.verbs.state.measurements
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    window.verbs.close_scan()
    window.verbs.show_scan(scan)
    assert window.verbs.state.measurements == measured


def test_clicks_draw_a_polygon_that_closes_at_its_first_corner(window):
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    for point in ((z, 30, 20), (z, 30, 40), (z, 50, 40)):
        click(view, point)
    assert window.verbs.state.measurements == ()
    click(view, (z, 30, 20))
    polygon = window.verbs.state.measurements[0]
    assert polygon.tool == Polygon()
    assert len(polygon.points_zyx) == 3
    numbers = {q.name: q.value for q in quantities(polygon, window.verbs.state.scan)}
    assert numbers["area"] == pytest.approx(20 * 20 / 2 * 1.5 * 1.5, rel=0.2)
    assert set(numbers) == {"mean", "SD", "min", "max", "area"}


def test_a_double_click_closes_a_polygon_too(window):
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    for point in ((z, 30, 20), (z, 30, 40), (z, 50, 40)):
        click(view, point)
    QTest.mouseDClick(view.viewport(), LEFT, NO_KEY, view.widget_position((z, 50, 40)).toPoint())
    assert len(window.verbs.state.measurements) == 1
    assert window.area.maximised is None


def test_a_note_asks_for_its_text_and_is_discarded_without_one(window):
    QTest.keyClick(window, Qt.Key.Key_N)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 40, 40))
    assert window.measurer.field is not None
    # d, s, e … are keys of commands elsewhere
    QTest.keyClicks(window.measurer.field, "Dense island")
    QTest.keyClick(window.measurer.field, Qt.Key.Key_Return)
    assert window.verbs.state.measurements[0].text == "Dense island"
    assert window.panel.measurements.topLevelItem(0).text(NOTE) == "Dense island"
    assert window.area.tool.name == "note"
    drag_voxels(view, (z, 60, 20), (z, 70, 40))
    assert len(window.verbs.state.measurements) == 2
    QTest.keyClick(window.measurer.field, Qt.Key.Key_Escape)
    assert len(window.verbs.state.measurements) == 1


def test_the_table_gives_the_area_of_a_region_and_has_no_such_column_without_one(qtbot, window):
    table = window.panel.measurements
    z = window.verbs.state.crosshair_zyx[0]
    ends = ((float(z), 20.0, 10.0), (float(z), 30.0, 10.0))
    window.verbs.add_measurement(Measurement(Distance(), Plane.AXIAL, ends))
    assert table.isColumnHidden(AREA)
    corners = ((float(z), 20.0, 20.0), (float(z), 40.0, 40.0))  # an ellipse of 30 x 30 mm
    window.verbs.add_measurement(Measurement(Region(), Plane.AXIAL, corners))
    qtbot.waitUntil(lambda: not table.isColumnHidden(AREA))
    assert table.topLevelItem(0).text(AREA) == ""
    area, unit = table.topLevelItem(1).text(AREA).split()
    assert float(area) == pytest.approx(np.pi * 15**2, rel=0.05)
    assert unit == "mm²"


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_slice_of_a_named_region_is_in_sight_in_the_narrowest_panel(
    qtbot, make_window, scan, language
):
    use_language(language)
    window = make_window(FakeBackend([scan]), scan=scan, size=(1366, 738))
    window.workspace.front.measurements.add(
        Measurement(Region(), Plane.SAGITTAL, ((10.0, 20.0, 36.0), (60.0, 60.0, 36.0)), "Behind L2")
    )
    table = window.panel.measurements
    qtbot.waitUntil(table.isVisible)
    use_language("en")
    header = table.header()
    assert (
        header.sectionPosition(POSITION) + header.sectionSize(POSITION) <= table.viewport().width()
    )
    assert header.sectionSize(POSITION) >= table.sizeHintForColumn(POSITION)
    assert table.isColumnHidden(AREA)
    assert "mm²" in table.topLevelItem(0).toolTip(KIND)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_area_of_a_region_is_in_sight_in_the_narrowest_panel(
    qtbot, make_window, scan, language
):
    use_language(language)
    window = make_window(FakeBackend([scan]), scan=scan, size=(1366, 738))
    corners = ((10.0, 20.0, 36.0), (60.0, 60.0, 36.0))
    ends = ((9.0, 20.0, 10.0), (9.0, 30.0, 10.0))
    window.verbs.add_measurement(Measurement(Region(), Plane.SAGITTAL, corners))
    window.verbs.add_measurement(Measurement(Distance(), Plane.AXIAL, ends))
    table = window.panel.measurements
    qtbot.waitUntil(lambda: table.isVisible() and not table.isColumnHidden(AREA))
    use_language("en")
    assert table.topLevelItem(0).text(AREA).endswith("mm²")
    end = table.header().sectionPosition(POSITION) + table.header().sectionSize(POSITION)
    assert end <= table.viewport().width()
    last = table.visualItemRect(table.topLevelItem(1))
    qtbot.waitUntil(lambda: table.visibleRegion().boundingRect().bottom() >= last.bottom())


def test_the_list_names_the_slice_and_leaves_out_empty_names(window):
    table = window.panel.measurements
    ends = ((9.0, 20.0, 10.0), (9.0, 30.0, 10.0))
    window.verbs.add_measurement(Measurement(Distance(), Plane.AXIAL, ends))
    assert table.topLevelItem(0).text(POSITION) == "ax. 10"
    assert table.isColumnHidden(NOTE)
    shown = [table.columnWidth(column) for column in (KIND, VALUE, POSITION)]
    assert sum(shown) <= table.viewport().width()
    front = window.workspace.front
    front.measurements.change(0, replace(front.state.measurements[0], text="L1"))
    assert not table.isColumnHidden(NOTE)


def test_f2_names_a_measurement(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    QTest.keyClick(window, Qt.Key.Key_F2)
    QTest.keyClicks(window.measurer.field, "L1 depth")
    QTest.keyClick(window.measurer.field, Qt.Key.Key_Return)
    assert window.panel.measurements.topLevelItem(0).text(NOTE) == "L1 depth"


def test_a_distance_is_shown_in_the_other_planes_that_it_is_in(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    z, y, x = window.verbs.state.crosshair_zyx
    axial, coronal, sagittal = (
        window.area.views[p] for p in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
    )
    drag_voxels(axial, (z, y, x - 10), (z, y, x + 10))
    assert len(shown_measurements(axial)) == len(shown_measurements(coronal)) == 1
    assert shown_measurements(sagittal) == []


def test_measuring_in_a_rotated_plane_is_correct_and_the_list_leads_back_to_it(qtbot, window):
    window.verbs.rotate(Plane.SAGITTAL, 1.0)
    qtbot.waitUntil(lambda: not window.verbs.state.rotation.is_straight)
    for _ in range(19):
        window.verbs.rotate(Plane.SAGITTAL, 1.0)
    QTest.keyClick(window, Qt.Key.Key_D)
    view = window.area.views[Plane.AXIAL]
    cut = view.cut
    ends = [cut.index_at((40.0, 50.0)), cut.index_at((40.0, 80.0))]
    drag_voxels(view, *ends)
    assert first_value(window) == pytest.approx(30, abs=1.2)
    assert window.verbs.state.measurements[0].place_name(window.verbs.state.scan) == (
        "axial, oblique"
    )
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert shown_measurements(view) == []
    listed = window.panel.measurements
    QTest.mouseClick(
        listed.viewport(), LEFT, NO_KEY, listed.visualItemRect(listed.topLevelItem(0)).center()
    )
    assert window.verbs.state.rotation.tilt_deg(Plane.AXIAL) == pytest.approx(20)
    assert len(shown_measurements(view)) == 1


def test_a_dicom_report_is_offered_only_for_dicom_scans_and_the_reason_is_shown(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    assert not window.actions_by_name["save_sr"].isEnabled()
    assert "another format" in window.actions_by_name["save_sr"].toolTip()
    assert not window.panel.sr_button.isEnabled()
    assert "another format" in window.panel.sr_button.toolTip()


def test_the_report_is_written_in_the_background_and_failures_are_reported(qtbot, window, tmp_path):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    window.verbs.save_report(tmp_path / "m.dcm")
    qtbot.waitUntil(
        lambda: any("another format" in notice.text for notice in window.banners.notices())
    )


def test_the_table_sorts_by_value_and_still_leads_to_the_right_measurement(window):
    """Lengths of 10, 9 and 100 mm: as text, 100 would come before 9."""
    for k, length_mm in enumerate((10.0, 9.0, 100.0)):
        ends = ((0.0, 20.0 + k, 10.0), (length_mm / 2.0, 20.0 + k, 10.0))
        window.verbs.add_measurement(Measurement(Distance(), Plane.CORONAL, ends, "cab"[k]))
    table = window.panel.measurements

    def column(number):
        return [table.topLevelItem(row).text(number) for row in range(3)]

    assert column(POSITION) == ["cor. 21", "cor. 22", "cor. 23"]
    table.sortByColumn(VALUE, Qt.SortOrder.AscendingOrder)
    assert column(VALUE) == ["9.0 mm", "10.0 mm", "100.0 mm"]
    table.sortByColumn(NOTE, Qt.SortOrder.DescendingOrder)
    assert column(NOTE) == ["c", "b", "a"]
    table.setCurrentItem(table.topLevelItem(2))
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert window.verbs.state.crosshair_zyx[1] == 21
    window.actions_by_name["delete_measurement"].trigger()
    assert [m.text for m in window.verbs.state.measurements] == ["c", "b"]
    assert [table.topLevelItem(row).text(NOTE) for row in range(2)] == ["c", "b"]


@pytest.mark.parametrize("tool", ["window", "crosshair", "pan", "zoom", "rotate", "angle"])
def test_a_point_can_be_dragged_with_any_tool(window, tool):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    window.area.use_tool(tool)
    before = window.verbs.state
    drag_voxels(view, (z, 30, 40), (z, 44, 50))
    after = window.verbs.state
    (one,) = after.measurements
    assert np.abs(np.array(one.points_zyx[1]) - (z, 44, 50)).max() < 1
    assert one.points_zyx[0] == before.measurements[0].points_zyx[0]
    assert (after.window, after.crosshair_zyx, after.rotation) == (
        before.window,
        before.crosshair_zyx,
        before.rotation,
    )


def test_hidden_measurements_are_not_dragged(window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    window.verbs.set_overlays(replace(window.verbs.state.overlays, is_all_hidden=True))
    QTest.keyClick(window, Qt.Key.Key_W)
    before = window.verbs.state.measurements
    drag_voxels(view, (z, 30, 40), (z, 44, 50))
    assert window.verbs.state.measurements == before


def test_the_brush_paints_near_a_measurement(qtbot, window):
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    before = window.verbs.state.measurements
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current and window.verbs.runner.is_idle)
    QTest.keyClick(window, Qt.Key.Key_A)
    drag_voxels(view, (z, 30, 40), (z, 34, 44))
    assert window.verbs.state.measurements == before
    assert window.verbs.state.correction_revision > 0


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
def test_the_key_that_ends_naming_does_nothing_else(window, key):
    window.area.toggle_maximised(Plane.AXIAL)
    QTest.keyClick(window, Qt.Key.Key_D)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    drag_voxels(view, (z, 30, 20), (z, 30, 40))
    QTest.keyClick(window, Qt.Key.Key_F2)
    QTest.keyClicks(window.measurer.field, "L1")
    QTest.keyClick(window.measurer.field, key)
    assert window.area.maximised is Plane.AXIAL
    assert window.area.tool.name == "distance"
    assert window.verbs.state.measurements[0].text == ("" if key == Qt.Key.Key_Escape else "L1")


def test_enter_closes_a_polygon_that_is_being_drawn_and_the_hint_says_so(window):
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    for point in ((z, 30, 20), (z, 30, 40)):
        click(view, point)
    assert "Click the next corner; Esc discards the polygon" in view.annotations.text.left
    QTest.keyClick(view, Qt.Key.Key_Return)  # two corners make no area
    assert window.area.maximised is None
    click(view, (z, 50, 40))
    assert (
        "Enter or a double-click closes the polygon; Esc discards it" in view.annotations.text.left
    )
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert len(window.verbs.state.measurements[0].points_zyx) == 3
    assert window.area.maximised is None
    assert not any("Enter" in line for line in view.annotations.text.left)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert window.area.maximised is Plane.AXIAL


def test_a_click_with_the_note_tool_asks_for_its_text_at_once(window):
    QTest.keyClick(window, Qt.Key.Key_N)
    view, z = window.area.views[Plane.AXIAL], window.verbs.state.crosshair_zyx[0]
    click(view, (z, 30, 20))
    field = window.measurer.field
    assert field is not None
    assert window.focusWidget() is field
    QTest.keyClicks(window.focusWidget(), "mL")
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    note = window.verbs.state.measurements[0]
    assert note.text == "mL"
    assert note.points_zyx[0] != note.points_zyx[1]
    assert not window.cine.is_running
