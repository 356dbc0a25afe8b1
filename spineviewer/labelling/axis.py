"""The line through the middle of the vertebral bodies.

Bodies are where the mask is deepest in a slice, that is, where its border is farthest away. Dynamic
programming finds the chain of such points from the top of the mask to its bottom with the smallest
jumps. This chain is the spine, even if the mask contains shoulders, ribs and hips, which do not
form such a chain. A smoothing spline through it is the initial line. It is refined twice with the
centres of the bodies in slices perpendicular to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_smoothing_spline
from scipy.ndimage import distance_transform_edt, gaussian_filter1d

from spineviewer.labelling.straightened import ACROSS_MM, BACK_MM, LEFT_MM, sample_along
from spineviewer.volume.centre_line import CentreLine, directions_along

Points = NDArray[np.float64]

#: Cell size of the grid in which the first chain is searched for.
_CELL_MM = 3
#: Greater depths (in hips and shoulders) score no better than this one.
_DEEPEST_MM = 15.0
#: Minimum depth of the bone in a slice through a body.
SHALLOWEST_MM = 4.0
#: Blur along the spine, so that discs do not interrupt the chain.
_BLUR_MM = 6.0
#: Stiffness of the line, chosen so that it ignores short bends, which are noise.
_STIFFNESS_MM = 18.0
#: The line continues straight beyond both ends of the mask, by this length.
OVERHANG_MM = 30.0
_ROUNDS = 2
#: Choice: a body is within this distance of the line.
_REACH_MM = 18.0
#: Choice: deep bone counts less beyond this distance from the line. Otherwise, small changes at C1
#: would decide towards which lateral mass the line bends.
_NEAR_MM = 14.0
#: The straight continuation above C3 begins this far below the disc below C2. Choice: in six necks
#: of the training data and label maps, the line then runs through the dens; if it begins in C2's
#: body, it misses the dens by up to 15 mm.
_INTO_C3_MM = 8
#: The continuation has the mean direction of the line over this length below its beginning.
_STRAIGHT_MM = 30
#: C1 and C2 are within this distance of the line.
_ASIDE_MM = 45.0
#: Axial slices with less bone do not show where the middle is.
_MIN_SECTION_MM2 = 100
#: If fewer mm of the neck are in view, the middle is not computed.
_MIN_NECK_MM = 15


@dataclass(frozen=True, eq=False)
class WorkingMask:
    """The mask on the part of the 1 mm working grid that contains it.

    Attributes
    ----------
    voxels
        bool, shape (z, y, x).
    origin_zyx
        Index of its first voxel in the working grid.
    """

    voxels: NDArray[np.bool_]
    origin_zyx: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class BodyAxis:
    """The line through the bodies, and the radii of the bodies along it.

    Attributes
    ----------
    line
        From the head down, in the frame of `straightened`.
    radius_mm
        Shape (stations,): radius of the largest circle within the bone at each station, 0 where
        there is no bone.
    """

    line: CentreLine
    radius_mm: NDArray[np.float64]


def body_axis(mask: WorkingMask) -> BodyAxis | None:
    """Return the line through the vertebral bodies of a mask.

    None if the mask contains less than one body.
    """
    points, depth_mm = _chain_of_cells(mask)
    if len(points) < 3:
        return None
    line = _line_through(points, depth_mm)
    radius = np.zeros(0)
    for _ in range(_ROUNDS):
        if line is None:
            return None
        offsets, radius = _bodies_along(mask, line)
        is_deep = radius > SHALLOWEST_MM
        if is_deep.sum() < 10:
            return None
        centres = line.points_mm + offsets[:, :1] * line.back + offsets[:, 1:] * line.left
        line = _line_through(centres[is_deep], radius[is_deep])
    if line is None:
        return None
    line = _rotated_with_vertebrae(mask, line)
    _, radius = _bodies_along(mask, line)
    return BodyAxis(line, radius)


def _chain_of_cells(mask: WorkingMask) -> tuple[Points, NDArray[np.float64]]:
    """Return the positions (n, 3) in mm of the deepest cells, one per slice, and their depths."""
    # The cells are those of the whole working grid, wherever the mask begins.
    before = [first % _CELL_MM for first in mask.origin_zyx]
    counts = np.pad(mask.voxels, [(n, 0) for n in before])
    for axis in range(3):
        counts = np.add.reduceat(
            counts, np.arange(0, counts.shape[axis], _CELL_MM), axis=axis, dtype=np.uint8
        )
    fraction = np.pad(counts.astype(np.float32) / _CELL_MM**3, ((0, 0), (1, 1), (1, 1)))
    fraction = gaussian_filter1d(fraction, _BLUR_MM / _CELL_MM, axis=0, mode="constant")
    filled = fraction > 0.35
    # The slice spacing is set so large that the nearest point without bone is in the same slice.
    depth = distance_transform_edt(filled, sampling=(1e6, _CELL_MM, _CELL_MM)).astype(np.float32)
    depth[~np.isfinite(depth)] = 0
    path = _deepest_path(np.minimum(depth, _DEEPEST_MM))
    slices = np.arange(len(path))
    depth_mm = depth[slices, path[:, 0], path[:, 1]].astype(np.float64)
    is_deep = (depth_mm > SHALLOWEST_MM) & counts.any(axis=(1, 2))  # blur extends the ends
    cells = np.column_stack([slices, path - 1])[is_deep]
    points = (cells + 0.5) * _CELL_MM + np.array(mask.origin_zyx) - before
    return points[::-1], depth_mm[is_deep][::-1]


@numba.njit(nogil=True, cache=True)
def _deepest_path(depth):  # type: ignore[no-untyped-def]
    """Return the deepest path with few bends.

    int64, shape (slices, 2): its row and column in each slice.
    """
    nz, ny, nx = depth.shape
    best = np.zeros((nz, ny, nx), np.float32)
    step_taken = np.zeros((nz, ny, nx, 2), np.int8)
    best[0] = depth[0] * depth[0]
    for z in range(1, nz):
        for y in range(ny):
            for x in range(nx):
                highest = np.float32(-1e30)
                for dy in range(-2, 3):
                    if not 0 <= y + dy < ny:
                        continue
                    for dx in range(-1, 2):
                        if not 0 <= x + dx < nx:
                            continue
                        value = best[z - 1, y + dy, x + dx] - np.float32(4 * dy * dy + 6 * dx * dx)
                        if value > highest:
                            highest = value
                            step_taken[z, y, x, 0] = dy
                            step_taken[z, y, x, 1] = dx
                best[z, y, x] = highest + depth[z, y, x] * depth[z, y, x]
    path = np.zeros((nz, 2), np.int64)
    highest = np.float32(-1e30)
    for y in range(ny):
        for x in range(nx):
            if best[nz - 1, y, x] > highest:
                highest = best[nz - 1, y, x]
                path[nz - 1, 0] = y
                path[nz - 1, 1] = x
    for z in range(nz - 1, 0, -1):
        y, x = path[z]
        path[z - 1, 0] = y + step_taken[z, y, x, 0]
        path[z - 1, 1] = x + step_taken[z, y, x, 1]
    return path


def _line_through(points: Points, weights: NDArray[np.float64]) -> CentreLine | None:
    """Return a smooth line through points that are ordered from the head down.

    None if there are too few points or they are too close together.
    """
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 0.1))])
    if len(along) < 5 or along[-1] < 6:
        return None
    weight = np.clip(weights / weights.mean(), 0.05, 2.0) ** 2
    stiffness = _STIFFNESS_MM**4 / max(float(np.median(np.diff(along))), 0.5)
    fine = np.arange(0.0, along[-1], 0.5)
    curve = np.stack(
        [
            make_smoothing_spline(along, points[:, k], w=weight, lam=stiffness)(fine)
            for k in range(3)
        ],
        axis=1,
    )
    span = min(len(curve) - 1, 40)
    head = curve[0] - curve[span]
    foot = curve[-1] - curve[-1 - span]
    distance = np.arange(0.5, OVERHANG_MM + 1e-6, 0.5)[:, None]
    curve = np.concatenate(
        [
            (curve[0] + distance * head / np.linalg.norm(head))[::-1],
            curve,
            curve[-1] + distance * foot / np.linalg.norm(foot),
        ]
    )
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    even = np.arange(0.0, length[-1], 1.0)
    stations = np.stack([np.interp(even, length, curve[:, k]) for k in range(3)], axis=1)
    return _with_directions(stations, np.zeros(len(stations)))


def _with_directions(stations: Points, rotation_rad: NDArray[np.float64]) -> CentreLine:
    """Return the line through stations, with left and back rotated about it by `rotation_rad`."""
    down, left, back = directions_along(stations)
    cosine, sine = np.cos(rotation_rad)[:, None], np.sin(rotation_rad)[:, None]
    return CentreLine(
        stations,
        down,
        cosine * left - sine * back,
        cosine * back + sine * left,
        1.0,
        OVERHANG_MM,
        max(len(stations) - 1.0 - OVERHANG_MM, OVERHANG_MM),
    )


def straight_above_c3(line: CentreLine, below_c2: int, mask: WorkingMask) -> CentreLine:
    """Return the line with everything above C3 replaced by its straight continuation.

    Stations keep their numbers. At C1, the deepest bone is not the dens but a lateral mass, to one
    side of the spine. In a scan whose mask ends shortly below C3, the line says little about the
    direction, so the continuation is centred between right and left.

    Parameters
    ----------
    below_c2
        Station of the disc below C2.
    """
    start = min(below_c2 + _INTO_C3_MM, len(line.points_mm) - 1)
    straight = _continued_above(line, start)
    is_short = len(line.points_mm) - OVERHANG_MM - start < _STRAIGHT_MM
    return _centred_above(straight, start, mask) if is_short else straight


def _centred_above(line: CentreLine, start: int, mask: WorkingMask) -> CentreLine:
    """Return the line with the part above a station centred between right and left.

    The middle is computed in axial slices. C1 is so wide and flat that slices perpendicular to a
    wrongly directed line would only confirm its direction.
    """
    z, _, x = (np.argwhere(mask.voxels) + np.array(mask.origin_zyx) + 0.5).T
    point, down = line.points_mm[start], line.down[0]
    near = (z > point[0]) & (np.abs(x - point[2]) < _ASIDE_MM)
    bins = (z[near] - point[0]).astype(np.int64)
    count = np.bincount(bins, minlength=1)
    heights = np.flatnonzero(count >= _MIN_SECTION_MM2)
    if len(heights) < _MIN_NECK_MM:
        return line
    middle = np.bincount(bins, x[near])[heights] / count[heights]
    slope, offset = np.polyfit(heights + 0.5, middle, 1)
    down = np.array([down[0], down[1], slope * down[0]])
    down /= np.linalg.norm(down)
    return _replaced_above(line, start, np.array([point[0], point[1], offset]), down, line.left[0])


def _continued_above(line: CentreLine, start: int) -> CentreLine:
    """Return the line with a straight part above a station, in its mean direction just below."""
    part = slice(start, start + _STRAIGHT_MM)
    down, left = line.down[part].mean(axis=0), line.left[part].mean(axis=0)
    down /= np.linalg.norm(down)
    return _replaced_above(line, start, line.points_mm[start], down, left)


def _replaced_above(
    line: CentreLine, start: int, point: Points, down: Points, left: Points
) -> CentreLine:
    """Return the line with its part above a station replaced by a straight one.

    The straight part runs from `point` in the direction opposite to `down`; `left` is made
    perpendicular to it.
    """
    left = left - (left @ down) * down
    left /= np.linalg.norm(left)
    back = line.back[start] - (line.back[start] @ down) * down
    back -= (back @ left) * left
    back /= np.linalg.norm(back)
    points, downs, lefts, backs = (
        values.copy() for values in (line.points_mm, line.down, line.left, line.back)
    )
    points[:start] = point - line.step_mm * np.arange(start, 0, -1)[:, None] * down
    downs[:start], lefts[:start], backs[:start] = down, left, back
    return replace(line, points_mm=points, down=downs, left=lefts, back=backs)


def _bodies_along(mask: WorkingMask, line: CentreLine) -> tuple[Points, NDArray[np.float64]]:
    """Return the body's centre and radius in mm at each station.

    The centre is (back, left) in mm from the line.
    """
    # A larger region would only take longer.
    rows, columns = BACK_MM[np.abs(BACK_MM) < 28], LEFT_MM[np.abs(LEFT_MM) < 28]
    fraction = sample_along(
        mask.voxels,
        (1.0, 1.0, 1.0),
        line,
        outside=0.0,
        origin=mask.origin_zyx,
        back_mm=rows,
        left_mm=columns,
    )
    fraction = gaussian_filter1d(fraction, _BLUR_MM, axis=0, mode="constant")
    depth = distance_transform_edt(fraction > 0.4, sampling=(1e6, ACROSS_MM, ACROSS_MM))
    depth[~np.isfinite(depth) | (depth > 1e5)] = 0
    off = np.hypot(rows[:, None], columns[None])
    depth = depth * (off < _REACH_MM)
    deepest = depth.max(axis=(1, 2))
    near = depth * np.exp(-((off / _NEAR_MM) ** 4))
    weights = np.where(near > 0.8 * near.max(axis=(1, 2))[:, None, None], near, 0) ** 4
    total = np.maximum(weights.sum(axis=(1, 2)), 1e-12)
    back = (weights.sum(axis=2) * rows).sum(axis=1) / total
    left = (weights.sum(axis=1) * columns).sum(axis=1) / total
    return np.column_stack([back, left]), deepest


def _rotated_with_vertebrae(mask: WorkingMask, line: CentreLine) -> CentreLine:
    """Return the line with left and back rotated with the vertebrae.

    Back is the direction of arches and spinous processes.
    """
    fraction = sample_along(mask.voxels, (1.0, 1.0, 1.0), line, outside=0.0, origin=mask.origin_zyx)
    behind, central = BACK_MM > 15, np.abs(LEFT_MM) < 40
    behind_fraction = fraction[:, behind][:, :, central]
    weights = gaussian_filter1d(behind_fraction.sum(axis=(1, 2)), 15.0, mode="nearest") + 1e-9
    left = gaussian_filter1d(
        (behind_fraction * LEFT_MM[central]).sum(axis=(1, 2)), 15.0, mode="nearest"
    )
    back = gaussian_filter1d(
        (behind_fraction.sum(axis=2) * BACK_MM[behind]).sum(axis=1), 15.0, mode="nearest"
    )
    has_enough_bone = weights > 5.0
    rotation_rad = np.where(has_enough_bone, np.arctan2(left, np.maximum(back, 1e-6)), 0.0)
    return _with_directions(
        line.points_mm, gaussian_filter1d(np.clip(rotation_rad, -0.7, 0.7), 10.0, mode="nearest")
    )
