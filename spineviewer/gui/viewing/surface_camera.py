"""The camera of the surface view: fitting it to the spine, and moving it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.view_state import Camera

#: Horizontal field of view; pyqtgraph also specifies the horizontal one.
FIELD_OF_VIEW_DEG = 30.0
#: Minimum and maximum distance of the camera.
_DISTANCES_MM = (40.0, 4000.0)
_FRONT = Camera(-90.0, 8.0, 500.0, (0.0, 0.0, 0.0), is_fitted=True)
_HALF_FIELD = math.tan(math.radians(FIELD_OF_VIEW_DEG / 2))


def camera_in_front(points_xyz_mm: NDArray[np.float32], size_px: tuple[int, int]) -> Camera:
    """Return the camera that shows all points from the front, slightly from above.

    Points are float32, shape (n, 3); `size_px` is the view's (width, height).
    """
    return fitted(_FRONT, points_xyz_mm, size_px)


def fitted(camera: Camera, points_xyz_mm: NDArray[np.float32], size_px: tuple[int, int]) -> Camera:
    """Return a camera with the same angles that shows all points (float32, shape (n, 3))."""
    width, height = (max(side, 1) for side in size_px)
    low, high = points_xyz_mm.min(axis=0), points_xyz_mm.max(axis=0)
    width_mm, depth_mm, height_mm = (float(side) for side in high - low)
    shown_mm = max(math.hypot(width_mm, depth_mm), height_mm * width / height)
    x, y, z = (float(side) for side in (low + high) / 2)
    distance_mm = shown_mm / 2 / _HALF_FIELD * 1.1 + depth_mm / 2
    return replace(camera, distance_mm=distance_mm, centre_xyz_mm=(x, y, z), is_fitted=True)


def rotated(camera: Camera, right_deg: float, up_deg: float) -> Camera:
    """Return a camera that shows the spine rotated to the right and upwards."""
    elevation_deg = min(max(camera.elevation_deg + up_deg, -90.0), 90.0)
    return replace(camera, azimuth_deg=camera.azimuth_deg - right_deg, elevation_deg=elevation_deg)


def enlarged(camera: Camera, factor: float) -> Camera:
    """Return a camera that shows the spine larger by a factor."""
    min_mm, max_mm = _DISTANCES_MM
    distance_mm = min(max(camera.distance_mm / factor, min_mm), max_mm)
    return replace(camera, distance_mm=distance_mm, is_fitted=False)


def moved(camera: Camera, by_xyz_px: NDArray[np.float64], width_px: int) -> Camera:
    """Return a camera that shows the spine moved by (x, y, z) pixels: float64, shape (3,)."""
    mm_per_px = 2 * camera.distance_mm * _HALF_FIELD / max(width_px, 1)
    x, y, z = (float(side) for side in camera.centre_xyz_mm - by_xyz_px * mm_per_px)
    return replace(camera, centre_xyz_mm=(x, y, z), is_fitted=False)
