"""The labelling stage: separates the mask of a spine into vertebrae and names them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.chain import (
    C1,
    C2,
    C3,
    C7,
    IMPOSSIBLE,
    L1,
    L4,
    L5,
    L6,
    LEVELS,
    REST,
    T1,
    T11,
    T12,
    T13,
    ChainAnswer,
    ChainPrior,
    Row,
    answer_from_rows,
    possible_rows,
)
from spineviewer.labelling.column import (
    FINDING,
    Column,
    find_column,
    with_dens_joined,
    with_straight_top,
    without_last,
)
from spineviewer.labelling.cues import NECK_RADIUS_MM
from spineviewer.labelling.disc_planes import DiscPlane
from spineviewer.labelling.features import RIB
from spineviewer.labelling.misorientation import with_orientation_checked
from spineviewer.labelling.partition import (
    ATLAS_PITCH_MM,
    NECK_BODY,
    CutSurface,
    flood_band,
    keep_one_piece_each,
    segment_boxes,
    segments_by_surface,
    segments_on_scan,
)
from spineviewer.labelling.priors import Fitted, load_fitted
from spineviewer.labelling.recovery import recover_missing
from spineviewer.labelling.separation import (
    DENS_LENGTH_MM,
    EVEN_DIP,
    FAINT_DIP,
    cut_length_evidence,
)
from spineviewer.labelling.vertebrae import (
    CERTAIN,
    LIKELY,
    MERGED,
    UNORIENTED,
    UNRELIABLE,
    Alternative,
    BodyFrame,
    Convention,
    Naming,
    Plane,
    Vertebra,
    Vertebrae,
    shows_discs,
)
from spineviewer.progress import JobProgress, Progress
from spineviewer.volume.geometry import Box, Geometry, Triple
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER
from spineviewer.volume.volume import CtVolume, ProbabilityMap, SpineMask, bounding_box
from spineviewer.wording import worded

Floats = NDArray[np.float64]

#: Log evidence against a name that a skull above or a sacrum below excludes.
_END_EVIDENCE = 3.5
#: Choice: weight of the shape of a body at the end of the scan, which may be cut off.
_RELIANCE_AT_CUT = 0.35
#: Log probability that a first segment that the scan cuts off is C1 with the dens.
_LOG_DENS_APART = -2.0
#: Choice: with no more bodies than this, the dens below a skull is not distinguished from C2.
_BODIES_BELOW_DENS = 4
#: Height of C2 above the disc below it, without most of its dens.
_C2_HEIGHT_MM = 0.84 * DENS_LENGTH_MM
#: Choice: logarithm of the fraction of cut-off masks that end with a piece below the lowest free
#: vertebra (the top of the sacrum, or a faint end of the vertebra). It was present in 5 of 44
#: training crops that end at this level.
_LOG_END_PIECE = float(np.log(0.1))
#: Choice: mean length of this piece. In those crops, it was 7 to 8 mm long.
_END_PIECE_MM = 8.0
#: Logarithm of the fraction of people whose lowest free vertebra is L4.
_LOG_SACRALISED = float(np.log(0.04))
#: Choice: half the height of the band around the border between C1 and C2 in which a watershed
#: decides, in units of `ATLAS_PITCH_MM`: among the best of 0.1 to 0.35 on training cases.
_ATLAS_BAND = 0.15
#: Choice: the same for all other borders, in units of the height of the shorter level, so that the
#: middle of an arch is never in two bands.
_BAND = 0.25
#: Maximum number of alternatives that are offered.
_MAX_OFFERED = 3
#: Minimum probability of each of them except the first.
_MIN_OFFERED = 0.02
#: Choice: smallest volume of bone outside all vertebrae that is reported: half of the smallest
#: vertebra.
_MIN_STRAY_ML = 5.0
#: Choice: a body is cut off if more than this fraction of its cross-section is at an edge of the
#: scan. In 13 real scans, the fraction was at most 0.39 for bodies with both endplates in view, and
#: otherwise at least 0.52.
_CUT_FRACTION = 0.45
#: Choice: a body that is longer than both neighbours by this factor counts as several vertebrae.
#: This happened in none of 209 crops.
_TOO_LONG = 1.7
#: A dip this close to a cut belongs to the disc at that cut.
_NO_DISC_MM = 8
#: Names by another convention contradict the chosen ones only if they are at least this probable.
_DECIDED = 0.8
ANCHORLESS = worded(
    "The vertebrae were named by their size and spacing alone, so the names may be off "
    "by one level or more."
)
MERGED_VERTEBRAE = worded(
    "The mask shows no disc space between some vertebrae, so they may be counted wrongly. Check "
    "the names, and split or merge vertebrae if needed."
)
RECUT_ODDLY = worded(
    "A vertebra was split where the mask shows no gap, or vertebrae were merged across a gap, so "
    "they may be counted wrongly. If you know the level of one vertebra, set its name."
)
UNORIENTED_NAMES = worded(
    "The file does not state the orientation, so the vertebrae may be named from the wrong "
    "end. Check the names."
)
UNCERTAIN = worded("The names are uncertain. Check them, and shift them by one level if needed.")
UNKNOWN = worded(
    "The levels are unknown, and the names are only a best guess. If you know the level of one "
    "vertebra, set its name."
)


@dataclass(frozen=True)
class NameCorrections:
    """The user's corrections to names.

    Attributes
    ----------
    clamped
        VerSe numbers of the names set by hand, by segment (0 is the topmost one).
    has_anomalies
        Whether T13, L6 and a missing T12 are considered.
    before_recut
        Probability of the names before the user first split or merged vertebrae; None if the user
        did not. Names cannot become more probable than this, because a wrong cut could otherwise
        make wrong names look certain.
    """

    clamped: Mapping[int, int] = field(default_factory=dict)
    has_anomalies: bool = True
    before_recut: float | None = None


@dataclass(frozen=True, eq=False)
class Labelling:
    """The named vertebrae of a scan, and everything needed to correct them. Equal only to itself.

    Attributes
    ----------
    vertebrae
        The result.
    column
        The row of bodies; None if there is none.
    segments
        uint8 on the scan's grid: 1 for the first segment, 0 for none.
    has_atlas_segment
        Whether the first segment is C1, which is not a body; all other segments are bodies.
    answer
        The chain's names and their probabilities.
    corrections
        The corrections that were applied.
    """

    vertebrae: Vertebrae
    column: Column | None
    segments: NDArray[np.uint8]
    has_atlas_segment: bool
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
    cuts = cut_surfaces(column, answer.levels, fitted)
    recovery = recover_missing(column, mask, probability, cuts, recovers=recovers)
    column, recovered_mask = recovery.column, recovery.mask
    segments = segments_in(recovered_mask, column, answer, fitted, recovery.lost)
    progress.step(FINDING, 0.8)
    # A process attached by a thin bridge may be disconnected on the scan's own grid.
    segments[recovered_mask.box] = keep_one_piece_each(
        segments[recovered_mask.box], len(column) + int(has_atlas(answer.levels))
    )
    progress.step(FINDING, 0.9)
    return labelled(
        column,
        segments,
        answer,
        mask.geometry,
        corrections,
        fitted,
        has_atlas_segment=has_atlas(answer.levels),
        stray_ml=stray_ml(mask, segments),
    )


def stray_ml(mask: SpineMask, segments: NDArray[np.uint8]) -> float:
    """Return the volume of the part of a mask that is in no segment.

    `segments` is uint8, shape of the mask.
    """
    unassigned = mask.voxels[mask.box] & (segments[mask.box] == 0)
    return int(np.count_nonzero(unassigned)) * mask.geometry.voxel_volume_ml


def name_column(
    column: Column,
    fitted: Fitted,
    corrections: NameCorrections,
    *,
    may_show_atlas: bool = False,
    is_last_vertebra: bool = False,
) -> ChainAnswer:
    """Return the names of a row of bodies.

    Parameters
    ----------
    may_show_atlas
        Whether the first segment may be C1 with the dens, separate from the body of C2.
    is_last_vertebra
        Whether the last segment is known to be a vertebra, and not a piece below the last vertebra.
    """
    evidence = _end_evidence(column, fitted.chain)
    if may_show_atlas and len(column) > 1:
        if column.ends.is_cut_above:
            evidence[0, C1] = _LOG_DENS_APART
        elif column.ends.is_skull_above and len(column) > _BODIES_BELOW_DENS:
            evidence[0, C1] = -_END_EVIDENCE
    for segment, label in corrections.clamped.items():
        if 0 <= segment < len(column):
            level = VERSE_ORDER.index(label)
            others = np.arange(LEVELS) != level
            evidence[segment, others] = IMPOSSIBLE
            evidence[segment, level] = 0.0
    is_last_vertebra = is_last_vertebra or len(column) - 1 in corrections.clamped
    last_piece = None if is_last_vertebra else _last_piece_evidence(column)
    rows = _rows(column, evidence, fitted, last_piece, has_anomalies=corrections.has_anomalies)
    return answer_from_rows(rows, len(column))


def without_last_piece(column: Column, answer: ChainAnswer) -> tuple[Column, ChainAnswer]:
    """Return the row and its names without a last piece that is not a vertebra."""
    if not answer.rows or answer.levels[-1] != REST:
        return column, answer
    return without_last(column), answer.part(slice(-1))


def _last_piece_evidence(column: Column) -> Floats | None:
    """Return the log odds that the last segment is a piece below the lowest free vertebra.

    Shape (LEVELS,): one number for each level of the segment above it. None if the last segment is
    not partial.
    """
    if not column.is_partial[-1] or column.is_partial.all():
        return None
    heights = np.diff(column.edges)
    log_length_density = np.log(heights[-2] / _END_PIECE_MM) - heights[-1] / _END_PIECE_MM
    odds = np.full(LEVELS, IMPOSSIBLE)
    odds[[L5, L6]] = _LOG_END_PIECE + log_length_density
    odds[L4] = odds[L5] + _LOG_SACRALISED
    return odds


def _rows(
    column: Column,
    evidence: Floats,
    fitted: Fitted,
    last_piece: Floats | None,
    *,
    has_anomalies: bool = True,
) -> tuple[Row, ...]:
    reliance = np.ones(len(column))
    if column.ends.is_cut_above:
        is_doubtful = _is_cut_in_neck(column) and not column.is_partial.all()
        reliance[0] = 0.0 if is_doubtful else _RELIANCE_AT_CUT
    if column.ends.is_cut_below:
        reliance[-1] = _RELIANCE_AT_CUT

    def shape(levels: NDArray[np.int64]) -> Floats:
        return fitted.shape.row_log_likelihood(column.features, levels, reliance)

    return possible_rows(
        _centres(column),
        evidence,
        fitted.chain,
        has_anomalies=has_anomalies,
        row_evidence=shape,
        last_piece=last_piece,
    )


def _end_evidence(column: Column, prior: ChainPrior) -> Floats:
    evidence = np.zeros((len(column), LEVELS))
    has_no_centre, heights = np.isnan(_centres(column)[:, 0]), np.diff(column.edges).tolist()
    for number in {0, len(column) - 1}:
        if has_no_centre[number]:
            evidence[number] += cut_length_evidence(heights[number], prior)
    evidence[:, C1] = IMPOSSIBLE  # C1 surrounds the dens and is not a body in the row
    if column.ends.is_skull_above:
        evidence[0, np.arange(LEVELS) != C2] -= _END_EVIDENCE
    if column.ends.is_sacrum_below:
        lowest = np.full(LEVELS, -_END_EVIDENCE)
        lowest[L5], lowest[L6], lowest[L4] = 0.0, 0.0, _LOG_SACRALISED
        evidence[-1] += lowest
    return evidence


def _centres(column: Column) -> Floats:
    """Return the bodies' centres along the line, shape (segments, 1); NaN for partial ones."""
    centres = (column.edges[:-1] + column.edges[1:]) / 2.0
    if column.ends.is_skull_above:  # without the dens
        centres[0] = column.edges[1] - _C2_HEIGHT_MM / 2
    centres[column.is_partial] = np.nan
    if _is_cut_in_neck(column):
        centres[0] = np.nan
    return centres[:, None]


