"""The controls of the grey-scale window: histogram, width and level, and presets."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.state import Preset, window_presets
from spineviewer.gui.kit.language import local_number, tr
from spineviewer.gui.kit.styled import styled_button, without_margins
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S, colours
from spineviewer.volume.volume import CtVolume, WindowLevel

_MIN_HU, _MAX_HU = -1100, 2500
_BIN_HU = 20
#: Approximate number of voxels counted in the histogram.
_SAMPLES = 400_000
#: Maximum distance at which the pointer grabs an edge.
_GRAB_PX = 8
_MARGIN_PX = 22.0
_WIDTHS = (1, 6000)
_LEVELS = (-2000, 4000)
#: Number of custom presets with a key (6, 7 and 8).
_OWN_KEY_COUNT = 3


def histogram(hu: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return the fraction of voxels in each bin of `_BIN_HU`, starting at `_MIN_HU`.

    `hu` is int16, shape (z, y, x); the result is float64, shape (bins,). Only a regular sample of
    the voxels is counted; values outside the bins are ignored.
    """
    step = max(1, round((hu.size / _SAMPLES) ** (1 / 3)))
    sample = hu[::step, ::step, ::step]
    counts, _ = np.histogram(sample, bins=np.arange(_MIN_HU, _MAX_HU + 1, _BIN_HU))
    return np.asarray(counts / max(sample.size, 1), np.float64)


class Histogram(QWidget):
    """The histogram of a scan, with the edges of the grey-scale window.

    The edges and the band between them can be dragged.

    Thread ownership: GUI thread.
    """

    window_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fractions: NDArray[np.float64] = np.zeros(0)
        self._window = WindowLevel(1800, 400)
        self._dragged: str | None = None
        self._last_hu = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Histogram with the grey-scale window"))
        self.setToolTip(
            tr(
                "Drag an edge or the band between the edges, or use the arrow keys: left and right "
                "for the level, up and down for the width"
            )
        )

    def sizeHint(self) -> QSize:
        return QSize(340, 130)

    def show_scan(self, scan: CtVolume) -> None:
        """Show the histogram of a scan."""
        self._fractions = histogram(scan.hu)
        self.update()

    def show_window(self, window: WindowLevel) -> None:
        """Show a grey-scale window without emitting a signal."""
        self._window = window
        self.setAccessibleDescription(
            tr(
                "Width {width_hu:.0f}, level {level_hu:.0f}",
                width_hu=window.width_hu,
                level_hu=window.level_hu,
            )
        )
        self.update()

    @property
    def edges_hu(self) -> tuple[float, float]:
        """The HU values shown as black and as white."""
        return (
            self._window.level_hu - self._window.width_hu / 2,
            self._window.level_hu + self._window.width_hu / 2,
        )

    def x_at(self, hu: float) -> float:
        """Return the horizontal position of an HU value in pixels."""
        fraction = (hu - _MIN_HU) / (_MAX_HU - _MIN_HU)
        return _MARGIN_PX + min(max(fraction, 0.0), 1.0) * (self.width() - 2 * _MARGIN_PX)

    def hu_at(self, x: float) -> float:
        """Return the HU value at a horizontal position; the inverse of `x_at`."""
        fraction = (x - _MARGIN_PX) / max(self.width() - 2 * _MARGIN_PX, 1.0)
        return _MIN_HU + fraction * (_MAX_HU - _MIN_HU)

    # mouse and keyboard

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragged = self._part_at(event.position().x())
            self._last_hu = self.hu_at(event.position().x())
            if self._dragged == "outside":
                self._emit_changed(self._window.width_hu, self._last_hu)
                self._dragged = "band"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._dragged is None:
            is_edge = self._part_at(x) in ("low", "high")
            self.setCursor(Qt.CursorShape.SizeHorCursor if is_edge else Qt.CursorShape.ArrowCursor)
            return
        low, high = self.edges_hu
        hu = self.hu_at(x)
        if self._dragged == "low":
            low = min(hu, high - _WIDTHS[0])
        elif self._dragged == "high":
            high = max(hu, low + _WIDTHS[0])
        else:
            low, high = low + hu - self._last_hu, high + hu - self._last_hu
        self._last_hu = hu
        self._emit_changed(high - low, (low + high) / 2)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = 100 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 10
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (2, 0),
            Qt.Key.Key_Down: (-2, 0),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self._emit_changed(
                self._window.width_hu + move[0] * step, self._window.level_hu + move[1] * step
            )

    def _part_at(self, x: float) -> str:
        low, high = (self.x_at(edge) for edge in self.edges_hu)
        if min(abs(x - low), abs(x - high)) <= _GRAB_PX:
            return "low" if abs(x - low) < abs(x - high) else "high"
        return "band" if low < x < high else "outside"

    def _emit_changed(self, width_hu: float, level_hu: float) -> None:
        width = round(min(max(width_hu, _WIDTHS[0]), _WIDTHS[1]))
        level = round(min(max(level_hu, _LEVELS[0]), _LEVELS[1]))
        self.show_window(WindowLevel(width, level))
        self.window_changed.emit(self._window)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bottom = self.height() - 26.0
        low, high = (self.x_at(edge) for edge in self.edges_hu)
        ramp = QLinearGradient(low, 0, max(high, low + 1), 0)
        ramp.setColorAt(0, QColor("#000000"))
        ramp.setColorAt(1, QColor("#ffffff"))
        strip = QRectF(_MARGIN_PX, bottom + 2, self.width() - 2 * _MARGIN_PX, 6)
        painter.fillRect(strip, ramp)
        painter.fillRect(QRectF(low, 4, high - low, bottom - 4), QColor(76, 157, 255, 38))
        if len(self._fractions):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours().quiet))
            painter.drawPolygon(self._curve(bottom))
        painter.setFont(self.font())
        for hu in (-1000, 0, 1000, 2000):
            x = self.x_at(hu)
            painter.setPen(QPen(QColor(colours().line), 1))
            painter.drawLine(QPointF(x, 4), QPointF(x, bottom))
            painter.setPen(QColor(colours().quiet))
            painter.drawText(
                QRectF(x - 30, bottom + 10, 60, 14),
                Qt.AlignmentFlag.AlignCenter,
                local_number(hu),
            )
        painter.setPen(QPen(QColor(colours().accent), 2))
        for x in (low, high):
            painter.drawLine(QPointF(x, 2), QPointF(x, bottom))
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours().accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1), 5, 5)
        painter.end()

    def _curve(self, bottom: float) -> QPolygonF:
        """Return the curve; its scale is logarithmic, because bone is about 1% of most scans."""
        heights = np.log10(1 + self._fractions * 1e4) / np.log10(
            1 + max(float(self._fractions.max()), 1e-9) * 1e4
        )
        centres = _MIN_HU + _BIN_HU * (np.arange(len(heights)) + 0.5)
        points = [
            QPointF(self.x_at(float(hu)), bottom - float(h) * (bottom - 8))
            for hu, h in zip(centres, heights, strict=True)
        ]
        return QPolygonF([QPointF(points[0].x(), bottom), *points, QPointF(points[-1].x(), bottom)])


