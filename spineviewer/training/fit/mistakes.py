"""Places in training cases where a network makes errors; they are sampled more often.

Choice: most random blocks are easy. Difficult places (sacrum beside the last vertebra, bone between
streaks of metal, vertebrae cut off by the field of view) are a small part of the cases, and a
network that has been trained for a long time learns little from the rest.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from spineviewer.model import PreprocessSettings
from spineviewer.networks.segmentation_net import HALO_ACROSS, SegmentationNet
from spineviewer.preprocess import scaled
from spineviewer.training.fit.bfloat16 import has_bfloat16
from spineviewer.training.fit.cases import Case

#: Margin around the spine that is searched. The attention network excludes what is farther away.
MARGIN_MM = 24
#: Voxels this close to the surface of the reference, where the reference is uncertain, do not
#: count.
SURFACE_MM = 2
#: Maximum number of places per case.
MAX_PLACES = 4000
#: Number of slices that are computed at a time.
_SLAB = 24


def with_mistakes(
    case: Case, net: SegmentationNet, settings: PreprocessSettings, file: Path
) -> Case:
    """Return the case with the places where `net` makes errors, cached in `file`."""
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, mistakes_of(case, net, settings))
    return replace(case, mistakes=np.load(file))


def mistakes_of(
    case: Case, net: SegmentationNet, settings: PreprocessSettings
) -> NDArray[np.int32]:
    """Return the places near the spine where `net` makes errors: int32, shape (n, 3).

    Each is (slice, row, column). n is `MAX_PLACES` at most, and 0 if the case has no spine.
    """
    if not len(case.spine):
        return np.empty((0, 3), np.int32)
    low = np.maximum(case.spine.min(axis=0) - MARGIN_MM, 0)
    high = np.minimum(case.spine.max(axis=0) + MARGIN_MM + 1, case.hu.shape)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    label = np.asarray(case.label[box])
    marked = _marked(net, scaled(np.asarray(case.hu[box], np.float32), settings))
    spine = label == 1
    inner = ndimage.distance_transform_edt(spine) > SURFACE_MM
    outer = (label == 0) & (ndimage.distance_transform_edt(~spine) > SURFACE_MM)
    places = np.argwhere((inner & ~marked) | (outer & marked))
    chosen = np.random.default_rng(0).permutation(len(places))[:MAX_PLACES]
    return np.asarray(places[chosen] + low, np.int32)


def _marked(net: SegmentationNet, image: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the voxels that `net` marks, from whole sagittal slices: bool, shape of `image`."""
    marked = np.empty(image.shape, np.bool_)
    rows, columns = (-n % 16 for n in image.shape[1:])
    with (
        torch.no_grad(),
        torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16(torch.device("cpu"))),
    ):
        for first in range(0, len(image), _SLAB):
            start = max(0, first - HALO_ACROSS)
            slab = image[start : first + _SLAB + HALO_ACROSS]
            odd = len(slab) % 2
            padded = np.pad(slab, ((0, odd), (0, rows), (0, columns)), mode="edge")
            answer: Tensor = net(torch.from_numpy(padded[None, None]))
            kept = answer[0, 0, first - start :, : image.shape[1], : image.shape[2]]
            here = marked[first : first + _SLAB]
            here[:] = (kept[: len(here)] > 0).numpy()
    return marked
