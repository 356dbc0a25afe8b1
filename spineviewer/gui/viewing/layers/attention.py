"""The attention map or another map over the scan, and the contour of the attention threshold."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.overlay import FusionOverlay, MapKind
from spineviewer.caches import RecentCache
from spineviewer.gui.kit.colour import map_index, map_table
from spineviewer.gui.kit.theme import ATTENTION_EDGE_COLOUR
from spineviewer.gui.viewing.contour import isoline
from spineviewer.gui.viewing.layers.layer import (
    LayerPicture,
    Outline,
    Sampling,
    Stroke,
    Tint,
    on_screen,
    slice_key,
)
from spineviewer.gui.viewing.scene import Scene
from spineviewer.volume.cuts import PlaneCut

#: Attention is smooth: after a Gaussian of 6 mm, linear interpolation between samples 3 mm
#: apart is accurate to 0.008.
_ATTENTION_STEP_MM = 3.0
#: Sampling step of the other maps, which have sharp edges at bone.
_FINE_MAP_STEP_MM = 1.5
_STROKE = Stroke(ATTENTION_EDGE_COLOUR, 1.0, 150)


class AttentionValues:
    """Computes and caches smoothed attention, which the map and its contour share."""

    def __init__(self) -> None:
        self._values: RecentCache[NDArray[np.float32]] = RecentCache()

    def on_plane(self, scene: Scene, fusion: FusionOverlay, cut: PlaneCut) -> NDArray[np.float32]:
        """Return the attention of a slice: float32 in [0, 1], shape (rows, columns)."""
        sigma_mm = scene.state.tuning.sigma_mm

        def make() -> NDArray[np.float32]:
            return on_screen(
                cut.plane,
                fusion.extended.plane(cut.plane.value, cut.slice_index, sigma_mm),
            )

        return self._values.get((fusion, slice_key(cut), sigma_mm), make)

    def on_surface(
        self, scene: Scene, fusion: FusionOverlay, sampling: Sampling
    ) -> NDArray[np.float32]:
        """Return the attention of a sampled picture, one value about every `_ATTENTION_STEP_MM`.

        The result is float32 in [0, 1], shape (rows, columns).
        """
        sigma_mm, step = scene.state.tuning.sigma_mm, sampling.pixels_in(_ATTENTION_STEP_MM)
        return self._values.get(
            (sampling, fusion, sigma_mm),
            lambda: fusion.extended.on_surface(sampling.surface.coarser(step), sigma_mm),
        )

    def clear(self) -> None:
        """Clear the cache."""
        self._values.clear()


class MapLayer:
    """Draws the chosen map in colour, or the attention map projected through all slices.

    Paper: Fig. 3 shows the projection.
    """

    name = "map"

    def __init__(self, attention: AttentionValues) -> None:
        self._attention = attention
        self._indices: RecentCache[NDArray[np.uint8]] = RecentCache()

    def on_plane(self, scene: Scene, cut: PlaneCut) -> LayerPicture | None:
        shown, fusion = scene.state.overlays, scene.fusion
        if fusion is None or shown.is_all_hidden or not shown.is_map_shown:
            return None
        plane, index, kind, tuning = (
            cut.plane,
            cut.slice_index,
            shown.map_kind,
            scene.state.tuning,
        )
        if kind is not MapKind.ATTENTION:
            map_key: Hashable = (fusion, slice_key(cut), kind, tuning)

            def make_map() -> NDArray[np.uint8]:
                return map_index(
                    on_screen(plane, fusion.map_plane(kind, plane.value, index, tuning))
                )

            return self._tinted(scene, self._indices.get(map_key, make_map), map_key)
        if shown.is_attention_projected:
            projection_key: Hashable = (fusion, plane, tuning.sigma_mm)

            def make_projection() -> NDArray[np.uint8]:
                return map_index(
                    on_screen(plane, fusion.extended.projected(plane.value, tuning.sigma_mm))
                )

            indices = self._indices.get(projection_key, make_projection)
            return self._tinted(scene, indices, projection_key)
        key: Hashable = (fusion, slice_key(cut), tuning.sigma_mm)
        indices = self._indices.get(
            key, lambda: map_index(self._attention.on_plane(scene, fusion, cut))
        )
        return self._tinted(scene, indices, key)

    def on_surface(self, scene: Scene, sampling: Sampling) -> LayerPicture | None:
        shown, fusion = scene.state.overlays, scene.fusion
        if fusion is None or shown.is_all_hidden or not shown.is_map_shown:
            return None
        kind, tuning = shown.map_kind, scene.state.tuning
        if kind is MapKind.ATTENTION:
            key: Hashable = (sampling, fusion, kind, tuning.sigma_mm)
            step = sampling.pixels_in(_ATTENTION_STEP_MM)
            indices = self._indices.get(
                key, lambda: map_index(self._attention.on_surface(scene, fusion, sampling))
            )
        else:
            key = (sampling, fusion, kind, tuning)
            step = sampling.pixels_in(_FINE_MAP_STEP_MM)
            surface = sampling.surface
            indices = self._indices.get(
                key, lambda: map_index(fusion.map_on(kind, surface.coarser(step), tuning))
            )
        return self._tinted(scene, indices, key, step)

    def clear(self) -> None:
        self._attention.clear()
        self._indices.clear()

    @staticmethod
    def _tinted(
        scene: Scene, indices: NDArray[np.uint8], key: Hashable, step: int = 1
    ) -> LayerPicture:
        opacity = scene.state.overlays.map_opacity
        return LayerPicture(Tint(indices, map_table(opacity), (key, opacity), step))


class AttentionContour:
    """Draws the line where attention equals the threshold; bone outside is not in the mask."""

    name = "attention contour"

    def __init__(self, attention: AttentionValues) -> None:
        self._attention = attention
        self._segments: RecentCache[NDArray[np.float64]] = RecentCache()

    def on_plane(self, scene: Scene, cut: PlaneCut) -> LayerPicture | None:
        shown, fusion = scene.state.overlays, scene.fusion
        is_projected = shown.is_attention_projected and shown.map_kind is MapKind.ATTENTION
        if fusion is None or shown.is_all_hidden or not shown.is_map_shown or is_projected:
            return None
        tuning = scene.state.tuning
        threshold = tuning.attention_threshold

        def make() -> NDArray[np.float64]:
            return isoline(self._attention.on_plane(scene, fusion, cut), threshold)

        key = (fusion, slice_key(cut), tuning.sigma_mm, threshold)
        return LayerPicture(outlines=(Outline(self._segments.get(key, make), _STROKE),))

    def on_surface(self, scene: Scene, sampling: Sampling) -> LayerPicture | None:
        shown, fusion = scene.state.overlays, scene.fusion
        if fusion is None or shown.is_all_hidden or not shown.is_map_shown:
            return None
        tuning, step = scene.state.tuning, sampling.pixels_in(_ATTENTION_STEP_MM)
        threshold = tuning.attention_threshold

        def make() -> NDArray[np.float64]:
            return isoline(self._attention.on_surface(scene, fusion, sampling), threshold) * step

        key = (sampling, fusion, tuning.sigma_mm, threshold)
        return LayerPicture(outlines=(Outline(self._segments.get(key, make), _STROKE),))

    def clear(self) -> None:
        self._attention.clear()
        self._segments.clear()
