"""The list of uncertain regions of a mask."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spineviewer.app.doubt import Doubt, doubts_of
from spineviewer.app.jobs import Failed, JobKind, Jobs, Outcome, Succeeded
from spineviewer.progress import Progress

if TYPE_CHECKING:
    from spineviewer.app.open_scan import OpenScan


class UncertainRegions:
    """Finds uncertain regions on demand, and again when the mask changes while they are shown."""

    def __init__(self, scan: OpenScan, jobs: Jobs) -> None:
        self._scan = scan
        self._jobs = jobs
        scan.mask_changed.connect(self._find_again)

    def find(self, *, goes_there: bool = True) -> None:
        """Look through the current mask, then go to the first region."""
        current = self._scan.snapshot()
        if current is None or not self._scan.parts.is_mask_possible:
            return
        hu = self._scan.volume.hu

        def work(progress: Progress) -> tuple[Doubt, ...]:
            return doubts_of(current.mask(progress), current.fusion.probability, hu, progress)

        self._jobs.start(
            JobKind.DOUBT, work, on_end=lambda outcome: self._on_found(outcome, goes_there)
        )

    def next(self, step: int = 1) -> None:
        """Go to the next or the previous region; they are found first, if need be."""
        parts = self._scan.parts
        if parts.doubts is None:
            self.find()
        elif parts.doubts:
            self.go_to((parts.doubt_number + step) % len(parts.doubts))

    def go_to(self, number: int) -> None:
        """Bring the planes to one region."""
        parts = self._scan.parts
        if parts.doubts is not None and 0 <= number < len(parts.doubts):
            z, y, x = parts.doubts[number].index_zyx
            state = parts.state.moved_to((float(z), float(y), float(x)))
            self._scan.set(replace(parts, state=state, doubt_number=number))

    def end(self) -> None:
        """Close the list."""
        self._jobs.withdraw(JobKind.DOUBT)
        self._scan.set(replace(self._scan.parts, doubts=None, doubt_number=-1))

    def _on_found(self, outcome: Outcome[tuple[Doubt, ...]], goes_there: bool) -> None:
        if isinstance(outcome, Failed):
            self._scan.fail(outcome, "doubts")
        elif isinstance(outcome, Succeeded):
            parts, found = self._scan.parts, outcome.result
            self._scan.set(
                replace(parts, doubts=found, doubt_number=min(parts.doubt_number, len(found) - 1))
            )
            if goes_there and found:
                self.go_to(0)

    def _find_again(self) -> None:
        if self._scan.parts.doubts is not None:
            self.find(goes_there=False)
