"""The list of uncertain regions of a mask."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from spineviewer.app.checklist import Checklist
from spineviewer.app.history import TickStep
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.region_search import (
    UncertainRegion,
    UncertaintyKind,
    find_uncertain_regions,
)
from spineviewer.app.state import SegmentationStage
from spineviewer.progress import Progress
from spineviewer.wording import enumerated, mark, worded

if TYPE_CHECKING:
    from spineviewer.app.scan_core import Change, ScanCore


_TOPIC = "uncertain region"


class UncertainRegions:
    """Finds uncertain regions on demand, and again when the mask changes while they are shown."""

    def __init__(self, scan: ScanCore, jobs: Jobs) -> None:
        self._scan = scan
        self._jobs = jobs
        self._must_go_to_first = False
        scan.mask_changed.connect(self._find_again)
        scan.changed.connect(self._on_changed)

    def find(self, *, go_to_first: bool = True) -> None:
        """Find the uncertain regions of the current mask; with `go_to_first`, show the first."""
        current = self._scan.snapshot()
        if current is None or not self._scan.parts.is_mask_possible:
            return
        self._must_go_to_first |= go_to_first
        hu, vertebrae = self._scan.volume.hu, self._scan.parts.vertebrae

        def work(progress: Progress) -> tuple[UncertainRegion, ...]:
            return find_uncertain_regions(
                current.mask(progress), current.fusion.probability, hu, progress, vertebrae
            )

        are_levels_known = vertebrae is not None
        on_end = partial(self._on_found, are_levels_known)
        self._jobs.start(JobKind.UNCERTAINTY, work, on_end=on_end)

    def next(self, step: int = 1) -> None:
        """Go to the next region that has not been seen, or (negative steps) to the previous one.

        The regions are found first if necessary. Going forward ticks the current region.
        """
        checklist = self._scan.parts.checklist
        if checklist is None:
            self.find()
            return
        if not checklist.is_shown:
            self._scan.set(replace(self._scan.parts, checklist=checklist.shown(True)))
            self.find(go_to_first=False)  # the mask may have changed in the meantime
            return
        if step > 0 and self._tick_current(checklist):
            return
        if checklist.regions:
            self._go_to(checklist, checklist.next_number(step))

    def _tick_current(self, checklist: Checklist) -> bool:
        """Tick the current region and go to the next; return False if there is nothing to tick.

        After the last tick, the planes stay. A notice says what was ticked, because the same key
        does not always tick a region.
        """
        number = checklist.current
        if not 0 <= number < len(checklist.regions) or checklist.regions[number].is_seen:
            return False
        with self._scan.as_one_change():
            self.tick(number, True)
            after = self._scan.parts.checklist or checklist
            ticked = _text(checklist, number)
            if after.is_done:
                text = worded("Ticked as seen: {region}. It was the last one.", region=ticked)
            else:
                following = after.next_number(1)
                self._go_to(after, following)
                text = worded(
                    "Ticked as seen: {region}. Next: {next_region}, {number} of {count}.",
                    region=ticked,
                    next_region=_text(after, following),
                    number=following + 1,
                    count=len(after.regions),
                )
            self._scan.tell(Notice(Severity.INFO, text, _TOPIC))
        return True

    def go_to(self, number: int) -> None:
        """Move the planes to one region."""
        checklist = self._scan.parts.checklist
        if checklist is not None and 0 <= number < len(checklist.regions):
            self._go_to(checklist, number)

    def tick(self, number: int, is_seen: bool) -> None:
        """Record whether a region has been seen."""
        checklist = self._scan.parts.checklist
        if checklist is None or not 0 <= number < len(checklist.regions):
            return
        region = checklist.regions[number]
        if region.is_seen is is_seen:
            return
        place = region.uncertain_region
        self._scan.set(
            replace(self._scan.parts, checklist=self._ticked(checklist, number, is_seen))
        )
        name = mark("Tick region") if is_seen else mark("Untick region")
        self._scan.add_step(TickStep(name, place.kind, place.index_zyx, is_seen))

    def restore_tick(self, step: TickStep, *, is_seen: bool) -> bool:
        """Set or remove a tick again; return False if the list no longer contains the region."""
        checklist, spacing = self._scan.parts.checklist, self._scan.volume.geometry.spacing_zyx_mm
        if checklist is None:
            return False
        number = checklist.number_of(step.region_kind, step.index_zyx, spacing)
        if number is None:
            return False
        self._scan.end_topic(_TOPIC)
        ticked = self._ticked(checklist, number, is_seen).with_current(number).shown(True)
        self._scan.set(replace(self._scan.parts, checklist=ticked))
        return True

    def end(self) -> None:
        """Close the list; its ticks are kept for the next time it is opened."""
        self._jobs.withdraw(JobKind.UNCERTAINTY)
        self._must_go_to_first = False
        self._scan.end_topic(_TOPIC)
        checklist = self._scan.parts.checklist
        if checklist is not None:
            self._scan.set(replace(self._scan.parts, checklist=checklist.shown(False)))

    def _ticked(self, checklist: Checklist, number: int, is_seen: bool) -> Checklist:
        facts = self._scan.parts.facts
        content = "" if facts is None else facts.content
        return checklist.ticked(number, is_seen=is_seen, content=content)

    def _go_to(self, checklist: Checklist, number: int) -> None:
        self._scan.end_topic(_TOPIC)
        parts = self._scan.parts
        z, y, x = checklist.regions[number].uncertain_region.index_zyx
        state = parts.state.moved_to((float(z), float(y), float(x)))
        self._scan.set(replace(parts, state=state, checklist=checklist.with_current(number)))

    def _on_found(
        self, are_levels_known: bool, outcome: Outcome[tuple[UncertainRegion, ...]]
    ) -> None:
        """Update the list; without vertebrae, no levels were searched, and their regions stay."""
        go_to_first, self._must_go_to_first = self._must_go_to_first, False
        if isinstance(outcome, Failed):
            self._scan.fail(outcome, "uncertain_regions")
        elif isinstance(outcome, Succeeded):
            parts, found = self._scan.parts, outcome.result
            previous = parts.checklist
            if previous is not None and not are_levels_known:
                found = (*found, *previous.regions_of(UncertaintyKind.LEVEL))
            checklist = (
                Checklist.of(found)
                if previous is None
                else previous.updated(found, parts.state.scan.geometry.spacing_zyx_mm)
            )
            if previous is not None and previous.regions != checklist.regions:
                self._scan.end_topic(_TOPIC)  # it states the number of regions
            self._scan.set(replace(self._scan.parts, checklist=checklist))
            if go_to_first and checklist.regions:
                self.go_to(0)
                text = worded(
                    "{region}, 1 of {count}. Going to the next region ticks this one as seen.",
                    region=_text(checklist, 0),
                    count=len(checklist.regions),
                )
                self._scan.tell(Notice(Severity.INFO, text, _TOPIC))

    def _on_changed(self, change: Change) -> None:
        """Find the regions again if the vertebrae have changed."""
        old, new = change.old, change.new
        if old is not None and new is not None and old.vertebrae is not new.vertebrae:
            self._find_again()

    def _find_again(self) -> None:
        parts = self._scan.parts
        is_shown = parts.checklist is not None and parts.checklist.is_shown
        if not is_shown and not self._jobs.is_running(JobKind.UNCERTAINTY):
            return
        if parts.fusion is None and parts.state.stage is SegmentationStage.NONE:
            self.end()
        else:
            self.find(go_to_first=False)


def _text(checklist: Checklist, number: int) -> str:
    """Return kind and size of a region, for a sentence."""
    region = checklist.regions[number].uncertain_region
    return enumerated([worded(region.kind.value), region.size])
