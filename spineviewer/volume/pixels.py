"""Coloured layers over a picture: looked up in a table and laid over it in one pass."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint32]


def lay_over(picture: Pixels, table: Pixels, indices: NDArray[np.uint8]) -> None:
    """Lay the premultiplied pixels of a table over an opaque picture, in place."""
    _lay_over(picture, table, indices)


def warm_up_pixels() -> None:
    """Load the compiled loops, for pictures that lie either way in memory."""
    flags = np.zeros((4, 4), np.uint8)
    for cut in (np.s_[:], np.s_[::-1], np.s_[:, ::2], np.s_[::-1, ::2]):
        lay_over(np.zeros(flags[cut].shape, np.uint32), np.zeros(256, np.uint32), flags[cut])


@numba.njit(nogil=True, cache=True)
def _lay_over(picture, table, indices):  # type: ignore[no-untyped-def]
    low, byte = np.uint32(0x00FF00FF), np.uint32(0xFF)
    half, eight = np.uint32(0x00800080), np.uint32(8)
    for row in range(indices.shape[0]):
        for column in range(indices.shape[1]):
            above = table[indices[row, column]]
            alpha = above >> np.uint32(24)
            if alpha == 0:
                continue
            rest = byte - alpha
            below = picture[row, column]
            # Red with blue and then green, two bytes at a time; (x + x / 256) / 256 rounds x / 255 for a byte times a byte.
            mixed = (below & low) * rest + half
            red_and_blue = ((mixed + ((mixed >> eight) & low)) >> eight) & low
            mixed = ((below >> eight) & byte) * rest + np.uint32(128)
            green = (mixed + (mixed >> eight)) >> eight
            picture[row, column] = (np.uint32(0xFF000000) | red_and_blue | green << eight) + (above & np.uint32(0x00FFFFFF))
