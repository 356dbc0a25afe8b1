"""Loss functions. Voxels without a trustworthy reference have weight 0."""

from __future__ import annotations

import torch
from torch import Tensor

#: Fraction of the voxels of a batch that count as hard.
HARD_FRACTION = 0.05


def dice_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return one minus the soft Dice over the whole batch. Paper: §2.2.

    The denominator contains squares, as in V-Net.

    Parameters
    ----------
    logits, target, weight
        Same shape; target in {0, 1}, weight in {0, 1}.
    """
    probability = torch.sigmoid(logits) * weight
    wanted = target * weight
    overlap = 2 * (probability * wanted).sum()
    size = (probability * probability).sum() + (wanted * wanted).sum()
    return 1 - (overlap + 1) / (size + 1)


def cross_entropy(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the mean binary cross-entropy over the weighted voxels.

    Choice: it is added to the Dice loss, which has no useful gradient in blocks without spine.
    """
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (each * weight).sum() / weight.sum().clamp(min=1)


def hard_voxel_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the mean binary cross-entropy of the `HARD_FRACTION` of voxels where it is highest.

    Choice: after long training, most voxels are right, and a mean over all voxels hides the wrong
    ones (Shrivastava et al., CVPR 2016, select whole examples).

    Parameters
    ----------
    logits, target, weight
        Same shape; target in {0, 1}, weight in {0, 1}.
    """
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    hard = max(1, int(HARD_FRACTION * each.numel()))
    return (each * weight).flatten().topk(hard).values.mean()


def fraction_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the mean squared error of the spine fraction per cell. Paper: §2.1."""
    error = (torch.sigmoid(logits) - target) ** 2
    return (error * weight).sum() / weight.sum().clamp(min=1)
