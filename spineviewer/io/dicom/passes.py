"""Several passes of the scanner over one region that were stored as one series.

Slices of two passes must not be combined, even if together they form a regular stack::

    height      |  1  2  1  2  1  2  |      acquisition numbers
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spineviewer.io.dicom.quick_header import parse_number
from spineviewer.io.dicom.series_search import SliceGroup
from spineviewer.io.dicom.slice_headers import PASS_ATTRIBUTES
from spineviewer.io.dicom.slices import ROUNDING_MM, SliceStack
from spineviewer.wording import enumerated, worded

#: Choice: a single slice is not a pass; its header may be wrong, or the slice was repeated.
MIN_PASS_SLICES = 2
#: Choice: the heights of fewer slices can be evenly spaced by chance.
MIN_SWEEP_SLICES = 5
#: Choice: an attribute that yields more passes than this varies by chance.
MAX_GUESSED_PASSES = 10
#: Times also differ between the slices of one pass, in any order. They are used only if they
#: separate regular stacks.
TIMES = frozenset(
    {"AcquisitionDateTime", "FrameAcquisitionDateTime", "AcquisitionTime", "ContentTime"}
)
NAMES = {
    "FrameOfReferenceUID": worded("Frame of reference"),
    "StackID": worded("stack"),
    "TemporalPositionIndex": worded("time point"),
    "TemporalPositionIdentifier": worded("time point"),
    "FrameAcquisitionNumber": worded("acquisition"),
    "AcquisitionNumber": worded("acquisition"),
    "NominalPercentageOfCardiacPhase": worded("cardiac phase"),
    "NominalCardiacTriggerDelayTime": worded("trigger time"),
    "TriggerTime": worded("trigger time"),
    "EchoNumbers": worded("echo"),
    "EchoTime": worded("echo time"),
    "KVP": worded("tube voltage"),
}


@dataclass(frozen=True)
class Pass:
    """The slices of one pass of the scanner.

    Attributes
    ----------
    indices
        Indices of its slices in the stack, ascending.
    text
        Description for a list.
    is_guessed
        Whether only the order of the instance numbers distinguishes it from the others.
    """

    indices: NDArray[np.intp]
    text: str
    step_mm: float
    is_guessed: bool


def find_passes(group: SliceGroup, stack: SliceStack) -> list[Pass]:
    """Return the passes of a group; an empty list if there is only one.

    `stack` contains the group's slices sorted along their normal.
    """
    pass_values = [group.slices[number].pass_values for number in stack.order]
    parts = _split(stack, pass_values, np.arange(len(pass_values)), 0)
    is_guessed = len(parts) == 1
    if is_guessed:
        parts = _find_sweeps(group, stack)
    if len(parts) < 2:
        return []
    instances = np.array([group.slices[number].instance for number in stack.order])
    parts.sort(key=lambda part: (_rank(part[1]), instances[part[0]].min()))
    return [
        Pass(indices, *_description_and_step(stack.subset(indices), name), is_guessed)
        for indices, name in parts
    ]


def passes_fault(passes: Sequence[Pass]) -> str:
    """Return a sentence saying that there are several passes; empty if there are none."""
    if not passes:
        return ""
    return worded(
        "The series contains {count} sets of slices (time points, phases or reconstructions) of "
        "the same region: their slices share positions or alternate.",
        count=len(passes),
    )


#: Indices in the stack, and their description.
_Part = tuple[NDArray[np.intp], str]


def _split(
    stack: SliceStack,
    pass_values: Sequence[tuple[str, ...]],
    indices: NDArray[np.intp],
    first_attribute: int,
    name: str = "",
) -> list[_Part]:
    """Split slices by the first attribute whose parts overlap, and each part by later attributes.

    The number after the last of `PASS_ATTRIBUTES` stands for the multi-frame object.
    """
    for number in range(first_attribute, len(PASS_ATTRIBUTES) + 1):
        values = [pass_values[index][number] for index in indices]
        parts = {value: indices[[v == value for v in values]] for value in dict.fromkeys(values)}
        if not _overlap(stack, list(parts.values())):
            continue
        keyword = PASS_ATTRIBUTES[number][0] if number < len(PASS_ATTRIBUTES) else ""
        if keyword in TIMES and not _are_regular(stack, list(parts.values())):
            continue
        return [
            leaf
            for value, part in parts.items()
            for leaf in _split(
                stack,
                pass_values,
                part,
                number + 1,
                enumerated([text for text in (name, _description(keyword, value)) if text]),
            )
        ]
    return [(indices, name)]


def _description(keyword: str, value: str) -> str:
    """Describe the value of an attribute; empty for free text and UIDs."""
    if keyword not in NAMES or parse_number(value) is None or len(value) > 12:
        return ""
    return worded("{name} {value}", name=NAMES[keyword], value=value)


def _overlap(stack: SliceStack, parts: list[NDArray[np.intp]]) -> bool:
    """Return whether the height ranges of at least two parts with several slices overlap."""
    heights = stack.heights_mm
    ranges = sorted(
        (heights[part].min(), heights[part].max()) for part in parts if len(part) >= MIN_PASS_SLICES
    )
    top = -np.inf
    for low, high in ranges:
        if low < top - ROUNDING_MM:
            return True
        top = max(top, high)
    return False


def _are_regular(stack: SliceStack, parts: list[NDArray[np.intp]]) -> bool:
    return len(parts) <= MAX_GUESSED_PASSES and all(
        len(part) > MIN_PASS_SLICES and stack.subset(part).is_even for part in parts
    )


def _find_sweeps(group: SliceGroup, stack: SliceStack) -> list[_Part]:
    """Return passes that are distinguished by instance numbers alone.

    Within a pass, the height rises or falls evenly with the number.
    """
    instances = np.array([group.slices[number].instance for number in stack.order])
    if len(instances) < 2 * MIN_PASS_SLICES or len(set(instances.tolist())) < len(instances):
        return []
    in_time = np.argsort(instances)
    heights = stack.heights_mm[in_time]
    sweeps: list[list[int]] = [[int(in_time[0])]]
    direction = 0
    for before, after, index in zip(heights[:-1], heights[1:], in_time[1:], strict=True):
        step = int(np.sign(after - before)) if abs(after - before) > ROUNDING_MM else 0
        if step == 0 or (direction and step != direction):
            sweeps.append([])
            direction = 0
        else:
            direction = step
        sweeps[-1].append(int(index))
    parts = [np.sort(np.array(sweep, dtype=np.intp)) for sweep in sweeps]
    if (
        len(parts) < 2
        or min(map(len, parts)) < MIN_SWEEP_SLICES
        or not _are_regular(stack, parts)
        or not _overlap(stack, parts)
    ):
        return []
    return [(part, "") for part in parts]


def _rank(name: str) -> tuple[float, ...]:
    """Return a sort key from the numbers in a name."""
    return tuple(
        number
        for word in name.replace(",", " ").split()
        if (number := parse_number(word)) is not None
    )


def _description_and_step(stack: SliceStack, name: str) -> tuple[str, float]:
    step, length = stack.usual_step_mm, float(stack.heights_mm[-1])
    text = worded(
        "{count} slices, {step_mm:.2f} mm apart, covering {length_mm:.0f} mm",
        count=len(stack.positions_lps_mm),
        step_mm=step,
        length_mm=length,
    )
    return (worded("{name}, {text}", name=name, text=text) if name else text), step
