"""The plot of heights and HU along the spine, with the values expected from the neighbours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from spineviewer.app.measurement_rows import PlotLine, density_line, height_lines
from spineviewer.gui.kit.language import local_number, tr
from spineviewer.gui.kit.styled import styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_S, colours, tabular_font
from spineviewer.measurements.results import Measurements

#: Colours of the anterior, middle and posterior heights.
_HEIGHT_COLOURS = ("#4c9dff", "#f0b64a", "#4fc08d")
_DENSITY_COLOURS = ("#b79cff",)
_AXIS_PX, _MAX_TICKS = 42, 9
#: Opacity of the lines while they belong to an earlier mask.
_OLD_OPACITY = 0.4


class SpinePlot(QWidget):
    """Plots heights (top) and HU (bottom) by level; a click requests that the views go to a level.

    Solid lines show measured values, dashed lines expected ones. They are interrupted at levels
    without a value. pyqtgraph is imported for the first plot, because the import takes a third of a
    second.

    Thread ownership: GUI thread.

    Attributes
    ----------
    measured, expected
        The plotted curves: three heights, then HU.
    """

    level_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: tuple[str, ...] = ()
        self._canvas: Any = None
        self._opacity = 1.0
        self._plots: list[Any] = []
        self.measured: list[Any] = []
        self.expected: list[Any] = []
        self.legend = _legend()
        self.legend.hide()
        layout = without_margins(QVBoxLayout(self), 0)
        layout.addWidget(self.legend, 0, Qt.AlignmentFlag.AlignRight)
        self.setMinimumSize(220, 120)
        self.setAccessibleName(tr("Heights and HU along the spine"))
        self.setToolTip(
            tr(
                "Heights: anterior blue, middle yellow, posterior green. Solid: measured; dashed: "
                "expected from the neighbours. Click a level to go there."
            )
        )

    def show_measurements(self, measurements: Measurements | None) -> None:
        """Plot the measurements of all levels; None clears the plot."""
        levels = () if measurements is None else tuple(v.name for v in measurements)
        self.legend.setVisible(bool(levels))
        if self._canvas is not None:
            self._canvas.setVisible(bool(levels))  # its axes would be those of another scan
        if measurements is None or not levels:
            for line in (*self.measured, *self.expected):
                line.clear()
            return
        if self._canvas is None:
            self._make_canvas()
        lines = (*height_lines(measurements), density_line(measurements))
        self._hide_empty_scales(lines)
        for line, measured, expected in zip(lines, self.measured, self.expected, strict=True):
            _set_line(measured, line.values)
            _set_line(expected, line.expected)
        if levels != self._levels:
            self._levels = levels
            step = math.ceil(len(levels) / _MAX_TICKS)
            for plot in self._plots:
                plot.getAxis("bottom").setTicks([list(enumerate(levels))[::step]])
                plot.setXRange(-0.5, len(levels) - 0.5, padding=0)

    def _hide_empty_scales(self, lines: Sequence[PlotLine]) -> None:
        """Show numbers only beside a plot that has values; the scale of an empty one means nothing.

        The last line is that of HU, which has a plot of its own.
        """
        for plot, shown in zip(self._plots, (lines[:-1], lines[-1:]), strict=True):
            values = [value for line in shown for value in (*line.values, *line.expected)]
            plot.getAxis("left").setStyle(showValues=bool(np.isfinite(values).any()))

    def set_current(self, is_current: bool) -> None:
        """Set whether the lines belong to the mask that is shown; otherwise, they are fainter."""
        self._opacity = 1.0 if is_current else _OLD_OPACITY
        if self._canvas is not None:
            self._canvas.ci.setOpacity(self._opacity)

    def _make_canvas(self) -> None:
        import pyqtgraph as pg

        self._canvas = pg.GraphicsLayoutWidget()
        self._canvas.setBackground(colours().raised)
        self._canvas.ci.setOpacity(self._opacity)
        self._canvas.ci.layout.setSpacing(0)
        self._canvas.ci.layout.setContentsMargins(0, 2, 2, 0)
        units = (("mm", _HEIGHT_COLOURS), ("HU", _DENSITY_COLOURS))
        for row, (unit, line_colours) in enumerate(units):
            plot = self._canvas.addPlot(row=row, col=0)
            self._plots.append(plot)
            plot.setMouseEnabled(x=False, y=False)
            plot.setMenuEnabled(False)
            plot.hideButtons()
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setTextPen(colours().quiet)
                axis.setPen(colours().line)
                axis.setStyle(tickFont=tabular_font(10), tickLength=-3)
            _localise(plot.getAxis("left"))
            plot.getAxis("left").setWidth(_AXIS_PX)
            plot.setLabel("left", unit, color=colours().quiet)
            for colour in line_colours:
                dashed = pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine)
                self.expected.append(plot.plot(pen=dashed))
                solid, dot = pg.mkPen(colour, width=2), {"symbolBrush": colour, "symbolPen": None}
                self.measured.append(plot.plot(pen=solid, symbol="o", symbolSize=5, **dot))
        self._plots[0].getAxis("bottom").setStyle(showValues=False)
        self._canvas.scene().sigMouseClicked.connect(self._on_click)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._canvas)

    def _on_click(self, event: Any) -> None:
        for plot in self._plots:
            if plot.sceneBoundingRect().contains(event.scenePos()):
                number = round(plot.vb.mapSceneToView(event.scenePos()).x())
                if 0 <= number < len(self._levels):
                    self.level_requested.emit(self._levels[number])


def _localise(axis: Any) -> None:
    """Show the numbers of an axis with the decimal separator of the language."""
    in_english, separator = axis.tickStrings, local_number(0.5, ".1f")[1]
    axis.tickStrings = lambda *scale: [text.replace(".", separator) for text in in_english(*scale)]


def _legend() -> QWidget:
    """Return a row that explains the colours and the dashed lines."""
    legend = QWidget()
    row = without_margins(QHBoxLayout(legend), GAP_S)
    symbol_colours = (*_HEIGHT_COLOURS, colours().quiet)
    names = (tr("Ant."), tr("Mid."), tr("Post."), tr("expected"))
    for colour, character, name in zip(symbol_colours, "●●●┄", names, strict=True):
        symbol = QLabel(character)
        symbol.setStyleSheet(f"color: {colour}")
        row.addWidget(symbol)
        row.addWidget(styled_label("faint", name))
    return legend


def _set_line(item: Any, values: Sequence[float]) -> None:
    """Show one value per level in a plot item; the line is interrupted at levels without one."""
    known = np.flatnonzero(np.isfinite(values))
    # Whether each point is joined to the next one.
    joined = np.append(np.diff(known) == 1, [False] * min(known.size, 1)).astype(np.int32)
    item.setData(known, np.asarray(values)[known], connect=joined)
