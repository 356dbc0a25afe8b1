"""A pressed mouse button, and whether it has become a drag."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent

#: A press counts as a click if the pointer moves less than this.
CLICK_PX = 4


@dataclass
class Press:
    """A pressed button, with the positions of the press and of the last step."""

    button: Qt.MouseButton
    start: QPoint
    last: QPoint
    is_drag: bool = False

    @classmethod
    def from_event(cls, event: QMouseEvent) -> Press:
        position = event.position().toPoint()
        return cls(event.button(), position, position)

    def move(self, at: QPointF) -> None:
        """Record a movement, which makes the press a drag if it is long enough."""
        self.is_drag |= (at.toPoint() - self.start).manhattanLength() >= CLICK_PX

    def step_to(self, at: QPointF) -> QPointF:
        """Return the movement since the last step, and begin the next one."""
        step, self.last = at.toPoint() - self.last, at.toPoint()
        return QPointF(step)
