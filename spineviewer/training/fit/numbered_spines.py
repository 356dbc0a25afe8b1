"""Spines with known numbers, measured along their centre line: training data for labelling."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.inference.device import choose_device, load_backend
from spineviewer.labelling.axis import body_axis, straight_above_c3
from spineviewer.labelling.column import (
    disc_plane,
    joint_map,
    partial_segments,
    straightened,
    working_mask,
)
from spineviewer.labelling.cues import column_ends, rib_areas
from spineviewer.labelling.disc_evidence import DiscEvidence, disc_evidence
from spineviewer.labelling.disc_planes import DiscPlane
from spineviewer.labelling.features import level_features
from spineviewer.labelling.straightened import BACK_MM, LEFT_MM
from spineviewer.model import ModelConfiguration
from spineviewer.progress import JobProgress
from spineviewer.training.evaluation.reference_case import read_reference, run_networks
from spineviewer.training.fit.cases import case_folders
from spineviewer.training.synthetic.label_sources import read_label_volume
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.geometry import Geometry, Triple, index_triple
from spineviewer.volume.levels import VERSE_ORDER
from spineviewer.volume.resample import resample_to_working
from spineviewer.volume.volume import PROBABILITY_SCALE, CtVolume, ProbabilityMap, SpineMask
from spineviewer.volume.working_grid import working_geometry

Floats = NDArray[np.float64]

#: A vertebra with no more voxels than this in the middle of the column is a fragment.
_MIN_MIDDLE_VOXELS = 50
#: VerSe numbers of C1 and C2.
_ATLAS, _AXIS = 1, 2
#: Patient of each case or label map of patients who have several. Other patients are named after
#: their only case or map.
SAME_PATIENT = {
    "acrin-flt-breast-001-lower": "acrin-flt-breast-001",
    "acrin-flt-breast-001-upper": "acrin-flt-breast-001",
    "lidc-0001": "lidc-0001",
    "lidc0001-full": "lidc-0001",
    "totalsegmentator-example": "ts-example",
}


@dataclass(frozen=True, eq=False)
class NumberedSpine:
    """A mask, a probability map and a CT as input of the labelling stage, with the true numbers.

    Attributes
    ----------
    numbers
        uint8 VerSe numbers on the scan's grid; 0 where there is none or it is not trusted.
    scan
        None if there is no CT.
    """

    name: str
    mask: SpineMask
    probability: ProbabilityMap
    numbers: NDArray[np.uint8]
    scan: CtVolume | None

    @property
    def patient(self) -> str:
        """Name of the patient, the same for all of the patient's scans."""
        return SAME_PATIENT.get(self.name, self.name)


@dataclass(frozen=True, eq=False)
class MeasuredSpine:
    """A numbered spine, sampled along its centre line.

    Attributes
    ----------
    labels
        uint8, shape (stations, back, left): VerSe numbers.
    levels
        VerSe numbers of the vertebrae in view, from the head down.
    edges
        int64, shape (levels + 1,): stations between the levels, and at both ends.
    planes
        Planes of the discs between the levels.
    is_partial
        bool, shape (levels,): whether the scan cuts the vertebra off.
    features
        float64, shape (levels, features); NaN for partial vertebrae.
    """

    name: str
    patient: str
    line: CentreLine
    discs: DiscEvidence
    labels: NDArray[np.uint8]
    levels: tuple[int, ...]
    edges: NDArray[np.int64]
    planes: tuple[DiscPlane, ...]
    is_partial: NDArray[np.bool_]
    features: Floats


def spines_of_cases(data: Path, configuration: ModelConfiguration) -> Iterator[NumberedSpine]:
    """Yield the cases with numbered vertebrae of a data folder, with the networks' masks."""
    backend = load_backend(choose_device("cpu"), configuration)
    for folder in case_folders(data):
        case = read_reference(folder)
        if int(case.labels.max()) <= 1:
            continue
        fusion = run_networks(case.scan, backend, configuration.preprocessing)
        assert fusion.probability is not None
        numbers = case.labels.astype(np.uint8)
        if case.ignored is not None:
            numbers[case.ignored] = 0
        yield NumberedSpine(
            case.name, fusion.mask(configuration.defaults), fusion.probability, numbers, case.scan
        )


def spines_of_label_maps(folder: Path) -> Iterator[NumberedSpine]:
    """Yield the spines of label maps, as if a perfect network had segmented them."""
    for source in sorted(path for path in folder.iterdir() if (path / "mask.nii.gz").is_file()):
        volume = read_label_volume(source)
        numbers = volume.numbers
        if len(np.unique(numbers)) < 3:
            continue
        yield spine_of_numbers(source.name, numbers, volume.spacing_zyx_mm)


