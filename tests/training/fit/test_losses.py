"""The losses compared with values computed by hand."""

import numpy as np
import pytest
import torch

from spineviewer.training.fit.losses import cross_entropy, dice_loss, fraction_loss, hard_voxel_loss

SURE = 50.0  # a logit whose sigmoid is 0 or 1


def test_dice_loss_equals_that_of_v_net_computed_by_hand() -> None:
    logits = torch.tensor([SURE, SURE, -SURE, -SURE])
    target = torch.tensor([1.0, 0.0, 1.0, 0.0])
    # overlap 1, sizes 2 and 2, one added to both: 1 - (2 * 1 + 1) / (4 + 1)
    assert dice_loss(logits, target, torch.ones(4)).item() == pytest.approx(0.4)


def test_a_perfect_prediction_has_no_loss_and_neither_has_an_empty_one_without_spine() -> None:
    target = torch.tensor([1.0, 0.0])
    assert dice_loss(torch.tensor([SURE, -SURE]), target, torch.ones(2)).item() == pytest.approx(
        0, abs=1e-6
    )
    assert dice_loss(
        torch.full((2,), -SURE), torch.zeros(2), torch.ones(2)
    ).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("loss", [dice_loss, cross_entropy, fraction_loss])
def test_ignored_voxels_change_no_loss_and_get_no_gradient(loss) -> None:
    target = torch.tensor([1.0, 0.0, 1.0])
    weight = torch.tensor([1.0, 1.0, 0.0])
    one = torch.tensor([0.3, -0.2, 5.0], requires_grad=True)
    other = torch.tensor([0.3, -0.2, -5.0])
    value = loss(one, target, weight)
    assert value.item() == pytest.approx(loss(other, target, weight).item())
    value.backward()
    assert one.grad[2] == 0 and one.grad[0] != 0


def test_fraction_loss_is_the_mean_squared_error_of_the_sigmoid() -> None:
    logits = torch.tensor([0.0, 0.0])
    assert fraction_loss(logits, torch.tensor([0.5, 0.0]), torch.ones(2)).item() == pytest.approx(
        0.125
    )


def test_the_hard_voxel_loss_is_the_mean_of_the_worst_twentieth() -> None:
    logits, weight = torch.zeros(40), torch.ones(40)
    logits[7], logits[21] = -2.0, -1.0
    logits[30], weight[30] = -SURE, 0.0  # ignored
    logits.requires_grad_()
    loss = hard_voxel_loss(logits, torch.ones(40), weight)
    # two of 40 voxels: log(1 + e^2) = 2.126928 and log(1 + e) = 1.313262
    assert loss.item() == pytest.approx((2.126928 + 1.313262) / 2)
    loss.backward()
    assert np.flatnonzero(logits.grad.numpy()).tolist() == [7, 21]


def test_a_block_of_a_few_voxels_has_one_hard_one() -> None:
    logits = torch.tensor([0.0, -2.0, 1.0])
    assert hard_voxel_loss(logits, torch.ones(3), torch.ones(3)).item() == pytest.approx(2.126928)
