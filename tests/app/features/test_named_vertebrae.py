"""Vertebrae follow the mask automatically; names set by hand stay and can be undone."""

import json
from dataclasses import replace

import nibabel
import numpy as np
import pytest
from fakes import FakeBackend, spine_volume

from spineviewer.app.exporting import ExportKind
from spineviewer.app.features import named_vertebrae, naming_notices
from spineviewer.app.features.naming_notices import NamingNotices
from spineviewer.app.hand_naming import distance_remark, merging_remark, renaming_remark
from spineviewer.app.jobs import JobKind
from spineviewer.app.naming_check import basis_of_names, names_to_check
from spineviewer.app.notices import Severity
from spineviewer.app.region_search import UncertaintyKind
from spineviewer.app.report import report_content
from spineviewer.app.session import make_session, pack_session, unpack_session
from spineviewer.editing.correction import REMOVED, planned
from spineviewer.labelling.attachment import UncertainPart
from spineviewer.labelling.name_corrections import shifted
from spineviewer.labelling.vertebrae import Alternative, Convention, Naming, Unaided
from spineviewer.tuning import Tuning
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER, level_name
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation


def corrected(one, scan, names):
    one.loop.until(lambda: names_of(scan) == names)
    one.loop.until(lambda: not scan.jobs.is_running(JobKind.RENAME))


def names_of(scan):
    return [vertebra.name for vertebra in scan.parts.vertebrae]


def moved(names, by):
    """Return names `by` levels further down, without T13 and L6."""
    plain = [name for name in LEVEL_NAMES if name not in ("T13", "L6")]
    return [plain[plain.index(name) + by] for name in names]


def test_the_blocks_of_a_column_are_named_in_order_after_segmenting(named):
    _, scan = named
    names = names_of(scan)
    assert len(names) == 8
    assert names == sorted(names, key=LEVEL_NAMES.index)
    assert not scan.parts.is_naming


def test_uncertain_regions_name_the_levels_that_bone_may_belong_to(named):
    one, scan = named
    upper, lower = scan.parts.vertebrae.all[2:4]
    z, y, x = (round(index) for index in scan.parts.vertebrae.centres_zyx[upper.label])
    part = UncertainPart((z, y, x), 0.7, 3, 4)
    labelling = replace(scan.parts.labelling, uncertain=(part,))
    scan.set(replace(scan.parts, labelling=shifted(shifted(labelling, 1), -1)))
    scan.uncertain_regions.find()
    one.loop.until(lambda: scan.parts.checklist is not None)

    def levels():
        regions = [region.uncertain_region for region in scan.parts.checklist.regions]
        return [region.levels for region in regions if region.kind is UncertaintyKind.LEVEL]

    assert levels() == [(upper.name, lower.name)]
    scan.set(replace(scan.parts, labelling=shifted(scan.parts.labelling, 1)))
    one.loop.until(lambda: levels() == [tuple(moved([upper.name, lower.name], 1))])
    one.loop.rest()


def test_a_mask_without_vertebrae_is_reported_only_until_there_is_another_mask(named, monkeypatch):
    one, scan = named
    monkeypatch.setattr(
        naming_notices, "names_to_check", lambda vertebrae: "" if len(vertebrae) else "None."
    )
    scan.tuner.set(Tuning(0.99, 6.0, 0.5))
    one.settle(scan)
    one.name(scan)
    assert "names" in [notice.topic for notice in scan.parts.notices]
    scan.tuner.set(scan.parts.defaults)
    one.settle(scan)
    assert not scan.names.are_current
    assert "names" not in [notice.topic for notice in scan.parts.notices]


