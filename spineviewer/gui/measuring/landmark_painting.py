"""Painting of a measured value's landmarks over a picture, in views and in reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray
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

    An ROI is shown in every picture of a part of it, with those of its handles that are near. Other
    landmarks are shown if all of them are near, or if the picture is parallel to their plane and
    near their middle: those of two vertebrae that are rotated against each other are in no plane.
    """
    grid = state.scan.geometry
    normal = state.rotation.normal(plane) @ np.array(grid.axes_lps)
    is_parallel = abs(float(normal @ np.array(landmarks.cut.normal_lps))) > _MIN_COSINE
    if landmarks.is_projected:
        return landmarks if is_parallel else None
    max_distance_mm = max(_MAX_DISTANCE_MM, max(grid.spacing_zyx_mm))
    points = {
        name: point
        for name, point in landmarks.points_lps_mm.items()
        if abs(cut.across_mm(_index(grid, point))) <= max_distance_mm
    }
    if landmarks.roi is not None:
        is_shown = bool(_roi_sections_lps_mm(landmarks.roi, cut, plane, state))
        return replace(landmarks, points_lps_mm=points) if is_shown else None
    middle_mm = cut.across_mm(_index(grid, landmarks.middle_lps_mm))
    is_middle_near = is_parallel and abs(middle_mm) <= max_distance_mm
    are_all_near = len(points) == len(landmarks.points_lps_mm)
    return landmarks if are_all_near or is_middle_near else None


def landmark_positions(
    landmarks: Landmarks, geometry: Geometry, px_at: PixelAt
) -> Mapping[str, QPointF]:
    """Return the position of each landmark in the picture, in pixels, by its name."""
    return {name: px_at(_index(geometry, point)) for name, point in landmarks.points_lps_mm.items()}


def paint_landmarks(
    painter: QPainter,
    landmarks: Landmarks,
    text: str,
    cut: Cut,
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
    outlines = []
    if landmarks.roi is not None:
        outlines = roi_outlines(landmarks.roi, cut, plane, state, px_at)
        for pen in (QPen(_SHADOW, 3.2), QPen(QColor(MEASURE_COLOUR), 1.5)):
            painter.setPen(pen)
            for outline in outlines:
                painter.drawPolygon(QPolygonF(outline))
    painter.setPen(QPen(_SHADOW, 1))
    painter.setBrush(QColor(MEASURE_COLOUR))
    for position in positions.values():
        painter.drawEllipse(position, 3.6, 3.6)
    paint_text(painter, [*positions.values(), *chain(*outlines)], text, size_px)


def roi_outlines(
    roi: Roi, cut: Cut, plane: Plane, state: ScanState, px_at: PixelAt
) -> list[list[QPointF]]:
    """Return the outlines of the parts of an ROI that a picture shows, in pixels."""
    geometry = state.scan.geometry
    return [
        [px_at(_index(geometry, point)) for point in section.tolist()]
        for section in _roi_sections_lps_mm(roi, cut, plane, state)
    ]


def _roi_sections_lps_mm(
    roi: Roi, cut: Cut, plane: Plane, state: ScanState
) -> list[NDArray[np.float64]]:
    """Return the borders of an ROI's parts in the plane of a picture; each has shape (n, 3).

    The border of an ellipsoid is a circle of the unit sphere, stretched by the radii.
    """
    geometry, radii = state.scan.geometry, np.array(roi.radii_mm)
    axes = np.array([roi.frame.down_lps, roi.frame.left_lps, roi.frame.back_lps])
    normal = state.rotation.normal(plane) @ np.array(geometry.axes_lps)
    off_mm = -cut.across_mm(_index(geometry, roi.centre_lps_mm))
    # A point centre + axes.T @ (radii * s), |s| = 1, is in the plane if s @ sphere_normal = off_mm.
    sphere_normal = (axes @ normal) * radii
    middle = off_mm * sphere_normal / (sphere_normal @ sphere_normal)
    if (distance := float(np.linalg.norm(middle))) >= 1:
        return []
    _, _, basis = np.linalg.svd(sphere_normal[None])
    angles = np.linspace(0, 2 * np.pi, _ELLIPSE_POINTS, endpoint=False)[:, None]
    circle = np.cos(angles) * basis[1] + np.sin(angles) * basis[2]
    border = (middle + np.sqrt(1 - distance**2) * circle) * radii
    parts = [border]
    if roi.gap_mm:
        parts = [_beyond(border, sign * np.eye(3)[0], 0.5 * roi.gap_mm) for sign in (-1, 1)]
    return [np.array(roi.centre_lps_mm) + part @ axes for part in parts if len(part)]


def _beyond(
    polygon: NDArray[np.float64], direction: NDArray[np.float64], distance: float
) -> NDArray[np.float64]:
    """Return the part of a convex polygon beyond a distance in a direction."""
    beyond = polygon @ direction - distance
    points = []
    for one, other, here, there in zip(
        polygon, np.roll(polygon, -1, axis=0), beyond, np.roll(beyond, -1), strict=True
    ):
        if here >= 0:
            points.append(one)
        if (here >= 0) != (there >= 0):  # the edge crosses the border
            points.append(one + here / (here - there) * (other - one))
    return np.array(points)


def _index(geometry: Geometry, point_lps_mm: Triple) -> Triple:
    z, y, x = geometry.index_zyx(point_lps_mm).tolist()
    return z, y, x
