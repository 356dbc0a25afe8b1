"""Preferences for the whole program: theme, language, interface size and shortcuts."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from spineviewer.app.notices import Notice, Severity
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.language import tr


class Preferences(QObject):
    """Stores each change immediately; signals let the window apply it, except the size.

    Thread ownership: GUI thread.
    """

    theme_changed = Signal()
    language_changed = Signal()
    keys_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace

    def use_theme(self, theme: str) -> None:
        """Set the theme: dark or light."""
        self._workspace.settings.update(theme=theme)
        self.theme_changed.emit()

    def use_language(self, code: str) -> None:
        """Set the language of the window; an empty code follows the system."""
        if code != self._workspace.settings.current.language:
            self._workspace.settings.update(language=code)
            self.language_changed.emit()

    def use_size(self, percent: int) -> None:
        """Set the interface size, which applies after a restart; 0 follows the screen."""
        if percent != self._workspace.settings.current.interface_percent:
            self._workspace.settings.update(interface_percent=percent)
            text = tr("Restart Spineviewer to apply the new size.")
            self._workspace.tell(Notice(Severity.INFO, text, "size"))

    def use_keys(self, own_keys: Mapping[str, list[str]]) -> None:
        """Set the user's own shortcuts, by the names of the commands."""
        self._workspace.settings.update(keys=dict(own_keys))
        self.keys_changed.emit()
