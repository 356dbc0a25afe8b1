"""Incoming studies: opened at once if the user is waiting, otherwise offered in a notice."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from spineviewer.app.archiving.retrievals import Retrieval
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.studies import FolderContents
from spineviewer.app.workspace import Workspace
from spineviewer.archive.client import ReceivedStudy
from spineviewer.gui.archive.archive_page import ArchivePage
from spineviewer.gui.kit.names import STUDY_BROWSER
from spineviewer.gui.kit.pages import Pages
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.wording import mark, worded


class Arrivals:
    """Handles studies that have been retrieved or received.

    Thread ownership: GUI thread.
    """

    def __init__(self, workspace: Workspace, pages: Pages, subscriptions: Subscriptions) -> None:
        self._workspace = workspace
        self._pages = pages
        self._is_store_listed = False
        subscriptions.add(workspace.folders.found, self._on_listed)
        subscriptions.add(workspace.archives.retrievals.arrived, self._on_retrieved)
        subscriptions.add(workspace.archives.receiver.received, self._on_received)

    def new_page(self, subscriptions: Subscriptions) -> ArchivePage:
        """Return a new archive page; the window connects its other signals."""
        workspace = self._workspace
        page = ArchivePage(workspace.archives, workspace.settings, subscriptions)
        page.open_requested.connect(self._open_retrieved)
        page.local_requested.connect(self.browse)
        return page

    def browse(self) -> None:
        """List the studies on this computer, or say in a notice that there are none yet."""
        folder = self._workspace.archives.store.folder
        if folder.is_dir():
            self._workspace.folders.browse(folder)
        else:
            text = worded("There are no studies on this computer yet.")
            self._workspace.tell(Notice(Severity.INFO, text, "browse"))

    def _on_retrieved(self, retrieval: Retrieval) -> None:
        is_watched = isinstance(self._pages.currentWidget(), ArchivePage)
        if is_watched and self._workspace.opening.path is None:
            self._open_retrieved(retrieval)
        elif retrieval.folder is not None:
            self._offer(
                worded("{study} has arrived.", study=retrieval.study.title), retrieval.folder
            )

    def _on_listed(self, contents: FolderContents) -> None:
        self._is_store_listed = contents.folder == self._workspace.archives.store.folder

    def _on_received(self, study: ReceivedStudy) -> None:
        if self._is_store_listed and any(map(_is_visible_browser, QApplication.topLevelWidgets())):
            self.browse()  # the study browser must list the new study
        text = worded("A study with %n image(s) was received.", "", study.count)
        self._offer(text, study.folder)

    def _open_retrieved(self, retrieval: Retrieval) -> None:
        if retrieval.folder is not None:
            self._workspace.opening.open(retrieval.folder)

    def _offer(self, text: str, folder: Path) -> None:
        workspace, topic = self._workspace, f"arrived-{folder.name}"

        def open_study() -> None:
            workspace.end_topic(topic)
            workspace.opening.open(folder)

        buttons = ((mark("Open"), open_study),)
        workspace.tell(Notice(Severity.INFO, text, topic, buttons=buttons))


def _is_visible_browser(widget: QWidget) -> bool:
    return widget.objectName() == STUDY_BROWSER and widget.isVisible()
