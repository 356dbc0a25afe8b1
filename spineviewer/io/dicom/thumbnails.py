"""Thumbnails of series: the middle slice in a bone window. Runs in the child process."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError, ImageReadError
from spineviewer.io.dicom.pixel_data import read_hu
from spineviewer.io.dicom.series_search import LIBRARY_ERRORS, FileGuard, SliceGroup, find_series
from spineviewer.io.dicom.slice_headers import Slice

#: Width and height of a thumbnail in pixels.
EDGE = 96
#: Choice: shows both bone and soft tissue.
WIDTH_HU, LEVEL_HU = 1800.0, 400.0


def middle_slice(group: SliceGroup) -> Slice:
    """Return the middle slice of a group, by position if the slices state it."""
    try:
        order = group.stack().order
    except GeometryError:
        return group.slices[len(group.slices) // 2]
    middle: Slice = group.slices[int(order[len(order) // 2])]
    return middle


def make_thumbnails(
    requests: Iterable[tuple[str, Path, int]], skip: frozenset[str], file_guard: FileGuard
) -> dict[str, str]:
    """Return thumbnails by key, each `EDGE` x `EDGE` uint8 grey values in base64.

    Slices that cannot be decoded are left out.

    Parameters
    ----------
    requests
        Key, file and frame of each thumbnail.
    """
    pictures: dict[str, str] = {}
    for key, path, frame in requests:
        if str(path) in skip:
            continue
        try:
            with file_guard(path):
                slices = [
                    slice_
                    for group in find_series(path).groups
                    for slice_ in group.slices
                    if slice_.frame == frame
                ]
                picture = thumbnail(read_hu(slices[0]), slices[0].spacing_mm or (1.0, 1.0))
        except (ImageReadError, *LIBRARY_ERRORS):
            continue
        pictures[key] = base64.b64encode(picture.tobytes()).decode()
    return pictures


def thumbnail(hu: NDArray[np.int16], spacing_mm: tuple[float, float]) -> NDArray[np.uint8]:
    """Return a slice as a square grey image: uint8, shape (`EDGE`, `EDGE`).

    `hu` is int16, shape (rows, columns). Black margins preserve the aspect ratio. Each pixel is the
    mean of an area.
    """
    height, width = (n * s for n, s in zip(hu.shape, spacing_mm, strict=True))
    scale = EDGE / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    grey = np.clip((hu.astype(np.float32) - (LEVEL_HU - WIDTH_HU / 2)) * (255.0 / WIDTH_HU), 0, 255)
    small = _means(_means(grey, rows).T, columns).T
    out = np.zeros((EDGE, EDGE), np.uint8)
    top, left = (EDGE - rows) // 2, (EDGE - columns) // 2
    out[top : top + rows, left : left + columns] = np.rint(small)
    return out


def _means(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Return the means of `count` sections of the first axis, each of at least one row."""
    edges = np.linspace(0, len(values), count + 1)
    begins = np.minimum(edges[:-1].astype(int), len(values) - 1)
    ends = np.maximum(np.ceil(edges[1:]).astype(int), begins + 1)
    sums = np.concatenate(
        [np.zeros((1, values.shape[1]), np.float64), np.cumsum(values, axis=0, dtype=np.float64)]
    )
    means: NDArray[np.float32] = ((sums[ends] - sums[begins]) / (ends - begins)[:, None]).astype(
        np.float32
    )
    return means