def spine_of_numbers(
    name: str, numbers: NDArray[np.uint8], spacing_zyx_mm: Triple
) -> NumberedSpine:
    """Return the spine of a label map, without a CT.

    `numbers` is uint8, shape (z, y, x): VerSe numbers.
    """
    grid = Geometry(index_triple(numbers.shape), spacing_zyx_mm, (0.0, 0.0, 0.0))
    fraction = resample_to_working(
        np.where(numbers > 0, np.int16(1000), np.int16(0)), grid, threads=1, progress=JobProgress()
    )
    values = np.ascontiguousarray(fraction.astype(np.float32) * (PROBABILITY_SCALE / 1000)).astype(
        np.uint16
    )
    working = working_geometry(grid)
    probability = ProbabilityMap(values, np.ones(working.shape_zyx[2], np.bool_), working, grid)
    return NumberedSpine(name, SpineMask(numbers > 0, grid), probability, numbers, None)


def measured(spine: NumberedSpine) -> MeasuredSpine | None:
    """Return a numbered spine measured as in the labelling stage, but with the true borders.

    None if no centre line or no end of the column is found, or fewer than two levels are in view.
    """
    working = working_mask(spine.mask)
    axis = body_axis(working)
    if axis is None:
        return None
    around = straightened(working, spine.probability, spine.scan, axis)
    discs = disc_evidence(around, axis.radius_mm)
    ends = column_ends(around, discs)
    labels = along_line(spine.numbers, spine.mask.geometry.spacing_zyx_mm, axis.line)
    levels, edges = true_edges(labels, discs.radius_mm)
    if ends is None or len(levels) < 2:
        return None
    line = axis.line
    if levels[0] == _AXIS and (labels == _ATLAS).any():
        line = straight_above_c3(line, int(edges[1]), working)
        labels = along_line(spine.numbers, spine.mask.geometry.spacing_zyx_mm, line)
    joint = joint_map(working, spine.probability)
    planes = [disc_plane(discs, int(edge), joint, working.origin_zyx, line) for edge in edges[1:-1]]
    is_partial = partial_segments(edges, ends)
    features = level_features(around.mask, edges, discs.radius_mm, rib_areas(around))
    features[is_partial] = np.nan
    return MeasuredSpine(
        spine.name,
        spine.patient,
        line,
        discs,
        labels,
        levels,
        edges,
        tuple(planes),
        is_partial,
        features,
    )


def along_line(
    numbers: NDArray[np.uint8], spacing_zyx_mm: Triple, line: CentreLine
) -> NDArray[np.uint8]:
    """Return the numbers of the voxels around a line; 0 outside the scan.

    `numbers` is uint8, shape (z, y, x); the result is uint8, shape (stations, back, left).
    """
    out = np.zeros((len(line.points_mm), len(BACK_MM), len(LEFT_MM)), np.uint8)
    aside = (
        BACK_MM[None, :, None, None] * line.back[:, None, None]
        + LEFT_MM[None, None, :, None] * line.left[:, None, None]
    )
    index = np.rint(
        (line.points_mm[:, None, None] + aside) / np.array(spacing_zyx_mm) - 0.5
    ).astype(np.int64)
    inside = ((index >= 0) & (index < np.array(numbers.shape))).all(axis=-1)
    z, y, x = np.moveaxis(index[inside], -1, 0)
    out[inside] = numbers[z, y, x]
    return out


def true_edges(
    labels: NDArray[np.uint8], radius_mm: Floats
) -> tuple[tuple[int, ...], NDArray[np.int64]]:
    """Return the levels in view, from the head down, and the stations between them.

    An edge is placed where the fewest voxels are on the wrong side. C1 is left out, because it
    surrounds the dens. `labels` is uint8, shape (stations, back, left); edges are int64, shape
    (levels + 1,).
    """
    off = np.hypot(BACK_MM[:, None], LEFT_MM[None])
    middle = off[None] < 0.5 * radius_mm[:, None, None]
    counts = {
        number: ((labels == number) & middle).sum(axis=(1, 2))
        for number in VERSE_ORDER
        if number != 1
    }
    levels = tuple(number for number, count in counts.items() if count.sum() > _MIN_MIDDLE_VOXELS)
    if not levels:
        return (), np.zeros(0, np.int64)
    edges = [int(np.flatnonzero(counts[levels[0]])[0])]
    for upper, lower in itertools.pairwise(levels):
        below = np.concatenate([np.cumsum(counts[upper][::-1])[::-1], [0]])
        above = np.concatenate([[0], np.cumsum(counts[lower])])
        wrong = below + above
        edges.append(round(float(np.flatnonzero(wrong == wrong.min()).mean())))
    edges.append(int(np.flatnonzero(counts[levels[-1]])[-1]) + 1)
    return levels, np.array(edges, np.int64)
