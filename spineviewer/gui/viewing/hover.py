"""The pointer over a view, and the value of the voxel under it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, SignalInstance

from spineviewer.app.state import ScanState
from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Tool
from spineviewer.gui.viewing.value_readout import value_text
from spineviewer.volume.cuts import Cut
from spineviewer.volume.geometry import IndexTriple


class HoveredView(Canvas, Protocol):
    """A view over which the pointer moves."""

    tool: Tool

    @property
    def hovered(self) -> SignalInstance:
        """Reports the displayed state and the voxel under the pointer; both None outside a scan."""

    def isVisible(self) -> bool: ...


class Hover:
    """Follows the pointer over a view, even while it rests and the picture below it changes.

    Thread ownership: GUI thread.

    Attributes
    ----------
    pointer
        Position in screen coordinates; None if the pointer is not over this view.
    text
        The value under the pointer.
    """

    def __init__(self, view: HoveredView) -> None:
        self._view = view
        self.pointer: QPointF | None = None
        self.text = ""
        self._described: tuple[ScanState, IndexTriple, Cut | None] | None = None

    def point_at(self, pointer: QPointF | None) -> None:
        """Set the pointer's screen position; None if the pointer is not over this view."""
        self.pointer = pointer
        if pointer is not None:
            self.follow()
            return
        self._view.tool.leave(self._view)
        self._report(None)

    def move(self, pointer: QPointF, position: QPointF) -> None:
        """Handle a movement; `pointer` is on the screen, `position` in the view."""
        self.pointer = pointer
        self._report(position)

    def lose(self) -> None:
        """Clear the pointer when the mouse is over another view."""
        self.pointer = None
        self.clear()

    def clear(self) -> None:
        """Clear the text."""
        self._described = None
        self._show_text("")

    def follow(self) -> None:
        """Report the voxel under the resting pointer after the slice or the scan has changed."""
        if self.pointer is not None and self._view.isVisible():
            viewport = self._view.viewport()
            position = viewport.mapFromGlobal(self.pointer)
            is_inside = viewport.rect().contains(position.toPoint())
            self._report(position if is_inside else None)

    def _report(self, position: QPointF | None) -> None:
        view = self._view
        index = view.index_at(position) if position is not None else None
        if index is None or view.scene is None:
            self.clear()
            view.hovered.emit(None, None)
            return
        state = view.scene.state
        z, y, x = (
            min(max(round(i), 0), n - 1)
            for i, n in zip(index, state.scan.geometry.shape_zyx, strict=True)
        )
        described = state, (z, y, x), view.cut
        if described != self._described:
            self._described = described
            self._show_text(value_text(*described))
        view.hovered.emit(state, (z, y, x))

    def _show_text(self, text: str) -> None:
        if text != self.text:
            self.text = text
            viewport = self._view.viewport()
            viewport.update(0, viewport.height() - 64, 280, 64)
