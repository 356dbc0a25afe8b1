"""The attention network as an OpenVINO graph, built from the safetensors that PyTorch reads.

Weights are therefore stored only once. The layers are those of `networks/attention_net.py`; a test
compares the logits.

A slice is surrounded by air, whose features are one constant vector at every layer. Choice: the
graph computes features *minus those of air*. Everything around a slice is then 0, the value with
which convolutions pad. No layer has to compute anything beyond the influence of the slice, and
nothing is copied for padding. With a layer's features f and the features a of air::

    relu(K f + b) - a' = relu(K (f - a) + c) - a'   with   c = b + sum(K) a,   a' = relu(c)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.backends.openvino_layers import Node, Weights, biased, numbered, pooled
from spineviewer.inference.backends.quiet_openvino import openvino, opset

_DILATIONS = (1, 1, 2, 4, 8)
#: Number of pixels around a slice that are computed before each pooling: as far as the slice has an
#: influence, rounded up to the pooling size. Pooling halves them to 1, 1, 1 and finally 2 cells.
_RIMS = (2, 2, 2, 4)


def attention_graph(weights: Weights) -> Any:
    """Return the graph: slices (n, 1, rows, columns) to logits (n, 1, rows / 16, columns / 16)."""
    slices = opset.parameter([-1, 1, -1, -1], np.float32, name="slices")
    features, air, margin = slices.output(0), np.zeros(1, np.float32), 0
    for layer, rim in zip(numbered("pooled.{}", weights), _RIMS, strict=True):
        reach = weights[layer + ".weight"].shape[-1] // 2
        features, air = _relative_to_air(features, air, weights, layer, added=rim + reach - margin)
        features, margin = pooled(features, [2, 2]), rim // 2
    for number, (layer, dilation) in enumerate(
        zip(numbered("dilated.{}", weights), _DILATIONS, strict=True)
    ):
        # The rim is no wider than the influence of the slice here or the reach of later layers.
        rim = min(margin + dilation, sum(_DILATIONS[number + 1 :]))
        features, air = _relative_to_air(
            features, air, weights, layer, added=rim + dilation - margin, dilation=dilation
        )
        margin = rim
    kernel, bias = weights["head.weight"], weights["head.bias"]
    logits = biased(
        opset.convolution(features, opset.constant(kernel), [1, 1], [0, 0], [0, 0], [1, 1]),
        _in_air(kernel, bias, air),
    )
    return openvino.Model([logits], [slices], "attention")


def _relative_to_air(
    features: Node,
    air: NDArray[np.float32],
    weights: Weights,
    layer: str,
    *,
    added: int,
    dilation: int = 1,
) -> tuple[Node, NDArray[np.float32]]:
    """Return a layer's output minus that of air, and the output of air.

    The input features are also relative to air. First, `added` pixels of air are added around them.
    """
    kernel, pads = weights[layer + ".weight"], [added] * 2
    bias = _in_air(kernel, weights[layer + ".bias"], air)
    convolved = opset.convolution(
        features, opset.constant(kernel), [1, 1], pads, pads, [dilation] * 2
    )
    air = np.maximum(bias, 0)
    return biased(opset.relu(biased(convolved, bias)), -air), air


def _in_air(
    kernel: NDArray[np.float32], bias: NDArray[np.float32], air: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the output of a convolution whose whole input is air."""
    return np.asarray(bias + kernel.sum(axis=(2, 3), dtype=np.float64) @ air, np.float32)
