"""From a reading to the picture of one plane, with everything that did not change kept from the last time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPainter

from spineviewer.app.state import MaskStyle, OverlaySource, Reading, SegmentationStage, Tuning
from spineviewer.gui.colour import Table, grey_table, heat_index, heat_table, mask_table
from spineviewer.gui.theme import MASK_COLOUR
from spineviewer.gui.views.contour import isoline, outline
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import WindowLevel

Value = TypeVar("Value")


class ViewedFusion(OverlaySource, Protocol):
    """A fusion that can also give the mask of one plane."""

    def mask_plane(self, axis: int, index: int, tuning: Tuning) -> NDArray[np.bool_]:
        """The mask of one plane, exact."""


@dataclass(frozen=True)
class Frame:
    """One plane, ready to be painted.

    Attributes
    ----------
    image
        RGB32 at the scan's own resolution, with heatmap and tint already laid over it.
    buffer
        The pixels of `image`: Qt does not own them, so they live here.
    mask_outline, attention_outline
        Segments (x0, y0, x1, y1) in picture pixels.
    veiled_columns
        Pixel ranges (first, end) of the columns in which the segmentation net has not run.
    """

    image: QImage
    buffer: NDArray[np.uint32]
    mask_outline: NDArray[np.float64]
    attention_outline: NDArray[np.float64]
    veiled_columns: tuple[tuple[int, int], ...]


class _Kept:
    """The newest value of each part, with the key that it was made for."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[Hashable, Any]] = {}

    def get(self, part: str, key: Hashable, make: Callable[[], Value]) -> Value:
        if part not in self._values or self._values[part][0] != key:
            self._values[part] = (key, make())
        value: Value = self._values[part][1]
        return value

    def clear(self) -> None:
        self._values.clear()


_NO_LINES = np.empty((0, 4))


class Tables:
    """The colour tables of a window, shared by its views: a change of grey scale is computed once, not three times."""

    def __init__(self) -> None:
        self._kept = _Kept()

    def grey(self, window: WindowLevel) -> Table:
        """Pixels of the scan."""
        return self._kept.get("grey", window, lambda: grey_table(window))

    def heat(self, opacity: float) -> Table:
        """Pixels of the heatmap."""
        return self._kept.get("heat", opacity, lambda: heat_table(opacity))

    def mask(self, opacity: float) -> Table:
        """Pixels of the tint."""
        colour = QColor(MASK_COLOUR)
        return self._kept.get("mask", opacity, lambda: mask_table((colour.red(), colour.green(), colour.blue()), opacity))


