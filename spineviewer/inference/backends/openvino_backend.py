"""Both networks on OpenVINO, the fastest runtime on a CPU and the only one for Intel GPUs."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from spineviewer.errors import InferenceError, ModelError
from spineviewer.inference.backends.attention_graph import attention_graph
from spineviewer.inference.backends.backend import (
    BackendIdentity,
    BackendOutOfMemory,
    KeepGoing,
    SweepStep,
)
from spineviewer.inference.backends.openvino_layers import Weights
from spineviewer.inference.backends.quiet_openvino import openvino, opset
from spineviewer.inference.backends.segmentation_graph import (
    Float32,
    Int8,
    PreparedNetwork,
    RecordedFloat32,
    has_own_limits,
    segmentation_graph,
)
from spineviewer.inference.grid import SLICE_MARGIN, Size
from spineviewer.inference.memory import chunk_memory_bytes
from spineviewer.model import ModelConfiguration, WeightsFile, checked_weights
from spineviewer.threads import compute_threads

_DEVICES = {"cpu": "CPU", "intel-gpu": "GPU"}
#: Milliseconds between checks for cancellation.
_TICK_MS = 50
#: (1, 1, slices, rows, columns); the slices of the attention network have one dimension less.
_DIMENSIONS_OF_A_CHUNK = 5
#: Number of compiled sizes of each network that stay loaded: only the latest, because each occupies
#: memory for its activations.
_MAX_LOADED_SIZES = 1
#: Number of values stored per voxel of a chunk and per channel of the network's width. Measured as
#: peak memory; see tests/benchmarks.
_NUMBERS_PER_VOXEL_AND_CHANNEL = 5.5


class OpenVinoBackend:
    """Runs both networks with OpenVINO.

    Graphs are built from the safetensors and compiled for each slice size.

    Choice: compiled models are not stored on disk. Compilation takes only 0.1 to 0.3 s per size,
    and a cache whose format depends on drivers and versions would be a source of errors.

    Parameters
    ----------
    device
        'cpu' or 'intel-gpu'.
    precision
        Precision of the segmentation network: 'f32', 'bf16' or 'int8' (features and kernels). The
        attention network always runs in f32. With 'int8', the remaining operations use bf16 where
        the processor supports it natively; `identity` says so. The precision is always set, because
        OpenVINO's default depends on the machine.

    Raises
    ------
    ModelError
        When the weights do not match the graphs.
    InferenceError
        When the device cannot be used.
    """

    slices_at_once = 1
    is_concurrent = False

    def __init__(
        self, configuration: ModelConfiguration, *, device: str = "cpu", precision: str = "f32"
    ) -> None:
        self._float_precision = precision
        if precision == "int8":
            self._float_precision = "bf16" if device == "cpu" and supports_bf16() else "f32"
        is_both = precision == "int8" and self._float_precision == "bf16"
        self.identity = BackendIdentity("openvino", device, "int8+bf16" if is_both else precision)
        self._core: Any = openvino.Core()
        weights = _weights(configuration, configuration.segmentation)
        self._width = configuration.segmentation.width
        try:
            self._segmentation = PreparedNetwork(
                weights,
                Int8(configuration.eight_bit_ranges) if precision == "int8" else Float32(),
            )
            self._attention_graph: Any = attention_graph(
                _weights(configuration, configuration.attention)
            )
            self._segmentation_graph((16, 16))
        except (KeyError, IndexError, ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(
                "The weights do not match the networks ({reason}). Install Spineviewer again.",
                reason=reason,
            ) from error
        self.compile_seconds = 0.0
        self._requests: OrderedDict[tuple[int, ...], Any] = OrderedDict()

    @property
    def ready_size(self) -> Size | None:
        for shape in reversed(self._requests):
            if len(shape) == _DIMENSIONS_OF_A_CHUNK:
                _, _, slices, rows, columns = shape
                return slices - 2 * SLICE_MARGIN, rows, columns
        return None

    @property
    def memory_bytes(self) -> int:
        return chunk_memory_bytes()

    @property
    def bytes_per_voxel(self) -> int:
        bytes_per_number = 2 if self.identity.precision == "bf16" else 4
        return int(_NUMBERS_PER_VOXEL_AND_CHANNEL * self._width * bytes_per_number)

    def make_ready(self, size: Size) -> None:
        slices, rows, columns = size
        self._request([(1, 1, rows, columns)])
        seen, pairs = slices + 2 * SLICE_MARGIN, slices // 2 + 2
        self._request(
            [
                (1, 1, seen, rows, columns),
                (1, 1, pairs, 1, 1),
                (1, 1, slices, 1, 1),
                (1, 2, rows, columns, self._width),
            ]
        )

    def attention_logits(
        self, slices: NDArray[np.float32], keep_going: KeepGoing
    ) -> NDArray[np.float32]:
        """Return logits per cell: float32, shape (n, rows / 16, columns / 16); see `Backend`."""
        (logits,) = self._run([slices[:, None]], keep_going)
        return np.asarray(logits[:, 0])

    def segmentation_logits(
        self, step: SweepStep, keep_going: KeepGoing
    ) -> tuple[NDArray[np.float32], Any]:
        """Return the logits of a chunk: float32, shape (n, rows, columns); see `Backend`."""
        carried = step.carried
        if carried is None:
            carried = np.zeros((1, 2, *step.slices.shape[1:], self._width), np.float32)
        valid_pairs, valid_slices = (
            flags[None, None, :, None, None] for flags in (step.valid_pairs, step.valid_slices)
        )
        logits, carried, *maps = self._run(
            [step.slices[None, None], valid_pairs, valid_slices, carried], keep_going
        )
        self._record_maps(maps)
        return np.asarray(logits[0, 0]), carried

    def _segmentation_graph(self, plane: tuple[int, int]) -> Any:
        return segmentation_graph(self._segmentation, plane)

    def _record_maps(self, maps: list[NDArray[np.float32]]) -> None:
        """Process the additional outputs of the graph; this class has none."""

    def _run(
        self, inputs: list[NDArray[np.float32]], keep_going: KeepGoing
    ) -> list[NDArray[np.float32]]:
        try:
            request = self._request([values.shape for values in inputs])
            # keep references, because OpenVINO reads the arrays without owning them
            inputs_alive = [np.ascontiguousarray(values) for values in inputs]
            request.start_async(
                {
                    number: openvino.Tensor(values, True)
                    for number, values in enumerate(inputs_alive)
                }
            )
            try:
                while not request.wait_for(_TICK_MS):
                    keep_going()
            except BaseException:
                request.cancel()
                with suppress(RuntimeError):  # raised because the request was cancelled
                    request.wait()
                raise
            return [np.array(tensor.data) for tensor in request.output_tensors]
        except RuntimeError as error:
            self._requests.clear()
            if "alloc" in str(error).lower() or "memory" in str(error).lower():
                raise BackendOutOfMemory(str(error)) from error
            raise InferenceError(
                "OpenVINO failed on {device} ({reason}). Try again, or use another device "
                "(--device).",
                device=self.identity.device,
                reason=_reason(error),
            ) from error

    def _request(self, shapes: list[tuple[int, ...]]) -> Any:
        key = shapes[0]
        if key in self._requests:
            self._requests.move_to_end(key)
        else:
            started = time.perf_counter()
            is_segmentation = len(shapes) > 1
            graph = (
                self._segmentation_graph((shapes[0][3], shapes[0][4]))
                if is_segmentation
                else self._attention_graph.clone()
            )
            graph.reshape({place: list(shape) for place, shape in enumerate(shapes)})
            same_net = [known for known in self._requests if len(known) == len(key)]
            for known in same_net[: max(0, len(same_net) - _MAX_LOADED_SIZES + 1)]:
                del self._requests[known]
            self._requests[key] = self._compiled(
                graph, self._float_precision if is_segmentation else "f32"
            ).create_infer_request()
            self.compile_seconds += time.perf_counter() - started
        return self._requests[key]

    def _compiled(self, graph: Any, precision: str) -> Any:
        options: dict[str, str | int] = {
            "INFERENCE_PRECISION_HINT": precision,
            "PERFORMANCE_HINT": "LATENCY",
        }
        if self.identity.device == "cpu":
            options |= {"INFERENCE_NUM_THREADS": compute_threads(), "NUM_STREAMS": 1}
        try:
            return self._core.compile_model(graph, _DEVICES[self.identity.device], options)
        except RuntimeError as error:
            raise InferenceError(
                "OpenVINO cannot use {device} ({reason}). Use another device (--device).",
                device=self.identity.device,
                reason=_reason(error),
            ) from error


class RecordingBackend(OpenVinoBackend):
    """Runs in f32 and samples the positive values of each map that int8 would round."""

    #: All maps of a chunk stay in memory until the chunk ends.
    bytes_per_voxel = 1024
    #: Number of values sampled from each part of a map.
    _VALUES = 20_000

    def __init__(self, configuration: ModelConfiguration) -> None:
        self._seen: dict[str, list[list[NDArray[np.float32]]]] = {}
        self._names: list[str] = []
        super().__init__(configuration)

    @property
    def seen(self) -> dict[str, list[NDArray[np.float32]]]:
        """Sampled values of each layer, by channel if its channels have their own limits."""
        return {
            name: [np.concatenate(part) for part in zip(*chunks, strict=True)]
            for name, chunks in self._seen.items()
        }

    def _segmentation_graph(self, plane: tuple[int, int]) -> Any:
        recorded = RecordedFloat32()
        graph = segmentation_graph(PreparedNetwork(self._segmentation.weights, recorded), plane)
        self._names = list(recorded.maps)
        return graph

    def _record_maps(self, maps: list[NDArray[np.float32]]) -> None:
        for name, values in zip(self._names, maps, strict=True):
            parts = values[0] if has_own_limits(name) else values
            self._seen.setdefault(name, []).append([self._sample(part) for part in parts])

    def _sample(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        positive = values[values > 0]
        sampled = (
            np.random.default_rng(0).choice(positive, self._VALUES)
            if positive.size > self._VALUES
            else positive
        )
        return np.append(sampled, positive.max(initial=0.0))


def openvino_devices() -> tuple[str, ...]:
    """Return the devices that OpenVINO finds on this machine, under this program's names."""
    available = openvino.Core().available_devices
    return tuple(
        name
        for name, openvino_name in _DEVICES.items()
        if any(device.split(".")[0] == openvino_name for device in available)
    )


