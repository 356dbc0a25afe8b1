"""Compile the inner loops once, so that the first scan does not wait for it.

numba stores compiled code on disk. An installation does this with ``spineviewer prepare``;
otherwise, the first process that needs the loops compiles them.
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
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.labelling.partition import one_piece_each
from spineviewer.model import PreprocessSettings
from spineviewer.preprocess import diffused
from spineviewer.progress import JobProgress, Progress
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.outline import isoline, outline
from spineviewer.volume.pixels import warm_up_pixels
from spineviewer.volume.resample import resampled
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

#: Modules that the window's own jobs would otherwise import at first use: to store, compare,
#: correct and export masks.
_LATER = (
    "isal.igzip",
    "spineviewer.app.stored_results",
    "spineviewer.agreement",
    "nibabel",
    "pydicom",
    "spineviewer.io.write.export",
)


def compile_inner_loops() -> None:
    """Run every compiled function on a tiny scan, with the types and layouts of real ones."""
    quiet = JobProgress()
    grid = Geometry((8, 20, 20), (1.3, 0.9, 0.9), (0.0, 0.0, 0.0))
    volume = CtVolume(
        np.zeros(grid.shape_zyx, np.int16),
        grid,
        ScanSource(Path(), ScanFormat.MEMORY, grid, AxisOrder()),
    )
    smooth = diffused(volume.hu, grid, PreprocessSettings(), threads=1, progress=quiet)
    resampled(smooth, grid, threads=1, progress=quiet)
    working = working_geometry(grid)
    rows, columns, slices = working.shape_zyx
    probability = ProbabilityMap(
        np.zeros(working.shape_zyx, np.uint16), np.ones(slices, np.bool_), working, grid
    )
    logits = np.zeros((slices + 2, rows + 2, columns + 2), np.float32)
    store_probabilities(logits[1:-1, 1:-1, 1:-1], probability.values[:, :, 0:slices])
    fusion = Fusion(
        AttentionMap(np.full(attention_shape(grid), 0.5, np.float32), grid), probability
    )
    tuning = Tuning(0.1, 2.0, 0.4)
    for axis in range(3):
        outline(fusion.mask_plane(axis, 0, tuning))
        isoline(fusion.attention_plane(axis, 0, tuning.sigma_mm), tuning.attention_threshold)
    fusion.reached_columns(tuning)
    fusion.attention_volume(tuning.sigma_mm)
    fusion.attention_on(one_pixel(), tuning.sigma_mm)
    fusion.smooth_attention_on(one_pixel(), tuning.sigma_mm)
    warm_up_sampling()
    warm_up_pixels()
    fusion.probability_volume()
    fusion.mask(tuning)


def load_inner_loops_of_views() -> None:
    """Compile the loops that the window itself needs, before the first results arrive."""
    grid = Geometry((8, 20, 20), (1.3, 0.9, 0.9), (0.0, 0.0, 0.0))
    working = working_geometry(grid)
    probability = ProbabilityMap(
        np.full(working.shape_zyx, 65535, np.uint16),
        np.ones(working.shape_zyx[2], np.bool_),
        working,
        grid,
    )
    fusion = Fusion(
        AttentionMap(np.full(attention_shape(grid), 0.5, np.float32), grid), probability
    )
    tuning = Tuning(0.1, 2.0, 0.4)
    for axis in range(3):
        outline(fusion.mask_plane(axis, 0, tuning))
        isoline(fusion.attention_plane(axis, 0, tuning.sigma_mm), tuning.attention_threshold)
    fusion.smooth_attention_on(one_pixel(), tuning.sigma_mm)
    warm_up_sampling()
    warm_up_pixels()
    fusion.reached_columns(tuning)
    fusion.mask(tuning)


def load_ahead(progress: Progress) -> None:
    """Import in advance what the window's own jobs will need.

    Loading a library holds the interpreter lock, so doing it later would block the window.
    """
    load_inner_loops_of_views()
    for name in _LATER:
        progress.step("load", 0.0)
        importlib.import_module(name)


def prepare() -> None:
    """Compile every loop of the program, and record that nothing is left to compile."""
    compile_inner_loops()
    load_inner_loops_of_views()
    _name_a_spine_of_boxes()
    note_prepared()


def main(argv: Sequence[str]) -> int:
    """Compile all loops, as installers do once; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="spineviewer prepare",
        description="Prepare the program for this computer, so that the first scan is as fast "
        "as later ones. Installers run this once.",
    )
    parser.parse_args(argv)
    started = time.monotonic()
    prepare()
    if not getattr(sys, "frozen", False):  # a frozen build has compiled all modules
        compileall.compile_dir(Path(spineviewer.__path__[0]), quiet=1)
    sys.stderr.write(f"Spineviewer is prepared ({time.monotonic() - started:.0f} s).\n")
    return 0


def _name_a_spine_of_boxes() -> None:
    """Run islands and naming on four boxes with one spinous process each, in voxels of 1 mm."""
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
    label_vertebrae(SpineMask(bone, grid), probability, CtVolume(hu, grid, source))
    numbers = np.repeat(np.array([1, 1, 2, 2], np.uint8), 16).reshape(4, 4, 4)
    numbers[3, 0, 0] = 1  # a detached part, which the boxes do not have
    one_piece_each(numbers, 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
