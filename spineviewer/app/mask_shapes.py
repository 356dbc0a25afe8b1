"""Centre line and surface of a whole mask, for the views that show the whole spine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.fused_mask import FusedMask
from spineviewer.app.overlay import FusionOverlay, MapKind
from spineviewer.editing.correction import Correction
from spineviewer.progress import Progress
from spineviewer.volume.centre_line import CentreLine, fit_centre_line
from spineviewer.volume.ruled import RuledSurface
from spineviewer.volume.volume import SpineMask

#: Choice: a software renderer can rotate this many triangles smoothly.
MAX_TRIANGLES = 60_000


@dataclass(frozen=True, eq=False)
class SpineSurface:
    """The mask's surface along the axes of the scan's grid.

    Attributes
    ----------
    points_xyz_mm
        float32, shape (points, 3): left, posterior, superior along the grid's axes, from the first
        voxel's centre.
    normals_xyz
        float32 unit vectors pointing outwards, shape (points, 3).
    triangles
        int32 indices of points, shape (triangles, 3).
    maps
        float32 in [0, 1], shape (points,): the values of each map at the points.
    """

    points_xyz_mm: NDArray[np.float32]
    normals_xyz: NDArray[np.float32]
    triangles: NDArray[np.int32]
    maps: Mapping[MapKind, NDArray[np.float32]]

    def hit_by(
        self, start_xyz_mm: NDArray[np.float64], direction_xyz: NDArray[np.float64]
    ) -> NDArray[np.float64] | None:
        """Return the first point where a ray hits the surface; None if it misses.

        Start, direction and result are float64, shape (3,).
        """
        corners = self.points_xyz_mm[self.triangles].astype(float)
        first, edge_1, edge_2 = (
            corners[:, 0],
            corners[:, 1] - corners[:, 0],
            corners[:, 2] - corners[:, 0],
        )
        across = np.cross(direction_xyz, edge_2)
        volume = (edge_1 * across).sum(axis=1)
        is_crossed = np.abs(volume) > 1e-12  # not parallel to the triangle
        inverse = 1 / np.where(is_crossed, volume, 1.0)
        offset = start_xyz_mm - first
        u = (offset * across).sum(axis=1) * inverse
        cross = np.cross(offset, edge_1)
        v = (cross @ direction_xyz) * inverse
        distance = (edge_2 * cross).sum(axis=1) * inverse
        hit = is_crossed & (u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 0)
        return start_xyz_mm + distance[hit].min() * direction_xyz if hit.any() else None


def find_centre_line(fused: FusedMask, correction: Correction) -> CentreLine | None:
    """Return the centre line of a corrected mask; None if the mask is too small."""
    from spineviewer.volume.ruled import warm_up

    warm_up()
    mask = fused.mask
    return fit_centre_line(correction.corrected_mask(mask.voxels), mask.geometry.spacing_zyx_mm)


def surface_for_view(
    fused: FusedMask, fusion: FusionOverlay, correction: Correction, progress: Progress
) -> SpineSurface | None:
    """Return the surface of a corrected mask, coarse enough to be rotated smoothly.

    None if the mask is empty.

    Raises
    ------
    ExportError
        When the helper process dies.
    Cancelled
        When `progress` raises it.
    """
    from spineviewer.io.write.surface import compute_surface

    mask = SpineMask(correction.corrected_mask(fused.mask.voxels), fused.mask.geometry)
    if mask.is_empty:
        return None
    surface = compute_surface(mask, max_triangles=MAX_TRIANGLES, progress=progress)
    index = mask.geometry.index_zyx(surface.points_lps_mm)
    points_xyz_mm = np.ascontiguousarray(
        (index * mask.geometry.spacing_zyx_mm)[:, ::-1], np.float32
    )
    none = np.zeros_like(index)
    at_points = RuledSurface(index, none, none, 1, 1.0)
    maps = {kind: fusion.map_on(kind, at_points, fused.tuning)[:, 0] for kind in MapKind}
    return SpineSurface(
        points_xyz_mm, _normals(points_xyz_mm, surface.triangles), surface.triangles, maps
    )


def _normals(points: NDArray[np.float32], triangles: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the mean normal of the triangles around each point, weighted by their areas."""
    corners = points[triangles].astype(float)
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    weights = np.repeat(faces, 3, axis=0)
    total = np.stack(
        [np.bincount(triangles.ravel(), weights[:, k], len(points)) for k in range(3)], axis=1
    )
    unit: NDArray[np.float32] = (
        total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    ).astype(np.float32)
    return unit