def test_one_key_makes_the_axial_plane_parallel_to_the_nearest_disc_about_the_crosshair(named):
    one, scan = named
    labelling, upper = scan.parts.labelling, scan.parts.vertebrae.all[3]
    tilt = np.radians(20.0)
    disc = replace(upper.lower_disc, normal_lps=(0.0, float(np.sin(tilt)), -float(np.cos(tilt))))
    bodies = [replace(v, lower_disc=disc) if v is upper else v for v in labelling.vertebrae]
    tilted = replace(labelling.vertebrae, all=tuple(bodies))
    scan.set(replace(scan.parts, labelling=replace(labelling, vertebrae=tilted)))
    z, y, x = scan.volume.geometry.index_zyx(disc.point_lps_mm).tolist()
    scan.display.move_to((z, y, x + 3.0))
    place = scan.state.point_zyx
    scan.navigation.align_to_disc()
    one.loop.until(lambda: scan.state.rotation != Rotation())
    axes = np.array(scan.volume.geometry.axes_lps)
    normal_lps = scan.state.rotation.normal(Plane.AXIAL) @ axes
    assert normal_lps @ np.array(disc.normal_lps) == pytest.approx(-1.0, abs=1e-6)
    assert scan.state.point_zyx == pytest.approx(place, abs=1e-6)
    rotated = np.array(scan.state.rotation.axes)
    assert rotated @ rotated.T == pytest.approx(np.eye(3), abs=1e-6)
    assert np.linalg.det(rotated) == pytest.approx(1.0)


def test_without_a_disc_in_view_the_key_says_so(headless):
    scan = headless().open(spine_volume())
    scan.navigation.align_to_disc()
    assert "No disc was found" in scan.parts.notices[-1].text


def test_old_names_stay_until_those_of_a_new_mask_are_ready(named):
    one, scan = named
    old = scan.parts.vertebrae
    scan.tuner.set(Tuning(0.2, 6.0, 0.6))
    one.settle(scan)
    assert scan.parts.vertebrae is old
    assert not scan.names.are_current
    one.name(scan)
    assert scan.parts.vertebrae is not old


def test_one_key_shifts_all_names_and_undo_brings_them_back(named):
    one, scan = named
    before = names_of(scan)
    scan.names.shift(-1)
    corrected(one, scan, moved(before, -1))
    assert {vertebra.probability for vertebra in scan.parts.vertebrae} == {1.0}
    scan.steps.undo()
    corrected(one, scan, before)
    scan.steps.redo()
    corrected(one, scan, moved(before, -1))


def test_a_failure_to_restore_names_is_reported(named, monkeypatch):
    one, scan = named
    before = names_of(scan)
    scan.names.shift(-1)
    corrected(one, scan, moved(before, -1))

    def fail(*_):
        raise RuntimeError("no memory")

    monkeypatch.setattr(named_vertebrae, "reapplied", fail)
    scan.steps.undo()
    one.loop.rest()
    assert [notice.topic for notice in scan.parts.notices if notice.severity is Severity.ERROR] == [
        "name"
    ]


def test_two_quick_shifts_are_two_steps(named):
    one, scan = named
    before = names_of(scan)
    scan.names.shift(-1)
    scan.names.shift(-1)
    corrected(one, scan, moved(before, -2))
    scan.steps.undo()
    corrected(one, scan, moved(before, -1))


def test_undo_cancels_a_shift_that_is_still_being_computed_and_no_earlier_step(named):
    one, scan = named
    before = names_of(scan)
    scan.names.shift(-1)
    corrected(one, scan, moved(before, -1))
    scan.names.shift(-1)
    scan.names.shift(-1)
    scan.steps.undo()
    scan.steps.undo()
    assert not scan.names.is_correcting
    corrected(one, scan, moved(before, -1))
    scan.steps.undo()
    corrected(one, scan, before)


def test_naming_one_vertebra_names_the_others_from_it(named):
    one, scan = named
    before = names_of(scan)
    third = scan.parts.vertebrae.all[2]
    wanted = moved(before, 1)
    scan.names.name(wanted[2].lower(), third.body_centre_lps_mm)
    corrected(one, scan, wanted)
    assert [vertebra.is_set_by_hand for vertebra in scan.parts.vertebrae].count(True) == 1


def test_a_name_that_contradicts_earlier_ones_takes_their_place(named):
    one, scan = named
    before = names_of(scan)
    scan.names.confirm()
    one.loop.until(lambda: all(vertebra.is_set_by_hand for vertebra in scan.parts.vertebrae))
    wanted = moved(before, 1)
    scan.names.name(wanted[0], scan.parts.vertebrae.all[0].body_centre_lps_mm)
    corrected(one, scan, wanted)


