import csv
import io
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from PIL import Image, ImageDraw

from spineviewer.measuring_tools.areas import Polygon, Region
from spineviewer.measuring_tools.lines import Angle, CobbAngle, Distance
from spineviewer.measuring_tools.measurement import (
    Measurement,
    details,
    quantities,
    short_value,
    summary,
)
from spineviewer.measuring_tools.measurement_tables import StoredMeasurement, as_csv
from spineviewer.measuring_tools.note import Note
from spineviewer.volume.cuts import PlaneCut, RotatedCut
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation
from tests.fakes import volume_of

TURN = np.radians(20)
GEOMETRY = Geometry(
    (30, 40, 50),
    (2.0, 0.5, 0.8),
    (5.0, -7.0, 11.0),
    (
        (0.0, -float(np.sin(TURN)), float(np.cos(TURN))),
        (0.0, float(np.cos(TURN)), float(np.sin(TURN))),
        (1.0, 0.0, 0.0),
    ),
)
HU = np.random.default_rng(3).integers(-1000, 2000, (30, 40, 50)).astype(np.int16)
SCAN = volume_of(HU, GEOMETRY)


def value(kind, plane, *points):
    return quantities(Measurement(kind, plane, points), SCAN)[0].value


@pytest.mark.parametrize(
    ("plane", "stop", "millimetres"),
    [
        (Plane.AXIAL, (10, 20, 30), 10 * 0.8),
        (Plane.AXIAL, (10, 26, 30), np.hypot(6 * 0.5, 10 * 0.8)),
        (Plane.SAGITTAL, (14, 23, 20), np.hypot(4 * 2.0, 3 * 0.5)),
        (Plane.CORONAL, (16, 20, 35), np.hypot(6 * 2.0, 15 * 0.8)),
    ],
)
def test_distances_are_in_patient_millimetres(plane, stop, millimetres):
    assert value(Distance(), plane, (10, 20, 20), stop) == pytest.approx(millimetres)


def test_angles_consider_the_voxel_shape():
    corner = (10.0, 10.0, 10.0)
    assert value(Angle(), Plane.AXIAL, (10, 20, 10), corner, (10, 10, 20)) == pytest.approx(90)
    diagonal = (10.0, 10 + 8.0, 10 + 5.0)  # 4 mm and 4 mm
    assert value(Angle(), Plane.AXIAL, (10, 20, 10), corner, diagonal) == pytest.approx(45)
    assert value(Angle(), Plane.AXIAL, corner, corner, diagonal) == 0


@pytest.mark.parametrize("rotated", [False, True])
def test_the_cobb_angle_is_that_of_lines_without_direction(rotated):
    first = ((5.0, 20.0, 10.0), (5.0, 20.0, 30.0))
    # 16 mm to the side, 16 tan 25 up
    second = (
        (15.0, 20.0, 10.0),
        (15.0 + 8 * np.tan(np.radians(25)), 20.0, 10.0 + 20.0),
    )
    points = (*first, *(second[::-1] if rotated else second))
    assert value(CobbAngle(), Plane.CORONAL, *points) == pytest.approx(25)


@pytest.mark.parametrize("plane", list(Plane))
def test_a_region_counts_the_voxels_inside_the_ellipse(plane):
    index = 12
    first, last = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    first[plane.value] = last[plane.value] = index
    rows, columns = plane.row_axis, plane.column_axis
    first[rows], last[rows], first[columns], last[columns] = 4.0, 15.0, 8.0, 21.0
    region = Measurement(Region(), plane, (tuple(first), tuple(last)))
    picture = np.take(HU, index, axis=plane.value)
    inside = [
        picture[r, c]
        for r in range(picture.shape[0])
        for c in range(picture.shape[1])
        if ((r - 9.5) / 5.5) ** 2 + ((c - 14.5) / 6.5) ** 2 <= 1
    ]
    found = {q.name: q.value for q in quantities(region, SCAN)}
    assert found["mean"] == pytest.approx(np.mean(inside))
    assert found["SD"] == pytest.approx(np.std(inside, ddof=1))
    assert (found["min"], found["max"]) == (min(inside), max(inside))
    assert found["area"] == pytest.approx(
        len(inside) * GEOMETRY.spacing_zyx_mm[rows] * GEOMETRY.spacing_zyx_mm[columns]
    )


def test_a_region_outside_the_scan_has_no_values():
    region = Measurement(Region(), Plane.AXIAL, ((3.0, 60.0, 60.0), (3.0, 70.0, 70.0)))
    assert summary(region, SCAN) == "0.0 mm²"