class WindowControl(QFrame):
    """A pop-up with histogram, width and level, and presets; Esc or a click elsewhere closes it.

    Thread ownership: GUI thread.
    """

    window_changed = Signal(object)
    #: Number of a preset to use, counted from 1; custom presets have no such number.
    preset_requested = Signal(int)
    #: The user wants to save the current window as a preset.
    save_requested = Signal()
    #: Name of a preset to delete.
    delete_requested = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("Grey-scale window"))
        self._listed_scan: CtVolume | None = None
        self._scan: CtVolume | None = None
        self._window = WindowLevel(1800, 400)
        self.histogram = Histogram()
        self.width_field, self.level_field = QSpinBox(), QSpinBox()
        fields = QHBoxLayout()
        fields.setSpacing(GAP_M)
        for name, field, limits in (
            (tr("Width"), self.width_field, _WIDTHS),
            (tr("Level"), self.level_field, _LEVELS),
        ):
            field.setRange(*limits)
            field.setSingleStep(10)
            field.setAccessibleName(tr("{quantity} of the grey-scale window", quantity=name))
            field.setKeyboardTracking(False)
            field.lineEdit().setTextMargins(6, 0, 6, 0)
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.valueChanged.connect(self._on_fields)
            label = QLabel(name)
            label.setBuddy(field)
            fields.addWidget(label)
            fields.addWidget(field, 1)
        self._presets = QGridLayout()
        self._presets.setSpacing(GAP_S)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_L, GAP_L, GAP_L, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addWidget(self.histogram)
        layout.addLayout(fields)
        layout.addLayout(self._presets)
        layout.addLayout(self._make_own_presets())
        self.histogram.window_changed.connect(self.window_changed)

    def _make_own_presets(self) -> QVBoxLayout:
        self._own_presets: tuple[Preset, ...] = ()
        self._buttons: list[tuple[QPushButton, WindowLevel]] = []
        self._own_rows = QVBoxLayout()
        self._own_rows.setSpacing(GAP_S)
        self.save_button = styled_button(
            "plain", tr("Save preset…"), tip=tr("Save the current width and level under a name")
        )
        self.save_button.clicked.connect(self._ask_to_save)
        rows = QVBoxLayout()
        rows.setSpacing(GAP_S)
        rows.addLayout(self._own_rows)
        rows.addWidget(self.save_button, 0, Qt.AlignmentFlag.AlignLeft)
        return rows

    def show_own_presets(self, presets: tuple[Preset, ...]) -> None:
        """List the custom presets now or, if the pop-up is closed, when it is next opened."""
        if presets != self._own_presets:
            self._own_presets, self._listed_scan = presets, None
            if self.isVisible():
                self._refresh()
                self.adjustSize()

    def _ask_to_save(self) -> None:
        self.hide()
        self.save_requested.emit()

    def _fill_own_presets(self) -> None:
        while (item := self._own_rows.takeAt(0)) is not None:
            if (row := item.widget()) is not None:
                row.hide()
                row.deleteLater()
        for number, preset in enumerate(self._own_presets):
            key = f"{number + 6}  " if number < _OWN_KEY_COUNT else ""
            button = self._preset_button(f"{key}{preset.name}", preset)
            button.clicked.connect(partial(self._use_own_preset, preset))
            delete = styled_button(
                "plain",
                tip=tr("Delete preset"),
                name=tr("Delete preset {name}", name=preset.name),
                icon_name="trash",
            )
            delete.clicked.connect(partial(self.delete_requested.emit, preset.name))
            row = QWidget()
            line = without_margins(QHBoxLayout(row), GAP_S)
            line.addWidget(button, 1)
            line.addWidget(delete)
            self._own_rows.addWidget(row)

    def _use_preset(self, number: int, _: bool = False) -> None:
        self.preset_requested.emit(number)
        self._refresh()  # marks the preset even if it was active before

    def _use_own_preset(self, preset: Preset, _: bool = False) -> None:
        self.window_changed.emit(preset.window)
        self._refresh()

    def _preset_button(self, text: str, preset: Preset) -> QPushButton:
        button = styled_button("segment", text)
        button.setCheckable(True)
        self._buttons.append((button, preset.window))
        return button

    def show_scan(self, scan: CtVolume | None, window: WindowLevel) -> None:
        """Set the scan and its grey-scale window; None closes the pop-up."""
        self._scan, self._window = scan, window
        if scan is None:
            self._listed_scan = None
            self.hide()
        elif self.isVisible():
            self._refresh()

    def open_below(self, button: QWidget) -> None:
        """Open the pop-up below a button, but inside the screen."""
        if self._scan is None:
            return
        self._refresh()
        self.adjustSize()
        corner = button.mapToGlobal(QPoint(0, button.height() + 4))
        screen = button.screen().availableGeometry()
        x = min(max(corner.x(), screen.left()), screen.right() - self.width())
        y = min(corner.y(), screen.bottom() - self.height())
        self.move(x, y)
        self.show()
        self.histogram.setFocus(Qt.FocusReason.PopupFocusReason)

    def _refresh(self) -> None:
        if self._scan is None:
            return
        if self._listed_scan is not self._scan:
            self._listed_scan = self._scan
            self.histogram.show_scan(self._scan)
            self._fill_presets(self._scan)
        self.histogram.show_window(self._window)
        for button, window in self._buttons:
            button.setChecked(window == self._window)
        for field, value in (
            (self.width_field, self._window.width_hu),
            (self.level_field, self._window.level_hu),
        ):
            with QSignalBlocker(field):
                field.setValue(round(value))

    def _fill_presets(self, scan: CtVolume) -> None:
        self._buttons = []
        while (item := self._presets.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for number, preset in enumerate(window_presets(scan), start=1):
            button = self._preset_button(f"{number}  {tr(preset.name)}", preset)
            button.setToolTip(
                tr(
                    "Width {width_hu:.0f}, level {level_hu:.0f} (key {number})",
                    width_hu=preset.window.width_hu,
                    level_hu=preset.window.level_hu,
                    number=number,
                )
            )
            button.clicked.connect(partial(self._use_preset, number))
            self._presets.addWidget(button, (number - 1) // 3, (number - 1) % 3)
        self._fill_own_presets()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if Qt.Key.Key_1 <= event.key() <= Qt.Key.Key_5:
            self.preset_requested.emit(event.key() - Qt.Key.Key_0)
        else:
            super().keyPressEvent(event)

    def _on_fields(self) -> None:
        self.window_changed.emit(WindowLevel(self.width_field.value(), self.level_field.value()))
