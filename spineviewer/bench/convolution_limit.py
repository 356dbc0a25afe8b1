"""Peak speed of convolutions on this machine, and the number of multiply-adds in the network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spineviewer.inference.backends.openvino_backend import single_convolution

_CHANNELS, _SIDE = 64, 256


def convolution_limit() -> tuple[Callable[[], object], float]:
    """Return a function that runs a fast convolution, and its number of multiply-adds."""
    run = single_convolution(_CHANNELS, _SIDE)
    return run, float(9 * _CHANNELS * _CHANNELS * _SIDE * _SIDE)


def segmentation_work(width: int) -> float:
    """Return the number of multiply-adds of the segmentation network per voxel of the scan.

    Paper: Fig. 4; the second level has an eighth of the voxels of the first, and each further
    level a quarter of those of the one above it.
    """
    widths = width * 2 ** np.arange(5)
    fraction = 1 / np.array([1, 8, 32, 128, 512])
    before = np.concatenate([[1], widths[:-1]])
    first_kernel = np.array([27, 27, 9, 9, 9])
    down = (first_kernel * before * widths + 9 * widths**2) * fraction
    enlarge = widths[1:] * widths[:-1] * fraction[:-1]
    second_kernel = np.array([27, 9, 9, 9])
    up = (9 * 2 * widths[:-1] ** 2 + second_kernel * widths[:-1] ** 2) * fraction[:-1]
    return float(down.sum() + enlarge.sum() + up.sum() + width)
