"""The colours of the spine's surface: by vertebra, by map, or that of the mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from spineviewer.app.mask_shapes import SpineSurface
from spineviewer.app.state import MapKind
from spineviewer.gui.kit.colour import map_colours
from spineviewer.gui.kit.theme import MASK_COLOUR, level_colour
from spineviewer.labelling.vertebrae import Vertebrae

#: Depths below the surface at which voxels are looked up.
_DEPTHS_MM = (0.5, 1.5, 2.5)
#: The darkest colour of a map that is used, of 255, because black would look like a hole.
_DARKEST = 80


def surface_colours(
    surface: SpineSurface, shown: MapKind | None, vertebrae: Vertebrae | None
) -> NDArray[np.float32]:
    """Return the colour (red, green, blue, 1) of each point: float32, shape (points, 4).

    Points on a vertebra have the colour of its level. The others have the colours of the map that
    is shown, or the colour of the mask if there is none.
    """
    colours = np.ones((len(surface.points_xyz_mm), 4), np.float32)
    if shown is None:
        colours[:, :3] = _parts_of(QColor(MASK_COLOUR))
    else:
        values = _DARKEST + surface.maps[shown] * (255 - _DARKEST)
        colours[:, :3] = (map_colours() / 255)[np.clip(values, 0, 255).astype(np.uint8)]
    if vertebrae is not None:
        labels = _labels_below(surface, vertebrae)
        for vertebra in vertebrae:
            colours[labels == vertebra.label, :3] = _parts_of(level_colour(vertebra.label))
    return colours


def _parts_of(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()


def _labels_below(surface: SpineSurface, vertebrae: Vertebrae) -> NDArray[np.uint8]:
    """Return the label of the vertebra below each point; 0 if there is none.

    The smoothed surface is slightly outside the voxels.
    """
    spacing = np.array(vertebrae.geometry.spacing_zyx_mm)
    last = np.array(vertebrae.labels.shape) - 1
    labels = np.zeros(len(surface.points_xyz_mm), np.uint8)
    for depth_mm in _DEPTHS_MM:
        inside_mm = (surface.points_xyz_mm - depth_mm * surface.normals_xyz)[:, ::-1]
        z, y, x = np.clip(np.rint(inside_mm / spacing).astype(int), 0, last).T
        labels = np.where(labels > 0, labels, vertebrae.labels[z, y, x])
    return labels
