"""The middle of the spine in a mask, and a test of whether a voxel is near the mask."""

from __future__ import annotations

import numpy as np

from spineviewer.volume.centre_line import fit_centre_line
from spineviewer.volume.geometry import IndexTriple, Triple
from spineviewer.volume.volume import SpineMask

#: Bone within this distance counts as near. Choice: in the canal or a disc, bone is never farther.
_NEAR_MM = 12.0


def spine_middle(mask: SpineMask) -> Triple:
    """Return the middle of the centre line of a non-empty mask, as a fractional index.

    If the mask contains too little of the spine for a line, return the middle of its bounding box.
    """
    box, spacing = mask.box, mask.geometry.spacing_zyx_mm
    first = np.array([axis.start for axis in box])
    line = fit_centre_line(mask.voxels[box], spacing)
    if line is None:
        middle = (first + [axis.stop - 1 for axis in box]) / 2
    else:
        middle = first + line.point_at((line.first_mm + line.last_mm) / 2) / spacing
    z, y, x = middle.tolist()
    return z, y, x


def is_near_mask(mask: SpineMask, index_zyx: IndexTriple) -> bool:
    """Return whether the mask has bone within `_NEAR_MM` of a voxel along every axis."""
    z, y, x = (
        slice(max(0, i - round(_NEAR_MM / s)), i + round(_NEAR_MM / s) + 1)
        for i, s in zip(index_zyx, mask.geometry.spacing_zyx_mm, strict=True)
    )
    return bool(mask.voxels[z, y, x].any())
