"""Reduction of metal streaks before the networks see a scan.

In each axial slice of the working grid that shows metal, a simple model of the slice is subtracted:
smoothed air and dense bone, and soft tissue everywhere else. The rest is summed along rays. Rays
through metal contain the streaks, so their sums are interpolated between the nearest rays beside
the metal. Reconstructing the differences with filtered back projection gives the correction::

    rest      = slice - model                   0 in and next to metal
    sums      = rays through `rest`             angle by offset, 1 mm apart
    change    = interpolated sums - sums        in the shadow of the metal, else 0
    corrected = slice + back projection of the filtered change

Choice: linear interpolation (Kalender 1987) of sums that are normalised with a tissue model (Meyer
2010, there by division), on the reconstructed slice, because scanners do not store their
projections. Small changes, which are noise and structure rather than streaks, are set to zero.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.progress import Progress
from spineviewer.threads import in_parallel

FloatArray = NDArray[np.float64]

#: Area of metal in a slice below which its streaks are negligible.
MIN_MM2 = 4
#: HU of soft tissue in the model, and the range of smoothed HU that count as soft tissue.
SOFT_HU = 40
SOFT_RANGE_HU = (-400, 400)
#: Voxels up to this far from metal are blurred by it.
BLUR_MM = 2
#: Rays this close to the centre of a metal voxel pass through the metal.
REACH_MM = 1.5
ANGLES = 180
#: Change of a ray's sum that structure and noise cause without any streaks.
USUAL_HU_MM = 6000.0
#: Numbers of rays (angles, offsets) over which the size of a change is averaged.
_AVERAGED = (5, 3)


def reduce_metal_streaks(
    hu: NDArray[np.int16], metal_hu: int, *, threads: int, progress: Progress
) -> None:
    """Reduce the streaks of metal in a scan on the working grid, in place.

    Parameters
    ----------
    hu
        int16, shape (z, y, x), 1 mm.
    metal_hu
        Voxels above this value are metal; they do not change. 0 leaves the scan as it is.
    """
    if not metal_hu or hu.max(initial=0) <= metal_hu:
        return
    areas = np.count_nonzero(hu > metal_hu, axis=(1, 2))

    def run(z: int) -> None:
        plane = hu[z].astype(np.float64, order="C")
        is_metal = plane > metal_hu
        corrected = np.clip(plane + streak_correction(plane, is_metal), -1024, metal_hu)
        hu[z] = np.where(is_metal, plane, np.rint(corrected))

    in_parallel(
        run,
        [int(z) for z in np.flatnonzero(areas >= MIN_MM2)],
        threads=threads,
        on_done=lambda fraction: progress.step("metal", fraction),
    )


def streak_correction(plane: FloatArray, is_metal: NDArray[np.bool_]) -> FloatArray:
    """Return the correction to add to an axial slice to reduce its streaks.

    Parameters
    ----------
    plane
        float64 HU, shape (y, x), 1 mm.
    is_metal
        bool, same shape.

    Returns
    -------
    float64 HU, same shape.
    """
    near = ndimage.binary_dilation(is_metal, iterations=BLUR_MM)
    rest = _minus_model(np.where(near, SOFT_HU, plane))
    rest[near] = 0
    reach = int(np.ceil(np.hypot(*plane.shape) / 2)) + 2
    angles = np.arange(ANGLES) * np.pi / ANGLES
    sines, cosines = np.sin(angles), np.cos(angles)
    shadow = _shadow(
        np.ascontiguousarray(np.argwhere(is_metal)), plane.shape, sines, cosines, reach
    )
    sums = _ray_sums(rest, shadow, sines, cosines, reach)
    change = _interpolated(sums, shadow) - sums
    change[~shadow] = 0
    size = ndimage.uniform_filter(change**2, _AVERAGED)
    change *= np.clip(1 - USUAL_HU_MM**2 / np.maximum(size, 1), 0, None)
    out = np.zeros(plane.shape)
    changed = change.any(axis=1)
    _back_project(_filtered(change)[changed], sines[changed], cosines[changed], reach, out)
    return out


def _minus_model(filled: FloatArray) -> FloatArray:
    """Return the difference between a slice and its model.

    `filled` has soft tissue instead of metal.
    """
    model = ndimage.gaussian_filter(filled, 1.5)
    low, high = SOFT_RANGE_HU
    model[(model > low) & (model < high)] = SOFT_HU
    return np.asarray(filled - model)


def _filtered(sums: FloatArray) -> FloatArray:
    """Return ray sums convolved with the ramp filter of a 1 mm grid (Ramachandran 1971)."""
    offsets = np.arange(-sums.shape[1] + 1, sums.shape[1])
    kernel = np.zeros(len(offsets))
    kernel[offsets == 0] = 0.25
    odd = offsets % 2 == 1
    kernel[odd] = -1 / (np.pi * offsets[odd]) ** 2
    filtered = np.zeros_like(sums)
    _convolve_rows(sums, kernel, filtered)
    return filtered * (np.pi / len(sums))


@numba.njit(nogil=True, cache=True)
def _convolve_rows(rows, kernel, out):  # type: ignore[no-untyped-def]
    """Add the convolution of each row with `kernel`, whose origin is in its middle, to `out`."""
    count = rows.shape[1]
    for row in range(rows.shape[0]):
        for k in range(count):
            value = rows[row, k]
            if value != 0:
                for i in range(count):
                    out[row, i] += value * kernel[count - 1 + i - k]


@numba.njit(nogil=True, cache=True)
def _shadow(voxels, shape, sines, cosines, reach):  # type: ignore[no-untyped-def]
    """Return which rays pass through metal voxels: bool, (angles, 2 reach + 1).

    Ray t consists of the points with ``x cos + y sin = t - reach``, measured from the middle of the
    slice.
    """
    shadow = np.zeros((len(sines), 2 * reach + 1), np.bool_)
    for a in range(len(sines)):
        for n in range(len(voxels)):
            y, x = voxels[n, 0] - (shape[0] - 1) / 2, voxels[n, 1] - (shape[1] - 1) / 2
            t = x * cosines[a] + y * sines[a] + reach
            for ray in range(int(np.floor(t - REACH_MM)), int(np.ceil(t + REACH_MM)) + 1):
                shadow[a, min(max(ray, 0), 2 * reach)] = True
    return shadow


@numba.njit(nogil=True, cache=True)
def _ray_sums(plane, shadow, sines, cosines, reach):  # type: ignore[no-untyped-def]
    """Return the sums along the rays in and next to the shadow; the others are 0."""
    sums = np.zeros(shadow.shape)
    rays = shadow.shape[1]
    for a in range(shadow.shape[0]):
        for t in range(1, rays - 1):
            if shadow[a, t - 1] or shadow[a, t] or shadow[a, t + 1]:
                sums[a, t] = _ray_sum(plane, sines[a], cosines[a], t - reach)
    return sums


@numba.njit(nogil=True, cache=True)
def _ray_sum(plane, sine, cosine, offset):  # type: ignore[no-untyped-def]
    """Return the sum along one ray, row by row (or column by column if it is flatter than 45°).

    The ray crosses row y at ``x = (offset - y sin) / cos``; between two pixels, their values are
    interpolated. Each row counts for the length of the ray in it, 1 / |cos|.
    """
    rows, columns = plane.shape
    total = 0.0
    if abs(cosine) >= abs(sine):
        for row in range(rows):
            x = (offset - (row - (rows - 1) / 2) * sine) / cosine + (columns - 1) / 2
            left = int(np.floor(x))
            if 0 <= left < columns - 1:
                total += plane[row, left] + (x - left) * (plane[row, left + 1] - plane[row, left])
        return total / abs(cosine)
    for column in range(columns):
        y = (offset - (column - (columns - 1) / 2) * cosine) / sine + (rows - 1) / 2
        above = int(np.floor(y))
        if 0 <= above < rows - 1:
            upper = plane[above, column]
            total += upper + (y - above) * (plane[above + 1, column] - upper)
    return total / abs(sine)


@numba.njit(nogil=True, cache=True)
def _interpolated(sums, shadow):  # type: ignore[no-untyped-def]
    """Return the sums, interpolated in the shadow between the rays next to it."""
    out = sums.copy()
    for a in range(shadow.shape[0]):
        last_clear = 0
        for t in range(1, shadow.shape[1]):
            if shadow[a, t]:
                continue
            for ray in range(last_clear + 1, t):
                fraction = (ray - last_clear) / (t - last_clear)
                out[a, ray] = (1 - fraction) * sums[a, last_clear] + fraction * sums[a, t]
            last_clear = t
    return out


@numba.njit(nogil=True, cache=True, fastmath=True)
def _back_project(filtered, sines, cosines, reach, out):  # type: ignore[no-untyped-def]
    """Add to each pixel the value of each angle's ray through it, interpolated between rays."""
    rows, columns = out.shape
    for row in range(rows):
        for a in range(len(sines)):
            cosine = cosines[a]
            first = (row - (rows - 1) / 2) * sines[a] - (columns - 1) / 2 * cosine + reach
            for column in range(columns):
                t = first + column * cosine
                ray = int(t)
                out[row, column] += filtered[a, ray] + (t - ray) * (
                    filtered[a, ray + 1] - filtered[a, ray]
                )
