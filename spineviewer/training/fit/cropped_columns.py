"""Vertebral columns in random crops of cases, to calibrate the probabilities of names."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.device import choose_device, load_backend
from spineviewer.labelling.chain import ChainPrior
from spineviewer.labelling.column import Column, find_column
from spineviewer.labelling.straightened import BACK_MM, LEFT_MM
from spineviewer.model import ModelConfiguration
from spineviewer.progress import JobProgress
from spineviewer.training.evaluation.reference_case import (
    ReferenceCase,
    read_reference,
    run_networks,
)
from spineviewer.training.evaluation.study import cropped
from spineviewer.training.fit.cases import case_folders
from spineviewer.training.fit.numbered_spines import SAME_PATIENT, along_line
from spineviewer.volume.levels import VERSE_ORDER

#: Minimum and maximum number of vertebrae in a crop.
_MIN, _MAX = 4, 12
#: Maximum distance by which a crop extends beyond its vertebrae.
_BEYOND_MM = 25.0
#: A segment with fewer labelled voxels than this in its middle has no known level.
_MIN_MIDDLE_VOXELS = 50


@dataclass(frozen=True, eq=False)
class CroppedColumn:
    """The vertebral column that the program finds in a crop, with its true levels.

    Attributes
    ----------
    levels
        int64, shape (segments,): index into `LEVEL_NAMES`, -1 where it is not known.
    is_whole
        bool, shape (segments,): whether the vertebra is completely inside the crop.
    """

    patient: str
    column: Column
    levels: NDArray[np.int64]
    is_whole: NDArray[np.bool_]


def cropped_columns(
    data: Path, configuration: ModelConfiguration, prior: ChainPrior, crops_per_case: int
) -> Iterator[CroppedColumn]:
    """Yield the columns that the program finds in random crops of the cases in a data folder.

    Only cases with numbered vertebrae are used. Each crop is segmented on its own, because the
    networks see less context near the end of a scan than in its middle.
    """
    backend = load_backend(choose_device("cpu"), configuration)
    for folder in case_folders(data):
        case = read_reference(folder)
        if int(case.labels.max()) <= 1:
            continue
        for slices in random_crops(case, crops_per_case):
            part = cropped(case, slices)
            fusion = run_networks(part.scan, backend, configuration.preprocessing)
            assert fusion.probability is not None
            mask = fusion.mask(configuration.defaults)
            column = find_column(mask, fusion.probability, part.scan, prior, JobProgress())
            if column is not None:
                levels, is_whole = true_levels(column, part)
                patient = SAME_PATIENT.get(case.name, case.name)
                yield CroppedColumn(patient, column, levels, is_whole)


def random_crops(case: ReferenceCase, crops_per_case: int) -> list[slice]:
    """Return random ranges of axial slices with 4 to 12 whole vertebrae.

    The same case and `crops_per_case` always give the same ranges.
    """
    rng = np.random.default_rng(zlib.crc32(case.name.encode()))
    present = [label for label in VERSE_ORDER if (case.labels == label).any()]
    reach = {label: np.flatnonzero((case.labels == label).any(axis=(1, 2))) for label in present}
    most, step_mm = min(_MAX, len(present)), case.scan.geometry.spacing_zyx_mm[0]
    chosen: dict[tuple[int, int], None] = {}
    for _ in range(20 * crops_per_case if most >= _MIN else 0):
        size = int(rng.integers(_MIN, most + 1))
        first = int(rng.integers(0, len(present) - size + 1))
        above, below = (int(beyond / step_mm) for beyond in rng.uniform(0, _BEYOND_MM, 2))
        low = int(reach[present[first + size - 1]][0]) - below
        high = int(reach[present[first]][-1]) + 1 + above
        chosen[max(0, low), min(len(case.labels), high)] = None
        if len(chosen) == crops_per_case:
            break
    return [slice(low, high) for low, high in chosen]


def true_levels(column: Column, case: ReferenceCase) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the level of each segment, and whether the scan shows all of that vertebra.

    The level is that of most voxels in the segment's middle; -1 if there are too few. The arrays
    are int64 and bool, both of shape (segments,).
    """
    labels = case.labels.astype(np.uint8)
    if case.ignored is not None:
        labels[case.ignored] = 0
    touched = set(np.unique(labels[[0, -1]]).tolist())
    along = along_line(labels, case.scan.geometry.spacing_zyx_mm, column.axis.line)
    off = np.hypot(BACK_MM[:, None], LEFT_MM[None])
    levels = np.full(len(column), -1, np.int64)
    is_whole = np.zeros(len(column), np.bool_)
    for number, (first, last) in enumerate(zip(column.edges[:-1], column.edges[1:], strict=True)):
        radius = float(column.discs.radius_mm[(first + last) // 2])
        middle = along[first:last][:, off < 0.5 * radius]
        counts = np.bincount(middle.ravel(), minlength=2)
        counts[:2] = 0  # C1 surrounds the dens
        if counts.sum() >= _MIN_MIDDLE_VOXELS:
            label = int(counts.argmax())
            levels[number] = VERSE_ORDER.index(label)
            is_whole[number] = label not in touched
    return levels, is_whole
