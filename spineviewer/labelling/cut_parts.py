"""The parts of a vertebra that the edge of the scan cuts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Flag, auto

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.geometry import Box, Geometry, Triple
from spineviewer.volume.volume import CtVolume, SpineMask
from spineviewer.wording import enumerated, worded

Floats = NDArray[np.float64]

#: Choice: a body is cut off if more than this fraction of its cross-section is at an edge of the
#: scan. In 13 real scans, the fraction was at most 0.39 for bodies with both endplates in view, and
#: otherwise at least 0.52.
_CUT_FRACTION = 0.45
#: Choice: more than the tip of a process. In 14 real scans, arches cut by an edge have at least 120
#: mm² there, and tips of processes at most 78 mm².
_MIN_ARCH_MM2 = 100.0
#: Choice: less than this of a body is the tip of an osteophyte. In two real scans, 4 mm² of one
#: body and at least 110 mm² of three others are at an edge.
_MIN_RIM_MM2 = 10.0
#: HU of padding beyond the scanned area; next to bone, air is denser.
PADDING_HU = -950
#: In radii: the body ends this far behind its centre, and its rim is at most this far from it.
_BODY_BACK, _RIM = 0.75, 1.6


class CutParts(Flag):
    """The parts of a vertebra that the edge of the scan cuts; empty (false) for a whole vertebra.

    Attributes
    ----------
    BODY
        So much of the body that its heights are unknown.
    RIM
        A smaller part of the body, so that its heights may be wrong.
    ARCH
        The arch or a large part of a process.
    TIP
        The tip of a process or osteophyte.
    """

    BODY = auto()
    RIM = auto()
    ARCH = auto()
    TIP = auto()

    @property
    def names(self) -> list[str]:
        """The names of the parts in JSON results."""
        return [str(part.name).lower() for part in self]

    @property
    def texts(self) -> tuple[str, ...]:
        """The names of the parts, for the user."""
        return tuple(_TEXTS[part] for part in self)

    @property
    def sentence(self) -> str:
        """A sentence for the user; '' for a whole vertebra."""
        if not self:
            return ""
        return worded("Cut off at the edge of the scan: {parts}.", parts=enumerated(self.texts))


_TEXTS = {
    CutParts.BODY: worded("body"),
    CutParts.RIM: worded("rim of the body"),
    CutParts.ARCH: worded("arch"),
    CutParts.TIP: worded("tip of a process or osteophyte"),
}


@dataclass(frozen=True)
class BodyCylinder:
    """The cylinder that a vertebral body fills.

    Attributes
    ----------
    centre_lps_mm
        A point on its axis.
    down_lps, back_lps
        Unit vectors: along the axis towards the feet, and from the body to the canal.
    """

    centre_lps_mm: Triple
    down_lps: Triple
    back_lps: Triple
    radius_mm: float

    def part_of_body(self, points_lps_mm: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which points are in the cylinder, and which are in the rim around it.

        `points_lps_mm` is float64, shape (n, 3); the results are bool, shape (n,).
        """
        off = points_lps_mm - np.array(self.centre_lps_mm)
        off -= np.outer(off @ np.array(self.down_lps), self.down_lps)
        away = np.linalg.norm(off, axis=1)
        is_inside = away < self.radius_mm
        is_in_front = off @ np.array(self.back_lps) < _BODY_BACK * self.radius_mm
        return is_inside, ~is_inside & is_in_front & (away < _RIM * self.radius_mm)


def voxels_at_padding(mask: SpineMask, scan: CtVolume) -> NDArray[np.int64]:
    """Return the voxels of a mask above or below which there is padding: int64, shape (n, 3).

    The slices of a sheared scan end inside its right-angled grid.
    """
    z, y, x = mask.box
    slices = slice(max(z.start - 1, 0), z.stop + 1)
    voxels, is_padding = mask.voxels[slices, y, x], scan.hu[slices, y, x] <= PADDING_HU
    is_beside = np.zeros_like(voxels)
    is_beside[1:] |= voxels[1:] & is_padding[:-1]
    is_beside[:-1] |= voxels[:-1] & is_padding[1:]
    return np.asarray(np.argwhere(is_beside) + np.array([slices.start, y.start, x.start]))


def is_body_at_padding(
    at_padding: NDArray[np.int64],
    labels: NDArray[np.uint8],
    label: int,
    body: BodyCylinder,
    grid: Geometry,
) -> bool:
    """Return whether the scanned area ends within the body of a vertebra.

    Parameters
    ----------
    at_padding
        From `voxels_at_padding`.
    labels
        uint8, shape (z, y, x) of `grid`.
    """
    own = at_padding[labels[tuple(at_padding.T)] == label]
    pixel_mm2 = grid.spacing_zyx_mm[1] * grid.spacing_zyx_mm[2]
    return CutParts.BODY in _cut_at(grid.point_lps_mm(own), pixel_mm2, body)


def cut_parts(
    labels: NDArray[np.uint8], label: int, box: Box, body: BodyCylinder | None, grid: Geometry
) -> CutParts:
    """Return the parts of a vertebra that an edge of the scan cuts.

    Parameters
    ----------
    labels
        uint8, shape (z, y, x) of `grid`.
    box
        The smallest box that contains the voxels of the label.
    body
        Where the body is; None without a body.
    """
    spacing, cut = np.array(grid.spacing_zyx_mm), CutParts(0)
    for axis, (part, size) in enumerate(zip(box, grid.shape_zyx, strict=True)):
        pixel_mm2 = float(np.prod(np.delete(spacing, axis)))
        for index in {0, size - 1} & {part.start, part.stop - 1}:
            face = (*box[:axis], slice(index, index + 1), *box[axis + 1 :])
            voxels = np.argwhere(labels[face] == label) + [side.start for side in face]
            cut |= _cut_at(grid.point_lps_mm(voxels), pixel_mm2, body)
    return cut


def _cut_at(points_lps_mm: Floats, pixel_mm2: float, body: BodyCylinder | None) -> CutParts:
    """Return the parts of a vertebra to which its points at one edge of the scan belong.

    `points_lps_mm` is float64, shape (n, 3).
    """
    cut, behind = CutParts(0), np.ones(len(points_lps_mm), np.bool_)
    if body is not None:
        is_inside, is_around = body.part_of_body(points_lps_mm)
        behind = ~is_inside & ~is_around
        section_mm2 = math.pi * body.radius_mm**2
        if np.count_nonzero(is_inside) * pixel_mm2 > _CUT_FRACTION * section_mm2:
            cut |= CutParts.BODY
        elif not behind.all():
            is_rim = np.count_nonzero(~behind) * pixel_mm2 > _MIN_RIM_MM2
            cut |= CutParts.RIM if is_rim else CutParts.TIP
    if behind.any():
        is_arch = np.count_nonzero(behind) * pixel_mm2 > _MIN_ARCH_MM2
        cut |= CutParts.ARCH if is_arch else CutParts.TIP
    return cut
