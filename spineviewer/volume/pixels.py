"""Pixels from look-up tables: the grey values of voxels, and coloured layers over them."""

from __future__ import annotations

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

Pixels = NDArray[np.uint32]
#: Any memory layout is accepted, so that one loop works for slices in every direction.
_VALUES = types.Array(types.uint16, 2, "A", readonly=True)
_LOOK_UP = types.void(types.Array(types.uint32, 2, "C"), types.Array(types.uint32, 1, "C"), _VALUES)
_TO_BYTES = types.void(
    types.Array(types.float32, 1, "C", readonly=True), types.Array(types.uint8, 1, "C")
)


def look_up_pixels(table: Pixels, values: NDArray[np.uint16]) -> Pixels:
    """Return the pixel of each value: uint32, contiguous, same shape as the values.

    `table` is uint32, shape (65536,); `values` is uint16, 2-D, in any memory order.
    """
    picture = np.empty(values.shape, np.uint32)
    _look_up(picture, table, values)
    return picture


def as_bytes(fractions: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return fractions (float32, any shape) clipped to [0, 1] and scaled to 0 to 255 (uint8)."""
    numbers = np.empty(fractions.shape, np.uint8)
    _to_bytes(np.ascontiguousarray(fractions).reshape(-1), numbers.reshape(-1))
    return numbers


def blend_layer(picture: Pixels, table: Pixels, indices: NDArray[np.uint8]) -> None:
    """Blend premultiplied pixels over an opaque picture, in place.

    Parameters
    ----------
    picture
        uint32, shape (rows, columns).
    table
        uint32, shape (256,): premultiplied ARGB.
    indices
        uint8, shape (rows, columns), into the table.
    """
    _blend_layer(picture, table, indices)


def warm_up_pixels() -> None:
    """Load the compiled loops for pictures in either memory order."""
    flags = np.zeros((4, 4), np.uint8)
    for cut in (np.s_[:], np.s_[::-1], np.s_[:, ::2], np.s_[::-1, ::2]):
        blend_layer(np.zeros(flags[cut].shape, np.uint32), np.zeros(256, np.uint32), flags[cut])
    look_up_pixels(np.zeros(65536, np.uint32), flags.astype(np.uint16))
    as_bytes(flags.astype(np.float32))


@numba.njit(_LOOK_UP, nogil=True, cache=True)
def _look_up(picture, table, values):  # type: ignore[no-untyped-def]
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            picture[row, column] = table[values[row, column]]


@numba.njit(_TO_BYTES, nogil=True, cache=True)
def _to_bytes(fractions, numbers):  # type: ignore[no-untyped-def]
    for index in range(fractions.shape[0]):
        fraction = min(max(fractions[index], np.float32(0)), np.float32(1))
        numbers[index] = np.uint8(fraction * np.float32(255))


@numba.njit(nogil=True, cache=True)
def _blend_layer(picture, table, indices):  # type: ignore[no-untyped-def]
    above = np.empty(indices.shape[1], np.uint32)
    for row in range(indices.shape[0]):
        _fetch(table, indices[row], above)
        _mix(picture[row], above)


@numba.njit(nogil=True, cache=True)
def _fetch(table, indices, pixels):  # type: ignore[no-untyped-def]
    """Look up pixels, separately from `_mix`, which the compiler can then vectorise."""
    for column in range(pixels.shape[0]):
        pixels[column] = table[indices[column]]


@numba.njit(nogil=True, cache=True)
def _mix(picture, above):  # type: ignore[no-untyped-def]
    """Blend premultiplied pixels 0xAARRGGBB over opaque ones, in place.

    Red and blue are multiplied together, as 16-bit halves of one number, then green. If x is a
    product of two bytes plus 128, (x + x / 256) / 256 is the product divided by 255 and rounded.
    """
    low, byte = np.uint32(0x00FF00FF), np.uint32(0xFF)
    half, eight = np.uint32(0x00800080), np.uint32(8)
    for column in range(picture.shape[0]):
        rest = byte - (above[column] >> np.uint32(24))
        below = picture[column]
        mixed = (below & low) * rest + half
        red_and_blue = ((mixed + ((mixed >> eight) & low)) >> eight) & low
        mixed = ((below >> eight) & byte) * rest + np.uint32(128)
        green = (mixed + (mixed >> eight)) >> eight
        opaque = np.uint32(0xFF000000) | red_and_blue | green << eight
        picture[column] = opaque + (above[column] & np.uint32(0x00FFFFFF))
