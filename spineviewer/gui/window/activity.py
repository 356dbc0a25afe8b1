"""The program's current work, in the status bar and on a card over the window."""

from __future__ import annotations

from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.gui.opening.busy_card import BusyCard
from spineviewer.gui.opening.opener import Opener
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.gui.window.bars import StatusBar


class Activity:
    """Shows the scan that is being opened, the progress of a batch and the tool's instruction.

    Thread ownership: GUI thread.
    """

    def __init__(
        self,
        workspace: Workspace,
        opener: Opener,
        area: ViewArea,
        status: StatusBar,
        busy: BusyCard,
        subscriptions: Subscriptions,
    ) -> None:
        self._workspace, self._opener = workspace, opener
        self._status, self._busy = status, busy
        area.tool_changed.connect(lambda: status.show_instruction(tr(area.tool.instruction)))
        subscribe = subscriptions.add
        subscribe(workspace.opening.changed, self._show_opening)
        subscribe(workspace.opening.progressed, busy.show_progress)
        subscribe(workspace.batch.row_changed, self._show_batch)
        subscribe(workspace.batch.changed, self._show_batch)

    def _show_opening(self) -> None:
        path = self._workspace.opening.path
        if path is None:
            self._busy.end()
        else:
            self._busy.begin(self._opener.opening_text(path))

    def _show_batch(self) -> None:
        queue = self._workspace.batch
        self._status.show_batch(queue.batch if queue.is_running else None)
