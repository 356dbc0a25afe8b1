"""The three linked views and how they share the room."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from spineviewer.app.state import Reading
from spineviewer.editing.correction import Correction
from spineviewer.gui.views.frame import SecondMask, ViewedFusion
from spineviewer.gui.views.layers import Tables
from spineviewer.gui.views.slice_view import SliceView
from spineviewer.gui.views.tools import Tool
from spineviewer.volume.planes import Plane

_GAP_PX = 2

#: A rectangle as shares of the area: left, top, right, bottom.
Share = tuple[float, float, float, float]


class Layout(Enum):
    """How the views share the room."""

    SAGITTAL = "sagittal"
    COLUMN = "column"
    ROW = "row"


_SHARES: dict[Layout, dict[Plane, Share]] = {
    Layout.SAGITTAL: {
        Plane.SAGITTAL: (0.0, 0.0, 0.54, 1.0),
        Plane.AXIAL: (0.54, 0.0, 1.0, 0.5),
        Plane.CORONAL: (0.54, 0.5, 1.0, 1.0),
    },
    Layout.COLUMN: {
        Plane.SAGITTAL: (0.0, 0.0, 0.7, 1.0),
        Plane.AXIAL: (0.7, 0.0, 1.0, 0.5),
        Plane.CORONAL: (0.7, 0.5, 1.0, 1.0),
    },
    Layout.ROW: {
        Plane.SAGITTAL: (0.0, 0.0, 1 / 3, 1.0),
        Plane.CORONAL: (1 / 3, 0.0, 2 / 3, 1.0),
        Plane.AXIAL: (2 / 3, 0.0, 1.0, 1.0),
    },
}


class ViewArea(QWidget):
    """Lays the views out, knows the active one, and shows all of them the same reading.

    Thread ownership: GUI thread.
    """

    active_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.layout_kind = Layout.SAGITTAL
        self.active = Plane.SAGITTAL
        self.maximised: Plane | None = None
        self.tool = Tool.WINDOW
        tables = Tables()
        self.views = {plane: SliceView(plane, tables, self) for plane in (Plane.SAGITTAL, Plane.AXIAL, Plane.CORONAL)}
        for plane, view in self.views.items():
            view.setAcceptDrops(False)
            view.viewport().setAcceptDrops(False)
            view.activated.connect(self._activated)
            view.maximise_asked.connect(self._maximise_asked)
            view.set_active(plane is self.active)

    def minimumSizeHint(self) -> QSize:
        return QSize(480, 320)

    def show_reading(self, reading: Reading | None, fusion: ViewedFusion | None, correction: Correction | None = None) -> None:
        """Show a reading in all views."""
        for view in self.views.values():
            view.show_reading(reading, fusion, correction)

    def set_tool(self, tool: Tool) -> None:
        """What the left button does in every view."""
        self.tool = tool
        for view in self.views.values():
            view.set_tool(tool)

    def show_second(self, second: SecondMask | None) -> None:
        """Show the outline of another mask in every view."""
        for view in self.views.values():
            view.show_second(second)

    def set_brush(self, radius_mm: float) -> None:
        """How large the brush is drawn in every view."""
        for view in self.views.values():
            view.set_brush(radius_mm)

    def set_active(self, plane: Plane) -> None:
        """Give the arrow keys to a view."""
        self.active = plane
        for other, view in self.views.items():
            view.set_active(other is plane)
        self.views[plane].setFocus(Qt.FocusReason.OtherFocusReason)
        if self.maximised is not None and self.maximised is not plane:
            self.maximised = plane
            self._arrange()
        self.active_changed.emit(plane)

    def next_view(self) -> None:
        """The view after the active one."""
        planes = list(self.views)
        self.set_active(planes[(planes.index(self.active) + 1) % len(planes)])

    def set_layout_kind(self, kind: Layout) -> None:
        """Share the room in another way; ends maximising."""
        self.layout_kind = kind
        self.maximised = None
        self._arrange()

    def toggle_maximised(self, plane: Plane) -> None:
        """One view over the whole area, and back."""
        self.maximised = None if self.maximised is plane else plane
        self.set_active(plane)
        self._arrange()

    def fit(self) -> None:
        """Show every plane whole."""
        for view in self.views.values():
            view.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _activated(self) -> None:
        view = self.sender()
        if isinstance(view, SliceView):
            self.set_active(view.plane)

    def _maximise_asked(self) -> None:
        view = self.sender()
        if isinstance(view, SliceView):
            self.toggle_maximised(view.plane)

    def _arrange(self) -> None:
        width, height = self.width(), self.height()
        for plane, view in self.views.items():
            if self.maximised is not None:
                view.setVisible(plane is self.maximised)
                if plane is self.maximised:
                    view.setGeometry(0, 0, width, height)
                continue
            left, top, right, bottom = _SHARES[self.layout_kind][plane]
            x, y = round(left * width) + (_GAP_PX if left > 0 else 0), round(top * height) + (_GAP_PX if top > 0 else 0)
            view.setGeometry(x, y, round(right * width) - x, round(bottom * height) - y)
            view.show()
