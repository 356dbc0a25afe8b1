"""Mouse tools for correcting the borders of vertebrae."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from spineviewer.gui.kit.front_scan import FrontScan
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import DARK
from spineviewer.gui.viewing.annotations import paint_beside_pointer
from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Tool
from spineviewer.volume.geometry import Triple
from spineviewer.wording import mark


class ClickTool(Tool):
    """A tool that acts on the clicked point."""

    picks = False
    is_immediate = True
    yields_to_marks = False
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, name: str, act: Callable[[Triple | None], None], instruction: str) -> None:
        self.name, self.instruction = name, instruction
        self._act = act

    def press(self, view: Canvas, at: QPointF) -> None:
        self._act(view.index_at(at))


class MergeTool(ClickTool):
    """Merges two vertebrae; before the click, text beside the pointer says which ones."""

    def __init__(self, front: FrontScan) -> None:
        super().__init__(
            "merge_vertebrae",
            front.action(lambda scan: scan.names.merge_at),
            mark("Click near the border between two vertebrae"),
        )
        self._front = front
        self._view: Canvas | None = None
        self._at, self._text = QPointF(), ""

    def press(self, view: Canvas, at: QPointF) -> None:
        super().press(view, at)
        self._text = ""  # until the pointer moves, because the names may have changed
        view.viewport().update()

    def hover(self, view: Canvas, at: QPointF) -> None:
        pair = self._front.mergeable_at(view.index_at(at))
        self._view, self._at = view, at
        self._text = (
            tr("go to a border between vertebrae")
            if pair is None
            else tr("merge {upper} and {lower}", upper=pair[0].name, lower=pair[1].name)
        )
        view.viewport().update()

    def leave(self, view: Canvas) -> None:
        self.cancel()
        view.viewport().update()

    def cancel(self) -> None:
        self._view = None

    def paint(self, view: Canvas, painter: QPainter) -> None:
        if view is self._view and self._text:
            size_px = view.viewport().width(), view.viewport().height()
            paint_beside_pointer(painter, self._at, self._text, size_px)


class MovePieceTool(Tool):
    """A brush that adds what it touches to the vertebra where the stroke began."""

    name = "move_piece"
    picks = False
    is_immediate = True
    yields_to_marks = False
    cursor = Qt.CursorShape.CrossCursor
    instruction = mark("Start in the vertebra that should get the piece, then drag over the piece")

    def __init__(self, front: FrontScan, act: Callable[[list[Triple], float], None]) -> None:
        self._front, self._act = front, act
        self._stroke: list[Triple] = []
        self._line: list[QPointF] = []

    def press(self, view: Canvas, at: QPointF) -> None:
        self._stroke, self._line = [], []
        self.drag(view, at, QPointF())

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        index = view.index_at(at)
        if index is not None:
            self._stroke.append(index)
            self._line.append(at)
            view.viewport().update()

    def release(self, view: Canvas, at: QPointF, *, was_dragged: bool) -> None:
        if was_dragged:
            self._act(self._stroke, self._front.brush.radius_mm)
        self.cancel()
        view.viewport().update()

    def abandon(self, view: Canvas) -> bool:
        self.cancel()
        view.viewport().update()
        return True

    def cancel(self) -> None:
        self._stroke, self._line = [], []

    def paint(self, view: Canvas, painter: QPainter) -> None:
        if len(self._line) < 2 or view.cut is None:
            return
        colour = QColor(DARK.accent)
        colour.setAlpha(110)
        width = 2 * self._front.brush.radius_mm / view.framing.camera.mm_per_px
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QPen(
                colour,
                width,
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
                Qt.PenJoinStyle.RoundJoin,
            )
        )
        painter.drawPolyline(self._line)


def vertebra_tools(front: FrontScan) -> tuple[Tool, ...]:
    """Return the tools for correcting the borders of vertebrae in the active scan."""
    return (
        ClickTool(
            "split_vertebra",
            front.action(lambda scan: scan.names.split_at),
            mark("Click the gap between two vertebrae that share one name"),
        ),
        MergeTool(front),
        MovePieceTool(front, front.action(lambda scan: scan.names.move_along)),
    )
