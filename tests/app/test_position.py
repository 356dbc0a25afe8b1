"""Side and position in the whole pipeline, tested with networks that echo their input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.app.pipeline import Segmenter
from spineviewer.fusion import Fusion
from spineviewer.fusion.operators import LAYERS_ABOVE
from spineviewer.inference.backends.backend import BackendIdentity, KeepGoing, SweepStep
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import ATTENTION_CELL_MM, CtVolume, ScanFormat, ScanSource


class Echo:
    """Networks whose attention is the mean of a cell, and whose probability follows each voxel."""

    identity = BackendIdentity("echo", "cpu", "f32")
    memory_bytes = 200_000
    bytes_per_voxel = 1
    slices_at_once = 2
    ready_size = None
    is_concurrent = False
    compile_seconds = 0.0

    def attention_logits(
        self, slices: NDArray[np.float32], keep_going: KeepGoing
    ) -> NDArray[np.float32]:
        count, rows, columns = slices.shape
        means = (
            slices.reshape(count, rows // 16, 16, columns // 16, 16)
            .mean(axis=(2, 4))
            .clip(1e-6, 1 - 1e-6)
        )
        return np.asarray(np.log(means / (1 - means)))

    def segmentation_logits(
        self, step: SweepStep, keep_going: KeepGoing
    ) -> tuple[NDArray[np.float32], Any]:
        count = len(step.valid_slices)
        return (step.slices[2 : 2 + count] - np.float32(0.5)) * 20, None


def centre_mm(weights: NDArray[Any], geometry: Geometry) -> NDArray[np.float64]:
    """Return the centre of mass in the patient."""
    sums = [weights.sum(axis=tuple(a for a in range(3) if a != axis)) for axis in range(3)]
    index = [float((line * np.arange(line.size)).sum() / weights.sum()) for line in sums]
    return geometry.point_lps_mm(index)


@pytest.mark.usefixtures("with_tiny_models")
@pytest.mark.parametrize("spacing", [(2.1, 1.3, 0.9), (1.0, 0.7, 0.7), (0.6, 0.9, 3.0)])
def test_carried_features_return_to_their_positions(
    spacing: tuple[float, float, float],
) -> None:
    shape = tuple(int(extent / step) for extent, step in zip((150, 120, 100), spacing, strict=True))
    angle = np.radians(12)
    c, s = float(np.cos(angle)), float(np.sin(angle))
    geometry = Geometry(
        (shape[0], shape[1], shape[2]),
        spacing,
        (40.0, -20.0, 310.0),
        ((0, 0, 1), (-s, c, 0), (c, s, 0)),
    )
    block = tuple(
        slice(int(first / step), int(last / step))
        for first, last, step in zip((30, 20, 55), (80, 50, 90), spacing, strict=True)
    )
    hu = np.full(geometry.shape_zyx, -1000, np.int16)
    hu[block] = 1300
    truth = hu > 0
    volume = CtVolume(
        hu, geometry, ScanSource(Path("block"), ScanFormat.MEMORY, geometry, AxisOrder())
    )
    segmenter = Segmenter("cpu")
    segmenter.backend = Echo()
    result = segmenter.segment(volume)
    fusion = Fusion(result.attention, result.probability)
    found = fusion.probability_volume() > 0.5
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.9
    assert np.abs(centre_mm(found, geometry) - centre_mm(truth, geometry)).max() < 0.5
    attention = fusion.extended.volume(0.0)
    assert attention.max() > 0.9
    # The fusion repeats the upper end in the cells above, so the centre is half as far up.
    upwards = np.array([0.0, 0.0, LAYERS_ABOVE * ATTENTION_CELL_MM[0] / 2])
    off = centre_mm(attention, geometry) - centre_mm(truth, geometry) - upwards
    assert np.abs(off).max() < 2.0
