"""Delays timed by Qt's event loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer


class QtDelay:
    """Calls a function once, a fixed time after the latest start (see `app.delay.Delay`).

    Thread ownership: GUI thread.
    """

    def __init__(self, wait_ms: int, call: Callable[[], None]) -> None:
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(wait_ms)
        self._timer.timeout.connect(call)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @property
    def is_waiting(self) -> bool:
        return self._timer.isActive()
