"""Mouse tools: the function of the left button in a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from spineviewer.volume.cuts import Cut

if TYPE_CHECKING:
    from spineviewer.gui.viewing.cut_view import CutView


class Tool:
    """A tool that only leaves clicks to the crosshair; base of all tools.

    Subclasses override the rest.

    One object serves all views. Positions are in the widget's logical pixels.

    Thread ownership: GUI thread.

    Attributes
    ----------
    name
        Identifies it.
    picks
        Whether a click without a drag moves the crosshair, and a double click maximises the view.
    is_immediate
        Whether it follows the pointer from the press on; other tools wait until the click becomes a
        drag.
    yields_to_marks
        Whether a press on the handle of a mark belongs to the mark.
    follows_crosshair
        Whether its handles move with the crosshair.
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
        """Return whether the tool can be used in a picture; otherwise clicks move the crosshair."""
        return True

    def hint(self, cut: Cut) -> str:
        """Return a translated hint for the user in this picture."""
        return ""

    @property
    def is_drawing(self) -> bool:
        """Whether a drawing is incomplete."""
        return False

    def press(self, view: CutView, at: QPointF) -> None:
        """Handle a press of the button."""

    def drag(self, view: CutView, at: QPointF, step: QPointF) -> None:
        """Handle a movement by `step` with the button held."""

    def release(self, view: CutView, at: QPointF, *, was_dragged: bool) -> None:
        """Handle the release; `was_dragged` is False if the pointer moved only a few pixels."""

    def hover(self, view: CutView, at: QPointF) -> None:
        """Handle a movement without a button."""

    def leave(self, view: CutView) -> None:
        """Handle the pointer leaving a view."""

    def double_click(self, view: CutView, at: QPointF) -> bool:
        """Return whether the tool handles a double click."""
        return False

    def cut_changed(self, view: CutView) -> None:
        """Handle a change of the picture in a view."""

    def cancel(self) -> None:
        """Discard an incomplete drawing."""

    def paint(self, view: CutView, painter: QPainter) -> None:
        """Paint a preview or handles over a picture, in the widget's pixels."""
