"""From a reading to the picture of one plane, with everything that did not change kept from the last time."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from spineviewer.app.state import FusedMask, MapKind, MaskStyle, OverlaySource, ScanState, SegmentationStage, SlabKind
from spineviewer.editing.correction import Correction, corrected
from spineviewer.gui.colour import heat_index
from spineviewer.gui.views.contour import isoline, outline
from spineviewer.gui.views.layers import NO_LINES, Kept, Layer, Tables, blended
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane
from spineviewer.volume.ruled import RuledSurface


class ViewedFusion(OverlaySource, Hashable, Protocol):
    """A fusion that can also give the mask of one plane. Equal only to itself, so that it can be part of a key."""

    def mask_plane(self, axis: int, index: int, tuning: Tuning) -> NDArray[np.bool_]:
        """The mask of one plane, exact."""

    def map_on(self, kind: MapKind, surface: RuledSurface, tuning: Tuning) -> NDArray[np.float32]:
        """A map where the pixels of a surface lie."""

    def attention_on(self, surface: RuledSurface, sigma_mm: float) -> NDArray[np.float32]:
        """Smoothed attention where the pixels of a surface lie."""


class SecondMask(Hashable, Protocol):
    """A mask on the scan's grid that the first is compared with. Equal only to itself."""

    @property
    def voxels(self) -> NDArray[np.bool_]:
        """Bool (z, y, x)."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One plane, ready to be painted. Equal only to itself.

    Attributes
    ----------
    image
        RGB32 at the scan's own resolution, with heatmap and tint already laid over it.
    buffer
        The pixels of `image`: Qt does not own them, so they live here.
    mask_outline, attention_outline, second_outline
        Segments (x0, y0, x1, y1) in picture pixels.
    veiled_columns
        Pixel ranges (first, end) of the columns in which the segmentation net has not run.
    is_veil_faint
        Whether it need not run there for this mask, so that the veil only has to be noticed.
    """

    image: QImage
    buffer: NDArray[np.uint32]
    mask_outline: NDArray[np.float64]
    attention_outline: NDArray[np.float64]
    second_outline: NDArray[np.float64]
    veiled_columns: tuple[tuple[int, int], ...]
    is_veil_faint: bool = False

    def shows_the_same_as(self, other: Frame) -> bool:
        """Whether it was put together from the same parts; equal ones that were made anew count as others."""
        return (
            self.buffer is other.buffer
            and self.mask_outline is other.mask_outline
            and self.attention_outline is other.attention_outline
            and self.second_outline is other.second_outline
            and self.veiled_columns == other.veiled_columns
            and self.is_veil_faint == other.is_veil_faint
        )


