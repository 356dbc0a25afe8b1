"""The networks' results in the form that the window needs: planes, maps, masks. Without Qt."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.fused_mask import FusedMask, fused_mask
from spineviewer.progress import Progress
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.ruled import RuledSurface, one_pixel
from spineviewer.volume.volume import AttentionMap, ProbabilityMap
from spineviewer.wording import mark

if TYPE_CHECKING:
    from spineviewer.fusion import ExtendedAttention, Fusion


class MapKind(StrEnum):
    """The map that is shown over the scan.

    Attributes
    ----------
    DISAGREEMENT
        Bone according to the segmentation network where the attention network sees no spine: the
        bone probability where attention is below its threshold, faded in over the 0.1 below it.
    UNCERTAINTY
        How close the bone probability is to 0.5 where attention exceeds its threshold: 1 is
        completely undecided.
    """

    ATTENTION = mark("Attention")
    PROBABILITY = mark("Bone probability")
    DISAGREEMENT = mark("Disagreement between the networks")
    UNCERTAINTY = mark("Uncertainty")


class FusionOverlay:
    """A fusion with the window's interface: planes and masks by `Tuning`.

    Thread ownership: immutable, may be read from any thread.
    """

    def __init__(self, fusion: Fusion) -> None:
        self._fusion = fusion
        probability = fusion.probability
        self.computed_fraction = (
            0.0 if probability is None else float(probability.is_computed.mean())
        )
        self.is_complete = self.computed_fraction == 1.0

    def belongs_to(self, probability: ProbabilityMap) -> bool:
        """Return whether this was made from a probability map or from an earlier state of it."""
        return (
            self._fusion.probability is not None
            and self._fusion.probability.values is probability.values
        )

    def is_complete_for(self, tuning: Tuning) -> bool:
        """Return whether everything that a mask with this tuning can contain has been computed."""
        return self.is_complete or self._fusion.is_complete(tuning)

    @property
    def extended(self) -> ExtendedAttention:
        return self._fusion.extended

    def computed_plane(self, axis: int, index: int) -> NDArray[np.bool_]:
        """Return where the segmentation network has run in a plane: bool, 2-D."""
        return self._fusion.computed_plane(axis, index)

    def map_plane(
        self, kind: MapKind, axis: int, index: int, tuning: Tuning
    ) -> NDArray[np.float32]:
        """Return one plane of a map: float32 in [0, 1], 2-D."""
        attention = self.extended.plane(axis, index, tuning.sigma_mm)
        if kind is MapKind.ATTENTION:
            return attention
        return _map_of(kind, attention, self._fusion.probability_plane(axis, index), tuning)

    def map_on(self, kind: MapKind, surface: RuledSurface, tuning: Tuning) -> NDArray[np.float32]:
        """Return a map on a surface: float32 in [0, 1], shape (rows, columns)."""
        attention = self.extended.on_surface(surface, tuning.sigma_mm)
        if kind is MapKind.ATTENTION:
            return attention
        return _map_of(kind, attention, self._fusion.probability_on(surface), tuning)

    @property
    def geometry(self) -> Geometry:
        """The scan's grid."""
        return self._fusion.scan

    @property
    def attention(self) -> AttentionMap:
        """The attention map, not extended."""
        return self._fusion.attention

    @property
    def probability(self) -> ProbabilityMap | None:
        """The segmentation network's output so far; None if there is none."""
        return self._fusion.probability

    def uncertainty_volume(self, tuning: Tuning) -> NDArray[np.float32]:
        """Return `MapKind.UNCERTAINTY` on the whole scan: float32 in [0, 1], shape (z, y, x)."""
        nz, ny, nx = self._fusion.scan.shape_zyx
        out = np.empty((nz, ny, nx), np.float32)
        for z in range(nz):
            out[z] = self.map_plane(MapKind.UNCERTAINTY, 0, z, tuning)
        return out

    def mask_plane(self, axis: int, index: int, tuning: Tuning) -> NDArray[np.bool_]:
        """Return the exact mask of one plane: bool, 2-D."""
        return self._fusion.mask_plane(axis, index, tuning)

    def warm_up(self, tuning: Tuning) -> None:
        """Compute one plane of each kind, so that scrolling does not wait for compilation."""
        from spineviewer.volume.outline import isoline, outline

        for axis in range(3):
            outline(self.mask_plane(axis, 0, tuning))
            isoline(self.extended.plane(axis, 0, tuning.sigma_mm), tuning.attention_threshold)
        self.is_complete_for(tuning)  # cached, so that the window does not have to wait for it
        self.extended.on_surface(one_pixel(), tuning.sigma_mm)

    def mask(self, tuning: Tuning, progress: Progress) -> FusedMask:
        """Return the whole mask and its volume.

        Raises
        ------
        InferenceError
            When a part that the mask could contain is not computed.
        """
        mask, islands = self._fusion.mask_and_islands(tuning, progress)
        return fused_mask(mask, tuning, islands)

    def probability_volume(self) -> NDArray[np.float32]:
        """Return the bone probability on the whole scan: float32 in [0, 1], shape (z, y, x)."""
        return self._fusion.probability_volume()


def _map_of(
    kind: MapKind, attention: NDArray[np.float32], bone: NDArray[np.float32], tuning: Tuning
) -> NDArray[np.float32]:
    """Return a map other than the attention map, from values at the same points."""
    if kind is MapKind.PROBABILITY:
        return bone
    if kind is MapKind.DISAGREEMENT:
        below = np.clip((tuning.attention_threshold - attention) / 0.1, 0, 1)
        return np.asarray(bone * below, np.float32)
    return np.asarray(
        (1 - np.abs(2 * bone - 1)) * (attention > tuning.attention_threshold), np.float32
    )


def make_overlay(
    attention: AttentionMap, probability: ProbabilityMap | None, tuning: Tuning
) -> FusionOverlay:
    """Return the fusion of everything computed so far, ready for display."""
    from spineviewer.fusion import Fusion

    overlay = FusionOverlay(Fusion(attention, probability))
    overlay.warm_up(tuning)
    return overlay
