"""Signed depths of simple solids in mm, positive inside: the building blocks of the phantom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spineviewer.training.synthetic.anatomy import Part
from spineviewer.volume.boxes import inside
from spineviewer.volume.geometry import Box

Depth = NDArray[np.float32]
Point = tuple[float, float, float]

#: Signed depth (mm) of points that are far outside a solid.
FAR_MM = -16.0


@dataclass(frozen=True)
class Frame:
    """A local frame in the phantom's grid with axes s (up), p (back), l (left), tilted sagittally.

    Attributes
    ----------
    origin_zyx
        Index (1 mm) of the frame's origin.
    tilt_deg
        Positive values tilt the upward axis backwards.
    """

    origin_zyx: Point
    tilt_deg: float = 0.0

    def local(self, z: Depth, y: Depth, x: Depth) -> tuple[Depth, Depth, Depth]:
        """Return the local coordinates (s, p, l) of grid indices."""
        tilt = np.radians(self.tilt_deg)
        c, k = np.float32(np.cos(tilt)), np.float32(np.sin(tilt))
        dz, dy = z - np.float32(self.origin_zyx[0]), y - np.float32(self.origin_zyx[1])
        return c * dz + k * dy, -k * dz + c * dy, x - np.float32(self.origin_zyx[2])

    def point(self, s: float, p: float, left: float) -> Point:
        """Return the grid index of a local point."""
        tilt = np.radians(self.tilt_deg)
        c, k = float(np.cos(tilt)), float(np.sin(tilt))
        z, y, x = self.origin_zyx
        return z + c * s - k * p, y + k * s + c * p, x + left


def box_between(
    low: Sequence[float], high: Sequence[float], shape: tuple[int, int, int]
) -> Box | None:
    """Return the part of a grid between two corners; None if it is empty."""
    a = [max(0, int(np.floor(v))) for v in low]
    b = [min(n, int(np.ceil(v)) + 1) for v, n in zip(high, shape, strict=True)]
    if any(stop <= start for start, stop in zip(a, b, strict=True)):
        return None
    return slice(a[0], b[0]), slice(a[1], b[1]), slice(a[2], b[2])


def grid_of(box: Box) -> tuple[Depth, Depth, Depth]:
    """Return the indices z, y, x of a box, ready to broadcast."""
    z, y, x = (np.arange(b.start, b.stop, dtype=np.float32) for b in box)
    return z[:, None, None], y[None, :, None], x[None, None, :]


def blended(one: Depth, two: Depth, softness_mm: float) -> Depth:
    """Return the signed depth of the union of two solids, with a fillet."""
    h = np.clip(softness_mm - np.abs(one - two), 0, None)
    joined: Depth = np.maximum(one, two) + h * h / (4 * softness_mm)
    return joined


def capsule(
    local: tuple[Depth, Depth, Depth],
    start: Point,
    end: Point,
    radii: tuple[float, float],
    flat: Point = (1.0, 1.0, 1.0),
) -> Depth:
    """Return the signed depth of a rod with round ends and varying radius.

    `flat` divides the rod's size along s, p and l.
    """
    scaled = [
        (c - np.float32(a)) * np.float32(f) for c, a, f in zip(local, start, flat, strict=True)
    ]
    axis = [(b - a) * f for a, b, f in zip(start, end, flat, strict=True)]
    length = max(sum(a * a for a in axis), 1e-6)
    t = np.clip(sum(q * np.float32(a / length) for q, a in zip(scaled, axis, strict=True)), 0, 1)
    away = [q - t * np.float32(a) for q, a in zip(scaled, axis, strict=True)]
    distance = np.sqrt(sum(a * a for a in away) + np.float32(1e-6))
    depth = np.float32(radii[0]) + t * np.float32(radii[1] - radii[0]) - distance
    if flat != (1.0, 1.0, 1.0):  # back to mm: divide by the steepness of the squeezed distance
        depth = depth / (
            np.sqrt(
                sum((a * np.float32(f)) ** 2 for a, f in zip(away, flat, strict=True))
                + np.float32(1e-6)
            )
            / distance
        )
    result: Depth = depth.astype(np.float32)
    return result


def ellipsoid(local: tuple[Depth, Depth, Depth], radii: Point, power: float = 2.0) -> Depth:
    """Return the signed depth of an ellipsoid around the local origin; exact only near the surface.

    With a higher power, the ellipsoid resembles a rounded box.
    """
    unit = [np.abs(c) / np.float32(r) for c, r in zip(local, radii, strict=True)]
    rho = sum(u**power for u in unit) ** np.float32(1 / power) + np.float32(1e-6)
    steep = np.sqrt(
        sum((u ** (power - 1) / np.float32(r)) ** 2 for u, r in zip(unit, radii, strict=True))
    ) / rho ** (power - 1)
    depth: Depth = ((1 - rho) / np.maximum(steep, np.float32(1 / max(radii)))).astype(np.float32)
    return depth


def tube(
    points: NDArray[np.float64],
    radius_mm: float,
    shape: tuple[int, int, int],
    flat: Point = (1.0, 1.0, 1.0),
) -> Part | None:
    """Return a rod along a line of points, drawn segment by segment; None if it is off the grid.

    `points` is float64, shape (points, 3), rows z, y, x.
    """
    reach = radius_mm + 6.0
    box = box_between(
        (points.min(axis=0) - reach).tolist(), (points.max(axis=0) + reach).tolist(), shape
    )
    if box is None:
        return None
    values = np.full([b.stop - b.start for b in box], FAR_MM, dtype=np.float32)
    for start, end in pairwise(points):
        piece = box_between(
            (np.minimum(start, end) - reach).tolist(),
            (np.maximum(start, end) + reach).tolist(),
            shape,
        )
        if piece is None:
            continue
        inner = inside(piece, box)
        a, b = tuple(start.tolist()), tuple(end.tolist())
        depth = capsule(
            grid_of(piece), (a[0], a[1], a[2]), (b[0], b[1], b[2]), (radius_mm, radius_mm), flat
        )
        np.maximum(values[inner], depth, out=values[inner])
    return Part(box, values)
