"""Measurements of solids whose sizes are known by construction."""

from dataclasses import replace

import numpy as np
import pytest
from rows import FRAME, caliper, vertebra
from scipy.ndimage import gaussian_filter
from solids import CANAL_MM, DEPTH_MM, WIDTH_MM, Bend, bent, column

from spineviewer.measurements.bodies import PARTIAL
from spineviewer.measurements.density import CEMENT, GAS, TOO_SMALL, trabecular, why_no_hu
from spineviewer.measurements.expected import usual_depth_mm
from spineviewer.measurements.measure import depth_limits, measure
from spineviewer.measurements.results import (
    Acquisition,
    Contrast,
    Curve,
    CurveKind,
    Cut,
    PlateLine,
    Roi,
    Shape,
)
from spineviewer.measurements.table import measurements_record
from spineviewer.training.evaluation.measurement_study import fractured, rotated
from spineviewer.volume.levels import level_number
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource

FLAT = dict.fromkeys(("T11", "T12", "L1", "L2"), (24.0, 24.0, 24.0))


def heights(row):
    return [caliper.length_mm for caliper in row.profile.heights]


def with_scan(case, hu_inside=150, hu_outside=40):
    """Return the case with a scan: bone of uniform HU in soft tissue, with a cortex."""
    hu = np.where(case.numbers > 0, hu_inside, hu_outside).astype(np.int16)
    source = ScanSource("case.nii.gz", ScanFormat.MEMORY, case.grid, AxisOrder())
    return replace(case, scan=CtVolume(hu, case.grid, source))


def measured(case):
    return measure(case.vertebrae, case.scan)


def test_sizes_of_a_block_are_measured():
    row = measured(column(FLAT)).named("L1")
    assert heights(row) == pytest.approx([24.0, 24.0, 24.0], abs=0.8)
    assert row.depth.length_mm == pytest.approx(DEPTH_MM, abs=1.2)
    assert row.width.length_mm == pytest.approx(WIDTH_MM, abs=1.5)
    assert row.canal.length_mm == pytest.approx(CANAL_MM, abs=1.2)
    # A body with sides of the fourth power fills 0.927 of its box.
    assert row.body_ml.value == pytest.approx(0.927 * 24 * DEPTH_MM * WIDTH_MM / 1000, rel=0.06)


@pytest.mark.parametrize("aside_mm", [-4, 0, 4])
def test_the_canal_is_measured_where_the_laminae_meet(aside_mm):
    case = column(FLAT)
    before = measured(case).named("L1")
    label, ridge_mm = level_number("L1"), 22.0
    z, y, x = np.rint(case.grid.index_zyx(before.centre_lps_mm)).astype(int)
    wall = y + round(DEPTH_MM / 2)
    part = case.numbers[:, wall + 3 :]
    part[part == label] = 0
    down, back, left = np.ogrid[: len(part), : part.shape[1], : part.shape[2]]
    back = back + 3.0
    roof = ridge_mm - 0.6 * np.abs(left - x - aside_mm)  # two laminae
    is_arch = (np.abs(down - z) <= 5) & (back >= roof) & (back < roof + 6)
    is_arch &= np.abs(left - x - aside_mm) <= 18
    part[is_arch] = label
    assert measured(case).named("L1").canal.length_mm == pytest.approx(ridge_mm - 0.6, abs=1.0)


def test_transverse_processes_and_pedicles_move_neither_the_sides_nor_the_direction():
    case = column(dict.fromkeys(("C4", "C5", "C6"), (16.0, 16.0, 16.0)))
    before = measured(case).named("C5")
    z, y, x = np.rint(case.grid.index_zyx(before.centre_lps_mm)).astype(int)
    side = x + round(WIDTH_MM / 2)
    # On one side only, at and above the middle, with a foramen in front of its root.
    case.numbers[z : z + 9, y - 12 : y + 16, side - 2 : side + 14] = 5
    case.numbers[z : z + 9, y - 8 : y - 3, side + 2 : side + 7] = 0
    after = measured(case).named("C5")
    assert after.width.length_mm == pytest.approx(before.width.length_mm, abs=1.2)
    assert after.centre_lps_mm == pytest.approx(before.centre_lps_mm, abs=0.7)
    assert np.dot(after.frame.down_lps, before.frame.down_lps) > np.cos(np.radians(1))
    assert heights(after) == pytest.approx(heights(before), abs=0.3)


