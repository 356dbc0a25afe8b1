"""The row of vertebral bodies in a scan, before they are named.

`Column` holds the line, the cuts and the surroundings of each segment.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from spineviewer.labelling.attachment import UncertainPart
from spineviewer.labelling.axis import (
    SHALLOWEST_MM,
    BodyAxis,
    WorkingMask,
    body_axis,
    straight_above_c3,
)
from spineviewer.labelling.chain import ChainPrior
from spineviewer.labelling.cues import column_ends, rib_areas
from spineviewer.labelling.cut_parts import voxels_at_padding
from spineviewer.labelling.disc_evidence import (
    DISK_FRACTION,
    DiscEvidence,
    disc_evidence,
    unit_disk,
)
from spineviewer.labelling.disc_planes import DiscPlane, fitted_plane
from spineviewer.labelling.features import FEATURES, RIB, level_features, rib_feature
from spineviewer.labelling.partition import column_voxels
from spineviewer.labelling.separation import RIB_PART, ColumnEnds, separate_with_anchors
from spineviewer.labelling.straightened import OUTSIDE, Straightened, sample_along
from spineviewer.progress import Progress
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.geometry import Triple
from spineviewer.volume.volume import PROBABILITY_SCALE, CtVolume, ProbabilityMap, SpineMask
from spineviewer.volume.working_grid import index_from_working, working_geometry
from spineviewer.wording import worded

Floats = NDArray[np.float64]

#: A segment at an end of the scan is partial if it is shorter than this fraction of its neighbour.
_PART = 0.8
#: If a change makes the mask longer or shorter by more than this, vertebrae were added or removed.
_SAME_LENGTH_MM = 8
#: Choice: holes of up to twice this size do not bend the line.
_HOLE_MM = 6
#: Choice: notches of this size in the surface do not bend the line.
_BITE_MM = 3
#: Voxels where `joint` is below this value are probable bone.
_PROBABLE = 128
#: Choice: a larger part of the mask that is not spine (hips, shoulders) may attract the line. The
#: line is then found again without this part.
_MUCH_STRAY_MM3 = 5000
#: Choice: with less bone than this per mm of the line, the mask shows parts of hips, not a spine.
#: Spines have 800 to 1,500.
_MIN_AREA_MM2 = 250
#: Progress message during the computation.
FINDING = worded("Naming the vertebrae")


@dataclass(frozen=True, eq=False)
class Column:
    """The row of vertebral bodies in a scan, without names. Compared by identity.

    Attributes
    ----------
    mask
        The part of the mask that belongs to the spine, on the 1 mm working grid.
    axis
        The line through the bodies.
    discs
        Evidence for discs, from disks of samples across the line.
    ends
        Where the row begins and ends.
    edges
        int64, shape (segments + 1,): stations of the cuts, and both ends.
    is_partial
        bool, shape (segments,): whether the scan cuts off part of the body.
    features
        Shape (segments, features): `features.FEATURES`; NaN for partial segments, unless all are
        partial. If the upper part of the last segment is in view, its rib is known.
    rib_areas
        float32, shape (stations, 2): from `cues.rib_areas`.
    joint
        uint8, shape of `mask`: 255 times (1 - bone probability), which is high in joints.
    recovered
        Shape (segments,): mean probability of bone in vertebrae that the mask lacks and that were
        recovered from the probability; NaN for all others.
    is_orientation_known
        As in `ScanSource`. If false, head and foot may be exchanged.
    misorientation
        Why the stated orientation seems to be wrong; empty if it seems right.
    edges_by_hand
        The cuts at which the user split a vertebra.
    has_arch_above
        Whether the mask contains part of the arch of a vertebra above the first body, separated
        from the arches below by a gap.
    uncertain_arch
        A part of this arch that may be included in the first vertebra, because no gap separates
        it. Its `index_zyx` is on the working grid.
    at_padding
        From `voxels_at_padding`.
    """

    mask: WorkingMask
    axis: BodyAxis
    discs: DiscEvidence
    ends: ColumnEnds
    edges: NDArray[np.int64]
    is_partial: NDArray[np.bool_]
    features: Floats
    rib_areas: NDArray[np.float32]
    joint: NDArray[np.uint8]
    recovered: Floats
    is_orientation_known: bool = True
    misorientation: str = ""
    edges_by_hand: frozenset[int] = frozenset()
    has_arch_above: bool = False
    uncertain_arch: UncertainPart | None = None
    at_padding: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 3), np.int64))

    def __len__(self) -> int:
        return len(self.edges) - 1

    def disc_planes(self) -> list[DiscPlane]:
        """Return the planes of the discs between the segments, from the head down."""
        return [self._disc_plane(int(edge)) for edge in self.edges[1:-1]]

    def _disc_plane(self, edge: int) -> DiscPlane:
        """Return the plane of a disc; where the user split a vertebra, it stays at the cut."""
        if edge in self.edges_by_hand:
            return first_plane(self.discs, edge)
        return disc_plane(self.discs, edge, self.joint, self.mask.origin_zyx, self.axis.line)


def first_plane(discs: DiscEvidence, edge: int) -> DiscPlane:
    """Return the plane of a cut at a station, with the tilt at which there is the least bone."""
    return DiscPlane(float(edge), float(discs.slope_back[edge]), float(discs.slope_left[edge]))


def disc_plane(
    discs: DiscEvidence, edge: int, joint: NDArray[np.uint8], origin: Triple, line: CentreLine
) -> DiscPlane:
    """Return the plane of the disc near a station.

    `joint` is uint8, shape (z, y, x) of the part of the working grid that begins at `origin`.
    """
    reach, (back, left) = DISK_FRACTION * discs.radius_mm[edge], unit_disk()
    first = first_plane(discs, edge)
    return fitted_plane(joint, origin, line, first, reach * back, reach * left)


def find_column(
    mask: SpineMask,
    probability: ProbabilityMap,
    scan: CtVolume | None,
    prior: ChainPrior,
    progress: Progress,
) -> Column | None:
    """Return the row of bodies in a mask; None if the mask contains no spine or less than one body.

    Parameters
    ----------
    scan
        The CT, for ribs, skull and sacrum; None if not available: these then carry no evidence.
    """
    if mask.is_empty:
        return None
    working = working_mask(mask)
    joint = joint_map(working, probability)
    column = _column_in(working, joint, probability, scan, prior, progress)
    if column is None:
        return None
    stray_mm3 = np.count_nonzero(working.voxels) - np.count_nonzero(column.mask.voxels)
    if stray_mm3 > _MUCH_STRAY_MM3:
        cleaned = _column_in(column.mask, joint, probability, scan, prior, progress)
        column = column if cleaned is None else cleaned
    if np.count_nonzero(column.mask.voxels) < _MIN_AREA_MM2 * (column.edges[-1] - column.edges[0]):
        return None
    if scan is None:
        return column
    return replace(
        column,
        is_orientation_known=scan.source.is_orientation_known,
        at_padding=voxels_at_padding(mask, scan),
    )


def _column_in(
    working: WorkingMask,
    joint: NDArray[np.uint8],
    probability: ProbabilityMap,
    scan: CtVolume | None,
    prior: ChainPrior,
    progress: Progress,
) -> Column | None:
    axis = body_axis(probable_bone(working, joint))
    if axis is None:
        return None
    progress.step(FINDING, 0.2)
    around = straightened(working, probability, scan, axis)
    discs = disc_evidence(around, axis.radius_mm)
    progress.step(FINDING, 0.4)
    ends = column_ends(around, discs)
    if ends is None:
        return None
    ribs = rib_areas(around)
    separation, ends = separate_with_anchors(
        discs.dip, discs.radius_mm, ends, prior, ribs.astype(np.float64).mean(axis=1)
    )
    progress.step(FINDING, 0.45)
    edges, ends = within_mask(separation.edges, ends, axis.radius_mm)
    return _column(working, axis, around, discs, ends, edges, joint, ribs)


def probable_bone(mask: WorkingMask, joint: NDArray[np.uint8]) -> WorkingMask:
    """Return the probable bone in and near a mask, and other large parts of the mask.

    The line through the bodies then depends on the bone, and not on small edits or on a threshold.
    `joint` is uint8, shape of the mask, from `joint_map`.
    """
    hole, bite = 2 * _HOLE_MM + 1, 2 * _BITE_MM + 1
    near = maximum_filter(mask.voxels, size=bite, mode="constant")
    filled = minimum_filter(
        maximum_filter(mask.voxels, size=hole, mode="constant"), size=hole, mode="nearest"
    )
    large = maximum_filter(
        minimum_filter(mask.voxels, size=bite, mode="nearest"), size=bite, mode="constant"
    )
    return WorkingMask(large | ((near | filled) & (joint < _PROBABLE)), mask.origin_zyx)


def within_mask(
    edges: NDArray[np.int64], ends: ColumnEnds, radius_mm: Floats
) -> tuple[NDArray[np.int64], ColumnEnds]:
    """Return the cuts and ends, leaving out outermost bodies without bone in the mask.

    Next to a skull or a sacrum there must be a body, so it is kept even without bone. If it is
    shorter than half of its neighbour, though, it is the edge of the skull or the sacrum.

    Parameters
    ----------
    edges
        int64, shape (segments + 1,): ascending stations.
    radius_mm
        float64, shape (stations,): radius of the bone around the line.

    Returns
    -------
    edges, ends
        The remaining cuts, int64, shape (remaining segments + 1,), and where the remaining row
        begins and ends.
    """

    def has_no_bone(end: int, inner: int, further: int, *, is_at_anchor: bool) -> bool:
        """Return whether the body between `end` and `inner` has no bone.

        `further` is the other end of its neighbour.
        """
        is_body = is_at_anchor and 2 * abs(inner - end) >= abs(further - inner)
        body = middle_half(min(end, inner), max(end, inner))
        return not is_body and float(np.median(radius_mm[body])) < SHALLOWEST_MM

    while len(edges) > 2:
        end, inner, further = edges[:3].tolist()
        if not has_no_bone(end, inner, further, is_at_anchor=ends.is_skull_above):
            break
        edges = edges[1:]
        ends = replace(ends, first=int(edges[0]), is_cut_above=False)
    while len(edges) > 2:
        further, inner, end = edges[-3:].tolist()
        if not has_no_bone(end, inner, further, is_at_anchor=ends.is_sacrum_below):
            break
        edges = edges[:-1]
        ends = replace(ends, last=int(edges[-1]), is_cut_below=False)
    return edges, ends


def middle_half(first: int, last: int) -> slice:
    """Return the stations of the middle half of a body between two cuts."""
    quarter = (last - first) // 4
    return slice(first + quarter, max(last - quarter, first + quarter + 1))


def _column(
    working: WorkingMask,
    axis: BodyAxis,
    around: Straightened,
    discs: DiscEvidence,
    ends: ColumnEnds,
    edges: NDArray[np.int64],
    joint: NDArray[np.uint8],
    ribs: NDArray[np.float32],
) -> Column:
    is_partial = partial_segments(edges, ends)
    features = level_features(around.mask, edges, discs.radius_mm, ribs)
    if not is_partial.all():  # otherwise partial segments are the only evidence
        features[is_partial] = np.nan
        if is_partial[-1]:
            features[-1, FEATURES.index(RIB)] = _rib_of_last(ribs, edges)
    voxels = column_voxels(working, axis.line, float(edges[0]), float(edges[-1]))
    return Column(
        WorkingMask(voxels, working.origin_zyx),
        axis,
        discs,
        ends,
        edges,
        is_partial,
        features,
        ribs,
        joint,
        np.full(len(features), np.nan),
    )


def _rib_of_last(ribs: NDArray[np.float32], edges: NDArray[np.int64]) -> float:
    """Return the rib feature of a last segment that the scan cuts off.

    A rib meets the upper part of its vertebra. NaN if this part is not entirely in view.
    """
    usual = int(edges[-2] - edges[-3])
    if edges[-1] - edges[-2] < RIB_PART * usual:
        return np.nan
    return rib_feature(ribs, int(edges[-2]), int(edges[-2]) + usual)


def with_dens_joined(column: Column) -> Column:
    """Return the row with the dens (first segment) as a part of C2 (second segment)."""
    features = column.features[1:].copy()
    is_partial = column.is_partial[1:].copy()
    is_partial[0] = column.ends.is_cut_above
    features[0] = np.nan
    edges = np.delete(column.edges, 1)
    return replace(
        column,
        edges=edges,
        is_partial=is_partial,
        features=features,
        recovered=column.recovered[1:],
    )


def with_straight_top(column: Column) -> Column:
    """Return a row that begins with C2, with a line that is straight above C3."""
    bone = probable_bone(column.mask, column.joint)
    line = straight_above_c3(column.axis.line, int(column.edges[1]), bone)
    return replace(column, axis=replace(column.axis, line=line))


def without_last(column: Column) -> Column:
    """Return the row without its last segment."""
    return replace(
        column,
        edges=column.edges[:-1],
        is_partial=column.is_partial[:-1],
        features=column.features[:-1],
        recovered=column.recovered[:-1],
    )


def split_column(column: Column, number: int, station: int) -> Column:
    """Return the row with one segment cut in two at a station."""
    edges = np.insert(column.edges, number + 1, station)
    parts = [number, number + 1]
    was_partial = column.is_partial[number]
    is_partial = np.insert(column.is_partial, number, was_partial)
    # only the part at the end of the scan is cut off
    is_partial[number], is_partial[number + 1] = (
        was_partial and number == 0,
        was_partial and number == len(column) - 1,
    )
    one_mm = (1.0, 1.0, 1.0)
    mask = sample_along(
        column.mask.voxels, one_mm, column.axis.line, outside=0.0, origin=column.mask.origin_zyx
    )
    features = np.insert(column.features, number, np.nan, axis=0)
    features[parts] = level_features(mask, edges, column.discs.radius_mm, column.rib_areas)[parts]
    features[parts] = np.where(is_partial[parts, None], np.nan, features[parts])
    return replace(
        column,
        edges=edges,
        edges_by_hand=column.edges_by_hand | {station},
        is_partial=is_partial,
        features=features,
        recovered=np.insert(column.recovered, number, column.recovered[number]),
    )


def changed_column(column: Column, mask: SpineMask, probability: ProbabilityMap) -> Column | None:
    """Return the row with the voxels of another mask; None if it is empty or of another length."""
    if mask.is_empty:
        return None
    working = working_mask(mask)
    first, last = float(column.edges[0]), float(column.edges[-1])
    voxels = column_voxels(working, column.axis.line, first, last)
    if abs(_length_mm(working) - _length_mm(column.mask)) > _SAME_LENGTH_MM:
        return None
    return replace(
        column,
        mask=WorkingMask(voxels, working.origin_zyx),
        joint=joint_map(working, probability),
    )


def _length_mm(mask: WorkingMask) -> int:
    return int(np.count_nonzero(mask.voxels.any(axis=(1, 2))))


def joint_map(working: WorkingMask, probability: ProbabilityMap) -> NDArray[np.uint8]:
    """Return how improbable bone is, 0 to 255, on the part of the working grid with the mask.

    uint8, shape (z, y, x).
    """
    z, y, x = (
        slice(first, first + n)
        for first, n in zip(working.origin_zyx, working.voxels.shape, strict=True)
    )
    return np.asarray(255 - (probability.values[z, y, x] >> 8), np.uint8)


def working_mask(mask: SpineMask) -> WorkingMask:
    """Return the mask on the part of the 1 mm working grid that contains it (nearest voxels)."""
    picks, origin = [], []
    grid = mask.geometry
    sides = zip(
        mask.box, grid.spacing_zyx_mm, grid.shape_zyx, working_geometry(grid).shape_zyx, strict=True
    )
    for part, spacing, n, working_n in sides:
        first = max(0, int(np.floor(part.start * spacing)) - 1)
        last = min(working_n, int(np.ceil(part.stop * spacing)) + 1)
        index = np.rint([index_from_working(float(i), spacing) for i in range(first, last)]).astype(
            np.int64
        )
        picks.append(np.clip(index, 0, n - 1))
        origin.append(first)
    return WorkingMask(mask.voxels[np.ix_(*picks)], (origin[0], origin[1], origin[2]))


def straightened(
    working: WorkingMask, probability: ProbabilityMap, scan: CtVolume | None, axis: BodyAxis
) -> Straightened:
    """Return probability, mask and HU along the line."""
    one_mm = (1.0, 1.0, 1.0)
    return Straightened(
        axis.line,
        sample_along(
            probability.values, one_mm, axis.line, outside=0.0, scale=1 / PROBABILITY_SCALE
        ),
        sample_along(working.voxels, one_mm, axis.line, outside=0.0, origin=working.origin_zyx),
        None
        if scan is None
        else sample_along(scan.hu, scan.geometry.spacing_zyx_mm, axis.line, outside=OUTSIDE),
    )


def partial_segments(edges: NDArray[np.int64], ends: ColumnEnds) -> NDArray[np.bool_]:
    """Return whether the scan cuts off each segment: bool, shape (segments,).

    A cut segment is at an end of the scan and clearly shorter than its neighbour; a single segment
    is cut if both its ends are. `edges` is int64, shape (segments + 1,).
    """
    heights = np.diff(edges).astype(np.float64)
    is_partial = np.zeros(len(heights), np.bool_)
    if len(heights) < 2:
        return is_partial | (ends.is_cut_above and ends.is_cut_below)
    is_partial[0] = ends.is_cut_above and heights[0] < _PART * heights[1]
    is_partial[-1] = ends.is_cut_below and heights[-1] < _PART * heights[-2]
    return is_partial
