"""The annotations of a view: everything over its picture whose size does not depend on the zoom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import DARK
from spineviewer.gui.viewing.annotations import (
    Annotations,
    paint_annotations,
    paint_message,
    paint_scale_bar,
)
from spineviewer.gui.viewing.hover import Hover
from spineviewer.gui.viewing.source import Canvas
from spineviewer.gui.viewing.tool import Marks, Tool
from spineviewer.wording import mark


class AnnotatedView(Canvas, Protocol):
    """A view with annotations."""

    tool: Tool
    marks: Sequence[Marks]
    hover: Hover
    is_active: bool

    def setAccessibleName(self, name: str, /) -> None:
        """Set the name for screen readers."""


class ViewAnnotations:
    """Text, scale, marks and the tool's preview over the picture of a view.

    Thread ownership: GUI thread.
    """

    def __init__(self, view: AnnotatedView) -> None:
        self._view = view
        self._cine, self._note, self._label = "", "", mark("{name} view")
        self.text = Annotations("")

    def name_view(self, label: str = "") -> None:
        """Name the view for screen readers, as its title does.

        `label` is marked, and `{name}` in it is the name of the source; '' keeps the last label.
        """
        self._label, view = label or self._label, self._view
        is_known = view.scene is None or view.scene.state.scan.source.is_orientation_known
        name = tr(view.source.name if is_known else view.source.stored_name)
        view.setAccessibleName(tr(self._label, name=name))

    def show_cine_speed(self, text: str) -> None:
        """Show the speed of cine; `text` is empty if cine is not running."""
        self._cine = text
        self.update()

    def set_note(self, text: str) -> None:
        """Show a note about what the view shows; an empty text removes it."""
        if text != self._note:
            self._note = text
            self.update()

    def update(self) -> None:
        """Update the text, and repaint."""
        view = self._view
        if view.scene is not None:
            hint = view.tool.hint(view.cut) if view.cut is not None else ""
            text = view.source.annotations(view.scene, view.cut, hint)
            added = tuple(filter(None, (self._note, self._cine)))
            self.text = replace(text, left=(*text.left, *added)) if added else text
            view.picture.screen.annotations = self.text
        view.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Paint over the picture, in the view's pixels."""
        view = self._view
        size_px = width, height = view.viewport().width(), view.viewport().height()
        if view.is_active:
            painter.setPen(QPen(QColor(DARK.accent), 1))
            painter.drawRect(QRectF(0.5, 0.5, width - 1, height - 1))
        if view.scene is None:
            return
        paint_annotations(painter, self.text, view.hover.text, size_px)
        if view.cut is None:
            paint_message(painter, tr(view.source.message), size_px)
            return
        mm_per_px = view.framing.camera.mm_per_px
        paint_scale_bar(painter, mm_per_px, size_px, is_to_scale=view.cut.is_to_scale)
        for marks in view.marks:
            marks.paint(view, painter)
        view.tool.paint(view, painter)
