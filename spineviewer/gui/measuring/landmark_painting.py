"""Painting of a measured value's landmarks over a picture, in views and in reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from spineviewer.app.landmarks import Landmarks
from spineviewer.app.state import ScanState
from spineviewer.gui.kit.theme import MEASURE_COLOUR
from spineviewer.gui.measuring.painting import paint_text
from spineviewer.measurements.results import Roi
from spineviewer.volume.cuts import Cut
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.planes import Plane

#: Maximum distance from the picture's plane at which points are shown.
_MAX_DISTANCE_MM = 2.0
#: Cosine of the maximum angle between a picture and the plane to which points are projected.
_MIN_COSINE = 0.98
_SHADOW, _ENDPLATE_COLOUR = QColor(0, 0, 0, 170), "#8fd0ff"
_ELLIPSE_POINTS = 48

#: Returns the position of a fractional voxel index in the picture, in pixels.
PixelAt = Callable[[Triple], QPointF]


def landmarks_in(
    landmarks: Landmarks, cut: Cut, plane: Plane, state: ScanState
) -> Landmarks | None:
    """Return the landmarks if a flat picture shows them; otherwise None.

    For an ellipsoid, return only the handles that the picture shows.
    """
    grid = state.scan.geometry
    if landmarks.is_projected:
        normal = state.rotation.normal(plane) @ np.array(grid.axes_lps)
        is_parallel = abs(float(normal @ np.array(landmarks.cut.normal_lps))) > _MIN_COSINE
        return landmarks if is_parallel else None
    max_distance_mm = max(_MAX_DISTANCE_MM, max(grid.spacing_zyx_mm))
    points = {
        name: point
        for name, point in landmarks.points_lps_mm.items()
        if abs(cut.across_mm(_index(grid, point))) <= max_distance_mm
    }
    if landmarks.roi is not None and "centre" in points:  # each picture shows two of its handles
        return replace(landmarks, points_lps_mm=points)
    return landmarks if len(points) == len(landmarks.points_lps_mm) else None


def landmark_positions(
    landmarks: Landmarks, geometry: Geometry, px_at: PixelAt
) -> Mapping[str, QPointF]:
    """Return the position of each landmark in the picture, in pixels, by its name."""
    return {name: px_at(_index(geometry, point)) for name, point in landmarks.points_lps_mm.items()}


def paint_landmarks(
    painter: QPainter,
    landmarks: Landmarks,
    text: str,
    plane: Plane,
    state: ScanState,
    px_at: PixelAt,
    size_px: tuple[int, int],
) -> None:
    """Paint the landmarks that a picture shows (from `landmarks_in`), with text beside them."""
    positions = landmark_positions(landmarks, state.scan.geometry, px_at)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pairs, colour in ((landmarks.plates, _ENDPLATE_COLOUR), (landmarks.lines, MEASURE_COLOUR)):
        for pen in (QPen(_SHADOW, 3.2), QPen(QColor(colour), 1.5)):
            painter.setPen(pen)
            for start, end in pairs:
                painter.drawLine(positions[start], positions[end])
    if landmarks.roi is not None:
        outline = QPolygonF(roi_outline(landmarks.roi, plane, state, px_at))
        for pen in (QPen(_SHADOW, 3.2), QPen(QColor(MEASURE_COLOUR), 1.5)):
            painter.setPen(pen)
            painter.drawPolygon(outline)
    painter.setPen(QPen(_SHADOW, 1))
    painter.setBrush(QColor(MEASURE_COLOUR))
    for position in positions.values():
        painter.drawEllipse(position, 3.6, 3.6)
    paint_text(painter, list(positions.values()), text, size_px)


def roi_outline(roi: Roi, plane: Plane, state: ScanState, px_at: PixelAt) -> list[QPointF]:
    """Return the outline of an ellipsoid in a view's plane, in pixels.

    The plane is assumed to pass through the centre, which is within a voxel of the picture. The
    outline is a great circle of the unit sphere, stretched by the ellipsoid's radii.
    """
    geometry = state.scan.geometry
    axes = np.array([roi.frame.down_lps, roi.frame.left_lps, roi.frame.back_lps])
    normal = state.rotation.normal(plane) @ np.array(geometry.axes_lps)
    # a point centre + axes.T @ (radii * s), |s| = 1, is in the plane if s is perpendicular to this
    sphere_normal = (axes @ normal) * np.array(roi.radii_mm)
    _, _, basis = np.linalg.svd(sphere_normal[None])
    angles = np.linspace(0, 2 * np.pi, _ELLIPSE_POINTS, endpoint=False)
    on_sphere = np.cos(angles)[:, None] * basis[1] + np.sin(angles)[:, None] * basis[2]
    points = np.array(roi.centre_lps_mm) + (on_sphere * np.array(roi.radii_mm)) @ axes
    return [px_at(tuple(geometry.index_zyx(point).tolist())) for point in points]


def _index(geometry: Geometry, point_lps_mm: Triple) -> Triple:
    z, y, x = geometry.index_zyx(point_lps_mm).tolist()
    return z, y, x
