"""The user's corrections to the vertebrae, stored by position in the patient.

Positions do not depend on the mask, so corrections to one mask also apply to the next.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from spineviewer.app.stored_points import MAX_STORED, StoredPoint
from spineviewer.errors import UsageError
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.levels import VERSE_ORDER, level_name, level_number
from spineviewer.wording import enumerated, worded

if TYPE_CHECKING:
    from spineviewer.labelling.naming import Labelling
    from spineviewer.labelling.vertebrae import Vertebra, Vertebrae

_MAX_RADIUS_MM = 100.0
#: The centre of a body moves less than this if only its neighbours are edited.
_SAME_BODY_MM = 4.0
#: Choice: names that move at least this many levels at once may be a typing error.
_MANY_LEVELS = 3


@dataclass(frozen=True)
class Name:
    """A name for the vertebra at a point.

    Attributes
    ----------
    label
        VerSe label of the name.
    at_lps_mm
        A point in the vertebra.
    """

    label: int
    at_lps_mm: StoredPoint

    def __post_init__(self) -> None:
        if self.label not in VERSE_ORDER:
            raise ValueError("not a vertebra")


class Split(msgspec.Struct, frozen=True, tag_field="kind", tag="split"):
    """A split: one vertebra is actually two, which meet at this point."""

    at_lps_mm: StoredPoint

    def applied(self, labelling: Labelling) -> Labelling:
        """Return the labelling with the vertebra split.

        Raises
        ------
        UsageError
            When there is no vertebra at the point, or the point is too close to the vertebra's end.
        """
        from spineviewer.labelling.name_corrections import split

        return split(labelling, self.at_lps_mm)


class Merge(msgspec.Struct, frozen=True, tag_field="kind", tag="merge"):
    """A merge: two vertebrae are actually one.

    Attributes
    ----------
    upper_lps_mm, lower_lps_mm
        A point in each vertebra.
    """

    upper_lps_mm: StoredPoint
    lower_lps_mm: StoredPoint

    def applied(self, labelling: Labelling) -> Labelling:
        """Return the labelling with both vertebrae merged, if they are not yet merged.

        Raises
        ------
        UsageError
            When there is no vertebra at one of the points.
        """
        from spineviewer.labelling.name_corrections import merge, segment_at

        upper, lower = (
            segment_at(labelling, point) for point in (self.upper_lps_mm, self.lower_lps_mm)
        )
        return merge(labelling, upper) if lower == upper + 1 else labelling


class Move(msgspec.Struct, frozen=True, tag_field="kind", tag="move"):
    """A move: voxels that a ball touches along a stroke are assigned to another vertebra.

    Attributes
    ----------
    to_lps_mm
        A point in the vertebra that receives the voxels.
    """

    to_lps_mm: StoredPoint
    stroke_lps_mm: Annotated[tuple[StoredPoint, ...], Meta(max_length=MAX_STORED)]
    radius_mm: float

    def applied(self, labelling: Labelling) -> Labelling:
        """Return the labelling with the touched voxels reassigned.

        Raises
        ------
        UsageError
            When there is no vertebra at the point.
        """
        from spineviewer.labelling.name_corrections import move, move_target_at

        touched = _voxels_along(
            labelling.vertebrae.geometry, self.stroke_lps_mm, min(self.radius_mm, _MAX_RADIUS_MM)
        )
        return move(labelling, touched, move_target_at(labelling, self.to_lps_mm))


ShapeEdit = Split | Merge | Move


@dataclass(frozen=True)
class HandNaming:
    """All corrections by the user to the vertebrae of a scan.

    Attributes
    ----------
    names
        The names that the user set, in any order.
    cuts
        Splits, merges and moves, in the order in which the user made them. The field keeps its
        name because sessions store it.
    """

    names: Annotated[tuple[Name, ...], Meta(max_length=MAX_STORED)] = ()
    cuts: Annotated[tuple[ShapeEdit, ...], Meta(max_length=MAX_STORED)] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there are no corrections."""
        return not self.names and not self.cuts


def name_vertebra(
    labelling: Labelling, hand: HandNaming, name: Name
) -> tuple[HandNaming, Labelling]:
    """Return the corrections and the labelling with one vertebra named.

    The other names are determined again. If the earlier manual names contradict the new one, all of
    them are dropped.

    Raises
    ------
    UsageError
        When there is no vertebra at the point, or no sequence of names contains this name.
    """
    from spineviewer.labelling.name_corrections import segment_at

    name = _of_body(labelling, name)
    segment = segment_at(labelling, name.at_lps_mm)
    others = tuple(
        other for other in hand.names if segment_at(labelling, other.at_lps_mm) != segment
    )
    extended = replace(hand, names=(*others, name))
    try:
        return extended, with_names(labelling, extended.names)
    except UsageError:
        only_new = replace(hand, names=(name,))
        return only_new, with_names(labelling, only_new.names)


