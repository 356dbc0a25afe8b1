from dataclasses import replace

import numpy as np
import pytest
from conftest import segments_of, settle
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spineviewer.app.overlay import MapKind
from spineviewer.gui.reporting import report_image
from spineviewer.gui.reporting.key_image import make_key_image
from spineviewer.gui.viewing import view_annotations
from spineviewer.gui.viewing.layouts import Layout, SpineView
from spineviewer.gui.viewing.surface_view import has_opengl
from spineviewer.volume.cuts import CurvedCut, RotatedCut
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation

NO_KEY, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def load_sampling(qtbot, window):
    """Rotate once, so that the code for sampled planes is loaded and no later rotation waits."""
    window.verbs.rotate(Plane.SAGITTAL, 1.0)
    qtbot.waitUntil(lambda: not window.verbs.state.rotation.is_straight)
    window.verbs.straighten()


@pytest.fixture
def window(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    load_sampling(qtbot, window)
    yield window
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)


@pytest.fixture
def along(qtbot, window):
    """A window with a segmented scan in the layout along the spine."""
    QTest.keyClick(window, Qt.Key.Key_6, CTRL)
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.line is not None)
    return window


def click(view, point):
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, NO_KEY, point)


def test_before_the_segmentation_the_views_say_what_they_wait_for(window):
    QTest.keyClick(window, Qt.Key.Key_6, CTRL)
    assert window.area.layout_kind is Layout.SPINE
    for view in window.area.curved.values():
        assert view.isVisible()
        assert view.cut is None
        assert view.source.message.startswith("Segment the spine")
        view.grab()
    assert window.area.surface.message.startswith("Segment the spine")


def test_the_centre_line_is_computed_only_when_a_view_along_the_spine_is_shown(qtbot, window):
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    assert window.verbs.line is None
    QTest.keyClick(window, Qt.Key.Key_6, CTRL)
    qtbot.waitUntil(lambda: window.verbs.line is not None)
    assert all(isinstance(view.cut, CurvedCut) for view in window.area.curved.values())


def test_the_picture_shows_scan_mask_and_attention_map(along):
    view = along.area.curved[SpineView.SAGITTAL]
    view.grab()
    frame = view.picture.screen._frame
    assert len(segments_of(frame, "mask")) > 20
    assert len(segments_of(frame, "attention contour")) > 20
    assert len(np.unique(frame.buffer)) > 20


def test_lengths_cannot_be_measured_and_the_scale_bar_applies_across_only(along, monkeypatch):
    painted = []
    for module in (view_annotations, report_image):
        monkeypatch.setattr(
            module, "paint_scale_bar", lambda *_, is_to_scale: painted.append(is_to_scale)
        )
    view = along.area.curved[SpineView.CORONAL]
    click(view, view.viewport().rect().center())
    view.grab()
    QTest.keyClick(along, Qt.Key.Key_D)
    image = make_key_image(along.area, along.workspace.front.parts)
    assert image.view == SpineView.CORONAL.value
    report_image.key_picture(image, view.scene, None, along.verbs.line, 300)
    assert not view.tool.works_in(view.cut)
    assert "measuring is not possible in curved views" in view.annotations.text.left
    assert painted
    assert not any(painted)


def test_rows_of_the_straightened_picture_are_to_scale(along):
    cut = along.area.curved[SpineView.SAGITTAL].cut
    spacing = np.array(cut.geometry.spacing_zyx_mm)
    for down in (5.0, cut.size_mm[1] / 2, cut.size_mm[1] - 5):
        ends = [np.array(cut.index_at((right, down))) * spacing for right in (30.0, 110.0)]
        assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(80.0, abs=1e-6)


@pytest.mark.parametrize("member", [SpineView.CORONAL, SpineView.SAGITTAL])
def test_a_click_in_the_straightened_picture_moves_the_crosshair_there_in_all_views(along, member):
    view = along.area.curved[member]
    cut = view.cut
    index = cut.index_at((cut.size_mm[0] / 2 + 9, cut.size_mm[1] / 2 - 30))
    click(view, view.widget_position(index).toPoint())
    assert np.abs(np.array(along.verbs.state.crosshair_zyx) - index).max() <= 1.01
    assert view.cut.depth_mm == cut.depth_mm  # the same picture, not one half a voxel beside it


