"""Sentences on why a group of slices is not a regular rectangular volume."""

from __future__ import annotations

from collections.abc import Sequence

from spineviewer.errors import GeometryError
from spineviewer.io.dicom.findings import Group
from spineviewer.io.dicom.passes import passes_fault, passes_of
from spineviewer.io.dicom.slice_heads import Slice
from spineviewer.io.dicom.slices import ROUNDING_MM, TILT_DEG, SliceStack
from spineviewer.wording import critical, worded

#: Choice: no object is sent in more parts.
MAX_PARTS = 10_000


def faults_of(group: Group) -> list[str]:
    """Return all faults of a group that can be found without decoding it."""
    try:
        stack = group.stack()
    except GeometryError as error:
        return [str(error)]
    if len(group.slices) > 1 and not stack.usual_step_mm:
        return [one_place_fault(len(group.slices))]
    found = (
        values_fault(group.slices),
        tilt_fault(stack),
        passes_fault(passes_of(group, stack)),
        _same_places_fault(stack),
        unevenness(stack.first_of_each_place()),
        sideways_fault(stack),
        *missing_parts(group.slices),
        unreadable_fault(group),
    )
    return [fault for fault in found if fault]


def values_fault(slices: Sequence[Slice]) -> str:
    """Return why the slices' numbers cannot be Hounsfield units; empty if they can."""
    for one in slices:
        if one.slope == 0:
            return worded(
                "{file}: Rescale Slope is 0, so all pixels would have the same value. Export or "
                "retrieve the series again.",
                file=one.path.name,
            )
        for keyword, name in (
            ("RescaleSlope", "Rescale Slope"),
            ("RescaleIntercept", "Rescale Intercept"),
        ):
            if keyword in one.invalid:
                return worded(
                    "{file}: {attribute} is not a valid number. Export or retrieve the series "
                    "again.",
                    file=one.path.name,
                    attribute=name,
                )
    return ""


def tilt_fault(stack: SliceStack) -> str:
    """Return a sentence if the gantry was tilted, otherwise an empty one."""
    if stack.tilt_deg <= TILT_DEG:
        return ""
    return critical(
        worded(
            "The gantry was tilted by {tilt_deg:.1f}°, so the slices are not stacked at "
            "right angles.",
            tilt_deg=stack.tilt_deg,
        )
    )


def _same_places_fault(stack: SliceStack) -> str:
    count = len(stack.same_places)
    return worded("%n position(s) (has|have) more than one slice.", "", count) if count else ""


def unevenness(stack: SliceStack) -> str:
    """Return a sentence if the steps are uneven, otherwise an empty one."""
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
    """Return a sentence if slices are shifted sideways, otherwise an empty one."""
    largest = stack.largest_sideways_mm
    return (
        worded(
            "Slices are shifted sideways by up to {largest_mm:.1f} mm relative to each other.",
            largest_mm=largest,
        )
        if largest > stack.sideways_allowed_mm
        else ""
    )


def one_place_fault(count: int) -> str:
    """Return a sentence which says that all slices are at one position."""
    return worded(
        "All {count} slices are at the same position, so they do not form a volume. Choose "
        "another series.",
        count=count,
    )


def rounding_note(stack: SliceStack) -> str:
    """Return a sentence if steps were taken as equal despite rounding, otherwise an empty one."""
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
    """Return a sentence for each concatenated object of which parts are missing."""
    faults: list[str] = []
    for uid in dict.fromkeys(one.object_uid for one in slices):
        parts = {one.part for one in slices if one.object_uid == uid and one.part[0]}
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


def unreadable_fault(group: Group) -> str:
    """Return a sentence if files of the group could not be read, otherwise an empty one."""
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
