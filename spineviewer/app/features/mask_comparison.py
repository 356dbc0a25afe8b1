"""Comparison of the mask with a second one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from spineviewer.app.comparing import Comparison, compare, read_second_mask
from spineviewer.app.history import ComparisonStep
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.mask_snapshot import MaskSnapshot
from spineviewer.app.notices import Notice, Severity
from spineviewer.wording import mark, worded

if TYPE_CHECKING:
    from spineviewer.app.features.display import Display
    from spineviewer.app.features.segmentation import Segmentation
    from spineviewer.app.scan_core import ScanCore


class MaskComparison:
    """Keeps the agreement with a second mask up to date.

    Loading and closing a second mask are steps in the history.
    """

    def __init__(
        self, scan: ScanCore, display: Display, segmentation: Segmentation, jobs: Jobs
    ) -> None:
        self._scan = scan
        self._segmentation = segmentation
        self._display = display
        self._jobs = jobs
        self._being_read: Path | None = None
        self._step: ComparisonStep | None = None  #: to add once the second mask has been read
        scan.mask_changed.connect(self._compare_again)

    def compare_with(self, path: Path) -> None:
        """Read a second mask and report how well the scan's mask agrees with it."""
        self._compare(path, ComparisonStep(mark("Compare with a mask"), self._path, path))

    def restore(self, path: Path | None) -> bool:
        """Restore a comparison, or none, without adding a step to the history; return True."""
        if path is None:
            self._discard()
        else:
            self._compare(path, None)
        return True

    @property
    def _path(self) -> Path | None:
        comparison = self._scan.parts.comparison
        return None if comparison is None else comparison.path

    def _compare(self, path: Path, step: ComparisonStep | None) -> None:
        scan = self._scan
        current = scan.snapshot()
        if current is None or not scan.parts.is_mask_possible:
            return
        text = worded("Comparing with {file}…", file=path.name)
        scan.tell(Notice(Severity.INFO, text, "compare", is_ongoing=True))

        def begin() -> None:
            self._step = step
            newest = scan.snapshot() if scan.parts.is_mask_computed else None
            self._read(path, newest or replace(current, fusion=scan.fusion or current.fusion))

        self._segmentation.when_computed(current.tuning, begin)

    def _read(self, path: Path, whole: MaskSnapshot) -> None:
        volume, self._being_read = self._scan.volume, path
        self._jobs.start(
            JobKind.COMPARE,
            lambda progress: compare(
                whole.mask(progress), path, read_second_mask(path, volume, progress), progress
            ),
            on_end=self._on_compared,
        )

    def end(self) -> None:
        """Discard the second mask."""
        before = self._path
        self._discard()
        if before is not None:
            self._scan.add_step(ComparisonStep(mark("End the comparison"), before, None))

    def _discard(self) -> None:
        self._jobs.withdraw(JobKind.COMPARE)
        self._being_read = self._step = None
        self._scan.set(replace(self._scan.parts, comparison=None))

    def go_to_largest_difference(self) -> None:
        """Move the planes to the largest difference between the two masks."""
        comparison = self._scan.parts.comparison
        if comparison is not None and comparison.largest_difference_zyx is not None:
            z, y, x = comparison.largest_difference_zyx
            self._display.move_to((float(z), float(y), float(x)))

    def _on_compared(self, outcome: Outcome[Comparison]) -> None:
        self._being_read, step, self._step = None, self._step, None
        if isinstance(outcome, Succeeded):
            self._scan.set(replace(self._scan.parts, comparison=outcome.result))
            self._scan.end_topic("compare")
            if step is not None:
                self._scan.add_step(step)
        elif isinstance(outcome, Failed):
            self._scan.fail(outcome, "compare")

    def _compare_again(self) -> None:
        """Update the agreement after the mask has changed."""
        comparison, current = self._scan.parts.comparison, self._scan.snapshot()
        if current is None or not self._scan.parts.is_mask_computed:
            return
        if self._being_read is not None:
            self._read(self._being_read, current)
        elif comparison is not None:
            self._jobs.start(
                JobKind.COMPARE,
                lambda progress: compare(
                    current.mask(progress), comparison.path, comparison.voxels, progress
                ),
                on_end=self._on_compared,
            )
