"""The volume that a group of slices forms, planned before anything is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spineviewer.errors import GeometryError, ImageReadError
from spineviewer.io.dicom.findings import Group
from spineviewer.io.dicom.series_choices import (
    RESAMPLED,
    Chosen,
    may_be_resampled,
    one_pass,
    one_slice_at_each_place,
    regular_run,
)
from spineviewer.io.dicom.series_faults import (
    missing_parts,
    one_place_fault,
    rounding_note,
    sideways_fault,
    tilt_fault,
    unevenness,
    unreadable_fault,
    values_fault,
)
from spineviewer.io.dicom.series_warnings import warnings_of
from spineviewer.io.dicom.slice_heads import SeriesHead, Slice
from spineviewer.io.dicom.slices import TILT_DEG, SliceStack, direction_letters, tilt_banner
from spineviewer.io.dicom.uneven import EvenGrid, even_grid
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.sheared import ShearedGrid, straightened
from spineviewer.volume.volume import ORIENTATION_UNKNOWN
from spineviewer.wording import critical, enumerated, worded

RESAMPLED_NOTE = worded(
    "The slices were resampled to equal spacing; exports use the resampled grid, not the original "
    "slices."
)
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
    chosen = Chosen(choice)
    stack, pass_notes = one_pass(group, group.stack(), chosen)
    stack, notes = one_slice_at_each_place(group, stack, chosen)
    if len(stack.positions_lps_mm) > 1 and not stack.usual_step_mm:
        raise GeometryError(one_place_fault(len(stack.positions_lps_mm)))
    is_known = not _is_made_up(group, stack)
    uneven = unevenness(stack)
    is_resampled = bool(uneven) and RESAMPLED in chosen and may_be_resampled(stack)
    if is_resampled:
        run_notes: list[str] = [critical(enumerated([uneven, RESAMPLED_NOTE], " "))]
    else:
        reasons = [*missing_parts(group.slices), unreadable_fault(group)]
        stack, run_notes = regular_run(stack, chosen, reasons)
    if sideways := sideways_fault(stack):
        raise GeometryError(sideways)
    slices = tuple(group.slices[number] for number in stack.order)
    grid, layout = _layout(stack, slices[0], is_resampled=is_resampled)
    is_sheared = isinstance(layout, ShearedGrid)
    warnings = (
        *(() if is_known else (POSITION_UNKNOWN, ORIENTATION_UNKNOWN)),
        tilt_banner(stack.tilt_deg) if is_sheared else tilt_fault(stack),
        *pass_notes,
        *run_notes,
        *notes,
        *warnings_of(group, slices),
        rounding_note(stack),
    )
    shown = tuple(warning for warning in warnings if warning)
    return Plan(slices, grid, layout, shown, is_position_known=is_known)


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
