"""Checks of a group of slices, and the volume made from it. Runs in the child process."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError, ImageReadError, unreadable
from spineviewer.io.choices import UndecidedError, Way
from spineviewer.io.dicom.findings import Group, Touching, Watcher, unwatched
from spineviewer.io.dicom.passes import Pass, passes_of
from spineviewer.io.dicom.pixel_data import (
    COSINE_JPEG,
    exact_values_of_slice,
    hu_of_slice,
    is_padding_tissue,
    load_codecs,
    read_hu_into,
)
from spineviewer.io.dicom.quick_header import UNDEFINED
from spineviewer.io.dicom.slice_heads import SeriesHead, Slice
from spineviewer.io.dicom.slices import (
    ROUNDING_MM,
    TILT_DEG,
    SliceStack,
    direction_letters,
    tilt_banner,
)
from spineviewer.io.dicom.uneven import EvenGrid, even_grid
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.sheared import ShearedGrid, straightened
from spineviewer.volume.volume import AIR_HU, ORIENTATION_UNKNOWN
from spineviewer.wording import critical, enumerated, worded

#: Choice: fewer slices are opened with a warning.
FEW_SLICES = 5
#: Choice: shorter regular runs are not offered.
MIN_RUN_SLICES = 2
MAX_RUNS_OFFERED = 5
#: Key of the choice to resample all slices onto an even grid.
RESAMPLED = "resampled"
#: Key of the choice to treat passes that were separated only by their order as one volume.
ALL_PASSES = "pass-all"
#: Choice: no object is sent in more parts.
MAX_PARTS = 10_000
RESAMPLED_NOTE = worded(
    "The slices were resampled to equal spacing; exports use the resampled grid, not the original "
    "slices."
)
#: Choice: gaps wider than this many usual steps are not filled.
MAX_MIXED_STEPS = 3.0
DECODING_THREADS = 4
#: Choice: if all HU are this close together, the values before rounding are judged.
NARROW_RANGE_HU = 256
SLICES_JUDGED = 16
#: Transfer syntaxes that change values: JPEG with a cosine transform, near-lossless JPEG-LS, and
#: lossy JPEG 2000.
LOSSY_SYNTAXES = COSINE_JPEG | {f"1.2.840.10008.1.2.4.{n}" for n in (81, 91, 203)}
POSITION_UNKNOWN = critical(
    worded(
        "The files contain placeholder positions: they start at 0, 0, 0 without a frame of "
        "reference."
    )
)


@dataclass(frozen=True)
class Plan:
    """How a group of slices becomes a volume.

    Attributes
    ----------
    slices
        In the order of the grid's first axis.
    grid
        The rectangular grid of the volume.
    layout
        How the slices are resampled onto the grid; None if they are on it.
    warnings
        Sentences that remain visible while the scan is open.
    """

    slices: tuple[Slice, ...]
    grid: Geometry
    layout: ShearedGrid | EvenGrid | None
    warnings: tuple[str, ...]
    is_position_known: bool

    @property
    def is_resampled(self) -> bool:
        """Whether the grid's planes differ from the slices."""
        return isinstance(self.layout, EvenGrid)

    @property
    def sheared(self) -> ShearedGrid | None:
        """The grid of the slices if the gantry was tilted; results are written on it."""
        return self.layout if isinstance(self.layout, ShearedGrid) else None


def faults_of(group: Group) -> list[str]:
    """Return sentences about what prevents a group from being a regular rectangular volume."""
    try:
        stack = group.stack()
    except GeometryError as error:
        return [str(error)]
    if len(group.slices) > 1 and not stack.usual_step_mm:
        return [_one_place(len(group.slices))]
    faults: list[str] = [fault] if (fault := values_fault(group.slices)) else []
    faults.extend(_tilt(stack))
    if mixed := passes_of(group, stack):
        faults.append(_passes_reason(mixed))
    if same := stack.same_places:
        faults.append(worded("%n position(s) (has|have) more than one slice.", "", len(same)))
    if uneven := _unevenness(stack.picked(_first_of_each_place(stack))):
        faults.append(uneven)
    if sideways := _sideways(stack):
        faults.append(sideways)
    faults.extend(_missing_parts(group.slices))
    faults.extend(_unreadable(group))
    return faults


