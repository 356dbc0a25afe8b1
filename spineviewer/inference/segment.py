"""The bone probability, computed by running the segmentation network on whole sagittal slices.

Paper: §2.2, Fig. 4.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import InferenceError
from spineviewer.inference.backends.backend import Backend, BackendOutOfMemory, SweepStep
from spineviewer.inference.grid import (
    SLICE_MARGIN,
    SLICE_STEP,
    Chunk,
    Span,
    Sweep,
    most_interesting_first,
    padded,
    plan,
)
from spineviewer.model import PreprocessSettings
from spineviewer.preprocess import WorkingVolume, scale_slices
from spineviewer.progress import Progress
from spineviewer.threads import in_parallel
from spineviewer.volume.volume import AttentionMap, ProbabilityMap

#: Choice: if a chunk does not fit into memory, the following ones have this fraction of its size.
NEXT_CHUNK_FRACTION = 0.7
#: Called after each chunk. Later chunks still write to the map's values; its `is_computed` is a
#: copy.
OnChunk = Callable[[ProbabilityMap], None]
#: With a signature for arrays of any memory layout, so that the loop is compiled only once.
_compiled: Any = numba.njit(
    "void(float32[:,:,:], int64, int64, uint16[:,:,:])", nogil=True, cache=True
)


def empty_probability(
    working: WorkingVolume, values: NDArray[np.uint16] | None = None
) -> ProbabilityMap:
    """Return a probability map of which nothing has been computed.

    `values` is the memory to use: uint16 zeros, shape (z, y, x) of the working grid.
    """
    shape = working.geometry.shape_zyx
    numbers = np.zeros(shape, np.uint16) if values is None else values
    return ProbabilityMap(numbers, np.zeros(shape[2], np.bool_), working.geometry, working.scan)


def slice_interest(attention: AttentionMap, slices: int) -> NDArray[np.float64]:
    """Return the attention of each sagittal slice of the working grid: float64, shape (slices,).

    Choice: the sum of squares over its cells, so that a faint background has little weight.
    """
    per_cell = np.square(attention.cells, dtype=np.float64).sum(axis=(0, 1))
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
    on_chunk: OnChunk,
    until: Callable[[], bool] = lambda: False,
) -> ProbabilityMap:
    """Return the probability map with the wanted slices computed, the most interesting ones first.

    Slices that have been computed before are not computed again.

    Parameters
    ----------
    known
        What has been computed before. New values are written to its array in place.
    wanted
        bool, shape (slices,): which sagittal slices of the working grid to compute.
    interest
        float64, shape (slices,): determines the order of the work, but not the result.
    until
        Called after each chunk; once it returns True, the rest is not computed.

    Raises
    ------
    InferenceError
        When there is not enough memory for the smallest chunk.
    """
    rows, columns, _ = working.geometry.shape_zyx
    max_voxels = backend.memory_bytes // backend.bytes_per_voxel
    total = int(np.count_nonzero(wanted & ~known.is_computed))
    run = _Run(working, backend, settings, known, progress, on_chunk, until, total)
    while True:
        missing = most_interesting_first((wanted & ~run.is_computed).tolist(), interest.tolist())
        sweeps = plan(missing, rows, columns, max_voxels=max_voxels, ready=backend.ready_size)
        if missing and not sweeps:
            raise InferenceError(
                "There is too little memory to run the segmentation network: even the smallest "
                "chunk of slices of {rows} x {columns} mm does not fit in {free_mib:.0f} MiB. "
                "Close other programs and try again.",
                rows=rows,
                columns=columns,
                free_mib=max_voxels * backend.bytes_per_voxel / 2**20,
            )
        try:
            for sweep in sweeps:
                if not run.compute(sweep):
                    break
        except BackendOutOfMemory:
            height, breadth = (span.read_stop - span.read_start for span in sweeps[0].tiles[0])
            max_voxels = int(NEXT_CHUNK_FRACTION * sweeps[0].chunks[0].count * height * breadth)
            continue
        return run.current


class _Run:
    """One call of `segment`: its inputs, its outputs and its progress."""

    def __init__(
        self,
        working: WorkingVolume,
        backend: Backend,
        settings: PreprocessSettings,
        known: ProbabilityMap,
        progress: Progress,
        on_chunk: OnChunk,
        until: Callable[[], bool],
        total: int,
    ) -> None:
        self._working = working
        self._backend = backend
        self._settings = settings
        self._on_chunk = on_chunk
        self._until = until
        self._pace = _Pace(progress, max(1, total))
        self.current = known

    @property
    def is_computed(self) -> NDArray[np.bool_]:
        return self.current.is_computed

    def compute(self, sweep: Sweep) -> bool:
        """Compute a sweep and report each chunk once all its tiles are computed.

        Return False if `until` ended the run.
        """
        carried: list[Any] = [None] * len(sweep.tiles)
        tasks = [(chunk, place) for chunk in sweep.chunks for place in range(len(sweep.tiles))]
        with self._preparation() as prepare:
            ready = prepare(partial(self._step, tasks[0][0], *sweep.tiles[0]))
            for number, (chunk, place) in enumerate(tasks):
                if place == 0:
                    self._pace.begin(chunk.keep_stop - chunk.keep_start)
                step = replace(ready(), carried=carried[place])
                if number + 1 < len(tasks):
                    next_chunk, next_tile = tasks[number + 1]
                    ready = prepare(partial(self._step, next_chunk, *sweep.tiles[next_tile]))
                rows, columns = sweep.tiles[place]
                logits, carried[place] = self._backend.segmentation_logits(
                    step, self._pace.keep_going
                )
                _store(logits[chunk.kept_logits], chunk.keeps, rows, columns, self.current.values)
                if place == len(sweep.tiles) - 1:
                    self._finish(chunk)
                    if self._until():
                        return False
        return True

    def _finish(self, chunk: Chunk) -> None:
        self._pace.finish()
        is_computed = self.is_computed.copy()
        is_computed[chunk.keeps] = True
        self.current = replace(self.current, is_computed=is_computed)
        self._on_chunk(self.current)

    @contextmanager
    def _preparation(
        self,
    ) -> Iterator[Callable[[Callable[[], SweepStep]], Callable[[], SweepStep]]]:
        """Yield a function that prepares the next chunk; in a thread if a GPU computes."""
        if self._backend.identity.device == "cpu":
            yield lambda work: work
            return
        with ThreadPoolExecutor(1, thread_name_prefix="next-chunk") as pool:
            yield lambda work: pool.submit(work).result

    def _step(self, chunk: Chunk, rows: Span, columns: Span) -> SweepStep:
        """Return the scaled HU of a chunk and its margins.

        Outside the scan there is air; slices beyond the padded scan are marked as invalid.
        """
        scan_slices = self._working.geometry.shape_zyx[2]
        first, last = chunk.first - SLICE_MARGIN, chunk.first + chunk.count + SLICE_MARGIN
        height, breadth = (span.read_stop - span.read_start for span in (rows, columns))
        slices = np.zeros((last - first, height, breadth), np.float32)
        begin, end = max(0, first), min(scan_slices, last)
        inside = self._working.hu[rows.reads, columns.reads, begin:end].transpose(2, 0, 1)
        scale_slices(inside, self._settings, slices[begin - first : end - first])
        slice_numbers = np.arange(chunk.first - 2, chunk.first + chunk.count + 2)
        is_valid = (
            (slice_numbers >= 0) & (slice_numbers < padded(scan_slices, SLICE_STEP))
        ).astype(np.float32)
        return SweepStep(slices, is_valid[::2], is_valid[2:-2])


class _Pace:
    """Reports progress, also within a chunk, estimated from the duration of the previous chunk."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0
        self._slices = 0
        self._seconds_per_slice: float | None = None
        self._start = time.monotonic()

    def begin(self, slices: int) -> None:
        """Begin a chunk with this number of wanted slices."""
        self._slices, self._start = slices, time.monotonic()
        self.keep_going()

    def finish(self) -> None:
        """Finish the chunk."""
        self._seconds_per_slice = (time.monotonic() - self._start) / self._slices
        self._done += self._slices
        self._slices = 0
        self.keep_going()

    def keep_going(self) -> None:
        """Report progress; raise `Cancelled` if the work was cancelled."""
        within = 0.0
        if self._seconds_per_slice:
            within = min(
                0.95 * self._slices, (time.monotonic() - self._start) / self._seconds_per_slice
            )
        self._progress.step("segmentation", min(1.0, (self._done + within) / self._total))


