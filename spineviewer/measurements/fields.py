"""The bone of one vertebra and of all vertebrae around it, as fractions of voxels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, gaussian_filter, map_coordinates

from spineviewer.labelling.vertebrae import BodyFrame, Plane, Vertebra, Vertebrae
from spineviewer.volume.geometry import Box, Geometry, Triple
from spineviewer.volume.volume import PROBABILITY_SCALE, ProbabilityMap

Floats = NDArray[np.float64]
Fractions = NDArray[np.float32]

#: Standard deviation of the Gaussian that smooths the bone of a vertebra.
_SMOOTH_MM = 0.5
#: Maximum extent of a body from its centre: to the sides, to the front and to the back.
REACH_MM = 32.0
#: The plane of a disc divides two vertebrae up to this distance from its middle, in radii of the
#: body. Farther away, articular processes and uncinate processes cross it.
_DISC_RADII = 1.2
#: Fractions beyond which a voxel is inside or outside the bone despite rounding.
_INSIDE, _OUTSIDE = 0.501, 0.499
#: A voxel contradicts the plane of a disc if the two fractions differ by more than this.
_CONTRADICTION = 0.75


@dataclass(frozen=True, eq=False)
class Field:
    """Fractions of bone on a part of a grid.

    Attributes
    ----------
    own
        float32, shape (z, y, x): the fraction of each voxel that belongs to the vertebra; 0.5 is
        the border.
    bone
        float32, same shape: the fraction that belongs to any vertebra. Where two vertebrae touch,
        it is higher than `own`.
    origin_zyx
        Index of the first voxel in `grid`.
    scan
        The scan's grid, whose borders may cut off bone.
    """

    own: Fractions
    bone: Fractions
    origin_zyx: tuple[int, int, int]
    grid: Geometry
    scan: Geometry

    def sample(
        self, centre_lps_mm: Triple, frame: BodyFrame, axes: tuple[Floats, Floats, Floats]
    ) -> Fractions:
        """Return `own` sampled along a body's directions: float32, shape (down, left, back).

        Parameters
        ----------
        axes
            float64: positions downwards, to the left and backwards from the centre, in mm.
        """
        index = np.array(self.grid.index_zyx(centre_lps_mm)) - self.origin_zyx
        # The index is linear in the position, so it is a sum of three terms.
        directions = np.array([frame.down_lps, frame.left_lps, frame.back_lps])
        steps = directions @ index_per_mm(self.grid)
        down, left, back = axes
        coordinates = (
            index[:, None, None, None]
            + steps[0][:, None, None, None] * down[None, :, None, None]
            + steps[1][:, None, None, None] * left[None, None, :, None]
            + steps[2][:, None, None, None] * back[None, None, None, :]
        )
        out = np.empty(coordinates.shape[1:], np.float32)
        map_coordinates(self.own, coordinates, order=1, output=out, mode="constant")
        return out

    def bone_at(self, points_lps_mm: Floats) -> Fractions:
        """Return `bone` at points of shape (..., 3): float32, shape (...)."""
        indices = np.moveaxis(self.grid.index_zyx(points_lps_mm) - self.origin_zyx, -1, 0)
        out = np.empty(indices.shape[1:], np.float32)
        map_coordinates(self.bone, indices, order=1, output=out, mode="nearest")
        return out


def index_per_mm(grid: Geometry) -> Floats:
    """Return the change of index (z, y, x) per mm along L, P and S, as rows: shape (3, 3)."""
    return np.asarray(np.linalg.inv(grid.world_from_index[:3, :3]).T)


@dataclass(frozen=True)
class _Part:
    grid: Geometry
    box: Box

    @property
    def first_zyx(self) -> tuple[int, int, int]:
        """Index of its first voxel."""
        return self.box[0].start, self.box[1].start, self.box[2].start

    @property
    def shape_zyx(self) -> tuple[int, int, int]:
        """Its number of voxels along each axis."""
        z, y, x = (side.stop - side.start for side in self.box)
        return z, y, x


def vertebra_field(
    vertebrae: Vertebrae, vertebra: Vertebra, probability: ProbabilityMap | None = None
) -> Field:
    """Return the bone of one vertebra.

    With a probability map, the border of the bone is where the probability is 0.5, on the map's own
    grid, so that the border does not depend on the scan's grid. Where the mask differs from the
    map, as after a manual correction, the mask is used.

    Two vertebrae that touch are divided at the plane of the disc. Where the voxels do not follow
    the plane, or if the plane is not known, the border runs between the voxels of the two
    vertebrae.
    """
    scan = vertebrae.geometry
    part = _Part(scan, _box_of_body(scan, vertebra, scan))
    numbers = vertebrae.labels[part.box]
    is_own, is_bone = numbers == vertebra.label, numbers > 0
    if probability is None:
        bone, own_fraction = is_bone.astype(np.float32), is_own.astype(np.float32)
    else:
        grid = probability.geometry
        finer = _Part(grid, _box_of_body(grid, vertebra, scan))
        fraction = probability.values[finer.box].astype(np.float32) / np.float32(PROBABILITY_SCALE)
        bone = _as_in_mask(fraction, finer, is_bone, part)
        own_fraction = _own_fraction(is_own, is_bone, part, finer)
        part = finer
    reach_mm = _DISC_RADII * vertebra.body_radius_mm
    for disc, inwards in ((vertebra.upper_disc, 1.0), (vertebra.lower_disc, -1.0)):
        if disc is not None:
            own_fraction = _divided(own_fraction, part, disc, inwards, reach_mm)
    own, bone = (_smoothed(one, part.grid) for one in (np.minimum(bone, own_fraction), bone))
    return Field(own, bone, part.first_zyx, part.grid, scan)


def _as_in_mask(
    fraction: Fractions, part: _Part, is_bone: NDArray[np.bool_], mask: _Part
) -> Fractions:
    """Return the fraction of bone, changed to agree with the mask where they differ."""
    on_scan = _resampled(fraction, part, mask, order=1)
    # 1 where the mask has bone that the map does not show, -1 where it lacks bone.
    change = (is_bone & (on_scan < _OUTSIDE)).astype(np.float32)
    change -= ~is_bone & (on_scan > _INSIDE)
    if not change.any():
        return fraction
    change = _resampled(change, mask, part, order=0)
    return np.where(change == 0, fraction, (change > 0).astype(np.float32))


def _own_fraction(
    is_own: NDArray[np.bool_], is_bone: NDArray[np.bool_], mask: _Part, part: _Part
) -> Fractions:
    """Return how much of the bone near each voxel of `part` belongs to the vertebra.

    It is 1 where there is no bone.
    """
    own, bone = (
        _resampled(one.astype(np.float32), mask, part, order=1) for one in (is_own, is_bone)
    )
    return np.divide(own, bone, out=np.ones_like(own), where=bone > 0)


def _divided(
    own_fraction: Fractions, part: _Part, disc: Plane, inwards: float, reach_mm: float
) -> Fractions:
    """Return the fraction of each voxel that belongs to the vertebra if a disc's plane ends it.

    Where the voxels contradict the plane, the fraction does not change.

    Parameters
    ----------
    inwards
        1 if the vertebra is on the side to which the plane's normal points, otherwise -1.
    reach_mm
        Distance from the middle of the disc up to which the plane counts.
    """
    grid = part.grid
    per_index = inwards * np.array(disc.normal_lps) @ grid.world_from_index[:3, :3]
    offsets = [
        np.arange(side.start, side.stop) - middle
        for side, middle in zip(part.box, grid.index_zyx(disc.point_lps_mm), strict=True)
    ]
    inside_mm = _outer_sum(*(k * off for k, off in zip(per_index, offsets, strict=True)))
    squares = ((mm * off) ** 2 for mm, off in zip(grid.spacing_zyx_mm, offsets, strict=True))
    step = float(np.abs(per_index).max())
    # As steep as linear interpolation between voxels permits.
    ramp = np.clip(0.5 + inside_mm / (2 * step), 0.0, 1.0)
    is_near = (np.abs(inside_mm) < 2 * step) & (_outer_sum(*squares) - inside_mm**2 < reach_mm**2)
    is_near &= np.abs(ramp - own_fraction) <= _CONTRADICTION
    return np.where(is_near, ramp, own_fraction).astype(np.float32)


def _outer_sum(z: Floats, y: Floats, x: Floats) -> Floats:
    """Return z + y + x for all combinations: float64, shape (z, y, x)."""
    return np.asarray(z[:, None, None] + y[:, None] + x)


def _smoothed(inside: Fractions, grid: Geometry) -> Fractions:
    """Return a smoothed field: individual voxels at a surface count less; planes do not move."""
    sigma = _SMOOTH_MM / np.array(grid.spacing_zyx_mm)
    return np.asarray(gaussian_filter(inside, sigma, mode="nearest", truncate=2.5), np.float32)


def _box_of_body(grid: Geometry, vertebra: Vertebra, scan: Geometry) -> Box:
    """Return the part of a grid that may contain a vertebra's body and canal."""
    frame = vertebra.frame
    along, across = 0.5 * vertebra.height_mm + 12.0, REACH_MM + 6.0
    middle = grid.index_zyx(np.array(vertebra.body_centre_lps_mm) + 10.0 * np.array(frame.back_lps))
    reach_lps = (
        along * np.abs(frame.down_lps)
        + across * np.abs(frame.left_lps)
        + (across + 10.0) * np.abs(frame.back_lps)
    )
    half_size = np.abs(np.array(grid.axes_lps)) @ reach_lps / np.array(grid.spacing_zyx_mm)
    corners = np.stack(
        np.meshgrid(*((side.start - 2.5, side.stop + 1.5) for side in vertebra.box)), axis=-1
    )
    corners = grid.index_zyx(scan.point_lps_mm(corners.reshape(-1, 3)))
    low = np.maximum(corners.min(axis=0), middle - half_size).astype(int)
    high = np.minimum(corners.max(axis=0) + 1, middle + half_size + 1).astype(int)
    z, y, x = (
        slice(max(int(a), 0), max(min(int(b), n), 1))
        for a, b, n in zip(low, high, grid.shape_zyx, strict=True)
    )
    return z, y, x


