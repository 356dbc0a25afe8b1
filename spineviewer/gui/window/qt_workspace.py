"""A workspace that uses Qt's event loop, timers and pictures."""

from __future__ import annotations

from pathlib import Path

from spineviewer.app.notices import Level, Notice
from spineviewer.app.services import Services
from spineviewer.app.settings import Settings, load_settings
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.qt_delay import QtDelay
from spineviewer.gui.kit.qt_job_runner import qt_job_runner
from spineviewer.gui.window.presentation import QtPresentation
from spineviewer.wording import worded


def qt_workspace(
    services: Services, settings_path: Path, settings: Settings | None = None
) -> Workspace:
    """Return a workspace for a window.

    Parameters
    ----------
    settings
        Settings that have already been read, because only the first read reports a damaged file.
    """
    settings = settings or load_settings(settings_path)
    workspace = Workspace(
        services, qt_job_runner(), QtDelay, QtPresentation(), settings, settings_path
    )
    if damaged := settings.damaged_file:
        text = worded(
            "The settings file was damaged. It was moved to {damaged}, and the default settings "
            "are used.",
            damaged=damaged,
        )
        workspace.tell(Notice(Level.WARN, text, "settings"))
    return workspace
