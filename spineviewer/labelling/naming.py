"""The labelling stage: from the mask of a spine to its named vertebrae."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.chain import (
    C1,
    C2,
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
    Row,
    answer_from_rows,
    possible_rows,
)
from spineviewer.labelling.column import (
    FINDING,
    Column,
    column_of,
    with_dens_joined,
    with_straight_top,
    without_last,
)
from spineviewer.labelling.cues import NECK_RADIUS_MM
from spineviewer.labelling.disc_planes import DiscPlane
from spineviewer.labelling.misorientation import with_orientation_checked
from spineviewer.labelling.partition import (
    ATLAS_PITCH_MM,
    NECK_BODY,
    CutSurface,
    boxes_of,
    flooded,
    on_scan,
    one_piece_each,
    segments_by_surface,
)
from spineviewer.labelling.priors import Fitted, load_fitted
from spineviewer.labelling.recovery import recovery_of
from spineviewer.labelling.separation import DENS_LENGTH_MM, FAINT_DIP
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
)
from spineviewer.progress import JobProgress, Progress
from spineviewer.volume.geometry import Box, Geometry, Triple
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER
from spineviewer.volume.volume import CtVolume, ProbabilityMap, SpineMask, box_of
from spineviewer.wording import worded

Floats = NDArray[np.float64]

#: Log evidence of a skull above or a sacrum below against a name that it excludes.
_END_EVIDENCE = 3.5
#: Choice: weight of the shape of a body at the end of the scan, which may be cut off.
_RELIANCE_AT_CUT = 0.35
#: Log probability that a topmost segment cut off by the scan is C1 with the dens.
_LOG_DENS_APART = -2.0
#: Choice: bodies that are needed to distinguish the dens below a skull from C2.
_BODIES_BELOW_DENS = 4
#: Height of C2 without most of its dens.
_AXIS_MM = 0.84 * DENS_LENGTH_MM
#: With a larger slice spacing, discs are not resolved.
_THICK_MM = 5.5
#: Choice: log share of masks cut off by the scan that continue below the lowest free vertebra, into
#: the sacrum or as a fading end of the vertebra itself, and the mean length of this piece. Of the
#: training crops that end there, 5 of 44 had such a piece, 7 to 8 mm long.
_LOG_END_PIECE, _END_PIECE_MM = float(np.log(0.1)), 8.0
#: Logarithm of the share of people whose lowest free vertebra is L4.
_LOG_SACRALISED = float(np.log(0.04))
#: Choice: half the height of the band around a border in which a watershed decides. For C1 in
#: pitches, among the best of 0.1 to 0.35 on training cases. For others in heights of the shorter
#: level, so that the middle of an arch is never in two bands.
_ATLAS_BAND, _BAND = 0.15, 0.25
#: Maximum number of the alternatives that are offered, and their minimum probability after the
#: first.
_MAX_OFFERED, _MIN_OFFERED = 3, 0.02
#: Choice: smallest volume of bone outside all vertebrae that is reported; half of the smallest
#: vertebra.
_MIN_STRAY_ML = 5.0
#: Choice: a body is cut if more than this share of its cross-section is at an edge of the scan. In
#: 13 real scans it was at most 0.39 for bodies with both endplates in view, and otherwise at least
#: 0.52.
_CUT_SHARE = 0.45
#: Choice: a body that is longer than both neighbours by this factor is several vertebrae. There was
#: none in 209 crops.
_TOO_LONG = 1.7
#: A convention can contradict the answer only if its own answer is at least this probable.
_DECIDED = 0.8
ANCHORLESS = worded(
    "The vertebrae were named by size and spacing alone, so the names may be off "
    "by one level or more."
)
MERGED_VERTEBRAE = worded(
    "The mask shows no disc space between some vertebrae, so they may be counted wrongly. Check "
    "the names, and split or merge vertebrae if needed."
)
UNORIENTED_NAMES = worded(
    "The file does not state the orientation, so the vertebrae may be named from the wrong "
    "end. Check the names."
)
UNCERTAIN = worded("The names are uncertain. Check them, and shift them by one level if needed.")
UNKNOWN = worded(
    "The levels are unknown, and the names are only the best guess. If you know the level of one "
    "vertebra, set its name."
)


@dataclass(frozen=True)
class NameCorrections:
    """The user's corrections of names.

    Attributes
    ----------
    clamped
        VerSe number by segment, counted from 0 at the head.
    has_anomalies
        Whether T13, L6 and a missing T12 are considered.
    """

    clamped: Mapping[int, int] = field(default_factory=dict)
    has_anomalies: bool = True


@dataclass(frozen=True, eq=False)
class Labelling:
    """A scan's named vertebrae and everything needed to correct them. Equal only to itself.

    Attributes
    ----------
    vertebrae
        The result.
    column
        The row of bodies; None if there is none.
    segments
        uint8 on the scan's grid: 1 for the first segment, 0 for none.
    is_atlas_apart
        Whether the first segment is C1, which is not a body; all other segments are bodies.
    answer
        The chain's names and their probabilities.
    corrections
        The corrections that were applied.
    """

    vertebrae: Vertebrae
    column: Column | None
    segments: NDArray[np.uint8]
    is_atlas_apart: bool
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
    column = column_of(mask, probability, scan, fitted.chain, progress)
    if column is None:
        return _nothing(mask, corrections)
    column = with_orientation_checked(column, fitted.shape, scan)
    progress.step(FINDING, 0.5)
    answer = name_column(column, fitted, corrections, may_show_atlas=True)
    progress.step(FINDING, 0.6)
    if answer.levels[0] == C1:
        column, answer = with_dens_joined(column), answer.part(slice(1, None))
    column, answer = without_rest(column, answer)
    if has_atlas(answer.levels):
        column = with_straight_top(column)
    cuts = cut_surfaces(column, answer.levels, fitted)
    recovery = recovery_of(column, mask, probability, cuts, recovers=recovers)
    column, whole = recovery.column, recovery.mask
    working = working_segments(column, answer, fitted, recovery.lost)
    progress.step(FINDING, 0.8)
    segments = on_scan(working, column.mask, whole.voxels, whole.geometry, whole.box)
    # A process attached by a thin bridge may be disconnected on the scan's own grid.
    segments[whole.box] = one_piece_each(segments[whole.box], int(working.max()))
    progress.step(FINDING, 0.9)
    return labelled(
        column,
        segments,
        answer,
        mask.geometry,
        corrections,
        fitted,
        is_atlas_apart=has_atlas(answer.levels),
        stray_ml=stray_ml(mask, segments),
    )


def stray_ml(mask: SpineMask, segments: NDArray[np.uint8]) -> float:
    """Return the volume of the mask that is in no segment (uint8, shape of the mask)."""
    left = mask.voxels[mask.box] & (segments[mask.box] == 0)
    return int(np.count_nonzero(left)) * mask.geometry.voxel_volume_ml


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
        Whether the last segment is known to be a vertebra, not a piece below the last one.
    """
    evidence = _end_evidence(column)
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
    rest = None if is_last_vertebra else _rest_evidence(column)
    rows = _rows(column, evidence, fitted, rest, has_anomalies=corrections.has_anomalies)
    return answer_from_rows(rows, len(column))


