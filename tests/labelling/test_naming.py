from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_closing, binary_dilation, binary_erosion
from scipy.ndimage import label as components_of
from spines import SolidSpine, solid_spine, spine_of

from spineviewer.errors import UsageError
from spineviewer.labelling.features import FEATURES, RIB
from spineviewer.labelling.name_corrections import (
    clamped,
    merge,
    move,
    remasked,
    renamed,
    segment_at,
    shifted,
    split,
)
from spineviewer.labelling.naming import RECUT_ODDLY, NameCorrections, label_vertebrae
from spineviewer.labelling.priors import Calibration, load_fitted
from spineviewer.labelling.vertebrae import Convention
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER, level_name
from spineviewer.volume.volume import PROBABILITY_SCALE, SpineMask

THORACOLUMBAR = ["T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5"]


@pytest.fixture(scope="module")
def spine() -> SolidSpine:
    return solid_spine(THORACOLUMBAR, with_sacrum=True)


def test_every_vertebra_has_its_name_and_its_voxels(spine: SolidSpine) -> None:
    vertebrae = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae
    assert [vertebra.name for vertebra in vertebrae] == THORACOLUMBAR
    assert vertebrae.naming.convention is Convention.SACRUM
    for vertebra in vertebrae:
        found, wanted = vertebrae.labels == vertebra.label, spine.numbers == vertebra.label
        dice = (
            2
            * np.count_nonzero(found & wanted)
            / (np.count_nonzero(found) + np.count_nonzero(wanted))
        )
        assert dice > 0.9, vertebra.name
        assert vertebra.volume_ml == pytest.approx(np.count_nonzero(found) / 1000)


def test_body_centres_are_in_their_vertebrae_and_ordered_downwards(spine: SolidSpine) -> None:
    vertebrae = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae
    heights = [vertebra.body_centre_lps_mm[2] for vertebra in vertebrae]
    assert heights == sorted(heights, reverse=True)
    for vertebra in vertebrae:
        found = vertebrae.vertebra_at(vertebra.body_centre_lps_mm)
        assert found is vertebra
        assert vertebra.canal_side_lps_mm[1] > vertebra.body_centre_lps_mm[1]
        np.testing.assert_allclose(vertebra.frame.down_lps, (0, 0, -1), atol=0.1)


def test_a_gap_between_the_dens_and_its_body_below_a_skull_is_not_a_disc() -> None:
    names = ["C2", "C3", "C4", "C5", "C6", "C7", "T1", "T2"]
    spine = solid_spine(names, margin_mm=40)
    axis = np.flatnonzero((spine.numbers == 2).any(axis=(1, 2)))
    numbers, hu = spine.numbers.copy(), spine.scan.hu.copy()
    top = int(axis[-1]) + 1
    numbers[top : top + 12, 34:46, 49:61] = 1  # with C1, the dens is as high as a vertebra
    numbers[top - 15 : top - 11] = 0
    for side in (slice(10, 30), slice(-30, -10)):  # the skull
        hu[top + 15 : top + 40, 20:80, side] = 500
    gap = spine_of(numbers, hu, (1.0, 1.0, 1.0))
    vertebrae = label_vertebrae(gap.mask, gap.probability, gap.scan).vertebrae
    assert vertebrae.naming.convention is Convention.HEAD
    for label in range(3, 10):
        found = vertebrae.labels[gap.numbers == label]
        assert np.count_nonzero(found == label) > 0.9 * len(found), level_name(label)


def cut_below(spine: SolidSpine, visible_mm: int, lowest_label: int = 25) -> SolidSpine:
    """The spine in a scan that ends below the first `visible_mm` of its lowest body."""
    lowest = np.flatnonzero((spine.numbers == lowest_label).any(axis=(1, 2)))
    rows = slice(int(lowest[-1]) + 1 - visible_mm, None)
    return spine_of(spine.numbers[rows].copy(), spine.scan.hu[rows].copy(), (1.0, 1.0, 1.0))


def cut_above(spine: SolidSpine, hidden_mm: int) -> SolidSpine:
    """The spine in a scan that ends below the uppermost `hidden_mm` of its highest body."""
    highest = np.flatnonzero((spine.numbers > 0).any(axis=(1, 2)))[-1]
    rows = slice(0, int(highest) + 1 - hidden_mm)
    return spine_of(spine.numbers[rows].copy(), spine.scan.hu[rows].copy(), (1.0, 1.0, 1.0))


