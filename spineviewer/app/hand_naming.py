"""The user's corrections of vertebrae, stored by places in the patient.

Places outlive a mask: corrections of one mask are applied again to the next.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from spineviewer.errors import UsageError
from spineviewer.volume.geometry import Triple
from spineviewer.volume.levels import VERSE_ORDER

if TYPE_CHECKING:
    from spineviewer.labelling.naming import Labelling
    from spineviewer.labelling.vertebrae import Vertebrae

#: A session with more corrections is damaged.
_MOST = 10_000
_MOST_MM = 1e5


@dataclass(frozen=True)
class Name:
    """The vertebra at a place has a name.

    Attributes
    ----------
    label
        VerSe number of the name.
    at_lps_mm
        A point in the vertebra.
    """

    label: int
    at_lps_mm: Triple


@dataclass(frozen=True)
class HandNaming:
    """All corrections by the user to the vertebrae of a scan.

    Attributes
    ----------
    names
        In any order.
    """

    names: tuple[Name, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not self.names


def name_vertebra(labelling: Labelling, hand: HandNaming, name: Name) -> tuple[HandNaming, Labelling]:
    """Name one vertebra and find the other names again.

    Earlier manual names that contradict the new one are dropped.

    Raises
    ------
    UsageError
        When no vertebra is there, or no row of names has room for this one.
    """
    from spineviewer.labelling.corrections import segment_at

    segment = segment_at(labelling, name.at_lps_mm)
    others = tuple(other for other in hand.names if segment_at(labelling, other.at_lps_mm) != segment)
    wanted = replace(hand, names=(*others, name))
    try:
        return wanted, with_names(labelling, wanted.names)
    except UsageError:
        alone = replace(hand, names=(name,))
        return alone, with_names(labelling, alone.names)


def shift_names(labelling: Labelling, hand: HandNaming, by: int) -> tuple[HandNaming, Labelling]:
    """Move every name `by` levels towards the feet, for good.

    Raises
    ------
    UsageError
        When there are no names, or the spine has no such level.
    """
    from spineviewer.labelling.corrections import shifted

    moved = shifted(labelling, by)
    return replace(hand, names=_names_of(moved.vertebrae)), moved


def confirm_names(labelling: Labelling, hand: HandNaming) -> tuple[HandNaming, Labelling]:
    """Take all names as they are, for good."""
    names = _names_of(labelling.vertebrae)
    return replace(hand, names=names), with_names(labelling, names)


def done_again(labelling: Labelling, hand: HandNaming) -> Labelling:
    """Return the labelling of another mask with every correction that still fits it.

    A correction whose vertebra is not in the mask is skipped and returns with the vertebra.
    """
    if labelling.column is None:
        return labelling
    for first in range(len(hand.names)):  # nearly always all fit; otherwise the older ones are dropped
        with suppress(UsageError):
            return with_names(labelling, hand.names[first:])
    return with_names(labelling, ())


def with_names(labelling: Labelling, names: Sequence[Name]) -> Labelling:
    """Return the labelling with names found again, with these names set and no others.

    Raises
    ------
    UsageError
        When a name belongs to no vertebra or the names contradict each other.
    """
    from spineviewer.labelling.corrections import renamed, segment_at

    clamped = {segment_at(labelling, name.at_lps_mm): name.label for name in names}
    if clamped == labelling.corrections.clamped:
        return labelling
    return renamed(labelling, replace(labelling.corrections, clamped=clamped))


def _names_of(vertebrae: Vertebrae) -> tuple[Name, ...]:
    """Return the names of all bodies; C1 has none, and follows from C2."""
    return tuple(Name(vertebra.label, vertebra.body_centre_lps_mm) for vertebra in vertebrae if vertebra.label != VERSE_ORDER[0])


def stored(hand: HandNaming) -> dict[str, Any]:
    """Return it as JSON values."""
    return {"names": [{"label": name.label, "at_lps_mm": name.at_lps_mm} for name in hand.names]}


def from_stored(values: Mapping[str, Any] | None) -> HandNaming:
    """Return the corrections from the result of `stored`; None means no corrections.

    Raises
    ------
    ValueError, TypeError, KeyError
        When it is damaged.
    """
    if values is None:
        return HandNaming()
    names = values["names"]
    if len(names) > _MOST:
        raise ValueError("too many corrections")
    return HandNaming(tuple(Name(_label(name["label"]), _place(name["at_lps_mm"])) for name in names))


def _label(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in VERSE_ORDER:
        raise ValueError("no vertebra")
    return value


def _place(values: Sequence[object]) -> Triple:
    x, y, z = (_millimetres(value) for value in values)
    return x, y, z


def _millimetres(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > _MOST_MM:
        raise ValueError("no place")
    return float(value)
