"""Corrections that follow the mask: when it changes, edits of the whole mask are repeated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spineviewer.editing.correction import (
    ADDED,
    REMOVED,
    Correction,
    boxes_of_block,
    planned,
)
from spineviewer.editing.regions import BoolArray
from spineviewer.editing.step_arrays import BLOCK, PlannedBlock, Step
from spineviewer.editing.whole_mask import EditKind
from spineviewer.volume.geometry import IndexTriple, Triple


def follow(
    correction: Correction,
    mask: BoolArray,
    old: BoolArray | None,
    spacing_zyx_mm: Triple,
    hu: NDArray[np.int16],
) -> None:
    """Repeat all steps of a correction on a mask that has changed.

    Edits of the whole mask are recomputed, so that nothing of the old mask remains, such as a shell
    around a part that is no longer in the mask. Voxels that the user has drawn stay.

    Parameters
    ----------
    mask, old
        The mask without corrections, after and before the change; bool, shape (z, y, x). `old` is
        None if there was no mask.
    hu
        int16, shape (z, y, x).
    """
    for step in correction.rewind():
        edit = step.edit
        if edit is None:
            plan = step.plan
        elif edit.kind is EditKind.DISCARD:
            plan = correction.discard_plan
        else:
            plan, now = [], correction.corrected_mask(mask)
            if edit.kind in (EditKind.KEEP, EditKind.REMOVE):
                plan, removed = step.plan, _selected(step, correction.shape_zyx)
                before = None if old is None else correction.corrected_mask(old)
                change = edit.further_change(now & ~removed, before, removed)
            else:
                change = edit.change_of(now, spacing_zyx_mm, hu)
            if change is not None:
                plan = [*plan, *_plan_of(change.corner_zyx, change.added, change.removed)]
        correction.repeat(step, plan)


def _plan_of(corner_zyx: IndexTriple, added: BoolArray, removed: BoolArray) -> list[PlannedBlock]:
    return planned(corner_zyx, added, ADDED) + planned(corner_zyx, removed, REMOVED)


def _selected(step: Step, shape_zyx: IndexTriple) -> BoolArray:
    """Return the voxels that a step changed: bool, shape (z, y, x)."""
    out = np.zeros(shape_zyx, np.bool_)
    for change in step.changes:
        place, part = boxes_of_block(change.key, shape_zyx)
        block = np.zeros((BLOCK, BLOCK, BLOCK), np.bool_)
        block.reshape(-1)[change.offsets] = True
        out[place] |= block[part]
    return out
