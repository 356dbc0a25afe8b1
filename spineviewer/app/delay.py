"""Something that is done after a while, unless it is put off or stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Delay(Protocol):
    """Calls its function once, some time after the last start."""

    def start(self) -> None:
        """Begin to wait, from the start if it waited already."""

    def stop(self) -> None:
        """Do not call."""

    @property
    def is_waiting(self) -> bool:
        """Whether it was started and has not called yet."""


#: Makes a delay of this many milliseconds; the function is called in the thread that started it.
Delays = Callable[[int, Callable[[], None]], Delay]
