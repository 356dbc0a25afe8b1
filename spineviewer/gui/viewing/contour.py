"""The lines that a view draws, from `volume/outline.py`, which is imported at the first of them: the window opens without it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def outline(picture: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Segments (x0, y0, x1, y1) around the True pixels, in pixel units."""
    from spineviewer.volume import outline as kernels

    return kernels.outline(picture)


def isoline(values: NDArray[np.float32], level: float) -> NDArray[np.float64]:
    """Segments along which linearly interpolated `values` equal `level`; closed at the picture's border."""
    from spineviewer.volume import outline as kernels

    return kernels.isoline(values, level)
