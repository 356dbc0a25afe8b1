"""Frames of pictures that lie beside the scan's own slices: turned planes and ribbons along the spine.

What lies over them is the same as over slices, sampled where the pixels lie: the scan and the attention linearly, masks by the
nearest voxel. Choice: the mask is the newest whole one, so it follows a slider when the slider rests.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QImage

from spineviewer.app.state import MapKind, MaskStyle, ScanState, SegmentationStage, SlabKind
from spineviewer.editing.correction import Correction, corrected
from spineviewer.gui.colour import Table, heat_index
from spineviewer.gui.views.contour import isoline, outline
from spineviewer.gui.views.frame import Frame, SecondMask, ViewedFusion
from spineviewer.gui.views.layers import NO_LINES, Kept, Layer, Tables, blended
from spineviewer.volume.ruled import RuledSurface, Through, mask_on, scan_on

#: The attention is smooth: after a Gaussian of 6 mm a value every 3 mm, linear between, tells it to 0.008.
_ATTENTION_STEP_MM = 3.0
#: The other maps hold the edges of bone.
_FINE_MAP_STEP_MM = 1.5
#: A picture that is shown small is sampled up to so many times coarser.
_COARSEST = 4.0
#: Across a slab a sample every so many mm, as fine as the scan at least.
_COARSEST_SLAB_STEP_MM = 1.0
#: Premultiplied pixels: computed, and not computed.
_VEIL: Table = np.array([0, 0x60182438], np.uint32)


class SampledCut(Hashable, Protocol):
    """A cut whose pixels lie on a surface; equal cuts show the same."""

    @property
    def pixel_mm(self) -> float:
        """Their distance at the finest."""

    def surface(self, coarseness: float = 1.0) -> RuledSurface:
        """Where they lie, so many times farther from each other."""


class RuledComposer:
    """Composes the frames of sampled cuts, keeping what did not change.

    Thread ownership: GUI thread.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._kept = Kept()

    def clear(self) -> None:
        """Forget everything, so that a closed scan's memory is free."""
        self._kept.clear()

    def frame(
        self,
        reading: ScanState,
        cut: SampledCut,
        fusion: ViewedFusion | None,
        correction: Correction | None = None,
        second: SecondMask | None = None,
        *,
        screen_pixel_mm: float = 0.0,
    ) -> tuple[Frame, QSizeF]:
        """The picture of a cut with everything that lies over it, no finer than the screen, and its size in mm."""
        coarseness = min(max(1.0, np.floor(4 * screen_pixel_mm / cut.pixel_mm) / 4), _COARSEST)
        surface = self._kept.get("surface", (cut, coarseness), lambda: cut.surface(coarseness))
        shown = reading.overlays
        layers: list[Layer] = []
        mask_lines = attention_lines = second_lines = NO_LINES
        if fusion is not None and not shown.is_all_hidden:
            if shown.is_heat_shown:
                layers.append(self._heat(reading, surface, fusion))
                attention_lines = self._attention_lines(reading, surface, fusion)
            if shown.is_mask_shown and reading.fused is not None:
                mask, key = self._mask(reading, surface, correction)
                if shown.mask_style is MaskStyle.TINT:
                    tint = self._tables.mask(shown.mask_opacity)
                    layers.append(Layer(mask.view(np.uint8), tint, (key, shown.mask_opacity)))
                mask_lines = self._kept.get("mask outline", key, lambda: outline(mask))
            if reading.stage in (SegmentationStage.RUNNING, SegmentationStage.STOPPED):
                layers.append(self._veil(surface, fusion))
        if second is not None and not shown.is_all_hidden:
            second_lines = self._kept.get("second", (second, surface), lambda: outline(mask_on(second.voxels, surface)))
        image, buffer = self._blended(reading, surface, layers)
        rows, columns = surface.shape
        size_mm = QSizeF(columns * surface.pixel_mm, rows * surface.pixel_mm)
        return Frame(image, buffer, mask_lines, attention_lines, second_lines, ()), size_mm

    def _blended(self, reading: ScanState, surface: RuledSurface, layers: list[Layer]) -> tuple[QImage, NDArray[np.uint32]]:
        scan_key = (surface, reading.scan, reading.slab)

        def make() -> tuple[QImage, NDArray[np.uint32]]:
            hu = self._kept.get("scan", scan_key, lambda: _sampled(reading, surface))
            return blended(hu, self._tables.grey(reading.window), layers)

        return self._kept.get("blend", (scan_key, reading.window, *(layer.key for layer in layers)), make)

    def _heat(self, reading: ScanState, surface: RuledSurface, fusion: ViewedFusion) -> Layer:
        """The chosen map; its pixels are some of the picture's pixels large."""
        kind, opacity = reading.overlays.map_kind, reading.overlays.heat_opacity
        if kind is MapKind.ATTENTION:
            key: Hashable = (surface, fusion, kind, reading.tuning.sigma_mm)
            step = _step(_ATTENTION_STEP_MM, surface)
            indices = self._kept.get("heat", key, lambda: heat_index(self._attention(reading, surface, fusion)))
        else:
            key = (surface, fusion, kind, reading.tuning)
            step = _step(_FINE_MAP_STEP_MM, surface)
            indices = self._kept.get("heat", key, lambda: heat_index(fusion.map_on(kind, surface.coarser(step), reading.tuning)))
        return Layer(indices, self._tables.heat(opacity), (key, opacity), step)

    def _attention(self, reading: ScanState, surface: RuledSurface, fusion: ViewedFusion) -> NDArray[np.float32]:
        sigma_mm, step = reading.tuning.sigma_mm, _step(_ATTENTION_STEP_MM, surface)
        return self._kept.get(
            "attention", (surface, fusion, sigma_mm), lambda: fusion.attention_on(surface.coarser(step), sigma_mm)
        )

    def _attention_lines(self, reading: ScanState, surface: RuledSurface, fusion: ViewedFusion) -> NDArray[np.float64]:
        threshold, step = reading.tuning.attention_threshold, _step(_ATTENTION_STEP_MM, surface)
        key = (surface, fusion, reading.tuning.sigma_mm, threshold)
        return self._kept.get(
            "attention outline", key, lambda: isoline(self._attention(reading, surface, fusion), threshold) * step
        )

    def _mask(
        self, reading: ScanState, surface: RuledSurface, correction: Correction | None
    ) -> tuple[NDArray[np.bool_], Hashable]:
        fused = reading.fused
        assert fused is not None
        revision = correction.revision if correction is not None else 0
        key = (fused, surface, revision)

        def make() -> NDArray[np.bool_]:
            mask = self._kept.get("uncorrected", (fused, surface), lambda: mask_on(fused.mask.voxels, surface))
            if correction is None or correction.is_empty:
                return mask
            signs = correction.at(self._kept.get("nearest", surface, surface.nearest_zyx))
            return mask if signs is None else corrected(mask, signs)

        return self._kept.get("mask", key, make), key

    def _veil(self, surface: RuledSurface, fusion: ViewedFusion) -> Layer:
        """Not computed is not 'no bone'. The network runs over sagittal slices, so x alone decides."""

        def make() -> NDArray[np.uint8]:
            is_computed = fusion.computed_plane(0, 0)[0]
            x = np.clip(self._kept.get("nearest", surface, surface.nearest_zyx)[..., 2], 0, len(is_computed) - 1)
            not_computed: NDArray[np.uint8] = (~is_computed[x]).view(np.uint8)
            return not_computed

        return Layer(self._kept.get("veil", (surface, fusion), make), _VEIL, ("veil", surface, fusion))


def _step(step_mm: float, surface: RuledSurface) -> int:
    """So many pixels of the picture to one of a map."""
    return max(1, round(step_mm / surface.pixel_mm))


def _sampled(reading: ScanState, surface: RuledSurface) -> NDArray[np.int16]:
    slab = reading.slab
    if slab.kind is SlabKind.SLICE:
        return scan_on(reading.scan.hu, surface)
    step = min(_COARSEST_SLAB_STEP_MM, max(min(reading.scan.geometry.spacing_zyx_mm), 0.5))
    reach = int(slab.thickness_mm / 2 / step)
    offsets = tuple(step * k for k in range(-reach, reach + 1))
    through = Through.MAXIMUM if slab.kind is SlabKind.MIP else Through.MEAN
    return scan_on(reading.scan.hu, surface, offsets_mm=offsets, through=through)