def without_rest(column: Column, answer: ChainAnswer) -> tuple[Column, ChainAnswer]:
    """Return row and names without a last piece that is not a vertebra."""
    if not answer.rows or answer.levels[-1] != REST:
        return column, answer
    return without_last(column), answer.part(slice(-1))


def _rest_evidence(column: Column) -> Floats | None:
    """Return the log odds that the last piece is below the lowest free vertebra.

    One number for each possible level above it, shape (LEVELS,); None if the last segment is not a
    piece.
    """
    if not column.is_partial[-1] or column.is_partial.all():
        return None
    heights = np.diff(column.edges)
    of_length = np.log(heights[-2] / _END_PIECE_MM) - heights[-1] / _END_PIECE_MM
    odds = np.full(LEVELS, IMPOSSIBLE)
    odds[[L5, L6]] = _LOG_END_PIECE + of_length
    odds[L4] = odds[L5] + _LOG_SACRALISED
    return odds


def _rows(
    column: Column,
    evidence: Floats,
    fitted: Fitted,
    rest: Floats | None,
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
        _places(column),
        evidence,
        fitted.chain,
        has_anomalies=has_anomalies,
        of_rows=shape,
        rest_below=rest,
    )


def _end_evidence(column: Column) -> Floats:
    evidence = np.zeros((len(column), LEVELS))
    evidence[:, 0] = IMPOSSIBLE  # C1 surrounds the dens; it is not a body in the row
    if column.ends.is_skull_above:
        evidence[0, np.arange(LEVELS) != C2] -= _END_EVIDENCE
    if column.ends.is_sacrum_below:
        lowest = np.full(LEVELS, -_END_EVIDENCE)
        lowest[L5], lowest[L6], lowest[L4] = 0.0, 0.0, _LOG_SACRALISED
        evidence[-1] += lowest
    return evidence


