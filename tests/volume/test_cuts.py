import numpy as np
import pytest

from spineviewer.volume.centre_line import fit_centre_line
from spineviewer.volume.cuts import CurvedCut, PlaneCut, RotatedCut, is_inside
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.ruled import sample_scan

GEOMETRY = Geometry((31, 41, 51), (2.0, 0.7, 0.9), (5.0, -7.0, 11.0))
HU = np.random.default_rng(3).integers(-1000, 2000, GEOMETRY.shape_zyx).astype(np.int16)
PLACE = (15.0, 20.0, 30.0)


def rotated(plane, rotation):
    return RotatedCut(
        plane,
        GEOMETRY,
        rotation,
        float(np.array(PLACE) * GEOMETRY.spacing_zyx_mm @ rotation.normal(plane)),
    )


@pytest.mark.parametrize("plane", list(Plane))
def test_an_unrotated_cut_is_the_plane_itself(plane):
    straight, cut = PlaneCut(plane, GEOMETRY, int(PLACE[plane.value])), rotated(plane, Rotation())
    assert cut.size_mm == pytest.approx(straight.size_mm)
    for index in ((3, 4, 5), (20.5, 30.2, 1.0), PLACE):
        assert cut.on_screen_mm(index) == pytest.approx(straight.on_screen_mm(index))
        assert cut.across_mm(index) == pytest.approx(straight.across_mm(index))
    assert cut.index_at((7.5, 11.0)) == pytest.approx(straight.index_at((7.5, 11.0)))
    assert cut.edge_letters() == straight.edge_letters()


