from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import frame_of, settle
from fakes import FakeBackend, spine_volume
from pointer import NO_KEY, at, drag, move, wheel
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest

from spineviewer.app.state import MaskStyle, SlabKind
from spineviewer.gui.reporting.key_image import make_key_image
from spineviewer.gui.viewing.annotations import scale_bar
from spineviewer.gui.viewing.layouts import Layout
from spineviewer.gui.viewing.scene import Scene
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import WindowLevel

#: Where two segments of an outline meet, a pixel's shade depends on which of them is drawn first.
MAX_AT_CORNERS = 60


@pytest.mark.parametrize("plane", list(Plane))
def test_a_click_brings_all_planes_to_the_voxel_under_it(make_window, scan, plane):
    window = make_window(scan=scan)
    view = window.area.views[plane]
    index = [48, 40, 36]
    for axis in {0, 1, 2} - {plane.value}:
        index[axis] = 12 + axis
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, NO_KEY, at(view, tuple(index)))
    assert window.verbs.state.crosshair_zyx == tuple(index)


@pytest.mark.parametrize("plane", list(Plane))
def test_the_wheel_scrolls_its_own_plane_and_makes_it_active(make_window, scan, plane):
    window = make_window(scan=scan)
    before = list(window.verbs.state.crosshair_zyx)
    wheel(window.area.views[plane], 3)
    before[plane.value] += 3
    assert window.verbs.state.crosshair_zyx == tuple(before)
    assert window.area.active is plane


def test_small_wheel_steps_add_up_to_slices(make_window, scan):
    window = make_window(scan=scan)
    view = window.area.views[Plane.AXIAL]
    start = window.verbs.state.crosshair_zyx[0]
    for _ in range(8):
        wheel(view, 0.25)
    assert window.verbs.state.crosshair_zyx[0] == start + 2


def test_hu_and_position_under_the_pointer_are_those_of_the_voxel(make_window, scan):
    window = make_window(scan=scan)
    view = window.area.views[Plane.SAGITTAL]
    z, y, x = 70, 20, window.verbs.state.crosshair_zyx[2]
    move(view, at(view, (z, y, x)))
    text = window.status.pointer_label.text()
    assert text.startswith(f"{scan.hu[z, y, x]} HU")
    assert f"voxel {x + 1}, {y + 1}, {z + 1}" in text
    left, posterior, superior = scan.geometry.point_lps_mm((z, y, x))
    assert f"L {left:.1f}  P {posterior:.1f}  S {superior:.1f}" in text
    assert view.hover.text == f"{scan.hu[z, y, x]} HU"


def test_moving_with_shift_moves_the_crosshair(make_window, scan):
    window = make_window(scan=scan)
    view = window.area.views[Plane.CORONAL]
    y = window.verbs.state.crosshair_zyx[1]
    move(view, at(view, (10, y, 60)), Qt.KeyboardModifier.ShiftModifier)
    assert window.verbs.state.crosshair_zyx == (10, y, 60)
    move(view, at(view, (20, y, 50)))
    assert window.verbs.state.crosshair_zyx == (10, y, 60)


def test_dragging_left_sets_the_window_and_keeps_the_crosshair(make_window, scan):
    window = make_window(scan=scan)
    cursor = window.verbs.state.crosshair_zyx
    view = window.area.views[Plane.AXIAL]
    middle = view.viewport().rect().center()
    drag(view, middle, middle + QPoint(40, 20))
    assert window.verbs.state.window.width_hu > 1800
    assert window.verbs.state.window.level_hu > 400
    assert window.verbs.state.crosshair_zyx == cursor
    assert window.toolbar.preset_button.text().startswith("1987 / 493")


def test_middle_pans_right_zooms_and_space_resets_everything(make_window, scan, qtbot):
    window = make_window(scan=scan)
    view = window.area.views[Plane.SAGITTAL]
    index = (48, 40, 36)
    home, middle = at(view, index), view.viewport().rect().center()
    drag(view, middle, middle + QPoint(30, -20), button=Qt.MouseButton.MiddleButton)
    assert (at(view, index) - home - QPoint(30, -20)).manhattanLength() <= 2
    width = view.framing.camera.shown_mm.width()
    drag(view, middle, middle + QPoint(0, -60), button=Qt.MouseButton.RightButton)
    assert view.framing.camera.shown_mm.width() < width * 0.8
    wheel(view, 1, Qt.KeyboardModifier.ControlModifier)
    assert window.verbs.state.crosshair_zyx == index
    window.activateWindow()
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: (at(view, index) - home).manhattanLength() <= 2)


