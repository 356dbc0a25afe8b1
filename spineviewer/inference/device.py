"""Choice of the computing device.

A requested device is either used or rejected, never silently replaced.
"""

from __future__ import annotations

import ctypes
import importlib.util
import platform
from contextlib import suppress
from dataclasses import dataclass

from spineviewer.errors import InferenceError, UsageError
from spineviewer.inference.backends.backend import Backend
from spineviewer.model import ModelConfiguration
from spineviewer.wording import worded

DEVICES = ("auto", "cpu", "cuda", "mps", "intel-gpu")
_NVIDIA_DRIVERS = ("libcuda.so.1", "nvcuda.dll")


@dataclass(frozen=True)
class DeviceChoice:
    """The chosen device, and the reason for the choice.

    Attributes
    ----------
    message
        One sentence for the user.
    """

    device: str
    backend: str
    precision: str
    message: str


def choose_device(requested: str = "auto") -> DeviceChoice:
    """Return the device to use; 'auto' means the first of CUDA, MPS and CPU that is available.

    PyTorch is imported only if it is installed and there is a GPU that it could use.

    Raises
    ------
    UsageError
        When the name is unknown.
    InferenceError
        When the requested device is not available.
    """
    if requested not in DEVICES:
        raise UsageError(f"Device '{requested}' is unknown; choose one of {', '.join(DEVICES)}.")
    if requested == "cpu":
        return _choose_cpu(worded("the CPU was requested"))
    if requested == "intel-gpu":
        return _choose_intel_gpu()
    gpus = _torch_gpus()
    if requested in {"cuda", "mps"}:
        if requested not in gpus:
            raise InferenceError(
                "Device '{requested}' cannot be used: {reason}. Use another device (--device "
                "cpu or auto).",
                requested=requested,
                reason=_why_no_gpu(),
            )
        return DeviceChoice(
            requested,
            "torch",
            "f32",
            worded("Computing on {device}, as requested.", device=_names()[requested]),
        )
    for device in ("cuda", "mps"):
        if device in gpus:
            return DeviceChoice(
                device, "torch", "f32", worded("Computing on {device}.", device=_names()[device])
            )
    return _choose_cpu(_why_no_gpu())


def unused_gpu() -> str:
    """Return a sentence about a GPU that cannot be used without PyTorch; empty if there is none."""
    reason = _missing_torch()
    return worded("Computing on the CPU: {reason}.", reason=reason) if reason else ""


def is_installed(package: str) -> bool:
    """Return whether a package is installed, without importing it."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def load_backend(choice: DeviceChoice, configuration: ModelConfiguration) -> Backend:
    """Load the weights and return the backend of the chosen device.

    Raises
    ------
    ModelError
        When a weights file is missing, damaged, or does not match the networks.
    InferenceError
        When the device cannot be used.
    """
    if choice.backend == "openvino":
        from spineviewer.inference.backends.openvino_backend import (
            OpenVinoBackend,
            supports_bf16,
            supports_int8,
        )

        allowed = configuration.cpu_precision
        can_compute = {"bf16": supports_bf16, "int8": supports_int8}.get(allowed, lambda: False)
        is_fast = choice.device == "cpu" and can_compute()
        return OpenVinoBackend(
            configuration, device=choice.device, precision=allowed if is_fast else choice.precision
        )
    from spineviewer.inference.backends.torch_backend import TorchBackend

    is_half = choice.device == "cuda" and configuration.cpu_precision != "f32"
    return TorchBackend(
        configuration, device=choice.device, precision="f16" if is_half else choice.precision
    )


def precision_note(backend: Backend, configuration: ModelConfiguration) -> str:
    """Return a sentence about the precision; empty if the model allows only full precision.

    Choice: where the model allows bf16 (8 significant bits) or int8, CUDA computes in f16 (11
    bits). This has not been tested.
    """
    allowed = configuration.cpu_precision
    if allowed == "f32":
        return ""
    identity = backend.identity
    if identity.precision == "f32":
        reason: str = ""
        if identity.device == "cpu":
            reason = worded(
                ": this processor does not support {precision} natively", precision=allowed
            )
        return worded("In full precision (f32){reason}.", reason=reason)
    if identity.precision.startswith("int8"):
        return worded(
            "In 8-bit precision (int8), which is practically as accurate with these weights."
        )
    return worded(
        "In half precision ({precision}), which is practically as accurate with these weights.",
        precision=identity.precision,
    )


def _choose_cpu(reason: str) -> DeviceChoice:
    backend = next((known for known in ("openvino", "torch") if is_installed(known)), None)
    if backend is None:
        raise InferenceError(
            "OpenVINO is missing: the installation is incomplete. Install Spineviewer again."
        )
    return DeviceChoice(
        "cpu", backend, "f32", worded("Computing on the CPU: {reason}.", reason=reason)
    )


def _choose_intel_gpu() -> DeviceChoice:
    if is_installed("openvino"):
        from spineviewer.inference.backends.openvino_backend import openvino_devices

        if "intel-gpu" in openvino_devices():
            return DeviceChoice(
                "intel-gpu", "openvino", "f32", worded("Computing on Intel graphics, as requested.")
            )
    raise InferenceError(
        "Device 'intel-gpu' cannot be used: OpenVINO finds no Intel graphics on this computer. Use "
        "another device (--device cpu or auto)."
    )


def _torch_gpus() -> tuple[str, ...]:
    if not is_installed("torch") or not (_has_nvidia_driver() or _is_apple_silicon()):
        return ()
    from spineviewer.inference.backends.torch_backend import torch_devices

    return torch_devices()


def _missing_torch() -> str:
    """Return which GPU lacks PyTorch, as part of a sentence; empty if none does."""
    if is_installed("torch"):
        return ""
    for is_present, device in ((_has_nvidia_driver, "cuda"), (_is_apple_silicon, "mps")):
        if is_present():
            return worded(
                "{device} needs PyTorch, which is not installed (install the Spineviewer package "
                "with PyTorch, or run pip install torch)",
                device=_names()[device],
            )
    return ""


def _why_no_gpu() -> str:
    if reason := _missing_torch():
        return reason
    if _has_nvidia_driver():
        return worded(
            "there is an NVIDIA driver, but the installed PyTorch is built without CUDA or finds "
            "no GPU"
        )
    if _is_apple_silicon():
        return worded("the installed PyTorch does not support MPS")
    return worded("there is no NVIDIA GPU and no Apple GPU")


def _has_nvidia_driver() -> bool:
    for name in _NVIDIA_DRIVERS:
        with suppress(OSError):
            ctypes.CDLL(name)
            return True
    return False


def _is_apple_silicon() -> bool:
    return platform.system() == "Darwin" and platform.machine() == "arm64"


def _names() -> dict[str, str]:
    return {"cuda": worded("the NVIDIA GPU (CUDA)"), "mps": worded("the Apple GPU (MPS)")}
