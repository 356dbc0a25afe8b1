"""Foreign objects in a scan: metal with its streaks, cement, and the table."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.training.synthetic.anatomy import Level
from spineviewer.training.synthetic.deformation import NODE_MM
from spineviewer.training.synthetic.tissues import ForeignRanges, Range, uniform

Point = NDArray[np.float64]


@dataclass(frozen=True)
class Rod:
    """A cylinder with round ends, in voxels (1 mm) of the scan."""

    start_zyx: Point
    end_zyx: Point
    radius_mm: float


def place_in_scan(nodes: NDArray[np.float32], source_zyx: Point) -> Point | None:
    """Return the scan index of a point of the source; None at the edge of the scan or outside it.

    `nodes` is float32, shape (3, nodes z, nodes y, nodes x).
    """
    offset = nodes - np.asarray(source_zyx, dtype=np.float32)[:, None, None, None]
    distance = np.einsum("czyx,czyx->zyx", offset, offset)
    i, j, k = (int(n) for n in np.unravel_index(int(np.argmin(distance)), distance.shape))
    if any(n <= 0 or n >= count - 1 for n, count in zip((i, j, k), distance.shape, strict=True)):
        return None
    jacobian = np.empty((3, 3))
    jacobian[:, 0] = nodes[:, i + 1, j, k] - nodes[:, i - 1, j, k]
    jacobian[:, 1] = nodes[:, i, j + 1, k] - nodes[:, i, j - 1, k]
    jacobian[:, 2] = nodes[:, i, j, k + 1] - nodes[:, i, j, k - 1]
    jacobian /= 2 * NODE_MM
    step = np.linalg.solve(jacobian + 1e-3 * np.eye(3), -offset[:, i, j, k].astype(np.float64))
    point: Point = np.array([i, j, k], dtype=float) * NODE_MM + np.clip(step, -NODE_MM, NODE_MM)
    return point


def depth_of_rods(rods: list[Rod], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the signed depth below the surface of the nearest rod in mm, at least -3.

    float32, shape `shape`; positive inside.
    """
    depth = np.full(shape, -3.0, dtype=np.float32)
    for rod in rods:
        reach = rod.radius_mm + 2
        low = np.floor(np.minimum(rod.start_zyx, rod.end_zyx) - reach).astype(int)
        high = np.ceil(np.maximum(rod.start_zyx, rod.end_zyx) + reach).astype(int)
        box = tuple(
            slice(max(0, a), max(0, min(n, b))) for a, b, n in zip(low, high, shape, strict=True)
        )
        if any(b.stop <= b.start for b in box):
            continue
        grid = np.stack(
            np.meshgrid(*(np.arange(b.start, b.stop) for b in box), indexing="ij"), axis=-1
        ).astype(float)
        axis = rod.end_zyx - rod.start_zyx
        along = np.clip((grid - rod.start_zyx) @ axis / max(float(axis @ axis), 1e-6), 0, 1)
        away = np.linalg.norm(grid - rod.start_zyx - along[..., None] * axis, axis=-1)
        np.maximum(depth[box], (rod.radius_mm - away).astype(np.float32), out=depth[box])
    return depth


def streaks_of(
    metal: NDArray[np.float32], rng: np.random.Generator, strength_hu: float
) -> NDArray[np.float32]:
    """Return the streaks of metal in HU: float32, shape (z, y, x).

    In each axial slice, bright and dark rays start at each piece, and dark bands connect pieces.

    Parameters
    ----------
    metal
        Fraction of metal in each voxel: float32, shape (z, y, x).
    """
    out = np.zeros(metal.shape, dtype=np.float32)
    y, x = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in metal.shape[1:]), indexing="ij")
    rays: dict[int, NDArray[np.float32]] = {}
    for z in np.nonzero(metal.any(axis=(1, 2)))[0]:
        pieces, count = ndimage.label(metal[z] > 0.3)
        if count == 0:
            continue
        middles = ndimage.center_of_mass(metal[z], pieces, range(1, count + 1))
        areas = ndimage.sum_labels(metal[z], pieces, range(1, count + 1))
        for piece, ((row, column), area) in enumerate(zip(middles, areas, strict=True)):
            angle = np.arctan2(y - row, x - column)
            away = np.hypot(y - row, x - column)
            pattern = rays.get(piece)
            if pattern is None or rng.random() < 0.3:
                pattern = (
                    ndimage.gaussian_filter1d(
                        rng.standard_normal(720).astype(np.float32), 5.0, mode="wrap"
                    )
                    * 3.5
                )
                pattern = 0.5 * (pattern + np.roll(pattern, 360))
                rays[piece] = pattern
            direction = ((angle + np.pi) / (2 * np.pi) * 720).astype(np.int64) % 720
            size = np.sqrt(float(area)) / 6
            out[z] += (
                strength_hu * size * pattern[direction] / (1 + away / 14) * np.clip(away / 4, 0, 1)
            )
        for one in range(count):
            for two in range(one + 1, count):
                out[z] -= strength_hu * 0.9 * _band(y, x, middles[one], middles[two])
    return ndimage.gaussian_filter(out, (0.8, 0.5, 0.5))


