"""The pointer, which only the view under the mouse shows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from spineviewer.gui.viewing.cut_view import CutView


class SharedPointer(QObject):
    """Takes the pointer from a view when the mouse is over another one, or over something else.

    Thread ownership: GUI thread.
    """

    def __init__(self, cuts: Sequence[CutView], parent: QWidget) -> None:
        super().__init__(parent)
        self._cuts = cuts
        for cut in cuts:
            cut.hovered.connect(partial(self._take, cut))

    def hand_over(self) -> None:
        """Notify a view that has moved under a resting mouse, because Qt sends no event then."""
        pointer = next(
            (view.hover.pointer for view in self._cuts if view.hover.pointer is not None), None
        )
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
            if view is not under and view.hover.pointer is not None:
                view.hover.point_at(None)
        if under is not None:
            under.hover.point_at(pointer)

    def watch(self, *surroundings: QWidget) -> None:
        """Take the pointer from all views when the mouse enters one of these widgets.

        A view that a new layout has moved under a resting mouse is not notified when the mouse
        leaves.
        """
        for widget in surroundings:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Enter:
            for view in self._cuts:
                if view.hover.pointer is not None:
                    view.hover.point_at(None)
        return False

    def _take(self, view: CutView, _state: object, index: object) -> None:
        """Track the pointer in the view under the mouse only."""
        if index is not None:
            for other in self._cuts:
                if other is not view and other.hover.pointer is not None:
                    other.hover.lose()
