"""What a mouse tool is: what the left button does in a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from spineviewer.volume.cuts import Cut

if TYPE_CHECKING:
    from spineviewer.gui.viewing.cut_view import CutView


class Tool:
    """A tool that does nothing but leave clicks to the crosshair.

    What others do beyond that, they override.

    One object serves all views. Positions are in the widget's logical pixels.

    Thread ownership: GUI thread.

    Attributes
    ----------
    name
        Identifies it.
    picks
        Whether a click without a drag moves the crosshair, and a double click maximises the view.
    is_immediate
        Whether it follows the pointer from the press on; others wait until a click has become a
        drag.
    yields_to_marks
        Whether a press on the handle of a mark belongs to the mark.
    follows_crosshair
        Whether what it paints moves with the crosshair.
    is_correcting
        Whether it changes the mask.
    """

    name = ""
    cursor = Qt.CursorShape.ArrowCursor
    picks = True
    is_immediate = False
    yields_to_marks = True
    follows_crosshair = False
    is_correcting = False

    def works_in(self, cut: Cut) -> bool:
        """Return whether it can be used in a picture; in others clicks belong to the crosshair."""
        return True

    def hint(self, cut: Cut) -> str:
        """Return what the user should know about it in this picture, translated."""
        return ""

    @property
    def is_drawing(self) -> bool:
        """Whether something is half drawn."""
        return False

    def press(self, view: CutView, at: QPointF) -> None:
        """Begin."""

    def drag(self, view: CutView, at: QPointF, step: QPointF) -> None:
        """Follow the pointer, which has moved by `step` while the button is held."""

    def release(self, view: CutView, at: QPointF, *, was_dragged: bool) -> None:
        """End; a press that moved less than a few pixels was not dragged."""

    def hover(self, view: CutView, at: QPointF) -> None:
        """Follow the pointer while no button is held."""

    def leave(self, view: CutView) -> None:
        """Handle the pointer leaving a view."""

    def double_click(self, view: CutView, at: QPointF) -> bool:
        """Return whether a double click was for this tool."""
        return False

    def cut_changed(self, view: CutView) -> None:
        """Handle another picture in a view."""

    def cancel(self) -> None:
        """Drop what is half drawn."""

    def paint(self, view: CutView, painter: QPainter) -> None:
        """Paint its preview or handles over a picture, in the widget's pixels."""
