"""Requests from the operating system to end the program, such as at logout."""

from __future__ import annotations

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class EndRequests(QObject):
    """Announces SIGTERM and SIGINT in the event loop, until `stop` is called.

    Python runs signal handlers only between bytecode instructions, and Qt's idle event loop
    executes none. A socket therefore wakes the loop. It also holds requests that arrive before
    `listen`, so that none interrupts the start of the program.

    Thread ownership: GUI thread, which must be Python's main thread.
    """

    received = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._writing.setblocking(False)
        self._notifier: QSocketNotifier | None = None
        self._old_fd = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)
        self._old_handlers = [(number, signal.signal(number, _ignore)) for number in _SIGNALS]

    def listen(self) -> None:
        """Start announcing requests, including earlier ones; there must be an application."""
        self._notifier = QSocketNotifier(self._reading.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def stop(self) -> None:
        """Restore the earlier handlers."""
        for number, handler in self._old_handlers:
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_fd)
        if self._notifier is not None:
            self._notifier.setEnabled(False)
        self._reading.close()
        self._writing.close()

    def _on_signal(self) -> None:
        numbers = self._reading.recv(64)  # other signals wake the event loop, too
        if any(number in _SIGNALS for number in numbers):
            self.received.emit()


def _ignore(*_: object) -> None:
    """Do nothing; the default handler would end the program at once."""
