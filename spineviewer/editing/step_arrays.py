"""Conversion of the steps of a correction to a few flat arrays and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from spineviewer.editing.whole_mask import WholeEdit

#: Edge of a block in voxels. Choice: 32 cubed fits 16-bit offsets, and a stroke touches few blocks.
BLOCK = 32
#: Stored instead of the previous sign if the voxels of a change had different ones.
_MIXED = 127
_MAX_NAME = 200

Signs = NDArray[np.int8]
Key = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class PlannedBlock:
    """The voxels of one block to which an edit assigns a sign."""

    key: Key
    offsets: NDArray[np.uint16]
    sign: int


@dataclass(frozen=True)
class Change:
    """The voxels of one block that a step changed: positions, previous signs and new sign."""

    key: Key
    offsets: NDArray[np.uint16]
    before: Signs | int
    after: int

    @property
    def size_bytes(self) -> int:
        return (
            int(self.offsets.nbytes)
            + (0 if isinstance(self.before, int) else int(self.before.nbytes))
            + 200
        )


@dataclass
class Step:
    """Changes that are undone together.

    Attributes
    ----------
    edit
        The edit of the whole mask that made the changes; None if the user drew them.
    """

    name: str
    edit: WholeEdit | None = None
    changes: list[Change] = field(default_factory=list)

    @property
    def plan(self) -> list[PlannedBlock]:
        """The plan that repeats the same changes."""
        return [PlannedBlock(one.key, one.offsets, one.after) for one in self.changes]

    @property
    def voxels_zyx(self) -> NDArray[np.int64]:
        """Index of each voxel that it changes: int64, shape (n, 3)."""
        indices = [np.empty((0, 3), np.int64)]
        for one in self.changes:
            in_block = np.stack(np.unravel_index(one.offsets, (BLOCK, BLOCK, BLOCK)), axis=1)
            indices.append(in_block + np.array(one.key) * BLOCK)
        return np.concatenate(indices)

    @property
    def size_bytes(self) -> int:
        return sum(change.size_bytes for change in self.changes)


def step_arrays(done: Sequence[Step], undone: Sequence[Step]) -> dict[str, NDArray[Any]]:
    """Return steps as arrays for `numpy.savez`, with the most recent of each list last.

    One entry per change: keys int32 (n, 3), numbers of voxels int64 (n,), signs before and after
    int8 (n,). One per voxel: offsets in the block uint16 (voxels,). Changes whose voxels had
    different signs also have one entry per voxel with its previous sign, int8.
    """
    steps = [*done, *undone]
    changes = [change for step in steps for change in step.changes]
    mixed = [c.before for c in changes if not isinstance(c.before, int)]
    names = json.dumps([[step.name, len(step.changes)] for step in steps]).encode()
    edits = msgspec.json.encode([step.edit for step in steps])
    return {
        "step_edits": np.frombuffer(edits, np.uint8),
        "step_names": np.frombuffer(names, np.uint8),
        "done_count": np.array(len(done)),
        "step_keys": np.array([c.key for c in changes], np.int32).reshape(-1, 3),
        "step_sizes": np.array([c.offsets.size for c in changes], np.int64),
        "step_before": np.array(
            [c.before if isinstance(c.before, int) else _MIXED for c in changes], np.int8
        ),
        "step_after": np.array([c.after for c in changes], np.int8),
        "step_offsets": np.concatenate([np.empty(0, np.uint16), *(c.offsets for c in changes)]),
        "step_mixed": np.concatenate([np.empty(0, np.int8), *mixed]),
    }


def steps_from_arrays(
    stored: Mapping[str, NDArray[Any]], counts_zyx: Sequence[int]
) -> tuple[list[Step], list[Step]]:
    """Return the done and undone steps stored by `step_arrays`; empty lists if there are none.

    Dtypes and shapes of `stored` are those of `step_arrays` (int32 (n, 3) and so on) and are
    checked. `counts_zyx` is the number of blocks along each axis.

    Raises
    ------
    ValueError, LookupError, TypeError
        When the arrays are damaged.
    """
    if "step_names" not in stored:
        return [], []
    names = json.loads(bytes(stored["step_names"].astype(np.uint8)))
    edits: Sequence[WholeEdit | None] = [None] * len(names)  # earlier versions stored none
    if "step_edits" in stored:
        content = bytes(stored["step_edits"].astype(np.uint8))
        edits = msgspec.json.decode(content, type=list[WholeEdit | None])
    keys, sizes = stored["step_keys"], stored["step_sizes"].astype(np.int64)
    before, after = stored["step_before"], stored["step_after"]
    offsets, mixed = stored["step_offsets"], stored["step_mixed"]
    _require(keys.dtype == np.int32 and keys.shape == (len(sizes), 3))
    _require(bool(((keys >= 0) & (keys < np.array(counts_zyx))).all()))
    _require(before.shape == after.shape == sizes.shape and bool((sizes >= 0).all()))
    _require(offsets.dtype == np.uint16 and offsets.shape == (int(sizes.sum()),))
    _require(offsets.size == 0 or int(offsets.max()) < BLOCK**3)
    is_mixed = before == _MIXED
    _require(mixed.dtype == np.int8 and mixed.shape == (int(sizes[is_mixed].sum()),))
    signs = np.concatenate([before[~is_mixed], after, mixed]).astype(np.int16)
    _require(not signs.size or int(np.abs(signs).max()) <= 1)
    ends, mixed_ends = _ends(sizes), _ends(np.where(is_mixed, sizes, 0))
    changes = [
        Change(
            (int(keys[n, 0]), int(keys[n, 1]), int(keys[n, 2])),
            offsets[ends[n] : ends[n + 1]],
            mixed[mixed_ends[n] : mixed_ends[n + 1]] if is_mixed[n] else int(before[n]),
            int(after[n]),
        )
        for n in range(len(sizes))
    ]
    lengths = [int(count) for _, count in names]
    _require(sum(lengths) == len(changes) and min(lengths, default=0) >= 0)
    bounds = _ends(np.array(lengths, np.int64))
    steps = [
        Step(str(name)[:_MAX_NAME], edit, changes[first:end])
        for (name, _), edit, (first, end) in zip(names, edits, pairwise(bounds), strict=True)
    ]
    done_count = int(stored["done_count"])
    _require(0 <= done_count <= len(steps))
    return steps[:done_count], steps[done_count:]


def _ends(sizes: NDArray[np.int64]) -> list[int]:
    return [0, *np.cumsum(sizes).tolist()]


def _require(is_true: bool) -> None:
    if not is_true:
        raise ValueError("damaged steps")
