"""`python -m spineviewer.bench.first_paint FILE`: write the time of the first paint and exit.

It starts in the same way as `python -m spineviewer`, which also imports the window's modules.
"""

from __future__ import annotations

import runpy
import sys
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow


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
            and isinstance(watched, QMainWindow)
        ):
            self._is_seen = True
            # runs after the whole window has been painted
            QTimer.singleShot(0, watched, lambda: self._painted(watched))
        return False

    def _painted(self, window: QMainWindow) -> None:
        self._note.write_text(repr(time.time()))
        window.close()


if __name__ == "__main__":
    watch = _FirstPaint(Path(sys.argv[1]))
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QApplication(["spineviewer"])
    app.installEventFilter(watch)
    sys.argv = ["spineviewer"]
    runpy.run_module("spineviewer", run_name="__main__")
