"""Both networks on PyTorch: CUDA, MPS, and the CPU as the reference.

CUDA and MPS have not been tested.

On CUDA, each network has its own stream, so that both run concurrently. Arrays are copied through
pinned memory, which the driver can access while the processor continues.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from spineviewer.errors import InferenceError
from spineviewer.inference.backends.backend import (
    BackendIdentity,
    BackendOutOfMemory,
    KeepGoing,
    SweepStep,
)
from spineviewer.inference.grid import Size
from spineviewer.inference.memory import chunk_memory_bytes
from spineviewer.model import ModelConfiguration
from spineviewer.networks.segmentation_net import SegmentationNet
from spineviewer.networks.weights import load_attention_net, load_segmentation_net
from spineviewer.threads import compute_threads

Result = TypeVar("Result")
_TYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}
#: Fraction of the GPU's free memory that a chunk may use.
_GPU_FRACTION = 0.7
#: Choice: on a CPU, a single layer of a larger chunk would delay cancellation by more than half a
#: second.
_MAX_VOXELS_ON_CPU = 4_000_000
#: Number of values stored per voxel of a chunk and per channel of the network's width: four
#: full-size maps, one of them a copy.
_NUMBERS_PER_VOXEL_AND_CHANNEL = 6.5


class TorchBackend:
    """Runs both networks with PyTorch; parameters are those of `OpenVinoBackend`.

    The device is 'cpu', 'cuda' or 'mps'; the precision of the segmentation network is 'f32', 'bf16'
    or 'f16'. The attention network always runs in f32: it is small, and its map is shown.
    """

    compile_seconds = 0.0
    ready_size = None

    def __init__(
        self, configuration: ModelConfiguration, *, device: str = "cpu", precision: str = "f32"
    ) -> None:
        self.identity = BackendIdentity("torch", device, precision)
        self.slices_at_once = 1 if device == "cpu" else 8
        if device == "cpu":
            torch.set_num_threads(compute_threads())
        self._device = torch.device(device)
        self._type = _TYPES[precision]
        self._width = configuration.segmentation.width
        self._attention = self._net_on_device(
            load_attention_net(configuration), torch.float32, torch.channels_last
        )
        self._segmentation = self._net_on_device(
            load_segmentation_net(configuration), self._type, torch.channels_last_3d
        )
        self._streams = [torch.cuda.Stream() if device == "cuda" else None for _ in range(2)]  # type: ignore[no-untyped-call]  # torch's own
        self._checks = threading.local()  # each thread has its own check for cancellation
        for net in (self._attention, self._segmentation):
            for layer in net.modules():
                layer.register_forward_pre_hook(self._check_cancelled)

    @property
    def is_concurrent(self) -> bool:
        return self._device.type == "cuda"

    @property
    def memory_bytes(self) -> int:
        if self._device.type == "cuda":
            free, _ = torch.cuda.mem_get_info()
            reusable = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
            return int(_GPU_FRACTION * (free + reusable))
        memory = chunk_memory_bytes()
        return (
            min(memory, _MAX_VOXELS_ON_CPU * self.bytes_per_voxel)
            if self._device.type == "cpu"
            else memory
        )

    @property
    def bytes_per_voxel(self) -> int:
        return int(_NUMBERS_PER_VOXEL_AND_CHANNEL * self._width * self._type.itemsize)

    def make_ready(self, size: Size) -> None:
        """Do nothing, since PyTorch does not compile the networks."""

    def attention_logits(
        self, slices: NDArray[np.float32], keep_going: KeepGoing
    ) -> NDArray[np.float32]:
        """Return logits per cell: float32, shape (n, rows / 16, columns / 16); see `Backend`."""

        def run() -> NDArray[np.float32]:
            on_device = self._on_device(slices[:, None], torch.float32, torch.channels_last)
            return _on_host(self._attention.forward_in_air(on_device))[:, 0]

        return self._run_guarded(run, keep_going, self._streams[0])

    def segmentation_logits(
        self, step: SweepStep, keep_going: KeepGoing
    ) -> tuple[NDArray[np.float32], Any]:
        """Return the logits of a chunk: float32, shape (n, rows, columns); see `Backend`."""

        def run() -> tuple[NDArray[np.float32], Tensor]:
            slices = self._on_device(step.slices[None, None], self._type, torch.channels_last_3d)
            flags = [
                self._on_device(flags[None, None, :, None, None], self._type)
                for flags in (step.valid_pairs, step.valid_slices)
            ]
            logits, carried = sweep_step(
                self._segmentation, slices, flags[0], flags[1], step.carried
            )
            return _on_host(logits)[0, 0], carried

        return self._run_guarded(run, keep_going, self._streams[1])

    @torch.inference_mode()
    def _run_guarded(
        self, run: Callable[[], Result], keep_going: KeepGoing, stream: torch.cuda.Stream | None
    ) -> Result:
        self._checks.keep_going = keep_going
        try:
            with torch.cuda.stream(stream):  # None: the current stream
                return run()
        except (RuntimeError, MemoryError) as error:
            if isinstance(error, MemoryError | torch.OutOfMemoryError) or _mentions_memory(
                str(error)
            ):
                self._release_memory()
                raise BackendOutOfMemory(str(error)) from error
            raise InferenceError(
                "PyTorch failed on {device} ({reason}). Try again, or use another device "
                "(--device).",
                device=self.identity.device,
                reason=str(error).splitlines()[0],
            ) from error
        finally:
            del self._checks.keep_going

    def _on_device(
        self,
        values: NDArray[np.float32],
        kind: torch.dtype,
        layout: torch.memory_format = torch.contiguous_format,
    ) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(values))
        if self._device.type == "cuda":
            tensor = tensor.pin_memory().to(self._device, non_blocking=True)
        return tensor.to(self._device, kind, memory_format=layout)

    def _net_on_device(self, net: Any, kind: torch.dtype, layout: torch.memory_format) -> Any:
        try:
            return net.to(self._device, kind, memory_format=layout)
        except (RuntimeError, AssertionError) as error:
            raise InferenceError(
                "PyTorch cannot use {device} ({reason}). Use another device (--device).",
                device=self.identity.device,
                reason=str(error).splitlines()[0],
            ) from error

    def _check_cancelled(self, *_: object) -> None:
        """Raise `Cancelled` before a layer if the work has been cancelled."""
        self._checks.keep_going()

    def _release_memory(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.empty_cache()


def sweep_step(
    net: SegmentationNet,
    slices: Tensor,
    valid_pairs: Tensor,
    valid_slices: Tensor,
    carried: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Return the logits of a chunk, and the features to carry over to the next one.

    The sums are the same as those of the complete network.
    """
    skip = _unpadded_level(net.down[0], slices)
    features = functional.max_pool3d(skip, 2) * valid_pairs
    features = _unpadded_level(net.down[1], features)
    skips = [features]
    for level in (2, 3, 4):
        features = net.down[level](functional.max_pool3d(features, (1, 2, 2)))
        skips.append(features)
    for level in (3, 2, 1):
        features = net.up[level](torch.cat([skips[level - 1], net.enlarge[level](features)], dim=1))
    joined = torch.cat([skip[:, :, 2:-2], net.enlarge[0](features)], dim=1)
    first, second = _convolutions(net.up[0])
    last_input = functional.relu(first(joined)) * valid_slices
    if carried is None:
        carried = torch.zeros_like(last_input[:, :, :2])
    last_input = torch.cat([carried, last_input], dim=2)
    logits = net.head(functional.relu(_unpadded_across(second, last_input)))
    return logits, last_input[:, :, -2:].clone()