def _store(
    kept: NDArray[np.float32], slices: slice, rows: Span, columns: Span, values: NDArray[np.uint16]
) -> None:
    """Write logits (slices, rows, columns) of a tile as probabilities."""
    store_probabilities(
        kept[:, rows.kept_within_read, columns.kept_within_read],
        values[rows.keeps, columns.keeps, slices],
    )


def store_probabilities(logits: NDArray[np.float32], into: NDArray[np.uint16]) -> None:
    """Write the probabilities of logits into an array with another axis order.

    Logits beyond the size of `into` are ignored.

    `logits` is float32, shape (slices, rows, columns); `into` is uint16, shape (rows, columns,
    slices).
    """
    band = 32

    def run(row: int) -> None:
        _store_rows(logits, row, min(row + band, into.shape[0]), into)

    in_parallel(run, range(0, into.shape[0], band))


@_compiled
def _store_rows(logits, first, last, out):  # type: ignore[no-untyped-def]
    """Write ``out[row, column, slice] = sigmoid(logits[slice, row, column])`` in stored units."""
    scale = np.float32(65535.0)
    one, half = np.float32(1.0), np.float32(0.5)
    for row in range(first, last):
        for index in range(out.shape[2]):
            for column in range(out.shape[1]):
                out[row, column, index] = np.uint16(
                    scale / (one + np.exp(-logits[index, row, column])) + half
                )
