"""What the reader draws to measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.measuring import Measurement
from spineviewer.gui.desk.looking import Looking
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.language import tr
from spineviewer.progress import Progress
from spineviewer.volume.volume import CtVolume


class Measuring(Looking):
    """Measurements: drawn, moved, deleted."""

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
            measurement = self.reading.measurements[number]
            z, y, x = np.array(measurement.points_zyx).mean(axis=0)
            self._set(replace(self.reading, turn=measurement.turn).moved_to((float(z), float(y), float(x))))

    def save_report(self, path: Path) -> None:
        """All measurements as a DICOM structured report; the reader has agreed to overwrite."""
        reading = self.reading
        if reading is None:
            return
        measurements, scan = reading.measurements, reading.scan
        self.runner.start(
            JobKind.SAVE_MEASUREMENTS, lambda relay: _written(measurements, scan, path, relay), on_end=self._report_saved
        )

    def _report_saved(self, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            path = outcome.result
            assert isinstance(path, Path)
            self.noticed.emit(
                Notice(Level.INFO, tr("Saved {file} to {folder}", file=path.name, folder=path.parent), "table", paths=(path,))
            )
        elif isinstance(outcome, Failed):
            self._say_failure(outcome, "table")

    def _measured(self, measurements: tuple[Measurement, ...]) -> None:
        reading = self.reading
        if reading is None:
            return
        self._set(replace(reading, measurements=measurements))
        self.work_done.emit()


def _written(measurements: Sequence[Measurement], scan: CtVolume, path: Path, progress: Progress) -> Path:
    from spineviewer.app.measurement_files import write_report

    return write_report(measurements, scan, path, may_overwrite=True, progress=progress)
