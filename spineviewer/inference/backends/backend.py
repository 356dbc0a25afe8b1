"""What a back end is: it runs the two networks, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

#: Called often while a network runs; raises `Cancelled` to stop it.
KeepGoing = Callable[[], None]


class BackendOutOfMemory(Exception):
    """The device has too little memory for this block; a smaller one may fit."""


@dataclass(frozen=True)
class BackendIdentity:
    """What computed a result; written into it.

    Attributes
    ----------
    backend
        'torch' or 'openvino'.
    device
        'cpu', 'cuda', 'mps' or 'intel-gpu'.
    precision
        'f32', 'bf16' or 'f16'.
    """

    backend: str
    device: str
    precision: str


class Backend(Protocol):
    """Both networks on one device. Arrays in and out are float32 numpy on the host.

    Thread ownership: one thread at a time.
    """

    @property
    def identity(self) -> BackendIdentity: ...

    @property
    def memory_bytes(self) -> int:
        """Memory that a block may take on the device, from what is free now."""
        ...

    @property
    def bytes_per_voxel(self) -> int:
        """Memory that the segmentation net takes per voxel of a block (measured)."""
        ...

    @property
    def slices_at_once(self) -> int:
        """Sagittal slices that suit one pass of the attention net."""
        ...

    def attention_logits(self, slices: NDArray[np.float32], keep_going: KeepGoing) -> NDArray[np.float32]:
        """Slices in air (n, rows, columns), multiples of 16 -> logits per cell (n, rows / 16, columns / 16).

        Raises
        ------
        BackendOutOfMemory
        """
        ...

    def segmentation_logits(self, block: NDArray[np.float32], keep_going: KeepGoing) -> NDArray[np.float32]:
        """Block (slices, rows, columns), slices even, rows and columns multiples of 16 -> logits of the same shape.

        Raises
        ------
        BackendOutOfMemory
        """
        ...
