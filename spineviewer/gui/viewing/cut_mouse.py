"""The mouse over a view: tools for its buttons, clicks, drags, and the wheel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPointF, Qt, SignalInstance
from PySide6.QtGui import QMouseEvent, QWheelEvent

from spineviewer.gui.viewing.press import Press
from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Marks, Tool
from spineviewer.gui.viewing.view_annotations import ViewAnnotations
from spineviewer.gui.viewing.viewing_tools import PanTool, ZoomTool

_WHEEL_STEP = 120


class View(Canvas, Protocol):
    """A view whose mouse events are handled here."""

    tool: Tool
    marks: Sequence[Marks]
    annotations: ViewAnnotations

    @property
    def menu_requested(self) -> SignalInstance:
        """Signal that requests the menu at a position on the screen."""

    @property
    def maximise_requested(self) -> SignalInstance:
        """Signal that requests that the view be maximised, or restored."""

    def scroll_by(self, steps: int) -> None:
        """Request the slice this many steps away."""


class CutMouse:
    """Passes mouse events on to the tools of a view.

    Thread ownership: GUI thread.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._press: Press | None = None
        self._pressed_tool = Tool()
        self._pan, self._zoom = PanTool(), ZoomTool()
        self._wheel_remainder = 0

    def press(self, event: QMouseEvent) -> None:
        """Begin a click or a drag, unless another button is pressed."""
        if self._press is None:
            self._press = Press.from_event(event)
            self._pressed_tool = self._tool_for(event.button(), event.position())
            self._pressed_tool.press(self._view, event.position())

    def move(self, event: QMouseEvent) -> None:
        """Continue a drag; otherwise show what the tool would do. Shift moves the crosshair."""
        at, press = event.position(), self._press
        if press is None:
            self._usable_tool.hover(self._view, at)
            self._show_cursor(at)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._view.pick(at)
            return
        if not event.buttons() & press.button:  # the button was released elsewhere
            self.end_press()
            return
        press.move(at)
        if press.is_drag or self._pressed_tool.is_immediate:
            self._pressed_tool.drag(self._view, at, press.step_to(at))

    def release(self, event: QMouseEvent) -> None:
        """End a drag, or handle a click."""
        press, tool, view = self._press, self._pressed_tool, self._view
        if press is None or event.button() is not press.button:
            return
        self._press = None
        tool.release(view, event.position(), was_dragged=press.is_drag)
        if not view.tool.picks:
            view.annotations.update()  # the tool's hint says how to continue
        if press.is_drag:
            return
        if tool.picks and press.button is Qt.MouseButton.LeftButton:
            view.pick(event.position())
        if press.button is Qt.MouseButton.RightButton:
            view.menu_requested.emit(event.globalPosition().toPoint())

    def end_press(self) -> None:
        """End a click or a drag where the pointer was last, without waiting for the release."""
        press, self._press = self._press, None
        if press is not None and (press.is_drag or self._pressed_tool.is_immediate):
            at = QPointF(press.last)
            self._pressed_tool.release(self._view, at, was_dragged=press.is_drag)

    def abandon_press(self) -> bool:
        """Undo a drag while the button is still down; return False if there is nothing to undo."""
        if self._press is None or not self._pressed_tool.abandon(self._view):
            return False
        self._press = None
        return True

    def double_click(self, event: QMouseEvent) -> bool:
        """Handle a double-click; return False if it is to be handled as a second press."""
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
        self._wheel_remainder += delta
        steps = int(self._wheel_remainder / _WHEEL_STEP)
        self._wheel_remainder -= steps * _WHEEL_STEP
        if steps:
            self._view.scroll_by(steps)

    @property
    def _usable_tool(self) -> Tool:
        """The selected tool; if it does not work here, one that only moves the crosshair."""
        return (
            self._view.tool
            if self._view.cut is not None and self._view.tool.works_in(self._view.cut)
            else Tool()
        )

    def _tool_for(self, button: Qt.MouseButton, at: QPointF) -> Tool:
        if button is Qt.MouseButton.MiddleButton:
            return self._pan
        if button is Qt.MouseButton.RightButton:
            return self._zoom
        if button is not Qt.MouseButton.LeftButton:
            return Tool()
        return self._grip_at(at) or self._usable_tool

    def _grip_at(self, at: QPointF) -> Tool | None:
        """Return the tool that drags the handle at a position; None if there is none.

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