def _is_cut_in_neck(column: Column) -> bool:
    """Return whether the scan begins within a neck, where C2 without its dens looks like C3."""
    radius = column.discs.radius_mm[column.edges[0] : column.edges[1]]
    return column.ends.is_cut_above and float(np.median(radius)) < NECK_RADIUS_MM


def segments_in(
    mask: SpineMask, column: Column, answer: ChainAnswer, fitted: Fitted, lost: Sequence[int] = ()
) -> NDArray[np.uint8]:
    """Return the segment of each voxel of a mask: uint8, shape (z, y, x) of the scan.

    1 is C1 if C2 is in the row, otherwise the first body. Voxels of the bodies numbered `lost`
    become part of the neighbouring bodies.
    """
    cuts = cut_surfaces(column, answer.levels, fitted)
    by_surface, in_band = segments_by_surface(column.mask, column.axis.line, cuts)
    first = 1 + int(has_atlas(answer.levels))
    segments = keep_one_piece_each(
        flood_band(by_surface, in_band, column.joint),
        len(cuts) + 1,
        [first + number for number in lost],
    )
    return segments_on_scan(segments, column.mask, mask)


def has_atlas(levels: NDArray[np.int64]) -> bool:
    """Return whether C1, which surrounds the dens, is above the first body.

    `levels` is int64, shape (bodies,).
    """
    return len(levels) > 0 and int(levels[0]) == C2


