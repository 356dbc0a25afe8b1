"""A function call after a delay, which can be postponed or stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Delay(Protocol):
    """Calls its function once, a fixed time after the last start."""

    def start(self) -> None:
        """Start waiting, or start again if already waiting."""

    def stop(self) -> None:
        """Stop waiting without calling the function."""

    @property
    def is_waiting(self) -> bool:
        """Whether the delay has been started but has not called the function yet."""


#: Makes a delay from its length in milliseconds and the function to call. The function is called
#: in the thread that starts the delay.
DelayFactory = Callable[[int, Callable[[], None]], Delay]