def tilted(spine: SolidSpine) -> SolidSpine:
    """The spine with bodies that are 0.5 mm higher for each mm towards the front."""
    depth = spine.numbers.shape[1]
    numbers, hu = (
        np.pad(a, ((0, depth // 2), (0, 0), (0, 0))) for a in (spine.numbers, spine.scan.hu)
    )
    for y in range(depth):
        up = (depth - 1 - y) // 2
        numbers[:, y], hu[:, y] = np.roll(numbers[:, y], up, 0), np.roll(hu[:, y], up, 0)
    return spine_of(numbers, hu, (1.0, 1.0, 1.0))


@pytest.mark.parametrize("hidden_mm", [9, 12])
def test_a_body_that_the_edge_of_the_scan_cuts_at_a_slant_is_partial(
    spine: SolidSpine, hidden_mm: int
) -> None:
    cut = cut_above(tilted(spine), hidden_mm)
    vertebrae = label_vertebrae(cut.mask, cut.probability, cut.scan).vertebrae
    assert [vertebra.name for vertebra in vertebrae] == THORACOLUMBAR
    assert [vertebra.is_partial for vertebra in vertebrae] == [True] + [False] * 8


def test_a_vertebra_whose_arch_alone_is_cut_is_not_partial(spine: SolidSpine) -> None:
    arch = np.flatnonzero((spine.numbers == 22).any(axis=(0, 2)))[-1]
    numbers = spine.numbers[:, : int(arch) - 2].copy()
    cut = spine_of(numbers, spine.scan.hu[:, : int(arch) - 2].copy(), (1.0, 1.0, 1.0))
    vertebrae = label_vertebrae(cut.mask, cut.probability, cut.scan).vertebrae
    assert (vertebrae.labels[:, -1] > 0).any()
    assert not any(vertebra.is_partial for vertebra in vertebrae)


@pytest.mark.parametrize("visible_mm", [4, 8])
def test_a_sliver_of_the_sacrum_at_the_end_of_the_scan_is_not_a_sixth_lumbar_vertebra(
    visible_mm: int,
) -> None:
    names = [*THORACOLUMBAR[2:], "L6"]
    cut = cut_below(solid_spine(names), visible_mm)
    labelling = label_vertebrae(cut.mask, cut.probability, cut.scan)
    assert [vertebra.name for vertebra in labelling.vertebrae] == names[:-1]
    assert not labelling.vertebrae.all[-1].is_partial
    # A disc separates it from L5; what touches L5 would belong to it.
    np.testing.assert_array_equal(labelling.vertebrae.labels > 0, cut.numbers % 25 > 0)
    up = shifted(labelling, -1)
    assert [vertebra.name for vertebra in up.vertebrae] == ["T10", *names[:-2]]


def test_most_of_a_body_below_l5_is_a_vertebra_and_may_be_a_sixth_lumbar_one() -> None:
    """It need not be: a T12 without ribs, which makes it L5, is as frequent as a sixth one."""
    names = [*THORACOLUMBAR[2:], "L6"]
    cut = cut_below(solid_spine(names), 24)
    vertebrae = label_vertebrae(cut.mask, cut.probability, cut.scan).vertebrae
    naming = vertebrae.naming
    assert len(vertebrae) == len(names)
    assert not naming.is_certain
    found = {tuple(vertebra.name for vertebra in vertebrae): (naming.probability, naming.anomalies)}
    found |= {other.names: (other.probability, other.anomalies) for other in naming.alternatives}
    probability, anomalies = found[tuple(names)]
    assert probability > 0.2
    assert anomalies == ("L6",)


@pytest.mark.parametrize(("visible_mm", "shows_dens"), [(10, False), (34, True)])
def test_names_are_counted_from_a_c2_that_shows_most_of_its_dens(
    visible_mm: int, shows_dens: bool
) -> None:
    names = ["C2", "C3", "C4", "C5", "C6", "C7"]
    spine = solid_spine(names, with_ribs=False, margin_mm=2)
    bottom = int(np.flatnonzero((spine.numbers == 2).any(axis=(1, 2)))[0])
    rows = slice(0, bottom + visible_mm)
    cut = spine_of(spine.numbers[rows].copy(), spine.scan.hu[rows].copy(), (1.0, 1.0, 1.0))
    vertebrae = label_vertebrae(cut.mask, cut.probability, cut.scan).vertebrae
    assert [vertebra.name for vertebra in vertebrae if vertebra.name != "C1"] == names
    assert (vertebrae.naming.convention is Convention.HEAD) == shows_dens


@pytest.mark.parametrize("visible_mm", [3, 8, 16])
def test_the_sacrum_is_an_anchor_as_soon_as_some_of_it_is_in_view(visible_mm: int) -> None:
    spine = solid_spine(THORACOLUMBAR[4:], with_ribs=False, with_sacrum=True)
    last = int(np.flatnonzero((spine.numbers == 24).any(axis=(1, 2)))[0])
    rows = slice(last - 6 - visible_mm, None)  # a disc of 6 mm separates it from L5
    cut = spine_of(spine.numbers[rows].copy(), spine.scan.hu[rows].copy(), (1.0, 1.0, 1.0))
    naming = label_vertebrae(cut.mask, cut.probability, cut.scan).vertebrae.naming
    assert naming.convention is Convention.SACRUM
    assert naming.probability > 0.9


@pytest.mark.parametrize(("visible_mm", "is_seen"), [(24, True), (12, False)])
def test_ribs_of_the_last_vertebra_count_if_its_upper_part_is_in_view(
    visible_mm: int, is_seen: bool
) -> None:
    cut = cut_below(solid_spine(THORACOLUMBAR[:5]), visible_mm, 20)  # to L1
    labelling = label_vertebrae(cut.mask, cut.probability, cut.scan)
    assert labelling.column is not None
    assert labelling.column.is_partial[-1]
    assert (labelling.column.features[-1, FEATURES.index(RIB)] == 0.0) == is_seen
    naming = labelling.vertebrae.naming
    assert (naming.convention is Convention.RIBS) == is_seen


def test_a_vertebra_below_the_end_of_the_mask_is_no_sacrum() -> None:
    spine = solid_spine(THORACOLUMBAR, with_ribs=False)
    erased = SpineMask(spine.mask.voxels & (spine.numbers != 24), spine.mask.geometry)
    naming = label_vertebrae(erased, spine.probability, spine.scan).vertebrae.naming
    assert naming.convention is not Convention.SACRUM


def test_a_name_set_on_the_last_piece_keeps_it(spine: SolidSpine) -> None:
    cut = cut_below(solid_spine([*THORACOLUMBAR[3:], "L6"]), 12)
    labelling = label_vertebrae(cut.mask, cut.probability, None)
    again = clamped(labelling, len(labelling.vertebrae) - 1, 24)
    assert again.vertebrae.all[-1].name == "L5"


def test_an_island_beside_the_spine_is_left_out_and_reported(spine: SolidSpine) -> None:
    voxels = spine.mask.voxels.copy()
    voxels[60:80, 40:60, :12] = True  # 55 mm to the right of the bodies
    mask = SpineMask(voxels, spine.mask.geometry)
    vertebrae = label_vertebrae(mask, spine.probability, spine.scan).vertebrae
    assert not vertebrae.labels[60:80, 40:60, :12].any()
    assert vertebrae.stray_ml == pytest.approx(20 * 20 * 12 / 1000)
    assert vertebrae.naming.mask_notes == ()


def test_much_bone_beside_the_spine_is_proposed_for_removal(spine: SolidSpine) -> None:
    voxels = spine.mask.voxels.copy()
    voxels[60:90, 40:60, :12] = True
    mask = SpineMask(voxels, spine.mask.geometry)
    naming = label_vertebrae(mask, spine.probability, spine.scan).vertebrae.naming
    assert naming.mask_notes[0].startswith("7 ml of the mask is not assigned to any vertebra")
    assert naming.mask_notes[0] in naming.warnings


@pytest.mark.parametrize(("below_mm", "beside_mm"), [(60, 42), (45, 42), (40, 85)])
def test_hips_below_the_spine_are_no_vertebrae(below_mm: int, beside_mm: int) -> None:
    names = ["T11", "T12", "L1", "L2", "L3", "L4", "L5"]
    spine = solid_spine(names)
    numbers = np.pad(spine.numbers, ((100, 0), (0, 0), (70, 70)))
    hu = np.pad(np.asarray(spine.scan.hu), ((100, 0), (0, 0), (70, 70)), constant_values=40)
    z, y, x = np.ogrid[tuple(map(slice, numbers.shape))]
    for side in (-1, 1):  # L5 ends at 120 mm
        beside = x - numbers.shape[2] // 2 - side * beside_mm
        head = (z - 120 + below_mm) ** 2 + (y - 45) ** 2 + beside**2 < 26**2
        numbers[head] = 99
        hu[head] = 400
    whole = spine_of(numbers, hu, (1.0, 1.0, 1.0))
    vertebrae = label_vertebrae(whole.mask, whole.probability, whole.scan).vertebrae
    assert [vertebra.name for vertebra in vertebrae] == names
    assert not vertebrae.labels[numbers == 99].any()
    assert vertebrae.stray_ml == pytest.approx(np.count_nonzero(numbers == 99) / 1000)


def test_a_clamped_name_is_kept_and_the_others_follow(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, None)
    centre = labelling.vertebrae.all[4].body_centre_lps_mm
    again = clamped(labelling, segment_at(labelling, centre), 21)  # the vertebra named L1 is L2
    assert again.vertebrae.all[4].name == "L2"
    assert again.vertebrae.all[4].is_set_by_hand
    assert again.vertebrae.naming.convention is Convention.CLAMPED
    assert len({vertebra.label for vertebra in again.vertebrae}) == len(THORACOLUMBAR)
    assert again.segments is labelling.segments


@pytest.mark.parametrize("by", [-2, -1, 1])
def test_a_shift_moves_every_name(spine: SolidSpine, by: int) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    usual = [*range(8, 20), *range(20, 26)]
    wanted = [level_name(usual[usual.index(v.label) + by]) for v in labelling.vertebrae]
    assert [v.name for v in shifted(labelling, by).vertebrae] == wanted
    assert [v.name for v in shifted(shifted(labelling, by), -by).vertebrae] == THORACOLUMBAR


def test_a_shift_beyond_the_last_level_is_refused(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    for by in (5, 2):
        with pytest.raises(UsageError, match="past the end of the spine"):
            shifted(labelling, by)


def test_names_that_contradict_each_other_are_refused(spine: SolidSpine) -> None:
    labelling = clamped(label_vertebrae(spine.mask, spine.probability, spine.scan), 4, 20)
    with pytest.raises(UsageError, match="not be consecutive"):
        clamped(labelling, 6, 20)


def test_a_point_far_from_all_vertebrae_is_refused(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    with pytest.raises(UsageError, match="no vertebra near"):
        segment_at(labelling, (900.0, 0.0, 0.0))


def test_without_any_anchor_the_names_are_based_on_size_and_spacing() -> None:
    spine = solid_spine(["T5", "T6", "T7", "T8"], with_ribs=False, margin_mm=2)
    naming = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae.naming
    assert naming.convention is Convention.SPACING
    assert any("may be off by" in warning for warning in naming.warnings)


def test_uncertain_names_come_with_the_names_one_level_away() -> None:
    spine = solid_spine(["T5", "T6", "T7", "T8"], with_ribs=False, margin_mm=2)
    naming = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae.naming
    assert naming.probability < 0.9
    assert naming.alternatives
    assert all(len(other.names) == 4 for other in naming.alternatives)
    chances = [other.probability for other in naming.alternatives]
    assert chances == sorted(chances, reverse=True)
    assert naming.probability + sum(chances) <= 1 + 1e-6


def test_probable_names_also_come_with_the_next_most_probable_ones(spine: SolidSpine) -> None:
    naming = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae.naming
    assert naming.is_certain
    other = next(one for one in naming.alternatives if one.convention is naming.convention)
    assert len(other.names) == len(THORACOLUMBAR)
    assert list(other.names) != THORACOLUMBAR
    assert other.probability <= 1 - naming.probability + 1e-6


def test_levels_without_evidence_are_reported_as_unknown() -> None:
    lone = solid_spine(["L3"], margin_mm=2)
    naming = label_vertebrae(lone.mask, lone.probability, lone.scan).vertebrae.naming
    assert naming.probability < 0.5
    assert any("levels are unknown" in warning for warning in naming.warnings)


def test_no_other_names_are_more_probable_than_the_chosen_ones() -> None:
    spine = solid_spine(["T5", "T6", "T7", "T8"], with_ribs=False, margin_mm=2)
    modest = replace(load_fitted(), calibration=Calibration(1.0, -3.0))
    naming = label_vertebrae(
        spine.mask, spine.probability, spine.scan, fitted=modest
    ).vertebrae.naming
    assert naming.alternatives
    others = [other.probability for other in naming.alternatives]
    assert max(*others, naming.shifted_up, naming.shifted_down) <= naming.probability


def test_a_sacrum_that_contradicts_the_ribs_is_reported_with_its_names() -> None:
    # Six vertebrae without ribs above the sacrum: counted from it, the topmost is T7, not T8.
    names = ["T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "L6"]
    spine = solid_spine(names, with_sacrum=True)
    vertebrae = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae
    assert [vertebra.name for vertebra in vertebrae] == names
    assert vertebrae.naming.convention is Convention.RIBS
    by_convention = {other.convention: other for other in vertebrae.naming.alternatives}
    other = by_convention[Convention.SACRUM]
    assert other.names == ("T7", *names[:-1])
    assert "Counted from the sacrum, the vertebrae would be T7 to L5." in vertebrae.naming.warnings


def test_a_vertebra_missing_from_the_mask_keeps_its_level_and_is_reported(
    spine: SolidSpine,
) -> None:
    numbers = np.where(spine.numbers == 20, 0, spine.numbers).astype(np.uint8)  # without L1
    holed = spine_of(numbers, spine.scan.hu, (1.0, 1.0, 1.0))
    vertebrae = label_vertebrae(holed.mask, holed.probability, holed.scan).vertebrae
    assert [v.name for v in vertebrae] == [name for name in THORACOLUMBAR if name != "L1"]
    assert any("no bone where L1 should be" in text for text in vertebrae.naming.warnings)
    np.testing.assert_array_equal(vertebrae.labels > 0, holed.mask.voxels)


def test_the_process_of_a_neighbour_is_not_mistaken_for_a_missing_vertebra(
    spine: SolidSpine,
) -> None:
    numbers = np.where(spine.numbers == 20, 0, spine.numbers).astype(np.uint8)  # without L1
    z, y, x = np.nonzero(spine.numbers == 19)
    tip = y > y.max() - 10
    low = int(z[tip].min())
    numbers[low - 25 : low, y.max() - 9 : y.max() + 1, x[tip].min() : x[tip].max() + 1] = 19
    holed = spine_of(numbers, spine.scan.hu, (1.0, 1.0, 1.0))
    vertebrae = label_vertebrae(holed.mask, holed.probability, holed.scan).vertebrae
    assert [v.name for v in vertebrae] == [name for name in THORACOLUMBAR if name != "L1"]
    assert any("no bone where L1 should be" in text for text in vertebrae.naming.warnings)
    np.testing.assert_array_equal(vertebrae.labels > 0, holed.mask.voxels)


def test_a_vertebra_with_low_bone_probability_is_recovered_and_marked(spine: SolidSpine) -> None:
    is_l1 = spine.numbers == 20
    values = spine.probability.values.copy()
    low, inside = int(0.4 * PROBABILITY_SCALE), np.argwhere(is_l1)
    box = tuple(slice(a - 2, b + 3) for a, b in zip(inside.min(0), inside.max(0), strict=True))
    values[box] = np.minimum(values[box], low)
    mask = SpineMask(spine.mask.voxels & ~is_l1, spine.mask.geometry)
    before = mask.voxels.copy()
    faint = replace(spine.probability, values=values)
    vertebrae = label_vertebrae(mask, faint, spine.scan).vertebrae
    assert [v.name for v in vertebrae] == THORACOLUMBAR
    assert [v.name for v in vertebrae if v.is_recovered] == ["L1"]
    found = vertebrae.named("L1")
    assert found is not None
    assert found.probability <= 0.4
    both = np.count_nonzero((vertebrae.labels == 20) & is_l1)
    assert 2 * both / (np.count_nonzero(vertebrae.labels == 20) + is_l1.sum()) > 0.9
    np.testing.assert_array_equal(mask.voxels, before)
    np.testing.assert_array_equal((vertebrae.labels > 0) & (vertebrae.labels != 20), mask.voxels)
    assert any("threshold: L1." in text for text in vertebrae.naming.warnings)


def test_neighbouring_missing_vertebrae_are_recovered_together(spine: SolidSpine) -> None:
    lost = ["T12", "L1", "L2"]
    holed = SpineMask(
        spine.mask.voxels & ~np.isin(spine.numbers, [19, 20, 21]), spine.mask.geometry
    )
    vertebrae = label_vertebrae(holed, spine.probability, spine.scan).vertebrae
    assert [v.name for v in vertebrae] == THORACOLUMBAR
    assert [v.name for v in vertebrae if v.is_recovered] == lost


def test_a_recovered_vertebra_stays_when_the_mask_is_edited_elsewhere(spine: SolidSpine) -> None:
    is_l1 = spine.numbers == 20
    mask = SpineMask(spine.mask.voxels & ~is_l1, spine.mask.geometry)
    labelling = label_vertebrae(mask, spine.probability, spine.scan)
    voxels = mask.voxels.copy()
    voxels[tuple(np.argwhere(labelling.segments == 2)[:200].T)] = False
    edited = SpineMask(voxels, mask.geometry)
    again = remasked(labelling, edited, spine.probability, spine.scan)
    np.testing.assert_array_equal(again.segments == 5, labelling.segments == 5)
    assert [v.name for v in again.vertebrae if v.is_recovered] == ["L1"]
    assert not again.segments[tuple(np.argwhere(labelling.segments == 2)[:200].T)].any()


def test_a_vertebra_that_the_user_erases_is_reported_and_not_recovered(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    erased = SpineMask(spine.mask.voxels & (spine.numbers != 20), spine.mask.geometry)
    vertebrae = remasked(labelling, erased, spine.probability, spine.scan).vertebrae
    assert [v.name for v in vertebrae] == [name for name in THORACOLUMBAR if name != "L1"]
    assert vertebrae.naming.mask_notes == tuple(
        text for text in vertebrae.naming.warnings if "no bone where L1 should be" in text
    )
    assert vertebrae.naming.mask_notes
    np.testing.assert_array_equal(vertebrae.labels > 0, erased.voxels)


@pytest.mark.parametrize(
    ("names", "scale"),
    [
        (["L1", "L2", "L3", "L4"], 0.92),
        (["T6", "T7", "T8", "T9", "T10", "T11"], 1.1),
        (["C4", "C5", "C6", "C7", "T1"], 1.1),
    ],
)
def test_without_an_anchor_erasing_a_vertebra_renames_no_other(
    names: list[str], scale: float
) -> None:
    spine = solid_spine(names, with_ribs=False, margin_mm=2, scale=scale)
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    before = labelling.vertebrae
    for erased in before:
        kept = SpineMask(spine.mask.voxels & (before.labels != erased.label), spine.mask.geometry)
        after = remasked(labelling, kept, spine.probability, spine.scan).vertebrae
        for one in before:
            if one is not erased:
                at = after.vertebra_at(one.body_centre_lps_mm)
                assert at is not None
                assert at.name == one.name, erased.name
        assert after.naming.renamed == ""


@pytest.fixture(scope="module")
def faint_discs() -> SolidSpine:
    """A spine with discs and joints that the mask bridges and the probability shows faintly."""
    spine = solid_spine(THORACOLUMBAR, with_sacrum=True)
    bridged = binary_closing(spine.numbers > 0, np.ones((7, 1, 1)))
    values = spine.probability.values.copy()
    gaps = bridged & (spine.numbers == 0)
    values[gaps] = np.uint16(0.7 * PROBABILITY_SCALE)
    return replace(
        spine,
        mask=SpineMask(bridged, spine.mask.geometry),
        probability=replace(spine.probability, values=values),
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["removed", "added", "at the top", "at the bottom", "scattered"])
def test_a_small_change_of_the_mask_moves_few_voxels_to_another_vertebra(
    faint_discs: SolidSpine, kind: str, seed: int
) -> None:
    mask, rng = faint_discs.mask.voxels, np.random.default_rng(seed)
    inside = np.argwhere(mask & ~binary_erosion(mask))
    outside = np.argwhere(binary_dilation(mask) & ~mask)
    if kind == "scattered":
        chosen = rng.permutation(inside)[:50]
    else:
        places = {
            "added": outside,
            "at the top": inside[inside[:, 0] == inside[:, 0].max()],
            "at the bottom": inside[inside[:, 0] == inside[:, 0].min()],
        }.get(kind, inside)
        near = np.linalg.norm(places - rng.permutation(places)[0], axis=1)
        chosen = places[np.argsort(near)[:8]]
    changed = mask.copy()
    changed[tuple(chosen.T)] = kind == "added"
    before, after = (
        label_vertebrae(
            SpineMask(voxels, faint_discs.mask.geometry),
            faint_discs.probability,
            faint_discs.scan,
        ).vertebrae.labels
        for voxels in (mask, changed)
    )
    moved = np.count_nonzero((before != after) & mask & changed)
    assert moved <= 3 * len(chosen)


def test_a_hole_in_a_body_moves_no_other_border(faint_discs: SolidSpine) -> None:
    before = label_vertebrae(faint_discs.mask, faint_discs.probability, faint_discs.scan).vertebrae
    body = before.all[3]
    z, y, x = np.indices(faint_discs.mask.voxels.shape)
    place = faint_discs.mask.geometry.index_zyx(body.body_centre_lps_mm)
    hole = (z - place[0]) ** 2 + (y - place[1]) ** 2 + (x - place[2]) ** 2 < 6.2**2  # 1 ml
    mask = faint_discs.mask.voxels & ~hole
    after = label_vertebrae(
        SpineMask(mask, faint_discs.mask.geometry), faint_discs.probability, faint_discs.scan
    ).vertebrae
    assert np.count_nonzero((before.labels != after.labels) & mask) < 100
    for was, now in zip(before, after, strict=True):
        assert now.height_mm == pytest.approx(was.height_mm, abs=0.1)


def test_an_erased_end_is_no_longer_a_vertebra() -> None:
    spine = solid_spine(["T5", "T6", "T7", "T8", "T9"], with_ribs=False, margin_mm=2)
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    before = labelling.vertebrae
    for erased in (before.all[0], before.all[-1]):
        kept = SpineMask(spine.mask.voxels & (before.labels != erased.label), spine.mask.geometry)
        after = remasked(labelling, kept, spine.probability, spine.scan).vertebrae
        assert [one.name for one in after] == [one.name for one in before if one is not erased]


def test_merged_vertebrae_are_reported_and_no_name_is_certain() -> None:
    names = ["C3", "C4", "C5", "C6", "C7", "T1", "T2", "T3", "T4"]
    apart = solid_spine(names)
    numbers = apart.numbers.copy()
    neck = np.flatnonzero(np.isin(numbers, range(3, 8)).any(axis=(1, 2)))
    body = (numbers == 5).any(axis=0)
    numbers[neck[0] : neck[-1] + 1][:, body] = 5  # one piece without discs
    merged = spine_of(numbers, apart.scan.hu, (1.0, 1.0, 1.0))
    for spine, is_merged in ((apart, False), (merged, True)):
        vertebrae = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae
        notes = [text for text in vertebrae.naming.mask_notes if "no disc space between" in text]
        assert bool(notes) == is_merged
        if is_merged:
            assert vertebrae.naming.probability <= 0.5
            assert all(one.probability <= 0.5 for one in vertebrae)


def test_names_that_a_change_of_the_mask_shifts_are_reported(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    wrong = replace(shifted(labelling, -2), corrections=labelling.corrections)
    kept = SpineMask(
        spine.mask.voxels & (labelling.vertebrae.labels != VERSE_ORDER[LEVEL_NAMES.index("T9")]),
        spine.mask.geometry,
    )
    naming = remasked(wrong, kept, spine.probability, spine.scan).vertebrae.naming
    assert "T8 to L3 are now named T10 to L5" in naming.renamed
    assert naming.renamed in naming.warnings


@pytest.mark.parametrize("kept", [("C4", "T2"), ("C3", "T1"), ("C5", "T3")])
def test_a_partly_visible_neck_is_not_counted_from_c2_with_certainty(
    kept: tuple[str, str],
) -> None:
    names = ["C2", "C3", "C4", "C5", "C6", "C7", "T1", "T2", "T3"]
    whole = solid_spine(names, with_ribs=True, margin_mm=40)
    first, last = (names.index(name) for name in kept)
    wanted = names[first : last + 1]
    numbers = whole.numbers * np.isin(whole.numbers, [names.index(n) + 2 for n in wanted])
    part = spine_of(numbers.astype(np.uint8), whole.scan.hu, (1.0, 1.0, 1.0))
    vertebrae = label_vertebrae(part.mask, part.probability, part.scan).vertebrae
    found = [v.name for v in vertebrae]
    assert found == wanted or vertebrae.naming.probability < 0.95


@pytest.mark.parametrize("seed", range(8))
def test_with_any_vertebra_missing_names_differ_and_every_voxel_is_accounted_for(
    spine: SolidSpine, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    voxels, values = spine.mask.voxels.copy(), spine.probability.values.copy()
    for _ in range(3):
        first = int(rng.integers(0, len(voxels)))
        rows = slice(first, first + int(rng.integers(3, 70)))
        voxels[rows, int(rng.integers(0, 60)) :] = False
        values[rows] = (values[rows] * rng.uniform(0, 1)).astype(np.uint16)
    mask = SpineMask(voxels, spine.mask.geometry)
    faint = replace(spine.probability, values=values)
    vertebrae = label_vertebrae(mask, faint, spine.scan).vertebrae
    order = [VERSE_ORDER.index(vertebra.label) for vertebra in vertebrae]
    assert order == sorted(set(order))
    heights = [vertebra.body_centre_lps_mm[2] for vertebra in vertebrae]
    assert heights == sorted(heights, reverse=True)
    for vertebra in vertebrae:
        assert components_of(vertebrae.labels == vertebra.label, np.ones((3, 3, 3)))[1] == 1
        if not vertebra.is_recovered:
            assert voxels[vertebrae.labels == vertebra.label].all()
    left = np.count_nonzero(voxels & (vertebrae.labels == 0))
    assert vertebrae.stray_ml == pytest.approx(left / 1000)


@pytest.mark.parametrize("names", [["L3"], ["T5", "T6"], ["C5", "C6", "C7"]])
def test_one_to_three_vertebrae_in_view_are_reported_as_possibly_shifted(names: list[str]) -> None:
    few = solid_spine(names, with_ribs=False, margin_mm=2)
    vertebrae = label_vertebrae(few.mask, few.probability, few.scan).vertebrae
    assert 1 <= len({vertebra.label for vertebra in vertebrae}) == len(vertebrae) <= len(names)
    assert vertebrae.naming.probability < 0.95
    assert any("may be off by" in warning for warning in vertebrae.naming.warnings)


def test_a_single_cut_lumbar_body_is_not_mistaken_for_the_neck() -> None:
    lone = solid_spine(["L3"], with_ribs=False, margin_mm=2)
    vertebrae = label_vertebrae(lone.mask, lone.probability, lone.scan).vertebrae
    assert [vertebra.name[0] for vertebra in vertebrae] == ["L"]


def test_an_empty_mask_has_no_vertebrae(spine: SolidSpine) -> None:
    empty = SpineMask(np.zeros_like(spine.mask.voxels), spine.mask.geometry)
    labelling = label_vertebrae(empty, spine.probability, spine.scan)
    assert len(labelling.vertebrae) == 0
    assert not labelling.vertebrae.labels.any()


def test_a_crumb_alone_is_not_a_vertebra(spine: SolidSpine) -> None:
    voxels = np.zeros_like(spine.mask.voxels)
    voxels[50:53, 40:43, 50:53] = True
    labelling = label_vertebrae(
        SpineMask(voxels, spine.mask.geometry), spine.probability, spine.scan
    )
    assert len(labelling.vertebrae) == 0
    assert labelling.vertebrae.naming.warnings


@pytest.fixture(scope="module")
def neck() -> SolidSpine:
    return solid_spine(["C2", "C3", "C4", "C5", "C6", "C7", "T1", "T2"], with_ribs=True)


def test_a_vertebra_is_split_at_a_point_and_merged_again(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    third = labelling.vertebrae.all[2]
    apart = split(labelling, third.body_centre_lps_mm)
    assert len(apart.vertebrae) == len(labelling.vertebrae) + 1
    others = labelling.segments != 3
    np.testing.assert_array_equal(apart.segments[others] > 3, labelling.segments[others] > 3)
    together = merge(apart, 2)
    np.testing.assert_array_equal(together.segments, labelling.segments)


def test_names_that_depend_on_an_odd_manual_cut_are_uncertain_and_say_so(
    spine: SolidSpine,
) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    assert labelling.vertebrae.naming.is_certain
    assert not labelling.vertebrae.naming.is_recut
    for recut in (
        split(labelling, labelling.vertebrae.all[2].body_centre_lps_mm),
        merge(labelling, 2),
    ):
        naming = recut.vertebrae.naming
        assert naming.is_recut
        assert naming.probability <= 0.5
        assert all(vertebra.probability <= 0.5 for vertebra in recut.vertebrae)
        assert RECUT_ODDLY in naming.warnings
        by_hand = clamped(recut, 4, VERSE_ORDER[int(recut.answer.levels[4])])
        assert by_hand.vertebrae.naming.probability == 1


def test_a_disc_that_the_user_cuts_again_makes_names_as_certain_as_before(
    spine: SolidSpine,
) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    disc = labelling.vertebrae.all[2].lower_disc
    assert disc is not None
    again = split(merge(labelling, 2), disc.point_lps_mm).vertebrae.naming
    assert again.probability == pytest.approx(labelling.vertebrae.naming.probability, abs=0.02)
    assert RECUT_ODDLY not in again.warnings


def test_a_split_joins_no_other_vertebrae() -> None:
    cut = cut_below(solid_spine(["T11", "T12", "L1", "L2", "L3", "L4", "L5"]), 16, 24)
    labelling = label_vertebrae(cut.mask, cut.probability, cut.scan)
    assert [vertebra.name for vertebra in labelling.vertebrae][-1] == "L5"
    for number, vertebra in enumerate(labelling.vertebrae.all[:-1]):
        apart = split(labelling, vertebra.body_centre_lps_mm)
        assert len(apart.vertebrae) == len(labelling.vertebrae) + 1, vertebra.name
        for other in range(1, len(labelling.vertebrae) + 1):
            voxels = labelling.segments == other
            is_split = other == number + 1
            assert len(np.unique(apart.segments[voxels])) == 1 + is_split, vertebra.name


def test_shifted_names_stay_consecutive_up_to_the_last_one(spine: SolidSpine) -> None:
    usual = [name for name in LEVEL_NAMES if name != "T13"]
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    for by in range(-len(usual), len(usual)):
        first = usual.index(THORACOLUMBAR[0]) + by
        wanted = usual[max(first, 0) : first + len(THORACOLUMBAR)]
        if len(wanted) < len(THORACOLUMBAR) or "C1" in wanted:
            with pytest.raises(UsageError, match="past the end"):
                shifted(labelling, by)
        else:
            bodies = [v.name for v in shifted(labelling, by).vertebrae if v.name != "C1"]
            assert bodies == wanted


def test_a_piece_that_is_not_a_vertebra_joins_none() -> None:
    cut = cut_below(solid_spine(["L2", "L3", "L4", "L5"]), 16, 24)
    labelling = label_vertebrae(cut.mask, cut.probability, cut.scan)
    last = labelling.segments == len(labelling.vertebrae)
    names = NameCorrections({0: 22, 1: 23, 2: 24}, has_anomalies=False)
    named = renamed(labelling, names)
    assert [vertebra.name for vertebra in named.vertebrae] == ["L3", "L4", "L5"]
    assert not named.segments[last].any()
    volume_ml = np.count_nonzero(last) / 1000
    assert named.vertebrae.stray_ml == pytest.approx(labelling.vertebrae.stray_ml + volume_ml)


def test_names_return_when_a_merge_is_split_again(spine: SolidSpine) -> None:
    cut = cut_below(solid_spine(["T11", "T12", "L1", "L2", "L3", "L4", "L5"]), 16, 24)
    for whole in (spine, cut):
        labelling = label_vertebrae(whole.mask, whole.probability, whole.scan)
        names = [vertebra.name for vertebra in labelling.vertebrae]
        for number, vertebra in enumerate(labelling.vertebrae.all[:-1]):
            assert vertebra.lower_disc is not None
            again = split(merge(labelling, number), vertebra.lower_disc.point_lps_mm)
            assert [other.name for other in again.vertebrae] == names, vertebra.name


@pytest.mark.parametrize("visible_mm", [10, 18, 24])
def test_a_name_set_by_hand_joins_no_vertebrae_at_the_end_of_the_scan(visible_mm: int) -> None:
    short = cut_below(solid_spine(THORACOLUMBAR[2:]), visible_mm, 24)
    labelling = label_vertebrae(short.mask, short.probability, short.scan)
    for number, label in ((3, 22), (2, 21), (4, 22)):  # L2 as L3, L1 as L2, L3 as L3
        renamed = clamped(labelling, number, label)
        np.testing.assert_array_equal(renamed.segments, labelling.segments)


def test_a_split_at_an_end_is_refused(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    plane = labelling.vertebrae.all[2].lower_disc
    assert plane is not None
    with pytest.raises(UsageError, match="in the gap"):
        split(labelling, plane.point_lps_mm)


def test_a_moved_piece_belongs_to_the_other_vertebra_and_a_new_name_keeps_it(
    spine: SolidSpine,
) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    piece = np.zeros(spine.mask.voxels.shape, np.bool_)
    piece[:, 80:] = True
    piece &= labelling.segments == 4
    moved = move(labelling, piece, 4)
    assert (moved.segments[piece] == 5).all()
    renamed = shifted(moved, -1)
    assert (renamed.vertebrae.labels[piece] == renamed.vertebrae.all[4].label).all()
    np.testing.assert_array_equal(moved.segments[~piece], labelling.segments[~piece])


def test_a_stroke_changes_its_own_voxels_alone(spine: SolidSpine) -> None:
    labelling = clamped(label_vertebrae(spine.mask, spine.probability, spine.scan), 4, 21)
    voxels = spine.mask.voxels.copy()
    gone = np.argwhere(labelling.segments == 4)[:200]
    voxels[tuple(gone.T)] = False
    again = remasked(
        labelling, SpineMask(voxels, spine.mask.geometry), spine.probability, spine.scan
    )
    np.testing.assert_array_equal(again.segments, np.where(voxels, labelling.segments, 0))
    assert [v.name for v in again.vertebrae] == [v.name for v in labelling.vertebrae]


def test_a_name_set_by_hand_survives_another_mask(spine: SolidSpine) -> None:
    labelling = clamped(label_vertebrae(spine.mask, spine.probability, spine.scan), 4, 21)
    voxels = spine.mask.voxels.copy()
    voxels[labelling.segments == 1] = False  # the uppermost vertebra is gone
    again = remasked(
        labelling, SpineMask(voxels, spine.mask.geometry), spine.probability, spine.scan
    )
    assert [v.name for v in again.vertebrae if v.is_set_by_hand] == ["L2"]
    kept = labelling.vertebrae.named("L2")
    found = again.vertebrae.named("L2")
    assert kept is not None
    assert found is not None
    np.testing.assert_allclose(found.body_centre_lps_mm, kept.body_centre_lps_mm, atol=2)


def test_c1_is_separated_from_c2_if_c2_is_known(neck: SolidSpine) -> None:
    labelling = clamped(label_vertebrae(neck.mask, neck.probability, None), 0, 2)
    names = [vertebra.name for vertebra in labelling.vertebrae]
    assert names[-7:] == ["C3", "C4", "C5", "C6", "C7", "T1", "T2"]
    assert len(set(names)) == len(names)
    np.testing.assert_array_equal(labelling.vertebrae.labels > 0, neck.mask.voxels)


def test_slices_too_thick_for_discs_are_reported(spine: SolidSpine) -> None:
    thick = spine_of(spine.numbers[::8], spine.scan.hu[::8], (8.0, 1.0, 1.0))
    naming = label_vertebrae(thick.mask, thick.probability, thick.scan).vertebrae.naming
    assert "8 mm apart, so adjacent vertebrae cannot be distinguished" in naming.caution
    assert naming.caution in naming.warnings
    assert naming.probability <= 0.2
    assert naming.alternatives == ()
    assert naming.convention is Convention.SPACING
    thin = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae.naming
    assert not any("apart" in warning for warning in thin.warnings)


def test_names_in_a_scan_of_unknown_orientation_are_uncertain_unless_set_by_hand(
    spine: SolidSpine,
) -> None:
    source = replace(spine.scan.source, is_orientation_known=False)
    scan = replace(spine.scan, source=source)
    labelling = label_vertebrae(spine.mask, spine.probability, scan)
    vertebrae = labelling.vertebrae
    assert [vertebra.name for vertebra in vertebrae] == THORACOLUMBAR
    assert max(vertebra.probability for vertebra in vertebrae) == 0.5
    assert vertebrae.naming.probability == 0.5
    assert not vertebrae.naming.is_certain
    assert "from the wrong end" in vertebrae.naming.warnings[0]
    assert vertebrae.naming.alternatives == ()
    for corrected in (
        shifted(labelling, 1),
        remasked(labelling, spine.mask, spine.probability, scan),
    ):
        assert not corrected.vertebrae.naming.is_orientation_known
    by_hand = clamped(labelling, 4, 20).vertebrae
    assert by_hand.all[4].probability == 1.0
    assert by_hand.all[3].probability == 0.5
    assert not by_hand.naming.is_orientation_known
    assert "from the wrong end" not in " ".join(by_hand.naming.warnings)
