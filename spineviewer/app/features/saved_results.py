"""A record of saved results, so that the program asks before it discards unsaved ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from spineviewer.tuning import Tuning

if TYPE_CHECKING:
    from spineviewer.app.hand_naming import HandNaming
    from spineviewer.app.landmarks import MovedPoints
    from spineviewer.app.overlay import FusionOverlay
    from spineviewer.app.region_search import UncertainRegion
    from spineviewer.app.report_draft import ReportDraft
    from spineviewer.app.scan_core import ScanCore, ScanParts
    from spineviewer.measuring_tools.measurement import Measurement


@dataclass(frozen=True)
class Results:
    """The results of a scan, which are compared to detect changes since they were saved.

    Attributes
    ----------
    mask
        The networks' outputs and the thresholds; None until they exist.
    seen_regions
        The uncertain regions that the user has ticked.
    """

    mask: tuple[FusionOverlay, Tuning] | None
    measurements: tuple[Measurement, ...]
    naming: HandNaming
    correction_revision: int
    moved_points: MovedPoints
    draft: ReportDraft
    seen_regions: tuple[UncertainRegion, ...]


class SavedResults:
    """Compares the current results of a scan with those in a file.

    Parameters
    ----------
    get_finished
        Returns the parts with the finished segmentation that a running one will replace; None if
        there is none.
    """

    def __init__(self, scan: ScanCore, get_finished: Callable[[], ScanParts | None]) -> None:
        self._scan, self._get_finished = scan, get_finished
        self._saved = self.present

    @property
    def present(self) -> Results:
        """The results that a file saved now would contain."""
        parts = self._scan.parts
        state, checklist = parts.state, parts.checklist
        return Results(
            mask=_mask(parts),
            measurements=state.measurements,
            naming=state.naming,
            correction_revision=0 if parts.correction.is_empty else parts.correction.revision,
            moved_points=state.moved_points,
            draft=parts.draft,
            seen_regions=() if checklist is None else checklist.seen_regions,
        )

    @property
    def _at_stake(self) -> Results:
        """The results that the user would lose if the scan were closed now."""
        finished = self._get_finished()
        return self.present if finished is None else replace(self.present, mask=_mask(finished))

    @property
    def is_current(self) -> bool:
        """Whether the user's files contain the current segmentation and all edits."""
        return self._at_stake == self._saved

    @property
    def is_mask_current(self) -> bool:
        """Whether one of the user's files contains the current mask, or there is no mask."""
        mine, saved = self._at_stake, self._saved
        return mine.mask == saved.mask and mine.correction_revision == saved.correction_revision

    def mark_saved(self, results: Results) -> None:
        """Record that results are in one of the user's files."""
        self._saved = results

    def mark_mask_saved(self, results: Results) -> None:
        """Record that the mask of these results is in a file."""
        self._saved = replace(
            self._saved, mask=results.mask, correction_revision=results.correction_revision
        )


def _mask(parts: ScanParts) -> tuple[FusionOverlay, Tuning] | None:
    return None if parts.fusion is None else (parts.fusion, parts.state.tuning)
