"""The only bridge between worker threads and the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from spineviewer.app.job_runner import JobRunner


class ThreadBridge(QObject):
    """Runs functions posted by workers in the GUI thread, through its event loop.

    Thread ownership: created in the GUI thread; `post` may be called from any thread.
    """

    _posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._posted.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        """Schedule a function call."""
        self._posted.emit(call)

    @Slot(object)
    def _call(self, call: Callable[[], None]) -> None:
        call()


def qt_job_runner() -> JobRunner:
    """Return a runner whose callbacks arrive in the GUI thread."""
    return JobRunner(ThreadBridge().post)
