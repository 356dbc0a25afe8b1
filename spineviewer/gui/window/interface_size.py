"""The size of the interface: that of the system, or larger.

Qt reads the size only once, when the application is created.
"""

from __future__ import annotations

import contextlib
import os
import sys

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QGuiApplication, QScreen

from spineviewer.app.settings import Settings

_QT_FACTOR = "QT_SCALE_FACTOR"
#: Number of pixel lines for an interface at 100%. Choice: 2160 lines give 150%.
_LINES_AT_100 = 1440
_STEP_PERCENT, _MAX_PERCENT = 25, 200
#: Numbers of pixel lines and columns that the window needs at 100%.
_MIN_LINES, _MIN_COLUMNS = 600, 700


def use_interface_size(settings: Settings) -> bool:
    """Set Qt's scale factor from the settings, and return whether that was possible.

    It is impossible if the user has set Qt's own variable, or if the application already exists.

    The automatic size is 100% if the system scales windows. Otherwise, it is derived from the
    screen that last showed the window, because screens are unknown before the application is
    created. `restart_at_fitting_size` handles the first start and a change of screen.
    """
    percent = settings.interface_percent or automatic_percent(settings.unscaled_lines)
    if settings.unscaled_lines:
        percent = min(percent, max_percent(settings.unscaled_lines))
    if _QT_FACTOR in os.environ or QCoreApplication.instance() is not None:
        return False
    if percent != 100:
        os.environ[_QT_FACTOR] = str(percent / 100)
    return True


def restart_at_fitting_size(settings: Settings) -> None:
    """Restart the process if the interface is too small or too large for the screen.

    Returns if no restart is necessary. Restarts only on systems with `exec`; other systems scale
    windows themselves.
    """
    if QGuiApplication.platformName() == "offscreen" or settings.damaged_file or os.name != "posix":
        return
    percent = _fitting_percent(settings, _last_screen(settings))
    if percent == round(100 * _factor()):
        return
    environment = {**os.environ, _QT_FACTOR: str(percent / 100)}
    with contextlib.suppress(OSError):  # on failure, the interface keeps its size this time
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def _fitting_percent(settings: Settings, screen: QScreen) -> int:
    """Return the chosen or automatic size in percent, or less if the screen is too small for it."""
    percent = settings.interface_percent or automatic_percent(unscaled_lines(screen))
    return min(percent, max_percent(_usable_lines(screen.size() * _factor())))


def _last_screen(settings: Settings) -> QScreen:
    """Return the screen that last showed the window, otherwise the main screen."""
    lines = settings.unscaled_lines
    same = (screen for screen in QGuiApplication.screens() if unscaled_lines(screen) == lines)
    return next(same, QGuiApplication.primaryScreen())


def _factor() -> float:
    return float(os.environ.get(_QT_FACTOR) or 1)


def _usable_lines(size: QSize) -> int:
    """Return the number of lines of a screen, or fewer if it is very narrow."""
    return min(size.height(), size.width() * _MIN_LINES // _MIN_COLUMNS)


def automatic_percent(unscaled_lines: int) -> int:
    """Return the automatic size in percent for a number of pixel lines (from `unscaled_lines`)."""
    percent = int(100 * unscaled_lines / _LINES_AT_100 / _STEP_PERCENT) * _STEP_PERCENT
    return min(max(percent, 100), _MAX_PERCENT)


def max_percent(lines: int) -> int:
    """Return the maximum size in percent at which the window fits on a screen of `lines` lines."""
    percent = int(100 * lines / _MIN_LINES / _STEP_PERCENT) * _STEP_PERCENT
    return min(max(percent, 100), _MAX_PERCENT)


def screen_lines() -> int:
    """Return the number of pixel lines of the main screen, or fewer if it is very narrow."""
    screen = QGuiApplication.primaryScreen()
    if QGuiApplication.platformName() == "offscreen":  # the screen is simulated
        return _MIN_LINES * _MAX_PERCENT // 100
    return _usable_lines(screen.size() * screen.devicePixelRatio())


def unscaled_lines(screen: QScreen) -> int:
    """Return the number of pixel lines of a screen; 0 if the system scales windows on it."""
    ratio = screen.devicePixelRatio()
    is_scaled_by_system = abs(ratio - _factor()) > 1e-3
    return 0 if is_scaled_by_system else round(screen.size().height() * ratio)
