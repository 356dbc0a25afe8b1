"""How long work reports where it stands, and how it is told to stop."""

from __future__ import annotations

import threading
from typing import Protocol

from spineviewer.errors import Cancelled


class Progress(Protocol):
    """What a job calls while it works. One method, so that anything can listen."""

    def step(self, stage: str, fraction: float) -> None:
        """Report that `stage` is done to `fraction` (0 to 1).

        Raises
        ------
        Cancelled
            When the person asked to stop. Jobs call this at least every half second and let it pass.
        """


class SilentProgress:
    """Reports to nobody and is never cancelled."""

    def step(self, stage: str, fraction: float) -> None:
        pass


class Pausable(Progress, Protocol):
    """A progress that can also ask the work to rest."""

    @property
    def is_paused(self) -> bool:
        """Whether to rest now, until this is no longer so."""


class CancellableProgress:
    """Remembers the last report; `cancel` makes the next `step` raise.

    Thread ownership: `cancel` may be called from any thread, `step` from the working one.
    """

    def __init__(self, inner: Progress | None = None) -> None:
        self._inner: Progress = inner or SilentProgress()
        self._cancel_asked = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next report."""
        self._cancel_asked.set()

    def step(self, stage: str, fraction: float) -> None:
        if self._cancel_asked.is_set():
            raise Cancelled
        self._inner.step(stage, fraction)
