"""Composition of frames: a cut through the scan with all layers; unchanged parts are cached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter

from spineviewer.caches import RecentCache
from spineviewer.gui.kit.colour import Table, grey_table
from spineviewer.gui.viewing.layers.grey_values import ScanLayer
from spineviewer.gui.viewing.layers.layer import LayerPicture, SampledCut, Sampling, Tint, slice_key
from spineviewer.gui.viewing.layers.stack import layer_stack
from spineviewer.gui.viewing.scene import Scene
from spineviewer.volume.cuts import PlaneCut

#: Maximum factor by which small pictures are sampled more coarsely.
_MAX_COARSENESS = 4.0


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture, ready to be painted; compared by identity.

    Attributes
    ----------
    image
        The picture, RGB32 at the resolution of the slice or of the sampling, with all tints blended
        in.
    buffer
        The pixels of `image`, uint32 (rows, columns), stored here because Qt does not own them.
    parts
        The pictures of visible layers by name, in the order of the stack.
    size_mm
        Size of a sampled picture; None for a slice. It may be slightly larger than its cut, because
        it consists of whole pixels.
    """

    image: QImage
    buffer: NDArray[np.uint32]
    parts: Mapping[str, LayerPicture]
    size_mm: QSizeF | None = None

    def names(self, cut_mm: QSizeF) -> Iterator[tuple[QPointF, str]]:
        """Yield the position in mm and the text of each name; `cut_mm` is the size of the cut."""
        size = self.size_mm or cut_mm
        right_mm, down_mm = size.width() / self.image.width(), size.height() / self.image.height()
        for part in self.parts.values():
            for name in part.names:
                yield QPointF(name.right_px * right_mm, name.down_px * down_mm), name.text

    def shows_the_same_as(self, other: Frame) -> bool:
        """Return whether both frames consist of the same objects.

        Equal parts that have been computed again count as different.
        """
        return (
            self.buffer is other.buffer
            and self.parts.keys() == other.parts.keys()
            and all(part.shows_the_same_as(other.parts[name]) for name, part in self.parts.items())
        )


class Composer:
    """Composes the frames of one view, or of one picture in a report.

    Thread ownership: any thread, one at a time.
    """

    def __init__(self) -> None:
        self.scan = ScanLayer()
        self.layers = layer_stack()
        self._blend: RecentCache[tuple[QImage, NDArray[np.uint32]]] = RecentCache()
        self._sampling: RecentCache[Sampling] = RecentCache()

    def clear(self) -> None:
        """Release all pictures, so that the memory of a closed scan is freed."""
        self.scan.clear()
        for layer in self.layers:
            layer.clear()
        self._blend.clear()
        self._sampling.clear()

    def frame(
        self, scene: Scene, cut: PlaneCut | SampledCut, *, screen_pixel_mm: float = 0.0
    ) -> Frame:
        """Return the frame of a cut, sampled no more finely than the screen needs.

        A slice keeps the scan's resolution. `screen_pixel_mm` is the size of a screen pixel; with
        0, a cut is sampled as finely as possible.
        """
        if isinstance(cut, PlaneCut):
            parts = {
                layer.name: part
                for layer in self.layers
                if (part := layer.on_plane(scene, cut)) is not None
            }
            image, buffer = self._blended(scene, cut, parts)
            return Frame(image, buffer, parts)
        coarseness = min(
            max(1.0, np.floor(4 * screen_pixel_mm / cut.pixel_mm) / 4), _MAX_COARSENESS
        )
        sampling = self._sampling.get((cut, coarseness), lambda: Sampling(cut.surface(coarseness)))
        parts = {
            layer.name: part
            for layer in self.layers
            if (part := layer.on_surface(scene, sampling)) is not None
        }
        image, buffer = self._blended(scene, sampling, parts)
        rows, columns = sampling.surface.shape
        pixel_mm = sampling.surface.pixel_mm
        return Frame(image, buffer, parts, QSizeF(columns * pixel_mm, rows * pixel_mm))

    def _blended(
        self, scene: Scene, cut: PlaneCut | Sampling, parts: Mapping[str, LayerPicture]
    ) -> tuple[QImage, NDArray[np.uint32]]:
        window = scene.state.window
        tints = [part.tint for part in parts.values() if part.tint is not None]

        def make() -> tuple[QImage, NDArray[np.uint32]]:
            if isinstance(cut, PlaneCut):
                return blended(self.scan.on_plane(scene, cut), grey_table(window), tints)
            return blended(self.scan.on_surface(scene, cut), grey_table(window), tints)

        cut_key = slice_key(cut) if isinstance(cut, PlaneCut) else cut
        return self._blend.get(
            (cut_key, window, scene.state.slab, *(tint.key for tint in tints)), make
        )


def blended(
    hu: NDArray[np.int16], grey: Table, tints: Sequence[Tint]
) -> tuple[QImage, NDArray[np.uint32]]:
    """Return a picture of `hu`, int16 (rows, columns), with tints blended in, and its pixels.

    The picture has the resolution of `hu`, so it is scaled to the screen only once. Without tints,
    no compiled code is needed, so the first picture of a scan does not wait for it to load.
    """
    values = hu.view(np.uint16)
    if not tints:
        buffer = np.take(grey, values)
        return _image_from_pixels(buffer, QImage.Format.Format_RGB32), buffer
    from spineviewer.volume.pixels import blend_layer, look_up_pixels

    buffer = look_up_pixels(grey, values)
    image = _image_from_pixels(buffer, QImage.Format.Format_RGB32)
    for tint in tints:
        if tint.step == 1:
            blend_layer(buffer, tint.table, tint.indices)
        else:
            _paint_enlarged(image, tint)
    return image, buffer


def _paint_enlarged(image: QImage, tint: Tint) -> None:
    pixels = np.take(tint.table, tint.indices)
    rows, columns = pixels.shape
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    target = QRectF(0, 0, columns * tint.step, rows * tint.step)
    painter.drawImage(target, _image_from_pixels(pixels, QImage.Format.Format_ARGB32_Premultiplied))
    painter.end()


def _image_from_pixels(pixels: NDArray[np.uint32], kind: QImage.Format) -> QImage:
    rows, columns = pixels.shape
    return QImage(pixels.data, columns, rows, columns * 4, kind)
