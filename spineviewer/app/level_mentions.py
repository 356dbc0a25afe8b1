"""Levels in the user's text that were renamed after it was written. Without Qt."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from spineviewer.volume.levels import levels_in
from spineviewer.wording import enumerated, worded

if TYPE_CHECKING:
    from spineviewer.app.report_draft import PlacedLevels, ReportDraft
    from spineviewer.app.scan_core import ScanParts
    from spineviewer.labelling.vertebrae import Vertebrae

#: Choice: a body within this distance is the same vertebra; neighbours are at least 12 mm apart.
_SAME_WITHIN_MM = 8.0
_MAX_NAMED = 3


def mentioned_levels(parts: ScanParts) -> set[str]:
    """Return the levels that the user's text about a scan mentions."""
    draft = parts.draft
    texts = (
        draft.findings,
        draft.impression,
        *(image.caption for image in draft.images),
        *(measurement.text for measurement in parts.state.measurements),
    )
    return levels_in("\n".join(texts))


def with_renamed_levels(parts: ScanParts, new: Vertebrae) -> ReportDraft:
    """Return the draft with a record of the mentioned vertebrae that are renamed."""
    recorded = dict(parts.draft.renamed)
    if not parts.placed_levels:
        return parts.draft
    moved = _new_names(parts.placed_levels, new)
    after = {written: moved.get(name, name) for written, name in recorded.items()}
    for level in mentioned_levels(parts) - set(recorded):
        after[level] = moved.get(level, level)
    return replace(
        parts.draft,
        renamed=tuple((written, name) for written, name in after.items() if written != name),
    )


def outdated_levels(parts: ScanParts) -> str:
    """Return a sentence about text that contains earlier names; empty if there is none."""
    mentioned = mentioned_levels(parts)
    pairs = [pair for pair in parts.draft.renamed if pair[0] in mentioned]
    if not pairs:
        return ""
    changes = enumerated(
        [worded("{old} is now {new}", old=old, new=new) for old, new in pairs[:_MAX_NAMED]]
    )
    return worded(
        "Some of the text was written before vertebrae were renamed ({changes}). Check the "
        "levels in findings, impression, notes and captions.",
        changes=changes,
    )


def placed_levels(vertebrae: Vertebrae) -> PlacedLevels:
    """Return the names and body centres of vertebrae, to recognise them under other names."""
    return tuple((vertebra.name, vertebra.body_centre_lps_mm) for vertebra in vertebrae.all)


def _new_names(old: PlacedLevels, new: Vertebrae) -> dict[str, str]:
    """Return the new name of each vertebra that still exists, by its old name."""
    moved = {}
    for name, centre in old:
        nearest = min(
            new.all,
            key=lambda other: math.dist(other.body_centre_lps_mm, centre),
            default=None,
        )
        if nearest is not None and math.dist(nearest.body_centre_lps_mm, centre) < _SAME_WITHIN_MM:
            moved[name] = nearest.name
    return moved
