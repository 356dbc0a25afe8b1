"""Reports on a new mask: whether it shows a spine, and pieces far from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spineviewer.app.fused_mask import FusedMask
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import JobKind, Outcome, Succeeded
from spineviewer.app.mask_middle import is_near_mask, spine_middle
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.state import SegmentationStage, first_crosshair
from spineviewer.volume.geometry import Triple
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.features.display import Display
    from spineviewer.app.features.tuner import Tuner
    from spineviewer.app.scan_core import ScanCore
    from spineviewer.fusion.islands import Piece


class MaskFindings:
    """Reports what the newest whole mask of a scan shows, and moves the crosshair to the spine."""

    def __init__(self, scan: ScanCore, display: Display, tuner: Tuner, jobs: Jobs) -> None:
        self._scan, self._display, self._tuner, self._jobs = scan, display, tuner, jobs
        self._shown_far_piece = -1
        self._must_go_to_spine = False
        tuner.changed.connect(self._report_again)
        tuner.released.connect(self._report_again)

    def report(self, fused: FusedMask) -> None:
        """Report what a new whole mask shows; if expected, move the crosshair to the spine."""
        self._go_to_spine(fused)
        self.report_whether_found(fused)
        self._report_islands(fused)

    def report_whether_found(self, fused: FusedMask) -> None:
        """Report if there is no spine in a mask of the whole scan.

        Nothing is reported while a slider is dragged or the networks run: neither the slider's
        value nor the mask is final.
        """
        is_running = self._scan.state.stage is SegmentationStage.RUNNING
        if fused.volume_ml > 0 or is_running or self._tuner.is_held:
            self._scan.end_topic("no-spine")
            return
        text = worded(
            "No spine found: nothing is above an attention threshold of "
            "{attention_threshold:.2f} and a segmentation threshold of "
            "{segmentation_threshold:.2f}. Lower the attention threshold, or check that this "
            "CT shows a spine.",
            attention_threshold=fused.tuning.attention_threshold,
            segmentation_threshold=fused.tuning.segmentation_threshold,
        )
        self._scan.tell(Notice(Severity.WARNING, text, "no-spine"))

    def _report_again(self) -> None:
        """Report what the current mask shows; a report on earlier thresholds no longer applies."""
        state = self._scan.state
        if state.fused is not None and state.is_mask_current:
            self.report_whether_found(state.fused)
        else:
            self._scan.end_topic("no-spine")

    # the crosshair

    def expect_spine(self) -> None:
        """Move the crosshair to the middle of the spine in the next mask.

        A crosshair that the user has put near the spine stays.
        """
        self._must_go_to_spine = True

    def _go_to_spine(self, fused: FusedMask) -> None:
        if not self._must_go_to_spine or fused.mask.is_empty:
            return
        self._must_go_to_spine = False
        mask, place = fused.mask, self._scan.state.crosshair_zyx
        if place != first_crosshair(self._scan.volume) and is_near_mask(mask, place):
            return

        def on_found(outcome: Outcome[Triple]) -> None:
            has_stayed = self._scan.state.crosshair_zyx == place
            if isinstance(outcome, Succeeded) and has_stayed:
                self._display.move_to(outcome.result)

        self._jobs.start(JobKind.MIDDLE, lambda _: spine_middle(mask), on_end=on_found)

    # islands

    @property
    def far_pieces(self) -> tuple[Piece, ...]:
        """Far pieces of the newest whole mask, whether left out or not.

        They are sorted by size, largest first.
        """
        fused = self._scan.state.fused
        return () if fused is None or fused.islands is None else fused.islands.far_pieces

    @property
    def has_islands(self) -> bool:
        """Whether leaving out islands changes the mask."""
        fused = self._scan.state.fused
        return fused is not None and fused.islands is not None and not fused.islands.is_empty

    def show_next_far_piece(self) -> None:
        """Move the crosshair to the middle of the next far piece."""
        if self.far_pieces:
            self._shown_far_piece = (self._shown_far_piece + 1) % len(self.far_pieces)
            self._display.move_to(self.far_pieces[self._shown_far_piece].middle_zyx)

    def _report_islands(self, fused: FusedMask) -> None:
        islands = fused.islands
        self._shown_far_piece = -1
        if islands is None or not islands.far_pieces:
            self._scan.end_topic("islands")
            return
        count, volume_ml = len(islands.far_pieces), islands.far_ml
        if fused.tuning.leaves_out_islands:
            text = worded(
                "Far from the spine and left out: %n piece(s), {volume_ml:.1f} ml.",
                "",
                count,
                volume_ml=volume_ml,
            )
            change = worded("Include")
        else:
            text = worded(
                "Far from the spine, in the mask: %n piece(s), {volume_ml:.1f} ml.",
                "",
                count,
                volume_ml=volume_ml,
            )
            change = worded("Leave out")
        toggle = self._tuner.toggle_islands
        buttons = ((worded("Show next"), self.show_next_far_piece), (change, toggle))
        self._scan.tell(Notice(Severity.WARNING, text, "islands", buttons=buttons))
