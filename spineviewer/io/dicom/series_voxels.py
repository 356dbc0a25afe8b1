"""Decoding the slices of a series into the array of its volume."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError, unreadable
from spineviewer.io.dicom.findings import OnProgress, Opening, ignore_progress
from spineviewer.io.dicom.pixel_data import (
    exact_values_of_slice,
    hu_of_slice,
    load_codecs,
    read_hu_into,
)
from spineviewer.io.dicom.series import Plan
from spineviewer.io.dicom.slice_heads import Slice
from spineviewer.io.dicom.uneven import EvenGrid
from spineviewer.volume.sheared import ShearedGrid
from spineviewer.volume.volume import AIR_HU

DECODING_THREADS = 4
#: Choice: if all HU are this close together, the values before rounding are judged.
NARROW_RANGE_HU = 256
SLICES_JUDGED = 16


def fill(
    plan: Plan,
    into: NDArray[np.int16],
    on_progress: OnProgress = ignore_progress,
    *,
    opening: Opening = nullcontext,
) -> None:
    """Decode all slices of a plan, several in parallel, into an int16 array of the grid's shape.

    Parameters
    ----------
    on_progress
        Called in worker threads with (slices done, number of slices).
    opening
        Returns the context in which a file is opened.

    Raises
    ------
    ImageReadError
        One message for all broken slices.
    """
    layout = plan.layout
    if isinstance(layout, EvenGrid):
        slices = np.empty(layout.moved.straight_shape_zyx, np.int16)
        _decode(plan.slices, layout.moved, slices, on_progress, opening)
        layout.resample(slices, into)
    else:
        _decode(plan.slices, layout, into, on_progress, opening)


def _decode(
    slices: tuple[Slice, ...],
    moved: ShearedGrid | None,
    into: NDArray[np.int16],
    on_progress: OnProgress,
    opening: Opening,
) -> None:
    """Decode slices, several in parallel; `moved` shifts each within its plane."""
    done = count(1)

    def fault_of(place: int) -> str:
        """Decode one slice, and return what prevents it; empty if nothing does."""
        one = slices[place]
        try:
            with opening(one.path):
                if moved is None:
                    read_hu_into(one, into[place])
                else:
                    into[place] = np.rint(moved.straighten_slice(hu_of_slice(one), place, AIR_HU))
        except ImageReadError as error:
            return str(error)
        except OSError as error:
            return str(unreadable(one.path, error))
        on_progress(next(done), len(slices))
        return ""

    load_codecs(slices)
    with ThreadPoolExecutor(DECODING_THREADS) as pool:
        broken = [fault for fault in pool.map(fault_of, range(len(slices))) if fault]
    if len(broken) > 1:
        raise ImageReadError(
            "{first} %n more of the {count} slices cannot be read either.",
            "",
            len(broken) - 1,
            first=broken[0],
            count=len(slices),
        )
    if broken:
        raise ImageReadError(broken[0])


def values_to_judge(plan: Plan, hu: NDArray[np.int16]) -> NDArray[Any]:
    """Return values that show whether a scan contains Hounsfield units, shape (z, y, x).

    These are the HU themselves, int16, or some slices before rounding, float64, if rounding would
    hide what the values are, as in a scan between 0 and 1.

    Parameters
    ----------
    hu
        int16, shape (z, y, x), as `fill` left it.
    """
    if int(hu.max()) - int(hu.min()) >= NARROW_RANGE_HU:
        return hu
    step = -(-len(plan.slices) // SLICES_JUDGED)
    exact = np.stack([exact_values_of_slice(one) for one in plan.slices[::step]])
    return exact if np.isfinite(exact).any() else hu
