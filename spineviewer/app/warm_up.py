"""Compilation of the inner loops in advance, so that the first scan does not wait for it.

numba stores compiled code on disk. The installation compiles the loops with ``spineviewer
prepare``; otherwise, the first process that needs them does.
"""

from __future__ import annotations

import argparse
import compileall
import importlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import spineviewer
from spineviewer.compiled import note_prepared
from spineviewer.fusion import Fusion, attention_shape
from spineviewer.inference.segment import store_probabilities
from spineviewer.model import PreprocessSettings
from spineviewer.preprocess import diffused
from spineviewer.progress import JobProgress, Progress
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.metal import reduce_metal_streaks
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.outline import isoline, outline
from spineviewer.volume.pixels import warm_up_pixels
from spineviewer.volume.resample import resample_to_working
from spineviewer.volume.ruled import one_pixel
from spineviewer.volume.ruled import warm_up as warm_up_sampling
from spineviewer.volume.volume import (
    PROBABILITY_SCALE,
    AttentionMap,
    CtVolume,
    ProbabilityMap,
    ScanFormat,
    ScanSource,
    SpineMask,
)
from spineviewer.volume.working_grid import working_geometry

_GRID = Geometry((8, 20, 20), (1.3, 0.9, 0.9), (0.0, 0.0, 0.0))
_TUNING = Tuning(0.1, 2.0, 0.4)
#: Modules that the window's own jobs would otherwise import on first use: to store, compare,
#: correct and export masks.
_LATE_IMPORTS = (
    "isal.igzip",
    "spineviewer.app.stored_results",
    "spineviewer.agreement",
    "nibabel",
    "pydicom",
    "spineviewer.io.write.export",
)


def warm_up_segmenting() -> None:
    """Run the compiled functions of the worker process on a tiny scan, with the actual types."""
    progress = JobProgress()
    hu = np.zeros(_GRID.shape_zyx, np.int16)
    smooth = diffused(hu, _GRID, PreprocessSettings(), threads=1, progress=progress)
    resample_to_working(smooth, _GRID, threads=1, progress=progress)
    metal = np.zeros((1, 128, 128), np.int16)
    metal[:, 62:66], metal[:, 62:66, 62:66] = 350, 3000  # a streak through metal
    reduce_metal_streaks(metal, 2000, threads=1, progress=progress)
    fusion = _tiny_fusion()
    assert fusion.probability is not None
    values = fusion.probability.values
    logits = np.zeros([size + 2 for size in (values.shape[2], *values.shape[:2])], np.float32)
    store_probabilities(logits[1:-1, 1:-1, 1:-1], values[:, :, 0 : values.shape[2]])
    fusion.extended.needed_slices(_TUNING)


def warm_up_views() -> None:
    """Run the compiled functions that the window itself needs, before the first results arrive."""
    fusion = _tiny_fusion()
    for axis in range(3):
        outline(fusion.mask_plane(axis, 0, _TUNING))
        isoline(fusion.extended.plane(axis, 0, _TUNING.sigma_mm), _TUNING.attention_threshold)
    fusion.extended.on_surface(one_pixel(), _TUNING.sigma_mm)
    warm_up_sampling()
    warm_up_pixels()
    fusion.extended.needed_slices(_TUNING)
    fusion.mask(_TUNING)


def warm_up_maps() -> None:
    """Run the compiled functions that compute whole maps."""
    fusion = _tiny_fusion()
    fusion.extended.volume(_TUNING.sigma_mm)
    fusion.probability_volume()


def import_ahead(progress: Progress) -> None:
    """Compile and import in advance what the window's own jobs will need.

    Loading a library holds the interpreter lock, so doing it later would block the window.
    """
    warm_up_views()
    for name in _LATE_IMPORTS:
        progress.step("load", 0.0)
        importlib.import_module(name)


def prepare() -> None:
    """Compile all loops except those of training and benchmarks, and record that this was done."""
    warm_up_segmenting()
    warm_up_views()
    warm_up_maps()
    _warm_up_vertebrae()
    note_prepared()


def main(argv: Sequence[str]) -> int:
    """Compile the loops, as installers do once; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="spineviewer prepare",
        description="Prepare the program for this computer, so that the first scan is as fast "
        "as later ones. Installers run this once.",
    )
    parser.parse_args(argv)
    started = time.monotonic()
    prepare()
    if not getattr(sys, "frozen", False):  # an installer contains compiled modules
        compileall.compile_dir(Path(spineviewer.__path__[0]), quiet=1)
    sys.stderr.write(f"Spineviewer is prepared ({time.monotonic() - started:.0f} s).\n")
    return 0


def _tiny_fusion() -> Fusion:
    working = working_geometry(_GRID)
    probability = ProbabilityMap(
        np.full(working.shape_zyx, PROBABILITY_SCALE, np.uint16),
        np.ones(working.shape_zyx[2], np.bool_),
        working,
        _GRID,
    )
    cells = np.full(attention_shape(_GRID), 0.5, np.float32)
    return Fusion(AttentionMap(cells, _GRID), probability)


def _warm_up_vertebrae() -> None:
    """Find islands, and name and measure vertebrae: four boxes with spinous processes."""
    from spineviewer.labelling.naming import label_vertebrae
    from spineviewer.labelling.partition import keep_one_piece_each
    from spineviewer.measurements.measure import measure

    grid = Geometry((132, 100, 60), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    bone = np.zeros(grid.shape_zyx, np.bool_)
    for bottom in range(6, 122, 30):
        bone[bottom : bottom + 25, 20:48, 14:46] = True
        bone[bottom + 5 : bottom + 18, 48:85, 26:34] = True
    hu = np.where(bone, np.int16(400), np.int16(40))
    working = working_geometry(grid)
    probability = ProbabilityMap(
        bone.astype(np.uint16) * np.uint16(PROBABILITY_SCALE),
        np.ones(working.shape_zyx[2], np.bool_),
        working,
        grid,
    )
    source = ScanSource(Path(), ScanFormat.MEMORY, grid, AxisOrder())
    attention = AttentionMap(np.full(attention_shape(grid), 0.5, np.float32), grid)
    Fusion(attention, probability).mask(Tuning(0.1, 2.0, 0.4, leaves_out_islands=True))
    scan = CtVolume(hu, grid, source)
    vertebrae = label_vertebrae(SpineMask(bone, grid), probability, scan).vertebrae
    measure(vertebrae, scan, probability)
    numbers = np.repeat(np.array([1, 1, 2, 2], np.uint8), 16).reshape(4, 4, 4)
    numbers[3, 0, 0] = 1  # a detached part, which the boxes do not have
    keep_one_piece_each(numbers, 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
