"""The volume that a group of slices forms, planned before anything is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spineviewer.errors import GeometryError, ImageReadError
from spineviewer.io.dicom.even_grid import EvenGrid, even_grid
from spineviewer.io.dicom.series_choices import (
    RESAMPLED,
    Choices,
    may_be_resampled,
    select_one_per_position,
    select_pass,
    select_run,
)
from spineviewer.io.dicom.series_faults import (
    missing_parts,
    rounding_note,
    sideways_fault,
    single_position_fault,
    tilt_fault,
    uneven_fault,
    unreadable_fault,
    values_fault,
)
from spineviewer.io.dicom.series_search import SliceGroup
from spineviewer.io.dicom.series_warnings import find_warnings
from spineviewer.io.dicom.slice_headers import SeriesHeader, Slice
from spineviewer.io.dicom.slices import TILT_DEG, SliceStack, direction_letters, tilt_banner
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
        How the slices are shifted or resampled onto the grid; None if they already match it.
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


def spacing_of(group: SliceGroup) -> tuple[float, float, float] | None:
    """Return the slice step and the pixel spacing in mm; None if they are unknown."""
    if group.first.spacing_mm is None:
        return None
    try:
        step = group.stack().usual_step_mm or group.first.thickness_mm
    except GeometryError:
        return None
    return (step, *group.first.spacing_mm) if step else None


def orientation_of(group: SliceGroup) -> str:
    """Return the patient directions of columns, rows and slices; empty if they are not stated."""
    try:
        stack = group.stack()
    except GeometryError:
        return ""
    return direction_letters((stack.columns_lps, stack.rows_lps, stack.normal_lps))


def plan_reading(group: SliceGroup, choice: str | None = None) -> Plan:
    """Plan how to read a group.

    Parameters
    ----------
    choice
        'pass-N' (the Nth of several passes), 'pass-all' (all passes as one volume), 'images-N' (the
        Nth of several slices at each position), 'run-A-B' (slices A to B, counted from 1),
        'resampled' (all slices on an even grid), or several of these joined by '+'.

    Raises
    ------
    UndecidedError
        When a choice is needed but was not made, or does not exist.
    GeometryError
        When the slices do not form a volume; the message names the fault.
    ImageReadError
        When the pixels cannot be converted to Hounsfield units.
    """
    if fault := values_fault(group.slices):
        raise ImageReadError(fault)
    choices = Choices(choice)
    stack, pass_notes = select_pass(group, group.stack(), choices)
    stack, notes = select_one_per_position(group, stack, choices)
    if len(stack.positions_lps_mm) > 1 and not stack.usual_step_mm:
        raise GeometryError(single_position_fault(len(stack.positions_lps_mm)))
    is_known = not _has_placeholder_positions(group, stack)
    uneven = uneven_fault(stack)
    is_resampled = bool(uneven) and RESAMPLED in choices and may_be_resampled(stack)
    if is_resampled:
        run_notes: list[str] = [critical(enumerated([uneven, RESAMPLED_NOTE], " "))]
    else:
        reasons = [*missing_parts(group.slices), unreadable_fault(group)]
        stack, run_notes = select_run(stack, choices, reasons)
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
        *find_warnings(group, slices),
        rounding_note(stack),
    )
    shown = tuple(warning for warning in warnings if warning)
    return Plan(slices, grid, layout, shown, is_position_known=is_known)


def _layout(
    stack: SliceStack, first: Slice, *, is_resampled: bool
) -> tuple[Geometry, ShearedGrid | EvenGrid | None]:
    """Return the rectangular grid, and the layout of the slices if they do not match it."""
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


def missing_references(header: SeriesHeader, slices: Sequence[Slice]) -> list[str]:
    """Return the attributes that new objects need but at least one slice lacks."""
    is_stated = {
        "StudyInstanceUID": bool(header.study_uid),
        "SeriesInstanceUID": bool(header.series_uid),
        "SOPInstanceUID": all(slice_.instance_uid for slice_ in slices),
        "SOPClassUID": all(slice_.class_uid for slice_ in slices),
        "FrameOfReferenceUID": all(slice_.frame_of_reference for slice_ in slices),
    }
    return [keyword for keyword, is_there in is_stated.items() if not is_there]


def _has_placeholder_positions(group: SliceGroup, stack: SliceStack) -> bool:
    """Return whether a tool probably invented the positions.

    Such tools write an identity orientation and positions that start at 0, 0, but no frame of
    reference.
    """
    is_identity = np.allclose(stack.columns_lps, [1, 0, 0]) and np.allclose(
        stack.rows_lps, [0, 1, 0]
    )
    starts_at_zero = not np.any(stack.positions_lps_mm[:, :2])
    return bool(
        is_identity and starts_at_zero and not any(s.frame_of_reference for s in group.slices)
    )
