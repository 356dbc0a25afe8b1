"""The parts of a scan that a network reads, in order, planned without reading any voxel.

The segmentation network sweeps across the sagittal slices in chunks. Features that the next chunk
needs are carried over, so no slice is computed twice; a sweep that starts within the scan begins a
little earlier::

    slices    first    start                                                stop
    chunk 0   |-----n-----|                             logits of slices first - 1 … first + n - 2
    chunk 1               |-----n-----|
    chunk 2                           |-----n-----|

If there is not enough memory for whole slices, the plane is divided into tiles. In addition to the
part that it keeps, each tile reads a margin as wide as the network's reach.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

#: In-plane sizes are padded to multiples of `PLANE_STEP` (four poolings), the number of slices to a
#: multiple of `SLICE_STEP`. Paper: §2.2, five levels.
PLANE_STEP, SLICE_STEP = 16, 2
#: Number of slices that a chunk reads beyond its own on either side.
SLICE_MARGIN = 3
#: In-plane reach of the segmentation network (107), rounded up to its pooling grid.
PLANE_HALO = 112
#: Sagittal slices per attention cell, and the slice of each cell that the attention network sees.
#: Paper: §2.1, n = 8.
CELL_SLICES, SEEN_SLICE = 8, 4
#: Choice: minimum and maximum number of slices per chunk. With fewer, the network is slower;
#: with more, the first picture and cancelling take longer, with no gain in speed.
MIN_SLICES, MAX_SLICES = 4, 32
#: Runs of wanted slices that are closer than this are combined into one sweep.
_GAP = 4
#: Slices with at least this fraction of the greatest interest are computed first.
_INTERESTING_FRACTION = 0.1
#: Overhead of a chunk, in slices (measured): level 1 is computed on four more slices, and short
#: chunks are slow.
_EXTRA_SLICES = 1.3
#: Choice: slices per chunk for which the network is compiled before the position of the spine is
#: known; suitable for most scans.
_LIKELY_SLICES = 16
#: Number of voxels that could be computed in the time that it takes to compile for another size
#: (about a second).
_COMPILING_VOXELS = 3_000_000

#: Slices, rows and columns of a chunk.
Size = tuple[int, int, int]


@dataclass(frozen=True)
class Span:
    """A part of one axis: [read_start, read_stop) is read, [keep_start, keep_stop) is kept."""

    read_start: int
    read_stop: int
    keep_start: int
    keep_stop: int

    @property
    def reads(self) -> slice:
        return slice(self.read_start, self.read_stop)

    @property
    def keeps(self) -> slice:
        return slice(self.keep_start, self.keep_stop)

    @property
    def kept_within_read(self) -> slice:
        """The part that is kept, relative to the part that is read."""
        return slice(self.keep_start - self.read_start, self.keep_stop - self.read_start)


@dataclass(frozen=True)
class Chunk:
    """A run of consecutive slices of a sweep.

    Attributes
    ----------
    first, count
        The chunk's own slices; `first` is even. It reads `SLICE_MARGIN` more on either side and
        returns the logits of the slices first - 1 … first + count - 2.
    keep_start, keep_stop
        The slices whose logits are wanted.
    """

    first: int
    count: int
    keep_start: int
    keep_stop: int

    @property
    def keeps(self) -> slice:
        return slice(self.keep_start, self.keep_stop)

    @property
    def kept_logits(self) -> slice:
        """The slices that are kept, relative to the chunk's logits."""
        return slice(self.keep_start - self.first + 1, self.keep_stop - self.first + 1)


@dataclass(frozen=True)
class Sweep:
    """Consecutive chunks of the slices [start, stop).

    The plane is whole, or divided into tiles that all read the same size.
    """

    start: int
    stop: int
    chunks: tuple[Chunk, ...]
    tiles: tuple[tuple[Span, Span], ...]


