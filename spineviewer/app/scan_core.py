"""The core of an open scan: its parts, and the signals that announce their changes.

The features of an open scan work on the core, and on other features only if these are passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter, is_
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from spineviewer.app.checklist import Checklist
from spineviewer.app.comparing import Comparison
from spineviewer.app.history import History, Step
from spineviewer.app.jobs import Failed
from spineviewer.app.landmarks import Source
from spineviewer.app.mask_facts import MaskFacts
from spineviewer.app.mask_shapes import SpineSurface
from spineviewer.app.mask_snapshot import MaskSnapshot
from spineviewer.app.notices import UNDO_TOPIC, Notice, Notices, failure, with_notice, without_topic
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.report_draft import PlacedLevels, ReportDraft
from spineviewer.app.report_record import ReportRecord
from spineviewer.app.session import ScanReference
from spineviewer.app.state import ScanState, SegmentationStage
from spineviewer.app.view_state import ViewState
from spineviewer.editing.correction import Correction
from spineviewer.progress import ProgressUpdate
from spineviewer.tuning import Tuning
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume

if TYPE_CHECKING:
    from spineviewer.labelling.naming import Labelling
    from spineviewer.labelling.vertebrae import Vertebrae
    from spineviewer.measurements.results import Measurements


@dataclass(frozen=True, eq=False)
class ScanParts:
    """Everything in an open scan that can change, frozen.

    Attributes
    ----------
    state
        What the views show: planes, grey scale, thresholds, overlays, whole mask, measurements.
    reference
        Identifies the scan.
    defaults
        The model's default thresholds.
    correction
        The layer of manual corrections. It changes in place; each change updates
        `state.correction_revision`.
    facts
        Facts about the newest whole mask with its corrections; None if there is no mask.
    earlier_tuning
        The thresholds that were in use before the current ones.
    progress
        Progress of the networks while they run; None before the first update, and afterwards.
    is_stopping
        Whether a stop was requested but has not happened yet.
    checklist
        The uncertain regions, and which of them were seen; None if not requested.
    drawn
        Slices in which the user drew, newest last.
    line_note, surface_note
        Message if there is no centre line or no surface.
    history
        The steps that can be undone and redone.
    sagittal_hu
        int16, shape (x, z, y): a copy of the scan whose sagittal slices are contiguous; None if
        there is none.
    views
        How the views showed the scan when it was last active.
    chosen_measurement
        Number of the selected measurement; -1 for none.
    labelling
        The newest named vertebrae, with the data for correcting them; None until the first have
        been found.
    is_naming
        Whether the vertebrae of a newer mask are being named.
    spine_measurements
        The newest measurements of the vertebrae, with landmarks moved by hand; None before the
        first.
    is_measuring
        Whether newer vertebrae are being measured.
    chosen_source
        The value whose landmarks are shown; None for none.
    earlier
        Fingerprint of the open scan with which the measurements are compared; '' for none, None
        until the user has chosen.
    draft
        The user's text and key images for the report.
    placed_levels
        The newest vertebrae by name, or those of the restored work until the first are named.
    reports
        The reports that were written of the scan, also before it was opened this time.
    """

    state: ScanState
    reference: ScanReference
    defaults: Tuning
    correction: Correction
    fusion: FusionOverlay | None = None
    facts: MaskFacts | None = None
    earlier_tuning: Tuning | None = None
    progress: ProgressUpdate | None = None
    is_stopping: bool = False
    checklist: Checklist | None = None
    comparison: Comparison | None = None
    drawn: tuple[tuple[Plane, int], ...] = ()
    line: CentreLine | None = None
    line_note: str = ""
    surface: SpineSurface | None = None
    surface_note: str = ""
    history: History = field(default_factory=History)
    sagittal_hu: NDArray[np.int16] | None = None
    notices: Notices = ()
    views: ViewState = field(default_factory=ViewState)
    chosen_measurement: int = -1
    labelling: Labelling | None = None
    is_naming: bool = False
    spine_measurements: Measurements | None = None
    is_measuring: bool = False
    chosen_source: Source | None = None
    earlier: str | None = None
    draft: ReportDraft = field(default_factory=ReportDraft)
    placed_levels: PlacedLevels = ()
    reports: tuple[ReportRecord, ...] = ()

    @property
    def vertebrae(self) -> Vertebrae | None:
        """The newest named vertebrae; None until the first have been found."""
        return None if self.labelling is None else self.labelling.vertebrae

    @property
    def is_mask_computed(self) -> bool:
        """Whether everything that a mask with the current thresholds can contain is computed.

        The networks may still be running in other parts of the scan.
        """
        return self.fusion is not None and self.fusion.is_complete_for(self.state.tuning)

    @property
    def is_mask_possible(self) -> bool:
        """Whether a mask with the current thresholds exists or can be computed."""
        return self.state.stage is SegmentationStage.DONE or self.is_mask_computed

    @property
    def is_correctable(self) -> bool:
        """Whether there is a mask to correct."""
        return self.fusion is not None

    @property
    def has_rest_to_compute(self) -> bool:
        """Whether there is something left to compute and nothing is being computed."""
        is_idle = self.state.stage not in (SegmentationStage.NONE, SegmentationStage.RUNNING)
        return is_idle and self.fusion is not None and not self.fusion.is_complete


@dataclass(frozen=True, eq=False)
class Change:
    """The parts before and after a change; None if no scan is active."""

    old: ScanParts | None
    new: ScanParts | None

    @property
    def is_move(self) -> bool:
        """Whether only the crosshair, or the corrections during a stroke, have changed."""
        old, new = self.old, self.new
        if old is None or new is None or old.state is new.state:
            return False
        if not all(map(is_, _other_parts(old), _other_parts(new))):
            return False
        drawn = old.state
        if drawn.correction_revision != new.state.correction_revision:
            drawn = replace(drawn, correction_revision=new.state.correction_revision)
        return new.state.differs_only_in_crosshair(drawn)

    @property
    def has_changed_notices(self) -> bool:
        """Whether the notices have changed; False if no scan is open before or afterwards."""
        old, new = self.old, self.new
        return old is not None and new is not None and old.notices is not new.notices


_other_parts = attrgetter(*(field_.name for field_ in fields(ScanParts) if field_.name != "state"))


class ScanCore:
    """The parts of an open scan, which are replaced as a whole.

    Signals: `changed` (a `Change`), `noticed` (a `Notice`), `mask_changed` (the whole mask or its
    corrections changed), `work_done` (the user made edits that must not be lost),
    `segmentation_ended` (an `Outcome`).

    Thread ownership: one thread, the window's; work happens in jobs, whose answers arrive there.

    Parameters
    ----------
    views_of
        Returns how the views show a scan now, or showed it when it was last active.
    """

    changed = Signal(object)
    noticed = Signal(object)
    mask_changed = Signal()
    work_done = Signal()
    segmentation_ended = Signal(object)

    def __init__(self, parts: ScanParts, views_of: Callable[[ScanCore], ViewState]) -> None:
        self._parts: ScanParts | None = parts
        self._views_of = views_of
        self._announced: ScanParts | None = None  # within `as_one_change`, the parts before it

    @property
    def is_open(self) -> bool:
        """Whether the scan has not been closed; delayed actions check this before they run."""
        return self._parts is not None

    @property
    def parts(self) -> ScanParts:
        """A frozen snapshot of everything that can change."""
        assert self._parts is not None, "the scan is closed"
        return self._parts

    @property
    def state(self) -> ScanState:
        """The state of the views."""
        return self.parts.state

    @property
    def volume(self) -> CtVolume:
        """The scan itself."""
        return self.parts.state.scan

    @property
    def fusion(self) -> FusionOverlay | None:
        """The networks' results so far; None if there are none."""
        return self.parts.fusion

    @property
    def correction(self) -> Correction:
        """The layer of manual corrections."""
        return self.parts.correction

    @property
    def view_state(self) -> ViewState:
        """How the views show the scan, or showed it when it was last active."""
        return self._views_of(self)

    def set(self, parts: ScanParts) -> None:
        """Replace the current parts and announce the change."""
        with self.as_one_change():
            self._parts = parts

    @contextmanager
    def as_one_change(self) -> Iterator[None]:
        """Announce all changes made within the block as one, when the outermost block ends."""
        if self._announced is not None:
            yield
            return
        self._announced = self.parts
        try:
            yield
        finally:
            old, self._announced = self._announced, None
            if self._parts is not old:
                self.changed.emit(Change(old, self._parts))

    def set_state(self, state: ScanState) -> None:
        """Replace the current state; an equal state has no effect."""
        if state != self.state:
            self.set(replace(self.parts, state=state))

    def snapshot(self) -> MaskSnapshot | None:
        """Return a frozen snapshot of the current mask; None if the networks have not run."""
        parts = self.parts
        if parts.fusion is None:
            return None
        state = parts.state
        return MaskSnapshot(parts.fusion, state.fused, parts.correction.snapshot(), state.tuning)

    def tell(self, notice: Notice) -> None:
        """Show a notice on this scan."""
        self.set(replace(self.parts, notices=with_notice(self.parts.notices, notice)))
        self.noticed.emit(notice)

    def fail(self, outcome: Failed, topic: str) -> None:
        """Show a notice that a job failed."""
        self.tell(failure(outcome, topic))

    def end_topic(self, topic: str) -> None:
        """Remove the notice with this topic."""
        notices = without_topic(self.parts.notices, topic)
        if len(notices) < len(self.parts.notices):
            self.set(replace(self.parts, notices=notices))

    def add_step(self, step: Step) -> None:
        """Add to the history a manual change that can be undone."""
        with self.as_one_change():
            self.end_topic(UNDO_TOPIC)  # its notice is about an earlier step
            self.set(replace(self.parts, history=self.parts.history.with_step(step)))
