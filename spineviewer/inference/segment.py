"""Which voxels are bone of the spine? The segmentation net over whole sagittal slices. Paper: §2.2, Fig. 4."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import prod
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import InferenceError
from spineviewer.inference.backends.backend import Backend, BackendOutOfMemory
from spineviewer.inference.grid import SLICE_STEP, Slab, Span, nearest_first, plan
from spineviewer.preprocess import PreprocessSettings, WorkingVolume, scaled
from spineviewer.progress import Progress
from spineviewer.threads import in_parallel
from spineviewer.volume.volume import AttentionMap, ProbabilityMap

#: Choice: a block that did not fit is followed by blocks of this share of its size.
SMALLER = 0.7
#: Told after each slab; its map shares the growing values, its `is_computed` is a copy.
OnSlab = Callable[[ProbabilityMap], None]
_compiled: Any = numba.njit(nogil=True, cache=True)


def nothing_computed(working: WorkingVolume, values: NDArray[np.uint16] | None = None) -> ProbabilityMap:
    """A probability map before the net has run; `values` lends the memory (zeros)."""
    shape = working.geometry.shape_zyx
    numbers = np.zeros(shape, np.uint16) if values is None else values
    return ProbabilityMap(numbers, np.zeros(shape[2], np.bool_), working.geometry, working.scan)


def interest_of(attention: AttentionMap, slices: int) -> NDArray[np.float64]:
    """How much attention each sagittal slice of the working grid gets: the sum over its cells."""
    per_cell = attention.cells.sum(axis=(0, 1), dtype=np.float64)
    return np.asarray(np.interp((np.arange(slices) - 3.5) / 8, np.arange(len(per_cell)), per_cell))


def segment(
    working: WorkingVolume,
    backend: Backend,
    *,
    known: ProbabilityMap,
    wanted: NDArray[np.bool_],
    interest: NDArray[np.float64],
    settings: PreprocessSettings,
    progress: Progress,
    on_slab: OnSlab,
) -> ProbabilityMap:
    """Compute the wanted slices that are not known yet, the most interesting first.

    Parameters
    ----------
    known
        What has been computed before; its values are filled in place, what it holds as computed is left alone.
    wanted
        bool per sagittal slice of the working grid.
    interest
        Per sagittal slice; orders the slabs and changes no number.

    Raises
    ------
    InferenceError
        When memory does not suffice for the smallest block.
    """
    rows, columns, slices = working.geometry.shape_zyx
    is_computed = known.is_computed.copy()
    most_voxels = backend.memory_bytes // backend.bytes_per_voxel
    current = known
    total = max(1, int(np.count_nonzero(wanted & ~is_computed)))
    report = _Pace(progress, total)
    while True:
        missing = wanted & ~is_computed
        slabs = plan(missing.tolist(), rows, columns, most_voxels=most_voxels)
        if not slabs and missing.any():
            raise InferenceError(
                f"Too little memory for the segmentation net: slices of {rows} x {columns} mm do not fit even in the smallest "
                f"blocks ({most_voxels * backend.bytes_per_voxel / 2**20:.0f} MiB). Close other programs."
            )
        try:
            for slab in nearest_first(slabs, np.pad(interest, (0, SLICE_STEP)).tolist()):
                for rows_span, columns_span in slab.tiles:
                    block = _block(working, slab, rows_span, columns_span, settings)
                    report.expect(slab, slices)
                    logits = backend.segmentation_logits(block, report.keep_going)
                    _store(logits, slab.across, rows_span, columns_span, known.values)
                kept = slice(slab.across.keep_start, min(slab.across.keep_stop, slices))
                is_computed[kept] = True
                report.finished(int(np.count_nonzero(wanted & is_computed & ~known.is_computed)))
                current = ProbabilityMap(known.values, is_computed.copy(), known.geometry, known.scan)
                on_slab(current)
        except BackendOutOfMemory:
            most_voxels = int(SMALLER * prod(slabs[0].block_shape))
            continue
        report.keep_going()
        return current


class _Pace:
    """Progress that also moves within a slab, from how long the slabs before it took."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0
        self._expected = 0
        self._seconds_per_slice: float | None = None
        self._slab_start = time.monotonic()

    def expect(self, slab: Slab, slices: int) -> None:
        """A block of this slab begins."""
        self._expected = min(slab.across.keep_stop, slices) - slab.across.keep_start
        self.keep_going()

    def finished(self, done: int) -> None:
        """A slab is done, and `done` slices in all."""
        now = time.monotonic()
        self._seconds_per_slice = (now - self._slab_start) / max(1, done - self._done)
        self._slab_start = now
        self._done, self._expected = done, 0
        self.keep_going()

    def keep_going(self) -> None:
        """Report; raises `Cancelled` when asked to stop."""
        within = 0.0
        if self._seconds_per_slice:
            within = min(0.95 * self._expected, (time.monotonic() - self._slab_start) / self._seconds_per_slice)
        self._progress.step("segmentation", min(1.0, (self._done + within) / self._total))


def _block(working: WorkingVolume, slab: Slab, rows: Span, columns: Span, settings: PreprocessSettings) -> NDArray[np.float32]:
    """Scaled HU (slices, rows, columns); air beyond the scan, on the far side."""
    inside = working.hu[rows.reads, columns.reads, slab.across.reads].transpose(2, 0, 1)
    block = np.zeros(slab.block_shape, np.float32)
    block[: inside.shape[0], : inside.shape[1], : inside.shape[2]] = scaled(inside, settings)
    return block


def _store(logits: NDArray[np.float32], across: Span, rows: Span, columns: Span, values: NDArray[np.uint16]) -> None:
    """Write the kept part of a block as probabilities."""
    kept = logits[across.kept_of_read, rows.kept_of_read, columns.kept_of_read]
    into = values[rows.keeps, columns.keeps, across.keeps]
    band = 32

    def run(row: int) -> None:
        _store_rows(kept, row, min(row + band, into.shape[0]), into)

    in_parallel(run, range(0, into.shape[0], band))


@_compiled
def _store_rows(logits, first, last, out):  # type: ignore[no-untyped-def]
    """out[row, column, slice] = sigmoid(logits[slice, row, column]) in stored units."""
    scale = np.float32(65535.0)
    one, half = np.float32(1.0), np.float32(0.5)
    for row in range(first, last):
        for index in range(out.shape[2]):
            for column in range(out.shape[1]):
                out[row, column, index] = np.uint16(scale / (one + np.exp(-logits[index, row, column])) + half)
