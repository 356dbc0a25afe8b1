from dataclasses import replace

import numpy as np
import pytest
from spines import THORACOLUMBAR, SolidSpine, cut_below, solid_spine

from spineviewer.errors import UsageError
from spineviewer.labelling.attachment import UncertainPart
from spineviewer.labelling.certainty import RECUT_DOUBTFUL
from spineviewer.labelling.name_corrections import (
    merge,
    move,
    move_target_at,
    renamed,
    segment_at,
    shifted,
    split,
    with_manual_name,
    with_new_mask,
)
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.labelling.row_names import NameCorrections
from spineviewer.labelling.vertebrae import Convention, neighbour_remark
from spineviewer.volume.geometry import triple
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER, level_name
from spineviewer.volume.volume import SpineMask


def test_a_name_set_on_the_last_piece_keeps_it(spine: SolidSpine) -> None:
    cut = cut_below(solid_spine([*THORACOLUMBAR[3:], "L6"]), 12)
    labelling = label_vertebrae(cut.mask, cut.probability, None)
    again = with_manual_name(labelling, len(labelling.vertebrae) - 1, 24)
    assert again.vertebrae.all[-1].name == "L5"


def test_a_manual_name_is_kept_and_the_others_follow(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, None)
    centre = labelling.vertebrae.all[4].body_centre_lps_mm
    # the vertebra named L1 is L2
    again = with_manual_name(labelling, segment_at(labelling, centre), 21)
    assert again.vertebrae.all[4].name == "L2"
    assert again.vertebrae.all[4].is_set_by_hand
    assert again.vertebrae.naming.convention is Convention.SET_BY_HAND
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
    labelling = with_manual_name(label_vertebrae(spine.mask, spine.probability, spine.scan), 4, 20)
    with pytest.raises(UsageError, match="not be consecutive"):
        with_manual_name(labelling, 6, 20)


