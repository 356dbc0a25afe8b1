"""Numbers of an image file as Hounsfield units, and whether they look like such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.volume import AIR_HU
from spineviewer.wording import worded

#: Choice: a scan without anything below this has no air round the patient, so its numbers are hardly Hounsfield units.
SOME_AIR_HU = -200
#: Choice: no metal or cement is given more, even on an extended scale; higher values come from an overflow.
HIGHEST_PLAUSIBLE_HU = 31_000
SAMPLES_LOOKED_AT = 200_000
LIMITS = np.iinfo(np.int16)


def fill_hu(values: NDArray[Any], into: NDArray[np.int16], watch: Callable[[float], None] = lambda _: None) -> list[str]:
    """Write whole HU: padding and what was not measured as air, the rest within int16. Slice by slice, for the memory's sake.

    Parameters
    ----------
    into
        Same shape as `values`.
    watch
        Called with the fraction done.

    Returns
    -------
    What did not fit, in sentences.
    """
    highest, is_whole = -np.inf, True
    for number, (plane, target) in enumerate(zip(values, into, strict=True)):
        if values.dtype.kind == "f":
            finite = np.isfinite(plane)
            if not finite.all():
                is_whole = False
                plane = np.where(finite, plane, AIR_HU)
            plane = np.rint(plane)
        highest = max(highest, float(plane.max()))
        target[...] = np.clip(plane, None if values.dtype.kind == "u" else AIR_HU, LIMITS.max)
        watch((number + 1) / len(values))
    told: list[str] = [] if is_whole else [worded("Some voxels hold no finite number; they are shown as air.")]
    if highest > LIMITS.max:
        told.append(worded("Values up to {highest:.0f} are cut off at {most}.", highest=highest, most=LIMITS.max))
    return told


def doubts_about(hu: NDArray[np.int16]) -> list[str]:
    """Whether the numbers look like the Hounsfield units of a patient: sentences for what does not."""
    sample = hu[:: max(1, hu.shape[0] // 64)].ravel()
    sample = sample[:: max(1, sample.size // SAMPLES_LOOKED_AT)]
    low, high = int(sample.min()), int(sample.max())
    if low == high:
        return [worded("All voxels hold the same value ({low}).", low=low)]
    if low > SOME_AIR_HU:
        return [
            worded(
                "The values ({low} to {high}) do not look like Hounsfield units: nothing is as dark as air or fat.",
                low=low,
                high=high,
            )
        ]
    if high > HIGHEST_PLAUSIBLE_HU:
        return [worded("Values up to {high} are no Hounsfield units: the file's numbers may have overflowed.", high=high)]
    return []
