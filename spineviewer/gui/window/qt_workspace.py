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
from spineviewer.wording import enumerated, mark, worded


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
    if settings.damaged_file:
        workspace.tell(Notice(Level.WARN, _what_was_damaged(settings), "settings"))
    return workspace


#: Settings with work of the user, in words.
_IN_WORDS = {
    "recent": mark("recent scans"),
    "hangings": mark("layouts by kind of scan"),
    "report_templates": mark("report templates"),
    "tunings": mark("threshold presets"),
    "windows": mark("window presets"),
    "keys": mark("keyboard shortcuts"),
    "archives": mark("archives"),
    "receiver": mark("receiver"),
}


def _what_was_damaged(settings: Settings) -> str:
    if not settings.damaged_settings:
        return worded(
            "The settings file was damaged. It was moved to {damaged}, and the default settings "
            "are used.",
            damaged=settings.damaged_file,
        )
    names = [_IN_WORDS.get(name, mark("other settings")) for name in settings.damaged_settings]
    return worded(
        "Some settings were damaged and have been reset: {settings}. The previous settings file "
        "was moved to {damaged}.",
        settings=enumerated([worded(name) for name in dict.fromkeys(names)]),
        damaged=settings.damaged_file,
    )
