"""A limit on the painting per iteration of the event loop, so that the window stays responsive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer, Signal

#: Time per iteration for new pictures of all views, in seconds. A picture that has been started is
#: always finished. Choice: one frame.
_BUDGET_S = 0.016


class PaintBudget(QObject):
    """Limits the painting per iteration of the event loop.

    It decides whether the window may repaint in this iteration, and whether a view may compose a
    new picture or keeps showing the previous one. The limit applies only while the window
    repaints: at any other time, a view composes its picture as soon as it is requested.

    Thread ownership: GUI thread.
    """

    #: The next iteration has started.
    iteration_started = Signal()
    #: A view that had to wait may compose now.
    admitted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_closed = False
        #: Whether the last picture used up the budget of a whole iteration.
        self.is_picture_slow = True
        self._is_repainting = False
        self._left_s = _BUDGET_S
        self._waiting: list[object] = []
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.timeout.connect(self._begin)

    def close(self) -> None:
        """Stop repainting in this iteration, and compose no pictures in the next one."""
        self.is_closed = True
        self._next.start()

    @contextmanager
    def repainting(self) -> Iterator[None]:
        """Distribute the budget among the views while the window repaints."""
        self._is_repainting = True
        try:
            yield
        finally:
            self._is_repainting = False

    def admits(self, view: object, *, is_first: bool) -> bool:
        """Return whether a view may compose now.

        If not, `admitted` is emitted later; a view with `is_first` comes before other views.
        """
        if not self._is_repainting or self._left_s > 0:
            return True
        if view not in self._waiting:
            self._waiting.insert(0 if is_first else len(self._waiting), view)
        self._next.start()
        return False

    def spend(self, seconds: float) -> None:
        """Record how many seconds it took to compose and paint a new picture."""
        self.is_picture_slow = seconds > _BUDGET_S
        if self._is_repainting:
            self._left_s -= seconds
            self._next.start()

    def _begin(self) -> None:
        self._left_s = 0.0 if self.is_closed else _BUDGET_S
        self.is_closed = False
        self.iteration_started.emit()
        if self._waiting:
            self.admitted.emit(self._waiting.pop(0))
        if self._waiting or not self._left_s:
            self._next.start()
