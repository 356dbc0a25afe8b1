"""Work that is done after the start page has been shown, so that the page appears sooner."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial

from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.file_dialogs import FileDialogs
from spineviewer.gui.kit.pages import Pages
from spineviewer.gui.window.scan_page import ScanPage
from spineviewer.gui.window.toolbar import Toolbar

#: Modules that dialogs need, imported in advance.
_DIALOGS = (
    "spineviewer.io.formats",
    "spineviewer.gui.reporting.export_dialog",
    "spineviewer.gui.reporting.report_dialog",
)


def steps_after_start(
    workspace: Workspace, files: FileDialogs, pages: Pages, page: ScanPage, toolbar: Toolbar
) -> list[Callable[[], object]]:
    """Return functions that prepare the rest of the window, in short steps."""

    def lay_out_scan_page() -> None:
        """Lay out and style the scan page and the toolbar without showing them."""
        if workspace.front is None:
            page.resize(pages.size())
            page.grab()
            toolbar.grab()

    settings = workspace.settings.current
    steps: list[Callable[[], object]] = [partial(files.prepare, settings.last_folder)]
    if workspace.front is None and workspace.opening.path is None:
        steps += [workspace.opening.make_ready, lay_out_scan_page]
        steps += [partial(importlib.import_module, name) for name in _DIALOGS]
    if settings.archives or settings.receiver:
        steps.append(lambda: workspace.archives.store.tidy())
    return steps
