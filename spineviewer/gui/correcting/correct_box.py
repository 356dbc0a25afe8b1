"""The panel's section for corrections: brush, HU range, and edits of the whole mask."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from spineviewer.editing.brush import Brush
from spineviewer.editing.whole_mask import EditKind
from spineviewer.gui.kit.controls import ValueRow
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_button, without_margins
from spineviewer.gui.kit.theme import GAP_M, GAP_S
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import mark

#: Default lower limit of the HU range. Choice: in most scans, soft tissue and contrast medium
#: are darker, and osteoporotic cortex is brighter.
BONE_HU = 150
_MAX_HU = 3071
_EDITS = (
    (EditKind.GROW, mark("Grow"), mark("Grow by one voxel (at least 1 mm)")),
    (EditKind.SHRINK, mark("Shrink"), mark("Shrink by one voxel (at least 1 mm)")),
    (EditKind.SMOOTH, mark("Smooth"), mark("Round off edges and remove specks")),
    (
        EditKind.FILL,
        mark("Fill holes"),
        mark("Fill cavities and small holes; the spinal canal stays open"),
    ),
    (
        EditKind.BETWEEN,
        mark("Interpolate"),
        mark("Fill the slices between the last two that you edited (U)"),
    ),
)


class CorrectBox(QWidget):
    """Shows the brush settings and requests edits through signals."""

    #: The `Brush`, and whether it paints in one slice only.
    brush_changed = Signal(object, bool)
    #: The `EditKind` of an edit to the whole mask.
    edit_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.radius = ValueRow(
            tr("Brush radius"),
            maximum=20.0,
            step=0.5,
            decimals=1,
            unit="mm",
            tip=tr("Keys [ and ]"),
        )
        self.flat_check = QCheckBox(tr("This slice only"))
        self.flat_check.setToolTip(tr("Paint a circle in one slice instead of a sphere"))
        self.hu_check = QCheckBox(tr("Only from"))
        self.hu_check.setToolTip(
            tr(
                "Brush, eraser, lasso, interpolation and Grow change only voxels with values "
                "in this range"
            )
        )
        self.min_field, self.max_field = (
            _field(tr("Minimum value"), BONE_HU),
            _field(tr("Maximum value"), _MAX_HU),
        )
        limits = QHBoxLayout()
        limits.setSpacing(GAP_S)
        limits.addWidget(self.hu_check)
        limits.addWidget(self.min_field)
        limits.addWidget(QLabel(tr("to")))
        limits.addWidget(self.max_field)
        self.unit_label = QLabel("HU")
        limits.addWidget(self.unit_label)
        limits.addStretch(1)
        self.buttons: dict[EditKind, QPushButton] = {}
        grid = QGridLayout()
        grid.setSpacing(GAP_S)
        for number, (kind, name, tip) in enumerate(_EDITS):
            button = styled_button("segment", tr(name), tip=tr(tip))
            button.clicked.connect(lambda _, kind=kind: self.edit_requested.emit(kind))
            grid.addWidget(button, number // 2, number % 2)
            self.buttons[kind] = button
        layout = without_margins(QVBoxLayout(self), GAP_M)
        layout.addWidget(self.radius)
        layout.addWidget(self.flat_check)
        layout.addLayout(limits)
        layout.addLayout(grid)
        self.radius.changed.connect(self._emit_changed)
        for check in (self.flat_check, self.hu_check):
            check.toggled.connect(self._emit_changed)
        for field in (self.min_field, self.max_field):
            field.valueChanged.connect(self._emit_changed)

    def show_brush(self, brush: Brush, is_flat: bool) -> None:
        """Show the settings of a brush without emitting a signal."""
        self.radius.set_value(brush.radius_mm)
        for check, is_on in (
            (self.flat_check, is_flat),
            (self.hu_check, brush.min_hu is not None),
        ):
            with QSignalBlocker(check):
                check.setChecked(is_on)
        for field, value in ((self.min_field, brush.min_hu), (self.max_field, brush.max_hu)):
            field.setEnabled(self.hu_check.isChecked())
            if value is not None:
                with QSignalBlocker(field):
                    field.setValue(value)

    def show_unit(self, scan: CtVolume | None) -> None:
        """Show the unit HU, except for a scan whose values are not Hounsfield units."""
        self.unit_label.setVisible(scan is None or scan.source.are_values_hu)

    def set_interpolation_enabled(self, is_enabled: bool) -> None:
        self.buttons[EditKind.BETWEEN].setEnabled(is_enabled)

    def _emit_changed(self) -> None:
        is_limited = self.hu_check.isChecked()
        min_hu = self.min_field.value() if is_limited else None
        max_hu = max(self.max_field.value(), self.min_field.value()) if is_limited else None
        self.brush_changed.emit(
            Brush(max(self.radius.value, 0.5), min_hu=min_hu, max_hu=max_hu),
            self.flat_check.isChecked(),
        )


def _field(name: str, value: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(-1024, _MAX_HU)
    field.setSingleStep(10)
    field.setValue(value)
    field.setAccessibleName(name)
    field.setToolTip(name)
    field.setFixedWidth(56)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    field.setKeyboardTracking(False)
    return field
