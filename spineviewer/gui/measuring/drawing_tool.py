"""Tools that draw measurements with the mouse and drag their points and labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from spineviewer.gui.kit.language import tr
from spineviewer.gui.measuring.painting import paint_measurement
from spineviewer.gui.viewing.annotations import paint_beside_pointer
from spineviewer.gui.viewing.press import CLICK_PX
from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Tool
from spineviewer.measuring_tools.measurement import Measurement, MeasuringTool
from spineviewer.measuring_tools.registry import MEASURING_TOOLS
from spineviewer.volume.cuts import Cut, PlaneCut, RotatedCut
from spineviewer.volume.geometry import Triple
from spineviewer.volume.rotation import Rotation

#: Maximum distance in pixels at which the pointer grabs a point.
GRAB_PX = 9
#: Maximum distance from a slice at which a point counts as being in it.
_SAME_SLICE_MM = 1e-3
#: Offset of a note's text from the clicked point, in pixels.
_TEXT_OFFSET = QPointF(40, -30)


class Measurements(Protocol):
    """Operations that the tools use to add and change measurements."""

    def add(self, measurement: Measurement, /) -> None:
        """Add a drawn measurement."""

    def drag(self, number: int, measurement: Measurement, /) -> None:
        """Show a measurement while it is dragged."""

    def drop(self) -> None:
        """End a drag, which becomes one step in the history."""

    def abandon(self) -> None:
        """End a drag, and restore the measurement."""

    def choose(self, number: int, /) -> None:
        """Select a measurement."""


class DrawingTool(Tool):
    """Draws one kind of measurement while the user clicks points or drags from one to the next.

    A drag always draws a whole line: if a click has begun a line, a drag begins the line again,
    because the click was probably accidental.
    """

    picks = False
    is_immediate = True
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, tool: MeasuringTool, measurements: Measurements) -> None:
        self.name = tool.name
        self._tool, self._measurements = tool, measurements
        self._view: Canvas | None = None
        self._points: list[Triple] = []
        self._drawn_in: Cut | None = None
        self._pending: Triple | None = None
        #: Where the line that a click has begun will end; a drag from here begins the line again.
        self._clicked_end: Triple | None = None
        #: Where the button was pressed beside the picture.
        self._missed_at: QPointF | None = None

    @property
    def yields_to_marks(self) -> bool:  # type: ignore[override]  # False while it waits for the next point
        return not self._points

    @property
    def is_drawing(self) -> bool:
        return bool(self._points)

    def works_in(self, cut: Cut) -> bool:
        return cut.is_to_scale

    def hint(self, cut: Cut) -> str:
        if not cut.is_to_scale:
            return tr("measuring is not possible in curved views")
        steps = self._tool.steps
        return tr(steps[min(len(self._points), len(steps) - 1)]) if steps else ""

    def press(self, view: Canvas, at: QPointF) -> None:
        """Set the next point; a point that ends a line is set on release.

        A click on the first corner closes a polygon.
        """
        if view is not self._view:
            self.cancel()
        self._view, self._missed_at = view, None
        if self._is_closable and is_near(view, at, self._points[0]):
            self._finish(view)
        elif (index := view.index_at(at)) is not None:
            if self._is_line_begun:
                self._clicked_end = index
            else:
                self._set_point(view, index)
        else:
            self._missed_at = at
        view.viewport().update()

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        """Draw a line from the point where the button was pressed."""
        if self._clicked_end is not None and not is_near(view, at, self._clicked_end, CLICK_PX):
            self._points[-1], self._clicked_end = self._clicked_end, None
        self.hover(view, at)

    def hover(self, view: Canvas, at: QPointF) -> None:
        if self._points and view is self._view and (index := view.index_at(at)) is not None:
            self._pending = index
            view.viewport().update()

    def release(self, view: Canvas, at: QPointF, *, was_dragged: bool) -> None:
        """End a line after a drag or a second click; after any click, place the text of a note."""
        clicked_end, self._clicked_end = self._clicked_end, None
        if clicked_end is not None:
            self._set_point(view, clicked_end)
            return
        if not self._points or (index := view.index_at(at)) is None:
            return
        if was_dragged:
            self._set_point(view, index)
        elif self._tool.is_text:  # the text is beside the clicked point
            text_at = view.index_at(at + _TEXT_OFFSET) or view.index_at(at - _TEXT_OFFSET) or index
            self._set_point(view, text_at)

    def double_click(self, view: Canvas, at: QPointF) -> bool:
        if not self._is_closable:
            return False
        self._finish(view)
        return True

    def finish(self, view: Canvas) -> bool:
        if view is not self._view or not self._is_closable:
            return False
        self._finish(view)
        return True

    def cut_changed(self, view: Canvas) -> None:
        """Discard an incomplete measurement if its slice is no longer shown.

        If the tool projects points and the slice shown now is parallel, they are instead projected
        onto it.
        """
        if view is not self._view or not self._points:
            return
        cut, drawn = view.cut, self._drawn_in
        if cut is not None and self._tool.is_projected and _are_parallel(cut, drawn):
            self._drawn_in = cut
            self._points = [cut.index_at(cut.on_screen_mm(point)) for point in self._points]
            self._pending = None
        elif cut is None or any(
            abs(cut.across_mm(point)) > _SAME_SLICE_MM for point in self._points
        ):
            self.cancel()

    def cancel(self) -> None:
        self._points.clear()
        self._pending = self._clicked_end = self._missed_at = None

    def paint(self, view: Canvas, painter: QPainter) -> None:
        if view is self._view and self._points:
            pending = () if self._pending is None else (self._pending,)
            points = [view.widget_position(point) for point in (*self._points, *pending)]
            paint_measurement(painter, self._tool, points, is_complete=False)
        if view is self._view and self._missed_at is not None:
            size_px = view.viewport().width(), view.viewport().height()
            paint_beside_pointer(painter, self._missed_at, tr("Measure inside the image"), size_px)

    @property
    def _is_closable(self) -> bool:
        return self._tool.point_count is None and self._tool.accepts(len(self._points))

    @property
    def _is_line_begun(self) -> bool:
        """Whether the next point ends a line that a click has begun."""
        return self._tool.point_count is not None and len(self._points) % 2 == 1

    def _set_point(self, view: Canvas, index: Triple) -> None:
        """Set the next point, unless it coincides with the other end of its line.

        A line that ends where it began is discarded. On the corner of an angle, the click is
        ignored.
        """
        at = view.widget_position(index)
        if _is_on_partner(view, at, self._tool, len(self._points), self._points):
            if self._is_line_begun:
                self._points.pop()
                self._pending = None
            return
        self._drawn_in = view.cut
        self._points.append(index)
        self._pending = index
        if self._tool.point_count is not None and self._tool.accepts(len(self._points)):
            self._finish(view)

    def _finish(self, view: Canvas) -> None:
        points = tuple(self._points)
        self.cancel()
        rotation = view.cut.rotation if isinstance(view.cut, RotatedCut) else Rotation()
        self._measurements.add(Measurement(self._tool, view.plane, points, rotation=rotation))


class PointGrip(Tool):
    """Drags a point of a measurement, whichever tool is selected."""

    picks = False
    is_immediate = True
    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, measurements: Measurements) -> None:
        self._measurements = measurements
        self._grabbed: tuple[int, int] = 0, 0

    def grab(self, number: int, point: int) -> PointGrip:
        """Grab a point of a measurement, and return the tool that drags it."""
        self._grabbed = number, point
        return self

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        """Move the point, but not onto the other end of its line."""
        index, (number, point) = view.index_at(at), self._grabbed
        if view.scene is None or index is None or number >= len(view.scene.state.measurements):
            return
        measurement = view.scene.state.measurements[number]
        if not _is_on_partner(view, at, measurement.tool, point, measurement.points_zyx):
            self._measurements.drag(number, measurement.with_point(point, index))

    def release(self, view: Canvas, at: QPointF, *, was_dragged: bool) -> None:
        self._measurements.drop()
        self._measurements.choose(self._grabbed[0])

    def abandon(self, view: Canvas) -> bool:
        self._measurements.abandon()
        return True

    def cancel(self) -> None:
        self._measurements.drop()


class LabelGrip(Tool):
    """Drags the label of a measurement, whichever tool is selected."""

    picks = False
    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, measurements: Measurements) -> None:
        self._measurements = measurements
        self._number, self._corner = 0, QPointF()

    def grab(self, number: int, corner: QPointF) -> LabelGrip:
        """Grab the label with this upper left corner, and return the tool that drags it."""
        self._number, self._corner = number, corner
        return self

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        self._corner += step
        if view.scene is None or self._number >= len(view.scene.state.measurements):
            return
        measurement = view.scene.state.measurements[self._number]
        offset_px = self._corner - view.widget_position(measurement.points_zyx[0])
        offset = offset_px * view.framing.camera.mm_per_px
        self._measurements.drag(self._number, measurement.with_label(offset.x(), offset.y()))

    def release(self, view: Canvas, at: QPointF, *, was_dragged: bool) -> None:
        self._measurements.drop()
        self._measurements.choose(self._number)

    def abandon(self, view: Canvas) -> bool:
        self._measurements.abandon()
        return True


def is_near(view: Canvas, at: QPointF, index: Triple, max_px: float = GRAB_PX) -> bool:
    """Return whether the pointer is close enough to a point, by default to grab it."""
    offset = view.widget_position(index) - at
    return math.hypot(offset.x(), offset.y()) <= max_px


def _is_on_partner(
    view: Canvas, at: QPointF, tool: MeasuringTool, number: int, points: Sequence[Triple]
) -> bool:
    """Return whether point `number`, if moved to `at`, would be on the other end of its line."""
    others = (points[other] for other in tool.partners(number) if other < len(points))
    return any(is_near(view, at, other, CLICK_PX) for other in others)


def _are_parallel(one: Cut, other: Cut | None) -> bool:
    """Return whether two cuts of one view show parallel planes."""
    if other is None or one.geometry != other.geometry:
        return False
    if isinstance(one, RotatedCut) and isinstance(other, RotatedCut):
        return one.rotation == other.rotation
    return isinstance(one, PlaneCut) and isinstance(other, PlaneCut)


def measuring_tools(measurements: Measurements) -> tuple[Tool, ...]:
    """Return a tool for each kind of measurement."""
    return tuple(DrawingTool(tool, measurements) for tool in MEASURING_TOOLS)
