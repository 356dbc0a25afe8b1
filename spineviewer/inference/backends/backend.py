"""The interface of a back end: it runs the two networks, and nothing else."""

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
    """The device and backend of a result; stored in the result.

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
        beyond the scan.
    valid_pairs
        float32, shape (n / 2 + 2,): 1 where a pair of slices is inside the scan, 0 beyond it,
        starting one pair before the chunk.
    valid_slices
        float32, shape (n,): the same for the chunk's slices.
    carried
        What the previous step returned to carry over; None at the start of a sweep.
    """

    slices: NDArray[np.float32]
    valid_pairs: NDArray[np.float32]
    valid_slices: NDArray[np.float32]
    carried: Any = None


class Backend(Protocol):
    """Both networks on one device. Arrays in and out are float32 numpy on the host.

    Thread ownership: one thread at a time; where `is_concurrent`, one for each network.
    """

    @property
    def is_concurrent(self) -> bool:
        """Whether both networks gain from running at the same time (Paper: §2), as on a GPU."""
        ...

    @property
    def identity(self) -> BackendIdentity: ...

    @property
    def memory_bytes(self) -> int:
        """Memory on the device that a chunk may use, from what is free now."""
        ...

    @property
    def bytes_per_voxel(self) -> int:
        """Memory that the segmentation net takes per voxel of a chunk (measured)."""
        ...

    @property
    def compile_seconds(self) -> float:
        """Seconds spent on compiling the networks for new slice sizes."""
        ...

    @property
    def ready_size(self) -> Size | None:
        """Slices, rows and columns of the chunks that the segmentation network is compiled for.

        None before the first.
        """
        ...

    @property
    def slices_at_once(self) -> int:
        """Sagittal slices that suit one pass of the attention net."""
        ...

    def make_ready(self, size: Size) -> None:
        """Compile both networks for slices and chunks of this size.

        Raises
        ------
        InferenceError
        """
        ...

    def attention_logits(
        self, slices: NDArray[np.float32], keep_going: KeepGoing
    ) -> NDArray[np.float32]:
        """Return logits per cell (n, rows / 16, columns / 16) for slices in air (n, rows, columns).

        Both are float32; rows and columns are multiples of 16.

        Raises
        ------
        BackendOutOfMemory
        """
        ...

    def segmentation_logits(
        self, step: SweepStep, keep_going: KeepGoing
    ) -> tuple[NDArray[np.float32], Any]:
        """Return the logits of a chunk, and what to carry over to the next one.

        float32, shape (n, rows, columns), starting one slice before the chunk. Rows and columns are
        multiples of 16, n is even.

        Raises
        ------
        BackendOutOfMemory
        """
        ...
