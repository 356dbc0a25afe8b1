"""Edits that depend on the whole mask and are therefore repeated when the mask changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from spineviewer.editing.regions import (
    BoolArray,
    RegionEdit,
    filled,
    grown,
    keep_component,
    remove_component,
    shrunk,
    smoothed,
    within_limits,
    without_new_parts,
)
from spineviewer.volume.geometry import Triple
from spineviewer.wording import mark

#: Minimum thickness of the layer that growing adds and shrinking removes, and minimum sigma of
#: smoothing. Choice: about a voxel.
MIN_LAYER_MM = 1.0

Index = Annotated[int, Meta(ge=0, lt=2**31)]
Hu = Annotated[int, Meta(ge=-(2**15), lt=2**15)]


class EditKind(StrEnum):
    """A kind of edit that changes many voxels at once; the value is its name for the user.

    All but `BETWEEN` depend on the whole mask.
    """

    GROW = mark("Grow")
    SHRINK = mark("Shrink")
    SMOOTH = mark("Smooth")
    FILL = mark("Fill holes")
    BETWEEN = mark("Interpolate between slices")
    KEEP = mark("Keep piece")
    REMOVE = mark("Remove piece")
    DISCARD = "Discard corrections"


@dataclass(frozen=True)
class WholeEdit:
    """An edit of the whole mask with everything needed to repeat it.

    Attributes
    ----------
    point_zyx
        A voxel of the piece to keep or remove; None for other kinds.
    min_hu, max_hu
        Range of HU to which growing is limited; None for no limit.
    """

    kind: EditKind
    point_zyx: tuple[Index, Index, Index] | None = None
    min_hu: Hu | None = None
    max_hu: Hu | None = None

    def change_of(
        self, mask: BoolArray, spacing_zyx_mm: Triple, hu: NDArray[np.int16]
    ) -> RegionEdit | None:
        """Return what the edit changes in a mask; None if there is nothing to edit.

        `mask` is bool and `hu` int16, both of shape (z, y, x).
        """
        # a layer thinner than a voxel would change nothing
        layer_mm = max(MIN_LAYER_MM, min(spacing_zyx_mm))
        match self.kind:
            case EditKind.GROW:
                layer = grown(mask, spacing_zyx_mm, layer_mm)
                return within_limits(layer, hu, self.min_hu, self.max_hu)
            case EditKind.SHRINK:
                return shrunk(mask, spacing_zyx_mm, layer_mm)
            case EditKind.SMOOTH:
                return smoothed(mask, spacing_zyx_mm, layer_mm)
            case EditKind.FILL:
                return filled(mask, spacing_zyx_mm)
            case EditKind.KEEP | EditKind.REMOVE if self.point_zyx is not None:
                is_kept = self.kind is EditKind.KEEP
                return (keep_component if is_kept else remove_component)(mask, self.point_zyx)
        return None

    def further_change(
        self, mask: BoolArray, old: BoolArray | None, removed: BoolArray
    ) -> RegionEdit | None:
        """Return what else keeping or removing a piece changes after the mask has changed.

        Removed voxels stay removed. If a piece is kept, all other pieces are removed. If a piece
        was removed, new pieces that touch its voxels are also removed, so that a piece that has
        grown leaves no shell; if it now touches the spine, nothing of the spine is removed.

        Parameters
        ----------
        mask
            The mask without the voxels that were removed: bool, shape (z, y, x).
        old
            The mask before it changed, of the same shape; None if there was none.
        removed
            The voxels that were removed: bool, of the same shape.
        """
        if self.kind is EditKind.KEEP and self.point_zyx is not None:
            return keep_component(mask, self.point_zyx)
        if self.kind is EditKind.REMOVE and old is not None:
            return without_new_parts(mask, old, removed)
        return None
