"""A snapshot of the mask that the window shows, for exports, comparisons and edits."""

from __future__ import annotations

from dataclasses import dataclass

from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.state import FusedMask
from spineviewer.editing.correction import Correction
from spineviewer.progress import Progress
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import SpineMask


@dataclass(frozen=True, eq=False)
class MaskSnapshot:
    """All inputs from which the current mask is computed.

    Attributes
    ----------
    fused
        An existing mask; ignored if it was computed with a different tuning.
    correction
        A copy of the manual corrections.
    """

    fusion: FusionOverlay
    fused: FusedMask | None
    correction: Correction
    tuning: Tuning

    def mask(self, progress: Progress) -> SpineMask:
        """Return the mask with the manual corrections; compute it first if it is not ready.

        Raises
        ------
        InferenceError
            When a part that the mask could contain has not been computed.
        """
        fused = self.fused
        if fused is None or fused.tuning != self.tuning:
            fused = self.fusion.mask(self.tuning, progress)
        return SpineMask(self.correction.corrected_mask(fused.mask.voxels), fused.mask.geometry)
