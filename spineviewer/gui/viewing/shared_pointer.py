"""The pointer, which only the view under the mouse shows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from spineviewer.gui.viewing.cut_view import CutView


class SharedPointer:
    """Takes the pointer from a view when the mouse is over another one.

    Thread ownership: GUI thread.
    """

    def __init__(self, cuts: Sequence[CutView]) -> None:
        self._cuts = cuts
        for cut in cuts:
            cut.hovered.connect(partial(self._take, cut))

    def hand_over(self) -> None:
        """Notify a view that has moved under a resting mouse, because Qt sends no event then."""
        pointer = next((view.pointer for view in self._cuts if view.pointer is not None), None)
        if pointer is None:
            return
        visible = (view for view in self._cuts if view.isVisible())
        under = next(
            (
                view
                for view in visible
                if view.rect().contains(view.mapFromGlobal(pointer.toPoint()))
            ),
            None,
        )
        for view in self._cuts:
            if view is not under and view.pointer is not None:
                view.point_at(None)
        if under is not None:
            under.point_at(pointer)

    def _take(self, view: CutView, _state: object, index: object) -> None:
        """Track the pointer in the view under the mouse only."""
        if index is not None:
            for other in self._cuts:
                if other is not view and other.pointer is not None:
                    other.lose_pointer()