def test_a_new_mask_does_not_change_names_set_by_hand(named):
    one, scan = named
    shifted = moved(names_of(scan), -1)
    scan.names.shift(-1)
    corrected(one, scan, shifted)
    scan.corrections.begin_stroke(Plane.SAGITTAL, (40.0, 30.0, 36.0), is_adding=True)
    scan.corrections.end_stroke()
    one.name(scan)
    assert names_of(scan) == shifted


def test_a_stroke_leaves_the_vertebrae_elsewhere_as_they_are(named):
    one, scan = named
    before = scan.parts.vertebrae
    z, y, x = scan.volume.geometry.index_zyx(before.all[4].body_centre_lps_mm).tolist()
    scan.corrections.begin_stroke(Plane.SAGITTAL, (z, y, x), is_adding=False)
    scan.corrections.end_stroke()
    one.name(scan)
    after = scan.parts.vertebrae
    erased = before.labels != after.labels
    assert erased.any()
    assert (after.labels[erased] == 0).all()
    assert set(np.unique(before.labels[erased])) == {before.all[4].label}
    scan.steps.undo()
    one.name(scan)
    np.testing.assert_array_equal(scan.parts.vertebrae.labels, before.labels)


def test_a_word_that_is_not_a_level_is_reported_and_changes_nothing(named):
    one, scan = named
    before = names_of(scan)
    scan.names.name("L9")
    assert any("L9" in text for text in one.texts())
    assert names_of(scan) == before


def test_an_erased_vertebra_is_reported_until_it_is_back(named):
    one, scan = named
    lost = scan.parts.vertebrae.all[4]
    z, y, x = lost.box
    everything = np.ones((z.stop - z.start, y.stop - y.start, x.stop - x.start), np.bool_)
    scan.corrections.apply("Erase", planned((z.start, y.start, x.start), everything, REMOVED))
    one.name(scan)
    # Nothing but size and spacing names these blocks, so that all names may move by one.
    above, below = names_of(scan)[3:5]
    gone = LEVEL_NAMES[LEVEL_NAMES.index(above) + 1]
    assert LEVEL_NAMES[LEVEL_NAMES.index(gone) + 1] == below
    notice = notice_of(one, "mask of vertebrae")
    assert f"no bone where {gone} should be" in notice.text
    scan.steps.undo()
    one.name(scan)
    assert lost.name in names_of(scan)
    assert notice_of(one, "mask of vertebrae") is None


def notice_of(one, topic="names"):
    found = [notice for notice in one.workspace.notices if notice.topic == topic]
    return found[0] if found else None


def test_uncertain_names_are_reported_with_buttons_until_they_are_confirmed(named):
    one, scan = named
    notice = notice_of(one)
    assert [text for text, _ in notice.buttons][-1] == "Confirm"
    dict(notice.buttons)["Confirm"]()
    one.loop.until(lambda: scan.parts.vertebrae.naming.probability == 1.0)
    assert notice_of(one) is None


def test_a_button_gives_the_vertebrae_the_names_that_it_offers(named):
    one, scan = named
    alternatives = scan.parts.vertebrae.naming.alternatives
    assert alternatives
    offered = notice_of(one).buttons
    first = alternatives[0]
    text, press = offered[0]
    assert text.startswith(f"{first.names[0]} to {first.names[-1]}")
    assert f"{100 * first.probability:.0f}%" in text
    before = names_of(scan)
    press()
    corrected(one, scan, list(first.names))
    assert notice_of(one) is None
    scan.steps.undo()
    corrected(one, scan, before)


def naming(convention, probability, *alternatives):
    return Naming(convention, probability, 0.1, 0.1, alternatives=alternatives)


def test_conventions_that_disagree_are_reported_even_where_the_names_are_probable(named):
    _, scan = named
    vertebrae = scan.parts.vertebrae
    other = Alternative(("T6", "L1"), 0.03, Convention.SACRUM)
    disagreeing = replace(vertebrae, naming=naming(Convention.RIBS, 0.96, other))
    first, last = vertebrae.all[0].name, vertebrae.all[-1].name
    assert names_to_check(disagreeing) == (
        f"The vertebrae are {first} to {last} if numbered from the ribs (96%), but T6 to L1 "
        "if counted from the sacrum. Check the names."
    )


