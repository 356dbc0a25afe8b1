"""The middle of the spine in a mask, and a test of whether a voxel is near the mask."""

from __future__ import annotations

import numpy as np

from spineviewer.volume.geometry import IndexTriple, Triple
from spineviewer.volume.volume import SpineMask

#: Thickness of the slab whose centre is the middle. Choice: a vertebra with its discs.
_SLAB_MM = 40.0
#: Bone within this distance counts as near. Choice: in the canal or a disc, bone is never farther.
_NEAR_MM = 12.0


def spine_middle(mask: SpineMask) -> Triple:
    """Return the centre of a non-empty mask at half its height, as a fractional index."""
    spacing, box = mask.geometry.spacing_zyx_mm, mask.box
    middle = (box[0].start + box[0].stop - 1) / 2
    reach = max(1, round(_SLAB_MM / 2 / spacing[0]))
    first, end = max(box[0].start, round(middle) - reach), round(middle) + reach + 1
    _, y, x = np.nonzero(mask.voxels[first:end, box[1], box[2]])
    if not y.size:  # there is a gap in the middle
        return middle, (box[1].start + box[1].stop) / 2, (box[2].start + box[2].stop) / 2
    return middle, float(y.mean()) + box[1].start, float(x.mean()) + box[2].start


def is_near_mask(mask: SpineMask, index_zyx: IndexTriple) -> bool:
    """Return whether the mask has bone within `_NEAR_MM` of a voxel along every axis."""
    z, y, x = (
        slice(max(0, i - round(_NEAR_MM / s)), i + round(_NEAR_MM / s) + 1)
        for i, s in zip(index_zyx, mask.geometry.spacing_zyx_mm, strict=True)
    )
    return bool(mask.voxels[z, y, x].any())
