"""The attention net as an OpenVINO graph, built from the same safetensors that torch reads. Nothing is stored twice.

The order of the layers is that of `networks/attention_net.py`; a test compares the logits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.backends.openvino_layers import Node, Weights, biased, numbered, pooled
from spineviewer.inference.backends.quiet_openvino import openvino, opset

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
    for layer in numbered("pooled.{}", weights):
        features = pooled(opset.relu(_convolved(features, weights, layer)), [2, 2])
    if air_features is None:
        return openvino.Model([features], [slices], "air")
    air = opset.constant(air_features.reshape(1, -1, 1, 1))
    features = opset.add(_padded(opset.subtract(features, air), _FAR_CELLS), air)
    for layer, dilation in zip(numbered("dilated.{}", weights), _DILATIONS, strict=True):
        features = opset.relu(_convolved(features, weights, layer, dilation=dilation))
    return openvino.Model([_convolved(features, weights, "head")], [slices], "attention")


def _convolved(features: Node, weights: Weights, layer: str, *, dilation: int = 1) -> Node:
    kernel, ones, zeros = weights[layer + ".weight"], [1, 1], [0, 0]
    return biased(opset.convolution(features, kernel, ones, zeros, zeros, [dilation] * 2), weights[layer + ".bias"])


def _padded(features: Node, margin: int) -> Node:
    amounts = np.array([0, 0, margin, margin], np.int64)
    return opset.pad(features, amounts, amounts, "constant", opset.constant(np.float32(0)))
