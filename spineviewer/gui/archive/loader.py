"""Access to the archive page of a window; the archive modules are imported on first use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.pages import Pages
from spineviewer.gui.kit.subscriptions import Subscriptions

if TYPE_CHECKING:
    from spineviewer.gui.archive.archive_page import ArchivePage
    from spineviewer.gui.archive.arrivals import Arrivals


class ArchiveLoader:
    """Creates the archive page on first use, and listens for incoming studies.

    Thread ownership: GUI thread.

    Parameters
    ----------
    bind
        Connects a new page to the window.
    """

    def __init__(
        self,
        workspace: Workspace,
        pages: Pages,
        subscriptions: Subscriptions,
        bind: Callable[[ArchivePage], None],
    ) -> None:
        self._workspace = workspace
        self._pages = pages
        self._subscriptions = subscriptions
        self._bind = bind
        self._arrivals: Arrivals | None = None
        self._page: ArchivePage | None = None
        if workspace.are_archives_used:  # by an earlier window
            self.listen()

    def listen(self) -> Arrivals:
        """Return the handler of incoming studies; the first call starts it."""
        from spineviewer.gui.archive.arrivals import Arrivals

        if self._arrivals is None:
            self._arrivals = Arrivals(self._workspace, self._pages, self._subscriptions)
        return self._arrivals

    @property
    def is_page_shown(self) -> bool:
        return self._page is not None and self._pages.currentWidget() is self._page

    @property
    def page(self) -> ArchivePage:
        """The archive page; it is created on first use."""
        if self._page is None:
            self._page = self.listen().new_page(self._subscriptions)
            self._bind(self._page)
            self._pages.addWidget(self._page)
        return self._page

    def show_page(self) -> ArchivePage:
        """Show the archive page, and return it."""
        page = self.page
        self._pages.show_page(type(page))
        return page
