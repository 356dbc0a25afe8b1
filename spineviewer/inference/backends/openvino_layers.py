"""Layers of the networks' OpenVINO graphs. Weights have the names that PyTorch gives them."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.backends.quiet_openvino import opset

Weights = dict[str, NDArray[np.float32]]
Node = Any

TO_THE_END = 2**31 - 1


def between(features: Node, first: int, last: int) -> Node:
    """Return slices first..last-1 of (1, channels, slices, rows, columns)."""
    start, stop, step, axis = (np.array([value], np.int64) for value in (first, last, 1, 2))
    return opset.slice(features, start, stop, step, axis)


def biased(features: Node, bias: NDArray[np.float32]) -> Node:
    """Return features of any rank plus a bias per channel (float32, shape (channels,))."""
    rank = features.get_output_partial_shape(0).rank.get_length()
    return opset.add(features, opset.constant(bias.reshape(1, -1, *[1] * (rank - 2))))


def pooled(features: Node, size: Any) -> Node:
    """Return the largest value of each block of `size`."""
    zeros, ones = [0] * len(size), [1] * len(size)
    return opset.max_pool(features, list(size), ones, zeros, zeros, list(size)).output(0)


def numbered(pattern: str, weights: Weights) -> list[str]:
    """Return the names of layers 0, 1, … for which there are weights, formatted with a pattern."""
    names: list[str] = []
    for number in count():
        name = pattern.format(number)
        if name + ".weight" not in weights and not any(
            key.startswith(name + ".") for key in weights
        ):
            return names
        names.append(name)
    raise AssertionError
