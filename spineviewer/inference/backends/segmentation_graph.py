"""The segmentation net as an OpenVINO graph, built from the same safetensors that torch reads. Nothing is stored twice.

The order of the layers is that of `networks/segmentation_net.py`; a test compares the logits. Three things differ in form and
not in result, because copies of full-size features would take a tenth of the time:

- level 1 runs on the chunk's own slices and on the two beyond each end separately, so that nothing is cut out of it;
- in float32 a convolution of two joined maps is the sum of one of each;
- the slices that were carried over are joined to two slices of the chunk, not to all.

In eight bits (`EightBits`) features and kernels are rounded to 255 steps; what feeds a convolution's neighbour is rounded once,
where it is made. The first layer, the enlarging ones and the head stay float32: they are small and see what is not positive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.backends.openvino_layers import TO_THE_END, Node, Weights, between, biased, numbered, pooled
from spineviewer.inference.backends.quiet_openvino import openvino, opset

#: Lowest and highest value that each rounded map takes, by the layer that makes it.
Ranges = Mapping[str, tuple[float, float]]

#: Steps of rounded features, of an eight-bit kernel, and of those the largest used: older processors add products of two
#: pairs in 16 bits, and 2 * 255 * 63 still fits.
_FEATURE_STEPS, _KERNEL_STEPS, _LARGEST_KERNEL_STEP = 256, 255, 63


class Numbers(Protocol):
    """How features and kernels are held between layers."""

    def features(self, features: Node, name: str) -> Node:
        """What stands for a map made by layer `name`."""

    def kernel(self, kernel: NDArray[np.float32]) -> Node:
        """What stands for a kernel (out, in, ...)."""

    @property
    def is_rounded(self) -> bool: ...


class Float32:
    """As they are."""

    is_rounded = False

    def features(self, features: Node, name: str) -> Node:
        return features

    def kernel(self, kernel: NDArray[np.float32]) -> Node:
        return kernel


class Watched(Float32):
    """As they are, and what they reach is told by outputs of the graph: see `segmentation_graph`."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.extremes: list[Node] = []

    def features(self, features: Node, name: str) -> Node:
        axes = opset.constant(np.arange(5))
        self.names.append(name)
        self.extremes += [opset.reduce_min(features, axes), opset.reduce_max(features, axes)]
        return features


