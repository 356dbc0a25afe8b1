import csv
import io

import numpy as np
import pytest

from spineviewer.app.measuring import MeasureKind, Measurement, as_csv, as_json, from_json, quantities, summary
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.planes import Plane

TURN = np.radians(20)
GEOMETRY = Geometry(
    (30, 40, 50),
    (2.0, 0.5, 0.8),
    (5.0, -7.0, 11.0),
    ((0.0, -float(np.sin(TURN)), float(np.cos(TURN))), (0.0, float(np.cos(TURN)), float(np.sin(TURN))), (1.0, 0.0, 0.0)),
)
HU = np.random.default_rng(3).integers(-1000, 2000, (30, 40, 50)).astype(np.int16)


def value(kind, plane, *points):
    return quantities(Measurement(kind, plane, points), GEOMETRY, HU)[0].value


@pytest.mark.parametrize(
    ("plane", "stop", "millimetres"),
    [
        (Plane.AXIAL, (10, 20, 30), 10 * 0.8),
        (Plane.AXIAL, (10, 26, 30), np.hypot(6 * 0.5, 10 * 0.8)),
        (Plane.SAGITTAL, (14, 23, 20), np.hypot(4 * 2.0, 3 * 0.5)),
        (Plane.CORONAL, (16, 20, 35), np.hypot(6 * 2.0, 15 * 0.8)),
    ],
)
def test_distances_are_in_the_patients_millimetres(plane, stop, millimetres):
    assert value(MeasureKind.DISTANCE, plane, (10, 20, 20), stop) == pytest.approx(millimetres)


def test_angles_know_the_voxels_shape():
    corner = (10.0, 10.0, 10.0)
    assert value(MeasureKind.ANGLE, Plane.AXIAL, (10, 20, 10), corner, (10, 10, 20)) == pytest.approx(90)
    diagonal = (10.0, 10 + 8.0, 10 + 5.0)  # 4 mm and 4 mm
    assert value(MeasureKind.ANGLE, Plane.AXIAL, (10, 20, 10), corner, diagonal) == pytest.approx(45)
    assert value(MeasureKind.ANGLE, Plane.AXIAL, corner, corner, diagonal) == 0


@pytest.mark.parametrize("turned", [False, True])
def test_the_cobb_angle_is_that_of_lines_without_direction(turned):
    first = ((5.0, 20.0, 10.0), (5.0, 20.0, 30.0))
    second = ((15.0, 20.0, 10.0), (15.0 + 8 * np.tan(np.radians(25)), 20.0, 10.0 + 20.0))  # 16 mm to the side, 16 tan 25 up
    points = (*first, *(second[::-1] if turned else second))
    assert value(MeasureKind.COBB, Plane.CORONAL, *points) == pytest.approx(25)


@pytest.mark.parametrize("plane", list(Plane))
def test_a_region_counts_the_voxels_inside_the_ellipse(plane):
    index = 12
    first, last = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    first[plane.value] = last[plane.value] = index
    rows, columns = plane.row_axis, plane.column_axis
    first[rows], last[rows], first[columns], last[columns] = 4.0, 15.0, 8.0, 21.0
    region = Measurement(MeasureKind.REGION, plane, (tuple(first), tuple(last)))
    picture = np.take(HU, index, axis=plane.value)
    inside = [
        picture[r, c]
        for r in range(picture.shape[0])
        for c in range(picture.shape[1])
        if ((r - 9.5) / 5.5) ** 2 + ((c - 14.5) / 6.5) ** 2 <= 1
    ]
    found = {q.name: q.value for q in quantities(region, GEOMETRY, HU)}
    assert found["mean"] == pytest.approx(np.mean(inside))
    assert found["SD"] == pytest.approx(np.std(inside, ddof=1))
    assert (found["min"], found["max"]) == (min(inside), max(inside))
    assert found["area"] == pytest.approx(len(inside) * GEOMETRY.spacing_zyx_mm[rows] * GEOMETRY.spacing_zyx_mm[columns])


def test_a_region_outside_the_scan_has_no_values():
    region = Measurement(MeasureKind.REGION, Plane.AXIAL, ((3.0, 60.0, 60.0), (3.0, 70.0, 70.0)))
    assert summary(region, GEOMETRY, HU) == "0.0 mm²"


def test_it_is_drawn_in_its_own_slice_alone():
    one = Measurement(MeasureKind.DISTANCE, Plane.AXIAL, ((10.0, 1.0, 1.0), (10.0, 5.0, 5.0)))
    assert one.lies_in(Plane.AXIAL, 10)
    assert not one.lies_in(Plane.AXIAL, 11)
    assert not one.lies_in(Plane.CORONAL, 10)


def test_the_table_names_what_where_and_how_much():
    measurements = [
        Measurement(MeasureKind.DISTANCE, Plane.AXIAL, ((10.0, 20.0, 20.0), (10.0, 20.0, 30.0))),
        Measurement(MeasureKind.REGION, Plane.CORONAL, ((5.0, 7.0, 5.0), (15.0, 7.0, 25.0))),
    ]
    rows = list(csv.DictReader(io.StringIO(as_csv(measurements, GEOMETRY, HU))))
    assert [row["quantity"] for row in rows] == ["length", "mean", "SD", "min", "max", "area"]
    assert rows[0]["value"] == "8.000"
    assert (rows[1]["plane"], rows[1]["slice"], rows[1]["unit"]) == ("coronal", "8", "HU")
    place = [float(v) for v in rows[0]["points_lps_mm"].split("; ")[0].split()]
    assert place == pytest.approx(list(GEOMETRY.point_lps_mm((10, 20, 20))), abs=0.01)


def test_measurements_are_kept_and_damaged_ones_refused():
    one = Measurement(MeasureKind.ANGLE, Plane.SAGITTAL, ((1.0, 2.0, 3.0), (4.0, 5.0, 3.0), (7.5, 8.0, 3.0)))
    assert from_json(as_json([one])) == (one,)
    for text in ("{", "3", '[{"kind": "ANGLE", "plane": "AXIAL", "points_zyx": [[1, 2, 3]]}]', '[{"kind": "X"}]'):
        with pytest.raises(ValueError, match="no measurements"):
            from_json(text)
