"""The interface of a backend, which only runs the two networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.grid import Size

#: Called often while a network runs; raises `Cancelled` to stop it.
KeepGoing = Callable[[], None]


class BackendOutOfMemory(Exception):
    """The device has too little memory for this chunk; a smaller one may fit."""


@dataclass(frozen=True)
class BackendIdentity:
    """The device and backend that computed a result; stored with the result.

    Attributes
    ----------
    backend
        'torch' or 'openvino'.
    device
        'cpu', 'cuda', 'mps' or 'intel-gpu'.
    precision
        'f32', 'bf16', 'f16', 'int8', or 'int8+bf16': int8, with bf16 for the remaining operations.
    """

    backend: str
    device: str
    precision: str


@dataclass(frozen=True)
class SweepStep:
    """The input of the segmentation network for one chunk of n slices.

    Attributes
    ----------
    slices
        float32, shape (n + 6, rows, columns): the chunk's slices and three more on either side; 0
        outside the scan.
    valid_pairs
        float32, shape (n / 2 + 2,): 1 for pairs of slices inside the scan and 0 for pairs outside;
        starts one pair before the chunk.
    valid_slices
        float32, shape (n,): the same for each of the chunk's slices.
    carried
        Features that the previous step returned; None at the start of a sweep.
    """

    slices: NDArray[np.float32]
    valid_pairs: NDArray[np.float32]
    valid_slices: NDArray[np.float32]
    carried: Any = None


class Backend(Protocol):
    """Both networks on one device. Inputs and outputs are float32 arrays on the host.

    Thread ownership: one thread at a time; if `is_concurrent`, one thread per network.
    """

    @property
    def is_concurrent(self) -> bool:
        """Whether running both networks at the same time is faster (Paper: §2), as on a GPU."""
        ...

    @property
    def identity(self) -> BackendIdentity: ...

    @property
    def memory_bytes(self) -> int:
        """Memory in bytes that a chunk may use on the device, based on what is free now."""
        ...

    @property
    def bytes_per_voxel(self) -> int:
        """Memory in bytes that the segmentation network uses per voxel of a chunk (measured)."""
        ...

    @property
    def compile_seconds(self) -> float:
        """Seconds spent on compiling the networks for new slice sizes."""
        ...

    @property
    def ready_size(self) -> Size | None:
        """Slices, rows and columns of chunks for which the segmentation network is compiled.

        None before the first compilation.
        """
        ...

    @property
    def slices_at_once(self) -> int:
        """Number of sagittal slices for one pass of the attention network."""
        ...

    def make_ready(self, size: Size) -> None:
        """Compile both networks for slices and chunks of this size.

        Raises
        ------
        InferenceError
            When the device cannot run them.
        """
        ...

    def attention_logits(
        self, slices: NDArray[np.float32], keep_going: KeepGoing
    ) -> NDArray[np.float32]:
        """Return the logits (n, rows / 16, columns / 16) of slices (n, rows, columns) in air.

        Both are float32; rows and columns are multiples of 16.

        Raises
        ------
        BackendOutOfMemory
        """
        ...

    def segmentation_logits(
        self, step: SweepStep, keep_going: KeepGoing
    ) -> tuple[NDArray[np.float32], Any]:
        """Return the logits of a chunk, and the features to carry over to the next one.

        The logits are float32, shape (n, rows, columns), starting one slice before the chunk. Rows
        and columns are multiples of 16, n is even.

        Raises
        ------
        BackendOutOfMemory
        """
        ...
