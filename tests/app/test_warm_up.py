"""Everything that a scan needs is compiled beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numba.core.registry import CPUDispatcher

import spineviewer.fusion.kernels
import spineviewer.inference.segment
import spineviewer.preprocess
import spineviewer.volume.metal
import spineviewer.volume.outline
import spineviewer.volume.resample
from spineviewer.app.pipeline import Segmenter, fuse
from spineviewer.app.warm_up import warm_up_maps, warm_up_segmenting, warm_up_views
from spineviewer.fusion import Fusion
from spineviewer.tuning import Tuning
from spineviewer.volume.outline import isoline, outline
from spineviewer.volume.volume import CtVolume

MODULES = (
    spineviewer.fusion.kernels,
    spineviewer.inference.segment,
    spineviewer.preprocess,
    spineviewer.volume.metal,
    spineviewer.volume.outline,
    spineviewer.volume.resample,
)


def compiled() -> dict[str, set[str]]:
    """Signatures of every compiled function."""
    return {
        f"{module.__name__}.{name}": {str(signature) for signature in value.signatures}
        for module in MODULES
        for name, value in vars(module).items()
        if isinstance(value, CPUDispatcher)
    }


@pytest.mark.usefixtures("with_tiny_models")
def test_a_scan_compiles_nothing_that_the_warm_up_has_not(small_scan: CtVolume) -> None:
    warm_up_segmenting()
    before = compiled()
    assert len(before) > 8
    hu = small_scan.hu.copy()
    hu[5:7, 5:10, 5:10] = 3000
    result = Segmenter().segment(replace(small_scan, hu=hu))
    assert compiled() == before  # all that the worker process runs
    warm_up_views()
    warm_up_maps()
    before = compiled()
    settings = Tuning(0.3, 4.0)
    fuse(result, settings)
    fusion = Fusion(result.attention, result.probability)
    for axis in range(3):
        attention = fusion.extended.plane(axis, 5, 3.0)
        assert np.isfinite(attention).all()
        isoline(attention, 0.3)
        isoline(attention[::-1], 0.3)
        outline(fusion.mask_plane(axis, 5, settings)[::-1])
    fusion.extended.volume(3.0)
    fusion.probability_volume()
    assert compiled() == before
