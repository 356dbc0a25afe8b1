"""Facts about the mask with its corrections: its volume, and whether the scan cuts it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from spineviewer.wording import enumerated, worded

if TYPE_CHECKING:
    from spineviewer.app.fused_mask import FusedMask
    from spineviewer.editing.correction import Correction
    from spineviewer.labelling.vertebrae import Vertebrae

CUT_BY_SCAN = worded("The mask touches the edge of the scan, so its volume is incomplete.")
_CONTENT_LENGTH = 16


@dataclass(frozen=True)
class MaskFacts:
    """Facts about the mask, which the panel shows.

    Attributes
    ----------
    content
        Identifies the voxels of the mask; equal for equal thresholds and corrections.
    """

    volume_ml: float
    is_cut_by_scan: bool
    content: str = ""


def cut_vertebrae_remark(names: Sequence[str]) -> str:
    """Return a sentence about the vertebrae that the scan cuts off."""
    return worded("Cut off at the edge of the scan: {names}.", names=enumerated(names))


def is_incomplete(is_cut_by_scan: bool, vertebrae: Vertebrae | None) -> bool:
    """Return whether the scan cuts off the mask or one of its vertebrae.

    The slices of a sheared scan end inside its right-angled grid. The mask then touches no edge of
    the grid, but the vertebra at the end of the slices is incomplete.
    """
    return is_cut_by_scan or any(vertebra.is_incomplete for vertebra in vertebrae or ())


def cut_remark(is_cut_by_scan: bool, vertebrae: Vertebrae | None) -> str:
    """Return a sentence about what the scan cuts off: vertebrae if known, otherwise the mask.

    Empty if it cuts off nothing.
    """
    names = [vertebra.name for vertebra in vertebrae or () if vertebra.is_incomplete]
    if names:
        return cut_vertebrae_remark(names)
    return CUT_BY_SCAN if is_cut_by_scan else ""


def facts_of(fused: FusedMask, correction: Correction) -> MaskFacts:
    """Return the facts about a corrected mask; if possible, only corrected voxels are read."""
    content = _content(fused, correction)
    if correction.is_empty:
        return MaskFacts(fused.volume_ml, fused.is_cut_by_scan, content)
    voxels = fused.mask.voxels
    volume_ml = (
        fused.volume_ml + correction.net_added_voxels(voxels) * fused.mask.geometry.voxel_volume_ml
    )
    faces = [(axis, index) for axis, n in enumerate(voxels.shape) for index in (0, n - 1)]
    if all(correction.plane(axis, index) is None for axis, index in faces):
        return MaskFacts(volume_ml, fused.is_cut_by_scan, content)
    is_cut = any(
        correction.corrected_plane(np.take(voxels, index, axis=axis), axis, index).any()
        for axis, index in faces
    )
    return MaskFacts(volume_ml, bool(is_cut), content)


def _content(fused: FusedMask, correction: Correction) -> str:
    """Return a hash of what determines the voxels of a corrected mask.

    Choice: the uncorrected mask is identified by its tuning and volume, because reading all its
    voxels would make strokes stutter.
    """
    digest = sha256(repr((fused.tuning, round(fused.volume_ml, 3))).encode())
    for corner, changed in correction.changes_of(fused.mask.voxels):
        digest.update(repr((corner, changed.shape)).encode())
        digest.update(np.packbits(changed).tobytes())
    return digest.hexdigest()[:_CONTENT_LENGTH]