def test_zooming_at_the_pointer_keeps_the_voxel_under_it(make_window, scan):
    window = make_window(scan=scan)
    view = window.area.views[Plane.AXIAL]
    index = (48, 20, 50)
    place = at(view, index)
    wheel(view, 3, Qt.KeyboardModifier.ControlModifier, place)
    assert (at(view, index) - place).manhattanLength() <= 2


@pytest.mark.parametrize("plane", list(Plane))
def test_millimetres_have_the_same_length_in_both_directions(make_window, scan, plane):
    window = make_window(scan=scan)
    view = window.area.views[plane]
    corner, other = (
        view.widget_position((0, 0, 0)),
        view.widget_position(tuple(n - 1 for n in scan.geometry.shape_zyx)),
    )
    apart = [abs(other.x() - corner.x()), abs(other.y() - corner.y())]
    expected = [
        (scan.geometry.shape_zyx[axis] - 1)
        * scan.geometry.spacing_zyx_mm[axis]
        / view.framing.camera.mm_per_px
        for axis in (plane.column_axis, plane.row_axis)
    ]
    assert apart == pytest.approx(expected, abs=2)


def test_the_patients_right_is_on_the_left_of_the_screen_and_the_head_is_up(make_window, scan):
    window = make_window(scan=scan)
    axial, coronal, sagittal = (
        window.area.views[p] for p in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
    )
    for view in (axial, coronal):
        assert view.widget_position((48, 40, 0)).x() < view.widget_position((48, 40, 71)).x()
        assert view.annotations.text.letters[:2] == ("R", "L")
    assert axial.widget_position((48, 0, 36)).y() < axial.widget_position((48, 79, 36)).y()
    for view in (coronal, sagittal):
        assert view.widget_position((95, 40, 36)).y() < view.widget_position((0, 40, 36)).y()
        assert view.annotations.text.letters[2:] == ("S", "I")
    assert sagittal.widget_position((48, 0, 36)).x() < sagittal.widget_position((48, 79, 36)).x()
    assert sagittal.annotations.text.letters[:2] == ("A", "P")


def test_an_oblique_grid_has_compound_letters(make_window):
    cos, sin = np.cos(np.radians(14)), np.sin(np.radians(14))
    axes = ((0.0, -sin, cos), (0.0, cos, sin), (1.0, 0.0, 0.0))
    window = make_window(scan=spine_volume(axes=axes))
    view = window.area.views[Plane.AXIAL]
    assert view.annotations.text.left[0] == "Axial, oblique 14°"
    assert window.area.views[Plane.SAGITTAL].annotations.text.letters == ("AI", "PS", "SA", "IP")


def test_an_unknown_orientation_has_no_letters_and_a_banner_that_stays(make_window):
    window = make_window(scan=spine_volume(is_orientation_known=False))
    views = window.area.views
    assert all(view.annotations.text.letters == () for view in views.values())
    titles = {plane.name: view.annotations.text.left[0] for plane, view in views.items()}
    assert titles == {"AXIAL": "Slices", "CORONAL": "Rows", "SAGITTAL": "Columns"}
    spoken = [view.accessibleName() for view in window.area.cuts]
    assert {"Slices view", "Rows view", "Columns view", "Curved, rows view"} <= {*spoken}
    named = ("agittal", "oronal", "xial")
    assert not [name for name in spoken if any(word in name for word in named)]
    assert not [
        action.text()
        for action in window.menuBar().findChildren(QAction)
        if any(word in action.text() for word in named)
    ]
    assert any(
        "left and right, front and back" in notice.text and notice.is_lasting
        for notice in window.banners.notices()
    )
    window.verbs.show_scan(spine_volume(path=Path("known.nii.gz")))
    assert views[Plane.SAGITTAL].accessibleName() == "Sagittal view"