def spacing_of(group: Group) -> tuple[float, float, float] | None:
    """Return step and pixel spacing in mm; None if the group does not state them."""
    if group.first.spacing_mm is None:
        return None
    try:
        step = group.stack().usual_step_mm or group.first.thickness_mm
    except GeometryError:
        return None
    return (step, *group.first.spacing_mm) if step else None


def orientation_of(group: Group) -> str:
    """Return the patient directions of columns, rows and slices; empty if they are not stated."""
    try:
        stack = group.stack()
    except GeometryError:
        return ""
    return direction_letters((stack.columns_lps, stack.rows_lps, stack.normal_lps))


def plan_reading(group: Group, choice: str | None = None) -> Plan:
    """Return how a group is read.

    Parameters
    ----------
    choice
        'pass-N' (the Nth of several passes), 'images-N' (the Nth of several slices at each
        position), 'run-A-B' (slices A to B, counted from 1), 'resampled' (all slices on an even
        grid), or several of these joined by '+'.

    Raises
    ------
    UndecidedError
        When a choice is needed and not given, or does not exist.
    GeometryError
        When the slices do not form a volume; the message names the fault.
    ImageReadError
        When their numbers cannot be Hounsfield units.
    """
    if fault := values_fault(group.slices):
        raise ImageReadError(fault)
    chosen = set(choice.split("+")) if choice else set()
    stack, pass_notes = _one_pass(group, group.stack(), chosen)
    stack, notes = _without_doubles(group, stack, chosen)
    if len(stack.positions_lps_mm) > 1 and not stack.usual_step_mm:
        raise GeometryError(_one_place(len(stack.positions_lps_mm)))
    is_known = not _is_made_up(group, stack)
    even = RESAMPLED in chosen and bool(_unevenness(stack)) and _may_be_resampled(stack)
    run_notes: list[str] = []
    if even:
        run_notes.append(critical(enumerated([_unevenness(stack), RESAMPLED_NOTE], " ")))
    else:
        stack, run_notes = _regular_run(
            stack, chosen, [*_missing_parts(group.slices), *_unreadable(group)]
        )
    if sideways := _sideways(stack):
        raise GeometryError(sideways)
    slices = tuple(group.slices[number] for number in stack.order)
    grid, layout = _layout(stack, slices[0], is_resampled=even)
    tilt_notes = [tilt_banner(stack.tilt_deg)] if isinstance(layout, ShearedGrid) else _tilt(stack)
    warnings = (
        *(() if is_known else (POSITION_UNKNOWN, ORIENTATION_UNKNOWN)),
        *tilt_notes,
        *pass_notes,
        *run_notes,
        *notes,
        *_warnings(group, slices),
        *([_rounded(stack)] if stack.is_rounded else ()),
    )
    return Plan(slices, grid, layout, warnings, is_position_known=is_known)


def _layout(
    stack: SliceStack, first: Slice, *, is_resampled: bool
) -> tuple[Geometry, ShearedGrid | EvenGrid | None]:
    """Return the rectangular grid, and how slices are resampled onto it if they are not on it."""
    assert first.spacing_mm is not None
    if is_resampled:
        even = even_grid(stack, first.rows, first.columns, first.spacing_mm)
        return even.grid, even
    if stack.tilt_deg > TILT_DEG:
        shape = (len(stack.order), first.rows, first.columns)
        sheared, grid = straightened(stack.world_from_index(first.spacing_mm), shape, slice_axis=0)
        return grid, sheared
    return stack.geometry(
        first.rows, first.columns, first.spacing_mm, first.thickness_mm or 1.0
    ), None


