"""Notices: messages above the views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from spineviewer.app.jobs import Failed
from spineviewer.progress import ProgressUpdate
from spineviewer.wording import enumerated, formatted_number, is_critical

#: Topic of notices that offer to undo or redo the newest step; they end with the next step.
UNDO_TOPIC = "undo"
#: Topic of the notice about text that names vertebrae by earlier names.
OUTDATED_TOPIC = "outdated text"


class Severity(Enum):
    """How severe a notice is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Notice:
    """A message above the views.

    Attributes
    ----------
    topic
        A notice replaces an older one with the same topic.
    is_lasting
        Whether it cannot be dismissed.
    is_ongoing
        Whether it describes running work, whose end will replace or remove it.
    paths
        Files that were written.
    error
        The error that it reports, if any.
    buttons
        Possible reactions: the text of a button and its action.
    short_text
        A few words that stay visible while other notices cover it; empty if it may be covered.
    """

    severity: Severity
    text: str
    topic: str
    is_lasting: bool = False
    paths: tuple[Path, ...] = ()
    error: Exception | None = None
    buttons: tuple[tuple[str, Callable[[], None]], ...] = ()
    is_ongoing: bool = False
    short_text: str = ""

    @property
    def is_passing(self) -> bool:
        """Whether it disappears by itself after a while."""
        is_kept = self.is_lasting or self.is_ongoing or is_critical(self.text)
        return self.severity is Severity.INFO and not is_kept


class ProgressNotice:
    """A notice about a job, shown at the start and updated after each tenth of it.

    Thread ownership: the thread in which it is created.
    """

    def __init__(self, tell: Callable[[Notice], None], text: str, topic: str) -> None:
        self._tell, self._text, self._topic, self._tenths = tell, text, topic, 0
        tell(Notice(Severity.INFO, text, topic, is_ongoing=True))

    def show(self, update: ProgressUpdate) -> None:
        """Show the progress after each tenth of the job."""
        tenths = int(10 * update.fraction)
        if self._tenths < tenths < 10:
            self._tenths = tenths
            text = enumerated([self._text, formatted_number(10 * tenths, ".0f", "%")], " ")
            self._tell(Notice(Severity.INFO, text, self._topic, is_ongoing=True))


Notices = tuple[Notice, ...]


def failure(outcome: Failed, topic: str) -> Notice:
    """Return a notice for a job that failed."""
    return Notice(Severity.ERROR, outcome.message, topic, error=outcome.error)


def with_notice(notices: Notices, notice: Notice) -> Notices:
    """Return the notices with a newer one last.

    It replaces notices with the same topic. A notice about written files also replaces other
    notices about written files that have the same severity.
    """

    def is_replaced(other: Notice) -> bool:
        return other.topic == notice.topic or bool(
            notice.paths and other.paths and other.severity is notice.severity
        )

    return (*(other for other in notices if not is_replaced(other)), notice)


def without_topic(notices: Notices, topic: str) -> Notices:
    """Return the notices that do not have this topic."""
    return tuple(notice for notice in notices if notice.topic != topic)
