"""The attention net as an OpenVINO graph, built from the same safetensors that torch reads.

Nothing is stored twice.

The order of the layers is that of `networks/attention_net.py`; a test compares the logits.

Around a slice is air, whose features are one constant vector at every layer. Choice: the graph
computes with features *less those of air*. Then all that surrounds a slice is 0, which a
convolution adds by itself: no layer computes further out than a slice reaches there, and nothing is
copied to make room. Where a layer's features were f and air's a::

    relu(K f + b) - a' = relu(K (f - a) + c) - a'   with   c = b + sum(K) a,   a' = relu(c)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.backends.openvino_layers import Node, Weights, biased, numbered, pooled
from spineviewer.inference.backends.quiet_openvino import openvino, opset

_DILATIONS = (1, 1, 2, 4, 8)
#: Pixels around a slice that are computed before each pooling: how far the slice reaches, rounded
#: up to what pooling takes together. Pooling leaves half of them: 1, 1, 1 and at last 2 cells.
_RIMS = (2, 2, 2, 4)


def attention_graph(weights: Weights) -> Any:
    """Return the graph: slices (n, 1, rows, columns) to logits (n, 1, rows / 16, columns / 16)."""
    slices = opset.parameter([-1, 1, -1, -1], np.float32, name="slices")
    features, air, margin = slices.output(0), np.zeros(1, np.float32), 0
    for layer, rim in zip(numbered("pooled.{}", weights), _RIMS, strict=True):
        reach = weights[layer + ".weight"].shape[-1] // 2
        features, air = _less_air(features, air, weights, layer, added=rim + reach - margin)
        features, margin = pooled(features, [2, 2]), rim // 2
    for number, (layer, dilation) in enumerate(
        zip(numbered("dilated.{}", weights), _DILATIONS, strict=True)
    ):
        # Only as far out as the slice reaches here and as later layers look.
        rim = min(margin + dilation, sum(_DILATIONS[number + 1 :]))
        features, air = _less_air(
            features, air, weights, layer, added=rim + dilation - margin, dilation=dilation
        )
        margin = rim
    kernel, bias = weights["head.weight"], weights["head.bias"]
    logits = biased(
        opset.convolution(features, kernel, [1, 1], [0, 0], [0, 0], [1, 1]),
        _in_air(kernel, bias, air),
    )
    return openvino.Model([logits], [slices], "attention")


def _less_air(
    features: Node,
    air: NDArray[np.float32],
    weights: Weights,
    layer: str,
    *,
    added: int,
    dilation: int = 1,
) -> tuple[Node, NDArray[np.float32]]:
    """Return a layer's features minus those of air, from such features, and the features of air.

    `added` pixels of air are first added around them.
    """
    kernel, pads = weights[layer + ".weight"], [added] * 2
    bias = _in_air(kernel, weights[layer + ".bias"], air)
    convolved = opset.convolution(features, kernel, [1, 1], pads, pads, [dilation] * 2)
    air = np.maximum(bias, 0)
    return biased(opset.relu(biased(convolved, bias)), -air), air


def _in_air(
    kernel: NDArray[np.float32], bias: NDArray[np.float32], air: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the output of a convolution that is surrounded by air."""
    return np.asarray(bias + kernel.sum(axis=(2, 3), dtype=np.float64) @ air, np.float32)
