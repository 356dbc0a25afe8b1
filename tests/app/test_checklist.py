"""The checklist of uncertain regions: nothing is skipped, and it is signed once all are seen."""

from datetime import datetime

import msgspec
import pytest

from spineviewer.app import checklist as module
from spineviewer.app.checklist import Checklist, StoredChecklist
from spineviewer.app.region_search import UncertainRegion, UncertaintyKind

SPACING = (2.0, 1.0, 1.0)
FOUND = tuple(UncertainRegion(UncertaintyKind.DETACHED, (10 * k, 5, 5), 0.5) for k in range(4))


@pytest.fixture(autouse=True)
def named(monkeypatch):
    monkeypatch.setattr(module, "user_name", lambda: "reader")


def walked(checklist):
    """Return the regions in the order in which the key visits them, until all are done."""
    visited = []
    while not checklist.is_done:
        if checklist.current >= 0:
            checklist = checklist.ticked(checklist.current)
        if checklist.is_done:
            break
        checklist = checklist.with_current(checklist.next_number(1))
        visited.append(checklist.regions[checklist.current].uncertain_region)
    return visited, checklist


def test_the_key_visits_every_region_once_and_the_last_tick_is_signed():
    visited, done = walked(Checklist.of(FOUND))
    assert tuple(visited) == FOUND
    assert (done.seen_count, done.seen_by) == (4, "reader")
    assert abs((datetime.now().astimezone() - datetime.fromisoformat(done.seen_at)).seconds) < 60


def test_a_region_that_was_passed_over_comes_again():
    checklist = Checklist.of(FOUND).with_current(2)
    visited, _ = walked(checklist)
    assert set(visited) == {FOUND[3], FOUND[0], FOUND[1]}


def test_correcting_a_region_skips_none_of_the_others():
    checklist = Checklist.of(FOUND).with_current(1).ticked(0)
    after = checklist.updated((FOUND[0], FOUND[2], FOUND[3]), SPACING)
    assert [region.is_gone for region in after.regions] == [False, True, False, False]
    assert after.regions[after.next_number(1)].uncertain_region == FOUND[2]
    assert walked(after)[0] == [FOUND[2], FOUND[3]]


def test_a_region_that_is_gone_does_not_count_as_seen():
    checklist = Checklist.of(FOUND[:2]).ticked(0).with_current(1).updated(FOUND[:1], SPACING)
    assert [region.is_gone for region in checklist.regions] == [False, True]
    assert (checklist.seen_count, checklist.is_done) == (1, True)
    assert checklist.updated((), SPACING).seen_count == 0


def test_regions_that_disappear_at_another_threshold_sign_nothing():
    checklist = Checklist.of(FOUND).with_current(1)
    emptied = checklist.updated((), SPACING).updated((), SPACING)
    assert emptied.is_done
    assert (emptied.seen_by, emptied.seen_at) == ("", "")
    back = emptied.updated(FOUND, SPACING)
    assert (back.seen_count, len(back.regions)) == (0, 4)


def test_a_region_that_moved_a_little_keeps_its_tick_and_its_place():
    moved = UncertainRegion(UncertaintyKind.DETACHED, (11, 6, 5), 0.4)  # 2 mm and 1 mm away
    after = Checklist.of(FOUND).ticked(1).updated((moved, *FOUND[2:], FOUND[0]), SPACING)
    assert [region.uncertain_region for region in after.regions] == [
        FOUND[0],
        moved,
        FOUND[2],
        FOUND[3],
    ]
    assert [region.is_seen for region in after.regions] == [False, True, False, False]


def test_another_kind_at_the_same_position_is_another_region():
    other = UncertainRegion(UncertaintyKind.SURFACE, FOUND[0].index_zyx, 0.5)
    after = Checklist.of(FOUND[:1]).ticked(0).updated((FOUND[0], other), SPACING)
    assert [region.is_open for region in after.regions] == [False, True]
    assert after.seen_at == ""


def test_removing_a_tick_removes_the_signature():
    _, done = walked(Checklist.of(FOUND))
    undone = done.ticked(2, is_seen=False)
    assert (undone.is_done, undone.seen_by, undone.seen_at) == (False, "", "")


def test_a_changed_mask_makes_the_signature_outdated_until_the_change_is_undone():
    checklist = Checklist.of(FOUND[:1])
    assert not checklist.is_outdated("a")  # not signed
    signed = checklist.ticked(0, content="a").updated(FOUND[:1], SPACING)
    stored = msgspec.to_builtins(StoredChecklist.of(signed), str_keys=True)
    reopened = msgspec.convert(stored, StoredChecklist, strict=False).checklist
    for each in (signed, reopened):
        assert [each.is_outdated(content) for content in ("b", "a", "")] == [True, False, False]
    again = signed.ticked(0, is_seen=False).ticked(0, content="b")
    assert not again.is_outdated("b")


def test_a_stored_checklist_keeps_the_levels_in_question():
    bone = UncertainRegion(UncertaintyKind.LEVEL, (1, 2, 3), 0.7, ("L3", "L4"))
    stored = msgspec.json.encode(StoredChecklist.of(Checklist.of((bone,))))
    restored = msgspec.json.decode(stored, type=StoredChecklist).checklist
    assert restored.regions[0].uncertain_region == bone


def test_stepping_backwards_ticks_nothing_and_goes_to_the_previous_region():
    checklist = Checklist.of(FOUND).with_current(2)
    assert checklist.next_number(-1) == 1
    assert Checklist.of(FOUND).with_current(0).next_number(-1) == 3


def test_an_empty_list_is_done_and_not_signed():
    assert Checklist.of(()).is_done
    assert Checklist.of(()).updated((), SPACING).seen_at == ""


def test_a_checklist_that_an_earlier_version_stored_is_read():
    stored = msgspec.to_builtins(StoredChecklist.of(Checklist.of(FOUND)), str_keys=True)
    for region in stored["regions"]:
        assert region["kind"] == "Detached piece"
        region["kind"] = "Island"
        del region["levels"]
    assert msgspec.convert(stored, StoredChecklist, strict=False).checklist == Checklist.of(FOUND)
