"""The view of another open scan, beside the views of the active scan; both scroll together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace

from PySide6.QtCore import QEvent, QObject, QPointF, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from spineviewer.app.open_scan import OpenScan
from spineviewer.app.scan_core import Change, ScanParts
from spineviewer.app.side_by_side import SideBySide
from spineviewer.app.state import ScanState
from spineviewer.app.view_state import Zoom
from spineviewer.gui.kit.focus import leave_keys_to_views
from spineviewer.gui.kit.language import tr
from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.legend import Entry, legend_entries
from spineviewer.gui.viewing.other_scan_header import OtherScanHeader
from spineviewer.gui.viewing.paint_budget import PaintBudget
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.slice_source import SliceSource
from spineviewer.gui.viewing.tool import Marks, Tool
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane
from spineviewer.wording import mark

#: Minimum height of the view at which it shows two pictures, one below the other.
_MIN_HEIGHT_FOR_TWO_PX = 460


class OtherScanView(QFrame):
    """Two planes of an open scan that is not active; only one if there is little room.

    If the patient was positioned differently, the user scrolls here until both scans show the
    same vertebra. The offset then stays the same.

    Thread ownership: GUI thread.
    """

    #: Names of the tools that work here; other tools work only in the active scan.
    TOOLS = ("window", "crosshair", "pan", "zoom")

    #: The view was switched on or off, or what it should show has changed.
    changed = Signal()
    #: Whether a picture here now receives keys.
    focus_changed = Signal(bool)
    #: The legend of the pictures here; empty while they are hidden.
    legend_changed = Signal(object)
    #: The voxel of the active scan that corresponds to the place clicked here.
    moved = Signal(object)

    def __init__(self, budget: PaintBudget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_on = False
        self._pair: SideBySide | None = None
        self._watched: OpenScan | None = None
        self._legend: tuple[Entry, ...] = ()
        #: The scans that `_pair` belongs to.
        self._scans: tuple[OpenScan, ...] = ()
        self.header = OtherScanHeader()
        self.header.by_vertebra.toggled.connect(self.changed)
        self._plane, self._front_views = Plane.SAGITTAL, dict[Plane, CutView]()
        self._arranged_views: dict[Plane, CutView] = {}
        self.views = {plane: CutView(SliceSource(plane), budget) for plane in Plane}
        for plane, view in self.views.items():
            view.scrolled.connect(lambda steps, plane=plane: self._scroll(plane, steps))
            view.picked.connect(self._pick)
            view.installEventFilter(self)
            view.annotations.name_view(mark("{name} view of the other scan"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        self._pictures = QVBoxLayout()
        self._pictures.setSpacing(2)
        # Added while empty: otherwise, PySide keeps wrappers of its items, which Qt deletes when
        # the views move, and the program crashes later.
        layout.addLayout(self._pictures, 1)
        for view in self.views.values():
            self._pictures.addWidget(view)
            view.hide()
        leave_keys_to_views(self)
        self.hide()

    @property
    def state(self) -> ScanState | None:
        """State of the other scan; None if none has been shown, or one of the two was closed."""
        return None if self._pair is None else self._pair.state

    def toggle(self) -> None:
        """Show another scan beside the active one, or hide it."""
        self.is_on = not self.is_on
        self.changed.emit()

    def continue_from(self, old: OtherScanView) -> None:
        """Show what this view showed in the previous window, with the same offset."""
        self.is_on = old.is_on
        self.changed.emit()
        self.header.lock.setChecked(old.header.lock.isChecked())
        self.header.by_vertebra.setChecked(old.header.by_vertebra.isChecked())
        self._pair, self._scans = old._pair, old._scans
        self.changed.emit()

    def show_other_scan(
        self,
        other: OpenScan | None,
        front: OpenScan | None,
        plane: Plane,
    ) -> None:
        """Show a scan in the active plane beside the active one; None hides this view."""
        self.setVisible(other is not None and front is not None)
        self._watch(other if front is not None else None)
        if other is None or front is None:
            self._set_legend(())
            return
        pair, header = self._pair, self.header
        if pair is None or not pair.is_pair_of(other, front.state):
            pair = self._pair = SideBySide(other, front.state)
            header.show_pair(pair)
        self._scans = (front, other)
        pair.follow(
            front.state,
            front.parts.vertebrae,
            is_locked=header.lock.isChecked(),
            is_matched_by_vertebra=header.by_vertebra.isChecked(),
        )
        header.by_vertebra.setVisible(pair.is_vertebra_shared)
        header.show_notices(other.parts.notices)
        self._plane = plane
        self._arrange()
        self._show(pair)
        self._match_scales()

    def _watch(self, other: OpenScan | None) -> None:
        """Follow the results of this scan, which may be computed while it is on the right."""
        if other is self._watched:
            return
        if self._watched is not None:
            self._watched.changed.disconnect(self._on_other_changed, missing_ok=True)
        if other is not None:
            other.changed.connect(self._on_other_changed)
        self._watched = other

    def _on_other_changed(self, change: Change) -> None:
        old, new = change.old, change.new
        if old is not None and new is not None and _results(old) != _results(new):
            self.changed.emit()

    def release(self, scan: OpenScan) -> None:
        """Release a scan that was closed, so that its memory is freed."""
        if scan is self._watched:
            self._watch(None)
        if scan in self._scans:
            self._pair, self._scans = None, ()
            for view in self.views.values():
                view.show_scene(None)

    def _show(self, pair: SideBySide) -> None:
        scene = replace(Scene.from_parts(pair.other.parts), state=pair.state, second=None)
        for view in self._visible_views.values():
            view.annotations.set_note(tr(pair.note))
            view.show_scene(scene.seen_in(view.plane))
        self._set_legend(legend_entries(scene))

    def _set_legend(self, entries: tuple[Entry, ...]) -> None:
        if entries != self._legend:
            self._legend = entries
            self.legend_changed.emit(entries)

    @property
    def _visible_views(self) -> dict[Plane, CutView]:
        """The picture in the active plane and, if there is room below it, one in another plane."""
        second = Plane.SAGITTAL if self._plane is Plane.AXIAL else Plane.AXIAL
        planes = (
            (self._plane, second) if self.height() >= _MIN_HEIGHT_FOR_TWO_PX else (self._plane,)
        )
        return {plane: self.views[plane] for plane in planes}

    def _arrange(self) -> None:
        visible = self._visible_views
        if list(visible) != list(self._arranged_views):  # their order matters
            self._arranged_views = visible
            for view in self.views.values():
                view.hide()
            for number, view in enumerate(visible.values()):
                self._pictures.insertWidget(number, view, 3 - number)
                view.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._pair is not None:
            self._arrange()
            self._show(self._pair)
            self._match_scales()

    def follow_views(self, views: Mapping[Plane, CutView]) -> None:
        """Follow the scale of the views of the active scan, so that sizes can be compared."""
        self._front_views = dict(views)
        for view in views.values():
            view.framed.connect(self._match_scales)

    def _match_scales(self) -> None:
        """Use the scale of the active scan, unless the user has zoomed or moved a picture."""
        if self._pair is None or not self._is_following:
            return
        for plane, view in self._visible_views.items():
            front = self._front_views.get(plane)
            if front is None or not front.isVisible() or view.framing.is_set_by_user:
                continue
            if front.cut is None or front.scene is None or view.cut is None:
                continue
            mm_per_px = front.framing.camera.mm_per_px
            # the crosshair is at the same relative position as in the active scan, so it stays in
            # view
            crosshair = front.widget_position(front.scene.state.point_zyx)
            offset = crosshair - QPointF(front.viewport().rect().center())
            size, front_size = view.viewport().size(), front.viewport().size()
            offset.setX(offset.x() * min(1.0, size.width() / max(front_size.width(), 1)))
            offset.setY(offset.y() * min(1.0, size.height() / max(front_size.height(), 1)))
            right_mm, down_mm = view.cut.on_screen_mm(self._pair.state.point_zyx)
            centre = QPointF(right_mm, down_mm) - offset * mm_per_px
            zoom = Zoom(centre.x(), centre.y(), mm_per_px)
            if view.framing.zoom is None or not _are_close(zoom, view.framing.zoom):
                view.show_zoom(zoom)

    def show_marks(self, marks: Sequence[Marks]) -> None:
        """Set the marks that are drawn over the pictures."""
        for view in self.views.values():
            view.marks = marks

    @property
    def is_focused(self) -> bool:
        """Whether a picture here receives keys."""
        focus = self.window().focusWidget()
        return self.isVisible() and focus is not None and self.isAncestorOf(focus)

    def scroll_active(self, steps: int) -> None:
        self._active_view.scroll_by(steps)

    def zoom_active(self, factor: float) -> None:
        self._active_view.zoom_by(factor)

    def fit(self) -> None:
        """Fit all pictures; use the scale of the active scan if the two scans scroll together."""
        for view in self.views.values():
            view.fit()
        self._match_scales()

    def use_tool(self, tool: Tool) -> None:
        """Assign a tool to the left button; if it does not work here, clicks move the crosshair."""
        for view in self.views.values():
            view.set_tool(tool if tool.name in self.TOOLS else Tool())

    @property
    def _is_following(self) -> bool:
        """Whether the other scan follows the active one, by vertebra or with its offset."""
        header, pair = self.header, self._pair
        is_matched = pair is not None and pair.is_vertebra_shared and header.by_vertebra.isChecked()
        return is_matched or header.lock.isChecked()

    @property
    def _active_view(self) -> CutView:
        """The picture with the focus; otherwise the one in the active plane."""
        visible = self._visible_views
        return next((view for view in visible.values() if view.hasFocus()), visible[self._plane])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_focus = event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut)
        if is_focus and isinstance(watched, CutView):
            is_focused = event.type() is QEvent.Type.FocusIn
            watched.set_active(is_focused)
            self.focus_changed.emit(is_focused)
        return super().eventFilter(watched, event)

    def _pick(self, index: Triple) -> None:
        """Move the crosshairs of both scans, or only that of this scan if no point corresponds."""
        pair, header = self._pair, self.header
        if pair is None:
            return
        index_in_front = pair.index_in_front(
            index,
            is_locked=header.lock.isChecked(),
            is_matched_by_vertebra=header.by_vertebra.isChecked(),
        )
        if index_in_front is not None:
            self.moved.emit(index_in_front)
            return
        pair.move_to(index)
        self._show(pair)

    def _scroll(self, plane: Plane, steps: int) -> None:
        if self._pair is not None:
            self._pair.scroll(plane, steps)
            self.header.by_vertebra.setChecked(False)  # from now on, the offset applies
            self._show(self._pair)


def _results(parts: ScanParts) -> tuple[object, ...]:
    """Return the identities of the results that the pictures show, in order to notice changes."""
    state = parts.state
    return tuple(map(id, (parts.fusion, parts.labelling, state.fused, state.stage)))


def _are_close(first: Zoom, second: Zoom) -> bool:
    """Return whether two zooms are equal apart from rounding."""
    pairs = zip(astuple(first), astuple(second), strict=True)
    return all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-3) for a, b in pairs)
