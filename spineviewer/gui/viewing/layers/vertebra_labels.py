"""Named vertebrae: each level in its own colour, with its name at the centre of the body."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

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
    part_of_picture,
    slice_key,
)
from spineviewer.gui.viewing.scene import Scene, VertebraLabels
from spineviewer.volume.cuts import PlaneCut
from spineviewer.volume.ruled import RuledSurface, sample_labels

#: Points to the patient's left. A sampled picture names a body if its distance from the body is at
#: most the extent of the body in this direction.
_LEFT_LPS = (1.0, 0.0, 0.0)


class VertebraLayer:
    """Draws the names and outlines of vertebrae, and a tint if that is the mask's style."""

    name = "vertebrae"

    def __init__(self) -> None:
        self._labels: RecentCache[NDArray[np.uint8]] = RecentCache()
        self._outlines: RecentCache[tuple[Outline, ...]] = RecentCache()
        self._names: RecentCache[tuple[PlacedName, ...]] = RecentCache()

    def on_plane(self, scene: Scene, cut: PlaneCut) -> LayerPicture | None:
        vertebrae = scene.shown_vertebrae
        if vertebrae is None:
            return None
        key = (vertebrae, slice_key(cut))

        def labels() -> NDArray[np.uint8]:
            return self._labels.get(key, lambda: _labels_on_plane(vertebrae, cut))

        return LayerPicture(
            _tint(scene, key, labels),
            self._outlines.get(key, lambda: tuple(_outlines_on_plane(vertebrae, cut))),
            names=self._names.get(key, lambda: tuple(_names_on_plane(vertebrae, cut))),
        )

    def on_surface(self, scene: Scene, sampling: Sampling) -> LayerPicture | None:
        vertebrae = scene.shown_vertebrae
        if vertebrae is None:
            return None
        key = (vertebrae, sampling)
        spacing = np.array(scene.state.scan.geometry.spacing_zyx_mm)

        def labels() -> NDArray[np.uint8]:
            return self._labels.get(key, lambda: sample_labels(vertebrae.labels, sampling.surface))

        return LayerPicture(
            _tint(scene, key, labels),
            self._outlines.get(key, lambda: tuple(_outlines(labels()))),
            names=self._names.get(
                key, lambda: tuple(_names_on_surface(vertebrae, sampling.surface, spacing))
            ),
        )

    def clear(self) -> None:
        self._labels.clear()
        self._outlines.clear()
        self._names.clear()


_TABLES: RecentCache[Table] = RecentCache(2)


def _tint(scene: Scene, key: Hashable, labels: Callable[[], NDArray[np.uint8]]) -> Tint | None:
    """Return the tint of labels (uint8, shape (rows, columns)); None unless the mask is filled."""
    overlays = scene.state.overlays
    if overlays.mask_style is not MaskStyle.TINT:
        return None
    table = _TABLES.get(overlays.mask_opacity, lambda: _table(overlays.mask_opacity))
    return Tint(labels(), table, (key, overlays.mask_opacity))


def _names_on_plane(vertebrae: VertebraLabels, cut: PlaneCut) -> Iterator[PlacedName]:
    """Yield the names of the vertebrae whose bodies a slice cuts."""
    step_x = cut.geometry.spacing_zyx_mm[cut.plane.column_axis]
    step_y = cut.geometry.spacing_zyx_mm[cut.plane.row_axis]
    normal_lps = cut.geometry.axes_lps[cut.plane.value]
    centres = vertebrae.centres_zyx
    for label, _ in _parts_on_plane(vertebrae, cut):
        centre = centres[label]
        if abs(cut.across_mm(centre)) <= vertebrae.reach_mm(label, normal_lps):
            right, down = cut.on_screen_mm(centre)
            yield _name(vertebrae, label, right / step_x, down / step_y)


def _names_on_surface(
    vertebrae: VertebraLabels, surface: RuledSurface, spacing_mm: NDArray[np.float64]
) -> Iterator[PlacedName]:
    """Yield the names of the bodies near a surface; `spacing_mm` (z, y, x), shape (3,)."""
    centres = vertebrae.centres_zyx
    nearest = _nearest_pixels(surface, np.array(list(centres.values())), spacing_mm)
    for label, (right_px, down_px, distance_mm) in zip(centres, nearest.tolist(), strict=True):
        if distance_mm <= vertebrae.reach_mm(label, _LEFT_LPS):
            yield _name(vertebrae, label, right_px, down_px)


