"""The voxels that the user adds to the mask or removes from it.

They are stored sparsely, and undo and redo never copy a whole volume.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.editing.step_arrays import (
    BLOCK,
    Change,
    Key,
    PlannedBlock,
    Signs,
    Step,
)
from spineviewer.editing.whole_mask import EditKind, WholeEdit
from spineviewer.volume.geometry import Box, IndexTriple

#: Number of steps that can be undone; older ones are final.
MAX_STEPS = 500
#: Maximum memory for all steps in bytes; if it is exceeded, the oldest become final. Choice: enough
#: for growing a whole spine 200 times.
MAX_STEP_BYTES = 150_000_000

ADDED, REMOVED, UNTOUCHED = 1, -1, 0


class Correction:
    """A sparse layer over a mask: its `ADDED` voxels belong to the result, `REMOVED` ones do not.

    Thread ownership: one thread; `snapshot` makes a copy for other threads.

    Attributes
    ----------
    shape_zyx
        Shape of the scan that it belongs to.
    revision
        Increases with every change, undo and redo.

    Parameters
    ----------
    blocks
        The signs of each block that has any: int8, shape (BLOCK, BLOCK, BLOCK).
    done, undone
        Steps that can be undone and redone, the newest last.
    """

    def __init__(
        self,
        shape_zyx: IndexTriple,
        blocks: Mapping[Key, Signs] | None = None,
        done: Sequence[Step] = (),
        undone: Sequence[Step] = (),
    ) -> None:
        self.shape_zyx = shape_zyx
        self.revision = 0
        self._blocks: dict[Key, Signs] = dict(blocks or {})
        self._done: list[Step] = list(done)
        self._undone: list[Step] = list(undone)
        self._open: Step | None = None
        self._opened_at = 0
        #: Voxels that the open step has painted, by block: bool, flat.
        self._touched: dict[Key, NDArray[np.bool_]] = {}
        self._painted: list[tuple[int, Box]] = []

    # changing

    def begin(self, name: str, edit: WholeEdit | None = None) -> None:
        """Start a step; everything painted until `end` is undone together."""
        self.end()
        self._open = Step(name, edit)
        self._opened_at, self._painted, self._touched = self.revision, [], {}

    def paint(self, corner_zyx: IndexTriple, selected: NDArray[np.bool_], sign: int) -> None:
        """Assign a sign to the selected voxels of a box, as part of the open step.

        The step also contains voxels that already have this sign, because the earlier step that
        gave it to them may be undone, or repeated on another mask (`following.py`).

        Parameters
        ----------
        corner_zyx
            Index of the box's first voxel; the box is inside the scan.
        selected
            bool, the box's shape.
        sign
            `ADDED`, `REMOVED` or `UNTOUCHED`.
        """
        assert self._open is not None, "start a step first"
        first_revision = self.revision
        for key, in_block, in_box in _blocks_of(corner_zyx, selected.shape):
            chosen = selected[in_box]
            if not chosen.any():
                continue
            in_whole_block = np.zeros((BLOCK, BLOCK, BLOCK), np.bool_)
            in_whole_block[in_block] = chosen
            self._assign_offsets(self._open, key, np.flatnonzero(in_whole_block), sign)
        if self.revision != first_revision:
            z, y, x = (slice(c, c + n) for c, n in zip(corner_zyx, selected.shape, strict=True))
            self._painted.append((self.revision, (z, y, x)))

    def end(self) -> bool:
        """Close the open step; return False if it changed nothing or none was open."""
        step, self._open, self._touched = self._open, None, {}
        if step is None or self.revision == self._opened_at:
            return False
        self._done.append(step)
        self._undone.clear()
        self._drop_oldest()
        return True

    def abandon(self) -> None:
        """Undo the open step, if there is one."""
        step, self._open, self._touched = self._open, None, {}
        if step is not None:
            self._revert(step)
            self.revision += 1

    def apply(self, name: str, plan: Sequence[PlannedBlock], edit: WholeEdit | None = None) -> bool:
        """Apply the result of `planned` as one step; return False if it changes nothing.

        The cost depends only on the number of voxels that change.
        """
        self.begin(name, edit)
        assert self._open is not None
        self._assign(self._open, plan)
        return self.end()

    def _assign(self, step: Step, plan: Iterable[PlannedBlock]) -> None:
        """Assign signs as part of a step."""
        self._touched = {}
        for part in plan:
            self._assign_offsets(step, part.key, part.offsets, part.sign)
        self._touched = {}

    def _assign_offsets(
        self, step: Step, key: Key, offsets: NDArray[np.integer[Any]], sign: int
    ) -> None:
        """Assign a sign to voxels of a block (int, shape (n,)) unless the step has already done so.

        For an edit of the whole mask, the step stores only the voxels that change, because the edit
        itself is repeated when the mask changes.
        """
        block = self._blocks.get(key)
        if block is None:
            block = self._blocks[key] = np.zeros((BLOCK, BLOCK, BLOCK), np.int8)
        flat, touched = block.reshape(-1), self._touched.get(key)
        if touched is None:
            touched = self._touched[key] = np.zeros(flat.shape, np.bool_)
        is_new = flat[offsets] != sign
        has_changed = bool(is_new.any())
        if step.edit is None:
            is_new |= ~touched[offsets]
        new = offsets[is_new].astype(np.uint16)
        if not new.size:
            return
        touched[new] = True
        step.changes.append(Change(key, new, _compressed_signs(flat[new]), sign))
        if has_changed:
            flat[new] = sign
            self.revision += 1

    def _drop_oldest(self) -> None:
        sizes = [step.size_bytes for step in self._done]
        total, first = sum(sizes), max(0, len(sizes) - MAX_STEPS)
        total -= sum(sizes[:first])
        while total > MAX_STEP_BYTES and first < len(sizes) - 1:
            total -= sizes[first]
            first += 1
        del self._done[:first]

    def clear(self) -> bool:
        """Discard all corrections as one step; return False if there were none."""
        self.end()
        if self.is_empty:
            return False
        step = Step(EditKind.DISCARD.value, WholeEdit(EditKind.DISCARD))
        self._assign(step, self.discard_plan)
        self._done.append(step)
        self._undone.clear()
        return True

    @property
    def discard_plan(self) -> list[PlannedBlock]:
        """The plan that discards all corrections."""
        return [
            PlannedBlock(key, np.flatnonzero(block).astype(np.uint16), UNTOUCHED)
            for key, block in self._blocks.items()
            if block.any()
        ]

    def undo(self) -> str | None:
        """Undo the last step and return its name, or None if there is none."""
        self.end()
        if not self._done:
            return None
        step = self._done.pop()
        self._revert(step)
        self._undone.append(step)
        self.revision += 1
        return step.name

    def _revert(self, step: Step) -> None:
        for change in reversed(step.changes):
            self._blocks[change.key].reshape(-1)[change.offsets] = change.before

    def redo(self) -> str | None:
        """Redo the last undone step and return its name, or None if there is none."""
        self.end()
        if not self._undone:
            return None
        step = self._undone.pop()
        step = self._repeated(step, step.plan)  # voxels may have different signs by now
        self._done.append(step)
        self.revision += 1
        return step.name

    # following the mask

    @property
    def follows_mask(self) -> bool:
        """Whether there are edits of the whole mask, which are repeated when the mask changes."""
        return any(step.edit is not None for step in self._done)

    def rewind(self) -> list[Step]:
        """Undo all steps and return them, the oldest first."""
        steps = list(self._done)
        while self._done:
            self._revert(self._done.pop())
        return steps

    def repeat(self, step: Step, plan: Iterable[PlannedBlock]) -> None:
        """Add a step with the name and edit of another one and a new plan, which may be empty."""
        self._done.append(self._repeated(step, plan))

    def _repeated(self, step: Step, plan: Iterable[PlannedBlock]) -> Step:
        again = Step(step.name, step.edit)
        self._assign(again, plan)
        return again

    def replace_with(self, other: Correction) -> None:
        """Replace voxels and steps by those of another correction; undone steps stay."""
        self.end()
        self._blocks, self._done, self._painted = other._blocks, other._done, []
        self.revision = self._opened_at = max(self.revision, other.revision) + 1

    # queries

    @property
    def is_empty(self) -> bool:
        """Whether no voxel of the mask is corrected."""
        return not any(block.any() for block in self._blocks.values())

    def has_same_voxels_as(self, other: Correction) -> bool:
        """Return whether both change the same voxels in the same way, regardless of their steps."""
        nothing = np.zeros((BLOCK, BLOCK, BLOCK), np.int8)
        return all(
            np.array_equal(self._blocks.get(key, nothing), other._blocks.get(key, nothing))
            for key in {*self._blocks, *other._blocks}
        )

    def painted_since(self, revision: int) -> Box | None:
        """Return the box of everything painted since a revision.

        None if there was any change other than painting in the newest step.
        """
        boxes = [box for after, box in self._painted if after > revision]
        if revision < self._opened_at or not boxes or self._painted[-1][0] != self.revision:
            return None
        z, y, x = (
            slice(min(s.start for s in sides), max(s.stop for s in sides))
            for sides in zip(*boxes, strict=True)
        )
        return z, y, x

    @property
    def size_bytes(self) -> int:
        """Memory of the layer and its history in bytes."""
        steps = (*self._done, *self._undone)
        return sum(b.nbytes for b in self._blocks.values()) + sum(step.size_bytes for step in steps)

    def plane(self, axis: int, index: int) -> Signs | None:
        """Return the signs of one plane in array order: int8, 2-D.

        None if the plane has no corrections.
        """
        rows, columns = (other for other in range(3) if other != axis)
        out: Signs | None = None
        for key, block in self._blocks.items():
            if key[axis] != index // BLOCK:
                continue
            signs = np.take(block, index % BLOCK, axis=axis)
            if not signs.any():
                continue
            if out is None:
                out = np.zeros((self.shape_zyx[rows], self.shape_zyx[columns]), np.int8)
            first_row, first_column = key[rows] * BLOCK, key[columns] * BLOCK
            part = out[first_row : first_row + BLOCK, first_column : first_column + BLOCK]
            part[...] = signs[: part.shape[0], : part.shape[1]]
        return out

    def corrected_plane(self, mask: NDArray[np.bool_], axis: int, index: int) -> NDArray[np.bool_]:
        """Return one plane of a mask with the corrections applied.

        Returns the same array if there are none. `mask` is bool, shape (rows, columns).
        """
        signs = self.plane(axis, index)
        return mask if signs is None else corrected(mask, signs)

    def signs_at(self, index_zyx: NDArray[np.int32]) -> Signs | None:
        """Return the signs of voxels, 0 outside the scan; None if none of them is corrected.

        `index_zyx` is int32, shape (..., 3); the result is int8, shape (...).
        """
        out: Signs | None = None
        keys = index_zyx // BLOCK
        for key, block in self._blocks.items():
            is_in_block = (keys == key).all(axis=-1)
            if is_in_block.any():
                if out is None:
                    out = np.zeros(index_zyx.shape[:-1], np.int8)
                out[is_in_block] = block[tuple(np.moveaxis(index_zyx[is_in_block] % BLOCK, -1, 0))]
        return out

    def corrected_mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return a whole mask with the corrections applied; the same array if there are none.

        `mask` is bool, shape (z, y, x).
        """
        if self.is_empty:
            return mask
        out = mask.copy()
        for box, signs in self._blocks_in_scan():
            out[box] = corrected(out[box], signs)
        return out

    def net_added_voxels(self, mask: NDArray[np.bool_]) -> int:
        """Return the number of voxels that the corrections add to a mask (bool, shape (z, y, x)).

        It is negative if they remove more than they add.
        """
        change = 0
        for box, signs in self._blocks_in_scan():
            part = mask[box]
            change += int(np.count_nonzero((signs == ADDED) & ~part)) - int(
                np.count_nonzero((signs == REMOVED) & part)
            )
        return change

    def changes_of(
        self, mask: NDArray[np.bool_]
    ) -> Iterator[tuple[IndexTriple, NDArray[np.bool_]]]:
        """Yield the first index of each block that changes a mask, and which voxels change.

        The mask is bool, shape (z, y, x); changes are bool, the shape of the block in the scan.
        Blocks are in the order of their indices.
        """
        for key in sorted(self._blocks):
            (z, y, x), part = boxes_of_block(key, self.shape_zyx)
            voxels = mask[z, y, x]
            changed = corrected(voxels, self._blocks[key][part]) != voxels
            if changed.any():
                yield (z.start, y.start, x.start), changed

    def changes(self, mask: NDArray[np.bool_]) -> bool:
        """Return whether the corrections change any voxel of a mask (bool, shape (z, y, x))."""
        return any(True for _ in self.changes_of(mask))

    # copies

    def snapshot(self, *, has_history: bool = False) -> Correction:
        """Return a copy for another thread, with the history only if `has_history` is True."""
        blocks = {key: block.copy() for key, block in self._blocks.items()}
        steps = (self._done, self._undone) if has_history else ()
        copy = Correction(self.shape_zyx, blocks, *steps)
        copy.revision = self.revision
        return copy

    @property
    def blocks(self) -> Mapping[Key, Signs]:
        """The signs of all blocks that have been corrected: int8, (BLOCK, BLOCK, BLOCK)."""
        return self._blocks

    @property
    def steps(self) -> tuple[Sequence[Step], Sequence[Step]]:
        """The steps that can be undone and redone, the newest last."""
        return self._done, self._undone

    def newest_voxels(self, *, is_undone: bool) -> NDArray[np.int64]:
        """Return the voxels of the newest undone or done step: int64, shape (n, 3).

        Empty if there is no such step.
        """
        steps = self._undone if is_undone else self._done
        return steps[-1].voxels_zyx if steps else np.empty((0, 3), np.int64)

    def _blocks_in_scan(self) -> Iterator[tuple[Box, Signs]]:
        """Yield each block's box in the scan, and the part of its signs that is inside the scan."""
        for key, block in self._blocks.items():
            place, part = boxes_of_block(key, self.shape_zyx)
            yield place, block[part]


