"""Repainting of the window within the paint budget."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QWidget

from spineviewer.gui.viewing.composing_threads import ComposingThreads
from spineviewer.gui.viewing.view_area import ViewArea


class Repainter:
    """Repaints a window, or postpones this to the next iteration if the budget is closed.

    Thread ownership: GUI thread.

    Parameters
    ----------
    is_computer_free
        Returns whether no job competes with the threads that compose pictures.
    """

    def __init__(
        self, window: QWidget, area: ViewArea, is_computer_free: Callable[[], bool]
    ) -> None:
        self._window, self._budget = window, area.budget
        self._threads = ComposingThreads(area.cuts, area.budget)
        self._is_computer_free = is_computer_free
        self._is_due = False
        area.budget.iteration_started.connect(self._request_if_due)

    def run(self, repaint: Callable[[], bool]) -> bool:
        """Repaint and return the result of `repaint`, or postpone it and return True.

        Like `QWidget.event`, `repaint` returns whether the event was handled.
        """
        if self._budget.is_closed:
            self._is_due = True
            return True
        composing = self._threads.composing(is_computer_free=self._is_computer_free())
        with self._budget.repainting(), composing:
            return repaint()

    def end_threads(self) -> None:
        """End the threads that compose pictures."""
        self._threads.end()

    def _request_if_due(self) -> None:
        if self._is_due:
            self._is_due = False
            QCoreApplication.postEvent(self._window, QEvent(QEvent.Type.UpdateRequest))