def fill(
    plan: Plan,
    into: NDArray[np.int16],
    watch: Watcher = unwatched,
    *,
    touching: Touching = nullcontext,
) -> None:
    """Decode all slices of a plan, several in parallel, into an int16 array of the grid's shape.

    Parameters
    ----------
    watch
        Called in worker threads with (slices done, number of slices).
    touching
        Returns the context in which a file is opened.

    Raises
    ------
    ImageReadError
        One message for all broken slices.
    """
    done = count(1)

    def decode(place: int) -> str | None:
        one = plan.slices[place]
        try:
            with touching(one.path):
                read(one, place)
        except ImageReadError as error:
            return str(error)
        except OSError as error:
            return str(unreadable(one.path, error))
        watch(next(done), len(plan.slices))
        return None

    layout = plan.layout
    moved = layout.moved if isinstance(layout, EvenGrid) else layout
    target = (
        np.empty(layout.moved.straight_shape_zyx, np.int16)
        if isinstance(layout, EvenGrid)
        else into
    )

    def read(one: Slice, place: int) -> None:
        if moved is None:
            read_hu_into(one, target[place])
        else:
            target[place] = np.rint(moved.straighten_slice(hu_of_slice(one), place, AIR_HU))

    load_codecs(plan.slices)
    with ThreadPoolExecutor(DECODING_THREADS) as pool:
        broken = [
            message for message in pool.map(decode, range(len(plan.slices))) if message is not None
        ]
    if broken:
        first, more = broken[0], len(broken) - 1
        if more:
            raise ImageReadError(
                "{first} %n more of the {count} slices cannot be read either.",
                "",
                more,
                first=first,
                count=len(plan.slices),
            )
        raise ImageReadError(first)
    if isinstance(layout, EvenGrid):
        layout.resample(target, into)


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


def missing_references(head: SeriesHead, slices: Sequence[Slice]) -> list[str]:
    """Return the attributes that new objects need but that a slice lacks."""
    held = {
        "StudyInstanceUID": bool(head.study_uid),
        "SeriesInstanceUID": bool(head.series_uid),
        "SOPInstanceUID": all(one.instance_uid for one in slices),
        "SOPClassUID": all(one.class_uid for one in slices),
        "FrameOfReferenceUID": all(one.frame_of_reference for one in slices),
    }
    return [keyword for keyword, is_there in held.items() if not is_there]


def _one_pass(group: Group, stack: SliceStack, chosen: set[str]) -> tuple[SliceStack, list[str]]:
    """Return the slices of the chosen pass if there are several, otherwise all; and warnings."""
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
        return stack, [_passes_reason(passes)]
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
    raise UndecidedError(_passes_reason(passes), ways)


def _passes_reason(passes: Sequence[Pass]) -> str:
    return worded(
        "The series contains {count} acquisitions (time points, phases or reconstructions) of the "
        "same region: their slices share positions or alternate.",
        count=len(passes),
    )


def _without_doubles(
    group: Group, stack: SliceStack, chosen: set[str]
) -> tuple[SliceStack, list[str]]:
    """Return one slice per position, and warnings.

    Duplicates are dropped. Of different slices at one position, the chosen one is kept.
    """
    if not stack.same_places:
        return stack, []
    places = _places(stack)
    kept: list[list[int]] = []
    dropped = 0
    for place in places:
        different = _different(place, stack, group)
        dropped += len(place) - len(different)
        kept.append(different)
    notes: list[str] = []
    if dropped:
        notes.append(worded("%n duplicate slice(s) (was|were) left out.", "", dropped))
    count = max(map(len, kept))
    if count > 1:
        if len(kept) == 1:
            raise GeometryError(_one_place(count))
        number = next((n for n in range(1, count + 1) if f"images-{n}" in chosen), None)
        if number is None:
            before = sorted(key for key in chosen if key.startswith("pass-"))
            reason = worded(
                "Up to {count} different slices are at the same position (several time points, "
                "phases or reconstructions in one series).",
                count=count,
            )
            raise UndecidedError(
                reason,
                [
                    Way(
                        "+".join([*before, f"images-{n}"]),
                        _nth_of_each(n, count),
                        _at_least(n, kept),
                    )
                    for n in range(1, count + 1)
                ],
            )
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


def _nth_of_each(number: int, count: int) -> str:
    return worded(
        "slice {number} of {count} at each position, in order of acquisition and instance number",
        number=number,
        count=count,
    )


def _at_least(number: int, places: list[list[int]]) -> int:
    return sum(len(place) >= number for place in places)


def _places(stack: SliceStack) -> list[list[int]]:
    doubles = {group[0]: group for group in stack.same_places}
    repeated = {place for group in doubles.values() for place in group[1:]}
    return [
        doubles.get(place, [place])
        for place in range(len(stack.positions_lps_mm))
        if place not in repeated
    ]


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