def test_warnings_about_the_file_stay_visible(make_window):
    window = make_window(scan=spine_volume(warnings=("This is not a CT but MR.",)))
    notice = window.banners.notices()[0]
    assert notice.text == "This is not a CT but MR."
    assert notice.is_lasting


def test_a_double_click_maximises_a_view_and_the_next_restores_it(make_window, scan):
    window = make_window(scan=scan)
    coronal = window.area.views[Plane.CORONAL]
    QTest.mouseDClick(
        coronal.viewport(), Qt.MouseButton.LeftButton, NO_KEY, coronal.viewport().rect().center()
    )
    assert [p for p, v in window.area.views.items() if v.isVisible()] == [Plane.CORONAL]
    assert coronal.size() == window.area.size()
    QTest.mouseDClick(
        coronal.viewport(), Qt.MouseButton.LeftButton, NO_KEY, coronal.viewport().rect().center()
    )
    assert all(view.isVisible() for view in window.area.views.values())


def test_sagittal_is_the_largest_by_default_and_layouts_change_by_key(make_window, scan):
    window = make_window(scan=scan)
    areas = {plane: view.width() * view.height() for plane, view in window.area.views.items()}
    assert max(areas, key=areas.get) is Plane.SAGITTAL
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.area.layout_kind is Layout.ROW
    assert len({view.height() for view in window.area.views.values()}) == 1


def test_arrow_keys_control_the_active_view(make_window, scan):
    window = make_window(scan=scan)
    window.activateWindow()
    window.area.set_active(Plane.AXIAL)
    view = window.area.views[Plane.AXIAL]
    for key, expected in (
        (Qt.Key.Key_Up, 49),
        (Qt.Key.Key_PageUp, 59),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_End, 95),
    ):
        QTest.keyClick(view, key)
        assert window.verbs.state.crosshair_zyx[0] == expected
    QTest.keyClick(window, Qt.Key.Key_V)
    assert window.area.active is not Plane.AXIAL


def test_digits_select_the_grey_scale(make_window, scan):
    window = make_window(scan=scan)
    QTest.keyClick(window, Qt.Key.Key_3)
    assert (window.verbs.state.window.width_hu, window.verbs.state.window.level_hu) == (400, 40)
    QTest.keyClick(window, Qt.Key.Key_5)  # the file has no window of its own
    assert window.verbs.state.window.width_hu == 400


def test_the_picture_shows_the_scan_through_the_window(make_window, scan):
    window = make_window(scan=scan)
    window.verbs.use_preset(3)
    view = window.area.views[Plane.AXIAL]
    view.grab()
    z = window.verbs.state.crosshair_zyx[0]
    frame = frame_of(view, window.verbs.state)
    grey = (frame.buffer & 0xFF).astype(float)
    expected = np.clip((scan.hu[z].astype(float) - (40 - 200)) * 255 / 400, 0, 255)
    assert np.abs(grey - expected).max() <= 1


@pytest.mark.parametrize(
    ("mm_per_px", "room", "bar"),
    [
        (0.5, 120, (50.0, "5 cm")),
        (0.1, 120, (10.0, "1 cm")),
        (0.05, 120, (5.0, "5 mm")),
        (2.0, 120, (200.0, "20 cm")),
    ],
)
def test_the_scale_bar_has_a_round_length_and_fits(mm_per_px, room, bar):
    assert scale_bar(mm_per_px, room) == bar
    assert bar[0] / mm_per_px <= room


