"""The search for uncertain regions of a mask; the largest of each kind come first.

The search covers only the mask and its surroundings, so its cost depends on the size of the spine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spineviewer.progress import Progress
from spineviewer.volume.boxes import grown
from spineviewer.volume.geometry import Box, IndexTriple
from spineviewer.volume.levels import level_name
from spineviewer.volume.volume import PROBABILITY_SCALE, ProbabilityMap, SpineMask
from spineviewer.volume.working_grid import nearest_scan_index
from spineviewer.wording import formatted_number, mark

if TYPE_CHECKING:
    from spineviewer.labelling.vertebrae import Vertebrae

#: Only pieces smaller than this are listed. Choice: half the arch of a small cervical vertebra.
DETACHED_ML = 1.0
#: Voxels whose probability differs from 0.5 by less than this are uncertain.
UNDECIDED = 0.25
#: Edge length in mm of the blocks in which undecided voxels are counted.
#: Choice: half a vertebral body.
BLOCK_MM = 12
#: Minimum fraction of undecided voxels in an uncertain block.
MIN_FRACTION = 0.2
#: Dense bone rarely reaches this value; cement and metal do. Choice: the cortex of young adults
#: reaches about 1800 HU.
FOREIGN_HU = 2000
FOREIGN_ML = 0.05
#: Foreign bodies and uncertain surfaces within this distance of the mask are listed, measured
#: between the cells of a grid with this edge length.
NEAR_MM, _CELL_MM = 10.0, 4.0
#: Maximum number of regions listed for each kind.
MAX_PER_KIND = 12


class UncertaintyKind(Enum):
    """Why a region is listed; the value is shown to the user."""

    CUT = mark("Cut off at the scan edge")
    LEVEL = mark("Uncertain level")
    FOREIGN = mark("Metal or cement nearby")
    DETACHED = mark("Detached piece")
    SURFACE = mark("Uncertain surface")

    @classmethod
    def _missing_(cls, value: object) -> UncertaintyKind | None:
        """Return the kind that sessions of earlier versions stored under another name."""
        return cls.DETACHED if value == "Island" else None


@dataclass(frozen=True)
class UncertainRegion:
    """One place to check.

    Attributes
    ----------
    index_zyx
        Voxel of the scan.
    size_ml
        Size of the piece, surface, foreign body or uncertain bone, or of the bone at the edge of
        the scan; regions of a kind are sorted by it.
    levels
        If the level is uncertain: names of the vertebra that the region is in, and of the one that
        it may belong to.
    """

    kind: UncertaintyKind
    index_zyx: IndexTriple
    size_ml: float
    levels: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """The size with its unit; small ones in mm³."""
        if self.size_ml >= 0.1:
            return formatted_number(self.size_ml, ".1f", "ml")
        return formatted_number(self.size_ml * 1000, ".0f", "mm³")


def find_uncertain_regions(
    mask: SpineMask,
    probability: ProbabilityMap | None,
    hu: NDArray[np.int16],
    progress: Progress,
    vertebrae: Vertebrae | None = None,
) -> tuple[UncertainRegion, ...]:
    """Return the largest regions of each kind, from largest to smallest.

    `hu` is int16, shape (z, y, x).
    """
    if mask.is_empty:
        return ()
    found: list[UncertainRegion] = []
    near = _Surroundings(mask)
    searches: tuple[tuple[str, Callable[[], list[UncertainRegion]]], ...] = (
        ("Edges", lambda: _cuts(mask)),
        ("Levels", lambda: _uncertain_levels(vertebrae)),
        ("Dense bodies", lambda: _foreign_bodies(mask, near, hu)),
        ("Detached pieces", lambda: _detached_pieces(mask)),
        (
            "Surface",
            lambda: _uncertain_surface(mask, near, probability) if probability is not None else [],
        ),
    )
    for number, (name, search) in enumerate(searches):
        progress.step(name, number / len(searches))
        ordered = sorted(search(), key=lambda region: -region.size_ml)
        found += ordered[:MAX_PER_KIND]
    return tuple(found)


def _uncertain_levels(vertebrae: Vertebrae | None) -> list[UncertainRegion]:
    """Return the bone that may belong to either of two vertebrae."""
    return [
        UncertainRegion(
            UncertaintyKind.LEVEL,
            bone.index_zyx,
            bone.size_ml,
            (level_name(bone.label), level_name(bone.other_label)),
        )
        for bone in (vertebrae.uncertain if vertebrae is not None else ())
    ]


def _cuts(mask: SpineMask) -> list[UncertainRegion]:
    """Return, for each face of the scan, the centre of the part of the mask that touches it."""
    found = []
    for axis in range(3):
        for outermost in (0, mask.voxels.shape[axis] - 1):
            face = np.take(mask.voxels, outermost, axis=axis)
            if face.any():
                middle = [int(np.median(axis_indices)) for axis_indices in np.nonzero(face)]
                middle.insert(axis, outermost)
                z, y, x = middle
                size = int(face.sum()) * mask.geometry.voxel_volume_ml
                found.append(UncertainRegion(UncertaintyKind.CUT, (z, y, x), size))
    return found


class _Surroundings:
    """Determines which voxels are near a mask; a bounding box also contains distant ones.

    Attributes
    ----------
    box
        Contains all voxels near the mask. It begins at a multiple of the cell size, so that a
        distant correction does not shift the cells.
    """

    def __init__(self, mask: SpineMask) -> None:
        from scipy.ndimage import distance_transform_edt

        spacing = mask.geometry.spacing_zyx_mm
        self._steps = tuple(max(1, round(_CELL_MM / s)) for s in spacing)
        margins = [
            step + int(np.ceil(NEAR_MM / s)) for s, step in zip(spacing, self._steps, strict=True)
        ]
        z, y, x = (
            slice(side.start // step * step, side.stop)
            for side, step in zip(
                grown(mask.box, margins, mask.voxels.shape), self._steps, strict=True
            )
        )
        self.box: Box = z, y, x
        occupied = mask.voxels[self.box]
        for axis, step in enumerate(self._steps):
            starts = np.arange(0, occupied.shape[axis], step)
            occupied = np.logical_or.reduceat(occupied, starts, axis=axis)
        cell_mm = [step * s for step, s in zip(self._steps, spacing, strict=True)]
        self._is_near = distance_transform_edt(~occupied, sampling=cell_mm) <= NEAR_MM

    def are_near(self, indices_zyx: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether voxels are near the mask: bool, shape (n,).

        `indices_zyx` are indices into the scan, int64, shape (n, 3).
        """
        cells = (indices_zyx - [side.start for side in self.box]) // self._steps
        is_inside = ((cells >= 0) & (cells < self._is_near.shape)).all(axis=1)
        near = np.zeros(len(cells), bool)
        near[is_inside] = self._is_near[tuple(cells[is_inside].T)]
        return near