def _places(column: Column) -> Floats:
    """Return the bodies' centres along the line, shape (segments, 1); NaN for partial ones."""
    middle = (column.edges[:-1] + column.edges[1:]) / 2.0
    if column.ends.is_skull_above:  # without the dens
        middle[0] = column.edges[1] - _AXIS_MM / 2
    middle[column.is_partial] = np.nan
    if _is_cut_in_neck(column):
        middle[0] = np.nan
    return middle[:, None]


def _is_cut_in_neck(column: Column) -> bool:
    """Return whether the scan begins in the neck, where C2 without its dens looks like C3."""
    radius = column.discs.radius_mm[column.edges[0] : column.edges[1]]
    return column.ends.is_cut_above and float(np.median(radius)) < NECK_RADIUS_MM


def working_segments(
    column: Column, answer: ChainAnswer, fitted: Fitted, lost: Sequence[int] = ()
) -> NDArray[np.uint8]:
    """Return the segments on the working grid: uint8, shape (z, y, x).

    1 is C1 if it is in view, otherwise the first body. Small remains of the `lost` bodies become
    part of their neighbours.
    """
    cuts = cut_surfaces(column, answer.levels, fitted)
    by_surface, in_band = segments_by_surface(column.mask, column.axis.line, cuts)
    first = 1 + int(has_atlas(answer.levels))
    whole = flooded(by_surface, in_band, column.joint)
    return one_piece_each(whole, len(cuts) + 1, [first + number for number in lost])


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
    heights = np.diff(stations_of(column, planes))
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
        near = [heights[k] for k in (number, number + 1) if not column.is_partial[k]] or [
            heights[number : number + 2].max()
        ]
        surfaces.append(
            CutSurface(
                plane.station,
                plane.slope_back,
                plane.slope_left,
                float(column.discs.radius_mm[column.edges[number + 1]]),
                float(np.mean(near)),
                fitted.border_shift[int(levels[number])],
                _BAND * float(min(near)),
                NECK_BODY if int(levels[number]) < C7 else np.inf,
            )
        )
    return surfaces


