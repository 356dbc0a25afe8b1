"""Recovery of vertebrae missing from the mask, with lower thresholds for bone probability.

If a body between two others has no bone in the mask, a vertebra is missing. If the probability
shows a piece of the neighbours' size there, with bone along the line, this piece is the vertebra.
The threshold is lowered step by step, so that the piece is as small as plausible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from spineviewer.labelling.axis import SHALLOWEST_MM, WorkingMask
from spineviewer.labelling.column import Column, middle_half
from spineviewer.labelling.partition import CutSurface, PlacedMask, segments_on_scan
from spineviewer.volume.volume import PROBABILITY_SCALE, ProbabilityMap, SpineMask

#: Choice: thresholds to try. Below the last one, noise and soft tissue merge with the bone.
_THRESHOLDS = (0.5, 0.35, 0.25, 0.15)
#: Choice: range of plausible volumes, relative to the neighbours' mean.
_MIN_SIZE, _MAX_SIZE = 0.5, 1.6
#: Choice: minimum fraction of the line through the body that must be bone.
_FILLED = 0.6
#: Choice: remains of a vertebra are crumbs if their volume is below this fraction of the usual one.
_CRUMBS = 0.25


def missing_bodies(column: Column) -> list[int]:
    """Return the numbers of bodies for which the mask has hardly any bone on the line.

    Only bodies between two other bodies, or between another body and the sacrum, are considered.
    """
    last = len(column) - 1 + int(column.ends.is_sacrum_below)
    return [
        number
        for number in range(1, last)
        if float(np.median(column.axis.radius_mm[_middle(column, number)])) < SHALLOWEST_MM
    ]


@dataclass(frozen=True, eq=False)
class Recovery:
    """A row with its gaps filled as far as possible.

    Attributes
    ----------
    column
        The row with the bone of recovered vertebrae.
    mask
        The scan's mask with the same bone.
    lost
        Numbers of the bodies that could not be recovered and of which the mask contains only
        crumbs.
    """

    column: Column
    mask: SpineMask
    lost: tuple[int, ...] = ()


def recover_missing(
    column: Column,
    mask: SpineMask,
    probability: ProbabilityMap,
    cuts: list[CutSurface],
    *,
    recovers: bool,
) -> Recovery:
    """Return the row and the mask with missing vertebrae recovered from the probability.

    Parameters
    ----------
    cuts
        The borders of the row's segments.
    recovers
        Whether to add bone. Otherwise, lost bodies are only identified.
    """
    missing = missing_bodies(column)
    if not missing:
        return Recovery(column, mask)
    working = column.mask
    z, y, x = (
        slice(first, first + n)
        for first, n in zip(working.origin_zyx, working.voxels.shape, strict=True)
    )
    values = probability.values[z, y, x]
    possible = values > _THRESHOLDS[-1] * PROBABILITY_SCALE
    bone = WorkingMask(possible | working.voxels, working.origin_zyx)
    segments, _ = PlacedMask.along(bone, column.axis.line).segments(cuts)
    volumes = np.bincount(segments[working.voxels], minlength=len(cuts) + 2)
    first_segment = len(cuts) + 2 - len(column)  # 2 if C1 is a separate segment, otherwise 1
    present = [number for number in range(len(column)) if number not in missing]
    added = np.zeros_like(working.voxels)
    lost = []
    mean = column.recovered.copy()
    for number in missing:
        segment = number + first_segment
        nearest = sorted(present, key=lambda other: abs(other - number))[:2]
        usual = float(np.mean([volumes[other + first_segment] for other in nearest]))
        part = np.where(segments == segment, values, np.uint16(0))
        line = _line_voxels(column, number)
        is_between = number < len(column) - 1
        piece = _plausible_piece(part, usual, line) if recovers and is_between else None
        if piece is not None:
            added |= piece
            mean[number] = float(values[piece].mean()) / PROBABILITY_SCALE
        elif volumes[segment] < _CRUMBS * usual:
            lost.append(number)
    if not added.any():
        return Recovery(column, mask, tuple(lost))
    everywhere = WorkingMask(np.ones_like(added), working.origin_zyx)
    grid = mask.geometry
    whole_box = SpineMask(np.ones(grid.shape_zyx, np.bool_), grid, mask.box)
    on_grid = segments_on_scan(added.astype(np.uint8), everywhere, whole_box) > 0
    whole = WorkingMask(working.voxels | added, working.origin_zyx)
    return Recovery(
        replace(column, mask=whole, recovered=mean),
        SpineMask(mask.voxels | on_grid, grid),
        tuple(lost),
    )


def _middle(column: Column, number: int) -> slice:
    return middle_half(int(column.edges[number]), int(column.edges[number + 1]))


def _line_voxels(column: Column, number: int) -> tuple[NDArray[np.int64], ...]:
    """Return the voxels of the working mask on the line through a body's middle half."""
    places = np.floor(column.axis.line.points_mm[_middle(column, number)]).astype(np.int64)
    last = np.array(column.mask.voxels.shape) - 1
    return tuple((places - np.array(column.mask.origin_zyx)).clip(0, last).T)


def _plausible_piece(
    values: NDArray[np.uint16], usual: float, line: tuple[NDArray[np.int64], ...]
) -> NDArray[np.bool_] | None:
    """Return the largest piece at the highest threshold at which it is plausible; None if never.

    A plausible piece has about the `usual` size and contains most of the voxels on the `line`.
    """
    for threshold in _THRESHOLDS:
        pieces, count = label(values > threshold * PROBABILITY_SCALE)
        if not count:
            continue
        sizes = np.bincount(pieces.ravel())
        sizes[0] = 0
        piece = np.asarray(pieces == int(np.argmax(sizes)))
        is_plausible = _MIN_SIZE * usual <= sizes.max() <= _MAX_SIZE * usual
        if is_plausible and float(piece[line].mean()) >= _FILLED:
            return piece
    return None
