"""The window's size and position, which are stored in the settings."""

from __future__ import annotations

import base64
from typing import cast

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from spineviewer.app.settings_store import SettingsStore
from spineviewer.gui.kit.screen_fit import available_size
from spineviewer.gui.window.interface_size import unscaled_lines

#: Minimum size of the window, unless the screen is smaller.
_MIN_SIZE = QSize(960, 600)


class WindowGeometry(QObject):
    """Places the window where the user left it, and keeps it on an existing screen.

    Thread ownership: GUI thread.
    """

    def __init__(self, window: QWidget, settings: SettingsStore) -> None:
        super().__init__(window)
        self._window, self._settings = window, settings
        cast(QGuiApplication, QGuiApplication.instance()).screenRemoved.connect(
            self._on_screen_removed
        )
        self._limit_size()

    def restore(self) -> None:
        """Restore the size and position; if none are stored, maximise the window."""
        is_offscreen = QGuiApplication.platformName() == "offscreen"  # simulated, 800 x 800
        self._window.resize(QSize(1600, 900) if is_offscreen else available_size(self._window))
        stored = self._settings.current.window_geometry
        if stored:
            self._window.restoreGeometry(QByteArray(base64.b64decode(stored)))
            self.keep_on_screen()
        elif not is_offscreen:
            self._window.setWindowState(Qt.WindowState.WindowMaximized)

    def store(self) -> None:
        """Store the size and position."""
        geometry = base64.b64encode(self._window.saveGeometry().data()).decode()
        lines = unscaled_lines(self._window.screen())
        self._settings.update(window_geometry=geometry, unscaled_lines=lines)

    def keep_on_screen(self) -> None:
        """Move the window to an existing screen if its own has been removed; shrink it to fit."""
        window = self._window
        self._limit_size()
        if not any(
            screen.availableGeometry().intersects(window.frameGeometry())
            for screen in QGuiApplication.screens()
        ):
            screen = QGuiApplication.primaryScreen().availableGeometry()
            window.resize(window.size().boundedTo(screen.size()))
            window.move(screen.topLeft())

    def _limit_size(self) -> None:
        self._window.setMinimumSize(_MIN_SIZE.boundedTo(available_size(self._window)))

    def _on_screen_removed(self) -> None:
        # later, because the system may move the window itself
        QTimer.singleShot(0, self, self.keep_on_screen)