def test_the_crosshair_of_the_other_views_moves_the_straightened_pictures(along):
    coronal, sagittal = along.area.curved[SpineView.CORONAL], along.area.curved[SpineView.SAGITTAL]
    before = coronal.cut.depth_mm, sagittal.cut.depth_mm
    z, y, x = along.verbs.state.crosshair_zyx
    along.verbs.move_to((z, y + 4, x - 6))
    assert coronal.cut.depth_mm == pytest.approx(before[0] + 4 * 1.5, abs=0.5)
    assert sagittal.cut.depth_mm == pytest.approx(before[1] - 6 * 1.5, abs=0.5)


def test_the_wheel_scrolls_through_the_straightened_spine(along):
    view = along.area.curved[SpineView.CORONAL]
    depth, y = view.cut.depth_mm, along.verbs.state.crosshair_zyx[1]
    place = QPointF(view.viewport().rect().center())
    event = QWheelEvent(
        place, QPointF(view.viewport().mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, NO_KEY, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)
    assert view.cut.depth_mm == pytest.approx(depth + 3.0, abs=0.1)
    assert along.verbs.state.crosshair_zyx[1] == y + 2
    assert along.area.active is SpineView.CORONAL
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.cut.depth_mm == pytest.approx(depth + 1.5, abs=0.1)


def test_another_mask_gives_another_line(qtbot, along):
    line = along.verbs.line
    along.panel.tuning_box.attention_threshold.field.setValue(0.4)
    qtbot.waitUntil(lambda: along.verbs.line is not line)


def test_too_little_mask_is_reported(qtbot, along):
    along.panel.tuning_box.attention_threshold.field.setValue(1.0)
    qtbot.waitUntil(lambda: along.verbs.line is None)
    assert "too little of the spine" in along.area.curved[SpineView.CORONAL].source.message


def test_layouts_are_switched_by_key_and_hidden_views_come_back_up_to_date(window, scan):
    for key, kind, shown in (
        (Qt.Key.Key_4, Layout.GRID, {*Plane, SpineView.SURFACE}),
        (Qt.Key.Key_5, Layout.THREE, {*Plane, SpineView.SURFACE}),
        (Qt.Key.Key_6, Layout.SPINE, {Plane.AXIAL, *SpineView}),
        (Qt.Key.Key_1, Layout.SAGITTAL, set(Plane)),
    ):
        QTest.keyClick(window, key, CTRL)
        assert window.area.layout_kind is kind
        assert {member for member, view in window.area.members.items() if view.isVisible()} == shown
        assert window.area.active in shown
        window.verbs.move_to((10.0, 12.0, window.verbs.state.crosshair_zyx[2] - 1.0))
    assert window.area.views[Plane.SAGITTAL].cut.slice_index == window.verbs.state.crosshair_zyx[2]


def test_v_cycles_through_all_views_of_the_layout_and_f_maximises_each(window):
    QTest.keyClick(window, Qt.Key.Key_6, CTRL)
    seen = set()
    for _ in range(4):
        QTest.keyClick(window, Qt.Key.Key_V)
        seen.add(window.area.active)
        QTest.keyClick(window.area.members[window.area.active], Qt.Key.Key_F)
        assert [m for m, view in window.area.members.items() if view.isVisible()] == [
            window.area.active
        ]
        QTest.keyClick(window.area.members[window.area.active], Qt.Key.Key_F)
    assert seen == {Plane.AXIAL, *SpineView}


def test_every_view_has_a_name_for_screen_readers(window):
    names = [view.accessibleName() for view in window.area.members.values()]
    assert all(name.removesuffix(", second grey-scale window").endswith("view") for name in names)
    assert len(set(names)) == len(names) >= 6


def test_without_opengl_the_surface_view_says_so(qtbot, along):
    if has_opengl():
        pytest.skip("this platform has OpenGL")
    qtbot.waitUntil(lambda: along.verbs.surface is not None)
    along.area.surface.grab()
    assert along.area.surface._has_opengl is False


def test_without_a_surface_a_moved_crosshair_does_not_repaint_its_view(qtbot, window):
    QTest.keyClick(window, Qt.Key.Key_6, CTRL)
    settle(qtbot, window)
    view = window.area.surface
    QApplication.processEvents()
    paints = view.finished_paints
    window.verbs.scroll(Plane.AXIAL, 3)
    settle(qtbot, window)
    QApplication.processEvents()
    assert (view.finished_paints, view.isVisible()) == (paints, True)


def test_the_surface_has_outward_normals_and_is_hit_along_the_line_of_sight(qtbot, along):
    qtbot.waitUntil(lambda: along.verbs.surface is not None)
    surface = along.verbs.surface
    assert 1000 < len(surface.triangles) <= 60_000
    assert np.linalg.norm(surface.normals_xyz, axis=1) == pytest.approx(1.0, abs=1e-3)
    middle = surface.points_xyz_mm.mean(axis=0)
    front = surface.points_xyz_mm[:, 1] < np.percentile(surface.points_xyz_mm[:, 1], 5)
    assert (surface.normals_xyz[front, 1] < 0).mean() > 0.9
    body = surface.points_xyz_mm[front].mean(axis=0)
    start = np.array([middle[0], middle[1] - 500.0, surface.points_xyz_mm[front][0, 2]])
    hit = surface.hit_by(start, np.array([0.0, 1.0, 0.0]))
    assert hit[1] == pytest.approx(body[1], abs=3)
    assert surface.hit_by(start, np.array([0.0, -1.0, 0.0])) is None
    assert set(surface.maps) == set(MapKind)
    for kind, values in surface.maps.items():
        assert values.shape == (len(surface.points_xyz_mm),), kind
        assert 0 <= values.min() <= values.max() <= 1.0 + 1e-6, kind
    # the surface runs where bone ends
    assert surface.maps[MapKind.PROBABILITY].mean() == pytest.approx(0.5, abs=0.25)


def test_the_first_rotation_waits_for_the_sampling_loops_and_the_window_does_not(
    qtbot, make_window, scan
):
    window = make_window(scan=scan)
    window.verbs.rotate(Plane.SAGITTAL, 4.0)
    window.verbs.rotate(Plane.SAGITTAL, 4.0)  # while it loads, a further rotation is ignored
    assert window.verbs.state.rotation.is_straight
    qtbot.waitUntil(lambda: not window.verbs.state.rotation.is_straight)
    assert window.verbs.state.rotation.tilt_deg(Plane.AXIAL) == pytest.approx(4)


def turned_window(window, degrees=15):
    for _ in range(degrees):
        window.verbs.rotate(Plane.SAGITTAL, 1.0)
    return window


def test_planes_rotate_about_the_crosshair_which_stays_in_place(window):
    window.verbs.move_to((60, 30, 40))
    axial = window.area.views[Plane.AXIAL]
    before = axial.widget_position((60, 30, 40))
    turned_window(window)
    assert window.verbs.state.crosshair_zyx == (60, 30, 40)
    moved = axial.widget_position(window.verbs.state.point_zyx) - before
    assert abs(moved.x()) <= 2 and abs(moved.y()) <= 2
    assert axial.annotations.text.left[0] == "Axial, oblique 15°"
    assert axial.annotations.text.letters in (("R", "L", "AS", "PI"), ("R", "L", "AI", "PS"))
    assert window.area.views[Plane.SAGITTAL].annotations.text.left[0] == "Sagittal"


@pytest.mark.parametrize("degrees", [30, 50, 70])
def test_the_title_of_a_rotated_plane_has_its_whole_angle(window, degrees):
    for _ in range(degrees):
        window.verbs.rotate(Plane.SAGITTAL, 1.0)
    for plane in (Plane.AXIAL, Plane.CORONAL):
        title = window.area.views[plane].annotations.text.left[0]
        assert title == f"{plane.name.title()}, oblique {degrees}°"


def test_a_click_in_a_rotated_plane_goes_to_the_point_shown_there(window):
    turned_window(window)
    axial = window.area.views[Plane.AXIAL]
    index = axial.cut.index_at((60.0, 70.0))
    click(axial, axial.widget_position(index).toPoint())
    assert np.abs(np.array(window.verbs.state.point_zyx) - index).max() < 1.5
    assert abs(axial.cut.across_mm(window.verbs.state.point_zyx)) < 1e-3


def test_dragging_with_the_rotation_tool_rotates_the_lines_with_the_pointer(window):
    QTest.keyClick(window, Qt.Key.Key_R)
    view = window.area.views[Plane.SAGITTAL]
    middle = view.widget_position(window.verbs.state.point_zyx)
    start, stop = (middle + 100 * QPointF(np.cos(a), np.sin(a)) for a in (0.0, np.radians(20)))
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, NO_KEY, start.toPoint())
    for fraction in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(view.viewport(), (start + (stop - start) * fraction).toPoint())
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, NO_KEY, stop.toPoint())
    assert window.verbs.state.rotation.tilt_deg(Plane.AXIAL) == pytest.approx(20, abs=2)
    assert window.verbs.state.rotation.tilt_deg(Plane.SAGITTAL) == pytest.approx(0, abs=1e-6)


