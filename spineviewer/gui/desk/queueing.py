"""A list of scans in the background, while the reader goes on reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from spineviewer.app.batch import Batch, Brake, Entry, Row
from spineviewer.app.jobs import Failed, JobKind, Outcome, Relay, Report, Stopped, Succeeded
from spineviewer.app.services import Services
from spineviewer.app.studies import FolderContents, contents_of, pictures_in
from spineviewer.errors import ModelError, SpineViewerError
from spineviewer.gui.desk.core import DeskCore
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.language import tr


class Queueing(DeskCore):
    """Runs one batch at a time."""

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self.batch: Batch | None = None
        self.brake = Brake()

    @property
    def is_batch_running(self) -> bool:
        """Whether a batch is under way, resting ones included."""
        return self.runner.is_running(JobKind.BATCH)

    def begin_batch(self, entries: Sequence[Entry], folder: Path, *, may_begin_anew: bool = False) -> None:
        """Segment a list with the model's own numbers, going on where an earlier run in this folder stopped."""
        if self.is_batch_running:
            return
        self.topic_ended.emit("batch")
        try:
            tuning = self._backend.tuning()
            batch = self.batch = Batch(entries, folder, tuning, may_begin_anew=may_begin_anew)
        except (SpineViewerError, ModelError) as error:
            self.noticed.emit(Notice(Level.BAD, str(error), "batch"))
            return
        for number, row in enumerate(batch.rows):
            self.batch_row.emit(number, row)
        brake, backend = self.brake, self._backend
        brake.go_on()

        def work(relay: Relay) -> object:
            batch.run(backend, relay, brake=brake, on_row=lambda number, row: relay.publish((number, row)))
            return batch

        self.runner.start(
            JobKind.BATCH,
            work,
            on_end=self._batch_ended,
            on_report=self._pass_batch_report,
            on_part=self._pass_batch_row,
        )
        self.batch_changed.emit()

    def browse(self, folder: Path) -> None:
        """Look for the scans in a folder and below it, in the background; `folder_browsed` tells them."""

        def ended(outcome: Outcome) -> None:
            self.topic_ended.emit("browse")
            if isinstance(outcome, Succeeded):
                self.folder_browsed.emit(outcome.result)
            elif isinstance(outcome, Failed):
                self._say_failure(outcome, "browse")

        is_named = self.settings.is_patient_named
        self.noticed.emit(Notice(Level.INFO, tr("Looking for scans in {folder} …", folder=folder.name), "browse"))
        self.runner.start(JobKind.BROWSE, lambda relay: contents_of(folder, relay, is_named=is_named), on_end=ended)

    def picture_folder(self, contents: FolderContents, on_pictures: Callable[[Mapping[str, NDArray[np.uint8]]], None]) -> None:
        """Make small pictures of a folder's series, in the background."""

        def ended(outcome: Outcome) -> None:
            if isinstance(outcome, Succeeded):
                assert isinstance(outcome.result, Mapping)
                on_pictures(outcome.result)

        self.runner.start(JobKind.PICTURES, lambda relay: pictures_in(contents, relay), on_end=ended)

    def name_patients(self, is_named: bool) -> None:
        """Whether the study browser shows patients' names from now on."""
        self.settings = replace(self.settings, is_patient_named=is_named)
        self.save_settings()

    def pause_batch(self, is_paused: bool) -> None:
        """Rest, or go on."""
        if is_paused:
            self.brake.pause()
        else:
            self.brake.go_on()
        self.batch_changed.emit()

    def cancel_batch(self) -> None:
        """Stop now; what is done stays, and another start goes on from there."""
        self.runner.cancel(JobKind.BATCH)

    def _pass_batch_row(self, part: object) -> None:
        assert isinstance(part, tuple)
        number, row = part
        assert isinstance(row, Row)
        self.batch_row.emit(number, row)

    def _pass_batch_report(self, report: Report) -> None:
        self.batch_reported.emit(report)

    def _batch_ended(self, outcome: Outcome) -> None:
        batch = self.batch
        assert batch is not None
        done = tr("{number} of {count}", number=batch.done_count, count=len(batch.rows))
        if isinstance(outcome, Succeeded):
            level = Level.INFO if batch.done_count == len(batch.rows) else Level.WARN
            text = tr("Batch: {done} segmented into {folder}", done=done, folder=batch.folder)
            self.noticed.emit(Notice(level, text, "batch", paths=(batch.folder / batch.rows[0].mask,)))
        elif isinstance(outcome, Stopped):
            self.noticed.emit(
                Notice(Level.INFO, tr("Batch stopped: {done} done. Starting it again goes on from there.", done=done), "batch")
            )
        elif isinstance(outcome, Failed):
            self._say_failure(outcome, "batch")
        for number, row in enumerate(batch.rows):
            self.batch_row.emit(number, row)
        self.batch_changed.emit()
