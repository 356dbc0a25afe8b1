"""Undoing and redoing the user's manual changes of all kinds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spineviewer.app.changed_place import showing_change
from spineviewer.app.history import (
    ComparisonStep,
    CorrectionStep,
    ImageStep,
    LandmarkStep,
    MeasurementStep,
    NamingStep,
    Step,
    TextStep,
    TickStep,
    TuningStep,
)
from spineviewer.app.notices import UNDO_TOPIC, Notice, Severity
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.features.corrections import Corrections
    from spineviewer.app.features.mask_comparison import MaskComparison
    from spineviewer.app.features.measurements import Measurements
    from spineviewer.app.features.named_vertebrae import VertebraNames
    from spineviewer.app.features.report_drafts import ReportDrafts
    from spineviewer.app.features.spine_measurements import SpineMeasurements
    from spineviewer.app.features.tuner import Tuner
    from spineviewer.app.features.uncertain_regions import UncertainRegions
    from spineviewer.app.scan_core import ScanCore


class Steps:
    """Undoes and redoes the steps in a scan's history; each feature restores its own.

    Thread ownership: the same as the scan's.
    """

    def __init__(
        self,
        scan: ScanCore,
        tuner: Tuner,
        corrections: Corrections,
        measurements: Measurements,
        names: VertebraNames,
        spine: SpineMeasurements,
        drafts: ReportDrafts,
        regions: UncertainRegions,
        comparison: MaskComparison,
    ) -> None:
        self._scan = scan
        self._tuner = tuner
        self._corrections = corrections
        self._measurements = measurements
        self._names = names
        self._spine = spine
        self._drafts = drafts
        self._regions = regions
        self._comparison = comparison

    @property
    def can_undo(self) -> bool:
        """Whether there is a change that can be undone."""
        return bool(self._scan.parts.history.done) or self._names.is_correcting

    def undo(self) -> None:
        """Undo the last change."""
        if self._names.is_correcting:
            self._names.cancel_newest()
            return
        while (history := self._scan.parts.history).done and self._can_step:
            with self._scan.as_one_change():
                was_possible = self._restore(history.done[-1], is_undone=True)
                if was_possible:
                    self._show_change(history.done[-1], is_undone=True)
                shorter = history.without_last(is_kept=was_possible)
                self._scan.set(replace(self._scan.parts, history=shorter))
            if was_possible:
                self._report_change(history.done[-1], is_undone=True)
                return

    def redo(self) -> None:
        """Redo the last undone change."""
        while (history := self._scan.parts.history).undone and self._can_step:
            with self._scan.as_one_change():
                was_possible = self._restore(history.undone[-1], is_undone=False)
                if was_possible:
                    self._show_change(history.undone[-1], is_undone=False)
                longer = history.with_next(is_kept=was_possible)
                self._scan.set(replace(self._scan.parts, history=longer))
            if was_possible:
                self._report_change(history.undone[-1], is_undone=False)
                return

    @property
    def _can_step(self) -> bool:
        return not self._corrections.is_drawing

    def _restore(self, step: Step, *, is_undone: bool) -> bool:
        """Undo or redo a step; return whether that was possible.

        A step may be impossible to undo, for example because the layer of corrections drops its
        oldest steps.
        """
        match step:
            case MeasurementStep():
                return self._measurements.restore(step.before if is_undone else step.after)
            case NamingStep():
                return self._names.restore(step.before if is_undone else step.after)
            case LandmarkStep():
                return self._spine.show_moved(step.before if is_undone else step.after)
            case TextStep():
                return self._drafts.show_texts(step.before if is_undone else step.after)
            case ImageStep():
                return self._drafts.show_images(step.before if is_undone else step.after)
            case TuningStep():
                return self._tuner.restore(step.before if is_undone else step.after)
            case TickStep():
                return self._regions.restore_tick(step, is_seen=step.is_seen is not is_undone)
            case ComparisonStep():
                return self._comparison.restore(step.before if is_undone else step.after)
            case CorrectionStep():
                return self._corrections.undo() if is_undone else self._corrections.redo()

    def _show_change(self, step: Step, *, is_undone: bool) -> None:
        """Move the planes to the change if they do not show it, so that it does not go unseen."""
        state, correction = self._scan.state, self._scan.correction
        planes = self._scan.view_state.planes
        shown = showing_change(state, step, correction, planes, is_undone=is_undone)
        self._scan.set_state(shown)

    def _report_change(self, step: Step, *, is_undone: bool) -> None:
        """Show a notice about a change to the report, which the views do not show."""
        self._scan.end_topic(UNDO_TOPIC)
        match step, is_undone:
            case TextStep(), True:
                text = worded("Your last change to the text of the report was undone.")
            case TextStep(), False:
                text = worded("Your change to the text of the report was redone.")
            case ImageStep(), True:
                text = worded("Your last change to the key images was undone.")
            case ImageStep(), False:
                text = worded("Your change to the key images was redone.")
            case _:
                return
        button = (worded("Redo"), self.redo) if is_undone else (worded("Undo"), self.undo)
        self._scan.tell(Notice(Severity.INFO, text, UNDO_TOPIC, buttons=(button,)))
