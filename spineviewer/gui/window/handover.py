"""Handover from one window to the next on the same workspace."""

from __future__ import annotations

from spineviewer.gui.batch.batch_page import BatchPage
from spineviewer.gui.window.main_window import MainWindow


def continue_from(old: MainWindow, new: MainWindow) -> None:
    """Let a new window show what the old one shows, with the same tool, page and dialogs."""
    new.panel.setVisible(not old.panel.isHidden())
    new.area.show_state(old.area.state)
    new.area.use_tool(old.area.tool.name)
    if not old.spine_measurer.sheet.isHidden():
        new.spine_measurer.toggle_sheet()
    new.other_view.continue_from(old.other_view)
    if old.pages.currentWidget() is old.batch_page:
        new.pages.show_page(BatchPage)
    elif old.archive.is_page_shown:
        new.archive.show_page()
    for name in old.dialogs.commands_of_open_dialogs:
        new.actions_by_name[name].trigger()