def test_closing_a_scan_frees_it_and_shows_the_start_page(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    QTest.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert window.verbs.state is None
    assert window.pages.currentWidget() is window.start_page
    assert all(len(view.picture.composer._blend) == 0 for view in window.area.views.values())


def slab_of(view, state):
    return view.picture.composer.scan.on_plane(Scene(state), state.cut(view.plane))


def test_a_slab_shows_the_brightest_or_the_mean_of_its_slices_and_says_so(make_window, scan):
    window = make_window(scan=scan)
    QTest.keyClick(window, Qt.Key.Key_I)
    QTest.keyClick(window, Qt.Key.Key_0)
    view = window.area.views[Plane.AXIAL]
    assert view.annotations.text.left[1] == "MIP 14 mm, 7 slices"
    state = window.verbs.state
    near = scan.hu[45:52]  # 2 mm slices within 6 mm of slice 48
    assert (slab_of(view, state) == near.max(axis=0)).all()
    QTest.keyClick(window, Qt.Key.Key_I)
    assert np.abs(slab_of(view, window.verbs.state) - near.mean(axis=0)).max() <= 0.5
    sagittal = window.area.views[Plane.SAGITTAL]
    expected = scan.hu[::-1, :, 32:41].mean(axis=2)  # 1.5 mm slices within 6 mm of slice 36
    assert np.abs(slab_of(sagittal, window.verbs.state) - expected).max() <= 0.5
    QTest.keyClick(window, Qt.Key.Key_I)
    assert view.annotations.text.left == ("Axial",)


def test_a_slab_in_one_view_leaves_single_slices_in_the_others(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.area.set_active(Plane.CORONAL)
    slab_here = window.actions_by_name["slab_here"]
    slab_here.trigger()
    settle(qtbot, window)
    coronal, sagittal = window.area.views[Plane.CORONAL], window.area.views[Plane.SAGITTAL]
    assert "MIP" in coronal.annotations.text.left[1]
    assert len(sagittal.annotations.text.left) == 1
    for view in (coronal, sagittal):
        view.hover.point_at(QPointF(view.viewport().mapToGlobal(view.rect().center())))
        assert view.hover.text.startswith("MIP") is (view is coronal)
    assert slab_here.isChecked()
    key_image = make_key_image(window.area, window.workspace.front.parts)
    assert key_image.slab.kind is SlabKind.MIP
    slab_here.trigger()
    settle(qtbot, window)
    assert "MIP" in sagittal.annotations.text.left[1]
    assert not slab_here.isChecked()


def test_a_slab_ends_at_the_border_of_the_scan(make_window, scan):
    window = make_window(scan=scan)
    QTest.keyClick(window, Qt.Key.Key_I)
    view = window.area.views[Plane.AXIAL]
    assert (slab_of(view, window.verbs.state.moved_to((0, 0, 0))) == scan.hu[0:3].max(axis=0)).all()


def test_sagittal_slices_read_from_the_reordered_copy_are_the_same(qtbot, make_window, scan):
    window = make_window(scan=scan)
    layer = window.area.views[Plane.SAGITTAL].picture.composer.scan
    qtbot.waitUntil(lambda: layer._copy is not None)
    for index in (0, 36, 71):
        assert (
            layer.slice_hu(Scene(window.verbs.state), Plane.SAGITTAL, index)
            == scan.hu[::-1, :, index]
        ).all()
    window.verbs.close_scan()
    assert layer._copy is None


@pytest.mark.parametrize("plane", list(Plane))
def test_moving_the_crosshair_leaves_the_same_screen_as_a_full_repaint(
    make_window, scan, qtbot, plane
):
    window = make_window(FakeBackend(), scan)
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    settle(qtbot, window)
    others = [view for other, view in window.area.views.items() if other is not plane]
    drawn = [view.picture.screen._image_key for view in others]
    for steps in (3, -5, 1):
        before = screen_of(window)
        window.verbs.scroll(plane, steps)
        settle(qtbot, window)
    assert [view.picture.screen._image_key for view in others] == drawn  # scaled once and cached
    left = screen_of(window)
    assert left != before
    assert left == screen_painted_again(window)


@pytest.mark.parametrize("style", list(MaskStyle))
@pytest.mark.parametrize("plane", list(Plane))
def test_a_stroke_repaints_only_its_part_and_leaves_the_same_screen_as_a_full_repaint(
    make_window, scan, qtbot, plane, style
):
    window = make_window(FakeBackend(), scan)
    verbs = window.verbs
    verbs.segment()
    qtbot.waitUntil(lambda: verbs.state.is_mask_current and verbs.runner.is_idle)
    verbs.set_overlays(replace(verbs.state.overlays, mask_style=style))
    settle(qtbot, window)
    before = screen_of(window)
    verbs.begin_stroke(plane, (50.0, 20.0, 36.0), is_adding=True)
    for step in range(4):
        verbs.move_stroke((50.0 + step, 20.0 + 2 * step, 36.0 + step))
        stale = [view for view in window.area.views.values() if view.picture.is_stale]
        assert stale
        assert all(view.picture.stale_mm is not None for view in stale)
        settle(qtbot, window)
    left = screen_of(window)
    assert count_of_other_pixels(window, left, before) > 300
    assert count_of_other_pixels(window, left, screen_painted_again(window)) <= MAX_AT_CORNERS
    z, y, x = verbs.state.crosshair_zyx
    verbs.move_stroke(None)
    verbs.move_stroke((z + 20.0, y + 20.0, x + 15.0))
    assert not any(
        view.picture.is_stale for view in window.area.views.values()
    )  # no view shows this position
    verbs.end_stroke()
    qtbot.waitUntil(lambda: verbs.runner.is_idle)


def test_a_stroke_does_not_narrow_a_pending_full_composition(make_window, scan, qtbot):
    window = make_window(FakeBackend(), scan)
    verbs = window.verbs
    verbs.segment()
    qtbot.waitUntil(lambda: verbs.state.is_mask_current and verbs.runner.is_idle)
    settle(qtbot, window)
    verbs.begin_stroke(Plane.SAGITTAL, (50.0, 20.0, 36.0), is_adding=True)
    verbs.set_window(WindowLevel(900.0, 200.0))
    verbs.move_stroke((52.0, 22.0, 36.0))
    settle(qtbot, window)
    assert (
        count_of_other_pixels(window, screen_of(window), screen_painted_again(window))
        <= MAX_AT_CORNERS
    )
    verbs.end_stroke()
    qtbot.waitUntil(lambda: verbs.runner.is_idle)


def test_a_crosshair_in_rotated_planes_leaves_the_same_screen_as_a_full_repaint(
    make_window, scan, qtbot
):
    window = make_window(FakeBackend(), scan)
    window.verbs.rotate(Plane.SAGITTAL, 12.0)
    qtbot.waitUntil(
        lambda: not window.verbs.state.rotation.is_straight and window.verbs.runner.is_idle
    )
    views = window.area.views
    qtbot.waitUntil(
        lambda: not any(view._rotating.isActive() or view.is_stale for view in views.values())
    )
    drawn = (
        views[Plane.SAGITTAL].picture.screen._image_key,
        views[Plane.CORONAL].picture.screen._image_key,
    )
    before = screen_of(window)
    window.verbs.scroll(Plane.AXIAL, 6)
    settle(qtbot, window)
    assert (
        views[Plane.SAGITTAL].picture.screen._image_key,
        views[Plane.CORONAL].picture.screen._image_key,
    ) == drawn
    left = screen_of(window)
    assert left != before
    assert left == screen_painted_again(window)


def count_of_other_pixels(window, one, other):
    """Return how many pixels of the views differ between two pictures of the window."""
    views = QRect(window.area.mapTo(window, QPoint(0, 0)), window.area.size())
    one, other = one.copy(views), other.copy(views)
    one, other = (
        np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
        for image in (one, other)
    )
    return np.count_nonzero(one != other)


def screen_painted_again(window):
    """Return the screen after everything was composed and painted again."""
    window.area.update()
    for view in window.area.views.values():
        view.picture.composer.clear()
        view.shown.make_stale()
        view.picture.screen._image_key = ()
    window.area.grab()  # composed at once, not over several iterations
    for view in window.area.views.values():
        view.viewport().update()
    window.repaint()
    return screen_of(window)


def screen_of(window):
    """Return what the screen shows now, without painting anything."""
    return (
        window.screen()
        .grabWindow(window.winId())
        .toImage()
        .convertToFormat(QImage.Format.Format_RGB32)
    )


def test_tab_from_view_to_view_shows_which_one_has_the_keyboard(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.area.set_active(Plane.SAGITTAL)
    seen = []
    for _ in range(3):
        focus = window.focusWidget()
        seen.append(next(m for m, view in window.area.members.items() if view is focus))
        assert window.area.members[seen[-1]].is_active
        assert sum(view.is_active for view in window.area.members.values()) == 1
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert len(set(seen)) == 3
