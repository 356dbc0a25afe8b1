"""The checklist of uncertain regions: none is skipped, and the last tick is signed."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from spineviewer.app.region_search import UncertainRegion, UncertaintyKind
from spineviewer.volume.geometry import IndexTriple, Triple

#: After another search, a region within this distance counts as the same. Choice: the block size of
#: the search.
SAME_WITHIN_MM = 12.0


@dataclass(frozen=True)
class CheckedRegion:
    """An uncertain region and its state in the checklist.

    Attributes
    ----------
    is_seen
        Whether the user has ticked it.
    is_gone
        Whether the mask has changed, so that the region is no longer uncertain.
    """

    uncertain_region: UncertainRegion
    is_seen: bool = False
    is_gone: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the user still has to check it."""
        return not (self.is_seen or self.is_gone)


@dataclass(frozen=True)
class Checklist:
    """Uncertain regions in an order that does not change while the mask is corrected.

    Methods return changed copies.

    Attributes
    ----------
    current
        Number of the region that the user is looking at; -1 for none.
    seen_by, seen_at
        Who ticked the last region, and when (local time, ISO 8601); empty until then.
    seen_content
        The mask at that time (`MaskFacts.content`); empty if unknown.
    is_shown
        Whether the list is open; a closed one keeps its ticks.
    """

    regions: tuple[CheckedRegion, ...] = ()
    current: int = -1
    seen_by: str = ""
    seen_at: str = ""
    is_shown: bool = True
    seen_content: str = ""

    @classmethod
    def of(cls, found: Sequence[UncertainRegion]) -> Checklist:
        """Return a checklist with nothing ticked."""
        return cls(tuple(CheckedRegion(uncertain_region) for uncertain_region in found))

    @property
    def seen_regions(self) -> tuple[UncertainRegion, ...]:
        """The regions that the user has ticked."""
        return tuple(region.uncertain_region for region in self.regions if region.is_seen)

    def regions_of(self, kind: UncertaintyKind) -> tuple[UncertainRegion, ...]:
        """Return the regions of one kind that are still uncertain."""
        regions = (region.uncertain_region for region in self.regions if not region.is_gone)
        return tuple(region for region in regions if region.kind is kind)

    @property
    def seen_count(self) -> int:
        """Number of regions that the user has ticked and that are still uncertain."""
        return sum(region.is_seen and not region.is_gone for region in self.regions)

    @property
    def is_done(self) -> bool:
        """Whether no region still has to be checked."""
        return not any(region.is_open for region in self.regions)

    def shown(self, is_shown: bool) -> Checklist:
        """Return the list, opened or closed."""
        return replace(self, is_shown=is_shown)

    def with_current(self, number: int) -> Checklist:
        """Return the list with another current region."""
        return replace(self, current=number)

    def is_outdated(self, content: str) -> bool:
        """Return whether the mask (`MaskFacts.content`) has changed since the list was signed."""
        return "" not in (content, self.seen_content) and content != self.seen_content

    def ticked(self, number: int, *, is_seen: bool = True, content: str = "") -> Checklist:
        """Return the list with a region ticked or unticked; the last tick is signed.

        `content` identifies the present mask (`MaskFacts.content`).
        """
        regions = list(self.regions)
        regions[number] = replace(regions[number], is_seen=is_seen)
        after = self._with(regions, self.current)
        if after.seen_at or not after.is_done:
            return after
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        return replace(after, seen_by=user_name(), seen_at=now, seen_content=content)

    def number_of(
        self, kind: UncertaintyKind, index_zyx: IndexTriple, spacing_zyx_mm: Triple
    ) -> int | None:
        """Return the number of the region at a place; None if the list no longer contains it."""
        regions = [region.uncertain_region for region in self.regions]
        same = _nearest(UncertainRegion(kind, index_zyx, 0.0), regions, spacing_zyx_mm)
        return None if same is None else regions.index(same)

    def _with(self, regions: Sequence[CheckedRegion], current: int) -> Checklist:
        """Return the list with new regions; the signature stays only if all of them are done."""
        after = Checklist(tuple(regions), current, is_shown=self.is_shown)
        if not after.is_done or not after.regions:
            return after
        return replace(
            after, seen_by=self.seen_by, seen_at=self.seen_at, seen_content=self.seen_content
        )

    def next_number(self, step: int) -> int:
        """Return the number of the region after (1) or before (-1) the current one.

        Forward, it is the next region that still has to be checked, wrapping around at the end. If
        there is none, it is simply the next region.
        """
        count = len(self.regions)
        if step < 0:
            return (max(self.current, 0) - 1) % count
        after = [(self.current + k) % count for k in range(1, count + 1)]
        return next((number for number in after if self.regions[number].is_open), after[0])

    def updated(self, found: Sequence[UncertainRegion], spacing_zyx_mm: Triple) -> Checklist:
        """Return the list after another search: regions that were found again keep their ticks.

        New regions are appended. Regions that are gone stay if they were ticked or are current.
        Only a tick signs the list, because regions can disappear unseen at another threshold.
        """
        unmatched, regions, current = list(found), list[CheckedRegion](), -1
        for number, region in enumerate(self.regions):
            same = _nearest(region.uncertain_region, unmatched, spacing_zyx_mm)
            if same is not None:
                unmatched.remove(same)
                updated = replace(region, uncertain_region=same, is_gone=False)
            elif region.is_seen or number == self.current:
                updated = replace(region, is_gone=True)
            else:
                continue
            if number == self.current:
                current = len(regions)
            regions.append(updated)
        regions += [CheckedRegion(uncertain_region) for uncertain_region in unmatched]
        return self._with(regions, current)


