"""The arithmetic of layouts, without a window."""

import pytest

from spineviewer.gui.viewing.layouts import Arrangement, Layout, SpineView, Twin
from spineviewer.volume.planes import Plane


def test_views_fill_the_area_with_a_gap_between_them():
    placed = Arrangement().rectangles(1000, 400)
    assert placed == {
        Plane.SAGITTAL: (0, 0, 540, 400),
        Plane.AXIAL: (542, 0, 458, 200),
        Plane.CORONAL: (542, 202, 458, 198),
    }


@pytest.mark.parametrize("layout", list(Layout))
def test_no_two_views_of_a_layout_overlap(layout):
    pixels = set()
    for x, y, width, height in Arrangement(layout).rectangles(120, 60).values():
        own = {(column, row) for column in range(x, x + width) for row in range(y, y + height)}
        assert not pixels & own
        pixels |= own
    assert len(pixels) > 0.85 * 120 * 60


def test_a_maximised_view_is_alone_and_the_next_active_one_replaces_it():
    one = Arrangement(maximised=Plane.SAGITTAL)
    assert one.rectangles(300, 200) == {Plane.SAGITTAL: (0, 0, 300, 200)}
    assert one.with_active(Plane.AXIAL) == Arrangement(active=Plane.AXIAL, maximised=Plane.AXIAL)


def test_instead_of_a_view_that_is_not_shown_the_first_of_the_layout_is_active():
    assert Arrangement(Layout.ROW).with_active(SpineView.SURFACE).active is Plane.SAGITTAL


def test_the_next_view_follows_in_the_order_of_the_layout():
    one, seen = Arrangement(Layout.WINDOWS), []
    for _ in range(4):
        one = one.with_active(one.next_member)
        seen.append(one.active)
    assert seen == [Twin.SAGITTAL, Plane.AXIAL, Twin.AXIAL, Plane.SAGITTAL]


def test_views_along_the_spine_and_second_windows_belong_to_a_plane():
    planes = {member: Arrangement(active=member).plane for member in (*SpineView, *Twin)}
    assert planes == {
        SpineView.CORONAL: Plane.CORONAL,
        SpineView.SAGITTAL: Plane.SAGITTAL,
        SpineView.SURFACE: Plane.SAGITTAL,
        Twin.SAGITTAL: Plane.SAGITTAL,
        Twin.AXIAL: Plane.AXIAL,
    }
