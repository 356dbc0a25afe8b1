"""What all parts of the desk share: the open reading, the settings, the job runner and the signals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from spineviewer.app.jobs import Failed, JobKind
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.services import Services
from spineviewer.app.settings import Settings, load_settings, save_settings
from spineviewer.app.state import ScanState, SegmentationStage
from spineviewer.app.view_state import ViewState
from spineviewer.editing.correction import Correction
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.job_runner import JobRunner
from spineviewer.tuning import Tuning


class DeskCore(QObject):
    """The state that the desk's parts work on. Parts do not call each other: they hear of what happened by signals.

    Thread ownership: GUI thread; work happens in jobs, whose answers arrive here.

    Signals for the window: `changed` (the reading is another one), `moved` (instead of it, where the pictures alone follow: the
    cursor, or a stroke under way),
    `scan_changed`, `noticed`, `topic_ended`, `opening`, `reported`, `series_found`, `exported`, `turned`, `segmentation_ended`,
    `shapes_changed` (of the views along the spine), `views_wanted` (as a session left them). `views`, which the window sets,
    gives them as they are now. Among the parts: `scan_leaves` (before the open one goes),
    `scan_comes` (a scan was put into the reading), `scan_shown` (the window shows it), `mask_changed` (the whole mask or
    its corrections are others), `work_done` (something was made by hand and must not be lost). Of a batch: `batch_row` (number,
    row) as a row changes, `batch_reported` (how far the running scan is), `batch_changed` when it begins, rests, goes on or ends.
    All stand here: of several bases Qt knows the signals of the first alone.
    """

    changed = Signal()
    moved = Signal()
    scan_changed = Signal()
    noticed = Signal(object)
    topic_ended = Signal(str)
    opening = Signal(object)
    reported = Signal(object, object)
    series_found = Signal(object)
    exported = Signal(object)
    turned = Signal(object)
    segmentation_ended = Signal(object)
    scan_leaves = Signal()
    scan_comes = Signal(object)
    scan_shown = Signal()
    work_done = Signal()
    mask_changed = Signal()
    batch_row = Signal(int, object)
    batch_reported = Signal(object)
    batch_changed = Signal()
    folder_browsed = Signal(object)
    shapes_changed = Signal()
    views_wanted = Signal(object)

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend = backend
        self._settings_path = settings_path
        self.settings: Settings = load_settings(settings_path)
        self.runner = JobRunner(self)
        self.reading: ScanState | None = None
        self.fusion: FusionOverlay | None = None
        self.correction = Correction((1, 1, 1))
        self.defaults = Tuning()
        self.last_error: Exception | None = None
        self.views: Callable[[], ViewState] = ViewState

    @property
    def is_mask_possible(self) -> bool:
        """Whether there is a mask of the panel's numbers, or will be once the little that it lacks is computed."""
        reading = self.reading
        return reading is not None and (reading.stage is SegmentationStage.DONE or self.is_mask_computed)

    @property
    def is_mask_computed(self) -> bool:
        """Whether all that a mask of the panel's numbers can hold is computed; the networks may still be at work elsewhere."""
        return self.fusion is not None and self.reading is not None and self.fusion.is_complete_for(self.reading.tuning)

    def save_settings(self) -> None:
        """Write what is remembered, in the background."""
        settings, path = self.settings, self._settings_path
        self.runner.write(JobKind.SETTINGS, lambda: save_settings(settings, path))

    def _set(self, reading: ScanState) -> None:
        before = self.reading
        if reading != before:
            self.reading = reading
            is_moved = before is not None and reading.is_moved_from(before)
            (self.moved if is_moved else self.changed).emit()

    def _say_failure(self, outcome: Failed, topic: str) -> None:
        self.last_error = outcome.error
        self.noticed.emit(Notice(Level.BAD, outcome.message, topic))
