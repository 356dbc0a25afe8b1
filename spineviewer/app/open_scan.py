"""One open scan and everything that belongs to it. Switching between scans does not change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from spineviewer.app.delay import DelayFactory
from spineviewer.app.features.anonymised_copies import AnonymisedCopies
from spineviewer.app.features.autosave import Autosave, SharedJournal
from spineviewer.app.features.corrections import BrushChoice, Corrections
from spineviewer.app.features.display import Display, SamplingLoops
from spineviewer.app.features.exports import Exports
from spineviewer.app.features.mask_comparison import MaskComparison
from spineviewer.app.features.mask_edits import MaskEdits
from spineviewer.app.features.mask_findings import MaskFindings
from spineviewer.app.features.measurements import Measurements
from spineviewer.app.features.named_vertebrae import VertebraNames
from spineviewer.app.features.report_drafts import ReportDrafts
from spineviewer.app.features.reports import PageMaker, Reports
from spineviewer.app.features.saved_results import SavedResults
from spineviewer.app.features.segmentation import Segmentation
from spineviewer.app.features.shapes import Shapes
from spineviewer.app.features.spine_measurements import SpineMeasurements
from spineviewer.app.features.spine_navigation import SpineNavigation
from spineviewer.app.features.steps import Steps
from spineviewer.app.features.tuner import Tuner
from spineviewer.app.features.uncertain_regions import UncertainRegions
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import JobKind
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.scan_core import ScanCore, ScanParts
from spineviewer.app.services import Services
from spineviewer.app.state import SegmentationStage
from spineviewer.app.view_state import ViewState
from spineviewer.volume.volume import ORIENTATION_UNKNOWN, CtVolume, ScanSource

#: Jobs that the user waits for.
_CANCELLABLE = (JobKind.SEGMENT, JobKind.EXTEND, JobKind.EXPORT)


class Presentation(PageMaker, Protocol):
    """Drawing functions that need the window's toolkit."""

    def thumbnail(self, scan: CtVolume) -> str:
        """Return a small picture of a scan as a base64 PNG; may be called from any thread."""

    def load_surface_drawing(self) -> None:
        """Load the code that draws surfaces, in a job so that painting does not wait for it."""


@dataclass(frozen=True, eq=False)
class SharedServices:
    """Services that all open scans share.

    Attributes
    ----------
    views_of
        Returns how the views show a scan now, or showed it when it was last active.
    tell
        Shows a notice that remains after the scan is closed.
    """

    services: Services
    new_delay: DelayFactory
    shared_journal: SharedJournal
    presentation: Presentation
    brush: BrushChoice
    sampling: SamplingLoops
    views_of: Callable[[ScanCore], ViewState]
    tell: Callable[[Notice], None]


class OpenScan(ScanCore):
    """One open scan: its core and its features.

    Thread ownership: the same as the core's.
    """

    def __init__(self, parts: ScanParts, jobs: Jobs, shared: SharedServices) -> None:
        super().__init__(parts, shared.views_of)
        self.jobs = jobs
        new_delay, call = shared.new_delay, shared.services.call
        self.display = Display(self, shared.sampling)
        self.corrections = Corrections(self, shared.brush)
        self.tuner = Tuner(self, new_delay)
        findings = MaskFindings(self, self.display, self.tuner, jobs)
        self.segmentation = Segmentation(
            self, self.tuner, findings, self.corrections, shared.services, jobs, new_delay
        )
        self.edits = MaskEdits(
            self, self.corrections, jobs, shared.brush, lambda: self.steps.undo()
        )
        self.measurements = Measurements(self)
        self.uncertain_regions = UncertainRegions(self, jobs)
        self.names = VertebraNames(self, jobs, new_delay, call, undo=lambda: self.steps.undo())
        self.navigation = SpineNavigation(self, self.display, self.names)
        self.spine = SpineMeasurements(self, self.display, self.names, jobs, new_delay, call)
        self.comparison = MaskComparison(self, self.display, self.segmentation, jobs)
        self.shapes = Shapes(self, jobs, new_delay, shared.presentation.load_surface_drawing)
        self.saved = SavedResults(self, lambda: self.segmentation.finished)
        self.copies = AnonymisedCopies(self, self.names, jobs)
        self.exports = Exports(self, self.segmentation, self.names, self.saved, jobs, shared.tell)
        self.drafts = ReportDrafts(self)
        self.steps = Steps(
            self,
            self.tuner,
            self.corrections,
            self.measurements,
            self.names,
            self.spine,
            self.drafts,
            self.uncertain_regions,
            self.comparison,
        )
        self.reports = Reports(
            self,
            self.names,
            self.spine,
            jobs,
            shared.presentation,
            are_results_pending=lambda: self.are_results_pending,
            tell_window=shared.tell,
        )
        self.autosave = Autosave(
            self, self.saved, jobs, shared.shared_journal, new_delay, shared.services.weights
        )

    @property
    def are_results_pending(self) -> bool:
        """Whether mask, names or measurements do not yet reflect the user's last change."""
        return (
            self.state.is_mask_awaited
            or self.jobs.is_running(JobKind.FUSE)
            or self.names.are_pending
            or self.spine.are_pending
        )

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

    def stop(self) -> None:
        """Save edits, and start no more work."""
        self.autosave.end()
        for feature in (self.tuner, self.segmentation, self.names, self.spine, self.shapes):
            feature.stop()

    def close(self) -> list[object]:
        """Stop all work, save edits, and return the scan's large objects.

        Freeing their memory takes time, so release them in a job.
        """
        self.jobs.withdraw()
        self.stop()
        discarded = [self._parts, *self.shapes.discard()]
        self._parts = None
        return discarded


def source_notices(source: ScanSource) -> list[Notice]:
    """Return the warnings about a scan's source, which are visible as long as the scan is open."""
    warnings = (warning for warning in source.warnings if warning != ORIENTATION_UNKNOWN)
    texts = {f"warning-{number}": text for number, text in enumerate(warnings)}
    if not source.is_orientation_known:
        texts = {"orientation": ORIENTATION_UNKNOWN, **texts}
    return [Notice(Severity.WARNING, text, topic, is_lasting=True) for topic, text in texts.items()]
