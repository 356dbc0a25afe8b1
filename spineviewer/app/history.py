"""One history of all manual changes to a scan, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: Steps that can be undone; older ones are final.
MAX_STEPS = 1000


@dataclass(frozen=True, eq=False)
class Step:
    """A change that can be undone.

    Attributes
    ----------
    undo, redo
        Each returns whether there was still something to do: a layer of corrections drops its
        oldest steps by itself.
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
        """Return the history after another step; undone steps can no longer be redone."""
        return History((*self.done, step)[-MAX_STEPS:])

    def without_last(self, *, is_kept: bool) -> History:
        """Return the history with the last step undone, or dropped if it could not be."""
        return History(self.done[:-1], (*self.undone, self.done[-1]) if is_kept else self.undone)

    def with_next(self, *, is_kept: bool) -> History:
        """Return the history with the last undone step redone, or dropped if it could not be."""
        return History((*self.done, self.undone[-1]) if is_kept else self.done, self.undone[:-1])
