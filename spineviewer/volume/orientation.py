"""Conversion between the order of voxels in a file and the canonical order.

In canonical order, the array axes (z, y, x) increase towards the patient's head, back and left, as
far as possible without resampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.geometry import Box, Geometry, IndexTriple

Scalar = TypeVar("Scalar", bound=np.generic)

#: Rows: the patient direction (L, P, S) in which canonical axis z, y, x increases.
CANONICAL_AXES_LPS = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


@dataclass(frozen=True)
class AxisOrder:
    """The source axis that becomes each canonical axis, and whether it is reversed."""

    source_axes: IndexTriple = (0, 1, 2)
    is_flipped: tuple[bool, bool, bool] = (False, False, False)

    def to_canonical(self, array: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return a view of a file's array in canonical order: any dtype, shape (z, y, x)."""
        return array.transpose(self.source_axes)[self._steps]

    def to_source(self, array: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return a view of a canonical array in the file's order: any dtype, shape (z, y, x)."""
        inverse: Any = np.argsort(self.source_axes)
        return array[self._steps].transpose(inverse)

    def box_to_source(self, box: Box, shape: tuple[int, ...]) -> Box:
        """Return the box in the file's array for a box in a canonical array of `shape`."""
        reversed_sides = [
            slice(n - part.stop, n - part.start) if flipped else part
            for part, n, flipped in zip(box, shape, self.is_flipped, strict=True)
        ]
        one, two, three = (reversed_sides[axis] for axis in np.argsort(self.source_axes))
        return one, two, three

    @property
    def _steps(self) -> tuple[slice, ...]:
        return tuple(slice(None, None, -1 if flipped else 1) for flipped in self.is_flipped)

    def canonical_geometry(self, source: Geometry) -> Geometry:
        """Return the geometry of `to_canonical(array)` for an array on `source`."""
        first = [
            n - 1 if flipped else 0
            for n, flipped in zip(self._picked(source.shape_zyx), self.is_flipped, strict=True)
        ]
        corner = np.empty(3)
        corner[list(self.source_axes)] = first
        signs = [-1.0 if flipped else 1.0 for flipped in self.is_flipped]
        axes = [
            tuple(sign * v for v in axis)
            for sign, axis in zip(signs, self._picked(source.axes_lps), strict=True)
        ]
        return Geometry(
            shape_zyx=_triple(self._picked(source.shape_zyx)),
            spacing_zyx_mm=_triple(self._picked(source.spacing_zyx_mm)),
            origin_lps_mm=_triple(source.point_lps_mm(corner).tolist()),
            axes_lps=_triple(axes),
        )

    def _picked(self, values: Any) -> list[Any]:
        return [values[axis] for axis in self.source_axes]


def canonical_order(source: Geometry) -> AxisOrder:
    """Return the permutation and flips that bring a grid closest to canonical order.

    The assignment with the largest total alignment is used, so that a grid rotated by 45 degrees
    still gets three different axes.
    """
    alignment = np.array(source.axes_lps) @ CANONICAL_AXES_LPS.T  # [source axis, canonical axis]
    best = max(permutations(range(3)), key=lambda p: sum(abs(alignment[p[k], k]) for k in range(3)))
    flips = [bool(alignment[best[k], k] < 0) for k in range(3)]
    return AxisOrder(_triple(best), _triple(flips))


def _triple(values: Any) -> Any:
    one, two, three = values
    return one, two, three
