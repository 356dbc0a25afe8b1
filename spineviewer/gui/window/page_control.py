"""The page that the window shows, and the bars that belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spineviewer.app.workspace import Workspace
from spineviewer.gui.batch.batch_page import BatchPage
from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.focus import protect_fields_from_wheel
from spineviewer.gui.kit.item_tips import add_tips_to_truncated_texts
from spineviewer.gui.kit.pages import BackButton, Pages
from spineviewer.gui.kit.screen_fit import available_size
from spineviewer.gui.opening.start_page import StartPage
from spineviewer.gui.window.banners import BannerStack
from spineviewer.gui.window.scan_page import ScanPage
from spineviewer.gui.window.toolbar import Toolbar

if TYPE_CHECKING:
    from spineviewer.gui.archive.archive_page import ArchivePage

#: Minimum height at which space is reserved for notices. Choice: on smaller screens, the start page
#: and the archive page use this space.
_ROOMY_PX = 560


class PageControl:
    """Shows the page of the active scan or the start page, with the bars and notices that fit it.

    Thread ownership: GUI thread.
    """

    def __init__(
        self,
        workspace: Workspace,
        pages: Pages,
        toolbar: Toolbar,
        banners: BannerStack,
        actions: Actions,
    ) -> None:
        self._workspace, self._pages, self._actions = workspace, pages, actions
        self._toolbar, self._banners = toolbar, banners
        pages.currentChanged.connect(self._on_page_changed)
        pages.page(BatchPage).back_requested.connect(self.show)

    def add_archive(self, page: ArchivePage) -> None:
        """Connect the archive page, which is created on first use."""
        protect_fields_from_wheel(page)
        add_tips_to_truncated_texts(page)
        page.back_requested.connect(self.show)
        page.back_button.show_destination(is_scan_open=self._workspace.front is not None)
        page.settings_requested.connect(self._actions["archive_settings"].trigger)

    def show(self) -> None:
        """Show the page of the active scan, or the start page if no scan is open."""
        is_scan_open = self._workspace.front is not None
        page = self._pages.page(ScanPage if is_scan_open else StartPage)
        for button in self._pages.findChildren(BackButton):
            button.show_destination(is_scan_open=is_scan_open)
        if page is self._pages.currentWidget():
            self._on_page_changed()
        else:
            self._pages.setCurrentWidget(page)

    def show_notices(self) -> None:
        """Show the notices about the active scan if it is visible, and about the program."""
        workspace, is_hidden = self._workspace, self._pages.is_scan_hidden
        self._banners.show_notices(workspace.program_notices if is_hidden else workspace.notices)

    def _on_page_changed(self) -> None:
        is_scan_shown = not self._pages.is_scan_hidden
        is_batch = isinstance(self._pages.currentWidget(), BatchPage)
        self._toolbar.setVisible(is_scan_shown)
        self._banners.legend.set_on(is_scan_shown)
        has_room = available_size(self._pages).height() >= _ROOMY_PX
        self._banners.reserve_space(is_scan_shown or is_batch or has_room)
        self.show_notices()
        self._actions.refresh()
