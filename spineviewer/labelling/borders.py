"""The borders between the vertebrae of a row, and what is above its first body.

A scan that begins at a vertebral body usually also shows the lower part of the arch above: its
articular and spinous processes, which extend down behind that body. If a gap separates them from
the arch of the first body, they belong to a vertebra of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.arches import arch_bone, fit_to_arches, gap_mm2
from spineviewer.labelling.attachment import MIN_UNCERTAIN_MM3, UncertainPart
from spineviewer.labelling.chain import C7, LEVELS, T12, neighbour_level
from spineviewer.labelling.column import Column
from spineviewer.labelling.disc_planes import DiscPlane
from spineviewer.labelling.partition import (
    ATLAS_PITCH_MM,
    NECK_BODY,
    CutSurface,
    PlacedMask,
    edge_slices,
)
from spineviewer.labelling.priors import Fitted
from spineviewer.labelling.row_names import has_atlas
from spineviewer.labelling.separation import usual_lengths

Floats = NDArray[np.float64]

#: Choice: half the height of the band around the border between C1 and C2 in which a watershed
#: decides, in units of `ATLAS_PITCH_MM`: among the best of 0.1 to 0.35 on training cases.
_ATLAS_BAND = 0.15
#: Choice: the same for all other borders, in units of the height of the shorter level, so that the
#: middle of an arch is never in two bands. Below T12, articular processes reach farther along each
#: other.
_BAND, _LUMBAR_BAND = 0.25, 0.42
#: Usual height of a level relative to the next one down.
_USUAL_RATIO = 0.96
#: Choice: smallest volume of an arch above the first body.
_MIN_ARCH_MM3 = 300
#: Choice: smallest area of the gap below such an arch. In crops of training and validation cases,
#: at least two thirds of the bone above larger gaps belonged to the vertebra above, but less than
#: half of that above gaps of 53 to 83 mm2.
_MIN_GAP_MM2 = 85.0


class SegmentAbove(Enum):
    """The kind of segment above the first body of a row.

    Attributes
    ----------
    ATLAS_BY_NAME
        An atlas that was separated from the first body because the user named that body C2.
    """

    NOTHING = "nothing"
    ATLAS = "atlas"
    ATLAS_BY_NAME = "atlas by name"
    ARCH = "arch"

    @property
    def count(self) -> int:
        """Number of segments before that of the first body."""
        return int(self is not SegmentAbove.NOTHING)


def above_first_body(column: Column, levels: NDArray[np.int64]) -> SegmentAbove:
    """Return what is above the first body of a row; `levels` is int64, shape (bodies,)."""
    if has_atlas(levels):
        return SegmentAbove.ATLAS
    return SegmentAbove.ARCH if column.has_arch_above else SegmentAbove.NOTHING


def with_arch_above(
    column: Column, levels: NDArray[np.int64], fitted: Fitted, scan_stop: int
) -> tuple[Column, list[CutSurface]]:
    """Return the row with what is known about the arch above its first body, and all its borders.

    In the neck, arches do not extend far below their bodies, so none is searched for.

    Parameters
    ----------
    levels
        int64, shape (bodies,).
    scan_stop
        Number of slices of the working grid.
    """
    planes, bone = column.disc_planes(), _arch_bone(column)

    def borders(row: Column) -> list[CutSurface]:
        return _fitted(row, levels, _unfitted(row, levels, planes, fitted), bone)

    if levels[0] <= C7:
        return column, borders(column)
    candidate = replace(column, has_arch_above=True)
    cuts = borders(candidate)
    arch = _arch_at_edge(column, cuts[0], scan_stop)
    if arch is None:
        return column, borders(column)
    if gap_mm2(cuts[0], bone) >= _MIN_GAP_MM2:
        return candidate, cuts
    return replace(column, uncertain_arch=arch), borders(column)


def _arch_at_edge(column: Column, border: CutSurface, scan_stop: int) -> UncertainPart | None:
    """Return the bone above a border; None unless it is part of an arch that the scan cuts off."""
    segments, _ = PlacedMask.along(column.mask, column.axis.line).segments([border])
    first = column.mask.origin_zyx[0]
    edge = edge_slices(slice(first, first + len(segments)), scan_stop, 1.0, is_upper=True)
    if not (segments[edge] == 1).any():
        return None
    voxels = np.argwhere(segments == 1) + column.mask.origin_zyx
    return UncertainPart.of(voxels, 1, 0) if len(voxels) >= _MIN_ARCH_MM3 else None


def bone_below(column: Column, cuts: Sequence[CutSurface]) -> UncertainPart | None:
    """Return the bone of the next vertebra down that the last one may include; None if too little.

    The edge of the scan is oblique to an inclined spine: behind the last body, it shows more of the
    next vertebra than in front. `cuts` are the borders between all segments.
    """
    if not cuts or cuts[-1].is_atlas or not column.ends.is_cut_below:
        return None
    border = replace(cuts[-1], station=cuts[-1].station + cuts[-1].pitch_mm)
    segments, _ = PlacedMask.along(column.mask, column.axis.line).segments([border])
    voxels = np.argwhere(segments == 2) + column.mask.origin_zyx
    if len(voxels) < MIN_UNCERTAIN_MM3:
        return None
    return UncertainPart.of(voxels, len(cuts) + 1, len(cuts) + 2)


def cut_surfaces(column: Column, levels: NDArray[np.int64], fitted: Fitted) -> list[CutSurface]:
    """Return the borders between the segments, from the head down.

    `levels` is int64, shape (bodies,).
    """
    surfaces = _unfitted(column, levels, column.disc_planes(), fitted)
    return _fitted(column, levels, surfaces, _arch_bone(column))


def _arch_bone(column: Column) -> Floats:
    return arch_bone(column.joint, column.mask.origin_zyx, column.axis.line)


def _fitted(
    column: Column, levels: NDArray[np.int64], surfaces: list[CutSurface], bone: Floats
) -> list[CutSurface]:
    """Return the borders, with those below C7 and farther down moved to the gaps between arches."""
    in_neck = len(surfaces) - int(np.count_nonzero(levels[:-1] >= C7))
    if above_first_body(column, levels) is SegmentAbove.ARCH and levels[0] > C7:
        in_neck -= 1
    return surfaces[:in_neck] + fit_to_arches(surfaces[in_neck:], bone)


def _unfitted(
    column: Column, levels: NDArray[np.int64], planes: Sequence[DiscPlane], fitted: Fitted
) -> list[CutSurface]:
    """Return the borders where the table of borders has them."""
    heights = whole_heights(column, levels, planes, fitted)
    surfaces = []
    match above_first_body(column, levels):
        case SegmentAbove.ATLAS:
            surfaces.append(_border_of_atlas(column, planes, fitted))
        case SegmentAbove.ARCH if (level := neighbour_level(int(levels[0]), -1)) is not None:
            surfaces.append(_border_below(level, column, planes, fitted))
    for number, plane in enumerate(planes):
        heights_beside = heights[number : number + 2]
        surfaces.append(
            CutSurface(
                plane.station,
                plane.slope_back,
                plane.slope_left,
                float(column.discs.radius_mm[column.edges[number + 1]]),
                float(heights_beside.mean()),
                fitted.border_shift[int(levels[number])],
                _band(int(levels[number])) * float(heights_beside.min()),
                NECK_BODY if int(levels[number]) < C7 else np.inf,
            )
        )
    return surfaces


def whole_heights(
    column: Column, levels: NDArray[np.int64], planes: Sequence[DiscPlane], fitted: Fitted
) -> Floats:
    """Return the heights of the bodies with their discs: float64, shape (bodies,).

    That of a body that the scan cuts off follows from its neighbour. `levels` is int64, same shape.
    """
    heights = np.diff(segment_ends(column, planes))
    usual = usual_lengths(fitted.chain)[np.minimum(levels, LEVELS - 1)]
    for cut, neighbour in ((0, 1), (-1, -2)) if len(column) > 1 else ():
        if column.is_partial[cut] and not column.is_partial[neighbour]:
            whole = float(heights[neighbour] * usual[cut] / usual[neighbour])
            heights[cut] = max(float(heights[cut]), whole)
    return np.asarray(heights)


def _band(level: int) -> float:
    """Return half the height of the band around the border below a level, in level heights."""
    return _LUMBAR_BAND if level >= T12 else _BAND


def _border_of_atlas(column: Column, planes: Sequence[DiscPlane], fitted: Fitted) -> CutSurface:
    return CutSurface(
        planes[0].station if planes else float(column.edges[1]),
        0.0,
        0.0,
        float(column.discs.radius_mm[column.edges[1]]),
        ATLAS_PITCH_MM,
        fitted.border_shift[0],
        _ATLAS_BAND * ATLAS_PITCH_MM,
        is_atlas=True,
    )


def _border_below(
    level: int, column: Column, planes: Sequence[DiscPlane], fitted: Fitted
) -> CutSurface:
    """Return the border between the first body and a level above it whose body is not in view."""
    station, pitch = first_disc(column, planes)
    middle = int(column.edges[1] if len(column) > 1 else column.edges[:2].mean())
    radius = float(column.discs.radius_mm[middle])
    return CutSurface(
        station, 0.0, 0.0, radius, pitch, fitted.border_shift[level], _band(level) * pitch
    )


def first_disc(column: Column, planes: Sequence[DiscPlane]) -> tuple[float, float]:
    """Return the station of the disc above the first body, and the height of the first level.

    If the scan cuts off the first level, the disc is above the scan, and the height follows from
    that of the next level.
    """
    ends = segment_ends(column, planes)
    heights = np.diff(ends)
    if len(column) == 1 or not column.ends.is_cut_above:
        return float(ends[0]), float(heights[0])
    height = max(float(heights[0]), _USUAL_RATIO * float(heights[1]))
    return float(ends[1] - height), height


def segment_ends(column: Column, planes: Sequence[DiscPlane]) -> Floats:
    """Return the stations where the bodies begin and end: float64, shape (bodies + 1,)."""
    inner = [plane.station for plane in planes]
    return np.array([column.edges[0], *inner, column.edges[-1]], dtype=np.float64)