def cut_surfaces(column: Column, levels: NDArray[np.int64], fitted: Fitted) -> list[CutSurface]:
    """Return the borders between the segments, from the head down.

    `levels` is int64, shape (segments,).
    """
    planes = column.disc_planes()
    heights = np.diff(segment_ends(column, planes))
    surfaces = []
    if has_atlas(levels):
        below = planes[0].station if planes else float(column.edges[1])
        radius = float(column.discs.radius_mm[column.edges[1]])
        surfaces.append(
            CutSurface(
                below,
                0.0,
                0.0,
                radius,
                ATLAS_PITCH_MM,
                fitted.border_shift[0],
                _ATLAS_BAND * ATLAS_PITCH_MM,
                is_atlas=True,
            )
        )
    for number, plane in enumerate(planes):
        heights_beside = [heights[k] for k in (number, number + 1) if not column.is_partial[k]] or [
            heights[number : number + 2].max()
        ]
        surfaces.append(
            CutSurface(
                plane.station,
                plane.slope_back,
                plane.slope_left,
                float(column.discs.radius_mm[column.edges[number + 1]]),
                float(np.mean(heights_beside)),
                fitted.border_shift[int(levels[number])],
                _BAND * float(min(heights_beside)),
                NECK_BODY if int(levels[number]) < C7 else np.inf,
            )
        )
    return surfaces