def test_discs_are_the_gaps_between_blocks():
    disc = measured(column(FLAT, disc_mm=8.0)).discs[1]
    assert disc.name == "T12/L1"
    assert disc.middle.length_mm == pytest.approx(8.0, abs=0.8)
    assert disc.slip.mm == pytest.approx(0.0, abs=0.7)


def test_a_block_that_is_moved_forward_has_slipped():
    found = measured(column(FLAT, shift_mm={"T11": 6.0, "T12": 6.0}))
    slips = {disc.name: disc.slip for disc in found.discs}
    assert slips["T12/L1"].mm == pytest.approx(6.0, abs=1.0)
    assert slips["T12/L1"].percent == pytest.approx(100 * 6.0 / DEPTH_MM, abs=4.0)
    assert slips["L1/L2"].mm == pytest.approx(0.0, abs=0.7)


@pytest.mark.parametrize("degrees", [5.0, -20.0])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_rotated_patient_has_the_same_heights(degrees, axis):
    case = column(FLAT)
    row = measured(rotated(case, degrees, axis)).named("T12")
    assert heights(row) == pytest.approx(heights(measured(case).named("T12")), abs=0.6)


@pytest.mark.parametrize("spacing_mm", [(0.6, 0.4, 0.4), (2.0, 0.8, 0.8), (1.0, 1.0, 3.0)])
def test_heights_do_not_depend_on_the_voxels(spacing_mm):
    row = measured(column(FLAT, spacing_mm=spacing_mm)).named("L1")
    assert heights(row) == pytest.approx([24.0, 24.0, 24.0], abs=max(0.6, spacing_mm[0]))


@pytest.mark.parametrize("shape", list(Shape))
@pytest.mark.parametrize("loss", [20, 40])
def test_a_simulated_fracture_loses_height(shape, loss):
    case = column(dict.fromkeys(("T10", "T11", "T12", "L1", "L2", "L3"), (24.0, 24.0, 24.0)))
    before = measured(case).named("L1")
    after = measured(fractured(case, before, shape, loss)).named("L1")
    place = {Shape.WEDGE: 0, Shape.BICONCAVE: 1, Shape.CRUSH: 2}[shape]
    ratio = heights(after)[place] / heights(before)[place]
    assert 100 * (1 - ratio) == pytest.approx(loss, abs=4)


def test_blocks_with_tilted_endplates_form_a_kyphosis():
    wedge = {f"T{n}": (18.0, 20.0, 22.0) for n in range(4, 13)}
    found = measured(column(wedge))
    curve = next(c for c in found.curves if c.kind is CurveKind.THORACIC_KYPHOSIS)
    # The blocks are in a straight row: one wedge is between the first and the last plate.
    tilt = np.degrees(2 * np.arctan(2.0 / DEPTH_MM))
    assert (curve.upper, curve.lower) == ("T4", "T12")
    assert curve.degrees == pytest.approx(tilt, abs=2.0)
    assert curve.convexity == "back"  # although no body is behind the others


@pytest.mark.parametrize("amplitude_mm", [8.0, 16.0, -16.0])
def test_a_bent_column_has_the_cobb_angle_of_its_bend(amplitude_mm):
    names = [f"T{n}" for n in range(6, 13)] + ["L1", "L2", "L3"]
    case = column(dict.fromkeys(names, (22.0, 22.0, 22.0)), disc_mm=6.0)
    bend = Bend(amplitude_mm, 300.0)
    found = measured(bent(case, bend))
    curves = [c for c in found.curves if c.kind is CurveKind.COBB]
    # Endplates are at right angles to the sine: the steepest one against the flattest ones.
    plates = [
        point[2]
        for v in found
        for point in (v.upper_plate_lps_mm, v.lower_plate_lps_mm)
        if point is not None
    ]
    up = np.linspace(min(plates), max(plates), 200) - (case.grid.shape_zyx[0] - 1) / 2
    tilts = np.degrees(np.arctan(bend.slope(up)))
    assert curves[0].degrees == pytest.approx(np.ptp(tilts), abs=2.5)
    assert len(curves) == 2  # above and below the middle, where the tilt is largest
    assert {curve.convexity for curve in curves} == {"left", "right"}
    bodies = {v.name: np.array(v.centre_lps_mm) for v in found}
    for curve in curves:
        upper, apex, lower = (bodies[n] for n in (curve.upper, curve.apex, curve.lower))
        chord = upper + (apex - upper)[2] / (lower - upper)[2] * (lower - upper)
        assert curve.convexity == ("left" if apex[0] > chord[0] else "right")


