"""Sentences that explain why a group of slices is not a regular rectangular volume."""

from __future__ import annotations

from collections.abc import Sequence

from spineviewer.errors import GeometryError
from spineviewer.io.dicom.passes import find_passes, passes_fault
from spineviewer.io.dicom.series_search import SliceGroup
from spineviewer.io.dicom.slice_headers import Slice
from spineviewer.io.dicom.slices import ROUNDING_MM, TILT_DEG, SliceStack
from spineviewer.wording import critical, worded

#: Choice: no object is sent in more parts.
MAX_PARTS = 10_000


def find_faults(group: SliceGroup) -> list[str]:
    """Return all faults of a group that can be found without decoding it."""
    try:
        stack = group.stack()
    except GeometryError as error:
        return [str(error)]
    if len(group.slices) > 1 and not stack.usual_step_mm:
        return [single_position_fault(len(group.slices))]
    found = (
        values_fault(group.slices),
        tilt_fault(stack),
        passes_fault(find_passes(group, stack)),
        _same_places_fault(stack),
        uneven_fault(stack.first_at_each_position()),
        sideways_fault(stack),
        *missing_parts(group.slices),
        unreadable_fault(group),
    )
    return [fault for fault in found if fault]


def values_fault(slices: Sequence[Slice]) -> str:
    """Return why the pixels cannot be converted to Hounsfield units; empty if they can."""
    for slice_ in slices:
        if slice_.slope == 0:
            return worded(
                "{file}: Rescale Slope is 0, so all pixels would have the same value. Export or "
                "retrieve the series again.",
                file=slice_.path.name,
            )
        for keyword, name in (
            ("RescaleSlope", "Rescale Slope"),
            ("RescaleIntercept", "Rescale Intercept"),
        ):
            if keyword in slice_.invalid:
                return worded(
                    "{file}: {attribute} is not a valid number. Export or retrieve the series "
                    "again.",
                    file=slice_.path.name,
                    attribute=name,
                )
    return ""


def tilt_fault(stack: SliceStack) -> str:
    """Return a sentence saying that the gantry was tilted; empty if it was not."""
    if stack.tilt_deg <= TILT_DEG:
        return ""
    return critical(
        worded(
            "The gantry was tilted by {tilt_deg:.1f}°, so the slices are not perpendicular "
            "to the stacking direction.",
            tilt_deg=stack.tilt_deg,
        )
    )


def _same_places_fault(stack: SliceStack) -> str:
    count = len(stack.shared_positions)
    return worded("At %n position(s), there is more than one slice.", "", count) if count else ""


def uneven_fault(stack: SliceStack) -> str:
    """Return a sentence saying that the steps are uneven; empty if they are even."""
    if stack.is_even or len(stack.positions_lps_mm) < 2:
        return ""
    steps = stack.steps_mm[stack.steps_mm > ROUNDING_MM]
    return worded(
        "The distance between slices is uneven: {min_mm:.2f} to {max_mm:.2f} mm, usually "
        "{usual_step_mm:.2f} "
        "mm (slices may be missing).",
        min_mm=steps.min(),
        max_mm=steps.max(),
        usual_step_mm=stack.usual_step_mm,
    )


def sideways_fault(stack: SliceStack) -> str:
    """Return a sentence saying that slices are shifted sideways; empty if they are not."""
    largest = stack.largest_sideways_mm
    return (
        worded(
            "Slices are shifted sideways by up to {largest_mm:.1f} mm relative to each other.",
            largest_mm=largest,
        )
        if largest > stack.allowed_sideways_mm
        else ""
    )


def single_position_fault(count: int) -> str:
    """Return a sentence saying that all slices are at one position."""
    return worded(
        "All {count} slices are at the same position, so they do not form a volume. Choose "
        "another series.",
        count=count,
    )


def rounding_note(stack: SliceStack) -> str:
    """Return a sentence saying that rounded steps were taken as equal; empty if they are exact."""
    if not stack.is_rounded:
        return ""
    steps = stack.steps_mm
    return worded(
        "The slices' positions are rounded: the distances between them appear to be "
        "{min_mm:.2f} to {max_mm:.2f} mm and were taken as equal ({step_mm:.3f} mm).",
        min_mm=steps.min(),
        max_mm=steps.max(),
        step_mm=stack.heights_mm[-1] / len(steps),
    )


def missing_parts(slices: Sequence[Slice]) -> list[str]:
    """Return a sentence for each concatenated object with missing parts."""
    faults: list[str] = []
    for uid in dict.fromkeys(slice_.object_uid for slice_ in slices):
        parts = {slice_.part for slice_ in slices if slice_.object_uid == uid and slice_.part[0]}
        total = max((total for _, total in parts), default=0)
        numbers = {number for number, _ in parts}
        highest = max(total, max(numbers, default=0))
        missing = sorted(set(range(1, min(highest, MAX_PARTS) + 1)) - numbers)
        if missing:
            faults.append(
                worded(
                    "The image is divided into {count} files, and some are missing (part numbers: "
                    "{parts}). Copy or retrieve the series again.",
                    count=highest,
                    parts=", ".join(map(str, missing[:10])),
                )
            )
    return faults


def unreadable_fault(group: SliceGroup) -> str:
    """Return a sentence saying that files could not be read; empty if all could."""
    if not group.unreadable:
        return ""
    first, more = group.unreadable[0].reason, len(group.unreadable) - 1
    if more:
        return worded(
            "Slices may be missing. {first} %n more file(s) cannot be read either.",
            "",
            more,
            first=first,
        )
    return worded("A slice may be missing. {first}", first=first)