def _resampled(values: Fractions, part: _Part, onto: _Part, *, order: int) -> Fractions:
    """Return values resampled from a part of one grid to the voxels of a part of another.

    `order` is 0 for the nearest voxel and 1 for linear interpolation. Beyond the part, the values
    at its border continue.
    """
    corner = part.grid.index_zyx(onto.grid.point_lps_mm(onto.first_zyx))
    steps = np.stack([np.add(onto.first_zyx, step) for step in np.eye(3)])
    columns = (part.grid.index_zyx(onto.grid.point_lps_mm(steps)) - corner).T
    offset = corner - part.first_zyx
    if np.abs(columns - np.diag(np.diag(columns))).max() < 1e-6:
        # Grids with the same axes: one axis after the other is faster.
        for axis, n in enumerate(onto.shape_zyx):
            places = offset[axis] + columns[axis, axis] * np.arange(n)
            values = _along_axis(values, places, axis, order=order)
        return values
    out = np.empty(onto.shape_zyx, np.float32)
    transform: Any = affine_transform  # its type stubs do not accept this array
    transform(
        values, columns, offset, output_shape=out.shape, output=out, order=order, mode="nearest"
    )
    return out


def _along_axis(values: Fractions, places: Floats, axis: int, *, order: int) -> Fractions:
    """Return values at fractional indices along one axis."""
    places = np.clip(places, 0, values.shape[axis] - 1)
    if order == 0:
        return np.take(values, np.rint(places).astype(np.intp), axis)
    low = np.minimum(places.astype(np.intp), max(values.shape[axis] - 2, 0))
    high = np.minimum(low + 1, values.shape[axis] - 1)
    shape = [1, 1, 1]
    shape[axis] = len(places)
    fraction = (places - low).astype(np.float32).reshape(shape)
    start = np.take(values, low, axis)
    return np.asarray(start + fraction * (np.take(values, high, axis) - start))
