"""The colours of the spine's surface: by level, by a map, or the colour of the mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from spineviewer.app.mask_shapes import SpineSurface
from spineviewer.app.overlay import MapKind
from spineviewer.gui.kit.colour import map_colours
from spineviewer.gui.kit.theme import MASK_COLOUR, level_colour
from spineviewer.labelling.vertebrae import Vertebrae

#: Depths below the surface at which labels are looked up.
_DEPTHS_MM = (0.5, 1.5, 2.5)
#: Index of the darkest map colour used (of 0 to 255), because black would look like a hole.
_DARKEST = 80


def surface_colours(
    surface: SpineSurface, map_kind: MapKind | None, vertebrae: Vertebrae | None
) -> NDArray[np.float32]:
    """Return the colour (red, green, blue, 1) of each point: float32, shape (points, 4).

    Points on a vertebra have the colour of its level. The others have the colours of the map that
    is shown, or the colour of the mask if there is none.
    """
    colours = np.ones((len(surface.points_xyz_mm), 4), np.float32)
    if map_kind is None:
        colours[:, :3] = _rgb(QColor(MASK_COLOUR))
    else:
        values = _DARKEST + surface.maps[map_kind] * (255 - _DARKEST)
        colours[:, :3] = (map_colours() / 255)[np.clip(values, 0, 255).astype(np.uint8)]
    if vertebrae is not None:
        labels = _labels_below(surface, vertebrae)
        for vertebra in vertebrae:
            colours[labels == vertebra.label, :3] = _rgb(level_colour(vertebra.label))
    return colours


def _rgb(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()


def _labels_below(surface: SpineSurface, vertebrae: Vertebrae) -> NDArray[np.uint8]:
    """Return the label of the vertebra below each point: uint8, shape (points,); 0 if none.

    Labels are looked up below the surface, because smoothing has moved it slightly outwards.
    """
    spacing = np.array(vertebrae.geometry.spacing_zyx_mm)
    last = np.array(vertebrae.labels.shape) - 1
    labels = np.zeros(len(surface.points_xyz_mm), np.uint8)
    for depth_mm in _DEPTHS_MM:
        inside_mm = (surface.points_xyz_mm - depth_mm * surface.normals_xyz)[:, ::-1]
        z, y, x = np.clip(np.rint(inside_mm / spacing).astype(int), 0, last).T
        labels = np.where(labels > 0, labels, vertebrae.labels[z, y, x])
    return labels
