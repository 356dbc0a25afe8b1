"""Endplates follow the edges in the CT, near the mask's border and only where there is an edge."""

from dataclasses import replace

import numpy as np
import pytest
from solids import column

from spineviewer.measurements.bodies import BRIDGED
from spineviewer.measurements.measure import measure
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource

FLAT = dict.fromkeys(("T11", "T12", "L1", "L2"), (24.0, 24.0, 24.0))


def with_hu(case, share, inside=300.0):
    """Return the case with a scan: `share` is the part of each voxel that is bone."""
    hu = np.rint(40 + (inside - 40) * share).astype(np.int16)
    source = ScanSource("case.nii.gz", ScanFormat.MEMORY, case.grid, AxisOrder())
    return replace(case, scan=CtVolume(hu, case.grid, source))


def half_voxel_longer(case):
    """Return the part of each voxel that is bone if all bone ends half a voxel farther out."""
    bone = (case.numbers > 0).astype(float)
    share = bone.copy()
    share[1:] = np.maximum(share[1:], 0.5 * bone[:-1])
    share[:-1] = np.maximum(share[:-1], 0.5 * bone[1:])
    return share


def heights(case, scan):
    return [
        caliper.length_mm for caliper in measure(case.vertebrae, scan).named("L1").profile.heights
    ]


def test_an_endplate_between_two_slices_is_found_where_the_scan_shows_it():
    case = column(FLAT)
    case = with_hu(case, half_voxel_longer(case))
    assert heights(case, None) == pytest.approx([24.0] * 3, abs=0.2)
    # half a voxel of 1 mm at both ends, of which the mask's border holds back a part
    assert heights(case, case.scan) == pytest.approx([24.8] * 3, abs=0.3)


def test_a_mask_that_lacks_a_slice_changes_heights_less_than_the_slice():
    case = column(FLAT)
    case = with_hu(case, (case.numbers > 0).astype(float))
    whole = heights(case, case.scan)
    first = int(np.flatnonzero((case.numbers == 20).any(axis=(1, 2)))[0])
    thinner = case.numbers.copy()
    thinner[first][thinner[first] == 20] = 0
    thinner = replace(case, numbers=thinner)
    assert np.subtract(heights(case, None), heights(thinner, None)).min() > 0.9
    assert np.abs(np.subtract(heights(thinner, case.scan), whole)).max() < 0.6


def test_without_an_edge_in_the_scan_the_border_of_the_mask_counts():
    case = column(FLAT)
    case = with_hu(case, np.zeros(case.numbers.shape))
    assert heights(case, case.scan) == pytest.approx(heights(case, None), abs=0.1)


def test_a_mask_that_lacks_half_a_slice_tilts_an_endplate_less_where_the_scan_shows_it():
    case = column(FLAT)
    case = with_hu(case, (case.numbers > 0).astype(float))
    slices, rows, _ = np.nonzero(case.numbers == 20)
    bottom, middle = int(slices.min()), int(np.median(rows[slices == slices.min()]))
    numbers = case.numbers.copy()
    numbers[bottom, :middle][numbers[bottom, :middle] == 20] = 0
    thinner = replace(case, numbers=numbers)
    tilted, held = (tilt_of_lower_endplate(thinner, scan) for scan in (None, case.scan))
    assert tilted > 0.5
    assert held < 0.5 * tilted


def test_a_spur_at_the_rim_of_an_endplate_hardly_tilts_it():
    case = column(FLAT)
    slices, rows, columns = np.nonzero(case.numbers == 20)
    is_lowest = slices == slices.min()
    front, middle = int(rows[is_lowest].min()), int(np.median(columns[is_lowest]))
    bottom = int(slices.min())
    case.numbers[bottom - 3 : bottom, front : front + 3, middle - 5 : middle + 6] = 20
    assert tilt_of_lower_endplate(case, None) < 2.0


