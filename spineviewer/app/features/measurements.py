"""The measurements that the user draws."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spineviewer.app.changed_place import moved_to_measurement
from spineviewer.app.history import MeasurementStep
from spineviewer.measuring_tools.measurement import Measurement

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanCore


class Measurements:
    """Actions that draw, move, name, select and delete measurements of a scan.

    Each change is one step in the scan's history.
    """

    def __init__(self, scan: ScanCore) -> None:
        self._scan = scan
        self._before_drag: tuple[Measurement, ...] | None = None

    @property
    def drawn(self) -> tuple[Measurement, ...]:
        """All measurements, in the order in which they were drawn."""
        return self._scan.state.measurements

    def add(self, measurement: Measurement) -> None:
        """Add a drawn measurement, and select it."""
        self._change_to("Measure", (*self.drawn, measurement))
        self.choose(len(self.drawn) - 1)

    def change(self, number: int, measurement: Measurement) -> None:
        """Replace a measurement that was moved or named."""
        self._change_to(
            "Change measurement", (*self.drawn[:number], measurement, *self.drawn[number + 1 :])
        )

    def drag(self, number: int, measurement: Measurement) -> None:
        """Show a measurement while it is dragged; `drop` records the whole drag as one step."""
        if self._before_drag is None:
            self._before_drag = self.drawn
        drawn = (*self.drawn[:number], measurement, *self.drawn[number + 1 :])
        self._scan.set_state(replace(self._scan.state, measurements=drawn))

    def drop(self) -> None:
        """End a drag, and record it as one step in the history."""
        before, self._before_drag = self._before_drag, None
        if before is not None and before != self.drawn:
            after = self.drawn
            self.restore(after)
            self._add_step("Change measurement", before, after)

    def abandon(self) -> None:
        """End a drag, and restore the measurement as it was before the drag."""
        before, self._before_drag = self._before_drag, None
        if before is not None:
            self._scan.set_state(replace(self._scan.state, measurements=before))

    def delete(self, number: int) -> None:
        if 0 <= number < len(self.drawn):
            self._change_to("Delete measurement", (*self.drawn[:number], *self.drawn[number + 1 :]))

    def choose(self, number: int) -> None:
        """Select a measurement; -1 for none."""
        if number != self._scan.parts.chosen_measurement:
            self._scan.set(replace(self._scan.parts, chosen_measurement=number))

    def go_to(self, number: int) -> None:
        """Move the planes to a measurement."""
        self._scan.set_state(moved_to_measurement(self._scan.state, self.drawn[number]))

    def _change_to(self, name: str, after: tuple[Measurement, ...]) -> None:
        before = self.drawn
        self.restore(after)
        self._add_step(name, before, after)

    def _add_step(
        self, name: str, before: tuple[Measurement, ...], after: tuple[Measurement, ...]
    ) -> None:
        self._scan.add_step(MeasurementStep(name, before, after))

    def restore(self, measurements: tuple[Measurement, ...]) -> bool:
        """Restore the measurements of an undo step; always return True."""
        self._scan.set_state(replace(self._scan.state, measurements=measurements))
        self._scan.work_done.emit()
        return True