def _regular_run(
    stack: SliceStack, chosen: set[str], reasons: list[str]
) -> tuple[SliceStack, list[str]]:
    """Return the whole stack if its steps are even, otherwise the chosen run; and warnings.

    `reasons` explains why slices may be missing.
    """
    uneven = _unevenness(stack)
    if not uneven:
        return stack, []
    runs = [run for run in stack.regular_runs() if run[1] - run[0] >= MIN_RUN_SLICES][
        :MAX_RUNS_OFFERED
    ]
    count = len(stack.positions_lps_mm)
    for start, stop in runs:
        if f"run-{start + 1}-{stop}" in chosen:
            return stack.part(start, stop), [
                worded(
                    "{uneven} Only slices {start} to {stop} of {count} are shown.",
                    uneven=uneven,
                    start=start + 1,
                    stop=stop,
                    count=count,
                )
            ]
    before = sorted(key for key in chosen if key.startswith(("images-", "pass-")))
    ways: list[Way] = []
    for start, stop in runs:
        length = float(stack.heights_mm[stop - 1] - stack.heights_mm[start])
        step = length / (stop - 1 - start)
        text = worded(
            "slices {start} to {stop} of {count}: {part} slices, {step_mm:.2f} "
            "mm apart, covering {length_mm:.0f} mm",
            start=start + 1,
            stop=stop,
            count=count,
            part=stop - start,
            step_mm=step,
            length_mm=length,
        )
        ways.append(Way("+".join([*before, f"run-{start + 1}-{stop}"]), text, stop - start, step))
    if _may_be_resampled(stack):
        step = stack.usual_step_mm
        text = worded(
            "all {count} slices, resampled to a spacing of {step_mm:.2f} mm; planes between slices "
            "are interpolated",
            count=count,
            step_mm=step,
        )
        ways.append(
            Way(
                "+".join([*before, RESAMPLED]),
                text,
                int(stack.heights_mm[-1] / step + 1e-3) + 1,
                step,
            )
        )
    raise UndecidedError(enumerated([*_tilt(stack), uneven, *reasons], " "), ways)


def _may_be_resampled(stack: SliceStack) -> bool:
    """Return whether all gaps are narrow enough that resampling does not invent anatomy."""
    return (
        len(stack.order) > MIN_RUN_SLICES
        and float(stack.steps_mm.max()) <= MAX_MIXED_STEPS * stack.usual_step_mm
    )


def _tilt(stack: SliceStack) -> list[str]:
    if stack.tilt_deg <= TILT_DEG:
        return []
    return [
        critical(
            worded(
                "The gantry was tilted by {tilt_deg:.1f}°, so the slices are not stacked at "
                "right angles.",
                tilt_deg=stack.tilt_deg,
            )
        )
    ]


def _unevenness(stack: SliceStack) -> str:
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


def _sideways(stack: SliceStack) -> str:
    largest = stack.largest_sideways_mm
    return (
        worded(
            "Slices are shifted sideways by up to {largest_mm:.1f} mm relative to each other.",
            largest_mm=largest,
        )
        if largest > stack.sideways_allowed_mm
        else ""
    )


def _one_place(count: int) -> str:
    return worded(
        "All {count} slices are at the same position, so they do not form a volume. Choose "
        "another series.",
        count=count,
    )


def _rounded(stack: SliceStack) -> str:
    steps = stack.steps_mm
    return worded(
        "The slices' positions are rounded: the distances between them appear to be "
        "{min_mm:.2f} to {max_mm:.2f} mm and were "
        "taken as equal ({step_mm:.3f} mm).",
        min_mm=steps.min(),
        max_mm=steps.max(),
        step_mm=stack.heights_mm[-1] / len(steps),
    )


def _missing_parts(slices: Sequence[Slice]) -> list[str]:
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


def _unreadable(group: Group) -> list[str]:
    if not group.unreadable:
        return []
    first, more = group.unreadable[0].reason, len(group.unreadable) - 1
    if more:
        return [
            worded(
                "Slices may be missing. {first} %n more file(s) cannot be read either.",
                "",
                more,
                first=first,
            )
        ]
    return [worded("A slice may be missing. {first}", first=first)]


def _frames_of_reference(slices: Sequence[Slice]) -> list[str]:
    frames = {one.frame_of_reference for one in slices}
    if len(frames) < 2:
        return []
    return [
        worded(
            "The slices have {count} different Frames of Reference: according to the DICOM "
            "standard, their positions are unrelated. Order, distances and lengths may be wrong.",
            count=len(frames),
        )
    ]


