"""A snapshot of the mask that the window shows, for exports, comparisons and edits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from spineviewer.app.fused_mask import FusedMask
from spineviewer.app.overlay import FusionOverlay
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

    @property
    def is_corrected(self) -> bool:
        """Whether manual corrections change the mask; until it is computed, whether any exist."""
        return has_corrections(self.correction, self.fused, self.tuning)

    def computed(self, progress: Progress) -> MaskSnapshot:
        """Return the snapshot with the mask; compute it if it is not ready.

        Raises
        ------
        InferenceError
            When a part that the mask could contain has not been computed.
        """
        if self.fused is not None and self.fused.tuning == self.tuning:
            return self
        return replace(self, fused=self.fusion.mask(self.tuning, progress))

    def mask(self, progress: Progress) -> SpineMask:
        """Return the mask with the manual corrections; compute it first if it is not ready.

        Raises
        ------
        InferenceError
            When a part that the mask could contain has not been computed.
        """
        fused = self.computed(progress).fused
        assert fused is not None
        return SpineMask(self.correction.corrected_mask(fused.mask.voxels), fused.mask.geometry)


def has_corrections(correction: Correction, fused: FusedMask | None, tuning: Tuning) -> bool:
    """Return whether corrections change the mask of a tuning.

    Strokes over voxels that were already in the mask, or outside it, change nothing. Until the
    mask is computed, all corrections count.
    """
    if correction.is_empty or fused is None or fused.tuning != tuning:
        return not correction.is_empty
    return correction.changes(fused.mask.voxels)
