"""The crosshair, names and letters over the picture of the surface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMarginsF, QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from spineviewer.app.state import ScanState
from spineviewer.gui.kit.theme import DARK, PLANE_COLOURS
from spineviewer.gui.viewing.annotations import Annotations
from spineviewer.gui.viewing.legend import Entry, entries_plate, paint_entries
from spineviewer.gui.viewing.placed_name import name_box, paint_names
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.volume.planes import Plane, letters
from spineviewer.volume.volume import CtVolume

if TYPE_CHECKING:
    from spineviewer.gui.viewing.surface_scene import Point, SurfaceScene

#: Half the length of the crosshair's lines.
_CROSS_MM = 14.0
#: Position of the middle left of the legend's lowest entry, from the left and lower edges.
_LEGEND_X, _LEGEND_UP_PX = 10, 34
#: Margins around a name within which its vertebra is drawn.
_AROUND_NAME = QMarginsF(30, 8, 30, 8)
#: Half the height of a patient direction on its plate.
_LETTER_PX = 10
#: No letter is shown for a patient axis if the direction is tilted towards it by less than this.
_MIN_LETTER_DEG = 20.0


def paint_cross(
    painter: QPainter, scene: SurfaceScene, state: ScanState, size_px: tuple[int, int]
) -> None:
    """Paint three short lines through the crosshair, each normal to the plane of its colour.

    They are painted over the surface, so that positions inside a vertebra are visible. Qt paints
    them, so that the surface need not be rendered again when the crosshair moves.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    centre = (np.array(state.point_zyx) * np.array(state.scan.geometry.spacing_zyx_mm))[::-1]
    steps = {plane: _CROSS_MM * state.rotation.normal(plane)[::-1] for plane in Plane}
    lines = {
        plane: [_position(scene, centre + sign * step, size_px) for sign in (-1, 1)]
        for plane, step in steps.items()
    }
    for width, alpha in ((4.0, 150), (2.0, 255)):
        for plane, ends in lines.items():
            colour = QColor("#000000") if alpha < 255 else QColor(PLANE_COLOURS[plane.name])
            colour.setAlpha(alpha)
            painter.setPen(QPen(colour, width))
            painter.drawLine(*ends)


def placed_names(
    scene: SurfaceScene, vertebrae: Vertebrae, size_px: tuple[int, int]
) -> list[tuple[QPointF, str]]:
    """Return the position and the name of each vertebral body, or of an arch alone."""
    spacing, names = np.array(vertebrae.geometry.spacing_zyx_mm), vertebrae.marked_names
    return [
        (_position(scene, (np.array(centre) * spacing)[::-1], size_px), names[label])
        for label, centre in vertebrae.centres_zyx.items()
    ]


def paint_names_and_legend(
    painter: QPainter,
    names: Sequence[tuple[QPointF, str]],
    legend: tuple[Entry, ...],
    annotations: Annotations,
    size_px: tuple[int, int],
) -> None:
    """Paint names at the bodies, even where arches hide the bodies, and the legend in the corner.

    The legend is left out if it would cover a name or a patient direction; the legend above the
    views explains the same colours.
    """
    coloured = [(at, name, DARK.text) for at, name in names]
    paint_names(painter, coloured, size_px, annotations)
    lowest = QPointF(_LEGEND_X, size_px[1] - _LEGEND_UP_PX)
    plate = entries_plate(legend, lowest)
    covers_name = any(
        plate.intersects(name_box(at, name, size_px, annotations) + _AROUND_NAME)
        for at, name in names
    )
    if plate.top() > size_px[1] / 2 + _LETTER_PX and not covers_name:
        paint_entries(painter, legend, lowest)


def picture_letters(scene: SurfaceScene, scan: CtVolume) -> tuple[str, ...]:
    """Return the patient directions at the (left, right, top, bottom) edges; empty if unknown."""
    if not scan.source.is_orientation_known:
        return ()
    axes = np.array(scan.geometry.axes_lps)[::-1]
    right, up = (direction @ axes for direction in scene.right_up())
    return tuple(letters(direction, _MIN_LETTER_DEG) for direction in (-right, right, up, -up))


def _position(scene: SurfaceScene, point_xyz_mm: Point, size_px: tuple[int, int]) -> QPointF:
    """Return the position of a point in the view, in logical pixels."""
    position, (width, height) = scene.picture_position(point_xyz_mm), size_px
    return QPointF(position.x() * width, position.y() * height)