def tilt_of_lower_endplate(case, scan, name="L1"):
    """Return by how many degrees the lower endplate of a vertebra is tilted."""
    normal = measure(case.vertebrae, scan).named(name).lower_plate_normal_lps
    return abs(np.degrees(np.arctan2(normal[1], -normal[2])))


def filled(case, upper, lower, front_mm=None):
    """Return a case in which the mask contains the disc between two bodies, or the front of it."""
    numbers = case.numbers.copy()
    body = (numbers == upper).sum(axis=0) > 20  # rows and columns of the body
    if front_mm is not None:
        rows = np.flatnonzero(body.any(axis=1))
        body[rows[0] + front_mm :] = False
    above, below = (np.flatnonzero((numbers == n)[:, body].any(axis=1)) for n in (upper, lower))
    middle = (above[0] + below[-1] + 1) // 2
    numbers[below[-1] + 1 : middle, body] = lower
    numbers[middle : above[0], body] = upper
    return replace(case, numbers=numbers)


def test_a_disc_in_the_mask_is_left_out_where_the_scan_shows_it():
    case = column(FLAT)
    case = with_hu(case, (case.numbers > 0).astype(float))
    bridged = filled(case, 19, 20)
    grown = np.subtract(heights(bridged, None), heights(case, None))
    assert grown == pytest.approx([4.0] * 3, abs=0.5)  # half of the disc of 8 mm
    assert heights(bridged, case.scan) == pytest.approx(heights(case, case.scan), abs=0.7)


def test_a_bridge_in_front_tilts_no_endplate():
    case = column(FLAT)
    case = with_hu(case, (case.numbers > 0).astype(float))
    bridged = filled(case, 20, 21, front_mm=8)
    assert tilt_of_lower_endplate(bridged, None) < 3.0
    assert tilt_of_lower_endplate(bridged, case.scan) < 1.0


def test_the_height_of_a_fused_body_is_uncertain():
    case = column(FLAT)
    bridged = filled(case, 19, 20)
    free, fused = (measure(one.vertebrae, None).named("L1") for one in (case, bridged))
    assert all(height.uncertainty_mm < 0.5 for height in free.profile.heights)
    assert all(height.uncertainty_mm > 1.0 for height in fused.profile.heights)
    assert BRIDGED not in free.notes
    assert BRIDGED in fused.notes


def test_an_end_in_front_of_padding_is_cut_off_and_counts_little():
    # as in the corner of a rotated scan: there is no image at the lower front of L1
    case = column(FLAT)
    case = with_hu(case, (case.numbers > 0).astype(float))
    slices, rows, _ = np.nonzero(case.numbers == 20)
    missing = np.s_[: int(slices.min()) + 4, : int(rows.min()) + 8]
    hu, numbers = case.scan.hu.copy(), case.numbers.copy()
    hu[missing], numbers[missing] = -1024, 0
    cut = replace(case, numbers=numbers, scan=replace(case.scan, hu=hu))
    assert tilt_of_lower_endplate(cut, None) > 2.0
    assert tilt_of_lower_endplate(cut, cut.scan) < 1.0
    assert heights(cut, cut.scan) == pytest.approx([24.0] * 3, abs=1.2)


def test_the_lower_endplate_of_c2_follows_the_edge_in_the_scan():
    case = column(dict.fromkeys(("C2", "C3", "C4"), (16.0, 16.0, 16.0)))
    case = with_hu(case, (case.numbers > 0).astype(float))
    slices, rows, _ = np.nonzero(case.numbers == 2)
    bottom, middle = int(slices.min()), int(np.median(rows[slices == slices.min()]))
    numbers = case.numbers.copy()
    numbers[bottom, :middle][numbers[bottom, :middle] == 2] = 0
    thinner = replace(case, numbers=numbers)
    tilted, held = (tilt_of_lower_endplate(thinner, scan, "C2") for scan in (None, case.scan))
    assert tilted > 0.5
    assert held < 0.5 * tilted
