"""The numbers of one vertebra: heights, diameters, volume, canal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.vertebrae import Vertebra
from spineviewer.measurements.results import (
    Caliper,
    Cut,
    Estimate,
    Profile,
    Side,
    VertebraMeasurement,
)
from spineviewer.measurements.surfaces import (
    ACROSS_MM,
    ALONG_MM,
    Body,
    Field,
    Walls,
    end_plate,
    own_body,
    robust_fit,
)
from spineviewer.wording import worded

Floats = NDArray[np.float64]

#: Where across a body the profiles are, as shares of half its width.
SIDES = {Side.LEFT: 0.55, Side.MIDDLE: 0.0, Side.RIGHT: -0.55}
#: Where along the depth heights are taken, and the part of the depth whose line gives them.
_FRONT, _FRONT_PART = 0.05, (0.0, 0.30)
_MIDDLE, _MIDDLE_PART = 0.50, (0.40, 0.60)
_BACK, _BACK_PART = 0.95, (0.70, 1.0)
#: Least uncertainty of a point on an end plate, as a share of the voxel's size.
_VOXEL_SHARE = 0.2
NO_BODY = worded("No vertebral body could be measured in the mask.")
PARTIAL = worded("The scan cuts this vertebra.")
ATLAS = worded("C1 has no body.")


def measured_body(vertebra: Vertebra, field: Field) -> tuple[VertebraMeasurement, Body | None]:
    """Return the numbers of a vertebra that its voxels give, and the sampled body."""
    empty = VertebraMeasurement(
        vertebra.name,
        vertebra.label,
        vertebra.is_partial,
        vertebra.body_centre_lps_mm,
        vertebra.end_plate_frame,
    )
    if vertebra.is_partial:
        return replace(empty, reason=PARTIAL), None
    if vertebra.label == 1:
        return replace(empty, reason=ATLAS), None
    found = own_body(field, vertebra)
    if found is None:
        return replace(empty, reason=NO_BODY), None
    body, around = found
    upper, lower = (end_plate(body, around, ends) for ends in (body.upper, body.lower))
    voxel = float(np.abs(np.array(body.frame.down_lps)) @ _spacing_lps(field))
    profiles = tuple(
        profile
        for side in Side
        if (profile := _profile(body, around, side, _VOXEL_SHARE * voxel)) is not None
    )
    if upper is None or lower is None or all(p.side is not Side.MIDDLE for p in profiles):
        return replace(empty, reason=NO_BODY), None
    return (
        replace(
            empty,
            centre_lps_mm=body.centre_lps_mm,
            frame=body.frame,
            profiles=profiles,
            depth=_depth(body, around),
            width=_width(body, around),
            canal=_canal(body, around),
            body_ml=_volume(body, around),
            upper_plate_normal_lps=upper.normal_lps(body),
            lower_plate_normal_lps=lower.normal_lps(body),
        ),
        body,
    )


def _spacing_lps(field: Field) -> Floats:
    """Size of a voxel along L, P and S."""
    return np.asarray(np.abs(np.array(field.grid.axes_lps)).T @ np.array(field.grid.spacing_zyx_mm))


def _profile(body: Body, around: Walls, side: Side, voxel_mm: float) -> Profile | None:
    """Return the profile in a slab at one side; None where an end plate is missing."""
    left = 0.5 * (around.left + around.right) + SIDES[side] * 0.5 * around.width_mm
    columns = body.near(left)
    cut = Cut(body.point(0.0, left, 0.0), body.frame.left_lps)
    calipers = []
    for place, part in ((_FRONT, _FRONT_PART), (_MIDDLE, _MIDDLE_PART), (_BACK, _BACK_PART)):
        back = around.front + place * around.depth_mm
        span = around.front + np.array(part) * around.depth_mm
        upper = _plate_at(body, body.upper, columns, back, span)
        lower = _plate_at(body, body.lower, columns, back, span)
        if upper is None or lower is None:
            return None
        uncertainty = float(np.hypot(np.hypot(upper[1], lower[1]), np.sqrt(2) * voxel_mm))
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
    body: Body, ends: Floats, columns: NDArray[np.bool_], back: float, span: Floats
) -> tuple[float, float] | None:
    """Return where an end plate is along the body at a depth, and its spread over slices.

    A line is fitted to the part of it within `span`.
    """
    rows = (body.back >= span[0]) & (body.back <= span[1])
    values = ends[np.ix_(columns, rows)]
    across, along = np.meshgrid(body.left[columns], body.back[rows], indexing="ij")
    there = np.isfinite(values)
    if there.sum() < 0.4 * there.size or there.sum() < 4:
        return None
    design = np.column_stack([np.ones(int(there.sum())), (along - back)[there]])
    found, _ = robust_fit(design, values[there], floor=0.4)
    off = values[there] - design @ found
    slices = [off[across[there] == place].mean() for place in np.unique(across[there])]
    return float(found[0]), float(np.std(slices)) if len(slices) > 1 else 0.5


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
        around.spread_mm[1],
    )


def _canal(body: Body, around: Walls) -> Caliper | None:
    """Return the shortest way from the posterior wall to the arch in the middle, or None."""
    middle = 0.5 * (around.left + around.right)
    columns = np.flatnonzero(body.near(middle, 2.0))
    rows = np.flatnonzero(np.abs(body.down) <= 0.5 * body.down[-1] + 4.0)
    best: list[tuple[float, float, float]] = []
    for column in columns:
        for row in rows:
            down = float(body.down[row])
            wall = around.back + around.back_slope * down
            line = body.inside[row, column]
            behind = np.flatnonzero((body.back > wall + 5.0) & (line >= 0.5))
            free = (body.back > wall + 2.0) & (body.back < wall + 5.0)
            if len(behind) == 0 or (line[free] >= 0.5).any():
                continue
            first = int(behind[0])
            here, before = float(line[first]), float(line[first - 1])
            edge = float(body.back[first]) - ACROSS_MM * (here - 0.5) / max(here - before, 1e-6)
            best.append((edge - wall, down, wall))
    if len(best) < 5:
        return None
    shortest = np.array(sorted(best))
    low = shortest[: max(len(shortest) // 10, 3)]
    length, down, wall = np.median(low, axis=0).tolist()
    return Caliper(
        body.point(down, middle, wall),
        body.point(down, middle, wall + length),
        Cut(body.point(0.0, middle, 0.0), body.frame.left_lps),
        float(np.hypot(np.std(low[:, 0]), 0.3)),
    )


def _volume(body: Body, around: Walls) -> Estimate:
    """Volume between the walls and the end plates."""
    half = 0.5 * around.width_mm + 4.0
    middle = 0.5 * (around.left + around.right)
    wall = around.back + around.back_slope * body.down
    is_body = (np.abs(body.left - middle) <= half)[None, :, None] & (
        body.back[None, None, :] <= wall[:, None, None]
    )
    cell_ml = ALONG_MM * ACROSS_MM**2 / 1000
    ml = float(np.clip(body.inside, 0, 1)[is_body].sum()) * cell_ml
    # A border that is off by a fifth of a millimetre all around.
    surface = 2 * (
        around.width_mm * around.depth_mm
        + (around.width_mm + around.depth_mm) * float(np.nanmedian(body.lower - body.upper))
    )
    return Estimate(ml, 0.2 * surface / 1000)
