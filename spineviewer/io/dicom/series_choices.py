"""Ambiguous series: the ways of reading them, and the slices that the chosen way selects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError
from spineviewer.io.choices import UndecidedError, Way
from spineviewer.io.dicom.passes import find_passes, passes_fault
from spineviewer.io.dicom.pixel_data import read_hu
from spineviewer.io.dicom.series_faults import single_position_fault, tilt_fault, uneven_fault
from spineviewer.io.dicom.series_search import SliceGroup
from spineviewer.io.dicom.slices import SliceStack
from spineviewer.wording import enumerated, worded

#: Choice: shorter regular runs are not offered.
MIN_RUN_SLICES = 2
MAX_RUNS_OFFERED = 5
#: Key of the choice to resample all slices onto an even grid.
RESAMPLED = "resampled"
#: Key of the choice to treat passes that were separated only by their order as one volume.
ALL_PASSES = "pass-all"
#: Choice: gaps wider than this many usual steps are not filled.
MAX_MIXED_STEPS = 3.0


class Choices:
    """Keys of the chosen ways of reading; a request joins them with '+'."""

    def __init__(self, choice: str | None) -> None:
        self._keys = set(choice.split("+")) if choice else set()

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def extended(self, key: str, *earlier: str) -> str:
        """Return a request for `key`, with the chosen keys that begin with one of `earlier`."""
        return "+".join([*sorted(old for old in self._keys if old.startswith(earlier)), key])


def select_pass(
    group: SliceGroup, stack: SliceStack, choices: Choices
) -> tuple[SliceStack, list[str]]:
    """Return the slices of the chosen pass (all if there is only one), and warnings.

    Raises
    ------
    UndecidedError
        When none is chosen.
    """
    passes = find_passes(group, stack)
    if not passes:
        return stack, []
    for number, pass_ in enumerate(passes, 1):
        if f"pass-{number}" in choices:
            warning = worded(
                "This series mixes {count} acquisitions. Only number {number} is shown: {what}.",
                count=len(passes),
                number=number,
                what=pass_.text,
            )
            return stack.subset(pass_.indices), [warning]
    if ALL_PASSES in choices and passes[0].is_guessed:
        return stack, [passes_fault(passes)]
    ways = [
        Way(
            f"pass-{number}",
            worded("{number}: {what}", number=number, what=pass_.text),
            len(pass_.indices),
            pass_.step_mm,
        )
        for number, pass_ in enumerate(passes, 1)
    ]
    if passes[0].is_guessed and not stack.shared_positions:
        count = len(stack.positions_lps_mm)
        text = worded(
            "all {count} slices as one volume (correct only if the acquisition was interleaved)",
            count=count,
        )
        ways.append(Way(ALL_PASSES, text, count, stack.usual_step_mm))
    raise UndecidedError(passes_fault(passes), ways)


def select_one_per_position(
    group: SliceGroup, stack: SliceStack, choices: Choices
) -> tuple[SliceStack, list[str]]:
    """Return one slice per position, and warnings.

    Duplicates are dropped. Of different slices at one position, the chosen one is kept; positions
    without it are left out.

    Raises
    ------
    UndecidedError
        When none is chosen.
    GeometryError
        When there is only one position.
    """
    if not stack.shared_positions:
        return stack, []
    kept = [_distinct_slices(position, stack, group) for position in stack.position_groups]
    notes: list[str] = []
    if dropped := len(stack.order) - sum(map(len, kept)):
        notes.append(worded("%n duplicate slice(s) (was|were) left out.", "", dropped))
    count = max(map(len, kept))
    if count > 1:
        if len(kept) == 1:
            raise GeometryError(single_position_fault(count))
        number = next((n for n in range(1, count + 1) if f"images-{n}" in choices), None)
        if number is None:
            raise _undecided_images(kept, choices)
        if min(map(len, kept)) < count:
            notes.append(
                worded(
                    "Some positions have fewer than {count} slices: time points or "
                    "reconstructions may be mixed.",
                    count=count,
                )
            )
        kept = [position[number - 1 : number] for position in kept if len(position) >= number]
        notes.append(
            worded(
                "Where several slices share a position, slice {number} of {count} is shown.",
                number=number,
                count=count,
            )
        )
    return stack.subset(np.array([position[0] for position in kept])), notes


def _undecided_images(groups: Sequence[list[int]], choices: Choices) -> UndecidedError:
    """Return the error that offers the first, second, … slice at each position."""
    count = max(map(len, groups))
    ways = [
        Way(
            choices.extended(f"images-{number}", "pass-"),
            worded(
                "slice {number} of {count} at each position, in order of acquisition and instance "
                "number",
                number=number,
                count=count,
            ),
            sum(len(position) >= number for position in groups),
        )
        for number in range(1, count + 1)
    ]
    reason = worded(
        "Up to {count} different slices are at the same position (several time points, "
        "phases or reconstructions in one series).",
        count=count,
    )
    return UndecidedError(reason, ways)


def _distinct_slices(position: list[int], stack: SliceStack, group: SliceGroup) -> list[int]:
    """Return the slices at a position without duplicates, by acquisition and instance number."""
    if len(position) == 1:
        return position
    slices = [(group.slices[stack.order[n]], n) for n in position]
    slices.sort(key=lambda s: (s[0].acquisition, s[0].instance, s[0].path.name, s[0].frame))
    kept: list[int] = []
    images: list[NDArray[np.int16]] = []
    uids: set[str] = set()
    for slice_, n in slices:
        if slice_.instance_uid and slice_.frame_count == 1 and slice_.instance_uid in uids:
            continue
        uids.add(slice_.instance_uid)
        image = read_hu(slice_)
        if not any(np.array_equal(image, other) for other in images):
            images.append(image)
            kept.append(n)
    return kept


def select_run(
    stack: SliceStack, choices: Choices, reasons: Sequence[str]
) -> tuple[SliceStack, list[str]]:
    """Return the chosen run of slices (the whole stack if its steps are even), and warnings.

    `reasons` are sentences that explain why slices may be missing.

    Raises
    ------
    UndecidedError
        When no run is chosen.
    """
    uneven = uneven_fault(stack)
    if not uneven:
        return stack, []
    runs = [run for run in stack.regular_runs() if run[1] - run[0] >= MIN_RUN_SLICES][
        :MAX_RUNS_OFFERED
    ]
    for start, stop in runs:
        if _run_key(start, stop) in choices:
            note = worded(
                "{uneven} Only slices {start} to {stop} of {count} are shown.",
                uneven=uneven,
                start=start + 1,
                stop=stop,
                count=len(stack.order),
            )
            return stack.section(start, stop), [note]
    ways = [_run_way(stack, start, stop, choices) for start, stop in runs]
    if may_be_resampled(stack):
        ways.append(_resampled_way(stack, choices))
    sentences = [text for text in (tilt_fault(stack), uneven, *reasons) if text]
    raise UndecidedError(enumerated(sentences, " "), ways)


def _run_key(start: int, stop: int) -> str:
    return f"run-{start + 1}-{stop}"


def _run_way(stack: SliceStack, start: int, stop: int, choices: Choices) -> Way:
    length = float(stack.heights_mm[stop - 1] - stack.heights_mm[start])
    step = length / (stop - 1 - start)
    text = worded(
        "slices {start} to {stop} of {count}: {part} slices, {step_mm:.2f} mm apart, covering "
        "{length_mm:.0f} mm",
        start=start + 1,
        stop=stop,
        count=len(stack.order),
        part=stop - start,
        step_mm=step,
        length_mm=length,
    )
    return Way(
        choices.extended(_run_key(start, stop), "images-", "pass-"), text, stop - start, step
    )


def may_be_resampled(stack: SliceStack) -> bool:
    """Return whether all gaps are narrow enough that resampling does not invent anatomy."""
    return (
        len(stack.order) > MIN_RUN_SLICES
        and float(stack.steps_mm.max()) <= MAX_MIXED_STEPS * stack.usual_step_mm
    )


def _resampled_way(stack: SliceStack, choices: Choices) -> Way:
    step = stack.usual_step_mm
    text = worded(
        "all {count} slices, resampled to a spacing of {step_mm:.2f} mm; planes between slices "
        "are interpolated",
        count=len(stack.order),
        step_mm=step,
    )
    count = int(stack.heights_mm[-1] / step + 1e-3) + 1
    return Way(choices.extended(RESAMPLED, "images-", "pass-"), text, count, step)
