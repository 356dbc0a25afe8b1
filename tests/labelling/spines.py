"""Spines of simple solids whose numbers, cuts and names are known by construction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.priors import load_fitted
from spineviewer.labelling.separation import usual_lengths
from spineviewer.progress import JobProgress
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.resample import resample_to_working
from spineviewer.volume.volume import (
    PROBABILITY_SCALE,
    CtVolume,
    ProbabilityMap,
    ScanFormat,
    ScanSource,
    SpineMask,
)
from spineviewer.volume.working_grid import working_geometry

THORACOLUMBAR = ["T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5"]


@dataclass(frozen=True, eq=False)
class SolidSpine:
    """A scan and its truth."""

    mask: SpineMask
    probability: ProbabilityMap
    scan: CtVolume
    numbers: NDArray[np.uint8]


def solid_spine(
    names: list[str],
    *,
    scale: float = 1.0,
    margin_mm: int = 20,
    with_ribs: bool = True,
    with_sacrum: bool = False,
    with_skull: bool = False,
) -> SolidSpine:
    """A straight spine on a 1 mm grid: each level a cylinder with arch and processes."""
    lengths = usual_lengths(load_fitted().chain)
    levels = [LEVEL_NAMES.index(name) for name in names]
    heights = [round(float(lengths[level]) * scale) for level in levels]
    above, below = margin_mm, margin_mm + (40 if with_sacrum else 0)
    depth, width = 130, 110
    nz = sum(heights) + above + below
    numbers = np.zeros((nz, depth, width), np.uint8)
    hu = np.full(numbers.shape, 40, np.int16)
    y, x = np.mgrid[0:depth, 0:width]
    back, left = y - 40, x - width // 2
    top = nz - above  # z increases towards the head
    for level, height in zip(levels, heights, strict=True):
        radius = float(load_fitted().shape.mean[load_fitted().shape.names.index("radius"), level])
        disc = max(2, round(0.16 * height))
        z = slice(top - height + disc // 2, top - disc // 2)
        body = back**2 + left**2 < radius**2
        arch = (np.abs(np.hypot(back - radius - 8, left) - 11) < 3) & (back > radius * 0.8)
        numbers[z, body] = VERSE_ORDER[level]
        lamina = slice(top - round(0.8 * height), top - round(0.3 * height))
        numbers[lamina, arch] = VERSE_ORDER[level]
        spine = (np.abs(left) < 4) & (back > radius + 17) & (back < radius + 35)
        numbers[lamina, spine] = VERSE_ORDER[level]
        reach = (np.abs(left) < radius + 14) & (np.abs(back - radius - 6) < 4)
        wing = slice(top - round(0.65 * height), top - round(0.4 * height))
        numbers[wing, reach] = VERSE_ORDER[level]
        if with_ribs and 7 <= level <= 18:
            rib = (
                (np.abs(left) > radius + 15)
                & (np.abs(left) < radius + 24)
                & (np.abs(back - radius) < 8)
            )
            hu[slice(top - round(0.6 * height), top - 2), rib] = 500
        top -= height
    if with_sacrum:
        hu[margin_mm : top - 3, (back**2 + left**2 < 22**2)] = 400
        hu[margin_mm : top - 3, (np.abs(left) < 45) & (np.abs(back) < 12)] = 400
    if with_skull:
        hu[nz - above + 2 :, :, np.abs(left[0]) > 25] = 400
    hu[numbers > 0] = 400
    return spine_of(numbers, hu, (1.0, 1.0, 1.0))


def bent(spine: SolidSpine, *, left_mm: float = 0.0, back_mm: float = 0.0) -> SolidSpine:
    """The spine with its middle bent to the left and to the back by up to these distances."""
    shape = np.array(spine.numbers.shape)
    most = (0, abs(round(back_mm)), abs(round(left_mm)))
    numbers, hu = (np.pad(a, [(0, n) for n in most]) for a in (spine.numbers, spine.scan.hu))
    for z in range(shape[0]):
        share = np.sin(np.pi * z / shape[0])
        by = (round(share * back_mm), round(share * left_mm))
        numbers[z], hu[z] = (np.roll(values[z], by, (0, 1)) for values in (numbers, hu))
    return spine_of(numbers, hu, (1.0, 1.0, 1.0))


def spine_of(
    numbers: NDArray[np.uint8], hu: NDArray[np.int16], spacing: tuple[float, float, float]
) -> SolidSpine:
    """Return mask, probability and scan of numbered voxels in canonical order."""
    shape = (numbers.shape[0], numbers.shape[1], numbers.shape[2])
    grid = Geometry(shape, spacing, (-50.0, -60.0, 100.0))
    share = resample_to_working(
        np.where(numbers > 0, np.int16(1000), np.int16(0)),
        grid,
        threads=1,
        progress=JobProgress(),
    )
    values = (np.ascontiguousarray(share).astype(np.float32) * (PROBABILITY_SCALE / 1000)).astype(
        np.uint16
    )
    working = working_geometry(grid)
    source = ScanSource(Path("solid"), ScanFormat.MEMORY, grid, AxisOrder())
    return SolidSpine(
        SpineMask(numbers > 0, grid),
        ProbabilityMap(values, np.ones(working.shape_zyx[2], np.bool_), working, grid),
        CtVolume(hu, grid, source),
        numbers,
    )


def cut_below(spine: SolidSpine, visible_mm: int, lowest_label: int = 25) -> SolidSpine:
    """The spine in a scan that ends below the first `visible_mm` of its lowest body."""
    lowest = np.flatnonzero((spine.numbers == lowest_label).any(axis=(1, 2)))
    rows = slice(int(lowest[-1]) + 1 - visible_mm, None)
    return spine_of(spine.numbers[rows].copy(), spine.scan.hu[rows].copy(), (1.0, 1.0, 1.0))