def test_keys_rotate_by_a_degree_and_straighten(window):
    view = window.area.views[Plane.CORONAL]
    window.area.set_active(Plane.CORONAL)
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert window.verbs.state.rotation.tilt_deg(Plane.AXIAL) == pytest.approx(3)
    QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.verbs.state.rotation.tilt_deg(Plane.AXIAL) == pytest.approx(2)
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert window.verbs.state.rotation.is_straight


def test_scrolling_a_rotated_plane_follows_its_normal_without_jitter(window):
    turned_window(window)
    axial = window.area.views[Plane.AXIAL]
    start = axial.cut.offset_mm
    step = np.linalg.norm(
        window.verbs.state.rotation.normal(Plane.AXIAL) * np.array([2.0, 1.5, 1.5])
    )
    for k in range(1, 6):
        window.verbs.scroll(Plane.AXIAL, 1)
        assert axial.cut.offset_mm == pytest.approx(start + k * step, abs=1e-4)


def test_overlays_are_in_the_right_place_on_rotated_planes(qtbot, window):
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    turned_window(window)
    view = window.area.views[Plane.CORONAL]
    qtbot.waitUntil(lambda: not view._rotating.isActive())
    view.grab()
    frame, cut = view.picture.screen._frame, view.cut
    assert len(segments_of(frame, "mask")) > 10
    mask = window.verbs.state.fused.mask.voxels
    pixel = view.picture.screen._frame.size_mm.width() / frame.image.width()
    near = 0
    for x0, y0, x1, y1 in segments_of(frame, "mask")[
        :: max(1, len(segments_of(frame, "mask")) // 50)
    ]:
        index = np.array(cut.index_at(((x0 + x1) / 2 * pixel, (y0 + y1) / 2 * pixel)))
        z, y, x = (slice(max(0, int(i) - 2), int(i) + 4) for i in index)
        near += mask[z, y, x].any() and not mask[z, y, x].all()
    assert near >= 45


def test_a_sampled_picture_has_screen_resolution_and_the_right_position(qtbot, window):
    turned_window(window)
    view = window.area.views[Plane.CORONAL]
    view.zoom_by(8)
    view.grab()
    item, cut = view.picture.screen, view.cut
    # it still rotates
    assert item._frame.size_mm.width() / item._frame.image.width() == pytest.approx(
        2 * cut.pixel_mm
    )
    qtbot.waitUntil(lambda: not view._rotating.isActive())
    view.fit()
    view.grab()
    coarse = item._frame.size_mm.width() / item._frame.image.width()
    assert 0 <= item._frame.size_mm.width() - cut.size_mm[0] < coarse
    view.zoom_by(8)
    view.grab()
    assert item._frame.size_mm.width() / item._frame.image.width() == pytest.approx(cut.pixel_mm)
    surface = cut.surface()
    row, column = surface.shape[0] // 2, surface.shape[1] // 2
    bright = np.rint(surface.index_zyx(row, column)).astype(int)
    window.verbs.state.scan.hu[tuple(bright)] = 3000
    view.picture.composer.clear()
    view.shown.make_stale()
    view.grab()
    grey = item._frame.buffer & 0xFF
    around = grey[row - 2 : row + 3, column - 2 : column + 3]
    assert around.max() == 255


@pytest.mark.parametrize("kind", list(MapKind))
def test_rotated_planes_show_the_chosen_map_in_the_same_place(qtbot, window, kind):
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    state, fusion = window.verbs.state, window.verbs.fusion
    cut = RotatedCut(Plane.CORONAL, state.scan.geometry, Rotation(), 48 * 1.5)
    found = fusion.map_on(kind, cut.surface(), state.tuning)
    plane = fusion.map_plane(kind, 1, 48, state.tuning)
    rows, columns = (np.arange(n) for n in found.shape)
    z = (
        np.rint((found.shape[0] - 1 - rows) * 1.5 / 2.0 - 0.1)
        .astype(int)
        .clip(0, plane.shape[0] - 1)
    )
    expected = plane[z][:, np.minimum(columns, plane.shape[1] - 1)]
    assert np.abs(found - expected).mean() < 0.05
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.9 or expected.max() < 0.05


def test_a_chosen_map_is_drawn_over_rotated_planes(qtbot, window):
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    turned_window(window)
    view = window.area.views[Plane.CORONAL]
    pictures = []
    for kind in (MapKind.ATTENTION, MapKind.PROBABILITY):
        window.verbs.set_overlays(replace(window.verbs.state.overlays, map_kind=kind))
        view.grab()
        pictures.append(view.picture.screen._frame.buffer.copy())
    assert (pictures[0] != pictures[1]).mean() > 0.01


def test_space_resets_the_rotation_too(window):
    turned_window(window)
    QTest.keyClick(window.area.views[Plane.AXIAL], Qt.Key.Key_Space)
    assert window.verbs.state.rotation.is_straight


def test_an_oblique_scan_shows_its_obliquity_when_rotated_back_to_the_patient(qtbot, make_window):
    cos, sin = float(np.cos(np.radians(14))), float(np.sin(np.radians(14)))
    window = make_window(
        scan=spine_volume(axes=((0.0, -sin, cos), (0.0, cos, sin), (1.0, 0.0, 0.0)))
    )
    load_sampling(qtbot, window)
    for _ in range(14):
        window.verbs.rotate(Plane.SAGITTAL, 1.0)
    title = window.area.views[Plane.AXIAL].annotations.text.left[0]
    if title != "Axial":  # in the opposite direction
        for _ in range(28):
            window.verbs.rotate(Plane.SAGITTAL, -1.0)
    assert window.area.views[Plane.AXIAL].annotations.text.left[0] == "Axial"
    assert window.area.views[Plane.AXIAL].annotations.text.letters == ("R", "L", "A", "P")


def test_curved_pictures_have_letters_window_and_distance_from_the_start(qtbot, window):
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current and window.verbs.runner.is_idle)
    QTest.keyClick(window, Qt.Key.Key_6, CTRL)
    qtbot.waitUntil(lambda: window.verbs.line is not None)
    for along, letters in (
        (SpineView.CORONAL, ("R", "L", "S", "I")),
        (SpineView.SAGITTAL, ("A", "P", "S", "I")),
    ):
        written = window.area.curved[along].annotations.text
        assert written.letters == letters
        assert written.window == "W 1800  L 400"
        assert "line" in written.right[0]
