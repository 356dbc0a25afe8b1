"""The labelling stage: separates the mask of a spine into vertebrae and names them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.borders import (
    Above,
    above_first_body,
    first_disc,
    segment_ends,
    with_arch_above,
)
from spineviewer.labelling.certainty import max_probability, naming_of, notes_on_mask
from spineviewer.labelling.chain import C1, C2, ChainAnswer, neighbour_level
from spineviewer.labelling.column import (
    FINDING,
    Column,
    find_column,
    with_dens_joined,
    with_straight_top,
)
from spineviewer.labelling.disc_planes import DiscPlane
from spineviewer.labelling.misorientation import with_orientation_checked
from spineviewer.labelling.partition import (
    CutSurface,
    flood_band,
    keep_one_piece_each,
    segment_boxes,
    segments_by_surface,
    segments_on_scan,
    upper_edge,
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
    Vertebra,
    Vertebrae,
)
from spineviewer.progress import JobProgress, Progress
from spineviewer.volume.geometry import Box, Geometry, Triple, triple
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER, level_name
from spineviewer.volume.volume import CtVolume, ProbabilityMap, SpineMask, bounding_box
from spineviewer.volume.working_grid import working_geometry
from spineviewer.wording import worded

Floats = NDArray[np.float64]

#: Choice: a body is cut off if more than this fraction of its cross-section is at an edge of the
#: scan. In 13 real scans, the fraction was at most 0.39 for bodies with both endplates in view, and
#: otherwise at least 0.52.
_CUT_FRACTION = 0.45
#: Choice: more than the tip of a process. In 14 real scans, arches cut by an edge have at least 120
#: mm² there, and tips of processes at most 78 mm².
_MIN_CUT_MM2 = 100.0


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
        The chain's names and their probabilities.
    corrections
        The corrections that were applied.
    """

    vertebrae: Vertebrae
    column: Column | None
    segments: NDArray[np.uint8]
    above: Above
    answer: ChainAnswer | None
    corrections: NameCorrections


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
    """Separate a mask into vertebrae and name them.

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
    segments = segments_in(recovered_mask, column, cuts, recovery.lost)
    progress.step(FINDING, 0.8)
    # A process attached by a thin bridge may be disconnected on the scan's own grid.
    box, grid, count = recovered_mask.box, mask.geometry, len(cuts) + 1
    edge = upper_edge(box[0], grid.shape_zyx[0], grid.spacing_zyx_mm[0])
    segments[box] = keep_one_piece_each(
        segments[box],
        count,
        edge=edge if _is_first_cut(column, cuts) else None,
        voxel_mm3=1000 * grid.voxel_volume_ml,
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
    )


def _is_first_cut(column: Column, cuts: Sequence[CutSurface]) -> bool:
    """Return whether the scan cuts off the first segment; `cuts` are all borders."""
    is_body = len(cuts) < len(column)
    return column.has_arch_above or (is_body and bool(column.is_partial[0]))


def stray_ml(mask: SpineMask, segments: NDArray[np.uint8]) -> float:
    """Return the volume of the part of a mask that is in no segment.

    `segments` is uint8, shape of the mask.
    """
    unassigned = mask.voxels[mask.box] & (segments[mask.box] == 0)
    return int(np.count_nonzero(unassigned)) * mask.geometry.voxel_volume_ml


def segments_in(
    mask: SpineMask, column: Column, cuts: Sequence[CutSurface], lost: Sequence[int] = ()
) -> NDArray[np.uint8]:
    """Return the segment of each voxel of a mask: uint8, shape (z, y, x) of the scan.

    Parameters
    ----------
    cuts
        The borders between all segments. Segment 1 is above the first of them.
    lost
        Numbers of the bodies whose voxels become part of the neighbouring bodies.
    """
    by_surface, in_band = segments_by_surface(column.mask, column.axis.line, cuts)
    count, first = len(cuts) + 1, 2 + len(cuts) - len(column)
    start, scan_stop = column.mask.origin_zyx[0], working_geometry(mask.geometry).shape_zyx[0]
    rows = slice(start, start + len(by_surface))
    segments = keep_one_piece_each(
        flood_band(by_surface, in_band, column.joint),
        count,
        [first + number for number in lost],
        edge=upper_edge(rows, scan_stop, 1.0) if _is_first_cut(column, cuts) else None,
    )
    return segments_on_scan(segments, column.mask, mask)


def labelled(
    column: Column,
    segments: NDArray[np.uint8],
    answer: ChainAnswer,
    grid: Geometry,
    corrections: NameCorrections,
    fitted: Fitted,
    *,
    above: Above,
    stray_ml: float,
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
    """
    levels = answer.levels.tolist()
    first = _levels_above(levels[0], above)
    numbers = np.array([0] + [VERSE_ORDER[k] for k in [*first, *levels]], np.uint8)
    part = bounding_box(segments > 0)
    labels = np.zeros_like(segments)
    labels[part] = numbers[segments[part]]
    boxes = _boxes_within(labels, part, int(numbers.max()))
    present, missing = _bodies(column, answer, labels, boxes, grid, corrections, fitted)
    if present and column.may_include_arch_above:
        level = neighbour_level(levels[0], -1)
        present[0] = replace(present[0], may_include="" if level is None else LEVEL_NAMES[level])
    if present and first and first != levels[:1]:
        label = VERSE_ORDER[first[0]]
        if (box := boxes[label]) is not None:
            present.insert(
                0,
                _atlas(column, present[0], labels, box, grid)
                if first == [C1]
                else _arch(column, present[0], label, labels, box, grid),
            )
    notes = notes_on_mask(
        column,
        answer.levels,
        corrections,
        missing=missing,
        recovered=[vertebra.name for vertebra in present if vertebra.is_recovered],
        stray_ml=stray_ml,
    )
    naming = naming_of(column, answer, corrections, fitted, grid, notes)
    vertebrae = Vertebrae(labels, grid, tuple(present), naming, stray_ml)
    return Labelling(vertebrae, column, segments, above, answer, corrections)


