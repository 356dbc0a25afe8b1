"""The value ranges of the segmentation network's maps, from which int8 gets its scale."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.backends.openvino_backend import RecordingBackend
from spineviewer.inference.localise import localise
from spineviewer.inference.segment import empty_probability, segment, slice_interest
from spineviewer.model import ModelConfiguration, PreprocessSettings
from spineviewer.preprocess import WorkingVolume
from spineviewer.progress import Progress

#: Choice: number of sagittal slices of each scan that are used, around the one with the most
#: attention.
_SLICES = 16
#: Number of steps into which int8 divides a range.
_STEPS = 255
#: Possible limits, as fractions of the largest value.
_LIMIT_FRACTIONS = np.geomspace(1.0, 0.1, 47)
#: Choice: number of significant digits stored; more have no effect.
_DIGITS = 4


def activation_ranges(
    scans: Iterable[WorkingVolume],
    configuration: ModelConfiguration,
    *,
    settings: PreprocessSettings,
    progress: Progress,
) -> dict[str, tuple[float, ...]]:
    """Return, for each map, the upper limit with the smallest rounding and clipping error.

    The error is summed over all scans. There is one limit per map, or one per channel
    (`segmentation_graph.has_own_limits`).

    Raises
    ------
    ModelError
        When the weights cannot be used.
    InferenceError
        When a scan does not fit into memory.
    """
    backend = RecordingBackend(configuration)
    for working in scans:
        slices = working.geometry.shape_zyx[2]
        interest = slice_interest(
            localise(working, backend, settings=settings, progress=progress), slices
        )
        segment(
            working,
            backend,
            known=empty_probability(working),
            wanted=_most_interesting(interest),
            interest=np.ones(slices),
            settings=settings,
            progress=progress,
            on_chunk=lambda _: None,
        )
    return {
        name: tuple(float(f"{best_limit(values):.{_DIGITS}g}") for values in parts)
        for name, parts in sorted(backend.seen.items())
    }


def best_limit(values: NDArray[np.float32]) -> float:
    """Return the upper limit for which 255 steps from 0 give the smallest error.

    The error is the sum of the squared differences that rounding and clipping cause. `values` is
    float32, shape (n,); the limit is 0 if none of them is positive.
    """
    highest = float(values.max(initial=0.0))
    if highest <= 0:
        return 0.0
    return min(
        (highest * float(fraction) for fraction in _LIMIT_FRACTIONS),
        key=lambda limit: _squared_error(values, limit),
    )


def _squared_error(values: NDArray[np.float32], limit: float) -> float:
    step = np.float32(limit / _STEPS)
    rounded = np.minimum(np.round(values / step), np.float32(_STEPS)) * step
    return float(np.square(rounded - values, dtype=np.float64).sum())


def _most_interesting(interest: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return a run of slices around the one with the most attention."""
    first = int(np.clip(interest.argmax() - _SLICES // 2, 0, max(0, len(interest) - _SLICES)))
    chosen = np.zeros(len(interest), np.bool_)
    chosen[first : first + _SLICES] = True
    return chosen
