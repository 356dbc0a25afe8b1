"""The segmentation network, which finds the bone of the spine. Paper: §2.2, Fig. 4.

::

    level                                                                  across slices
      1   3x3x3 3x3x1 ---------------------------------- 3x3x1 3x3x3 1x1x1  12 -> 10 … 6 -> 4
            pool 2x2x2                             up 2x2x2
      2       3x3x3 3x3x1 ---------------- 3x3x1 3x3x1                      5 -> 3
                pool 2x2x1           up 2x2x1
      3           3x3x1 3x3x1 --- 3x3x1 3x3x1
      4             ...               ...
      5               3x3x1 3x3x1 dropout                                   3

A kernel is written in-plane x in-plane x across. Tensors are (N, C, across, rows, columns):
sagittal slices, rows along z.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

Padding = Literal["same", "valid"]
LEVELS = 5
#: Slices on either side that an output slice depends on.
HALO_ACROSS = 6
#: Pixels in the plane on either side that an output voxel depends on, and the same rounded up to
#: the grid of the deepest pooling.
REACH_IN_PLANE, HALO_IN_PLANE = 107, 112


@dataclass(frozen=True)
class SegmentationNetConfig:
    """Size of the segmentation network.

    Attributes
    ----------
    width
        Channels of level 1; doubled at each level down.
    dropout
        Rate after the convolutions of the lowest level. Paper: §2.2 (dropout clearly helped).
        Choice: the rate.
    """

    width: int = 16
    dropout: float = 0.3


class SegmentationNet(nn.Module):
    """A U-shaped network with five levels and a mixture of 2-D and 3-D convolutions.

    The input has the shape (N, 1, slices, rows, columns); the output consists of logits in the same
    order of dimensions.

    `padding='valid'` gives the paper's geometry: in the plane, 16x + 124 pixels become 16x - 60,
    and 12 slices become 4. `'same'` gives an output of the input's size with the same weights; rows
    and columns must be multiples of 16, and the number of slices must be even. Choice: the paper
    states both; 'same' is used for training and for whole slices.

    Choice: no normalisation layers. The paper mentions none, and statistics of individual tiles
    would make the result depend on the tiling.
    """

    def __init__(
        self, config: SegmentationNetConfig | None = None, padding: Padding = "same"
    ) -> None:
        super().__init__()
        self.config = config or SegmentationNetConfig()
        self.padding = padding
        widths = [self.config.width * 2**level for level in range(LEVELS)]
        self.down = nn.ModuleList(
            _Level([before, after, after], across=across, padding=padding)
            for before, after, across in zip(
                [1, *widths], widths, [(3, 1), (3, 1), (1, 1), (1, 1), (1, 1)], strict=False
            )
        )
        self.dropout = nn.Dropout(self.config.dropout)
        self.enlarge = nn.ModuleList(
            nn.ConvTranspose3d(
                widths[level + 1], widths[level], _pool_size(level), stride=_pool_size(level)
            )
            for level in range(LEVELS - 1)
        )
        self.up = nn.ModuleList(
            _Level(
                [2 * widths[level], widths[level], widths[level]],
                across=(1, 3 if level == 0 else 1),
                padding=padding,
            )
            for level in range(LEVELS - 1)
        )
        self.head = nn.Conv3d(widths[0], 1, 1)

    def forward(self, blocks: Tensor) -> Tensor:
        """Return the logit of each voxel's bone probability."""
        skips: list[Tensor] = []
        features = blocks
        for level, convolutions in enumerate(self.down):
            features = convolutions(features)
            if level < LEVELS - 1:
                skips.append(features)
                features = nn.functional.max_pool3d(features, _pool_size(level))
        features = self.dropout(features)
        for level in reversed(range(LEVELS - 1)):
            larger = self.enlarge[level](features)
            features = self.up[level](torch.cat([_centre_of(skips[level], larger), larger], dim=1))
        logits: Tensor = self.head(features)
        return logits


class _Level(nn.Module):
    """Two 3x3 convolutions with ReLU; `across` states the size of each kernel across slices."""

    def __init__(self, channels: list[int], across: tuple[int, int], padding: Padding) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            (nn.Conv3d if depth > 1 else _PlaneConv3d)(
                before, after, (depth, 3, 3), padding=(depth // 2, 1, 1) if padding == "same" else 0
            )
            for before, after, depth in zip(channels, channels[1:], across, strict=False)
        )

    def forward(self, features: Tensor) -> Tensor:
        for convolution in self.convolutions:
            features = nn.functional.relu(convolution(features))
        return features


class _PlaneConv3d(nn.Conv3d):
    """A convolution within slices, computed in 2-D.

    Nothing is copied if the channels are last in memory.

    Choice: 3-D convolution is slower, and with kernels one slice deep, the weight gradients in
    bfloat16 are NaN on the CPU (measured with PyTorch 2.13 on a processor with AMX).
    """

    def forward(self, features: Tensor) -> Tensor:
        batch, channels, count, rows, columns = features.shape
        slices = features.transpose(1, 2).reshape(batch * count, channels, rows, columns)
        convolved = nn.functional.conv2d(
            slices, self.weight[:, :, 0], self.bias, padding=self.padding[1:]
        )
        return convolved.reshape(batch, count, *convolved.shape[1:]).transpose(1, 2)


def _pool_size(level: int) -> tuple[int, int, int]:
    """Return the pooling after a level (across, rows, columns).

    Only the first pools across slices.
    """
    return (2 if level == 0 else 1, 2, 2)


def _centre_of(skip: Tensor, like: Tensor) -> Tensor:
    """Return the middle of `skip`, cropped to the size of `like`."""
    margins = [
        (big - small) // 2 for big, small in zip(skip.shape[2:], like.shape[2:], strict=True)
    ]
    window = tuple(
        slice(margin, margin + small) for margin, small in zip(margins, like.shape[2:], strict=True)
    )
    return skip[(slice(None), slice(None), *window)]