@pytest.mark.parametrize("plane", list(Plane))
def test_an_unrotated_picture_is_the_slice_itself(plane):
    geometry = Geometry(GEOMETRY.shape_zyx, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    cut = RotatedCut(plane, geometry, Rotation(), PLACE[plane.value])
    assert (sample_scan(HU, cut.surface()) == plane.slice_of(HU, int(PLACE[plane.value]))).all()


@pytest.mark.parametrize("plane", list(Plane))
def test_points_of_a_rotated_picture_map_to_voxels_and_back(plane):
    rotation = Rotation().about(np.array([1.0, 0.0, 0.0]), 20).about(np.array([0.0, 1.0, 0.3]), -33)
    cut = rotated(plane, rotation)
    index = cut.index_at((12.0, 9.0))
    assert cut.on_screen_mm(index) == pytest.approx((12.0, 9.0))
    assert cut.across_mm(index) == pytest.approx(0, abs=1e-9)
    beside = tuple(np.array(index) + 3.0 * rotation.normal(plane) / GEOMETRY.spacing_zyx_mm)
    assert cut.on_screen_mm(beside) == pytest.approx((12.0, 9.0))
    assert cut.across_mm(beside) == pytest.approx(3.0)


@pytest.mark.parametrize("plane", list(Plane))
def test_pixels_of_a_rotated_surface_match_the_cut(plane):
    cut = rotated(plane, Rotation().about(np.array([0.3, 1.0, -0.5]), 40))
    surface = cut.surface()
    for row, column in ((0, 0), (10, 17), (25, 3)):
        assert surface.index_zyx(row, column) == pytest.approx(
            cut.index_at(((column + 0.5) * surface.pixel_mm, (row + 0.5) * surface.pixel_mm))
        )


def test_rotation_about_a_planes_normal_keeps_its_picture_and_rotates_the_lines_in_it():
    rotation = Rotation().about(Rotation().normal(Plane.AXIAL), 30)
    axial = rotated(Plane.AXIAL, rotation)
    assert axial.index_at((10.0, 10.0)) == pytest.approx(
        PlaneCut(Plane.AXIAL, GEOMETRY, 15).index_at((10.0, 10.0))
    )
    right, down = rotation.crossing(Plane.AXIAL, Plane.CORONAL)
    assert abs(np.degrees(np.arctan2(down, right)) % 180) in (pytest.approx(30), pytest.approx(150))
    assert rotation.tilt_deg(Plane.AXIAL) == pytest.approx(0)
    assert rotation.tilt_deg(Plane.CORONAL) == pytest.approx(30)


@pytest.mark.parametrize("plane", list(Plane))
def test_the_lines_of_the_other_planes_rotate_clockwise_on_the_screen(plane):
    rotation = Rotation().about(np.array([0.2, 0.5, 0.1]), 15)
    other = next(p for p in Plane if p is not plane)
    before, after = (t.crossing(plane, other) for t in (rotation, rotation.in_picture(plane, 10)))
    angles = [np.degrees(np.arctan2(down, right)) for right, down in (before, after)]
    assert (angles[1] - angles[0]) % 360 == pytest.approx(10)


def test_letters_show_the_obliquity():
    cut = rotated(Plane.CORONAL, Rotation().about(np.array([1.0, 0.0, 0.0]), 30))
    assert cut.edge_letters() in (("RA", "LP", "S", "I"), ("RP", "LA", "S", "I"))


def test_a_rotation_and_its_inverse_cancel_out():
    rotation = Rotation()
    for _ in range(90):
        rotation = rotation.about(np.array([0.0, 0.6, 0.8]), 1.0)
    assert np.array(rotation.axes) @ np.array(rotation.axes).T == pytest.approx(
        np.eye(3), abs=1e-12
    )
    assert rotation.about(np.array([0.0, 0.6, 0.8]), -90).is_straight


@pytest.fixture(scope="module")
def line():
    z, y, x = np.mgrid[:150, :90, :90] * np.array((2.0, 1.5, 1.5)).reshape(3, 1, 1, 1)
    return fit_centre_line(
        (x - 67 - 25 * np.sin(z / 48)) ** 2 + (y - 60) ** 2 < 15**2, (2.0, 1.5, 1.5)
    )


CURVED_GRID = Geometry((150, 90, 90), (2.0, 1.5, 1.5), (0.0, 0.0, 0.0))


@pytest.mark.parametrize("plane", [Plane.CORONAL, Plane.SAGITTAL])
def test_points_of_a_curved_picture_map_to_voxels_and_back(line, plane):
    cut = CurvedCut(line, plane, CURVED_GRID, 6.0)
    index = cut.index_at((60.0, 120.0))
    assert cut.on_screen_mm(index) == pytest.approx((60.0, 120.0), abs=0.3)
    assert cut.across_mm(index) == pytest.approx(0, abs=0.3)
    surface = cut.surface()
    at = cut.index_at((40.5 * surface.pixel_mm, 100.5 * surface.pixel_mm))
    assert surface.index_zyx(100, 40) == pytest.approx(at, abs=0.02)


def test_a_bent_column_is_straight_in_the_curved_picture(line):
    z, y, x = np.mgrid[:150, :90, :90] * np.array((2.0, 1.5, 1.5)).reshape(3, 1, 1, 1)
    column = np.where((x - 67 - 25 * np.sin(z / 48)) ** 2 + (y - 60) ** 2 < 15**2, 1000, 0).astype(
        np.int16
    )
    surface = CurvedCut(line, Plane.CORONAL, CURVED_GRID, 0.0).surface()
    picture = sample_scan(column, surface) > 500
    rows = picture[
        round(line.first_mm / surface.pixel_mm) + 10 : round(line.last_mm / surface.pixel_mm) - 10
    ]
    middles = np.array([np.flatnonzero(row).mean() for row in rows]) * surface.pixel_mm
    assert np.ptp(middles) < 2.5
    assert middles.mean() == pytest.approx(70, abs=1.5)
    width = picture.sum(axis=1)[60:140] * surface.pixel_mm
    # cut at right angles to the line
    assert 30 * np.cos(np.arctan(25 / 48)) - 1.5 < width.min() <= width.max() < 32


def test_the_letters_of_a_curved_picture_are_the_patients_directions(line):
    assert CurvedCut(line, Plane.CORONAL, CURVED_GRID, 0.0).edge_letters() == ("R", "L", "S", "I")
    assert CurvedCut(line, Plane.SAGITTAL, CURVED_GRID, 0.0).edge_letters() == ("A", "P", "S", "I")


def test_the_scan_ends_at_its_voxel_edges():
    assert is_inside(GEOMETRY, (-0.5, 0, 50.5))
    assert not is_inside(GEOMETRY, (-0.6, 0, 0))
