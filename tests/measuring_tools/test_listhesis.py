"""The slip of one vertebra on the next, computed by hand on a grid of 2 x 0.5 x 0.8 mm."""

import numpy as np
import pytest

from spineviewer.measuring_tools.listhesis import Listhesis
from spineviewer.measuring_tools.measurement import Measurement, quantities, summary
from spineviewer.measuring_tools.registry import MEASURING_TOOLS
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.planes import Plane
from tests.fakes import volume_of

GEOMETRY = Geometry((30, 120, 50), (2.0, 0.5, 0.8), (0.0, 0.0, 0.0))
SCAN = volume_of(np.zeros((30, 120, 50), np.int16), GEOMETRY)
FRONT, BACK = (10.0, 20.0, 25.0), (10.0, 80.0, 25.0)  # 30 mm apart, y increases towards the back


def slip(*points):
    return [q.value for q in quantities(Measurement(Listhesis(), Plane.SAGITTAL, points), SCAN)]


@pytest.mark.parametrize("plate", [(FRONT, BACK), (BACK, FRONT)])
def test_forward_is_positive_whatever_the_drawing_order_of_the_endplate(plate):
    assert slip(*plate, (12.0, 68.0, 25.0)) == pytest.approx([6.0, 20.0])
    assert slip(*plate, (12.0, 86.0, 25.0)) == pytest.approx([-3.0, -10.0])


def test_the_height_of_the_disc_has_no_influence():
    assert slip(FRONT, BACK, (12.0, 68.0, 25.0)) == pytest.approx(
        slip(FRONT, BACK, (19.0, 68.0, 25.0))
    )


def test_slip_is_measured_along_a_sloping_endplate():
    steep = (10.0 + 20.0, 20.0 + 80.0, 25.0)  # 40 mm up and 40 mm back
    assert slip(FRONT, steep, (30.0, 100.0 - 20.0, 25.0))[0] == pytest.approx(10 / np.sqrt(2))


def test_it_is_stated_in_mm_and_percent_and_an_endplate_without_length_is_not_an_error():
    one = Measurement(Listhesis(), Plane.SAGITTAL, (FRONT, BACK, (12.0, 68.0, 25.0)), "L4")
    assert summary(one, SCAN) == "L4: +6.0 mm (20%)"
    assert slip(FRONT, FRONT, BACK) == [0.0]


@pytest.mark.parametrize("tool", MEASURING_TOOLS, ids=lambda tool: tool.name)
def test_every_tool_is_shown_while_drawing_and_has_a_command_and_an_encoding(tool):
    count = tool.point_count or tool.min_points
    places = [(10.0 * k, 5.0 * k * k) for k in range(count)]
    for drawn in range(1, count + 1):
        assert tool.drawing(places[:drawn], is_complete=drawn == count).label_near
    points = tuple((10.0, 20.0 + 9 * k, 5.0 + 7 * k * k) for k in range(count))
    encoding = tool.dicom_encoding(Measurement(tool, Plane.AXIAL, points), GEOMETRY)
    assert (
        bool(encoding.lines_lps_mm)
        + (encoding.region is not None)
        + (encoding.comment_lps_mm is not None)
        == 1
    )
    assert tool.name and tool.title and tool.tip and tool.icon.startswith("<")