class _StoredRegion(msgspec.Struct):
    kind: UncertaintyKind
    index_zyx: IndexTriple
    size_ml: Annotated[float, Meta(ge=0.0, le=1e6)]
    is_seen: bool
    is_gone: bool
    levels: Annotated[tuple[Annotated[str, Meta(max_length=8)], ...], Meta(max_length=2)] = ()


class StoredChecklist(msgspec.Struct):
    """The form in which sessions store a checklist."""

    regions: Annotated[tuple[_StoredRegion, ...], Meta(max_length=10_000)]
    current: int
    seen_by: Annotated[str, Meta(max_length=200)]
    seen_at: Annotated[str, Meta(max_length=40)]
    is_shown: bool
    seen_content: Annotated[str, Meta(max_length=40)] = ""

    @classmethod
    def of(cls, checklist: Checklist) -> StoredChecklist:
        """Return the stored form of a checklist."""
        regions = (
            _StoredRegion(
                region.uncertain_region.kind,
                region.uncertain_region.index_zyx,
                region.uncertain_region.size_ml,
                region.is_seen,
                region.is_gone,
                region.uncertain_region.levels,
            )
            for region in checklist.regions
        )
        return cls(
            tuple(regions),
            checklist.current,
            checklist.seen_by,
            checklist.seen_at,
            checklist.is_shown,
            checklist.seen_content,
        )

    @property
    def checklist(self) -> Checklist:
        """The restored checklist."""
        regions = tuple(
            CheckedRegion(
                UncertainRegion(stored.kind, stored.index_zyx, stored.size_ml, stored.levels),
                stored.is_seen,
                stored.is_gone,
            )
            for stored in self.regions
        )
        current = self.current if -1 <= self.current < len(regions) else -1
        return Checklist(
            regions, current, self.seen_by, self.seen_at, self.is_shown, self.seen_content
        )


def user_name() -> str:
    """Return the name under which the user is logged in; empty if the system has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _nearest(
    uncertain_region: UncertainRegion, others: Sequence[UncertainRegion], spacing_zyx_mm: Triple
) -> UncertainRegion | None:
    """Return the nearest region of the same kind; None if it is farther than `SAME_WITHIN_MM`."""
    spacing = np.array(spacing_zyx_mm)

    def distance_mm(other: UncertainRegion) -> float:
        return float(
            np.linalg.norm(
                (np.array(other.index_zyx) - np.array(uncertain_region.index_zyx)) * spacing
            )
        )

    candidates = [other for other in others if other.kind is uncertain_region.kind]
    nearest = min(candidates, key=distance_mm, default=None)
    return nearest if nearest is not None and distance_mm(nearest) <= SAME_WITHIN_MM else None