def supports_int8() -> bool:
    """Return whether OpenVINO can compute in int8 on this processor."""
    return "INT8" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def supports_bf16() -> bool:
    """Return whether this processor computes bf16 natively."""
    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def single_convolution(channels: int, side: int) -> Callable[[], object]:
    """Return a function that runs a single 3x3 convolution in f32 on the CPU.

    It is used to measure the peak speed of convolutions on this machine.
    """
    values = np.ones((1, channels, side, side), np.float32)
    parameter = opset.parameter(list(values.shape), np.float32)
    kernel = np.full((channels, channels, 3, 3), 1e-3, np.float32)
    graph = openvino.Model(
        [opset.convolution(parameter, kernel, [1, 1], [1, 1], [1, 1], [1, 1])], [parameter], "limit"
    )
    options = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": compute_threads(),
        "NUM_STREAMS": 1,
    }
    request = openvino.Core().compile_model(graph, "CPU", options).create_infer_request()
    request.set_input_tensor(openvino.Tensor(values))
    infer: Callable[[], object] = request.infer
    return infer


def _reason(error: RuntimeError) -> str:
    """Return the last line of an OpenVINO message that is not empty."""
    return [line.strip() for line in str(error).splitlines() if line.strip()][-1]


def _weights(configuration: ModelConfiguration, weights: WeightsFile) -> Weights:
    content = checked_weights(configuration, weights)
    try:
        return {
            name: values.astype(np.float32)
            for name, values in safetensors.numpy.load(content).items()
        }
    except (safetensors.SafetensorError, ValueError) as error:
        raise ModelError(
            "{file} is not a weights file ({reason}). Install Spineviewer again.",
            file=weights.file,
            reason=error,
        ) from error