class EightBits:
    """Rounded to 255 steps within the ranges that were measured."""

    is_rounded = True

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges

    def features(self, features: Node, name: str) -> Node:
        low, high = self._ranges[name]
        step = max(high - low, 1e-6) / (_FEATURE_STEPS - 1)
        zero = round(-low / step)  # 0 must be a step: the padding of every layer
        return _rounded(features, -zero * step, (_FEATURE_STEPS - 1 - zero) * step, _FEATURE_STEPS)

    def kernel(self, kernel: NDArray[np.float32]) -> Node:
        largest = np.abs(kernel).max(axis=(1, 2, 3, 4), keepdims=True)
        reach = np.maximum(largest, 1e-9) * (_KERNEL_STEPS // 2) / _LARGEST_KERNEL_STEP
        return _rounded(opset.constant(kernel), -reach, reach, _KERNEL_STEPS)


def segmentation_graph(weights: Weights, numbers: Numbers) -> Any:
    """One chunk of a sweep (see `backend.SweepStep`), slice by slice the same sums as the whole net.

    Inputs: slices (1, 1, n + 6, rows, columns), valid_pairs (1, 1, n / 2 + 2, 1, 1), valid_slices (1, 1, n, 1, 1) and the
    features carried over (1, width, 2, rows, columns). Outputs: logits (1, 1, n, rows, columns), what is carried on, and of
    `Watched` numbers the lowest and highest of each map.

    Raises
    ------
    KeyError
        When weights, or ranges of `EightBits`, are missing.
    """
    width = weights["head.weight"].shape[1]
    slices = opset.parameter([1, 1, -1, -1, -1], np.float32, name="slices")
    valid_pairs = opset.parameter([1, 1, -1, 1, 1], np.float32, name="valid_pairs")
    valid_slices = opset.parameter([1, 1, -1, 1, 1], np.float32, name="valid_slices")
    carried = opset.parameter([1, width, 2, -1, -1], np.float32, name="carried")
    net = _Layers(weights, numbers)
    before, inner, after = (net.down(between(slices, *ends), 0) for ends in ((0, 4), (2, -2), (-4, TO_THE_END)))
    features = opset.concat([pooled(part, _pool_size(0)) for part in (before, inner, after)], 2)
    features = numbers.features(opset.multiply(features, valid_pairs), "pooled")
    skips = [inner]
    lowest = len(numbered("down.{}.convolutions.0", weights)) - 1
    for level in range(1, lowest + 1):
        features = net.down(features, level)
        if level < lowest:
            skips.append(features)
            features = pooled(features, _pool_size(level))
    for level in reversed(range(1, lowest)):
        features = net.convolved(net.joined(skips[level], features, level), f"up.{level}.convolutions.1")
    joined = numbers.features(opset.multiply(net.joined(inner, features, 0), valid_slices), "carried")
    first_slices = opset.concat([numbers.features(carried, "carried"), between(joined, 0, 2)], 2)
    logits = opset.concat([net.logits(first_slices), net.logits(joined)], 2)
    outputs = [logits, between(joined, -2, TO_THE_END), *getattr(numbers, "extremes", [])]
    return openvino.Model([node.output(0) for node in outputs], [slices, valid_pairs, valid_slices, carried], "segmentation")


class _Layers:
    """The net's layers on one kind of numbers."""

    def __init__(self, weights: Weights, numbers: Numbers) -> None:
        self._weights = weights
        self._numbers = numbers

    def down(self, features: Node, level: int) -> Node:
        """A level on the way down; the first two give only the slices that they know fully."""
        for layer in numbered(f"down.{level}.convolutions." + "{}", self._weights):
            features = self.convolved(features, layer, is_cut_across=level < 2)
        return features

    def joined(self, skip: Node, features: Node, level: int) -> Node:
        """The skip connection and the enlarged features from below, through the level's first convolution on the way up."""
        size, zeros, ones = list(_pool_size(level)), [0] * 3, [1] * 3
        kernel = self._weights[f"enlarge.{level}.weight"]
        larger = opset.convolution_backprop_data(features, kernel, size, None, zeros, zeros, ones)
        larger = biased(larger, self._weights[f"enlarge.{level}.bias"])
        layer = f"up.{level}.convolutions.0"
        if self._numbers.is_rounded:
            both = self._numbers.features(opset.concat([skip, larger], 1), f"joined.{level}")
            return self.convolved(both, layer)
        self._numbers.features(opset.concat([skip, larger], 1), f"joined.{level}")  # to be watched
        kernel = self._weights[layer + ".weight"]
        of_skip, of_larger = np.split(kernel, [kernel.shape[1] - self._weights[f"enlarge.{level}.bias"].size], axis=1)
        of_larger = biased(self._bare(larger, of_larger), self._weights[layer + ".bias"])
        return self._finished(opset.add(of_larger, self._bare(skip, of_skip)), layer)

    def convolved(self, features: Node, layer: str, *, is_cut_across: bool = False) -> Node:
        """Convolution, bias and ReLU."""
        kernel = self._weights[layer + ".weight"]
        is_first = kernel.shape[1] == 1
        bare = self._bare(features, kernel, is_cut_across=is_cut_across, is_rounded=not is_first)
        return self._finished(biased(bare, self._weights[layer + ".bias"]), layer)

    def logits(self, features: Node) -> Node:
        """The last convolution and the head, of all slices but the outermost two."""
        layer = "up.0.convolutions.1"
        bare = self._bare(features, self._weights[layer + ".weight"], is_cut_across=True)
        last = opset.relu(biased(bare, self._weights[layer + ".bias"]))
        return biased(self._bare(last, self._weights["head.weight"], is_rounded=False), self._weights["head.bias"])

    def _finished(self, features: Node, layer: str) -> Node:
        return self._numbers.features(opset.relu(features), layer)

    def _bare(self, features: Node, kernel: NDArray[np.float32], *, is_cut_across: bool = False, is_rounded: bool = True) -> Node:
        """A convolution that keeps the size, but gives only what it knows fully across slices where `is_cut_across`."""
        margins = [size // 2 for size in kernel.shape[2:]]
        if is_cut_across:
            margins[0] = 0
        kernel = np.ascontiguousarray(kernel)
        ones = [1] * 3
        return opset.convolution(features, self._numbers.kernel(kernel) if is_rounded else kernel, ones, margins, margins, ones)


def _rounded(values: Node, low: Any, high: Any, steps: int) -> Node:
    ends = [opset.constant(np.asarray(end, np.float32)) for end in (low, high)]
    return opset.fake_quantize(values, *ends, *ends, steps)


def _pool_size(level: int) -> tuple[int, int, int]:
    return (2 if level == 0 else 1, 2, 2)
