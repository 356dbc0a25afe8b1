"""Segmentation of an open scan: the networks and the whole mask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from spineviewer.app.delay import DelayFactory
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Stopped, Succeeded
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.overlay import FusionOverlay, make_overlay
from spineviewer.app.services import Services
from spineviewer.app.state import SegmentationStage
from spineviewer.progress import JobProgress, ProgressUpdate
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import ORIENTATION_UNKNOWN
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.features.corrections import Corrections, NewMask
    from spineviewer.app.features.mask_findings import MaskFindings
    from spineviewer.app.features.tuner import Tuner
    from spineviewer.app.scan_core import ScanCore, ScanParts

#: A slider that has not moved for this many milliseconds counts as paused.
PAUSE_MS = 80

SegmentationOutput = tuple[FusionOverlay, Mapping[str, object]]


class Segmentation:
    """Runs the networks on a scan and keeps its mask up to date with its thresholds."""

    def __init__(
        self,
        scan: ScanCore,
        tuner: Tuner,
        findings: MaskFindings,
        corrections: Corrections,
        services: Services,
        jobs: Jobs,
        new_delay: DelayFactory,
    ) -> None:
        self._scan = scan
        self.findings = findings
        self._corrections = corrections
        self._services = services
        self._jobs = jobs
        self._pause = new_delay(PAUSE_MS, self._fuse)
        # computing the whole mask uses all cores, so it waits until the slider pauses
        tuner.changed.connect(self._pause.start)
        self._finished: ScanParts | None = None
        #: Called once the extension in progress has succeeded.
        self._when_extended: list[Callable[[], None]] = []

    @property
    def finished(self) -> ScanParts | None:
        """The parts with the finished segmentation that a running one will replace, if any."""
        return self._finished

    def segment(self) -> None:
        """Run both networks where a mask with the current thresholds needs them."""
        scan, services = self._scan, self._services
        if scan.state.stage is SegmentationStage.RUNNING:
            return
        self._jobs.withdraw(JobKind.FUSE)
        scan.end_topic("segment")
        scan.end_topic("no-spine")
        if scan.fusion is None:
            self.findings.expect_spine()
        self._finished = scan.parts if scan.state.stage is SegmentationStage.DONE else None
        state = replace(
            scan.state,
            stage=SegmentationStage.RUNNING,
            computed_fraction=0.0,
            fused=None,
            run_record={},
        )
        scan.set(
            replace(
                scan.parts, state=state, fusion=None, facts=None, progress=None, is_stopping=False
            )
        )
        volume, tuning = scan.volume, state.tuning
        self._jobs.stream(
            JobKind.SEGMENT,
            lambda progress, publish: services.segment(volume, tuning, progress, publish),
            on_part=self._show_part,
            on_end=self._on_segmented,
            on_progress=self._on_progress,
        )

    def compute_rest(self) -> None:
        """Compute all voxels that have not been computed."""
        self._extend(None)

    def when_computed(self, tuning: Tuning | None, action: Callable[[], None]) -> None:
        """Compute what a mask with this tuning needs (None: every voxel), then call `action`.

        If the networks are segmenting the scan or have not done so yet, `action` is called
        immediately and reports what is missing. If more voxels are being computed, for
        example because a slider was moved, this waits for them first.
        """
        fusion = self._scan.fusion
        is_running = self._scan.state.stage is SegmentationStage.RUNNING
        if is_running and self._jobs.is_running(JobKind.EXTEND):
            self._when_extended.append(lambda: self.when_computed(tuning, action))
        elif (
            fusion is None
            or is_running
            or fusion.is_complete
            or (tuning is not None and fusion.is_complete_for(tuning))
        ):
            action()
        else:
            self._extend(tuning)
            self._when_extended.append(action)

    def restore_results(
        self,
        results: Callable[[], bytes | memoryview],
        *,
        stage: SegmentationStage,
        may_compute: bool = True,
        goes_to_spine: bool = False,
    ) -> None:
        """Restore the networks' saved results.

        If they are missing, damaged or made by other networks, they are computed again, unless
        `may_compute` is false or `stage` is `STOPPED`.

        `goes_to_spine` moves the crosshair to the middle of the spine, as after segmenting.
        """
        if goes_to_spine:
            self.findings.expect_spine()
        scan, services = self._scan, self._services
        volume, tuning, fingerprint = (
            scan.volume,
            scan.state.tuning,
            scan.parts.reference.fingerprint,
        )
        scan.set_state(replace(scan.state, stage=SegmentationStage.RUNNING))

        def work(_: JobProgress) -> SegmentationOutput | None:
            from spineviewer.app.stored_results import unpack_results

            content = results()
            restored = (
                unpack_results(content, volume, fingerprint, services.weights())
                if content
                else None
            )
            return (
                None
                if restored is None
                else (
                    make_overlay(restored.attention, restored.probability, tuning),
                    restored.run_record,
                )
            )

        def on_end(outcome: Outcome[SegmentationOutput | None]) -> None:
            if isinstance(outcome, Succeeded) and outcome.result is not None:
                self._on_segmented(Succeeded(outcome.result), stage=stage)
                return
            scan.set_state(replace(scan.state, stage=SegmentationStage.NONE))
            if may_compute and stage is SegmentationStage.DONE and not isinstance(outcome, Stopped):
                self.segment()
            elif not may_compute:
                text = (
                    worded("The mask is no longer stored. Segment the spine again.")
                    if scan.correction.is_empty
                    else worded("Segment the spine to see your corrections.")
                )
                scan.tell(Notice(Severity.INFO, text, "segment"))
            scan.mask_changed.emit()  # what was restored with the mask no longer applies

        self._jobs.start(JobKind.SEGMENT, work, on_end=on_end)

    def stop(self) -> None:
        """Prevent new work, because the scan is being closed."""
        self._pause.stop()

    def _extend(self, tuning: Tuning | None) -> None:
        """Compute what a mask with this tuning needs (None: every voxel).

        Progress and cancellation work as for segmenting.
        """
        scan, services, fusion = self._scan, self._services, self._scan.fusion
        if fusion is None or scan.state.stage is SegmentationStage.RUNNING:
            return
        volume, present, self._when_extended = scan.volume, fusion, []
        scan.end_topic("no-spine")
        scan.set(
            replace(
                scan.parts,
                state=replace(scan.state, stage=SegmentationStage.RUNNING),
                progress=None,
                is_stopping=False,
            )
        )
        self._jobs.stream(
            JobKind.EXTEND,
            lambda progress, publish: services.extend(volume, present, tuning, progress, publish),
            on_part=self._show_part,
            on_end=self._on_segmented,
            on_progress=self._on_progress,
        )

    def _on_progress(self, update: ProgressUpdate) -> None:
        self._scan.set(replace(self._scan.parts, progress=update))

    def _show_part(self, part: FusionOverlay) -> None:
        state = replace(self._scan.state, computed_fraction=part.computed_fraction)
        self._scan.set(replace(self._scan.parts, state=state, fusion=part))
        self._fuse()

    def _on_segmented(
        self,
        outcome: Outcome[SegmentationOutput],
        stage: SegmentationStage = SegmentationStage.DONE,
    ) -> None:
        # one change, because the results are complete only at its end
        with self._scan.as_one_change():
            if isinstance(outcome, Succeeded):
                self._finished = None
                self._use_output(*outcome.result, stage)
            else:
                self._use_earlier_results(outcome)
        self._scan.segmentation_ended.emit(outcome)

    def _use_earlier_results(self, outcome: Outcome[SegmentationOutput]) -> None:
        """Keep the existing results after the networks failed or were stopped; show a notice."""
        scan = self._scan
        finished, self._finished = self._finished, None
        if finished is not None:
            self._restore_finished(finished)
            text = worded("Segmentation stopped. The previous result has been kept.")
        else:
            stage = SegmentationStage.NONE if scan.fusion is None else SegmentationStage.STOPPED
            if stage is SegmentationStage.STOPPED:
                self._fuse()
            scan.set(
                replace(
                    scan.parts,
                    state=replace(scan.state, stage=stage),
                    progress=None,
                    is_stopping=False,
                )
            )
            text = worded("Segmentation stopped.")
        if isinstance(outcome, Failed):
            scan.fail(outcome, "segment")
        else:
            scan.tell(Notice(Severity.INFO, text, "segment"))

    def _use_output(
        self, fusion: FusionOverlay, run_record: Mapping[str, object], stage: SegmentationStage
    ) -> None:
        """Use the networks' results: report warnings, and compute the mask."""
        scan = self._scan
        state = replace(
            scan.state,
            stage=stage,
            computed_fraction=fusion.computed_fraction,
            run_record=run_record,
        )
        scan.set(replace(scan.parts, state=state, fusion=fusion, progress=None, is_stopping=False))
        if state.fused is not None and state.is_mask_current:
            # for a mask made while the networks ran
            self.findings.report_whether_found(state.fused)
        known = (*scan.volume.source.warnings, ORIENTATION_UNKNOWN)
        new = (warning for warning in _warnings_in(run_record) if warning not in known)
        for number, warning in enumerate(new):
            scan.tell(Notice(Severity.WARNING, warning, f"segment-{number}"))
        when_extended, self._when_extended = self._when_extended, []
        for action in when_extended:
            action()
        self._fuse()

    def _restore_finished(self, finished: ScanParts) -> None:
        """Restore the results that were finished before the networks ran again."""
        scan, old = self._scan, finished.state
        self._jobs.withdraw(JobKind.FUSE)
        state = replace(
            scan.state,
            stage=old.stage,
            computed_fraction=old.computed_fraction,
            fused=old.fused,
            run_record=old.run_record,
        )
        fusion = finished.fusion
        scan.set(replace(scan.parts, state=state, fusion=fusion, progress=None, is_stopping=False))
        if old.fused is not None:
            self._corrections.show_mask(old.fused)
        scan.mask_changed.emit()
        self._fuse()

    def _fuse(self) -> None:
        """Compute the whole mask for the newest thresholds, after a mask in progress is finished.

        Parts that earlier thresholds did not need are computed first.
        """
        parts = self._scan.parts
        fusion, tuning = parts.fusion, parts.state.tuning
        if fusion is None or parts.state.is_mask_current:
            return
        if not parts.is_mask_computed:
            if parts.state.stage is SegmentationStage.DONE:
                self._extend(tuning)
        elif not self._jobs.is_running(JobKind.FUSE):
            follow = self._corrections.follower()
            self._jobs.start(
                JobKind.FUSE,
                lambda progress: follow(fusion.mask(tuning, progress)),
                on_end=self._on_fused,
            )

    def _on_fused(self, outcome: Outcome[NewMask]) -> None:
        scan = self._scan
        if isinstance(outcome, Succeeded):
            fused = outcome.result.fused
            if not self._corrections.show_new_mask(outcome.result):
                self._pause.start()  # corrected in the meantime
                return
            self.findings.report(fused)
            scan.mask_changed.emit()
            if not self._pause.is_waiting:
                self._fuse()
        elif isinstance(outcome, Failed):
            scan.fail(outcome, "fuse")


def _warnings_in(run_record: Mapping[str, object]) -> tuple[str, ...]:
    warnings = run_record.get("warnings", ())
    return tuple(str(w) for w in warnings) if isinstance(warnings, (list, tuple)) else ()