def padded(count: int, step: int) -> int:
    """Return `count` rounded up to a multiple of `step`."""
    return -(-count // step) * step


def seen_slices(slices: int) -> list[int]:
    """Return the sagittal slice that the attention network sees for each cell.

    This is slice 8k + 4, or the last slice if the last cell is shorter.
    """
    return [min(first + SEEN_SLICE, slices - 1) for first in range(0, slices, CELL_SLICES)]


def spans(start: int, stop: int, *, size: int, length: int, halo: int, step: int) -> list[Span]:
    """Return spans that cover [start, stop) of an axis of `size`.

    Each span reads `length` and starts at a multiple of `step`. Kept parts do not overlap. There is
    no halo at the ends of the axis: as in an undivided plane, the network's own padding applies
    there. `size` and `length` are multiples of `step`.
    """
    if length >= size:
        return [Span(0, size, start, stop)]
    result: list[Span] = []
    while start < stop:
        read = min(max(0, start - halo) // step * step, size - length)
        read_stop = read + length
        keep_stop = min(stop, size if read_stop == size else read_stop - halo)
        result.append(Span(read, read_stop, start, keep_stop))
        start = keep_stop
    return result


def runs(wanted: Sequence[bool], *, gap: int) -> list[tuple[int, int]]:
    """Return runs [start, stop) of wanted slices; runs that are closer than `gap` are merged."""
    result: list[tuple[int, int]] = []
    for index in (i for i, is_wanted in enumerate(wanted) if is_wanted):
        if result and index - result[-1][1] < gap:
            result[-1] = (result[-1][0], index + 1)
        else:
            result.append((index, index + 1))
    return result


def chunks(start: int, stop: int, count: int) -> tuple[Chunk, ...]:
    """Return chunks of `count` slices (even) that cover the logits of [start, stop).

    A sweep does not know the slice before its first one, so its first valid logits are those of
    slice first + 1. At the border of the scan, it knows that there is no such slice.
    """
    result: list[Chunk] = []
    first = max(0, start - 1) // SLICE_STEP * SLICE_STEP
    while start < stop:
        keep_stop = min(stop, first + count - 1)
        if keep_stop > start:
            result.append(Chunk(first, count, start, keep_stop))
            start = keep_stop
        first += count
    return tuple(result)


def plan(
    parts: Sequence[Sequence[bool]],
    rows: int,
    columns: int,
    *,
    max_voxels: int,
    ready: Size | None = None,
) -> list[Sweep]:
    """Return the sweeps over the wanted slices that take the least work.

    Choice: all chunks have one size, because compiling the network for another size takes as long
    as computing some slices.

    Parameters
    ----------
    parts
        For each part of the work, in order: whether each sagittal slice of the working grid is
        wanted.
    rows, columns
        Size of a slice before padding.
    ready
        The size for which the network has been compiled already.

    Returns
    -------
    The sweeps of each part, in order; an empty list if even the smallest chunk is larger than
    `max_voxels`.
    """
    rows, columns = padded(rows, PLANE_STEP), padded(columns, PLANE_STEP)
    pieces = [piece for part in parts for piece in runs(part, gap=_GAP)]
    options = [
        (
            _cost(pieces, rows, columns, count, height, breadth)
            + _COMPILING_VOXELS * ((count, height, breadth) != ready),
            -count,
            height,
            breadth,
        )
        for height, breadth in product(_lengths(rows), _lengths(columns))
        for count in range(MIN_SLICES, MAX_SLICES + 1, SLICE_STEP)
        if count * height * breadth <= max_voxels
    ]
    if not options:
        return []
    _, negative_count, height, breadth = min(options)
    tiles = tuple(product(_plane_spans(rows, height), _plane_spans(columns, breadth)))
    return [
        Sweep(start, stop, chunks(start, stop, -negative_count), tiles) for start, stop in pieces
    ]


def likely_size(rows: int, columns: int, *, max_voxels: int) -> Size | None:
    """Return the likely size of chunks for slices of this size; None if above `max_voxels`."""
    size = (_LIKELY_SLICES, padded(rows, PLANE_STEP), padded(columns, PLANE_STEP))
    return size if math.prod(size) <= max_voxels else None


def most_interesting_first(wanted: Sequence[bool], interest: Sequence[float]) -> list[list[bool]]:
    """Return the wanted slices in up to two parts: the most interesting ones, then the rest."""
    limit = _INTERESTING_FRACTION * max(interest, default=0.0)
    first = [
        is_wanted and value > 0 and value >= limit
        for is_wanted, value in zip(wanted, interest, strict=True)
    ]
    rest = [is_wanted and not is_first for is_wanted, is_first in zip(wanted, first, strict=True)]
    return [part for part in (first, rest) if any(part)]


def _plane_spans(size: int, length: int) -> list[Span]:
    return spans(0, size, size=size, length=length, halo=PLANE_HALO, step=PLANE_STEP)


def _lengths(size: int) -> list[int]:
    """Return the whole length, then the shortest equal lengths that 2, 3, … tiles must read."""
    lengths = [size]
    for count in range(2, 9):
        kept_length = padded(-(-size // count), PLANE_STEP)
        length = kept_length + 2 * PLANE_HALO if count > 2 else kept_length + PLANE_HALO
        if length < lengths[-1]:
            lengths.append(length)
    return lengths


def _cost(
    pieces: list[tuple[int, int]], rows: int, columns: int, count: int, height: int, breadth: int
) -> float:
    """Return the work as a number of voxels that could be computed in the same time."""
    tiles = len(_plane_spans(rows, height)) * len(_plane_spans(columns, breadth))
    number = sum(len(chunks(start, stop, count)) for start, stop in pieces)
    return number * (count + _EXTRA_SLICES) * tiles * height * breadth
