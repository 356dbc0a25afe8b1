"""Localisation of the spine by running the attention network on every 8th sagittal slice.

Paper: §2.1, Fig. 2.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import InferenceError
from spineviewer.inference.backends.backend import Backend, BackendOutOfMemory
from spineviewer.inference.grid import PLANE_STEP, padded, seen_slices
from spineviewer.model import PreprocessSettings
from spineviewer.preprocess import WorkingVolume, scaled
from spineviewer.progress import Progress
from spineviewer.volume.volume import AttentionMap


def localise(
    working: WorkingVolume, backend: Backend, *, settings: PreprocessSettings, progress: Progress
) -> AttentionMap:
    """Return the attention map of a scan.

    Choice: one pass over each whole slice in air instead of overlapping patches; the network is
    fully convolutional, so the numbers are the same.

    Raises
    ------
    InferenceError
        When there is not enough memory for a single slice.
    """
    slice_indices = seen_slices(working.geometry.shape_zyx[2])
    count = backend.slices_at_once
    maps: list[NDArray[np.float32]] = []
    for start in range(0, len(slice_indices), count):
        fraction = start / len(slice_indices)
        progress.step("attention", fraction)
        slices = _in_air(working, slice_indices[start : start + count], settings)
        try:
            logits = backend.attention_logits(slices, partial(progress.step, "attention", fraction))
        except BackendOutOfMemory as error:
            rows, columns = slices.shape[1:]
            raise InferenceError(
                "There is too little memory to run the attention network on slices of {rows} x "
                "{columns} mm. Close other programs and try again.",
                rows=rows,
                columns=columns,
            ) from error
        maps.extend(1 / (1 + np.exp(-logits)))
    progress.step("attention", 1.0)
    return AttentionMap(
        np.ascontiguousarray(np.stack(maps, axis=-1), dtype=np.float32), working.scan
    )


def _in_air(
    working: WorkingVolume, indices: list[int], settings: PreprocessSettings
) -> NDArray[np.float32]:
    """Return scaled slices (float32, (n, rows, columns)), padded with air to multiples of 16."""
    rows, columns = working.hu.shape[:2]
    slices = np.zeros(
        (len(indices), padded(rows, PLANE_STEP), padded(columns, PLANE_STEP)), np.float32
    )
    for number, index in enumerate(indices):
        slices[number, :rows, :columns] = scaled(working.hu[:, :, index], settings)
    return slices
