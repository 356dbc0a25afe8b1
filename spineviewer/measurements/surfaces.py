"""The end plates and walls of one vertebral body, from its voxels.

A body is sampled on a small grid along its own directions. On each line of samples through the body
the bone's upper and lower ends are found between samples. Everything else is a robust fit to those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, map_coordinates

from spineviewer.labelling.vertebrae import BodyFrame, Vertebra, Vertebrae
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.volume import PROBABILITY_SCALE, ProbabilityMap

Floats = NDArray[np.float64]

#: Distances of samples along the body, and across it.
ALONG_MM, ACROSS_MM = 0.5, 1.0
#: How far to the sides, to the front and to the back of a body's centre is looked.
_REACH_MM, _REACH_BACK_MM = 33.0, 48.0
#: Gaps in the bone up to this length are closed: vessels, and holes in a mask.
_GAP_MM = 4.0
#: Share of a body's half height that is surely not end plate.
_INNER = 0.35
#: Half the thickness of the middle slab from which a profile is taken.
SLAB_MM = 4.0


@dataclass(frozen=True, eq=False)
class Field:
    """How much of a voxel is this vertebra, with the place of the array in the patient.

    Attributes
    ----------
    inside
        float32, shape (z, y, x): 0.5 is the border of the bone.
    origin_zyx
        Index of its first voxel in `grid`.
    """

    inside: NDArray[np.float32]
    origin_zyx: tuple[int, int, int]
    grid: Geometry

    def at(self, points_lps_mm: Floats) -> NDArray[np.float32]:
        """Return the values at places: float32, shape (...) of float64 points of shape (..., 3)."""
        index = self.grid.index_zyx(points_lps_mm) - self.origin_zyx
        out = np.empty(index.shape[:-1], np.float32)
        map_coordinates(
            self.inside, np.moveaxis(index, -1, 0), order=1, output=out, mode="constant"
        )
        return out


@dataclass(frozen=True, eq=False)
class Body:
    """A body sampled along its own directions: down, left and back of its centre, in mm.

    Attributes
    ----------
    centre_lps_mm, frame
        Origin and axes.
    down, left, back
        float64 places of the samples along each axis.
    inside
        float32, shape (down, left, back).
    upper, lower
        float64, shape (left, back): where the bone ends above and below; NaN beside the body.
    """

    centre_lps_mm: Triple
    frame: BodyFrame
    down: Floats
    left: Floats
    back: Floats
    inside: NDArray[np.float32]
    upper: Floats
    lower: Floats

    @property
    def axes(self) -> Floats:
        """Unit vectors down, left and back as rows: float64, shape (3, 3)."""
        return np.array([self.frame.down_lps, self.frame.left_lps, self.frame.back_lps])

    def point(self, down: float, left: float, back: float) -> Triple:
        """Return a place of the body in the patient."""
        x, y, z = (np.array(self.centre_lps_mm) + np.array([down, left, back]) @ self.axes).tolist()
        return x, y, z

    def near(self, left_mm: float, reach_mm: float = SLAB_MM) -> NDArray[np.bool_]:
        """Return which samples of `left` are in a slab: bool, shape (left,)."""
        return np.asarray(np.abs(self.left - left_mm) <= reach_mm)


@dataclass(frozen=True, eq=False)
class Walls:
    """The walls of a body at half its height, in mm along its own directions.

    Attributes
    ----------
    front, back
        In the middle.
    back_slope
        How far the posterior wall moves backwards per mm downwards.
    right, left
        At the sides; right is negative.
    spread_mm
        Standard uncertainty of depth and width.
    """

    front: float
    back: float
    back_slope: float
    right: float
    left: float
    spread_mm: tuple[float, float]

    @property
    def depth_mm(self) -> float:
        """From front to back."""
        return self.back - self.front

    @property
    def width_mm(self) -> float:
        """From right to left."""
        return self.left - self.right


def sampled_body(field: Field, centre_lps_mm: Triple, frame: BodyFrame, height_mm: float) -> Body:
    """Return a body sampled about a centre; `height_mm` is about that of the level."""
    reach = 0.5 * height_mm + 9.0
    down = np.arange(-reach, reach + 1e-6, ALONG_MM)
    left = np.arange(-_REACH_MM, _REACH_MM + 1e-6, ACROSS_MM)
    back = np.arange(-_REACH_MM, _REACH_BACK_MM + 1e-6, ACROSS_MM)
    axes = np.array([frame.down_lps, frame.left_lps, frame.back_lps])
    offsets = (
        (down[:, None] * axes[0])[:, None, None]
        + (left[:, None] * axes[1])[None, :, None]
        + (back[:, None] * axes[2])[None, None, :]
    )
    inside = field.at(np.array(centre_lps_mm) + offsets)
    upper, lower = _ends(inside, down)
    return Body(centre_lps_mm, frame, down, left, back, inside, upper, lower)


def _ends(inside: NDArray[np.float32], down: Floats) -> tuple[Floats, Floats]:
    """Upper and lower end of the bone through half height on each line: shapes (left, back)."""
    filled = inside >= 0.5
    middle = len(down) // 2
    gap = round(_GAP_MM / ALONG_MM)
    inner = np.abs(down) <= 0.2 * down[-1]
    is_bone = filled[inner].mean(axis=0) > 0.3
    upper = _end(inside[middle::-1], filled[middle::-1], gap)
    lower = _end(inside[middle:], filled[middle:], gap)
    nothing = ~is_bone | np.isnan(upper) | np.isnan(lower)
    up = np.where(nothing, np.nan, down[middle] - upper * ALONG_MM)
    low = np.where(nothing, np.nan, down[middle] + lower * ALONG_MM)
    return up, low


def _end(inside: NDArray[np.float32], filled: NDArray[np.bool_], gap: int) -> Floats:
    """How many samples from the first one the bone reaches; NaN where it has no end."""
    n = len(filled)
    # A line ends at the last bone before a gap that is too long.
    since = np.zeros(filled.shape[1:], np.int64)
    last = np.full(filled.shape[1:], -1, np.int64)
    is_open = np.ones(filled.shape[1:], np.bool_)
    for k in range(n):
        since = np.where(filled[k], 0, since + 1)
        is_open &= since <= gap
        last = np.where(is_open & filled[k], k, last)
    known = np.clip(last, 0, n - 2)
    here = np.take_along_axis(inside, known[None], axis=0)[0].astype(np.float64)
    after = np.take_along_axis(inside, known[None] + 1, axis=0)[0].astype(np.float64)
    share = np.clip((here - 0.5) / np.maximum(here - after, 1e-6), 0.0, 1.0)
    return np.where((last < 0) | (last >= n - 1), np.nan, known + share)


def walls(body: Body) -> Walls | None:
    """Return the walls of a body at half its height; None where there is no body."""
    half = _half_height(body)
    if half is None:
        return None
    rows = np.flatnonzero(np.abs(body.down) <= _INNER * half)
    columns = np.flatnonzero(body.near(0.0))
    middle = int(np.argmin(np.abs(body.back)))
    part = body.inside[np.ix_(rows, columns)]
    gap = round(_GAP_MM / ACROSS_MM)
    filled = part >= 0.5
    backwards = _end(
        np.moveaxis(part[..., middle:], 2, 0), np.moveaxis(filled[..., middle:], 2, 0), 1
    )
    forwards = _end(
        np.moveaxis(part[..., middle::-1], 2, 0), np.moveaxis(filled[..., middle::-1], 2, 0), gap
    )
    if np.isfinite(backwards).mean() < 0.3 or np.isfinite(forwards).mean() < 0.3:
        return None
    back_by_row = np.nanmedian(backwards, axis=1) * ACROSS_MM + body.back[middle]
    front_by_row = body.back[middle] - np.nanmedian(forwards, axis=1) * ACROSS_MM
    slope, back = _line(body.down[rows], back_by_row)
    front = float(np.nanmedian(front_by_row))
    depth = back - front
    between = np.flatnonzero((body.back > front + 0.3 * depth) & (body.back < front + 0.65 * depth))
    centre = int(np.argmin(np.abs(body.left)))
    part = body.inside[np.ix_(rows, np.arange(len(body.left)), between)]
    filled = part >= 0.5
    to_left = _end(np.moveaxis(part[:, centre:], 1, 0), np.moveaxis(filled[:, centre:], 1, 0), gap)
    to_right = _end(
        np.moveaxis(part[:, centre::-1], 1, 0), np.moveaxis(filled[:, centre::-1], 1, 0), gap
    )
    if np.isfinite(to_left).mean() < 0.3 or np.isfinite(to_right).mean() < 0.3:
        return None
    left = float(np.nanmedian(to_left)) * ACROSS_MM + body.left[centre]
    right = body.left[centre] - float(np.nanmedian(to_right)) * ACROSS_MM
    spread = (
        float(np.hypot(_spread(back_by_row), _spread(front_by_row))),
        float(np.hypot(_spread(to_left), _spread(to_right))) * ACROSS_MM,
    )
    return Walls(front, back, slope, right, left, spread)


def _half_height(body: Body) -> float | None:
    near = (np.abs(body.left) < 8)[:, None] & (np.abs(body.back) < 8)[None]
    heights = (body.lower - body.upper)[near]
    return 0.5 * float(np.nanmedian(heights)) if np.isfinite(heights).mean() > 0.3 else None


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Slope and value at 0 of a line through points of which some are off: Theil and Sen."""
    there = np.isfinite(y)
    x, y = x[there], y[there]
    first, second = np.triu_indices(len(x), 1)
    slope = float(np.median((y[second] - y[first]) / (x[second] - x[first])))
    return slope, float(np.median(y - slope * x))


