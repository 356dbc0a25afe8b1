"""Another open scan beside the one in front; both scroll together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace

from PySide6.QtCore import QEvent, QObject, QPointF, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from spineviewer.app.open_scan import OpenScan
from spineviewer.app.side_by_side import SideBySide
from spineviewer.app.state import ScanState
from spineviewer.app.view_state import Zoom
from spineviewer.gui.kit.focus import leave_keys_to_views
from spineviewer.gui.kit.language import tr
from spineviewer.gui.viewing.beside_header import BesideHeader
from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.paint_budget import PaintBudget
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.slice_source import SliceSource
from spineviewer.gui.viewing.tool import Marks, Tool
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane

#: Minimum height of a second picture below the first.
_TWO_PX = 460


class Beside(QFrame):
    """Two planes of an open scan that is not in front; one if there is little room.

    If the patient was positioned differently, the user scrolls here until both scans show the
    same vertebra; the offset is kept.

    Thread ownership: GUI thread.
    """

    #: Names of the tools that work here; others only work in the scan in front.
    TOOLS = ("window", "crosshair", "pan", "zoom")

    wanted_changed = Signal()
    #: Whether the picture here receives keys, emitted when this changes.
    focus_changed = Signal(bool)
    #: A voxel of the scan in front, for its crosshair: the place that was clicked here.
    moved = Signal(object)

    def __init__(self, budget: PaintBudget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_wanted = False
        self._shown: SideBySide | None = None
        #: The scans that `_shown` belongs to.
        self._pair: tuple[OpenScan, ...] = ()
        self.header = BesideHeader()
        self.header.by_vertebra.toggled.connect(self.wanted_changed)
        self._plane, self._fronts = Plane.SAGITTAL, dict[Plane, CutView]()
        self._arranged: dict[Plane, CutView] = {}
        self.views = {plane: CutView(SliceSource(plane), budget) for plane in Plane}
        for plane, view in self.views.items():
            view.scrolled.connect(lambda steps, plane=plane: self._scroll(plane, steps))
            view.picked.connect(self._pick)
            view.installEventFilter(self)
            view.setAccessibleName(tr("{view} of the other scan", view=view.accessibleName()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        self._pictures = QVBoxLayout()
        self._pictures.setSpacing(2)
        for view in self.views.values():
            self._pictures.addWidget(view)
            view.hide()
        layout.addLayout(self._pictures, 1)
        leave_keys_to_views(self)
        self.hide()

    @property
    def state(self) -> ScanState | None:
        """State in which the other scan is shown; None if it is not shown."""
        return None if self._shown is None else self._shown.state

    def toggle(self) -> None:
        """Show another scan beside the one in front, or hide it."""
        self.is_wanted = not self.is_wanted
        self.wanted_changed.emit()

    def continue_from(self, old: Beside) -> None:
        """Show what the same part of an older window shows, with the same offset."""
        self.is_wanted = old.is_wanted
        self.wanted_changed.emit()
        self.header.lock.setChecked(old.header.lock.isChecked())
        self.header.by_vertebra.setChecked(old.header.by_vertebra.isChecked())
        self._shown, self._pair = old._shown, old._pair
        self.wanted_changed.emit()

    def show_beside(
        self,
        other: OpenScan | None,
        front: OpenScan | None,
        plane: Plane,
    ) -> None:
        """Show a scan in the active plane beside the one in front; None hides this part."""
        self.setVisible(other is not None and front is not None)
        if other is None or front is None:
            return
        shown, header = self._shown, self.header
        if shown is None or not shown.is_pair_of(other, front.state):
            shown = self._shown = SideBySide(other, front.state)
            header.show_pair(shown)
        self._pair = (front, other)
        shown.follow(
            front.state,
            front.parts.vertebrae,
            is_locked=header.lock.isChecked(),
            is_matched_by_vertebra=header.by_vertebra.isChecked(),
        )
        header.by_vertebra.setVisible(shown.is_vertebra_shared)
        header.show_notices(other.parts.notices)
        self._plane = plane
        self._arrange()
        self._show(shown)
        self._match_scales()

    def release(self, scan: OpenScan) -> None:
        """Release a scan that was closed, so that its memory is freed."""
        if scan in self._pair:
            self._shown, self._pair = None, ()
            for view in self.views.values():
                view.show_scene(None)

    def _show(self, shown: SideBySide) -> None:
        scene = replace(Scene.of(shown.other.parts), state=shown.state, second=None)
        for view in self._shown_views.values():
            view.show_scene(scene)

    @property
    def _shown_views(self) -> dict[Plane, CutView]:
        """The picture in the active plane and, if it fits below, one across it."""
        second = Plane.SAGITTAL if self._plane is Plane.AXIAL else Plane.AXIAL
        planes = (self._plane, second) if self.height() >= _TWO_PX else (self._plane,)
        return {plane: self.views[plane] for plane in planes}

    def _arrange(self) -> None:
        shown = self._shown_views
        if list(shown) != list(self._arranged):  # their order matters
            self._arranged = shown
            for view in self.views.values():
                view.hide()
            for number, view in enumerate(shown.values()):
                self._pictures.insertWidget(number, view, 3 - number)
                view.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._shown is not None:
            self._arrange()
            self._show(self._shown)
            self._match_scales()

    def follow_views(self, fronts: Mapping[Plane, CutView]) -> None:
        """Follow the scale of the views of the scan in front, so that sizes can be compared."""
        self._fronts = dict(fronts)
        for view in fronts.values():
            view.framed.connect(self._match_scales)

    def _match_scales(self) -> None:
        """Use the scale of the scan in front, unless the user has zoomed or moved a picture."""
        if self._shown is None or not self.header.lock.isChecked():
            return
        for plane, view in self._shown_views.items():
            front = self._fronts.get(plane)
            if front is None or not front.isVisible() or view.framing.is_set_by_user:
                continue
            if front.cut is None or front.scene is None or view.cut is None:
                continue
            mm_per_px = front.framing.camera.mm_per_px
            # the crosshair is proportionally as far from the middle as in front, so it is in view
            crosshair = front.widget_position(front.scene.state.place)
            off = crosshair - QPointF(front.viewport().rect().center())
            here, there = view.viewport().size(), front.viewport().size()
            off.setX(off.x() * min(1.0, here.width() / max(there.width(), 1)))
            off.setY(off.y() * min(1.0, here.height() / max(there.height(), 1)))
            right_mm, down_mm = view.cut.on_screen_mm(self._shown.state.place)
            middle = QPointF(right_mm, down_mm) - off * mm_per_px
            zoom = Zoom(middle.x(), middle.y(), mm_per_px)
            if view.zoom is None or not _are_alike(zoom, view.zoom):
                view.show_zoom(zoom)

    def show_marks(self, marks: Sequence[Marks]) -> None:
        """Draw marks over the pictures."""
        for view in self.views.values():
            view.marks = marks

    @property
    def is_focused(self) -> bool:
        """Whether the picture here receives keys."""
        focus = self.window().focusWidget()
        return self.isVisible() and focus is not None and self.isAncestorOf(focus)

    def scroll_active(self, steps: int) -> None:
        self._view.scroll_by(steps)

    def zoom_active(self, factor: float) -> None:
        self._view.zoom_by(factor)

    def fit(self) -> None:
        """Fit all pictures, or give them the scale of the scan in front."""
        for view in self.views.values():
            view.fit()
        self._match_scales()

    def use_tool(self, tool: Tool) -> None:
        """Assign a tool to the left button; if it does not work here, clicks move the crosshair."""
        for view in self.views.values():
            view.set_tool(tool if tool.name in self.TOOLS else Tool())

    @property
    def _view(self) -> CutView:
        """The picture with the focus; otherwise the one in the active plane."""
        shown = self._shown_views
        return next((view for view in shown.values() if view.hasFocus()), shown[self._plane])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_focus = event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut)
        if is_focus and isinstance(watched, CutView):
            is_in = event.type() is QEvent.Type.FocusIn
            watched.set_active(is_in)
            self.focus_changed.emit(is_in)
        return super().eventFilter(watched, event)

    def _pick(self, index: Triple) -> None:
        """Move the crosshairs of both scans to a place; if unlocked, only the one in this scan."""
        shown, header = self._shown, self.header
        if shown is None:
            return
        if header.lock.isChecked():
            is_matched_by_vertebra = header.by_vertebra.isChecked()
            self.moved.emit(
                shown.index_in_front(index, is_matched_by_vertebra=is_matched_by_vertebra)
            )
        else:
            shown.move_to(index)
            self._show(shown)

    def _scroll(self, plane: Plane, steps: int) -> None:
        if self._shown is not None:
            self._shown.scroll(plane, steps)
            self.header.by_vertebra.setChecked(False)  # from now on, the offset applies
            self._show(self._shown)


def _are_alike(one: Zoom, other: Zoom) -> bool:
    """Return whether two zooms show the same, apart from rounding."""
    pairs = zip(astuple(one), astuple(other), strict=True)
    return all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-3) for a, b in pairs)
