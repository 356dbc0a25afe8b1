"""The arch of a vertebra whose body the scan cuts off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import label as pieces_of
from spines import SolidSpine, solid_spine, spine_of

from spineviewer.app.hand_naming import HandNaming, Name, confirm_names, name_vertebra
from spineviewer.labelling.borders import (
    SegmentAbove,
    bone_below,
    cut_surfaces,
    segment_ends,
    whole_heights,
)
from spineviewer.labelling.column import without_last
from spineviewer.labelling.naming import Labelling, label_vertebrae
from spineviewer.labelling.priors import load_fitted
from spineviewer.labelling.vertebrae import ARCH_ALONE, neighbour_remark
from spineviewer.measurements.measure import measure
from spineviewer.volume.levels import level_number

T11, T12 = level_number("T11"), level_number("T12")
LEVELS = ["T11", "T12", "L1", "L2", "L3", "L4", "L5"]


def hanging(spine: SolidSpine, down_mm: int) -> SolidSpine:
    """The spine with all arches moved down, so that they are behind the next body."""
    numbers = np.where(spine.numbers > 0, spine.numbers, 0)
    behind = np.zeros_like(numbers)
    first = 40 + 16  # no body extends farther back
    behind[:, first:] = numbers[:, first:]
    numbers[:, first:] = 0
    numbers[:-down_mm, first:] = behind[down_mm:, first:]
    hu = np.where(numbers > 0, np.int16(400), np.where(spine.numbers > 0, 40, spine.scan.hu))
    return spine_of(numbers.astype(np.uint8), hu.astype(np.int16), (1.0, 1.0, 1.0))


def cut_above(spine: SolidSpine, stop: int) -> SolidSpine:
    """The spine in a scan without the slices from `stop` upwards."""
    return spine_of(spine.numbers[:stop].copy(), spine.scan.hu[:stop].copy(), (1.0, 1.0, 1.0))


def named(spine: SolidSpine) -> Labelling:
    return label_vertebrae(spine.mask, spine.probability, spine.scan)


def rows_of_body(spine: SolidSpine, number: int) -> np.ndarray:
    """The slices in which a body is: bodies are in front of y = 52 mm."""
    return np.flatnonzero((spine.numbers[:, :52] == number).any(axis=(1, 2)))


@pytest.fixture(scope="module")
def arch_alone() -> SolidSpine:
    """T12 to L5, and the arch of T11, whose body is above the scan."""
    whole = hanging(solid_spine(LEVELS, with_sacrum=True), 18)
    return cut_above(whole, int(rows_of_body(whole, T12)[-1]) + 2)


@pytest.fixture(scope="module")
def found(arch_alone: SolidSpine) -> Labelling:
    return named(arch_alone)


def test_an_arch_whose_body_is_not_in_view_is_a_vertebra_of_its_own(
    arch_alone: SolidSpine, found: Labelling
) -> None:
    vertebrae = found.vertebrae
    assert [vertebra.name for vertebra in vertebrae] == LEVELS
    assert found.above is SegmentAbove.ARCH
    arch, body = vertebrae.all[:2]
    assert (arch.is_partial, arch.is_body_in_view, body.is_body_in_view) == (True, False, True)
    assert vertebrae.bodies == vertebrae.all[1:]
    true = arch_alone.numbers == T11
    right = np.count_nonzero(true & (vertebrae.labels == T11))
    assert right > 0.9 * np.count_nonzero(true)
    assert right > 0.9 * np.count_nonzero(vertebrae.labels == T11)
    np.testing.assert_array_equal(vertebrae.labels > 0, arch_alone.mask.voxels)


def test_the_centre_of_such_a_vertebra_is_above_the_scan_but_its_name_is_at_the_arch(
    found: Labelling,
) -> None:
    vertebrae = found.vertebrae
    arch, body = vertebrae.all[:2]
    heights = [vertebra.body_centre_lps_mm[2] for vertebra in vertebrae]
    assert heights == sorted(heights, reverse=True)
    z, y, x = (round(index) for index in vertebrae.centres_zyx[T11])
    assert vertebrae.labels[z, y, x] == T11
    in_front = np.array(body.body_centre_lps_mm) - [0, 25, 0]
    assert vertebrae.level_at(tuple(in_front.tolist())) is body
    assert arch.record["is_body_in_view"] is False


def test_such_a_vertebra_is_listed_but_not_measured(
    arch_alone: SolidSpine, found: Labelling
) -> None:
    rows = measure(found.vertebrae, arch_alone.scan, arch_alone.probability)
    assert rows.named("T11").reason == ARCH_ALONE
    assert rows.named("L1").profile is not None


def test_a_name_given_to_the_arch_names_the_bodies_below(found: Labelling) -> None:
    arch = found.vertebrae.all[0]
    hand, renamed = name_vertebra(found, HandNaming(), Name(12, arch.centre_in_view_lps_mm))
    assert [vertebra.name for vertebra in renamed.vertebrae][:3] == ["T5", "T6", "T7"]
    assert [name.label for name in hand.names] == [13]  # stored at the body of T6
    kept, confirmed = confirm_names(found, HandNaming())
    assert len(kept.names) == len(found.vertebrae.bodies)
    assert confirmed.vertebrae.named("T11").arch_lps_mm == arch.arch_lps_mm


def test_an_arch_without_a_gap_stays_in_the_vertebra_below_which_says_so(
    arch_alone: SolidSpine,
) -> None:
    numbers = arch_alone.numbers.copy()
    first = int(rows_of_body(arch_alone, T12)[0])
    arches = numbers[first:, 56:]
    fused_arches = (arches > 0).any(axis=0) & (arches == 0)
    arches[fused_arches] = T12
    hu = np.where(numbers > 0, np.int16(400), arch_alone.scan.hu)
    fused = named(spine_of(numbers, hu, (1.0, 1.0, 1.0)))
    first = fused.vertebrae.all[0]
    assert (first.name, first.may_include) == ("T12", ("T11", "L1"))
    assert fused.above is SegmentAbove.NOTHING
    note = "The mask of T12 may include part of T11, L1."
    assert neighbour_remark(first) == note
    rows = measure(fused.vertebrae, arch_alone.scan, arch_alone.probability)
    assert note in rows.named("T12").sentences
    bone = fused.vertebrae.uncertain[-1]
    assert (bone.label, bone.other_label) == (T12, T11)
    assert fused.vertebrae.labels[bone.index_zyx] == T12
    assert all("T11" not in vertebra.may_include for vertebra in fused.vertebrae.all[1:])


def test_a_whole_first_vertebra_has_no_arch_above(arch_alone: SolidSpine) -> None:
    whole = named(hanging(solid_spine(LEVELS, with_sacrum=True), 18))
    assert [vertebra.name for vertebra in whole.vertebrae] == LEVELS
    assert whole.above is SegmentAbove.NOTHING
    assert all("T10" not in vertebra.may_include for vertebra in whole.vertebrae)


@pytest.mark.parametrize("is_cut_below", [True, False])
def test_bone_of_the_next_vertebra_below_a_cut_one_is_uncertain(is_cut_below: bool) -> None:
    """As if the scan ended before the body of L5, but showed some of its bone."""
    whole = solid_spine(LEVELS, with_sacrum=True)
    column = named(whole).column
    assert column is not None
    ends = replace(column.ends, is_cut_below=is_cut_below)
    row = without_last(replace(column, ends=ends))
    part = bone_below(row, cut_surfaces(row, np.arange(17, 23), load_fitted()))
    if not is_cut_below:
        assert part is None
        return
    assert part is not None
    assert (part.segment, part.other) == (6, 7)
    assert part.size_ml == pytest.approx(np.count_nonzero(whole.numbers == 24) / 1000, rel=0.2)
    assert whole.numbers[part.index_zyx] == 24


def test_the_height_of_a_cut_vertebra_follows_from_its_neighbour() -> None:
    whole = solid_spine(LEVELS, with_sacrum=True)
    rows = rows_of_body(whole, T11)
    column = named(cut_above(whole, int(rows[0]) + 7)).column
    assert column is not None
    levels, fitted = np.arange(17, 24), load_fitted()
    planes = column.disc_planes()
    heights = whole_heights(column, levels, planes, fitted)
    in_view = np.diff(segment_ends(column, planes))
    assert heights[0] > 1.5 * in_view[0]
    assert heights[0] == pytest.approx(heights[1], rel=0.1)
    np.testing.assert_array_equal(heights[1:], in_view[1:])


def test_a_cut_off_vertebra_keeps_its_arch_without_the_pedicles() -> None:
    whole = hanging(solid_spine(LEVELS, with_sacrum=True), 18)
    rows = rows_of_body(whole, T11)
    spine = cut_above(whole, int(rows[0]) + 7)  # the lowest 7 mm of the body
    found = named(spine)
    assert [vertebra.name for vertebra in found.vertebrae] == LEVELS
    labels = found.vertebrae.labels
    true = spine.numbers == T11
    assert np.count_nonzero(true & (labels == T11)) > 0.9 * np.count_nonzero(true)
    assert pieces_of(labels == T11)[1] >= 2
    for vertebra in found.vertebrae.all[1:]:
        assert pieces_of(labels == vertebra.label, np.ones((3, 3, 3)))[1] == 1


def test_shifting_the_names_shifts_that_of_the_arch(found: Labelling) -> None:
    from spineviewer.labelling.name_corrections import shifted

    names = [vertebra.name for vertebra in shifted(found, -1).vertebrae]
    assert names == ["T10", "T11", "T12", "L1", "L2", "L3", "L4"]