def test_certain_names_and_names_set_by_hand_need_no_check(named):
    _, scan = named
    vertebrae = scan.parts.vertebrae
    certain = replace(vertebrae, naming=naming(Convention.RIBS, 0.95))
    assert names_to_check(certain) == ""
    assert "uncertain" in names_to_check(replace(vertebrae, naming=naming(Convention.RIBS, 0.94)))
    by_hand = replace(vertebrae, naming=naming(Convention.SET_BY_HAND, 1.0))
    assert names_to_check(by_hand) == ""
    alone = names_to_check(replace(vertebrae, naming=naming(Convention.SPACING, 0.97)))
    assert "may be off by" in alone


def test_a_guess_is_reported_as_unknown_levels(named):
    _, scan = named
    guess = replace(scan.parts.vertebrae, naming=naming(Convention.SPACING, 0.22))
    text = names_to_check(guess)
    assert "levels of the vertebrae are unknown" in text
    assert "22%" in text


def test_a_scan_whose_names_mean_little_says_why_instead_of_a_probability(named):
    _, scan = named
    uncertain = replace(
        naming(Convention.SPACING, 0.2), caution="The spine seems to be upside down."
    )
    text = names_to_check(replace(scan.parts.vertebrae, naming=uncertain))
    assert text == "The spine seems to be upside down."


def test_names_that_changed_with_the_mask_are_reported_even_if_they_are_certain(named):
    _, scan = named
    certain = replace(naming(Convention.RIBS, 0.99), renamed="T8 to L3 are now named T9 to L4.")
    assert names_to_check(replace(scan.parts.vertebrae, naming=certain)) == certain.renamed


def test_the_names_by_another_convention_are_offered_before_more_probable_ones(named):
    one, scan = named
    vertebrae = scan.parts.vertebrae
    rows = [
        *(Alternative((f"T{number}", "L1"), 0.02, Convention.RIBS) for number in (3, 4, 5)),
        Alternative(("T6", "L1"), 0.01, Convention.SACRUM),
    ]
    notices = NamingNotices(scan, scan.names, scan.steps.undo)
    notices.report(replace(vertebrae, naming=naming(Convention.RIBS, 0.93, *rows)))
    offered = [text for text, _ in notice_of(one).buttons]
    assert [text.split()[0] for text in offered] == ["T6", "T3", "T4", "Confirm"]


def test_names_for_vertebrae_that_do_not_exist_are_rejected(named):
    one, scan = named
    before = names_of(scan)
    scan.names.set_names(("T12", "L1"))
    one.loop.rest()
    assert any("have changed" in text for text in one.texts())
    assert names_of(scan) == before


def test_the_next_vertebra_is_towards_the_feet_and_the_last_one_stays(named):
    _, scan = named
    first, second = scan.parts.vertebrae.all[:2]
    last = scan.parts.vertebrae.all[-1]
    scan.navigation.go_to(first)
    assert scan.names.at_crosshair is first
    scan.navigation.next()
    assert scan.names.at_crosshair is second
    scan.navigation.next(-1)
    assert scan.names.at_crosshair is first
    scan.navigation.next(100)
    assert scan.names.at_crosshair is last


def test_the_view_goes_to_a_level_by_name_and_one_out_of_view_is_reported(named):
    one, scan = named
    third = scan.parts.vertebrae.all[2]
    scan.navigation.go_to_level(f" {third.name.lower()} ")
    assert scan.names.at_crosshair is third
    scan.navigation.go_to_level("C2")
    assert scan.names.at_crosshair is third
    assert any("C2 is not in view" in text for text in one.texts())


def test_straightening_turns_the_axial_plane_across_the_vertebra(named):
    one, scan = named
    vertebra = scan.parts.vertebrae.all[3]
    scan.navigation.go_to(vertebra)
    scan.navigation.align_to_endplates()
    one.loop.rest()
    normal = scan.state.rotation.normal(Plane.AXIAL)
    # the blocks are upright: their endplates are within a few degrees of the stored slices
    assert normal[0] > 0.99


