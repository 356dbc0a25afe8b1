"""Measurements of one vertebra: heights, diameters, volume and canal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.cut_parts import CutParts
from spineviewer.labelling.vertebrae import ARCH_ALONE, Vertebra
from spineviewer.measurements.edges import at_edges, cut_fraction, ends_at_edge
from spineviewer.measurements.fields import Field
from spineviewer.measurements.results import (
    Caliper,
    Cut,
    Estimate,
    Profile,
    Side,
    VertebraMeasurement,
)
from spineviewer.measurements.surfaces import (
    CUT,
    ROUGH_MM,
    Body,
    Endplate,
    Walls,
    endplate,
    rim_ends,
    robust_fit,
    sample_axis_body,
    sample_own_body,
)
from spineviewer.volume.geometry import Triple
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import worded

Floats = NDArray[np.float64]

#: Positions of the profiles across a body, as fractions of half its width. In L5 and L6, the outer
#: profiles are closer to the middle by the factor below, because the bodies merge into the pedicles
#: farther out.
SIDES = {Side.LEFT: 0.55, Side.MIDDLE: 0.0, Side.RIGHT: -0.55}
_LOWEST_LEVELS, _LOWEST_FACTOR = (24, 25), 0.65
#: Positions at which heights are measured, each with the range in which a line is fitted, as
#: fractions of the depth behind the anterior wall.
_FRONT, _FRONT_PART = 0.06, (-0.03, 0.45)
_MIDDLE, _MIDDLE_PART = 0.50, (0.40, 0.60)
_BACK, _BACK_PART = 0.94, (0.55, 1.03)
#: The range in which a line is fitted to a whole endplate, as fractions of the depth.
_WHOLE_PART = (0.05, 0.95)
#: Weight of this line where two vertebrae touch; points of a free endplate have the weight 1.
_WHOLE_TRUST = 0.2
#: Half the width of the slab in which the line along an endplate from front to back is fitted.
_RIM_SLAB_MM = 8.0
#: How far the slab extends beyond the front and back walls, as fractions of the depth.
_RIM_BEYOND = (0.20, 0.08)
#: Weight of points on the outer side of this line. The line is therefore close to the rims of a
#: concave endplate, as if drawn by hand, and a single osteophyte hardly tilts it.
_OUTER = 0.8
#: Factors from the spread over slices and thresholds to a standard uncertainty. With them, about
#: 70% of the differences between the program's masks and reference masks (73 bodies of 8 scans) are
#: within one standard uncertainty, and about 90% within two; 97% of the changes of heights between
#: copies of a scan are within one.
_HEIGHT_SCALE, _WIDTH_SCALE = 0.85, 0.5
#: Minimum uncertainty of the diameter of the canal.
_CANAL_MIN_MM = 0.7
#: Choice: how far the midline of the canal may be from the middle of the body, and half the width
#: of the strip at the midline in which the canal is measured.
_MIDLINE_MM, _BESIDE_MIDLINE_MM = 6.0, 2.0
#: Smallest number of lines on which the arch must be found in this strip.
_MIN_CANAL_LINES = 5
#: An endplate alone determines its direction if the mean trust in its ends is at least this.
_FREE_ENOUGH = 0.5
#: Standard uncertainty of an end where two vertebrae touch or the scan ends.
_UNSEEN_MM = 1.5
#: Mean trust of an endplate below which its disc counts as bridged: two vertebrae touch in a third
#: of it, or in two thirds if the scan shows an edge there.
_BRIDGED_TRUST = 0.75
#: Choice: a body is cut off if less than this fraction of an endplate is in view, and its rim is
#: cut off if less than the second fraction is.
_MIN_SEEN, _MIN_SEEN_WHOLE = 0.75, 0.97
#: Choice: the same if more than these fractions of its circumference are cut surfaces. They are
#: about a third of the circumference of a body that is cut in half.
_MAX_CUT, _MAX_CUT_WHOLE = 0.15, 0.04
#: Ends of the bone that are farther than this from the median of their part are on a wall, not on
#: the endplate.
_WALL_MM = 4.0
#: How far behind the body the arch is searched for.
_CANAL_MM = 36.0
#: Step size of this search.
_CANAL_STEP_MM = 0.5
NO_BODY = worded("No vertebral body could be measured in the mask.")
PARTIAL = worded("This vertebra is cut off at the edge of the scan.")
CUT_RIM = worded(
    "This vertebral body is partly cut off at the edge of the scan, so its heights, diameters, "
    "volume and angles may be wrong."
)
BRIDGED = worded(
    "Bone bridges the disc above or below this vertebra, or the mask contains the disc. Heights "
    "and angles are less certain there."
)
ATLAS = worded("C1 has no body.")
AXIS = worded(
    "The heights of C2 are not measured, because the dens takes the place of its superior endplate."
)


def why_unmeasured(vertebra: Vertebra) -> str:
    """Return why a vertebra has no body that can be measured; '' if it has one."""
    if not vertebra.is_body_in_view:
        return ARCH_ALONE
    if vertebra.is_partial:
        return PARTIAL
    return ATLAS if vertebra.label == 1 else ""


def unmeasured(vertebra: Vertebra, reason: str) -> VertebraMeasurement:
    """Return the measurements of a vertebra that is not measured for a reason."""
    return VertebraMeasurement(
        vertebra.name,
        vertebra.label,
        vertebra.is_partial,
        vertebra.body_centre_lps_mm,
        vertebra.endplate_frame,
        reason,
    )


def measure_body(
    vertebra: Vertebra,
    field: Field,
    scan: CtVolume | None = None,
    *,
    max_depth_mm: float = np.inf,
) -> VertebraMeasurement:
    """Return the measurements of a vertebra, from its voxels and the edges in the CT, if any.

    Its body must be in view. Bone more than `max_depth_mm` in front of the posterior wall counts as
    ossified ligament.
    """
    empty = unmeasured(vertebra, "")
    if vertebra.label == 2:
        return _measure_axis(empty, field, vertebra, scan)
    body_and_walls = sample_own_body(field, vertebra, max_depth_mm)
    if body_and_walls is None:
        return replace(empty, reason=NO_BODY)
    body, body_walls = body_and_walls
    if scan is not None:
        body = at_edges(body, scan)
    upper = endplate(body, body_walls, is_upper=True)
    lower = endplate(body, body_walls, is_upper=False)
    profiles = _profiles(body, body_walls, vertebra.label)
    if upper is None or lower is None:
        return replace(empty, reason=NO_BODY)
    seen = min(upper.seen, lower.seen)
    cut = cut_fraction(body, body_walls, field.scan, scan)
    if seen < _MIN_SEEN or cut > _MAX_CUT:
        return replace(empty, is_partial=True, reason=PARTIAL)
    is_rim_cut = CutParts.RIM in vertebra.cut or seen < _MIN_SEEN_WHOLE or cut > _MAX_CUT_WHOLE
    if all(p.side is not Side.MIDDLE for p in profiles):
        is_cut = bool((np.minimum(body.upper_trust, body.lower_trust) <= CUT).any())
        return replace(empty, is_partial=is_cut, reason=PARTIAL if is_cut else NO_BODY)
    return replace(
        empty,
        centre_lps_mm=body.centre_lps_mm,
        frame=body.frame,
        profiles=profiles,
        depth=_depth(body, body_walls),
        posterior_slope=body_walls.back_slope,
        width=_width(body, body_walls),
        canal=_canal(body, body_walls, field),
        body_ml=_volume(body, body_walls),
        upper_plate_lps_mm=_plate_middle(profiles, is_upper=True),
        lower_plate_lps_mm=_plate_middle(profiles, is_upper=False),
        upper_plate_normal_lps=_rim_normal(field, body, body_walls, upper, scan, is_upper=True),
        lower_plate_normal_lps=_rim_normal(field, body, body_walls, lower, scan, is_upper=False),
        notes=_notes(upper, lower, is_rim_cut=is_rim_cut),
        is_rim_cut=is_rim_cut,
        is_bridged_above=upper.trust < _BRIDGED_TRUST,
        is_bridged_below=lower.trust < _BRIDGED_TRUST,
    )


def _measure_axis(
    empty: VertebraMeasurement, field: Field, axis: Vertebra, scan: CtVolume | None
) -> VertebraMeasurement:
    """Return the measurements of C2, which has only a lower endplate."""
    body_and_walls = sample_axis_body(field, axis)
    if body_and_walls is None:
        return replace(empty, reason=NO_BODY)
    body, body_walls = body_and_walls
    if scan is not None:
        body = at_edges(body, scan)
    plate = endplate(body, body_walls, is_upper=False)
    if plate is None:
        return replace(empty, reason=NO_BODY)
    left = 0.5 * (body_walls.left + body_walls.right)
    back = 0.5 * (body_walls.front + body_walls.back)
    down = plate.at + plate.slope_left * left + plate.slope_back * back
    return replace(
        empty,
        reason=AXIS,
        lower_plate_lps_mm=body.point(down, left, back),
        lower_plate_normal_lps=_rim_normal(field, body, body_walls, plate, scan, is_upper=False),
    )


def _profiles(body: Body, body_walls: Walls, label: int) -> tuple[Profile, ...]:
    """Return those profiles (left, middle and right) that could be measured."""
    nearer = _LOWEST_FACTOR if label in _LOWEST_LEVELS else 1.0
    found = (_profile(body, body_walls, side, nearer * SIDES[side]) for side in Side)
    return tuple(profile for profile in found if profile is not None)


def _notes(upper: Endplate, lower: Endplate, *, is_rim_cut: bool) -> tuple[str, ...]:
    is_bridged = min(upper.trust, lower.trust) < _BRIDGED_TRUST
    return (*((CUT_RIM,) if is_rim_cut else ()), *((BRIDGED,) if is_bridged else ()))


def _plate_middle(profiles: Sequence[Profile], *, is_upper: bool) -> Triple | None:
    """Return the middle of an endplate; None without a profile in the middle."""
    middle = next((p.middle for p in profiles if p.side is Side.MIDDLE), None)
    if middle is None:
        return None
    return middle.start_lps_mm if is_upper else middle.end_lps_mm


def _rim_normal(
    field: Field,
    body: Body,
    around: Walls,
    plate: Endplate,
    scan: CtVolume | None,
    *,
    is_upper: bool,
) -> Triple:
    """Return the normal (towards the feet) of an endplate as radiologists draw it.

    From front to back, the drawn line follows the outermost parts, usually the rims, because the
    inner part is often tilted relative to them. From side to side, the line follows the inner part,
    where there are no processes. Ends where two vertebrae touch are outside the endplate, so they
    count little; if there is hardly anything else, the direction is partly that of the body.
    """
    found_ends = rim_ends(field, body, is_upper=is_upper)
    if found_ends is None:
        return plate.normal_lps(body)
    ends, trust = found_ends
    if scan is not None:
        ends, trust = ends_at_edge(body, ends, trust, scan, is_upper=is_upper)
    outwards = -1.0 if is_upper else 1.0
    columns = body.near(0.5 * (around.left + around.right), _RIM_SLAB_MM)
    before, behind = np.array(_RIM_BEYOND) * around.depth_mm
    rows = (body.back >= around.front - before) & (body.back <= around.back + behind)
    part = np.ix_(columns, rows)
    values, back = ends[part], np.broadcast_to(body.back[rows], ends[part].shape)
    is_used = np.isfinite(values) & (trust[part] > CUT)
    if is_used.sum() < 0.5 * is_used.size:
        return plate.normal_lps(body)
    is_used &= np.abs(values - np.median(values[is_used])) < _WALL_MM
    design = np.column_stack([np.ones(int(is_used.sum())), back[is_used]])
    coefficients = robust_fit(
        design, outwards * values[is_used], trust[part][is_used] ** 2, ROUGH_MM, _OUTER
    )
    # A slope of 0 is the body's own direction.
    weight = min(float(trust[part][is_used].mean()) / _FREE_ENOUGH, 1.0)
    return replace(plate, slope_back=weight * outwards * float(coefficients[1])).normal_lps(body)


def _profile(body: Body, around: Walls, side: Side, fraction: float) -> Profile | None:
    """Return the profile in a slab at a fraction of half the width.

    None if an endplate is missing.
    """
    left = 0.5 * (around.left + around.right) + fraction * 0.5 * around.width_mm
    columns = body.near(left)
    cut = Cut(body.point(0.0, left, 0.0), body.frame.left_lps)
    whole_span = around.front + np.array(_WHOLE_PART) * around.depth_mm
    lines = [_line_of_plate(body, columns, whole_span, is_upper=up) for up in (True, False)]
    calipers = []
    for position, part in ((_FRONT, _FRONT_PART), (_MIDDLE, _MIDDLE_PART), (_BACK, _BACK_PART)):
        back = around.front + position * around.depth_mm
        span = around.front + np.array(part) * around.depth_mm
        upper = _plate_at(body, columns, back, span, lines[0], is_upper=True)
        lower = _plate_at(body, columns, back, span, lines[1], is_upper=False)
        if upper is None or lower is None:
            return None
        # Slices vary independently; a different threshold moves both endplates.
        spread = float(np.hypot(np.hypot(upper[1], lower[1]), upper[2] + lower[2]))
        uncertainty = _HEIGHT_SCALE * spread
        calipers.append(
            Caliper(
                body.point(upper[0], left, back),
                body.point(lower[0], left, back),
                cut,
                uncertainty,
            )
        )
    return Profile(side, *calipers)


def _plate_at(
    body: Body,
    columns: NDArray[np.bool_],
    back: float,
    span: Floats,
    line: Floats,
    *,
    is_upper: bool,
) -> tuple[float, float, float] | None:
    """Return the position of an endplate at a depth, its spread over slices, and its softness.

    A line is fitted to the part of the endplate within `span`. Where two vertebrae touch, `line`,
    fitted to the whole endplate, counts more than the border between them, which depends on the
    grid. None if too little of the part is visible.
    """
    ends, trust = _ends_of_plate(body, is_upper=is_upper)
    softness = body.upper_softness if is_upper else body.lower_softness
    part, along, is_used = _samples(body, ends, trust, columns, span)
    if is_used.sum() < 0.4 * is_used.size or is_used.sum() < 4:
        return None
    values = ends[part]
    # At a rounded rim, some columns of samples leave the body through its wall, far from the
    # endplate.
    is_used &= np.abs(values - np.median(values[is_used])) < _WALL_MM
    if is_used.sum() < 4:
        return None
    count, used = int(is_used.sum()), values[is_used]
    design = np.column_stack([np.ones(count), (along - back)[is_used]])
    part_trust = trust[part][is_used]
    coefficients = robust_fit(
        np.vstack([design, design]),
        np.concatenate([used, line[0] + line[1] * along[is_used]]),
        np.concatenate([part_trust, _WHOLE_TRUST * (1.0 - part_trust)]),
        ROUGH_MM,
    )
    residuals = used - design @ coefficients
    number = np.nonzero(is_used)[0]
    in_slice = np.bincount(number)
    slices = np.bincount(number, residuals)[in_slice > 0] / in_slice[in_slice > 0]
    spread = float(np.std(slices)) if len(slices) > 1 else 0.5
    unseen = 1.0 - float(trust[part][np.isfinite(values)].mean())
    spread = float(np.hypot(spread, _UNSEEN_MM * unseen))
    return float(coefficients[0]), spread, float(np.median(softness[part][is_used]))


def _line_of_plate(
    body: Body, columns: NDArray[np.bool_], span: Floats, *, is_upper: bool
) -> Floats:
    """Return the position and slope of the line through a whole endplate: float64, shape (2,)."""
    ends, trust = _ends_of_plate(body, is_upper=is_upper)
    part, along, is_used = _samples(body, ends, trust, columns, span)
    design = np.column_stack([np.ones(int(is_used.sum())), along[is_used]])
    return robust_fit(design, ends[part][is_used], trust[part][is_used], ROUGH_MM)


def _ends_of_plate(body: Body, *, is_upper: bool) -> tuple[Floats, Floats]:
    return (body.upper, body.upper_trust) if is_upper else (body.lower, body.lower_trust)


def _samples(
    body: Body, ends: Floats, trust: Floats, columns: NDArray[np.bool_], span: Floats
) -> tuple[tuple[NDArray[np.intp], ...], Floats, NDArray[np.bool_]]:
    """Return the index of a part of an endplate, positions along it, and which ends count."""
    rows = (body.back >= span[0]) & (body.back <= span[1])
    part = np.ix_(columns, rows)
    along = np.broadcast_to(body.back[rows], ends[part].shape)
    return part, along, np.isfinite(ends[part]) & (trust[part] > CUT)


def _depth(body: Body, around: Walls) -> Caliper:
    left = 0.5 * (around.left + around.right)
    return Caliper(
        body.point(0.0, left, around.front),
        body.point(0.0, left, around.back),
        Cut(body.point(0.0, left, 0.0), body.frame.left_lps),
        around.spread_mm[0],
    )


def _width(body: Body, around: Walls) -> Caliper:
    back = around.front + 0.48 * around.depth_mm
    return Caliper(
        body.point(0.0, around.right, back),
        body.point(0.0, around.left, back),
        Cut(body.point(0.0, 0.0, back), body.frame.down_lps),
        _WIDTH_SCALE * around.spread_mm[1],
    )


def _canal(body: Body, around: Walls, field: Field) -> Caliper | None:
    """Return the shortest distance from the posterior wall to the arch, in the canal's midline.

    It is the median of the shortest 10% of the distances sampled near this line. None if too little
    of the arch is found.

    Choice: the midline is where this distance is largest, because the laminae meet there, farthest
    back. The middle of the body may be several mm beside it, where one of its sides merges into a
    transverse process.
    """
    middle = 0.5 * (around.left + around.right)
    down = body.down[::2]
    positions = around.back + np.arange(0.0, _CANAL_MM, _CANAL_STEP_MM)
    reach = _MIDLINE_MM + _BESIDE_MIDLINE_MM
    left = middle + np.arange(-reach, reach + 0.1)
    inside = field.sample(body.centre_lps_mm, body.frame, (down, left, positions))
    # Start at a plane through the wall, because veins leave the body through the wall itself.
    wall = (around.back + around.back_slope * down)[:, None, None]
    is_bone, beyond = inside >= 0.5, positions - wall
    is_arch = is_bone & (beyond > 5.0)
    is_free = ~(is_bone & (beyond > 2.0) & (beyond < 5.0)).any(axis=2)
    rows, columns = np.nonzero(is_arch.any(axis=2) & is_free)
    first = is_arch.argmax(axis=2)[rows, columns]
    current, previous = inside[rows, columns, first], inside[rows, columns, first - 1]
    fraction = (current - 0.5) / np.maximum(current - previous, 1e-6)
    row_wall = wall[rows, 0, 0]
    arch = positions[first] - _CANAL_STEP_MM * fraction
    lengths = np.column_stack([arch - row_wall, down[rows], row_wall])
    from_shortest = np.lexsort(lengths.T[::-1])
    lengths, lefts = lengths[from_shortest], left[columns][from_shortest]
    strips = []
    for centre in left[np.abs(left - middle) <= _MIDLINE_MM + 1e-6]:
        near = lengths[np.abs(lefts - centre) <= _BESIDE_MIDLINE_MM + 1e-6]
        if len(near) >= _MIN_CANAL_LINES:
            strips.append((near[: max(len(near) // 10, 3)], float(centre)))
    if not strips:
        return None
    shortest, centre = max(strips, key=lambda strip: float(np.median(strip[0][:, 0])))
    length, height, wall = np.median(shortest, axis=0).tolist()
    return Caliper(
        body.point(height, centre, wall),
        body.point(height, centre, wall + length),
        Cut(body.point(0.0, centre, 0.0), body.frame.left_lps),
        float(np.hypot(np.std(shortest[:, 0]), _CANAL_MIN_MM)),
    )


def _volume(body: Body, around: Walls) -> Estimate:
    """Return the volume of the bone in front of the posterior wall and near the side walls."""
    half = 0.5 * around.width_mm + 4.0
    middle = 0.5 * (around.left + around.right)
    wall = around.back + around.back_slope * body.down
    is_body = (np.abs(body.left - middle) <= half)[None, :, None] & (
        body.back[None, None, :] <= wall[:, None, None]
    )
    ml = float(np.clip(body.inside, 0, 1)[is_body].sum()) * body.cell_ml
    # The uncertainty assumes that the whole surface is off by 0.2 mm.
    surface = 2 * (
        around.width_mm * around.depth_mm
        + (around.width_mm + around.depth_mm) * float(np.nanmedian(body.lower - body.upper))
    )
    return Estimate(ml, 0.2 * surface / 1000)