def _spread(values: Floats) -> float:
    """Return the standard deviation of values of which some are off or NaN."""
    low, high = np.nanpercentile(values, (16, 84))
    return float(high - low) / 2


@dataclass(frozen=True)
class EndPlate:
    """A plane through an end plate: down = at + slope_left * left + slope_back * back."""

    at: float
    slope_left: float
    slope_back: float

    def normal_lps(self, body: Body) -> Triple:
        """Return its unit normal, pointing to the feet."""
        normal = np.array([1.0, -self.slope_left, -self.slope_back]) @ body.axes
        x, y, z = (normal / np.linalg.norm(normal)).tolist()
        return x, y, z


def end_plate(body: Body, around: Walls, ends: Floats) -> EndPlate | None:
    """Return the plane through an end plate, without rims and osteophytes.

    `ends` is float64, shape (left, back): `body.upper` or `body.lower`. None where less than half
    of the end plate is there.
    """
    left, back = np.meshgrid(body.left, body.back, indexing="ij")
    middle = 0.5 * (around.left + around.right)
    inner = (
        (np.abs(left - middle) < 0.34 * around.width_mm)
        & (back > around.front + 0.12 * around.depth_mm)
        & (back < around.back - 0.12 * around.depth_mm)
    )
    there = inner & np.isfinite(ends)
    if there.sum() < 0.5 * inner.sum() or there.sum() < 20:
        return None
    design = np.column_stack([np.ones(int(there.sum())), left[there], back[there]])
    found, _ = robust_fit(design, ends[there], floor=0.4)
    at, slope_left, slope_back = found.tolist()
    return EndPlate(at, slope_left, slope_back)


