"""The attention network, which locates the spine. Paper: §2.1, Fig. 2.

::

    sagittal slice  5x5 | 3x3 | 3x3 | 5x5 |  3x3  3x3  3x3  3x3  3x3   1x1     cells of 16 x 16:
                    w  pool 2w pool 4w pool 4w pool  dilation 1 1 2 4 8        logits of the
                                                                               spine fraction

Without padding, a side of 720 becomes 10; the receptive field is 576 and the stride 16.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

#: Number of pixels beyond each side of a patch that its cells see. Paper: Fig. 2 (160 padded to
#: 720).
CONTEXT_MARGIN = 280
#: Side of a cell in pixels.
CELL = 16

POOLED_KERNELS = (5, 3, 3, 5)
DILATIONS = (1, 1, 2, 4, 8)


@dataclass(frozen=True)
class AttentionNetConfig:
    """Size of the attention network.

    Attributes
    ----------
    width
        Channels after the first convolution.
    """

    width: int = 16


class AttentionNet(nn.Module):
    """Fully convolutional: input (N, 1, H, W), logits (N, 1, (H - 560) / 16, (W - 560) / 16).

    The sigmoid of the output is the fraction of spine voxels in a cell. The input is scaled HU, 0
    is air; H and W are multiples of 16 and already include the margin of 280 on each side.

    Choice: the kernel sizes are not legible in the figure. This is the only layout of 10
    convolutions with kernels up to 5, four poolings and dilations that maps 720 to exactly 10.
    """

    def __init__(self, config: AttentionNetConfig | None = None) -> None:
        super().__init__()
        self.config = config or AttentionNetConfig()
        width = self.config.width
        channels = (1, width, 2 * width, 4 * width, 4 * width)
        deep = channels[-1]
        self.pooled = nn.ModuleList(
            nn.Conv2d(before, after, kernel)
            for before, after, kernel in zip(channels, channels[1:], POOLED_KERNELS, strict=False)
        )
        self.dilated = nn.ModuleList(
            nn.Conv2d(deep, deep, 3, dilation=dilation) for dilation in DILATIONS
        )
        self.head = nn.Conv2d(deep, 1, 1)

    def forward(self, slices: Tensor) -> Tensor:
        """Return the logits of the spine fraction in each cell."""
        return self.see_context(self.extract(slices))

    def forward_in_air(self, slices: Tensor) -> Tensor:
        """Return the output of `forward` for slices (N, 1, H, W) surrounded by 280 pixels of air.

        Choice: the features of air are one constant vector, so only the slice and two cells around
        it are extracted; the other 14 cells of margin are filled with that vector. This is exact,
        because a cell sees 24 pixels around itself::

            cell   -3        -2        -1         0
                |.air.....|....see the slice..|.slice
        """
        rim_pixels, rim_cells, far_cells = 56, 2, 14
        near = self.extract(nn.functional.pad(slices, (rim_pixels,) * 4))
        air = self.extract(torch.zeros(1, 1, 64, 64, dtype=slices.dtype, device=slices.device))
        rows, columns = near.shape[2] + 2 * far_cells, near.shape[3] + 2 * far_cells
        inside_rows = slice(far_cells, rows - far_cells)
        inside_columns = slice(far_cells, columns - far_cells)
        features = air.expand(near.shape[0], -1, rows, columns).clone()
        features[:, :, inside_rows, inside_columns] = near
        assert near.shape[2] == slices.shape[2] // CELL + 2 * rim_cells
        return self.see_context(features)

    def extract(self, slices: Tensor) -> Tensor:
        """Return the output of the four pooled layers, at 1/16 of the resolution.

        float32, shape (N, 4 * width, h, w); each cell needs 24 pixels around it.
        """
        features = slices
        for convolution in self.pooled:
            features = nn.functional.max_pool2d(nn.functional.relu(convolution(features)), 2)
        return features

    def see_context(self, features: Tensor) -> Tensor:
        """Return the logits (N, 1, h - 32, w - 32) from the dilated layers and the head.

        Each cell sees 16 cells around it on each side.
        """
        for convolution in self.dilated:
            features = nn.functional.relu(convolution(features))
        logits: Tensor = self.head(features)
        return logits