def test_it_is_drawn_only_in_its_own_slice():
    one = Measurement(Distance(), Plane.AXIAL, ((10.0, 1.0, 1.0), (10.0, 5.0, 5.0)))
    assert one.is_shown_in(PlaneCut(Plane.AXIAL, GEOMETRY, 10))
    assert not one.is_shown_in(PlaneCut(Plane.AXIAL, GEOMETRY, 11))
    assert not one.is_shown_in(PlaneCut(Plane.CORONAL, GEOMETRY, 10))


def test_lines_are_shown_in_every_plane_that_they_are_in_and_areas_where_they_are_flat():
    line = Measurement(Distance(), Plane.AXIAL, ((10.0, 7.0, 1.0), (10.0, 7.3, 25.0)))
    assert line.is_shown_in(PlaneCut(Plane.CORONAL, GEOMETRY, 7))
    assert not line.is_shown_in(PlaneCut(Plane.CORONAL, GEOMETRY, 8))
    region = Measurement(Region(), Plane.AXIAL, line.points_zyx)
    assert not region.is_shown_in(PlaneCut(Plane.CORONAL, GEOMETRY, 7))
    rotation = Rotation().in_picture(Plane.SAGITTAL, 20)
    place = np.array(line.points_zyx[0])
    tilted = RotatedCut(
        Plane.AXIAL,
        GEOMETRY,
        rotation,
        float(place * GEOMETRY.spacing_zyx_mm @ rotation.normal(Plane.AXIAL)),
    )
    assert line.is_shown_in(tilted)  # it runs along the axis about which the plane is rotated
    assert not region.is_shown_in(tilted)
    beside = replace(tilted, offset_mm=tilted.offset_mm + 3)
    assert not line.is_shown_in(beside)


POLYGON = ((4.2, 8.1), (5.0, 20.3), (15.4, 21.7), (11.0, 14.0), (16.2, 9.0))


@pytest.mark.parametrize("plane", list(Plane))
def test_a_polygon_counts_the_voxels_whose_centres_are_inside(plane):
    rows, columns = plane.row_axis, plane.column_axis
    points = []
    for row, column in POLYGON:
        point = [0.0, 0.0, 0.0]
        point[plane.value], point[rows], point[columns] = 12.0, row, column
        points.append(tuple(point))
    picture = np.take(HU, 12, axis=plane.value)
    drawn = Image.new("1", (picture.shape[1] * 8, picture.shape[0] * 8))
    ImageDraw.Draw(drawn).polygon([((c + 0.5) * 8, (r + 0.5) * 8) for r, c in POLYGON], fill=1)
    inside = np.array(drawn)[4::8, 4::8]  # the pixel at each voxel's centre
    found = {
        q.name: q.value for q in quantities(Measurement(Polygon(), plane, tuple(points)), SCAN)
    }
    pixel = GEOMETRY.spacing_zyx_mm[rows] * GEOMETRY.spacing_zyx_mm[columns]
    assert found["area"] / pixel == pytest.approx(inside.sum(), abs=2)
    assert found["mean"] == pytest.approx(picture[inside].mean(), abs=40)


def oblique_region(kind, offsets_mm, degrees=25.0):
    """Return a region around voxel (15, 20, 25) in a plane rotated out of the axial one.

    Corners are in mm to the right and down.
    """
    rotation = Rotation().in_picture(Plane.SAGITTAL, degrees)
    right, down = rotation.right_down(Plane.AXIAL)
    spacing = np.array(GEOMETRY.spacing_zyx_mm)
    middle = np.array((15.0, 20.0, 25.0)) * spacing
    points = tuple(
        tuple(float(v) for v in (middle + a * right + b * down) / spacing) for a, b in offsets_mm
    )
    return Measurement(kind, Plane.AXIAL, points, rotation=rotation)


def test_regions_in_rotated_planes_have_true_areas_and_interpolated_values():
    z, y, x = np.mgrid[:30, :40, :50]
    ramp = (3 * z + 5 * y - 2 * x).astype(np.int16)
    middle = 3 * 15 + 5 * 20 - 2 * 25
    ellipse = oblique_region(Region(), ((-6, -4), (6, 4)))
    found = {q.name: q.value for q in quantities(ellipse, volume_of(ramp, GEOMETRY))}
    assert found["area"] == pytest.approx(np.pi * 6 * 4, rel=0.03)
    assert found["mean"] == pytest.approx(middle, abs=1)
    square = oblique_region(Polygon(), ((-5, -5), (5, -5), (5, 5), (-5, 5)))
    found = {q.name: q.value for q in quantities(square, volume_of(ramp, GEOMETRY))}
    assert found["area"] == pytest.approx(100, rel=0.06)
    assert found["mean"] == pytest.approx(middle, abs=1)
    assert square.place_name(volume_of(ramp, GEOMETRY)) == "axial, oblique"


