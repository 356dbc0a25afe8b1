"""The notice that something was deleted, with a button that restores it."""

from __future__ import annotations

from collections.abc import Callable

from spineviewer.app.notices import Notice, Severity
from spineviewer.app.workspace import Workspace
from spineviewer.wording import mark

_TOPIC = "deleted"


def offer_to_restore(workspace: Workspace, text: str, restore: Callable[[], None]) -> None:
    """Show a notice that something was deleted, with a button that restores it."""

    def undo() -> None:
        restore()
        workspace.end_topic(_TOPIC)

    workspace.tell(Notice(Severity.INFO, text, _TOPIC, buttons=((mark("Undo"), undo),)))
