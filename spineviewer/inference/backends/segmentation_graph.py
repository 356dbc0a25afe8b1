"""The segmentation network as an OpenVINO graph, built from the safetensors that PyTorch reads.

The layers are those of `networks/segmentation_net.py`; a test compares the logits. Three things are
computed differently but with the same result, because copying full-size features would take a tenth
of the time:

- level 1 runs separately on the chunk's own slices and on the two beyond each end, so that nothing
  has to be cropped;
- a convolution of two concatenated maps is the sum of two convolutions, and the enlarging layer is
  merged with the one that reads its output;
- the carried slices are concatenated with two slices of the chunk, not with all.

With int8 (`Int8`), features are rounded to 256 levels and kernels to 255; the inputs of
convolutions are rounded once, where they are computed. The first layer, the enlarging ones, their
inputs and the head stay float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.backends.openvino_layers import (
    TO_THE_END,
    Node,
    Weights,
    between,
    biased,
    numbered,
    pooled,
)
from spineviewer.inference.backends.quiet_openvino import openvino, opset

#: Upper limits of the rounded maps, by the layer that computes them: one number, or one per
#: channel (see `with_equal_ranges`).
Ranges = Mapping[str, Sequence[float]]

#: Number of levels of rounded features.
_FEATURE_LEVELS = 256
#: Number of levels of int8 kernels.
_KERNEL_LEVELS = 255
#: Largest sum, in steps, of two neighbours in a kernel before rounding, which changes each of them
#: by at most 1.5 (see `kernel_steps`).
_LARGEST_PAIR = 125
#: Smallest limit of a channel, relative to the largest limit of all channels.
_MIN_LIMIT = 1e-3


@dataclass(frozen=True, eq=False)
class Kernel:
    """A kernel as graphs contain it.

    Attributes
    ----------
    values
        float32, shape (out, in, ...).
    reach
        The largest value that each output channel could have, if `values` are rounded: float32,
        shape (out, 1, ...). None if they are not.
    """

    values: NDArray[np.float32]
    reach: NDArray[np.float32] | None = None

    def node(self) -> Node:
        constant = opset.constant(self.values)
        if self.reach is None:
            return constant
        return _rounded(constant, -self.reach, self.reach, _KERNEL_LEVELS)


class NumberFormat(Protocol):
    """How features and kernels are represented between layers."""

    def weights(self, weights: Weights) -> Weights:
        """Return the weights of an equivalent network whose maps suit this representation."""

    def features(self, features: Node, name: str) -> Node:
        """Return the node that represents a map, the output of layer `name`, for convolutions."""

    def kernel(self, kernel: NDArray[np.float32]) -> Kernel:
        """Return a kernel (float32, shape (out, in, ...)) in this representation."""


class Float32:
    """Features and kernels remain float32."""

    def weights(self, weights: Weights) -> Weights:
        return weights

    def features(self, features: Node, name: str) -> Node:
        return features

    def kernel(self, kernel: NDArray[np.float32]) -> Kernel:
        """Return the kernel (float32, shape (out, in, ...)) as it is."""
        return Kernel(kernel)


class RecordedFloat32(Float32):
    """Like `Float32`, with the maps as additional outputs of the graph (`segmentation_graph`)."""

    def __init__(self) -> None:
        self.maps: dict[str, Node] = {}

    def features(self, features: Node, name: str) -> Node:
        self.maps.setdefault(name, features)
        return features


class Int8:
    """Rounds each map to 255 steps between 0 and its upper limit.

    No rounded map has negative values, because each has passed a ReLU.
    """

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges

    def weights(self, weights: Weights) -> Weights:
        return with_equal_ranges(weights, self._ranges)

    def features(self, features: Node, name: str) -> Node:
        limits = self._ranges[name]
        return _rounded(
            features, 0.0, 1.0 if len(limits) > 1 else max(limits[0], 1e-6), _FEATURE_LEVELS
        )

    def kernel(self, kernel: NDArray[np.float32]) -> Kernel:
        """Return a kernel (float32, shape (out, in, ...)) with rounded values."""
        step = kernel_steps(kernel)
        return Kernel(whole_steps(kernel, step) * step, step * (_KERNEL_LEVELS // 2))


def has_own_limits(name: str) -> bool:
    """Return whether each channel of a map has its own limit.

    This is the case for maps on the way up, whose channels differ in range by a factor of a
    hundred.
    """
    return name.startswith("up.")


def with_equal_ranges(weights: Weights, ranges: Ranges) -> Weights:
    """Return the weights of an equivalent network in which every channel's limit is 1.

    A ReLU commutes with a positive factor, so a layer is divided by its channels' limits, and the
    next kernel is multiplied by them. Features carried from chunk to chunk are divided in the same
    way.
    """
    changed = dict(weights)
    for name, limits in ranges.items():
        if len(limits) < 2:
            continue
        scale = np.maximum(limits, _MIN_LIMIT * max(limits)).astype(np.float32)
        after = name[: -len("0")] + "1.weight"
        changed[name + ".weight"] = changed[name + ".weight"] / scale[:, None, None, None, None]
        changed[name + ".bias"] = changed[name + ".bias"] / scale
        changed[after] = changed[after] * scale[None, :, None, None, None]
    return changed


def kernel_steps(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the finest step of each output channel at which no sum of two products overflows.

    Processors without VNNI add the products of two neighbouring input channels in 16 bits:
    255 * (a + b) <= 32767. `kernel` is float32, shape (out, in, across, rows, columns); the result
    is float32, shape (out, 1, 1, 1, 1).
    """
    even, odd = kernel[:, ::2], kernel[:, 1::2]
    single = np.abs(kernel).max(axis=(1, 2, 3, 4), keepdims=True) / (_KERNEL_LEVELS // 2)
    pair = np.abs(even + odd).max(axis=(1, 2, 3, 4), keepdims=True) / _LARGEST_PAIR
    return np.asarray(np.maximum(np.maximum(single, pair), np.float32(1e-9)), np.float32)


def whole_steps(kernel: NDArray[np.float32], step: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a kernel in whole steps, rounded so that its sum, and thus flat areas, do not change.

    `kernel` is float32, shape (out, in, across, rows, columns); `step` is float32, shape
    (out, 1, 1, 1, 1).
    """
    exact = (kernel / step).reshape(*kernel.shape[:2], -1)
    rounded = np.round(exact)
    remainder = np.round((exact - rounded).sum(axis=-1))
    order = np.argsort(-np.sign(remainder)[..., None] * (exact - rounded), axis=-1)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(order.shape[-1])[None, None], axis=-1)
    rounded += np.sign(remainder)[..., None] * (rank < np.abs(remainder)[..., None])
    return np.asarray(np.clip(rounded, -127, 127).reshape(kernel.shape), np.float32)


class PreparedNetwork:
    """The network in one representation, from which graphs for any size of slices are made.

    Its kernels do not depend on that size. They are prepared only once, because that takes much
    longer than making a graph.

    Raises
    ------
    KeyError
        When weights are missing.
    """

    def __init__(self, weights: Weights, numbers: NumberFormat) -> None:
        self.numbers = numbers
        self.weights = numbers.weights(weights)
        self._kernels: dict[str, Kernel] = {}
        for name in self.weights:
            layer, _, kind = name.rpartition(".")
            if kind == "weight":
                self._kernels[layer] = self._prepared(layer)

    def kernel(self, layer: str) -> Node:
        """Return a layer's kernel, for a new graph.

        That of `enlarge.N` is merged with its part of `up.N.convolutions.0`, whose kernel contains
        only the rest.
        """
        return self._kernels[layer].node()

    def kernel_parts(self, level: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the parts of a level's first kernel on the way up.

        The first is for the skip connection, the second for the enlarged features; both are
        float32, shape (out, in, 1, 3, 3).
        """
        kernel = self.weights[f"up.{level}.convolutions.0.weight"]
        enlarged_channels = self.weights[f"enlarge.{level}.bias"].size
        of_skip, of_larger = np.split(kernel, [kernel.shape[1] - enlarged_channels], axis=1)
        return of_skip, of_larger

    def _prepared(self, layer: str) -> Kernel:
        kernel = self.weights[layer + ".weight"]
        place, *numbers = layer.split(".")
        if place == "enlarge":
            return Kernel(merged_kernel(kernel, self.kernel_parts(int(numbers[0]))[1]))
        if place == "up" and numbers[-1] == "0":
            of_skip, _ = self.kernel_parts(int(numbers[0]))
            return self.numbers.kernel(np.ascontiguousarray(of_skip))
        is_float = place == "head" or kernel.shape[1] == 1
        return Kernel(kernel) if is_float else self.numbers.kernel(kernel)


def segmentation_graph(network: PreparedNetwork, plane: tuple[int, int]) -> Any:
    """Return the graph of one chunk of a sweep (see `backend.SweepStep`).

    It computes the same sums for each slice as the complete network.

    Inputs: slices (1, 1, n + 6, rows, columns), valid_pairs (1, 1, n / 2 + 2, 1, 1), valid_slices
    (1, 1, n, 1, 1) and the carried features (1, 2, rows, columns, width). Outputs: logits (1, 1, n,
    rows, columns), the features to carry over, and the maps if the format is `RecordedFloat32`.

    Parameters
    ----------
    plane
        Rows and columns.

    Raises
    ------
    KeyError
        When weights, or ranges of `Int8`, are missing.
    """
    weights, numbers = network.weights, network.numbers
    width = weights["head.weight"].shape[1]
    slices = opset.parameter([1, 1, -1, *plane], np.float32, name="slices")
    valid_pairs = opset.parameter([1, 1, -1, 1, 1], np.float32, name="valid_pairs")
    valid_slices = opset.parameter([1, 1, -1, 1, 1], np.float32, name="valid_slices")
    carried = opset.parameter([1, 2, *plane, width], np.float32, name="carried")
    net = _Layers(network, plane)
    inner, before_chunk, after_chunk = (
        net.down(between(slices, *ends), 0) for ends in ((2, -2), (0, 4), (-4, TO_THE_END))
    )
    features = opset.concat(
        [pooled(part, _pool_size(0)) for part in (before_chunk, inner, after_chunk)], 2
    )
    features = numbers.features(opset.multiply(features, valid_pairs), "down.0.convolutions.1")
    skips = [inner]
    lowest = len(numbered("down.{}.convolutions.0", weights)) - 1
    for level in range(1, lowest + 1):
        features = net.down(features, level, is_last=level == lowest)
        if level < lowest:
            skips.append(features)
            features = pooled(features, _pool_size(level))
    for level in reversed(range(1, lowest)):
        joined = numbers.features(
            opset.relu(net.joined(skips[level], features, level)), f"up.{level}.convolutions.0"
        )
        features = opset.relu(net.convolved(joined, f"up.{level}.convolutions.1"))
    joined = opset.multiply(opset.relu(net.joined(inner, features, 0)), valid_slices)
    joined = numbers.features(joined, "up.0.convolutions.0")
    carried_channels_first = opset.transpose(carried, opset.constant(np.array([0, 4, 1, 2, 3])))
    first_slices = opset.concat(
        [numbers.features(carried_channels_first, "up.0.convolutions.0"), between(joined, 0, 2)], 2
    )
    logits = opset.concat([net.logits(first_slices), net.logits(joined)], 2)
    carried_over = opset.transpose(
        between(joined, -2, TO_THE_END), opset.constant(np.array([0, 2, 3, 4, 1]))
    )
    outputs = [logits, carried_over, *getattr(numbers, "maps", {}).values()]
    return openvino.Model(
        [node.output(0) for node in outputs],
        [slices, valid_pairs, valid_slices, carried],
        "segmentation",
    )


class _Layers:
    """The network's layers, with features and kernels in one representation."""

    def __init__(self, network: PreparedNetwork, plane: tuple[int, int]) -> None:
        self._network = network
        self._plane = plane

    def down(self, features: Node, level: int, *, is_last: bool = False) -> Node:
        """Return the output of a level on the way down.

        The first two levels return only slices whose neighbours are all known.
        """
        for number, layer in enumerate(
            numbered(f"down.{level}.convolutions." + "{}", self._network.weights)
        ):
            features = opset.relu(self.convolved(features, layer, is_unpadded_across=level < 2))
            if not (is_last and number):
                features = self._network.numbers.features(features, layer)
        return features

    def joined(self, skip: Node, features: Node, level: int) -> Node:
        """Return the output of the first convolution of a level on the way up.

        Its inputs are the skip connection and the enlarged features from below.
        """
        size, ones = list(_pool_size(level)), [1] * 3
        enlarge, first = f"enlarge.{level}", f"up.{level}.convolutions.0"
        larger = opset.convolution_backprop_data(
            features, self._network.kernel(enlarge), size, None, [0, 1, 1], [0, 1, 1], ones
        )
        weights, (_, of_larger) = self._network.weights, self._network.kernel_parts(level)
        rows, columns = (side >> level for side in self._plane)
        offset = (
            enlarged_bias(of_larger, weights[enlarge + ".bias"], rows, columns)
            + weights[first + ".bias"][:, None, None]
        )
        summed = opset.add(larger, self._convolution(skip, first))
        return opset.add(summed, opset.constant(offset[None, :, None].astype(np.float32)))

    def convolved(self, features: Node, layer: str, *, is_unpadded_across: bool = False) -> Node:
        """Return the output of a convolution with its bias."""
        result = self._convolution(features, layer, is_unpadded_across=is_unpadded_across)
        return biased(result, self._network.weights[layer + ".bias"])

    def logits(self, features: Node) -> Node:
        """Return the output of the last convolution and the head, without the outermost slices."""
        last = opset.relu(self.convolved(features, "up.0.convolutions.1", is_unpadded_across=True))
        return biased(self._convolution(last, "head"), self._network.weights["head.bias"])

    def _convolution(self, features: Node, layer: str, *, is_unpadded_across: bool = False) -> Node:
        """Return the output of a layer's convolution, which preserves the size.

        With `is_unpadded_across`, it contains only slices whose neighbours are all known.
        """
        margins = [size // 2 for size in self._network.weights[layer + ".weight"].shape[2:]]
        if is_unpadded_across:
            margins[0] = 0
        ones = [1] * 3
        return opset.convolution(
            features, self._network.kernel(layer), ones, margins, margins, ones
        )


def merged_kernel(enlarge: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one transposed convolution equivalent to two without a ReLU between them.

    All arrays are float32::

        enlarge   shape (in, middle, across, 2, 2), step 2 in the plane
        kernel    shape (out, middle, 1, 3, 3)      -> (in, out, across, 4, 4), step 2, margin 1
    """
    joined = np.zeros((enlarge.shape[0], kernel.shape[0], enlarge.shape[2], 4, 4))
    # (in, across, 2, 2, out, 3, 3)
    products = np.tensordot(
        enlarge.astype(np.float64), kernel[:, :, 0].astype(np.float64), axes=(1, 1)
    )
    for row, column in np.ndindex(3, 3):
        # A pixel contributes to the one above it through the lower tap of the kernel, so flip the
        # order.
        part = products[..., row, column].transpose(0, 4, 1, 2, 3)
        joined[:, :, :, 2 - row : 4 - row, 2 - column : 4 - column] += part
    return joined.astype(np.float32)


def enlarged_bias(
    kernel: NDArray[np.float32], bias: NDArray[np.float32], rows: int, columns: int
) -> NDArray[np.float64]:
    """Return what the bias of the first layer contributes to the output of the second.

    The contribution is smaller at the border, where the outer neighbours are missing.

    float64, shape (out, rows, columns). `kernel` is float32, shape (out, middle, 1, 3, 3).
    """
    taps = np.einsum(
        "omxy,m->oxy", kernel[:, :, 0].astype(np.float64), bias.astype(np.float64), optimize=True
    )

    def is_inside(side: int) -> NDArray[np.float64]:
        return np.array(
            [[float(0 <= place + tap - 1 < side) for place in range(side)] for tap in range(3)]
        )

    return np.asarray(
        np.einsum("oxy,xr,yc->orc", taps, is_inside(rows), is_inside(columns), optimize=True)
    )


def _rounded(values: Node, low: Any, high: Any, levels: int) -> Node:
    ends = [opset.constant(np.asarray(end, np.float32)) for end in (low, high)]
    return opset.fake_quantize(values, *ends, *ends, levels)


def _pool_size(level: int) -> tuple[int, int, int]:
    return (2 if level == 0 else 1, 2, 2)