def _several_acquisitions(slices: Sequence[Slice]) -> list[str]:
    """Return a sentence if the slices belong to several acquisitions.

    Acquisition numbers that differ from slice to slice mean nothing.
    """
    count = len({one.acquisition for one in slices})
    if not 1 < count <= len(slices) / 2:
        return []
    return [
        worded(
            "The series combines {count} acquisitions. The patient may have moved between them.",
            count=count,
        )
    ]


def _surplus(slices: Sequence[Slice]) -> list[str]:
    """Return a sentence if a file contains more pixels than its header describes."""

    def is_longer(one: Slice) -> bool:
        if one.pixels is None or one.pixels.length == UNDEFINED:
            return False
        row = one.columns * one.bits_allocated // 8
        return one.pixels.length >= row * (one.rows * one.frame_count + 1)

    longer = [one for one in slices if is_longer(one)]
    if not longer:
        return []
    return [
        worded(
            "{file} contains more pixel data than its header describes ({rows} x {columns}, "
            "{bits} bits): the image may be "
            "distorted.",
            file=longer[0].path.name,
            rows=longer[0].rows,
            columns=longer[0].columns,
            bits=longer[0].bits_allocated,
        )
    ]


def _first_of_each_place(stack: SliceStack) -> NDArray[np.intp]:
    return np.array([place[0] for place in _places(stack)])


def _is_made_up(group: Group, stack: SliceStack) -> bool:
    """Return whether the positions look invented by a tool.

    Such tools write identity orientation, the origin, and no frame of reference.
    """
    is_identity = np.allclose(stack.columns_lps, [1, 0, 0]) and np.allclose(
        stack.rows_lps, [0, 1, 0]
    )
    starts_at_zero = not np.any(stack.positions_lps_mm[:, :2])
    return bool(
        is_identity and starts_at_zero and not any(s.frame_of_reference for s in group.slices)
    )


def _warnings(group: Group, slices: tuple[Slice, ...]) -> list[str]:
    warnings: list[str] = []
    if group.head.modality != "CT":
        warnings.append(
            critical(
                worded(
                    "This is not a CT scan but {modality}. The networks were trained on CT only.",
                    modality=group.head.modality,
                )
            )
        )
    if len(slices) < FEW_SLICES:
        warnings.append(worded("Only %n slice(s): too few to find a spine.", "", len(slices)))
    if any(s.slope is None or s.intercept is None for s in slices):
        warnings.append(
            worded(
                "The file does not specify a rescale slope and intercept, so its values may not "
                "be Hounsfield units."
            )
        )
    elif group.head.rescale_type not in {"", "HU"}:
        warnings.append(
            worded(
                "According to the file, its values are '{rescale_type}', not Hounsfield units.",
                rescale_type=group.head.rescale_type,
            )
        )
    if any(s.is_lossy or s.transfer_syntax in LOSSY_SYNTAXES for s in slices):
        warnings.append(
            worded("The images were compressed with a lossy method, so HU values are inexact.")
        )
    if any(is_padding_tissue(s) for s in slices):
        warnings.append(
            worded(
                "The padding value in the file is within the range of ordinary tissue; it was not "
                "replaced."
            )
        )
    warnings.extend(_frames_of_reference(slices))
    warnings.extend(_several_acquisitions(slices))
    warnings.extend(_missing_parts(group.slices))
    warnings.extend(_unreadable(group))
    warnings.extend(_surplus(slices))
    if any(s.slope is not None and s.slope < 0 for s in slices):
        warnings.append(worded("The Rescale Slope is negative, so bright and dark may be swapped."))
    if any(s.is_inverted for s in slices):
        warnings.append(
            worded(
                "According to the file, low values should be displayed bright "
                "(MONOCHROME1). The scan is shown like any other CT."
            )
        )
    if len(slices) == 1 and slices[0].thickness_mm is None:
        warnings.append(
            worded("The file does not specify a valid slice thickness; 1 mm is assumed.")
        )
    if any(s.bits_stored <= 8 for s in slices):
        warnings.append(worded("The images have only 8 bits per pixel, so HU values are coarse."))
    return warnings
