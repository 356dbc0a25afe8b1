"""The voxels that a brush covers between two points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.geometry import Geometry, IndexTriple

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Brush:
    """A round brush.

    Attributes
    ----------
    radius_mm
        In patient millimetres, so that the brush is also round on anisotropic grids.
    flat_axis
        Canonical axis along which the brush is one slice thick; None for a ball.
    min_hu, max_hu
        Lowest and highest HU of the voxels that it changes; None for no limit.
    """

    radius_mm: float
    flat_axis: int | None = None
    min_hu: int | None = None
    max_hu: int | None = None

    def covered(
        self, start: Point, stop: Point, geometry: Geometry, hu: NDArray[np.int16]
    ) -> tuple[IndexTriple, NDArray[np.bool_]] | None:
        """Return the corner and selection (bool, 3-D) of the voxels that a straight stroke covers.

        These are the voxels within the radius of the line from `start` to `stop`, which are
        fractional indices (z, y, x), and within the range of HU. `hu` is int16, shape (z, y, x).
        None if the brush is entirely outside the scan.
        """
        spacing = np.array(geometry.spacing_zyx_mm)
        a, b = np.array(start), np.array(stop)
        if self.flat_axis is not None:
            a[self.flat_axis] = b[self.flat_axis] = np.round(b[self.flat_axis])
        reach = self.radius_mm / spacing
        if self.flat_axis is not None:
            reach[self.flat_axis] = 0
        first = np.maximum(np.ceil(np.minimum(a, b) - reach), 0).astype(int)
        last = np.minimum(
            np.floor(np.maximum(a, b) + reach), np.array(geometry.shape_zyx) - 1
        ).astype(int)
        if (last < first).any():
            return None
        axes = [
            (np.arange(f, t + 1) - origin) * s
            for f, t, origin, s in zip(first, last, a, spacing, strict=True)
        ]
        along = (b - a) * spacing
        length_squared = float(along @ along)
        z, y, x = np.ix_(*axes)
        position = (
            np.clip((z * along[0] + y * along[1] + x * along[2]) / length_squared, 0, 1)
            if length_squared > 0
            else 0.0
        )
        distance_squared = (
            (z - position * along[0]) ** 2
            + (y - position * along[1]) ** 2
            + (x - position * along[2]) ** 2
        )
        selected: NDArray[np.bool_] = distance_squared <= self.radius_mm**2
        corner = (int(first[0]), int(first[1]), int(first[2]))
        box = tuple(slice(f, t + 1) for f, t in zip(first, last, strict=True))
        if self.min_hu is not None:
            selected = selected & (hu[box] >= self.min_hu)
        if self.max_hu is not None:
            selected = selected & (hu[box] <= self.max_hu)
        return corner, selected
