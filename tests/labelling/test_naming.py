from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_closing, binary_dilation, binary_erosion
from scipy.ndimage import label as components_of
from spines import THORACOLUMBAR, SolidSpine, solid_spine, spine_of

from spineviewer.labelling.cut_parts import CutParts
from spineviewer.labelling.name_corrections import shifted
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.labelling.vertebrae import Convention
from spineviewer.volume.levels import VERSE_ORDER
from spineviewer.volume.volume import PROBABILITY_SCALE, SpineMask


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


def test_a_body_at_which_the_scanned_area_ends_is_partial(spine: SolidSpine) -> None:
    """As in a sheared scan: padding surrounds the slices. The body is almost whole."""
    voxels, hu = spine.mask.voxels.copy(), spine.scan.hu.copy()
    highest = int(np.flatnonzero(voxels.any(axis=(1, 2)))[-1])
    voxels[highest - 2 :], hu[highest - 2 :] = False, -1024
    values = spine.probability.values.copy()
    values[highest - 2 :] = 0
    mask = SpineMask(voxels, spine.mask.geometry)
    probability = replace(spine.probability, values=values)
    labelling = label_vertebrae(mask, probability, replace(spine.scan, hu=hu))
    assert [vertebra.cut for vertebra in labelling.vertebrae] == [CutParts.BODY] + [CutParts(0)] * 8
    assert shifted(labelling, -1).vertebrae.all[0].cut is CutParts.BODY
    in_tissue = label_vertebrae(mask, probability, spine.scan).vertebrae
    assert not any(vertebra.cut for vertebra in in_tissue)


def test_a_vertebra_whose_arch_alone_is_cut_is_not_partial(spine: SolidSpine) -> None:
    arch = np.flatnonzero((spine.numbers == 22).any(axis=(0, 2)))[-1]
    numbers = spine.numbers[:, : int(arch) - 2].copy()
    cut = spine_of(numbers, spine.scan.hu[:, : int(arch) - 2].copy(), (1.0, 1.0, 1.0))
    vertebrae = label_vertebrae(cut.mask, cut.probability, cut.scan).vertebrae
    assert (vertebrae.labels[:, -1] > 0).any()
    assert not any(vertebra.is_partial for vertebra in vertebrae)
    at_edge_mm2 = [int((vertebrae.labels[:, -1] == vertebra.label).sum()) for vertebra in vertebrae]
    for vertebra, mm2 in zip(vertebrae, at_edge_mm2, strict=True):
        part = CutParts.ARCH if mm2 > 100 else CutParts.TIP
        assert vertebra.cut is (part if mm2 else CutParts(0))
    assert min(at_edge_mm2) < 50 < 110 < max(at_edge_mm2)


def test_an_island_beside_the_spine_is_left_out_and_reported(spine: SolidSpine) -> None:
    voxels = spine.mask.voxels.copy()
    voxels[60:80, 40:60, :12] = True  # 55 mm to the right of the bodies
    mask = SpineMask(voxels, spine.mask.geometry)
    vertebrae = label_vertebrae(mask, spine.probability, spine.scan).vertebrae
    assert not vertebrae.labels[60:80, 40:60, :12].any()
    assert vertebrae.stray_ml == pytest.approx(20 * 20 * 12 / 1000)
    assert vertebrae.naming.mask_notes == ()


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
