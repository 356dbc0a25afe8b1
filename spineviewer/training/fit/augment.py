"""Random blocks and slices for training, extracted with one affine interpolation.

Paper: §2.1, §2.2 (rotation, scaling, contrast).
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.model import PreprocessSettings
from spineviewer.preprocess import scaled
from spineviewer.training.fit.cases import IGNORED, Case
from spineviewer.training.fit.diseases import add_cement, add_contrast, change_marrow
from spineviewer.volume.volume import AIR_HU

Generator = np.random.Generator
#: Label of voxels outside the scan in patches for the attention network.
_BEYOND = 254
#: Height of an end of the spine: about one vertebra with its disc.
END_MM = 35
#: Range of the height of a sliver of sacrum or skull.
SLIVER_MM = (1, 20)


@dataclass(frozen=True)
class AugmentSettings:
    """How much, and how often, samples are changed at random.

    Numbers that are not described below are the largest change in either direction.

    Attributes
    ----------
    noise_hu
        Largest standard deviation of the noise that is added to half of the samples.
    thick_slices_fraction, cut_fraction
        Fractions of the samples that imitate thick slices, and that show air above, below or
        both, as in a shorter scan.
    blur_fraction, sharpen_fraction
        Fraction of the samples that imitate a soft reconstruction kernel, and fraction of the
        remaining samples that imitate a sharp one.
    off_spine_fraction
        Fraction of the samples taken anywhere in the scan instead of at the spine.
    end_fraction
        Fraction of the spine samples taken at the upper or lower end of the spine, where it meets
        the skull, the sacrum or the end of the scan. Choice: most false positives of our networks
        were there, and uniform sampling rarely selects these places.
    mistake_fraction
        Fraction of all samples taken where an earlier network made errors, if these places are
        known (`Case.mistakes`).
    marrow_fraction, cement_fraction, contrast_fraction
        Fractions of the samples with a changed marrow density, with cement, and with a
        contrast-enhanced organ (`diseases`); `contrast` is the contrast of the image.
    sliver_fraction
        Fraction of the blocks cut off at most 20 mm beyond the first and last vertebra in them,
        which leaves only a sliver of sacrum or skull.
    """

    rotation_deg: float = 2.0
    other_rotations_deg: float = 0.0
    scaling: float = 0.10
    contrast: float = 0.10
    shift_hu: float = 20.0
    noise_hu: float = 0.0
    thick_slices_fraction: float = 0.0
    blur_fraction: float = 0.0
    cut_fraction: float = 0.0
    mirror: bool = False
    off_spine_fraction: float = 0.3
    end_fraction: float = 0.0
    mistake_fraction: float = 0.0
    sharpen_fraction: float = 0.0
    marrow_fraction: float = 0.0
    cement_fraction: float = 0.0
    contrast_fraction: float = 0.0
    sliver_fraction: float = 0.0


@dataclass(frozen=True)
class Sample:
    """One training example.

    Attributes
    ----------
    image
        float32, shape (slices, rows, columns) or (rows, columns): scaled CT values.
    target, weight
        float32, on the network's output grid; the weight is 0 where the reference is not
        trustworthy.
    """

    image: NDArray[np.float32]
    target: NDArray[np.float32]
    weight: NDArray[np.float32]


def segmentation_block(
    case: Case,
    size: tuple[int, int, int],
    settings: AugmentSettings,
    preprocessing: PreprocessSettings,
    rng: Generator,
) -> Sample:
    """Return a random block, usually one that shows the spine.

    Image, target and weight are float32, each of shape `size` (slices, rows, columns).
    """
    centre = _centre(case, settings, rng) + rng.uniform(-0.3, 0.3, 3) * size
    sagittal_deg, coronal_deg, axial_deg = rng.uniform(-1, 1, 3) * (
        settings.rotation_deg, settings.other_rotations_deg, settings.other_rotations_deg,
    )  # fmt: skip
    matrix = (
        _rotation_matrix(0, sagittal_deg)
        @ _rotation_matrix(1, coronal_deg)
        @ _rotation_matrix(2, axial_deg)
    )
    matrix = matrix * (
        1
        + rng.uniform(-settings.scaling, settings.scaling)
        + rng.uniform(-0.03, 0.03, 3) * (settings.scaling > 0)
    )
    hu, label = np.empty(size, np.float32), np.empty(size, np.uint8)
    _cut_block(case.hu, case.label, matrix, centre, 0, hu, label)
    if settings.mirror and rng.random() < 0.5:
        hu, label = hu[::-1].copy(), label[::-1].copy()
    if rng.random() < settings.marrow_fraction:
        change_marrow(hu, label, rng)
    if rng.random() < settings.cement_fraction:
        add_cement(hu, label, rng)
    if rng.random() < settings.contrast_fraction:
        add_contrast(hu, label, rng)
    hu = _changed_hu(hu, settings, rng)
    if rng.random() < settings.cut_fraction:
        _cut_field_of_view(hu, label, 0, rng)
    if rng.random() < settings.sliver_fraction:
        _cut_beyond_spine(hu, label, rng)
    return Sample(
        scaled(hu, preprocessing),
        (label == 1).astype(np.float32),
        (label != IGNORED).astype(np.float32),
    )


def attention_patch(
    case: Case,
    sides: tuple[int, int],
    settings: AugmentSettings,
    preprocessing: PreprocessSettings,
    rng: Generator,
) -> Sample:
    """Return a random patch of one sagittal slice and the spine fraction of its cells. Paper: §2.1.

    Cells have 16 x 16 x 8 voxels. Image, target and weight are float32; the image has the shape
    `sides`, target and weight (rows / 16, columns / 16).

    Choice: slice s represents slices s-4 to s+3, so that slice 8k+4 represents cell k (slices 8k to
    8k+7) at inference.
    Choice: the fraction counts only voxels inside the scan. Cells extend beyond the ends of a scan;
    if the voxels there were counted, the first and the last vertebra would fall below the
    threshold (the paper mentions this weakness).

    Parameters
    ----------
    sides
        Rows and columns of the patch, multiples of 16. Outside the patch is air, as at the edge of
        a scan.
    """
    centre = _centre(case, settings, rng) + rng.uniform(-0.4, 0.4, 3) * (8, *sides)
    slice_index = int(np.clip(round(centre[0]), 0, case.hu.shape[0] - 1))
    factors = 1 + rng.uniform(-settings.scaling, settings.scaling, 2)
    matrix = _rotation_matrix(
        0, rng.uniform(-settings.rotation_deg, settings.rotation_deg)
    ) @ np.diag([1.0, *factors])
    hu, label = np.empty((8, *sides), np.float32), np.empty((8, *sides), np.uint8)
    _cut_block(
        case.hu, case.label, matrix, np.array([slice_index - 0.5, *centre[1:]]), _BEYOND, hu, label
    )
    if rng.random() < settings.contrast_fraction:
        add_contrast(hu, label, rng)
    image = hu[4]
    if settings.thick_slices_fraction or settings.noise_hu:
        image = _changed_hu(image[None], settings, rng)[0]
    if rng.random() < settings.cut_fraction:
        _cut_field_of_view(image[None], label, _BEYOND, rng)
    cells = (8, sides[0] // 16, 16, sides[1] // 16, 16)
    spine, ignored, beyond = (
        (label == code).reshape(cells).mean(axis=(0, 2, 4), dtype=np.float32)
        for code in (1, IGNORED, _BEYOND)
    )
    fraction = spine / np.maximum(1 - beyond, 1e-6)
    is_known = (ignored < 0.05 * (1 - beyond)) | (beyond == 1)
    return Sample(
        scaled(image, preprocessing), np.minimum(fraction, 1), is_known.astype(np.float32)
    )


def _centre(case: Case, settings: AugmentSettings, rng: Generator) -> NDArray[np.float64]:
    if len(case.mistakes) and rng.random() < settings.mistake_fraction:
        hard: NDArray[np.float64] = case.mistakes[rng.integers(len(case.mistakes))].astype(float)
        return hard
    if len(case.spine) and rng.random() >= settings.off_spine_fraction:
        positions = case.spine
        if settings.end_fraction and rng.random() < settings.end_fraction:
            positions = _at_an_end(positions, rng)
        chosen: NDArray[np.float64] = positions[rng.integers(len(positions))].astype(float)
        return chosen
    return rng.uniform(0, 1, 3) * case.hu.shape


def _at_an_end(positions: NDArray[np.int32], rng: Generator) -> NDArray[np.int32]:
    """Return the positions (slice, row, column) within `END_MM` of one end, chosen at random."""
    rows = positions[:, 1]
    is_at_end = rows < rows.min() + END_MM if rng.random() < 0.5 else rows > rows.max() - END_MM
    chosen: NDArray[np.int32] = positions[is_at_end]
    return chosen


def _changed_hu(
    hu: NDArray[np.float32], settings: AugmentSettings, rng: Generator
) -> NDArray[np.float32]:
    """Return CT values with a random reconstruction kernel, slice thickness, noise and contrast."""
    if rng.random() < settings.blur_fraction:
        hu = ndimage.gaussian_filter(hu, (0, *rng.uniform(0.3, 1.0, 2)))
    elif rng.random() < settings.sharpen_fraction:
        hu = hu + np.float32(rng.uniform(0.2, 1.2)) * (hu - ndimage.gaussian_filter(hu, 1.0))
    if rng.random() < settings.thick_slices_fraction:
        hu = _thick_slices(hu, int(rng.integers(2, 6)), rng)
    if settings.noise_hu and rng.random() < 0.5:
        noise = ndimage.gaussian_filter(
            rng.standard_normal(hu.shape, dtype=np.float32), rng.uniform(0.3, 0.9)
        )
        hu = hu + noise * np.float32(rng.uniform(0, settings.noise_hu) / max(noise.std(), 1e-6))
    gain = 1 + rng.uniform(-settings.contrast, settings.contrast)
    return (
        (hu + 1000) * np.float32(gain)
        - 1000
        + np.float32(rng.uniform(-settings.shift_hu, settings.shift_hu))
    )


def _thick_slices(hu: NDArray[np.float32], thickness: int, rng: Generator) -> NDArray[np.float32]:
    """Return CT values averaged along z over `thickness` mm and interpolated, like thick slices."""
    rows = hu.shape[1]
    phase = rng.integers(thickness)
    averaged = ndimage.uniform_filter1d(hu, thickness, axis=1, mode="nearest")
    picked = np.arange(phase, rows, thickness)
    position = np.clip((np.arange(rows) - phase) / thickness, 0, len(picked) - 1)
    below = (
        np.minimum(position.astype(int), len(picked) - 2)
        if len(picked) > 1
        else np.zeros(rows, int)
    )
    part = (position - below).astype(np.float32)[None, :, None]
    upper = np.minimum(below + 1, len(picked) - 1)
    mixed: NDArray[np.float32] = (
        averaged[:, picked[below]] * (1 - part) + averaged[:, picked[upper]] * part
    )
    return mixed


def _cut_field_of_view(
    hu: NDArray[np.float32], label: NDArray[np.uint8], beyond: int, rng: Generator
) -> None:
    """Replace a random number of rows at the lower or upper end, or both, with air, in place.

    `beyond` is the label of the air.
    """
    rows = hu.shape[1]
    which = rng.integers(3)
    most = rows // (3 if which == 2 else 2)
    below = int(rng.integers(8, most)) if which != 1 else 0
    above = int(rng.integers(8, most)) if which != 0 else 0
    for cut in (slice(0, below), slice(rows - above, rows)):
        hu[:, cut] = AIR_HU
        label[:, cut] = beyond


def _cut_beyond_spine(hu: NDArray[np.float32], label: NDArray[np.uint8], rng: Generator) -> None:
    """Write air at a random distance (`SLIVER_MM`) beyond both ends of the spine, in place."""
    rows = np.flatnonzero((label == 1).any(axis=(0, 2)))
    if not len(rows):
        return
    first = max(0, int(rows[0]) - int(rng.integers(*SLIVER_MM)))
    last = int(rows[-1]) + int(rng.integers(*SLIVER_MM))
    for cut in (slice(0, first), slice(last + 1, None)):
        hu[:, cut] = AIR_HU
        label[:, cut] = 0


def _rotation_matrix(axis: int, degrees: float) -> NDArray[np.float64]:
    """Return the matrix of a rotation about one axis of (slices, rows, columns)."""
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    matrix = np.eye(3)
    a, b = [k for k in range(3) if k != axis]
    matrix[a, a], matrix[a, b], matrix[b, a], matrix[b, b] = cosine, -sine, sine, cosine
    return matrix


@numba.njit(nogil=True, cache=True, fastmath=True)
def _cut_block(hu, label, matrix, centre, beyond, out_hu, out_label):  # type: ignore[no-untyped-def]
    """Write interpolated CT values, and labels.

    Output voxel (i, j, k) shows the point ``centre + matrix @ (i, j, k relative to the middle)``.
    Its value is the sum over the 8 voxels around that point, at f and f + 1 on each axis, each
    weighted with the product of 1 minus its distance along each axis. Its label is `IGNORED` if
    more than 0.3 of it is ignored, otherwise spine if at least 0.5 of it is. Outside the scan there
    is air, labelled `beyond`.
    """
    n0, n1, n2 = hu.shape
    size0, size1, size2 = out_hu.shape
    for i in range(size0):
        for j in range(size1):
            for k in range(size2):
                a, b, c = i - (size0 - 1) / 2, j - (size1 - 1) / 2, k - (size2 - 1) / 2
                p0 = centre[0] + matrix[0, 0] * a + matrix[0, 1] * b + matrix[0, 2] * c
                p1 = centre[1] + matrix[1, 0] * a + matrix[1, 1] * b + matrix[1, 2] * c
                p2 = centre[2] + matrix[2, 0] * a + matrix[2, 1] * b + matrix[2, 2] * c
                f0, f1, f2 = int(np.floor(p0)), int(np.floor(p1)), int(np.floor(p2))
                if f0 < -1 or f1 < -1 or f2 < -1 or f0 >= n0 or f1 >= n1 or f2 >= n2:
                    out_hu[i, j, k] = AIR_HU
                    out_label[i, j, k] = beyond
                    continue
                value, spine, ignored, inside = 0.0, 0.0, 0.0, 0.0
                for d0 in range(2):
                    w0 = p0 - f0 if d0 else 1 - (p0 - f0)
                    for d1 in range(2):
                        w1 = w0 * (p1 - f1 if d1 else 1 - (p1 - f1))
                        for d2 in range(2):
                            w = w1 * (p2 - f2 if d2 else 1 - (p2 - f2))
                            q0, q1, q2 = f0 + d0, f1 + d1, f2 + d2
                            if 0 <= q0 < n0 and 0 <= q1 < n1 and 0 <= q2 < n2:
                                inside += w
                                value += w * hu[q0, q1, q2]
                                code = label[q0, q1, q2]
                                if code == 1:
                                    spine += w
                                elif code == IGNORED:
                                    ignored += w
                            else:
                                value += w * AIR_HU
                out_hu[i, j, k] = value
                if inside < 0.5:
                    out_label[i, j, k] = beyond
                else:
                    out_label[i, j, k] = IGNORED if ignored > 0.3 else (1 if spine >= 0.5 else 0)
