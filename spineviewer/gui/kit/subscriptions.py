"""Connections from signals of `app` to widgets, which the signals outlive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psygnal import SignalInstance


class Subscriptions:
    """Connections to signals of `app` that must end when their widget is deleted.

    Thread ownership: GUI thread.
    """

    def __init__(self) -> None:
        self._connections: list[tuple[SignalInstance, Callable[..., Any]]] = []

    def add(self, signal: SignalInstance, call: Callable[..., Any]) -> None:
        """Connect a signal until `end` is called."""
        signal.connect(call)
        self._connections.append((signal, call))

    def end(self) -> None:
        """End all connections."""
        for signal, call in self._connections:
            signal.disconnect(call)
        self._connections.clear()