def _unpadded_level(level: Any, features: Tensor) -> Tensor:
    """Return the output of a level, only for slices whose neighbours are all known."""
    for convolution in _convolutions(level):
        features = functional.relu(_unpadded_across(convolution, features))
    return features


def _convolutions(level: Any) -> tuple[Any, Any]:
    first, second = level.convolutions
    return first, second


def _unpadded_across(convolution: Any, features: Tensor) -> Tensor:
    return functional.conv3d(features, convolution.weight, convolution.bias, padding=(0, 1, 1))


def _on_host(values: Tensor) -> NDArray[np.float32]:
    values = values.float().contiguous()
    if values.is_cuda:
        on_host = torch.empty(values.shape, pin_memory=True).copy_(values, non_blocking=True)
        torch.cuda.current_stream().synchronize()  # the other network's stream continues
    else:
        on_host = values.cpu()
    array: NDArray[np.float32] = on_host.numpy()
    return array


def torch_devices() -> tuple[str, ...]:
    """Return the GPUs that the installed PyTorch can use, under this program's names."""
    devices = []
    if torch.cuda.is_available():
        devices.append("cuda")
    if torch.backends.mps.is_available():
        devices.append("mps")
    return tuple(devices)


def _mentions_memory(message: str) -> bool:
    return any(
        words in message.lower()
        for words in ("out of memory", "can't allocate memory", "not enough memory", "bad alloc")
    )
