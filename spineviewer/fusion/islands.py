"""Pieces of a fused mask that are not part of the spine.

Choice: find them and leave them out. The paper only mentions such pieces, as a limitation of its
method (§4). The spine is one column. The mask is reduced to cells of about `CELL_MM`; touching
cells form a piece. A line is drawn through a piece, one row of cells at a time, and extended beyond
both ends. The piece and the large pieces along the line form a chain, through which the line is
drawn again. The chain with the most attention is the spine, and all other pieces are kept or left
out according to their distance from its line. No part of a vertebra is more than 60 mm from the
line, and shoulder joints and hips are at least 90 mm away.

Crumbs are also left out: detached pieces smaller than `CRUMB_ML` that are not at the ends of the
scan. In 31 training, validation and synthetic cases, 36 of 38 such pieces were not spine (calcified
vessels, parts of ribs), and the other two had 0.01 ml in total. At the ends of a scan, a small
piece may be the tip of a vertebra that is mostly out of view.

Loose pieces beside the spine are also left out, even if only one voxel separates them from it. In
68 training, validation and synthetic cases, 18 ml of such pieces were ribs, vessels and metal
streaks, and 0.6 ml were transverse processes.

Fragments near the line are also left out if the gap to the rest is so large that two vertebrae
would be missing in it. An example is a part of the ischium far below the sacrum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from spineviewer.threads import in_parallel
from spineviewer.volume.boxes import grown, inside, moved
from spineviewer.volume.geometry import Box, Geometry, IndexTriple, Triple
from spineviewer.volume.volume import ATTENTION_CELL_MM, AttentionMap, SpineMask

#: Approximate size of a cell; it is rounded to whole voxels.
CELL_MM = 4.0

# The line: how it is drawn, and how far from it the spine's pieces may be.
#: Standard deviation of the Gaussian that smooths the line.
SMOOTHING_MM = 12.0
#: The line is extrapolated by `BEYOND_MM`, with the slope of its last `END_MM`, but at most 45
#: degrees.
BEYOND_MM, END_MM = 160.0, 60.0
#: A piece belongs to the spine if at least half of it is within `REACH_MM` of the line. Beyond the
#: line's ends, `WIDENING` times the height above or below the end is added to the reach.
REACH_MM, WIDENING = 55.0, 0.2
#: Factor for distances behind the line, where only spinous processes are far from it.
BEHIND = 0.6

# The spine: which pieces are in its chain.
#: Number of pieces with which a chain is started: those with the most attention.
MAX_STARTS = 4
#: A piece of at least this size may extend the line.
LARGE_ML = 2.0
#: A piece within `NEAR_MM` of the spine, but not more than `BESIDE_MM` to its side, belongs to the
#: spine even if it is far from the line, for example in a strongly bent neck.
NEAR_MM, BESIDE_MM = 25.0, 40.0

# Pieces near the line that are left out.
#: Volume below which a piece is a fragment, unless another piece that is not small is nearby.
FRAGMENT_ML = 10.0
#: Minimum volume of this other piece.
SUPPORT_ML = 5.0
#: Maximum gap between the two pieces. In a larger gap, two vertebrae would be missing.
FRAGMENT_GAP_MM = 60.0
#: Volume below which a piece is a crumb, unless it is close to the first or last slice.
CRUMB_ML = 0.5
#: Maximum distance from the first or last slice that counts as close.
SCAN_END_MM = 8.0
#: A piece smaller than `LOOSE_ML` is loose if it touches no other piece, its middle is at least
#: `ASIDE_MM` to the side of the line, and it is not close to the first or last slice. The tips of
#: transverse processes are just as far away, but attached.
LOOSE_ML, ASIDE_MM = 4.0, 28.0
#: Loose pieces are searched for in cells at least this far to the side.
SIDE_MM = 20.0

#: Number of empty voxels along x that are skipped in one step.
_WORD = 8
#: Choice: number of points whose distances from the whole line are in memory at a time.
_POINTS_AT_ONCE = 1024

_compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy")
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SpineLine:
    """The line along a spine, in mm from the corner of the scan.

    Attributes
    ----------
    points_mm
        float64, shape (points, 3): z, y, x, from foot to head: one point per row of cells, and the
        extrapolations beyond both ends.
    reach_mm
        float64, shape (points,): how far from each point a piece may be.
    """

    points_mm: FloatArray
    reach_mm: FloatArray

    @classmethod
    def through(cls, points_mm: FloatArray, volumes: FloatArray, row_mm: float) -> SpineLine:
        """Return a smooth line through the weighted median of each row of points, extended.

        `points_mm` is float64, shape (n, 3); `volumes`, the weights, is float64, shape (n,). Rows
        are `row_mm` high.
        """
        heights, row = np.unique(points_mm[:, 0], return_inverse=True)
        middles = np.stack(
            [_row_medians(row, points_mm[:, axis], volumes, len(heights)) for axis in (1, 2)],
            axis=1,
        )
        z = heights[0] + np.arange(round((heights[-1] - heights[0]) / row_mm) + 1) * row_mm
        curve = np.stack([np.interp(z, heights, middles[:, axis]) for axis in (0, 1)], axis=1)
        curve = ndimage.median_filter(curve, (5, 1), mode="nearest")
        curve = ndimage.gaussian_filter1d(curve, SMOOTHING_MM / row_mm, axis=0, mode="nearest")
        within = np.column_stack([z, curve])
        lower, upper = (
            _continued(within, row_mm, upwards=-1)[::-1],
            _continued(within, row_mm, upwards=1),
        )
        points = np.concatenate([lower, within, upper])
        beyond = np.maximum(0, np.maximum(z[0] - points[:, 0], points[:, 0] - z[-1]))
        return cls(points, REACH_MM + WIDENING * beyond)

    def outside_mm(self, points_mm: FloatArray) -> FloatArray:
        """Return how far outside the line's reach points are; negative if they are within it.

        `points_mm` is float64, shape (n, 3); the result is float64, shape (n,).
        """
        outside = np.empty(len(points_mm))
        for start in range(0, len(points_mm), _POINTS_AT_ONCE):
            block = slice(start, start + _POINTS_AT_ONCE)
            offsets = points_mm[block, None, :] - self.points_mm[None]
            offsets[..., 1] *= np.where(offsets[..., 1] > 0, BEHIND, 1.0)
            outside[block] = (np.linalg.norm(offsets, axis=2) - self.reach_mm).min(axis=1)
        return outside

    def offsets_mm(self, points_mm: FloatArray) -> FloatArray:
        """Return how far points are behind and to the left of the line's point at the same height.

        `points_mm` is float64, shape (n, 3); the result is float64, shape (n, 2).
        """
        z = points_mm[:, 0]
        return np.column_stack(
            [
                points_mm[:, axis] - np.interp(z, self.points_mm[:, 0], self.points_mm[:, axis])
                for axis in (1, 2)
            ]
        )

    def distance_mm(self, points_mm: FloatArray) -> FloatArray:
        """Return the distances of points from the line at the same height.

        Distances behind the line are scaled by `BEHIND`.

        `points_mm` is float64, shape (n, 3); the result is float64, shape (n,).
        """
        behind, left = self.offsets_mm(points_mm).T
        return np.asarray(np.hypot(np.where(behind > 0, BEHIND * behind, behind), left))


@dataclass(frozen=True)
class Piece:
    """One piece of a mask.

    Attributes
    ----------
    volume_ml
        Volume of its voxels.
    middle_zyx
        Index of its centre on the scan's grid.
    """

    volume_ml: float
    middle_zyx: Triple


@dataclass(frozen=True, eq=False)
class LoosePiece:
    """A piece beside the spine that may share cells with it.

    Attributes
    ----------
    box
        The smallest box around it on the scan's grid.
    voxels
        bool, the shape of `box`.
    volume_ml
        Volume of its voxels.
    """

    box: Box
    voxels: NDArray[np.bool_]
    volume_ml: float


@dataclass(frozen=True, eq=False)
class Islands:
    """The pieces of a mask that do not belong to the spine.

    Attributes
    ----------
    far_pieces
        Those that are too far from the spine's line or from its other pieces, largest first.
    crumbs
        Those near the line that are too small to be part of a vertebra, largest first.
    loose
        Those that are close to the side of the spine but not attached.
    cells
        bool, (z, y, x): True where a cell belongs to a far piece or a crumb; cell k contains the
        voxels from ``k * step`` onwards.
    step_zyx
        Voxels per cell.
    line
        The spine's line; None if the mask is empty.
    """

    far_pieces: tuple[Piece, ...]
    crumbs: tuple[Piece, ...]
    loose: tuple[LoosePiece, ...]
    cells: NDArray[np.bool_]
    step_zyx: IndexTriple
    line: SpineLine | None

    @property
    def is_empty(self) -> bool:
        """Whether everything belongs to the spine."""
        return not self.far_pieces and not self.crumbs and not self.loose

    @property
    def far_ml(self) -> float:
        """Volume of all far pieces."""
        return sum(piece.volume_ml for piece in self.far_pieces)

    @property
    def small_ml(self) -> float:
        """Volume of all crumbs and loose pieces."""
        return sum(crumb.volume_ml for crumb in self.crumbs) + sum(
            piece.volume_ml for piece in self.loose
        )

    def plane(self, axis: int, index: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Return where the islands are in a plane across `axis`: bool, of the given shape.

        Voxels outside the mask may also be True.
        """
        cells: NDArray[np.bool_] = np.take(self.cells, index // self.step_zyx[axis], axis=axis)
        steps = [step for other, step in enumerate(self.step_zyx) if other != axis]
        left_out = _spread(cells, steps, shape) if cells.any() else np.zeros(shape, np.bool_)
        for piece in self.loose:
            side = piece.box[axis]
            if side.start <= index < side.stop:
                within = tuple(b for other, b in enumerate(piece.box) if other != axis)
                left_out[within] |= piece.voxels.take(index - side.start, axis)
        return left_out

    def cleared(self, mask: SpineMask) -> SpineMask:
        """Return the mask without the islands.

        They are removed from the memory of `mask`, so `mask` must not be used afterwards.
        """
        numbers, _ = ndimage.label(self.cells, np.ones((3, 3, 3)))
        for z, y, x in ndimage.find_objects(numbers):
            box: Box = (z, y, x)
            voxels = (
                slice(b.start * s, b.stop * s) for b, s in zip(box, self.step_zyx, strict=True)
            )
            part = mask.voxels[tuple(voxels)]
            part[_spread(self.cells[box], self.step_zyx, part.shape)] = False
        for piece in self.loose:
            mask.voxels[piece.box] &= ~piece.voxels
        return SpineMask(mask.voxels, mask.geometry, mask.known_box if self.is_empty else None)


def _spread(
    cells: NDArray[np.bool_], steps: Sequence[int], shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Return cells expanded to voxels, cropped to an array of `shape`."""
    for axis, step in enumerate(steps):
        cells = cells.repeat(step, axis=axis)
    return cells[tuple(slice(0, n) for n in shape)]


def find_islands(mask: SpineMask, attention: AttentionMap | None = None) -> Islands:
    """Return the pieces of a mask that do not belong to the spine.

    Parameters
    ----------
    attention
        The attention map (not extended), which determines the spine. Without it, the chain with the
        largest volume is the spine.
    """
    spacing = mask.geometry.spacing_zyx_mm
    z, y, x = (max(1, round(CELL_MM / s)) for s in spacing)
    steps = (z, y, x)
    cell_mm = np.array([n * s for n, s in zip(steps, spacing, strict=True)])
    shape = tuple(-(-n // step) for n, step in zip(mask.geometry.shape_zyx, steps, strict=True))
    if mask.is_empty:
        return Islands((), (), (), np.zeros(shape, np.bool_), steps, None)
    box = tuple(
        slice(b.start // step, -(-b.stop // step)) for b, step in zip(mask.box, steps, strict=True)
    )
    counts = _voxel_counts(mask, box, steps)
    numbers, count = ndimage.label(counts > 0, np.ones((3, 3, 3)))
    cells_zyx = np.argwhere(counts > 0)
    piece = (numbers[tuple(cells_zyx.T)] - 1).astype(np.int64)
    volumes = counts[tuple(cells_zyx.T)].astype(np.float64) * mask.geometry.voxel_volume_ml
    cells_zyx += [b.start for b in box]
    filled = _FilledCells((cells_zyx + 0.5) * cell_mm, piece, volumes, count, float(cell_mm[0]))
    is_spine, line = _spine_pieces(filled, _attention_at(filled.points_mm, attention))
    crumbs = is_spine & _are_crumbs(filled, is_spine, mask.geometry.extent_zyx_mm[0])
    cells = np.zeros(shape, np.bool_)
    cells[tuple(cells_zyx[(~is_spine | crumbs)[piece]].T)] = True
    far, small = (_pieces(filled, chosen, np.array(spacing)) for chosen in (~is_spine, crumbs))
    left_mm = line.offsets_mm(filled.points_mm)[:, 1]
    are_beside = (np.abs(left_mm) >= SIDE_MM) & ~cells[tuple(cells_zyx.T)]
    beside = np.zeros(shape, np.bool_)
    beside[tuple(cells_zyx[are_beside].T)] = True
    return Islands(far, small, _loose(mask, beside, steps, line), cells, steps, line)


@dataclass(frozen=True, eq=False)
class _FilledCells:
    """The cells that contain mask voxels.

    Attributes
    ----------
    points_mm
        (cells, 3): z, y, x from the corner of the scan.
    piece, volumes_ml
        (cells,): the piece that each cell belongs to, and the volume of the mask in it.
    """

    points_mm: FloatArray
    piece: NDArray[np.int64]
    volumes_ml: FloatArray
    count: int
    row_mm: float

    def line_of(self, pieces: NDArray[np.bool_]) -> SpineLine:
        """Return the line through some of the pieces; `pieces` is bool, shape (pieces,)."""
        chosen = pieces[self.piece]
        return SpineLine.through(self.points_mm[chosen], self.volumes_ml[chosen], self.row_mm)

    def per_piece(self, weights: FloatArray) -> FloatArray:
        """Return the sum over the cells of each piece."""
        return np.bincount(self.piece, weights, self.count).astype(np.float64)


def _voxel_counts(mask: SpineMask, box: tuple[slice, ...], steps: IndexTriple) -> NDArray[np.int32]:
    """Return the number of mask voxels per cell in a box of cells: int32, shape (z, y, x)."""
    counts = np.zeros([b.stop - b.start for b in box], np.int32)
    voxels = mask.voxels.view(np.uint8)
    rows = mask.box

    def run(cell: int) -> None:
        first = max(rows[0].start, (box[0].start + cell) * steps[0])
        last = min(rows[0].stop, (box[0].start + cell + 1) * steps[0])
        _count_rows(
            voxels, first, last, rows[1].start, rows[1].stop, box[2].start * steps[2], rows[2].stop,
            box[1].start, steps[1], steps[2], counts[cell],
        )  # fmt: skip

    in_parallel(run, range(len(counts)))
    return counts


@_compiled
def _count_rows(  # type: ignore[no-untyped-def]
    voxels, first_z, last_z, first_y, last_y, first_x, last_x, first_cell_y, step_y, step_x, counts
):
    """Add the number of voxels in some slices to the counts of their cells (y, x).

    Skips eight empty voxels at a time.
    """
    for z in range(first_z, last_z):
        for y in range(first_y, last_y):
            row = voxels[z, y]
            cells = counts[y // step_y - first_cell_y]
            whole = (last_x - first_x) // _WORD
            words = row[first_x : first_x + whole * _WORD].view(np.uint64)
            for word in range(whole):
                if words[word] != 0:
                    for x in range(word * _WORD, (word + 1) * _WORD):
                        cells[x // step_x] += row[first_x + x]
            for x in range(whole * _WORD, last_x - first_x):
                cells[x // step_x] += row[first_x + x]


def _loose(
    mask: SpineMask, beside: NDArray[np.bool_], steps: IndexTriple, line: SpineLine
) -> tuple[LoosePiece, ...]:
    """Return the loose pieces in cells beside the spine; `beside` is bool, shape (z, y, x)."""
    groups, _ = ndimage.label(beside, np.ones((3, 3, 3)))
    loose: list[LoosePiece] = []
    for number, cells in enumerate(ndimage.find_objects(groups), start=1):
        inner = [slice(c.start * step, c.stop * step) for c, step in zip(cells, steps, strict=True)]
        box = grown(inner, (1, 1, 1), mask.voxels.shape)
        own = np.zeros([side.stop - side.start for side in box], np.bool_)
        target = own[inside(inner, box)]
        target[...] = _spread(groups[cells] == number, steps, target.shape)
        loose += _loose_in(mask.voxels[box], own, box, mask.geometry, line)
    return tuple(loose)


def _loose_in(
    part: NDArray[np.bool_], candidate: NDArray[np.bool_], box: Box, grid: Geometry, line: SpineLine
) -> list[LoosePiece]:
    """Return the loose pieces among the `candidate` voxels of `part`, the mask in `box`.

    `part` extends at least one voxel beyond `candidate` (unless the scan ends there), so nothing
    outside `part` touches a piece whose voxels are all in `candidate`.
    """
    numbers, _ = ndimage.label(part, np.ones((3, 3, 3)))
    attached = set(np.unique(numbers[~candidate]).tolist())
    spacing = np.array(grid.spacing_zyx_mm)
    loose = []
    for number, inner in enumerate(ndimage.find_objects(numbers), start=1):
        if number in attached:
            continue
        voxels = numbers[inner] == number
        volume_ml = int(np.count_nonzero(voxels)) * grid.voxel_volume_ml
        piece_box = moved(inner, (side.start for side in box))
        points_mm = (np.argwhere(voxels) + [side.start for side in piece_box] + 0.5) * spacing
        z = piece_box[0]
        to_end = min(z.start * spacing[0], grid.extent_zyx_mm[0] - z.stop * spacing[0])
        is_aside = np.median(np.abs(line.offsets_mm(points_mm)[:, 1])) >= ASIDE_MM
        if volume_ml < LOOSE_ML and is_aside and to_end >= SCAN_END_MM:
            loose.append(LoosePiece(piece_box, voxels, volume_ml))
    return loose


def _attention_at(points_mm: FloatArray, attention: AttentionMap | None) -> FloatArray:
    """Return the attention of the cells that contain the given points."""
    if attention is None:
        return np.ones(len(points_mm))
    last = np.array(attention.cells.shape) - 1
    index = np.clip((points_mm / ATTENTION_CELL_MM).astype(np.int64), 0, last)
    return np.asarray(attention.cells[tuple(index.T)], np.float64)


def _are_crumbs(
    filled: _FilledCells, belongs: NDArray[np.bool_], height_mm: float
) -> NDArray[np.bool_]:
    """Return which pieces are small and away from the ends of the scan: bool, shape (pieces,).

    The largest piece that belongs to the spine is never a crumb.
    """
    z = filled.points_mm[:, 0]
    at_end = np.minimum(z, height_mm - z) < SCAN_END_MM + filled.row_mm / 2
    volumes = filled.per_piece(filled.volumes_ml)
    are_small = volumes < min(CRUMB_ML, float(volumes[belongs].max()))
    return np.asarray(are_small & (filled.per_piece(at_end.astype(np.float64)) == 0))


def _spine_pieces(
    filled: _FilledCells, attention: FloatArray
) -> tuple[NDArray[np.bool_], SpineLine]:
    """Return whether each piece belongs to the spine, and the spine's line."""
    volumes = filled.per_piece(filled.volumes_ml)
    weights = filled.per_piece(filled.volumes_ml * attention)
    chains: list[tuple[NDArray[np.bool_], SpineLine]] = []
    for start in np.argsort(-weights, kind="stable")[:MAX_STARTS]:
        if not any(chain[start] for chain, _ in chains):
            chains.append(_chain_from(filled, int(start), volumes))
    large, line = max(chains, key=lambda chain: float(weights[chain[0]].sum()))
    spine = large.copy()
    for k in np.flatnonzero(~large & (volumes < LARGE_ML)):
        spine[k] = _is_spine(filled, int(k), large, line)
    return _without_fragments(filled, spine, volumes), line


def _without_fragments(
    filled: _FilledCells, spine: NDArray[np.bool_], volumes: FloatArray
) -> NDArray[np.bool_]:
    """Return the spine's pieces without fragments: bool, shape (pieces,)."""
    support = spine & (volumes >= min(SUPPORT_ML, float(volumes[spine].max())))
    order = [k for k in np.argsort(-volumes, kind="stable") if support[k]]
    for k in order[1:]:
        if volumes[k] < FRAGMENT_ML:
            support[k] = False
            support[k] = _gaps_to(filled, support)[filled.piece == k].min() <= FRAGMENT_GAP_MM
    gaps = np.full(filled.count, np.inf)
    np.minimum.at(gaps, filled.piece, _gaps_to(filled, support))
    return np.asarray(spine & (gaps <= FRAGMENT_GAP_MM))


def _gaps_to(filled: _FilledCells, pieces: NDArray[np.bool_]) -> FloatArray:
    """Return the distance in mm of each cell from the nearest of the given pieces: (cells,)."""
    return np.asarray(cKDTree(filled.points_mm[pieces[filled.piece]]).query(filled.points_mm)[0])


def _chain_from(
    filled: _FilledCells, start: int, volumes: FloatArray
) -> tuple[NDArray[np.bool_], SpineLine]:
    """Return a chain (bool, shape (pieces,)) and its line.

    The chain consists of the piece `start` and the large pieces along the line.
    """
    chain = np.zeros(filled.count, np.bool_)
    chain[start] = True
    line = filled.line_of(chain)
    remaining = [
        int(k) for k in np.argsort(-volumes, kind="stable") if volumes[k] >= LARGE_ML and k != start
    ]
    while joining := [k for k in remaining if _is_spine(filled, k, chain, line)]:
        remaining = [k for k in remaining if k not in joining]
        chain[joining] = True
        line = filled.line_of(chain)
    return chain, line


def _row_medians(
    row: NDArray[np.int64], values: FloatArray, weights: FloatArray, count: int
) -> FloatArray:
    """Return the weighted median of the values in each of `count` rows."""
    order = np.lexsort((values, row))
    row, values, weights = row[order], values[order], weights[order]
    total = np.cumsum(weights)
    ends = np.searchsorted(row, np.arange(count), side="right") - 1
    before = np.concatenate([[0.0], total[ends[:-1]]])
    medians: FloatArray = values[np.searchsorted(total, (before + total[ends]) / 2)]
    return medians


def _continued(line: FloatArray, row_mm: float, *, upwards: int) -> FloatArray:
    """Return points beyond the upper (1) or lower (-1) end of a line, in its direction there."""
    end = line[::upwards][-max(2, round(END_MM / row_mm)) :]
    rise = abs(float(end[-1, 0] - end[0, 0]))
    slope = np.clip((end[-1, 1:] - end[0, 1:]) / rise, -1, 1) if rise else np.zeros(2)
    distances = np.arange(1, round(BEYOND_MM / row_mm) + 1)[:, None] * row_mm
    return np.concatenate(
        [end[-1, :1] + upwards * distances, end[-1, 1:] + distances * slope], axis=1
    )


def _is_spine(filled: _FilledCells, piece: int, spine: NDArray[np.bool_], line: SpineLine) -> bool:
    """Return whether a piece belongs to the spine.

    It does if half of it is within the line's reach, or if it is close to the spine without being
    beside it.
    """
    points = filled.points_mm[filled.piece == piece]
    if np.median(line.outside_mm(points)) <= 0:
        return True
    if np.median(np.abs(line.offsets_mm(points)[:, 1])) > BESIDE_MM:
        return False
    spine_cells = cKDTree(filled.points_mm[spine[filled.piece]])
    gaps = np.asarray(spine_cells.query(points, distance_upper_bound=NEAR_MM)[0])
    return bool(gaps.min() <= NEAR_MM)


def _pieces(
    filled: _FilledCells, chosen: NDArray[np.bool_], spacing: FloatArray
) -> tuple[Piece, ...]:
    volumes = filled.per_piece(filled.volumes_ml)
    middles = np.stack(
        [filled.per_piece(filled.volumes_ml * filled.points_mm[:, axis]) for axis in range(3)],
        axis=1,
    )
    pieces = []
    for k in np.argsort(-volumes, kind="stable"):
        if chosen[k]:
            z, y, x = (middles[k] / volumes[k] / spacing - 0.5).tolist()
            pieces.append(Piece(float(volumes[k]), (z, y, x)))
    return tuple(pieces)