def test_a_point_far_from_all_vertebrae_is_refused(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    with pytest.raises(UsageError, match="no vertebra near"):
        segment_at(labelling, (900.0, 0.0, 0.0))


def test_a_recovered_vertebra_stays_when_the_mask_is_edited_elsewhere(spine: SolidSpine) -> None:
    is_l1 = spine.numbers == 20
    mask = SpineMask(spine.mask.voxels & ~is_l1, spine.mask.geometry)
    labelling = label_vertebrae(mask, spine.probability, spine.scan)
    voxels = mask.voxels.copy()
    voxels[tuple(np.argwhere(labelling.segments == 2)[:200].T)] = False
    edited = SpineMask(voxels, mask.geometry)
    again = with_new_mask(labelling, edited, spine.probability, spine.scan)
    np.testing.assert_array_equal(again.segments == 5, labelling.segments == 5)
    assert [v.name for v in again.vertebrae if v.is_recovered] == ["L1"]
    assert not again.segments[tuple(np.argwhere(labelling.segments == 2)[:200].T)].any()


def test_a_vertebra_that_the_user_erases_is_reported_and_not_recovered(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    erased = SpineMask(spine.mask.voxels & (spine.numbers != 20), spine.mask.geometry)
    vertebrae = with_new_mask(labelling, erased, spine.probability, spine.scan).vertebrae
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
        after = with_new_mask(labelling, kept, spine.probability, spine.scan).vertebrae
        for one in before:
            if one is not erased:
                at = after.vertebra_at(one.body_centre_lps_mm)
                assert at is not None
                assert at.name == one.name, erased.name
        assert after.naming.renamed == ""


def test_an_erased_end_is_no_longer_a_vertebra() -> None:
    spine = solid_spine(["T5", "T6", "T7", "T8", "T9"], with_ribs=False, margin_mm=2)
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    before = labelling.vertebrae
    for erased in (before.all[0], before.all[-1]):
        kept = SpineMask(spine.mask.voxels & (before.labels != erased.label), spine.mask.geometry)
        after = with_new_mask(labelling, kept, spine.probability, spine.scan).vertebrae
        assert [one.name for one in after] == [one.name for one in before if one is not erased]


def test_names_that_a_change_of_the_mask_shifts_are_reported(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    wrong = replace(shifted(labelling, -2), corrections=labelling.corrections)
    kept = SpineMask(
        spine.mask.voxels & (labelling.vertebrae.labels != VERSE_ORDER[LEVEL_NAMES.index("T9")]),
        spine.mask.geometry,
    )
    naming = with_new_mask(wrong, kept, spine.probability, spine.scan).vertebrae.naming
    assert "T8 to L3 are now named T10 to L5" in naming.renamed
    assert naming.renamed in naming.warnings


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
        assert RECUT_DOUBTFUL in naming.warnings
        by_hand = with_manual_name(recut, 4, VERSE_ORDER[int(recut.answer.levels[4])])
        assert by_hand.vertebrae.naming.probability == 1


def test_a_disc_that_the_user_cuts_again_makes_names_as_certain_as_before(
    spine: SolidSpine,
) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    disc = labelling.vertebrae.all[2].lower_disc
    assert disc is not None
    again = split(merge(labelling, 2), disc.point_lps_mm).vertebrae.naming
    assert again.probability == pytest.approx(labelling.vertebrae.naming.probability, abs=0.02)
    assert RECUT_DOUBTFUL not in again.warnings


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
        renamed = with_manual_name(labelling, number, label)
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
    labelling = with_manual_name(label_vertebrae(spine.mask, spine.probability, spine.scan), 4, 21)
    voxels = spine.mask.voxels.copy()
    gone = np.argwhere(labelling.segments == 4)[:200]
    voxels[tuple(gone.T)] = False
    again = with_new_mask(
        labelling, SpineMask(voxels, spine.mask.geometry), spine.probability, spine.scan
    )
    np.testing.assert_array_equal(again.segments, np.where(voxels, labelling.segments, 0))
    assert [v.name for v in again.vertebrae] == [v.name for v in labelling.vertebrae]


def test_a_name_set_by_hand_survives_another_mask(spine: SolidSpine) -> None:
    labelling = with_manual_name(label_vertebrae(spine.mask, spine.probability, spine.scan), 4, 21)
    voxels = spine.mask.voxels.copy()
    voxels[labelling.segments == 1] = False  # the uppermost vertebra is gone
    again = with_new_mask(
        labelling, SpineMask(voxels, spine.mask.geometry), spine.probability, spine.scan
    )
    assert [v.name for v in again.vertebrae if v.is_set_by_hand] == ["L2"]
    kept = labelling.vertebrae.named("L2")
    found = again.vertebrae.named("L2")
    assert kept is not None
    assert found is not None
    np.testing.assert_allclose(found.body_centre_lps_mm, kept.body_centre_lps_mm, atol=2)


def test_c1_and_c2_stay_two_vertebrae_when_the_names_are_shifted() -> None:
    neck = solid_spine(["C2", "C3", "C4", "C5", "C6", "C7", "T1"], with_skull=True, margin_mm=30)
    labelling = label_vertebrae(neck.mask, neck.probability, neck.scan)
    assert [vertebra.name for vertebra in labelling.vertebrae][:3] == ["C1", "C2", "C3"]
    atlas = labelling.vertebrae.all[0]
    assert atlas.is_body_in_view
    assert labelling.vertebrae.vertebra_at(atlas.centre_in_view_lps_mm) is atlas
    lower = shifted(labelling, 1)
    assert [vertebra.name for vertebra in lower.vertebrae][:3] == ["C2", "C3", "C4"]
    for before, after in zip(labelling.vertebrae, lower.vertebrae, strict=True):
        np.testing.assert_array_equal(
            labelling.vertebrae.labels == before.label, lower.vertebrae.labels == after.label
        )
    upper = lower.vertebrae.all[0]
    assert not upper.is_body_in_view
    assert lower.vertebrae.vertebra_at(upper.centre_in_view_lps_mm) is upper
    edited = with_new_mask(lower, neck.mask, neck.probability, neck.scan)
    np.testing.assert_array_equal(edited.vertebrae.labels, lower.vertebrae.labels)
    back = shifted(lower, -1)
    np.testing.assert_array_equal(back.vertebrae.labels, labelling.vertebrae.labels)
    assert [vertebra.name for vertebra in back.vertebrae][:2] == ["C1", "C2"]


def test_a_piece_can_be_moved_to_c1() -> None:
    neck = solid_spine(["C2", "C3", "C4", "C5", "C6", "C7", "T1"], with_skull=True, margin_mm=30)
    labelling = label_vertebrae(neck.mask, neck.probability, neck.scan)
    atlas, axis = labelling.vertebrae.all[:2]
    grid = neck.mask.geometry
    ring = grid.point_lps_mm(np.argwhere(labelling.vertebrae.labels == atlas.label)[0])
    piece = np.zeros(neck.mask.voxels.shape, np.bool_)
    piece[tuple(np.argwhere(labelling.vertebrae.labels == axis.label)[:50].T)] = True
    number = move_target_at(labelling, triple(ring))
    assert number == -1
    assert (move(labelling, piece, number).vertebrae.labels[piece] == atlas.label).all()


def test_c1_is_cut_off_c2_only_while_a_name_says_so(neck: SolidSpine) -> None:
    """A name that was wrong leaves nothing behind."""
    before = with_manual_name(label_vertebrae(neck.mask, neck.probability, None), 0, 4)
    again = with_manual_name(with_manual_name(before, 0, 2), 0, 4)
    np.testing.assert_array_equal(again.vertebrae.labels, before.vertebrae.labels)


def test_uncertain_bone_follows_the_names_until_the_user_moves_it(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    z, y, x = np.argwhere(labelling.segments == 4)[0].tolist()
    part = UncertainPart((z, y, x), 0.7, 4, 5)
    labelling = replace(labelling, uncertain=(part,))
    lower = shifted(labelling, 1)
    fourth, fifth = lower.vertebrae.all[3:5]
    (bone,) = lower.vertebrae.uncertain
    assert (bone.label, bone.other_label) == (fourth.label, fifth.label)
    assert fourth.may_include == (fifth.name,)
    assert (
        neighbour_remark(fourth) == f"The mask of {fourth.name} may include part of {fifth.name}."
    )
    assert merge(labelling, 7).vertebrae.uncertain  # far away
    assert not merge(labelling, 3).vertebrae.uncertain
    voxel = np.zeros(spine.mask.voxels.shape, np.bool_)
    voxel[z, y, x] = True
    assert not move(labelling, voxel, 4).vertebrae.uncertain


def test_c1_is_separated_from_c2_if_c2_is_known(neck: SolidSpine) -> None:
    labelling = with_manual_name(label_vertebrae(neck.mask, neck.probability, None), 0, 2)
    names = [vertebra.name for vertebra in labelling.vertebrae]
    assert names[-7:] == ["C3", "C4", "C5", "C6", "C7", "T1", "T2"]
    assert len(set(names)) == len(names)
    np.testing.assert_array_equal(labelling.vertebrae.labels > 0, neck.mask.voxels)
