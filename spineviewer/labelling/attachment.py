"""The vertebra to which each part of the bone is attached.

Where exactly the border between two arches runs is uncertain, and a watershed leaks through the
smallest contact between them. Therefore, each border is moved up and down. The parts of the bone
that then change vertebra are compared with both vertebrae: a part belongs to the one to which more
bone connects it. If bone connects it with both, it is uncertain.

At an edge of the scan, the bone is continued straight outwards. What connects it with its vertebra
is there, out of view.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label

from spineviewer.labelling.axis import WorkingMask
from spineviewer.labelling.partition import (
    CutSurface,
    PlacedMask,
    flood_band,
    keep_one_piece_each,
    segment_boxes,
)
from spineviewer.volume.boxes import grown, inside
from spineviewer.volume.boxes import moved as shifted_box
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.geometry import Box, IndexTriple, index_triple

#: How far bone is continued beyond an edge of the scan: the height of the highest band.
_BEYOND_MM = 16
#: Choice: how far borders between arches are moved, in heights of a level.
_MOVES = (-0.15, 0.15)
#: Smaller parts are not considered.
_MIN_PART_MM3 = 150
#: Choice: bone probability counts as a connection in proportion to exp(-(1 - probability) * this),
#: so that a probability of 0.98 counts a third. Joints are often only this faint.
_STEEPNESS = 60.0
#: Choice: a part is attached to the other vertebra if bone connects it this many times as much.
_CLEARLY = 1.2
#: Choice: a part is uncertain if its two connections differ by less than this factor.
_SIMILAR = 1.7
#: Choice: the smallest uncertain part that is reported.
MIN_UNCERTAIN_MM3 = 500


@dataclass(frozen=True, eq=False)
class ContinuedBone:
    """The bone of a spine on the working grid, continued beyond the edges of the scan.

    Attributes
    ----------
    mask
        The bone; its first slices may be outside the scan.
    joint
        uint8, shape of `mask`: 255 times (1 - bone probability).
    in_scan
        Its slices in the scan.
    """

    mask: WorkingMask
    joint: NDArray[np.uint8]
    in_scan: slice

    @classmethod
    def of(cls, mask: WorkingMask, joint: NDArray[np.uint8], scan_stop: int) -> ContinuedBone:
        """Return the continued bone of a mask.

        Parameters
        ----------
        joint
            uint8, shape of `mask`.
        scan_stop
            Number of slices of the working grid.
        """
        z, y, x = mask.origin_zyx
        is_at_stop = z + len(mask.voxels) == scan_stop
        below = _BEYOND_MM if z == 0 and mask.voxels[0].any() else 0
        above = _BEYOND_MM if is_at_stop and mask.voxels[-1].any() else 0
        beyond = ((below, above), (0, 0), (0, 0))
        return cls(
            WorkingMask(np.pad(mask.voxels, beyond, mode="edge"), (z - below, y, x)),
            np.pad(joint, beyond, mode="edge"),
            slice(below, below + len(mask.voxels)),
        )

    def kept_at_edges(self, cut_segments: Sequence[int]) -> dict[int, slice]:
        """Return the slices beyond the edge at which each cut segment keeps detached parts.

        `cut_segments` are the numbers of the segments that an edge cuts, from the head down.
        """
        return {
            number: slice(self.in_scan.stop, len(self.joint))
            if number == 1
            else slice(0, self.in_scan.start)
            for number in cut_segments
        }


@dataclass(frozen=True)
class UncertainPart:
    """A part of the bone that may belong to either of two neighbouring segments.

    Attributes
    ----------
    index_zyx
        The voxel nearest to its centre.
    segment, other
        Numbers of the segments: the one that it is in, and the one that it may belong to. 0 is the
        vertebra above the first segment; the number after the last segment is the one below it.
    """

    index_zyx: IndexTriple
    size_ml: float
    segment: int
    other: int

    @classmethod
    def of(cls, voxels: NDArray[np.int64], segment: int, other: int) -> UncertainPart:
        """Return the part that consists of these voxels of the working grid.

        int64, shape (n, 3).
        """
        away = np.linalg.norm(voxels - voxels.mean(axis=0), axis=1)
        return cls(index_triple(voxels[away.argmin()]), len(voxels) / 1000, segment, other)


@dataclass
class Attachment:
    """Assigns bone to segments.

    Attributes
    ----------
    kept_at
        As in `keep_one_piece_each`.
    uncertain
        The uncertain parts that were found, on the working grid.
    """

    bone: ContinuedBone
    line: CentreLine
    kept_at: Mapping[int, slice] = field(default_factory=dict)
    uncertain: list[UncertainPart] = field(default_factory=list)

    def segments(
        self, cuts: Sequence[CutSurface], dissolved: Sequence[int] = ()
    ) -> NDArray[np.uint8]:
        """Return the segment of each voxel of the mask in the scan: uint8, shape (z, y, x).

        `dissolved` is as in `keep_one_piece_each`.
        """
        segments, parts = self._divided(cuts, dissolved), list[_Part]()
        for move in _MOVES:
            moved = self._divided(
                [cut if cut.is_atlas else cut.with_arches_lowered(move) for cut in cuts], dissolved
            )
            parts += [self._attached(segments, part) for part in _changed_parts(segments, moved)]
        found = [self._uncertain(segments, part) for part in parts]
        self.uncertain += [part for part in found if part is not None]
        segments = keep_one_piece_each(segments, len(cuts) + 1, dissolved, kept_at=self.kept_at)
        return segments[self.bone.in_scan]

    @cached_property
    def _placed(self) -> PlacedMask:
        return PlacedMask.along(self.bone.mask, self.line)

    def _divided(self, cuts: Sequence[CutSurface], dissolved: Sequence[int]) -> NDArray[np.uint8]:
        by_surface, in_band = self._placed.segments(cuts)
        flooded = flood_band(by_surface, in_band, self.bone.joint)
        return keep_one_piece_each(flooded, len(cuts) + 1, dissolved, kept_at=self.kept_at)

    def _attached(self, segments: NDArray[np.uint8], part: _Part) -> _Part:
        """Return a part, moved in place to the other segment if it is clearly attached to that."""
        to_own, to_other = _connections(segments, self.bone.joint, part)
        if to_other <= _CLEARLY * to_own:
            return part
        segments[part.box][part.voxels] = part.other
        return replace(part, own=part.other, other=part.own)

    def _uncertain(self, segments: NDArray[np.uint8], part: _Part) -> UncertainPart | None:
        """Return a part that is attached to both segments; None for any other."""
        to_own, to_other = _connections(segments, self.bone.joint, part)
        if _SIMILAR * min(to_own, to_other) <= max(to_own, to_other):
            return None
        voxels = np.argwhere(part.voxels) + [side.start for side in part.box]
        z, inside_scan = voxels[:, 0], self.bone.in_scan
        voxels = voxels[(z >= inside_scan.start) & (z < inside_scan.stop)]
        if len(voxels) < MIN_UNCERTAIN_MM3:
            return None
        return UncertainPart.of(voxels + self.bone.mask.origin_zyx, part.own, part.other)


@dataclass(frozen=True, eq=False)
class _Part:
    """A connected part of the bone that changes from one segment to another.

    Attributes
    ----------
    voxels
        bool, shape of `box`.
    """

    box: Box
    voxels: NDArray[np.bool_]
    own: int
    other: int


def _changed_parts(segments: NDArray[np.uint8], moved: NDArray[np.uint8]) -> Iterator[_Part]:
    """Yield the parts that are in a neighbouring segment after the borders were moved.

    Both arrays are uint8, shape (z, y, x).
    """
    for own, box in enumerate(segment_boxes(segments, int(segments.max(initial=0))), start=1):
        if box is None:
            continue
        before, after = segments[box] == own, moved[box]
        for other in (own - 1, own + 1):
            changed = before & (after == other) if other else np.zeros_like(before)
            if np.count_nonzero(changed) < _MIN_PART_MM3:
                continue
            pieces, _ = label(changed, np.ones((3, 3, 3), np.bool_))
            sizes = np.bincount(pieces.ravel())
            for number, part in enumerate(find_objects(pieces), start=1):
                if sizes[number] >= _MIN_PART_MM3:
                    place = shifted_box(part, (side.start for side in box))
                    yield _Part(place, pieces[part] == number, own, other)


def _connections(
    segments: NDArray[np.uint8], joint: NDArray[np.uint8], part: _Part
) -> tuple[float, float]:
    """Return how much bone connects a part with its own and with the other segment, in mm².

    At least 1 each. `segments` and `joint` are uint8, shape (z, y, x).
    """
    around = grown(part.box, (1, 1, 1), segments.shape)
    is_part = np.zeros(segments[around].shape, np.bool_)
    is_part[inside(part.box, around)] = part.voxels
    weight = np.exp(-_STEEPNESS / 255 * joint[around].astype(np.float64))
    total = []
    for number in (part.own, part.other):
        there = (segments[around] == number) & ~is_part
        mm2 = 0.0
        for axis in range(3):
            first, second = ([slice(None)] * 3 for _ in range(2))
            first[axis], second[axis] = slice(None, -1), slice(1, None)
            one, two = tuple(first), tuple(second)
            touches = (is_part[one] & there[two]) | (there[one] & is_part[two])
            mm2 += float(np.minimum(weight[one], weight[two])[touches].sum())
        total.append(max(mm2, 1.0))
    return total[0], total[1]