def segment_ends(column: Column, planes: Sequence[DiscPlane]) -> Floats:
    """Return the stations where the segments begin and end: float64, shape (segments + 1,)."""
    inner = [plane.station for plane in planes]
    return np.array([column.edges[0], *inner, column.edges[-1]], dtype=np.float64)


def labelled(
    column: Column,
    segments: NDArray[np.uint8],
    answer: ChainAnswer,
    grid: Geometry,
    corrections: NameCorrections,
    fitted: Fitted,
    *,
    has_atlas_segment: bool,
    stray_ml: float,
) -> Labelling:
    """Return the labelling that gives segments the names of a row.

    Parameters
    ----------
    segments
        uint8, shape of `grid`: 1 for the first segment.
    has_atlas_segment
        Whether the first segment is C1 and the second one is the first body.
    stray_ml
        Volume of the mask that is in no segment.
    """
    levels = answer.levels.tolist()
    # If the first body is not C2 after all, the bone above it takes its name.
    atlas = ([C1] if levels[0] == C2 else levels[:1]) if has_atlas_segment else []
    numbers = np.array([0] + [VERSE_ORDER[k] for k in atlas + levels], np.uint8)
    part = bounding_box(segments > 0)
    labels = np.zeros_like(segments)
    labels[part] = numbers[segments[part]]
    boxes = _boxes_within(labels, part, int(numbers.max()))
    present, missing = _bodies(column, answer, labels, boxes, grid, corrections, fitted)
    if atlas == [C1] and (box := boxes[VERSE_ORDER[C1]]) is not None and present:
        present.insert(0, _atlas(column, present[0], labels, box, grid))
    vertebrae = Vertebrae(
        labels,
        grid,
        tuple(present),
        _naming(
            column,
            answer,
            corrections,
            fitted,
            grid,
            (
                *_warn_of_missing(missing),
                *_warn_of_recovered(
                    [vertebra.name for vertebra in present if vertebra.is_recovered]
                ),
                *_warn_of_stray(stray_ml),
                *_warn_of_count(column, answer.levels, corrections),
            ),
        ),
        stray_ml,
    )
    return Labelling(vertebrae, column, segments, has_atlas_segment, answer, corrections)


