"""Another open scan beside the one in front; both scroll together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from spineviewer.app.open_scan import OpenScan
from spineviewer.app.side_by_side import SideBySide
from spineviewer.app.state import ScanState
from spineviewer.gui.kit.focus import leave_keys_to_views
from spineviewer.gui.kit.language import tr
from spineviewer.gui.viewing.beside_header import BesideHeader
from spineviewer.gui.viewing.cut_view import CutView, Marks
from spineviewer.gui.viewing.paint_budget import PaintBudget
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.slice_source import SliceSource
from spineviewer.gui.viewing.tool import Tool
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane


class Beside(QFrame):
    """One plane of an open scan that is not in front.

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
        self.header = BesideHeader()
        self.header.by_vertebra.toggled.connect(self.wanted_changed)
        self.stack = QStackedWidget()
        self.views = {plane: CutView(SliceSource(plane), budget) for plane in Plane}
        for plane, view in self.views.items():
            view.scrolled.connect(lambda steps, plane=plane: self._scroll(plane, steps))
            view.picked.connect(self._pick)
            view.installEventFilter(self)
            view.setAccessibleName(tr("{view} of the other scan", view=view.accessibleName()))
            self.stack.addWidget(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.stack, 1)
        leave_keys_to_views(self)
        self.hide()

    @property
    def reading(self) -> ScanState | None:
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
        self._shown = old._shown
        self.wanted_changed.emit()

    def show_beside(
        self,
        other: OpenScan | None,
        front: ScanState | None,
        plane: Plane,
        vertebrae: Vertebrae | None = None,
    ) -> None:
        """Show a scan in the active plane; None clears the view.

        Parameters
        ----------
        vertebrae
            Vertebrae of the scan in front; None if they are not named.
        """
        self.setVisible(other is not None and front is not None)
        if other is None or front is None:
            self._shown = None
            return
        shown, header = self._shown, self.header
        if shown is None or not shown.is_of(other, front):
            shown = self._shown = SideBySide(other, front)
            header.show_scan(other, is_other_patient=shown.is_other_patient)
        shown.follow(
            front,
            vertebrae,
            is_locked=header.lock.isChecked(),
            is_by_vertebra=header.by_vertebra.isChecked(),
        )
        header.by_vertebra.setVisible(shown.is_vertebra_shared)
        self.stack.setCurrentWidget(self.views[plane])
        self._show(shown)

    def _show(self, shown: SideBySide) -> None:
        other = shown.other
        self._view.show_scene(
            Scene(shown.state, other.fusion, other.correction, vertebrae=other.parts.vertebrae)
        )

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
        """Fit all pictures."""
        for view in self.views.values():
            view.fit()

    def use_tool(self, tool: Tool) -> None:
        """Assign a tool to the left button; if it does not work here, clicks move the crosshair."""
        for view in self.views.values():
            view.set_tool(tool if tool.name in self.TOOLS else Tool())

    @property
    def _view(self) -> CutView:
        return next(view for view in self.views.values() if view is self.stack.currentWidget())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            is_in = event.type() is QEvent.Type.FocusIn
            self._view.set_active(is_in)
            self.focus_changed.emit(is_in)
        return super().eventFilter(watched, event)

    def _pick(self, index: Triple) -> None:
        """Move the crosshairs of both scans to a place; if unlocked, only the one in this scan."""
        shown, header = self._shown, self.header
        if shown is None:
            return
        if header.lock.isChecked():
            is_by_vertebra = header.by_vertebra.isChecked()
            self.moved.emit(shown.place_in_front(index, is_by_vertebra=is_by_vertebra))
        else:
            shown.move_to(index)
            self._show(shown)

    def _scroll(self, plane: Plane, steps: int) -> None:
        if self._shown is not None:
            self._shown.scroll(plane, steps)
            self.header.by_vertebra.setChecked(False)  # from now on, the offset applies
            self._show(self._shown)
