"""The mask of the spine, and the second mask of a comparison.

Choice: oblique and curved pictures show the latest whole mask, so they change only when a slider
stops moving.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from spineviewer.app.fused_mask import FusedMask
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.state import MaskStyle, SegmentationStage
from spineviewer.caches import RecentCache
from spineviewer.editing.correction import Correction, corrected
from spineviewer.gui.kit.colour import mask_table
from spineviewer.gui.kit.theme import MASK_COLOUR, SECOND_MASK_COLOUR
from spineviewer.gui.viewing.contour import outline
from spineviewer.gui.viewing.layers.layer import (
    LayerPicture,
    Outline,
    Sampling,
    Stroke,
    Tint,
    on_screen,
    part_of_picture,
    slice_key,
)
from spineviewer.gui.viewing.scene import Scene
from spineviewer.volume.cuts import PlaneCut
from spineviewer.volume.planes import Plane
from spineviewer.volume.ruled import sample_mask

_MASK_STROKE = Stroke(MASK_COLOUR, 1.5)
_SECOND_STROKE = Stroke(SECOND_MASK_COLOUR, 1.5)

#: A mask (rows, columns) and its cache key.
KeyedMask = tuple[NDArray[np.bool_], Hashable]


class MaskLayer:
    """The corrected mask, drawn as an outline and, if that is its style, filled with a tint."""

    name = "mask"

    def __init__(self) -> None:
        self._fused: RecentCache[NDArray[np.bool_]] = RecentCache()
        self._signs: RecentCache[NDArray[np.int8] | None] = RecentCache()
        self._corrected: RecentCache[NDArray[np.bool_]] = RecentCache()
        self._segments: RecentCache[NDArray[np.float64]] = RecentCache()

    def on_plane(self, scene: Scene, cut: PlaneCut) -> LayerPicture | None:
        shown, fusion = scene.state.overlays, scene.fusion
        if (
            fusion is None
            or shown.is_all_hidden
            or not shown.is_mask_shown
            or scene.state.stage is SegmentationStage.NONE
        ):
            return None
        return self._draw(scene, *self.slice_mask(scene, fusion, cut))

    def on_surface(self, scene: Scene, sampling: Sampling) -> LayerPicture | None:
        shown, fused = scene.state.overlays, scene.state.fused
        if scene.fusion is None or fused is None or shown.is_all_hidden or not shown.is_mask_shown:
            return None
        return self._draw(scene, *self._surface_mask(sampling, fused, scene.correction))

    def clear(self) -> None:
        for cache in (self._fused, self._signs, self._corrected, self._segments):
            cache.clear()

    def slice_mask(self, scene: Scene, fusion: FusionOverlay, cut: PlaneCut) -> KeyedMask:
        """Return the corrected mask of a slice, bool, shape (rows, columns), and its cache key."""
        state = scene.state
        fused, plane, index = state.fused, cut.plane, cut.slice_index
        if fused is not None and state.is_mask_current:
            key: Hashable = (fused, slice_key(cut))
            mask = self._fused.get(key, lambda: _mask_slice(fused, plane, index))
        else:
            key = (fusion, slice_key(cut), state.tuning)
            mask = self._fused.get(
                key, lambda: on_screen(plane, fusion.mask_plane(plane.value, index, state.tuning))
            )
        correction = scene.correction
        if correction is None:
            return mask, key
        signs = self._signs.get(
            (correction, correction.revision, slice_key(cut)),
            lambda: correction.plane(plane.value, index),
        )
        if signs is None:
            return mask, key
        corrected_key = (key, correction.revision)
        return self._corrected.get(
            corrected_key, lambda: corrected(mask, on_screen(plane, signs))
        ), corrected_key

    def _surface_mask(
        self, sampling: Sampling, fused: FusedMask, correction: Correction | None
    ) -> KeyedMask:
        revision = correction.revision if correction is not None else 0
        key = (fused, sampling, revision)

        def make() -> NDArray[np.bool_]:
            mask = self._fused.get(
                (fused, sampling), lambda: sample_mask(fused.mask.voxels, sampling.surface)
            )
            if correction is None or correction.is_empty:
                return mask
            signs = correction.signs_at(sampling.nearest_zyx)
            return mask if signs is None else corrected(mask, signs)

        return self._corrected.get(key, make), key

    def _draw(self, scene: Scene, mask: NDArray[np.bool_], key: Hashable) -> LayerPicture:
        shown = scene.state.overlays
        segments = self._segments.get(key, lambda: outline(mask))
        tint = None
        # shown vertebrae have their own tints
        if shown.mask_style is MaskStyle.TINT and scene.shown_vertebrae is None:
            colour = QColor(MASK_COLOUR)
            table = mask_table((colour.red(), colour.green(), colour.blue()), shown.mask_opacity)
            tint = Tint(mask.view(np.uint8), table, (key, shown.mask_opacity))
        return LayerPicture(tint, (Outline(segments, _MASK_STROKE),))


class SecondMaskLayer:
    """The outline of the second mask of a comparison."""

    name = "second mask"

    def __init__(self) -> None:
        self._segments: RecentCache[NDArray[np.float64]] = RecentCache()

    def on_plane(self, scene: Scene, cut: PlaneCut) -> LayerPicture | None:
        second = scene.second
        if second is None or scene.state.overlays.is_all_hidden:
            return None
        picture = cut.plane.slice_of(second.voxels, cut.slice_index)
        return LayerPicture(
            outlines=(
                Outline(
                    self._segments.get((second, slice_key(cut)), lambda: outline(picture)),
                    _SECOND_STROKE,
                ),
            )
        )

    def on_surface(self, scene: Scene, sampling: Sampling) -> LayerPicture | None:
        second = scene.second
        if second is None or scene.state.overlays.is_all_hidden:
            return None

        def make() -> NDArray[np.float64]:
            return outline(sample_mask(second.voxels, sampling.surface))

        return LayerPicture(
            outlines=(Outline(self._segments.get((second, sampling), make), _SECOND_STROKE),)
        )

    def clear(self) -> None:
        self._segments.clear()


def _mask_slice(fused: FusedMask, plane: Plane, index: int) -> NDArray[np.bool_]:
    """Return one slice of a whole mask.

    Only the mask's bounding box is read, because sagittal slices are scattered in memory.
    """
    voxels, box = fused.mask.voxels, fused.box
    whole = plane.slice_of(voxels, index)
    picture = np.zeros(whole.shape, np.bool_)
    if box[plane.value].start <= index < box[plane.value].stop:
        part = part_of_picture(plane, box, voxels.shape)
        picture[part] = whole[part]
    return picture