def _bodies(
    column: Column,
    answer: ChainAnswer,
    labels: NDArray[np.uint8],
    boxes: dict[int, Box | None],
    grid: Geometry,
    corrections: NameCorrections,
    fitted: Fitted,
) -> tuple[list[Vertebra], list[str]]:
    """Return the vertebrae with a body, and the names of those without a voxel.

    Parameters
    ----------
    labels
        uint8, shape of `grid`: VerSe numbers.
    boxes
        The smallest box of each number; None without a voxel.
    """
    limit = _max_probability(column, answer.levels, corrections, grid)
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
    half = min(last - first, _C2_HEIGHT_MM) / 2 if level == C2 else (last - first) / 2
    centre = line.point_at(last - half)
    middle = min(max(round(last - half), 0), len(line.points_mm) - 1)
    radius = float(column.discs.radius_mm[middle])
    frame = BodyFrame(
        *(_direction(values[middle], grid) for values in (line.down, line.left, line.back))
    )
    is_cut = _is_body_cut(labels, VERSE_ORDER[level], box, centre, line.down[middle], radius, grid)
    return Vertebra(
        name=LEVEL_NAMES[level],
        label=VERSE_ORDER[level],
        probability=probability,
        is_partial=bool(column.is_partial[number]) or is_cut,
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


def _is_body_cut(
    labels: NDArray[np.uint8],
    label: int,
    box: Box,
    centre_mm: Floats,
    down: Floats,
    radius_mm: float,
    grid: Geometry,
) -> bool:
    """Return whether an edge of the scan cuts off part of the body, not only part of the arch."""
    spacing = np.array(grid.spacing_zyx_mm)
    for axis, (part, size) in enumerate(zip(box, grid.shape_zyx, strict=True)):
        for index in {0, size - 1} & {part.start, part.stop - 1}:
            face = (*box[:axis], slice(index, index + 1), *box[axis + 1 :])
            voxels = np.argwhere(labels[face] == label) + [side.start for side in face]
            offset = (voxels + 0.5) * spacing - centre_mm
            offset -= np.outer(offset @ down, down)
            count = np.count_nonzero(np.linalg.norm(offset, axis=1) < radius_mm)
            if count * np.prod(np.delete(spacing, axis)) > _CUT_FRACTION * np.pi * radius_mm**2:
                return True
    return False


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


def _naming(
    column: Column,
    answer: ChainAnswer,
    corrections: NameCorrections,
    fitted: Fitted,
    grid: Geometry,
    mask_notes: Sequence[str],
) -> Naming:
    complete = _complete_bodies(column)
    is_set = bool(corrections.clamped)
    # Names set by hand do not correct a wrong orientation.
    caution = column.misorientation if is_set else _caution(column, grid)
    # If the vertebrae cannot be counted, anchors say nothing about the names.
    by_convention = {} if caution else _row_by_convention(column, answer, fitted)
    convention = (
        Convention.SPACING
        if caution and not is_set
        else _convention(column, answer, corrections, by_convention, fitted.chain)
    )
    uncalibrated = answer.row_probability(complete)
    limit = _max_probability(column, answer.levels, corrections, grid)
    probability = 1.0 if is_set else min(float(fitted.calibration(uncalibrated)), limit)
    # The calibrated uncertainty is divided among the other rows in proportion to their
    # probabilities.
    uncertainty = 0.0 if is_set else (1 - probability) / max(1 - uncalibrated, 1e-9)
    alternatives = (
        ()
        if is_set or caution or not column.is_orientation_known
        else _alternatives(column, answer, convention, by_convention, uncertainty, probability)
    )
    return Naming(
        convention,
        probability,
        shifted_up=min(uncertainty * answer.row_probability(complete, -1), probability),
        shifted_down=min(uncertainty * answer.row_probability(complete, +1), probability),
        anomalies=() if caution else _anomalies(column, answer.levels.tolist()),
        warnings=(*mask_notes, *_warnings(column, convention, probability, alternatives, caution)),
        mask_notes=tuple(mask_notes),
        alternatives=alternatives,
        caution=caution,
        is_orientation_known=column.is_orientation_known,
        is_recut=corrections.before_recut is not None,
    )


def _max_probability(
    column: Column, levels: NDArray[np.int64], corrections: NameCorrections, grid: Geometry
) -> float:
    """Return the upper limit of the probability that a row of names is right."""
    limits = (
        (UNRELIABLE, bool(_caution(column, grid))),
        (UNORIENTED, not column.is_orientation_known),
        (MERGED, _is_merged(column, levels)),
        (MERGED, _is_recut_oddly(column, levels, corrections)),
    )
    before = 1.0 if corrections.before_recut is None else corrections.before_recut
    return min([before, *(limit for limit, applies in limits if applies)])


def _caution(column: Column, grid: Geometry) -> str:
    """Return why the names in a scan are unreliable, as a warning; empty if they are not."""
    if column.misorientation:
        return column.misorientation
    if shows_discs(grid):
        return ""
    return worded(
        "Slices are {step_mm:.0f} mm apart, so adjacent vertebrae cannot be distinguished. Several "
        "may be outlined as one, and their levels are unknown.",
        step_mm=grid.spacing_zyx_mm[0],
    )


def uncalibrated_probability(column: Column, answer: ChainAnswer) -> float:
    """Return the uncalibrated probability that all complete vertebrae are named correctly."""
    return answer.row_probability(_complete_bodies(column))


def _complete_bodies(column: Column) -> NDArray[np.int64]:
    whole = np.flatnonzero(~column.is_partial)
    return whole if len(whole) else np.arange(len(column))


def _is_merged(column: Column, levels: NDArray[np.int64]) -> bool:
    """Return whether the mask seems to merge vertebrae, so that their number is a guess."""
    dip, edges = column.discs.dip, column.edges.tolist()
    is_faint = [float(dip[max(edge - 3, 0) : edge + 4].max()) < FAINT_DIP for edge in edges[1:-1]]
    if any(first and second for first, second in itertools.pairwise(is_faint)):
        return True
    heights = np.where(column.is_partial, np.nan, np.diff(edges))
    heights = heights[int(has_atlas(levels)) :]  # C2 is longer because of its dens
    neighbour_height = np.fmax(np.append(np.nan, heights[:-1]), np.append(heights[1:], np.nan))
    return bool((heights > _TOO_LONG * neighbour_height).any())


def _is_recut_oddly(
    column: Column, levels: NDArray[np.int64], corrections: NameCorrections
) -> bool:
    """Return whether the user split bone without a gap, or merged vertebrae across a disc."""
    if corrections.before_recut is None:
        return False
    dip, edges = column.discs.dip, column.edges.tolist()
    of_splits = [
        float(dip[max(edge - 3, 0) : edge + 4].max())
        for edge in edges[1:-1]
        if edge in column.edges_by_hand
    ]
    within = [
        float(dip[first + _NO_DISC_MM : last - _NO_DISC_MM].max(initial=0.0))
        for first, last in itertools.pairwise(edges)
    ][int(has_atlas(levels)) :]  # the dens may be separate from its body
    return min(of_splits, default=1.0) < FAINT_DIP or max(within, default=0.0) > EVEN_DIP


def _warn_of_missing(names: Sequence[str]) -> tuple[str, ...]:
    """Return a warning about vertebrae in the row that have no bone in the mask, if any."""
    if not names:
        return ()
    return (
        worded(
            "The mask shows no bone where {names} should be. Lower the "
            "segmentation threshold, or add the bone by hand.",
            names=", ".join(names),
        ),
    )


def _warn_of_recovered(names: Sequence[str]) -> tuple[str, ...]:
    """Return a warning about vertebrae that the mask lacks but the probability shows, if any."""
    if not names:
        return ()
    return (
        worded(
            "Not in the mask, but outlined using a lower bone-probability threshold: {names}. "
            "Check every outline.",
            names=", ".join(names),
        ),
    )


def _warn_of_count(
    column: Column, levels: NDArray[np.int64], corrections: NameCorrections
) -> tuple[str, ...]:
    """Return a warning if the number of vertebrae is a guess."""
    if _is_recut_oddly(column, levels, corrections):
        return (RECUT_ODDLY,)
    return (MERGED_VERTEBRAE,) if _is_merged(column, levels) else ()


def _warn_of_stray(volume_ml: float) -> tuple[str, ...]:
    """Return a warning if much bone in the mask belongs to no vertebra."""
    if volume_ml < _MIN_STRAY_ML:
        return ()
    return (
        worded(
            "{volume_ml:.0f} ml of the mask is not assigned to any vertebra. Remove it "
            "if it is not part of the spine.",
            volume_ml=volume_ml,
        ),
    )


def _warnings(
    column: Column,
    convention: Convention,
    probability: float,
    alternatives: tuple[Alternative, ...],
    caution: str,
) -> tuple[str, ...]:
    if caution:
        return (caution,)
    warnings = []
    if not column.is_orientation_known and convention is not Convention.CLAMPED:
        warnings.append(UNORIENTED_NAMES)
    elif convention is Convention.SPACING:
        warnings.append(ANCHORLESS)
    elif LIKELY <= probability < CERTAIN:
        warnings.append(UNCERTAIN)
    if column.is_orientation_known and probability < LIKELY:
        warnings.append(UNKNOWN)
    other = next((a for a in alternatives if a.convention is not convention), None)
    if other is not None:
        ends = {"first": other.names[0], "last": other.names[-1]}
        warnings.append(
            {
                Convention.HEAD: worded(
                    "Counted from C2, the vertebrae would be {first} to {last}.", **ends
                ),
                Convention.SACRUM: worded(
                    "Counted from the sacrum, the vertebrae would be {first} to {last}.", **ends
                ),
            }.get(
                other.convention,
                worded("Judging by the ribs, the vertebrae would be {first} to {last}.", **ends),
            )
        )
    return tuple(warnings)


def _alternatives(
    column: Column,
    answer: ChainAnswer,
    convention: Convention,
    by_convention: Mapping[Convention, Row],
    uncertainty: float,
    max_probability: float,
) -> tuple[Alternative, ...]:
    """Return the next most probable rows of names, and those that other conventions suggest.

    The first one is always offered, because even probable names may be wrong. No probability
    exceeds `max_probability`, that of the chosen row.
    """
    others = [row for row in answer.rows[1 : 1 + _MAX_OFFERED] if row.levels[0] != C1]
    offered = {
        row.levels: convention
        for number, row in enumerate(others)
        if number == 0 or uncertainty * row.probability >= _MIN_OFFERED
    }
    for its_convention, row in by_convention.items():
        if its_convention is not convention and row.levels[-1] != int(answer.levels[-1]):
            offered[row.levels] = its_convention
    likely = {row.levels: row.probability for row in answer.rows}
    alternatives = [
        Alternative(
            _names(levels),
            min(uncertainty * likely.get(levels, 0.0), max_probability),
            its_convention,
            _anomalies(column, list(levels)),
        )
        for levels, its_convention in offered.items()
    ]
    return tuple(sorted(alternatives, key=lambda alternative: -alternative.probability))


def _names(levels: Sequence[int]) -> tuple[str, ...]:
    with_atlas = [C1, *levels] if levels[0] == C2 else levels
    return tuple(LEVEL_NAMES[level] for level in with_atlas if level != REST)


def _row_by_convention(
    column: Column, answer: ChainAnswer, fitted: Fitted
) -> dict[Convention, Row]:
    """Return the names that each anchor in view suggests on its own.

    Counting from the skull or the sacrum ignores anomalies; ribs reveal them. Anchors that do not
    determine the names are omitted.
    """
    ribs = column.features.copy()
    ribs[:, [k for k, name in enumerate(fitted.shape.names) if name != RIB]] = np.nan
    no_features = np.full_like(column.features, np.nan)
    ends = column.ends
    anchors = (
        (
            Convention.HEAD,
            no_features,
            replace(ends, is_sacrum_below=False),
            _shows_c2(column, fitted.chain),
        ),
        (Convention.SACRUM, no_features, replace(ends, is_skull_above=False), ends.is_sacrum_below),
        (
            Convention.RIBS,
            ribs,
            replace(ends, is_skull_above=False, is_sacrum_below=False),
            _has_rib_border(column, answer),
        ),
    )
    rows_found = {}
    for convention, features, visible_ends, is_in_view in anchors:
        if not is_in_view:
            continue
        column_seen = replace(column, features=features, ends=visible_ends)
        is_by_ribs = convention is Convention.RIBS
        rows = _rows(
            column_seen,
            _end_evidence(column_seen, fitted.chain),
            fitted,
            _last_piece_evidence(column_seen),
            has_anomalies=is_by_ribs,
        )
        if rows and rows[0].probability >= _DECIDED:
            rows_found[convention] = rows[0]
    return rows_found


def _shows_c2(column: Column, prior: ChainPrior) -> bool:
    """Return whether the first segment must be C2: the skull is above it, or it is very long."""
    if column.ends.is_skull_above or not _is_cut_in_neck(column):
        return column.ends.is_skull_above
    evidence = cut_length_evidence(int(column.edges[1] - column.edges[0]), prior)
    return bool(evidence[C2] - evidence[C3] > _END_EVIDENCE)


def _has_rib_border(column: Column, answer: ChainAnswer) -> bool:
    """Return whether the scan shows the border between vertebrae with and without ribs."""
    sees_ribs = np.isfinite(column.features[:, 0])
    levels_seen = {
        int(level) for level, is_seen in zip(answer.levels, sees_ribs, strict=True) if is_seen
    }
    return {C7, T1} <= levels_seen or ({L1} <= levels_seen and bool(levels_seen & {T11, T12, T13}))


def _convention(
    column: Column,
    answer: ChainAnswer,
    corrections: NameCorrections,
    by_convention: Mapping[Convention, Row],
    prior: ChainPrior,
) -> Convention:
    """Return what the names are based on: the first anchor that agrees with them."""
    if corrections.clamped:
        return Convention.CLAMPED
    levels = tuple(answer.levels.tolist())
    for convention, row in by_convention.items():
        if row.levels == levels:
            return convention
    if levels[0] == C2 and _shows_c2(column, prior):
        return Convention.HEAD
    if column.ends.is_sacrum_below and levels[-1] in (L4, L5, L6):
        return Convention.SACRUM
    return Convention.RIBS if _has_rib_border(column, answer) else Convention.SPACING


def _anomalies(column: Column, levels: list[int]) -> tuple[str, ...]:
    names = []
    if T13 in levels:
        names.append("T13")
    if (T11, L1) in set(itertools.pairwise(levels)):
        names.append(worded("no T12"))
    if L6 in levels:
        names.append("L6")
    if column.ends.is_sacrum_below and levels[-1] == L4:
        names.append(worded("L5 sacralised"))
    return tuple(names)


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
        False,
        None,
        corrections,
    )
