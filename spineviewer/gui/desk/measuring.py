"""What the reader draws to measure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject

from spineviewer.app.jobs import Failed, JobKind, Outcome
from spineviewer.app.measuring import Measurement
from spineviewer.app.work import Backend, keep_measurements, kept_measurements
from spineviewer.gui.desk.looking import Looking
from spineviewer.volume.volume import CtVolume


class Measuring(Looking):
    """Measurements and their keeping on the disk."""

    def __init__(self, backend: Backend, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self.scan_comes.connect(self._restore_measurements)

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
        self.runner.start(
            JobKind.KEEP_MEASUREMENTS, lambda _: keep_measurements(measurements, path), on_end=self._measurements_kept
        )

    def _measurements_kept(self, outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            self._say_failure(outcome, "autosave")

    def _restore_measurements(self, scan: CtVolume) -> None:
        if self.reading is not None:
            measurements = kept_measurements(self._corrections_file(scan).with_suffix(".json"))
            self.reading = replace(self.reading, measurements=measurements)
