"""Lookup tables of pixels for HU, and for values of maps and masks."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from spineviewer.caches import RecentCache
from spineviewer.volume.volume import WindowLevel

Table = NDArray[np.uint32]

#: A perceptually uniform scale from black through purple and orange to pale yellow (17 equally
#: spaced colours of 'inferno', CC0).
_MAP_ANCHORS = np.array(
    [
        (0, 0, 4), (11, 7, 36), (33, 12, 74), (61, 9, 101), (87, 16, 110), (113, 25, 110), (138,
        34, 106), (163, 44, 97),
        (188, 55, 84), (210, 70, 68), (228, 90, 49), (241, 115, 29), (249, 142, 9), (252, 172,
        17), (249, 203, 53),
        (242, 234, 105), (252, 255, 164),
    ],
    dtype=float,
)  # fmt: skip


#: All views share the tables, so a new grey scale is computed only once.
_GREY_TABLES: RecentCache[Table] = RecentCache(2)
_MAP_TABLES: RecentCache[Table] = RecentCache(2)
_MASK_TABLES: RecentCache[Table] = RecentCache(2)


def grey_table(window: WindowLevel) -> Table:
    """Return 65536 opaque grey pixels, uint32, indexed by the bits of an int16 HU value."""
    return _GREY_TABLES.get(window, lambda: _grey_table(window))


def _grey_table(window: WindowLevel) -> Table:
    low = window.level_hu - window.width_hu / 2
    grey: Table = np.clip((_all_hu() - low) * (255.0 / window.width_hu), 0, 255).astype(np.uint32)
    grey *= np.uint32(0x010101)  # the same in red, green and blue
    grey |= np.uint32(0xFF000000)
    return grey


@cache
def _all_hu() -> NDArray[np.float32]:
    """Return the HU value of each of the 65536 bit patterns of an int16: float32, (65536,)."""
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.float32)


@cache
def map_colours() -> NDArray[np.float64]:
    """Return the colours of maps (red, green, blue, 0 to 255): float64, shape (256, 3)."""
    steps = np.linspace(0, len(_MAP_ANCHORS) - 1, 256)
    colours = np.stack(
        [np.interp(steps, np.arange(len(_MAP_ANCHORS)), _MAP_ANCHORS[:, k]) for k in range(3)],
        axis=1,
    )
    colours.flags.writeable = False
    return colours


def map_table(opacity: float) -> Table:
    """Return 256 premultiplied pixels, uint32, for map values from 0 to 1.

    Choice: the opacity increases between 2% and 27% of the range and then stays constant. The scan
    is unchanged where the map is close to 0, and higher values differ only in colour.
    """
    return _MAP_TABLES.get(opacity, lambda: _map_table(opacity))


def _map_table(opacity: float) -> Table:
    value = np.linspace(0, 1, 256)
    ramp = np.clip((value - 0.02) / 0.25, 0, 1)
    alpha = opacity * ramp * ramp * (3 - 2 * ramp)
    return _premultiplied(map_colours(), alpha)


def mask_table(colour: tuple[int, int, int], opacity: float) -> Table:
    """Return two premultiplied pixels, uint32: for voxels outside and inside the mask."""
    return _MASK_TABLES.get((colour, opacity), lambda: _mask_table(colour, opacity))


def _mask_table(colour: tuple[int, int, int], opacity: float) -> Table:
    return _premultiplied(np.array([colour, colour], dtype=float), np.array([0.0, opacity]))


def map_index(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return map values from 0 to 1 as indices into `map_table`: uint8, same shape."""
    # imported late, so that the window opens without this compiled code
    from spineviewer.volume.pixels import as_bytes

    return as_bytes(values)


def _premultiplied(colours: NDArray[np.float64], alpha: NDArray[np.float64]) -> Table:
    channels = np.round(colours * alpha[:, None]).astype(np.uint32)
    opacity = np.round(alpha * 255).astype(np.uint32)
    table: Table = (
        opacity << np.uint32(24)
        | channels[:, 0] << np.uint32(16)
        | channels[:, 1] << np.uint32(8)
        | channels[:, 2]
    )
    return table