def test_a_note_has_text_and_no_values():
    note = Measurement(Note(), Plane.AXIAL, ((3.0, 4.0, 5.0), (3.0, 9.0, 9.0))).with_text(
        "  Schmorl's node "
    )
    assert quantities(note, SCAN) == ()
    assert summary(note, SCAN) == "Schmorl's node"
    rows = list(csv.DictReader(io.StringIO(as_csv([note], SCAN))))
    assert (rows[0]["label"], rows[0]["value"]) == ("Schmorl's node", "")


def test_a_named_measurement_shows_its_name_and_all_values_if_there_is_room():
    region = Measurement(Region(), Plane.AXIAL, ((3.0, 4.0, 5.0), (3.0, 19.0, 19.0)), "L1")
    numbers = {q.name: q.value for q in quantities(region, SCAN)}
    assert summary(region, SCAN).startswith("L1: ")
    assert details(region, SCAN).endswith(f", {numbers['min']:.0f} to {numbers['max']:.0f} HU")


def test_values_that_are_no_hounsfield_units_have_no_unit():
    scan = volume_of(HU, GEOMETRY, are_values_hu=False)
    region = Measurement(Region(), Plane.AXIAL, ((3.0, 4.0, 5.0), (3.0, 19.0, 19.0)))
    for text in (short_value(region, scan), details(region, scan), as_csv([region], scan)):
        assert "HU" not in text
    assert "HU" in short_value(region, SCAN)
    concepts = {q.kind.concept.meaning for q in quantities(region, scan)}
    assert concepts == {"Area", "Value in the image"}


def read(text):
    return msgspec.json.decode(text, type=StoredMeasurement).measurement


def stored_and_read(measurement):
    return read(msgspec.json.encode(StoredMeasurement.of(measurement)))


def test_rotated_and_named_measurements_are_stored_and_those_of_older_sessions_read():
    polygon = oblique_region(Polygon(), ((-5, -5), (5, -5), (5, 5), (-5, 5))).with_text("body")
    assert stored_and_read(polygon) == polygon
    old = '{"kind": "DISTANCE", "plane": "AXIAL", "points_zyx": [[1, 2, 3], [1, 5, 6]]}'
    assert read(old).rotation.is_straight
    for damaged, words in (
        (old.replace("DISTANCE", "POLYGON"), "number of points"),
        (old.replace("]]}", ']], "rotation": [[1, 1, 0], [0, 1, 0], [0, 0, 1]]}'), "right angles"),
        (old.replace("]]}", ']], "rotation": 3}'), "rotation"),
        (old.replace("]]}", ']], "label_mm": [1e5, 0]}'), "label_mm"),
    ):
        with pytest.raises(ValueError, match=words):
            read(damaged)


def test_the_table_has_kind_position_and_value():
    measurements = [
        Measurement(Distance(), Plane.AXIAL, ((10.0, 20.0, 20.0), (10.0, 20.0, 30.0))),
        Measurement(Region(), Plane.CORONAL, ((5.0, 7.0, 5.0), (15.0, 7.0, 25.0))),
    ]
    rows = list(csv.DictReader(io.StringIO(as_csv(measurements, SCAN))))
    assert [row["quantity"] for row in rows] == ["length", "mean", "SD", "min", "max", "area"]
    assert rows[0]["value"] == "8.000"
    assert (rows[1]["plane"], rows[1]["slice"], rows[1]["unit"]) == ("coronal", "8", "HU")
    place = [float(v) for v in rows[0]["points_lps_mm"].split("; ")[0].split()]
    assert place == pytest.approx(list(GEOMETRY.point_lps_mm((10, 20, 20))), abs=0.01)


def test_measurements_are_stored_and_damaged_ones_rejected():
    one = Measurement(Angle(), Plane.SAGITTAL, ((1.0, 2.0, 3.0), (4.0, 5.0, 3.0), (7.5, 8.0, 3.0)))
    assert stored_and_read(one) == one
    for text in (
        '{"kind": "ANGLE", "plane": "AXIAL", "points_zyx": [[1, 2, 3]]}',
        '{"kind": "X", "plane": "AXIAL", "points_zyx": []}',
        '{"kind": "X"}',
    ):
        with pytest.raises((ValueError, KeyError)):
            read(text)
