"""Random effects of diseases and treatment: marrow density, cement, contrast medium.

Choice: there are too few real osteoporotic and cemented spines with a reference to train on. In
real scans, the mask shows where the marrow is, so its density can be changed, or cement added
to it. Everything else stays real.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.training.fit.cases import IGNORED

#: Mean CT value of marrow, from severe osteoporosis to the bone of a healthy young adult, as in
#: `tissues.BoneRanges` and somewhat beyond.
MARROW_HU = (-30.0, 270.0)
CEMENT_HU = (700.0, 2400.0)
CEMENT_RADIUS_MM = (5.0, 13.0)
#: Depth at which the change is complete. It fades out towards the surface, where voxels also
#: contain other tissue.
_SHELL_MM = 2.5
#: Compact bone does not change: the change fades out between these values.
_COMPACT_HU = (350.0, 700.0)
#: Organs with contrast medium: CT value without it, enhancement, and semi-axes (renal pelvis to
#: kidney).
SOFT_HU = (-20.0, 120.0)
UPTAKE_HU = (80.0, 320.0)
ORGAN_MM = (6.0, 40.0)


def change_marrow(
    hu: NDArray[np.float32], label: NDArray[np.uint8], rng: np.random.Generator
) -> None:
    """Change the mean CT value of the marrow in a block, in place.

    The change is the same for all vertebrae, with smooth variation.

    Parameters
    ----------
    hu, label
        A block of sagittal slices (float32) and its reference (uint8, 1 is spine), both of shape
        (slices, rows, columns).
    """
    depth = _depth_mm(label)
    deep = depth > _SHELL_MM
    if np.count_nonzero(deep) < 200:
        return
    change = rng.uniform(*MARROW_HU) - float(np.median(hu[deep]))
    slow = ndimage.gaussian_filter(
        rng.standard_normal(hu.shape, dtype=np.float32), (3, 8, 8), mode="wrap"
    )
    slow *= np.float32(rng.uniform(0, 0.25) / max(float(slow.std()), 1e-6))
    inward = np.clip((depth - 0.5) / _SHELL_MM, 0, 1)
    low, high = _COMPACT_HU
    spongy = np.clip((high - hu) / (high - low), 0, 1)
    hu += np.float32(change) * inward * spongy * (1 + slow)


def add_cement(hu: NDArray[np.float32], label: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Fill an irregular part of one vertebra with bone cement, in place.

    `hu` (float32) and `label` (uint8) have shape (slices, rows, columns). Paper: §5 mentions that
    its training data contained no cement.
    """
    deep_voxels = np.argwhere(_depth_mm(label) > 5)
    if len(deep_voxels) == 0:
        return
    middle = deep_voxels[rng.integers(len(deep_voxels))]
    axes = np.ogrid[tuple(slice(0, n) for n in hu.shape)]
    distance = np.sqrt(sum((axis - m) ** 2.0 for axis, m in zip(axes, middle, strict=True)))
    ragged = ndimage.gaussian_filter(rng.standard_normal(hu.shape), 2.0) * 14  # about unit variance
    fraction = np.clip(rng.uniform(*CEMENT_RADIUS_MM) - distance - 2.5 * ragged, 0, 1) * (
        label == 1
    )
    cement = rng.uniform(*CEMENT_HU) * (1 + 0.15 * ragged)
    hu += (fraction * (cement - hu)).astype(np.float32)


def add_contrast(
    hu: NDArray[np.float32], label: NDArray[np.uint8], rng: np.random.Generator
) -> None:
    """Add contrast medium to one organ near the spine, in place: as bright as bone, but smooth.

    `hu` (float32) and `label` (uint8) have shape (slices, rows, columns). Choice: networks trained
    with few enhanced organs mistook a contrast-enhanced kidney for spine in a short scan.
    """
    soft = (label == 0) & (hu > SOFT_HU[0]) & (hu < SOFT_HU[1])
    places = np.flatnonzero(soft)
    if len(places) == 0:
        return
    middle = np.unravel_index(places[rng.integers(len(places))], hu.shape)
    semi_axes = rng.uniform(*ORGAN_MM, 3)
    axes = np.ogrid[tuple(slice(0, n) for n in hu.shape)]
    distance = np.sqrt(
        sum(((axis - m) / half) ** 2 for axis, m, half in zip(axes, middle, semi_axes, strict=True))
    )
    edge_mm = float(semi_axes.min())
    fraction = np.clip((1 - distance) * edge_mm + 0.5, 0, 1) * soft
    hu += (fraction * rng.uniform(*UPTAKE_HU)).astype(np.float32)


def _depth_mm(label: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the distance from each spine voxel to the nearest voxel that is not spine, in mm.

    float32, shape of `label`; 0 outside the spine. Ignored voxels count as spine.
    """
    spine = np.pad((label == 1) | (label == IGNORED), 1, mode="edge")
    depth = ndimage.distance_transform_edt(spine)[1:-1, 1:-1, 1:-1]
    inside: NDArray[np.float32] = np.where(label == 1, depth, 0).astype(np.float32)
    return inside
