"""What pictures are laid together from, and what is kept of them from one paint to the next."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from spineviewer.gui.colour import Table, grey_table, heat_table, mask_table
from spineviewer.gui.theme import MASK_COLOUR
from spineviewer.volume.volume import WindowLevel

Value = TypeVar("Value")
#: No segments (x0, y0, x1, y1).
NO_LINES: NDArray[np.float64] = np.empty((0, 4))


@dataclass(frozen=True)
class Layer:
    """Something laid over the scan.

    Attributes
    ----------
    indices
        Places (rows, columns) in the table.
    table
        Premultiplied pixels.
    key
        Tells when either changes.
    step
        So many pixels of the picture to one of the layer, in either direction.
    """

    indices: NDArray[np.uint8]
    table: Table
    key: Hashable
    step: int = 1


class Kept:
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


class Tables:
    """The colour tables of a window, shared by its views: a change of grey scale is computed once, not three times.

    Thread ownership: any thread.
    """

    def __init__(self) -> None:
        self._kept = Kept()
        self._lock = Lock()

    def grey(self, window: WindowLevel) -> Table:
        """Pixels of the scan."""
        with self._lock:
            return self._kept.get("grey", window, lambda: grey_table(window))

    def heat(self, opacity: float) -> Table:
        """Pixels of the heatmap."""
        with self._lock:
            return self._kept.get("heat", opacity, lambda: heat_table(opacity))

    def mask(self, opacity: float) -> Table:
        """Pixels of the tint."""
        colour = QColor(MASK_COLOUR)
        with self._lock:
            return self._kept.get("mask", opacity, lambda: mask_table((colour.red(), colour.green(), colour.blue()), opacity))


def blended(hu: NDArray[np.int16], grey: Table, layers: Sequence[Layer]) -> tuple[QImage, NDArray[np.uint32]]:
    """Scan and layers as one picture, at the scan's resolution, so that scaling to the screen is paid once; and its pixels, which
    Qt does not own.

    Without layers nothing compiled is needed: the first picture of a scan waits for no loading of it.
    """
    values = hu.view(np.uint16)
    if not layers:
        buffer = np.take(grey, values)
        return _image_of(buffer, QImage.Format.Format_RGB32), buffer
    from spineviewer.volume.pixels import lay_over, looked_up

    buffer = looked_up(grey, values)
    image = _image_of(buffer, QImage.Format.Format_RGB32)
    for layer in layers:
        if layer.step == 1:
            lay_over(buffer, layer.table, layer.indices)
        else:
            _paint_enlarged(image, layer)
    return image, buffer


def _paint_enlarged(image: QImage, layer: Layer) -> None:
    pixels = np.take(layer.table, layer.indices)
    rows, columns = pixels.shape
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    room = QRectF(0, 0, columns * layer.step, rows * layer.step)
    painter.drawImage(room, _image_of(pixels, QImage.Format.Format_ARGB32_Premultiplied))
    painter.end()


def _image_of(pixels: NDArray[np.uint32], kind: QImage.Format) -> QImage:
    rows, columns = pixels.shape
    return QImage(pixels.data, columns, rows, columns * 4, kind)