def test_names_by_hand_come_back_with_a_session_and_old_sessions_have_none(named, tmp_path):
    one, scan = named
    scan.names.shift(-1)
    corrected(one, scan, moved(names_of(scan), -1))
    session = make_session(scan.state, scan.correction, scan.parts.reference)
    assert session.has_edits
    packed = pack_session(session, has_path=True)
    again = unpack_session(packed, tmp_path / "x.spineview")
    assert again.naming == scan.state.naming
    older = json.loads(packed)
    del older["naming"], older["overlays"]["are_vertebrae_shown"]
    assert unpack_session(json.dumps(older).encode(), tmp_path / "x.spineview").naming.is_empty


def test_reopening_a_scan_brings_the_names_back(headless):
    one = headless()
    scan = one.segmented(spine_volume())
    one.name(scan)
    shifted = moved(names_of(scan), 1)
    scan.names.shift(1)
    corrected(one, scan, shifted)
    one.workspace.close(one.workspace.front)
    one.loop.rest()
    again = one.segmented(spine_volume())
    one.name(again)
    assert names_of(again) == shifted


def test_an_empty_mask_has_no_vertebrae_and_offers_no_corrections(headless):
    one = headless(FakeBackend(is_empty=True))
    scan = one.segmented(spine_volume())
    one.name(scan)
    assert names_of(scan) == []
    scan.names.shift(1)
    scan.navigation.next()
    one.loop.rest()
    assert scan.parts.history.done == ()


def test_two_vertebrae_merge_at_their_border_and_undo_separates_them(named):
    one, scan = named
    before = names_of(scan)
    upper, lower = scan.parts.vertebrae.all[3:5]
    volume_ml = upper.volume_ml + lower.volume_ml
    z, y, x = scan.volume.geometry.index_zyx(upper.lower_disc.point_lps_mm).tolist()
    scan.names.merge_at((z + 1, y, x))
    one.loop.until(lambda: len(scan.parts.vertebrae) == 7)
    assert any(vertebra.volume_ml == pytest.approx(volume_ml) for vertebra in scan.parts.vertebrae)
    one.loop.until(lambda: not scan.jobs.is_running(JobKind.RENAME))
    scan.steps.undo()
    corrected(one, scan, before)


def test_names_that_a_merge_moves_are_reported(named):
    one, scan = named
    names = names_of(scan)
    scan.names.name(names[0], scan.parts.vertebrae.all[0].body_centre_lps_mm)
    corrected(one, scan, names)
    upper = scan.parts.vertebrae.all[3]
    z, y, x = scan.volume.geometry.index_zyx(upper.lower_disc.point_lps_mm).tolist()
    scan.names.merge_at((z + 1, y, x))
    corrected(one, scan, names[:-1])
    sentence = f"{names[5]} to {names[7]} are now named {names[4]} to {names[6]}"
    assert any(sentence in text for text in one.texts())


@pytest.mark.parametrize("by", [-1, 1])
def test_vertebrae_can_be_merged_and_split_after_all_names_were_shifted(named, by):
    """The names on one side of the cut still hold; those on the other move by one."""
    one, scan = named
    scan.names.shift(by)
    one.loop.until(lambda: not scan.state.naming.is_empty and not scan.names.are_pending)
    shifted = names_of(scan)
    upper, _ = scan.parts.vertebrae.all[3:5]
    z, y, x = scan.volume.geometry.index_zyx(upper.lower_disc.point_lps_mm).tolist()
    scan.names.merge_at((z + 1, y, x))
    one.loop.until(lambda: len(scan.parts.vertebrae) == 7)
    assert names_of(scan) in (shifted[:-1], shifted[1:])
    assert any("are now named" in text for text in one.texts())
    one.loop.until(lambda: not scan.jobs.is_running(JobKind.RENAME))
    assert scan.state.naming.names, "the user's names on one side remain"
    scan.steps.undo()
    corrected(one, scan, shifted)
    third = scan.parts.vertebrae.all[2]
    scan.names.split_at(tuple(scan.volume.geometry.index_zyx(third.body_centre_lps_mm).tolist()))
    one.loop.until(lambda: len(scan.parts.vertebrae) == 9)
    assert names_of(scan)[:-1] == shifted or names_of(scan)[1:] == shifted


