"""Edits of the whole mask are made again when the mask changes; strokes stay."""

from pathlib import Path

import numpy as np
import pytest

from spineviewer.editing.correction import ADDED, REMOVED, UNTOUCHED, Correction, planned
from spineviewer.editing.following import follow
from spineviewer.editing.stored_correction import pack_correction, unpack_correction
from spineviewer.editing.whole_mask import EditKind, WholeEdit

SHAPE, SPACING = (12, 14, 40), (1.0, 1.0, 1.0)
HU = np.full(SHAPE, 300, np.int16)


def box(*ranges):
    mask = np.zeros(SHAPE, np.bool_)
    mask[tuple(slice(*one) for one in ranges)] = True
    return mask


BODY = box((4, 8), (4, 9), (4, 10))
ROD = box((5, 7), (6, 8), (10, 20))  # attached to the body


def edited(correction, mask, edit):
    change = edit.change_of(correction.corrected_mask(mask), SPACING, HU)
    plan = planned(change.corner_zyx, change.added, ADDED)
    plan += planned(change.corner_zyx, change.removed, REMOVED)
    assert correction.apply(edit.kind.value, plan, edit)


def grown(mask):
    correction = Correction(SHAPE)
    edited(correction, mask, WholeEdit(EditKind.GROW))
    return correction.corrected_mask(mask)


def test_growing_leaves_no_shell_around_what_is_no_longer_in_the_mask():
    correction = Correction(SHAPE)
    edited(correction, BODY | ROD, WholeEdit(EditKind.GROW))
    assert correction.corrected_mask(BODY)[5, 5, 15]  # the shell around the rod
    follow(correction, BODY, BODY | ROD, SPACING, HU)
    assert (correction.corrected_mask(BODY) == grown(BODY)).all()
    follow(correction, BODY | ROD, BODY, SPACING, HU)
    assert (correction.corrected_mask(BODY | ROD) == grown(BODY | ROD)).all()


def test_strokes_before_and_after_growing_stay_and_each_step_is_undone_by_itself():
    correction = Correction(SHAPE)
    far, near = box((1, 2), (1, 2), (30, 32)), box((9, 10), (5, 6), (5, 6))
    correction.apply("Brush", planned((0, 0, 0), far, ADDED))
    edited(correction, BODY | ROD, WholeEdit(EditKind.GROW))
    correction.apply("Eraser", planned((0, 0, 0), near, REMOVED))
    follow(correction, BODY, BODY | ROD, SPACING, HU)
    with_far = grown(BODY | far)
    assert (correction.corrected_mask(BODY) == with_far & ~near).all()
    assert [correction.undo() for _ in range(2)] == ["Eraser", "Grow"]
    assert (correction.corrected_mask(BODY) == BODY | far).all()
    correction.redo()
    assert (correction.corrected_mask(BODY) == with_far).all()


def test_a_stroke_over_a_grown_layer_stays_when_the_layer_goes():
    correction = Correction(SHAPE)
    over = box((6, 7), (8, 10), (15, 17))  # partly in the shell around the rod
    edited(correction, BODY | ROD, WholeEdit(EditKind.GROW))
    assert 0 < (correction.corrected_mask(BODY | ROD) & over).sum() < over.sum()
    correction.begin("Brush")
    for _ in range(2):
        correction.paint((0, 0, 0), over, ADDED)
    assert correction.end()
    outlined = box((6, 7), (3, 6), (14, 18))  # partly in the shell, too
    assert correction.apply("Outline", planned((0, 0, 0), outlined, ADDED))
    follow(correction, BODY, BODY | ROD, SPACING, HU)
    assert (correction.corrected_mask(BODY) == grown(BODY) | over | outlined).all()
    follow(correction, BODY | ROD, BODY, SPACING, HU)
    for name in ("Outline", "Brush"):
        assert correction.undo() == name
    assert (correction.corrected_mask(BODY | ROD) == grown(BODY | ROD)).all()


def test_a_stroke_that_changes_nothing_is_no_step():
    correction = Correction(SHAPE)
    inside = box((6, 7), (6, 7), (4, 6))
    correction.apply("Brush", planned((0, 0, 0), inside, ADDED))
    correction.begin("Brush")
    correction.paint((0, 0, 0), inside, ADDED)
    assert not correction.end()


@pytest.mark.parametrize("kind", [EditKind.SHRINK, EditKind.SMOOTH, EditKind.FILL])
def test_other_edits_are_made_again_as_well(kind):
    holes = BODY & ~box((6, 7), (6, 7), (6, 7))
    correction, expected = Correction(SHAPE), Correction(SHAPE)
    edited(correction, holes | ROD, WholeEdit(kind))
    edited(expected, holes, WholeEdit(kind))
    follow(correction, holes, holes | ROD, SPACING, HU)
    assert (correction.corrected_mask(holes) == expected.corrected_mask(holes)).all()


def test_a_removed_piece_that_grows_leaves_no_shell_and_takes_nothing_from_the_spine():
    piece, wider = box((5, 7), (6, 8), (14, 20)), box((4, 8), (5, 9), (12, 22))
    correction = Correction(SHAPE)
    edited(correction, BODY | piece, WholeEdit(EditKind.REMOVE, (5, 6, 15)))
    other = box((0, 2), (0, 2), (30, 35))
    follow(correction, BODY | wider | other, BODY | piece, SPACING, HU)
    assert (correction.corrected_mask(BODY | wider | other) == BODY | other).all()
    joined = box((4, 8), (5, 9), (8, 22))  # reaches the body
    correction = Correction(SHAPE)
    edited(correction, BODY | piece, WholeEdit(EditKind.REMOVE, (5, 6, 15)))
    follow(correction, BODY | joined, BODY | piece, SPACING, HU)
    assert (correction.corrected_mask(BODY | joined) == (BODY | joined) & ~piece).all()


def test_keeping_one_piece_also_leaves_out_pieces_that_are_new():
    piece, new = box((5, 7), (6, 8), (14, 20)), box((0, 2), (0, 2), (30, 35))
    correction = Correction(SHAPE)
    edited(correction, BODY | piece, WholeEdit(EditKind.KEEP, (5, 6, 5)))
    follow(correction, BODY | piece | new, BODY | piece, SPACING, HU)
    assert (correction.corrected_mask(BODY | piece | new) == BODY).all()


def test_discarded_corrections_stay_discarded():
    correction = Correction(SHAPE)
    edited(correction, BODY, WholeEdit(EditKind.GROW))
    correction.clear()
    follow(correction, BODY | ROD, BODY, SPACING, HU)
    assert correction.is_empty
    correction.undo()
    assert (correction.corrected_mask(BODY | ROD) == grown(BODY | ROD)).all()


def test_a_stored_correction_still_follows_the_mask():
    correction = Correction(SHAPE)
    edited(correction, BODY | ROD, WholeEdit(EditKind.GROW, None, 100, 400))
    again = unpack_correction(pack_correction(correction), Path("x"), SHAPE)
    assert again.follows_mask
    follow(again, BODY, BODY | ROD, SPACING, HU)
    assert (again.corrected_mask(BODY) == grown(BODY)).all()
    assert again.rewind()[0].edit == WholeEdit(EditKind.GROW, None, 100, 400)
    drawn = Correction(SHAPE)
    drawn.apply("Brush", planned((0, 0, 0), ROD, UNTOUCHED))
    assert not drawn.follows_mask