def _detached_pieces(mask: SpineMask) -> list[UncertainRegion]:
    box, voxel_ml = mask.box, mask.geometry.voxel_volume_ml
    return _pieces(UncertaintyKind.DETACHED, mask.voxels[box], box, voxel_ml, (0.0, DETACHED_ML))


def _foreign_bodies(
    mask: SpineMask, near: _Surroundings, hu: NDArray[np.int16]
) -> list[UncertainRegion]:
    """Return the parts of dense bodies that are near the mask."""
    is_dense, voxel_ml = hu[near.box] >= FOREIGN_HU, mask.geometry.voxel_volume_ml
    places = np.argwhere(is_dense)
    is_far = ~near.are_near(places + [side.start for side in near.box])
    is_dense[tuple(places[is_far].T)] = False
    return _pieces(UncertaintyKind.FOREIGN, is_dense, near.box, voxel_ml, (FOREIGN_ML, np.inf))


def _pieces(
    kind: UncertaintyKind,
    voxels: NDArray[np.bool_],
    box: Box,
    voxel_ml: float,
    limits_ml: tuple[float, float],
) -> list[UncertainRegion]:
    """Return the largest pieces in a box, but only pieces with volumes within the limits."""
    from scipy.ndimage import label

    pieces, _ = label(voxels, structure=np.ones((3, 3, 3)))
    sizes = np.bincount(pieces.ravel()) * voxel_ml
    in_range = [n for n in range(1, len(sizes)) if limits_ml[0] <= sizes[n] < limits_ml[1]]
    largest = sorted(in_range, key=lambda n: -sizes[n])[:MAX_PER_KIND]
    return [
        UncertainRegion(kind, _central_voxel(pieces == n, box), float(sizes[n])) for n in largest
    ]


def _uncertain_surface(
    mask: SpineMask, near: _Surroundings, probability: ProbabilityMap
) -> list[UncertainRegion]:
    """Return blocks of the 1 mm grid near the mask with many undecided voxels."""
    corner, values = _near_mask(mask, probability)
    low, high = ((0.5 + side * UNDECIDED) * PROBABILITY_SCALE for side in (-1, 1))
    undecided = (values > low) & (values < high)
    counts = undecided.astype(np.uint32)
    for axis in range(3):
        counts = np.add.reduceat(counts, np.arange(0, values.shape[axis], BLOCK_MM), axis=axis)
    found = []
    for block in np.argwhere(counts > MIN_FRACTION * BLOCK_MM**3):
        count = int(counts[tuple(block)])
        z, y, x = (slice(b * BLOCK_MM, (b + 1) * BLOCK_MM) for b in block)
        inside = np.argwhere(undecided[z, y, x])
        middle = corner + block * BLOCK_MM + np.median(inside, axis=0)
        place = nearest_scan_index(middle, mask.geometry)
        if near.are_near(np.array([place]))[0]:
            found.append(UncertainRegion(UncertaintyKind.SURFACE, place, count / 1000))
    return found


def _near_mask(
    mask: SpineMask, probability: ProbabilityMap
) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    """Return the first voxel and the values of the part of the 1 mm grid around the mask.

    The part begins at a multiple of `BLOCK_MM`, so that a correction does not move all blocks.
    """
    spacing = mask.geometry.spacing_zyx_mm
    index = tuple(
        slice(
            int(s.start * d) // BLOCK_MM * BLOCK_MM,
            min(n, -(-int(np.ceil(s.stop * d) + 1) // BLOCK_MM) * BLOCK_MM),
        )
        for s, d, n in zip(mask.box, spacing, probability.values.shape, strict=True)
    )
    return np.array([s.start for s in index]), probability.values[index]


def _central_voxel(piece: NDArray[np.bool_], box: Box) -> IndexTriple:
    """Return the voxel of a piece that is nearest to its centre, as a scan index.

    A piece may be hollow or bent, so its centre may be outside it.
    """
    voxels = np.argwhere(piece)
    nearest = voxels[np.argmin(((voxels - voxels.mean(axis=0)) ** 2).sum(axis=1))]
    z, y, x = (int(i) + side.start for i, side in zip(nearest, box, strict=True))
    return z, y, x
