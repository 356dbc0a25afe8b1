"""Mouse tools that change the display."""

from __future__ import annotations

import math
from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Tool
from spineviewer.volume.cuts import CurvedCut
from spineviewer.volume.planes import Plane

#: Minimum distance from the crosshair for a rotation; closer to it, the angle is too inaccurate.
_MIN_RADIUS_PX = 9
#: Distance of the handles from the crosshair, as a fraction of the view's shorter side.
_HANDLE_FRACTION = 0.3


class Display(Protocol):
    """Operations that the tools need."""

    def drag_window(self, width_px: float, level_px: float, /, *, is_second: bool) -> None:
        """Change the width and level of the first or second grey-scale window by a drag."""

    def rotate(self, plane: Plane, degrees: float, /) -> None:
        """Rotate the other planes about the crosshair, clockwise in the picture of `plane`."""


class WindowTool(Tool):
    """Changes the grey-scale window: dragging to the right widens it, down raises its level."""

    name = "window"

    def __init__(self, display: Display) -> None:
        self._display = display

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        self._display.drag_window(step.x(), step.y(), is_second=view.is_second)


class CrosshairTool(Tool):
    """Drags the point where the planes intersect."""

    name = "crosshair"

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        view.pick(at)


class PanTool(Tool):
    """Drags the picture."""

    name = "pan"

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        view.pan_by(step.x(), step.y())


class ZoomTool(Tool):
    """Zooms about the point where a drag started; a drag upwards zooms in."""

    name = "zoom"

    def __init__(self) -> None:
        self._start = QPointF()

    def press(self, view: Canvas, at: QPointF) -> None:
        self._start = QPointF(at.toPoint())

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        view.zoom_by(1.008 ** -step.y(), self._start)


class RotateTool(Tool):
    """Rotates the other planes about the crosshair; their lines follow the pointer."""

    name = "rotate"
    follows_crosshair = True
    cursor = Qt.CursorShape.OpenHandCursor

    def __init__(self, display: Display) -> None:
        self._display = display

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        if view.scene is None or view.cut is None or isinstance(view.cut, CurvedCut):
            return
        centre = view.widget_position(view.scene.state.point_zyx)
        new, old = at - centre, at - step - centre
        if min(math.hypot(new.x(), new.y()), math.hypot(old.x(), old.y())) < _MIN_RADIUS_PX:
            return
        degrees = math.degrees(math.atan2(new.y(), new.x()) - math.atan2(old.y(), old.x()))
        self._display.rotate(view.plane, (degrees + 180) % 360 - 180)

    def paint(self, view: Canvas, painter: QPainter) -> None:
        """Paint handles on the lines; dragging works anywhere in the picture."""
        if view.scene is None or isinstance(view.cut, CurvedCut):
            return
        centre = view.widget_position(view.scene.state.point_zyx)
        distance = _HANDLE_FRACTION * min(view.viewport().width(), view.viewport().height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, (right, down) in view.source.cross_lines(view.scene.state):
            for sign in (-1, 1):
                painter.setPen(QPen(QColor(0, 0, 0, 170), 3))
                painter.setBrush(QColor(colour))
                painter.drawEllipse(centre + QPointF(right, down) * (sign * distance), 5.5, 5.5)


def viewing_tools(display: Display) -> tuple[Tool, ...]:
    """Return the tools; the first is the default."""
    return WindowTool(display), CrosshairTool(), PanTool(), ZoomTool(), RotateTool(display)
