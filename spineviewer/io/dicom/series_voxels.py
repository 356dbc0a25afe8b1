"""Decoding the slices of a series into the array of its volume."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError, unreadable
from spineviewer.io.dicom.even_grid import EvenGrid
from spineviewer.io.dicom.pixel_data import (
    load_codecs,
    read_exact_values,
    read_hu,
    read_hu_into,
)
from spineviewer.io.dicom.series import Plan
from spineviewer.io.dicom.series_search import FileGuard, OnProgress, ignore_progress
from spineviewer.io.dicom.slice_headers import Slice
from spineviewer.volume.sheared import ShearedGrid
from spineviewer.volume.volume import AIR_HU

DECODING_THREADS = 4
#: Choice: if all HU are within a range this narrow, the values before rounding are checked.
NARROW_RANGE_HU = 256
SLICES_CHECKED = 16


def decode_series(
    plan: Plan,
    into: NDArray[np.int16],
    on_progress: OnProgress = ignore_progress,
    *,
    file_guard: FileGuard = nullcontext,
) -> None:
    """Decode all slices of a plan, several in parallel, into an int16 array of the grid's shape.

    Parameters
    ----------
    on_progress
        Called in worker threads with (slices done, number of slices).
    file_guard
        Returns a context that is active while a file is open.

    Raises
    ------
    ImageReadError
        When slices cannot be read; one error for all of them.
    """
    layout = plan.layout
    if isinstance(layout, EvenGrid):
        slices = np.empty(layout.in_plane.straight_shape_zyx, np.int16)
        _decode(plan.slices, layout.in_plane, slices, on_progress, file_guard)
        layout.resample(slices, into)
    else:
        _decode(plan.slices, layout, into, on_progress, file_guard)


def _decode(
    slices: tuple[Slice, ...],
    in_plane: ShearedGrid | None,
    into: NDArray[np.int16],
    on_progress: OnProgress,
    file_guard: FileGuard,
) -> None:
    """Decode slices, several in parallel; `in_plane` shifts each within its plane."""
    done = count(1)

    def decode(number: int) -> str:
        """Decode one slice; return the error message, empty if there is none."""
        slice_ = slices[number]
        try:
            with file_guard(slice_.path):
                if in_plane is None:
                    read_hu_into(slice_, into[number])
                else:
                    into[number] = np.rint(
                        in_plane.straighten_slice(read_hu(slice_), number, AIR_HU)
                    )
        except ImageReadError as error:
            return str(error)
        except OSError as error:
            return str(unreadable(slice_.path, error))
        on_progress(next(done), len(slices))
        return ""

    load_codecs(slices)
    with ThreadPoolExecutor(DECODING_THREADS) as pool:
        broken = [fault for fault in pool.map(decode, range(len(slices))) if fault]
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


def values_for_checks(plan: Plan, hu: NDArray[np.int16]) -> NDArray[Any]:
    """Return values that show whether a scan contains Hounsfield units, shape (z, y, x).

    These are the HU themselves (int16) or, if their range is narrow, some slices before rounding
    (float64): rounding would hide that a scan is normalised to 0 to 1.

    Parameters
    ----------
    hu
        int16, shape (z, y, x), filled by `decode_series`.
    """
    if int(hu.max()) - int(hu.min()) >= NARROW_RANGE_HU:
        return hu
    step = -(-len(plan.slices) // SLICES_CHECKED)
    exact = np.stack([read_exact_values(slice_) for slice_ in plan.slices[::step]])
    return exact if np.isfinite(exact).any() else hu
