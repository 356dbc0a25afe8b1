"""Conversion of an image file's values to Hounsfield units, and a check of their plausibility."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.volume import AIR_HU
from spineviewer.wording import critical, worded

#: Choice: a scan without any value below this shows no air around the patient, so its values are
#: probably not Hounsfield units.
SOME_AIR_HU = -200
#: Choice: metal and cement have lower values, even on an extended scale; higher ones come from an
#: overflow.
MAX_PLAUSIBLE_HU = 31_000
#: Choice: tissue is brighter than this.
DARKEST_TISSUE_HU = -250
#: Choice: more than this fraction of a scan is tissue.
SMALL_FRACTION = 0.02
#: Choice: up to this many different integers are assumed to be labels.
MAX_LABELS = 64
#: The highest grey level of an 8-bit image.
MAX_GREY_LEVEL = 255
#: Approximate number of voxels that are examined.
MAX_SAMPLES = 200_000
INT16 = np.iinfo(np.int16)


def write_hu(
    values: NDArray[Any],
    into: NDArray[np.int16],
    on_progress: Callable[[float], None] = lambda _: None,
) -> list[str]:
    """Write values as integer HU, clipped, slice by slice; values that are not finite become air.

    Parameters
    ----------
    values
        Any real dtype, shape (z, y, x).
    into
        int16, same shape as `values`.
    on_progress
        Called with the fraction done.

    Returns
    -------
    Sentences about values that were changed.
    """
    highest, is_finite = -np.inf, True
    for number, (plane, target) in enumerate(zip(values, into, strict=True)):
        if values.dtype.kind == "f":
            finite = np.isfinite(plane)
            if not finite.all():
                is_finite = False
                plane = np.where(finite, plane, AIR_HU)
            plane = np.rint(plane)
        highest = max(highest, float(plane.max()))
        target[...] = np.clip(plane, None if values.dtype.kind == "u" else AIR_HU, INT16.max)
        on_progress((number + 1) / len(values))
    remarks: list[str] = (
        []
        if is_finite
        else [worded("Some voxels do not contain finite numbers; they are shown as air.")]
    )
    if highest > INT16.max:
        remarks.append(
            worded(
                "Values above {most} (up to {highest:.0f}) are clipped to {most}.",
                highest=highest,
                most=INT16.max,
            )
        )
    return remarks


def value_warnings(values: NDArray[Any]) -> list[str]:
    """Return sentences that explain why values do not look like a patient's HU; empty if they do.

    Parameters
    ----------
    values
        Any real dtype, shape (z, y, x), as in the file. They are not rounded, because in a scan
        normalised to the range from 0 to 1, only 0 and 1 would remain.
    """
    sample = values[:: max(1, values.shape[0] // 64)].ravel()
    sample = sample[:: max(1, sample.size // MAX_SAMPLES)]
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return [worded("No voxel contains a finite number.")]
    low, high = float(sample.min()), float(sample.max())
    if low == high:
        return [worded("All voxels have the same value ({low:.4g}).", low=low)]
    if low > SOME_AIR_HU:
        return [_no_air_warning(sample, low, high)]
    if high > MAX_PLAUSIBLE_HU:
        return [
            critical(
                worded(
                    "The values go up to {high:.0f}, so they are not Hounsfield units. The numbers "
                    "in the file may have overflowed.",
                    high=high,
                )
            )
        ]
    if np.quantile(sample, 1 - SMALL_FRACTION) < DARKEST_TISSUE_HU:
        return [
            critical(
                worded(
                    "The values ({low:.4g} to {high:.4g}) do not look like Hounsfield units: "
                    "almost nothing is as bright as "
                    "tissue. An offset of 1024 may have been subtracted twice.",
                    low=low,
                    high=high,
                )
            )
        ]
    return []


def _no_air_warning(sample: NDArray[Any], low: float, high: float) -> str:
    """Return a sentence saying what values without air probably are."""
    is_whole = sample.dtype.kind in "iu" or bool((sample == np.rint(sample)).all())
    if low >= 0 and is_whole and len(np.unique(sample)) <= MAX_LABELS:
        return critical(
            worded(
                "The file contains only a few different values, all whole numbers ({low:.4g} "
                "to {high:.4g}), like a mask or a label map: these are not HU. Open the scan "
                "itself, and use 'Compare with a mask' for this file.",
                low=low,
                high=high,
            )
        )
    if low >= -1 and high <= 1:
        return critical(
            worded(
                "The values are between {low} and 1, so they are not HU. The scan was "
                "normalised; open the original.",
                low=0 if low >= 0 else -1,
            )
        )
    if low >= 0 and high <= MAX_GREY_LEVEL:
        return critical(
            worded(
                "The values ({low:.4g} to {high:.4g}) look like the grey levels of an ordinary "
                "image, not like Hounsfield units. Open the original scan.",
                low=low,
                high=high,
            )
        )
    return critical(
        worded(
            "The values ({low:.4g} to {high:.4g}) do not look like Hounsfield units: nothing is "
            "as dark as air or fat. Either an offset (often 1024) was not subtracted, or this is "
            "not a CT.",
            low=low,
            high=high,
        )
    )