def stations_of(column: Column, planes: Sequence[DiscPlane]) -> Floats:
    """Return where the segments begin and end: float64, shape (segments + 1,)."""
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
    is_atlas_apart: bool,
    stray_ml: float,
) -> Labelling:
    """Return the labelling of segments with the names of a row.

    Parameters
    ----------
    segments
        uint8, shape of `grid`: 1 for the first segment.
    is_atlas_apart
        Whether the first segment is C1 and the second one is the first body.
    stray_ml
        Volume of the mask that is in no segment.
    """
    levels = answer.levels.tolist()
    # If the first body is not C2 after all, the bone around it is part of it.
    atlas = ([C1] if levels[0] == C2 else levels[:1]) if is_atlas_apart else []
    numbers = np.array([0] + [VERSE_ORDER[k] for k in atlas + levels], np.uint8)
    part = box_of(segments > 0)
    labels = np.zeros_like(segments)
    labels[part] = numbers[segments[part]]
    boxes = _boxes_within(labels, part, int(numbers.max()))
    limit = _max_probability(column, answer.levels, grid)
    probability = np.minimum(fitted.calibration(answer.chosen_probability), limit)
    planes = column.disc_planes()
    stations = stations_of(column, planes)
    discs = [None, *(_disc(column, k, plane, grid) for k, plane in enumerate(planes, 1)), None]
    found, missing = [], []
    for number, level in enumerate(levels):
        label = VERSE_ORDER[level]
        box = boxes[label]
        if box is None:
            missing.append(LEVEL_NAMES[level])
            continue
        is_set = number in corrections.clamped
        volume_ml = int(np.count_nonzero(labels[box] == label)) * grid.voxel_volume_ml
        likely = 1.0 if is_set else float(probability[number])
        if np.isfinite(column.recovered[number]):
            likely *= float(column.recovered[number])
        found.append(
            _vertebra(
                column,
                number,
                level,
                grid,
                labels,
                box,
                ends=(float(stations[number]), float(stations[number + 1])),
                discs=(discs[number], discs[number + 1]),
                volume_ml=volume_ml,
                probability=likely,
                is_set_by_hand=is_set,
            )
        )
    if atlas == [C1] and (box := boxes[VERSE_ORDER[C1]]) is not None and found:
        found.insert(0, _atlas(column, found[0], labels, box, grid))
    vertebrae = Vertebrae(
        labels,
        grid,
        tuple(found),
        _naming(
            column,
            answer,
            corrections,
            fitted,
            grid,
            (
                *_missing(missing),
                *_recovered([vertebra.name for vertebra in found if vertebra.is_recovered]),
                *_stray(stray_ml),
                *((MERGED_VERTEBRAE,) if _is_merged(column, answer.levels) else ()),
            ),
        ),
        stray_ml,
    )
    return Labelling(vertebrae, column, segments, is_atlas_apart, answer, corrections)


def _boxes_within(labels: NDArray[np.uint8], part: Box, count: int) -> dict[int, Box | None]:
    """Return the smallest box of each number up to `count`; all boxes are within `part`."""
    z, y, x = (side.start for side in part)
    return {
        number: box
        and (
            slice(box[0].start + z, box[0].stop + z),
            slice(box[1].start + y, box[1].stop + y),
            slice(box[2].start + x, box[2].stop + x),
        )
        for number, box in enumerate(boxes_of(labels[part], count), start=1)
    }


def _atlas(
    column: Column, axis: Vertebra, labels: NDArray[np.uint8], box: Box, grid: Geometry
) -> Vertebra:
    """Return C1, which has no body: its centre is that of its ring; it is as certain as C2."""
    voxels = np.argwhere(labels[box] == VERSE_ORDER[C1]) + [part.start for part in box]
    x, y, z = grid.point_lps_mm(voxels.mean(axis=0)).tolist()
    along = grid.point_lps_mm(voxels) @ np.array(axis.frame.down_lps)
    return replace(
        axis,
        name=LEVEL_NAMES[C1],
        label=VERSE_ORDER[C1],
        is_partial=column.ends.is_cut_above,
        body_centre_lps_mm=(x, y, z),
        canal_centre_lps_mm=(x, y, z),
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
    half = min(last - first, _AXIS_MM) / 2 if level == C2 else (last - first) / 2
    centre = line.at(last - half)
    middle = min(max(round(last - half), 0), len(line.places_mm) - 1)
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
        canal_centre_lps_mm=_point(centre + radius * line.back[middle], grid),
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
    """Return whether an edge of the scan cuts off part of a body, and not only of the arch."""
    spacing = np.array(grid.spacing_zyx_mm)
    for axis, (part, size) in enumerate(zip(box, grid.shape_zyx, strict=True)):
        for index in {0, size - 1} & {part.start, part.stop - 1}:
            face = (*box[:axis], slice(index, index + 1), *box[axis + 1 :])
            voxels = np.argwhere(labels[face] == label) + [side.start for side in face]
            off = (voxels + 0.5) * spacing - centre_mm
            off -= np.outer(off @ down, down)
            count = np.count_nonzero(np.linalg.norm(off, axis=1) < radius_mm)
            if count * np.prod(np.delete(spacing, axis)) > _CUT_SHARE * np.pi * radius_mm**2:
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
        _point(line.at(plane.station), grid), _direction(normal / np.linalg.norm(normal), grid)
    )


