"""Lines for views, from `volume/outline.py`, which is imported on first use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def outline(picture: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return segments (x0, y0, x1, y1) around the True pixels, in pixel units.

    `picture` is bool, shape (rows, columns); the result is float64, shape (segments, 4).
    """
    from spineviewer.volume import outline as kernels

    return kernels.outline(picture)


def isoline(values: NDArray[np.float32], level: float) -> NDArray[np.float64]:
    """Return segments along which linearly interpolated `values` equal `level`.

    `values` is float32, shape (rows, columns); the result is float64, shape (segments, 4). Lines
    are closed at the border of the picture.
    """
    from spineviewer.volume import outline as kernels

    return kernels.isoline(values, level)
