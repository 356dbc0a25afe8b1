"""Changes to the tuning of an open scan: thresholds and sigma."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from psygnal import Signal

from spineviewer.app.delay import DelayFactory
from spineviewer.app.history import TuningStep
from spineviewer.tuning import Tuning

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanCore

#: Thresholds that have not changed for this many milliseconds count as viewed. Choice: longer than
#: the time between two keyboard steps.
SETTLED_MS = 1200


class Tuner:
    """Changes the tuning of a scan, and combines changes into steps of its history.

    Signals: `changed` (planes show the new tuning; the whole mask must be computed again),
    `released` (the user has released a slider).

    Attributes
    ----------
    is_held
        Whether the user is dragging a slider.
    """

    changed = Signal()
    released = Signal()

    def __init__(self, scan: ScanCore, new_delay: DelayFactory) -> None:
        self._scan = scan
        self._settled = new_delay(SETTLED_MS, self._on_settled)
        #: The step that the next adjustment continues.
        self._adjustment: TuningStep | None = None
        self.is_held = False

    def set(self, tuning: Tuning) -> None:
        """Set thresholds and sigma as one step in the scan's history.

        Planes update immediately, the whole mask in the background.
        """
        self._adjustment = None
        self.adjust(tuning)
        self._adjustment = None

    def adjust(self, tuning: Tuning) -> None:
        """Set thresholds and sigma in many small changes, for example with a slider.

        All adjustments in quick succession, or while the slider is held, are one step.
        """
        before, step = self._scan.state.tuning, self._adjustment
        if tuning == before:
            return
        with self._scan.as_one_change():
            self._show(tuning)
            history = self._scan.parts.history
            if step is None or not history.done or history.done[-1] is not step:
                self._adjustment = TuningStep("Change thresholds", before, tuning)
                self._scan.add_step(self._adjustment)
                return
            if tuning == step.before:  # the adjustment is back where it began
                self._adjustment, history = None, history.without_last(is_kept=False)
            else:
                self._adjustment = TuningStep(step.name, step.before, tuning)
                history = history.with_last(self._adjustment)
            self._scan.set(replace(self._scan.parts, history=history))

    def hold(self, is_held: bool) -> None:
        """Begin or end the drag of a slider, which is one step however long it takes."""
        self.is_held = is_held
        self._adjustment = None
        if not is_held:
            self.released.emit()

    def restore(self, tuning: Tuning) -> bool:
        """Restore the tuning of an undo step; always return True."""
        self._adjustment = None
        self._show(tuning)
        return True

    def swap(self) -> None:
        """Swap the current thresholds with the previous ones."""
        earlier = self._scan.parts.earlier_tuning
        if earlier is not None:
            self._settled.stop()
            self.set(earlier)

    def restore_defaults(self) -> None:
        """Use the thresholds and sigma that were tuned for the networks."""
        self.set(self._scan.parts.defaults)

    def toggle_islands(self) -> None:
        """Include the islands, or leave them out again."""
        tuning = self._scan.state.tuning
        self.set(replace(tuning, leaves_out_islands=not tuning.leaves_out_islands))

    def stop(self) -> None:
        """Stop waiting, because the scan is being closed."""
        self._settled.stop()

    def _on_settled(self) -> None:
        if not self.is_held:
            self._adjustment = None

    def _show(self, tuning: Tuning) -> None:
        parts = self._scan.parts
        # the last tuning that was viewed, not the previous step of a slider
        earlier = parts.earlier_tuning if self._settled.is_waiting else parts.state.tuning
        self._settled.start()
        self._scan.set(
            replace(parts, state=replace(parts.state, tuning=tuning), earlier_tuning=earlier)
        )
        self.changed.emit()
