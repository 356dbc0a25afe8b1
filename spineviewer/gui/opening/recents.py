"""Recent scans and interrupted work, on the start page and in the menu."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from spineviewer.app.journal import UnfinishedWork
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import distinct_names
from spineviewer.gui.opening.opener import Opener
from spineviewer.gui.opening.start_page import StartPage

#: Interval at which the start page looks for work of instances that have ended in the meantime.
_LOOK_AGAIN_MS = 2000


class Recents:
    """Lists recent scans and interrupted work, and opens them again.

    Thread ownership: GUI thread.
    """

    def __init__(self, workspace: Workspace, opener: Opener, page: StartPage, menu: QMenu) -> None:
        self._workspace, self._opener = workspace, opener
        self._page, self._menu = page, menu
        self._offered: tuple[UnfinishedWork, ...] = ()
        page.recent_requested.connect(opener.open_recent)
        page.clear_recents_requested.connect(opener.clear_recents)
        page.unfinished.restore_requested.connect(opener.restore_work)
        page.unfinished.dismissed.connect(opener.dismiss_work)
        menu.aboutToShow.connect(self._fill_menu)
        self._timer = QTimer(page, singleShot=True, interval=_LOOK_AGAIN_MS)
        self._timer.timeout.connect(self._look_again)

    def show(self) -> None:
        """Update the list on the start page."""
        settings = self._workspace.settings.current
        recent, is_shown = settings.recent, settings.is_patient_shown
        has_work = self._workspace.shared_journal.has_work
        with_work = {scan.fingerprint for scan in recent if has_work(scan.fingerprint)}
        self._page.show_recent(recent, with_work, is_patient_shown=is_shown)

    def show_unfinished(self) -> None:
        """Offer to restore interrupted work on the start page."""
        self._offered = self._workspace.shared_journal.unfinished()
        self._page.unfinished.show_work(self._offered)
        self._expect_more()

    def _expect_more(self) -> None:
        """Look again later if another instance is running, perhaps killed but not yet ended."""
        is_shown = self._workspace.front is None
        if is_shown and self._workspace.shared_journal.may_find_more_unfinished():
            self._timer.start()

    def _look_again(self) -> None:
        """Offer work that has become available while the start page is shown."""
        if self._workspace.front is not None:
            return
        found = self._workspace.shared_journal.unfinished()
        if {work.marker for work in found} == {work.marker for work in self._offered}:
            self._expect_more()
        else:
            self.show()
            self.show_unfinished()

    def _fill_menu(self) -> None:
        self._menu.clear()
        settings = self._workspace.settings.current
        recent = settings.recent
        names = distinct_names(
            [Path(scan.path) for scan in recent], [scan.summary for scan in recent]
        )
        for scan, name in zip(recent, names, strict=True):
            title = "" if settings.is_patient_shown else tr(scan.title)
            action = QAction((title or name).replace("&", "&&"), self._menu)
            action.setToolTip(title or scan.path)
            action.triggered.connect(partial(self._opener.open_recent, scan))
            self._menu.addAction(action)
        if not recent:
            self._menu.addAction(tr("No recent scans")).setEnabled(False)
