"""One open scan and everything that belongs to it. Switching between scans does not change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from spineviewer.app.checklist import Checklist
from spineviewer.app.comparing import Comparison
from spineviewer.app.delay import Delays
from spineviewer.app.features.anonymous_copies import AnonymousCopies
from spineviewer.app.features.autosave import Autosave, Journalling
from spineviewer.app.features.corrections import BrushChoice, Corrections, MaskFacts
from spineviewer.app.features.display import Display, SamplingLoops
from spineviewer.app.features.exports import Exports
from spineviewer.app.features.mask_comparison import MaskComparison
from spineviewer.app.features.mask_edits import MaskEdits
from spineviewer.app.features.measurements import Measurements
from spineviewer.app.features.named_vertebrae import VertebraNames
from spineviewer.app.features.report_drafts import UNDO_TOPIC, ReportDrafts
from spineviewer.app.features.reports import PageMaker, Reports
from spineviewer.app.features.saved_results import SavedResults
from spineviewer.app.features.segmentation import Segmentation
from spineviewer.app.features.shapes import Shapes
from spineviewer.app.features.spine_measurements import SpineMeasurements
from spineviewer.app.features.spine_navigation import SpineNavigation
from spineviewer.app.features.uncertain_regions import UncertainRegions
from spineviewer.app.history import (
    CorrectionStep,
    History,
    ImageStep,
    LandmarkStep,
    MeasurementStep,
    NamingStep,
    Step,
    TextStep,
)
from spineviewer.app.jobs import Failed, JobKind, Jobs
from spineviewer.app.landmarks import Source
from spineviewer.app.mask_shapes import SpineSurface
from spineviewer.app.mask_snapshot import MaskSnapshot
from spineviewer.app.notices import Level, Notice, Notices, failure, with_notice, without_topic
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.report_draft import ReportDraft
from spineviewer.app.services import Services
from spineviewer.app.session import ScanReference
from spineviewer.app.state import ScanState, SegmentationStage
from spineviewer.app.view_state import ViewState
from spineviewer.editing.correction import Correction
from spineviewer.progress import ProgressUpdate
from spineviewer.tuning import Tuning
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import ORIENTATION_UNKNOWN, CtVolume, ScanSource

if TYPE_CHECKING:
    from spineviewer.labelling.naming import Labelling
    from spineviewer.labelling.vertebrae import Vertebrae
    from spineviewer.measurements.results import Measurements as SpineNumbers

#: Jobs that the user waits for.
_CANCELLABLE = (JobKind.SEGMENT, JobKind.EXTEND, JobKind.EXPORT)


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
        Progress of the networks while they run; None before the first report.
    is_stopping
        Whether a stop was requested but has not happened yet.
    checklist
        The uncertain regions, and which of them were seen; None if not requested.
    drawn
        Slices in which the user drew, the newest last.
    line_note, surface_note
        Message if there is no centre line or no surface.
    history
        The steps that can be undone and redone.
    sagittal_hu
        int16, shape (x, z, y): a copy of the scan whose sagittal slices are contiguous; None if
        there is none.
    views
        How the views showed the scan when it was last in front.
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
        The user's texts and key images for the report.
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
    spine_measurements: SpineNumbers | None = None
    is_measuring: bool = False
    chosen_source: Source | None = None
    earlier: str | None = None
    draft: ReportDraft = field(default_factory=ReportDraft)

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
        """Whether a mask with the current thresholds exists or can be made."""
        return self.state.stage is SegmentationStage.DONE or self.is_mask_computed

    @property
    def is_correctable(self) -> bool:
        """Whether there is a mask to correct."""
        return self.fusion is not None

    @property
    def is_rest_to_compute(self) -> bool:
        """Whether there is something left to compute and nothing is being computed."""
        is_idle = self.state.stage not in (SegmentationStage.NONE, SegmentationStage.RUNNING)
        return is_idle and self.fusion is not None and not self.fusion.is_complete


@dataclass(frozen=True, eq=False)
class Change:
    """The parts before and after a change; None where no scan is in front."""

    old: ScanParts | None
    new: ScanParts | None

    @property
    def is_move(self) -> bool:
        """Whether only the crosshair, or the corrections during a stroke, have changed."""
        old, new = self.old, self.new
        if old is None or new is None or old.state is new.state:
            return False
        if not all(map(is_, _beside_state(old), _beside_state(new))):
            return False
        drawn = old.state
        if drawn.correction_revision != new.state.correction_revision:
            drawn = replace(drawn, correction_revision=new.state.correction_revision)
        return new.state.is_moved_from(drawn)


_beside_state = attrgetter(*(one.name for one in fields(ScanParts) if one.name != "state"))


class Presentation(PageMaker, Protocol):
    """Drawing functions that need the window's toolkit."""

    def thumbnail(self, scan: CtVolume) -> str:
        """Return a small picture of a scan as a base64 PNG; may be called from any thread."""

    def load_surface_drawing(self) -> None:
        """Load the code that draws surfaces, in a job so that painting does not wait for it."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Services that all open scans share.

    Attributes
    ----------
    views_of
        Returns how the views show a scan now, or showed it when it was last in front.
    tell
        Shows a message that stays after the scan is closed.
    """

    services: Services
    delays: Delays
    journalling: Journalling
    presentation: Presentation
    brush: BrushChoice
    sampling: SamplingLoops
    views_of: Callable[[OpenScan], ViewState]
    tell: Callable[[Notice], None]