def robust_fit(design: Floats, values: Floats, floor: float) -> tuple[Floats, float]:
    """Return the coefficients of a linear fit that ignores outliers, and the residuals' spread.

    Parameters
    ----------
    design, values
        float64, shapes (n, terms) and (n,).
    floor
        Residuals below this count fully.
    """
    weights: Floats = np.ones(len(values))
    found = np.zeros(design.shape[1])
    scale = floor
    for _ in range(8):
        root = np.sqrt(weights)
        found[:] = np.linalg.lstsq(design * root[:, None], values * root, rcond=None)[0]
        off = values - design @ found
        scale = max(1.4826 * float(np.median(np.abs(off))), floor)
        weights = np.clip(1 - (off / (3.5 * scale)) ** 2, 0.0, 1.0) ** 2 + 1e-9
    return found, scale


def own_body(field: Field, vertebra: Vertebra) -> tuple[Body, Walls] | None:
    """Return a body along its own directions, at right angles to its end plates, with its walls.

    None where the voxels show no body.
    """
    frame, centre = vertebra.end_plate_frame, vertebra.body_centre_lps_mm
    body, around = None, None
    for _ in range(3):
        body = sampled_body(field, centre, frame, vertebra.height_mm)
        around = walls(body)
        if around is None:
            return None
        plates = [end_plate(body, around, ends) for ends in (body.upper, body.lower)]
        if plates[0] is None or plates[1] is None:
            return None
        mean = [
            0.5 * (plates[0].normal_lps(body)[k] + plates[1].normal_lps(body)[k]) for k in range(3)
        ]
        new = frame_along(np.array(mean), body.frame)
        offset = (
            0.5 * (plates[0].at + plates[1].at),
            0.5 * (around.left + around.right),
            0.5 * (around.front + around.back),
        )
        turned = float(np.degrees(np.arccos(np.clip(np.dot(new.down_lps, frame.down_lps), -1, 1))))
        if turned < 1.0 and max(map(abs, offset)) < 1.0:
            break
        frame, centre = new, body.point(*offset)
    assert body is not None and around is not None
    return body, around


