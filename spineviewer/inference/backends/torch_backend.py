"""Both networks through torch: CUDA, MPS, and the CPU as the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from spineviewer.errors import InferenceError
from spineviewer.inference.backends.backend import BackendIdentity, BackendOutOfMemory, KeepGoing
from spineviewer.inference.memory import block_memory_bytes
from spineviewer.model import ModelConfiguration
from spineviewer.networks.weights import load_attention_net, load_segmentation_net
from spineviewer.threads import compute_threads

_TYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}
#: Share of the GPU's free memory that a block may take.
_GPU_SHARE = 0.7
#: Choice: on a CPU no layer of a larger block would leave half a second for a stop.
_MOST_VOXELS_ON_CPU = 4_000_000
#: Numbers held per voxel of a block and channel of the net's width: four full-size maps, one of them a copy.
_NUMBERS_PER_VOXEL_AND_CHANNEL = 6.5


class TorchBackend:
    """Parameters as `OpenVinoBackend`; device 'cpu', 'cuda' or 'mps', precision 'f32', 'bf16' or 'f16'."""

    def __init__(self, configuration: ModelConfiguration, *, device: str = "cpu", precision: str = "f32") -> None:
        self.identity = BackendIdentity("torch", device, precision)
        self.slices_at_once = 1 if device == "cpu" else 8
        if device == "cpu":
            torch.set_num_threads(compute_threads())
        self._device = torch.device(device)
        self._type = _TYPES[precision]
        self._width = configuration.segmentation.width
        self._attention = self._placed(load_attention_net(configuration), torch.channels_last)
        self._segmentation = self._placed(load_segmentation_net(configuration), torch.channels_last_3d)
        self._keep_going: KeepGoing = lambda: None
        for net in (self._attention, self._segmentation):
            for layer in net.modules():
                layer.register_forward_pre_hook(self._look_up)

    @property
    def memory_bytes(self) -> int:
        if self._device.type == "cuda":
            free, _ = torch.cuda.mem_get_info()
            reusable = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
            return int(_GPU_SHARE * (free + reusable))
        memory = block_memory_bytes()
        return min(memory, _MOST_VOXELS_ON_CPU * self.bytes_per_voxel) if self._device.type == "cpu" else memory

    @property
    def bytes_per_voxel(self) -> int:
        return int(_NUMBERS_PER_VOXEL_AND_CHANNEL * self._width * self._type.itemsize)

    def attention_logits(self, slices: NDArray[np.float32], keep_going: KeepGoing) -> NDArray[np.float32]:
        return np.asarray(self._run(self._attention.forward_in_air, slices[:, None], torch.channels_last, keep_going)[:, 0])

    def segmentation_logits(self, block: NDArray[np.float32], keep_going: KeepGoing) -> NDArray[np.float32]:
        return np.asarray(self._run(self._segmentation, block[None, None], torch.channels_last_3d, keep_going)[0, 0])

    @torch.inference_mode()
    def _run(
        self, net: Any, values: NDArray[np.float32], layout: torch.memory_format, keep_going: KeepGoing
    ) -> NDArray[np.float32]:
        self._keep_going = keep_going
        try:
            tensor = torch.from_numpy(np.ascontiguousarray(values))
            logits = net(tensor.to(self._device, self._type, memory_format=layout))
            result: NDArray[np.float32] = logits.float().contiguous().cpu().numpy()
            return result
        except (RuntimeError, MemoryError) as error:
            if isinstance(error, MemoryError | torch.OutOfMemoryError) or _speaks_of_memory(str(error)):
                self._forget()
                raise BackendOutOfMemory(str(error)) from error
            raise InferenceError(f"torch failed on {self.identity.device}: {str(error).splitlines()[0]}") from error
        finally:
            self._keep_going = lambda: None

    def _placed(self, net: Any, layout: torch.memory_format) -> Any:
        try:
            return net.to(self._device, self._type, memory_format=layout)
        except (RuntimeError, AssertionError) as error:
            raise InferenceError(f"torch cannot use {self.identity.device}: {str(error).splitlines()[0]}") from error

    def _look_up(self, *_: object) -> None:
        """Between two layers: the place where a stop is seen."""
        self._keep_going()

    def _forget(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.empty_cache()


def torch_devices() -> tuple[str, ...]:
    """Our names of the GPUs that this torch can use."""
    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return tuple(found)


def _speaks_of_memory(message: str) -> bool:
    return any(words in message.lower() for words in ("out of memory", "can't allocate memory", "not enough memory", "bad alloc"))