class OpenScan:
    """One open scan: its parts and its features.

    Signals: `changed` (a `Change`), `noticed` (a `Notice`), `mask_changed` (the whole mask or its
    corrections changed), `work_done` (the user did manual work that must not be lost),
    `segmentation_ended` (an `Outcome`), `session_saved` (the `Path` of the file).

    Thread ownership: one thread, the window's; work happens in jobs, whose answers arrive there.
    """

    changed = Signal(object)
    noticed = Signal(object)
    mask_changed = Signal()
    work_done = Signal()
    segmentation_ended = Signal(object)
    session_saved = Signal(object)

    def __init__(self, parts: ScanParts, jobs: Jobs, shared: Surroundings) -> None:
        self._parts: ScanParts | None = parts
        self.jobs = jobs
        self.display = Display(self, shared.sampling)
        self.segmentation = Segmentation(self, shared.services, jobs, shared.delays)
        self.corrections = Corrections(self, shared.brush)
        self.edits = MaskEdits(self, self.corrections, jobs, shared.brush)
        self.measurements = Measurements(self)
        self.uncertain_regions = UncertainRegions(self, jobs)
        self.names = VertebraNames(self, jobs, shared.delays, shared.services.call)
        self.navigation = SpineNavigation(self)
        self.spine = SpineMeasurements(self, jobs, shared.delays, shared.services.call)
        self.comparison = MaskComparison(self, jobs)
        self.shapes = Shapes(self, jobs, shared.delays, shared.presentation.load_surface_drawing)
        self.copies = AnonymousCopies(self, jobs)
        self.exports = Exports(self, jobs, shared.tell)
        self.drafts = ReportDrafts(self)
        self.reports = Reports(self, jobs, shared.presentation)
        self.autosave = Autosave(
            self, jobs, shared.journalling, shared.delays, shared.services.weights
        )
        self._views_of = shared.views_of
        self.saved = SavedResults(self)

    @property
    def is_open(self) -> bool:
        """Whether it has not been closed; delayed actions check this before they run."""
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
        """How the views show the scan, or showed it when it was last in front."""
        return self._views_of(self)

    @property
    def are_results_awaited(self) -> bool:
        """Whether mask, names or measurements do not yet reflect the user's last change."""
        return self.state.is_mask_awaited or self.names.are_awaited or self.spine.are_awaited

    def set(self, parts: ScanParts) -> None:
        """Replace the current parts and announce the change."""
        change = Change(self.parts, parts)
        self._parts = parts
        self.changed.emit(change)

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
        """Report that a job failed."""
        self.tell(failure(outcome, topic))

    def end_topic(self, topic: str) -> None:
        """Remove the notice with this topic."""
        notices = without_topic(self.parts.notices, topic)
        if len(notices) < len(self.parts.notices):
            self.set(replace(self.parts, notices=notices))

    def add_step(self, step: Step) -> None:
        """Add a manual change that can be undone to the history."""
        self.end_topic(UNDO_TOPIC)  # what its notice offers is no longer possible
        self.set(replace(self.parts, history=self.parts.history.with_step(step)))

    @property
    def is_undoable(self) -> bool:
        """Whether there is a change that can be undone."""
        return bool(self.parts.history.done) or self.names.is_correction_under_way

    def undo(self) -> None:
        """Undo the last change, whatever its kind."""
        if self.names.is_correction_under_way:
            self.names.give_up_newest()
            return
        while (history := self.parts.history).done and not self.corrections.is_stroke_under_way:
            was_there = self._restore(history.done[-1], is_undone=True)
            self.set(replace(self.parts, history=history.without_last(is_kept=was_there)))
            if was_there:
                self.drafts.tell_of(history.done[-1], is_undone=True)
                return

    def redo(self) -> None:
        """Redo the last undone change."""
        while (history := self.parts.history).undone and not self.corrections.is_stroke_under_way:
            was_there = self._restore(history.undone[-1], is_undone=False)
            self.set(replace(self.parts, history=history.with_next(is_kept=was_there)))
            if was_there:
                self.drafts.tell_of(history.undone[-1], is_undone=False)
                return

    def _restore(self, step: Step, *, is_undone: bool) -> bool:
        """Undo or redo a step; return whether that was possible.

        It can be impossible, because the layer of corrections drops its oldest steps.
        """
        match step:
            case MeasurementStep():
                return self.measurements.restore(step.before if is_undone else step.after)
            case NamingStep():
                return self.names.restore(step.before if is_undone else step.after)
            case LandmarkStep():
                return self.spine.show_moved(step.before if is_undone else step.after)
            case TextStep():
                return self.drafts.show_texts(step.before if is_undone else step.after)
            case ImageStep():
                return self.drafts.show_images(step.before if is_undone else step.after)
            case CorrectionStep():
                return self.corrections.undo() if is_undone else self.corrections.redo()

    def cancel(self) -> None:
        """Cancel the work that the user is waiting for."""
        if self.state.stage is SegmentationStage.RUNNING:
            self.set(replace(self.parts, is_stopping=True))
        for kind in _CANCELLABLE:
            self.jobs.cancel(kind)

    @property
    def is_cancellable(self) -> bool:
        """Whether the user is waiting for work that can be cancelled."""
        return any(map(self.jobs.is_running, _CANCELLABLE))

    def close(self) -> list[object]:
        """Stop all work and save manual work.

        The returned objects hold memory; release them where no one waits for it.
        """
        self.jobs.withdraw()
        self.segmentation.stop()
        self.names.stop()
        self.spine.stop()
        self.autosave.end()
        held = [self._parts, *self.shapes.stop()]
        self._parts = None
        return held


def source_notices(source: ScanSource) -> list[Notice]:
    """Return the warnings about a scan's source, which stay for as long as the scan is open."""
    warnings = (warning for warning in source.warnings if warning != ORIENTATION_UNKNOWN)
    texts = {f"warning-{number}": text for number, text in enumerate(warnings)}
    if not source.is_orientation_known:
        texts = {"orientation": ORIENTATION_UNKNOWN, **texts}
    return [Notice(Level.WARN, text, topic, is_lasting=True) for topic, text in texts.items()]
