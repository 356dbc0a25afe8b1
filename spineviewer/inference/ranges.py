"""What the maps within the segmentation net reach on a scan: the ranges that eight bits are spread over."""

from __future__ import annotations

import numpy as np

from spineviewer.inference.backends.openvino_backend import WatchingBackend
from spineviewer.inference.segment import nothing_computed, segment
from spineviewer.model import ModelConfiguration
from spineviewer.preprocess import PreprocessSettings, WorkingVolume
from spineviewer.progress import Progress

#: Choice: significant digits that are kept; more say nothing.
_DIGITS = 4


def activation_ranges(
    working: WorkingVolume, configuration: ModelConfiguration, *, settings: PreprocessSettings, progress: Progress
) -> dict[str, tuple[float, float]]:
    """Lowest and highest value of each map, over every voxel of a scan.

    Raises
    ------
    ModelError, InferenceError
    """
    backend = WatchingBackend(configuration)
    slices = working.geometry.shape_zyx[2]
    segment(
        working,
        backend,
        known=nothing_computed(working),
        wanted=np.ones(slices, np.bool_),
        interest=np.ones(slices),
        settings=settings,
        progress=progress,
        on_slab=lambda _: None,
    )
    return {name: (_short(low), _short(high)) for name, (low, high) in sorted(backend.ranges.items())}


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
