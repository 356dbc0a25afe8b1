"""The position of a rectangular voxel grid in the patient, in DICOM's LPS coordinates in mm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spineviewer.errors import GeometryError

Triple = tuple[float, float, float]
IndexTriple = tuple[int, int, int]
#: A part of an array, along its three axes.
Box = tuple[slice, slice, slice]

#: Largest cosine between two grid axes that still counts as a right angle (0.1 degrees; more is a
#: gantry tilt).
RIGHT_ANGLE_COSINE = 1.75e-3


@dataclass(frozen=True)
class Geometry:
    """A regular rectangular voxel grid.

    Attributes
    ----------
    shape_zyx
        Number of voxels along each array axis, slowest first.
    spacing_zyx_mm
        Distance between neighbouring voxel centres along each array axis.
    origin_lps_mm
        Centre of voxel ``[0, 0, 0]`` as (L, P, S).
    axes_lps
        For each array axis, the unit vector (L, P, S) along which its index increases.

    Raises
    ------
    GeometryError
        When an array axis is missing or has no voxels, a number is not finite, a spacing is not
        positive, an axis is not a unit vector, or two axes are not at right angles.
    """

    shape_zyx: IndexTriple
    spacing_zyx_mm: Triple
    origin_lps_mm: Triple
    axes_lps: tuple[Triple, Triple, Triple] = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))

    def __post_init__(self) -> None:
        numbers = np.array(
            [*self.spacing_zyx_mm, *self.origin_lps_mm, *np.ravel(self.axes_lps)], dtype=float
        )
        if len(self.shape_zyx) != 3 or min(self.shape_zyx) < 1:
            raise GeometryError(
                "The volume has shape {shape}. Use a volume with three axes and at least one "
                "voxel along each.",
                shape=self.shape_zyx,
            )
        if not np.isfinite(numbers).all():
            raise GeometryError(
                "The position or spacing of the voxels contains a number that is not finite. "
                "Export the scan again."
            )
        if min(self.spacing_zyx_mm) <= 0:
            raise GeometryError(
                "Voxel spacing must be positive, but it is {spacing_mm} mm. Export the scan again.",
                spacing_mm=self.spacing_zyx_mm,
            )
        axes = np.array(self.axes_lps, dtype=float)
        products = axes @ axes.T
        if np.abs(np.diag(products) - 1).max() > 1e-3:
            raise GeometryError(
                "The direction of a grid axis is not a unit vector. Export the scan again."
            )
        if np.abs(products - np.diag(np.diag(products))).max() > RIGHT_ANGLE_COSINE:
            raise GeometryError(
                "The grid's axes are not at right angles (sheared, for example by a tilted "
                "gantry). Export the scan again without shearing."
            )

    @property
    def extent_zyx_mm(self) -> Triple:
        """Length of the grid from voxel edge to voxel edge."""
        z, y, x = (n * s for n, s in zip(self.shape_zyx, self.spacing_zyx_mm, strict=True))
        return z, y, x

    @property
    def voxel_volume_ml(self) -> float:
        return float(np.prod(self.spacing_zyx_mm)) / 1000.0

    @cached_property
    def world_from_index(self) -> NDArray[np.float64]:
        """The matrix from homogeneous array index (z, y, x, 1) to (L, P, S, 1) in mm.

        float64, shape (4, 4), read-only.
        """
        matrix = np.eye(4)
        matrix[:3, :3] = np.array(self.axes_lps).T * np.array(self.spacing_zyx_mm)
        matrix[:3, 3] = self.origin_lps_mm
        matrix.flags.writeable = False
        return matrix

    @cached_property
    def _index_from_offset(self) -> NDArray[np.float64]:
        """The matrix that maps an offset from the origin, (L, P, S) in mm, to (z, y, x).

        float64, shape (3, 3).
        """
        return np.asarray(np.linalg.inv(self.world_from_index[:3, :3]), np.float64)

    def point_lps_mm(self, index_zyx: ArrayLike) -> NDArray[np.float64]:
        """Return the positions of (fractional) indices in the patient.

        Both are float64 of shape (..., 3): indices as (z, y, x), positions as (L, P, S) in mm.
        """
        matrix = self.world_from_index
        return np.asarray(index_zyx, dtype=float) @ matrix[:3, :3].T + matrix[:3, 3]

    def index_zyx(self, point_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Return the fractional array indices of patient positions; the inverse of `point_lps_mm`.

        Both are float64 of shape (..., 3).
        """
        offset = np.asarray(point_lps_mm, dtype=float) - np.array(self.origin_lps_mm)
        index: NDArray[np.float64] = offset @ self._index_from_offset.T
        return index

    def is_close_to(self, other: Geometry, tolerance_mm: float = 1e-2) -> bool:
        """Return whether both grids have the same shape and coincide within a tolerance."""
        if self.shape_zyx != other.shape_zyx:
            return False
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in self.shape_zyx])).reshape(3, -1).T
        return bool(
            np.abs(self.point_lps_mm(corners) - other.point_lps_mm(corners)).max() <= tolerance_mm
        )


def triple(values: Iterable[Any]) -> Triple:
    """Return three numbers, such as a vector of shape (3,), as a tuple of floats."""
    one, two, three = values
    return float(one), float(two), float(three)


def index_triple(values: Iterable[Any]) -> IndexTriple:
    """Return three whole numbers, such as the shape of a 3-D array, as a tuple of ints."""
    one, two, three = values
    return int(one), int(two), int(three)


def require_same_geometry(one: Geometry, other: Geometry, what: str) -> None:
    """Raise an error if two grids do not coincide; equal shapes alone prove nothing.

    Raises
    ------
    GeometryError
        When they differ; the message names `what` and both grids.
    """
    if not one.is_close_to(other):
        raise GeometryError(
            "{what}: the grids differ (shapes {shape} and {other_shape}, spacings {spacing_mm} "
            "and {other_spacing_mm} mm, origins {origin_mm} and {other_origin_mm} mm). Choose "
            "files with the same grid.",
            what=what,
            shape=one.shape_zyx,
            other_shape=other.shape_zyx,
            spacing_mm=_rounded(one.spacing_zyx_mm),
            other_spacing_mm=_rounded(other.spacing_zyx_mm),
            origin_mm=_rounded(one.origin_lps_mm),
            other_origin_mm=_rounded(other.origin_lps_mm),
        )


def _rounded(values: Triple) -> tuple[float, ...]:
    return tuple(round(v, 3) for v in values)