class PlaneComposer:
    """Composes the frames of one plane.

    Thread ownership: GUI thread.
    """

    def __init__(self, plane: Plane, tables: Tables) -> None:
        self.plane = plane
        self._tables = tables
        self._kept = _Kept()

    def clear(self) -> None:
        """Forget everything, so that a closed scan's memory is free."""
        self._kept.clear()

    def frame(self, reading: Reading, fusion: ViewedFusion | None) -> Frame:
        """The picture of the plane that the cursor lies in."""
        index = reading.cursor_zyx[self.plane.value]
        shown = reading.overlays
        where = (id(reading.scan), index)
        grey = self._kept.get("grey", (*where, reading.window), lambda: self._grey(reading, index))
        buffer = grey
        image = _image(grey, QImage.Format.Format_RGB32)
        mask_lines = attention_lines = _NO_LINES
        veil: tuple[tuple[int, int], ...] = ()
        if fusion is not None and not shown.is_all_hidden:
            heat_on, tint_on = shown.is_heat_shown, shown.is_mask_shown and shown.mask_style is MaskStyle.TINT
            layers = []
            if heat_on:
                layers.append(self._tables.heat(shown.heat_opacity)[self._heat(reading, fusion, index)])
                if not shown.is_heat_aggregated:
                    attention_lines = self._attention_lines(reading, fusion, index)
            if shown.is_mask_shown and reading.stage is not SegmentationStage.NONE:
                mask, key = self._mask(reading, fusion, index)
                if tint_on:
                    layers.append(self._tables.mask(shown.mask_opacity)[mask.view(np.uint8)])
                mask_lines = self._kept.get("mask outline", key, lambda: outline(mask))
            if reading.stage in (SegmentationStage.RUNNING, SegmentationStage.STOPPED):
                veil = self._veil(fusion, index)
            if layers:
                buffer = grey.copy()
                image = _image(buffer, QImage.Format.Format_RGB32)
                _lay_over(image, layers)
        return Frame(image, buffer, mask_lines, attention_lines, veil)

    def _grey(self, reading: Reading, index: int) -> NDArray[np.uint32]:
        picture = self.plane.slice_of(reading.scan.hu, index)
        return np.take(self._tables.grey(reading.window), picture.view(np.uint16))

    def _heat(self, reading: Reading, fusion: ViewedFusion, index: int) -> NDArray[np.uint8]:
        sigma_mm = reading.tuning.sigma_mm
        if reading.overlays.is_heat_aggregated:
            key = (id(fusion), sigma_mm)
            return self._kept.get(
                "aggregated", key, lambda: heat_index(self._on_screen(fusion.projected_attention(self.plane.value, sigma_mm)))
            )
        return self._kept.get("heat", (id(fusion), index, sigma_mm), lambda: heat_index(self._attention(reading, fusion, index)))

    def _attention(self, reading: Reading, fusion: ViewedFusion, index: int) -> NDArray[np.float32]:
        sigma_mm = reading.tuning.sigma_mm

        def make() -> NDArray[np.float32]:
            return self._on_screen(fusion.attention_plane(self.plane.value, index, sigma_mm))

        return self._kept.get("attention", (id(fusion), index, sigma_mm), make)

    def _attention_lines(self, reading: Reading, fusion: ViewedFusion, index: int) -> NDArray[np.float64]:
        threshold = reading.tuning.attention_threshold
        key = (id(fusion), index, reading.tuning.sigma_mm, threshold)
        return self._kept.get("attention outline", key, lambda: isoline(self._attention(reading, fusion, index), threshold))

    def _mask(self, reading: Reading, fusion: ViewedFusion, index: int) -> tuple[NDArray[np.bool_], Hashable]:
        fused = reading.fused
        if fused is not None and reading.is_mask_current:
            key: Hashable = (id(fused), index)
            whole = fused.mask.voxels
            return self._kept.get("mask", key, lambda: np.ascontiguousarray(self.plane.slice_of(whole, index))), key
        key = (id(fusion), index, reading.tuning)

        def make() -> NDArray[np.bool_]:
            return self._on_screen(fusion.mask_plane(self.plane.value, index, reading.tuning))

        return self._kept.get(
            "mask", key, lambda: self._on_screen(fusion.mask_plane(self.plane.value, index, reading.tuning))
        ), key

    def _veil(self, fusion: ViewedFusion, index: int) -> tuple[tuple[int, int], ...]:
        def make() -> tuple[tuple[int, int], ...]:
            computed = self._on_screen(fusion.computed_plane(self.plane.value, index))
            return _runs(np.logical_not(computed.min(axis=0)))

        return self._kept.get("veil", (id(fusion), index), make)

    def _on_screen(self, picture: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(picture[::-1] if self.plane.is_row_flipped else picture)


def _image(pixels: NDArray[np.uint32], kind: QImage.Format) -> QImage:
    rows, columns = pixels.shape
    return QImage(pixels.data, columns, rows, columns * 4, kind)


def _lay_over(image: QImage, layers: list[NDArray[np.uint32]]) -> None:
    painter = QPainter(image)
    for layer in layers:
        painter.drawImage(0, 0, _image(layer, QImage.Format.Format_ARGB32_Premultiplied))
    painter.end()


def _runs(flags: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """First and end of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return tuple((int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True))
