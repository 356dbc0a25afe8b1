"""The views of the active scan, and their layouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from spineviewer.app.mask_shapes import SpineSurface
from spineviewer.app.state import ScanState
from spineviewer.app.view_state import ViewState
from spineviewer.gui.viewing.curve_source import CurveSource
from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.layouts import (
    Arrangement,
    Layout,
    Member,
    SpineView,
    Twin,
    session_name,
)
from spineviewer.gui.viewing.paint_budget import PaintBudget
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.shared_pointer import SharedPointer
from spineviewer.gui.viewing.slice_source import SliceSource
from spineviewer.gui.viewing.surface_view import SurfaceView
from spineviewer.gui.viewing.tool import Marks, Tool
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import WindowLevel
from spineviewer.wording import mark


class ViewArea(QWidget):
    """Arranges the views, remembers the active one, and shows the same scene in all of them.

    Hidden views are not updated until they are shown again, unless another scan is shown.

    Thread ownership: GUI thread.
    """

    active_changed = Signal(object)
    tool_changed = Signal()
    layout_changed = Signal()
    #: Position of a right click on a view, in screen coordinates.
    menu_requested = Signal(QPoint)
    #: Whether a view along the spine is visible, and whether the surface is.
    shapes_wanted = Signal(bool, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._arrangement = Arrangement()
        self.tools: dict[str, Tool] = {}
        self.tool = Tool()
        self._scene: Scene | None = None
        self.budget = PaintBudget(self)
        self.views = {
            plane: CutView(SliceSource(plane), self.budget, self)
            for plane in (Plane.SAGITTAL, Plane.AXIAL, Plane.CORONAL)
        }
        self._curves = {
            SpineView.CORONAL: CurveSource(Plane.CORONAL),
            SpineView.SAGITTAL: CurveSource(Plane.SAGITTAL),
        }
        self.curved = {
            along: CutView(source, self.budget, self) for along, source in self._curves.items()
        }
        self.twins = {
            twin: CutView(SliceSource(twin.plane), self.budget, self, is_second=True)
            for twin in Twin
        }
        for twin, second in self.twins.items():
            first = self.views[twin.plane]
            second.annotations.name_view(mark("{name} view, second grey-scale window"))
            first.framed.connect(partial(second.follow_framing, first))
            second.framed.connect(partial(first.follow_framing, second))
        self.surface = SurfaceView(self)
        self.cuts: tuple[CutView, ...] = (
            *self.views.values(),
            *self.curved.values(),
            *self.twins.values(),
        )
        self.members: dict[Member, CutView | SurfaceView] = {SpineView.SURFACE: self.surface}
        for plane, flat in self.views.items():
            self.members[plane] = flat
        for along, curved in self.curved.items():
            self.members[along] = curved
        for twin, second in self.twins.items():
            self.members[twin] = second
        for view in self.members.values():
            view.setAcceptDrops(False)
            view.activated.connect(self._on_activated)
            view.maximise_requested.connect(self._on_maximise_requested)
            view.menu_requested.connect(self.menu_requested)
        self.members[self.active].set_active(True)
        for cut in self.cuts:
            cut.viewport().setAcceptDrops(False)
        self._pointer = SharedPointer(self.cuts, self)

    def minimumSizeHint(self) -> QSize:
        return QSize(360, 160)

    @property
    def layout_kind(self) -> Layout:
        return self._arrangement.layout

    @property
    def active(self) -> Member:
        """The view that receives the arrow keys."""
        return self._arrangement.active

    @property
    def maximised(self) -> Member | None:
        """The only view that is shown; None if the layout is shown."""
        return self._arrangement.maximised

    @property
    def plane(self) -> Plane:
        """The active plane; for a curved view, its counterpart; for the surface, sagittal."""
        return self._arrangement.plane

    @property
    def is_second_active(self) -> bool:
        """Whether the active view uses the second grey-scale window."""
        return isinstance(self.active, Twin)

    @property
    def has_twins(self) -> bool:
        """Whether the layout shows a plane in both grey-scale windows."""
        return self._arrangement.has_twins

    def active_window(self, state: ScanState) -> WindowLevel:
        """Return the grey-scale window of the active view."""
        return state.second_window if self.is_second_active else state.window

    # display

    def show_scene(self, scene: Scene | None) -> None:
        is_other_scan = _scan(scene) is not _scan(self._scene)
        self._scene = scene
        for member, view in self.members.items():
            if is_other_scan or member in self._arrangement.bounds:
                self._show_in(view)

    def _show_in(self, view: CutView | SurfaceView) -> None:
        if view is self.surface:
            scene = self._scene
            if scene is None:
                self.surface.show_state(None)
            else:
                self.surface.show_state(scene.state, scene.level)
        elif isinstance(view, CutView):
            scene = self._scene
            if scene is not None:
                scene = scene.seen_in(view.plane, is_second=view.is_second)
            view.show_scene(scene)

    def use_copy(self, copy: NDArray[np.int16] | None) -> None:
        """Read sagittal slices faster, from a copy of the scan: int16, shape (x, z, y)."""
        for view in (self.views[Plane.SAGITTAL], self.twins[Twin.SAGITTAL]):
            view.picture.composer.scan.use_copy(copy)

    def show_line(self, line: CentreLine | None, note: str) -> None:
        """Set the centre line of views along the spine; without one, `note` gives the reason."""
        for along, source in self._curves.items():
            source.use_line(line, note)
            self.curved[along].show_again()

    def show_surface(self, surface: SpineSurface | None, note: str) -> None:
        self.surface.show_surface(surface, note)

    def picture(self) -> QImage:
        """Return a picture of the views, without the HU value at the pointer."""
        texts = {cut: cut.hover.text for cut in self.cuts}
        for cut in self.cuts:
            cut.hover.text = ""
        picture = self.grab().toImage()
        for cut, text in texts.items():
            cut.hover.text = text
        return picture

    # tools

    def set_tools(self, tools: Sequence[Tool], marks: Sequence[Marks]) -> None:
        """Set the mouse tools (the first is the default) and the marks over pictures."""
        self.tools = {tool.name: tool for tool in tools}
        for view in self.cuts:
            view.marks = marks
        self.use_tool(self.default_tool)

    @property
    def default_tool(self) -> str:
        """Name of the tool that is initially assigned to the left button."""
        return next(iter(self.tools))

    def use_tool(self, name: str) -> None:
        """Assign a tool to the left button in every view."""
        self.tool.cancel()
        self.tool = self.tools[name]
        for view in self.cuts:
            view.set_tool(self.tool)
        self.tool_changed.emit()

    def leave_tool(self) -> None:
        """Switch to the default tool, unless clicks with the current one move the crosshair."""
        if self.tool.picks:
            self.tool.cancel()
        else:
            self.use_tool(self.default_tool)

    def repaint_tool(self) -> None:
        """Repaint the tool's preview, handles and hint."""
        for view in self.cuts:
            view.annotations.update()

    def discard_drawing(self) -> None:
        """Discard an incomplete drawing."""
        self.tool.cancel()
        self.repaint_tool()

    # the active view

    def set_active(self, member: Member) -> None:
        """Make a view active, so that it receives the arrow keys."""
        before, new = self._arrangement, self._arrangement.with_active(member)
        self._arrangement = new
        for other, view in self.members.items():
            view.set_active(other is new.active)
        self.members[new.active].setFocus(Qt.FocusReason.OtherFocusReason)
        if new.maximised is not before.maximised:
            self._arrange()
        if new.active is not before.active:
            self.active_changed.emit(new.active)

    def show_plane(self, plane: Plane) -> None:
        """Make a plane active, and show it if the layout hides it."""
        if plane not in self._arrangement.members:
            self._arrangement = replace(self._arrangement, maximised=plane)
        self.set_active(plane)
        self._arrange()

    def next_view(self) -> None:
        """Activate the view after the active one."""
        self.set_active(self._arrangement.next_member)

    def scroll_active(self, steps: int) -> None:
        self.members[self.active].scroll_by(steps)

    def zoom_active(self, factor: float) -> None:
        self.members[self.active].zoom_by(factor)

    # layout

    def set_layout_kind(self, kind: Layout) -> None:
        """Set the layout; no view is then maximised."""
        self._arrangement = replace(self._arrangement, layout=kind, maximised=None)
        if self.active not in self._arrangement.members:
            self.set_active(self.active)
        self._arrange()
        self.layout_changed.emit()

    def toggle_maximised(self, member: Member) -> None:
        """Maximise a view, or restore the layout."""
        maximised = None if self.maximised is member else member
        self._arrangement = replace(self._arrangement, maximised=maximised)
        self.set_active(member)
        self._arrange()

    @property
    def state(self) -> ViewState:
        """The state of all views, for a session."""
        zooms = {
            session_name(member): view.framing.zoom for member, view in self._zoomable_members()
        }
        return ViewState(
            layout=self.layout_kind.value,
            active=session_name(self.active),
            maximised="" if self.maximised is None else session_name(self.maximised),
            zooms={name: zoom for name, zoom in zooms.items() if zoom is not None},
            depths_mm=self._depths_mm,
            camera=self.surface.camera,
        )

    @property
    def _depths_mm(self) -> dict[str, float]:
        depths = {
            member: source.depth_mm(_state(self._scene)) for member, source in self._curves.items()
        }
        return {
            session_name(member): depth for member, depth in depths.items() if depth is not None
        }

    def show_state(self, state: ViewState) -> None:
        """Restore the state of all views from a session.

        A scan that no view has shown yet has no layout in `state`: the current layout is kept, and
        no view is maximised.
        """
        layout = next((kind for kind in Layout if kind.value == state.layout), None)
        if layout is None:
            self.set_layout_kind(self.layout_kind)
            return
        by_name = {session_name(member): member for member in self.members}
        self.set_layout_kind(layout)
        maximised = by_name.get(state.maximised)
        self._arrangement = replace(self._arrangement, maximised=maximised)
        self.set_active(by_name.get(state.active, self.active))
        for member, view in self._zoomable_members():
            view.show_zoom(state.zooms.get(session_name(member)))
        for curved, source in self._curves.items():
            depth_mm = state.depths_mm.get(session_name(curved))
            source.restore_depth(_state(self._scene), depth_mm)
        self.surface.show_camera(state.camera)
        self._arrange()

    def _zoomable_members(self) -> list[tuple[Member, CutView]]:
        """Return the views that have their own zoom; second views follow the first ones."""
        return [
            (member, view)
            for member, view in self.members.items()
            if isinstance(view, CutView) and not view.is_second
        ]

    def fit(self) -> None:
        """Fit all pictures."""
        for view in self.members.values():
            view.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _on_activated(self) -> None:
        self.set_active(self._member_for(self.sender()))

    def _on_maximise_requested(self) -> None:
        self.toggle_maximised(self._member_for(self.sender()))

    def _member_for(self, sender: object) -> Member:
        view = cast(CutView | SurfaceView, sender)
        return next(member for member, other in self.members.items() if other is view)

    def _arrange(self) -> None:
        rectangles = self._arrangement.rectangles(self.width(), self.height())
        for member, view in self.members.items():
            if member not in rectangles:
                view.hide()
                continue
            view.setGeometry(*rectangles[member])
            if view.isHidden():
                self._show_in(view)
                view.show()
        self._pointer.hand_over()
        self.shapes_wanted.emit(
            any(member in rectangles for member in self.curved), SpineView.SURFACE in rectangles
        )

    def index_at(self, screen_position: QPoint) -> Triple | None:
        """Return the fractional voxel index at a point of the screen; None outside the pictures."""
        for cut in self.cuts:
            position = cut.viewport().mapFromGlobal(screen_position)
            if cut.isVisible() and cut.viewport().rect().contains(position):
                return cut.index_at(QPointF(position))
        return None


def _state(scene: Scene | None) -> ScanState | None:
    return scene.state if scene is not None else None


def _scan(scene: Scene | None) -> object:
    return scene.state.scan if scene is not None else None
