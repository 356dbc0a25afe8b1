"""Texts that name vertebrae by names that they had when the text was written. Without Qt."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from spineviewer.wording import enumerated, worded

if TYPE_CHECKING:
    from spineviewer.app.report_draft import PlacedLevels, ReportDraft
    from spineviewer.app.scan_core import ScanParts
    from spineviewer.labelling.vertebrae import Vertebrae

#: Choice: a body within this distance is the same vertebra; neighbours are at least 12 mm apart.
_SAME_WITHIN_MM = 8.0
#: Levels as people write them: T7, Th7, BWK 7, L3.
_LEVEL = re.compile(r"(?<!\w)(C|T|L|TH|[HBL]WK) ?(1[0-3]|[1-9])(?!\w| ?(?:mm|cm))", re.IGNORECASE)
_REGIONS = {"TH": "T", "HWK": "C", "BWK": "T", "LWK": "L"}
_MAX_NAMED = 3


def levels_in(text: str) -> set[str]:
    """Return the names of the levels that a text mentions."""
    found = ((region.upper(), number) for region, number in _LEVEL.findall(text))
    return {f"{_REGIONS.get(region, region)}{number}" for region, number in found}


def mentioned_levels(parts: ScanParts) -> set[str]:
    """Return the levels that the user's texts about a scan mention."""
    draft = parts.draft
    texts = (
        draft.findings,
        draft.impression,
        *(image.caption for image in draft.images),
        *(measurement.text for measurement in parts.state.measurements),
    )
    return levels_in("\n".join(texts))


def with_renamed_levels(parts: ScanParts, new: Vertebrae) -> ReportDraft:
    """Return the draft with a record of which mentioned vertebrae get other names."""
    known = dict(parts.draft.renamed)
    if not parts.placed_levels:
        return parts.draft
    moved = _moved(parts.placed_levels, new)
    after = {written: moved.get(name, name) for written, name in known.items()}
    for level in mentioned_levels(parts) - set(known):
        after[level] = moved.get(level, level)
    return replace(
        parts.draft,
        renamed=tuple((written, name) for written, name in after.items() if written != name),
    )


def outdated_levels(parts: ScanParts) -> str:
    """Return a sentence about texts that name vertebrae by earlier names; empty if none does."""
    mentioned = mentioned_levels(parts)
    pairs = [pair for pair in parts.draft.renamed if pair[0] in mentioned]
    if not pairs:
        return ""
    changes = enumerated(
        [worded("{old} is now {new}", old=old, new=new) for old, new in pairs[:_MAX_NAMED]]
    )
    return worded(
        "Some texts were written before vertebrae were renamed ({changes}). Check the "
        "levels in findings, impression, notes and captions.",
        changes=changes,
    )


def placed_levels_of(vertebrae: Vertebrae) -> PlacedLevels:
    """Return the names of vertebrae and where they are, to recognise them under other names."""
    return tuple((vertebra.name, vertebra.body_centre_lps_mm) for vertebra in vertebrae.all)


def _moved(old: PlacedLevels, new: Vertebrae) -> dict[str, str]:
    """Return the new name of each vertebra that is still there, by its old name."""
    moved = {}
    for name, place in old:
        near = min(
            new.all,
            key=lambda other: math.dist(other.body_centre_lps_mm, place),
            default=None,
        )
        if near is not None and math.dist(near.body_centre_lps_mm, place) < _SAME_WITHIN_MM:
            moved[name] = near.name
    return moved