class PlaneComposer:
    """Composes the frames of one plane.

    Thread ownership: GUI thread.
    """

    def __init__(self, plane: Plane, tables: Tables) -> None:
        self.plane = plane
        self._tables = tables
        self._kept = Kept()
        self._slices: NDArray[np.int16] | None = None

    def clear(self) -> None:
        """Forget everything, so that a closed scan's memory is free."""
        self._slices = None
        self._kept.clear()

    def frame(
        self,
        reading: ScanState,
        fusion: ViewedFusion | None,
        correction: Correction | None = None,
        second: SecondMask | None = None,
    ) -> Frame:
        """The picture of the plane that the cursor lies in.

        `correction` is what was changed in the mask by hand, `second` a mask that it is compared with.
        """
        index = reading.cursor_zyx[self.plane.value]
        shown = reading.overlays
        mask_lines = attention_lines = NO_LINES
        veil: tuple[tuple[int, int], ...] = ()
        layers: list[Layer] = []
        if fusion is not None and not shown.is_all_hidden:
            if shown.is_heat_shown:
                heat, heat_key = self._heat(reading, fusion, index)
                layers.append(Layer(heat, self._tables.heat(shown.heat_opacity), (heat_key, shown.heat_opacity)))
                if not shown.is_heat_aggregated or shown.map_kind is not MapKind.ATTENTION:
                    attention_lines = self._attention_lines(reading, fusion, index)
            if shown.is_mask_shown and reading.stage is not SegmentationStage.NONE:
                mask, mask_key = self._mask(reading, fusion, index)
                if correction is not None:
                    mask, mask_key = self._corrected(mask, mask_key, correction, index)
                if shown.mask_style is MaskStyle.TINT:
                    tint = self._tables.mask(shown.mask_opacity)
                    layers.append(Layer(mask.view(np.uint8), tint, (mask_key, shown.mask_opacity)))
                mask_lines = self._kept.get("mask outline", mask_key, lambda: outline(mask))
            if reading.stage is not SegmentationStage.NONE and reading.computed_share < 1:
                veil = self._veil(fusion, index)
        image, buffer = self._blended(reading, index, layers)
        second_lines = NO_LINES
        if second is not None and not shown.is_all_hidden:
            picture = self.plane.slice_of(second.voxels, index)
            second_lines = self._kept.get("second outline", (second, index), lambda: outline(picture))
        is_faint = reading.stage is SegmentationStage.DONE
        return Frame(image, buffer, mask_lines, attention_lines, second_lines, veil, is_faint)

    def _blended(self, reading: ScanState, index: int, layers: list[Layer]) -> tuple[QImage, NDArray[np.uint32]]:
        def make() -> tuple[QImage, NDArray[np.uint32]]:
            return blended(self._voxels(reading, index), self._tables.grey(reading.window), layers)

        key = (index, reading.window, reading.slab, *(layer.key for layer in layers))
        return self._kept.get("blend", key, make)

    def _voxels(self, reading: ScanState, index: int) -> NDArray[np.int16]:
        if reading.slab.kind is SlabKind.SLICE:
            return self._slice(reading, index)
        return self._kept.get("slab", (index, reading.slab), lambda: self._slab(reading, index))

    def set_slices(self, slices: NDArray[np.int16] | None) -> None:
        """A copy of the scan with this plane's axis first, or None: the same voxels, faster to get at."""
        self._slices = slices

    def _slice(self, reading: ScanState, index: int) -> NDArray[np.int16]:
        if self._slices is None:
            return self.plane.slice_of(reading.scan.hu, index)
        picture: NDArray[np.int16] = self._slices[index]
        return picture[::-1] if self.plane.is_row_flipped else picture

    def _slab(self, reading: ScanState, index: int) -> NDArray[np.int16]:
        cut, geometry = self.plane.value, reading.scan.geometry
        first, end = reading.slab.range(index, geometry.shape_zyx[cut], geometry.spacing_zyx_mm[cut])
        slices = np.stack([self._slice(reading, k) for k in range(first, end)])
        if reading.slab.kind is SlabKind.MIP:
            return np.asarray(slices.max(axis=0))
        return np.asarray(np.round(slices.mean(axis=0, dtype=np.float32)), np.int16)

    def _heat(self, reading: ScanState, fusion: ViewedFusion, index: int) -> tuple[NDArray[np.uint8], Hashable]:
        sigma_mm = reading.tuning.sigma_mm
        kind = reading.overlays.map_kind
        if kind is not MapKind.ATTENTION:
            map_key = (fusion, index, kind, reading.tuning)

            def other() -> NDArray[np.uint8]:
                return heat_index(self._on_screen(fusion.map_plane(kind, self.plane.value, index, reading.tuning)))

            return self._kept.get("other map", map_key, other), map_key
        if reading.overlays.is_heat_aggregated:
            whole_key = (fusion, sigma_mm)

            def aggregate() -> NDArray[np.uint8]:
                return heat_index(self._on_screen(fusion.projected_attention(self.plane.value, sigma_mm)))

            return self._kept.get("aggregated", whole_key, aggregate), whole_key
        key = (fusion, index, sigma_mm)
        return self._kept.get("heat", key, lambda: heat_index(self._attention(reading, fusion, index))), key

    def _attention(self, reading: ScanState, fusion: ViewedFusion, index: int) -> NDArray[np.float32]:
        sigma_mm = reading.tuning.sigma_mm

        def make() -> NDArray[np.float32]:
            return self._on_screen(fusion.attention_plane(self.plane.value, index, sigma_mm))

        return self._kept.get("attention", (fusion, index, sigma_mm), make)

    def _attention_lines(self, reading: ScanState, fusion: ViewedFusion, index: int) -> NDArray[np.float64]:
        threshold = reading.tuning.attention_threshold
        key = (fusion, index, reading.tuning.sigma_mm, threshold)
        return self._kept.get("attention outline", key, lambda: isoline(self._attention(reading, fusion, index), threshold))

    def _mask(self, reading: ScanState, fusion: ViewedFusion, index: int) -> tuple[NDArray[np.bool_], Hashable]:
        fused = reading.fused
        if fused is not None and reading.is_mask_current:
            key: Hashable = (fused, index)
            return self._kept.get("mask", key, lambda: self._cut(fused, index)), key
        key = (fusion, index, reading.tuning)

        def make() -> NDArray[np.bool_]:
            return self._on_screen(fusion.mask_plane(self.plane.value, index, reading.tuning))

        return self._kept.get("mask", key, make), key

    def _cut(self, fused: FusedMask, index: int) -> NDArray[np.bool_]:
        """One slice of a whole mask; only its box is touched, as sagittal slices lie scattered in memory."""
        voxels, box = fused.mask.voxels, fused.box
        rows, columns = self.plane.row_axis, self.plane.column_axis
        out = np.zeros((voxels.shape[rows], voxels.shape[columns]), np.bool_)
        if box[self.plane.value].start <= index < box[self.plane.value].stop:
            place: list[slice | int] = list(box)
            place[self.plane.value] = index
            out[box[rows], box[columns]] = voxels[tuple(place)]
        return self._on_screen(out)

    def _corrected(
        self, mask: NDArray[np.bool_], key: Hashable, correction: Correction, index: int
    ) -> tuple[NDArray[np.bool_], Hashable]:
        signs = correction.plane(self.plane.value, index)
        if signs is None:
            return mask, key
        corrected_key = (key, correction.revision)
        return self._kept.get("corrected", corrected_key, lambda: corrected(mask, self._on_screen(signs))), corrected_key

    def _veil(self, fusion: ViewedFusion, index: int) -> tuple[tuple[int, int], ...]:
        def make() -> tuple[tuple[int, int], ...]:
            computed = self._on_screen(fusion.computed_plane(self.plane.value, index))
            return _runs(np.logical_not(computed.min(axis=0)))

        return self._kept.get("veil", (fusion, index), make)

    def _on_screen(self, picture: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(picture[::-1] if self.plane.is_row_flipped else picture)


def _runs(flags: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """First and end of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return tuple((int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True))