@pytest.mark.parametrize("are_ends_swapped", [False, True])
def test_a_curve_is_convex_where_its_endplates_diverge(are_ends_swapped):
    level = PlateLine((-20.0, 0.0, 0.0), (20.0, 0.0, 0.0))
    raised_left = PlateLine((-20.0, 0.0, 50.0), (20.0, 0.0, 57.0))
    if are_ends_swapped:
        raised_left = PlateLine(raised_left.end_lps_mm, raised_left.start_lps_mm)
    cut = Cut((0.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    curve = Curve(CurveKind.COBB, "T5", "L1", raised_left, level, cut, 1.0)
    assert (curve.convexity, curve.degrees) == ("left", pytest.approx(9.93, abs=0.01))
    mirrored = replace(curve, upper_plate=level, lower_plate=raised_left)
    assert (mirrored.convexity, mirrored.degrees) == ("right", pytest.approx(9.93, abs=0.01))
    assert replace(curve, upper_plate=level).convexity == ""


def test_a_body_at_the_border_of_the_scan_is_not_measured_with_a_reason():
    case = column(FLAT)
    keep = case.numbers.shape[0] - 22
    shape = (keep, *case.grid.shape_zyx[1:])
    cut = replace(case, numbers=case.numbers[:keep], grid=replace(case.grid, shape_zyx=shape))
    row = measured(cut).named("T11")
    assert row.is_partial
    assert row.profile is None
    assert row.reason
    assert measured(cut).named("T12").profile is not None


@pytest.mark.parametrize(
    ("sigma", "spacing_mm", "share", "seed"),
    [(0.7, 2.0, 0.05, 0), (0.7, 2.0, 0.5, 0), (1.0, 2.0, 0.7, 2), (1.0, 3.0, 0.1, 1)],
)
def test_crumbs_of_bodies_are_measured_without_a_warning(sigma, spacing_mm, share, seed):
    case = column(FLAT, spacing_mm=(spacing_mm,) * 3)
    noise = np.random.default_rng(seed).standard_normal(case.numbers.shape)
    noise = gaussian_filter(noise, sigma)
    case.numbers[noise < np.quantile(noise, 1 - share)] = 0
    assert len(list(measured(case))) == len(FLAT)


def test_the_remaining_arch_of_a_cut_vertebra_is_not_measured_as_a_body():
    case = column(FLAT)
    case.numbers[(case.numbers == 18) & (np.indices(case.numbers.shape)[1] < 57)] = 0
    top = int(np.argwhere(case.numbers == 18)[:, 0].max())
    shape = (top, *case.grid.shape_zyx[1:])
    cut = replace(case, numbers=case.numbers[:top], grid=replace(case.grid, shape_zyx=shape))
    assert measured(cut).named("T11").is_partial


def test_a_body_whose_front_reaches_the_last_slice_is_measured_with_a_note():
    case = column(dict.fromkeys(("T11", "T12", "L1"), (32.0, 22.0, 20.0)))
    top = int(np.argwhere(case.numbers == 18)[:, 0].max())
    for slices, notes in ((0, 1), (2, 0)):
        keep = top + slices
        shape = (keep, *case.grid.shape_zyx[1:])
        cut = replace(case, numbers=case.numbers[:keep], grid=replace(case.grid, shape_zyx=shape))
        row = measured(cut).named("T11")
        assert row.profile is not None
        assert len(row.notes) == notes
        assert row.is_rim_cut == (notes == 1)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("is_far_end", [False, True])
def test_a_body_cut_in_half_by_an_edge_of_the_scan_is_not_measured(axis, is_far_end):
    case = with_scan(column(FLAT))
    label = {0: 19, 1: 20, 2: 20}[axis] if is_far_end else 20
    body = np.argwhere((case.numbers == label) & (np.indices(case.numbers.shape)[1] < 55))
    middle = int(np.median(body[:, axis]))
    kept = [slice(None)] * 3
    kept[axis] = slice(None, middle) if is_far_end else slice(middle, None)
    kept = tuple(kept)
    first = tuple(side.start or 0 for side in kept)
    numbers, hu = case.numbers[kept].copy(), case.scan.hu[kept]
    origin = tuple(case.grid.point_lps_mm(np.array(first)).tolist())
    grid = replace(case.grid, shape_zyx=numbers.shape, origin_lps_mm=origin)
    scan = replace(case.scan, hu=hu, geometry=grid)
    row = measured(replace(case, numbers=numbers, grid=grid, scan=scan)).named(level(label))
    assert row.is_partial
    assert row.profile is None
    assert row.reason == PARTIAL


@pytest.mark.parametrize(
    "outwards", [(0.94, 0.34, 0.0), (-0.94, 0.34, 0.0), (0.34, 0.0, 0.94), (0.0, -0.94, 0.34)]
)
def test_a_body_cut_in_half_by_oblique_padding_is_not_measured(outwards):
    case = with_scan(column(FLAT))
    body = (case.numbers == 20) & (np.indices(case.numbers.shape)[1] < 55)
    places = np.moveaxis(np.indices(case.numbers.shape), 0, -1)
    is_padding = (places - np.argwhere(body).mean(axis=0)) @ np.array(outwards) > 0
    case.numbers[is_padding], case.scan.hu[is_padding] = 0, -1024
    row = measured(case).named("L1")
    assert row.profile is None
    assert row.reason == PARTIAL


def level(label):
    return {19: "T12", 20: "L1"}[label]


def with_ligament(shift, deep_mm):
    """A column with bone in front of its third body, and all names moved by `shift` levels."""
    names = ("T8", "T9", "T10", "T11", "T12")
    case = column(dict.fromkeys(names, (24.0, 21.0, 24.0)))
    z, y, x = np.indices(case.numbers.shape)
    rows = np.argwhere(case.numbers == 17)[:, 0]
    middle = (rows.min() + rows.max()) // 2
    is_ligament = (np.abs(z - middle) <= 11) & (np.abs(x - 45) <= 14)
    is_ligament &= (y >= 26 - deep_mm) & (y < 27) & (case.numbers == 0)
    case.numbers[is_ligament] = 17
    case.numbers[case.numbers > 0] += np.uint8(shift)
    return case


@pytest.mark.parametrize("deep_mm", [3, 4, 5, 6, 7, 8])
def test_another_name_hardly_changes_the_heights_behind_an_ossified_ligament(deep_mm):
    found = []
    for shift, name in enumerate(("T10", "T11")):
        found.append(heights(measured(with_ligament(shift, deep_mm)).named(name)))
    assert found[0] == pytest.approx(found[1], abs=0.3)


def test_the_depth_limit_begins_where_a_body_is_too_deep():
    rows = [
        vertebra(name, (24.0,) * 3, depth=caliper(0.0, usual_depth_mm(level_number(name)), -14.0))
        for name in ("T8", "T9", "T10", "T11", "T12")
    ]
    usual = rows[2].depth.length_mm
    limits = []
    for share in (1.11, 1.13, 1.18, 1.25, 1.4):
        rows[2] = replace(rows[2], depth=caliper(0.0, share * usual, -14.0))
        limits.append(depth_limits(rows).get(2, np.inf) / usual)
    assert limits == pytest.approx([np.inf, 1.112, 1.072, 1.016, 1.0])


def test_an_osteophyte_hardly_changes_the_front_height_and_a_little_more_only_a_little():
    case = column(dict.fromkeys(("T11", "T12", "L1"), (24.0, 24.0, 24.0)))
    before = heights(measured(case).named("T12"))[0]
    centre = measured(case).named("T12").centre_lps_mm
    z, y, x = np.rint(case.grid.index_zyx(centre)).astype(int)
    front = y - round(DEPTH_MM / 2)
    found = []
    for deep in range(6):
        grown = case.numbers.copy()
        part = grown[z + 11 : z + 16, front : front + deep, x - 12 : x + 13]
        part[part == 0] = 19
        found.append(heights(measured(replace(case, numbers=grown)).named("T12"))[0])
    assert found[3] == pytest.approx(before, abs=1.5)
    assert np.abs(np.diff(found)).max() < 1.2


def test_trabecular_hu_is_that_of_the_bone():
    row = measured(with_scan(column(FLAT))).named("L1")
    assert row.trabecular.mean_hu.value == pytest.approx(150.0)
    assert row.trabecular.sd_hu == pytest.approx(0.0)


def test_metal_beside_a_body_stops_its_measurement_and_cement_its_hu():
    case = with_scan(column(FLAT))
    for name, hu in (("L1", 3000), ("T12", 1200)):
        centre = measured(case).named(name).centre_lps_mm
        z, y, x = np.rint(case.grid.index_zyx(centre)).astype(int)
        case.scan.hu[z - 4 : z + 4, y - 4 : y + 4, x - 4 : x + 4] = hu
    found = measured(case)
    assert found.named("L1").profile is None
    assert found.named("L1").reason
    assert found.named("T12").profile is not None
    assert found.named("T12").trabecular is None
    assert found.named("T12").why_no_hu == CEMENT


def test_gas_and_a_body_of_few_voxels_are_named_as_reasons_for_missing_hu():
    case = with_scan(column(FLAT))
    roi = measured(case).named("T12").trabecular.roi
    case.scan.hu[...] = -500
    assert why_no_hu(case.scan, roi) == GAS
    assert why_no_hu(case.scan, replace(roi, radii_mm=(0.5, 0.5, 0.5))) == TOO_SMALL
    assert why_no_hu(case.scan, None) == TOO_SMALL


@pytest.mark.parametrize(
    ("height_mm", "slice_mm", "is_measured"),
    [(11.0, 2.0, False), (11.0, 1.0, True), (18.0, 2.0, True), (24.0, 4.0, True)],
)
def test_hu_of_a_low_body_in_thick_slices_are_not_measured(height_mm, slice_mm, is_measured):
    levels = dict.fromkeys(("T11", "T12", "L1"), (height_mm,) * 3)
    case = with_scan(column(levels, spacing_mm=(slice_mm, 1.0, 1.0)))
    row = measured(case).named("T12")
    assert (row.trabecular is not None) == is_measured
    if not is_measured:
        assert row.why_no_hu.startswith("Along one axis, the ROI would be only 8.1 mm long")
        assert "voxels of 2.0 mm" in row.why_no_hu


def statement(kvp, agent=""):
    case = with_scan(column(dict.fromkeys(("T11", "T12", "L1", "L2"), (24.0,) * 3)))
    acquisition = Acquisition(kvp=kvp, contrast_agent=agent, is_dicom=True)
    return measure(case.vertebrae, case.scan, None, acquisition).density


def test_density_is_shown_on_the_scale_at_120_kv_without_contrast_medium():
    found = statement(120.0)
    assert (found.level, found.contrast) == ("L1", Contrast.NONE)
    assert found.hu.value == pytest.approx(150.0)
    assert [limit.hu for limit in found.scale] == [110.0, 135.0, 160.0]
    assert not found.reason


@pytest.mark.parametrize(("kvp", "agent"), [(100.0, ""), (None, ""), (120.0, "Iomeprol")])
def test_other_voltages_and_contrast_medium_give_values_but_no_scale(kvp, agent):
    found = statement(kvp, agent)
    assert found.hu.value == pytest.approx(150.0)
    assert found.scale == ()
    assert found.reason


def test_cervical_lordosis_begins_at_the_lower_endplate_of_c2_which_has_no_heights():
    bent = {f"C{n}": (17.0, 16.0, 15.0) for n in range(2, 8)}
    found = measured(column(bent, disc_mm=5.0))
    assert found.named("C2").profile is None
    assert found.named("C2").reason
    curve = next(c for c in found.curves if c.kind is CurveKind.CERVICAL_LORDOSIS)
    assert (curve.upper, curve.lower) == ("C2", "C7")
    # Both are lower endplates of equal blocks in a straight row.
    assert curve.degrees == pytest.approx(0.0, abs=2.5)


def test_ossified_ligament_in_front_of_a_body_does_not_count():
    names = ("T8", "T9", "T10", "T11", "T12")
    case = column(dict.fromkeys(names, (22.0, 22.0, 22.0)))
    before = measured(case).named("T10")
    z, y, x = np.rint(case.grid.index_zyx(before.centre_lps_mm)).astype(int)
    front = y - round(DEPTH_MM / 2)
    case.numbers[z - 8 : z + 9, front - 8 : front + 1, x - 12 : x + 13] = 17
    after = measured(case).named("T10")
    assert after.depth.length_mm == pytest.approx(before.depth.length_mm, abs=2.5)
    assert heights(after) == pytest.approx(heights(before), abs=1.0)


def bridged(case, upper_mm, deep_mm):
    """Return a case in which bone in front joins T12 and L1; T12 has the upper part of it."""
    centre = measured(case).named("T12").centre_lps_mm
    z, y, x = np.rint(case.grid.index_zyx(centre)).astype(int)
    front = y - round(DEPTH_MM / 2)
    numbers = case.numbers.copy()
    disc = numbers[z - 20 : z - 12, front : front + deep_mm, x - 20 : x + 21]
    disc[:] = 20
    disc[8 - upper_mm :] = 19
    return replace(case, numbers=numbers)


@pytest.mark.parametrize("deep_mm", [7, 11])
def test_where_a_bridge_between_bodies_is_divided_hardly_changes_heights(deep_mm):
    case = column(dict.fromkeys(("T11", "T12", "L1"), (24.0, 24.0, 24.0)))
    rows = [heights(measured(bridged(case, mm, deep_mm)).named("T12")) for mm in (2, 6)]
    assert rows[0] == pytest.approx(rows[1], abs=0.5)
    for row in rows:
        assert row == pytest.approx([24.0, 24.0, 24.0], abs=1.0)


def test_a_body_whose_rim_is_cut_off_is_measured_by_what_is_in_view_or_not_at_all():
    whole = rotated(column(FLAT), 15.0, 2)
    row = measured(whole).named("T11")
    highest = max(height.start_lps_mm[2] for height in row.profile.heights)
    for cut_mm in (0, 1, 2, 3, 4, 6):
        keep = round(whole.grid.index_zyx((0.0, 0.0, highest))[0]) - cut_mm
        grid = replace(whole.grid, shape_zyx=(keep, *whole.grid.shape_zyx[1:]))
        found = measured(replace(whole, numbers=whole.numbers[:keep].copy(), grid=grid))
        cut = found.named("T11")
        if cut.profile is None:
            assert cut.is_partial
        else:
            assert heights(cut) == pytest.approx(heights(row), abs=1.0)


def test_noise_alone_excludes_no_voxels_from_the_hu():
    case = with_scan(column(dict.fromkeys(("T12", "L1"), (24.0,) * 3)), hu_inside=50)
    checkered = np.where(np.indices(case.numbers.shape).sum(axis=0) % 2, 300, -300)
    scan = replace(case.scan, hu=(case.scan.hu + checkered).astype(np.int16))
    found = measure(case.vertebrae, scan).named("L1").trabecular
    assert found.mean_hu.value == pytest.approx(50.0, abs=1.0)
    assert found.sd_hu == pytest.approx(300.0, abs=1.0)


@pytest.mark.parametrize("off_mm", [0.0, 0.4, 1.1, 1.5])
def test_hu_do_not_depend_on_where_slices_begin(off_mm):
    case = with_scan(column(FLAT, spacing_mm=(3.0, 1.0, 1.0)))
    z = case.grid.spacing_zyx_mm[0] * np.arange(case.numbers.shape[0])
    hu = np.broadcast_to((10 * z)[:, None, None] - 500, case.numbers.shape).astype(np.int16)
    middle = round(len(z) / 2)
    x, y, up = case.grid.point_lps_mm((middle, 40, 45)).tolist()
    roi = Roi((x, y, up + off_mm), (7.0, 12.0, 9.0), FRAME)
    found = trabecular(replace(case.scan, hu=hu), roi)
    assert found.mean_hu.value == pytest.approx(10 * (z[middle] + off_mm) - 500, abs=0.7)


def test_an_empty_scan_and_a_single_vertebra_give_the_available_values():
    alone = column({"L1": (24.0, 24.0, 24.0)})
    row = measured(alone).named("L1")
    assert heights(row) == pytest.approx([24.0, 24.0, 24.0], abs=0.8)
    assert row.genant is None
    assert row.ungraded
    nothing = measured(replace(alone, numbers=np.zeros_like(alone.numbers)))
    assert len(nothing) == 0
    assert measurements_record(nothing)["measurements"] == []