def test_a_split_in_a_whole_vertebra_makes_no_name_more_probable(named):
    one, scan = named
    before = scan.parts.vertebrae
    third = before.all[2]
    scan.names.split_at(tuple(scan.volume.geometry.index_zyx(third.body_centre_lps_mm).tolist()))
    one.loop.until(lambda: len(scan.parts.vertebrae) == 9)
    after = scan.parts.vertebrae
    assert after.naming.probability <= before.naming.probability
    assert max(v.probability for v in after) <= before.naming.probability


def test_vertebrae_that_new_names_make_one_are_reported(named):
    _, scan = named
    before = scan.parts.vertebrae
    upper, lower = before.all[:2]
    labels = before.labels.copy()
    labels[labels == upper.label] = lower.label
    after = replace(before, labels=labels, all=before.all[1:])
    text = merging_remark(before, after)
    assert text.startswith(f"{upper.name} and {lower.name} are now one vertebra")
    assert not merging_remark(before, before)
    assert not renaming_remark(before, before)


@pytest.mark.parametrize(("by", "is_far"), [(-3, True), (-2, False), (1, False), (0, False)])
def test_names_that_move_far_at_once_are_reported(named, by, is_far):
    """As if the user had typed T2 for L2."""
    _, scan = named
    before = scan.parts.vertebrae
    labels = [VERSE_ORDER[VERSE_ORDER.index(v.label) + by] for v in before]
    moved = [
        replace(v, label=label, name=level_name(label))
        for v, label in zip(before, labels, strict=True)
    ]
    text = distance_remark(before, replace(before, all=tuple(moved)))
    old, new = ([v.name for v in row] for row in (before, moved))
    assert text == (
        f"{old[0]} to {old[-1]} are now named {new[0]} to {new[-1]}. Undo this if it is wrong."
        if is_far
        else ""
    )


def test_only_names_that_a_split_gave_or_moved_rest_on_a_step_by_hand(named):
    one, scan = named
    before = {v.body_centre_lps_mm: v.name for v in scan.parts.vertebrae}
    assert scan.names.by_hand == frozenset()
    z, y, x = scan.volume.geometry.index_zyx(list(before)[2]).tolist()
    scan.names.split_at((z, y, x))
    one.loop.until(lambda: len(scan.parts.vertebrae) == 9)
    unmoved = {v.name for v in scan.parts.vertebrae if before.get(v.body_centre_lps_mm) == v.name}
    assert scan.names.by_hand == set(names_of(scan)) - unmoved
    scan.steps.undo()
    one.loop.until(lambda: len(scan.parts.vertebrae) == 8)
    upper, lower = (
        tuple(scan.volume.geometry.index_zyx(v.body_centre_lps_mm).tolist())
        for v in scan.parts.vertebrae.all[2:4]
    )
    edge = tuple((3 * b + a) / 4 for a, b in zip(upper, lower, strict=True))
    scan.names.move_along([upper, edge], 1.0)  # moves voxels, but no name
    one.loop.until(lambda: not scan.state.naming.is_empty and not scan.names.are_pending)
    assert scan.names.by_hand == frozenset()


def test_a_vertebra_is_split_at_a_point_and_a_new_mask_keeps_the_split(named):
    one, scan = named
    third = scan.parts.vertebrae.all[2]
    z, y, x = scan.volume.geometry.index_zyx(third.body_centre_lps_mm).tolist()
    scan.names.split_at((z, y, x))
    one.loop.until(lambda: len(scan.parts.vertebrae) == 9)
    scan.corrections.begin_stroke(Plane.SAGITTAL, (40.0, 30.0, 36.0), is_adding=True)
    scan.corrections.end_stroke()
    one.name(scan)
    assert len(scan.parts.vertebrae) == 9