def _band(
    y: NDArray[np.float32], x: NDArray[np.float32], one: tuple[float, ...], two: tuple[float, ...]
) -> NDArray[np.float32]:
    """Return 1 on the line between two points, falling off to its sides and beyond its ends."""
    along = np.array(two) - np.array(one)
    length = max(float(np.hypot(*along)), 1.0)
    t = ((y - one[0]) * along[0] + (x - one[1]) * along[1]) / length
    side = ((y - one[0]) * along[1] - (x - one[1]) * along[0]) / length
    beyond = np.clip(np.maximum(-t, t - length), 0, None)
    band: NDArray[np.float32] = (np.exp(-((side / 3.5) ** 2)) / (1 + (beyond / 15) ** 2)).astype(
        np.float32
    )
    return band


def add_cement(
    hu: NDArray[np.float32],
    bones: NDArray[np.uint8],
    rng: np.random.Generator,
    ranges: ForeignRanges,
) -> None:
    """Add cement to one to three bodies, in place.

    `hu` (float32) and `bones` (uint8) have shape (z, y, x).
    """
    present = [n for n in range(3, 29) if np.count_nonzero(bones == n) > 3000]
    if not present:
        return
    chosen = rng.choice(present, min(len(present), int(rng.integers(1, 4))), replace=False)
    for number in chosen:
        where = np.array(np.nonzero(bones == number))
        low, high = where.min(axis=1), where.max(axis=1) + 1
        box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        middle = where.mean(axis=1) + rng.uniform(-5, 5, 3)
        radius = min(uniform(rng, ranges.cement_radius_mm), 0.45 * float((high - low).max()))
        grid = np.meshgrid(*(np.arange(b.start, b.stop) for b in box), indexing="ij", sparse=True)
        away = np.sqrt(sum((g - m) ** 2 for g, m in zip(grid, middle, strict=True)))
        ragged = ndimage.gaussian_filter(rng.standard_normal(away.shape), 2.0) * 14  # unit variance
        filled = (away + 2.5 * ragged < radius) & (bones[box] == number)
        hu[box][filled] = uniform(rng, ranges.cement_hu) * (1 + 0.15 * ragged[filled])


def add_table(hu: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Add a curved table below the patient, if it is in the field of view, in place.

    `hu` is float32, shape (z, y, x).
    """
    is_body = hu > -300
    height = hu.shape[1]
    hollow = uniform(rng, (0.0, 0.0012))
    x = np.arange(hu.shape[2]) - hu.shape[2] / 2 + uniform(rng, (-20, 20))
    rows = np.nonzero(is_body.any(axis=(0, 2)))[0]
    if rows.size == 0 or rows[-1] > height - 4:
        return
    top = rows[-1] + 1 + uniform(rng, (0, 6)) - hollow * x * x
    thickness, shell = uniform(rng, (15, 45)), uniform(rng, (1.2, 3.0))
    depth = np.arange(height)[:, None] - top[None, :]
    inside = (depth >= 0) & (depth <= thickness)
    wall = inside & ((depth < shell) | (depth > thickness - shell))
    foam, carbon = uniform(rng, (-980, -880)), uniform(rng, (-350, 150))
    couch = np.where(wall, carbon, foam).astype(np.float32)
    for plane in hu:
        free = inside & (plane < -900)
        plane[free] = couch[free]


def random_rods(
    levels: tuple[Level, ...],
    nodes: NDArray[np.float32],
    rng: np.random.Generator,
    ranges: ForeignRanges,
) -> list[Rod]:
    """Return pedicle screws at up to five neighbouring levels below C6, and the rods joining them.

    `nodes` is float32, shape (3, nodes z, nodes y, nodes x).
    """
    eligible = [
        level
        for level in levels
        if level.number > 6 and place_in_scan(nodes, np.array(level.centre_zyx)) is not None
    ]
    if not eligible:
        return []
    first = int(rng.integers(len(eligible)))
    chosen = eligible[first : first + int(rng.integers(1, 6))]
    radius, rod_radius = uniform(rng, ranges.screw_radius_mm), uniform(rng, ranges.rod_radius_mm)
    rods: list[Rod] = []
    for side in (-1, 1):
        heads = []
        for level in chosen:
            (z, y, x), (half_z, half_y, half_x) = level.centre_zyx, level.half_zyx
            size = half_x / 22
            high = z + 0.3 * half_z
            tip = place_in_scan(
                nodes,
                np.array([high - uniform(rng, (0, 5)), y - 0.45 * half_y, x + side * 0.3 * half_x]),
            )
            entry = place_in_scan(
                nodes, np.array([high, y + half_y + 26 * size, x + side * 0.85 * half_x])
            )
            if tip is None or entry is None:
                continue
            head = entry + (entry - tip) / max(float(np.linalg.norm(entry - tip)), 1.0) * 5
            rods += [Rod(tip, entry, radius), Rod(entry, head, radius + 2.2)]
            heads.append(head)
        rods += [Rod(a, b, rod_radius) for a, b in itertools.pairwise(heads)]
    return rods


def add_metal(
    hu: NDArray[np.float32],
    rods: list[Rod],
    rng: np.random.Generator,
    ranges: ForeignRanges,
    streak_hu: Range | None = None,
) -> None:
    """Add metal and its streaks to `hu`, in place: float32, shape (z, y, x).

    `streak_hu` is the range of streak strength; None uses that of `ranges`.
    """
    if not rods:
        return
    fraction = np.clip(depth_of_rods(rods, hu.shape) + 0.5, 0, 1)
    hu *= 1 - fraction
    hu += fraction * uniform(rng, ranges.metal_hu)
    streaks = streaks_of(fraction, rng, uniform(rng, streak_hu or ranges.streak_hu))
    streaks *= np.clip((hu + 1100) / 900, 0.25, 1)
    hu += streaks
