"""The usual method, for comparison: overlapping patches in plain PyTorch and float32."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from spineviewer.networks.attention_net import CONTEXT_MARGIN

#: Size of a patch in pixels or voxels; neighbours overlap by half. Paper: Fig. 2 and 4.
ATTENTION_PATCH = 160
SEGMENTATION_PATCH = (12, 192, 192)


@dataclass(frozen=True)
class PatchCount:
    """The number of patches that cover a scan, and how many of them a timed run computes."""

    needed: int
    timed: int

    @property
    def scale(self) -> float:
        return self.needed / self.timed


def attention_patches(shape: tuple[int, int, int], timed: int) -> PatchCount:
    """Return the patch count for slices of shape (count, rows, columns)."""
    count, rows, columns = shape
    return PatchCount(
        count * _along(rows, ATTENTION_PATCH) * _along(columns, ATTENTION_PATCH), timed
    )


def segmentation_patches(shape: tuple[int, int, int], timed: int) -> PatchCount:
    """Return the patch count for a scan of shape (slices, rows, columns)."""
    needed = 1
    for size, patch in zip(shape, SEGMENTATION_PATCH, strict=True):
        needed *= _along(size, patch)
    return PatchCount(needed, timed)


def run_attention(net: nn.Module, slice_in_air: NDArray[np.float32], count: int) -> None:
    """Run patches of 160 x 160 pixels with 280 pixels of the surrounding slice on each side.

    `slice_in_air` is float32, shape (rows, columns), and includes the margin.
    """
    side = ATTENTION_PATCH + 2 * CONTEXT_MARGIN
    with torch.inference_mode():
        for _ in range(count):
            patch = np.ascontiguousarray(slice_in_air[:side, :side])
            net(torch.from_numpy(patch)[None, None])


def run_segmentation(net: nn.Module, count: int) -> None:
    """Run patches of 192 x 192 x 12; their content does not affect the time."""
    patch = torch.rand(1, 1, *SEGMENTATION_PATCH)
    with torch.inference_mode():
        for _ in range(count):
            net(patch)


def _along(size: int, patch: int) -> int:
    """Return the number of patches that cover one axis and overlap by half."""
    return 1 if size <= patch else -(-(size - patch) // (patch // 2)) + 1
