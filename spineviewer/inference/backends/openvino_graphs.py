"""Both networks as OpenVINO graphs, built from the same safetensors that torch reads. Nothing is stored twice.

The order of the layers is that of `networks/attention_net.py` and `networks/segmentation_net.py`; a test compares the logits.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.backends.quiet_openvino import openvino, opset

Weights = dict[str, NDArray[np.float32]]
Node = Any

_DILATIONS = (1, 1, 2, 4, 8)
#: Air around a slice: two cells are computed (56 pixels, the layers' own reach among them), 14 more are constant.
_RIM_PIXELS, _FAR_CELLS = 56, 14


def attention_graph(weights: Weights, air_features: NDArray[np.float32] | None) -> Any:
    """Slices in air (n, 1, rows, columns) -> logits per cell (n, 1, rows / 16, columns / 16).

    Parameters
    ----------
    air_features
        The features of air, shape (channels,), that fill the far margin (see `AttentionNet.forward_in_air`); None builds the
        graph that computes them: air (1, 1, 64, 64) -> features.
    """
    slices = opset.parameter([-1, 1, -1, -1], np.float32, name="slices")
    features: Node = slices
    if air_features is not None:
        features = _padded(features, _RIM_PIXELS)
    for layer in _numbered("pooled.{}", weights):
        features = _pooled(opset.relu(_convolved(features, weights, layer)), [2, 2])
    if air_features is None:
        return openvino.Model([features], [slices], "air")
    air = opset.constant(air_features.reshape(1, -1, 1, 1))
    features = opset.add(_padded(opset.subtract(features, air), _FAR_CELLS), air)
    for layer, dilation in zip(_numbered("dilated.{}", weights), _DILATIONS, strict=True):
        features = opset.relu(_convolved(features, weights, layer, dilation=dilation))
    return openvino.Model([_convolved(features, weights, "head")], [slices], "attention")


def segmentation_graph(weights: Weights) -> Any:
    """Blocks (1, 1, slices, rows, columns) -> logits of the same size; slices even, rows and columns multiples of 16."""
    blocks = opset.parameter([1, 1, -1, -1, -1], np.float32, name="blocks")
    features: Node = blocks
    skips: list[Node] = []
    lowest = len(_numbered("down.{}.convolutions.0", weights)) - 1
    for level in range(lowest + 1):
        features = _level(features, weights, f"down.{level}")
        if level < lowest:
            skips.append(features)
            features = _pooled(features, _pool_size(level))
    for level in reversed(range(lowest)):
        size = list(_pool_size(level))
        larger = opset.convolution_backprop_data(
            features, weights[f"enlarge.{level}.weight"], size, None, [0] * 3, [0] * 3, [1] * 3
        )
        larger = _biased(larger, weights, f"enlarge.{level}")
        features = _level(opset.concat([skips[level], larger], 1), weights, f"up.{level}")
    return openvino.Model([_convolved(features, weights, "head")], [blocks], "segmentation")


def _level(features: Node, weights: Weights, level: str) -> Node:
    for layer in _numbered(level + ".convolutions.{}", weights):
        features = opset.relu(_convolved(features, weights, layer, is_same_size=True))
    return features


def _convolved(features: Node, weights: Weights, layer: str, *, dilation: int = 1, is_same_size: bool = False) -> Node:
    kernel = weights[layer + ".weight"]
    axes = kernel.ndim - 2
    margins = [size // 2 if is_same_size else 0 for size in kernel.shape[2:]]
    return _biased(opset.convolution(features, kernel, [1] * axes, margins, margins, [dilation] * axes), weights, layer)


def _biased(features: Node, weights: Weights, layer: str) -> Node:
    bias = weights[layer + ".bias"]
    rank = weights[layer + ".weight"].ndim
    return opset.add(features, opset.constant(bias.reshape(1, -1, *[1] * (rank - 2))))


def _pooled(features: Node, size: Any) -> Node:
    zeros, ones = [0] * len(size), [1] * len(size)
    return opset.max_pool(features, list(size), ones, zeros, zeros, list(size)).output(0)


def _padded(features: Node, margin: int) -> Node:
    amounts = np.array([0, 0, margin, margin], np.int64)
    return opset.pad(features, amounts, amounts, "constant", opset.constant(np.float32(0)))


def _pool_size(level: int) -> tuple[int, int, int]:
    return (2 if level == 0 else 1, 2, 2)


def _numbered(pattern: str, weights: Weights) -> list[str]:
    """Names of the layers 0, 1, … of a pattern that have weights."""
    names: list[str] = []
    for number in count():
        name = pattern.format(number)
        if name + ".weight" not in weights and not any(key.startswith(name + ".") for key in weights):
            return names
        names.append(name)
    raise AssertionError
