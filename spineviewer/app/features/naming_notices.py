"""Notices about the names of the vertebrae."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from spineviewer.app.hand_naming import anomaly_remark, distance_remark
from spineviewer.app.level_mentions import outdated_levels
from spineviewer.app.naming_check import names_to_check
from spineviewer.app.notices import OUTDATED_TOPIC, UNDO_TOPIC, Notice, Severity
from spineviewer.labelling.vertebrae import Alternative, Naming, Vertebrae
from spineviewer.wording import enumerated, formatted_number, mark, worded

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanCore

#: Maximum number of alternatives that a notice offers.
_MAX_OFFERED = 3
NAMES_TOPIC, _MASK_TOPIC = "names", "mask of vertebrae"
#: By topic: the words that stay visible while other notices cover a notice.
_SHORT_TEXTS = {
    NAMES_TOPIC: mark("Check the names"),
    OUTDATED_TOPIC: mark("Check the report text"),
}

#: Returns a sentence about side effects of a correction, from the vertebrae before and after it.
Remark = Callable[[Vertebrae, Vertebrae], str]


class NameChanges(Protocol):
    """Changes that the notices offer."""

    def set_names(self, names: Sequence[str]) -> None:
        """Give all vertebrae these names, from head to foot."""

    def shift(self, by: int) -> None:
        """Shift all names by this many levels."""

    def confirm(self) -> None:
        """Keep all names as they are."""


class NamingNotices:
    """Reports uncertain names, side effects of corrections, and texts with earlier names.

    A notice that the user has dismissed appears again only after its text has changed.

    Thread ownership: the same as the scan's.
    """

    def __init__(self, scan: ScanCore, changes: NameChanges, undo: Callable[[], None]) -> None:
        self._scan, self._changes, self._undo = scan, changes, undo
        self._reported: dict[str, str] = {}  # text by topic

    def expect_names(self) -> None:
        """End the notice that the mask contains no vertebra, because a new mask will be named."""
        vertebrae = self._scan.parts.vertebrae
        if vertebrae is not None and not len(vertebrae):
            self._report(NAMES_TOPIC, "")
            self._report(_MASK_TOPIC, "")

    def report(self, vertebrae: Vertebrae) -> None:
        """Report what is notable about new names."""
        naming = vertebrae.naming
        self._report_outdated_text()
        buttons = self._buttons(naming) if len(vertebrae) else ()
        self._report(NAMES_TOPIC, names_to_check(vertebrae), buttons)
        notes = enumerated(naming.mask_notes, " ") if naming.mask_notes else ""
        self._report(_MASK_TOPIC, notes)

    def report_side_effects(self, remark: Remark, before: Vertebrae, after: Vertebrae) -> None:
        """Report what a correction changed beyond its purpose, and offer to undo it."""
        finders = (remark, distance_remark, anomaly_remark)
        remarks = [text for find in finders if (text := find(before, after))]
        if remarks:
            undo = ((mark("Undo"), self._undo),)
            text = enumerated(remarks, " ")
            self._scan.tell(Notice(Severity.WARNING, text, UNDO_TOPIC, buttons=undo))

    def _report_outdated_text(self) -> None:
        buttons = ((mark("Text is correct"), self._accept_text),)
        self._report(OUTDATED_TOPIC, outdated_levels(self._scan.parts), buttons)

    def _accept_text(self) -> None:
        parts = self._scan.parts
        self._scan.set(replace(parts, draft=replace(parts.draft, renamed=())))
        self._report_outdated_text()

    def _report(
        self, topic: str, text: str, buttons: tuple[tuple[str, Callable[[], None]], ...] = ()
    ) -> None:
        """Show a notice, or end it if the text is empty; do nothing if the text is the same."""
        if text == self._reported.get(topic, ""):
            return
        self._reported[topic] = text
        if text:
            short = _SHORT_TEXTS.get(topic, "")
            notice = Notice(Severity.WARNING, text, topic, buttons=buttons, short_text=short)
            self._scan.tell(notice)
        else:
            self._scan.end_topic(topic)

    def _buttons(self, naming: Naming) -> tuple[tuple[str, Callable[[], None]], ...]:
        """Return the buttons for resolving uncertain names.

        Alternatives of another convention come first. If there are no alternatives, the names can
        be shifted instead.
        """
        changes = self._changes
        others = sorted(
            naming.alternatives, key=lambda alternative: alternative.convention is naming.convention
        )
        offered = tuple(
            (_title(alternative), partial(changes.set_names, alternative.names))
            for alternative in others[:_MAX_OFFERED]
        )
        shifts = (
            (mark("Shift up"), lambda: changes.shift(-1)),
            (mark("Shift down"), lambda: changes.shift(1)),
        )
        return (*(offered or shifts), (mark("Confirm"), changes.confirm))


def _title(alternative: Alternative) -> str:
    """Return a short description of alternative names, for a button."""
    names = worded("{first} to {last}", first=alternative.names[0], last=alternative.names[-1])
    parts = enumerated((names, *alternative.anomalies)) if alternative.anomalies else names
    probability = formatted_number(100 * alternative.probability, ".0f", "%")
    return worded("{names} ({probability})", names=parts, probability=probability)
