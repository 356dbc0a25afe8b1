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
_TO_THE_END = 2**31 - 1


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
    """One chunk of a sweep (see `backend.Chunk`), slice by slice the same sums as the whole net.

    Inputs: slices (1, 1, n + 6, rows, columns), valid_pairs (1, 1, n / 2 + 2, 1, 1), valid_slices (1, 1, n, 1, 1) and the
    features carried over (1, width, 2, rows, columns). Outputs: logits (1, 1, n, rows, columns), and what is carried on.
    """
    width = weights["head.weight"].shape[1]
    slices = opset.parameter([1, 1, -1, -1, -1], np.float32, name="slices")
    valid_pairs = opset.parameter([1, 1, -1, 1, 1], np.float32, name="valid_pairs")
    valid_slices = opset.parameter([1, 1, -1, 1, 1], np.float32, name="valid_slices")
    carried = opset.parameter([1, width, 2, -1, -1], np.float32, name="carried")
    lowest = len(_numbered("down.{}.convolutions.0", weights)) - 1
    features: Node = slices
    skips: list[Node] = []
    for level in range(lowest + 1):
        features = _level(features, weights, f"down.{level}", is_cut_across=level < 2)
        if level < lowest:
            skips.append(features)
            features = _pooled(features, _pool_size(level))
        if level == 0:
            features = opset.multiply(features, valid_pairs)
    for level in reversed(range(1, lowest)):
        features = _level(_joined(skips[level], features, weights, level), weights, f"up.{level}")
    inner = _between(skips[0], 2, -2)
    before = opset.relu(_convolved(_joined(inner, features, weights, 0), weights, "up.0.convolutions.0", is_same_size=True))
    before = opset.concat([carried, opset.multiply(before, valid_slices)], 2)
    last = opset.relu(_convolved(before, weights, "up.0.convolutions.1", is_same_size=True, is_cut_across=True))
    logits = _convolved(last, weights, "head")
    inputs = [slices, valid_pairs, valid_slices, carried]
    return openvino.Model([logits, _between(before, -2, _TO_THE_END)], inputs, "segmentation")


def _joined(skip: Node, features: Node, weights: Weights, level: int) -> Node:
    """The skip connection beside the enlarged features from below."""
    size, zeros = list(_pool_size(level)), [0] * 3
    kernel = weights[f"enlarge.{level}.weight"]
    larger = opset.convolution_backprop_data(features, kernel, size, None, zeros, zeros, [1] * 3)
    larger = opset.add(larger, opset.constant(weights[f"enlarge.{level}.bias"].reshape(1, -1, 1, 1, 1)))
    return opset.concat([skip, larger], 1)


def _between(features: Node, first: int, last: int) -> Node:
    """Slices first..last-1 of (1, channels, slices, rows, columns)."""
    start, stop, step, axis = (np.array([value], np.int64) for value in (first, last, 1, 2))
    return opset.slice(features, start, stop, step, axis)


def _level(features: Node, weights: Weights, level: str, *, is_cut_across: bool = False) -> Node:
    for layer in _numbered(level + ".convolutions.{}", weights):
        features = opset.relu(_convolved(features, weights, layer, is_same_size=True, is_cut_across=is_cut_across))
    return features


def _convolved(
    features: Node,
    weights: Weights,
    layer: str,
    *,
    dilation: int = 1,
    is_same_size: bool = False,
    is_cut_across: bool = False,
) -> Node:
    """A convolution that keeps the size (or not), but gives only what it knows fully across slices where `is_cut_across`."""
    kernel = weights[layer + ".weight"]
    axes = kernel.ndim - 2
    margins = [size // 2 if is_same_size else 0 for size in kernel.shape[2:]]
    if is_cut_across:
        margins[0] = 0
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
