"""`python -m spineviewer.bench.first_paint FILE`: write the time of the first paint and exit.

It starts in the same way as `python -m spineviewer`.
"""

from __future__ import annotations

import runpy
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer

from spineviewer.gui.main import application
from spineviewer.gui.window.main_window import MainWindow


class _FirstPaint(QObject):
    """Waits for the window's first paint, then quits."""

    def __init__(self, note: Path) -> None:
        super().__init__()
        self._note = note
        self._is_seen = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            not self._is_seen
            and event.type() is QEvent.Type.Paint
            and isinstance(watched, MainWindow)
        ):
            self._is_seen = True
            # runs after the whole window has been painted
            QTimer.singleShot(0, watched, lambda: self._painted(watched))
        return False

    def _painted(self, window: MainWindow) -> None:
        self._note.write_text(repr(time.time()))
        window.close()


if __name__ == "__main__":
    watch = _FirstPaint(Path(sys.argv[1]))
    application().installEventFilter(watch)
    sys.argv = ["spineviewer"]
    runpy.run_module("spineviewer", run_name="__main__")
