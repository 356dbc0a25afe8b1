"""Painting of the landmarks of a measured value over a picture, in views and in reports."""

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

#: Maximum distance in front of or behind a picture at which points are shown.
_BESIDE_MM = 2.0
#: Cosine of the maximum angle at which a picture shows projected points.
_MIN_COSINE = 0.98
_SHADOW, _PLATE = QColor(0, 0, 0, 170), "#8fd0ff"
_ELLIPSE_POINTS = 48

#: Returns where a fractional voxel index is in the picture, in pixels.
PixelAt = Callable[[Triple], QPointF]


def landmarks_in(
    landmarks: Landmarks, cut: Cut, plane: Plane, state: ScanState
) -> Landmarks | None:
    """Return the landmarks that a flat picture shows; None if they are outside it."""
    grid = state.scan.geometry
    if landmarks.is_projected:
        normal = state.rotation.normal(plane) @ np.array(grid.axes_lps)
        is_seen = abs(float(normal @ np.array(landmarks.cut.normal_lps))) > _MIN_COSINE
        return landmarks if is_seen else None
    reach = max(_BESIDE_MM, max(grid.spacing_zyx_mm))
    points = {
        name: point
        for name, point in landmarks.points_lps_mm.items()
        if abs(cut.across_mm(_index(grid, point))) <= reach
    }
    if landmarks.roi is not None and "centre" in points:  # each picture shows two of its handles
        return replace(landmarks, points_lps_mm=points)
    return landmarks if len(points) == len(landmarks.points_lps_mm) else None


def landmark_places(
    landmarks: Landmarks, geometry: Geometry, px_at: PixelAt
) -> Mapping[str, QPointF]:
    """Return the pixel of each landmark by its name."""
    return {name: px_at(_index(geometry, point)) for name, point in landmarks.points_lps_mm.items()}


def paint_landmarks(
    painter: QPainter,
    landmarks: Landmarks,
    text: str,
    plane: Plane,
    state: ScanState,
    px_at: PixelAt,
    width_px: int,
) -> None:
    """Paint the landmarks that a picture shows (`landmarks_in`), with a text beside them."""
    places = landmark_places(landmarks, state.scan.geometry, px_at)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pairs, colour in ((landmarks.plates, _PLATE), (landmarks.lines, MEASURE_COLOUR)):
        for pen in (QPen(_SHADOW, 3.2), QPen(QColor(colour), 1.5)):
            painter.setPen(pen)
            for start, end in pairs:
                painter.drawLine(places[start], places[end])
    if landmarks.roi is not None:
        outline = QPolygonF(roi_outline(landmarks.roi, plane, state, px_at))
        for pen in (QPen(_SHADOW, 3.2), QPen(QColor(MEASURE_COLOUR), 1.5)):
            painter.setPen(pen)
            painter.drawPolygon(outline)
    painter.setPen(QPen(_SHADOW, 1))
    painter.setBrush(QColor(MEASURE_COLOUR))
    for place in places.values():
        painter.drawEllipse(place, 3.6, 3.6)
    paint_text(painter, list(places.values()), text, width_px, [])


def roi_outline(roi: Roi, plane: Plane, state: ScanState, px_at: PixelAt) -> list[QPointF]:
    """Return the outline of an ellipsoid in a plane of view, in pixels.

    Points of the unit sphere in the view's plane through the centre are mapped to points of
    the ellipsoid. The centre is within a voxel of the picture.
    """
    geometry = state.scan.geometry
    axes = np.array([roi.frame.down_lps, roi.frame.left_lps, roi.frame.back_lps])
    normal = state.rotation.normal(plane) @ np.array(geometry.axes_lps)
    # A point c + axes.T @ (radii * s), |s| = 1, is in the plane if s is perpendicular to this:
    across = (axes @ normal) * np.array(roi.radii_mm)
    _, _, basis = np.linalg.svd(across[None])
    angles = np.linspace(0, 2 * np.pi, _ELLIPSE_POINTS, endpoint=False)
    on_sphere = np.cos(angles)[:, None] * basis[1] + np.sin(angles)[:, None] * basis[2]
    points = np.array(roi.centre_lps_mm) + (on_sphere * np.array(roi.radii_mm)) @ axes
    return [px_at(tuple(geometry.index_zyx(point).tolist())) for point in points]


def _index(geometry: Geometry, point_lps_mm: Triple) -> Triple:
    z, y, x = geometry.index_zyx(point_lps_mm).tolist()
    return z, y, x
