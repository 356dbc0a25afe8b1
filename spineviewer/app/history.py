"""One history of what was done to a scan by hand, in the order in which it was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: Steps that can be undone; older ones are final.
MAX_STEPS = 1000


@dataclass(frozen=True, eq=False)
class Step:
    """Something that was done and can be undone.

    Attributes
    ----------
    undo, redo
        Each says whether there was still something to do: a layer of corrections forgets its oldest steps by itself.
    """

    name: str
    undo: Callable[[], bool]
    redo: Callable[[], bool]


@dataclass(frozen=True, eq=False)
class History:
    """The steps that were done, and those that were undone since, the newest of each last."""

    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()

    def with_step(self, step: Step) -> History:
        """Return the history after another step; what was undone before cannot be redone after it."""
        return History((*self.done, step)[-MAX_STEPS:])

    def without_last(self, *, is_kept: bool) -> History:
        """Return the history with the last step undone, or forgotten where it could not be."""
        return History(self.done[:-1], (*self.undone, self.done[-1]) if is_kept else self.undone)

    def with_next(self, *, is_kept: bool) -> History:
        """Return the history with the step redone that was undone last, or forgotten where it could not be."""
        return History((*self.done, self.undone[-1]) if is_kept else self.done, self.undone[:-1])
