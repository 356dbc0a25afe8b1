"""Between what the reader does and what is shown: the one open reading, its verbs, and the jobs they start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from spineviewer.app.jobs import Failed, JobKind, Outcome, Relay, Stopped, Succeeded
from spineviewer.app.measuring import Measurement
from spineviewer.app.settings import RecentScan, Settings, load_settings, save_settings
from spineviewer.app.state import (
    FusedMask,
    MaskStyle,
    Overlays,
    Reading,
    SegmentationStage,
    Slab,
    Tuning,
    presets_of,
    reading_of,
)
from spineviewer.app.work import (
    Backend,
    Comparison,
    ExportKind,
    ExportOrder,
    FusionOverlay,
    SeriesToChoose,
    compare,
    corrections_file,
    export,
    keep_corrections,
    keep_measurements,
    kept_corrections,
    kept_measurements,
    read_second_mask,
    sagittal_order,
)
from spineviewer.editing.brush import Brush, Point
from spineviewer.editing.correction import ADDED, REMOVED, Correction
from spineviewer.errors import ModelError
from spineviewer.gui.job_runner import JobRunner
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume, WindowLevel

#: A slider that rests this long has paused.
PAUSE_MS = 40


class Level(Enum):
    """How loudly a notice speaks."""

    INFO = "info"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Notice:
    """A sentence above the views. `topic` replaces an older notice of the same topic; a lasting one cannot be dismissed."""

    level: Level
    text: str
    topic: str
    is_lasting: bool = False
    paths: tuple[Path, ...] = ()


class ReadingDesk(QObject):
    """Holds the open reading and the jobs on it.

    Thread ownership: GUI thread; work happens in jobs, whose answers arrive here.
    """

    changed = Signal()
    scan_changed = Signal()
    noticed = Signal(object)
    topic_ended = Signal(str)
    opening = Signal(object)
    reported = Signal(object, object)
    series_found = Signal(object)
    exported = Signal(object)
    turned = Signal(object)
    segmentation_ended = Signal(object)

    def __init__(self, backend: Backend, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend = backend
        self._settings_path = settings_path
        self.settings: Settings = load_settings(settings_path)
        self.runner = JobRunner(self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._fuse)
        self.reading: Reading | None = None
        self.fusion: FusionOverlay | None = None
        self.correction = Correction((1, 1, 1))
        self.brush = Brush(4.0)
        self.is_brush_flat = False
        self._stroke: _Stroke | None = None
        self.comparison: Comparison | None = None
        self._facts: tuple[FusedMask, int, MaskFacts] | None = None
        self.defaults = Tuning()
        self.opening_path: Path | None = None
        self.last_error: Exception | None = None

    # opening and closing

    def open(self, path: Path, series_uid: str | None = None) -> None:
        """Open a scan in the background; the one that is open stays until the new one is there."""
        self.opening_path = path
        self.last_error = None
        self.opening.emit(path)
        self.runner.start(
            JobKind.OPEN,
            lambda relay: self._backend.read_scan(path, series_uid, relay),
            on_end=lambda outcome: self._opened(outcome, path, series_uid),
            on_report=lambda report: self.reported.emit(JobKind.OPEN, report),
        )

    def show_scan(self, scan: CtVolume) -> None:
        """Show a scan that is already in memory."""
        for kind in (JobKind.SEGMENT, JobKind.FUSE):
            self.runner.withdraw(kind)
        try:
            self.defaults = self._backend.tuning()
        except ModelError:
            self.defaults = Tuning()  # said when the reader wants to segment; reading needs no weights
        else:
            self.runner.start(JobKind.PREPARE, lambda _: self._backend.prepare(), on_end=lambda _: None)
        self.reading = reading_of(scan, self.defaults, self._overlays_from_settings())
        self.fusion = None
        self._turn(scan)
        self._restore_corrections(scan)
        self.scan_changed.emit()
        self.changed.emit()
        if not scan.source.is_orientation_known:
            text = "The file does not say where left and right are. No letters are drawn; do not read sides from this scan."
            self.noticed.emit(Notice(Level.WARN, text, "orientation", is_lasting=True))
        for number, warning in enumerate(scan.source.warnings):
            self.noticed.emit(Notice(Level.WARN, warning, f"warning-{number}", is_lasting=True))

    def close_scan(self) -> None:
        """Back to the start page."""
        self.runner.withdraw_all()
        self.opening_path = None
        self._remember_overlays()
        self.reading = None
        self.fusion = None
        self.comparison = None
        self.scan_changed.emit()
        self.changed.emit()

    def shut_down(self) -> None:
        """Stop all work and the engine; `runner.idle` tells when it has ended."""
        self.runner.withdraw_all()
        self._remember_overlays()
        self.save_settings()
        backend = self._backend
        self.runner.start(JobKind.CLOSE, lambda _: backend.close(), on_end=lambda _: None)

    def save_settings(self) -> None:
        """Write what is remembered."""
        save_settings(self.settings, self._settings_path)

    def _opened(self, outcome: Outcome, path: Path, series_uid: str | None) -> None:
        self.opening_path = None
        self.opening.emit(None)
        if isinstance(outcome, Succeeded):
            scan = outcome.result
            assert isinstance(scan, CtVolume)
            self.settings = self.settings.with_recent(RecentScan(str(path.absolute()), series_uid or "", summary_of(scan)))
            self.save_settings()
            self.show_scan(scan)
        elif isinstance(outcome, Failed) and isinstance(outcome.error, SeriesToChoose):
            self.series_found.emit(outcome.error)
        elif isinstance(outcome, Failed):
            if not path.exists():
                self.settings = self.settings.without_recent(str(path.absolute()))
                self.scan_changed.emit()
            self._say_failure(outcome, "open")

    # moving and tuning

    def move_to(self, index_zyx: tuple[float, float, float]) -> None:
        """Crosshair to a voxel."""
        if self.reading is not None:
            self._set(self.reading.moved_to(index_zyx))

    def scroll(self, plane: Plane, steps: int) -> None:
        """Crosshair across a plane."""
        if self.reading is not None:
            self._set(self.reading.scrolled(plane, steps))

    def set_window(self, window: WindowLevel) -> None:
        """Grey scale of all views."""
        if self.reading is not None:
            self._set(replace(self.reading, window=window))

    def drag_window(self, width_px: float, level_px: float) -> None:
        """Grey scale by the mouse."""
        if self.reading is not None:
            self._set(self.reading.windowed_by(width_px, level_px))

    def use_preset(self, number: int) -> None:
        """Grey scale by preset, counted from 1; a scan without an own window has no fifth."""
        if self.reading is not None:
            presets = presets_of(self.reading.scan)
            if number <= len(presets):
                self.set_window(presets[number - 1].window)

    def set_slab(self, slab: Slab) -> None:
        """How many slices are put into one picture."""
        if self.reading is not None:
            self._set(replace(self.reading, slab=slab))

    def set_overlays(self, overlays: Overlays) -> None:
        """What lies over the scan."""
        if self.reading is not None:
            self._set(replace(self.reading, overlays=overlays))

    def set_tuning(self, tuning: Tuning) -> None:
        """Thresholds and sigma: the planes follow at once, the whole mask in the background."""
        if self.reading is not None and tuning != self.reading.tuning:
            self._set(replace(self.reading, tuning=tuning))
            self._fuse_soon()

    def restore_defaults(self) -> None:
        """Thresholds and sigma as they were tuned for the networks."""
        self.set_tuning(self.defaults)

    def _set(self, reading: Reading) -> None:
        if reading != self.reading:
            self.reading = reading
            self.changed.emit()

    # segmenting

    def segment(self) -> None:
        """Run both networks on the open scan."""
        reading = self.reading
        if reading is None or reading.stage is SegmentationStage.RUNNING:
            return
        self.runner.withdraw(JobKind.FUSE)
        self.topic_ended.emit("segment")
        self.fusion = None
        self.last_error = None
        self._set(replace(reading, stage=SegmentationStage.RUNNING, fused=None, report={}))
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

    def cancel(self) -> None:
        """Stop what the reader waits for."""
        for kind in (JobKind.SEGMENT, JobKind.OPEN, JobKind.EXPORT):
            self.runner.cancel(kind)

    def _got_part(self, part: object) -> None:
        assert isinstance(part, FusionOverlay)
        self.fusion = part
        self.changed.emit()
        self._fuse()

    def _segmented(self, outcome: Outcome) -> None:
        reading = self.reading
        if reading is None:
            return
        if isinstance(outcome, Succeeded):
            self.fusion, report = _segmentation_of(outcome.result)
            self._set(replace(reading, stage=SegmentationStage.DONE, report=report))
            for number, warning in enumerate(_warnings_of(report)):
                self.noticed.emit(Notice(Level.WARN, warning, f"segment-{number}"))
            self._fuse()
        else:
            stage = SegmentationStage.NONE if self.fusion is None else SegmentationStage.STOPPED
            if stage is SegmentationStage.STOPPED:
                self._fuse()
            self._set(replace(reading, stage=stage))
            if isinstance(outcome, Failed):
                self._say_failure(outcome, "segment")
            elif isinstance(outcome, Stopped):
                self.noticed.emit(Notice(Level.INFO, "Segmentation stopped.", "segment"))
        self.segmentation_ended.emit(outcome)

    # the whole mask

    @property
    def is_mask_possible(self) -> bool:
        """Whether all that a mask of the panel's numbers can hold is computed; the networks may still be at work elsewhere."""
        return self.fusion is not None and self.reading is not None and self.fusion.is_complete_for(self.reading.tuning)

    def _fuse_soon(self) -> None:
        """Let the planes follow a moving slider undisturbed: the whole mask, which takes all cores, waits for a pause."""
        self._pause.start(PAUSE_MS)

    def _fuse(self) -> None:
        """Make the whole mask for the newest numbers; while one is being made, wait: the newest wins."""
        reading, fusion = self.reading, self.fusion
        if reading is None or fusion is None or not self.is_mask_possible:
            return
        if reading.is_mask_current or self.runner.is_running(JobKind.FUSE):
            return
        tuning = reading.tuning
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
            self._compare_again()
            if not self._pause.isActive():
                self._fuse()
        elif isinstance(outcome, Failed):
            self._say_failure(outcome, "fuse")

    def _tell_whether_found(self, fused: FusedMask) -> None:
        if fused.volume_ml > 0:
            self.topic_ended.emit("no-spine")
            return
        text = (
            f"No spine found: nothing lies above an attention threshold of {fused.tuning.attention_threshold:.2f} and a "
            f"segmentation threshold of {fused.tuning.segmentation_threshold:.2f}. Lower the attention threshold, or check that "
            "this CT shows a spine."
        )
        self.noticed.emit(Notice(Level.WARN, text, "no-spine"))

    # correcting

    @property
    def is_correctable(self) -> bool:
        """Whether there is a mask to correct."""
        return self.reading is not None and self.fusion is not None

    def begin_stroke(self, plane: Plane, is_adding: bool, index_zyx: Point | None) -> None:
        """The brush touches the mask."""
        if self.is_correctable:
            self.correction.begin("Brush" if is_adding else "Eraser")
            self._stroke = _Stroke(plane, ADDED if is_adding else REMOVED, None)
            self.move_stroke(index_zyx)

    def move_stroke(self, index_zyx: Point | None) -> None:
        """The brush moves; None is outside the scan and leaves a gap."""
        reading, stroke = self.reading, self._stroke
        if reading is None or stroke is None:
            return
        if index_zyx is not None:
            brush = replace(self.brush, flat_axis=stroke.plane.value if self.is_brush_flat else None)
            scan = reading.scan
            covered = brush.covered(stroke.last or index_zyx, index_zyx, scan.geometry, scan.hu)
            if covered is not None:
                self.correction.paint(*covered, stroke.sign)
        self._stroke = replace(stroke, last=index_zyx)
        self._set(replace(reading, correction_revision=self.correction.revision))

    def end_stroke(self) -> None:
        """The brush is lifted: one step to undo, kept on the disk."""
        if self._stroke is not None:
            self._stroke = None
            self.correction.end()
            self._corrected()

    def undo(self) -> None:
        """Take the last stroke back."""
        if self._stroke is None and self.correction.undo() is not None:
            self._corrected()

    def redo(self) -> None:
        """Do the last undone stroke again."""
        if self._stroke is None and self.correction.redo() is not None:
            self._corrected()

    def set_brush(self, brush: Brush, *, is_flat: bool) -> None:
        """Size and limits of the brush."""
        self.brush, self.is_brush_flat = brush, is_flat
        self.changed.emit()

    def mask_facts(self) -> MaskFacts | None:
        """Volume of the newest whole mask with its corrections; while a stroke is drawn, that of before."""
        reading = self.reading
        if reading is None or reading.fused is None:
            return None
        fused, revision = reading.fused, self.correction.revision
        is_same_mask = self._facts is not None and self._facts[0] is fused
        if self._facts is None or not is_same_mask or (self._facts[1] != revision and self._stroke is None):
            self._facts = (fused, revision, _facts_of(fused, self.correction))
        return self._facts[2]

    def _corrected(self) -> None:
        reading = self.reading
        if reading is None:
            return
        self.reading = replace(reading, correction_revision=self.correction.revision)
        self.changed.emit()  # the volume follows at the end of a stroke, even where its last movement changed nothing
        self._compare_again()
        snapshot, path = self.correction.snapshot(), self._corrections_file(reading.scan)
        self.runner.start(JobKind.AUTOSAVE, lambda _: keep_corrections(snapshot, path), on_end=self._autosaved)

    def _autosaved(self, outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            self._say_failure(outcome, "autosave")

    def _turn(self, scan: CtVolume) -> None:
        """Copy the scan into sagittal order in the background, where memory allows: these slices lie scattered in it."""

        def turned(outcome: Outcome) -> None:
            if isinstance(outcome, Succeeded) and self.reading is not None and self.reading.scan is scan:
                self.turned.emit(outcome.result)

        self.runner.start(JobKind.TURN, lambda _: sagittal_order(scan), on_end=turned)

    def _restore_corrections(self, scan: CtVolume) -> None:
        kept = kept_corrections(self._corrections_file(scan), scan.geometry.shape_zyx)
        self._stroke = None
        self.runner.withdraw(JobKind.COMPARE)
        self.comparison = None
        self.correction = kept or Correction(scan.geometry.shape_zyx)
        if self.reading is not None:
            measurements = kept_measurements(self._corrections_file(scan).with_suffix(".json"))
            self.reading = replace(self.reading, measurements=measurements)
        self.topic_ended.emit("corrections")

    def discard_corrections(self) -> None:
        """Back to the mask as it was fused; this too can be undone."""
        if self.reading is not None and self.correction.clear():
            self._corrected()

    def _corrections_file(self, scan: CtVolume) -> Path:
        return corrections_file(self._settings_path.parent / "corrections", scan.source)

    # measuring

    def add_measurement(self, measurement: Measurement) -> None:
        """Keep what was drawn."""
        if self.reading is not None:
            self._measured((*self.reading.measurements, measurement))

    def move_measurement(self, number: int, measurement: Measurement) -> None:
        """Put another in the place of one."""
        if self.reading is not None:
            measurements = list(self.reading.measurements)
            measurements[number] = measurement
            self._measured(tuple(measurements))

    def delete_measurement(self, number: int) -> None:
        """Take one away."""
        if self.reading is not None and 0 <= number < len(self.reading.measurements):
            measurements = self.reading.measurements
            self._measured((*measurements[:number], *measurements[number + 1 :]))

    def go_to_measurement(self, number: int) -> None:
        """Bring the planes to where one lies."""
        if self.reading is not None:
            points = np.array(self.reading.measurements[number].points_zyx)
            z, y, x = points.mean(axis=0)
            self.move_to((float(z), float(y), float(x)))

    def _measured(self, measurements: tuple[Measurement, ...]) -> None:
        reading = self.reading
        if reading is None:
            return
        self._set(replace(reading, measurements=measurements))
        path = self._corrections_file(reading.scan).with_suffix(".json")
        self.runner.start(JobKind.KEEP_MEASUREMENTS, lambda _: keep_measurements(measurements, path), on_end=self._autosaved)

    # comparing

    def compare_with(self, path: Path) -> None:
        """Read a second mask and say how the first agrees with it."""
        order, reading = self.export_order({}, may_overwrite=False), self.reading
        if order is None or reading is None or not self.is_mask_possible:
            return
        self.noticed.emit(Notice(Level.INFO, f"Comparing with {path.name} …", "compare"))
        scan = reading.scan
        self.runner.start(
            JobKind.COMPARE,
            lambda relay: compare(order, path, read_second_mask(path, scan, relay), relay),
            on_end=self._compared,
        )

    def end_comparison(self) -> None:
        """Forget the second mask."""
        self.runner.withdraw(JobKind.COMPARE)
        self.comparison = None
        self.changed.emit()

    def go_to_worst(self) -> None:
        """Bring the planes to where the two masks differ most."""
        if self.comparison is not None and self.comparison.worst_zyx is not None:
            z, y, x = self.comparison.worst_zyx
            self.move_to((float(z), float(y), float(x)))

    def _compared(self, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            assert isinstance(outcome.result, Comparison)
            self.comparison = outcome.result
            self.topic_ended.emit("compare")
            self.changed.emit()
        elif isinstance(outcome, Failed):
            self._say_failure(outcome, "compare")

    def _compare_again(self) -> None:
        """The mask is another one: the numbers must follow."""
        known, order = self.comparison, self.export_order({}, may_overwrite=False)
        if known is not None and order is not None and self.is_mask_possible:
            self.runner.start(
                JobKind.COMPARE, lambda relay: compare(order, known.path, known.voxels, relay), on_end=self._compared
            )

    # export

    def export_order(self, targets: Mapping[ExportKind, Path], may_overwrite: bool) -> ExportOrder | None:
        """What the panel shows now, frozen."""
        if self.reading is None or self.fusion is None:
            return None
        reading = self.reading
        return ExportOrder(
            scan=reading.scan,
            fusion=self.fusion,
            fused=reading.fused,
            correction=self.correction.snapshot(),
            tuning=reading.tuning,
            report=reading.report,
            targets=dict(targets),
            may_overwrite=may_overwrite,
        )

    def export(self, targets: Mapping[ExportKind, Path], *, may_overwrite: bool) -> None:
        """Write what the panel shows at this moment; a mask that is still being made is finished first."""
        order = self.export_order(targets, may_overwrite)
        if order is None:
            return
        self.noticed.emit(Notice(Level.INFO, f"Exporting {', '.join(path.name for path in targets.values())} …", "export"))
        self.runner.start(
            JobKind.EXPORT,
            lambda relay: export(order, relay),
            on_end=self._exported,
            on_report=lambda report: self.reported.emit(JobKind.EXPORT, report),
        )

    def _exported(self, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            paths = outcome.result
            assert isinstance(paths, tuple)
            names = ", ".join(path.name for path in paths)
            self.noticed.emit(Notice(Level.INFO, f"Exported {names} to {paths[0].parent}", "export", paths=paths))
            self.exported.emit(paths)
        elif isinstance(outcome, Failed):
            self._say_failure(outcome, "export")
        else:
            self.noticed.emit(Notice(Level.INFO, "Export stopped; nothing was written over.", "export"))

    # inner parts

    def _say_failure(self, outcome: Failed, topic: str) -> None:
        self.last_error = outcome.error
        self.noticed.emit(Notice(Level.BAD, outcome.message, topic))

    def _overlays_from_settings(self) -> Overlays:
        style = MaskStyle.TINT if self.settings.mask_style == MaskStyle.TINT.value else MaskStyle.CONTOUR
        return Overlays(heat_opacity=self.settings.heat_opacity, mask_opacity=self.settings.mask_opacity, mask_style=style)

    def _remember_overlays(self) -> None:
        if self.reading is not None:
            shown = self.reading.overlays
            self.settings = replace(
                self.settings, heat_opacity=shown.heat_opacity, mask_opacity=shown.mask_opacity, mask_style=shown.mask_style.value
            )


@dataclass(frozen=True)
class MaskFacts:
    """What the panel says of the mask."""

    volume_ml: float
    is_cut_by_scan: bool


@dataclass(frozen=True)
class _Stroke:
    plane: Plane
    sign: int
    last: Point | None


def _facts_of(fused: FusedMask, correction: Correction) -> MaskFacts:
    """Volume and cut of a mask as corrected, touching no more of it than was corrected."""
    if correction.is_empty:
        return MaskFacts(fused.volume_ml, fused.is_cut_by_scan)
    voxels = fused.mask.voxels
    volume_ml = fused.volume_ml + correction.added_voxels(voxels) * fused.mask.geometry.voxel_volume_ml
    faces = [(axis, index) for axis, n in enumerate(voxels.shape) for index in (0, n - 1)]
    if all(correction.plane(axis, index) is None for axis, index in faces):
        return MaskFacts(volume_ml, fused.is_cut_by_scan)
    is_cut = any(correction.on_plane(np.take(voxels, index, axis=axis), axis, index).any() for axis, index in faces)
    return MaskFacts(volume_ml, bool(is_cut))


def summary_of(scan: CtVolume) -> str:
    """One line about a scan: size and spacing, no name of a patient."""
    (nz, ny, nx), (dz, dy, dx) = scan.geometry.shape_zyx, scan.geometry.spacing_zyx_mm
    return f"{nx} × {ny} × {nz}  ·  {dx:.2f} × {dy:.2f} × {dz:.2f} mm"


def _segmentation_of(result: object) -> tuple[FusionOverlay, Mapping[str, object]]:
    assert isinstance(result, tuple)
    fusion, report = result
    assert isinstance(fusion, FusionOverlay)
    assert isinstance(report, Mapping)
    return fusion, report


def _warnings_of(report: Mapping[str, object]) -> tuple[str, ...]:
    warnings = report.get("warnings", ())
    return tuple(str(w) for w in warnings) if isinstance(warnings, (list, tuple)) else ()
