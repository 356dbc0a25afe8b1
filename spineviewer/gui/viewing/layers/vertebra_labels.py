"""Named vertebrae: a colour for each level, with its name at the centre of the body."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.state import MaskStyle
from spineviewer.caches import RecentCache
from spineviewer.gui.kit.colour import Table
from spineviewer.gui.kit.theme import level_colour
from spineviewer.gui.viewing.contour import outline
from spineviewer.gui.viewing.layers.layer import (
    LayerPicture,
    Outline,
    PlacedName,
    Sampling,
    Stroke,
    Tint,
    place_of,
)
from spineviewer.gui.viewing.scene import Scene, VertebraLabels
from spineviewer.volume.cuts import PlaneCut
from spineviewer.volume.ruled import RuledSurface, labels_on

#: The direction from right to left. A picture along the spine shows a body if the distance
#: between them is at most the body's extent in this direction.
_SIDEWAYS = (1.0, 0.0, 0.0)


class VertebraLayer:
    """Draws names and outlines, or a tint if that is the mask's style.

    The layer is empty if no vertebra is named.
    """

    name = "vertebrae"

    def __init__(self) -> None:
        self._labels: RecentCache[NDArray[np.uint8]] = RecentCache()
        self._outlines: RecentCache[tuple[Outline, ...]] = RecentCache()
        self._names: RecentCache[tuple[PlacedName, ...]] = RecentCache()

    def on_plane(self, scene: Scene, cut: PlaneCut) -> LayerPicture | None:
        vertebrae = scene.shown_vertebrae
        if vertebrae is None:
            return None
        key = (vertebrae, place_of(cut))
        labels = self._labels.get(
            key,
            lambda: np.ascontiguousarray(cut.plane.slice_of(vertebrae.labels, cut.slice_index)),
        )
        names = self._names.get(key, lambda: tuple(_names_on_plane(vertebrae, cut)))
        return self._drawn(scene, labels, key, names)

    def on_surface(self, scene: Scene, sampling: Sampling) -> LayerPicture | None:
        vertebrae = scene.shown_vertebrae
        if vertebrae is None:
            return None
        key = (vertebrae, sampling)
        labels = self._labels.get(key, lambda: labels_on(vertebrae.labels, sampling.surface))
        spacing = np.array(scene.reading.scan.geometry.spacing_zyx_mm)
        names = self._names.get(
            key, lambda: tuple(_names_on_surface(vertebrae, sampling.surface, spacing))
        )
        return self._drawn(scene, labels, key, names)

    def clear(self) -> None:
        self._labels.clear()
        self._outlines.clear()
        self._names.clear()

    def _drawn(
        self, scene: Scene, labels: NDArray[np.uint8], key: Hashable, names: tuple[PlacedName, ...]
    ) -> LayerPicture:
        shown = scene.reading.overlays
        outlines = self._outlines.get(key, lambda: tuple(_outlines(labels)))
        tint = None
        if shown.mask_style is MaskStyle.TINT:
            tint = Tint(
                labels,
                _TABLES.get(shown.mask_opacity, lambda: _table(shown.mask_opacity)),
                (key, shown.mask_opacity),
            )
        return LayerPicture(tint, outlines, names=names)


_TABLES: RecentCache[Table] = RecentCache(2)


def _names_on_plane(vertebrae: VertebraLabels, cut: PlaneCut) -> Iterator[PlacedName]:
    """Yield the names of the bodies that a slice goes through."""
    step_x = cut.geometry.spacing_zyx_mm[cut.plane.column_axis]
    step_y = cut.geometry.spacing_zyx_mm[cut.plane.row_axis]
    normal_lps = cut.geometry.axes_lps[cut.plane.value]
    for label, centre in vertebrae.centres_zyx.items():
        if abs(cut.across_mm(centre)) <= vertebrae.reach_mm(label, normal_lps):
            right, down = cut.on_screen_mm(centre)
            yield _name(vertebrae, label, right / step_x, down / step_y)


def _names_on_surface(
    vertebrae: VertebraLabels, surface: RuledSurface, spacing_mm: NDArray[np.float64]
) -> Iterator[PlacedName]:
    """Yield the names of the bodies near a surface; `spacing_mm` (z, y, x), shape (3,)."""
    centres = vertebrae.centres_zyx
    places = _nearest_pixels(surface, np.array(list(centres.values())), spacing_mm)
    for label, (right_px, down_px, away_mm) in zip(centres, places.tolist(), strict=True):
        if away_mm <= vertebrae.reach_mm(label, _SIDEWAYS):
            yield _name(vertebrae, label, right_px, down_px)


def _name(vertebrae: VertebraLabels, label: int, right_px: float, down_px: float) -> PlacedName:
    return PlacedName(vertebrae.names[label], right_px, down_px, level_colour(label).name())


def _table(opacity: float) -> Table:
    """Return 256 premultiplied pixels, uint32; label 0 is transparent."""
    table = np.zeros(256, np.uint32)
    for label in range(1, 256):
        colour, alpha = level_colour(label), round(255 * opacity)
        red, green, blue = (
            round(part * opacity) for part in (colour.red(), colour.green(), colour.blue())
        )
        table[label] = alpha << 24 | red << 16 | green << 8 | blue
    return table


def _outlines(labels: NDArray[np.uint8]) -> Iterator[Outline]:
    """Yield the outline of each label in a picture, searching only its bounding box."""
    from scipy.ndimage import find_objects  # slow import, not needed at the start

    for number, box in enumerate(find_objects(labels), start=1):
        if box is None:
            continue
        rows, columns = (slice(max(side.start - 1, 0), side.stop + 1) for side in box)
        lines = outline(labels[rows, columns] == number)
        corner = np.array([columns.start, rows.start, columns.start, rows.start])
        yield Outline(lines + corner, Stroke(level_colour(number).name(), 1.5))


def _nearest_pixels(
    surface: RuledSurface, centres_zyx: NDArray[np.float64], spacing_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the pixel (right, down) nearest to each point, and its distance in mm.

    The points are fractional indices, shape (points, 3); the result has the same shape.
    """
    steps = surface.steps_zyx * spacing_mm
    # axes: points, rows of the picture, and z, y, x:
    away = (centres_zyx.reshape(-1, 1, 3) - surface.origins_zyx) * spacing_mm
    along = (away * steps).sum(axis=2) / (steps**2).sum(axis=1)
    columns = np.clip(along, 0, surface.columns - 1)
    distances = np.linalg.norm(away - columns[..., None] * steps, axis=2)
    rows = distances.argmin(axis=1)
    numbers = np.arange(len(rows))
    return np.stack([columns[numbers, rows] + 0.5, rows + 0.5, distances[numbers, rows]], axis=1)
