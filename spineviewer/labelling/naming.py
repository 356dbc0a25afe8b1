"""The labelling stage: separates the mask of a spine into vertebrae and names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.attachment import Attachment, ContinuedBone, UncertainPart
from spineviewer.labelling.borders import (
    SegmentAbove,
    above_first_body,
    bone_below,
    first_disc,
    segment_ends,
    with_arch_above,
)
from spineviewer.labelling.certainty import max_probability, naming_of, notes_on_mask
from spineviewer.labelling.chain import C1, C2, L5, ChainAnswer, neighbour_level
from spineviewer.labelling.column import (
    FINDING,
    Column,
    find_column,
    with_dens_joined,
    with_straight_top,
)
from spineviewer.labelling.cut_parts import BodyCylinder, CutParts, cut_parts, is_body_at_padding
from spineviewer.labelling.disc_planes import DiscPlane
from spineviewer.labelling.misorientation import with_orientation_checked
from spineviewer.labelling.partition import (
    CutSurface,
    edge_slices,
    keep_one_piece_each,
    segment_boxes,
    segments_on_scan,
)
from spineviewer.labelling.priors import Fitted, load_fitted
from spineviewer.labelling.recovery import recover_missing
from spineviewer.labelling.row_names import (
    C2_HEIGHT_MM,
    NameCorrections,
    has_atlas,
    name_column,
    without_last_piece,
)
from spineviewer.labelling.vertebrae import (
    BodyFrame,
    Convention,
    Naming,
    Plane,
    UncertainBone,
    Vertebra,
    Vertebrae,
)
from spineviewer.progress import JobProgress, Progress
from spineviewer.volume.geometry import Box, Geometry, Triple, triple
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER, level_name
from spineviewer.volume.volume import CtVolume, ProbabilityMap, SpineMask, bounding_box
from spineviewer.volume.working_grid import nearest_scan_index, working_geometry
from spineviewer.wording import worded

Floats = NDArray[np.float64]

#: Choice: the anterior arch of C1 is this close to the median plane.
_ATLAS_MIDDLE_MM = 4.0


@dataclass(frozen=True, eq=False)
class Labelling:
    """The named vertebrae of a scan, and everything needed to correct them. Compared by identity.

    Attributes
    ----------
    vertebrae
        The result.
    column
        The row of bodies; None if there is none.
    segments
        uint8 on the scan's grid: 1 for the first segment, 0 for none.
    above
        What the first segment is if it is not the first body.
    answer
        The chain's names and their probabilities; None if there are no bodies.
    corrections
        The corrections that were applied.
    uncertain
        Parts that may belong to a neighbouring segment, on the scan's grid.
    """

    vertebrae: Vertebrae
    column: Column | None
    segments: NDArray[np.uint8]
    above: SegmentAbove
    answer: ChainAnswer | None
    corrections: NameCorrections
    uncertain: tuple[UncertainPart, ...] = ()


def label_vertebrae(
    mask: SpineMask,
    probability: ProbabilityMap,
    scan: CtVolume | None,
    *,
    corrections: NameCorrections | None = None,
    fitted: Fitted | None = None,
    progress: Progress | None = None,
    recovers: bool = True,
) -> Labelling:
    """Return the vertebrae into which a mask is separated, with their names.

    Parameters
    ----------
    scan
        The CT on the mask's grid; None if not available: ribs, skull and sacrum then carry no
        evidence.
    recovers
        Whether vertebrae that the mask lacks are recovered from the probability.

    Raises
    ------
    Cancelled
        When `progress` raises it.
    """
    fitted = fitted or load_fitted()
    corrections = corrections or NameCorrections()
    progress = progress or JobProgress()
    column = find_column(mask, probability, scan, fitted.chain, progress)
    if column is None:
        return _without_vertebrae(mask, corrections)
    column = with_orientation_checked(column, fitted.shape, scan)
    progress.step(FINDING, 0.5)
    answer = name_column(column, fitted, corrections, may_show_atlas=True)
    progress.step(FINDING, 0.6)
    if answer.levels[0] == C1:
        column, answer = with_dens_joined(column), answer.part(slice(1, None))
    column, answer = without_last_piece(column, answer)
    if has_atlas(answer.levels):
        column = with_straight_top(column)
    scan_stop = working_geometry(mask.geometry).shape_zyx[0]
    column, cuts = with_arch_above(column, answer.levels, fitted, scan_stop)
    recovery = recover_missing(column, mask, probability, cuts, recovers=recovers)
    column, recovered_mask = recovery.column, recovery.mask
    partition = partition_of(recovered_mask, column, cuts, recovery.lost)
    segments = partition.segments
    progress.step(FINDING, 0.8)
    # A process attached by a thin bridge may be disconnected on the scan's own grid.
    box, grid, count = recovered_mask.box, mask.geometry, len(cuts) + 1
    kept_at = {
        number: edge_slices(box[0], grid.shape_zyx[0], grid.spacing_zyx_mm[0], is_upper=number == 1)
        for number in _cut_segments(column, cuts)
    }
    segments[box] = keep_one_piece_each(
        segments[box], count, kept_at=kept_at, voxel_mm3=1000 * grid.voxel_volume_ml
    )
    progress.step(FINDING, 0.9)
    return labelled(
        column,
        segments,
        answer,
        mask.geometry,
        corrections,
        fitted,
        above=above_first_body(column, answer.levels),
        stray_ml=stray_ml(mask, segments),
        uncertain=partition.uncertain,
    )


def _cut_segments(column: Column, cuts: Sequence[CutSurface]) -> list[int]:
    """Return the numbers of the segments that an end of the scan cuts off.

    `cuts` are the borders between all segments.
    """
    is_body = len(cuts) < len(column)
    is_first_cut = column.has_arch_above or (is_body and bool(column.is_partial[0]))
    ends = ((1, is_first_cut), (len(cuts) + 1, bool(column.is_partial[-1])))
    return [number for number, is_cut in ends if is_cut]


def stray_ml(mask: SpineMask, segments: NDArray[np.uint8]) -> float:
    """Return the volume of the part of a mask that is in no segment.

    `segments` is uint8, shape of the mask.
    """
    unassigned = mask.voxels[mask.box] & (segments[mask.box] == 0)
    return int(np.count_nonzero(unassigned)) * mask.geometry.voxel_volume_ml


@dataclass(frozen=True, eq=False)
class Partition:
    """The segments of a mask.

    Attributes
    ----------
    segments
        uint8, shape (z, y, x) of the scan: 1 for the first segment, 0 for none.
    uncertain
        Parts that may belong to a neighbouring segment, on the scan's grid.
    """

    segments: NDArray[np.uint8]
    uncertain: tuple[UncertainPart, ...]

    def shifted(self, by: int) -> Partition:
        """Return the partition with the numbers of all segments changed."""
        return Partition(
            np.where(self.segments > 0, self.segments + np.uint8(by), np.uint8(0)),
            tuple(
                replace(part, segment=part.segment + by, other=part.other + by)
                for part in self.uncertain
            ),
        )


def partition_of(
    mask: SpineMask, column: Column, cuts: Sequence[CutSurface], lost: Sequence[int] = ()
) -> Partition:
    """Return the segments of a mask.

    Parameters
    ----------
    cuts
        The borders between all segments. Segment 1 is above the first of them.
    lost
        Numbers of the bodies whose voxels become part of the neighbouring bodies.
    """
    grid = mask.geometry
    bone = ContinuedBone.of(column.mask, column.joint, working_geometry(grid).shape_zyx[0])
    kept_at = bone.kept_at_edges(_cut_segments(column, cuts))
    attachment = Attachment(bone, column.axis.line, kept_at)
    first = 2 + len(cuts) - len(column)
    segments = attachment.segments(cuts, [first + number for number in lost])
    at_ends = (column.uncertain_arch, bone_below(column, cuts))
    uncertain = [*attachment.uncertain, *filter(None, at_ends)]
    return Partition(
        segments_on_scan(segments, column.mask, mask),
        tuple(
            replace(part, index_zyx=nearest_scan_index(part.index_zyx, grid)) for part in uncertain
        ),
    )


def labelled(
    column: Column,
    segments: NDArray[np.uint8],
    answer: ChainAnswer,
    grid: Geometry,
    corrections: NameCorrections,
    fitted: Fitted,
    *,
    above: SegmentAbove,
    stray_ml: float,
    uncertain: Sequence[UncertainPart] = (),
) -> Labelling:
    """Return the labelling that gives segments the names of a row.

    Parameters
    ----------
    segments
        uint8, shape of `grid`: 1 for the first segment.
    above
        What the first segment is if it is not the first body.
    stray_ml
        Volume of the mask that is in no segment.
    uncertain
        Parts that may belong to a neighbouring segment, on the scan's grid.
    """
    levels = answer.levels.tolist()
    first = _levels_above(levels[0], above)
    numbers = np.array([0] + [VERSE_ORDER[k] for k in [*first, *levels]], np.uint8)
    part = bounding_box(segments > 0)
    labels = np.zeros_like(segments)
    labels[part] = numbers[segments[part]]
    boxes = _boxes_within(labels, part, int(numbers.max()))
    present, missing = _bodies(column, answer, labels, boxes, grid, corrections, fitted)
    if present and first and first != levels[:1]:
        label = VERSE_ORDER[first[0]]
        if (box := boxes[label]) is not None:
            vertebra = (
                _arch(column, present[0], label, labels, box, grid)
                if above is SegmentAbove.ARCH
                else _atlas(present[0], label, labels, box, grid)
            )
            present.insert(0, vertebra)
    notes = notes_on_mask(
        column,
        answer.levels,
        corrections,
        missing=missing,
        recovered=[vertebra.name for vertebra in present if vertebra.is_recovered],
        stray_ml=stray_ml,
    )
    naming = naming_of(column, answer, corrections, fitted, grid, notes)
    # A part that the user has moved is no longer uncertain.
    uncertain = tuple(part for part in uncertain if segments[part.index_zyx] == part.segment)
    bone = _uncertain_bone(uncertain, numbers)
    present = [_with_neighbours(vertebra, bone) for vertebra in present]
    vertebrae = Vertebrae(labels, grid, tuple(present), naming, stray_ml, bone)
    return Labelling(vertebrae, column, segments, above, answer, corrections, uncertain)


def _uncertain_bone(
    parts: Sequence[UncertainPart], numbers: NDArray[np.uint8]
) -> tuple[UncertainBone, ...]:
    """Return uncertain parts with the labels of their vertebrae.

    `numbers` is uint8: the label of each segment. The first and last segments may include part of
    the levels above and below; below L5 is the sacrum.
    """
    first, last = (VERSE_ORDER.index(int(numbers[end])) for end in (1, -1))
    beyond = (neighbour_level(first, -1), neighbour_level(last, 1) if last < L5 else None)
    above, below = (0 if level is None else VERSE_ORDER[level] for level in beyond)
    labels = [above, *numbers[1:].tolist(), below]
    pairs = ((part, labels[part.segment], labels[part.other]) for part in parts)
    return tuple(
        UncertainBone(part.index_zyx, part.size_ml, label, other)
        for part, label, other in pairs
        if other not in (0, label)
    )


def _with_neighbours(vertebra: Vertebra, bone: Sequence[UncertainBone]) -> Vertebra:
    others = {one.other_label for one in bone if one.label == vertebra.label}
    names = [level_name(label) for label in sorted(others, key=VERSE_ORDER.index)]
    return replace(vertebra, may_include=tuple(names))


def _levels_above(first: int, above: SegmentAbove) -> list[int]:
    """Return the level of the segment above a body at level `first`; empty if there is none."""
    if above is SegmentAbove.NOTHING:
        return []
    level = neighbour_level(first, -1)
    # If the body is not C2 after all, the part that was separated from it as C1 belongs to it.
    belongs_to_body = level is None or (above is SegmentAbove.ATLAS_BY_NAME and first != C2)
    return [first if belongs_to_body or level is None else level]


def _bodies(
    column: Column,
    answer: ChainAnswer,
    labels: NDArray[np.uint8],
    boxes: dict[int, Box | None],
    grid: Geometry,
    corrections: NameCorrections,
    fitted: Fitted,
) -> tuple[list[Vertebra], list[str]]:
    """Return the vertebrae with a body that have voxels, and the names of those that have none.

    Parameters
    ----------
    labels
        uint8, shape of `grid`: VerSe numbers.
    boxes
        The smallest box of each number; None without a voxel.
    """
    limit = max_probability(column, answer.levels, corrections, grid)
    probability = np.minimum(fitted.calibration(answer.chosen_probability), limit)
    planes = column.disc_planes()
    stations = segment_ends(column, planes)
    discs = [None, *(_disc(column, k, plane, grid) for k, plane in enumerate(planes, 1)), None]
    present, missing = [], []
    for number, level in enumerate(answer.levels.tolist()):
        label = VERSE_ORDER[level]
        box = boxes[label]
        if box is None:
            missing.append(LEVEL_NAMES[level])
            continue
        is_set = number in corrections.manual_labels
        level_probability = 1.0 if is_set else float(probability[number])
        if np.isfinite(column.recovered[number]):
            level_probability *= float(column.recovered[number])
        present.append(
            _vertebra(
                column,
                number,
                level,
                grid,
                labels,
                box,
                ends=(float(stations[number]), float(stations[number + 1])),
                discs=(discs[number], discs[number + 1]),
                volume_ml=int(np.count_nonzero(labels[box] == label)) * grid.voxel_volume_ml,
                probability=level_probability,
                is_set_by_hand=is_set,
            )
        )
    return present, missing


def _boxes_within(labels: NDArray[np.uint8], part: Box, count: int) -> dict[int, Box | None]:
    """Return the smallest box of each number up to `count`; all their voxels are in `part`."""
    z, y, x = (side.start for side in part)
    return {
        number: box
        and (
            slice(box[0].start + z, box[0].stop + z),
            slice(box[1].start + y, box[1].stop + y),
            slice(box[2].start + x, box[2].stop + x),
        )
        for number, box in enumerate(segment_boxes(labels[part], count), start=1)
    }


def _atlas(
    axis: Vertebra, label: int, labels: NDArray[np.uint8], box: Box, grid: Geometry
) -> Vertebra:
    """Return C1, centred on its ring and as certain as C2.

    If the user has given C2 another name, it is the vertebra above that one.
    """
    voxels = np.argwhere(labels[box] == label) + [part.start for part in box]
    along = grid.point_lps_mm(voxels) @ np.array(axis.frame.down_lps)
    return replace(
        axis,
        name=level_name(label),
        label=label,
        cut=cut_parts(labels, label, box, None, grid),
        body_centre_lps_mm=triple(grid.point_lps_mm(voxels.mean(axis=0))),
        upper_disc=None,
        lower_disc=None,
        height_mm=float(np.ptp(along)),
        volume_ml=len(voxels) * grid.voxel_volume_ml,
        box=box,
        is_set_by_hand=False,
        arch_lps_mm=_anterior_arch(voxels, axis, grid)
        if label == VERSE_ORDER[C1]
        else _middle_of(voxels, grid),
    )


def _anterior_arch(voxels: NDArray[np.int64], axis: Vertebra, grid: Geometry) -> Triple:
    """Return the LPS position of the voxel in the middle of C1's anterior arch.

    `voxels` is int64, shape (n, 3). The dens is inside the ring, so the ring's centre is not bone
    of C1. Without bone in the middle of the ring's front half, the voxel nearest to the centre of
    all voxels is used.
    """
    off = grid.point_lps_mm(voxels - voxels.mean(axis=0)) - grid.point_lps_mm(np.zeros(3))
    is_in_middle = np.abs(off @ np.array(axis.frame.left_lps)) < _ATLAS_MIDDLE_MM
    is_in_front = off @ np.array(axis.frame.back_lps) < 0
    front = voxels[is_in_middle & is_in_front]
    return _middle_of(front if len(front) else voxels, grid)


def _middle_of(voxels: NDArray[np.int64], grid: Geometry) -> Triple:
    """Return the LPS position of the voxel nearest to the centre of `voxels`, int64, (n, 3)."""
    away = np.linalg.norm(voxels - voxels.mean(axis=0), axis=1)
    return triple(grid.point_lps_mm(voxels[away.argmin()]))


def _arch(
    column: Column,
    first: Vertebra,
    label: int,
    labels: NDArray[np.uint8],
    box: Box,
    grid: Geometry,
) -> Vertebra:
    """Return the vertebra above the first one, of which only part of the arch is in view."""
    voxels = np.argwhere(labels[box] == label) + [side.start for side in box]
    line = column.axis.line
    station, height = first_disc(column, column.disc_planes())
    along = station - 0.5 * height
    centre = line.point_at(max(along, 0.0)) + min(along, 0.0) * line.down[0]
    return replace(
        first,
        name=level_name(label),
        label=label,
        cut=CutParts.BODY | cut_parts(labels, label, box, None, grid),
        body_centre_lps_mm=_point(centre, grid),
        upper_disc=None,
        lower_disc=None,
        height_mm=height,
        volume_ml=len(voxels) * grid.voxel_volume_ml,
        box=box,
        is_set_by_hand=False,
        is_recovered=False,
        arch_lps_mm=_middle_of(voxels, grid),
    )


def _vertebra(
    column: Column,
    number: int,
    level: int,
    grid: Geometry,
    labels: NDArray[np.uint8],
    box: Box,
    *,
    ends: tuple[float, float],
    discs: tuple[Plane | None, Plane | None],
    volume_ml: float,
    probability: float,
    is_set_by_hand: bool,
) -> Vertebra:
    line = column.axis.line
    first, last = ends
    # The tip of the dens is not part of the body.
    half = min(last - first, C2_HEIGHT_MM) / 2 if level == C2 else (last - first) / 2
    centre = line.point_at(last - half)
    middle = min(max(round(last - half), 0), len(line.points_mm) - 1)
    radius = float(column.discs.radius_mm[middle])
    frame = BodyFrame(
        *(_direction(values[middle], grid) for values in (line.down, line.left, line.back))
    )
    cylinder = BodyCylinder(_point(centre, grid), frame.down_lps, frame.back_lps, radius)
    cut = cut_parts(labels, VERSE_ORDER[level], box, cylinder, grid)
    is_body_cut = column.is_partial[number] or is_body_at_padding(
        column.at_padding, labels, VERSE_ORDER[level], cylinder, grid
    )
    return Vertebra(
        name=LEVEL_NAMES[level],
        label=VERSE_ORDER[level],
        probability=probability,
        cut=cut | CutParts.BODY if is_body_cut else cut,
        body_centre_lps_mm=_point(centre, grid),
        frame=frame,
        upper_disc=discs[0],
        lower_disc=discs[1],
        body_radius_mm=radius,
        height_mm=last - first,
        volume_ml=volume_ml,
        box=box,
        is_set_by_hand=is_set_by_hand,
        is_recovered=bool(np.isfinite(column.recovered[number])),
    )


def _disc(column: Column, number: int, plane: DiscPlane, grid: Geometry) -> Plane:
    line, station = column.axis.line, int(column.edges[number])
    normal = (
        line.down[station]
        - plane.slope_back * line.back[station]
        - plane.slope_left * line.left[station]
    )
    return Plane(
        _point(line.point_at(plane.station), grid),
        _direction(normal / np.linalg.norm(normal), grid),
    )


def _point(place_mm: Floats, grid: Geometry) -> Triple:
    """Return the LPS position of a point in the frame of the line, in mm along the scan's axes."""
    x, y, z = grid.point_lps_mm(place_mm / np.array(grid.spacing_zyx_mm) - 0.5).tolist()
    return x, y, z


def _direction(along_axes: Floats, grid: Geometry) -> Triple:
    x, y, z = (along_axes @ np.array(grid.axes_lps)).tolist()
    return x, y, z


def _without_vertebrae(mask: SpineMask, corrections: NameCorrections) -> Labelling:
    """Return the labelling of a mask without a vertebral body."""
    labels = np.zeros(mask.geometry.shape_zyx, np.uint8)
    warnings = (
        ()
        if mask.is_empty
        else (worded("No vertebral body was found in the mask, so no vertebra was named."),)
    )
    naming = Naming(Convention.SPACING, 0.0, 0.0, 0.0, (), warnings)
    return Labelling(
        Vertebrae(labels, mask.geometry, (), naming, mask.volume_ml),
        None,
        labels,
        SegmentAbove.NOTHING,
        None,
        corrections,
    )
