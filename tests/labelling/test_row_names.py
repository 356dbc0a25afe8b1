import numpy as np
import pytest
from spines import THORACOLUMBAR, cut_below, solid_spine, spine_of

from spineviewer.labelling.features import FEATURES, RIB
from spineviewer.labelling.name_corrections import (
    shifted,
)
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.labelling.vertebrae import Convention
from spineviewer.volume.levels import level_name
from spineviewer.volume.volume import SpineMask


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


def test_a_single_cut_lumbar_body_is_not_mistaken_for_the_neck() -> None:
    lone = solid_spine(["L3"], with_ribs=False, margin_mm=2)
    vertebrae = label_vertebrae(lone.mask, lone.probability, lone.scan).vertebrae
    assert [vertebra.name[0] for vertebra in vertebrae] == ["L"]
