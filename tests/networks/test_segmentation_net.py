"""The segmentation net, compared with §2.2 and Fig. 4 of the paper."""

import pytest
import torch
from torch import nn

from spineviewer.networks.segmentation_net import (
    HALO_ACROSS,
    REACH_IN_PLANE,
    Padding,
    SegmentationNet,
    SegmentationNetConfig,
)


def net_of(padding: Padding) -> SegmentationNet:
    torch.manual_seed(0)
    net = SegmentationNet(SegmentationNetConfig(width=4), padding).eval()
    for parameter in net.parameters():
        if parameter.ndim > 1:
            nn.init.kaiming_normal_(parameter)
    return net


def test_it_has_two_convolutions_at_each_stage_of_five_levels_and_a_head() -> None:
    net = net_of("same")
    convolutions = [module for module in net.modules() if isinstance(module, nn.Conv3d)]
    assert len(convolutions) == 2 * 5 + 2 * 4 + 1
    assert sum(convolution.kernel_size[0] == 3 for convolution in convolutions) == 3


@pytest.mark.parametrize(("x", "across_in", "across_out"), [(4, 12, 4), (5, 12, 4), (4, 14, 6)])
def test_valid_padding_maps_16x_plus_124_to_16x_minus_60(
    x: int, across_in: int, across_out: int
) -> None:
    side = 16 * x + 124
    with torch.no_grad():
        out = net_of("valid")(torch.zeros(1, 1, across_in, side, side))
    assert out.shape == (1, 1, across_out, 16 * x - 60, 16 * x - 60)


def test_the_smallest_blob_of_the_papers_example_is_4_by_4_by_3() -> None:
    net = net_of("valid")
    seen: list[torch.Size] = []
    net.dropout.register_forward_hook(lambda *call: seen.append(call[2].shape))
    with torch.no_grad():
        net(torch.zeros(1, 1, 12, 188, 188))
    assert seen[0][2:] == (3, 4, 4)


def test_same_padding_keeps_the_size() -> None:
    with torch.no_grad():
        assert net_of("same")(torch.zeros(1, 1, 6, 64, 48)).shape == (1, 1, 6, 64, 48)


def test_both_paddings_agree_where_a_block_is_inside_and_pools_the_same_pairs() -> None:
    same, valid = net_of("same"), net_of("valid")
    scan = torch.randn(1, 1, 24, 256, 256)
    with torch.no_grad():
        whole = same(scan)
        for first, row, column in [(1, 2, 2), (5, 34, 50), (11, 66, 18)]:
            block = valid(scan[:, :, first : first + 12, row : row + 188, column : column + 188])
            there = whole[
                :, :, first + 4 : first + 8, row + 92 : row + 96, column + 92 : column + 96
            ]
            torch.testing.assert_close(block, there, atol=1e-4, rtol=0)
        wrong_phase = valid(scan[:, :, 2:14, 2:190, 2:190])
        assert (wrong_phase - whole[:, :, 6:10, 94:98, 94:98]).abs().max() > 1e-2


def test_no_slice_beyond_the_stated_halo_changes_an_output() -> None:
    net = net_of("same")
    scan = torch.randn(1, 1, 28, 32, 32)
    changed, near = scan.clone(), scan.clone()
    changed[:, :, : 14 - HALO_ACROSS] += 1
    changed[:, :, 16 + HALO_ACROSS :] += 1
    near[:, :, 14 - 4] += 1
    middle = slice(14, 16)
    with torch.no_grad():
        untouched = net(scan)[:, :, middle]
        assert (untouched - net(changed)[:, :, middle]).abs().max() < 1e-5
        assert (untouched - net(near)[:, :, middle]).abs().max() > 1e-4


def test_no_pixel_beyond_the_stated_reach_changes_an_output() -> None:
    net = net_of("same")
    scan = torch.randn(1, 1, 2, 240, 16)
    changed, near = scan.clone(), scan.clone()
    changed[..., : 128 - REACH_IN_PLANE, :] += 1
    near[..., : 128 - 60, :] += 1
    with torch.no_grad():
        untouched = net(scan)[..., 128:, :]
        assert (untouched - net(changed)[..., 128:, :]).abs().max() < 1e-5
        assert (untouched - net(near)[..., 128:, :]).abs().max() > 1e-4


def test_it_returns_the_same_output_twice_in_evaluation_mode() -> None:
    net = net_of("same")
    block = torch.randn(1, 1, 4, 32, 32)
    with torch.no_grad():
        assert torch.equal(net(block), net(block))


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_convolutions_within_slices_are_those_of_torch_with_kernels_one_slice_deep(
    padding: Padding,
) -> None:
    net = net_of(padding)
    features = torch.randn(2, 8, 3, 20, 24)
    convolution = next(
        m
        for m in net.modules()
        if isinstance(m, nn.Conv3d) and m.kernel_size[0] == 1 and m.in_channels == 8
    )
    with torch.no_grad():
        expected = nn.functional.conv3d(
            features, convolution.weight, convolution.bias, padding=convolution.padding
        )
        torch.testing.assert_close(convolution(features), expected, rtol=1e-4, atol=1e-4)
