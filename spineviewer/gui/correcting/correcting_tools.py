"""The mouse tools that correct the mask: brush and eraser, lasso, pieces."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from spineviewer.editing.brush import Brush
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import DARK, MASK_COLOUR
from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Tool
from spineviewer.volume.cuts import Cut, PlaneCut
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane


class Corrections(Protocol):
    """Operations that the tools need. Voxel indices are fractional; None is outside the scan."""

    @property
    def brush(self) -> Brush:
        """Size and HU range of the brush and the eraser."""

    def begin_stroke(self, plane: Plane, index: Triple | None, /, *, is_adding: bool) -> None:
        """Begin a stroke of the brush or the eraser."""

    def begin_lasso(self, plane: Plane, index: Triple | None, /, *, is_adding: bool) -> None:
        """Begin a lasso around the area to add or erase."""

    def move_stroke(self, index: Triple | None, /) -> None:
        """Continue the stroke or the lasso."""

    def end_stroke(self) -> None:
        """End the stroke or close the lasso."""

    def abandon_stroke(self) -> None:
        """Undo the stroke or the lasso in progress."""

    def edit_piece(self, index: Triple | None, /, *, is_kept: bool) -> None:
        """Keep only the piece of the mask at `index`, or remove it."""


class CorrectingTool(Tool):
    """Base class of tools that correct the mask; they work in unrotated planes only."""

    picks = False
    is_immediate = True
    yields_to_marks = False  # painting is possible close to a measurement
    is_correcting = True
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, name: str, corrections: Corrections, *, is_adding: bool) -> None:
        self.name = name
        self._corrections, self._is_adding = corrections, is_adding

    def works_in(self, cut: Cut) -> bool:
        return isinstance(cut, PlaneCut)

    def hint(self, cut: Cut) -> str:
        return "" if isinstance(cut, PlaneCut) else tr("corrections need unrotated planes")

    @property
    def _colour(self) -> QColor:
        return QColor(MASK_COLOUR if self._is_adding else DARK.bad)


class BrushTool(CorrectingTool):
    """The brush or the eraser; a circle around the pointer shows its size."""

    cursor = Qt.CursorShape.BlankCursor

    def __init__(self, name: str, corrections: Corrections, *, is_adding: bool) -> None:
        super().__init__(name, corrections, is_adding=is_adding)
        self._pointer: tuple[Canvas, QPointF] | None = None

    def press(self, view: Canvas, at: QPointF) -> None:
        self._corrections.begin_stroke(view.plane, view.index_at(at), is_adding=self._is_adding)

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        self.hover(view, at)
        self._corrections.move_stroke(view.index_at(at))

    def release(self, view: Canvas, at: QPointF, *, was_dragged: bool) -> None:
        self._corrections.end_stroke()
        view.viewport().update()

    def abandon(self, view: Canvas) -> bool:
        self._corrections.abandon_stroke()
        return True

    def hover(self, view: Canvas, at: QPointF) -> None:
        half_px = self._radius_px(view) + 4
        is_same_view = self._pointer is not None and self._pointer[0] is view
        # repaint the circle's old and new position
        for centre in (self._pointer[1], at) if self._pointer and is_same_view else (at,):
            circle = QRectF(centre.x() - half_px, centre.y() - half_px, 2 * half_px, 2 * half_px)
            view.viewport().update(circle.toAlignedRect())
        self._pointer = view, at

    def leave(self, view: Canvas) -> None:
        if self._pointer is not None and self._pointer[0] is view:
            self._pointer = None
            view.viewport().update()

    def cancel(self) -> None:
        self._pointer = None

    def paint(self, view: Canvas, painter: QPainter) -> None:
        if self._pointer is None or self._pointer[0] is not view:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self._radius_px(view)
        for pen in (QPen(QColor(0, 0, 0, 160), 3), QPen(self._colour, 1.4)):
            painter.setPen(pen)
            painter.drawEllipse(self._pointer[1], radius, radius)

    def _radius_px(self, view: Canvas) -> float:
        return self._corrections.brush.radius_mm / view.framing.camera.mm_per_px


class LassoTool(CorrectingTool):
    """A line around the area to add or erase in a slice."""

    def __init__(self, name: str, corrections: Corrections, *, is_adding: bool) -> None:
        super().__init__(name, corrections, is_adding=is_adding)
        self._line: list[QPointF] = []
        self._view: Canvas | None = None

    def press(self, view: Canvas, at: QPointF) -> None:
        self._view, self._line = view, [at]
        self._corrections.begin_lasso(view.plane, view.index_at(at), is_adding=self._is_adding)

    def drag(self, view: Canvas, at: QPointF, step: QPointF) -> None:
        self._line.append(at)
        view.viewport().update()
        self._corrections.move_stroke(view.index_at(at))

    def release(self, view: Canvas, at: QPointF, *, was_dragged: bool) -> None:
        self._line = []
        self._corrections.end_stroke()
        view.viewport().update()

    def abandon(self, view: Canvas) -> bool:
        self._line = []
        self._corrections.abandon_stroke()
        view.viewport().update()
        return True

    def paint(self, view: Canvas, painter: QPainter) -> None:
        if view is not self._view or len(self._line) < 2:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = self._colour
        inside.setAlpha(50)
        painter.setBrush(inside)
        painter.setPen(QPen(self._colour, 1.6))
        painter.drawPolygon(self._line)


class PieceTool(CorrectingTool):
    """Keeps only the clicked piece of the mask, or removes it."""

    def press(self, view: Canvas, at: QPointF) -> None:
        self._corrections.edit_piece(view.index_at(at), is_kept=self._is_adding)


def correcting_tools(corrections: Corrections) -> tuple[Tool, ...]:
    """Return the tools that correct the mask."""
    return (
        BrushTool("brush", corrections, is_adding=True),
        BrushTool("eraser", corrections, is_adding=False),
        LassoTool("lasso", corrections, is_adding=True),
        LassoTool("cut_out", corrections, is_adding=False),
        PieceTool("keep_piece", corrections, is_adding=True),
        PieceTool("remove_piece", corrections, is_adding=False),
    )
