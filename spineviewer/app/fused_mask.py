"""The mask of a scan, as it comes from the fusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Box
from spineviewer.volume.volume import SpineMask

if TYPE_CHECKING:
    from spineviewer.fusion import Islands


@dataclass(frozen=True, eq=False)
class FusedMask:
    """A whole mask and its tuning. Compared by identity, because comparing voxels would be slow.

    Attributes
    ----------
    islands
        The islands found, whether or not `tuning` left them out; None if there was no search.
    """

    mask: SpineMask
    tuning: Tuning
    volume_ml: float
    is_cut_by_scan: bool
    box: Box
    islands: Islands | None = None

    @property
    def left_out_ml(self) -> float:
        """Volume in ml of the islands that are not in the mask."""
        return (
            self.islands.far_ml + self.islands.small_ml
            if self.islands is not None and self.tuning.leaves_out_islands
            else 0.0
        )


def fused_mask(mask: SpineMask, tuning: Tuning, islands: Islands | None = None) -> FusedMask:
    """Return a mask together with the facts that the window needs."""
    return FusedMask(mask, tuning, mask.volume_ml, mask.is_cut_by_scan, mask.box, islands)
