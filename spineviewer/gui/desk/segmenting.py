"""The networks, the numbers that shape the mask, and the whole mask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from spineviewer.app.jobs import Failed, JobKind, Outcome, Relay, Stopped, Succeeded
from spineviewer.app.overlay import FusionOverlay, overlay_of
from spineviewer.app.services import Services
from spineviewer.app.state import FusedMask, SegmentationStage
from spineviewer.gui.desk.core import DeskCore
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.language import tr
from spineviewer.tuning import Tuning

#: What the user waits for.
CANCELLABLE = (JobKind.SEGMENT, JobKind.EXTEND, JobKind.OPEN, JobKind.EXPORT, JobKind.BROWSE)
#: A slider that rests this long has paused.
PAUSE_MS = 80
#: One that rests this long shows a state that is looked at. Choice: longer than between two steps of the keyboard.
SETTLED_MS = 1200


class Segmenting(DeskCore):
    """Runs the networks and keeps the mask up with the panel's numbers."""

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._fuse)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self.tuning_before: Tuning | None = None

    def segment(self) -> None:
        """Run both networks on the open scan, as far as a mask of the panel's numbers needs them."""
        reading = self.reading
        if reading is None or reading.stage is SegmentationStage.RUNNING:
            return
        self.runner.withdraw(JobKind.FUSE)
        self.topic_ended.emit("segment")
        self.fusion = None
        self.last_error = None
        self._set(replace(reading, stage=SegmentationStage.RUNNING, computed_share=0.0, fused=None, report={}))
        scan, tuning = reading.scan, reading.tuning
        backend = self._backend

        def work(relay: Relay) -> object:
            return backend.segment(scan, tuning, relay, relay.publish)

        self.runner.start(
            JobKind.SEGMENT,
            work,
            on_end=self._segmented,
            on_report=lambda report: self.reported.emit(JobKind.SEGMENT, report),
            on_part=self._got_part,
        )

    @property
    def is_rest_to_compute(self) -> bool:
        """Whether there is something to compute, and nothing being computed."""
        reading = self.reading
        is_idle = reading is not None and reading.stage not in (SegmentationStage.NONE, SegmentationStage.RUNNING)
        return is_idle and self.fusion is not None and not self.fusion.is_complete

    def compute_rest(self) -> None:
        """Compute what no mask has needed so far."""
        self._extend(None)

    def _extend(self, tuning: Tuning | None, then: Callable[[], None] = lambda: None) -> None:
        """Compute what a mask of these numbers needs (None: every voxel), then go on; shown and stopped like segmenting."""
        reading, fusion, backend = self.reading, self.fusion, self._backend
        if reading is None or fusion is None or reading.stage is SegmentationStage.RUNNING:
            return
        scan = reading.scan
        self._set(replace(reading, stage=SegmentationStage.RUNNING))
        self.runner.start(
            JobKind.EXTEND,
            lambda relay: backend.extend(scan, fusion, tuning, relay, relay.publish),
            on_end=lambda outcome: self._segmented(outcome, then),
            on_report=lambda report: self.reported.emit(JobKind.SEGMENT, report),
            on_part=self._got_part,
        )

    def cancel(self) -> None:
        """Stop what the reader waits for."""
        for kind in CANCELLABLE:
            self.runner.cancel(kind)

    @property
    def is_cancellable(self) -> bool:
        """Whether the user waits for something that can be cancelled."""
        return any(self.runner.is_running(kind) for kind in CANCELLABLE)

    def set_tuning(self, tuning: Tuning) -> None:
        """Thresholds and sigma: the planes follow at once, the whole mask in the background."""
        if self.reading is not None and tuning != self.reading.tuning:
            if not self._settled.isActive():
                self.tuning_before = self.reading.tuning  # of the state that was looked at, not of every step of a slider
            self._settled.start(SETTLED_MS)
            self._set(replace(self.reading, tuning=tuning))
            self._fuse_soon()

    def swap_tuning(self) -> None:
        """Before and after: back to the numbers that were looked at before, and forth again."""
        before = self.tuning_before
        if before is not None and self.reading is not None:
            self._settled.stop()
            self.set_tuning(before)

    def restore_defaults(self) -> None:
        """Thresholds and sigma as they were tuned for the networks."""
        self.set_tuning(self.defaults)

    def _got_part(self, part: object) -> None:
        assert isinstance(part, FusionOverlay)
        if self.reading is not None:
            self.fusion = part
            self.reading = replace(self.reading, computed_share=part.computed_share)
            self.changed.emit()
            self._fuse()

    def _recall(self, results: Callable[[], bytes | memoryview], fingerprint: str, *, stage: SegmentationStage) -> None:
        """Take the networks' answers from where they were kept; where they are missing, damaged or others', compute them."""
        reading, backend = self.reading, self._backend
        assert reading is not None
        scan, tuning = reading.scan, reading.tuning
        self._set(replace(reading, stage=SegmentationStage.RUNNING))

        def work(_: Relay) -> object:
            from spineviewer.app.results import unpacked_results

            content = results()
            found = unpacked_results(content, scan, fingerprint, backend.weights()) if content else None
            return None if found is None else (overlay_of(found.attention, found.probability, tuning), found.report)

        def recalled(outcome: Outcome) -> None:
            if isinstance(outcome, Succeeded) and outcome.result is not None:
                self._segmented(outcome, stage=stage)
            elif self.reading is not None:
                self._set(replace(self.reading, stage=SegmentationStage.NONE))
                if stage is SegmentationStage.DONE and not isinstance(outcome, Stopped):
                    self.segment()

        self.runner.start(JobKind.SEGMENT, work, on_end=recalled)

    def _segmented(
        self,
        outcome: Outcome,
        then: Callable[[], None] = lambda: None,
        stage: SegmentationStage = SegmentationStage.DONE,
    ) -> None:
        reading = self.reading
        if reading is None:
            return
        if isinstance(outcome, Succeeded):
            self.fusion, report = _segmentation_of(outcome.result)
            share = self.fusion.computed_share
            self._set(replace(reading, stage=stage, computed_share=share, report=report))
            for number, warning in enumerate(_warnings_of(report)):
                self.noticed.emit(Notice(Level.WARN, warning, f"segment-{number}"))
            then()
            self._fuse()
        else:
            stage = SegmentationStage.NONE if self.fusion is None else SegmentationStage.STOPPED
            if stage is SegmentationStage.STOPPED:
                self._fuse()
            self._set(replace(reading, stage=stage))
            if isinstance(outcome, Failed):
                self._say_failure(outcome, "segment")
            elif isinstance(outcome, Stopped):
                self.noticed.emit(Notice(Level.INFO, tr("Segmentation stopped."), "segment"))
        self.segmentation_ended.emit(outcome)

    def _fuse_soon(self) -> None:
        """Let the planes follow a moving slider undisturbed: the whole mask, which takes all cores, waits for a pause."""
        self._pause.start(PAUSE_MS)

    def _fuse(self) -> None:
        """Make the whole mask for the newest numbers; while one is being made, wait: the newest wins.

        What the networks have not looked at yet, because older numbers could not keep it, is computed first.
        """
        reading, fusion = self.reading, self.fusion
        if reading is None or fusion is None or reading.is_mask_current:
            return
        tuning = reading.tuning
        if not self.is_mask_computed:
            if reading.stage is SegmentationStage.DONE:
                self._extend(tuning)
            return
        if self.runner.is_running(JobKind.FUSE):
            return
        self.runner.start(JobKind.FUSE, lambda relay: fusion.mask(tuning, relay), on_end=self._fused)

    def _fused(self, outcome: Outcome) -> None:
        reading = self.reading
        if reading is None:
            return
        if isinstance(outcome, Succeeded):
            fused = outcome.result
            assert isinstance(fused, FusedMask)
            self._set(replace(reading, fused=fused))
            self._tell_whether_found(fused)
            self.mask_changed.emit()
            if not self._pause.isActive():
                self._fuse()
        elif isinstance(outcome, Failed):
            self._say_failure(outcome, "fuse")

    def _tell_whether_found(self, fused: FusedMask) -> None:
        if fused.volume_ml > 0:
            self.topic_ended.emit("no-spine")
            return
        text = tr(
            "No spine found: nothing lies above an attention threshold of {attention_threshold:.2f} and a "
            "segmentation threshold of {segmentation_threshold:.2f}. Lower the attention threshold, or "
            "check that this CT shows a spine.",
            attention_threshold=fused.tuning.attention_threshold,
            segmentation_threshold=fused.tuning.segmentation_threshold,
        )
        self.noticed.emit(Notice(Level.WARN, text, "no-spine"))


def _segmentation_of(result: object) -> tuple[FusionOverlay, Mapping[str, object]]:
    assert isinstance(result, tuple)
    fusion, report = result
    assert isinstance(fusion, FusionOverlay)
    assert isinstance(report, Mapping)
    return fusion, report


def _warnings_of(report: Mapping[str, object]) -> tuple[str, ...]:
    warnings = report.get("warnings", ())
    return tuple(str(w) for w in warnings) if isinstance(warnings, (list, tuple)) else ()
