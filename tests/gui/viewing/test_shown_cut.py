"""What a view shows changes only as far as its scene does; no widget is needed."""

from dataclasses import replace

import pytest
from fakes import spine_volume
from PySide6.QtCore import QPointF, QRect, QSize, QSizeF

from spineviewer.app.state import Overlays, first_state
from spineviewer.gui.viewing.framing import Framing
from spineviewer.gui.viewing.picture import Picture
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.shown_cut import ShownCut
from spineviewer.gui.viewing.slice_source import SliceSource
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane

SIZE_PX = QSize(300, 200)


@pytest.fixture
def scene():
    return Scene(first_state(spine_volume(), Tuning(), Overlays()))


@pytest.fixture
def framing():
    return Framing()


@pytest.fixture
def shown(scene, framing):
    framing.resize(QSizeF(SIZE_PX))
    shown = ShownCut(SliceSource(Plane.SAGITTAL), Picture(), framing)
    assert shown.replace(scene)  # a new scan is fitted
    shown.compose(1.0)
    return shown


def moved(scene, *by_zyx):
    place = tuple(p + step for p, step in zip(scene.state.point_zyx, by_zyx, strict=True))
    return replace(scene, state=scene.state.moved_to(place))


def test_a_position_in_the_view_is_that_of_its_voxel(shown, scene):
    z, y, x = scene.state.point_zyx
    assert shown.index_at(shown.px_at((z - 7, y + 3, x))) == pytest.approx((z - 7, y + 3, x))
    assert shown.index_at(QPointF(0.5, 0.5)) is None  # in the margin


def test_only_a_crosshair_that_moves_within_its_plane_keeps_the_picture(shown, scene):
    assert shown.has_same_picture(moved(scene, 5, 2, 0))
    assert not shown.has_same_picture(moved(scene, 0, 0, 2))


def test_a_fitted_picture_stays_fitted_and_a_moved_one_stays_where_it_is(shown, scene, framing):
    assert not shown.replace(moved(scene, 0, 0, 2))
    framing.enlarge(2.0, None, framing.camera.part_mm)
    corner = framing.camera.shown_mm.topLeft()
    assert not shown.replace(moved(scene, 0, 0, 4))
    assert framing.camera.shown_mm.topLeft() == corner


def test_the_crosshair_stays_in_place_while_planes_rotate(shown, scene, framing):
    framing.enlarge(2.0, None, framing.camera.part_mm)
    cross = shown.px_at(scene.state.point_zyx)
    rotated = replace(scene, state=scene.state.rotated(Plane.CORONAL, 20.0))
    assert not shown.replace(rotated)
    after = shown.px_at(rotated.state.point_zyx)
    assert (after.x(), after.y()) == pytest.approx((cross.x(), cross.y()))


def test_a_box_beside_the_slice_is_not_stale(shown, scene):
    x = scene.state.crosshair_zyx[2]
    beside = (slice(20, 30), slice(10, 20), slice(x + 1, x + 4))
    assert shown.make_box_stale(beside, shown.cut) is None
    assert not shown.is_stale
    through = (*beside[:2], slice(x - 1, x + 2))
    part_px = shown.make_box_stale(through, shown.cut)
    assert part_px.contains(shown.px_at((25.0, 15.0, float(x))).toPoint())
    assert not part_px.contains(shown.px_at((60.0, 15.0, float(x))).toPoint())
    assert shown.is_stale


def test_the_crosshair_covers_two_strips_or_everything_while_rotated(shown, scene):
    column, row = shown.cross_parts(scene.state, SIZE_PX)
    cross = shown.px_at(scene.state.point_zyx).toPoint()
    assert column.center().x() == cross.x() and column.height() == SIZE_PX.height()
    assert row.center().y() == cross.y() and row.width() == SIZE_PX.width()
    rotated = scene.state.rotated(Plane.CORONAL, 20.0)
    assert shown.cross_parts(rotated, SIZE_PX) == (QRect(0, 0, 300, 200),)


def test_looking_at_a_point_centres_it_and_never_zooms_out(framing):
    framing.resize(QSizeF(SIZE_PX))
    framing.look_at(QPointF(40.0, 60.0), 50.0)
    first = framing.camera
    assert first.shown_mm.center() == QPointF(40.0, 60.0)
    framing.look_at(QPointF(10.0, 20.0), 400.0)
    assert framing.camera.shown_mm.center() == QPointF(10.0, 20.0)
    assert framing.camera.mm_per_px == pytest.approx(first.mm_per_px)
    framing.look_at(QPointF(10.0, 20.0), first.shown_mm.height() / 2)
    assert framing.camera.mm_per_px == pytest.approx(first.mm_per_px / 2)
    assert framing.is_set_by_user
