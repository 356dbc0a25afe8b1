"""The interface size: that of the system, or larger.

Qt reads the size only once, when the application is created.
"""

from __future__ import annotations

import contextlib
import os
import sys

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication, QScreen

from spineviewer.app.settings import Settings

_QT_FACTOR = "QT_SCALE_FACTOR"
#: Number of pixel lines for an interface at 100%. Choice: 2160 lines give 150%.
_LINES_AT_100 = 1440
_STEP_PERCENT, _MAX_PERCENT = 25, 200
#: Numbers of pixel lines and columns that the window needs at 100%.
_MIN_LINES, _MIN_COLUMNS = 600, 700


def use_interface_size(settings: Settings) -> None:
    """Set Qt's scale factor from the settings.

    Does nothing if the user has set Qt's own variable, or if the application already exists.

    The automatic size is 100% if the system scales windows. Otherwise, it is derived from the
    screen that last showed the window, because screens are unknown before the application is
    created. `restart_larger` handles the first start.
    """
    percent = settings.interface_percent or automatic_percent(settings.unscaled_lines)
    if settings.unscaled_lines:
        percent = min(percent, max_percent(settings.unscaled_lines))
    if percent != 100 and _QT_FACTOR not in os.environ and QCoreApplication.instance() is None:
        os.environ[_QT_FACTOR] = str(percent / 100)


def restart_larger(settings: Settings, screen: QScreen) -> None:
    """Restart the process at its first start if the interface is too small for the screen.

    Returns if no restart is necessary. Restarts only on systems with `exec`; the others scale
    windows themselves.
    """
    is_first = not (settings.window_geometry or settings.interface_percent or settings.damaged_file)
    percent = automatic_percent(unscaled_lines(screen))
    if is_first and percent != 100 and _QT_FACTOR not in os.environ and os.name == "posix":
        with contextlib.suppress(OSError):  # on failure, the interface stays small this time
            os.execve(
                sys.executable,
                [sys.executable, *sys.orig_argv[1:]],
                {**os.environ, _QT_FACTOR: str(percent / 100)},
            )


def automatic_percent(unscaled_lines: int) -> int:
    """Return the automatic size in percent for a number of pixel lines (from `unscaled_lines`)."""
    percent = int(100 * unscaled_lines / _LINES_AT_100 / _STEP_PERCENT) * _STEP_PERCENT
    return min(max(percent, 100), _MAX_PERCENT)


def max_percent(lines: int) -> int:
    """Return the maximum size at which the window fits on a screen of `lines` pixel lines."""
    percent = int(100 * lines / _MIN_LINES / _STEP_PERCENT) * _STEP_PERCENT
    return min(max(percent, 100), _MAX_PERCENT)


def screen_lines() -> int:
    """Return the number of pixel lines of the main screen, or fewer if it is very narrow."""
    screen = QGuiApplication.primaryScreen()
    if QGuiApplication.platformName() == "offscreen":  # the screen is simulated
        return _MIN_LINES * _MAX_PERCENT // 100
    size = screen.size() * screen.devicePixelRatio()
    return min(size.height(), size.width() * _MIN_LINES // _MIN_COLUMNS)


def unscaled_lines(screen: QScreen) -> int:
    """Return the number of pixel lines of a screen; 0 if the system scales windows on it."""
    ratio = screen.devicePixelRatio()
    is_scaled_by_system = abs(ratio - float(os.environ.get(_QT_FACTOR) or 1)) > 1e-3
    return 0 if is_scaled_by_system else round(screen.size().height() * ratio)
