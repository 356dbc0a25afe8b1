"""The mouse over a view: the tools of its buttons, clicks, drags, and the wheel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from spineviewer.gui.viewing.tool import Tool
from spineviewer.gui.viewing.viewing_tools import PanTool, ZoomTool

if TYPE_CHECKING:
    from spineviewer.gui.viewing.cut_view import CutView

#: A press counts as a click if the pointer moves less than this.
_CLICK_PX = 4
_WHEEL_STEP = 120


@dataclass
class _Gesture:
    """A pressed mouse button: its tool, start position and last position."""

    tool: Tool
    button: Qt.MouseButton
    start: QPoint
    last: QPoint
    is_drag: bool = False


class CutMouse:
    """Passes the mouse to the tools of a view.

    Thread ownership: GUI thread.
    """

    def __init__(self, view: CutView) -> None:
        self._view = view
        self._gesture: _Gesture | None = None
        self._pan, self._zoom = PanTool(), ZoomTool()
        self._wheel_rest = 0

    def press(self, event: QMouseEvent) -> None:
        """Begin a click or a drag, unless another button is pressed."""
        if self._gesture is None:
            at, button = event.position(), event.button()
            self._gesture = _Gesture(self._tool_of(button, at), button, at.toPoint(), at.toPoint())
            self._gesture.tool.press(self._view, at)

    def move(self, event: QMouseEvent) -> None:
        """Continue a drag; without one, show what the tool would do."""
        at, gesture = event.position(), self._gesture
        if gesture is None:
            self._usable_tool.hover(self._view, at)
            self._show_cursor(at)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._view.pick(at)
            return
        here = at.toPoint()
        gesture.is_drag |= (here - gesture.start).manhattanLength() >= _CLICK_PX
        if gesture.is_drag or gesture.tool.is_immediate:
            step, gesture.last = here - gesture.last, here
            gesture.tool.drag(self._view, at, QPointF(step))

    def release(self, event: QMouseEvent) -> None:
        """End a drag, or do what a click means."""
        gesture, view = self._gesture, self._view
        if gesture is None or event.button() is not gesture.button:
            return
        self._gesture = None
        gesture.tool.release(view, event.position(), was_dragged=gesture.is_drag)
        if view.tool.is_drawing:
            view.annotate_again()  # its hint says how to continue
        if gesture.is_drag:
            return
        if gesture.tool.picks and gesture.button is Qt.MouseButton.LeftButton:
            view.pick(event.position())
        if gesture.button is Qt.MouseButton.RightButton:
            view.menu_requested.emit(event.globalPosition().toPoint())

    def double_click(self, event: QMouseEvent) -> bool:
        """Do what a double-click means; return False if it is a second press."""
        view, is_left = self._view, event.button() is Qt.MouseButton.LeftButton
        if is_left and self._usable_tool.double_click(view, event.position()):
            return True
        if view.tool.picks and is_left:
            view.maximise_requested.emit()
        return view.tool.picks

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, otherwise scroll."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._view.zoom_by(1.0015**delta, event.position())
            return
        self._wheel_rest += delta
        steps = int(self._wheel_rest / _WHEEL_STEP)
        self._wheel_rest -= steps * _WHEEL_STEP
        if steps:
            self._view.scroll_by(steps)

    @property
    def _usable_tool(self) -> Tool:
        """The chosen tool, or a tool that does nothing if it is unusable in this picture."""
        return (
            self._view.tool
            if self._view.cut is not None and self._view.tool.works_in(self._view.cut)
            else Tool()
        )

    def _tool_of(self, button: Qt.MouseButton, at: QPointF) -> Tool:
        if button is Qt.MouseButton.MiddleButton:
            return self._pan
        if button is Qt.MouseButton.RightButton:
            return self._zoom
        if button is not Qt.MouseButton.LeftButton:
            return Tool()
        return self._grip_at(at) or self._usable_tool

    def _grip_at(self, at: QPointF) -> Tool | None:
        """Return the tool for the handle at a point.

        Handles take precedence over tools that yield to them.
        """
        if not self._usable_tool.yields_to_marks:
            return None
        grips = (marks.grip_at(self._view, at) for marks in self._view.marks)
        return next((grip for grip in grips if grip is not None), None)

    def _show_cursor(self, at: QPointF) -> None:
        cursor = (self._grip_at(at) or self._view.tool).cursor
        if self._view.viewport().cursor().shape() is not cursor:
            self._view.viewport().setCursor(cursor)
