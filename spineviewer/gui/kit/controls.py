"""Controls of the side panel: sliders that mark their default, with value fields."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractSlider,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from spineviewer.gui.kit.colour import map_colours
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_M, GAP_S, colours
from spineviewer.wording import formatted_number

_HANDLE_PX = 7.0


class MarkedSlider(QAbstractSlider):
    """A horizontal slider with a tick at its default.

    Its groove can show the colours of the maps.
    """

    def __init__(
        self, steps: int, has_colour_groove: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._default: int | None = None
        self._has_colour_groove = has_colour_groove
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, steps)
        self.setPageStep(max(1, steps // 20))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_default(self, value: int | None) -> None:
        """Set the position of the tick."""
        if value != self._default:
            self._default = value
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 22)

    def handle_x(self) -> float:
        """Return the horizontal centre of the handle in pixels."""
        return self._x_at(self.value())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._move_handle(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._move_handle(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():  # scrolling the panel must not move a threshold
            super().wheelEvent(event)
        else:
            event.ignore()

    def _move_handle(self, event: QMouseEvent) -> None:
        groove_px = self.width() - 2 * _HANDLE_PX
        fraction = (event.position().x() - _HANDLE_PX) / groove_px if groove_px > 0 else 0.0
        value = round(min(max(fraction, 0.0), 1.0) * self.maximum())
        self.setSliderPosition(value)

    def _x_at(self, value: int) -> float:
        return _HANDLE_PX + (self.width() - 2 * _HANDLE_PX) * value / max(1, self.maximum())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2
        height = 6.0 if self._has_colour_groove else 4.0
        groove = QRectF(_HANDLE_PX, middle - height / 2, self.width() - 2 * _HANDLE_PX, height)
        handle_x = self._x_at(self.value())
        painter.setOpacity(1.0 if self.isEnabled() else 0.35)
        if self._has_colour_groove:
            painter.setBrush(_colour_gradient(groove))
            painter.drawRoundedRect(groove, height / 2, height / 2)
            below = QRectF(groove.left(), groove.top(), handle_x - groove.left(), height)
            painter.setBrush(QColor(20, 23, 28, 170))  # values below the threshold are shaded
            painter.drawRoundedRect(below, height / 2, height / 2)
        else:
            painter.setBrush(QColor(colours().line))
            painter.drawRoundedRect(groove, height / 2, height / 2)
            painter.setBrush(QColor(colours().accent))
            painter.drawRoundedRect(
                QRectF(groove.left(), groove.top(), handle_x - groove.left(), height),
                height / 2,
                height / 2,
            )
        if self._default is not None:
            painter.setBrush(QColor(colours().quiet))
            painter.drawRoundedRect(QRectF(self._x_at(self._default) - 1, middle + 6, 2, 4), 1, 1)
        edge = QColor(colours().accent if self.hasFocus() else colours().ground)
        painter.setPen(QPen(edge, 2))
        painter.setBrush(QColor(colours().text))
        painter.drawEllipse(QPointF(handle_x, middle), _HANDLE_PX - 1, _HANDLE_PX - 1)
        painter.end()


class ValueRow(QWidget):
    """A name and a field above a slider; the field and the slider always show the same value."""

    changed = Signal(float)
    #: Emitted when the user grabs the slider (True) or releases it (False).
    held = Signal(bool)

    def __init__(
        self,
        name: str,
        *,
        maximum: float,
        step: float,
        decimals: int,
        unit: str = "",
        tip: str = "",
        has_colour_groove: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._step = step
        self.label = QLabel(name)
        self.field = QDoubleSpinBox()
        self.field.setRange(0.0, maximum)
        self.field.setSingleStep(step)
        self.field.setDecimals(decimals)
        self.field.setSuffix(f" {unit}" if unit else "")
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setFixedWidth(84)
        self.field.setKeyboardTracking(False)
        self.field.lineEdit().setTextMargins(6, 0, 8, 0)
        self.slider = MarkedSlider(round(maximum / step), has_colour_groove)
        self.label.setBuddy(self.field)
        for control in (self.field, self.slider):
            control.setAccessibleName(name)
            control.setToolTip(tip)
        self.label.setToolTip(tip)
        head = without_margins(QHBoxLayout())
        head.addWidget(self.label, 1)
        head.addWidget(self.field)
        layout = without_margins(QVBoxLayout(self), GAP_S)
        layout.addLayout(head)
        layout.addWidget(self.slider)
        self.slider.valueChanged.connect(self._on_slider)
        self.slider.sliderPressed.connect(lambda: self.held.emit(True))
        self.slider.sliderReleased.connect(lambda: self.held.emit(False))
        self.field.valueChanged.connect(self._on_field)

    @property
    def value(self) -> float:
        """The number shown."""
        return self.field.value()

    def set_value(self, value: float) -> None:
        """Show a number without emitting a signal."""
        if value == self.field.value() and round(value / self._step) == self.slider.value():
            return
        with QSignalBlocker(self.field), QSignalBlocker(self.slider):
            self.field.setValue(value)
            self.slider.setValue(round(value / self._step))
        self.slider.update()

    def set_default(self, value: float) -> None:
        """Set the position of the slider's tick."""
        self.slider.set_default(round(value / self._step))

    def nudge(self, steps: int) -> None:
        """Change the value by the given number of steps."""
        self.field.setValue(self.field.value() + steps * self._step)

    def _on_slider(self, position: int) -> None:
        self.field.setValue(position * self._step)

    def _on_field(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(value / self._step))
        self.slider.update()
        self.changed.emit(self.field.value())


class OpacityRow(QWidget):
    """An opacity slider with its percentage."""

    changed = Signal(float)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = MarkedSlider(100)
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(name)
        self._percent = styled_label("quiet")
        self._percent.setFixedWidth(40)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = without_margins(QHBoxLayout(self), GAP_M)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self._percent)
        self.slider.valueChanged.connect(self._on_slider)

    def set_value(self, opacity: float) -> None:
        """Show an opacity without emitting a signal."""
        if self._percent.text() and round(opacity * 100) == self.slider.value():
            return
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(opacity * 100))
        self._percent.setText(tr(formatted_number(self.slider.value(), ".0f", "%")))
        self.slider.update()

    def _on_slider(self, position: int) -> None:
        self._percent.setText(tr(formatted_number(position, ".0f", "%")))
        self.changed.emit(position / 100)


def _colour_gradient(groove: QRectF) -> QLinearGradient:
    gradient = QLinearGradient(groove.topLeft(), groove.topRight())
    colours = map_colours()
    for k in range(0, 256, 15):
        red, green, blue = colours[k]
        gradient.setColorAt(k / 255, QColor(int(red), int(green), int(blue)))
    return gradient


def rule() -> QFrame:
    """Return a separator line between two sections of the panel."""
    line = QFrame()
    line.setProperty("role", "rule")
    return line
