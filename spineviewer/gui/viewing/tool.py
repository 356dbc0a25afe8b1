"""The base class of mouse tools for the left button, and the protocol of draggable marks."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from spineviewer.gui.viewing.source import Canvas
from spineviewer.volume.cuts import Cut


class Tool:
    """The base class of all tools; as it is, it only moves the crosshair when clicked.

    Subclasses override what they need. One object serves all views. Positions are in the widget's
    logical pixels.

    Thread ownership: GUI thread.

    Attributes
    ----------
    name
        Identifies the tool.
    picks
        Whether a click without a drag moves the crosshair, and a double-click maximises the view.
    is_immediate
        Whether the tool follows the pointer from the moment of the press; other tools wait until
        the press becomes a drag.
    yields_to_marks
        Whether a press on a mark's handle drags the mark instead of using the tool.
    follows_crosshair
        Whether the tool's handles move with the crosshair.
    is_correcting
        Whether the tool changes the mask.
    instruction
        How to use the tool, marked, for the status bar; empty if the name is enough.
    """

    name = ""
    cursor = Qt.CursorShape.ArrowCursor
    picks = True
    is_immediate = False
    yields_to_marks = True
    follows_crosshair = False
    is_correcting = False
    instruction = ""

    def works_in(self, cut: Cut) -> bool:
        """Return whether the tool can be used in a picture; otherwise clicks move the crosshair."""
        return True

    def hint(self, cut: Cut) -> str:
        """Return a hint for the user in this picture, translated; empty if there is none."""
        return ""

    @property
    def is_drawing(self) -> bool:
        """Whether there is an incomplete drawing."""
        return False

    def press(self, view: Canvas, at: QPointF) -> None:
        """Handle a press of the button."""

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        """Handle a movement by `step` while the button is held down."""

    def release(self, view: Canvas, at: QPointF, *, was_dragged: bool) -> None:
        """Handle the release; `was_dragged` is False if the pointer moved only a few pixels."""

    def abandon(self, view: Canvas) -> bool:
        """Undo what the drag in progress has changed; return False if that is impossible."""
        return False

    def hover(self, view: Canvas, at: QPointF) -> None:
        """Handle a movement with no button pressed."""

    def leave(self, view: Canvas) -> None:
        """Handle the pointer leaving a view."""

    def double_click(self, view: Canvas, at: QPointF) -> bool:
        """Handle a double-click; return whether the tool used it."""
        return False

    def finish(self, view: Canvas) -> bool:
        """Complete an incomplete drawing; return whether there was one that could be completed."""
        return False

    def cut_changed(self, view: Canvas) -> None:
        """Handle a change of the picture in a view."""

    def cancel(self) -> None:
        """Discard an incomplete drawing."""

    def paint(self, view: Canvas, painter: QPainter) -> None:
        """Paint a preview or handles over a picture, in the widget's pixels."""


class Marks(Protocol):
    """Draggable marks over the picture of a view."""

    def paint(self, view: Canvas, painter: QPainter) -> None:
        """Paint the marks, in the widget's pixels."""

    def grip_at(self, view: Canvas, at: QPointF) -> Tool | None:
        """Return the tool that drags the mark at a position; None if there is no mark."""
