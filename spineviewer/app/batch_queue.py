"""Segmentation of a list of scans in the background, while the user works on another scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from psygnal import Signal

from spineviewer.app.batch import TABLE_CSV, Batch, Row, State
from spineviewer.app.batch_list import Entry
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Stopped, Succeeded
from spineviewer.app.notices import Notice, Severity, failure
from spineviewer.app.services import Services
from spineviewer.errors import ModelError, SpineViewerError
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.wording import worded


class BatchQueue:
    """Runs one batch at a time.

    Signals: `row_changed` (number, row), `progressed` (progress of the current scan), `changed`
    (the batch began, was paused or resumed, or ended).
    """

    row_changed = Signal(int, object)
    progressed = Signal(object)
    changed = Signal()

    def __init__(
        self,
        services: Services,
        jobs: Jobs,
        tell: Callable[[Notice], None],
        end_topic: Callable[[str], None],
    ) -> None:
        self._services = services
        self._jobs = jobs
        self._tell = tell
        self._end_topic = end_topic
        self._is_paused = False
        self.batch: Batch | None = None

    @property
    def is_running(self) -> bool:
        """Whether a batch is in progress, even if paused."""
        return self._jobs.is_running(JobKind.BATCH)

    @property
    def is_paused(self) -> bool:
        """Whether the batch is paused, or will pause as soon as it can."""
        return self._is_paused

    @property
    def tuning(self) -> Tuning | None:
        """The thresholds of the next batch; None if the model cannot be read."""
        try:
            return self._services.tuning()
        except ModelError:
            return None

    def begin(
        self, entries: Sequence[Entry], folder: Path, *, may_start_over: bool = False
    ) -> None:
        """Segment a list with the model's default thresholds.

        An earlier run in this folder is resumed.
        """
        if self.is_running:
            return
        self._end_topic("batch")
        try:
            batch = Batch(
                entries,
                folder,
                self._services.tuning(),
                may_start_over=may_start_over,
                with_sessions=True,
            )
        except (SpineViewerError, ModelError) as error:
            self._tell(Notice(Severity.ERROR, str(error), "batch", error=error))
            return
        self.batch = batch
        for number, row in enumerate(batch.rows):
            self.row_changed.emit(number, row)
        services, self._is_paused = self._services, False

        def work(progress: JobProgress, publish: Callable[[tuple[int, Row]], None]) -> None:
            batch.run(services, progress, on_row=lambda number, row: publish((number, row)))

        self._jobs.stream(
            JobKind.BATCH,
            work,
            on_part=self._on_row,
            on_end=lambda end: self._on_end(end, batch),
            on_progress=self.progressed.emit,
        )
        self.changed.emit()

    def pause(self, is_paused: bool) -> None:
        """Pause the batch, or resume it."""
        self._is_paused = is_paused
        self._jobs.pause(JobKind.BATCH, is_paused)
        self.changed.emit()

    def cancel(self) -> None:
        """Stop the batch; finished scans are kept, and the next start resumes after them."""
        self._jobs.cancel(JobKind.BATCH)

    def _on_row(self, part: tuple[int, Row]) -> None:
        self.row_changed.emit(*part)

    def _on_end(self, outcome: Outcome[None], batch: Batch) -> None:
        count = len(batch.rows)
        empty = sum(row.state is State.DONE and row.voxels == 0 for row in batch.rows)
        if isinstance(outcome, Succeeded):
            is_good = batch.done_count == count and not empty
            severity = Severity.INFO if is_good else Severity.WARNING
            text = worded(
                "Batch: {done} of %n scan(s) segmented; masks are in {folder}",
                "",
                count,
                done=batch.done_count,
                folder=batch.folder,
            )
            if empty:
                text = worded(
                    "Batch: {done} of %n scan(s) processed; no spine was found in {empty}. Masks "
                    "are in {folder}",
                    "",
                    count,
                    done=batch.done_count,
                    empty=empty,
                    folder=batch.folder,
                )
            self._tell(Notice(severity, text, "batch", paths=(batch.folder / TABLE_CSV,)))
        elif isinstance(outcome, Stopped):
            done = worded("{number} of {count}", number=batch.done_count, count=count)
            text = worded("Batch stopped: {done} done. Start it again to resume.", done=done)
            self._tell(Notice(Severity.INFO, text, "batch"))
        elif isinstance(outcome, Failed):
            self._tell(failure(outcome, "batch"))
        for number, row in enumerate(batch.rows):
            self.row_changed.emit(number, row)
        self.changed.emit()
