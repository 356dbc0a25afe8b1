"""A workspace that uses Qt's event loop, timers and pictures."""

from __future__ import annotations

from pathlib import Path

from spineviewer.app.notices import Notice, Severity
from spineviewer.app.services import Services
from spineviewer.app.settings import Settings, load_settings
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.qt_delay import QtDelay
from spineviewer.gui.kit.qt_job_runner import qt_job_runner
from spineviewer.gui.window.presentation import QtPresentation


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
    if settings.damage:
        workspace.tell(Notice(Severity.WARNING, settings.damage, "settings"))
    return workspace