def _point(place_mm: Floats, grid: Geometry) -> Triple:
    """Return the LPS position of a point in mm from the scan's first corner along its axes."""
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
    places = _whole_places(column)
    is_set = bool(corrections.clamped)
    # Names set by hand do not correct the orientation.
    caution = column.misorientation if is_set else _caution(column, grid)
    # Anchors do not count in a scan whose vertebrae cannot be counted.
    by_convention = {} if caution else _row_by_convention(column, answer, fitted)
    convention = (
        Convention.SPACING
        if caution and not is_set
        else _convention(column, answer, corrections, by_convention)
    )
    stated = answer.row_probability(places)
    limit = _max_probability(column, answer.levels, grid)
    probability = 1.0 if is_set else min(float(fitted.calibration(stated)), limit)
    # The calibrated uncertainty is divided among the other rows as in the chain.
    uncertainty = 0.0 if is_set else (1 - probability) / max(1 - stated, 1e-9)
    alternatives = (
        ()
        if is_set or caution or not column.is_orientation_known
        else _alternatives(column, answer, convention, by_convention, uncertainty, probability)
    )
    return Naming(
        convention,
        probability,
        shifted_up=min(uncertainty * answer.row_probability(places, -1), probability),
        shifted_down=min(uncertainty * answer.row_probability(places, +1), probability),
        anomalies=_anomalies(column, answer.levels.tolist()),
        warnings=(*mask_notes, *_warnings(column, convention, probability, alternatives, caution)),
        mask_notes=tuple(mask_notes),
        alternatives=alternatives,
        caution=caution,
        is_orientation_known=column.is_orientation_known,
    )


def _max_probability(column: Column, levels: NDArray[np.int64], grid: Geometry) -> float:
    """Return the largest probability that the names of a row can have."""
    limits = (
        (UNRELIABLE, bool(_caution(column, grid))),
        (UNORIENTED, not column.is_orientation_known),
        (MERGED, _is_merged(column, levels)),
    )
    return min([column.max_probability, *(limit for limit, applies in limits if applies)])


def _caution(column: Column, grid: Geometry) -> str:
    """Return why no name in a scan is reliable; empty if there is no reason."""
    if column.misorientation:
        return column.misorientation
    step_mm = grid.spacing_zyx_mm[0]
    if step_mm <= _THICK_MM:
        return ""
    return worded(
        "Slices are {step_mm:.0f} mm apart, so adjacent vertebrae cannot be distinguished. Several "
        "may be outlined as one, and their levels are unknown.",
        step_mm=step_mm,
    )


def stated_probability(column: Column, answer: ChainAnswer) -> float:
    """Return the chain's own probability that all complete vertebrae are named correctly."""
    return answer.row_probability(_whole_places(column))


def _whole_places(column: Column) -> NDArray[np.int64]:
    whole = np.flatnonzero(~column.is_partial)
    return whole if len(whole) else np.arange(len(column))


def _is_merged(column: Column, levels: NDArray[np.int64]) -> bool:
    """Return whether the mask merges vertebrae, so that their number is a guess."""
    dip, edges = column.discs.dip, column.edges.tolist()
    is_faint = [float(dip[max(edge - 3, 0) : edge + 4].max()) < FAINT_DIP for edge in edges[1:-1]]
    if any(one and other for one, other in itertools.pairwise(is_faint)):
        return True
    heights = np.where(column.is_partial, np.nan, np.diff(edges))
    heights = heights[int(has_atlas(levels)) :]  # C2 is longer because of its dens
    beside = np.fmax(np.append(np.nan, heights[:-1]), np.append(heights[1:], np.nan))
    return bool((heights > _TOO_LONG * beside).any())


def _missing(names: Sequence[str]) -> tuple[str, ...]:
    """Return warnings about vertebrae that are in the row but have no bone in the mask."""
    if not names:
        return ()
    return (
        worded(
            "The mask shows no bone where {names} should be. Lower the "
            "segmentation threshold, or add the bone by hand.",
            names=", ".join(names),
        ),
    )


def _recovered(names: Sequence[str]) -> tuple[str, ...]:
    """Return warnings about vertebrae that the mask lacks but the bone probability shows."""
    if not names:
        return ()
    return (
        worded(
            "Not in the mask, but outlined using a lower bone-probability threshold: {names}. "
            "Check every outline.",
            names=", ".join(names),
        ),
    )