def frame_along(down: Floats, about: BodyFrame) -> BodyFrame:
    """Return a frame with this direction down, otherwise as near as possible to another one.

    `down` is float64, shape (3,).
    """
    down = down / np.linalg.norm(down)
    left = np.array(about.left_lps) - (np.array(about.left_lps) @ down) * down
    left /= np.linalg.norm(left)
    back = np.array(about.back_lps)
    back = back - (back @ down) * down - (back @ left) * left
    back /= np.linalg.norm(back)
    return BodyFrame(_triple(down), _triple(left), _triple(back))


def _triple(vector: Floats) -> Triple:
    x, y, z = vector.tolist()
    return x, y, z


def vertebra_field(
    vertebrae: Vertebrae, vertebra: Vertebra, probability: ProbabilityMap | None = None
) -> Field:
    """Return the voxels of one vertebra as a field.

    With the probability, borders between voxels are where it is 0.5; the vertebra's own voxels stay
    inside and all others outside, so that corrections by hand count.
    """
    grid, labels = vertebrae.geometry, vertebrae.labels
    origin = tuple(max(part.start - 2, 0) for part in vertebra.box)
    box = tuple(
        slice(first, part.stop + 2) for first, part in zip(origin, vertebra.box, strict=True)
    )
    part = labels[box]
    first = (origin[0], origin[1], origin[2])
    is_own = part == vertebra.label
    if probability is None:
        return Field(is_own.astype(np.float32), first, grid)
    share = _probability_at(probability, grid, first, part.shape)
    outside = np.where(part > 0, 0.0, np.minimum(share, 0.499))
    return Field(
        np.where(is_own, np.maximum(share, 0.501), outside).astype(np.float32), first, grid
    )


def _probability_at(
    probability: ProbabilityMap,
    grid: Geometry,
    first_zyx: tuple[int, int, int],
    shape: tuple[int, ...],
) -> NDArray[np.float32]:
    """Return the probability in voxels of another grid, from 0 to 1."""
    working = probability.geometry
    corner = working.index_zyx(grid.point_lps_mm(first_zyx))
    steps = np.stack([np.add(first_zyx, step) for step in np.eye(3)])
    columns = (working.index_zyx(grid.point_lps_mm(steps)) - corner).T
    low = np.floor(np.minimum(corner, corner + columns @ (np.array(shape) - 1))).astype(int)
    low = np.clip(low - 1, 0, np.array(working.shape_zyx) - 1)
    high = np.ceil(np.maximum(corner, corner + columns @ (np.array(shape) - 1))).astype(int) + 2
    part = probability.values[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    out = np.empty(shape, np.float32)
    # Both grids have the same axes, so that a diagonal suffices, which scipy computes faster.
    is_diagonal = np.abs(columns - np.diag(np.diag(columns))).max() < 1e-6
    affine_transform(
        part.astype(np.float32),
        np.diag(columns) if is_diagonal else columns,
        corner - low,
        output_shape=shape,
        output=out,
        order=1,
        mode="nearest",
    )
    return out / np.float32(PROBABILITY_SCALE)
