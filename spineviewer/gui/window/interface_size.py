"""The interface size: the system's, or larger.

Qt reads it once, before the application is created.
"""

from __future__ import annotations

import contextlib
import os
import sys

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication, QScreen

from spineviewer.app.settings import Settings

_QT_FACTOR = "QT_SCALE_FACTOR"
#: Choice: screens with up to this many lines use 100 %, one with 2160 lines 150 %.
_PLAIN_LINES = 1440
_STEP_PERCENT, _MOST_PERCENT = 25, 200
#: Lines that the window needs at 100 %.
_FEWEST_LINES = 600


def use_interface_size(settings: Settings) -> None:
    """Set Qt's scale factor from the settings.

    Does nothing if the user has set Qt's own variables, or if the application exists already.

    Automatic is 100 % if the system scales by itself. Otherwise it is derived from the screen
    on which the window was last, because screens are unknown before the application is created
    (`begin_larger` handles the first start).
    """
    percent = settings.interface_percent or automatic_percent(settings.unscaled_lines)
    if settings.unscaled_lines:
        percent = min(percent, largest_percent(settings.unscaled_lines))
    if percent != 100 and _QT_FACTOR not in os.environ and QCoreApplication.instance() is None:
        os.environ[_QT_FACTOR] = str(percent / 100)


def begin_larger(settings: Settings, screen: QScreen) -> None:
    """Restart the process at a first start whose interface is too small for the screen.

    Returns if no restart is needed. Only on systems that can exec; the others scale windows by
    themselves.
    """
    is_first = not (settings.window_geometry or settings.interface_percent or settings.damaged_file)
    percent = automatic_percent(unscaled_lines(screen))
    if is_first and percent != 100 and _QT_FACTOR not in os.environ and os.name == "posix":
        with contextlib.suppress(OSError):  # then it is small this once
            os.execve(
                sys.executable,
                [sys.executable, *sys.orig_argv[1:]],
                {**os.environ, _QT_FACTOR: str(percent / 100)},
            )


def automatic_percent(unscaled_lines: int) -> int:
    """Return the size for a screen of `unscaled_lines` lines; with 0, the system scales itself."""
    percent = int(100 * unscaled_lines / _PLAIN_LINES / _STEP_PERCENT) * _STEP_PERCENT
    return min(max(percent, 100), _MOST_PERCENT)


def largest_percent(lines: int) -> int:
    """Return the largest size at which the window fits on a screen of `lines` pixel lines."""
    percent = int(100 * lines / _FEWEST_LINES / _STEP_PERCENT) * _STEP_PERCENT
    return min(max(percent, 100), _MOST_PERCENT)


def screen_lines() -> int:
    """Return the number of pixel lines of the main screen."""
    screen = QGuiApplication.primaryScreen()
    if QGuiApplication.platformName() == "offscreen":  # its screen is not real
        return _FEWEST_LINES * _MOST_PERCENT // 100
    return round(screen.size().height() * screen.devicePixelRatio())


def unscaled_lines(screen: QScreen) -> int:
    """Return the number of pixel lines of a screen.

    0 if the system itself scales windows on it.
    """
    ratio = screen.devicePixelRatio()
    is_scaled_by_system = abs(ratio - float(os.environ.get(_QT_FACTOR) or 1)) > 1e-3
    return 0 if is_scaled_by_system else round(screen.size().height() * ratio)