def test_a_stroke_moves_what_it_touches_to_the_vertebra_in_which_it_begins(named):
    one, scan = named
    upper, lower = scan.parts.vertebrae.all[2:4]
    geometry = scan.volume.geometry
    begin, end = (
        tuple(geometry.index_zyx(one.body_centre_lps_mm).tolist()) for one in (upper, lower)
    )
    scan.names.move_along([begin, end], 4.0)
    one.loop.until(lambda: scan.parts.vertebrae.named(lower.name).volume_ml < lower.volume_ml)
    now = scan.parts.vertebrae
    assert now.vertebra_at(lower.body_centre_lps_mm).name == upper.name
    gained = now.named(upper.name).volume_ml - upper.volume_ml
    assert gained == pytest.approx(lower.volume_ml - now.named(lower.name).volume_ml)
    session = make_session(scan.state, scan.correction, scan.parts.reference)
    packed = pack_session(session, has_path=True)
    assert unpack_session(packed, scan.volume.source.path).naming == scan.state.naming


def test_the_basis_of_names_includes_manual_cuts():
    counted = naming(Convention.HEAD, 0.5)
    assert basis_of_names(counted) == "Counted from C2"
    recut = replace(counted, is_recut=True)
    assert basis_of_names(recut) == "Counted from C2, with vertebrae split or merged by hand"
    by_hand = replace(recut, convention=Convention.SET_BY_HAND)
    assert basis_of_names(by_hand) == "Names set by hand"


@pytest.mark.parametrize(
    ("probability", "best", "doubt"),
    [
        (0.15, 0.84, "; the automatic naming favours C7 to T11 (84%) over these names (15%)"),
        (0.001, 0.84, "; the automatic naming favours C7 to T11 (84%) over these names (under 1%)"),
        (0.84, 0.84, "; probability according to the automatic naming: 84%"),
        (0.96, 0.96, ""),
    ],
)
def test_accepted_names_keep_the_doubt_of_the_program(probability, best, doubt):
    automatic = Alternative(("C7", "T11"), best, Convention.RIBS)
    by_hand = replace(naming(Convention.SET_BY_HAND, 1.0), unaided=Unaided(probability, automatic))
    assert basis_of_names(by_hand) == f"Names set by hand{doubt}"


def test_a_report_lists_the_levels_and_the_basis_of_the_names(named):
    _, scan = named
    vertebrae = scan.parts.vertebrae
    content = report_content(scan.parts)
    facts = {fact.name: fact.value for fact in content.facts if fact.section == "Vertebrae"}
    names = list(vertebrae.marked_names.values())
    assert facts["Levels"] == f"{names[0]}–{names[-1]}"
    words = {
        Convention.RIBS: "Numbered from the ribs",
        Convention.SPACING: "Named by vertebral size and spacing alone",
    }
    assert facts["Naming"] == words[vertebrae.naming.convention]
    assert {*names} <= facts.keys()
    assert set(vertebrae.naming.warnings) <= set(content.warnings)


def test_the_named_vertebrae_are_exported_on_the_grid_of_the_scan(named, tmp_path):
    one, scan = named
    path = tmp_path / "sub-01_seg-vert_msk.nii.gz"
    scan.exports.export({ExportKind.VERTEBRAE: path}, may_overwrite=False)
    one.loop.until(path.exists)
    one.loop.rest()
    found = np.asarray(nibabel.load(path).dataobj)
    assert found.shape == scan.volume.hu.shape[::-1]
    assert set(np.unique(found)) - {0} == {vertebra.label for vertebra in scan.parts.vertebrae}


def test_a_name_that_brings_an_anomaly_is_reported_with_a_button_that_undoes_it(named):
    one, scan = named
    before = names_of(scan)
    assert not scan.parts.vertebrae.naming.anomalies
    scan.names.name("T13", scan.parts.vertebrae.all[3].body_centre_lps_mm)
    one.loop.until(lambda: "T13" in names_of(scan))
    one.loop.rest()
    notice = notice_of(one, "undo")
    assert notice.severity is Severity.WARNING
    assert "an anomaly that they did not imply before: T13." in notice.text
    dict(notice.buttons)["Undo"]()
    corrected(one, scan, before)
    assert notice_of(one, "undo") is None


def test_a_name_without_a_new_anomaly_is_not_reported(named):
    one, scan = named
    wanted = moved(names_of(scan), -1)
    scan.names.name(wanted[2], scan.parts.vertebrae.all[2].body_centre_lps_mm)
    corrected(one, scan, wanted)
    assert notice_of(one, "undo") is None