def _of_body(labelling: Labelling, name: Name) -> Name:
    """Return the name itself, or the one that it implies for the first body.

    A name for C1 or for an arch above the first body is converted to a name for that body, because
    another mask may not contain the arch, but it contains the body.

    Raises
    ------
    UsageError
        When no vertebra can be below one of this name.
    """
    from spineviewer.labelling.chain import neighbour_level

    vertebrae = labelling.vertebrae
    holder = vertebrae.vertebra_at(name.at_lps_mm)
    if holder is None or (holder.is_body_in_view and holder.label != VERSE_ORDER[0]):
        return name
    below = neighbour_level(VERSE_ORDER.index(name.label), 1)
    if below is None:
        raise UsageError(
            worded(
                "{name} is the last level of the spine, but there are vertebrae below this one. "
                "Choose another name.",
                name=level_name(name.label),
            )
        )
    return Name(VERSE_ORDER[below], vertebrae.bodies[0].body_centre_lps_mm)


def shift_names(
    labelling: Labelling, hand: HandNaming, levels: int
) -> tuple[HandNaming, Labelling]:
    """Return the corrections and the labelling with all names shifted; with 1, L1 becomes L2.

    The names count as set by the user.

    Raises
    ------
    UsageError
        When there are no names, or the spine has no such level.
    """
    from spineviewer.labelling.name_corrections import shifted

    moved = shifted(labelling, levels)
    return replace(hand, names=_current_names(moved.vertebrae)), moved


def set_names(
    labelling: Labelling, hand: HandNaming, names: Sequence[str]
) -> tuple[HandNaming, Labelling]:
    """Return the corrections and the labelling with new names, as if the user had set each.

    Parameters
    ----------
    names
        From head to foot, as in `Alternative`.

    Raises
    ------
    UsageError
        When the vertebrae have changed since the names were found.
    """
    vertebrae = labelling.vertebrae
    points = [name.at_lps_mm for name in _current_names(vertebrae)]
    labels = [label for name in names if (label := level_number(name)) != VERSE_ORDER[0]]
    if len(points) == len(labels) + 1 and vertebrae.all[-1].is_partial:
        points.pop()  # the partial body at the lower end gets no name
    if len(points) != len(labels):
        raise UsageError(worded("The vertebrae have changed. Choose their names again."))
    chosen = tuple(Name(label, at) for label, at in zip(labels, points, strict=True))
    return replace(hand, names=chosen), with_names(labelling, chosen)


def confirm_names(labelling: Labelling, hand: HandNaming) -> tuple[HandNaming, Labelling]:
    """Return the corrections and the labelling with all names confirmed, as if set by the user."""
    names = _current_names(labelling.vertebrae)
    return replace(hand, names=names), with_names(labelling, names)


def edit_vertebrae(
    labelling: Labelling, hand: HandNaming, edit: ShapeEdit
) -> tuple[HandNaming, Labelling]:
    """Return the corrections and the labelling after a split, a merge or a move.

    Manual names that no longer fit are dropped.

    Raises
    ------
    UsageError
        When this is not possible at these points.
    """
    from spineviewer.labelling.name_corrections import segment_at

    changed = edit.applied(labelling)
    labels = changed.corrections.manual_labels
    names = tuple(
        name for name in hand.names if labels.get(segment_at(changed, name.at_lps_mm)) == name.label
    )
    hand = HandNaming(names, (*hand.cuts, edit))
    return hand, with_names(changed, names)


def reapplied(labelling: Labelling, hand: HandNaming) -> Labelling:
    """Return the labelling of another mask with every correction that still fits.

    A correction whose vertebra is missing from the mask is skipped until the vertebra is back.
    """
    if labelling.column is None:
        return labelling
    for edit in hand.cuts:
        with suppress(UsageError):
            labelling = edit.applied(labelling)
    # usually all names fit; otherwise the oldest are dropped
    for first in range(len(hand.names)):
        with suppress(UsageError):
            return with_names(labelling, hand.names[first:])
    return with_names(labelling, ())


def with_names(labelling: Labelling, names: Sequence[Name]) -> Labelling:
    """Return the labelling with all names determined from these manual names.

    Raises
    ------
    UsageError
        When a name belongs to no vertebra, or the names contradict each other.
    """
    from spineviewer.labelling.name_corrections import renamed, segment_at

    labels = {segment_at(labelling, name.at_lps_mm): name.label for name in names}
    if labels == labelling.corrections.manual_labels:
        return labelling
    return renamed(labelling, replace(labelling.corrections, manual_labels=labels))


def merging_remark(before: Vertebrae, after: Vertebrae) -> str:
    """Return a sentence about two vertebrae that a renaming merged; '' if there are none.

    C1 is separated from C2 only as long as the upper vertebra is named C2.
    """
    owner = {vertebra.name: _owner(vertebra, before, after) for vertebra in before}
    for upper, lower in pairwise(before):
        name = owner[upper.name]
        if name is not None and name == owner[lower.name]:
            return worded(
                "{upper} and {lower} are now one vertebra, named {name}. Undo this if it is wrong.",
                upper=upper.name,
                lower=lower.name,
                name=name,
            )
    return ""