def _stray(volume_ml: float) -> tuple[str, ...]:
    """Return warnings about bone in the mask that belongs to no vertebra."""
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
    """Return the next most probable rows of names, and the rows given by other conventions.

    The first is offered however probable the names are, because they may still be wrong. None is
    given a probability above `max_probability`, that of the chosen row.
    """
    others = [row for row in answer.rows[1 : 1 + _MAX_OFFERED] if row.levels[0] != C1]
    offered = {
        row.levels: convention
        for number, row in enumerate(others)
        if number == 0 or uncertainty * row.probability >= _MIN_OFFERED
    }
    for other, row in by_convention.items():
        if other is not convention and row.levels[-1] != int(answer.levels[-1]):
            offered[row.levels] = other
    likely = {row.levels: row.probability for row in answer.rows}
    found = [
        Alternative(
            _names(levels),
            min(uncertainty * likely.get(levels, 0.0), max_probability),
            other,
            _anomalies(column, list(levels)),
        )
        for levels, other in offered.items()
    ]
    return tuple(sorted(found, key=lambda alternative: -alternative.probability))


def _names(levels: Sequence[int]) -> tuple[str, ...]:
    whole = [C1, *levels] if levels[0] == C2 else levels
    return tuple(LEVEL_NAMES[level] for level in whole if level != REST)


def _row_by_convention(
    column: Column, answer: ChainAnswer, fitted: Fitted
) -> dict[Convention, Row]:
    """Return the names that each anchor in view would give on its own.

    Counting from the sacrum or the skull ignores variants; ribs reveal them. Anchors that do not
    determine the names are omitted.
    """
    ribs = column.features.copy()
    ribs[:, [k for k, name in enumerate(fitted.shape.names) if name != "rib"]] = np.nan
    none = np.full_like(column.features, np.nan)
    ends = column.ends
    alone = (
        (Convention.HEAD, none, replace(ends, is_sacrum_below=False), ends.is_skull_above),
        (Convention.SACRUM, none, replace(ends, is_skull_above=False), ends.is_sacrum_below),
        (
            Convention.RIBS,
            ribs,
            replace(ends, is_skull_above=False, is_sacrum_below=False),
            _has_rib_border(column, answer),
        ),
    )
    found = {}
    for convention, features, seen, is_in_view in alone:
        if not is_in_view:
            continue
        part = replace(column, features=features, ends=seen)
        is_by_ribs = convention is Convention.RIBS
        rows = _rows(
            part, _end_evidence(part), fitted, _rest_evidence(part), has_anomalies=is_by_ribs
        )
        if rows and rows[0].probability >= _DECIDED:
            found[convention] = rows[0]
    return found


def _has_rib_border(column: Column, answer: ChainAnswer) -> bool:
    """Return whether the first or the last vertebra with ribs and its neighbour are in view."""
    sees_ribs = np.isfinite(column.features[:, 0])
    names = {int(level) for level, seen in zip(answer.levels, sees_ribs, strict=True) if seen}
    return {C7, T1} <= names or ({L1} <= names and bool(names & {T11, T12, T13}))


def _convention(
    column: Column,
    answer: ChainAnswer,
    corrections: NameCorrections,
    by_convention: Mapping[Convention, Row],
) -> Convention:
    """Return what the names are based on: the first anchor that agrees with them."""
    if corrections.clamped:
        return Convention.CLAMPED
    levels = tuple(answer.levels.tolist())
    for convention, row in by_convention.items():
        if row.levels == levels:
            return convention
    if column.ends.is_skull_above and levels[0] == C2:
        return Convention.HEAD
    if column.ends.is_sacrum_below and levels[-1] in (L4, L5, L6):
        return Convention.SACRUM
    return Convention.RIBS if _has_rib_border(column, answer) else Convention.SPACING


def _anomalies(column: Column, levels: list[int]) -> tuple[str, ...]:
    found = []
    if T13 in levels:
        found.append("T13")
    if (T11, L1) in set(itertools.pairwise(levels)):
        found.append(worded("no T12"))
    if L6 in levels:
        found.append("L6")
    if column.ends.is_sacrum_below and levels[-1] == L4:
        found.append(worded("L5 sacralised"))
    return tuple(found)


def _nothing(mask: SpineMask, corrections: NameCorrections) -> Labelling:
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
