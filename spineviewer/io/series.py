"""Judging a group of slices: what is wrong with it, and how it becomes a volume. Runs in the child process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError, ImageReadError
from spineviewer.io.dicom import Group, Slice
from spineviewer.io.pixels import hu_of_slice
from spineviewer.io.slices import SIDEWAYS_MM, TILT_DEG, SliceStack
from spineviewer.volume.geometry import Geometry

#: Choice: fewer slices than this open with a warning.
FEW_SLICES = 5
DECODING_THREADS = 4
#: Transfer syntaxes that change values (JPEG baseline to progressive, JPEG-LS near lossless, JPEG 2000 lossy).
LOSSY_SYNTAXES = {
    "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55",
    "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.203",
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How a group of slices becomes a volume.

    Attributes
    ----------
    slices
        In the order of the grid's first axis.
    warnings
        Sentences that stay visible while the scan is open.
    """

    slices: tuple[Slice, ...]
    grid: Geometry
    warnings: tuple[str, ...]
    is_position_known: bool


def faults_of(group: Group) -> list[str]:
    """What keeps the group from being a right-angled, regular volume, in plain words; empty when nothing does."""
    try:
        stack = group.stack()
    except GeometryError as error:
        return [str(error)]
    return stack_faults(stack)


def stack_faults(stack: SliceStack) -> list[str]:
    """The same for sorted slices."""
    faults: list[str] = []
    count = len(stack.positions_lps_mm)
    if count > 1 and not stack.usual_step_mm:
        return [f"All {count} slices lie in one place: this is not a volume."]
    if stack.tilt_deg > TILT_DEG:
        faults.append(f"The gantry was tilted by {stack.tilt_deg:.1f}°: slices are not stacked at right angles.")
    if same := stack.same_places:
        faults.append(f"{sum(len(g) for g in same)} slices share {len(same)} place{'s' * (len(same) > 1)} with another one.")
    distinct = stack.steps_mm[stack.steps_mm > 2e-3]
    if len(distinct) and not stack.picked(_first_of_each_place(stack)).is_even:
        low, high, usual = distinct.min(), distinct.max(), stack.usual_step_mm
        faults.append(
            f"The distance between slices is uneven: {low:.2f} to {high:.2f} mm, usually {usual:.2f} mm (slices may be missing)."
        )
    if stack.largest_sideways_mm > SIDEWAYS_MM:
        faults.append(f"Slices are shifted sideways by up to {stack.largest_sideways_mm:.1f} mm against each other.")
    return faults


def _first_of_each_place(stack: SliceStack) -> NDArray[np.intp]:
    repeated = {place for group in stack.same_places for place in group[1:]}
    return np.array([place for place in range(len(stack.positions_lps_mm)) if place not in repeated])


def spacing_of(group: Group) -> tuple[float, float, float] | None:
    """Step and pixel spacing in mm where the group tells them."""
    if group.first.spacing_mm is None:
        return None
    try:
        step = group.stack().usual_step_mm
    except GeometryError:
        return None
    return step or group.first.thickness_mm or 0.0, *group.first.spacing_mm


def plan_reading(group: Group) -> Plan:
    """Decide how the group is read.

    Raises
    ------
    GeometryError
        When it is no regular right-angled stack; the message names every fault.
    """
    faults = faults_of(group)
    if faults:
        raise GeometryError(" ".join(faults))
    stack = group.stack()
    slices = tuple(group.slices[number] for number in stack.order)
    first = slices[0]
    assert first.spacing_mm is not None
    grid = stack.geometry(first.rows, first.columns, first.spacing_mm, first.thickness_mm or 1.0)
    return Plan(slices=slices, grid=grid, warnings=tuple(_warnings(group, slices)), is_position_known=True)


def _warnings(group: Group, slices: tuple[Slice, ...]) -> list[str]:
    warnings: list[str] = []
    if group.head.modality != "CT":
        warnings.append(f"This is no CT but {group.head.modality}: the networks know CT only.")
    if len(slices) < FEW_SLICES:
        warnings.append(f"Only {len(slices)} slice{'s' * (len(slices) > 1)}: too little to find a spine in.")
    if any(s.slope is None or s.intercept is None for s in slices):
        warnings.append("The file gives no rescale slope and intercept: its values may not be Hounsfield units.")
    elif group.head.rescale_type not in {"", "HU", "US"}:
        warnings.append(f"The file gives its values in '{group.head.rescale_type}', not in Hounsfield units.")
    if any(s.is_lossy or s.transfer_syntax in LOSSY_SYNTAXES for s in slices):
        warnings.append("The pictures were compressed with loss: Hounsfield units are inexact.")
    if any(s.bits_allocated == 8 for s in slices):
        warnings.append("The pictures have 8 bits a pixel: Hounsfield units are coarse.")
    return warnings


def fill(plan: Plan, into: NDArray[np.int16], begin: Callable[[Path], None], end: Callable[[int, int, Path], None]) -> None:
    """Decode every slice of the plan into an array on its grid, several at once.

    Parameters
    ----------
    begin
        Called in a worker thread before a file is touched.
    end
        Called with (slices done, slices in all, the file), in the calling thread.

    Raises
    ------
    ImageReadError
        One message for all broken slices.
    """

    def decode(place: int) -> str | None:
        one = plan.slices[place]
        begin(one.path)
        try:
            into[place] = hu_of_slice(one)
        except ImageReadError as error:
            return str(error)
        except OSError as error:
            return f"{one.path.name} cannot be read: {error.strerror}."
        return None

    broken: list[str] = []
    with ThreadPoolExecutor(DECODING_THREADS) as pool:
        for place, message in enumerate(pool.map(decode, range(len(plan.slices)))):
            if message is not None:
                broken.append(message)
            end(place + 1, len(plan.slices), plan.slices[place].path)
    if broken:
        others = f" The same or another fault in {len(broken) - 1} more of {len(plan.slices)} slices." if len(broken) > 1 else ""
        raise ImageReadError(broken[0] + others)
