"""What pictures are laid together from, and what is kept of them from one paint to the next."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from spineviewer.gui.colour import Table, grey_table, heat_table, mask_table
from spineviewer.gui.theme import MASK_COLOUR
from spineviewer.volume.volume import WindowLevel

Value = TypeVar("Value")
#: No segments (x0, y0, x1, y1).
NO_LINES: NDArray[np.float64] = np.empty((0, 4))


@dataclass(frozen=True)
class Layer:
    """Something laid over the scan: premultiplied pixels, and a key that tells when they change."""

    pixels: NDArray[np.uint32]
    key: Hashable


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
    """The colour tables of a window, shared by its views: a change of grey scale is computed once, not three times."""

    def __init__(self) -> None:
        self._kept = Kept()

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


def image_of(pixels: NDArray[np.uint32], kind: QImage.Format) -> QImage:
    """Pixels as Qt sees them; Qt does not own them."""
    rows, columns = pixels.shape
    return QImage(pixels.data, columns, rows, columns * 4, kind)


def lay_over(picture: NDArray[np.uint32], table: Table, indices: NDArray[np.uint8]) -> None:
    """Lay the premultiplied pixels of a table over an opaque picture, in place.

    `volume/pixels.py` is imported at the first layer, long after the window opens and a scan shows its first picture.
    """
    from spineviewer.volume import pixels as kernels

    kernels.lay_over(picture, table, indices)