def anomaly_remark(before: Vertebrae, after: Vertebrae) -> str:
    """Return a sentence about anomalies that the names did not imply before; '' if there are none.

    An anomaly is, for example, a T13 or a missing T12.
    """
    earlier = before.naming.anomalies
    new = [anomaly for anomaly in after.naming.anomalies if anomaly not in earlier]
    if not new:
        return ""
    return worded(
        "The names now imply an anomaly that they did not imply before: {anomalies}. If the scan "
        "does not show this anomaly, undo the change.",
        anomalies=enumerated(new),
    )


def distance_remark(before: Vertebrae, after: Vertebrae) -> str:
    """Return a sentence if names moved by many levels, as after a typing error; '' if not."""
    moved = _renamed(before, after)
    levels = [VERSE_ORDER.index(new.label) - VERSE_ORDER.index(old.label) for old, new in moved]
    if not levels or min(map(abs, levels)) < _MANY_LEVELS:
        return ""
    (first, new_first), (last, new_last) = moved[0], moved[-1]
    return worded(
        "{old_first} to {old_last} are now named {new_first} to {new_last}. Undo this if it is "
        "wrong.",
        old_first=first.name,
        old_last=last.name,
        new_first=new_first.name,
        new_last=new_last.name,
    )


def names_by_hand(vertebrae: Vertebrae, uncorrected: Vertebrae) -> frozenset[str]:
    """Return the names that result from the user's corrections.

    These are the names that the user set, and those that changed because the user named, split or
    merged a vertebra.
    """
    before = {vertebra.name: vertebra.body_centre_lps_mm for vertebra in uncorrected}
    return frozenset(
        vertebra.name
        for vertebra in vertebrae
        if vertebra.is_set_by_hand
        or vertebra.name not in before
        or math.dist(before[vertebra.name], vertebra.body_centre_lps_mm) > _SAME_BODY_MM
    )


def renaming_remark(before: Vertebrae, after: Vertebrae) -> str:
    """Return a sentence about vertebrae renamed because other vertebrae were split or merged.

    Empty if there are none.
    """
    moved = [(old.name, new.name) for old, new in _renamed(before, after)]
    if not moved:
        return ""
    if len(moved) == 1:
        return worded(
            "Because the number of vertebrae changed, {old} is now named {new}.",
            old=moved[0][0],
            new=moved[0][1],
        )
    return worded(
        "Because the number of vertebrae changed, {old_first} to {old_last} are now named "
        "{new_first} to {new_last}.",
        old_first=moved[0][0],
        old_last=moved[-1][0],
        new_first=moved[0][1],
        new_last=moved[-1][1],
    )


def _renamed(before: Vertebrae, after: Vertebrae) -> list[tuple[Vertebra, Vertebra]]:
    """Return each renamed vertebra, before and after, from head to foot."""
    at_centre = {vertebra.body_centre_lps_mm: vertebra for vertebra in after}
    pairs = [
        (vertebra, at_centre.get(vertebra.body_centre_lps_mm, vertebra)) for vertebra in before
    ]
    return [(old, new) for old, new in pairs if new.name != old.name]


def _owner(vertebra: Vertebra, before: Vertebrae, after: Vertebrae) -> str | None:
    """Return the name of the vertebra that now contains most voxels of an earlier one, or None."""
    own = before.labels[vertebra.box] == vertebra.label
    counts = np.bincount(after.labels[vertebra.box][own], minlength=1)
    counts[0] = 0
    return after.names.get(int(counts.argmax())) if counts.any() else None


def _current_names(vertebrae: Vertebrae) -> tuple[Name, ...]:
    """Return the names of all vertebral bodies; C1 has no body, and its name follows from C2."""
    return tuple(
        Name(vertebra.label, vertebra.body_centre_lps_mm)
        for vertebra in vertebrae.bodies
        if vertebra.label != VERSE_ORDER[0]
    )


def _voxels_along(
    grid: Geometry, stroke_lps_mm: Sequence[Triple], radius_mm: float
) -> NDArray[np.bool_]:
    """Return the voxels that a ball touches along a stroke: bool, shape of the grid."""
    touched = np.zeros(grid.shape_zyx, np.bool_)
    spacing = np.array(grid.spacing_zyx_mm)
    points = np.array([grid.index_zyx(point) for point in stroke_lps_mm])
    for start, end in zip(points, points[1:] if len(points) > 1 else points, strict=False):
        steps = 1 + int(np.linalg.norm((end - start) * spacing) / max(radius_mm / 2, 0.5))
        for fraction in np.linspace(0, 1, steps + 1):
            centre = start + fraction * (end - start)
            low = np.maximum(np.floor(centre - radius_mm / spacing), 0).astype(int)
            high = np.minimum(np.ceil(centre + radius_mm / spacing) + 1, grid.shape_zyx).astype(int)
            if (high <= low).any():
                continue
            box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
            z, y, x = np.ogrid[box]
            offsets = [
                (axis - middle) * step
                for axis, middle, step in zip((z, y, x), centre, spacing, strict=True)
            ]
            touched[box] |= offsets[0] ** 2 + offsets[1] ** 2 + offsets[2] ** 2 <= radius_mm**2
    return touched
