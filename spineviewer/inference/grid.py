"""Which parts of a scan a network sees at once. Integers only: no arrays, no networks.

A block reads more than it keeps. The halo between reading and keeping is the net's exact reach, so that every kept voxel is
what the net would have said with the whole scan before it::

    slices   |--- read --------------------------|
             |halo |======== keep =========| halo|
                                     |halo |======== keep ====
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

#: In-plane sizes are padded to multiples of this (four poolings), slices to multiples of 2. Paper: §2.2, five levels.
PLANE_STEP, SLICE_STEP = 16, 2
#: Exact reach of the segmentation net across slices, and in the plane on its pooling grid (the true reach is 107).
SLICE_HALO, PLANE_HALO = 6, 112
#: Sagittal slices per attention cell, and the slice of each cell that the attention net sees. Paper: §2.1, n = 8.
CELL_SLICES, SEEN_SLICE = 8, 4
#: Choice: a block keeps at most this many slices, so that the picture fills in steadily and a stop is quick.
MOST_SLICES_KEPT = 48


@dataclass(frozen=True)
class Span:
    """Along one axis: reads [read_start, read_stop), keeps [keep_start, keep_stop)."""

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
    def kept_of_read(self) -> slice:
        """Where the kept part lies within the read part."""
        return slice(self.keep_start - self.read_start, self.keep_stop - self.read_start)


@dataclass(frozen=True)
class Slab:
    """Some sagittal slices, in the plane whole or in tiles that all read the same size."""

    across: Span
    tiles: tuple[tuple[Span, Span], ...]

    @property
    def block_shape(self) -> tuple[int, int, int]:
        """Slices, rows and columns that one tile reads."""
        rows, columns = self.tiles[0]
        return tuple_of_lengths(self.across, rows, columns)


def tuple_of_lengths(*spans: Span) -> tuple[int, int, int]:
    """How much three spans read."""
    one, two, three = (span.read_stop - span.read_start for span in spans)
    return one, two, three


def padded(count: int, step: int) -> int:
    """`count` rounded up to a multiple of `step`."""
    return -(-count // step) * step


def seen_slices(slices: int) -> list[int]:
    """The sagittal slice that the attention net sees for each cell: 8k + 4, in a shorter last cell the last slice."""
    return [min(first + SEEN_SLICE, slices - 1) for first in range(0, slices, CELL_SLICES)]


def spans(start: int, stop: int, *, size: int, length: int, halo: int, step: int) -> list[Span]:
    """Cover [start, stop) of an axis of `size` with spans that all read `length`, from origins at multiples of `step`.

    Kept parts do not overlap. At the axis's own ends there is no halo: the net's padding stands there, as for the whole scan.
    `size` and `length` are multiples of `step`.
    """
    if length >= size:
        return [Span(0, size, start, stop)]
    found: list[Span] = []
    while start < stop:
        read = min(max(0, start - halo) // step * step, size - length)
        read_stop = read + length
        keep_stop = min(stop, size if read_stop == size else read_stop - halo)
        found.append(Span(read, read_stop, start, keep_stop))
        start = keep_stop
    return found


def runs(wanted: Sequence[bool], *, gap: int) -> list[tuple[int, int]]:
    """Runs [start, stop) of wanted slices; runs nearer than `gap` become one."""
    found: list[tuple[int, int]] = []
    for index in (i for i, is_wanted in enumerate(wanted) if is_wanted):
        if found and index - found[-1][1] < gap:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


def plan(wanted: Sequence[bool], rows: int, columns: int, *, most_voxels: int) -> list[Slab]:
    """Slabs that compute the wanted slices with the least work within `most_voxels` per block.

    Parameters
    ----------
    wanted
        Per sagittal slice of the working grid.
    rows, columns
        Of a slice; padded here.
    most_voxels
        Voxels that one block may read.

    Returns
    -------
    Slabs from the first slice to the last; an empty list when no division is small enough.
    """
    slices = padded(len(wanted), SLICE_STEP)
    rows, columns = padded(rows, PLANE_STEP), padded(columns, PLANE_STEP)
    pieces = runs(wanted, gap=SLICE_HALO)
    options = [
        (_cost(pieces, slices, rows, columns, depth, height, breadth), depth, height, breadth)
        for height, breadth in product(_lengths(rows), _lengths(columns))
        for depth in range(2 * SLICE_HALO + 2, min(slices, MOST_SLICES_KEPT + 2 * SLICE_HALO) + 1, SLICE_STEP)
        if depth * height * breadth <= most_voxels
    ]
    if slices < 2 * SLICE_HALO + 2:
        options += [
            (_cost(pieces, slices, rows, columns, slices, height, breadth), slices, height, breadth)
            for height, breadth in product(_lengths(rows), _lengths(columns))
            if slices * height * breadth <= most_voxels
        ]
    if not options:
        return []
    _, depth, height, breadth = min(options)
    tiles = tuple(product(_plane_spans(rows, height), _plane_spans(columns, breadth)))
    return [Slab(across, tiles) for across in _across(pieces, slices, depth)]


def nearest_first(slabs: Iterable[Slab], interest: Sequence[float]) -> list[Slab]:
    """Slabs in falling order of the interest of what they keep, for example the attention per slice."""
    return sorted(slabs, key=lambda slab: -sum(interest[slab.across.keeps]) / (slab.across.keep_stop - slab.across.keep_start))


def _across(pieces: list[tuple[int, int]], slices: int, depth: int) -> list[Span]:
    return [
        span for start, stop in pieces for span in spans(start, stop, size=slices, length=depth, halo=SLICE_HALO, step=SLICE_STEP)
    ]


def _plane_spans(size: int, length: int) -> list[Span]:
    return spans(0, size, size=size, length=length, halo=PLANE_HALO, step=PLANE_STEP)


def _lengths(size: int) -> list[int]:
    """Whole, or the shortest equal tiles for 2, 3, … tiles."""
    found = [size]
    for count in range(2, 9):
        kept = padded(-(-size // count), PLANE_STEP)
        length = kept + 2 * PLANE_HALO if count > 2 else kept + PLANE_HALO
        if length < found[-1]:
            found.append(length)
    return found


def _cost(pieces: list[tuple[int, int]], slices: int, rows: int, columns: int, depth: int, height: int, breadth: int) -> int:
    """Voxels that are read in all."""
    tiles = len(_plane_spans(rows, height)) * len(_plane_spans(columns, breadth))
    return len(_across(pieces, slices, depth)) * tiles * depth * height * breadth
