"""The record of how a result was computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class RunRecord:
    """How a result was computed; exported files contain part of it.

    Attributes
    ----------
    device, backend, precision, message
        What computed the result, and a sentence saying why the device was chosen.
    weights_hash, model_version
        The weights that were used.
    seconds
        Seconds per stage: diffusion, resample, load, compile (once per slice size; only the time
        for which the scan waited), attention, segmentation, fusion, and any later ones.
    peak_memory_bytes
        Peak memory of the computing process up to the end of the run.
    peak_by_stage
        Peak memory up to the end of each stage, in bytes.
    warnings
        Sentences for the user.
    """

    device: str
    backend: str
    precision: str
    message: str
    weights_hash: str
    model_version: str
    seconds: dict[str, float] = field(default_factory=dict)
    peak_memory_bytes: int = 0
    peak_by_stage: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def with_stage(self, stage: str, seconds: float, warnings: Sequence[str] = ()) -> RunRecord:
        """Return the record with one more stage, its warnings and the peak memory up to its end."""
        from spineviewer.app.peak_memory import peak_memory_bytes

        peak = peak_memory_bytes()
        return replace(
            self,
            seconds={**self.seconds, stage: round(seconds, 3)},
            peak_memory_bytes=peak,
            peak_by_stage={**self.peak_by_stage, stage: peak},
            warnings=(*self.warnings, *warnings),
        )

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the record, by the names that JSON results and exported files use."""
        return {
            "device": self.device,
            "backend": self.backend,
            "precision": self.precision,
            "message": self.message,
            "weights": self.weights_hash,
            "model_version": self.model_version,
            "seconds": dict(self.seconds),
            "peak_memory_bytes": self.peak_memory_bytes,
            "peak_by_stage": dict(self.peak_by_stage),
            "warnings": list(self.warnings),
        }