def _name(vertebrae: VertebraLabels, label: int, right_px: float, down_px: float) -> PlacedName:
    name, colour = vertebrae.marked_names[label], level_colour(label).name()
    return PlacedName(name, right_px, down_px, colour)


def _table(opacity: float) -> Table:
    """Return 256 premultiplied pixels, uint32; label 0 is transparent."""
    table = np.zeros(256, np.uint32)
    for label in range(1, 256):
        colour, alpha = level_colour(label), round(255 * opacity)
        red, green, blue = (
            round(channel * opacity) for channel in (colour.red(), colour.green(), colour.blue())
        )
        table[label] = alpha << 24 | red << 16 | green << 8 | blue
    return table


def _labels_on_plane(vertebrae: VertebraLabels, cut: PlaneCut) -> NDArray[np.uint8]:
    """Return the labels of a slice: uint8, shape (rows, columns).

    Only the boxes of vertebrae are read, because sagittal slices are scattered in memory.
    """
    whole = cut.plane.slice_of(vertebrae.labels, cut.slice_index)
    picture = np.zeros(whole.shape, np.uint8)
    for _, part in _parts_on_plane(vertebrae, cut):
        picture[part] = whole[part]
    return picture


def _outlines_on_plane(vertebrae: VertebraLabels, cut: PlaneCut) -> Iterator[Outline]:
    """Yield the outline of each vertebra in a slice, reading only the vertebra's box."""
    whole = cut.plane.slice_of(vertebrae.labels, cut.slice_index)
    for label, part in _parts_on_plane(vertebrae, cut):
        yield _outline(whole, label, part)


def _parts_on_plane(
    vertebrae: VertebraLabels, cut: PlaneCut
) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """Yield each label whose box a slice cuts, with the rows and columns of that box."""
    for label, box in vertebrae.boxes.items():
        if box[cut.plane.value].start <= cut.slice_index < box[cut.plane.value].stop:
            yield label, part_of_picture(cut.plane, box, vertebrae.labels.shape)


def _outlines(labels: NDArray[np.uint8]) -> Iterator[Outline]:
    """Yield the outline of each label in a picture, searching only the label's bounding box."""
    from scipy.ndimage import find_objects  # slow to import, and not needed at the start

    for label, box in enumerate(find_objects(labels), start=1):
        if box is not None:
            yield _outline(labels, label, box)


def _outline(labels: NDArray[np.uint8], label: int, part: tuple[slice, ...]) -> Outline:
    rows, columns = part
    corner = np.array([columns.start, rows.start, columns.start, rows.start])
    lines = outline(labels[part] == label) + corner
    return Outline(lines, Stroke(level_colour(label).name(), 1.5))


def _nearest_pixels(
    surface: RuledSurface, centres_zyx: NDArray[np.float64], spacing_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the pixel (right, down) nearest to each point, and its distance in mm.

    The points are fractional indices, shape (points, 3); the result is float64, with this shape.
    """
    centres = centres_zyx.reshape(-1, 3) * spacing_mm
    origins, steps = surface.origins_zyx * spacing_mm, surface.steps_zyx * spacing_mm
    # the square of the distance is expanded, so that arrays have only the shape (points, rows)
    along = centres @ steps.T - (origins * steps).sum(axis=1)
    step_squares = (steps**2).sum(axis=1)
    origin_squares = (
        (centres**2).sum(axis=1)[:, None] + (origins**2).sum(axis=1) - 2 * centres @ origins.T
    )
    columns = np.clip(along / step_squares, 0, surface.columns - 1)
    squares = origin_squares + columns * (columns * step_squares - 2 * along)
    rows = squares.argmin(axis=1)
    numbers = np.arange(len(rows))
    distances = np.sqrt(np.maximum(squares[numbers, rows], 0))
    return np.stack([columns[numbers, rows] + 0.5, rows + 0.5, distances], axis=1)
