"""Rotation of the three viewing planes about the point where they meet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane

Vector = NDArray[np.float64]

_STRAIGHT: tuple[Triple, Triple, Triple] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
#: If a plane contains less than this fraction of the horizontal direction, the rows of its picture
#: follow the rotated axis instead.
_MIN_FRACTION = 0.2


@dataclass(frozen=True)
class Rotation:
    """The rotation of the planes, which stay at right angles.

    Attributes
    ----------
    axes
        For each grid axis (z, y, x), the unit vector (z, y, x, in mm along the grid's axes) into
        which it is rotated. It is the normal of the plane that cuts this axis.
    """

    axes: tuple[Triple, Triple, Triple] = _STRAIGHT

    @property
    def is_straight(self) -> bool:
        """Whether nothing is rotated."""
        return self.axes == _STRAIGHT

    @property
    def is_right_angled(self) -> bool:
        """Whether the vectors are orthonormal; those of a damaged file may not be."""
        axes = np.array(self.axes)
        return bool(np.abs(axes @ axes.T - np.eye(3)).max() < 1e-6)

    def normal(self, plane: Plane) -> Vector:
        """Return the normal of a plane, towards higher slice numbers: float64, shape (3,)."""
        return np.array(self.axes[plane.value])

    def tilt_deg(self, plane: Plane) -> float:
        """Return the angle between a plane and its unrotated position, in degrees."""
        cosine = self.axes[plane.value][plane.value]
        return math.degrees(math.acos(min(max(cosine, -1.0), 1.0)))

    def about(self, axis: Vector, degrees: float) -> Rotation:
        """Return this rotation followed by one about a direction (z, y, x), right-handed.

        A result that is straight to within a thousandth of a degree becomes exactly straight.
        """
        unit = axis / np.linalg.norm(axis)
        angle = np.radians(degrees)
        skew = np.array([[0, -unit[2], unit[1]], [unit[2], 0, -unit[0]], [-unit[1], unit[0], 0]])
        rotation = np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * skew @ skew
        rotated = np.array(self.axes) @ rotation.T
        u, _, v = np.linalg.svd(rotated)  # hundreds of small rotations must not add up to a skew
        orthonormal = u @ v
        if np.abs(orthonormal - np.eye(3)).max() < 1.7e-5:
            return Rotation()
        one, two, three = ((float(z), float(y), float(x)) for z, y, x in orthonormal)
        return Rotation((one, two, three))

    def in_picture(self, plane: Plane, degrees: float) -> Rotation:
        """Return this rotation followed by one about a plane's normal, clockwise in its picture."""
        return self.about(_cross(*self.right_down(plane)), degrees)

    def crossing(self, plane: Plane, other: Plane) -> tuple[float, float]:
        """Return the direction (right, down) in which another plane cuts a plane's picture."""
        right, down = self.right_down(plane)
        line = _cross(self.normal(plane), self.normal(other))
        return float(line @ right), float(line @ down)

    def right_down(self, plane: Plane) -> tuple[Vector, Vector]:
        """Return the directions to the right and down in a plane's picture: float64, shape (3,).

        Choice: pictures are tilted, never rolled: their rows stay as horizontal as the plane
        allows. A plane rotated about its own normal does not move; only the other planes' lines
        rotate in it.
        """
        return _right_down(self.axes, plane)


def stored_rotation(axes: tuple[Triple, Triple, Triple]) -> Rotation:
    """Return a rotation with axes from a file.

    Raises
    ------
    ValueError
        When they are not at right angles.
    """
    rotation = Rotation(axes)
    if not rotation.is_right_angled:
        raise ValueError("the planes are not at right angles")
    return rotation


@lru_cache(64)
def _right_down(axes: tuple[Triple, Triple, Triple], plane: Plane) -> tuple[Vector, Vector]:
    normal = np.array(axes[plane.value])
    horizontal = np.eye(3)[plane.column_axis]
    right = horizontal - (horizontal @ normal) * normal
    if np.linalg.norm(right) < _MIN_FRACTION:
        right = np.array(axes[plane.column_axis])
    right /= np.linalg.norm(right)
    straight = _cross(np.eye(3)[plane.value], horizontal)[plane.row_axis]
    down = _cross(normal, right) * ((-1.0 if plane.is_row_flipped else 1.0) / straight)
    right.flags.writeable = down.flags.writeable = False  # callers share the cached arrays
    return right, down


def _cross(one: Vector, other: Vector) -> Vector:
    """Return the cross product; `np.cross` takes twenty times as long for three numbers."""
    (a, b, c), (d, e, f) = one, other
    return np.array([b * f - c * e, c * d - a * f, a * e - b * d])
