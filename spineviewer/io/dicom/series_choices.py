"""The slices that are read from an ambiguous series, and the ways from which the user chooses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError
from spineviewer.io.choices import UndecidedError, Way
from spineviewer.io.dicom.findings import Group
from spineviewer.io.dicom.passes import passes_fault, passes_of
from spineviewer.io.dicom.pixel_data import hu_of_slice
from spineviewer.io.dicom.series_faults import one_place_fault, tilt_fault, unevenness
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


class Chosen:
    """The keys of the chosen ways, which a request joins by '+'."""

    def __init__(self, choice: str | None) -> None:
        self._keys = set(choice.split("+")) if choice else set()

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def then(self, key: str, *earlier: str) -> str:
        """Return a request for a key after those chosen keys that begin with one of `earlier`."""
        return "+".join([*sorted(one for one in self._keys if one.startswith(earlier)), key])


def one_pass(group: Group, stack: SliceStack, chosen: Chosen) -> tuple[SliceStack, list[str]]:
    """Return the slices of the chosen pass if there are several, otherwise all; and warnings.

    Raises
    ------
    UndecidedError
        When none is chosen.
    """
    passes = passes_of(group, stack)
    if not passes:
        return stack, []
    for number, one in enumerate(passes, 1):
        if f"pass-{number}" in chosen:
            warning = worded(
                "This series mixes {count} acquisitions. Only number {number} is shown: {what}.",
                count=len(passes),
                number=number,
                what=one.text,
            )
            return stack.picked(one.places), [warning]
    if ALL_PASSES in chosen and passes[0].is_guessed:
        return stack, [passes_fault(passes)]
    ways = [
        Way(
            f"pass-{number}",
            worded("{number}: {what}", number=number, what=one.text),
            len(one.places),
            one.step_mm,
        )
        for number, one in enumerate(passes, 1)
    ]
    if passes[0].is_guessed and not stack.same_places:
        count = len(stack.positions_lps_mm)
        text = worded(
            "all {count} slices as one volume (correct only if the acquisition was interleaved)",
            count=count,
        )
        ways.append(Way(ALL_PASSES, text, count, stack.usual_step_mm))
    raise UndecidedError(passes_fault(passes), ways)


def one_slice_at_each_place(
    group: Group, stack: SliceStack, chosen: Chosen
) -> tuple[SliceStack, list[str]]:
    """Return one slice per position, and warnings.

    Duplicates are dropped. Of different slices at one position, the chosen one is kept.

    Raises
    ------
    UndecidedError
        When none is chosen.
    GeometryError
        When there is only one position.
    """
    if not stack.same_places:
        return stack, []
    kept = [_different(place, stack, group) for place in stack.places]
    notes: list[str] = []
    if dropped := len(stack.order) - sum(map(len, kept)):
        notes.append(worded("%n duplicate slice(s) (was|were) left out.", "", dropped))
    count = max(map(len, kept))
    if count > 1:
        if len(kept) == 1:
            raise GeometryError(one_place_fault(count))
        number = next((n for n in range(1, count + 1) if f"images-{n}" in chosen), None)
        if number is None:
            raise _undecided_images(kept, chosen)
        if min(map(len, kept)) < count:
            notes.append(
                worded(
                    "Some positions have fewer than {count} slices: time points or "
                    "reconstructions may be mixed.",
                    count=count,
                )
            )
        kept = [place[number - 1 : number] for place in kept if len(place) >= number]
        notes.append(
            worded(
                "Where several slices share a position, slice {number} of {count} is shown.",
                number=number,
                count=count,
            )
        )
    return stack.picked(np.array([place[0] for place in kept])), notes


def _undecided_images(places: Sequence[list[int]], chosen: Chosen) -> UndecidedError:
    """Return the error that offers the first, second, ... of different slices at each position."""
    count = max(map(len, places))
    ways = [
        Way(
            chosen.then(f"images-{number}", "pass-"),
            worded(
                "slice {number} of {count} at each position, in order of acquisition and instance "
                "number",
                number=number,
                count=count,
            ),
            sum(len(place) >= number for place in places),
        )
        for number in range(1, count + 1)
    ]
    reason = worded(
        "Up to {count} different slices are at the same position (several time points, "
        "phases or reconstructions in one series).",
        count=count,
    )
    return UndecidedError(reason, ways)


def _different(place: list[int], stack: SliceStack, group: Group) -> list[int]:
    """Return the slices at one position that differ, sorted by acquisition and instance number."""
    if len(place) == 1:
        return place
    slices = [(group.slices[stack.order[n]], n) for n in place]
    slices.sort(key=lambda s: (s[0].acquisition, s[0].instance, s[0].path.name, s[0].frame))
    kept: list[int] = []
    images: list[NDArray[np.int16]] = []
    uids: set[str] = set()
    for one, n in slices:
        if one.instance_uid and one.frame_count == 1 and one.instance_uid in uids:
            continue
        uids.add(one.instance_uid)
        image = hu_of_slice(one)
        if not any(np.array_equal(image, other) for other in images):
            images.append(image)
            kept.append(n)
    return kept


def regular_run(
    stack: SliceStack, chosen: Chosen, reasons: Sequence[str]
) -> tuple[SliceStack, list[str]]:
    """Return the whole stack if its steps are even, otherwise the chosen run; and warnings.

    `reasons` explains why slices may be missing.

    Raises
    ------
    UndecidedError
        When no run is chosen.
    """
    uneven = unevenness(stack)
    if not uneven:
        return stack, []
    runs = [run for run in stack.regular_runs() if run[1] - run[0] >= MIN_RUN_SLICES][
        :MAX_RUNS_OFFERED
    ]
    for start, stop in runs:
        if _run_key(start, stop) in chosen:
            note = worded(
                "{uneven} Only slices {start} to {stop} of {count} are shown.",
                uneven=uneven,
                start=start + 1,
                stop=stop,
                count=len(stack.order),
            )
            return stack.part(start, stop), [note]
    ways = [_run_way(stack, start, stop, chosen) for start, stop in runs]
    if may_be_resampled(stack):
        ways.append(_resampled_way(stack, chosen))
    sentences = [text for text in (tilt_fault(stack), uneven, *reasons) if text]
    raise UndecidedError(enumerated(sentences, " "), ways)


def _run_key(start: int, stop: int) -> str:
    return f"run-{start + 1}-{stop}"


def _run_way(stack: SliceStack, start: int, stop: int, chosen: Chosen) -> Way:
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
    return Way(chosen.then(_run_key(start, stop), "images-", "pass-"), text, stop - start, step)


def may_be_resampled(stack: SliceStack) -> bool:
    """Return whether all gaps are narrow enough that resampling does not invent anatomy."""
    return (
        len(stack.order) > MIN_RUN_SLICES
        and float(stack.steps_mm.max()) <= MAX_MIXED_STEPS * stack.usual_step_mm
    )


def _resampled_way(stack: SliceStack, chosen: Chosen) -> Way:
    step = stack.usual_step_mm
    text = worded(
        "all {count} slices, resampled to a spacing of {step_mm:.2f} mm; planes between slices "
        "are interpolated",
        count=len(stack.order),
        step_mm=step,
    )
    count = int(stack.heights_mm[-1] / step + 1e-3) + 1
    return Way(chosen.then(RESAMPLED, "images-", "pass-"), text, count, step)
