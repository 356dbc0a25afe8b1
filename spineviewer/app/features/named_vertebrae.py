"""The named vertebrae of a scan, updated after every change to the mask and corrected by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from spineviewer.app.delay import DelayFactory
from spineviewer.app.features.naming_notices import NAMES_TOPIC, NamingNotices, Remark
from spineviewer.app.fused_mask import FusedMask
from spineviewer.app.hand_naming import (
    HandNaming,
    Merge,
    Move,
    Name,
    Split,
    confirm_names,
    edit_vertebrae,
    merging_remark,
    name_vertebra,
    names_by_hand,
    reapplied,
    renaming_remark,
    set_names,
    shift_names,
)
from spineviewer.app.history import NamingStep
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.level_mentions import (
    placed_levels,
    with_renamed_levels,
)
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.services import Call
from spineviewer.app.state import SegmentationStage
from spineviewer.caches import RecentCache
from spineviewer.errors import UsageError
from spineviewer.labelling.vertebrae import (
    Vertebra,
    Vertebrae,
)
from spineviewer.progress import Progress
from spineviewer.volume.geometry import Triple
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER, level_number, standard_name
from spineviewer.volume.volume import SpineMask
from spineviewer.wording import mark, worded

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanCore
    from spineviewer.labelling.naming import Labelling

#: Delay before naming, in milliseconds, so that a series of strokes or slider moves ends first.
_DELAY_MS = 250
#: Choice: half of the middle third of a body, as a fraction of the distance between two bodies.
_MIDDLE_FRACTION = 1 / 6
_WHERE_TO_MERGE = worded(
    "Click closer to the border between the two vertebrae that you want to merge."
)

_Corrected = tuple[HandNaming, "Labelling"]
_Change = Callable[["Labelling", HandNaming], _Corrected]


def level_name_problem(name: str) -> str:
    """Return a sentence if a string is not the name of a vertebra, otherwise an empty string."""
    if standard_name(name) in LEVEL_NAMES:
        return ""
    return worded(
        "{name} is not the name of a vertebra. Use C1 to C7, T1 to T13 or L1 to L6.",
        name=name.strip() or "–",
    )


class VertebraNames:
    """Keeps the vertebrae up to date with the mask, and applies the user's corrections to them.

    The previous vertebrae stay until the new ones are ready. A correction is a step in the history.

    Thread ownership: the same as the scan's.
    """

    def __init__(
        self,
        scan: ScanCore,
        jobs: Jobs,
        new_delay: DelayFactory,
        call: Call,
        undo: Callable[[], None],
    ) -> None:
        self._scan = scan
        self._jobs = jobs
        self._notices = NamingNotices(scan, self, undo)
        self._call = call
        self._named_for: tuple[FusedMask, int] | None = None
        self._failed_for: tuple[FusedMask, int] | None = None
        self._at_crosshair: RecentCache[Vertebra | None] = RecentCache()
        self._uncorrected: Labelling | None = None
        self._without_strokes: tuple[FusedMask, Labelling] | None = None
        self._waiting: list[tuple[str, _Change, Remark]] = []
        self._is_correcting = False
        self._delay = new_delay(_DELAY_MS, self._name)
        scan.mask_changed.connect(self._delay.start)
        scan.mask_changed.connect(self._notices.expect_names)
        scan.segmentation_ended.connect(lambda _: self._delay.start())

    # current state

    @property
    def vertebrae(self) -> Vertebrae | None:
        """The newest vertebrae; None until the first have been found."""
        return self._scan.parts.vertebrae

    @property
    def are_current(self) -> bool:
        """Whether the vertebrae belong to the mask that is shown."""
        return self.vertebrae is not None and self._named_for == self._mask_key()

    @property
    def current(self) -> Vertebrae | None:
        """The vertebrae of the mask that is shown; None if there are none yet."""
        return (self.vertebrae or None) if self.are_current else None

    @property
    def are_pending(self) -> bool:
        """Whether the vertebrae of the mask or of a correction are still being determined."""
        key = self._mask_key()
        is_new = key is not None and key != self._named_for and key != self._failed_for
        return is_new or self.is_correcting or self._jobs.is_running(JobKind.RENAME)

    @property
    def by_hand(self) -> frozenset[str]:
        """Names that result from the user's corrections, not from the mask alone."""
        vertebrae, uncorrected = self.vertebrae, self._uncorrected
        if vertebrae is None or uncorrected is None or self._scan.state.naming.is_empty:
            return frozenset()
        return names_by_hand(vertebrae, uncorrected.vertebrae)

    @property
    def at_crosshair(self) -> Vertebra | None:
        """The vertebra that contains the crosshair or is at its height; None if there is none."""
        vertebrae, state = self.vertebrae, self._scan.state
        if vertebrae is None:
            return None
        return self._at_crosshair.get(
            (vertebrae, state.point_zyx, state.rotation),
            lambda: vertebrae.level_at(self.crosshair_lps_mm, state.axial_normal_lps),
        )

    @property
    def crosshair_lps_mm(self) -> Triple:
        """The point where the planes meet, in LPS millimetres."""
        return self._lps_mm(self._scan.state.point_zyx)

    # corrections

    def name(self, name: str, at_lps_mm: Triple | None = None) -> None:
        """Name the vertebra at a point or at the crosshair, and determine the other names again."""
        if problem := level_name_problem(name):
            self._scan.tell(Notice(Severity.WARNING, problem, "name"))
            return
        named = Name(level_number(name), at_lps_mm or self.crosshair_lps_mm)
        self._correct(
            mark("Name vertebra"), lambda labelling, hand: name_vertebra(labelling, hand, named)
        )

    def shift(self, by: int) -> None:
        """Shift all names by this many levels; with 1, L1 becomes L2."""
        self._correct(mark("Shift names"), lambda labelling, hand: shift_names(labelling, hand, by))

    def set_names(self, names: Sequence[str]) -> None:
        """Give all vertebrae these names, from head to foot."""
        self._correct(
            mark("Change names"), lambda labelling, hand: set_names(labelling, hand, names)
        )

    def confirm(self) -> None:
        """Keep all names as they are."""
        self._correct(mark("Confirm names"), confirm_names)

    def split_at(self, index_zyx: Triple | None) -> None:
        """Split a vertebra that consists of two, at a point in the gap between them."""
        if index_zyx is not None:
            edit = Split(self._lps_mm(index_zyx))
            self._correct(
                mark("Split vertebra"),
                lambda labelling, hand: edit_vertebrae(labelling, hand, edit),
                renaming_remark,
            )

    def mergeable_at(self, index_zyx: Triple | None) -> tuple[Vertebra, Vertebra] | None:
        """Return the vertebrae above and below a point, in this order.

        None in the middle third of a body, where the user could mean the vertebra above or below,
        and beyond the first and the last one.
        """
        found = () if self.vertebrae is None else self.vertebrae.bodies
        bodies = [vertebra for vertebra in found if vertebra.label != VERSE_ORDER[0]]
        if index_zyx is None or len(bodies) < 2:
            return None
        at = self._lps_mm(index_zyx)
        number = min(range(len(bodies)), key=lambda k: math.dist(bodies[k].body_centre_lps_mm, at))
        centre = np.array(bodies[number].body_centre_lps_mm)
        down_mm = float((np.array(at) - centre) @ np.array(bodies[number].frame.down_lps))
        upper = number if down_mm > 0 else number - 1
        if not 0 <= upper < len(bodies) - 1:
            return None
        above, below = bodies[upper], bodies[upper + 1]
        distance_mm = math.dist(above.body_centre_lps_mm, below.body_centre_lps_mm)
        return None if abs(down_mm) < distance_mm * _MIDDLE_FRACTION else (above, below)

    def merge_at(self, index_zyx: Triple | None) -> None:
        """Merge the vertebrae above and below a point, or explain where to click."""
        pair = self.mergeable_at(index_zyx)
        if pair is None:
            self._scan.tell(Notice(Severity.WARNING, _WHERE_TO_MERGE, "name"))
            return
        edit = Merge(pair[0].body_centre_lps_mm, pair[1].body_centre_lps_mm)
        self._correct(
            mark("Merge vertebrae"),
            lambda labelling, hand: edit_vertebrae(labelling, hand, edit),
            renaming_remark,
        )

    def move_along(self, indices_zyx: Sequence[Triple], radius_mm: float) -> None:
        """Assign the voxels touched along a stroke to the vertebra in which the stroke begins."""
        stroke = tuple(map(self._lps_mm, indices_zyx))
        if len(stroke) > 1:
            edit = Move(stroke[0], stroke, radius_mm)
            self._correct(
                mark("Move piece"), lambda labelling, hand: edit_vertebrae(labelling, hand, edit)
            )

    def _lps_mm(self, index_zyx: Triple) -> Triple:
        x, y, z = self._scan.volume.geometry.point_lps_mm(index_zyx).tolist()
        return x, y, z

    def _correct(self, name: str, change: _Change, remark: Remark = merging_remark) -> None:
        """Apply a change in the background, after those requested earlier.

        The change becomes a step in the history once it has succeeded. A notice shows the remark.
        """
        self._waiting.append((name, change, remark))
        if not self._jobs.is_running(JobKind.RENAME):
            self._correct_next()

    def _correct_next(self) -> None:
        labelling, before = self._scan.parts.labelling, self._scan.state.naming
        if labelling is None or not self._waiting:
            self._waiting.clear()
            self._delay.start()  # naming requests may have been waiting
            return
        current, (name, change, remark) = labelling, self._waiting.pop(0)

        def on_end(outcome: Outcome[_Corrected]) -> None:
            self._is_correcting = False
            if isinstance(outcome, Succeeded):
                hand, corrected = outcome.result
                self._show(hand, corrected)
                self._scan.add_step(NamingStep(name, before, hand))
                self._scan.work_done.emit()
                self._notices.report_side_effects(remark, current.vertebrae, corrected.vertebrae)
            elif isinstance(outcome, Failed) and isinstance(outcome.error, UsageError):
                self._scan.tell(Notice(Severity.WARNING, outcome.message, "name"))
            elif isinstance(outcome, Failed):
                self._scan.fail(outcome, "name")
            self._correct_next()

        self._is_correcting = True
        self._jobs.withdraw(JobKind.NAME)
        self._jobs.start(JobKind.RENAME, lambda _: change(current, before), on_end=on_end)

    @property
    def is_correcting(self) -> bool:
        """Whether a correction is still being computed, so that it is not a step yet."""
        return self._is_correcting or bool(self._waiting)

    def cancel_newest(self) -> None:
        """Discard the newest correction that is not a step yet."""
        if self._waiting:
            self._waiting.pop()
        elif self._is_correcting:
            self._is_correcting = False
            self._jobs.withdraw(JobKind.RENAME)
            self._correct_next()

    def restore(self, hand: HandNaming) -> bool:
        """Undo or redo a correction in the background; always return True."""
        scan, uncorrected = self._scan, self._uncorrected
        scan.set_state(replace(scan.state, naming=hand))
        scan.work_done.emit()
        if uncorrected is None:
            return True
        begin = uncorrected

        def on_end(outcome: Outcome[Labelling]) -> None:
            if isinstance(outcome, Succeeded):
                self._show(hand, outcome.result)
            elif isinstance(outcome, Failed):
                scan.fail(outcome, "name")
            self._correct_next()

        self._jobs.withdraw(JobKind.NAME)
        self._jobs.start(JobKind.RENAME, lambda _: reapplied(begin, hand), on_end=on_end)
        return True

    # updates after a change to the mask

    def stop(self) -> None:
        """Prevent new work, because the scan is being closed."""
        self._delay.stop()
        self._named_for = self._uncorrected = self._without_strokes = None
        self._at_crosshair.clear()

    def _mask_key(self) -> tuple[FusedMask, int] | None:
        fused = self._scan.state.fused
        return None if fused is None else (fused, self._scan.correction.revision)

    def _name(self) -> None:
        """Find the vertebrae of the newest mask; results for older masks are dropped.

        The vertebrae are found in the mask without strokes and then adapted to the strokes, so that
        the names do not depend on the order of the strokes.
        """
        scan, state = self._scan, self._scan.state
        fused, fusion, key = state.fused, scan.fusion, self._mask_key()
        if fused is None or fusion is None or fusion.probability is None:
            return
        if key == self._named_for:
            self._jobs.withdraw(JobKind.NAME)  # it names another mask
            scan.set(replace(scan.parts, is_naming=False))  # reports may be waiting for this
            return
        if (
            state.stage is SegmentationStage.RUNNING
            or not state.is_mask_current
            or self._jobs.is_running(JobKind.RENAME)
        ):
            return  # naming starts again when this has ended
        probability, volume, hand = fusion.probability, scan.volume, state.naming
        correction, whole, cached = scan.correction.snapshot(), fused, self._without_strokes
        call = self._call

        def work(progress: Progress) -> tuple[Labelling, Labelling, Labelling]:
            from spineviewer.labelling.name_corrections import with_new_mask
            from spineviewer.labelling.naming import label_vertebrae

            if cached is not None and cached[0] is whole:
                without_strokes = cached[1]
            else:
                without_strokes = call(
                    label_vertebrae, whole.mask, probability, volume, progress=progress
                )
            with_strokes = without_strokes
            if not correction.is_empty:
                mask = SpineMask(correction.corrected_mask(whole.mask.voxels), whole.mask.geometry)
                with_strokes = call(
                    with_new_mask, without_strokes, mask, probability, volume, progress=progress
                )
            return without_strokes, with_strokes, reapplied(with_strokes, hand)

        def on_end(outcome: Outcome[tuple[Labelling, Labelling, Labelling]]) -> None:
            if isinstance(outcome, Succeeded):
                self._named_for = key
                without_strokes, self._uncorrected, labelling = outcome.result
                self._without_strokes = (whole, without_strokes)
                self._show(hand, labelling)
            else:
                self._failed_for = key
                self._scan.set(replace(self._scan.parts, is_naming=False))
                if isinstance(outcome, Failed):
                    self._scan.fail(outcome, NAMES_TOPIC)

        scan.set(replace(scan.parts, is_naming=True))
        self._jobs.start(JobKind.NAME, work, on_end=on_end)

    def _show(self, hand: HandNaming, labelling: Labelling) -> None:
        scan = self._scan
        scan.end_topic("name")  # an earlier refusal does not apply to the new names
        state = replace(scan.state, naming=hand)
        scan.set(
            replace(
                scan.parts,
                state=state,
                labelling=labelling,
                is_naming=self._jobs.is_running(JobKind.NAME),
                draft=with_renamed_levels(scan.parts, labelling.vertebrae),
                placed_levels=placed_levels(labelling.vertebrae),
            )
        )
        self._notices.report(labelling.vertebrae)
