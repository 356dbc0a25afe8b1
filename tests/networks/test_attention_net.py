"""The attention net, compared with Fig. 2 of the paper."""

import pytest
import torch
from torch import nn

from spineviewer.networks.attention_net import CONTEXT_MARGIN, AttentionNet, AttentionNetConfig


@pytest.fixture
def net() -> AttentionNet:
    torch.manual_seed(0)
    return AttentionNet(AttentionNetConfig(width=4)).eval()


def test_it_has_ten_convolutions_and_four_poolings(net: AttentionNet) -> None:
    convolutions = [module for module in net.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 10
    assert len(net.pooled) == 4


def test_a_patch_of_160_padded_to_720_predicts_10_by_10_cells(net: AttentionNet) -> None:
    assert CONTEXT_MARGIN == (720 - 160) // 2
    with torch.no_grad():
        assert net(torch.zeros(1, 1, 720, 720)).shape == (1, 1, 10, 10)


def test_its_receptive_field_is_576_pixels_with_a_stride_of_16(
    net: AttentionNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a mean instead of a maximum over the same windows lets the gradient reach every pixel that is
    # seen
    monkeypatch.setattr(nn.functional, "max_pool2d", nn.functional.avg_pool2d)
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.01)
    slices = torch.ones(1, 1, 720, 720, dtype=torch.float64, requires_grad=True)
    net.double()(slices)[0, 0, 3, 0].backward()
    assert slices.grad is not None
    columns = slices.grad.sum(dim=2)[0, 0].nonzero().flatten()
    rows = slices.grad.sum(dim=3)[0, 0].nonzero().flatten()
    assert (int(columns[0]), int(columns[-1])) == (0, 575)
    assert (int(rows[0]), int(rows[-1])) == (3 * 16, 3 * 16 + 575)


def test_padding_with_constant_air_features_equals_padding_with_air(net: AttentionNet) -> None:
    for parameter in net.parameters():
        nn.init.normal_(parameter, std=0.1)
    slices = torch.rand(2, 1, 96, 160)
    with torch.no_grad():
        padded = net(nn.functional.pad(slices, (CONTEXT_MARGIN,) * 4))
        short_cut = net.forward_in_air(slices)
    assert padded.shape == (2, 1, 6, 10)
    assert padded.std() > 1e-4
    torch.testing.assert_close(short_cut, padded, atol=1e-5, rtol=1e-5)


def test_a_mirrored_slice_gives_a_mirrored_map_when_the_kernels_are_symmetric(
    net: AttentionNet,
) -> None:
    for parameter in net.parameters():
        nn.init.normal_(parameter, std=0.1)
        if parameter.ndim == 4:
            with torch.no_grad():
                parameter.copy_((parameter + parameter.flip(2, 3)) / 2)
    slices = torch.zeros(1, 1, 160, 160)
    slices[0, 0, 37, 101] = 1.0
    with torch.no_grad():
        straight, mirrored = net.forward_in_air(slices), net.forward_in_air(slices.flip(2, 3))
    torch.testing.assert_close(mirrored, straight.flip(2, 3), atol=1e-6, rtol=1e-4)


def test_the_shipped_size_has_the_expected_number_of_parameters() -> None:
    kernels = [(1, 16, 5), (16, 32, 3), (32, 64, 3), (64, 64, 5), *[(64, 64, 3)] * 5, (64, 1, 1)]
    expected = sum(before * after * side * side + after for before, after, side in kernels)
    assert sum(parameter.numel() for parameter in AttentionNet().parameters()) == expected