def _levels_above(first: int, above: Above) -> list[int]:
    """Return the level of the segment above a body, by the body's level; empty if there is none."""
    if above is Above.NOTHING:
        return []
    level = neighbour_level(first, -1)
    # If the first body is not C2 after all, what seemed to be C1 takes its name.
    return [first if level is None or (above is Above.ATLAS and first != C2) else level]


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
        is_set = number in corrections.clamped
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
    column: Column, axis: Vertebra, labels: NDArray[np.uint8], box: Box, grid: Geometry
) -> Vertebra:
    """Return C1, centred on its ring and as certain as C2."""
    voxels = np.argwhere(labels[box] == VERSE_ORDER[C1]) + [part.start for part in box]
    x, y, z = grid.point_lps_mm(voxels.mean(axis=0)).tolist()
    along = grid.point_lps_mm(voxels) @ np.array(axis.frame.down_lps)
    return replace(
        axis,
        name=LEVEL_NAMES[C1],
        label=VERSE_ORDER[C1],
        is_partial=column.ends.is_cut_above,
        body_centre_lps_mm=(x, y, z),
        upper_disc=None,
        lower_disc=None,
        height_mm=float(np.ptp(along)),
        volume_ml=len(voxels) * grid.voxel_volume_ml,
        box=box,
        is_set_by_hand=False,
    )


def _arch(
    column: Column,
    first: Vertebra,
    label: int,
    labels: NDArray[np.uint8],
    box: Box,
    grid: Geometry,
) -> Vertebra:
    """Return the vertebra above the first one, of which only part of the arch is in view."""
    part = labels[box] == label
    voxels = np.argwhere(part) + [side.start for side in box]
    middle = voxels[np.linalg.norm(voxels - voxels.mean(axis=0), axis=1).argmin()]
    line = column.axis.line
    station, height = first_disc(column, column.disc_planes())
    along = station - 0.5 * height
    centre = line.point_at(max(along, 0.0)) + min(along, 0.0) * line.down[0]
    return replace(
        first,
        name=level_name(label),
        label=label,
        is_partial=True,
        body_centre_lps_mm=_point(centre, grid),
        upper_disc=None,
        lower_disc=None,
        height_mm=height,
        volume_ml=len(voxels) * grid.voxel_volume_ml,
        box=box,
        is_set_by_hand=False,
        is_recovered=False,
        arch_lps_mm=triple(grid.point_lps_mm(middle)),
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
    # The dens is not part of the body.
    half = min(last - first, C2_HEIGHT_MM) / 2 if level == C2 else (last - first) / 2
    centre = line.point_at(last - half)
    middle = min(max(round(last - half), 0), len(line.points_mm) - 1)
    radius = float(column.discs.radius_mm[middle])
    frame = BodyFrame(
        *(_direction(values[middle], grid) for values in (line.down, line.left, line.back))
    )
    is_body_cut, is_cut_at_edge = _cuts(
        labels, VERSE_ORDER[level], box, centre, line.down[middle], radius, grid
    )
    return Vertebra(
        name=LEVEL_NAMES[level],
        label=VERSE_ORDER[level],
        probability=probability,
        is_partial=bool(column.is_partial[number]) or is_body_cut,
        is_cut_at_edge=is_cut_at_edge,
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


def _cuts(
    labels: NDArray[np.uint8],
    label: int,
    box: Box,
    centre_mm: Floats,
    down: Floats,
    radius_mm: float,
    grid: Geometry,
) -> tuple[bool, bool]:
    """Return whether an edge of the scan cuts off a large part of the body, and whether any."""
    spacing, is_body_cut, is_cut_at_edge = np.array(grid.spacing_zyx_mm), False, False
    for axis, (part, size) in enumerate(zip(box, grid.shape_zyx, strict=True)):
        for index in {0, size - 1} & {part.start, part.stop - 1}:
            face = (*box[:axis], slice(index, index + 1), *box[axis + 1 :])
            voxels = np.argwhere(labels[face] == label) + [side.start for side in face]
            offset = (voxels + 0.5) * spacing - centre_mm
            offset -= np.outer(offset @ down, down)
            count = int(np.count_nonzero(np.linalg.norm(offset, axis=1) < radius_mm))
            pixel_mm2 = float(np.prod(np.delete(spacing, axis)))
            is_body_cut |= count * pixel_mm2 > _CUT_FRACTION * math.pi * radius_mm**2
            is_cut_at_edge |= len(voxels) * pixel_mm2 > _MIN_CUT_MM2
    return is_body_cut, is_cut_at_edge


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
        Above.NOTHING,
        None,
        corrections,
    )
