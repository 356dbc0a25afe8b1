"""The networks' weights (safetensors); those that are shipped are checked when loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import safetensors.torch
from torch import Tensor, nn

from spineviewer.errors import ModelError
from spineviewer.model import ModelConfiguration, WeightsFile, checked_weights
from spineviewer.networks.attention_net import AttentionNet, AttentionNetConfig
from spineviewer.networks.segmentation_net import SegmentationNet, SegmentationNetConfig

Net = TypeVar("Net", bound=nn.Module)


def load_attention_net(configuration: ModelConfiguration) -> AttentionNet:
    """Return the attention network with its shipped weights, in evaluation mode, on the CPU."""
    net = AttentionNet(AttentionNetConfig(width=configuration.attention.width))
    return _with_weights(net, configuration, configuration.attention)


def load_segmentation_net(configuration: ModelConfiguration) -> SegmentationNet:
    """Return the segmentation network with its shipped weights, in evaluation mode, on the CPU."""
    net = SegmentationNet(SegmentationNetConfig(width=configuration.segmentation.width))
    return _with_weights(net, configuration, configuration.segmentation)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file by name.

    Raises
    ------
    ModelError
        When the file cannot be read or contains something else.
    """
    try:
        return safetensors.torch.load(path.read_bytes())
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(
            "{file} cannot be read as weights ({reason}). Install Spineviewer again.",
            file=path,
            reason=error,
        ) from error


def save_weights(state: dict[str, Tensor], path: Path) -> None:
    """Write tensors as safetensors, completely or not at all."""
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(safetensors.torch.save(state))
    partial.replace(path)


def _with_weights(net: Net, configuration: ModelConfiguration, weights: WeightsFile) -> Net:
    content = checked_weights(configuration, weights)
    try:
        net.load_state_dict(safetensors.torch.load(content))
    except (RuntimeError, ValueError, safetensors.SafetensorError) as error:
        first_line = str(error).splitlines()[0]
        raise ModelError(
            "{file} does not match its network ({first_line}). Install Spineviewer again.",
            file=weights.file,
            first_line=first_line,
        ) from error
    return net.eval()