def boxes_of_block(key: Key, shape_zyx: IndexTriple) -> tuple[Box, Box]:
    """Return a block's box in a scan, and which part of the block is inside the scan."""
    z, y, x = (
        slice(k * BLOCK, min((k + 1) * BLOCK, n)) for k, n in zip(key, shape_zyx, strict=True)
    )
    return (z, y, x), (
        slice(0, z.stop - z.start), slice(0, y.stop - y.start), slice(0, x.stop - x.start)
    )  # fmt: skip


def planned(corner_zyx: IndexTriple, selected: NDArray[np.bool_], sign: int) -> list[PlannedBlock]:
    """Return a selection (bool, 3-D) divided into blocks, for `Correction.apply`.

    Thread ownership: any thread.
    """
    plan = []
    for key, in_block, in_box in _blocks_of(corner_zyx, selected.shape):
        chosen = selected[in_box]
        if chosen.any():
            whole = np.zeros((BLOCK, BLOCK, BLOCK), np.bool_)
            whole[in_block] = chosen
            plan.append(PlannedBlock(key, np.flatnonzero(whole).astype(np.uint16), sign))
    return plan


def _compressed_signs(signs: Signs) -> Signs | int:
    """Return a single sign if all signs of the array are equal, otherwise the array."""
    first = int(signs[0])
    return first if (signs == first).all() else signs.copy()


def corrected(mask: NDArray[np.bool_], signs: Signs) -> NDArray[np.bool_]:
    """Return a mask (bool), or a part of one, with signs (int8, same shape) applied."""
    out: NDArray[np.bool_] = (mask | (signs == ADDED)) & (signs != REMOVED)
    return out


def _blocks_of(corner: IndexTriple, shape: tuple[int, ...]) -> Iterator[tuple[Key, Box, Box]]:
    """Yield the blocks that a box touches: key, slices in the block, slices in the box."""
    ranges = [
        range(c // BLOCK, (c + n - 1) // BLOCK + 1) for c, n in zip(corner, shape, strict=True)
    ]
    for z, y, x in product(*ranges):
        inner, outer = [], []
        for k, c, n in zip((z, y, x), corner, shape, strict=True):
            first, stop = max(c, k * BLOCK), min(c + n, (k + 1) * BLOCK)
            inner.append(slice(first - k * BLOCK, stop - k * BLOCK))
            outer.append(slice(first - c, stop - c))
        yield (z, y, x), (inner[0], inner[1], inner[2]), (outer[0], outer[1], outer[2])
