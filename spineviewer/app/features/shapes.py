"""The centre line of the spine and the surface of the mask, for the views that show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from spineviewer.app.delay import DelayFactory
from spineviewer.app.fused_mask import FusedMask
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.mask_shapes import SpineSurface, find_centre_line, surface_for_view
from spineviewer.progress import Progress
from spineviewer.volume.centre_line import CentreLine
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanCore

#: Delay between the last stroke or slider move and the computation of shapes, in milliseconds.
_DELAY_MS = 250


class Shapes:
    """Keeps line and surface up to date with the mask while a view shows them."""

    def __init__(
        self, scan: ScanCore, jobs: Jobs, new_delay: DelayFactory, load_drawing: Callable[[], None]
    ) -> None:
        self._scan = scan
        self._jobs = jobs
        self._load_drawing = load_drawing
        self._visible: frozenset[JobKind] = frozenset()
        self._computed_for: dict[JobKind, tuple[FusedMask, int]] = {}
        self._delay = new_delay(_DELAY_MS, self._compute)
        scan.mask_changed.connect(self._delay.start)

    def set_visible(self, *, line: bool, surface: bool) -> None:
        """Set which shapes are visible; hidden shapes are not computed."""
        visibility = {JobKind.LINE: line, JobKind.SURFACE: surface}
        self._visible = frozenset(kind for kind, is_visible in visibility.items() if is_visible)
        self._compute()

    def stop(self) -> None:
        """Prevent new work, because the scan is being closed."""
        self._delay.stop()

    def discard(self) -> list[object]:
        """Discard the masks for which shapes were computed; return them, to be freed in a job."""
        computed, self._computed_for = self._computed_for, {}
        return [computed]

    def _compute(self) -> None:
        scan, fused, fusion = self._scan, self._scan.state.fused, self._scan.fusion
        if fusion is None or fused is None:
            return
        mask_key = (fused, scan.correction.revision)
        stale = [kind for kind in self._visible if self._computed_for.get(kind) != mask_key]
        if not stale:
            return
        correction, whole, output = scan.correction.snapshot(), fused, fusion
        for kind in stale:
            self._computed_for[kind] = mask_key
            if kind is JobKind.LINE:
                scan.set(
                    replace(scan.parts, line_note=worded("Finding the centre line of the spine…"))
                )
                self._jobs.start(
                    kind, lambda _: find_centre_line(whole, correction), on_end=self._on_line
                )
            else:
                scan.set(replace(scan.parts, surface_note=worded("Computing the surface…")))

                def work(progress: Progress) -> SpineSurface | None:
                    surface = surface_for_view(whole, output, correction, progress)
                    self._load_drawing()
                    return surface

                self._jobs.start(kind, work, on_end=self._on_surface)

    def _on_line(self, outcome: Outcome[CentreLine | None]) -> None:
        if isinstance(outcome, Succeeded):
            note = worded("The mask contains too little of the spine to find its centre line.")
            self._scan.set(replace(self._scan.parts, line=outcome.result, line_note=note))
        elif isinstance(outcome, Failed):
            self._scan.set(replace(self._scan.parts, line=None, line_note=outcome.message))

    def _on_surface(self, outcome: Outcome[SpineSurface | None]) -> None:
        if isinstance(outcome, Succeeded):
            note = worded(
                "The mask is empty, so it has no surface. Lower the thresholds, or "
                "segment the scan first."
            )
            self._scan.set(replace(self._scan.parts, surface=outcome.result, surface_note=note))
        elif isinstance(outcome, Failed):
            self._scan.set(replace(self._scan.parts, surface=None, surface_note=outcome.message))
