"""Measurements of every vertebra, computed after naming and corrected by dragging landmarks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from spineviewer.app.delay import DelayFactory
from spineviewer.app.history import LandmarkStep
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.landmarks import (
    Kind,
    Landmarks,
    MovedPoints,
    Source,
    applied,
    find_landmarks,
    moved_points,
    same_bone,
    with_moved,
    without_moved,
)
from spineviewer.app.services import Call
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.progress import Progress
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane
from spineviewer.wording import mark

if TYPE_CHECKING:
    from spineviewer.app.features.display import Display
    from spineviewer.app.features.named_vertebrae import VertebraNames
    from spineviewer.app.scan_core import Change, ScanCore
    from spineviewer.measurements.results import Measurements

#: Delay before measuring, in milliseconds, so that a series of changes to the names ends first.
_DELAY_MS = 250
_TOPIC = "spine measurements"


class SpineMeasurements:
    """Keeps the measurements up to date with the vertebrae and with moved landmarks.

    The previous measurements stay until the new ones are ready. Moving a landmark is a step in the
    history.

    Thread ownership: the same as the scan's.
    """

    def __init__(
        self,
        scan: ScanCore,
        display: Display,
        names: VertebraNames,
        jobs: Jobs,
        new_delay: DelayFactory,
        call: Call,
    ) -> None:
        self._scan = scan
        self._display = display
        self._names = names
        self._jobs = jobs
        self._call = call
        self._automatic: Measurements | None = None
        self._measured_for: Vertebrae | None = None
        self._failed_for: Vertebrae | None = None
        self._before_drag: MovedPoints | None = None
        self._delay = new_delay(_DELAY_MS, self._measure)
        scan.changed.connect(self._on_changed)
        scan.segmentation_ended.connect(lambda _: self._delay.start())

    @property
    def measured(self) -> Measurements | None:
        """The newest measurements, including moved points; None before the first."""
        return self._scan.parts.spine_measurements

    @property
    def are_current(self) -> bool:
        """Whether the measurements belong to the vertebrae that are shown."""
        return self.measured is not None and self._measured_for is self._scan.parts.vertebrae

    @property
    def are_pending(self) -> bool:
        """Whether the newest vertebrae can be measured but have not been measured yet."""
        vertebrae = self._scan.parts.vertebrae
        is_known = vertebrae in (None, self._measured_for, self._failed_for)
        return not is_known and self._scan.fusion is not None

    @property
    def shown(self) -> Landmarks | None:
        """The landmarks of the chosen value; None if no value is chosen."""
        source, measured = self._scan.parts.chosen_source, self.measured
        return None if source is None or measured is None else find_landmarks(measured, source)

    # navigation

    def go_to(self, source: Source | None) -> Plane | None:
        """Move and rotate the planes to where a value was measured, and show its landmarks.

        Return the plane that shows them; None if there is nothing to show.
        """
        scan = self._scan
        scan.set(replace(scan.parts, chosen_source=source))
        shown = self.shown
        if shown is None:
            return None
        geometry = scan.volume.geometry
        rotation, plane = shown.planes(geometry)
        z, y, x = geometry.index_zyx(shown.middle_lps_mm).tolist()
        self._display.move_to((z, y, x))  # immediately; the rotation may have to wait
        self._display.rotate_to(rotation, (z, y, x))
        return plane

    def next_fractured(self, step: int = 1) -> Plane | None:
        """Go to the next fractured vertebra towards the feet; negative steps go towards the head.

        After the last one, start over with the first. Return the plane that shows it; None if there
        is no fracture.
        """
        measured = self.measured
        if measured is None or not measured.fractured:
            return None
        order = [vertebra.name for vertebra in measured]
        fractured = [order.index(vertebra.name) for vertebra in measured.fractured]
        source, current = self._scan.parts.chosen_source, self._names.at_crosshair
        if source is not None and source.kind is Kind.HEIGHTS and source.level in order:
            position = float(order.index(source.level))
        elif current is not None and current.name in order:
            position = order.index(current.name) - 0.5 * math.copysign(
                1, step
            )  # include this vertebra
        else:
            position = -1.0 if step > 0 else float(len(order))
        beyond = [k for k in fractured if (k > position if step > 0 else k < position)]
        ahead = beyond or fractured
        level = order[ahead[0] if step > 0 else ahead[-1]]
        return self.go_to(Source(Kind.HEIGHTS, level))

    def hide(self) -> None:
        """Hide the landmarks."""
        if self._scan.parts.chosen_source is not None:
            self._scan.set(replace(self._scan.parts, chosen_source=None))

    # corrections

    def drag(self, points_lps_mm: Mapping[str, Triple]) -> None:
        """Move landmarks to new positions, by name; the measured values update immediately."""
        source, measured = self._scan.parts.chosen_source, self.measured
        if source is None or measured is None:
            return
        new = moved_points(measured, source, points_lps_mm)
        moved = self._scan.state.moved_points
        self._before_drag = moved if self._before_drag is None else self._before_drag
        for point in new:
            moved = with_moved(moved, point)
        # Earlier moves stay applied, so that a drag recomputes only these points.
        self._show(moved, applied(measured, new, self._scan.volume))

    def end_drag(self) -> None:
        """Add the dragged landmarks to the history as one step."""
        before, self._before_drag = self._before_drag, None
        if before is not None:
            self._add_step(mark("Move landmark"), before)

    def abandon_drag(self) -> None:
        """End a drag, and restore the landmarks as they were before the drag."""
        before, self._before_drag = self._before_drag, None
        if before is not None:
            self.show_moved(before)

    def restore(self, source: Source) -> None:
        """Restore the automatic value of a source."""
        before, measured = self._scan.state.moved_points, self.measured
        after = before if measured is None else without_moved(before, measured, source)
        if after != before:
            self.show_moved(after)
            self._add_step(mark("Restore automatic value"), before)

    def _add_step(self, name: str, before: MovedPoints) -> None:
        after = self._scan.state.moved_points
        self._scan.add_step(LandmarkStep(name, before, after))
        self._scan.work_done.emit()

    def show_moved(self, moved: MovedPoints) -> bool:
        """Apply other moved points to the automatic measurements; always return True."""
        measured = self._automatic
        if measured is not None:
            measured = applied(measured, moved, self._scan.volume)
        self._show(moved, measured)
        return True

    def _show(self, moved: MovedPoints, measured: Measurements | None) -> None:
        scan = self._scan
        state = replace(scan.state, moved_points=moved)
        scan.set(replace(scan.parts, state=state, spine_measurements=measured))

    # updates after a change to the names

    def stop(self) -> None:
        """Prevent new work, because the scan is being closed."""
        self._delay.stop()
        self._automatic = self._measured_for = None

    def _on_changed(self, change: Change) -> None:
        old, new = change.old, change.new
        if new is not None and (old is None or old.labelling is not new.labelling):
            self._jobs.withdraw(JobKind.MEASURE)  # it measures earlier vertebrae
            self._delay.start()

    def _measure(self) -> None:
        """Measure the newest vertebrae, unless they have been measured or are being measured."""
        scan, vertebrae, fusion = self._scan, self._scan.parts.vertebrae, self._scan.fusion
        if self._jobs.is_running(JobKind.MEASURE):
            return
        if vertebrae is None or fusion is None or not self.are_pending:
            if scan.parts.is_measuring:  # a job was withdrawn, as after undo
                scan.set(replace(scan.parts, is_measuring=False))
            return
        volume, probability, call = scan.volume, fusion.probability, self._call

        def work(progress: Progress) -> Measurements:
            from spineviewer.app.measuring import measure_scan  # imported only when needed

            return call(measure_scan, vertebrae, volume, probability, progress=progress)

        def on_end(outcome: Outcome[Measurements]) -> None:
            if isinstance(outcome, Succeeded):
                self._follow_bone(outcome.result)
                self._automatic, self._measured_for = outcome.result, vertebrae
                self._failed_for = None
                self.show_moved(scan.state.moved_points)
            else:
                self._failed_for = vertebrae
            scan.set(replace(scan.parts, is_measuring=False))
            if isinstance(outcome, Failed):
                scan.fail(outcome, _TOPIC)

        scan.set(replace(scan.parts, is_measuring=True))
        self._jobs.start(JobKind.MEASURE, work, on_end=on_end)

    def _follow_bone(self, new: Measurements) -> None:
        """Keep the landmarks on the same bone, which may have been renamed."""
        source, measured = self._scan.parts.chosen_source, self.measured
        if source is not None and measured is not None:
            same = same_bone(source, measured, new)
            self._scan.set(replace(self._scan.parts, chosen_source=same))
